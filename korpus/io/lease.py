"""Keeping a second run out of a folder of a store, which has no locks: whoever writes there says so all the time."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from korpus.errors import DataError, ResumeError
from korpus.io.atomic import read_sealed, remove, replacing, write_sealed
from korpus.io.lock import BEAT_S, HOLDER, LOCK, SILENCE_S, WAIT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def leased(folder: Path, out: str) -> Iterator[None]:
    """Be the one run that writes to a folder of a store while the block lasts.

    Parameters
    ----------
    folder : Path
        Of a store (`korpus.io.place`): where the run keeps what it needs for itself.
    out : str
        What the run writes to, for messages.

    Raises
    ------
    ResumeError
        If another run is at work there, or was until less than a minute ago.

    Notes
    -----
    Two runs that begin in the same second are told apart by what stands there in the end. A run of this machine whose
    process is gone is dead; of others, silence for six beats says so, by the clock of the store.
    """
    path, token = folder / HOLDER, secrets.token_hex(8)
    _refuse(folder, out)
    started = datetime.now(timezone.utc).isoformat(timespec="seconds")
    mine = {"pid": os.getpid(), "host": socket.gethostname(), "started": started, "token": token}
    write_sealed(path, mine)
    if (holder := _holder(path)) and holder.get("token") != token:
        raise _another(holder, out)
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT_S):
            with suppress(OSError, DataError):
                write_sealed(path, mine)

    beating = threading.Thread(target=beat, name="korpus-lease", daemon=True)
    beating.start()
    try:
        yield
    finally:
        ended.set()
        beating.join()
        with suppress(OSError, DataError):
            path.unlink(missing_ok=True)
            if not any(folder.iterdir()):
                remove(folder)


def _refuse(folder: Path, out: str) -> None:
    path = folder / HOLDER
    holder = _holder(path)
    if holder is None or (holder["host"] == socket.gethostname() and not _lives(holder["pid"])):
        return
    # Both times are those of the store.
    with replacing(folder / LOCK) as temporary:
        temporary.write_bytes(b"")
    try:
        age = (folder / LOCK).stat().st_mtime - path.stat().st_mtime
    finally:
        (folder / LOCK).unlink(missing_ok=True)
    if age < SILENCE_S:
        raise _another(holder, out)


def _holder(path: Path) -> dict[str, Any] | None:
    try:
        return read_sealed(path, "")
    except DataError:
        return None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _another(holder: dict[str, Any], out: str) -> ResumeError:
    return ResumeError(
        f"another korpus (process {holder['pid']} on {holder['host']}, since {holder['started']}) is writing to {out}; "
        f"{WAIT}; if it was killed, give the same command again in a minute"
    )
