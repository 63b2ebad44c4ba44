"""Files made of lines: how they are cut into splits, chunks and blocks.

Files are cut at fixed offsets of their UTF-8 bytes, and a line belongs to the split in which its first byte lies. The
splits of a plain file are read by the workers themselves; one that is compressed or in another encoding is cut by the
reading process, in the same places.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from korpus.batch import TEXT
from korpus.errors import DataError, Unreadable
from korpus.io.compress import Source
from korpus.io.location import Inside
from korpus.io.opening import open_input
from korpus.io.readers.base import Bad, Block, Chunk, Damage, InputFile, ReadOptions, Split, raw_flaw, shown
from korpus.io.readers.source import open_source

BOM = b"\xef\xbb\xbf"
BLOCK_BYTES = 1 << 20
HEAD_BYTES = 1 << 20
_PIECE_BYTES = 1 << 20
_NEAR_BYTES = 1 << 16

Streamed = tuple[Split, "Chunk | None", int]
Parser = Callable[[bytes, int], Iterator[Block]]


def held_bytes(options: ReadOptions) -> int:
    """Return how much of a line that is too long is kept: enough to see that, and to show its beginning."""
    return max(options.max_doc_bytes, 4096) + 2


def plan(file: InputFile, options: ReadOptions, first: int = 0) -> list[Split] | None:
    """Cut a plain file at fixed offsets from byte `first` on; None if it is compressed, packed or not in UTF-8."""
    packed = isinstance(file.path, Inside) and not file.path.member.in_place
    if packed or file.compression or file.encoding != "utf-8":
        return None
    starts = range(first, file.n_bytes, options.split_bytes)
    stops = (min(start + options.split_bytes, file.n_bytes) for start in starts)
    return [Split.of(file, index, start, stop) for index, (start, stop) in enumerate(zip(starts, stops, strict=True))]


def load(split: Split, options: ReadOptions) -> Chunk:
    """Read the lines that start in a split of a plain file."""
    most = split.stop + held_bytes(options)
    try:
        with open_input(split.path, (max(split.start - 1, 0), split.stop + _NEAR_BYTES)) as file:
            start = _next_line(file, split.start, split.stop)
            if start is None or start >= split.stop:
                return Chunk(b"")
            stop = _next_line(file, split.stop, most)
            file.seek(start)
            return Chunk(file.read((stop or most) - start), cut=stop is None)
    except OSError as error:
        raise DataError(f"cannot read {split.path}: {error.strerror or error}") from error


def _next_line(file: BinaryIO | io.RawIOBase, at: int, most: int) -> int | None:
    # Where the first line that begins at byte `at` or later does, or the file ends; None if not before `most`.
    if at == 0:
        return 0
    at -= 1
    file.seek(at)
    while at < most:
        piece = file.read(_NEAR_BYTES)
        if end := piece.find(b"\n") + 1:
            return at + end
        if not piece:
            return at
        at += len(piece)
    return None


def grow(stream: Source, data: bytes, n: int) -> bytes:
    """Return `data`, continued from the stream to `n` bytes."""
    return data + stream.read(n - len(data)) if len(data) < n else data


def skip_line(stream: Source, piece: bytes) -> tuple[int, bytes]:
    """Drop bytes up to the next line end, first those of `piece`; return how many, and what was read beyond."""
    n = 0
    while True:
        if end := piece.find(b"\n") + 1:
            return n + end, piece[end:]
        n += len(piece)
        piece = stream.read(_PIECE_BYTES)
        if not piece:
            return n, b""


def stream(file: InputFile, options: ReadOptions, skip: Callable[[int], bool]) -> Iterator[Streamed]:
    """Cut a file while reading it; see `korpus.io.readers.stream_splits`."""
    with open_source(file, options) as source:
        yield from cut(source, file, options, skip)


def cut(
    source: Source,
    file: InputFile,
    options: ReadOptions,
    skip: Callable[[int], bool],
    first: int = 0,
) -> Iterator[Streamed]:
    """Cut what a stream gives from byte `first` on into splits of whole lines, as `plan` would cut the same bytes."""
    size, start = options.split_bytes, first
    rest = grow(source, b"", first)[first:]
    while True:
        # The line that begins at `start` tells which split comes next; one without any is left out.
        index = (start - first) // size
        border = first + (index + 1) * size - start
        data, stop = rest, 0
        for most in (border + _NEAR_BYTES, border + held_bytes(options)):
            data = grow(source, data, most)
            if stop := data.find(b"\n", border - 1) + 1:
                break
            if len(data) < most:
                break
        at_end = not stop and len(data) < most
        is_cut, n_skipped = not stop and not at_end, 0
        stop = stop or (len(data) if at_end else most)
        rest = data[stop:]
        if is_cut:
            n_skipped, rest = skip_line(source, rest)
        if not stop and source.error is None:
            return
        split = Split.of(file, index, start, start + stop + n_skipped)
        chunk = None if skip(index) else Chunk(data[:stop], is_cut, Damage.of(file, source) if at_end else None)
        yield split, chunk, source.consumed()
        start = split.stop
        if at_end:
            return


def head(file: InputFile, options: ReadOptions, n_bytes: int = HEAD_BYTES) -> bytes:
    """Return the first whole lines of a file, about `n_bytes` of them.

    Raises
    ------
    Unreadable
        If there are none because the file is damaged.
    """
    with open_source(file, options) as source:
        data = grow(source, b"", n_bytes + 1)
        if len(data) > n_bytes and b"\n" not in data:
            data = grow(source, data, held_bytes(options))
        if source.error is not None and not data.strip():
            raise Unreadable(f"{file.path}: {source.error}")
        if len(data) > n_bytes or (source.error is not None and not source.whole):
            data = data[: data.rfind(b"\n") + 1]
    return data.removeprefix(BOM)


def blocks(data: bytes, size: int, stop: int | None = None) -> Iterator[bytes]:
    """Cut the first `stop` bytes into runs of whole lines of at most `size` bytes each, or of one longer line."""
    at, stop = 0, len(data) if stop is None else stop
    while at < stop:
        end = stop
        if stop - at > size:
            end = data.rfind(b"\n", at, at + size) + 1 or data.find(b"\n", at, stop) + 1 or stop
        yield data[at:end]
        at = end


def find(data: bytes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Find the lines of some bytes.

    Returns
    -------
    view : uint8, shape (n_bytes,)
        The bytes.
    starts, ends : int32, shape (n_lines,)
        Line i is ``data[starts[i]:ends[i]]``, without its ``\n`` or ``\r\n``.
    """
    view = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(view == 10).astype(np.int32)
    n_ended = len(ends)
    if data and not data.endswith(b"\n"):
        ends = np.append(ends, np.int32(len(data)))
    starts = np.zeros(len(ends), np.int32)
    starts[1:] = ends[:-1] + 1
    ended = ends[:n_ended]
    ended -= (ended > starts[:n_ended]) & (view[ended - 1] == 13)
    return view, starts, ends


def is_utf8(data: bytes) -> bool:
    """Tell whether bytes are valid UTF-8; twice as fast as decoding them."""
    offsets = pa.py_buffer(np.array([0, len(data)], np.int32))
    try:
        pa.StringArray.from_buffers(1, offsets, pa.py_buffer(data)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def text_schema(schema: pa.Schema) -> pa.Schema:
    """Return the schema of a block: the text, then the kept columns."""
    return pa.schema([pa.field(TEXT, pa.string()), *schema])


def empty(schema: pa.Schema) -> pa.RecordBatch:
    """Return a batch of no documents."""
    made = text_schema(schema)
    return pa.RecordBatch.from_arrays([pa.array([], column.type) for column in made], schema=made)


def sliced(block: Block, batch_rows: int) -> Iterator[Block]:
    """Yield `block` as blocks of at most `batch_rows` documents."""
    n = block.batch.num_rows
    if n <= batch_rows:
        yield block
        return
    # The first part answers for what is bad and blank.
    n_rows = block.n_rows - n
    for at in range(0, n, batch_rows):
        batch, rows = block.batch.slice(at, batch_rows), block.rows[at : at + batch_rows]
        if at == 0:
            yield replace(block, batch=batch, rows=rows, n_rows=len(rows) + n_rows)
        else:
            yield Block(batch, rows, n_rows=len(rows))


def last_bad(raw: bytes, row: int, chunk: Chunk, max_doc_bytes: int) -> Bad:
    """Return the reject for the last line of a chunk that does not hold it whole."""
    if chunk.damage is not None:
        return Bad(row, "truncated_input", chunk.damage.why, shown(raw, max_doc_bytes))
    flaw = raw_flaw(raw, max_doc_bytes)
    assert flaw is not None, "a chunk only ends within a line that is too long"
    return Bad(row, *flaw, shown(raw, max_doc_bytes))


def ending(raw: bytes, row: int, chunk: Chunk, schema: pa.Schema, options: ReadOptions) -> Block:
    """Return the last block of a chunk that ends within a line, or where its file is damaged."""
    bad = [last_bad(raw, row, chunk, options.max_doc_bytes)] if raw.strip() or chunk.cut else []
    return Block(empty(schema), np.zeros(0, np.int32), bad, len(bad), damage=chunk.damage)


def read(
    split: Split,
    chunk: Chunk | None,
    schema: pa.Schema,
    options: ReadOptions,
    parse: Parser,
    is_whole: Callable[[bytes], bool] = lambda line: False,
) -> Iterator[Block]:
    """Read a split, a block of whole lines at a time.

    Parameters
    ----------
    parse : function of (bytes, int)
        Yields the blocks of some whole lines, the first of which is the given row of the split.
    is_whole : function of bytes
        Whether the last line before the damage of a file is a document; else it is rejected.
    """
    chunk = chunk or load(split, options)
    data = chunk.data.removeprefix(BOM) if split.start == 0 else chunk.data
    stop, row = len(data), 0
    if chunk.cut or (chunk.damage is not None and not chunk.damage.whole):
        stop = data.rfind(b"\n") + 1
        stop = stop if chunk.cut or not is_whole(data[stop:]) else len(data)
    for part in blocks(data, BLOCK_BYTES, stop):
        for block in parse(part, row):
            row += block.n_rows
            yield from sliced(block, options.batch_rows)
    if chunk.cut or chunk.damage is not None:
        yield ending(data[stop:], row, chunk, schema, options)
