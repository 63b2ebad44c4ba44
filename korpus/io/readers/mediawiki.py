"""XML dumps of MediaWiki, such as those of Wikipedia: a page is a document, in the form of its newest revision.

Text in XML holds no ``<``, so that pages are found without parsing anything. While a dump is read it becomes one line
a page, which is cut into splits like any file of lines, and each page is parsed by itself, by the worker that gets it.
So a damaged page is one reject, and the entities that a document type may define mean nothing inside of a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from xml.parsers import expat

import pyarrow as pa

from korpus.errors import Unreadable
from korpus.io.readers import lines
from korpus.io.readers.base import Block, Chunk, InputFile, ReadOptions, Split
from korpus.io.readers.jsonl import Parser
from korpus.io.readers.pages import PageStream
from korpus.io.readers.source import open_source

COLUMNS = {
    "text": pa.string(),
    "title": pa.string(),
    "namespace": pa.int64(),
    "page_id": pa.int64(),
    "redirect": pa.string(),
    "timestamp": pa.string(),
}
"""What is known of a page; `redirect` is the title that it leads to, or null."""

_NUMBER = re.compile("-?[0-9]{1,18}")
_MAX_DEPTH = 16


class _Page:
    """What is wanted of a page, found by handlers that an XML parser calls."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = dict.fromkeys(COLUMNS)
        self._path = ""
        self._value: list[str] = []
        self._text: str | None = None
        self._timestamp: str | None = None

    def parse(self, raw: bytes) -> dict[str, Any]:
        """Return the values of a page; raise `ValueError` if it is not well formed."""
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = lambda data: self._value.append(data)
        try:
            parser.Parse(raw, True)
        except expat.ExpatError as error:
            raise ValueError(f"{expat.ErrorString(error.code)}, at byte {parser.ErrorByteIndex} of the page") from None
        return self.found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._path = f"{self._path}/{name}"
        if self._path.count("/") > _MAX_DEPTH:
            raise ValueError("nested too deeply")
        self._value = []
        if self._path == "/page/redirect":
            self.found["redirect"] = attributes.get("title")
        elif self._path == "/page/revision":
            self._text = self._timestamp = None
        elif self._path == "/page/revision/text":
            self._is_deleted = "deleted" in attributes

    def _end(self, name: str) -> None:
        path, value = self._path, self._value
        self._path, self._value = path[: path.rindex("/")], []
        if path == "/page/title":
            self.found["title"] = "".join(value)
        elif path == "/page/ns":
            self.found["namespace"] = _number(name, value)
        elif path == "/page/id":
            self.found["page_id"] = _number(name, value)
        elif path == "/page/revision/timestamp":
            self._timestamp = "".join(value)
        elif path == "/page/revision/text":
            self._text = None if self._is_deleted else "".join(value)
        elif path == "/page/revision" and (self._timestamp or "") >= (self.found["timestamp"] or ""):
            self.found["text"], self.found["timestamp"] = self._text, self._timestamp


def _number(name: str, value: list[str]) -> int:
    digits = "".join(value).strip()
    if not _NUMBER.fullmatch(digits):
        raise ValueError(f"<{name}> is not a whole number: {digits[:80]!r}")
    return int(digits)


class _Parser(Parser):
    flaw = "bad_xml"

    def parse(self, data: bytes, row: int) -> Iterator[Block]:
        """Yield the block of some pages, the first of which is row `row` of the split."""
        yield self.slow(data, row)

    def load(self, raw: bytes) -> Any:
        """Return a page as what it would be in JSON."""
        return _Page().parse(raw)


def plan(file: InputFile, options: ReadOptions) -> None:
    """Return None: the file's splits are only known while reading."""


stream = lines.stream


def columns(file: InputFile, options: ReadOptions, n_bytes: int = 0) -> dict[str, pa.DataType] | None:
    """Return the columns of every dump; None for one without pages.

    Raises
    ------
    Unreadable
        If the file does not look like a dump.
    """
    with open_source(file, options) as source:
        assert isinstance(source, PageStream), "as the format says"
        source.read(1)
        if source.error is not None and not source.is_dump:
            raise Unreadable(f"{file.path}: {source.error}; if it is something else, say input.format")
    return COLUMNS if lines.head(file, options) else None


def read(split: Split, chunk: Chunk | None, schema: pa.Schema, options: ReadOptions) -> Iterator[Block]:
    """Yield the blocks of a split."""
    for block in lines.read(split, chunk, schema, options, _Parser(schema, options).parse):
        bad = [replace(each, text=each.text.replace("\r", "\n")) for each in block.bad]
        yield replace(block, bad=bad) if bad else block
