"""Tasks on a cluster that Spark runs: the same tasks, over files that all its machines reach.

Spark is asked for one thing alone: to call a function once for each of some numbers, wherever there is room, and again
if a machine is lost. What the tasks read and leave are files of the run, as on one machine; no document goes through
Spark, which neither sorts nor shuffles: rows of equal keys meet in `korpus.engine.exchange`, whose files outlive
executors, drivers and clusters.
"""

from __future__ import annotations

import json
import os
import pickle
import re
import sys
import uuid
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

from korpus.engine.elsewhere import Clerk, FarEngine, Task, result
from korpus.errors import DataError, KorpusError, MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from typing_extensions import Self

N_WAVES = 2
"""Spark jobs at once: while the last tasks of one are worked on, those of the next take the room that is left."""
PER_WORKER, MANY = 16, 512
"""Tasks of a job for each that is worked on at once, and a number from which one each is enough: a job costs some
tenths of a second, and is sent whole with each of its tasks."""
PIECES = 4
"""In how many pieces a job is cut for each that is worked on at once. What Spark calls a task, and gives again, is such
a piece; each costs it some hundredths of a second."""
ASSUMED_CORES = 8
"""Of an executor, where nobody says how many it has: rather too many, as they share its memory."""
_ANSWER = "n long, good boolean, content binary"


class SparkEngine(FarEngine):
    """Carries out tasks on the executors of a Spark session, classic or Connect.

    The output folder, the inputs and all files that the recipe names must be reached by all machines under the same
    names. korpus must be installed on all of them, in one version.

    Parameters
    ----------
    session : pyspark.sql.SparkSession, optional
        By default the active one, or one that Spark's own configuration describes (``spark-defaults.conf``,
        ``SPARK_REMOTE``, ``spark-submit``), which then ends with the run.

    Attributes
    ----------
    workers : int
        How many tasks Spark works on at once, as far as it says so when the run begins.
    workers_per_machine : int
        How many of them one executor works on at once.

    Raises
    ------
    MissingExtra
        If PySpark is not installed.
    DataError
        When the block is entered, if executors lack korpus, have another version, or do not reach the output folder;
        from `run` and `map`, if Spark gives a task up.
    """

    def __init__(self, session: Any = None):
        try:
            from pyspark.sql import SparkSession
        except ImportError:
            raise MissingExtra("the engine spark", "spark") from None
        self._own = session is None and SparkSession.getActiveSession() is None
        self._session = session or _session(SparkSession)
        self._tag = f"korpus-{uuid.uuid4().hex}"
        self._threads: ThreadPoolExecutor | None = None
        self.workers, self.workers_per_machine = _count(self._session), _cores(self._session)

    def __enter__(self) -> Self:
        """See that the executors can take part."""
        self._threads = ThreadPoolExecutor(N_WAVES, "korpus-spark")
        super().__enter__()
        # Executors come one after the other; by now there are more than when the session was made.
        self.workers = _count(self._session)
        return self

    def _end(self, failed: bool) -> None:
        if self._threads:
            if failed:
                with suppress(Exception):  # a session that is gone works on nothing
                    self._session.interruptTag(self._tag)
            self._threads.shutdown(cancel_futures=True)
        if self._own:
            self._session.stop()

    def run(self, function: Callable, tasks: Iterable[tuple]) -> Iterator[Any]:
        """Apply a module-level function to each tuple of arguments; yield the results as they come, wave by wave."""
        pending: set[Future] = set()
        for wave in self._waves(function, tasks):
            pending.add(wave)
            if len(pending) >= N_WAVES:
                ended, pending = wait(pending, return_when=FIRST_COMPLETED)
                for future in ended:
                    yield from future.result()
        for future in pending:
            yield from future.result()

    def map(self, function: Callable, items: Iterable) -> Iterator[Any]:
        """Apply a module-level function to each item; yield the results in the order of the items."""
        pending: deque[Future] = deque()
        for wave in self._waves(function, ((item,) for item in items)):
            pending.append(wave)
            if len(pending) >= N_WAVES:
                yield from pending.popleft().result()
        while pending:
            yield from pending.popleft().result()

    def _waves(self, function: Callable, tasks: Iterable[tuple]) -> Iterator[Future]:
        assert self._threads is not None, "tasks run in the block of the engine"
        left, n = iter(tasks), max(self.workers, min(PER_WORKER * self.workers, MANY))
        while wave := [self._desk.task(function, args) for args in islice(left, n)]:
            yield self._threads.submit(self._wave, wave)

    def _wave(self, tasks: list[Task]) -> list[Any]:
        """Run some tasks as one job of Spark; return their results in order."""
        answers = self._job(_worker(self._desk.clerk(), tasks), len(tasks), _ANSWER)
        for task in tasks:
            task.forget()
        found = {row.n: (row.good, bytes(row.content)) for row in answers}
        return [result(found[n]) for n in range(len(tasks))]

    def _job(self, function: Callable, n: int, schema: str) -> list[Any]:
        """Call a function of batches of numbers, all below `n` together; return its rows."""
        self._session.addTag(self._tag)
        try:
            return self._session.range(0, n, 1, min(n, PIECES * self.workers)).mapInArrow(function, schema).collect()
        except KorpusError:
            raise
        except Exception as error:
            raise _explained(error) from error

    def _reports(self) -> list[dict[str, Any]]:
        rows = self._job(_reporter(pickle.dumps(self._desk.clerk())), self.workers, "report string")
        return [json.loads(row.report) for row in rows]


def _session(kind: Any) -> Any:
    """Return a session as Spark's own configuration describes it."""
    # Two bars on one terminal would overwrite each other.
    session = kind.builder.appName("korpus").config("spark.ui.showConsoleProgress", "false").getOrCreate()
    context = _context(session)
    if context and context.master.startswith("local") and not os.environ.get("PYSPARK_PYTHON"):
        # On this machine it is this Python that has korpus; elsewhere another may lie under that name, or none.
        context.pythonExec = sys.executable
    return session


def _context(session: Any) -> Any:
    """Return the context of a classic session; None for one of Connect, which has none to ask."""
    return getattr(session, "sparkContext", None)


def _count(session: Any) -> int:
    """Return how many tasks Spark works on at once, as far as it knows its executors yet."""
    if context := _context(session):
        return max(1, context.defaultParallelism)
    from pyspark.sql.functions import spark_partition_id

    # A range is cut into as many pieces as there are cores.
    return max(1, session.range(1 << 16).select(spark_partition_id().alias("p")).distinct().count())


def _cores(session: Any) -> int:
    """Return how many tasks an executor works on at once."""
    if told := session.conf.get("spark.executor.cores", ""):
        return max(1, int(told))
    master = session.conf.get("spark.master", "") or ""
    if clustered := re.fullmatch(r"local-cluster\[\d+,(\d+),\d+\]", master.replace(" ", "")):
        return int(clustered[1])
    if context := _context(session):
        # The driver is among those that hold memory, and alone where there is no cluster.
        n_executors = max(1, context._jsc.sc().getExecutorMemoryStatus().size() - 1)
        return max(1, context.defaultParallelism // n_executors)
    return min(ASSUMED_CORES, _count(session))


def _worker(clerk: Clerk, tasks: list[Task]) -> Callable:
    def work(batches: Iterable[Any]) -> Iterator[Any]:
        import pyarrow as pa

        for batch in batches:
            for n in batch.column(0).to_pylist():
                good, content = clerk(tasks[n])
                yield pa.RecordBatch.from_pydict({"n": [n], "good": [good], "content": [content]})

    return work


def _reporter(clerk: bytes) -> Callable:
    # It is sent whole, without korpus, so that it can say where that is missing.
    def report(batches: Iterable[Any]) -> Iterator[Any]:
        import json
        import pickle
        import sys
        import uuid

        import pyarrow as pa

        for batch in batches:
            for _ in batch.column(0).to_pylist():
                try:
                    said = pickle.loads(clerk).report(uuid.uuid4().hex)
                except ImportError as error:
                    said = {"lacks": error.name, "python": sys.executable}
                yield pa.RecordBatch.from_pydict({"report": [json.dumps(said)]})

    report.__module__ = "__main__"
    return report


def _explained(error: Exception) -> DataError:
    """Say what Spark could not do, without its many traces."""
    said = str(error)
    if lacking := re.search(r"No module named '([\w.]+)'", said):
        return DataError(
            f"{lacking[1]} is not installed where the cluster runs Python; install korpus on every machine, or name a "
            f"Python that has it (PYSPARK_PYTHON, or spark.pyspark.python)"
        )
    if "PYTHON_VERSION_MISMATCH" in said:
        return DataError(
            "the cluster has another version of Python than this machine; name the same with PYSPARK_PYTHON"
        )
    own = [line.strip() for line in said.splitlines() if re.match(r"\s*[\w.]*(Error|Exception)\b.*:", line)]
    why = own[-1] if own else next(iter(said.splitlines()), type(error).__name__)
    return DataError(
        f"Spark gave a task up after several tries ({why}); see the logs of its executors. Give the same command again "
        f"when that is mended, it goes on where it stopped"
    )
