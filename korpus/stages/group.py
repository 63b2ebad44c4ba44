"""Make one document of all that belong together."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, model_validator

from korpus.batch import DOC_ID, TEXT, strings
from korpus.dedup import threads
from korpus.errors import SchemaError
from korpus.kernels.hashing import hash128
from korpus.stage import Group as Contract
from korpus.stage import Resolution
from korpus.stages._moments import Moments, moments


class Group(Contract):
    """Make one document of all that belong together, such as a comment and its replies.

    Documents belong together if their columns ``by`` are equal or, with ``id`` and ``parent`` instead, if one names
    the other as its parent, directly or through others: an answer to an answer belongs to the same thread. Those that
    name a parent that is not there belong together too, as do those of the same id; circles and documents that name
    themselves do no harm. A document whose value is null or empty belongs to no other because of it, so whatever else
    stands for "no parent" (such as 0) must be made null before.

    Their texts stand in the order of the column ``order``, equal ones and those without a value (which come last) in
    the order of the input. That column holds numbers, dates and times, or texts such as ``20200102``, ``2020-01-02``,
    ``2020.1.2. 03:04`` or ``2020-01-02T03:04:05.678+09:00``; in texts, a time without a zone is taken as UTC. A
    document with any other text there is dropped (``bad_order``).

    The new document has the smallest id of its members, so it stands where the first of them stood, and all other
    columns of the member whose text comes first. One that would be longer than ``max_bytes`` becomes several, cut
    between two members, in order; a member that is longer by itself stands alone. Nothing is lost.

    Example, with ``by: thread``: ``처음 뵙겠습니다``, later ``반갑습니다`` → ``처음 뵙겠습니다⏎반갑습니다``

    Values are compared by their 128-bit hashes (A. Appleby, MurmurHash3 x64).
    """

    reason: ClassVar[str] = "bad_order"

    by: str | None = Field(None, min_length=1, description="The column whose equal values make a document.")
    id: str | None = Field(None, min_length=1, description="Instead of by, with parent: the column of each one's name.")
    parent: str | None = Field(None, min_length=1, description="The column that names another document's id.")
    order: str | None = Field(
        None, min_length=1, description="The column that the members are sorted by; by default, the order of the input."
    )
    separator: str = Field("\n", description="What stands between two texts.")
    max_bytes: int = Field(1 << 20, ge=1, le=1 << 28, description="Most bytes of a document of several members.")
    missing: Literal["error", "skip"] = Field(
        "error",
        description="What to do if the documents have not these columns: stop, or leave the stage out with a warning.",
    )

    @model_validator(mode="after")
    def _one_way(self) -> Group:
        if bool(self.by) == bool(self.id or self.parent) or bool(self.id) != bool(self.parent):
            raise ValueError("needs either by, or both id and parent")
        return self

    def reads(self) -> tuple[str, ...]:
        """Return the columns that decide what belongs together, and in which order."""
        return tuple(name for name in (TEXT, self.by, self.id, self.parent, self.order) if name)

    def refuse(self, batch: pa.RecordBatch) -> pa.StringArray:
        """Return the values of ``order`` that are neither numbers nor dates."""
        nothing = pa.nulls(batch.num_rows, pa.string())
        bad = pa.array(~self._order(batch).known)
        return pc.if_else(bad, batch.column(self.order).cast(pa.string()), nothing) if bad.true_count else nothing

    def _order(self, batch: pa.RecordBatch) -> Moments:
        if self.order is None:
            n = batch.num_rows
            return Moments(np.zeros(n, np.int64), np.zeros(n, np.int32), np.ones(n, bool))
        return moments(batch.column(self.order), f"group.order ({self.order})")

    def _links(self, batch: pa.RecordBatch, option: str) -> pa.RecordBatch:
        """Return the documents with a value in the column that an option names, and its hash."""
        column = batch.column(getattr(self, option))
        try:
            values = _names(column).fill_null("")
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            raise SchemaError(
                f"group.{option} ({getattr(self, option)}) must be a column of texts or numbers, it is {column.type}"
            ) from None
        hashes = np.empty((2, len(values)), np.uint64)
        hash128(*strings(values), 1, hashes)
        rows = [pa.array(hashes[0]), pa.array(hashes[1]), batch.column(DOC_ID)]
        return pa.RecordBatch.from_arrays(rows, schema=threads.LINKS).filter(pc.not_equal(values, ""))

    def tables(self) -> dict[str, pa.Schema]:
        """Return the schemas of ``links`` and ``members``."""
        return {"links": threads.LINKS, "members": threads.MEMBERS}

    def sketch(self, batch: pa.RecordBatch) -> dict[str, pa.RecordBatch]:
        """Return the tables ``links`` (the values that make documents belong together) and ``members``."""
        if self.by:
            links = self._links(batch, "by")
        else:
            both = pa.Table.from_batches([self._links(batch, option) for option in ("id", "parent")])
            columns = both.take(pa.array(np.argsort(both[DOC_ID].to_numpy(), kind="stable"))).combine_chunks()
            links = pa.RecordBatch.from_arrays([column.combine_chunks() for column in columns], schema=threads.LINKS)
        order, doc_ids = self._order(batch), batch.column(DOC_ID)
        n_bytes = pc.binary_length(batch.column(TEXT)).cast(pa.int64())
        keys = threads.spread(doc_ids.to_numpy())
        columns = [pa.array(keys), doc_ids, pa.array(order.whole), pa.array(order.fine), n_bytes]
        return {"links": links, "members": pa.RecordBatch.from_arrays(columns, schema=threads.MEMBERS)}

    def warm_up(self) -> None:
        """Compile the kernels of `resolve`."""
        from korpus.dedup.exact import repeated

        repeated(np.zeros(2, np.uint64))
        threads.warm_up()

    def resolve(self, resolution: Resolution) -> np.ndarray:
        """Return which documents are joined."""
        return threads.find_threads(resolution, len(self.separator.encode()), self.max_bytes)


def _names(column: pa.Array) -> pa.StringArray:
    """Return values as texts; equal ones as equal texts, whatever the type of their column."""
    texts = column.cast(pa.string())
    if not pa.types.is_floating(column.type):
        return texts
    # Whole numbers of which some are missing often come as floats, and what is missing as NaN.
    whole = column.cast(pa.int64(), safe=False)
    texts = pc.if_else(pc.equal(whole.cast(column.type, safe=False), column), whole.cast(pa.string()), texts)
    return pc.if_else(pc.is_nan(column), pa.scalar(None, pa.string()), texts)
