"""Stars: from verified pairs and groups of equal documents to verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from korpus.dedup import verify
from korpus.dedup.forms import read_only
from korpus.dedup.order import ORDER
from korpus.dedup.verdicts import SCHEMA, place_keys, verdict_rows
from korpus.io.parts import open_file
from korpus.io.spill import KEY, Partition, SpillWriter, n_partitions_for, partitions
from korpus.kernels.stars import pick_stars

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from korpus.io.bits import DocBits

_SAMPLE = 1 << 16
_EDGES = pa.schema([(KEY, pa.uint64()), *verify.SCHEMA])


def find_stars(edges: Iterable[pa.RecordBatch], documents: DocBits, n_slices: int, out: Path) -> Path:
    """Remove each document that is similar to a better, kept one.

    Parameters
    ----------
    edges : iterable of pa.RecordBatch
        Verified pairs (`korpus.dedup.verify.SCHEMA`) in the order of the worse document, from the best on, then sorted
        by the place of the better one; no batch parts the pairs of a worse document.
    documents : DocBits
        Turns places into document ids.
    n_slices : int
        Number of partitions of the answer.
    out : Path
        Where the answer is written.

    Returns
    -------
    Path
        A spill file of `korpus.dedup.verdicts.SCHEMA`, keyed by the removed document's place.

    Notes
    -----
    The state is one bit for each document.
    """
    removed = np.zeros((documents.n_places + 7) // 8, np.uint8)
    with SpillWriter(out, SCHEMA, n_slices) as verdicts:
        for batch in edges:
            places, kept, similarity = _pick(batch, removed)
            keys = place_keys(places, documents.n_places)
            verdicts.write(verdict_rows(keys, documents.doc_ids(places), documents.doc_ids(kept), similarity))
    return out


def read_edges(paths: list[Path]) -> Iterator[pa.RecordBatch]:
    """Yield the verified pairs of all slices, sorted by places."""
    for path in paths:
        with open_file(path) as reader:
            for i in range(reader.num_record_batches):
                yield reader.get_batch(i)


def sorted_edges(paths: list[Path], n_places: int, max_rows: int, out: Path) -> Iterator[pa.RecordBatch]:
    """Yield the verified pairs of all slices as `find_stars` wants them, when places alone do not decide.

    Parameters
    ----------
    paths : list of Path
        Verified pairs, one file a slice.
    n_places : int
        Number of all documents.
    max_rows : int
        How many pairs may be in memory at once.
    out : Path
        Where pairs are spilled on the way.
    """
    n_rows = sum(batch.num_rows for batch in read_edges(paths))
    step = 1 + n_rows // _SAMPLE
    sample = [np.zeros(0, np.uint64), *(batch.column(ORDER).to_numpy()[::step] for batch in read_edges(paths))]
    ordered = np.sort(np.concatenate(sample))
    n_borders = max(1, 4 * n_rows // max(1, max_rows))
    borders = np.unique(ordered[np.linspace(0, len(ordered) - 1, n_borders, dtype=np.int64)]) if n_rows else ordered
    # What is equal to a border has a bucket of its own, between those of what is below and above it, so that a value
    # that many documents share can be cut further by their places.
    n_buckets = n_partitions_for(2 * len(borders) + 1, 1)
    shift = np.uint64(64 - (n_buckets.bit_length() - 1)) if n_buckets > 1 else np.uint64(0)
    with SpillWriter(out, _EDGES, n_buckets) as spill:
        for batch in read_edges(paths):
            order = batch.column(ORDER).to_numpy()
            at = np.searchsorted(borders, order).astype(np.uint64)
            exact = np.isin(order, borders)
            within = np.where(exact, place_keys(batch.column("later").to_numpy(), n_places), np.uint64(0))
            if n_buckets > 1:
                within = (within >> (np.uint64(64) - shift)) | (2 * at + exact.astype(np.uint64)) << shift
            spill.write(pa.RecordBatch.from_arrays([pa.array(within), *batch.columns], schema=_EDGES))
    for bucket in partitions((out,), n_buckets):
        for table in bucket.pieces(max_rows):
            columns = [table.column(name).to_numpy() for name in verify.SCHEMA.names]
            later, earlier, _, order = columns
            rows = np.lexsort((earlier, later, order))
            yield pa.RecordBatch.from_arrays([pa.array(column[rows]) for column in columns], schema=verify.SCHEMA)


def _pick(batch: pa.RecordBatch, removed: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    later, earlier, similarity = (read_only(column.to_numpy()) for column in batch.columns[:3])
    places, kept, best = np.empty_like(later), np.empty_like(earlier), np.empty_like(similarity)
    n = pick_stars(later, earlier, similarity, removed, places, kept, best)
    return places[:n].copy(), kept[:n].copy(), best[:n].copy()


@dataclass(frozen=True)
class Follow:
    """Let the documents of one slice that equal another one follow it; picklable.

    Parameters
    ----------
    folder : Path
        Where the answer is written.
    documents : DocBits
        Turns document ids into places.
    n_slices : int
        Number of partitions of all spill files.
    max_rows : int
        How many rows may be in memory at once.
    """

    folder: Path
    documents: DocBits
    n_slices: int
    max_rows: int

    def __call__(self, item: tuple[Partition, Partition | None]) -> Path:
        """Return the path of a spill file of `korpus.dedup.verdicts.SCHEMA`, keyed by the removed document's place.

        Parameters
        ----------
        item : (Partition, Partition or None)
            The removed ones among the documents that are followed, and those that equal one of the slice, if any do.
        """
        stars, followers = item
        path = self.folder / f"followed-{stars.index}.arrow"
        with SpillWriter(path, SCHEMA, self.n_slices) as out:
            if followers is None:
                return path
            table = stars.read()
            doc_ids, kept, similarity = (table.column(name).to_numpy() for name in SCHEMA.names[1:])
            order = np.argsort(doc_ids)
            doc_ids, kept, similarity = doc_ids[order], kept[order], similarity[order]
            for table in followers.chunks(self.max_rows):
                own, of, same = (table.column(name).to_numpy().copy() for name in SCHEMA.names[1:])
                # One whose representative was removed names the document that the representative was removed for.
                if len(doc_ids):
                    row = np.minimum(np.searchsorted(doc_ids, of), len(doc_ids) - 1)
                    follows = doc_ids[row] == of
                    of[follows], same[follows] = kept[row[follows]], similarity[row[follows]]
                # A reference is never removed.
                stays = own >= 0
                own, of, same = own[stays], of[stays], same[stays]
                out.write(verdict_rows(place_keys(self.documents.places(own), self.documents.n_places), own, of, same))
        return path


def warm_up() -> None:
    """Compile the kernel of `find_stars`."""
    columns = [np.ones(1, np.int64), np.zeros(1, np.int64), np.ones(1), np.zeros(1, np.uint64)]
    _pick(pa.RecordBatch.from_arrays([pa.array(column) for column in columns], schema=verify.SCHEMA), np.zeros(1, "u1"))
