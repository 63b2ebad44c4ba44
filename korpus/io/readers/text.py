"""Plain text: a line is a document."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from korpus.io.readers import lines
from korpus.io.readers.base import Bad, Block, Chunk, InputFile, ReadOptions, Split, raw_flaw, shown

plan, stream = lines.plan, lines.stream


def columns(file: InputFile, options: ReadOptions, n_bytes: int = 0) -> dict[str, pa.DataType]:
    """Return the columns of a text file: the text alone."""
    return {options.text: pa.string()}


def read(split: Split, chunk: Chunk | None, schema: pa.Schema, options: ReadOptions) -> Iterator[Block]:
    """Yield the blocks of a split."""
    most = options.max_doc_bytes
    out_schema = lines.text_schema(schema)

    def parse(data: bytes, row: int) -> Iterator[Block]:
        view, starts, ends = lines.find(data)
        n = len(starts)
        good = ends > starts
        n_blank, bad = n - int(np.count_nonzero(good)), []
        for i in np.flatnonzero(good & (view[starts] <= 32)):
            if not data[starts[i] : ends[i]].strip():
                good[i] = False
                n_blank += 1
        suspects = good & (ends - starts > most)
        if b"\0" in data or not lines.is_utf8(data):
            suspects = good.copy()
        for i in np.flatnonzero(suspects):
            raw = data[starts[i] : ends[i]]
            if flaw := raw_flaw(raw, most):
                good[i] = False
                bad.append(Bad(row + int(i), *flaw, shown(raw, most)))
        kept = np.flatnonzero(good)
        texts = _strings(data, starts, ends, kept)
        # A column that other files of the input have is empty here.
        batch = pa.RecordBatch.from_arrays(
            [texts, *(pa.nulls(len(texts), column.type) for column in schema)], schema=out_schema
        )
        yield Block(batch, (kept + row).astype(np.int32), bad, n, n_blank)

    return lines.read(split, chunk, schema, options, parse)


def _strings(data: bytes, starts: np.ndarray, ends: np.ndarray, kept: np.ndarray) -> pa.StringArray:
    # Lines and what lies between them, alternately, are one string array over the bytes as they are: take every
    # other string of it, which copies each line once.
    offsets = np.empty(2 * len(starts) + 1, np.int32)
    offsets[:-1:2], offsets[1::2], offsets[-1] = starts, ends, len(data)
    both = pa.StringArray.from_buffers(2 * len(starts), pa.py_buffer(offsets), pa.py_buffer(data))
    take = pa.Array.from_buffers(pa.int32(), len(kept), [None, pa.py_buffer((2 * kept).astype(np.int32))])
    return both.take(take)
