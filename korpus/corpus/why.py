"""What became of a document: kept where, or dropped by which stage for what reason, and what stands for it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from korpus.batch import DOC_ID, DOCUMENT, PIECES, ROW_BITS, SPLIT_BITS, TEXT
from korpus.corpus.lookup import FILE_SHIFT, OF_FEW, Lookup
from korpus.errors import DataError, did_you_mean
from korpus.io.readers.formats import first_row
from korpus.io.shards import LEDGER_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from korpus.corpus.corpus import Corpus
    from korpus.corpus.manifest import File

N_FATES = 20
"""So many documents of one text, or pieces of one document, are told; how many there are is counted all the same."""
_LEDGER = [name for name in LEDGER_SCHEMA.names if name != DOC_ID]
_MOST_SPLITS = 16
"""So many splits of which the ledger has nothing are looked into for their last document."""
_ROW = (1 << ROW_BITS) - 1
_SPLIT = (1 << SPLIT_BITS) - 1


@dataclass(frozen=True)
class Fate:
    """What became of one document.

    Attributes
    ----------
    doc_id : int
    kept : bool
        Whether it is in the corpus; otherwise it is in the ledger.
    text : str or None
        As it is in the corpus, or as it came to the stage that dropped it; None if the ledger has no texts.
    path : str
        Of its input file.
    row : int or None
        Its number there; None for a kept one if its split cannot be placed (see `row_of`).
    shard, domain : str or None
        Of a kept one: the file, and the domain if there are domains.
    stage, reason, detail : str or None
        Of a dropped one: what the ledger says.
    similarity : float or None
        To the document that stands for it, if that was measured.
    reference : str or None
        The file and row of the reference that has it already.
    stands : Fate or None
        The document that stands for it, and what became of that.
    """

    doc_id: int
    kept: bool
    text: str | None
    path: str
    row: int | None
    shard: str | None = None
    domain: str | None = None
    stage: str | None = None
    reason: str | None = None
    detail: str | None = None
    similarity: float | None = None
    reference: str | None = None
    stands: Fate | None = None


@dataclass(frozen=True)
class Why:
    """What became of the documents that were asked for.

    Attributes
    ----------
    fates : tuple of Fate
        Dropped ones first; at most `N_FATES`.
    n_found : int
        How many there are.
    forms : tuple of str
        Of a text: itself, and what the edits of the recipe make of it, in their order.
    absent : str or None
        Why there is none: ``outside`` (the input has no such id or row), ``gone`` (the row is blank, or its document
        was joined with others) or ``text`` (no document had this text when it was dropped or kept).
    """

    fates: tuple[Fate, ...]
    n_found: int
    forms: tuple[str, ...] = ()
    absent: str | None = None


class Search:
    """Looks for documents in a corpus and in its ledger."""

    def __init__(self, corpus: Corpus):
        self._corpus, manifest = corpus, corpus.manifest
        self._inputs = manifest["inputs"]
        kinds = {stage["kind"] for stage in manifest["stages"]}
        self._cuts = "expand" in kinds
        self._shards = [Lookup(corpus, files) for files in corpus.by_domain()]
        self._ledger = Lookup(corpus, manifest["rejects"]["files"], OF_FEW)

    def fate(self, doc_id: int) -> Fate | None:
        """Return what became of the document of an id; None if neither the corpus nor the ledger has it."""
        found = self._ledger.row(doc_id, _LEDGER, not self._cuts)
        if found:
            return self._dropped(found[1])
        return self.kept(doc_id)

    def kept(self, doc_id: int) -> Fate | None:
        """Return where the document of an id was kept; None if it was not."""
        for shards in self._shards:
            kept = shards.row(doc_id, [TEXT], not self._cuts)
            if kept:
                return self._kept(*kept)
        return None

    def _dropped(self, row: dict[str, Any]) -> Fate:
        in_reference = row["reason"] == "in_reference"
        of = row["duplicate_of"]
        # What stands for it may itself have been dropped by a later stage, never by the same one.
        stands = self.fate(of) if of is not None and of != row[DOC_ID] else None
        told = {name: row[name] for name in ("path", "row", "stage", "reason", "similarity", TEXT)}
        return Fate(
            doc_id=row[DOC_ID],
            kept=False,
            detail=None if in_reference else row["detail"],
            reference=row["detail"] if in_reference else None,
            stands=stands,
            **told,
        )

    def _kept(self, file: File, row: dict[str, Any]) -> Fate:
        doc_id = row[DOC_ID]
        path = self._inputs[doc_id >> FILE_SHIFT]["path"]
        return Fate(doc_id, True, row[TEXT], path, self.row_of(doc_id), file["path"], file["domain"] or None)

    def row_of(self, doc_id: int) -> int | None:
        """Return the row of a document in its file, None if it cannot be told.

        The row in the split is part of the id; which row of the file a split begins with is told by any document of it
        in the ledger, and that of the first split is known.
        """
        split = (doc_id >> ROW_BITS) & _SPLIT
        if split & PIECES:
            return None
        if split == 0:
            return self._first(doc_id >> FILE_SHIFT) + (doc_id & _ROW)
        start = (doc_id >> ROW_BITS) << ROW_BITS
        for _, table in self._ledger.between(start, start | _ROW, ["row"], not self._cuts, 1):
            return table["row"][0].as_py() - (table[DOC_ID][0].as_py() & _ROW) + (doc_id & _ROW)
        return None

    def _first(self, file: int) -> int:
        return first_row(self._inputs[file]["format"])

    def by_id(self, doc_id: int) -> Why:
        """Return what became of the document of an id, or of the pieces that it was cut into."""
        file, split = doc_id >> FILE_SHIFT, (doc_id >> ROW_BITS) & _SPLIT
        if doc_id < 0 or file >= len(self._inputs) or split & ~PIECES >= self._inputs[file]["n_splits"]:
            return Why((), 0, absent="outside")
        found = self.fate(doc_id)
        if found or not self._cuts or split & PIECES:
            return _why([found] if found else [])
        return _why(self._pieces(doc_id, self.row_of(doc_id)))

    def _pieces(self, doc_id: int, row: int | None) -> list[Fate]:
        start = ((doc_id >> ROW_BITS) | PIECES) << ROW_BITS
        fates: list[Fate] = []
        if row is not None:
            for _, table in self._ledger.between(start, start | _ROW, _LEDGER, False):
                fates += map(self._dropped, table.filter(pc.field("row") == row).to_pylist())
        for shards in self._shards:
            for file, table in shards.between(start, start | _ROW, [TEXT, DOCUMENT], False):
                fates += (self._kept(file, each) for each in table.filter(pc.field(DOCUMENT) == doc_id).to_pylist())
        return fates

    def by_row(self, path: str, row: int) -> Why:
        """Return what became of the document at a row of an input file.

        Raises
        ------
        DataError
            If there is no such file in the input, or the ledger does not tell in which split of it the row is.
        """
        paths = [entry["path"] for entry in self._inputs]
        # A path that was given in another way than the run was, such as from another folder, may be told by its end.
        mine = [i for i, each in enumerate(paths) if each == path]
        mine = mine or [i for i, each in enumerate(paths) if each.endswith(f"/{path.removeprefix('./')}")]
        if len(mine) != 1:
            near = did_you_mean(path, paths)
            raise DataError(
                f"{path} is the end of {len(mine):,} input files, such as {paths[mine[0]]} and {paths[mine[1]]}; "
                f"give one as manifest.json has it"
                if mine
                else f"{path} is not among the input files of {self._corpus.out}{near}; manifest.json lists them"
            )
        file = mine[0]
        place = row - self._first(file)
        if not 0 <= place < self._inputs[file]["n_rows"]:
            return Why((), 0, absent="outside")
        low = file << FILE_SHIFT
        split, begins = 0, self._first(file)
        above, end = self._inputs[file]["n_splits"], begins + self._inputs[file]["n_rows"]
        there: list[int] = []
        for table in self._ledger.near(file, row):
            ids, rows = (table[name].to_numpy() for name in (DOC_ID, "row"))
            there += ids[rows == row].tolist()
            splits = (ids >> ROW_BITS) & _SPLIT
            whole = splits & PIECES == 0
            firsts, splits = (rows - (ids & _ROW))[whole], splits[whole]
            if len(before := np.flatnonzero(firsts <= row)):
                last = before[np.argmax(splits[before])]
                split, begins = max((split, begins), (int(splits[last]), int(firsts[last])))
            if len(after := np.flatnonzero(firsts > row)):
                next_ = after[np.argmin(splits[after])]
                above, end = min((above, end), (int(splits[next_]), int(firsts[next_])))
        if there and not self._cuts:
            return self.by_id(there[0])
        split, begins, sure = self._between(file, row, (split, begins), (above, end))
        doc_id = low | (split << ROW_BITS) | (row - begins)
        found = self.fate(doc_id)
        fates = [found] if found else self._pieces(doc_id, row) if self._cuts else []
        # The id of a document that is there is that of no row beyond its split.
        if not fates and not sure:
            raise DataError(
                f"row {row:,} of {path} is in one of its splits {split:,} to {above - 1:,}, and of those after the "
                f"first the ledger has no document to count their rows by; give the text or --id"
            )
        return _why(fates)

    def _between(self, file: int, row: int, below: tuple[int, int], above: tuple[int, int]) -> tuple[int, int, bool]:
        """Return the split of a row, its first row, and whether that is sure; the first rows of two splits are known.

        A split has at least as many rows as its last document says. If all splits between the two have no more than
        that, as their sum tells, the first row of each is known.
        """
        split, begins = below
        if split + 1 == above[0] or self._cuts or above[0] - split > _MOST_SPLITS:
            return split, begins, split + 1 == above[0]
        firsts = [begins]
        for each in range(split, above[0]):
            low = (file << FILE_SHIFT) | (each << ROW_BITS)
            last = max(lookup.greatest(low, low | _ROW) for lookup in (self._ledger, *self._shards))
            firsts.append(firsts[-1] + (0 if last < 0 else (last & _ROW) + 1))
        if firsts[-1] != above[1]:
            return split, begins, False
        place = bisect_right(firsts, row) - 1
        return split + place, firsts[place], True

    def by_text(self, forms: Sequence[str]) -> Why:
        """Return what became of the documents that had one of some texts, those of the first form that any had.

        Every text is read, a batch at a time.
        """
        order = list(dict.fromkeys(forms))
        wanted = pa.array(order, pa.string())
        found: dict[str, list[int]] = {form: [] for form in order}
        counts = dict.fromkeys(order, 0)
        files = [*self._corpus.manifest["rejects"]["files"], *self._corpus.manifest["shards"]]
        for file in files:
            for batch in self._corpus.parquet(file).iter_batches(columns=[DOC_ID, TEXT]):
                mine = batch.filter(pc.is_in(batch.column(TEXT), value_set=wanted))
                for doc_id, text in zip(mine.column(DOC_ID).to_pylist(), mine.column(TEXT).to_pylist()):
                    counts[text] += 1
                    if len(found[text]) < N_FATES:
                        found[text].append(doc_id)
        form = next((form for form in order if counts[form]), None)
        if form is None:
            return Why((), 0, tuple(order), "text")
        fates = [fate for each in found[form] if (fate := self.fate(each))]
        return Why(tuple(fates), counts[form], tuple(order))


def _why(fates: Sequence[Fate]) -> Why:
    return Why(tuple(fates[:N_FATES]), len(fates), absent=None if fates else "gone")
