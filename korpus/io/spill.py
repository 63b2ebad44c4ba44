"""Hash-partitioned files: rows are spilled to disk by the upper bits of their key and read back a partition at a time.

Every flush of a writer appends a *block* (`korpus.io.blocks`): rows sorted by partition. Whoever wants a partition
takes a slice of each block. What a file costs to open does not depend on the number of partitions, but each task of a
partition opens every file: many files are put together before they are read by partition. A file appears under its
name only when it is whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa

from korpus.batch import DOC_ID
from korpus.io import blocks
from korpus.io.atomic import Finishing, replacing
from korpus.io.blocks import N_PARTITIONS, ONLY, BlockWriter, n_partitions_of, rows_of, schema_of

KEY = "key"
"""The first column of a spilled table: uint64, rows of equal keys share a partition."""

MAX_PARTITIONS = 1 << 14
_ONE_OF = "partition-"


def n_partitions_for(n_bytes: int, partition_bytes: int) -> int:
    """Return the smallest power of two of partitions of at most `partition_bytes` that `n_bytes` can be cut into."""
    wanted = max(1, -(-n_bytes // max(1, partition_bytes)))
    return min(MAX_PARTITIONS, 1 << (wanted - 1).bit_length())


def _partition_of(keys: np.ndarray, n_partitions: int) -> np.ndarray:
    # Two shifts, because numpy leaves a shift by all 64 bits undefined.
    return ((keys >> np.uint64(1)) >> np.uint64(64 - n_partitions.bit_length())).astype(np.uint16)


class SpillWriter(Finishing):
    """Write one spill file; hold about `korpus.io.blocks.FLUSH_BYTES` of rows at most. Used as a context manager.

    Parameters
    ----------
    path : Path
        Name of the finished file.
    schema : pa.Schema
        Its first column is ``key`` (uint64).
    n_partitions : int
        A power of two.
    """

    def __init__(self, path: Path, schema: pa.Schema, n_partitions: int):
        if n_partitions < 1 or n_partitions & (n_partitions - 1) or n_partitions > MAX_PARTITIONS:
            raise ValueError(f"n_partitions must be a power of two up to {MAX_PARTITIONS}, got {n_partitions}")
        if schema.names[0] != KEY or schema.field(0).type != pa.uint64():
            raise ValueError(f"the first column of a spilled table must be {KEY!r} of type uint64, got {schema}")
        self._path, self._n = path, n_partitions
        self._schema = schema.with_metadata({N_PARTITIONS: str(n_partitions).encode()})
        self._rows: list[pa.RecordBatch] = []
        self._bytes = 0
        super().__init__()

    def __enter__(self) -> SpillWriter:
        self._writer = self._open.enter_context(BlockWriter(self._path, self._schema))
        return self

    def _finish(self) -> None:
        self._flush()

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows."""
        if batch.num_rows:
            self._rows.append(batch.replace_schema_metadata(self._schema.metadata))
            self._bytes += batch.nbytes
            if self._bytes >= blocks.FLUSH_BYTES:
                self._flush()

    def _flush(self) -> None:
        if not self._rows:
            return
        rows = pa.Table.from_batches(self._rows, schema=self._schema)
        self._rows, self._bytes = [], 0
        part = _partition_of(rows.column(KEY).to_numpy(), self._n) if self._n > 1 else np.zeros(rows.num_rows, np.int64)
        self._writer.write(rows, part, 0, self._n)


def write_spill(path: Path, rows: pa.RecordBatch | pa.Table, n_partitions: int) -> None:
    """Write a table that is in memory as a spill file.

    Parameters
    ----------
    path : Path
        Name of the finished file.
    rows : pa.RecordBatch or pa.Table
        Its first column is ``key`` (uint64).
    n_partitions : int
        A power of two.
    """
    with SpillWriter(path, rows.schema, n_partitions) as writer:
        for batch in rows.to_batches() if isinstance(rows, pa.Table) else [rows]:
            writer.write(batch)


@dataclass(frozen=True)
class Partition:
    """One partition of a spilled table, over the files of all splits, or a part of one; picklable.

    Parameters
    ----------
    paths : tuple of Path
        The table's spill files, in the order of the splits, if any.
    index : int
        Which partition.
    n_partitions : int
        Of how many: a power of two; the files may be cut into more or fewer.
    shifts : tuple of int
        For each of the last paths, what is added to its document ids; such a file may lack columns that the first
        has, which are all zero then, and have others, which are left out.
    part, n_parts : int
        Stands for the `part`-th of `n_parts` (a power of two) parts only, cut by the key's next bits.
    """

    paths: tuple[Path, ...]
    index: int
    n_partitions: int
    shifts: tuple[int, ...] = ()
    part: int = 0
    n_parts: int = 1

    @cached_property
    def _views(self) -> list[pa.RecordBatch]:
        """The rows of the partition in each block of each file: views, of which nothing is read yet."""
        views, own = [], None
        for number, path in enumerate(self.paths, len(self.shifts) - len(self.paths)):
            schema, batches = rows_of(path, self.index, self.n_partitions)
            own = own or schema.remove_metadata()
            for batch in batches:
                if n_partitions_of(schema) < self.n_partitions:
                    mine = _partition_of(batch.column(KEY).to_numpy(), self.n_partitions) == self.index
                    batch = batch.filter(pa.array(mine))
                if batch.num_rows:
                    views.append(_conform(batch, own, self.shifts[number] if number >= 0 else 0))
        return views

    def views(self) -> list[pa.RecordBatch]:
        """Return the rows in their order, as views of the files."""
        return self._views

    def __getstate__(self) -> dict:
        """Leave the views behind: whoever gets the partition maps its files anew."""
        return {name: value for name, value in vars(self).items() if name != "_views"}

    def n_rows(self) -> int:
        """Return the number of rows of the whole partition, reading little more than what the files say of it."""
        return sum(batch.num_rows for batch in self._views)

    def schema(self) -> pa.Schema:
        """Return the schema of the rows."""
        return schema_of(self.paths[0]).remove_metadata()

    def _mine(self) -> Iterator[pa.RecordBatch]:
        for batch in self._views:
            if self.n_parts > 1 and batch.num_rows:
                finer = _partition_of(batch.column(KEY).to_numpy() * np.uint64(self.n_partitions), self.n_parts)
                batch = batch.filter(pa.array(finer == self.part))
            if batch.num_rows:
                yield batch

    def read(self) -> pa.Table:
        """Return the rows, in the order of the files and as they were written."""
        return pa.Table.from_batches(self._mine(), schema=self.schema()).combine_chunks()

    def chunks(self, max_rows: int) -> Iterator[pa.Table]:
        """Yield the rows in the same order, at most `max_rows` at a time; no empty tables."""
        held: list[pa.RecordBatch] = []
        room = max_rows
        for batch in self._mine():
            at = 0
            while at < batch.num_rows:
                piece = batch.slice(at, room)
                held.append(piece)
                at, room = at + piece.num_rows, room - piece.num_rows
                if not room:
                    yield pa.Table.from_batches(held).combine_chunks()
                    held, room = [], max_rows
        if held:
            yield pa.Table.from_batches(held).combine_chunks()

    def parts(self, max_rows: int) -> list[Partition]:
        """Cut the partition into parts of about `max_rows` or fewer, in the order of the keys' upper bits.

        Rows of equal keys are never parted, so one key with very many rows makes a part that is larger: read it in
        `chunks`.
        """
        n_rows = self.n_rows()
        n_parts = n_partitions_for(n_rows, max_rows)
        if n_parts == 1:
            return [self] if n_rows else []
        return [replace(self, part=part, n_parts=n_parts) for part in range(n_parts)]

    def pieces(self, max_rows: int) -> Iterator[pa.Table]:
        """Yield the rows part by part; no empty tables."""
        for part in self.parts(max_rows):
            piece = part.read()
            if piece.num_rows:
                yield piece


def _conform(batch: pa.RecordBatch, schema: pa.Schema, shift: int) -> pa.RecordBatch:
    if not shift:
        return batch.replace_schema_metadata(None)
    columns = [
        batch.column(name) if name in batch.schema.names else pa.array(np.zeros(batch.num_rows, np.uint64))
        for name in schema.names
    ]
    at = schema.get_field_index(DOC_ID)
    columns[at] = pa.array(columns[at].to_numpy() + np.int64(shift))
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def partitions(
    paths: tuple[Path, ...], n_partitions: int, referenced: Sequence[tuple[tuple[Path, ...], int]] = ()
) -> list[Partition]:
    """Return all partitions of a table.

    Parameters
    ----------
    paths : tuple of Path
        Its spill files; if there are none, there are no partitions.
    n_partitions : int
    referenced : sequence of (tuple of Path, int)
        More spill files, whose document ids are to be shifted by a number other than 0; of those that hold one
        partition only (see `write_partition`), each partition gets its own.
    """
    if not paths:
        return []
    found = []
    for index in range(n_partitions):
        more = [(path, shift) for group, shift in referenced for path in _overlapping(group, index, n_partitions)]
        shifts = tuple(shift for _, shift in more)
        found.append(Partition((*paths, *(path for path, _ in more)), index, n_partitions, shifts))
    return found


def _overlapping(paths: tuple[Path, ...], index: int, n_partitions: int) -> tuple[Path, ...]:
    if not paths or not paths[0].name.startswith(_ONE_OF):
        return paths
    n = len(paths)
    begin = index * n // n_partitions
    return paths[begin : max(begin + 1, (index + 1) * n // n_partitions)]


def write_partition(folder: Path, batches: Iterable[pa.RecordBatch], schema: pa.Schema, index: int, n: int) -> Path:
    """Write one whole partition of a table as a file of its own, which `partitions` finds by its name.

    Parameters
    ----------
    folder : Path
    batches : iterable of pa.RecordBatch
        Their rows all belong to the partition.
    schema : pa.Schema
        Of the rows.
    index, n : int
        Which partition, of how many.
    """
    path = folder / f"{_ONE_OF}{index:05d}.arrow"
    schema = schema.with_metadata({N_PARTITIONS: str(n).encode(), ONLY: str(index).encode()})
    with replacing(path) as temporary, pa.OSFile(str(temporary), "wb") as sink, pa.ipc.new_file(sink, schema) as out:
        for batch in batches:
            out.write_batch(batch.replace_schema_metadata(schema.metadata))
    return path
