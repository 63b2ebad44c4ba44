"""Blocks: what spill files are made of, and how many such files are put together.

A spill file is an Arrow IPC file. Each of its record batches is a block: rows sorted by partition, with the borders of
the partitions among them in its metadata. A last batch without rows has the borders of all blocks, so that of a file in
a store only the blocks that are wanted are read.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from korpus.io.atomic import Finishing, replacing
from korpus.io.parts import open_file
from korpus.io.place import copy, is_elsewhere, scratch_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

FLUSH_BYTES = 32 << 20
"""Of rows, about as many as a writer holds, and a block has."""
ELSEWHERE_BYTES = 128 << 10
"""What a block has in a file that is put together in a store: it is read whole for any of its partitions."""
N_PARTITIONS, ONLY = b"korpus.n_partitions", b"korpus.partition"
"""In the metadata of a file: of how many partitions it is, and the one that all its rows belong to, if there is one."""
_FIRST, _BORDERS, _LENGTHS = b"korpus.first", b"korpus.borders", b"korpus.lengths"
_MAGIC_BYTES = 8


class Block(NamedTuple):
    """Rows sorted by partition.

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
        start, stop = _range(self.first, self.borders, begin, end)
        return self.batch.slice(start, stop - start)

    def partitions(self, begin: int, end: int) -> np.ndarray:
        """Return the partition of each of these rows."""
        begin, end = max(begin, self.first), min(end, self.first + len(self.borders) - 1)
        if begin >= end:
            return np.zeros(0, np.int64)
        return np.repeat(np.arange(begin, end), np.diff(self.borders[begin - self.first : end - self.first + 1]))


def _range(first: int, borders: np.ndarray, begin: int, end: int) -> tuple[int, int]:
    """Return which rows of a block belong to the partitions from `begin` to before `end`."""
    n = len(borders) - 1
    return int(borders[min(max(begin - first, 0), n)]), int(borders[min(max(end - first, 0), n)])


class BlockWriter(Finishing):
    """Write a file of blocks. Used as a context manager; the file appears when the block has ended well.

    Parameters
    ----------
    path : Path
        Name of the finished file.
    schema : pa.Schema
        Of the rows; its metadata says of how many partitions (`N_PARTITIONS`).
    """

    def __init__(self, path: Path, schema: pa.Schema):
        self._path, self._schema = path, schema
        self._firsts: list[int] = []
        self._borders: list[np.ndarray] = []
        super().__init__()

    def __enter__(self) -> BlockWriter:
        temporary = self._open.enter_context(replacing(self._path))
        sink = self._open.enter_context(pa.OSFile(str(temporary), "wb"))
        self._writer = self._open.enter_context(pa.ipc.new_file(sink, self._schema))
        return self

    def _finish(self) -> None:
        lengths = [len(borders) for borders in self._borders]
        every = np.concatenate([np.zeros(0, np.int64), *self._borders])
        index = {_FIRST: self._firsts, _LENGTHS: lengths, _BORDERS: every}
        self._writer.write_batch(
            pa.RecordBatch.from_pylist([], schema=self._schema),
            custom_metadata={name: np.asarray(values, "<i8").tobytes() for name, values in index.items()},
        )

    def write(self, rows: pa.Table, part: np.ndarray, first: int, n_partitions: int) -> None:
        """Write rows, given with the partition of each, as a block of `n_partitions` partitions from `first` on."""
        if n_partitions > 1:
            # Stable: rows of a partition keep their order, which for sketches is that of the documents.
            rows = rows.take(pa.array(np.argsort(part, kind="stable")))
        (batch,) = rows.combine_chunks().to_batches()
        borders = np.concatenate([[0], np.cumsum(np.bincount(part - first, minlength=n_partitions))])
        metadata = {_FIRST: np.array([first], "<i8").tobytes(), _BORDERS: borders.astype("<i8").tobytes()}
        self._writer.write_batch(batch, custom_metadata=metadata)
        self._firsts.append(first)
        self._borders.append(borders.astype(np.int64))


def n_partitions_of(schema: pa.Schema) -> int:
    """Return of how many partitions a file is."""
    return int(schema.metadata[N_PARTITIONS])


def schema_of(path: Path) -> pa.Schema:
    """Return the schema of a file, with its metadata."""
    if not is_elsewhere(path):
        return open_blocks(path)[0]
    with open_file(path) as reader:
        return reader.schema


def open_blocks(path: Path) -> tuple[pa.Schema, list[Block]]:
    """Map a file; return its schema, and its blocks as views of it. One in a store is fetched."""
    if is_elsewhere(path):
        here = scratch_file()
        copy(path, here)
        try:
            return open_blocks(here)
        finally:
            _forget(here)
    with pa.memory_map(str(path)) as file:
        # An Arrow file holds a stream behind its magic bytes, which is read without asking other threads.
        file.seek(_MAGIC_BYTES)
        with pa.ipc.open_stream(file) as reader:
            schema, only = reader.schema, reader.schema.metadata.get(ONLY)
            blocks = []
            with suppress(StopIteration):
                while True:
                    batch, metadata = reader.read_next_batch_with_custom_metadata()
                    if only is not None:
                        blocks.append(Block(batch, int(only), np.array([0, batch.num_rows])))
                    elif _LENGTHS not in metadata:
                        (first,) = np.frombuffer(metadata[_FIRST], "<i8")
                        blocks.append(Block(batch, int(first), np.frombuffer(metadata[_BORDERS], "<i8")))
    return schema, blocks


def rows_of(path: Path, index: int, n_partitions: int) -> tuple[pa.Schema, list[pa.RecordBatch]]:
    """Return the schema of a file, and views of its rows in one of `n_partitions` partitions.

    The file may be cut into more partitions, or into fewer: then the rows are those of the one that has it. Of a file
    in a store they are brought to this machine's disk.
    """
    if is_elsewhere(path):
        return _fetched_rows(path, index, n_partitions)
    schema, blocks = open_blocks(path)
    begin, end = _partitions(schema, index, n_partitions)
    return schema, [batch for block in blocks if (batch := block.rows(begin, end)).num_rows]


def _partitions(schema: pa.Schema, index: int, n_partitions: int) -> tuple[int, int]:
    n = n_partitions_of(schema)
    begin = index * n // n_partitions
    return begin, max(begin + 1, (index + 1) * n // n_partitions)


def _fetched_rows(path: Path, index: int, n_partitions: int) -> tuple[pa.Schema, list[pa.RecordBatch]]:
    here = scratch_file()
    try:
        with open_file(path) as reader:
            schema = reader.schema
            begin, end = _partitions(schema, index, n_partitions)
            _, metadata = reader.get_batch_with_custom_metadata(reader.num_record_batches - 1)
            firsts, lengths, every = (np.frombuffer(metadata[name], "<i8") for name in (_FIRST, _LENGTHS, _BORDERS))
            at = np.cumsum([0, *lengths])
            with pa.OSFile(str(here), "wb") as sink, pa.ipc.new_file(sink, schema) as out:
                for i, first in enumerate(firsts.tolist()):
                    start, stop = _range(first, every[at[i] : at[i + 1]], begin, end)
                    if start < stop:
                        out.write_batch(reader.get_batch(i).slice(start, stop - start))
        spooled = pa.ipc.open_file(pa.memory_map(str(here)))
        return schema, [spooled.get_batch(i) for i in range(spooled.num_record_batches)]
    finally:
        _forget(here)


def _forget(path: Path) -> None:
    # What is mapped stays as long as it is; Windows keeps the file until the process ends.
    with suppress(OSError):
        path.unlink(missing_ok=True)


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
    mapped = [open_blocks(path) for path in paths]
    schema, blocks = mapped[0][0], [block for _, of_file in mapped for block in of_file]
    n = n_partitions_of(schema)
    sizes = np.zeros(n, np.int64)
    for block in blocks:
        sizes[block.first : block.first + len(block.borders) - 1] += np.diff(block.borders)
    n_bytes = sum(block.batch.nbytes for block in blocks)
    block_bytes = ELSEWHERE_BYTES if is_elsewhere(out) else FLUSH_BYTES
    limit = max(1, int(sizes.sum()) * block_bytes // max(1, n_bytes))
    most = max(1, int(sizes.sum()) * FLUSH_BYTES // max(1, n_bytes))
    with BlockWriter(out, schema) as writer:
        for begin, end in _ranges(sizes, limit):
            held: list[pa.RecordBatch] = []
            parts: list[np.ndarray] = []
            n_held = 0
            for block in blocks:
                rows = block.rows(begin, end)
                if not rows.num_rows:
                    continue
                if held and n_held + rows.num_rows > most and end - begin == 1:
                    writer.write(pa.Table.from_batches(held), np.concatenate(parts), begin, 1)
                    held, parts, n_held = [], [], 0
                held.append(rows)
                parts.append(block.partitions(begin, end))
                n_held += rows.num_rows
            if held:
                writer.write(pa.Table.from_batches(held), np.concatenate(parts), begin, end - begin)


def _ranges(sizes: np.ndarray, limit: int) -> Iterator[tuple[int, int]]:
    """Cut partitions into runs of at most `limit` rows; a larger one is a run of its own."""
    begin, total = 0, 0
    for at, size in enumerate(sizes.tolist()):
        if total + size > limit and at > begin:
            yield begin, at
            begin, total = at, 0
        total += size
    yield begin, len(sizes)
