"""Drop documents that are nearly equal to an earlier one."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field, model_validator

from korpus.batch import DOC_ID, TEXT, set_column
from korpus.dedup.bands import best_bands
from korpus.dedup.exact import BYTES_PER_ROW as BYTES_PER_FORM
from korpus.dedup.exact import HASHED, FindEqual
from korpus.dedup.forms import Forms, forms, read_only
from korpus.dedup.order import KEEP, KEEP_DESCRIPTION, ORDER, column_of, order_column, ordered
from korpus.dedup.verdicts import collect, share_bytes
from korpus.io.place import working
from korpus.io.spill import KEY, n_partitions_for
from korpus.kernels.minhash import band_keys
from korpus.stage import Dedup, Reference, Resolution

# Of 100 pairs of movie reviews between 0.6 and 0.8, those above it say the same but for one; below come those in which
# a number differs (7점, 8점).
JAMO_THRESHOLD = 0.7

MAX_SLICES = 64
"""Slices of the documents by place, unless memory asks for more: each is a task, and looks into all parts for texts."""
_LANES = 16  # 32-bit lanes of the widest SIMD register; a multiple of it needs no slow tail


@lru_cache(maxsize=8)
def permutations(n_hashes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the permutations ``a * h + b mod 2**32`` of datasketch's scheme ``affine32``: two uint32 arrays."""
    random = np.random.RandomState(seed)  # noqa: NPY002 - datasketch's own generator
    a = random.randint(0, 1 << 31, n_hashes, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    b = random.randint(0, 1 << 32, n_hashes, dtype=np.uint32)
    return read_only(a), read_only(b)


@lru_cache(maxsize=8)
def _weights(n_hashes: int, seed: int) -> np.ndarray:
    random = np.random.RandomState(seed)  # noqa: NPY002 - its stream is fixed for ever, a Generator's is not
    return read_only(random.randint(0, 1 << 64, n_hashes, dtype=np.uint64) | np.uint64(1))


class MinhashDedup(Dedup):
    """Drop documents that are nearly equal to an earlier one.

    Similarity is the Jaccard similarity of two texts' sets of character shingles: the share of shingles, among all of
    both, that both have. MinHash signatures and bands propose pairs; each is then verified on the texts themselves, so
    no document goes for a similarity below the threshold. From the best document on (by default: in the order of the
    input), each is removed if it is similar to a better one that is kept, and the most similar of those is named with
    it; a chain in which only neighbours are similar keeps every second text. A text without a letter, digit or other
    content is kept.

    With ``against``, documents are compared with a reference too, such as an evaluation set or the indexes of earlier
    runs. A reference goes through the edits that stand before this stage, and is never removed; documents that are
    similar to it are, for the reason ``in_reference``, with its file and row as ``detail`` in the ledger.

    Short texts that say the same differ in laughter, emoji, marks and repeats more than in words. With ``compare:
    loose`` they are compared without these: ``너무 재밌어요!!``, ``너무너무 재밌어욬ㅋㅋ`` and ``너무 재밌어요~ㅠ`` are
    equal; texts of nothing but laughter or emoji are compared by these, each once. Texts of equal form are always
    found, by a key of their own: of 323,485 movie reviews 2,260 more are equal so than are found by ``normalized``, and
    all of them are removed. Of 100 pairs that are only similar all but two say the same. With ``compare: jamo`` letters
    are compared instead of syllables, so that other endings and mistyped letters count little: it removes 3,261 reviews
    more, and of 100 pairs read 94 say the same, 2 differ in a number (``10점은 됩니다``, ``7점은 됩니다``), and 4 in an
    adjective. Whatever is compared, a text of which nothing is left is kept.

    Example: ``배송이 정말 빨라서 좋았어요!!`` and later ``배송이 정말 빨라서 좋았어요~ㅋ`` → only the first.

    Source: A. Broder, On the resemblance and containment of documents (1997); signatures are those of
    ``datasketch.MinHash(scheme="affine32")``, whose rule also chooses the bands; for the form in which texts are
    compared see `korpus.dedup.forms`.
    """

    version: ClassVar[int] = 2

    threshold: float = Field(
        0.8,
        gt=0,
        le=1,
        description="Jaccard similarity from which on two texts are duplicates; with compare: jamo it is "
        f"{JAMO_THRESHOLD} where it is not given.",
    )
    shingle_chars: int = Field(5, ge=1, le=64, description="Characters of a shingle; a shorter text is one shingle.")
    n_hashes: int = Field(128, ge=1, le=4096, description="Length of a signature: more find more pairs, and cost more.")
    bands: int | None = Field(
        None,
        ge=1,
        description="Bands of a signature, given together with rows; chosen from the threshold if neither is.",
    )
    rows: int | None = Field(None, ge=1, description="Hashes in a band; bands x rows may not exceed n_hashes.")
    compare: Literal["normalized", "text", "loose", "jamo"] = Field(
        "normalized",
        description="What is compared: normalized (case folded, without spaces and punctuation), the text as it is, "
        "loose (normalized, without laughter, lone jamo, emoji and repeats), or jamo (loose, syllables taken apart).",
    )
    seed: int = Field(1, ge=0, lt=1 << 32, description="Seed of the permutations.")

    keep: str = Field("first", pattern=KEEP, description=KEEP_DESCRIPTION)
    warn_cluster: int = Field(
        1000,
        ge=2,
        le=1 << 40,
        description="A cluster of more documents is reported as a warning, with the head of the text that was kept.",
    )
    against: list[Annotated[str, Field(min_length=1)]] = Field(
        [],
        description="References: files, folders and globs in any format that is read, and indexes of earlier runs. "
        "Documents similar to one of theirs are removed.",
    )
    against_text: str = Field("text", min_length=1, description="The column of the references that holds the text.")
    index: str | None = Field(
        None,
        min_length=1,
        description="A folder for the index of the documents that stay, to be named under against by later runs.",
    )

    @model_validator(mode="before")
    @classmethod
    def _choose_threshold(cls, options: Any) -> Any:
        if isinstance(options, dict) and options.get("compare") == "jamo":
            return {"threshold": JAMO_THRESHOLD, **options}
        return options

    @model_validator(mode="after")
    def _check_bands(self) -> MinhashDedup:
        if (self.bands is None) != (self.rows is None):
            raise ValueError("bands and rows must be given together")
        if self.bands is not None and self.rows is not None and self.bands * self.rows > self.n_hashes:
            raise ValueError(f"bands x rows must not exceed n_hashes ({self.n_hashes}), got {self.bands * self.rows}")
        return self

    @model_validator(mode="after")
    def _check_places(self) -> MinhashDedup:
        from korpus.io.location import is_remote, located

        if any(located(path) != path for path in self.against):
            raise ValueError(
                "against must hold no user, password or options of a store, since they are written down; set them in "
                "the environment"
            )
        if self.index and is_remote(self.index):
            raise ValueError("index must be a folder on this machine")
        return self

    def reads(self) -> tuple[str, ...]:
        """Return the text, and the column that decides which document stays."""
        return tuple(dict.fromkeys((TEXT, *column_of(self.keep))))

    def reference(self) -> Reference:
        """Return the references, and what an index must be made with to serve as one."""
        options = {name: getattr(self, name) for name in ("compare", "shingle_chars", "n_hashes", "seed")}
        options["bands"], options["rows"] = self.bands_and_rows()
        return Reference(tuple(self.against), self.against_text, self.index, options)

    def as_reference(self) -> MinhashDedup:
        """Return the stage that sketches references: all of their documents are alike."""
        return self.model_copy(update={"keep": "first"})

    def bands_and_rows(self) -> tuple[int, int]:
        """Return the number of bands and of rows in a band."""
        return (self.bands, self.rows) if self.bands and self.rows else best_bands(self.threshold, self.n_hashes)

    def warm_up(self) -> None:
        """Choose the bands, and compile all kernels of `sketch` and `resolve`."""
        from korpus.dedup.candidates import warm_up as warm_up_candidates
        from korpus.dedup.stars import warm_up as warm_up_stars
        from korpus.dedup.verify import similarities

        texts = pa.array(["korpus"])
        self.as_reference().sketch(pa.RecordBatch.from_arrays([pa.array([0]), texts], [DOC_ID, TEXT]))
        similarities(texts, np.zeros(1, np.int64), np.zeros(1, np.int64), self.compare, self.shingle_chars)
        warm_up_candidates()
        warm_up_stars()

    def _band_keys(self, form: Forms) -> np.ndarray:
        bands, rows = self.bands_and_rows()
        used = min(self.n_hashes, -(-bands * rows // _LANES) * _LANES)
        a, b = permutations(self.n_hashes, self.seed)
        out = np.empty((len(form.offsets) - 1, bands), np.uint64)
        weights = _weights(self.n_hashes, self.seed)
        band_keys(form.offsets, form.chars, self.shingle_chars, a[:used], b[:used], weights, rows, out)
        return out

    def tables(self) -> dict[str, pa.Schema]:
        """Return the schemas of ``forms``, a hash of each document's form, and ``bands``, those of its signature.

        Both have a column ``order`` too, unless the first stays.
        """
        from korpus.dedup.candidates import BANDS

        return {"forms": ordered(HASHED, self.keep), "bands": ordered(BANDS, self.keep)}

    def sketch(self, batch: pa.RecordBatch) -> dict[str, pa.RecordBatch]:
        """Return ``forms`` and ``bands``, without documents that have no form."""
        form = forms(batch.column(TEXT), self.compare)
        doc_ids = batch.column(DOC_ID).to_numpy()
        hashes, keys = form.hashes(), self._band_keys(form)
        some = None
        if form.is_empty().any():
            some = ~form.is_empty()
            doc_ids, hashes, keys = doc_ids[some], hashes[:, some], keys[some]
        columns = [pa.array(column) for column in (hashes[0], hashes[1], doc_ids)]
        of_bands = [pa.array(keys.ravel()), pa.array(np.repeat(doc_ids, keys.shape[1]))]
        tables = {
            "forms": pa.RecordBatch.from_arrays(columns, schema=HASHED),
            "bands": pa.RecordBatch.from_arrays(of_bands, [KEY, DOC_ID]),
        }
        if (order := order_column(batch, self.keep)) is not None:
            orders = order.to_numpy() if some is None else order.to_numpy()[some]
            for name, n in (("forms", 1), ("bands", keys.shape[1])):
                tables[name] = set_column(tables[name], ORDER, pa.array(np.repeat(orders, n)))
        return tables

    def resolve(self, resolution: Resolution) -> np.ndarray:
        """Return the verdicts: equal forms, then candidates, verification and stars."""
        from korpus.dedup import candidates, texts, verify
        from korpus.dedup.stars import Follow, find_stars, read_edges, sorted_edges

        folder, share = resolution.dir, share_bytes(resolution)
        dropped, of_forms = resolution.dropped(), resolution.partitions("forms")
        # Slices of the documents by place: as many as there are partitions, so that all workers have some, and more if
        # the documents of one, at the worst all of them removed, would not fit into the memory of one worker.
        n_slices = n_partitions_for(max(min(len(of_forms), MAX_SLICES), dropped.n_places * 64 // max(1, share)), 1)
        max_rows = max(1, share // BYTES_PER_FORM)
        found = resolution.map(FindEqual(folder, dropped, "best", n_slices, max_rows), of_forms, "texts of equal form")
        equal = resolution.exchange(found, n_slices)
        out_of_it = dropped.copy()
        for slice_ in equal:
            for table in slice_.chunks(max_rows):
                out_of_it.set(table.column(DOC_ID).to_numpy())
        out_of_it.save(folder / "out-of-it")
        find = candidates.FindCandidates(folder, out_of_it, n_slices, max(1, share // candidates.BYTES_PER_ROW))
        pairs = resolution.map(find, resolution.partitions("bands"), "candidate pairs")
        slices = resolution.exchange(pairs, n_slices)
        max_requests = max(1, share // texts.BYTES_PER_REQUEST)
        request = texts.Request(folder, out_of_it.n_places, n_slices, max_requests)
        wanted = resolution.exchange(resolution.map(request, slices, "texts wanted"), n_slices)
        fetch = texts.Fetch(folder, out_of_it, resolution.texts(), n_slices, max_requests)
        found = resolution.exchange(resolution.map(fetch, wanted, "texts of candidates"), n_slices)
        check = verify.Verify(folder, self.compare, self.shingle_chars, self.threshold, share)
        edges = resolution.map(check, list(zip(slices, found)), "verified pairs")
        in_order = read_edges(edges)
        if self.keep != "first":
            max_pairs = max(1, share // verify.BYTES_PER_PAIR)
            in_order = sorted_edges(edges, out_of_it.n_places, max_pairs, working(folder / "sorted.arrow"))
        stars = find_stars(in_order, out_of_it, n_slices, folder / "stars.arrow")
        follow = Follow(folder, out_of_it, n_slices, max_rows)
        starred = resolution.exchange([stars], n_slices)
        both = list(zip(starred, equal or [None] * n_slices))
        followed = resolution.map(follow, both, "equal texts of duplicates")
        return collect(resolution.exchange([*starred[0].paths, *followed], n_slices), max_rows, folder / "verdicts.npy")
