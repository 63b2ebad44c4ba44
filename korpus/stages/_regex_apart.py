"""Python's re in processes beside this one, for threads and systems in which no signal can stop it.

While re is at work on a text it holds Python's global lock and heeds nothing, so that neither another thread nor a
timer of this process can end it. A process can be ended.
"""

from __future__ import annotations

import atexit
import os
import pickle
import re
import signal
import subprocess
from contextlib import suppress
from multiprocessing.spawn import get_executable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from korpus.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

LATE = -signal.SIGVTALRM if hasattr(signal, "SIGVTALRM") else 1
"""The status of a server that a text took too long."""
_PIECE = 1000
_idle: list[_Server] = []
"""Servers that nobody uses just now; as many as threads have needed at once."""


class _Server:
    """A process that runs `korpus.stages._regex_server`."""

    def __init__(self) -> None:
        command = [get_executable() or "", "-I", "-S", str(Path(__file__).with_name("_regex_server.py"))]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
        assert self._process.stdin is not None, "a pipe"
        assert self._process.stdout is not None, "a pipe"
        self._to, self._from = self._process.stdin, self._process.stdout
        self.receive()

    @classmethod
    def taken(cls) -> _Server:
        """Return one that nobody uses; `OSError` if there is none, and none can be started."""
        while _idle:
            server = _idle.pop()
            if server._process.poll() is None:
                return server
            server.end()
        return cls()

    def send(self, request: tuple) -> None:
        pickle.dump(request, self._to, protocol=pickle.HIGHEST_PROTOCOL)
        self._to.flush()

    def receive(self) -> Any:
        """Return its next answer; raise `TimeoutError` if the text took too long.

        Raises
        ------
        DataError
            If it has died of something else.
        """
        try:
            return pickle.load(self._from)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            if self.end() == LATE:
                raise TimeoutError from None
            raise DataError(
                f"the process in which a pattern of Python's re ran has died (status {self._process.returncode}); give "
                f"the same command again"
            ) from error

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self.end()

    def end(self) -> int:
        """Let it end; return its status."""
        for pipe in (self._to, self._from):
            with suppress(OSError):  # what was to be sent finds nobody
                pipe.close()
        return self._process.wait()

    def forget(self) -> None:
        """Leave it to the process that has started it, of which this one is a fork."""
        self._to.close()
        self._from.close()
        self._process.returncode = 0


def results(
    pattern: re.Pattern[str], replacement: str | None, texts: Sequence[str], limits: Sequence[float]
) -> Generator[Any, None, None]:
    """Apply a pattern to texts, in another process.

    Parameters
    ----------
    pattern : re.Pattern
    replacement : str or None
        A template of what matches are replaced by; None if they are only to be found.
    texts : sequence of str
    limits : sequence of float
        Seconds that each text may take.

    Yields
    ------
    str, bool or None
        The text as it is then, or whether there is a match; None if it took too long.

    Raises
    ------
    DataError
        If the process is killed.
    OSError
        If none can be started.
    """
    at = 0
    while at < len(texts):
        answers = list(_answers(pattern, replacement, texts[at : at + _PIECE], limits[at : at + _PIECE]))
        at += len(answers)
        yield from answers


def _answers(
    pattern: re.Pattern[str], replacement: str | None, texts: Sequence[str], limits: Sequence[float]
) -> Iterator[Any]:
    """Yield the results of some texts, up to the first that takes too long."""
    server = _Server.taken()
    try:
        server.send((pattern.pattern, pattern.flags, replacement, texts, limits))
        for text in texts:
            answer = server.receive()
            yield text if answer is None else answer
        server.receive()
    except TimeoutError:
        yield None
    except BaseException:
        server.kill()
        raise
    else:
        _idle.append(server)


def _end_all() -> None:
    while _idle:
        _idle.pop().end()


def _forget_all() -> None:
    for server in _idle:
        server.forget()
    _idle.clear()


atexit.register(_end_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
