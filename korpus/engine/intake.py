"""The input as tasks of the first pass, and how they come back.

A file whose splits lie at places that are known is cut into tasks at once. One that can only be read from its beginning
is cut while it is read: by this process, which hands the bytes out, if that costs next to nothing; or else by one task
that works on all of its splits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from korpus.engine.done import Done
from korpus.engine.scan import scan_split
from korpus.errors import Unreadable
from korpus.io.readers import Damage, all_splits, plan_splits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from korpus.engine.bad_ratio import BadRatio
    from korpus.engine.job import Job


@dataclass
class WholeFile:
    """What a task has made of a file that is read from its beginning.

    Attributes
    ----------
    file : int
        Its number.
    done : list of Done
        The splits that were not finished before.
    order : list of int
        The indexes of all its splits.
    damage : Damage, optional
        Why it could not be read to its end.
    """

    file: int
    done: list[Done] = field(default_factory=list)
    order: list[int] = field(default_factory=list)
    damage: Damage | None = None


def scan_file(job: Job, number: int, finished: frozenset[int]) -> WholeFile:
    """Send all splits of a file through the first pass, but for those that are finished.

    Parameters
    ----------
    job : Job
    number : int
        Of the file.
    finished : frozenset of int
        Indexes of splits.
    """
    found, at = WholeFile(number), 0
    file = job.plan.files[number]
    try:
        for split, chunk, consumed in all_splits(file, job.plan.source(number).options, finished.__contains__):
            found.order.append(split.index)
            if split.index not in finished:
                found.done.append(scan_split(job, 0, split, chunk, consumed - at))
            at = consumed
    except Unreadable as error:
        found.damage = Damage(str(error), at, file.n_bytes - at)
    return found


def call(function: Callable, *args: Any) -> Any:
    """Call a function: a task of several kinds."""
    return function(*args)


class Intake:
    """Cuts an input into tasks, and tells in which order its splits stand.

    Parameters
    ----------
    job : Job
    finished : dict
        The splits that an earlier run has finished, by key; the others are added.
    bad : BadRatio
        Learns of all splits, in the order of the input, and of files that cannot be read.
    bar : object
        With a method ``update(n_units)``.
    near : bool
        Whether tasks may be handed the bytes that they work on.
    """

    def __init__(self, job: Job, finished: dict[tuple[int, int], Done], bad: BadRatio, bar: Any, near: bool):
        self._job, self._finished, self._bad, self._bar, self._near = job, finished, bad, bar, near
        self._orders: dict[int, list[int]] = {}
        self._whole: set[int] = set()
        self._file = self._n_told = 0

    def tasks(self) -> Iterator[tuple]:
        """Yield the arguments of `call` for all that is not finished, in the order of the input."""
        before: dict[int, set[int]] = {}
        for number, index in self._finished:
            before.setdefault(number, set()).add(index)
        for file in self._job.plan.files:
            options, finished, at = self._job.plan.source(file.index).options, before.get(file.index, set()), 0
            try:
                planned = None if self._near else plan_splits(file, options)
                if planned is None and not self._near:
                    yield scan_file, self._job, file.index, frozenset(finished)
                    continue
                for split, chunk, consumed in all_splits(file, options, finished.__contains__, planned):
                    self._tell(file.index, [split.index], whole=False)
                    n_units, at = consumed - at, consumed
                    if split.index in finished:
                        self._bar.update(n_units)
                    else:
                        yield scan_split, self._job, 0, split, chunk, n_units
            except Unreadable as error:
                self._bad.unread(file.index, Damage(str(error), at, file.n_bytes - at))
            self._tell(file.index, [], whole=True)

    def take(self, result: Done | WholeFile) -> None:
        """Note what a task has returned."""
        if isinstance(result, Done):
            self._finished[result.key] = result
            self._bar.update(result.n_units)
            return
        self._finished.update({done.key: done for done in result.done})
        self._bar.update(self._job.plan.files[result.file].n_bytes)
        if result.damage:
            self._bad.unread(result.file, result.damage)
        self._tell(result.file, result.order, whole=True)

    def _tell(self, file: int, order: list[int], whole: bool) -> None:
        """Tell of the splits of a file, as soon as all that come before them are known."""
        self._orders.setdefault(file, []).extend(order)
        if whole:
            self._whole.add(file)
        while True:
            known = self._orders.get(self._file, [])
            self._bad.order.extend((self._file, index) for index in known[self._n_told :])
            self._n_told = len(known)
            if self._file not in self._whole:
                return
            self._orders.pop(self._file, None)
            self._file, self._n_told = self._file + 1, 0
