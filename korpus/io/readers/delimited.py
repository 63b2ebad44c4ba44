"""CSV and TSV: a record is a document, the header names the columns, and every value is a string.

A line end inside quotes does not end a record, so that no border can be found without reading from the start: such
files are always cut while reading. A quote that is never closed would swallow the rest of the file; then only the line
that it stands in is rejected, and reading goes on with the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa

from korpus.batch import string_array
from korpus.errors import DataError, SchemaError
from korpus.io.compress import ByteStream, ConvertedStream
from korpus.io.readers import lines
from korpus.io.readers.base import Bad, Block, Chunk, InputFile, ReadOptions, Split, raw_flaw, shown
from korpus.io.readers.source import open_source
from korpus.io.readers.values import cast
from korpus.kernels import delimited as kernel

_CELLS = 1 << 20


def plan(file: InputFile, options: ReadOptions) -> None:
    """Return None: the file's splits are only known while reading."""


def columns(file: InputFile, options: ReadOptions) -> dict[str, pa.DataType] | None:
    """Return the columns of a file, all of them strings; None when it is empty."""
    with open_source(file, options) as source:
        header, _, _ = _header(source, file, options)
    return dict.fromkeys(header, pa.string()) or None


def stream(file: InputFile, options: ReadOptions, skip: Callable[[int], bool]) -> Iterator[lines.Streamed]:
    """Cut a file while reading it; see `korpus.io.readers.stream_splits`."""
    size, most = options.split_bytes, max(options.split_bytes, lines.held_bytes(options))
    with open_source(file, options) as source:
        header, start, rest = _header(source, file, options)
        for index in range(1 << 62):
            seen = size
            data = lines.grow(source, rest, seen + 1)
            stop, is_open = _end(data[: seen + 1], file, options)
            if not stop and len(data) > seen:
                seen = most
                data = lines.grow(source, data, seen + 1)
                stop, is_open = _end(data[: seen + 1], file, options)
            is_last = len(data) <= seen
            if is_open and source.error is None and (is_last or not stop):
                # Up to the record with the open quote; if that is the first, up to its first line end.
                stop = stop or data.find(b"\n", 0, seen + 1) + 1
            elif is_last:
                stop = len(data)
            n_skipped, cut = 0, not stop and not is_last
            stop = stop or min(len(data), seen + 1)
            at_end, rest = is_last and stop == len(data), data[stop:]
            if cut:
                n_skipped, rest = lines.skip_line(source, rest)
            if not stop and source.error is None:
                return
            split = Split.of(file, index, start, start + stop + n_skipped)
            error = source.error if at_end else None
            yield split, None if skip(index) else Chunk(data[:stop], cut, error, header), source.consumed()
            start = split.stop
            if at_end:
                return


def read(split: Split, chunk: Chunk, schema: pa.Schema, options: ReadOptions) -> Iterator[Block]:
    """Yield the blocks of a split."""
    reader = _Reader(chunk, split, schema, options)
    at = row = 0
    while at < reader.stop:
        at, block = reader.block(at, row)
        row += block.n_rows
        yield block
    if chunk.cut or chunk.error is not None:
        bad = lines.last_bad(chunk.data[reader.stop :], row, chunk, options.max_doc_bytes)
        yield Block(lines.empty(schema), np.zeros(0, np.int32), [bad], 1)


def _delimiter(format: str, options: ReadOptions) -> int:
    return ord(options.delimiter or ("\t" if format == "tsv" else ","))


def _end(data: bytes, file: InputFile, options: ReadOptions) -> tuple[int, bool]:
    return kernel.last_record_end(_view(data), options.split_bytes, _delimiter(file.format, options))


def _view(data: bytes) -> np.ndarray:
    return np.frombuffer(data, np.uint8)


def _header(
    source: ByteStream | ConvertedStream, file: InputFile, options: ReadOptions
) -> tuple[tuple[str, ...], int, bytes]:
    # Returns the column names, the place of the first record, and what has been read from there on.
    data = lines.grow(source, b"", lines.HEAD_BYTES)
    at = 3 if data.startswith(lines.BOM) else 0
    body = data[at:]
    at += len(body) - len(body.lstrip(b"\r\n"))
    end, _ = kernel.last_record_end(_view(data[at:]), 0, _delimiter(file.format, options))
    end = at + end if end else len(data)
    raw = data[at:end].rstrip(b"\r\n")
    if not raw:
        return (), end, data[end:]
    try:
        names = _split(raw, file, options)
    except UnicodeDecodeError as error:
        what = file.encoding.upper()
        raise DataError(f"{file.path}: the header is not {what} ({error.reason}); give input.encoding") from None
    wanted = {options.text, *(names if options.keep is None else options.keep)}
    if twice := sorted(name for name in wanted if names.count(name) > 1):
        raise SchemaError(f"{file.path}: the header names column {twice[0]!r} more than once")
    return names, end, data[end:]


def _split(raw: bytes, file: InputFile, options: ReadOptions) -> tuple[str, ...]:
    view, n = _view(raw), len(raw) + 1
    bounds, escaped = np.zeros((n, 1, 2), np.int32), np.zeros((n, 1), np.bool_)
    n_fields, flaws, stops = np.zeros(1, np.int32), np.zeros(1, np.uint8), np.zeros(1, np.int32)
    slots = np.arange(n, dtype=np.int32)
    kernel.scan_records(view, 0, _delimiter(file.format, options), slots, bounds, escaped, n_fields, flaws, stops)
    names = np.arange(n_fields[0])
    offsets, data = kernel.gather(view, bounds[:, 0], escaped[:, 0], names)
    return tuple(data[a:b].tobytes().decode() for a, b in zip(offsets[:-1], offsets[1:], strict=True))


class _Reader:
    def __init__(self, chunk: Chunk, split: Split, schema: pa.Schema, options: ReadOptions):
        self.data, self.view, self.header = chunk.data, _view(chunk.data), chunk.header
        self.delimiter = _delimiter(split.format, options)
        self.schema, self.options = schema, options
        self.stop = len(self.data)
        if chunk.cut:
            self.stop = 0
        elif chunk.error is not None:
            self.stop, _ = kernel.last_record_end(self.view, len(self.data), self.delimiter)
        self.view = self.view[: self.stop]
        self.names = [options.text, *(name for name in schema.names if name != options.text)]
        self.slots = np.full(len(self.header), -1, np.int32)
        for slot, name in enumerate(self.names):
            if name in self.header:
                self.slots[self.header.index(name)] = slot
        self.ignored = ()
        if options.keep is None:
            self.ignored = tuple(sorted(set(self.header) - set(self.names)))
        # Few enough records at a time that the bounds of their fields take little memory, however many columns.
        n = max(1, min(options.batch_rows, _CELLS // len(self.names)))
        self.bounds = np.zeros((len(self.names), n, 2), np.int32)
        self.escaped = np.zeros((len(self.names), n), np.bool_)
        self.n_fields, self.flaws = np.zeros(n, np.int32), np.zeros(n, np.uint8)
        self.stops = np.zeros(n, np.int32)

    def block(self, at: int, row: int) -> tuple[int, Block]:
        """Parse the records from byte `at` on; return where they end, and their block."""
        n = kernel.scan_records(
            self.view, at, self.delimiter, self.slots, self.bounds, self.escaped, self.n_fields, self.flaws, self.stops
        )
        starts = np.concatenate([[at], self.stops[: n - 1]])
        stops, end = self.stops[:n], int(self.stops[n - 1])
        has_text = self.options.text in self.header
        is_empty = self.bounds[0, :n, 0] == self.bounds[0, :n, 1]
        suspects = (self.n_fields[:n] != len(self.header)) | (self.flaws[:n] != 0) | is_empty
        suspects |= stops - starts > self.options.max_doc_bytes
        suspects |= (self.n_fields[:n] == 1) & (self.view[starts] <= 32)
        region = self.data[at:end]
        if not has_text or b"\0" in region or not lines.is_utf8(region):
            suspects[:] = True
        good, bad, n_blank = np.ones(n, bool), [], 0
        for i in np.flatnonzero(suspects).tolist():
            raw = self._raw(starts, stops, i)
            if self.n_fields[i] == 1 and not raw.strip():
                good[i] = False
                n_blank += 1
            elif flaw := self._flaw(raw, i):
                good[i] = False
                bad.append(Bad(row + i, *flaw, shown(raw, self.options.max_doc_bytes)))
        rows = np.flatnonzero(good)
        arrays, misfits = [self._column(self.options.text, rows)], {}
        for column in self.schema:
            array, failed = cast(self._column(column.name, rows), column.type)
            arrays.append(array)
            for at in failed:
                misfits.setdefault(at, f"column {column.name!r}: expected {column.type}")
        batch = pa.RecordBatch.from_arrays(arrays, schema=lines.text_schema(self.schema))
        if misfits:
            for at, detail in misfits.items():
                good[rows[at]] = False
                raw = self._raw(starts, stops, rows[at])
                bad.append(Bad(row + int(rows[at]), "bad_value", detail, shown(raw, self.options.max_doc_bytes)))
            bad.sort(key=lambda reject: reject.row)
            batch, rows = batch.filter(pa.array(good[rows])), np.flatnonzero(good)
        return end, Block(batch, (rows + row).astype(np.int32), bad, n, n_blank, self.ignored)

    def _raw(self, starts: np.ndarray, stops: np.ndarray, i: int) -> bytes:
        raw = self.data[starts[i] : stops[i]]
        return raw.removesuffix(b"\n").removesuffix(b"\r") if raw.endswith(b"\n") else raw

    def _column(self, name: str, rows: np.ndarray) -> pa.Array:
        if name not in self.header:
            return pa.nulls(len(rows), pa.string())
        slot = self.names.index(name)
        return string_array(*kernel.gather(self.view, self.bounds[slot], self.escaped[slot], rows))

    def _flaw(self, raw: bytes, i: int) -> tuple[str, str] | None:
        if flaw := raw_flaw(raw, self.options.max_doc_bytes):
            return flaw
        if self.flaws[i] & kernel.OPEN:
            return "bad_csv", "a quote is opened and not closed"
        if self.flaws[i] & kernel.AFTER_QUOTE:
            return "bad_csv", "a closing quote is followed by something else than the end of its field"
        if self.n_fields[i] != len(self.header):
            return "bad_csv", f"expected {len(self.header)} fields, got {self.n_fields[i]}"
        if self.options.text not in self.header:
            return "missing_text", f"the file has no column {self.options.text!r}"
        if self.bounds[0, i, 0] == self.bounds[0, i, 1]:
            return "empty_text", f"column {self.options.text!r} is empty"
        return None
