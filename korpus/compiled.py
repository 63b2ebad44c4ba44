"""Compiled kernels, and where they are kept between runs: never beside the code, which may be read-only or shared.

They lie in the user's cache folder, or in a private temporary one, or nowhere, and then each process compiles anew.
``NUMBA_CACHE_DIR`` goes before these. The folder's name says for which sources, numba and Python they were compiled,
so that versions, checkouts and environments side by side never read each other's; the CPU is a part of every file's
name.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import platform
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import numba
import platformdirs
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator

from korpus._version import __version__

KEPT_DAYS = 60
"""Folders of other versions that nobody has used for so long are removed."""
_PREFIX = "korpus-kernels-"


def user_cache() -> Path | None:
    """Return the folder for what korpus keeps of this user's, which may not be there yet; None if there is no home."""
    # A user whom the system does not know, as in a container, may have none. Depending on its version, platformdirs
    # raises an error then, or gives a path that begins with ~.
    with suppress(RuntimeError):
        path = Path(platformdirs.user_cache_dir("korpus", appauthor=False))
        return path if path.is_absolute() else None
    return None


def _roots() -> Iterator[Path]:
    if numba.config.CACHE_DIR:
        yield Path(numba.config.CACHE_DIR)
        return
    if home := user_cache():
        yield home
    with suppress(OSError):
        yield Path(tempfile.gettempdir()) / f"korpus-{os.getuid() if hasattr(os, 'getuid') else 'user'}"


def _name() -> str:
    sources = hashlib.sha256()
    # A kernel is compiled into those that call it, so a change in one file is a change in all of them.
    for path in sorted((Path(__file__).parent / "kernels").glob("*.py")):
        sources.update(path.name.encode() + path.read_bytes())
    tags = (__version__, f"numba{numba.__version__}", sys.implementation.cache_tag, platform.machine())
    return _PREFIX + "-".join([*tags, sources.hexdigest()[:12]])


def _is_ours(folder: Path) -> bool:
    # What is read from here is run: nobody else may have made the folder, or be able to change it.
    if not hasattr(os, "getuid"):
        return folder.is_dir()
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & stat.S_IWOTH


@cache
def folder() -> Path | None:
    """Return the folder that compiled kernels are kept in, made if need be; None if there is no place for one."""
    for root in _roots():
        path = root / _name()
        with suppress(OSError):
            is_new = not path.is_dir()
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.mkdir(mode=0o700, exist_ok=True)
            # The folder that a user names may be shared, and filled by another one.
            if numba.config.CACHE_DIR or (_is_ours(root) and _is_ours(path) and os.access(path, os.W_OK)):
                with suppress(OSError):
                    os.utime(path)
                if is_new:
                    _tidy(root)
                return path
    return None


def _tidy(root: Path) -> None:
    oldest = time.time() - KEPT_DAYS * 24 * 3600
    for other in root.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if other.stat().st_mtime < oldest:
                shutil.rmtree(other, ignore_errors=True)


class _Files:
    """The compiled forms of one kernel, a file each.

    numba's own index of them is read, changed and written again without a lock, so that two processes that compile
    at once may take one name for two things. Whatever cannot be read is compiled anew, whatever cannot be written is
    not kept: a full disk or a damaged file costs time, and no run.
    """

    def __init__(self, folder: Path, name: str):
        self._folder, self._name = folder, name

    def _path(self, key: tuple) -> Path:
        return self._folder / f"{self._name}-{hashlib.sha256(repr(key).encode()).hexdigest()[:16]}.nbc"

    def load(self, key: tuple) -> Any:
        with suppress(Exception):
            found, data = pickle.loads(self._path(key).read_bytes())
            return data if found == repr(key) else None
        return None

    def save(self, key: tuple, data: Any) -> None:
        from numba.core.serialize import dumps

        path = self._path(key)
        temporary = path.with_name(f"{path.name}.{uuid4().hex[:8]}")
        try:
            temporary.write_bytes(dumps((repr(key), data)))
            temporary.replace(path)
        except OSError:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)

    def flush(self) -> None:
        """Do nothing: another version of the sources has another folder."""


class _Locator(_CacheLocator):
    """Tells numba where: the same folder for every kernel."""

    def __init__(self, py_file: str):
        self._py_file = py_file

    @classmethod
    def from_function(cls, py_func: Callable, py_file: str) -> _Locator:
        return cls(py_file)

    def get_cache_path(self) -> str:
        return str(folder())

    def ensure_cache_path(self) -> None:
        """Do nothing: what cannot be written is not kept."""

    def get_source_stamp(self) -> str:
        return ""

    def get_disambiguator(self) -> str:
        return ""


class _Kept(CompileResultCacheImpl):
    _locator_classes = [_Locator]  # noqa: RUF012 - numba's own


class _Cache(FunctionCache):
    _impl_class = _Kept

    def __init__(self, function: Callable, where: Path):
        super().__init__(function)
        self._cache_file = _Files(where, f"{function.__module__.rpartition('.')[2]}.{function.__name__}")


def kernel(function: Callable) -> Any:
    """Compile a function of `korpus.kernels` when it is first called, or take what was compiled before.

    Parameters
    ----------
    function : callable
        On numpy arrays and numbers; it runs without Python's global lock.
    """
    return _compiled(function)


def uncounted(function: Callable) -> Any:
    """Do what `kernel` does for a function that makes no arrays but views: it does not count references to them.

    Functions with several ends count those to each array that they are given, in atomic steps: for what is called for
    every other word of a text, most of its time. It must not return an array.
    """
    return _compiled(function, _nrt=False)


def _compiled(function: Callable, **options: bool) -> Any:
    dispatcher = numba.njit(nogil=True, **options)(function)
    where = None if numba.config.DISABLE_JIT else folder()
    if where is not None:
        dispatcher._cache = _Cache(function, where)
    return dispatcher
