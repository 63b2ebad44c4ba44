"""CSV, TSV and their kin: a record is a document, the header names the columns, and every value is a string.

What separates the fields, whether they are quoted and what ends a line is told from the beginning of the file, or
declared (`Form`). Where nothing is quoted a record is a line, and such files are cut like any file of lines. Elsewhere
a line end inside of quotes does not end a record, so that they are cut while reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from korpus.batch import string_array
from korpus.errors import SchemaError, Unreadable
from korpus.io.compress import ByteStream, ConvertedStream, Source
from korpus.io.readers import lines
from korpus.io.readers.base import Bad, Block, Chunk, Damage, InputFile, ReadOptions, Split, raw_flaw, shown
from korpus.io.readers.columns import convert
from korpus.io.readers.source import open_source
from korpus.io.readers.texts import joined
from korpus.kernels import delimited as kernel

_CELLS = 1 << 20
_DELIMITERS = {"tsv": "\t,;|", "csv": ",;\t|"}
_N_TELLING = 50
_NULL = "\\N"


@dataclass(frozen=True)
class Form:
    r"""How a file is written.

    Attributes
    ----------
    delimiter, quote, escape : int
        Bytes; `korpus.kernels.delimited.NONE` for no quote or escape character.
    header : tuple of str
        The names of its columns.
    start : int
        Where the first record begins.
    returns : bool
        Whether its lines end with ``\r`` alone.
    """

    delimiter: int
    quote: int
    escape: int
    header: tuple[str, ...]
    start: int
    returns: bool = False

    @property
    def marks(self) -> tuple[int, int, int]:
        """Delimiter, quote and escape character."""
        return self.delimiter, self.quote, self.escape

    @property
    def has_lines(self) -> bool:
        """Whether every line is a record."""
        return self.quote == self.escape == kernel.NONE


class _Returns(ConvertedStream):
    r"""A file whose lines end with ``\r``, with ``\n``."""

    def _next(self) -> bytes:
        return self._piece(1 << 18, b"").replace(b"\r", b"\n")


def plan(file: InputFile, options: ReadOptions) -> list[Split] | None:
    """Cut a plain file without quotes at fixed offsets; None for all others."""
    if lines.plan(file, options) is None:
        return None
    form = form_of(file, options)
    if not form.has_lines or form.returns:
        return None
    splits = lines.plan(file, options, form.start)
    return splits and [replace(split, form=form) for split in splits]


def columns(file: InputFile, options: ReadOptions, n_bytes: int = 0) -> dict[str, pa.DataType] | None:
    """Return the columns of a file, all of them strings; None when it is empty."""
    return dict.fromkeys(form_of(file, options).header, pa.string()) or None


def stream(file: InputFile, options: ReadOptions, skip: Callable[[int], bool]) -> Iterator[lines.Streamed]:
    """Cut a file while reading it; see `korpus.io.readers.stream_splits`."""
    form = form_of(file, options)
    with _opened(file, options, form) as source:
        lined = form.has_lines
        pieces = (
            lines.cut(source, file, options, skip, form.start) if lined else _cut(source, file, options, skip, form)
        )
        for split, chunk, n_consumed in pieces:
            yield replace(split, form=form), chunk, n_consumed


def _cut(
    source: Source, file: InputFile, options: ReadOptions, skip: Callable[[int], bool], form: Form
) -> Iterator[lines.Streamed]:
    size, most = options.split_bytes, max(options.split_bytes, lines.held_bytes(options))
    data = lines.grow(source, b"", form.start)
    start, rest = form.start, data[form.start :]

    def end(data: bytes, final: bool) -> int:
        return kernel.last_record_end(_view(data), size, *form.marks, len(form.header), final)

    for index in range(1 << 62):
        seen = size
        data = lines.grow(source, rest, seen + 1)
        stop = end(data[: seen + 1], len(data) <= seen and source.error is None)
        if not stop and len(data) > seen:
            seen = most
            data = lines.grow(source, data, seen + 1)
            stop = end(data[: seen + 1], len(data) > seen or source.error is None)
        is_last = len(data) <= seen
        # What follows the last record end is a record without one, unless the file breaks off.
        if is_last and (source.error is not None or data[stop:].find(b"\n") < 0):
            stop = len(data)
        n_skipped, cut = 0, not stop and not is_last
        stop = stop or min(len(data), seen + 1)
        at_end, rest = is_last and stop == len(data), data[stop:]
        if cut:
            n_skipped, rest = lines.skip_line(source, rest)
        if not stop and source.error is None:
            return
        split = Split.of(file, index, start, start + stop + n_skipped)
        damage = Damage.of(file, source) if at_end else None
        yield split, None if skip(index) else Chunk(data[:stop], cut, damage), source.consumed()
        start = split.stop
        if at_end:
            return


def read(split: Split, chunk: Chunk | None, schema: pa.Schema, options: ReadOptions) -> Iterator[Block]:
    """Yield the blocks of a split."""
    form: Form = split.form
    chunk = chunk or lines.load(split, options)
    reader = _Reader(chunk, form, schema, options)
    at = row = 0
    while at < reader.stop:
        at, block = reader.block(at, row)
        row += block.n_rows
        yield block
    if chunk.cut or chunk.damage is not None:
        yield lines.ending(chunk.data[reader.stop :], row, chunk, schema, options)


def _view(data: bytes) -> np.ndarray:
    return np.frombuffer(data, np.uint8)


def _opened(file: InputFile, options: ReadOptions, form: Form) -> ByteStream | ConvertedStream:
    source = open_source(file, options)
    return _Returns(source) if form.returns else source


def form_of(file: InputFile, options: ReadOptions) -> Form:
    """Tell from the beginning of a file how it is written.

    Raises
    ------
    Unreadable
        If it is damaged before its first line, or its header is in no known encoding.
    SchemaError
        If the columns given are not as many as it has, or name the text twice.
    """
    with open_source(file, options) as source:
        data = lines.grow(source, b"", lines.HEAD_BYTES)
        if source.error is not None and not data.strip():
            raise Unreadable(f"{file.path}: {source.error}")
        whole = len(data) < lines.HEAD_BYTES and source.error is None
    returns = b"\n" not in data and b"\r" in data
    data = data.replace(b"\r", b"\n") if returns else data
    start = len(lines.BOM) if data.startswith(lines.BOM) else 0
    start += len(data[start:]) - len(data[start:].lstrip(b"\r\n"))
    body = data[start:]
    form = Form(0, kernel.NONE, kernel.NONE, (), start, returns)
    if not body:
        return form
    few = _few(body)
    tried = [_tried(form, few, delimiter, options) for delimiter in _candidates(file, options)]
    form = max(tried, key=lambda each: each[0])[1]
    if options.quote is None or options.escape is None:
        n = len(options.columns or _first(form, body))
        form = _quoted(replace(form, quote=_given(options.quote, '"')), body, n, whole, options)
    return _named(form, body, file, options)


def _candidates(file: InputFile, options: ReadOptions) -> str:
    return options.delimiter or _DELIMITERS["tsv" if file.format == "tsv" else "csv"]


def _tried(form: Form, body: bytes, delimiter: str, options: ReadOptions) -> tuple[tuple, Form]:
    """Return how a file reads with a delimiter, and how much speaks for it; of equals the first candidate is taken."""
    form = replace(
        form, delimiter=ord(delimiter), quote=_given(options.quote, '"'), escape=_given(options.escape, None)
    )
    names = options.columns or [name.strip() for name in _first(form, body)]
    n = len(names)
    n_records, *_, n_even = kernel.weigh_quotes(_view(body), *form.marks, n, False)
    return (set(names).issuperset(options.texts), n > 1 and 2 * n_even >= n_records, n > 1), form


def _few(body: bytes) -> bytes:
    end = -1
    for _ in range(_N_TELLING):
        end = body.find(b"\n", end + 1)
        if end < 0:
            return body
    return body[: end + 1]


def _given(mark: str | None, default: str | None) -> int:
    mark = default if mark is None else mark
    return kernel.NONE if mark in (None, "none") else ord(mark)


def _quoted(form: Form, body: bytes, n: int, whole: bool, options: ReadOptions) -> Form:
    """Decide by the fields that begin with a quote whether it is one.

    In a file of tabs they are quoted if that is needed oftener than it is impossible, or if there is one a record; in
    others, unless it is impossible oftener than not.
    """
    ways = [form]
    if options.escape is None and options.quote != "none" and b"\\" in body:
        ways.append(replace(form, escape=ord("\\")))
    weighed = [(kernel.weigh_quotes(_view(body), *way.marks, n, whole), way) for way in ways]
    # A backslash is an escape where quotes make sense with it that do not without.
    (n_records, n_quoted, n_needed, n_stray, _), form = min(weighed, key=lambda each: each[0][3])
    if options.quote is not None:
        return form
    if form.delimiter == ord("\t"):
        quoted = n_needed > n_stray or (not n_stray and n_quoted >= n_records - 1 > 0)
    else:
        quoted = n_quoted >= n_stray
    escape = _given(options.escape, None) if not quoted else form.escape
    return form if quoted else replace(form, quote=kernel.NONE, escape=escape)


def _first(form: Form, body: bytes) -> list[str]:
    """Return the fields of the first record, as far as they can be decoded."""
    return [field.decode(errors="replace") for field in _fields(form, body)[0]]


def _fields(form: Form, body: bytes) -> tuple[list[bytes], int]:
    end = kernel.last_record_end(_view(body), 0, *form.marks, 0, True) or len(body)
    view, n = _view(body[:end].rstrip(b"\r\n")), end + 1
    bounds, flags = np.zeros((n, 1, 2), np.int32), np.zeros((n, 1), np.uint8)
    n_fields, stops = np.zeros(1, np.int32), np.zeros(1, np.int32)
    # Quotes hide delimiters; how many only the record itself tells.
    for n in range(body[:end].count(bytes([form.delimiter])) + 1, 0, -1):
        kernel.scan_records(view, 0, *form.marks, np.arange(n, dtype=np.int32), bounds, flags, n_fields, stops)
        if n_fields[0] == n:
            break
    offsets, data = kernel.gather(view, bounds[:, 0], flags[:, 0], np.arange(n_fields[0]), form.marks)
    return [data[a:b].tobytes() for a, b in zip(offsets[:-1], offsets[1:], strict=True)], end


def _named(form: Form, body: bytes, file: InputFile, options: ReadOptions) -> Form:
    """Name the columns: as declared, or as the first record does."""
    fields, end = _fields(form, body)
    try:
        names = [field.decode().strip() for field in fields]
    except UnicodeDecodeError as error:
        if options.columns is None:
            what = f"the header is not {file.encoding.upper()} ({error.reason})"
            raise Unreadable(f"{file.path}: {what}; give input.encoding") from None
        names = []
    if options.columns is None:
        # A column without a name is the index of a table, as pandas writes it.
        names = [name or f"column_{i}" for i, name in enumerate(names, 1)]
        if twice := sorted(name for name in options.texts if names.count(name) > 1):
            raise SchemaError(f"{file.path}: the header names column {twice[0]!r} more than once")
        return replace(form, header=tuple(names), start=form.start + end)
    if len(fields) != len(options.columns):
        raise SchemaError(
            f"{file.path} has {len(fields)} columns, and input.columns names {len(options.columns)}; its first record "
            f"is: {' | '.join(_first(form, body))[:200]}"
        )
    # A header that says the same is one all the same.
    return replace(form, header=tuple(options.columns), start=form.start + end * (names == list(options.columns)))


class _Reader:
    def __init__(self, chunk: Chunk, form: Form, schema: pa.Schema, options: ReadOptions):
        self.data, self.form, self.schema, self.options = chunk.data, form, schema, options
        self.stop = len(self.data)
        if chunk.cut:
            self.stop = 0
        elif chunk.damage is not None and not chunk.damage.whole:
            self.stop = kernel.last_record_end(_view(self.data), self.stop, *form.marks, len(form.header), False)
        self.view = _view(self.data)[: self.stop]
        self.names = list(dict.fromkeys([*options.texts, *schema.names]))
        places = {name: i for i, name in reversed(list(enumerate(form.header)))}
        self.slots = np.full(len(form.header), -1, np.int32)
        self.places = {name: slot for slot, name in enumerate(self.names) if name in places}
        for name, slot in self.places.items():
            self.slots[places[name]] = slot
        self.texts = [self.places[name] for name in options.texts if name in self.places]
        self.ignored: tuple[str, ...] = ()
        if options.keep is None:
            self.ignored = tuple(sorted(set(form.header) - {*self.names, *options.texts}))
        # Few enough records at a time that the bounds of their fields take little memory, however many columns.
        n = max(1, min(options.batch_rows, _CELLS // len(self.names)))
        self.bounds = np.zeros((len(self.names), n, 2), np.int32)
        self.flags = np.zeros((len(self.names), n), np.uint8)
        self.n_fields, self.stops = np.zeros(n, np.int32), np.zeros(n, np.int32)

    def block(self, at: int, row: int) -> tuple[int, Block]:
        """Parse the records from byte `at` on; return where they end, and their block."""
        n = kernel.scan_records(
            self.view, at, *self.form.marks, self.slots, self.bounds, self.flags, self.n_fields, self.stops
        )
        starts = np.concatenate([[at], self.stops[: n - 1]])
        stops, end = self.stops[:n], int(self.stops[n - 1])
        is_empty = np.ones(n, bool)
        for slot in self.texts:
            is_empty &= self.bounds[slot, :n, 0] == self.bounds[slot, :n, 1]
        is_null = self._are_null(n)
        suspects = (self.n_fields[:n] != len(self.form.header)) | is_empty | is_null
        suspects |= stops - starts > self.options.max_doc_bytes
        suspects |= (self.n_fields[:n] == 1) & (self.view[starts] <= 32)
        region = self.data[at:end]
        if not self.texts or b"\0" in region or not lines.is_utf8(region):
            suspects[:] = True
        good, bad, n_blank = np.ones(n, bool), [], 0
        for i in np.flatnonzero(suspects).tolist():
            raw = self._raw(starts, stops, i)
            if self.n_fields[i] == 1 and not raw.strip():
                good[i] = False
                n_blank += 1
            elif flaw := self._flaw(raw, i, bool(is_empty[i]), bool(is_null[i])):
                good[i] = False
                bad.append(Bad(row + i, *flaw, shown(raw, self.options.max_doc_bytes)))
        rows = np.flatnonzero(good)
        arrays, misfits = [joined([self._column(name, rows) for name in self.options.texts])], {}
        for column in self.schema:
            values = self._column(column.name, rows)
            array, n_misfits = convert(values, column.type)
            arrays.append(array)
            if n_misfits:
                first = values.filter(array.is_null())[0].as_py()
                misfits[column.name] = (n_misfits, first)
        batch = pa.RecordBatch.from_arrays(arrays, schema=lines.text_schema(self.schema))
        return end, Block(batch, (rows + row).astype(np.int32), bad, n, n_blank, self.ignored, misfits)

    def _are_null(self, n: int) -> np.ndarray:
        """Tell of which records all that makes up the text is written as a null."""
        if not self._has_nulls or not self.texts:
            return np.zeros(n, bool)
        is_null = np.ones(n, bool)
        for slot in self.texts:
            starts, stops = self.bounds[slot, :n, 0], self.bounds[slot, :n, 1]
            first = np.minimum(starts, len(self.view) - 2)
            written = (self.view[first] == ord(_NULL[0])) & (self.view[first + 1] == ord(_NULL[1]))
            is_null &= written & (stops - starts == len(_NULL))
        return is_null

    @property
    def _has_nulls(self) -> bool:
        # What databases write for a null, where they escape instead of quoting.
        return self.form.quote == kernel.NONE != self.form.escape

    def _raw(self, starts: np.ndarray, stops: np.ndarray, i: int) -> bytes:
        raw = self.data[starts[i] : stops[i]]
        return raw.removesuffix(b"\n").removesuffix(b"\r") if raw.endswith(b"\n") else raw

    def _column(self, name: str, rows: np.ndarray) -> pa.Array:
        slot = self.places.get(name)
        if slot is None:
            return pa.nulls(len(rows), pa.string())
        values = string_array(*kernel.gather(self.view, self.bounds[slot], self.flags[slot], rows, self.form.marks))
        if self._has_nulls:
            values = pc.if_else(pc.equal(values, _NULL), pa.scalar(None, pa.string()), values)
        return values

    def _flaw(self, raw: bytes, i: int, is_empty: bool, is_null: bool) -> tuple[str, str] | None:
        if flaw := raw_flaw(raw, self.options.max_doc_bytes):
            return flaw
        header, names = self.form.header, " and ".join(map(repr, self.options.texts))
        if self.n_fields[i] != len(header):
            return "bad_csv", f"expected {len(header)} fields, got {self.n_fields[i]}"
        if not self.texts:
            return "missing_text", f"the file has no column {names}"
        if is_null:
            return "missing_text", f"column {names} is null"
        if is_empty:
            return "empty_text", f"column {names} is empty"
        return None
