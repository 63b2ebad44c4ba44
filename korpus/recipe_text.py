"""The text of a recipe: YAML that remembers the line of every key, and the assignments that override it."""

from __future__ import annotations

import re
from typing import Any

import yaml

from korpus.errors import RecipeError, did_you_mean

KEYS = ("korpus", "name", "compat", "input", "sources", "group", "stages", "output", "vocab", "engine")
"""The keys of a recipe."""


class Source:
    """Where each key of a recipe stands, so that an error can point at it."""

    def __init__(self, name: str):
        self.name = name
        self.lines: dict[tuple, int] = {}
        self.overrides: dict[tuple, str] = {}

    def where(self, path: tuple) -> str:
        """Return ``file:line`` of a key, or of the nearest one above it; or the override that set it."""
        prefixes = [path[:n] for n in range(len(path), -1, -1)]
        # What an override has set no longer stands in the file, nor does anything below it.
        for prefix in prefixes:
            if prefix in self.overrides:
                return self.overrides[prefix]
        return next((f"{self.name}:{self.lines[prefix]}" for prefix in prefixes if prefix in self.lines), self.name)

    def error(self, path: tuple, message: str) -> RecipeError:
        """Return an error that points at a key."""
        return RecipeError(message, self.where(path))


def _construct(node: yaml.Node, path: tuple, source: Source) -> Any:
    source.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        value: dict = {}
        for key_node, value_node in node.value:
            key = yaml.SafeLoader("").construct_object(key_node, deep=True)
            at = (*path, key)
            if not isinstance(key, (str, int, float, bool)):
                raise RecipeError("a key must be a word", f"{source.name}:{key_node.start_mark.line + 1}")
            if key in value:
                raise RecipeError(f"{dotted(at)} is given twice", f"{source.name}:{key_node.start_mark.line + 1}")
            source.lines[at] = key_node.start_mark.line + 1
            value[key] = _construct(value_node, at, source)
        return value
    if isinstance(node, yaml.SequenceNode):
        return [_construct(item, (*path, i), source) for i, item in enumerate(node.value)]
    return yaml.SafeLoader("").construct_object(node, deep=True)


def dotted(path: tuple) -> str:
    """Return a path as people write it: ``("stages", 3, "length", "min_chars")`` is ``stages.length.min_chars``."""
    return ".".join(str(part) for part in path if not isinstance(part, int))


def parse(text: str, source: Source) -> dict:
    """Read a recipe as plain data, and write down in `source` where each key stands.

    Raises
    ------
    RecipeError
        If it is not YAML, not a mapping, or gives a key twice.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = {} if node is None else _construct(node, (), source)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{source.name}:{mark.line + 1}" if mark else source.name
        problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise RecipeError(f"not valid YAML: {problem}", where) from None
    except RecursionError:
        raise RecipeError(
            "not a recipe: it is nested too deeply, or an alias stands inside its own anchor", source.name
        ) from None
    if not isinstance(data, dict):
        raise RecipeError(f"a recipe must be a mapping of {', '.join(KEYS)}", f"{source.name}:1")
    return data


def _stage_names(stages: Any) -> list[str | None]:
    """Return the name of each item of ``stages``; None for what has none, or was removed by an earlier assignment."""
    items = stages if isinstance(stages, list) else []
    names = [next(iter(item)) if isinstance(item, dict) and len(item) == 1 else item for item in items]
    return [name if isinstance(name, str) else None for name in names]


def override(data: dict, assignment: str, source: Source) -> None:
    """Apply one ``a.b=c``; ``stages.NAME`` is a stage, ``stages.NAME[2]`` the second of that name; null removes one."""
    shown = f"--set {assignment}"
    key, equals, text = assignment.partition("=")
    if not equals or not key:
        raise RecipeError("must look like stages.length.min_chars=20", shown)
    try:
        value = yaml.safe_load(text) if text else None
    except yaml.YAMLError:
        raise RecipeError(f"the value {text!r} is not valid YAML", shown) from None
    parts: list[Any] = key.split(".")
    if parts[0] not in KEYS:
        raise RecipeError(f"a recipe has no {parts[0]!r}{did_you_mean(parts[0], KEYS)}", shown)
    at, path = data, ()
    if parts[0] == "stages":
        if len(parts) == 1:
            raise RecipeError("must name a stage: stages.NAME.OPTION=VALUE, or stages.NAME=null to leave it out", shown)
        match = re.fullmatch(r"(\w+)(?:\[(\d+)\])?", parts[1])
        wanted = match[1] if match else parts[1]
        names = _stage_names(data.get("stages"))
        found = [i for i, name in enumerate(names) if name == wanted]
        if not found:
            has = [name for name in names if name]
            raise RecipeError(
                f"the recipe has no stage {wanted!r}{did_you_mean(wanted, has)}; it has: {', '.join(has) or 'none'}",
                shown,
            )
        number = int(match[2]) if match[2] else None
        if (number is None and len(found) > 1) or (number is not None and not 1 <= number <= len(found)):
            raise RecipeError(f"the recipe has {wanted!r} {len(found)} times; say stages.{wanted}[1]", shown)
        position = found[(number or 1) - 1]
        if len(parts) == 2:
            data["stages"][position] = None if value is None else {wanted: value}
            source.overrides[("stages", position)] = shown
            return
        if isinstance(data["stages"][position], str):
            data["stages"][position] = {wanted: None}
        at, path, parts = data["stages"][position], ("stages", position), [wanted, *parts[2:]]
    for part in parts[:-1]:
        if at.get(part) is None:
            at[part] = {}
        at, path = at[part], (*path, part)
        if not isinstance(at, dict):
            raise RecipeError(f"{dotted(path)} has no options of its own", shown)
    at[parts[-1]] = value
    source.overrides[(*path, parts[-1])] = shown
