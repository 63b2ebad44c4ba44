"""Opening a file for reading: decompressed, and as UTF-8."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from korpus.io.compress import ByteStream, ConvertedStream

_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s|<\?xml[^>]*>|<!--(?:(?!-->).){0,4000}-->)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_WARC = re.compile(rb"\s*WARC/[01]\.[0-9]+\r?\n")

if TYPE_CHECKING:
    from korpus.io.readers.base import InputFile, ReadOptions


def looks_like_dump(data: bytes) -> bool:
    """Tell whether a file that begins with these bytes may be a dump of MediaWiki."""
    return b"<mediawiki" in data or b"<page>" in data


def looks_like_html(data: bytes) -> bool:
    """Tell whether a file that begins with these bytes is a web page."""
    return _HTML.match(data) is not None


def looks_like_warc(data: bytes) -> bool:
    """Tell whether a file that begins with these bytes is a WARC file."""
    return _WARC.match(data) is not None


def open_source(file: InputFile, options: ReadOptions) -> ByteStream | ConvertedStream:
    """Open a file; its bytes are UTF-8 (0xFF where they are not), and lines where its format is not."""
    if file.format == "xlsx":
        from korpus.io.readers.xlsx import WorkbookStream

        return WorkbookStream(file.path, options.text)
    source = ByteStream(file.path, file.compression)
    if file.encoding != "utf-8":
        from korpus.io.readers.encodings import DecodedStream

        source = DecodedStream(source, file.encoding)
    if file.format == "json":
        from korpus.io.readers.paths import records_path
        from korpus.io.readers.records import RecordStream

        source = RecordStream(source, records_path(options))
    elif file.format == "mediawiki":
        from korpus.io.readers.pages import PageStream

        source = PageStream(source)
    elif file.format == "html":
        from korpus.io.readers.html import HtmlStream

        source = HtmlStream(source, file.path)
    elif file.format == "warc":
        from korpus.io.readers.warc import WarcStream

        source = WarcStream(source)
    return source
