"""Parquet: a row is a document. Splits are runs of row groups, which workers read themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from korpus.batch import MAX_ROWS
from korpus.errors import DataError, SchemaError, did_you_mean
from korpus.io.names import arrow_source
from korpus.io.readers import lines
from korpus.io.readers.base import Bad, Block, InputFile, ReadOptions, Split, raw_flaw, shown
from korpus.io.readers.values import cast
from korpus.io.remote import RemoteFile, is_remote, opens

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


def columns(file: InputFile, options: ReadOptions) -> dict[str, pa.DataType]:
    """Return the columns of a file and their types, dictionaries decoded."""
    with _open(file.path) as source:
        schema = source.schema_arrow
    check_text(schema, file.path, options)
    types = {column.name: plain_type(column.type) for column in schema}
    types[options.text] = pa.string()
    return types


def read(split: Split, chunk: None, schema: pa.Schema, options: ReadOptions) -> Iterator[Block]:
    """Yield the blocks of a split; what could not be read of a damaged row group is one reject, and one row."""
    with _open(split.path) as source:
        present = source.schema_arrow.names
        wanted = [options.text, *(name for name in schema.names if name in present and name != options.text)]
        known = {options.text, *schema.names}
        ignored = tuple(sorted(set(present) - known)) if options.keep is None else ()
        row = 0
        for group in range(split.start, split.stop):
            meta = source.metadata.row_group(group)
            # So few rows at a time that long documents do not add up, whatever their number.
            n = max(1, min(options.batch_rows, _BATCH_BYTES * meta.num_rows // max(1, meta.total_byte_size)))
            first = row
            batches = source.iter_batches(n, row_groups=[group], columns=wanted, use_threads=False)
            while True:
                try:
                    batch = next(batches, None)
                except (pa.ArrowException, OSError) as error:
                    if getattr(error, "errno", None):
                        raise DataError(f"cannot read {split.path}: {error}") from error
                    detail = f"row group {group}, from its row {row - first} of {meta.num_rows} on: {error}"
                    bad = Bad(row, "truncated_input", detail, "")
                    yield Block(lines.empty(schema), np.zeros(0, np.int32), [bad], 1)
                    row += 1
                    break
                if batch is None:
                    break
                yield make_block(batch, row, schema, options, ignored)
                row += batch.num_rows


def _open(path: str) -> pq.ParquetFile:
    try:
        if is_remote(path):
            # Columns are read in turns, each a buffer at a time: reading ahead would be in vain.
            source = pa.PythonFile(RemoteFile(path, ahead=0), "r")
            return pq.ParquetFile(source, pre_buffer=False, buffer_size=_REMOTE_BUFFER_BYTES)
        return pq.ParquetFile(arrow_source(opens(path)), pre_buffer=False, buffer_size=_BUFFER_BYTES)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"cannot read {path} as Parquet: {error}") from error


def plain_type(kind: pa.DataType) -> pa.DataType:
    """Return the type of a column once its dictionary is decoded."""
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def check_text(schema: pa.Schema, path: str, options: ReadOptions) -> None:
    """Raise `SchemaError` unless a file has the text column, of strings, and no column twice."""
    names, name = schema.names, options.text
    if name not in names:
        near = did_you_mean(name, names)
        raise SchemaError(f"{path} has no column {name!r}; its columns: {', '.join(names)}{near}")
    if twice := {column for column in names if names.count(column) > 1}:
        raise SchemaError(f"{path} has more than one column {min(twice)!r}")
    kind = plain_type(schema.field(name).type)
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        raise SchemaError(f"{path}: the text column {name!r} must be of type string, got {kind}")


def make_block(batch: pa.RecordBatch, row: int, schema: pa.Schema, options: ReadOptions, ignored: tuple) -> Block:
    """Return the block of some rows of a file that has types, the first of which is row `row` of the split."""
    n = batch.num_rows
    found = {name: _decoded(batch.column(name)) for name in batch.schema.names}
    flaws: dict[int, tuple[str, str]] = {}
    # What is wrong with the text counts before what is wrong with another column.
    texts = found[options.text].cast(pa.binary())
    for i in np.flatnonzero(_suspects(found[options.text], options.max_doc_bytes)).tolist():
        if flaw := _flaw(texts[i].as_py(), options):
            flaws[i] = flaw
    arrays = []
    for column in schema:
        array = found.get(column.name)
        if array is None:
            array = pa.nulls(n, column.type)
        if not _is_valid(array):
            for i in range(n):
                if not _is_valid(array.slice(i, 1)):
                    flaws.setdefault(i, ("invalid_utf8", f"column {column.name!r}"))
        array, failed = cast(array, column.type)
        for i in failed:
            flaws.setdefault(i, ("bad_value", f"column {column.name!r}: expected {column.type}"))
        arrays.append(array)
    good = np.ones(n, bool)
    good[list(flaws)] = False
    mask = pa.array(good)
    kept = [texts.filter(mask).cast(pa.string()), *(array.filter(mask) for array in arrays)]
    bad = [Bad(row + i, *flaws[i], shown(texts[i].as_py() or b"", options.max_doc_bytes)) for i in sorted(flaws)]
    made = pa.RecordBatch.from_arrays(kept, schema=lines.text_schema(schema))
    return Block(made, (np.flatnonzero(good) + row).astype(np.int32), bad, n, 0, ignored)


def _decoded(array: pa.Array) -> pa.Array:
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def _is_valid(array: pa.Array) -> bool:
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _suspects(texts: pa.Array, max_doc_bytes: int) -> np.ndarray:
    if not _is_valid(texts):
        return np.ones(len(texts), bool)
    lengths = pc.fill_null(pc.binary_length(texts), 0)
    odd = pc.or_(pc.or_(pc.equal(lengths, 0), pc.greater(lengths, max_doc_bytes)), pc.match_substring(texts, "\0"))
    return np.asarray(pc.fill_null(odd, True))


def _flaw(text: bytes | None, options: ReadOptions) -> tuple[str, str] | None:
    if text is None:
        return "missing_text", f"column {options.text!r} is null"
    if not text:
        return "empty_text", f"column {options.text!r} is an empty string"
    return raw_flaw(text, options.max_doc_bytes)
