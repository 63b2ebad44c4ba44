"""Stores: where files lie that are elsewhere - object stores, HDFS, the web. Listed and written whole.

``s3://``, ``gs://`` and ``hdfs://`` are pyarrow's file systems, ``http(s)://`` is read by `korpus.io.web`, other
schemes are left to fsspec. Whatever goes wrong with them is a `DataError`, never an end of the file.
"""

from __future__ import annotations

import fnmatch
import glob
import random
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any

from korpus.errors import DataError, MissingExtra
from korpus.io.location import WEB, Location, Parts, child, located, opens, parts_of

_ARROW = ("s3", "gs", "gcs", "hdfs", "viewfs", "abfs", "abfss", "file")

_WHOLE = ("s3", "gcs", "abfs")
"""Stores in which a file is there only when all of it is."""

_HINTS = (
    (
        r"ACCESS_DENIED|INVALID_ACCESS|SIGNATURE|\b40[13]\b|forbidden|unauthori|credential|permission",
        "access is refused; see that the store's credentials (for s3:// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
        "or a profile) are set and may do this",
    ),
    (r"NO_SUCH|NOT_FOUND|\b404\b|not exist|not found|no such", "there is no such file, folder or bucket"),
    (
        r"NETWORK|CONNECT|resolve|refused|reset|timed? ?out|unreachable|name or service",
        "the store cannot be reached; see to the network and the address (for s3:// the region and AWS_ENDPOINT_URL), "
        "and give the same command again, it goes on where it stopped",
    ),
    ("", "give the same command again, it goes on where it stopped"),
)


_BUSY = re.compile(
    r"SLOW_?DOWN|THROTTL|TOO_?MANY|REQUEST_?LIMIT|SERVICE_?UNAVAILABLE|INTERNAL_?(?:FAILURE|ERROR)|"
    r"HTTP (?:status|response code|error)?:? ?(?:429|500|502|503)\b",
    re.IGNORECASE,
)
"""What a store says that asks to be left alone for a moment. pyarrow asks again after errors of the network alone."""
WAITS_S = (1, 3, 9, 27)
"""How long it is left alone, one time after the other; a little more or less, so that many do not come back at once."""


def patiently(call: Callable[..., Any], *args: Any, **named: Any) -> Any:
    """Call what asks something of a store; again after a while, as long as the store says that it is busy."""
    for wait_s in WAITS_S:
        try:
            return call(*args, **named)
        except OSError as error:
            if not _BUSY.search(str(error)):
                raise
        time.sleep(wait_s * random.uniform(0.7, 1.3))  # noqa: S311  # not for secrets
    return call(*args, **named)


def _patient(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def again(self: Any, *args: Any, **named: Any) -> Any:
        return patiently(method, self, *args, **named)

    return again


@contextmanager
def explained(path: str, doing: str = "read") -> Iterator[None]:
    """Turn what goes wrong with a remote file into a `DataError` that says what to do, without secrets."""
    import pyarrow as pa

    try:
        yield
    except (OSError, pa.ArrowException, ValueError) as error:
        said = " ".join(str(error).split()) or type(error).__name__
        hints = _HINTS if isinstance(error, OSError) else ()
        parts = parts_of(opens(path))
        options = [option.partition("=")[2] for option in parts.query.split("&")]
        for secret in (parts.query, parts.user, *parts.user.split(":"), *options):
            said = said.replace(secret, "…") if len(secret) > 3 else said
        hint = next((hint for pattern, hint in hints if re.search(pattern, said, re.IGNORECASE)), "")
        raise DataError(f"cannot {doing} {path}: " + (f"{hint} ({said})" if hint else said)) from None


class Store:
    """A file system of pyarrow, or one of fsspec behind it, and the folder in it that its URIs begin at."""

    def __init__(self, fs: Any, root: str):
        self.fs, self.root = fs, root

    @_patient
    def find(self, path: str) -> tuple[bool, Location | None]:
        """Return whether there is a folder of this name, or else the file."""
        from pyarrow.fs import FileType

        (info,) = self.fs.get_file_info([self.key(path)])
        if info.type == FileType.Directory:
            return True, None
        return False, None if info.type == FileType.NotFound else _with_info(path, info)

    @_patient
    def children(self, folder: str, recursive: bool) -> list[tuple[Location, bool]]:
        """Return the files, and the folders, of a folder; of all folders below it too."""
        from pyarrow.fs import FileSelector, FileType

        # Not all stores say the first slash of a path.
        key = self.key(folder)
        n = len(key.strip("/"))
        found = []
        for info in self.fs.get_file_info(FileSelector(key, allow_not_found=True, recursive=recursive)):
            below = info.path.strip("/")[n:].lstrip("/")
            found.append((_with_info(child(folder, below), info), info.type == FileType.Directory))
        return found

    def key(self, path: str) -> str:
        """Return the path within the file system."""
        return f"{self.root}/{parts_of(opens(path)).path.strip('/')}".rstrip("/") or "/"

    @_patient
    def open(self, path: str) -> Any:
        """Open a file."""
        return self.fs.open_input_file(self.key(path))

    @_patient
    def put(self, local: Path, path: str) -> None:
        """Upload a file; under its name stands nothing until all of it is there."""
        from pyarrow.fs import FileType, LocalFileSystem, copy_files

        key = goal = self.key(path)
        folder, _, name = key.rpartition("/")
        if self.fs.type_name not in _WHOLE:
            # A task may be at work twice, on two machines.
            goal = f"{folder}/.tmp-{secrets.token_hex(4)}-{name}"
            self.fs.create_dir(folder)
        # Not a loop of our own: if that were interrupted, a store would take what it has for the whole file.
        copy_files(str(local), goal, LocalFileSystem(), self.fs)
        if goal != key:
            if self.fs.get_file_info([key])[0].type == FileType.File:
                self.fs.delete_file(key)
            self.fs.move(goal, key)

    @_patient
    def get(self, path: str, local: Path) -> None:
        """Copy a file to this machine."""
        from pyarrow.fs import LocalFileSystem, copy_files

        copy_files(self.key(path), str(local), self.fs, LocalFileSystem())

    @_patient
    def remove(self, path: str) -> None:
        """Remove a file."""
        self.fs.delete_file(self.key(path))

    @_patient
    def remove_all(self, path: str) -> None:
        """Remove a folder and all that is in it, or a file; nothing, if there is neither."""
        from pyarrow.fs import FileType

        (info,) = self.fs.get_file_info([key := self.key(path)])
        if info.type == FileType.Directory:
            self.fs.delete_dir(key)
        elif info.type == FileType.File:
            self.fs.delete_file(key)


def _with_info(path: str, info: Any) -> Location:
    return Location(str(path), opens(path), info.size, info.mtime_ns or 0)


def store(path: str) -> Any:
    """Return the store that a remote path is in; it is made once in a process.

    Raises
    ------
    DataError
        If it cannot be used.
    MissingExtra
        If it needs fsspec.
    """
    parts = parts_of(opens(path))
    if parts.scheme in WEB:
        from korpus.io.web import Web

        return Web()
    with explained(path):
        return _made(parts._replace(path=""))


@lru_cache(maxsize=64)
def _made(parts: Parts) -> Store:
    import pyarrow.fs

    query = parts.query
    if parts.scheme in ("gs", "gcs") and "retry_limit_seconds" not in query:
        # Its own limit is a quarter of an hour.
        query = "&".join(filter(None, [query, "retry_limit_seconds=60"]))
    uri = parts._replace(query=query).at("/").opens
    if parts.scheme in _ARROW:
        fs, root = pyarrow.fs.FileSystem.from_uri(uri)
        return Store(fs, root.rstrip("/"))
    try:
        import fsspec
    except ImportError:
        raise MissingExtra(f"reading {parts.scheme}://", "remote") from None
    try:
        fs, root = fsspec.core.url_to_fs(uri)
    except ImportError as error:
        raise DataError(f"{parts.scheme}:// cannot be read: {error}") from None
    return Store(pyarrow.fs.PyFileSystem(pyarrow.fs.FSSpecHandler(fs)), root.rstrip("/"))


def find(entry: str) -> tuple[str, list[Location], list[Location]]:
    """Find the files that a remote path stands for.

    Returns
    -------
    kind : str
        ``file``, ``folder`` or ``glob``.
    named, inside : list of Location
        Files that the path itself names or matches, and files inside folders that it does; those whose own name, or
        that of a folder between, begins with a dot are passed over.

    Raises
    ------
    DataError
        If there is nothing, or the store cannot be read.
    """
    entry = located(entry)
    where = store(entry)
    with explained(entry):
        is_folder, file = where.find(entry)
        if is_folder:
            return "folder", [], _inside(where, entry)
        if file is not None:
            return "file", [file], []
        parts = parts_of(opens(entry))
        if not glob.has_magic(parts.path) or parts.scheme in WEB:
            raise DataError(f"there is no file or folder {entry}")
        steps = parts.path.strip("/").split("/")
        first = next(i for i, step in enumerate(steps) if glob.has_magic(step))
        top = parts.at("/".join(["", *steps[:first]]))
        named, inside = [], []
        for found, is_folder in _matching(where, top, steps[first:]):
            if is_folder:
                inside += _inside(where, found)
            else:
                named.append(found)
    return "glob", named, inside


def _inside(where: Any, folder: str) -> list[Location]:
    n = len(folder.rstrip("/"))
    files = [path for path, is_folder in where.children(folder, recursive=True) if not is_folder]
    return [path for path in files if "/." not in path[n:]]


def _matching(where: Any, folder: str, steps: list[str]) -> Iterator[tuple[Location, bool]]:
    step, *more = steps
    if step == "**":
        # No folder, or any number of them.
        yield from _matching(where, folder, more or ["*"])
        for path, is_folder in list(where.children(folder, recursive=False)):
            if is_folder and not _is_hidden(path):
                yield from _matching(where, path, steps)
        return
    for path, is_folder in list(where.children(folder, recursive=False)):
        name = path.rstrip("/").rpartition("/")[2]
        if fnmatch.fnmatchcase(name, step) and (step.startswith(".") or not _is_hidden(path)):
            if not more:
                yield path, is_folder
            elif is_folder:
                yield from _matching(where, path, more)


def _is_hidden(path: str) -> bool:
    return path.rstrip("/").rpartition("/")[2].startswith(".")
