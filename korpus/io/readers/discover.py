"""Which files the input is made of: paths, folders and globs → `InputFile`, in an order that never changes."""

from __future__ import annotations

import glob
import json
import os
import stat
from dataclasses import replace
from pathlib import Path

from korpus.errors import DataError
from korpus.io.compress import EXTENSIONS, ByteStream
from korpus.io.readers.base import InputFile, ReadOptions
from korpus.io.readers.encodings import encoding_of
from korpus.io.readers.source import looks_like_dump, open_source
from korpus.io.remote import Location, find, is_remote, located, opens

FORMATS = ("jsonl", "json", "csv", "tsv", "text", "files", "mediawiki", "parquet", "arrow")
BINARY = ("parquet", "arrow")
"""Formats that have splits, types and a compression of their own."""
_BY_EXTENSION = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".txt": "text",
    ".xml": "mediawiki",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
}
_KNOWN = "known are .jsonl .ndjson .json .csv .tsv .txt .xml, also with .gz .zst .bz2 .xz, and .parquet .arrow .feather"
_PEEK_BYTES = 1 << 16
_STATE, _SPLITS = "state.json", "dataset_dict.json"
"""What HF datasets puts into the folders that it saves."""


def discover(paths: list[str | Path], format: str = "auto", encoding: str = "auto") -> list[InputFile]:
    """Find the files of the input.

    Parameters
    ----------
    paths : list of str or Path
        Files, folders and globs (``**`` goes into subfolders), here or elsewhere (``s3://``…). Files of one entry are
        sorted by path; entries stay in their order; a file found twice is read once. Hidden files, and files of
        another or of no known format, are passed over inside folders; so are the latter among the matches of a glob
        when the format is ``auto``. A ``.json`` file that is neither lines nor an array, but one object, is then taken
        for a description of others, and an ``.xml`` file must be a dump of MediaWiki.
    format : str
        One of `FORMATS`, or ``auto``: by extension.
    encoding : str
        One of `korpus.io.readers.encodings.ENCODINGS`, or ``auto``: told for each file from samples of it.

    Raises
    ------
    DataError
        If a path does not exist, cannot be read, is of no known format or encoding, or if a
        folder or glob has nothing to read.
    """
    files: list[InputFile] = []
    seen: set[str] = set()
    for given in paths:
        entry = located(given if isinstance(given, str) else str(given))
        for path in map(located, _entry(entry, format)):
            real = opens(path) if is_remote(path) else os.path.realpath(opens(path))
            if real not in seen:
                seen.add(real)
                files.append(replace(_file(path, format, encoding), index=len(files)))
    if not files:
        raise DataError("no input files are given")
    return files


def _entry(entry: str, format: str) -> list[str]:
    if is_remote(entry):
        return _remote(entry, format)
    if isinstance(entry, Location) and Path(opens(entry)).is_file():
        return [entry]
    entry = opens(entry)
    if Path(entry).is_dir():
        found = [path for path in _walk(entry) if _wanted(path, format)]
        if not found:
            raise _nothing_in(entry, format)
    elif Path(entry).exists() or not glob.has_magic(entry):
        if not os.path.lexists(entry):
            raise DataError(f"there is no file or folder {located(entry)}")
        found = [entry]
    else:
        found = _matches(entry, format)
    return found


def _remote(entry: str, format: str) -> list[str]:
    kind, named, inside = find(entry)
    if kind == "file":
        return named
    found = [path for path in named if format != "auto" or _wanted(path, format)]
    found += [path for path in inside if _wanted(path, format)]
    if found:
        return sorted({str(path): path for path in found}.values())
    if kind == "folder":
        raise _nothing_in(entry, format)
    raise _nothing_of(entry) if named or inside else DataError(f"nothing matches {entry}")


def _nothing_in(folder: str, format: str) -> DataError:
    what = "file of a known format" if format == "auto" else f"{format} file"
    return DataError(f"the folder {folder} has no {what} ({_KNOWN}); a glob takes files of any name")


def _nothing_of(pattern: str) -> DataError:
    return DataError(f"{pattern} matches nothing of a known format ({_KNOWN}); give input.format")


def _matches(pattern: str, format: str) -> list[str]:
    matched = sorted(glob.glob(pattern, recursive=True)) or sorted(glob.glob(_literally(pattern), recursive=True))
    found = []
    for path in matched:
        if Path(path).is_dir():
            found += (inner for inner in _walk(path) if _wanted(inner, format))
        elif format != "auto" or _wanted(path, format):
            found.append(path)
    if not matched:
        hint = "; [ ] stands for one of the characters within, write [[] for a [ of a name" if "[" in pattern else ""
        raise DataError(f"nothing matches {located(pattern)}{hint}")
    if not found:
        raise _nothing_of(pattern)
    return sorted(set(found))


def _literally(pattern: str) -> str:
    """Take the folders of a pattern by their names, as far as there are such: ``[뉴스]/*.txt``."""
    root, *steps = Path(pattern).parts
    steps = steps if Path(pattern).anchor else [root, *steps]
    there, written = Path(Path(pattern).anchor), []
    for step in steps:
        there /= step
        written.append(glob.escape(step) if os.path.lexists(there) else step)
    return str(Path(Path(pattern).anchor, *written))


def _walk(folder: str) -> list[str]:
    found = []
    for root, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        names = [name for name in names if not name.startswith(".")]
        names = [name for name in names if name != _SPLITS]
        if _STATE in names:
            names = _of_dataset(os.path.join(root, _STATE), names)  # noqa: PTH118
        found += (os.path.join(root, name) for name in names)  # noqa: PTH118
    return sorted(found)


def _of_dataset(state: str, names: list[str]) -> list[str]:
    # A folder that HF datasets has saved tells which of its files are the dataset; others are caches.
    try:
        listed = json.loads(Path(state).read_text(encoding="utf-8"))["_data_files"]
        return sorted(file["filename"] for file in listed)
    except (ValueError, KeyError, TypeError):
        return names


def _refuse(error: OSError) -> None:
    raise DataError(f"cannot read the folder {error.filename}: {error.strerror}") from error


def _by_name(path: str) -> tuple[str | None, str | None]:
    # What is read from standard input has its name from what it begins with.
    name = path if is_remote(path) else opens(path)
    stem, extension = os.path.splitext(name.lower())  # noqa: PTH122
    compression = EXTENSIONS.get(extension)
    if compression:
        extension = os.path.splitext(stem)[1]  # noqa: PTH122
    kind = _BY_EXTENSION.get(extension)
    return (None if kind in BINARY and compression else kind), compression


def _wanted(path: str, format: str) -> bool:
    kind, compression = _by_name(path)
    if format == "files":
        return True
    if kind == "json":
        begins = _json_begins(path, compression, encoding_of(path, compression, "auto"))
        if format != "json" or begins == "lines":
            kind = {"array": "json", "line": "jsonl", "lines": "jsonl"}.get(begins)
    elif kind == "mediawiki" and format == "auto":
        kind = kind if looks_like_dump(_head(path, compression, "utf-8")) else None
    return kind is not None and format in ("auto", kind)


def _json_begins(path: str, compression: str | None, encoding: str) -> str:
    # "lines", or a "line", begin with a whole object, as far as can be seen; else it is an "array" or an "object".
    data = _head(path, compression, encoding).removeprefix(b"\xef\xbb\xbf").lstrip()
    line, newline, more = data.partition(b"\n")
    whole = newline or len(data) < _PEEK_BYTES // 2
    if not data or (line.startswith(b"{") and (not whole or line.rstrip().endswith(b"}"))):
        return "lines" if more.strip() else "line"
    return "array" if data.startswith(b"[") else "object"


def _head(path: str, compression: str | None, encoding: str) -> bytes:
    with open_source(InputFile(0, path, "jsonl", compression, 0, encoding), ReadOptions()) as source:
        return source.read(_PEEK_BYTES)


def _file(path: str, format: str, encoding: str) -> InputFile:
    by_name, compression = _by_name(path)
    kind = by_name if format == "auto" else format
    if kind is None:
        raise DataError(f"{path}: its name does not tell its format ({_KNOWN}); give input.format")
    if kind in BINARY or by_name in BINARY:
        compression = None
    n_bytes, stamp = _size(path)
    if kind in BINARY or encoding not in ("auto", "utf-16"):
        # Else its encoding is told from what is in it, so that one that cannot be read is found out in any case.
        with ByteStream(path, compression) as source:
            source.read(1)
    if kind in BINARY:
        return InputFile(0, path, kind, None, n_bytes, stamp=stamp)
    found = encoding_of(path, compression, encoding)
    if format == "auto" and kind == "json" and _json_begins(path, compression, found).startswith("line"):
        kind = "jsonl"
    return InputFile(0, path, kind, compression, n_bytes, found, stamp)


def _size(path: str) -> tuple[int, int | str]:
    if isinstance(path, Location) and path.n_bytes is not None:
        return path.n_bytes, path.stamp
    try:
        status = os.stat(opens(path))  # noqa: PTH116
    except OSError:
        status = None
    if status is None or not stat.S_ISREG(status.st_mode):
        raise DataError(f"{path} is not a file that can be read")
    return status.st_size, status.st_mtime_ns
