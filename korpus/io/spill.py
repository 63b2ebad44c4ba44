"""Hash-partitioned files: rows are spilled to disk by the upper bits of their key and read back a partition at a time.

A spill file is an Arrow IPC file. Every flush of a writer appends one record batch for each partition, in order, so
batch i holds rows of partition ``i % n_partitions``. A file appears under its name only when it is whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from korpus.io.files import replacing

KEY = "key"
"""The first column of a spilled table: uint64, rows of equal keys share a partition."""

FLUSH_BYTES = 32 << 20
MAX_PARTITIONS = 1 << 14
_N_PARTITIONS = b"korpus.n_partitions"


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

    def __exit__(self, *error: object) -> None:
        if error[0] is not None:
            self._open.__exit__(*error)
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
        borders = [0, rows.num_rows]
        if self._n > 1:
            part = _partition_of(rows.column(KEY).to_numpy(), self._n)
            # Stable: rows of a partition keep their order, which for sketches is that of the documents.
            rows = rows.take(pa.array(np.argsort(part, kind="stable")))
            borders = np.concatenate([[0], np.cumsum(np.bincount(part, minlength=self._n))]).tolist()
        (batch,) = rows.combine_chunks().to_batches()
        for begin, end in zip(borders, borders[1:]):
            self._writer.write_batch(batch.slice(begin, end - begin))


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
    """One partition of a spilled table, over the files of all splits; picklable.

    Parameters
    ----------
    paths : tuple of Path
        The table's spill files, in the order of the splits, if any; all with the same number of partitions.
    index : int
        Which partition.
    """

    paths: tuple[Path, ...]
    index: int

    def _batches(self) -> Iterator[tuple[pa.RecordBatch, int]]:
        for path in self.paths:
            with pa.OSFile(str(path)) as file, pa.ipc.open_file(file) as reader:
                n_partitions = int(reader.schema.metadata[_N_PARTITIONS])
                for i in range(self.index, reader.num_record_batches, n_partitions):
                    yield reader.get_batch(i), n_partitions

    def n_rows(self) -> int:
        """Return the number of rows, without reading them."""
        n = 0
        for path in self.paths:
            with pa.memory_map(str(path)) as file, pa.ipc.open_file(file) as reader:
                n_partitions = int(reader.schema.metadata[_N_PARTITIONS])
                for i in range(self.index, reader.num_record_batches, n_partitions):
                    n += reader.get_batch(i).num_rows
        return n

    def schema(self) -> pa.Schema:
        """Return the schema of the rows."""
        with pa.OSFile(str(self.paths[0])) as file, pa.ipc.open_file(file) as reader:
            return reader.schema.remove_metadata()

    def read(self, part: int = 0, n_parts: int = 1) -> pa.Table:
        """Return the rows, in the order of the files and as they were written.

        Parameters
        ----------
        part, n_parts : int
            Read only the `part`-th of `n_parts` (a power of two) pieces, cut by the key's next bits.
        """
        found = []
        for batch, n_partitions in self._batches():
            if n_parts > 1:
                finer = _partition_of(batch.column(KEY).to_numpy() * np.uint64(n_partitions), n_parts)
                batch = batch.filter(pa.array(finer == part))
            if batch.num_rows:
                found.append(batch.replace_schema_metadata(None))
        return pa.Table.from_batches(found, schema=self.schema()).combine_chunks()

    def pieces(self, max_rows: int) -> Iterator[pa.Table]:
        """Yield the rows in pieces of about `max_rows` or fewer, in the order of the keys' upper bits; no empty ones.

        Rows of equal keys are never parted, so one key with very many rows makes a piece that is larger.
        """
        n_rows = self.n_rows()
        if not n_rows:
            return
        n_parts = n_partitions_for(n_rows, max_rows)
        for part in range(n_parts):
            piece = self.read(part, n_parts)
            if piece.num_rows:
                yield piece


def partitions(paths: tuple[Path, ...], n_partitions: int) -> list[Partition]:
    """Return all partitions of a table that was spilled to `paths`."""
    return [Partition(tuple(paths), index) for index in range(n_partitions)] if paths else []
