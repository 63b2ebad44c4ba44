"""How the command ends when it is told to: Ctrl-C, SIGTERM, and SIGHUP when its terminal goes."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from types import FrameType
from typing import Any, NoReturn

_SAID = {"SIGINT": "interrupted", "SIGTERM": "terminated", "SIGHUP": "hung up"}
PATIENCE_S = 10.0
"""Whoever was told to end and has not after so long is ended; all that is on disk goes on from there."""

_received: int | None = None
_silent = False


class Stopped(BaseException):
    """The process was told to end."""


def listen() -> None:
    """Let the signals that end a program raise `Stopped` once; a second one ends it at once.

    For the command alone: in other people's programs signals are theirs. What the caller has made to be ignored, as
    ``nohup`` does, stays so.
    """
    sys.unraisablehook = _unraisable
    for name in _SAID:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _stop)


def _stop(number: int, frame: FrameType | None) -> None:
    global _received
    if _received is not None:
        leave()
    _received = number
    # An exception may be lost in code that lets none pass, such as a callback from C.
    patience = threading.Timer(PATIENCE_S, leave)
    patience.daemon = True
    with suppress(RuntimeError):  # no thread starts any more: the process is about to end
        patience.start()
    raise Stopped


def received() -> bool:
    """Return whether the process was told to end: whatever it raised since then is a consequence of that."""
    return _received is not None


def say() -> int:
    """Say in one line why the process ends; return the status that a shell gives for the signal (130, 143, 129)."""
    global _silent
    number = _received or signal.SIGINT
    line = f"{_SAID[signal.Signals(number).name]}; the same command goes on from here\n"
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    if not _silent:
        _silent = True
        with suppress(OSError):
            os.write(2, line.encode())
    return 128 + number


def leave() -> NoReturn:
    """Say why, and end at once: whoever waits for threads of a pool whose workers were killed may wait for long."""
    status = say()
    util = sys.modules.get("multiprocessing.util")
    if util is not None:
        with suppress(Exception):
            util._run_finalizers(0)  # semaphores go, as at the end of an interpreter; nothing is joined
    os._exit(status)


def _unraisable(what: Any) -> None:
    if not isinstance(what.exc_value, Stopped):
        sys.__unraisablehook__(what)
