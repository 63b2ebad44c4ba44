"""Name → stage, found by file and by entry point, without importing them all.

A stage of korpus is the one `Stage` class of a file in ``korpus/stages/`` and bears the file's name. Other packages
add stages through the entry point group ``korpus.stages``::

    [options.entry_points]
    korpus.stages =
        my_stage = my_package.my_module:MyStage
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cache, lru_cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from korpus.errors import RecipeError, did_you_mean

if TYPE_CHECKING:
    from korpus.stage import Stage

ENTRY_POINTS = "korpus.stages"


@lru_cache(maxsize=1)
def _plugins() -> dict:
    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}


@lru_cache(maxsize=1)
def names() -> list[str]:
    """Return the names of all stages, sorted; imports none of them."""
    import korpus.stages

    own = (info.name for info in pkgutil.iter_modules(korpus.stages.__path__) if not info.name.startswith("_"))
    return sorted({*own, *_plugins()})


@cache
def get(name: str) -> type[Stage]:
    """Return the stage class of that name.

    Raises
    ------
    RecipeError
        If there is no such stage; names the nearest one.
    """
    if name not in names():
        raise RecipeError(f"there is no stage {name!r}{did_you_mean(name, names())}; see: korpus stages")
    if name in _plugins():
        cls = _plugins()[name].load()
        cls.name = name
        return cls
    from korpus.stage import Stage

    module = importlib.import_module(f"korpus.stages.{name}")
    # Python 3.10 takes the name of a type such as dict[str, int] for a class.
    classes = [
        cls
        for _, cls in inspect.getmembers(module, inspect.isclass)
        if cls.__module__ == module.__name__ and issubclass(cls, Stage)
    ]
    if len(classes) != 1:
        raise TypeError(f"{module.__file__} must define exactly one stage, it defines {len(classes)}")
    return classes[0]
