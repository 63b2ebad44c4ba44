"""Name → stage, and name → format of an export: found by file and by entry point, without importing them all.

What korpus has of a kind is one class a file of a folder, and bears the file's name. Other packages add theirs through
entry points, whose names they bear::

    [options.entry_points]
    korpus.stages =
        my_stage = my_package.my_module:MyStage
    korpus.exports =
        my_format = my_package.my_module:MyFormat
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from korpus.errors import DataError, KorpusError, RecipeError, did_you_mean

if TYPE_CHECKING:
    from korpus.export import Format
    from korpus.stage import Stage

Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Registry(Generic[Kind]):
    """The classes of one kind, by name.

    Attributes
    ----------
    what : str
        What one of them is called.
    package : str
        Whose files hold those of korpus, one each; a file whose name begins with ``_`` holds none.
    group : str
        The entry point group of other packages' ones.
    base : str
        The class that they derive from, as ``module:Class``.
    error : type of KorpusError
        What is raised if there is none of a name.
    listed_by : str
        The command that lists them; without one, an error lists them.
    """

    what: str
    package: str
    group: str
    base: str
    error: type[KorpusError]
    listed_by: str = ""
    _found: dict[str, type[Kind]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def _plugins(self) -> dict[str, EntryPoint]:
        return {point.name: point for point in entry_points(group=self.group)}

    @cached_property
    def _names(self) -> list[str]:
        places = importlib.import_module(self.package).__path__
        own = (info.name for info in pkgutil.iter_modules(places) if not info.name.startswith("_"))
        return sorted({*own, *self._plugins})

    def names(self) -> list[str]:
        """Return all names, sorted; imports none of what they stand for."""
        return self._names

    def get(self, name: str) -> type[Kind]:
        """Return the class of that name.

        Raises
        ------
        KorpusError
            `error`, if there is none, and then it names the nearest one; or if what another package gives for it is
            none.
        """
        if name not in self._found:
            if name not in self._names:
                there = f"see: {self.listed_by}" if self.listed_by else f"there are: {', '.join(self._names)}"
                raise self.error(f"there is no {self.what} {name!r}{did_you_mean(name, self._names)}; {there}")
            self._found[name] = self._loaded(name) if name in self._plugins else self._own(name)
        return self._found[name]

    def _is_one(self, thing: Any) -> bool:
        module, _, base = self.base.partition(":")
        # Python 3.10 says of dict[str, int], too, that it is an instance of type.
        return issubclass(type(thing), type) and issubclass(thing, getattr(importlib.import_module(module), base))

    def _own(self, name: str) -> type[Kind]:
        module = importlib.import_module(f"{self.package}.{name}")
        classes = [each for each in vars(module).values() if self._is_one(each) and each.__module__ == module.__name__]
        if len(classes) != 1:
            raise TypeError(f"{module.__file__} must define exactly one {self.what}, it defines {len(classes)}")
        return self._named(classes[0], name)

    def _loaded(self, name: str) -> type[Kind]:
        point = self._plugins[name]
        try:
            cls = point.load()
        except Exception as error:
            raise self.error(f"the {self.what} {name!r} ({point.value}) cannot be loaded: {error}") from error
        if not self._is_one(cls):
            raise self.error(f"the {self.what} {name!r} ({point.value}) must be a class derived from {self.base}")
        return self._named(cls, name)

    def _named(self, cls: Any, name: str) -> type[Kind]:
        cls.name = name
        return cls


STAGES: Registry[Stage] = Registry(
    "stage", "korpus.stages", "korpus.stages", "korpus.stage:Stage", RecipeError, "korpus stages"
)
FORMATS: Registry[Format] = Registry("format", "korpus.export", "korpus.exports", "korpus.export:Format", DataError)


def names() -> list[str]:
    """Return the names of all stages, sorted; imports none of them."""
    return STAGES.names()


def get(name: str) -> type[Stage]:
    """Return the stage class of that name.

    Raises
    ------
    RecipeError
        If there is no such stage; names the nearest one.
    """
    return STAGES.get(name)
