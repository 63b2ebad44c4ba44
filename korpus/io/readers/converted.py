"""What formats share whose files are made into JSON Lines while they are read, a line at a time.

A `LineStream` gives each line of the file to the rules of its format, which say what becomes a document and what
cannot be understood; the parser of JSON Lines does all that follows. A document is an object. What is not understood is
a string, its text, followed by what is wrong with it, and so becomes a reject of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from json.encoder import encode_basestring as quoted
from typing import Any

import pyarrow as pa

from korpus.errors import Unreadable
from korpus.io.compress import ConvertedStream, Source
from korpus.io.readers import jsonl, lines
from korpus.io.readers.base import Block, Chunk, InputFile, ReadOptions, Split

_PIECE_BYTES = 1 << 18
_BOM = lines.BOM
_scan = json.JSONDecoder().raw_decode

stream = lines.stream


class Held:
    """The pieces of a text that is being read; of one that is too long only so much as shows that it is.

    Parameters
    ----------
    most : int
        More characters than this are too many.

    Attributes
    ----------
    pieces : list of str
    is_full : bool
        Whether pieces have been left out.
    """

    def __init__(self, most: int):
        self.pieces: list[str] = []
        self.is_full = False
        self._left = most

    def add(self, piece: str) -> None:
        """Add what comes next."""
        if self._left < 0:
            self.is_full = True
        else:
            self.pieces.append(piece)
            self._left -= len(piece) + 1


class LineStream(ConvertedStream):
    """The documents of a file as JSON Lines; stands in for its `ByteStream`.

    Bytes that are not UTF-8 stay what they are, so that the parser rejects their document. Where the file is damaged,
    or `flaw` says that its end is missing, the last document is left without a line end, which makes it a reject.

    Parameters
    ----------
    source : Source
    name : str
        That of the file, without its folder.
    most : int
        So many bytes of a line are held, and characters of a document; more than a document may have.

    Attributes
    ----------
    columns : tuple of str
        The names of the values that `emit` takes.
    flaw : str or None
        What a format finds wrong with the end of the file.
    """

    columns: tuple[str, ...]

    def __init__(self, source: Source, name: str, most: int):
        super().__init__(source)
        self.name, self.most = name, most
        self.flaw: str | None = None
        self._rest: list[bytes] = []
        self._n_rest = 0
        self._made: list[str] = []
        self._keys = [quoted(column) + ":" for column in self.columns]

    @property
    def error(self) -> str | None:
        """What is wrong with the end of the file, once all before is read."""
        return (super().error or self.flaw) if self.drained else None

    def line(self, line: str) -> None:
        """Take the next line, without its line end."""
        raise NotImplementedError

    def finish(self) -> None:
        """Hand out what is still held, as the file has ended."""

    def emit(self, *values: str | int | list[str] | None) -> None:
        """Make a document of the values of `columns`."""
        self._made.append("{" + ",".join([key + _json(value) for key, value in zip(self._keys, values)]) + "}\n")

    def reject(self, text: str, detail: str) -> None:
        """Make a reject of what is not understood."""
        self._made.append(f"{quoted(text)} {detail}\n")

    def _next(self) -> bytes:
        piece = self._piece(_PIECE_BYTES, _BOM)
        whole, newline, rest = piece.rpartition(b"\n")
        if newline:
            whole = b"".join([*self._rest, whole])
            self._rest, self._n_rest = [], 0
            for line in whole.decode("utf-8", "surrogateescape").split("\n"):
                self.line(line[:-1] if line.endswith("\r") else line)
        # Of a line that is too long the beginning is enough.
        if rest := rest[: self.most - self._n_rest]:
            self._rest.append(rest)
            self._n_rest += len(rest)
        made = self._taken()
        if self.ended:
            if self._rest:
                self.line(b"".join(self._rest).decode("utf-8", "surrogateescape").removesuffix("\r"))
            self._rest = []
            self.finish()
            last = self._taken()
            made += last.removesuffix(b"\n") if self._source.error or self.flaw else last
        return made

    def _taken(self) -> bytes:
        made, self._made = "".join(self._made), []
        return made.encode("utf-8", "surrogateescape")


def _json(value: str | int | list[str] | None) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        return quoted(value)
    return f"[{','.join(map(quoted, value))}]" if isinstance(value, list) else str(value)


class Parser(jsonl.Parser):
    """The parser of JSON Lines, which says of what was not understood why that is."""

    flaw = "bad_block"

    def load(self, raw: bytes) -> Any:
        """Return what a line says; raise `ValueError` if it says nothing."""
        if raw.startswith(b'"'):
            line = raw.decode()
            raise ValueError(line[_scan(line)[1] + 1 :])
        return super().load(raw)


def plan(file: InputFile, options: ReadOptions) -> None:
    """Return None: the file's splits are only known while reading."""


def columns(file: InputFile, options: ReadOptions, known: dict[str, pa.DataType], what: str) -> dict | None:
    """Return the columns of every file of a format; None for one without documents.

    Parameters
    ----------
    known : dict of str to pa.DataType
        The columns.
    what : str
        What such a file is called.

    Raises
    ------
    Unreadable
        If nothing in the head of the file is understood.
    """
    made = lines.head(file, options).split(b"\n")
    if any(line.startswith(b"{") for line in made):
        return known
    if not made[0]:
        return None
    try:
        Parser(pa.schema([]), options).load(made[0])
    except ValueError as error:
        flaw = error
    raise Unreadable(f"{file.path} does not look like {what} ({flaw}); if it is something else, say input.format")


def read(
    split: Split, chunk: Chunk, schema: pa.Schema, options: ReadOptions, same: dict[str, str] | None = None
) -> Iterator[Block]:
    """Yield the blocks of a split.

    Parameters
    ----------
    same : dict of str to str, optional
        Columns that have the same value in all of the file.
    """
    same = {name: value for name, value in (same or {}).items() if name in schema.names}
    parsed = pa.schema([column for column in schema if column.name not in same])
    for block in lines.read(split, chunk, parsed, options, Parser(parsed, options).parse):
        batch = block.batch
        if same:
            arrays = [
                pa.repeat(same[column.name], batch.num_rows) if column.name in same else batch.column(column.name)
                for column in schema
            ]
            batch = pa.RecordBatch.from_arrays([batch.column(0), *arrays], schema=lines.text_schema(schema))
        yield replace(block, batch=batch, bad=[replace(bad, text=_shown(bad.text)) for bad in block.bad])


def _shown(line: str) -> str:
    # A line that was too long is cut, somewhere in its string.
    if not line.startswith('"'):
        return line
    try:
        return _scan(line)[0]
    except ValueError:
        return line[1:]
