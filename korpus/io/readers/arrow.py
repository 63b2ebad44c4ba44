"""Arrow IPC, files and streams, and with them saved HF datasets: a row is a document.

Local files are mapped into memory; splits are runs of record batches, which workers read themselves. A batch is looked
through before it is used, since nothing else keeps damaged offsets from leading out of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa

from korpus.batch import MAX_ROWS
from korpus.errors import DataError, Unreadable
from korpus.io.archives import open_at_random
from korpus.io.location import Inside, is_remote, opens
from korpus.io.names import arrow_source
from korpus.io.opening import RemoteFile
from korpus.io.readers import lines
from korpus.io.readers.base import Block, Damage, InputFile, ReadOptions, Split
from korpus.io.readers.tables import Table, check_text, types_of

_MAGIC = b"ARROW1"
_BATCH_BYTES = 8 << 20


def plan(file: InputFile, options: ReadOptions) -> list[Split]:
    """Cut a file into runs of record batches of about ``split_bytes``; of a damaged stream, up to the damage."""
    opened = _Opened(file.path)
    check_text(opened.schema, file.path, options)
    borders, size, n_rows, number = [0], 0, 0, 0
    for number, batch in enumerate(opened.batches(0), 1):
        # What could not be read is a batch of its own; its reader meets the error again.
        rows, total = (1, 0) if isinstance(batch, str) else (batch.num_rows, batch.get_total_buffer_size())
        if rows > MAX_ROWS:
            raise DataError(
                f"{file.path}: record batch {number - 1} has {rows:,} rows, and korpus reads at most {MAX_ROWS:,} at "
                f"once; write the file again with smaller batches"
            )
        if number - 1 > borders[-1] and (size + total > options.split_bytes or n_rows + rows > MAX_ROWS):
            borders.append(number - 1)
            size = n_rows = 0
        size, n_rows = size + total, n_rows + rows
    stops = [*borders[1:], number]
    return [Split.of(file, i, start, stop) for i, (start, stop) in enumerate(zip(borders, stops, strict=True)) if stop]


def stream(file: InputFile, options: ReadOptions, skip: Callable[[int], bool]) -> Iterator[lines.Streamed]:
    """Refuse: an Arrow file has splits."""
    raise NotImplementedError("Arrow files are not streamed")


def columns(file: InputFile, options: ReadOptions, n_bytes: int = 0) -> dict[str, pa.DataType | None]:
    """Return the columns of a file, in the types that they are carried along in."""
    return types_of(_Opened(file.path).schema, file.path, options)


def read(split: Split, chunk: None, schema: pa.Schema, options: ReadOptions) -> Iterator[Block]:
    """Yield the blocks of a split; what could not be read of a damaged batch is damage of the file."""
    opened = _Opened(split.path)
    table = Table(opened.schema, schema, options)
    row = 0
    for number, batch in zip(range(split.start, split.stop), opened.batches(split.start), strict=False):
        if isinstance(batch, str):
            yield _damaged(schema, opened, number, batch)
            continue
        if table.wanted is not None:
            batch = batch.select(table.wanted)
        # So few rows at a time that long documents do not add up, whatever their number.
        n = max(1, min(options.batch_rows, _BATCH_BYTES * batch.num_rows // max(1, batch.get_total_buffer_size())))
        for at in range(0, batch.num_rows, n):
            part = batch.slice(at, n)
            try:
                yield table.block(part, row + at)
            except (Unreadable, pa.ArrowException) as error:
                yield _damaged(schema, opened, number, str(error))
                break
        row += batch.num_rows


def _damaged(schema: pa.Schema, opened: _Opened, number: int, why: str) -> Block:
    n_read, n_lost = opened.sizes(number)
    damage = Damage(f"record batch {number}: {why}", n_read, n_lost)
    return Block(lines.empty(schema), np.zeros(0, np.int32), damage=damage)


class _Opened:
    """An Arrow file or stream: its schema, and its batches."""

    def __init__(self, path: str):
        try:
            if isinstance(path, Inside):
                self._source = pa.PythonFile(open_at_random(path), "r")
            else:
                source = pa.PythonFile(RemoteFile(path), "r") if is_remote(path) else arrow_source(opens(path))
                self._source = pa.memory_map(source) if isinstance(source, str) else source
            self._is_file = self._source.read(len(_MAGIC)) == _MAGIC
            if not self._is_file and is_remote(path):
                raise DataError(
                    f"{path} is an Arrow stream, or a damaged file: it can only be read from its start, which takes "
                    f"too long over a network; copy it here, or save it as Parquet"
                )
            self._n_bytes = self._source.size()
            self._source.seek(0)
            self._reader = (pa.ipc.open_file if self._is_file else pa.ipc.open_stream)(self._source)
            self.schema = self._reader.schema
        except (pa.ArrowException, OSError) as error:
            kind = DataError if getattr(error, "errno", None) else Unreadable
            raise kind(f"cannot read {path} as an Arrow IPC file or stream: {error}") from error

    def batches(self, first: int) -> Iterator[pa.RecordBatch | str]:
        """Yield the batches from number `first` on; in place of one that cannot be read, what was said."""
        if not self._is_file:
            yield from self._of_stream(first)
            return
        for number in range(first, self._reader.num_record_batches):
            try:
                batch = self._reader.get_batch(number)
                batch.validate()
            except (pa.ArrowException, OSError) as error:
                batch = str(error)
            yield batch

    def _of_stream(self, first: int) -> Iterator[pa.RecordBatch | str]:
        # Passing over a batch reads its header only, since the file is mapped.
        try:
            for number, batch in enumerate(self._reader):
                if number >= first:
                    batch.validate()
                    yield batch
        except (pa.ArrowException, OSError) as error:
            yield str(error)

    def sizes(self, number: int) -> tuple[int, int]:
        """Return how many bytes were read before a batch, and how many count as lost with it."""
        if self._is_file:
            share = self._n_bytes // max(1, self._reader.num_record_batches)
            return number * share, share
        n_read = min(self._source.tell(), self._n_bytes)
        return n_read, self._n_bytes - n_read or self._n_bytes
