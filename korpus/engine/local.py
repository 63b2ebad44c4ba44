"""Tasks on this machine: in this process for one worker, on worker processes for more."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait as wait_for
from types import ModuleType
from typing import TYPE_CHECKING, Any

from korpus.engine import PRELOAD
from korpus.engine.job import give
from korpus.errors import DataError
from korpus.machine import n_cores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from korpus.corpus.layout import Layout
    from korpus.plan import Plan


_log = logging.getLogger("korpus")


LOOK_S = 10.0
"""How long the parent waits for results before it looks whether its workers live, and for a pool to end."""

ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Signals that end a run. They may reach every process of a terminal or a service at once; only the parent heeds them,
and ends the others."""


def _end_with_parent() -> None:
    """End this process as soon as its parent has, however that ended."""
    # The other end of what it waits for is held by the parent alone, and closed by the system when it dies.
    parent = multiprocessing.parent_process()
    assert parent is not None, "a worker has one"
    wait_for([parent.sentinel])
    os._exit(1)


def _start_worker(environment: dict[str, str], job: tuple[Plan, Layout] | None) -> None:
    if job:
        give(*job)
    try:
        threading.Thread(target=_end_with_parent, name="korpus-parent", daemon=True).start()
    except RuntimeError:  # the system lets this user have no more threads; the parent says that a worker died
        os._exit(1)
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    # The server that workers are forked from may be older than the credentials of a store.
    os.environ.update(environment)
    import pyarrow as pa

    # One process is one core: more threads would only take turns with the other workers.
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)


@contextmanager
def _without_main() -> Iterator[None]:
    """Hide the caller's script: workers run functions of korpus alone.

    Otherwise every worker would import the script again, and a script that calls `korpus.run` outside of
    ``if __name__ == "__main__"`` would start itself without end.
    """
    script = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script


# Forked from a clean server that has imported everything once: no threads or locks are copied, as they would be from
# the caller's process, and no worker pays for the imports again. Windows has no such server and spawns.
_METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
_Default: Any = type(multiprocessing.get_context(_METHOD))


class _Process(_Default.Process):
    def terminate(self) -> None:
        """Kill the process, which ignores what would ask it to end; nothing that it leaves is believed."""
        self.kill()

    @staticmethod
    def _Popen(process: Any) -> Any:
        with _without_main():
            return _Default.Process._Popen(process)


class _Context(_Default):
    Process = _Process


def _forget_server() -> None:
    # In a fork the server is that of the process before, which alone may ask for it.
    from multiprocessing import forkserver

    server: Any = forkserver._forkserver
    if server._forkserver_alive_fd is not None:
        os.close(server._forkserver_alive_fd)
    server.__init__()


if _METHOD == "forkserver":
    os.register_at_fork(after_in_child=_forget_server)


def may_start_processes() -> bool:
    """Tell whether this process may have workers: one of a `multiprocessing.Pool`, or of Celery, may not."""
    return not multiprocessing.current_process().daemon


def _has_locks() -> bool:
    """Tell whether processes can share locks: some systems and containers have no place for them."""
    try:
        _Context().Lock()
    except (OSError, ImportError):
        return False
    return True


def get_ready(recipe: Any, overrides: Sequence[str]) -> None:
    """Start the server that workers are forked from, so that it imports and compiles while the caller still plans.

    Parameters
    ----------
    recipe, overrides
        As given to `korpus.run`: they say which kernels will be needed.
    """
    if _METHOD == "forkserver" and may_start_processes():
        from multiprocessing import forkserver, resource_tracker

        os.environ[PRELOAD] = json.dumps([os.getpid(), recipe, list(overrides)], default=str)
        _Context().set_forkserver_preload(["korpus.engine.preload"])
        # What is started here never sees what ends the parent: a mask is inherited, and is this thread's alone.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        try:
            resource_tracker.ensure_running()
            signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # the tracker has unblocked some of them
            forkserver.ensure_running()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


class LocalEngine:
    """Carries out tasks on this machine.

    Parameters
    ----------
    workers : int or "auto"
        Processes; with 1 everything runs in this one. Auto is one a core. A process that may or can have none of its
        own does all by itself, with the same result, and the logger ``korpus`` says so.

    Attributes
    ----------
    workers : int
        How many there are.

    Raises
    ------
    DataError
        From `run` and `map`, if a worker process dies.
    """

    def __init__(self, workers: int | str):
        self.workers = n_cores() if workers == "auto" else int(workers)
        alone = None
        if self.workers > 1 and not may_start_processes():
            alone = "this process is daemonic and may start no others"
        elif self.workers > 1 and not _has_locks():
            alone = "processes can share no locks here (on Linux /dev/shm must be there, and writable)"
        if alone:
            _log.warning("%s: korpus works in it alone", alone)
            self.workers = 1
        self._job: tuple[Plan, Layout] | None = None
        self._pool: ProcessPoolExecutor | None = None

    def give(self, plan: Plan, layout: Layout) -> None:
        """Say which job the tasks belong to: every worker is told once, when it starts."""
        self._job = (plan, layout)

    def __enter__(self) -> LocalEngine:
        """Start nothing yet; workers start with the first task."""
        return self

    def __exit__(self, *exception: object) -> None:
        if self._pool and exception[0] is None:
            self._pool.shutdown()
        elif self._pool:
            self._end(self._pool)

    near = True

    @property
    def workers_per_machine(self) -> int:
        """All of them."""
        return self.workers

    @staticmethod
    def _end(pool: ProcessPoolExecutor) -> None:
        """End a pool at once; no worker writes anything, and no thread of the pool runs, once this returns."""
        manager: Any = pool._executor_manager_thread
        results, workers = pool._result_queue, list(pool._processes.values())
        pool.shutdown(wait=False, cancel_futures=True)
        _kill(workers, results)
        if manager:
            # It closes the pool's pipes; an interpreter that ended meanwhile would close them too.
            manager.join(LOOK_S)

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            given = (dict(os.environ), self._job)
            self._pool = ProcessPoolExecutor(
                self.workers, mp_context=_Context(), initializer=_start_worker, initargs=given
            )
        return self._pool

    def _submit(self, function: Callable, *args: Any) -> Future:
        try:
            return self._started().submit(function, *args)
        # The server that workers are forked from may be killed as well.
        except (BrokenProcessPool, EOFError, ConnectionError) as error:
            raise _died() from error

    def warm_up(self, function: Callable, *args: Any) -> None:
        """Call `function` where its compiled kernels are of use before the workers need them."""
        if self.workers == 1:
            function(*args)
        else:
            self._result(self._submit(function, *args))

    def run(self, function: Callable, tasks: Iterable[tuple]) -> Iterator[Any]:
        """Apply a module-level function to each tuple of arguments; yield the results as they come.

        Parameters
        ----------
        function : callable
            Importable by name.
        tasks : iterable of tuple
            Taken only as fast as they are worked off, so that what they hold need not fit in memory.
        """
        if self.workers == 1:
            for args in tasks:
                yield function(*args)
            return
        pending: set[Future] = set()
        for args in tasks:
            pending.add(self._submit(function, *args))
            # One task waits for each one that is worked on.
            while len(pending) >= 2 * self.workers:
                finished, pending = self._wait(pending)
                yield from map(self._result, finished)
        while pending:
            finished, pending = self._wait(pending)
            yield from map(self._result, finished)

    def map(self, function: Callable, items: Iterable) -> Iterator[Any]:
        """Apply a module-level function to each item; yield the results in the order of the items."""
        if self.workers == 1:
            yield from map(function, items)
            return
        pending: deque[Future] = deque()
        for item in items:
            pending.append(self._submit(function, item))
            if len(pending) >= 2 * self.workers:
                yield self._result(pending.popleft())
        while pending:
            yield self._result(pending.popleft())

    def _wait(self, futures: set[Future]) -> tuple[set[Future], set[Future]]:
        """Wait until some are done, or a worker has died; return those that are done, and the others."""
        while not (ended := wait(futures, LOOK_S, FIRST_COMPLETED)).done:
            # A pool waits for ever for the rest of what a worker was sending when it was killed.
            pool = self._pool
            assert pool is not None, "it has the tasks"
            workers = list(pool._processes.values())
            if any(worker.exitcode is not None for worker in workers):
                _kill(workers, pool._result_queue)
        return ended

    def _result(self, future: Future) -> Any:
        self._wait({future})
        try:
            return future.result()
        except BrokenProcessPool as error:
            raise _died() from error


def _kill(workers: list, results: Any) -> None:
    """Kill workers, and let the pool that waits for what they send see its end."""
    for worker in workers:
        if worker.exitcode is None:
            worker.kill()
    results._writer.close()


def _died() -> DataError:
    return DataError(
        "a worker process died, as happens when the machine runs out of memory; give the same command with fewer "
        "--workers or a smaller engine.memory, it goes on where it stopped"
    )
