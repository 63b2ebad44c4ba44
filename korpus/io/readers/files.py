"""One text file, one document; its path is kept as column ``path``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa

from korpus.io.readers import lines
from korpus.io.readers.base import Bad, Block, Chunk, Damage, InputFile, ReadOptions, Split, raw_flaw, shown
from korpus.io.readers.source import open_source

PATH = "path"


def plan(file: InputFile, options: ReadOptions) -> None:
    """Return None: the file is read whole."""


def columns(file: InputFile, options: ReadOptions, n_bytes: int = 0) -> dict[str, pa.DataType]:
    """Return the columns: the text and the path."""
    return {options.text: pa.string(), PATH: pa.string()}


def stream(file: InputFile, options: ReadOptions, skip: Callable[[int], bool]) -> Iterator[lines.Streamed]:
    """Read the file as its one split; no more of it than shows that it is too long."""
    with open_source(file, options) as source:
        most = lines.held_bytes(options)
        data = b"" if skip(0) else source.read(most)
        split = Split.of(file, 0, 0, max(len(data), 1))
        chunk = None if skip(0) else Chunk(data, len(data) == most, Damage.of(file, source))
        yield split, chunk, file.n_bytes


def read(split: Split, chunk: Chunk, schema: pa.Schema, options: ReadOptions) -> Iterator[Block]:
    """Yield the one block of the file."""
    raw = chunk.data.removeprefix(lines.BOM)
    flaw = raw_flaw(raw, options.max_doc_bytes)
    if flaw is None and chunk.damage is not None and not chunk.damage.whole:
        flaw = "truncated_input", chunk.damage.why
    if flaw is None and not raw.strip():
        flaw = "empty_text", "the file is empty"
    if flaw:
        bad = Bad(0, *flaw, shown(raw, options.max_doc_bytes))
        yield Block(lines.empty(schema), np.zeros(0, np.int32), [bad], 1, damage=chunk.damage)
        return
    values = {PATH: str(split.path)}
    arrays = [pa.array([raw.decode()]), *(pa.array([values.get(column.name)], column.type) for column in schema)]
    batch = pa.RecordBatch.from_arrays(arrays, schema=lines.text_schema(schema))
    yield Block(batch, np.zeros(1, np.int32), [], 1, damage=chunk.damage)
