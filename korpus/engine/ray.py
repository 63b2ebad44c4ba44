"""Tasks on a cluster that Ray runs, over files that all its machines reach; compare `korpus.engine.spark`."""

from __future__ import annotations

import uuid
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from korpus._version import __version__
from korpus.engine.elsewhere import Clerk, FarEngine, Task, result
from korpus.errors import DataError, MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

RETRIES = 3
"""As Spark has it: how often a task is given again whose machine is lost, or that fails for no fault of the user's."""


class RayEngine(FarEngine):
    """Carries out tasks on the workers of a Ray cluster.

    What must be true of the machines is what `korpus.engine.spark.SparkEngine` says.

    Attributes
    ----------
    workers : int
        The CPUs of the cluster when the run begins.
    workers_per_machine : int
        Those of its largest machine.

    Raises
    ------
    MissingExtra
        If Ray is not installed.
    DataError
        As for `korpus.engine.spark.SparkEngine`.

    Notes
    -----
    A cluster that the process has joined already (``ray.init``) is used; or else that of ``RAY_ADDRESS``, or one of
    this machine alone, which then ends with the run.
    """

    def __init__(self) -> None:
        try:
            import ray
        except ImportError:
            raise MissingExtra("the engine ray", "ray") from None
        self._ray, self._own = ray, not ray.is_initialized()
        if self._own:
            ray.init(log_to_driver=False, logging_level="ERROR")
        cpus = [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
        self.workers, self.workers_per_machine = max(1, sum(cpus)), max([1, *cpus])
        self._pending: deque[tuple[Task, Any]] = deque()

    def _reports(self) -> list[dict[str, Any]]:
        report = self._ray.remote(num_cpus=1, scheduling_strategy="SPREAD", max_retries=RETRIES)(_report)
        asked = [report.remote(self._desk.clerk(), uuid.uuid4().hex) for _ in range(self.workers)]
        return [self._answer(each) for each in asked]

    def _end(self, failed: bool) -> None:
        for _, asked in self._pending:
            with suppress(Exception):
                self._ray.cancel(asked, force=True)
        self._pending.clear()
        if self._own:
            self._ray.shutdown()

    def run(self, function: Callable, tasks: Iterable[tuple]) -> Iterator[Any]:
        """Apply a module-level function to each tuple of arguments; yield the results as they come."""
        work = self._ray.remote(num_cpus=1, max_retries=RETRIES, retry_exceptions=True)(_work)
        for args in tasks:
            task = self._desk.task(function, args)
            self._pending.append((task, work.remote(self._desk.clerk(), task)))
            if len(self._pending) >= 2 * self.workers:
                yield self._first()
        while self._pending:
            yield self._first()

    def map(self, function: Callable, items: Iterable) -> Iterator[Any]:
        """Apply a module-level function to each item; yield the results in the order of the items."""
        return self.run(function, ((item,) for item in items))

    def _first(self) -> Any:
        task, asked = self._pending.popleft()
        answer = self._answer(asked)
        task.forget()
        return result(answer)

    def _answer(self, asked: Any) -> Any:
        try:
            return self._ray.get(asked)
        except self._ray.exceptions.RayError as error:
            cause = getattr(error, "cause", None) or error
            if isinstance(cause, ModuleNotFoundError):
                raise DataError(
                    f"{cause.name} is not installed where Ray runs its workers; install korpus {__version__} there"
                ) from error
            why = next(iter(str(cause).strip().splitlines()), type(cause).__name__)
            raise DataError(
                f"Ray gave a task up after several tries ({why}); see its logs. Give the same command again when that "
                f"is mended, it goes on where it stopped"
            ) from error


def _work(clerk: Clerk, task: Task) -> tuple[bool, bytes]:
    return clerk(task)


def _report(clerk: Clerk, name: str) -> dict[str, Any]:
    return clerk.report(name)
