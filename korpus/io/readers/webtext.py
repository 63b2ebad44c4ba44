"""Pages of the web as texts: what they are compressed with, in which charset they are, and what of them is read.

Pages come as JSON Lines from `korpus.io.readers.html` and `korpus.io.readers.warc`, their bytes in base64, since they
may be in any charset; the worker that gets one makes its text.
"""

from __future__ import annotations

import codecs
import json
import re
import zlib
from base64 import b64decode
from binascii import Error as Base64Error
from binascii import b2a_base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import pyarrow as pa

from korpus.errors import MissingExtra
from korpus.io.readers import lines
from korpus.io.readers.base import TOO_LONG_CHARS, Block, Chunk, InputFile, ReadOptions, Split
from korpus.io.readers.encodings import FREQUENT, MIN_FREQUENT_RATIO
from korpus.io.readers.jsonl import Parser

BODY = "\0body"
"""Key of the bytes of a page; no column has its name."""
MAX_BAD_RATIO = 0.01
"""Most of the characters beyond ASCII that may not decode; they become U+FFFD."""
_KOREAN = re.compile(
    r"(?:x-)?(?:euc[-_]?kr|ks_?c[-_]?5601(?:[-_]?19\d\d)?|iso-ir-149|(?:windows|cp|ms)[-_]?949|uhc|korean)",
    re.IGNORECASE,
)
"""Labels of EUC-KR, all of which mean CP949: https://encoding.spec.whatwg.org/#names-and-labels."""
_CHARSET = re.compile(rb"""(?:charset\s*=|<\?xml[^>]{0,100}\bencoding\s*=)\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.I)
_META_BYTES, _KNOWN_BYTES = 4096, 4096
_CHARSETS = ("utf-8", "utf-16", "euc", "cp", "iso", "big5", "gb", "shift", "koi8", "johab", "hz", "mac", "tis")
"""How the names of codecs begin that are charsets of pages; Python has others, which cost time or raise errors."""
_NOT_ASCII = ("iso2022", "hz", "utf-16")
"""Charsets whose bytes may be valid UTF-8, and something else."""
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_NESTING = re.compile(r"<(/?)(?:div|article)\b", re.IGNORECASE)
_MOST_WORK = 1 << 27
"""The library looks for the main content in a time that grows with the characters times the depth of nesting."""


class Page(NamedTuple):
    """What a page of HTML says; None for what it does not."""

    text: str
    title: str | None
    url: str | None
    language: str | None


def decode(data: bytes, declared: list[str]) -> str:
    """Decode a page: as UTF-8 if it is that, else in the first charset that fits of those that it declares (of which
    Latin-1, that many declare who do not know, comes last), CP949 if that gives Korean, and what statistics tell.

    Raises
    ------
    ValueError
        If it fits none.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, "replace")
    names = [name for label in declared if (name := _python_name(label))]
    if not (b"\0" in data or b"\x1b" in data) or not any(name.startswith(_NOT_ASCII) for name in names):
        try:
            return data.decode()
        except UnicodeDecodeError:
            pass
    n_other = len(data) - len(data.translate(None, bytes(range(128, 256))))
    own = [name for name in names if name != "cp1252"]
    for name in dict.fromkeys([*own, "utf-8", "cp949", *names, _told(data)]):
        text = data.decode(name, "replace")
        fits = text.count("\ufffd") <= MAX_BAD_RATIO * n_other
        if fits and (name != "cp949" or name in own or _is_korean(text)):
            return text
    raise ValueError(f"its characters are of no charset that fits ({', '.join(dict.fromkeys([*names, 'utf-8']))})")


def _told(data: bytes) -> str:
    try:
        from resiliparse.parse.encoding import detect_encoding
    except ImportError:
        return "cp1252"
    return _python_name(detect_encoding(data) or "") or "cp1252"


def _python_name(label: str) -> str | None:
    if _KOREAN.fullmatch(label):
        return "cp949"
    try:
        name = codecs.lookup(label).name
    except (LookupError, UnicodeError, ValueError):
        return None
    if name in ("iso8859-1", "ascii"):
        return "cp1252"
    return name if name.startswith(_CHARSETS) else None


def _is_korean(text: str) -> bool:
    n_other = sum(char > "\x7f" for char in text)
    return sum(map(FREQUENT.__contains__, text)) > MIN_FREQUENT_RATIO * n_other


def declared_in(data: bytes) -> list[str]:
    """Return the charsets that the head of a page names."""
    return [match[1].decode("ascii") for match in _CHARSET.finditer(data[:_META_BYTES])]


def page(html: str, main_content: bool = True) -> Page:
    """Return what a page says: its main content or, where none is found, all of its text.

    Raises
    ------
    MissingExtra
        If resiliparse is not installed.
    ValueError
        If it cannot be parsed.
    """
    try:
        from resiliparse.extract.html2text import extract_plain_text
        from resiliparse.parse.html import HTMLTree
    except ImportError:
        raise MissingExtra("reading web pages", "web") from None
    # A damaged page is an error of any kind out of the library.
    try:
        tree = HTMLTree.parse(html.replace("\0", "\ufffd"))
        text = ""
        if main_content and _depth(html) * len(html) <= _MOST_WORK:
            text = extract_plain_text(tree, preserve_formatting=True, main_content=True, alt_texts=False)
        if not text.strip():
            text = extract_plain_text(tree, preserve_formatting=True, alt_texts=False)
        document = tree.document
        assert document is not None, "an empty page has one too"
        root = document.query_selector("html")
        link = document.query_selector('link[rel~="canonical"]')
        language = root.getattr("lang") if root else None
        title, url = tree.title, link.getattr("href") if link else None
    except Exception as error:  # noqa: BLE001
        raise ValueError(f"it cannot be parsed: {error}") from None
    return Page(text.strip(), _or_none(title), _or_none(url), _or_none(language))


def _or_none(value: str | None) -> str | None:
    return " ".join(value.split()) or None if value else None


def _depth(html: str) -> int:
    depth = most = 0
    for match in _NESTING.finditer(html):
        depth = max(0, depth - 1) if match[1] else depth + 1
        most = max(most, depth)
    return most


def body_of(data: bytes, headers: dict[str, str], most: int) -> bytes:
    """Return the content of a HTTP response as it was before it was chunked and compressed.

    What is stored as plain content already, as crawlers do and leave the headers, is returned as it is.

    Raises
    ------
    ValueError
        If it is damaged, longer than `most` bytes, or compressed in a way that is not known.
    """
    if "chunked" in headers.get("transfer-encoding", "").lower():
        data = _joined(data)
    for coding in reversed([each.strip().lower() for each in headers.get("content-encoding", "").split(",")]):
        data = _decompressed(data, coding, most + 1)
        if len(data) > most:
            raise ValueError(f"it is longer than {most:,} bytes when decompressed")
    return data


def _joined(data: bytes) -> bytes:
    pieces, at = [], 0
    while match := re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,1000})?\r?\n").match(data, at):
        n = int(match[1], 16)
        pieces.append(data[match.end() : match.end() + n])
        at = match.end() + n
        at += 2 if data[at : at + 2] == b"\r\n" else data[at : at + 1] == b"\n"
        if n == 0:
            break
    return b"".join(pieces) if at else data


def _decompressed(data: bytes, coding: str, most: int) -> bytes:
    if coding in ("", "identity", "none", "utf-8"):
        return data
    if coding in ("gzip", "x-gzip", "deflate"):
        if coding != "deflate" and not data.startswith(b"\x1f\x8b"):
            return data
        for bits in (47, -15) if coding == "deflate" else (31,):
            inner = zlib.decompressobj(bits)
            try:
                return _whole(inner.decompress(data, most), most, inner.eof)
            except (zlib.error, ValueError) as error:
                said = error
        if coding == "deflate" and data.lstrip().startswith(b"<"):
            return data
        raise ValueError(f"its {coding} is damaged: {said}")
    if data.lstrip().startswith(b"<"):
        return data
    if coding == "zstd":
        try:
            return pa.CompressedInputStream(pa.BufferReader(data), "zstd").read(most)
        except OSError as error:
            raise ValueError(f"its zstd is damaged: {error}") from None
    if coding == "br":
        try:
            import brotli
        except ImportError:
            raise MissingExtra("reading pages in Brotli", "web") from None
        try:
            inner = brotli.Decompressor()
            return _whole(inner.process(data, output_buffer_limit=most), most, inner.is_finished())
        except (brotli.error, ValueError) as error:
            raise ValueError(f"its Brotli is damaged: {error}") from None
    raise ValueError(f"it is compressed as {coding[:40]!r}, which is not known")


def _whole(data: bytes, most: int, is_end: bool) -> bytes:
    if not is_end and len(data) < most:
        raise ValueError("it ends early")
    return data


class PageParser(Parser):
    """Makes documents of pages, each a line; a string says what is wrong with a record that is none."""

    flaw = "bad_page"

    def __init__(self, schema: pa.Schema, options: ReadOptions, max_page_bytes: int = 1 << 20):
        super().__init__(schema, options)
        self.max_page_bytes = max_page_bytes

    def parse(self, data: bytes, row: int) -> Iterator[Block]:
        """Yield the block of some pages, the first of which is row `row` of the split."""
        yield self.slow(data, row)

    def load(self, raw: bytes) -> Any:
        """Return a page as what it would be in JSON; raise `ValueError` if it is none."""
        made = super().load(raw)
        if isinstance(made, str):
            raise ValueError(made)
        try:
            return self.document(made, b64decode(made.pop(BODY)))
        except Base64Error as error:
            raise ValueError(str(error)) from None

    def document(self, made: dict, body: bytes) -> dict:
        """Return the columns of a page, given what is known of it and its bytes."""
        raise NotImplementedError


def check(head: bytes, parser: PageParser) -> None:
    """Raise `MissingExtra` if the pages of a file need it."""
    for raw in head.split(b"\n"):
        if raw.strip():
            try:
                parser.load(raw)
            except ValueError:
                continue
            return


def in_base64(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield in base64 what pieces of any size hold."""
    rest = b""
    for piece in pieces:
        data = rest + piece
        n = len(data) // 3 * 3
        rest = data[n:]
        yield b2a_base64(data[:n], newline=False)
    yield b2a_base64(rest, newline=False)


def wide(options: ReadOptions) -> ReadOptions:
    """Return the options for lines that hold pages in base64, which takes four bytes for three."""
    return replace(options, max_doc_bytes=options.max_doc_bytes * 4 // 3 + _KNOWN_BYTES)


def stream(file: InputFile, options: ReadOptions, skip: Callable[[int], bool]) -> Iterator[lines.Streamed]:
    """Cut the pages of a file into splits while reading them; see `korpus.io.readers.stream_splits`."""
    return lines.stream(file, wide(options), skip)


def read(split: Split, chunk: Chunk | None, schema: pa.Schema, options: ReadOptions, parser: type) -> Iterator[Block]:
    """Yield the blocks of a split; what is rejected is shown as a person may read it."""
    most = options.max_doc_bytes
    for block in lines.read(split, chunk, schema, wide(options), parser(schema, wide(options), most).parse):
        bad = [replace(each, text=_readable(each.text)) for each in block.bad]
        told = f"longer than {most:,} bytes; the beginning is shown"
        bad = [replace(each, detail=told) if each.reason == "too_long" else each for each in bad]
        yield replace(block, bad=bad) if bad else block


_LINE = re.compile(r'(\{.*), "\\u0000body": "([A-Za-z0-9+/]*)', re.DOTALL)


def line(known: dict) -> bytes:
    """Return the beginning of the line of a page, up to its bytes in base64; `END` ends it."""
    told = json.dumps(known, ensure_ascii=False)[:-1].encode("utf-8", "replace")
    return told + (b", " if known else b"") + b'"\\u0000body": "'


END = b'"}\n'


def _readable(text: str) -> str:
    match = _LINE.match(text)
    if not match:
        return text
    encoded = match[2][: 8 * TOO_LONG_CHARS]
    body = b64decode(encoded[: len(encoded) // 4 * 4])
    return f"{match[1]}}}\n{body.decode(errors='replace')[:TOO_LONG_CHARS]}"
