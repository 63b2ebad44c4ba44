"""A chain of stages applied to a batch, and the books that are kept on the way.

The author of a stage writes a decision; what it did to how many documents, why they were dropped, examples of it and
the time it took are written down here and nowhere else.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from korpus.batch import DOC_ID, DOCUMENT, TEXT, has_pieces, make_piece_ids, n_bytes, set_column, strings
from korpus.errors import SchemaError
from korpus.kernels.utf8 import rows_changed
from korpus.stage import Edit, Expand

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from korpus.stage import Filter, Stage, Tag

EMPTIED = "emptied"
"""The reason of a document that an edit left with no text."""

N_EXAMPLES, EXAMPLE_CHARS = 5, 200
MAX_COUNTS, OTHERS = 1000, "(others)"
"""How many reasons or values a book tells apart, in the order in which they came, and what the rest is called."""

REJECT_SCHEMA = pa.schema(
    [
        (DOC_ID, pa.int64()),
        ("stage", pa.string()),
        ("reason", pa.string()),
        ("detail", pa.string()),
        ("duplicate_of", pa.int64()),
        ("similarity", pa.float64()),
        (TEXT, pa.string()),
        (DOCUMENT, pa.int64()),
    ]
)
"""A row of the ledger, before its ``doc_id`` is resolved to a path and a row."""


@dataclass
class StageBook:
    """What one stage did; books of the same stage over several splits add up.

    Attributes
    ----------
    n_in, n_out : int
        Documents that came and went on.
    bytes_in, bytes_out : int
        UTF-8 bytes of their texts.
    n_changed : int
        Documents that an edit changed.
    n_made : int
        By how much a stage that makes several documents of one, or one of several, made them more; less if negative.
    counts : dict of str to int
        Documents dropped, by reason; or tagged, by value.
    edits : dict of str to int
        Pieces that an edit changed, by kind, if it tells kinds apart.
    examples : list
        The first few changes (``[before, after]``) or drops (``[text, reason]``).
    time_s : float
        Time spent, all processes together; not part of what must be reproducible.
    """

    name: str
    kind: str
    n_in: int = 0
    n_out: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    n_changed: int = 0
    n_made: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    edits: dict[str, int] = field(default_factory=dict)
    examples: list[list[str]] = field(default_factory=list)
    time_s: float = 0.0

    def add(self, other: StageBook) -> None:
        """Add the book of a later part of the input to this one."""
        for name in ("n_in", "n_out", "bytes_in", "bytes_out", "n_changed", "n_made", "time_s"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for what, count in other.counts.items():
            self.count(what, count)
        for kind, n in other.edits.items():
            self.edits[kind] = self.edits.get(kind, 0) + n
        self.examples.extend(other.examples[: N_EXAMPLES - len(self.examples)])

    def count(self, what: str, n: int) -> None:
        """Write down that `n` documents were dropped for, or tagged with, `what`; the last of too many is `OTHERS`."""
        what = what if what in self.counts or len(self.counts) < MAX_COUNTS else OTHERS
        self.counts[what] = self.counts.get(what, 0) + n


def _cut(text: str) -> str:
    return text if len(text) <= EXAMPLE_CHARS else text[:EXAMPLE_CHARS] + "…"


def rejects(
    batch: pa.RecordBatch,
    stage: str,
    reasons: Sequence[str] | str,
    duplicate_of: pa.Array | None = None,
    similarity: pa.Array | None = None,
    details: pa.Array | None = None,
) -> pa.RecordBatch:
    """Return the ledger's rows for the documents of a batch, all of which `stage` dropped.

    Parameters
    ----------
    batch : pa.RecordBatch
        With ``doc_id`` and ``text``.
    stage : str
        Who dropped them.
    reasons : str, or sequence of str
        Why: one for all, or one for each.
    duplicate_of, similarity : pa.Array, optional
        For duplicates: the kept document and the Jaccard similarity to it.
    details : pa.Array, optional
        What more there is to say of each.
    """
    n = batch.num_rows
    why = pa.array([reasons] * n if isinstance(reasons, str) else reasons, pa.string())
    none = pa.nulls(n)
    columns = [
        batch.column(DOC_ID),
        pa.array([stage] * n, pa.string()),
        why,
        none.cast(pa.string()) if details is None else details,
        none.cast(pa.int64()) if duplicate_of is None else duplicate_of,
        none.cast(pa.float64()) if similarity is None else similarity,
        batch.column(TEXT),
        batch.column(DOCUMENT) if has_pieces(batch) else none.cast(pa.int64()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=REJECT_SCHEMA)


def _change(before: str, after: str) -> list[str]:
    """Cut a text before and after an edit to where the change begins."""
    same = next((i for i, (old, new) in enumerate(zip(before, after)) if old != new), min(len(before), len(after)))
    start = max(0, same - EXAMPLE_CHARS // 4) if max(len(before), len(after)) > EXAMPLE_CHARS else 0
    head = "…" if start else ""
    return [head + _cut(before[start:]), head + _cut(after[start:])]


class Chain:
    """Stages that decide on each document alone (edits, filters, tags), applied in order.

    Parameters
    ----------
    stages : sequence of Stage
        None of them a `Dedup`.

    Attributes
    ----------
    books : list of StageBook
        One a stage, growing with every batch.
    n_pieces : int
        How many pieces the documents of the batches were cut into.
    """

    def __init__(self, stages: Sequence[Stage]):
        self.stages = tuple(stages)
        self.books = [StageBook(stage.name, stage.kind) for stage in self.stages]
        self.n_pieces = 0

    def __call__(self, batch: pa.RecordBatch) -> tuple[pa.RecordBatch, list[pa.RecordBatch]]:
        """Send a batch through; return what is left of it, and the rejects.

        Parameters
        ----------
        batch : pa.RecordBatch
            With ``doc_id`` and ``text``.
        """
        dropped: list[pa.RecordBatch] = []
        size = n_bytes(batch.column(TEXT))
        for stage, book in zip(self.stages, self.books):
            start = time.perf_counter()
            book.n_in += batch.num_rows
            book.bytes_in += size
            if isinstance(stage, Expand):
                batch = _expand(stage, batch, book, dropped, self.n_pieces)
                self.n_pieces += batch.num_rows
            else:
                batch = _STEP[stage.kind](stage, batch, book, dropped)
            book.n_out += batch.num_rows
            size = n_bytes(batch.column(TEXT))
            book.bytes_out += size
            book.time_s += time.perf_counter() - start
        return batch, dropped


def _edit(stage: Edit, batch: pa.RecordBatch, book: StageBook, dropped: list) -> pa.RecordBatch:
    before = batch.column(TEXT)
    after, tally = stage.edit(before)
    if after is before:
        return batch
    failed = after.is_null().to_numpy(zero_copy_only=False) if after.null_count else None
    if failed is not None:
        after = pc.coalesce(after, before)
    edited = set_column(batch, TEXT, after)
    old, new, changed = strings(before), strings(after), np.zeros(len(before), np.uint8)
    rows_changed(*old, *new, changed)
    rows = np.flatnonzero(changed)
    book.n_changed += len(rows)
    if tally is None and type(stage).tally is not Edit.tally:
        tally = stage.tally(before.take(pa.array(rows)))
    for kind, n in (tally or {}).items():
        book.edits[kind] = book.edits.get(kind, 0) + n
    for row in rows[: max(0, N_EXAMPLES - len(book.examples))]:
        book.examples.append(_change(before[row].as_py(), after[row].as_py()))
    # A text that was empty already is not the doing of this edit; one that lost everything is rejected in the form
    # in which it came, so that the ledger shows what was lost.
    gone = rows[new.offsets[rows] == new.offsets[rows + 1]]
    if failed is None and not len(gone):
        return edited
    drop = np.zeros(len(before), bool) if failed is None else failed.copy()
    drop[gone] = True
    reasons = [stage.failure if failed is not None and failed[row] else EMPTIED for row in np.flatnonzero(drop)]
    return _drop(stage, batch, edited, drop, reasons, book, dropped)


def _filter(stage: Filter, batch: pa.RecordBatch, book: StageBook, dropped: list) -> pa.RecordBatch:
    verdict = stage.judge(batch)
    reasons = [stage.reasons[code - 1] for code in verdict[verdict != 0]]
    return _drop(stage, batch, batch, verdict != 0, reasons, book, dropped)


def _drop(
    stage: Stage,
    before: pa.RecordBatch,
    after: pa.RecordBatch,
    drop: np.ndarray,
    reasons: list[str],
    book: StageBook,
    dropped: list,
) -> pa.RecordBatch:
    if not reasons:
        return after
    gone = before.filter(pa.array(drop))
    if stage.kind == "filter":
        for reason, text in zip(reasons[: N_EXAMPLES - len(book.examples)], gone.column(TEXT)):
            book.examples.append([_cut(text.as_py()), reason])
    for reason in dict.fromkeys(reasons):
        book.count(reason, reasons.count(reason))
    dropped.append(rejects(gone, stage.name, reasons))
    return after.filter(pa.array(~drop))


def _tag(stage: Tag, batch: pa.RecordBatch, book: StageBook, dropped: list) -> pa.RecordBatch:
    column = stage.tag(batch)
    if column.type != stage.column_type():
        raise SchemaError(
            f"the stage {stage.name} says that its column {stage.column} is {stage.column_type()}, but made one of "
            f"{column.type}"
        )
    for value, count in stage.tally(column).items():
        book.count(value, count)
    return set_column(batch, stage.column, column)


def _expand(stage: Expand, batch: pa.RecordBatch, book: StageBook, dropped: list, n_before: int) -> pa.RecordBatch:
    pieces = stage.expand(batch.column(TEXT))
    sizes = np.diff(pieces.offsets.to_numpy())
    rows = np.repeat(np.arange(batch.num_rows), sizes)
    texts = pieces.flatten()
    if len(book.examples) < N_EXAMPLES:
        for row in np.flatnonzero(sizes > 1)[: N_EXAMPLES - len(book.examples)]:
            parts = [part.as_py() for part in pieces[row].values]
            book.examples.append([_cut(batch.column(TEXT)[row].as_py()), _cut(" | ".join(parts))])
    if not sizes.all():
        gone = batch.filter(pa.array(sizes == 0))
        book.count(EMPTIED, gone.num_rows)
        dropped.append(rejects(gone, stage.name, EMPTIED))
    book.n_changed += int(np.count_nonzero(sizes > 1))
    book.n_made += len(rows) - int(np.count_nonzero(sizes))
    documents = batch.column(DOC_ID).to_numpy()[rows]
    made = set_column(batch.take(pa.array(rows)), TEXT, texts)
    made = set_column(made, DOC_ID, pa.array(make_piece_ids(documents, n_before)))
    return set_column(made, DOCUMENT, pa.array(documents))


_STEP: dict[str, Callable] = {"edit": _edit, "filter": _filter, "tag": _tag}
