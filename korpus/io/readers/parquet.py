"""Parquet: a row is a document. Splits are runs of row groups, which workers read themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from korpus.batch import MAX_ROWS
from korpus.errors import DataError, Unreadable
from korpus.io.archives import open_at_random
from korpus.io.location import Inside, is_remote, opens
from korpus.io.names import arrow_source
from korpus.io.opening import RemoteFile
from korpus.io.readers import lines
from korpus.io.readers.base import Block, Damage, InputFile, ReadOptions, Split
from korpus.io.readers.tables import Table, check_text, types_of

_BATCH_BYTES = 8 << 20
_BUFFER_BYTES, _REMOTE_BUFFER_BYTES = 1 << 20, 4 << 20


def plan(file: InputFile, options: ReadOptions) -> list[Split]:
    """Cut a file into runs of row groups of about ``split_bytes`` before compression."""
    with _open(file.path) as source:
        check_text(source.schema_arrow, file.path, options)
        meta = source.metadata
        borders, size, n_rows = [0], 0, 0
        for group in range(meta.num_row_groups):
            rows, total = meta.row_group(group).num_rows, meta.row_group(group).total_byte_size
            if rows > MAX_ROWS:
                raise DataError(
                    f"{file.path}: row group {group} has {rows:,} rows, and korpus reads at most {MAX_ROWS:,} at once; "
                    f"write the file again with smaller row groups"
                )
            if group > borders[-1] and (size + total > options.split_bytes or n_rows + rows > MAX_ROWS):
                borders.append(group)
                size = n_rows = 0
            size, n_rows = size + total, n_rows + rows
    stops = [*borders[1:], meta.num_row_groups]
    return [Split.of(file, i, start, stop) for i, (start, stop) in enumerate(zip(borders, stops, strict=True)) if stop]


def stream(file: InputFile, options: ReadOptions, skip: Callable[[int], bool]) -> Iterator[lines.Streamed]:
    """Refuse: a Parquet file has splits."""
    raise NotImplementedError("Parquet files are not streamed")


def columns(file: InputFile, options: ReadOptions, n_bytes: int = 0) -> dict[str, pa.DataType | None]:
    """Return the columns of a file, in the types that they are carried along in."""
    with _open(file.path) as source:
        return types_of(source.schema_arrow, file.path, options)


def read(split: Split, chunk: None, schema: pa.Schema, options: ReadOptions) -> Iterator[Block]:
    """Yield the blocks of a split; what could not be read of a damaged row group is damage of the file."""
    with _open(split.path) as source:
        table = Table(source.schema_arrow, schema, options)
        meta = source.metadata
        row = 0
        for number in range(split.start, split.stop):
            group = meta.row_group(number)
            # So few rows at a time that long documents do not add up, whatever their number.
            n = max(1, min(options.batch_rows, _BATCH_BYTES * group.num_rows // max(1, group.total_byte_size)))
            first = row
            batches = source.iter_batches(n, row_groups=[number], columns=table.wanted, use_threads=False)
            while True:
                try:
                    batch = next(batches, None)
                    if batch is None:
                        break
                    block = table.block(batch, row)
                except (pa.ArrowException, OSError, Unreadable) as error:
                    if getattr(error, "errno", None):
                        raise DataError(f"cannot read {split.path}: {error}") from error
                    why = f"row group {number}, from its row {row - first} of {group.num_rows} on: {error}"
                    yield Block(
                        lines.empty(schema),
                        np.zeros(0, np.int32),
                        damage=_damage(split, number, group, row - first, why),
                    )
                    break
                yield block
                row += batch.num_rows


def _damage(split: Split, number: int, group: pq.RowGroupMetaData, n_rows: int, why: str) -> Damage:
    sizes = [group.column(i).total_compressed_size for i in range(group.num_columns)]
    size = max(1, sum(sizes))
    n_read = size * n_rows // max(1, group.num_rows)
    return Damage(why, n_read, size - n_read)


def _open(path: str) -> pq.ParquetFile:
    try:
        if isinstance(path, Inside):
            return pq.ParquetFile(pa.PythonFile(open_at_random(path), "r"), pre_buffer=False)
        if is_remote(path):
            # Columns are read in turns, each a buffer at a time: reading ahead would be in vain.
            source = pa.PythonFile(RemoteFile(path, ahead=0), "r")
            return pq.ParquetFile(source, pre_buffer=False, buffer_size=_REMOTE_BUFFER_BYTES)
        return pq.ParquetFile(arrow_source(opens(path)), pre_buffer=False, buffer_size=_BUFFER_BYTES)
    except (pa.ArrowException, OSError) as error:
        kind = DataError if getattr(error, "errno", None) else Unreadable
        raise kind(f"cannot read {path} as Parquet: {error}") from error
