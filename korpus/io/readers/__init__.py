"""Readers: from the user's files to batches of documents. One file a format, each with the same five functions.

``columns(file, options)`` names a file's columns; ``plan(file, options)`` cuts a file into splits that workers read
themselves, or returns None; then ``stream(file, options, skip)`` cuts it while reading; ``read(split, chunk, schema,
options)`` yields a split's blocks. Formats are imported when they are used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from korpus.batch import MAX_SPLITS
from korpus.errors import DataError, SchemaError, Unreadable, did_you_mean
from korpus.io.readers.base import REASONS, Bad, Block, Chunk, Damage, InputFile, ReadOptions, Split
from korpus.io.readers.discover import Found, discover, find_inputs
from korpus.io.readers.formats import BINARY, FORMATS, module

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "FORMATS",
    "REASONS",
    "Bad",
    "Block",
    "Chunk",
    "Damage",
    "Found",
    "InputFile",
    "ReadOptions",
    "Split",
    "all_splits",
    "discover",
    "find_inputs",
    "infer_schema",
    "plan_splits",
    "read_split",
    "stream_splits",
]

N_LISTED = 40
"""So many columns are named in an error; a table may have thousands."""
N_SAMPLED, N_MORE, MORE_BYTES = 5, 59, 1 << 16
"""The first files that are not empty, and as many more, evenly spread, with less of each, tell the columns of JSON."""
_WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})")


def infer_schema(files: list[InputFile], options: ReadOptions) -> pa.Schema:
    """Return the columns that are carried along, and their types, from the heads of the files.

    Columns of Parquet, Arrow and CSV are those of all files; of JSON, those of the first files and of a sample of the
    others. Types are merged (`korpus.io.readers.columns`): what has no type in common is a string that holds JSON text,
    except that a string stays itself. Dates in JSON stay strings; columns of CSV are strings. A column that the path of
    a file gives, ``site=naver/``, is of whole numbers if all its values are.

    Raises
    ------
    SchemaError
        If the text column or a column to keep does not exist.
    DataError
        If the files hold no documents, or none of them can be read.
    """
    import pyarrow as pa

    from korpus.io.readers.columns import merge, settle

    types: dict[str, pa.DataType | None] = {}
    n_found, flaw, lacking = 0, None, None
    for file, n_bytes in _sampled(files):
        try:
            if file.flaw:
                raise Unreadable(file.flaw)
            found = module(file.format).columns(file, options, n_bytes)
        except Unreadable as error:
            flaw = flaw or error
            continue
        except SchemaError as error:
            if file.format in BINARY:
                raise
            lacking = lacking or error
            continue
        n_found += found is not None
        for name, kind in (found or {}).items():
            types[name] = merge(types.get(name, pa.null()), kind)
    if not n_found:
        raise lacking or flaw or DataError(f"the input has no documents: {', '.join(file.path for file in files[:3])}")
    labels: dict[str, set] = {}
    for name, value in (label for file in files for label in file.labels):
        labels.setdefault(name, set()).add(value)
    for name, values in labels.items():
        are_numbers = all(value is None or _WHOLE_NUMBER.fullmatch(value) for value in values)
        types[name] = merge(types.get(name, pa.null()), pa.int64() if are_numbers else pa.string())
    # What several columns make up is there already where a reader has made it.
    texts = (options.text,) if options.text in types else options.texts
    for name in (*texts, *(options.keep or ())):
        if name not in types:
            if name in texts and lacking:
                raise lacking
            what = "input.text" if name in texts else "input.keep"
            listed = ", ".join(list(types)[:N_LISTED]) + (", …" if len(types) > N_LISTED else "")
            raise SchemaError(
                f"the documents have no column {name!r}, which {what} names; "
                f"their columns: {listed}{did_you_mean(name, types)}{_without_header(files, name, options)}"
            )
    kept = dict.fromkeys(
        options.keep if options.keep is not None else [name for name in types if name not in options.texts]
    )
    return pa.schema([(name, settle(types[name])) for name in kept if name != options.text])


def _sampled(files: list[InputFile]) -> Iterator[tuple[InputFile, int]]:
    """Yield the files to look into, and how much of each."""
    from korpus.io.readers.lines import HEAD_BYTES

    cheap = (*BINARY, "csv", "tsv")
    others = [file.index for file in files if file.format not in cheap]
    various = [file.index for file in files if file.format in ("json", "jsonl")][N_SAMPLED:]
    first, more = set(others[:N_SAMPLED]), set(various[:: max(1, -(-len(various) // N_MORE))])
    for file in files:
        if file.format in cheap or file.index in first:
            yield file, HEAD_BYTES
        elif file.index in more:
            yield file, MORE_BYTES


def _without_header(files: list[InputFile], name: str, options: ReadOptions) -> str:
    if name not in options.texts or options.columns or not all(file.format in ("csv", "tsv") for file in files):
        return ""
    return f"; if the first line is no header, name the columns: input.columns: [id, {name}, …]"


def plan_splits(file: InputFile, options: ReadOptions) -> list[Split] | None:
    """Cut a file into splits that can be read independently; None if it must be read from its start (`stream_splits`).

    Borders depend on the file and ``split_bytes`` alone.

    Raises
    ------
    Unreadable
        If nothing of the file can be read.
    """
    if file.flaw:
        raise Unreadable(file.flaw)
    return module(file.format).plan(file, options)


def stream_splits(
    file: InputFile, options: ReadOptions, skip: Callable[[int], bool]
) -> Iterator[tuple[Split, Chunk | None, int]]:
    """Cut a file into splits while reading it.

    Lines are cut where `plan_splits` would cut the same bytes in a plain file. A chunk of CSV ends at the last record
    end that is at most ``split_bytes`` from its start, or else at the first one. Of a line longer than
    ``max_doc_bytes`` only the beginning is held.

    Parameters
    ----------
    skip : function of int
        Whether the split of that index is not wanted; its chunk is None then.

    Yields
    ------
    split : Split
    chunk : Chunk or None
        The split's bytes, to be handed to `read_split`.
    n_consumed : int
        How many bytes of the file on disk have been read so far.

    Raises
    ------
    Unreadable
        If nothing of the file can be read.
    """
    return module(file.format).stream(file, options, skip)


def all_splits(
    file: InputFile,
    options: ReadOptions,
    skip: Callable[[int], bool] = lambda index: False,
    planned: list[Split] | None = None,
) -> Iterator[tuple[Split, Chunk | None, int]]:
    """Yield the splits of a file, whether they are planned or cut while reading; parameters as for `stream_splits`.

    Parameters
    ----------
    planned : list of Split, optional
        What `plan_splits` has returned, if it was asked already.

    Raises
    ------
    Unreadable
        If nothing of the file can be read.
    DataError
        If there are more than an id can number.
    """
    planned = planned or plan_splits(file, options)
    if planned is None:
        found = stream_splits(file, options, skip)
    else:
        found = ((split, None, file.n_bytes * i // len(planned)) for i, split in enumerate(planned, 1))
    for split, chunk, n_consumed in found:
        if split.index >= MAX_SPLITS:
            raise DataError(
                f"{file.path} makes more than {MAX_SPLITS:,} splits of {options.split_bytes:,} bytes, more than ids "
                f"can number; make input.split_bytes larger"
            )
        yield split, chunk, n_consumed


def read_split(split: Split, chunk: Chunk | None, schema: pa.Schema, options: ReadOptions) -> Iterator[Block]:
    """Read the documents of a split.

    Parameters
    ----------
    split : Split
    chunk : Chunk or None
        Its bytes, if it comes from `stream_splits`; None for one from `plan_splits`.
    schema : pa.Schema
        The columns carried along, from `infer_schema`.

    Yields
    ------
    Block
        In order; together they stand for every line or record of the split.
    """
    blocks = module(split.format).read(split, chunk, schema, options)
    labels = {name: value for name, value in split.labels if value is not None and name in schema.names}
    for block in blocks:
        if split.encoding != "utf-8":
            block = _in_encoding(block, split.encoding)
        yield _labelled(block, labels) if labels else block


def _in_encoding(block: Block, encoding: str) -> Block:
    # What is not UTF-8 after decoding is what could not be decoded.
    bad = [
        replace(each, reason="invalid_encoding", detail=f"not {encoding.upper()}, the encoding of its file")
        if each.reason == "invalid_utf8"
        else each
        for each in block.bad
    ]
    return replace(block, bad=bad)


def _labelled(block: Block, labels: dict[str, str]) -> Block:
    # What the path of a file says holds where the file itself says nothing.
    import pyarrow as pa
    import pyarrow.compute as pc

    batch = block.batch
    columns = list(batch.columns)
    for name, value in labels.items():
        at = batch.schema.get_field_index(name)
        columns[at] = pc.fill_null(columns[at], pa.scalar(value).cast(columns[at].type))
    return replace(block, batch=pa.RecordBatch.from_arrays(columns, schema=batch.schema))
