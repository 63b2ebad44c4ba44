"""Opening a file for reading: decompressed, and as UTF-8."""

from __future__ import annotations

import importlib
import os
from types import ModuleType
from typing import TYPE_CHECKING

from korpus.io.compress import ByteStream, ConvertedStream

if TYPE_CHECKING:
    from korpus.io.readers.base import InputFile, ReadOptions

CONVERTED = ("conll", "kakaotalk", "subtitles", "wikiextractor")
"""Formats whose files become JSON Lines while they are read; see `korpus.io.readers.converted`."""


def _module(format: str) -> ModuleType:
    return importlib.import_module(f"korpus.io.readers.{format}")


def looks_like(format: str, head: bytes) -> bool:
    """Tell whether a file that begins with these bytes, in UTF-8, is surely of one of the formats `CONVERTED`."""
    return _module(format).looks_like(head.removeprefix(b"\xef\xbb\xbf"))


def looks_like_dump(data: bytes) -> bool:
    """Tell whether a file that begins with these bytes may be a dump of MediaWiki."""
    return b"<mediawiki" in data or b"<page>" in data


def open_source(file: InputFile, options: ReadOptions) -> ByteStream | ConvertedStream:
    """Open a file; its bytes are UTF-8 (0xFF where they are not), and lines where its format is not."""
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
    elif file.format in CONVERTED:
        from korpus.io.readers.lines import held_bytes

        source = _module(file.format).Stream(source, os.path.basename(file.path), held_bytes(options))  # noqa: PTH119
    return source
