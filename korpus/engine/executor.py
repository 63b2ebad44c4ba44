"""What carries the tasks of a run out: the protocol that a run knows, and nothing more of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from korpus.corpus.layout import Layout
    from korpus.plan import Plan


class Executor(Protocol):
    """Runs tasks: module-level functions of picklable arguments, which leave their results as whole files.

    A task may be run again, or twice at once, without harm. It is used as a context manager: what it has started ends
    with the block.

    It is on this machine, or reaches the same files under the same names from others.

    Attributes
    ----------
    workers : int
        How many tasks are worked on at once.
    workers_per_machine : int
        How many of them on one machine, whose memory they share (`engine.memory`).
    near : bool
        Whether tasks may be handed the bytes that they work on, or should rather read them.
    """

    @property
    def workers(self) -> int:
        """As above."""

    @property
    def near(self) -> bool:
        """As above."""

    @property
    def workers_per_machine(self) -> int:
        """As above."""

    def give(self, plan: Plan, layout: Layout) -> None:
        """Say which job all tasks belong to (`korpus.engine.job`), before the first of them."""

    def __enter__(self) -> Executor:
        """Make ready; what is costly may wait for the first task."""

    def __exit__(self, *exception: object) -> None:
        """End what was started, at once if there was an error."""

    def warm_up(self, function: Callable, *args: Any) -> None:
        """Call a function where its compiled kernels are of use before tasks need them."""

    def run(self, function: Callable, tasks: Iterable[tuple]) -> Iterator[Any]:
        """Apply a function to each tuple of arguments; yield the results as they come.

        Tasks are taken only as fast as they are worked off, so that what they hold need not fit in memory.

        Raises
        ------
        DataError
            If what works on a task dies.
        """

    def map(self, function: Callable, items: Iterable) -> Iterator[Any]:
        """Apply a function to each item; yield the results in the order of the items; errors as for `run`."""
