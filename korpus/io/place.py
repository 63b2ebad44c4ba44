"""Paths of a run: those of this machine are `pathlib.Path`, those of a store elsewhere behave like them.

A run names its files, publishes each whole under its name, and reads them back. Here they are read in place, by memory
map; of a store they are fetched, or read by ranges. `Place` has as much of `pathlib.Path` as a run needs.
"""

from __future__ import annotations

import atexit
import fnmatch
import hashlib
import os
import posixpath
import secrets
import shutil
import tempfile
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from korpus.io.location import Location, is_remote, located, opens, parts_of
from korpus.io.opening import RemoteFile
from korpus.io.stores import explained, store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

KEPT_BYTES = 4 << 30
"""Of fetched files, how much a machine keeps at most for later tasks; the one fetched last is always kept."""
_ENDED_BY_SPARK = "SPARK_EXECUTOR_DIRS"
"""Names folders that go when the executor does; a temporary folder of ours stays behind if it is killed."""


class _Status(NamedTuple):
    st_size: int
    st_mtime: float


class Place:
    """A file or folder in a store elsewhere; immutable, ordered and hashed by its URI without secrets.

    Parameters
    ----------
    uri : str
        Such as ``s3://bucket/folder``; with options, as `korpus.io.location.Location` has them.
    """

    __slots__ = ("uri",)

    def __init__(self, uri: str):
        self.uri = located(uri)

    def __reduce__(self) -> tuple:
        return Place, (self.uri,)

    def __str__(self) -> str:
        return str(self.uri)

    def __repr__(self) -> str:
        return f"Place({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Place) and str(self) == str(other)

    def __lt__(self, other: Place) -> bool:
        return str(self) < str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def __truediv__(self, below: str | PurePosixPath) -> Place:
        parts = parts_of(opens(self.uri))
        return Place(parts.at(posixpath.normpath(f"{parts.path}/{below}")))

    @property
    def opens(self) -> str:
        """The URI with its secrets and options."""
        return opens(self.uri)

    @property
    def _path(self) -> PurePosixPath:
        return PurePosixPath(parts_of(opens(self.uri)).path)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self._path.name

    @property
    def stem(self) -> str:
        """The name without its ending."""
        return self._path.stem

    @property
    def parent(self) -> Place:
        """The folder."""
        return Place(parts_of(opens(self.uri)).at(str(self._path.parent)))

    def with_name(self, name: str) -> Place:
        """Return the place of another name in the same folder."""
        return Place(parts_of(opens(self.uri)).at(str(self._path.with_name(name))))

    def with_stem(self, stem: str) -> Place:
        """Return the place whose name has another stem."""
        return self.with_name(stem + self._path.suffix)

    def with_suffix(self, suffix: str) -> Place:
        """Return the place whose name has another ending."""
        return self.with_name(self.stem + suffix)

    def relative_to(self, folder: Place) -> PurePosixPath:
        """Return the path below a folder."""
        return self._path.relative_to(folder._path)

    def absolute(self) -> Place:
        """Return the place itself."""
        return self

    def _found(self) -> tuple[bool, Location | None]:
        with explained(self.uri):
            return store(self.uri).find(self.uri)

    def exists(self) -> bool:
        """Tell whether there is a file or folder."""
        is_folder, file = self._found()
        return is_folder or file is not None

    def is_file(self) -> bool:
        """Tell whether there is a file."""
        return self._found()[1] is not None

    def is_dir(self) -> bool:
        """Tell whether there is a folder: anything whose path goes on from here."""
        return self._found()[0]

    def stat(self) -> _Status:
        """Return the size of a file, and when it was written by the clock of the store.

        Raises
        ------
        FileNotFoundError
            If there is none.
        """
        _, file = self._found()
        if file is None:
            raise FileNotFoundError(2, "there is no such file", str(self))
        return _Status(file.n_bytes or 0, int(file.stamp) / 1e9)

    def _children(self, recursive: bool) -> Iterator[tuple[Place, bool]]:
        with explained(self.uri):
            for path, is_folder in list(store(self.uri).children(self.uri, recursive)):
                yield Place(path), is_folder

    def iterdir(self) -> Iterator[Place]:
        """Yield what is directly in the folder; nothing if there is none."""
        return (path for path, _ in self._children(recursive=False))

    def glob(self, pattern: str) -> Iterator[Place]:
        """Yield what is directly in the folder and whose name matches."""
        return (path for path in self.iterdir() if fnmatch.fnmatchcase(path.name, pattern))

    def rglob(self, pattern: str) -> Iterator[Place]:
        """Yield the files in the folder, and in all below it, whose name matches."""
        found = self._children(recursive=True)
        return (path for path, is_folder in found if not is_folder and fnmatch.fnmatchcase(path.name, pattern))

    def mkdir(self, parents: bool = False, exist_ok: bool = False) -> None:
        """Do nothing: folders of a store are there as soon as a file is in them."""

    def unlink(self, missing_ok: bool = False) -> None:
        """Remove a file."""
        if missing_ok and not self.is_file():
            return
        with explained(self.uri, "remove"):
            store(self.uri).remove(self.uri)

    def rmtree(self) -> None:
        """Remove a folder and all that is in it, or a file."""
        with explained(self.uri, "remove"):
            store(self.uri).remove_all(self.uri)

    def open(self, mode: str = "rb") -> RemoteFile:
        """Open a file for reading."""
        assert mode == "rb", "what is written is published whole"
        return RemoteFile(self.uri)

    def read_bytes(self) -> bytes:
        """Return the content of a file."""
        if not self.is_file():
            raise FileNotFoundError(2, "there is no such file", str(self))
        with self.open() as file:
            return file.read()

    def read_text(self, encoding: str = "utf-8") -> str:
        """Return the content of a text file."""
        return self.read_bytes().decode(encoding)

    def put(self, local: Path) -> None:
        """Publish a file of this machine under this name: there is all of it, or none."""
        with explained(self.uri, "write"):
            store(self.uri).put(local, self.uri)


def place(path: Path | str) -> Path:
    """Return the path of a run's folder, or of a file in it: a `Path`, or a `Place` that stands for one."""
    if isinstance(path, Place):
        return cast("Path", path)
    return cast("Path", Place(path)) if is_remote(path) else Path(path)


def is_elsewhere(path: Path) -> bool:
    """Tell whether what `place` has returned lies in a store."""
    return isinstance(cast("Any", path), Place)


def relative(path: Path, folder: Path) -> str:
    """Return the way from a folder to a path of the same run, with ``..`` where it leads up."""
    if is_elsewhere(path):
        elsewhere, start = cast("Any", path), cast("Any", folder)
        return posixpath.relpath(str(elsewhere._path), str(start._path))
    return os.path.relpath(path, folder)


@lru_cache(maxsize=1)
def _scratch(pid: int) -> Path:
    """Return a folder of this machine for files that are fetched, or not published yet."""
    folders = os.environ.get(_ENDED_BY_SPARK, "").split(os.pathsep)
    if folders[0] and Path(folders[0]).is_dir():
        folder = Path(folders[0]) / "korpus"
        folder.mkdir(exist_ok=True)
        return folder
    folder = Path(tempfile.mkdtemp(prefix="korpus-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def scratch_file() -> Path:
    """Return a path on this machine that nobody else has."""
    folder = _scratch(os.getpid())
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{os.getpid()}-{secrets.token_hex(6)}"


def fetched(path: Path) -> Path:
    """Return a file of a run as one of this machine, where it can be mapped; what is fetched is kept for a while.

    It need not be removed. A file that was written anew under the same name is fetched anew if its size or its time
    is another; stores tell times by the second, so what changes within a run gets another name each time.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    if not is_elsewhere(path):
        return path
    there = cast("Any", path)
    status = there.stat()
    name = hashlib.sha256(f"{opens(there.uri)} {status}".encode()).hexdigest()[:24]
    target = _scratch(os.getpid()) / f"fetched-{name}"
    if not target.exists():
        _make_room(target.parent, status.st_size)
        copy(path, target)
    return target


def copy(path: Path, target: Path) -> None:
    """Copy a file of a store to this machine, whole or not at all."""
    there, temporary = cast("Any", path), scratch_file()
    try:
        with explained(there.uri):
            store(there.uri).get(there.uri, temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _make_room(folder: Path, n_bytes: int) -> None:
    """Remove the oldest of what was fetched; who has one mapped keeps it for as long."""
    held = []
    for path in folder.glob("fetched-*"):
        with suppress(OSError):
            held.append((path.stat().st_mtime, path.stat().st_size, path))
    total = n_bytes + sum(size for _, size, _ in held)
    for _, size, path in sorted(held):
        if total <= KEPT_BYTES:
            return
        with suppress(OSError):
            path.unlink()
            total -= size


@contextmanager
def made_here(folder: Path, inputs: Sequence[Path]) -> Iterator[tuple[Path, list[Path]]]:
    """Give a folder of this machine to make files in, and files of the run on this machine to make them of.

    What is made is published in `folder`, and nothing of it stays here, if that is in a store.
    """
    if not is_elsewhere(folder):
        yield folder, list(inputs)
        return
    top = scratch_file()
    made = top / "made" / folder.name
    here = [top / "inputs" / f"{i}-{path.name}" for i, path in enumerate(inputs)]
    try:
        (top / "inputs").mkdir(parents=True)
        for path, target in zip(inputs, here):
            copy(path, target)
        yield made, here
        for path in sorted(made.rglob("*")):
            if path.is_file():
                cast("Any", folder / path.relative_to(made).as_posix()).put(path)
    finally:
        shutil.rmtree(top, ignore_errors=True)


def working(path: Path) -> Path:
    """Return where a file of a run is made if it changes for a while: at its place, or on this machine (`publish`)."""
    return scratch_file() if is_elsewhere(path) else path


def publish(made: Path, path: Path) -> None:
    """Put what was made at `working` of a path under its name."""
    if made != path:
        cast("Any", path).put(made)
        made.unlink(missing_ok=True)
