"""Web pages in HTML, a file a document: the main content with its line breaks, and what the page says of itself.

Needs the extra ``web``. Charsets are told page by page, as `korpus.io.readers.webtext.decode` says.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from korpus.io.compress import ConvertedStream, Source
from korpus.io.readers import webtext
from korpus.io.readers.base import Block, Chunk, InputFile, ReadOptions, Split

COLUMNS = dict.fromkeys(("text", "path", "title", "url", "language"), pa.string())
"""What is known of a page; `url` is its canonical one, `language` the one it declares, each null if it says none."""
_PIECE_BYTES = 1 << 18


class HtmlStream(ConvertedStream):
    """A page as the one line that `korpus.io.readers.webtext` makes a document of.

    Parameters
    ----------
    source : Source
    path : str
    """

    def __init__(self, source: Source, path: str):
        super().__init__(source)
        self._pieces = self._line(path)

    def _line(self, path: str) -> Iterator[bytes]:
        yield webtext.line({"path": str(path)})
        yield from webtext.in_base64(iter(lambda: self._source.read(_PIECE_BYTES), b""))
        if self._source.error is None:
            yield webtext.END

    def _next(self) -> bytes:
        piece = next(self._pieces, None)
        self.ended = piece is None
        return piece or b""


class _Parser(webtext.PageParser):
    def document(self, made: dict, body: bytes) -> dict:
        """Return the columns of a page."""
        found = webtext.page(webtext.decode(body, webtext.declared_in(body)), self.options.main_content)
        return {**made, **found._asdict()}


def plan(file: InputFile, options: ReadOptions) -> None:
    """Return None: the page is read whole."""


stream = webtext.stream


def columns(file: InputFile, options: ReadOptions, n_bytes: int = 0) -> dict[str, pa.DataType]:
    """Return the columns of every page.

    Raises
    ------
    MissingExtra
        If resiliparse is not installed.
    """
    webtext.page("")
    return COLUMNS


def read(split: Split, chunk: Chunk | None, schema: pa.Schema, options: ReadOptions) -> Iterator[Block]:
    """Yield the block of the page."""
    return webtext.read(split, chunk, schema, options, _Parser)
