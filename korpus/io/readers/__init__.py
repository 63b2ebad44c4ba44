"""Readers: from the user's files to batches of documents. One file a format, each with the same five functions.

``columns(file, options)`` names a file's columns; ``plan(file, options)`` cuts a file into splits that workers read
themselves, or returns None; then ``stream(file, options, skip)`` cuts it while reading; ``read(split, chunk, schema,
options)`` yields a split's blocks. Formats are imported when they are used.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING

from korpus.errors import DataError, SchemaError, did_you_mean
from korpus.io.readers.base import REASONS, Bad, Block, Chunk, InputFile, ReadOptions, Split
from korpus.io.readers.discover import BINARY, FORMATS, discover

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "FORMATS",
    "REASONS",
    "Bad",
    "Block",
    "Chunk",
    "InputFile",
    "ReadOptions",
    "Split",
    "discover",
    "infer_schema",
    "plan_splits",
    "read_split",
    "stream_splits",
]

N_SAMPLED = 5
"""So many files, the first that are not empty, tell the schema."""


def _format(name: str) -> ModuleType:
    return importlib.import_module(f"korpus.io.readers.{'delimited' if name in ('csv', 'tsv') else name}")


def infer_schema(files: list[InputFile], options: ReadOptions) -> pa.Schema:
    """Return the columns that are carried along, and their types, from the heads of the first few files.

    JSON values are bool, int64, double, string, list or struct where all documents agree, integers and floats being
    doubles, and objects agreeing if they have the same keys; other columns are strings that hold JSON text, except
    that a string stays itself. Dates stay strings. CSV columns are strings; Parquet columns have the file's types.

    Raises
    ------
    SchemaError
        If the text column or a column to keep does not exist.
    DataError
        If the files hold no documents.
    """
    import pyarrow as pa

    from korpus.io.readers.values import merge, settle

    types: dict[str, pa.DataType | None] = {}
    n_sampled, flaw = 0, None
    for file in files:
        try:
            found = _format(file.format).columns(file, options)
        except DataError as error:
            if file.format in BINARY:
                raise
            flaw = flaw or error
            continue
        for name, kind in (found or {}).items():
            types[name] = merge(types.get(name, pa.null()), kind)
        n_sampled += found is not None
        if n_sampled == N_SAMPLED:
            break
    if not n_sampled:
        raise flaw or DataError(f"the input has no documents: {', '.join(file.path for file in files[:3])}")
    for name in (options.text, *(options.keep or ())):
        if name not in types:
            what = "input.text" if name == options.text else "input.keep"
            raise SchemaError(
                f"the documents have no column {name!r}, which {what} names; "
                f"their columns: {', '.join(types)}{did_you_mean(name, types)}"
            )
    kept = dict.fromkeys(types if options.keep is None else options.keep)
    return pa.schema([(name, settle(types[name])) for name in kept if name != options.text])


def plan_splits(file: InputFile, options: ReadOptions) -> list[Split] | None:
    """Cut a file into splits that can be read independently; None if it must be read from its start (`stream_splits`).

    Borders depend on the file and ``split_bytes`` alone.
    """
    return _format(file.format).plan(file, options)


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
    """
    return _format(file.format).stream(file, options, skip)


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
    blocks = _format(split.format).read(split, chunk, schema, options)
    return blocks if split.encoding == "utf-8" else _in_encoding(blocks, split.encoding)


def _in_encoding(blocks: Iterator[Block], encoding: str) -> Iterator[Block]:
    # What is not UTF-8 after decoding is what could not be decoded.
    for block in blocks:
        bad = [
            replace(each, reason="invalid_encoding", detail=f"not {encoding.upper()}, the encoding of its file")
            if each.reason == "invalid_utf8"
            else each
            for each in block.bad
        ]
        yield replace(block, bad=bad)
