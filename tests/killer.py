"""Ways for a run to die: a worker that the system kills, and a process that is killed at a certain file."""

from __future__ import annotations

import os
import signal
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from korpus.engine.local import _Context
from tests.corpus import get_ready, wait_for_no_disk

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent
counting = True
"""Whether what a process does now brings it nearer to its death."""


def die(*args):
    """Die as a worker does when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class Ended:
    """How a process has ended.

    Attributes
    ----------
    code : int
        As of `subprocess`; -9 if it was killed.
    n_acts : int
        How often it had acted by then.
    error : str
        The traceback of an error.
    """

    code: int
    n_acts: int
    error: str


def killed_after(n: int, function: Callable, *args: Any, act: str = "replace", ending: str = "") -> Ended:
    """Call a function in a process of its own, and kill that when it is about to act after n times.

    The process is forked from the server that workers come from, so that it need neither import nor compile.

    Parameters
    ----------
    n : int
        How often it may act.
    function : callable
        Importable by name.
    act : str
        A method of `Path`: by ``replace`` files get their final names, by ``unlink`` they go.
    ending : str
        Of the names of the files that count.
    """
    get_ready()
    ours, its = _Context().Pipe(duplex=False)
    process = _Context().Process(target=_call, args=(n, its, dict(os.environ), act, ending, function, args))
    process.start()
    its.close()
    process.join()
    with ours:
        return Ended(process.exitcode, *ours.recv())


def count(function: Callable, *args: Any, **options: Any) -> int:
    """Return how often ``function(*args)`` acts when nothing kills it; the options are those of `killed_after`."""
    done = killed_after(10**6, function, *args, **options)
    assert done.code == 0, done.error
    return done.n_acts


def _call(n: int, pipe: Any, environment: dict, act: str, ending: str, function: Callable, args: tuple) -> None:
    os.environ.update(environment)
    wait_for_no_disk()
    method, n_acts = getattr(Path, act), 0

    def counted(self: Path, *args: Any, **options: Any) -> Any:
        nonlocal n_acts
        if counting and self.name.endswith(ending):
            if n_acts == n:
                pipe.send((n, ""))
                die()
            n_acts += 1
        return method(self, *args, **options)

    setattr(Path, act, counted)
    try:
        function(*args)
    except BaseException:
        pipe.send((n_acts, traceback.format_exc()))
        os._exit(1)
    pipe.send((n_acts, ""))
