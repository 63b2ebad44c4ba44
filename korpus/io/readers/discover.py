"""Which files the input is made of: paths, folders and globs → `InputFile`, in an order that never changes."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from pathlib import Path

from korpus.errors import DataError
from korpus.io.compress import EXTENSIONS, ByteStream
from korpus.io.readers.base import InputFile

FORMATS = ("jsonl", "csv", "tsv", "text", "parquet")
_BY_EXTENSION = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".txt": "text",
    ".parquet": "parquet",
}
_KNOWN = "known are .jsonl .ndjson .json .csv .tsv .txt .parquet, all but the last also with .gz .zst .bz2 .xz"
_OTHER_BOMS = {b"\xff\xfe": "UTF-16 or UTF-32", b"\xfe\xff": "UTF-16", b"\0\0\xfe\xff": "UTF-32"}
_PEEK_BYTES = 1 << 16


def discover(paths: list[str | Path], format: str = "auto") -> list[InputFile]:
    """Find the files of the input.

    Parameters
    ----------
    paths : list of str or Path
        Files, folders and globs (``**`` goes into subfolders). Files of one entry are sorted by path; entries stay in
        their order; a file found twice is read once. Hidden files, and files of another or of no known format, are
        passed over inside folders; so are the latter among the matches of a glob when the format is ``auto``.
    format : str
        One of `FORMATS`, or ``auto``: by extension.

    Raises
    ------
    DataError
        If a path does not exist, cannot be read, is of no known format or in another encoding than UTF-8, or if a
        folder or glob has nothing to read.
    """
    files: list[InputFile] = []
    seen: set[str] = set()
    for entry in map(str, paths):
        for path, kind, compression in _entry(entry, format):
            real = os.path.realpath(path)
            if real not in seen:
                seen.add(real)
                files.append(InputFile(len(files), path, kind, compression, Path(path).stat().st_size))
    if not files:
        raise DataError("no input files are given")
    return files


def _entry(entry: str, format: str) -> Iterator[tuple[str, str, str | None]]:
    if Path(entry).is_dir():
        found = [path for path in _walk(entry) if _wanted(path, format)]
        if not found:
            what = "file of a known format" if format == "auto" else f"{format} file"
            raise DataError(f"the folder {entry} has no {what} ({_KNOWN}); a glob takes files of any name")
    elif Path(entry).exists() or not glob.has_magic(entry):
        if not os.path.lexists(entry):
            raise DataError(f"there is no file or folder {entry}")
        found = [entry]
    else:
        found = _matches(entry, format)
    for path in found:
        kind, compression = _format(path, format)
        _check(path, kind, compression)
        yield path, kind, compression


def _matches(pattern: str, format: str) -> list[str]:
    matched = sorted(glob.glob(pattern, recursive=True))
    found = []
    for path in matched:
        if Path(path).is_dir():
            found += (inner for inner in _walk(path) if _wanted(inner, format))
        elif format != "auto" or _wanted(path, format):
            found.append(path)
    if not matched:
        raise DataError(f"nothing matches {pattern}")
    if not found:
        raise DataError(f"{pattern} matches nothing of a known format ({_KNOWN}); give input.format")
    return sorted(set(found))


def _walk(folder: str) -> list[str]:
    found = []
    for root, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += (os.path.join(root, name) for name in names if not name.startswith("."))  # noqa: PTH118
    return sorted(found)


def _refuse(error: OSError) -> None:
    raise DataError(f"cannot read the folder {error.filename}: {error.strerror}") from error


def _by_name(path: str) -> tuple[str | None, str | None]:
    stem, extension = os.path.splitext(path.lower())  # noqa: PTH122
    compression = EXTENSIONS.get(extension)
    if compression:
        extension = os.path.splitext(stem)[1]  # noqa: PTH122
    kind = _BY_EXTENSION.get(extension)
    return (None if kind == "parquet" and compression else kind), compression


def _wanted(path: str, format: str) -> bool:
    kind, compression = _by_name(path)
    if kind is None or format not in ("auto", kind):
        return False
    return not _is_json(path) or _is_json_lines(path, compression)


def _is_json(path: str) -> bool:
    return ".json" in Path(path.lower()).suffixes[-2:] and _by_name(path)[0] == "jsonl"


def _is_json_lines(path: str, compression: str | None) -> bool:
    # The first line that is not blank is a whole object, as far as can be seen.
    with ByteStream(path, compression) as source:
        data = source.read(_PEEK_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()
    line, newline, _ = data.partition(b"\n")
    whole = newline or len(data) < _PEEK_BYTES // 2
    return not data or (line.startswith(b"{") and (not whole or line.rstrip().endswith(b"}")))


def _format(path: str, format: str) -> tuple[str, str | None]:
    kind, compression = _by_name(path)
    if format == "parquet" or kind == "parquet":
        compression = None
    if format != "auto":
        return format, compression
    if kind is None:
        raise DataError(f"{path}: its name does not tell its format ({_KNOWN}); give input.format")
    if _is_json(path) and not _is_json_lines(path, compression):
        raise DataError(f"{path} is not JSON Lines (an object on each line); convert it to .jsonl")
    return kind, compression


def _check(path: str, kind: str, compression: str | None) -> None:
    if not Path(path).is_file():
        raise DataError(f"{path} is not a file that can be read")
    with ByteStream(path, compression) as source:
        start = source.read(4)
    if kind == "parquet":
        return
    for bom, encoding in _OTHER_BOMS.items():
        if start.startswith(bom):
            raise DataError(f"{path} is in {encoding}; convert it to UTF-8 (iconv -f utf-16 -t utf-8)")
