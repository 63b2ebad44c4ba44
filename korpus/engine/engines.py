"""The engines that are named on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast, get_args

from korpus.engine.local import LocalEngine
from korpus.errors import RecipeError, did_you_mean

if TYPE_CHECKING:
    from korpus.engine.executor import Executor

Name = Literal["local", "spark"]
NAMES: tuple[str, ...] = get_args(Name)


def engine(given: Executor | str | None, workers: int | str, told: bool) -> Executor:
    """Return what carries out the tasks of a run.

    Parameters
    ----------
    given : Executor, str or None
        One of `NAMES`; an executor stands for itself; without it, processes of this machine.
    workers : int or "auto"
        Of this machine.
    told : bool
        Whether the caller has said how many, beside the recipe.

    Raises
    ------
    RecipeError
        If there is no such engine, or it is no affair of korpus how many workers it has.
    MissingExtra
        If it needs a package that is not installed.
    """
    if given is None or given == "local":
        return LocalEngine(workers)
    if not isinstance(given, str):
        return given
    if given not in NAMES:
        raise RecipeError(f"there is no engine {given!r}{did_you_mean(given, NAMES)}; there are: {', '.join(NAMES)}")
    if told:
        raise RecipeError(f"--workers is for this machine; how many a cluster has, the configuration of {given} says")
    from korpus.engine.spark import SparkEngine

    return cast("Executor", SparkEngine())
