"""What a process on another machine does for an engine: it learns of the job from the store, and works on tasks."""

from __future__ import annotations

import os
import pickle
import secrets
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from korpus._version import __version__
from korpus.engine.job import give
from korpus.errors import DataError, KorpusError
from korpus.io.atomic import remove, replacing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from typing_extensions import Self

    from korpus.corpus.layout import Layout
    from korpus.plan import Plan

VERSIONS = {"korpus": __version__, "pyarrow": pa.__version__}
"""What decides about the bytes of the output, and must be the same on all machines."""
LARGE_BYTES = 1 << 20
"""Of a task: a larger one goes through the store, not through the engine."""


@dataclass(frozen=True)
class Task:
    """One call of a function; picklable, and small.

    Attributes
    ----------
    content : bytes, or Path
        The function and its arguments, or the file where they lie.
    """

    content: bytes | Path

    def open(self) -> tuple[Callable, tuple]:
        """Return the function and its arguments."""
        content = self.content if isinstance(self.content, bytes) else self.content.read_bytes()
        return pickle.loads(content)

    def forget(self) -> None:
        """Remove the file, once the result is there."""
        if not isinstance(self.content, bytes):
            self.content.unlink(missing_ok=True)


class Desk:
    """Where the driver of an engine lays down what processes on other machines need: a folder of the run.

    Parameters
    ----------
    plan : Plan
    layout : Layout
    """

    def __init__(self, plan: Plan, layout: Layout):
        self.folder = (layout.work / "tasks").absolute()
        self.token = secrets.token_hex(8)
        self._given = (plan, layout)

    def open(self) -> None:
        """Write the job down, and forget what an earlier driver has left."""
        remove(self.folder)
        _write(self.folder / f"{self.token}.job", pickle.dumps(self._given))

    def close(self) -> None:
        """Remove all of it."""
        with suppress(OSError):
            remove(self.folder)

    def task(self, function: Callable, args: tuple) -> Task:
        """Return a call as it is sent."""
        content = pickle.dumps((function, args))
        if len(content) < LARGE_BYTES:
            return Task(content)
        path = self.folder / f"{secrets.token_hex(8)}.task"
        _write(path, content)
        return Task(path)

    def seen(self, machine: str) -> bool:
        """Tell whether what `report` has written on a machine is seen here."""
        return (self.folder / f"{machine}.seen").exists()

    def clerk(self) -> Clerk:
        """Return what works at the desk."""
        return Clerk(self.folder, self.token, str(Path.cwd()))


@dataclass(frozen=True)
class Clerk:
    """Works on the tasks of a desk, on another machine; picklable.

    Attributes
    ----------
    folder : Path
    token : str
        Of the job.
    place : str
        The driver's working folder, from which relative paths are taken; it need not be there if there are none.
    """

    folder: Path
    token: str
    place: str

    def __call__(self, task: Task) -> tuple[bool, bytes]:
        """Work on a task; return its result, or the error that says what the user must do, pickled.

        All other errors are raised: the engine may try again, perhaps on a better machine.
        """
        self._begin()
        try:
            function, args = task.open()
            return True, pickle.dumps(function(*args))
        except KorpusError as error:
            return False, pickle.dumps(error)

    def _begin(self) -> None:
        global _job
        if _job == self.token:
            return
        # One process is one core: more threads would only take turns with the other tasks.
        pa.set_cpu_count(1)
        pa.set_io_thread_count(1)
        with suppress(OSError):
            os.chdir(self.place)
        give(*pickle.loads((self.folder / f"{self.token}.job").read_bytes()))
        _job = self.token

    def report(self, name: str) -> dict[str, Any]:
        """Return the versions of a process, and whether it reaches the desk; leave a sign there."""
        reaches = (self.folder / f"{self.token}.job").exists()
        if reaches:
            _write(self.folder / f"{name}.seen", b"")
        return {"name": name, "reaches": reaches, **VERSIONS}


_job: str | None = None


def _write(path: Path, content: bytes) -> None:
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def result(answer: tuple[bool, bytes]) -> Any:
    """Return what a task has returned, or raise what it has raised."""
    good, content = answer
    value = pickle.loads(content)
    if not good:
        raise value
    return value


def require_alike(reports: list[dict[str, Any]], desk: Desk, out: str) -> None:
    """Raise `DataError` unless all processes can take part.

    Parameters
    ----------
    reports : list of dict
        What `Clerk.report` has returned there, or ``{"lacks": name}`` where a package is missing.
    desk : Desk
    out : str
        The output folder, for messages.
    """
    for report in reports:
        if lacking := report.get("lacks"):
            raise DataError(
                f"{lacking} is not installed where the cluster runs Python ({report['python']}); install korpus "
                f"{__version__} there, on every machine, or name a Python that has it (for Spark PYSPARK_PYTHON, or "
                f"spark.pyspark.python)"
            )
        for package, version in VERSIONS.items():
            if report[package] != version:
                raise DataError(
                    f"the cluster has {package} {report[package]}, this machine {version}: the corpus would depend on "
                    f"who wrote which file; install the same version on all machines"
                )
        if not (report["reaches"] and desk.seen(report["name"])):
            raise DataError(
                f"the machines of the cluster do not see the files that this one writes under {out}; give an output "
                f"folder that all of them reach under this name: on a shared disk, or in a store such as s3://"
            )


class FarEngine(ABC):
    """What engines have in common whose processes are on other machines; an `korpus.engine.executor.Executor`.

    Attributes
    ----------
    workers, workers_per_machine : int
        See `korpus.engine.executor.Executor`.
    """

    near = False
    workers: int
    workers_per_machine: int
    _given: Desk | None = None
    _out = ""

    def give(self, plan: Plan, layout: Layout) -> None:
        """Say which job the tasks belong to: it lies in the run's folder, and each process reads it once."""
        self._given, self._out = Desk(plan, layout), str(layout.out)

    @property
    def _desk(self) -> Desk:
        assert self._given is not None, "a job is given first"
        return self._given

    def __enter__(self) -> Self:
        """See that the processes can take part."""
        self._desk.open()
        try:
            require_alike(self._reports(), self._desk, self._out)
        except BaseException as error:
            self.__exit__(type(error), error, error.__traceback__)
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        """Cancel what is still worked on, if there was an error."""
        self._end(failed=exception[0] is not None)
        if self._given:
            self._given.close()

    @abstractmethod
    def _reports(self) -> list[dict[str, Any]]:
        """Ask as many processes as work at once for their `Clerk.report`."""

    @abstractmethod
    def _end(self, failed: bool) -> None:
        """End what was started, at once if the run has failed."""

    @abstractmethod
    def run(self, function: Callable, tasks: Iterable[tuple]) -> Iterator[Any]:
        """Apply a module-level function to each tuple of arguments; yield the results as they come."""

    def warm_up(self, function: Callable, *args: Any) -> None:
        """Call `function` as often as tasks are worked on at once, so that most processes have their kernels."""
        for _ in self.run(function, [args] * self.workers):
            pass
