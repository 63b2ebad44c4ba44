"""Which formats there are, and how a file tells its own: by its name, by what it begins with."""

from __future__ import annotations

import importlib
import json
import re
from types import ModuleType

CONVERTED = ("conll", "kakaotalk", "subtitles", "wikiextractor")
"""Formats whose files become JSON Lines while they are read; see `korpus.io.readers.converted`."""
BINARY = ("parquet", "arrow")
"""Formats that have splits, types and a compression of their own."""
OWN = ("html", "warc", "xlsx")
"""Formats that say for themselves what encoding they have."""
FORMATS = ("jsonl", "json", "csv", "tsv", "text", "files", "mediawiki", *CONVERTED, *OWN, *BINARY)


def first_row(format: str) -> int:
    """Return the number of the first row of a file that holds a document: the header of a CSV file is a line."""
    return 1 + (format in ("csv", "tsv"))


BY_EXTENSION = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".jsonlines": "jsonl",
    ".jl": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".txt": "text",
    ".xml": "mediawiki",
    ".smi": "subtitles",
    ".srt": "subtitles",
    ".vtt": "subtitles",
    ".conll": "conll",
    ".conllu": "conll",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".warc": "warc",
    ".wet": "warc",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
}
KNOWN = (
    "known are .jsonl .ndjson .json .csv .tsv .txt .xml .html .warc .smi .srt .vtt .conll .conllu, also with .gz .zst "
    ".bz2 .xz, and .xlsx .parquet .arrow .feather"
)

_BOM = b"\xef\xbb\xbf"
_MAGIC = {b"PAR1": "parquet", b"ARROW1": "arrow", b"\xff\xff\xff\xff": "arrow"}
_NUMBERED = re.compile(r"\.([0-9]+|old|bak|orig|part)$")
"""What stands at the end of the names of rotated and kept files, after their true ending."""
_HTML = re.compile(
    rb"(?:\s|<\?xml[^>]*>|<!--(?:(?!-->).){0,4000}-->)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_WARC = re.compile(rb"\s*WARC/[01]\.[0-9]+\r?\n")
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def module(format: str) -> ModuleType:
    """Return the reader of a format; it is imported when it is used."""
    return importlib.import_module(f"korpus.io.readers.{'delimited' if format in ('csv', 'tsv') else format}")


def by_name(stem: str) -> str | None:
    """Return the format that the name of a file, without the ending of a compression, stands for."""
    name = _NUMBERED.sub("", stem.lower())
    return BY_EXTENSION.get(name[name.rfind(".") :]) if "." in name else None


def by_magic(head: bytes) -> str | None:
    """Return the binary format of a file that begins with these bytes."""
    return next((format for magic, format in _MAGIC.items() if head.startswith(magic)), None)


def by_content(head: bytes, whole: bool) -> str | None:
    """Return the format of a file that begins so, where that is certain; never one that any text might be.

    Parameters
    ----------
    head : bytes
        UTF-8.
    whole : bool
        Whether that is all of the file.
    """
    body = head.removeprefix(_BOM).lstrip()
    if body.startswith(b"{"):
        line, newline, _ = body.partition(b"\n")
        return "jsonl" if (newline or whole) and _is_object(line) else None
    if body.startswith(b"["):
        return "json" if body[1:].lstrip()[:1] in (b"{", b'"') else None
    if looks_like_dump(head):
        return "mediawiki"
    if looks_like_warc(head):
        return "warc"
    if looks_like_html(head):
        return "html"
    return by_look(head)


def by_look(head: bytes) -> str | None:
    """Return which of the formats `CONVERTED` a file that begins so surely is of."""
    return next((format for format in CONVERTED if looks_like(format, head)), None)


def looks_like(format: str, head: bytes) -> bool:
    """Tell whether a file that begins with these bytes, in UTF-8, is surely of one of the formats `CONVERTED`."""
    return module(format).looks_like(head.removeprefix(_BOM))


def json_begins(head: bytes) -> str:
    """Tell what a ``.json`` file is: ``lines`` of objects, an ``array``, an ``object``, or something else."""
    body = head.removeprefix(_BOM).lstrip()
    if body.startswith(b"{"):
        # One whose first line is longer than what is looked at is an object all the same.
        line, _, more = body.partition(b"\n")
        return "lines" if more.strip() and _is_object(line) else "object"
    return "array" if body.startswith(b"[") else "lines" if body.startswith(b'"') else "other"


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def looks_like_dump(head: bytes) -> bool:
    """Tell whether a file that begins with these bytes may be a dump of MediaWiki."""
    return b"<mediawiki" in head or b"<page>" in head


def looks_like_html(head: bytes) -> bool:
    """Tell whether a file that begins with these bytes is a web page."""
    return _HTML.match(head.removeprefix(_BOM)) is not None


def looks_like_warc(head: bytes) -> bool:
    """Tell whether a file that begins with these bytes is a WARC file."""
    return _WARC.match(head) is not None


def is_table(head: bytes, columns: tuple[str, ...]) -> bool:
    """Tell whether the first line of a text is, cut at tabs, a header with these columns."""
    names = [
        name.strip() for name in head.removeprefix(_BOM).lstrip(b"\r\n").splitlines()[:1] for name in name.split(b"\t")
    ]
    return len(names) > 1 and {column.encode() for column in columns}.issubset(names)


def is_text(head: bytes) -> bool:
    """Tell whether bytes may be text at all."""
    return not _NOT_TEXT.search(head)
