"""What a recipe can name: the stages with their options, as the stages say themselves, and the recipes of korpus."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from korpus import registry
from korpus.recipe.bundled import bundled, summary
from korpus.stage import Filter, Tag

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class OptionInfo:
    """An option of a stage.

    Attributes
    ----------
    type : str
        As a person would write it, with its bounds: ``int 1.. | null``.
    required : bool
        Whether it must be given.
    default : Any
        Plain data; None if it is required.
    description : str
        What it does; empty if it does not say.
    """

    name: str
    type: str
    required: bool
    default: Any
    description: str


@dataclass(frozen=True)
class StageInfo:
    """What a stage is.

    Attributes
    ----------
    kind : str
        See `korpus.stage.Stage`.
    version : int
        Raised whenever the same options give another result.
    text : str
        What it does; the first line sums it up.
    column : str or None
        The column that a tag adds.
    reasons : tuple of str
        For which a filter drops documents.
    options : tuple of OptionInfo
        In their order.
    """

    name: str
    kind: str
    version: int
    text: str
    column: str | None
    reasons: tuple[str, ...]
    options: tuple[OptionInfo, ...]

    @property
    def summary(self) -> str:
        """What it does, in one sentence."""
        return self.text.partition("\n")[0]


@dataclass(frozen=True)
class RecipeInfo:
    """A recipe that comes with korpus: its name, what it is for in one sentence, and the path of its file."""

    name: str
    summary: str
    path: Path


def stage(name: str) -> StageInfo:
    """Return what a stage is.

    Raises
    ------
    RecipeError
        If there is no stage of that name.
    """
    cls = registry.get(name)
    properties = cls.model_json_schema()["properties"] if cls.model_fields else {}
    return StageInfo(
        name=name,
        kind=cls.kind,
        version=cls.version,
        text=inspect.getdoc(cls) or "",
        column=cls.column if issubclass(cls, Tag) else None,
        reasons=cls.reasons if issubclass(cls, Filter) else (),
        options=tuple(
            OptionInfo(
                name=option,
                type=type_name(properties[option]),
                required=field.is_required(),
                default=None if field.is_required() else field.get_default(call_default_factory=True),
                description=field.description or "",
            )
            for option, field in cls.model_fields.items()
        ),
    )


def stages() -> tuple[StageInfo, ...]:
    """Return what there is of stages, by name."""
    return tuple(map(stage, registry.names()))


def recipes() -> tuple[RecipeInfo, ...]:
    """Return the recipes that come with korpus, by name."""
    return tuple(RecipeInfo(name, summary(path), path) for name, path in bundled().items())


def type_name(schema: dict[str, Any]) -> str:
    """Return the type of an option as a person would write it, from its JSON schema."""
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    if "anyOf" in schema:
        return " | ".join(type_name(part) for part in schema["anyOf"])
    kind = {"integer": "int", "number": "float", "string": "str", "boolean": "bool", "null": "null"}
    if schema.get("type") == "array":
        return f"list of {type_name(schema.get('items', {}))}"
    if schema.get("type") == "object":
        return f"mapping to {type_name(schema.get('additionalProperties') or {})}"
    low, high = _bound(schema, "inimum", ">"), _bound(schema, "aximum", "<")
    bounds = f" {low}..{high}" if (low, high) != ("", "") else ""
    return kind.get(schema.get("type", ""), "any") + bounds


def _bound(schema: dict[str, Any], which: str, sign: str) -> str:
    for key, before in ((f"m{which}", ""), (f"exclusiveM{which}", sign)):
        if key in schema:
            # Versions of pydantic write the bound 0 of a float as 0 or as 0.0.
            return before + str(schema[key]).removesuffix(".0")
    return ""
