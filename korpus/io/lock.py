"""Keeping a second run out of a folder.

The operating system holds the lock, and lets go of it when the process ends in whatever way. Beside it a file says who
holds it, for people, and for machines that share the disk but not the locks: it is touched again and again for as long
as the process lives, so that others can tell a run on another machine from one that is dead.
"""

from __future__ import annotations

import errno
import os
import socket
import threading
import warnings
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from korpus.errors import DataError, ResumeError
from korpus.io.atomic import explained, read_sealed, write_sealed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from filelock import BaseFileLock

LOCK, HOLDER = "lock", "lock.json"
LOCK_FILES = (LOCK, HOLDER)
BEAT_S = 10.0
"""How often the holder touches its file."""
SILENCE_S = 6 * BEAT_S
"""A holder on another machine that has been silent for so long is dead."""


@contextmanager
def locked(folder: Path, out: str | Path) -> Iterator[None]:
    """Hold the lock of a run while the block lasts.

    Parameters
    ----------
    folder : Path
        Where the lock lies; made if it is not there, and removed again if nothing else is in it.
    out : str or Path
        What the run writes to, for messages.

    Raises
    ------
    ResumeError
        If another process holds the lock, here or on another machine, or the place is taken by a file.
    DataError
        If the folder cannot be written.
    """
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        lock = _acquire(folder, out)
        try:
            with _told(folder / HOLDER, out):
                yield
        finally:
            # Gone before it is let go, or another process could hold a file that has no name any more.
            with suppress(OSError):
                (folder / LOCK).unlink()
            lock.release()
            with suppress(OSError):  # Windows removes no open file
                if os.name == "nt":
                    (folder / LOCK).unlink()
    finally:
        for place in [folder, *made]:
            with suppress(OSError):
                place.rmdir()


def _acquire(folder: Path, out: str | Path) -> BaseFileLock:
    with warnings.catch_warnings():
        # Where a Python has neither kind of lock of the system, a file that is there is one.
        warnings.simplefilter("ignore", UserWarning)
        from filelock import FileLock, SoftFileLock, Timeout

    path = folder / LOCK
    while True:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if FileLock is not SoftFileLock:
                path.touch()
            lock = FileLock(path, timeout=0, fallback_to_soft=False)
            before = path.stat().st_ino if path.exists() else None
            lock.acquire()
        except Timeout:
            raise ResumeError(f"another korpus{_who(folder / HOLDER)} is writing to {out}; {WAIT}") from None
        except (FileExistsError, NotADirectoryError):
            raise ResumeError(f"{out} is not a folder; give another with -o") from None
        except FileNotFoundError:
            continue  # its last holder has just removed it
        except (OSError, NotImplementedError) as error:
            if isinstance(error, NotImplementedError) or error.errno in _NO_LOCKS:
                with suppress(OSError):
                    path.unlink()  # nobody holds it
                raise DataError(
                    f"the disk of {out} has no locks, as a network share may have none; two runs could write there at "
                    f"once, so give a folder on another disk with -o, or mount it with its locks"
                ) from error
            raise explained(error, path) from error
        with suppress(FileNotFoundError):
            if before in (None, path.stat().st_ino):
                return lock
        lock.release()


_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
WAIT = "wait until it is done, or give another folder with -o"


def _holder(path: Path) -> dict | None:
    try:
        return read_sealed(path, "")
    except DataError:
        return None


def _who(path: Path) -> str:
    holder = _holder(path)
    return f" (process {holder['pid']} on {holder['host']}, since {holder['started']})" if holder else ""


@contextmanager
def _told(path: Path, out: str | Path) -> Iterator[None]:
    """Say in a file who holds the lock while the block lasts; refuse if it is someone elsewhere."""
    host, holder = socket.gethostname(), _holder(path)
    with suppress(OSError):
        # Both times are those of the disk, so that the clocks of the machines need not agree.
        age = (path.with_name(LOCK)).stat().st_mtime - path.stat().st_mtime
        if holder and holder["host"] != host and age < SILENCE_S:
            raise ResumeError(
                f"another korpus{_who(path)} is writing to {out}, or was until {max(0, age):.0f} s ago; {WAIT}; if "
                f"it was killed, give the same command again in a minute"
            )
    started = datetime.now(timezone.utc).isoformat(timespec="seconds")
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT_S):
            with suppress(OSError):
                os.utime(path)

    beating = threading.Thread(target=beat, name="korpus-lock", daemon=True)
    try:
        write_sealed(path, {"pid": os.getpid(), "host": host, "started": started})
        beating.start()
        yield
    finally:
        ended.set()
        path.unlink(missing_ok=True)
