"""Writing files so that none under its final name is ever partial."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import shutil
import zlib
from abc import ABC, abstractmethod
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from korpus.errors import DataError
from korpus.io.opening import open_input
from korpus.io.place import is_elsewhere, relative, scratch_file

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from types import TracebackType

TEMPORARY = ".tmp-"


def finished_files(folder: Path, pattern: str) -> list[Path]:
    """Return the files of a folder that match and have got their final name, sorted; a killed run leaves others."""
    return sorted(path for path in folder.glob(pattern) if not path.name.startswith(TEMPORARY))


@contextmanager
def replacing(path: Path, durable: bool = False) -> Iterator[Path]:
    """Give a temporary path beside `path`, and rename it to `path` once the block has ended well.

    Parameters
    ----------
    path : Path
        The final name.
    durable : bool
        Whether to wait until the disk has it: for what is there to stay, not for what only the run itself reads.

    Raises
    ------
    DataError
        If the disk is full, or the folder cannot be written.
    """
    if is_elsewhere(path):
        yield from _publishing(path)
        return
    # Of the number of a process there may be several, on machines that share the folder.
    temporary = path.with_name(f"{TEMPORARY}{os.getpid()}{secrets.token_hex(3)}-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        if durable:
            sync(temporary)
        temporary.replace(path)
        if durable:
            sync(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise explained(error, path) from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


class Finishing(ABC):
    """A writer of files, used as a context manager: they are finished if the block ends well, and dropped if not.

    What it opens it enters into the stack ``_open``.
    """

    def __init__(self) -> None:
        self._open = ExitStack()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._open.__exit__(kind, error, trace)
            return
        with self._open:
            self._finish()

    @abstractmethod
    def _finish(self) -> None:
        """Write what is held yet."""


def _publishing(path: Path) -> Iterator[Path]:
    """`replacing` for a store, which has a file whole or not at all."""
    temporary = scratch_file()
    try:
        yield temporary
        _published[path] = fingerprint(temporary)
        cast("Any", path).put(temporary)
    except OSError as error:
        raise explained(error, path) from error
    finally:
        temporary.unlink(missing_ok=True)


_published: dict[Path, list[int]] = {}
"""Of what this process has published in a store and no mark tells of yet, so that it is not fetched for that."""


def sync(path: Path) -> None:
    """Wait until the disk has a file, or the names in a folder; what a store has taken is safe."""
    if is_elsewhere(path) or (path.is_dir() and os.name == "nt"):
        return  # Windows opens no folders.
    file = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def sync_folders(top: Path, but: Path | None = None) -> None:
    """Wait until the disk has the names of all that is in a folder and in those below it, and the folder's own.

    Parameters
    ----------
    top : Path
    but : Path, optional
        A folder directly in it, which does not matter.
    """
    if is_elsewhere(top):
        return
    for folder, names, _ in os.walk(top):
        names[:] = [name for name in names if Path(folder, name) != but]
        sync(Path(folder))
    for above in top.absolute().parents:
        with suppress(OSError):  # one that may not be listed
            sync(above)


def explained(error: OSError, path: Path) -> DataError:
    """Turn an error of the operating system into one that says what to do."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DataError(
            f"the disk is full: {path} could not be written; free some space and give the same command again, "
            f"it goes on where it stopped"
        )
    return DataError(f"{path} could not be written: {error.strerror or error}")


def remove(path: Path) -> None:
    """Remove a folder and all that is in it, or a file, if it is there."""
    if is_elsewhere(path):
        cast("Any", path).rmtree()
    elif path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_text(path: Path, text: str, durable: bool = False) -> None:
    """Write a text file under its final name at once."""
    with replacing(path, durable) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, data: Any, durable: bool = False) -> None:
    """Write plain data as JSON, keys in the order given; what is not to last, without the line breaks for people."""
    write_text(path, json.dumps(data, ensure_ascii=False, indent=1 if durable else None) + "\n", durable)


def read_json(path: Path) -> Any:
    """Read a JSON file that something else vouches for."""
    return json.loads(path.read_text(encoding="utf-8"))


CHECKSUM = "checksum"
"""The key under which a JSON object says what the rest of it comes to, so that it tells itself if it was altered."""


def _checksum(data: Mapping[str, Any]) -> str:
    rest = {name: value for name, value in data.items() if name != CHECKSUM}
    text = json.dumps(rest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def sealed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return plain data with its checksum."""
    return {**data, CHECKSUM: _checksum(data)}


def write_sealed(path: Path, data: Mapping[str, Any], durable: bool = False) -> None:
    """Write a JSON object with its checksum."""
    write_json(path, sealed(data), durable)


def read_sealed(path: Path, remedy: str, required: bool = True) -> dict[str, Any]:
    """Read a JSON object that `write_sealed` has written; see `unsealed`."""
    try:
        return unsealed(path.read_bytes(), str(path), remedy, required)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}; {remedy}") from error


def unsealed(content: bytes, name: str, remedy: str, required: bool = True) -> dict[str, Any]:
    """Parse a JSON object that has a checksum.

    Parameters
    ----------
    content : bytes
    name : str
        Of the file, for errors.
    remedy : str
        What to do if it is damaged.
    required : bool
        Whether one without a checksum counts as damaged; earlier versions of korpus wrote none.

    Raises
    ------
    DataError
        If it is not what was written.
    """
    try:
        data = json.loads(content.decode("utf-8"))
        claimed = data.get(CHECKSUM)
        whole = not required if claimed is None else claimed == _checksum(data)
    except (ValueError, AttributeError, TypeError, RecursionError):
        whole = False
    if not whole:
        raise DataError(f"{name} is not as korpus wrote it: it was cut or altered; {remedy}")
    return data


def fingerprint(path: Path) -> list[int]:
    """Return the size of a file and the CRC-32 of its bytes: enough to tell damage, at several GB a second."""
    n = crc = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            n, crc = n + len(block), zlib.crc32(block, crc)
    return [n, crc]


def write_mark(path: Path, data: Any, key: str, files: Iterable[Path] = (), durable: bool = False) -> None:
    """Write down that files are finished, and what is to be said of them.

    A mark is believed only if it and its files are whole (`read_whole`), so that it need not reach the disk after
    them; what is lost with the power is done again.

    Parameters
    ----------
    path : Path
    data : object
        Plain data.
    key : str
        Of the run.
    files : iterable of Path
        Those that are there are recorded with their fingerprints.
    durable : bool
        Whether to wait until the disk has all of it.
    """
    there = [file for file in files if file.exists()]
    if durable:
        for file in there:
            sync(file)
    prints = {relative(file, path.parent): _published.pop(file, []) or fingerprint(file) for file in there}
    write_sealed(path, {"key": key, "files": prints, "of": data}, durable)


def read_mark(path: Path) -> Any:
    """Return what a mark says."""
    return read_sealed(path, "give the same command again with --fresh")["of"]


def read_whole(path: Path, key: str, gone: tuple[str, ...] = (), without: Collection[str] = ()) -> Any:
    """Return what a mark says; None if it is not of this run, or it or one of its files is missing, cut or altered.

    Parameters
    ----------
    path : Path
    key : str
        Of the run.
    gone : tuple of str
        Files that lie in folders whose names begin so are not needed any longer.
    without : collection of str
        Nor are these, named relative to the folder of the mark.
    """
    with suppress(DataError, OSError):
        mark = read_sealed(path, "")
        needed = {
            path.parent / name: what
            for name, what in mark["files"].items()
            if not (gone and Path(name).parent.name.startswith(gone)) and name not in without
        }
        if mark["key"] == key and all(_is_whole(file, what) for file, what in needed.items()):
            return mark["of"]
    return None


def _is_whole(path: Path, print_: list[int]) -> bool:
    # A store has whole files and vouches for their bytes; to compare them all would be to fetch the run.
    return path.stat().st_size == print_[0] if is_elsewhere(path) else fingerprint(path) == print_


def sha256(path: Path | str) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with open_input(path) as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
