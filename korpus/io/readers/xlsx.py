"""Workbooks of Excel: a row is a document, under the names that the first row of its sheet that is not empty gives.

All worksheets are read, one after another; the column ``sheet`` says which. A sheet without the column of the text is
one reject. What a formula came to is its value. A cell of the text column is a text whatever its type; elsewhere
numbers and truth values stay what they are. Dates are strings as in ISO 8601, without the time where that is
midnight. Errors such as ``#N/A`` are null. Of merged cells the first has the value, the others are null. Memory holds
one row and, as openpyxl needs them, all different strings of the workbook.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa

from korpus.errors import DataError, MissingExtra, Unreadable
from korpus.io.compress import ConvertedStream
from korpus.io.location import Inside
from korpus.io.opening import open_input
from korpus.io.readers import jsonl, lines
from korpus.io.readers.base import Block, Chunk, InputFile, ReadOptions, Split
from korpus.io.readers.source import open_source

SHEET = "sheet"
MOST_BYTES = 1 << 30
"""Largest part of a workbook that is loaded whole, such as the table of its strings."""
_PIECE_BYTES = 1 << 18
_STREAMED = "xl/worksheets/"
_ERRORS = frozenset(("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA"))
_ESCAPED = re.compile(r"(?:_x[0-9A-Fa-f]{4}_)+")
"""Characters that XML cannot have; ECMA-376 part 1, 22.9.2.19 (ST_Xstring)."""


class _Opened:
    """The file that a workbook is in, as a source of `ConvertedStream`."""

    error: str | None = None
    whole = False

    def __init__(self, path: str):
        from korpus.io.archives import open_at_random

        self.file = open_at_random(path) if isinstance(path, Inside) else open_input(path)
        self._furthest = 0

    def read(self, n: int) -> bytes:
        return self.file.read(n)

    def consumed(self) -> int:
        # It is read here and there.
        self._furthest = max(self._furthest, self.file.tell())
        return self._furthest

    def close(self) -> None:
        self.file.close()


class WorkbookStream(ConvertedStream):
    """The rows of a workbook as JSON Lines; an empty row is an empty line, and a string says what is not read.

    Parameters
    ----------
    path : str
    text : str
        The column that is the document.

    Raises
    ------
    MissingExtra
        If openpyxl is not installed.
    """

    def __init__(self, path: str, text: str):
        try:
            import openpyxl
        except ImportError:
            raise MissingExtra("reading xlsx", "xlsx") from None
        self._library, self._text = openpyxl, text
        self._flaw: str | None = None
        try:
            opened = _Opened(path)
            super().__init__(opened)
            self._lines = self._rows(opened.file)
        except OSError as error:
            if error.errno:
                raise DataError(f"cannot read {path}: {error.strerror or error}") from error
            super().__init__(_Opened(os.devnull))
            self._flaw, self._lines = str(error), iter(())

    @property
    def error(self) -> str | None:
        """What is wrong with the workbook, once all before is read."""
        return self._flaw if self.drained else None

    def _next(self) -> bytes:
        pieces, n = [], 0
        # A damaged workbook is an error of any kind, out of any depth of the libraries.
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                while n < _PIECE_BYTES and (line := next(self._lines, None)) is not None:
                    pieces.append(line)
                    n += len(line)
        except (MemoryError, DataError):
            raise
        except Exception as error:  # noqa: BLE001
            if getattr(error, "errno", None):
                raise DataError(f"cannot read the workbook: {error}") from error
            said = " ".join(str(error).split()) or type(error).__name__
            self._flaw, self._lines = f"the workbook is damaged, or is none: {said}", iter(())
        self.ended = n < _PIECE_BYTES
        return b"".join(pieces)

    def _rows(self, file: Any) -> Iterator[bytes]:
        with zipfile.ZipFile(file) as archive:
            whole = (each for each in archive.infolist() if not each.filename.startswith(_STREAMED))
            n_bytes, name = max(((each.file_size, each.filename) for each in whole), default=(0, ""))
        if n_bytes > MOST_BYTES:
            raise ValueError(f"{name} in it takes up {n_bytes:,} bytes of memory; save it as CSV (CSV UTF-8)")
        book = self._library.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            yield from self._sheet(sheet.title, sheet.iter_rows(values_only=True))

    def _sheet(self, title: str, rows: Iterator[tuple]) -> Iterator[bytes]:
        names: list[str] | None = None
        for row in rows:
            values = [_value(cell) for cell in row]
            if all(value in (None, "") for value in values):
                yield b"\n"
            elif names is None:
                names = _names(values)
                if self._text not in names:
                    told = ", ".join(names[:20])
                    yield _line(
                        f"the sheet {title!r} has no column {self._text!r}, and is not read; its columns: {told}"
                    )
                    return
            else:
                names += map(_letters, range(len(names), len(values)))
                document = {name: value for name, value in zip(names, values) if value is not None}
                if self._text in document:
                    document[self._text] = _written(document[self._text])
                yield _line({**document, SHEET: title} if SHEET not in document else document)


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def _value(cell: Any) -> Any:
    if isinstance(cell, str):
        return None if cell in _ERRORS else _ESCAPED.sub(_unescaped, cell)
    if isinstance(cell, datetime.datetime):
        return (cell.date() if cell.time() == datetime.time() else cell).isoformat()
    if isinstance(cell, (datetime.date, datetime.time)):
        return cell.isoformat()
    if isinstance(cell, float) and cell != cell:  # noqa: PLR0124
        return None
    return cell if cell is None or isinstance(cell, (bool, int, float)) else str(cell)


def _unescaped(match: re.Match) -> str:
    units = (int(code, 16) for code in match[0][2:-1].split("__x"))
    raw = b"".join(unit.to_bytes(2, "little") for unit in units)
    return raw.decode("utf-16-le", "replace").replace("\r\n", "\n")


def _written(value: Any) -> str:
    return str(value).upper() if isinstance(value, bool) else str(value)


def _names(values: list) -> list[str]:
    """Return the columns' names: those without one have their letters, one that comes again has its number."""
    names: list[str] = []
    for i, value in enumerate(values):
        name = " ".join(_written(value).split()) if value not in (None, "") else _letters(i)
        n, plain = 1, name
        while name in names:
            n += 1
            name = f"{plain}.{n}"
        names.append(name)
    return names


def _letters(i: int) -> str:
    letters, i = "", i + 1
    while i:
        i, rest = divmod(i - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


class _Parser(jsonl.Parser):
    flaw = "bad_sheet"

    def load(self, raw: bytes) -> Any:
        """Return a row; raise `ValueError` if it tells of a sheet that is not read."""
        made = super().load(raw)
        if isinstance(made, str):
            raise ValueError(made)
        return made


def plan(file: InputFile, options: ReadOptions) -> None:
    """Return None: the file's splits are only known while reading."""


def stream(file: InputFile, options: ReadOptions, skip: Callable[[int], bool]) -> Iterator[lines.Streamed]:
    """Cut the rows into splits while reading them."""
    return lines.stream(file, options, skip)


def columns(file: InputFile, options: ReadOptions, n_bytes: int = 0) -> dict[str, pa.DataType | None] | None:
    """Return the columns of the first rows; None for a workbook without any.

    Raises
    ------
    DataError
        If it is damaged, or no sheet of its head has the column of the text.
    """
    with open_source(file, options) as source:
        head = source.read(1 << 12)
        if not head.strip() and source.error:
            raise Unreadable(f"{file.path}: {source.error}; if it is something else, say input.format")
    first = next((line for line in head.split(b"\n") if line.strip()), b"{")
    if not first.startswith(b"{") and b"\n{" not in lines.head(file, options):
        raise DataError(f"{file.path}: {json.loads(first)}; say input.text")
    return jsonl.columns(file, options)


def read(split: Split, chunk: Chunk | None, schema: pa.Schema, options: ReadOptions) -> Iterator[Block]:
    """Yield the blocks of a split."""
    return lines.read(split, chunk, schema, options, _Parser(schema, options).parse)
