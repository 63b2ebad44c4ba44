"""WARC files, what crawlers write, and WET files, the texts that Common Crawl makes of them: a record is a document.

Documents are the pages that a server gave (``response`` with a status of 2xx, ``resource``), in HTML or plain text,
and the texts of ``conversion`` records. Other records (requests, metadata, look-ups of names, revisits, failures,
``robots.txt``) and contents of other types, such as pictures, are none, and are counted as blank rows. A record that
is damaged is a reject, and the next one is found by how it begins. Pages need the extra ``web``, WET files do not.
Layout: ISO 28500:2017 (WARC/1.1), sections 4 to 6.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from korpus.errors import Unreadable
from korpus.io.compress import ConvertedStream, Source
from korpus.io.readers import lines, webtext
from korpus.io.readers.base import Block, Chunk, InputFile, ReadOptions, Split
from korpus.io.readers.source import open_source

COLUMNS = dict.fromkeys(("text", "url", "date", "content_type", "title", "language"), pa.string())
"""What is known of a record. `language` is what the page declares or else what Common Crawl found."""

ROOT_WITHIN = 1 << 20
"""A WARC file has its first record before this many bytes."""
_PIECE_BYTES, _HEADER_BYTES = 1 << 18, 1 << 16
_BLANK = re.compile(rb"\r?\n\r?\n")
_HEADER = re.compile(rb"WARC/[01]\.[0-9]+[ \t]*\r?\n(?:[^ \t\r\n:][^\r\n:]*:[^\n]*\n|[ \t][^\n]*\n)*\r?\n")
_NEXT = re.compile(rb"\nWARC/[01]\.")
_SPACE = b"\r\n"
_HTML = ("text/html", "application/xhtml+xml", "")
_TEXT = ("text/plain",)
_ROBOTS = re.compile(r"https?://[^/]*/robots\.txt(?:[?#].*)?", re.IGNORECASE)
_STATUS = re.compile(r"HTTP/[0-9.]+\s+([0-9]{3})")


class WarcStream(ConvertedStream):
    """The records of a WARC file as lines, one of each; a blank one where it is no document.

    Parameters
    ----------
    source : Source
    """

    def __init__(self, source: Source):
        super().__init__(source)
        self._buffer = bytearray()
        self._flaw: str | None = None
        self._at = 0
        self._source_ended = self.is_warc = False
        self._lines = self._records()

    @property
    def error(self) -> str | None:
        """What is wrong with the end of the file, once all before is read."""
        return (self._source.error or self._flaw) if self.drained else None

    def _next(self) -> bytes:
        piece = next(self._lines, None)
        self.ended = piece is None
        return piece or b""

    def _fill(self, n: int) -> bool:
        while len(self._buffer) < n and not self._source_ended:
            raw = self._source.read(_PIECE_BYTES)
            self._source_ended = len(raw) < _PIECE_BYTES
            self._buffer += raw
        return len(self._buffer) >= n

    def _take(self, n: int) -> bytes:
        self._fill(min(n, _PIECE_BYTES))
        data = bytes(self._buffer[:n])
        del self._buffer[:n]
        self._at += len(data)
        return data

    def _records(self) -> Iterator[bytes]:
        while self._fill(1):
            if self._buffer[0] in _SPACE:
                n = len(self._buffer) - len(self._buffer.lstrip(_SPACE))
                self._take(n)
                continue
            begin = self._at
            self._fill(_HEADER_BYTES)
            head = _HEADER.match(self._buffer, 0, _HEADER_BYTES)
            fields = _fields(head[0]) if head else {}
            n_head = len(head[0]) if head else 0
            del head  # it holds the buffer
            length = fields.get("content-length", "")
            if not re.fullmatch(r"[0-9]{1,18}", length):
                if self._source_ended and not n_head and _is_begin(bytes(self._buffer[:_HEADER_BYTES])):
                    self._flaw = "the file ends within a record"
                    return
                yield from self._lost(begin)
                if self._flaw:
                    return
                continue
            self._take(n_head)
            self.is_warc = True
            yield from self._record(fields, int(length))
            if self._flaw:
                return

    def _lost(self, begin: int) -> Iterator[bytes]:
        # Go on where the next record seems to begin.
        self._take(1)
        while not (found := _NEXT.search(self._buffer)):
            self._take(max(0, len(self._buffer) - 16))
            if not self.is_warc and self._at > ROOT_WITHIN:
                self._flaw = "not a WARC file: no record begins within its first bytes"
                return
            if not self._fill(len(self._buffer) + 1):
                self._take(len(self._buffer))
                break
        else:
            self._take(found.start() + 1)
        what = f"the {self._at - begin:,} bytes from byte {begin:,} on are no record"
        yield json.dumps(what).encode() + b"\n"

    def _record(self, fields: dict[str, str], n: int) -> Iterator[bytes]:
        self._fill(min(n, _HEADER_BYTES))
        begin = self._at
        known = _known(fields, bytes(self._buffer[: min(n, _HEADER_BYTES)]))
        if isinstance(known, dict):
            yield webtext.line(known)
            yield from webtext.in_base64(self._content(n))
        else:
            for _ in self._content(n):
                pass
        if self._at < begin + n:
            self._flaw = "the file ends within a record"
        elif isinstance(known, dict):
            yield webtext.END
        else:
            yield json.dumps(known, ensure_ascii=False).encode() + b"\n" if known else b"\n"

    def _content(self, n: int) -> Iterator[bytes]:
        while n and (data := self._take(min(n, _PIECE_BYTES))):
            n -= len(data)
            yield data


def _is_begin(data: bytes) -> bool:
    """Tell whether a file that ends with these bytes may have ended within a header."""
    begins = data.startswith((b"WARC/0.", b"WARC/1.")) or b"WARC/1.".startswith(data)
    return begins and not _BLANK.search(data) and b"\nWARC/" not in data


def _fields(head: bytes) -> dict[str, str]:
    """Return the fields of a header, their names in small letters, the first line under an empty name."""
    text = head.decode("utf-8", "replace")
    first, *rest = re.sub(r"\r?\n[ \t]+", " ", text).split("\n")
    pairs = (each.partition(":") for each in rest)
    return {"": first.strip(), **{name.strip().lower(): value.strip() for name, found, value in pairs if found}}


def _known(fields: dict[str, str], head: bytes) -> dict | str | None:
    """Return what is known of a page; None for what is no document; a string says what is wrong."""
    kind, mime = fields.get("warc-type", "").lower(), _mime(fields)
    url = fields.get("warc-target-uri", "").strip("<>")
    if kind not in ("response", "resource", "conversion") or _ROBOTS.fullmatch(url):
        return None
    is_http = mime == "application/http" and kind == "response"
    if is_http:
        end = _BLANK.search(head)
        if not end or not (status := _STATUS.match(head[:100].decode("latin-1"))):
            return f"the response of {url[:200]} has no header of HTTP"
        if not status[1].startswith("2"):
            return None
        fields_of_page = _fields(head[: end.start()])
        mime = _mime(fields_of_page) or fields.get("warc-identified-payload-type", "").lower()
    elif kind == "response":
        return None
    if mime not in (*_HTML, *_TEXT):
        return None
    return {
        "url": url or None,
        "date": fields.get("warc-date"),
        "content_type": mime or None,
        "language": fields.get("warc-identified-content-language"),
        "http": is_http,
    }


def _mime(fields: dict[str, str]) -> str:
    return fields.get("content-type", "").partition(";")[0].strip().lower()


class _Parser(webtext.PageParser):
    def document(self, made: dict, body: bytes) -> dict[str, Any]:
        """Return the columns of a record."""
        declared = []
        if made.pop("http"):
            end = _BLANK.search(body)
            assert end is not None, "what has none is no document"
            fields = _fields(body[: end.start()])
            body = webtext.body_of(body[end.end() :], fields, self.max_page_bytes)
            declared = webtext.declared_in(fields.get("content-type", "").encode())
        if made["content_type"] in _TEXT:
            return {**made, "text": webtext.decode(body, declared), "title": None}
        found = webtext.page(webtext.decode(body, declared + webtext.declared_in(body)), self.options.main_content)
        language = found.language or made["language"]
        return {**made, "text": found.text, "title": found.title, "language": language}


def plan(file: InputFile, options: ReadOptions) -> None:
    """Return None: the file's splits are only known while reading."""


stream = webtext.stream


def columns(file: InputFile, options: ReadOptions, n_bytes: int = 0) -> dict[str, pa.DataType] | None:
    """Return the columns of every record; None for a file without records.

    Raises
    ------
    Unreadable
        If the file does not look like WARC.
    MissingExtra
        If it holds web pages, and resiliparse is not installed.
    """
    with open_source(file, options) as source:
        assert isinstance(source, WarcStream), "as the format says"
        head = source.read(lines.HEAD_BYTES)
        if not source.is_warc:
            if not head.strip() and not source.error:
                return None
            what = source.error or "not a WARC file"
            raise Unreadable(f"{file.path}: {what}; if it is something else, say input.format")
    webtext.check(head, _Parser(pa.schema([]), options))
    return COLUMNS


def read(split: Split, chunk: Chunk | None, schema: pa.Schema, options: ReadOptions) -> Iterator[Block]:
    """Yield the blocks of a split."""
    return webtext.read(split, chunk, schema, options, _Parser)
