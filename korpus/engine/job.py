"""What every task of a run needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from korpus.corpus.layout import Layout
    from korpus.plan import Plan


@dataclass(frozen=True)
class Job:
    """The plan of a run, and where its files lie.

    Attributes
    ----------
    plan : Plan
    layout : Layout

    Notes
    -----
    A plan names every file of the input, so a job is not sent with every task: an executor gives it to each of its
    processes once (`give`), and a task carries no more than a word for it.
    """

    plan: Plan
    layout: Layout

    def __reduce__(self) -> tuple:
        return given, ()


_given: Job | None = None


def give(plan: Plan, layout: Layout) -> None:
    """Say in a process that works for an executor which job its tasks belong to."""
    global _given
    _given = Job(plan, layout)


def given() -> Job:
    """Return the job of the tasks of this process."""
    if _given is None:
        raise RuntimeError("no job was given to this process")
    return _given
