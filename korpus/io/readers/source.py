"""Opening a file for reading: decompressed, and as UTF-8."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from korpus.io.compress import ByteStream, ConvertedStream
from korpus.io.readers.formats import CONVERTED, module

if TYPE_CHECKING:
    from korpus.io.readers.base import InputFile, ReadOptions


def open_source(file: InputFile, options: ReadOptions) -> ByteStream | ConvertedStream:
    """Open a file; its bytes are UTF-8 (0xFF where they are not), and lines where its format is not."""
    if file.format == "xlsx":
        from korpus.io.readers.xlsx import WorkbookStream

        return WorkbookStream(file.path, options.text)
    source: ByteStream | ConvertedStream = ByteStream(file.path, file.compression)
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
    elif file.format in CONVERTED:
        from korpus.io.readers.lines import held_bytes

        source = module(file.format).Stream(source, os.path.basename(file.path), held_bytes(options))  # noqa: PTH119
    return source
