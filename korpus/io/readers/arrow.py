"""Arrow IPC, files and streams, and with them saved HF datasets: a row is a document.

Local files are mapped into memory; splits are runs of record batches, which workers read themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa

from korpus.batch import MAX_ROWS
from korpus.errors import DataError
from korpus.io.names import arrow_source
from korpus.io.readers import lines
from korpus.io.readers.base import Bad, Block, InputFile, ReadOptions, Split
from korpus.io.readers.parquet import check_text, make_block, plain_type
from korpus.io.remote import RemoteFile, is_remote, opens

_MAGIC = b"ARROW1"
_BATCH_BYTES = 8 << 20


def plan(file: InputFile, options: ReadOptions) -> list[Split]:
    """Cut a file into runs of record batches of about ``split_bytes``; of a damaged stream, up to the damage."""
    schema, batches = _open(file.path)
    check_text(schema, file.path, options)
    borders, size, n_rows, number = [0], 0, 0, 0
    for number, batch in enumerate(batches, 1):
        # What could not be read is a batch of its own; its reader meets the error again.
        rows, total = (1, 0) if isinstance(batch, str) else (batch.num_rows, batch.nbytes)
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


def columns(file: InputFile, options: ReadOptions) -> dict[str, pa.DataType]:
    """Return the columns of a file and their types, dictionaries decoded."""
    schema, _ = _open(file.path)
    check_text(schema, file.path, options)
    types = {column.name: plain_type(column.type) for column in schema}
    types[options.text] = pa.string()
    return types


def read(split: Split, chunk: None, schema: pa.Schema, options: ReadOptions) -> Iterator[Block]:
    """Yield the blocks of a split; what could not be read of a damaged file is one reject, and one row."""
    found, batches = _open(split.path, split.start)
    wanted = [options.text, *(name for name in schema.names if name in found.names and name != options.text)]
    ignored = tuple(sorted(set(found.names) - {options.text, *schema.names})) if options.keep is None else ()
    row = 0
    for number in range(split.start, split.stop):
        batch = next(batches)
        if isinstance(batch, str):
            bad = Bad(row, "truncated_input", f"from record batch {number} on: {batch}", "")
            yield Block(lines.empty(schema), np.zeros(0, np.int32), [bad], 1)
            return
        batch = batch.select(wanted)
        # So few rows at a time that long documents do not add up, whatever their number.
        n = max(1, min(options.batch_rows, _BATCH_BYTES * batch.num_rows // max(1, batch.nbytes)))
        for at in range(0, batch.num_rows, n):
            part = batch.slice(at, n)
            yield make_block(part, row, schema, options, ignored)
            row += part.num_rows


def _open(path: str, first: int = 0) -> tuple[pa.Schema, Iterator[pa.RecordBatch | str]]:
    # The schema, and the batches from number `first` on; where one cannot be read, what was said, and no more.
    try:
        source = pa.PythonFile(RemoteFile(path), "r") if is_remote(path) else arrow_source(opens(path))
        source = pa.memory_map(source) if isinstance(source, str) else source
        is_file = source.read(len(_MAGIC)) == _MAGIC
        if not is_file and is_remote(path):
            raise DataError(
                f"{path} is an Arrow stream, or a damaged file: it can only be read from its start, which takes too "
                f"long over a network; copy it here, or save it as Parquet"
            )
        source.seek(0)
        reader = pa.ipc.open_file(source) if is_file else pa.ipc.open_stream(source)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"cannot read {path} as an Arrow IPC file or stream: {error}") from error
    return reader.schema, _of_file(reader, first) if is_file else _of_stream(reader, first)


def _of_file(reader: pa.ipc.RecordBatchFileReader, first: int) -> Iterator[pa.RecordBatch | str]:
    try:
        for number in range(first, reader.num_record_batches):
            yield reader.get_batch(number)
    except (pa.ArrowException, OSError) as error:
        yield str(error)


def _of_stream(reader: pa.ipc.RecordBatchStreamReader, first: int) -> Iterator[pa.RecordBatch | str]:
    # Passing over a batch reads its header only, since the file is mapped.
    try:
        for number, batch in enumerate(reader):
            if number >= first:
                yield batch
    except (pa.ArrowException, OSError) as error:
        yield str(error)
