"""The engines that are known by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korpus.engine import ENGINES
from korpus.engine.local import LocalEngine
from korpus.errors import RecipeError, did_you_mean

if TYPE_CHECKING:
    from korpus.engine.executor import Executor


def engine(given: Executor | str | None, workers: int | str, told: bool) -> Executor:
    """Return what carries out the tasks of a run.

    Parameters
    ----------
    given : Executor, str or None
        One of `korpus.engine.ENGINES`; an executor stands for itself; without it, processes of this machine.
    workers : int or "auto"
        Of this machine.
    told : bool
        Whether the caller has said how many, beside the recipe.

    Raises
    ------
    RecipeError
        If there is no such engine, or the number of its workers is not for korpus to say.
    MissingExtra
        If it needs a package that is not installed.
    """
    if given is None or given == "local":
        return LocalEngine(workers)
    if not isinstance(given, str):
        return given
    if given not in ENGINES:
        raise RecipeError(
            f"there is no engine {given!r}{did_you_mean(given, ENGINES)}; there are: {', '.join(ENGINES)}"
        )
    if told:
        raise RecipeError(f"--workers is for this machine; the configuration of {given} says how many tasks it takes")
    if given == "ray":
        from korpus.engine.ray import RayEngine

        return RayEngine()
    from korpus.engine.spark import SparkEngine

    return SparkEngine()
