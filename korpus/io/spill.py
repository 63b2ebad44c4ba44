"""Hash-partitioned files: rows are spilled to disk by the upper bits of their key and read back a partition at a time.

A spill file is an Arrow IPC file. Every flush of a writer appends one record batch: a *block*, its rows sorted by
partition, with the borders of the partitions among them in its metadata. Whoever wants a partition maps the file and
takes a slice of each block. What a file costs to open does not depend on the number of partitions, but each task of a
partition opens every file: many files are put together (`combine`) before they are read by partition. A file appears
under its name only when it is whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from korpus.batch import DOC_ID
from korpus.io.atomic import replacing

KEY = "key"
"""The first column of a spilled table: uint64, rows of equal keys share a partition."""

FLUSH_BYTES = 32 << 20
MAX_PARTITIONS = 1 << 14
_N_PARTITIONS, _ONLY = b"korpus.n_partitions", b"korpus.partition"
_FIRST, _BORDERS = b"korpus.first", b"korpus.borders"
_MAGIC_BYTES = 8
_ONE_OF = "partition-"


def n_partitions_for(n_bytes: int, partition_bytes: int) -> int:
    """Return the smallest power of two of partitions of at most `partition_bytes` that `n_bytes` can be cut into."""
    wanted = max(1, -(-n_bytes // max(1, partition_bytes)))
    return min(MAX_PARTITIONS, 1 << (wanted - 1).bit_length())


def _partition_of(keys: np.ndarray, n_partitions: int) -> np.ndarray:
    # Two shifts, because numpy leaves a shift by all 64 bits undefined.
    return ((keys >> np.uint64(1)) >> np.uint64(64 - n_partitions.bit_length())).astype(np.uint16)


class SpillWriter:
    """Write one spill file; hold at most about `FLUSH_BYTES` of rows in memory. Used as a context manager.

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
        self._path, self._n = Path(path), n_partitions
        self._schema = schema.with_metadata({_N_PARTITIONS: str(n_partitions).encode()})
        self._rows: list[pa.RecordBatch] = []
        self._bytes = 0
        self._open = ExitStack()

    def __enter__(self) -> SpillWriter:
        temporary = self._open.enter_context(replacing(self._path))
        sink = self._open.enter_context(pa.OSFile(str(temporary), "wb"))
        self._writer = self._open.enter_context(pa.ipc.new_file(sink, self._schema))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._open.__exit__(kind, error, trace)
            return
        with self._open:
            self._flush()

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows."""
        if batch.num_rows:
            self._rows.append(batch.replace_schema_metadata(self._schema.metadata))
            self._bytes += batch.nbytes
            if self._bytes >= FLUSH_BYTES:
                self._flush()

    def _flush(self) -> None:
        if not self._rows:
            return
        rows = pa.Table.from_batches(self._rows, schema=self._schema)
        self._rows, self._bytes = [], 0
        part = _partition_of(rows.column(KEY).to_numpy(), self._n) if self._n > 1 else np.zeros(rows.num_rows, np.int64)
        _write_block(self._writer, rows, part, 0, self._n)


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
            schema, blocks = _open(path)
            n, own = _n_partitions(schema), own or schema.remove_metadata()
            begin = self.index * n // self.n_partitions
            end = max(begin + 1, (self.index + 1) * n // self.n_partitions)
            for block in blocks:
                batch = block.rows(begin, end)
                if n < self.n_partitions and batch.num_rows:
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
        return _open(self.paths[0])[0].remove_metadata()

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


class _Block(NamedTuple):
    """A record batch of a spill file: rows sorted by partition.

    Attributes
    ----------
    batch : pa.RecordBatch
    first : int
        The first partition that it may hold.
    borders : int64, shape (n + 1,)
        Where the rows of each of the `n` partitions from `first` on begin, and where the last ones end.
    """

    batch: pa.RecordBatch
    first: int
    borders: np.ndarray

    def rows(self, begin: int, end: int) -> pa.RecordBatch:
        """Return the rows of the partitions from `begin` to before `end`, as a view."""
        n = len(self.borders) - 1
        start, stop = (int(self.borders[min(max(at - self.first, 0), n)]) for at in (begin, end))
        return self.batch.slice(start, stop - start)

    def partitions(self, begin: int, end: int) -> np.ndarray:
        """Return the partition of each of these rows."""
        begin, end = max(begin, self.first), min(end, self.first + len(self.borders) - 1)
        if begin >= end:
            return np.zeros(0, np.int64)
        return np.repeat(np.arange(begin, end), np.diff(self.borders[begin - self.first : end - self.first + 1]))


def _n_partitions(schema: pa.Schema) -> int:
    return int(schema.metadata[_N_PARTITIONS])


def _open(path: Path) -> tuple[pa.Schema, list[_Block]]:
    """Map a spill file; return its schema, and its blocks as views of it."""
    with pa.memory_map(str(path)) as file:
        # An Arrow file holds a stream behind its magic bytes, which is read without asking other threads.
        file.seek(_MAGIC_BYTES)
        with pa.ipc.open_stream(file) as reader:
            schema, only = reader.schema, reader.schema.metadata.get(_ONLY)
            blocks = []
            with suppress(StopIteration):
                while True:
                    batch, metadata = reader.read_next_batch_with_custom_metadata()
                    if only is not None:
                        blocks.append(_Block(batch, int(only), np.array([0, batch.num_rows])))
                    else:
                        borders = np.frombuffer(metadata[_BORDERS], "<i8")
                        blocks.append(_Block(batch, int(metadata[_FIRST]), borders))
    return schema, blocks


def _write_block(
    writer: pa.ipc.RecordBatchFileWriter, rows: pa.Table, part: np.ndarray, first: int, n_partitions: int
) -> None:
    """Write rows, given with the partition of each, as a block of `n_partitions` partitions from `first` on."""
    if n_partitions > 1:
        # Stable: rows of a partition keep their order, which for sketches is that of the documents.
        rows = rows.take(pa.array(np.argsort(part, kind="stable")))
    (batch,) = rows.combine_chunks().to_batches()
    borders = np.concatenate([[0], np.cumsum(np.bincount(part - first, minlength=n_partitions))])
    writer.write_batch(
        batch,
        custom_metadata={_FIRST: str(first).encode(), _BORDERS: borders.astype("<i8").tobytes()},
    )


def combine(paths: Sequence[Path], out: Path) -> None:
    """Put several spill files of one table together: read each once, and write the same rows as one.

    Parameters
    ----------
    paths : sequence of Path
        In the order that their rows are to keep; all of as many partitions.
    out : Path
        The file to write.

    Notes
    -----
    Linear in the bytes; holds a few times `FLUSH_BYTES`. Each partition is then one range of rows of a few blocks.
    """
    with ExitStack() as open_files:
        mapped = [_open(path) for path in paths]
        schema, blocks = mapped[0][0], [block for _, of_file in mapped for block in of_file]
        n = _n_partitions(schema)
        sizes = np.zeros(n, np.int64)
        for block in blocks:
            sizes[block.first : block.first + len(block.borders) - 1] += np.diff(block.borders)
        n_bytes = sum(block.batch.nbytes for block in blocks)
        limit = max(1, int(sizes.sum()) * FLUSH_BYTES // max(1, n_bytes))
        temporary = open_files.enter_context(replacing(out))
        sink = open_files.enter_context(pa.OSFile(str(temporary), "wb"))
        writer = open_files.enter_context(pa.ipc.new_file(sink, schema))
        for begin, end in _ranges(sizes, limit):
            held: list[pa.RecordBatch] = []
            parts: list[np.ndarray] = []
            n_held = 0
            for block in blocks:
                rows = block.rows(begin, end)
                if not rows.num_rows:
                    continue
                if held and n_held + rows.num_rows > limit and end - begin == 1:
                    _write_block(writer, pa.Table.from_batches(held), np.concatenate(parts), begin, 1)
                    held, parts, n_held = [], [], 0
                held.append(rows)
                parts.append(block.partitions(begin, end))
                n_held += rows.num_rows
            if held:
                _write_block(writer, pa.Table.from_batches(held), np.concatenate(parts), begin, end - begin)


def _ranges(sizes: np.ndarray, limit: int) -> Iterator[tuple[int, int]]:
    """Cut partitions into runs of at most `limit` rows; a larger one is a run of its own."""
    begin, total = 0, 0
    for at, size in enumerate(sizes.tolist()):
        if total + size > limit and at > begin:
            yield begin, at
            begin, total = at, 0
        total += size
    yield begin, len(sizes)


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
    schema = schema.with_metadata({_N_PARTITIONS: str(n).encode(), _ONLY: str(index).encode()})
    with replacing(path) as temporary, pa.OSFile(str(temporary), "wb") as sink, pa.ipc.new_file(sink, schema) as out:
        for batch in batches:
            out.write_batch(batch.replace_schema_metadata(schema.metadata))
    return path
