"""How the documents of a file enter: read, given their ids and the labels of their source, then its own stages."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from korpus.batch import make_doc_ids, n_bytes, with_doc_ids
from korpus.chain import EXAMPLE_CHARS, N_EXAMPLES, REJECT_SCHEMA, Chain
from korpus.io.readers import read_split
from korpus.plan.sources import align

if TYPE_CHECKING:
    from collections.abc import Iterator

    from korpus.io.readers import Bad, Block, Chunk, Split
    from korpus.plan.plan import Plan

NOT_BAD = ("empty_text",)
"""Reasons that do not count towards ``max_bad_ratio``: a document that is empty is not a fault of the input."""


@dataclass
class EntryBook:
    """What was counted while documents were read.

    Attributes
    ----------
    n_rows, n_blank : int
        Rows of the input, and those of them that are blank and stand for no document.
    n_in, n_out : int
        Documents, and those of them that could be read.
    bytes_out : int
        UTF-8 bytes of their texts.
    n_bad : int
        Documents that could not be read through a fault of the input.
    reasons : dict of str to int
        Why documents could not be read.
    ignored : list of str
        Columns that were not carried along.
    misfits : dict of str to [int, str]
        Values that did not fit the type of their column, and the first of them.
    damage : list of [str, int, int]
        Why a file could be read no further, the bytes that were read and the bytes that were lost.
    examples : list of [str, str]
        The first few that could not be read, and why.
    time_s : float
    """

    n_rows: int = 0
    n_blank: int = 0
    n_in: int = 0
    n_out: int = 0
    bytes_out: int = 0
    n_bad: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    misfits: dict[str, list] = field(default_factory=dict)
    damage: list[list] = field(default_factory=list)
    examples: list[list[str]] = field(default_factory=list)
    time_s: float = 0.0

    def add(self, block: Block) -> None:
        """Write down what a reader says of a block."""
        self.n_rows += block.n_rows
        self.n_blank += block.n_blank
        self.n_in += block.batch.num_rows + len(block.bad)
        self.n_out += block.batch.num_rows
        self.bytes_out += n_bytes(block.batch.column(0))
        self.ignored = sorted({*self.ignored, *block.ignored})
        for column, (n, example) in block.misfits.items():
            before, first = self.misfits.get(column, (0, example))
            self.misfits[column] = [before + n, first]
        if block.damage is not None:
            self.damage.append([block.damage.why, block.damage.n_read, block.damage.n_lost])
        for row in block.bad:
            self.reasons[row.reason] = self.reasons.get(row.reason, 0) + 1
            self.n_bad += row.reason not in NOT_BAD
            if len(self.examples) < N_EXAMPLES:
                why = f"{row.reason}: {row.detail}" if row.detail else row.reason
                self.examples.append([row.text[:EXAMPLE_CHARS], why])


class Entry:
    """The way of the documents of one file to the stages of the recipe.

    Parameters
    ----------
    plan : Plan
    file : int
        Number of the file.

    Attributes
    ----------
    book : EntryBook
    own : Chain
        The stages for the documents of its source alone, which come before everything else.
    """

    def __init__(self, plan: Plan, file: int):
        self._source, self._schema = plan.source(file), plan.entry
        self.book, self.own = EntryBook(), Chain(self._source.stages)

    def read(self, split: Split, chunk: Chunk | None) -> Iterator[tuple[pa.RecordBatch, list[pa.RecordBatch]]]:
        """Yield the documents of a split with their ids and labels, and the ledger's rows of what cannot be read."""
        clock = time.perf_counter()
        for block in read_split(split, chunk, self._source.columns, self._source.options):
            self.book.add(block)
            documents = self._source.label(with_doc_ids(block.batch, split.file, split.index, block.rows))
            rejected = [_rejects(split, block.bad)] if block.bad else []
            self.book.time_s += time.perf_counter() - clock
            yield documents, rejected
            clock = time.perf_counter()

    def __call__(self, batch: pa.RecordBatch) -> tuple[pa.RecordBatch, list[pa.RecordBatch]]:
        """Send labelled documents through the stages of their source; return them with the columns of all sources."""
        batch, rejected = self.own(batch)
        return align(batch, self._schema), rejected


def _rejects(split: Split, bad: list[Bad]) -> pa.RecordBatch:
    n = len(bad)
    return pa.RecordBatch.from_arrays(
        [
            pa.array(make_doc_ids(split.file, split.index, np.array([row.row for row in bad], np.int64))),
            pa.array(["read"] * n),
            pa.array([row.reason for row in bad], pa.string()),
            pa.array([row.detail or None for row in bad], pa.string()),
            pa.nulls(n, pa.int64()),
            pa.nulls(n, pa.float64()),
            pa.array([row.text for row in bad], pa.string()),
            pa.nulls(n, pa.int64()),
        ],
        schema=REJECT_SCHEMA,
    )
