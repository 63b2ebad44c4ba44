"""The text of a recipe: YAML that remembers the line of every key, and the assignments that override it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from korpus.errors import RecipeError, did_you_mean

KEYS = ("korpus", "name", "compat", "input", "sources", "group", "stages", "output", "vocab", "engine")
"""The keys of a recipe."""
MAX_BYTES, MAX_NODES, MAX_DEPTH = 1 << 20, 100_000, 50
"""Far more than a recipe has: its size, its values once aliases are written out, levels within each other."""


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


class _Loader(yaml.SafeLoader):
    """PyYAML's, that stops at a depth that no recipe has."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> yaml.Node | None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            mark = self.peek_event().start_mark
            raise yaml.MarkedYAMLError(problem=f"more than {MAX_DEPTH} levels within each other", problem_mark=mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


class _Data:
    """Makes plain data of YAML's nodes; an alias is written out each time, up to a bound."""

    def __init__(self, loader: _Loader, source: Source):
        self._loader, self._source, self._n = loader, source, 0

    def error(self, node: yaml.Node, message: str) -> RecipeError:
        return RecipeError(message, f"{self._source.name}:{node.start_mark.line + 1}")

    def construct(self, node: yaml.Node, path: tuple = ()) -> Any:
        self._source.lines.setdefault(path, node.start_mark.line + 1)
        self._n += 1
        if self._n > MAX_NODES or len(path) > MAX_DEPTH:
            raise self.error(
                node,
                f"not a recipe: an alias stands inside its own anchor, or all stand for more than {MAX_NODES:,} values",
            )
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if node.tag not in ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
            raise self.error(node, f"{_tag(node)} has no place in a recipe, which is made of plain values")
        if isinstance(node, yaml.SequenceNode):
            return [self.construct(item, (*path, i)) for i, item in enumerate(node.value)]
        value: dict = {}
        for key_node, value_node in node.value:
            key = self._scalar(key_node) if isinstance(key_node, yaml.ScalarNode) else None
            if not isinstance(key, (str, int, float, bool)):
                raise self.error(key_node, "a key must be a word")
            at = (*path, key)
            if key in value:
                raise self.error(key_node, f"{dotted(at)} is given twice")
            self._source.lines[at] = key_node.start_mark.line + 1
            value[key] = self.construct(value_node, at)
        return value

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        try:
            value = self._loader.construct_object(node, deep=True)
            if isinstance(value, bytes):
                raise yaml.YAMLError
            return value
        except yaml.YAMLError:
            raise self.error(node, f"{_tag(node)} has no place in a recipe, which is made of plain values") from None
        except Exception as error:  # PyYAML lets through whatever Python says of a date or number that is none
            shown = node.value if len(node.value) <= 40 else f"{node.value[:40]}…"
            raise self.error(
                node, f"{shown!r} is not a {_tag(node)} ({error}); put it in quotes if it is a text"
            ) from None


def _tag(node: yaml.Node) -> str:
    kind = node.tag.removeprefix("tag:yaml.org,2002:")
    return kind if node.tag == kind else f"!!{kind}"


def dotted(path: tuple) -> str:
    """Return a path as people write it: ``("stages", 3, "length", "min_chars")`` is ``stages.length.min_chars``."""
    return ".".join(str(part) for part in path if not isinstance(part, int))


def _plain(text: str, source: Source) -> Any:
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        return None if node is None else _Data(loader, source).construct(node)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise RecipeError(
            f"not valid YAML: it holds the character U+{error.character:04X}", f"{source.name}:{line}"
        ) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{source.name}:{mark.line + 1}" if mark else source.name
        problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise RecipeError(f"not valid YAML: {problem}", where) from None


def read(path: Path, source: Source) -> dict:
    """Read the file of a recipe; see `parse`."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise RecipeError(f"cannot be read: {error.strerror or error}", str(path)) from None
    if len(data) > MAX_BYTES:
        raise RecipeError(f"not a recipe: it is larger than {MAX_BYTES >> 10:,} KiB", f"{path}:1")
    try:
        return parse(data.decode("utf-8-sig"), source)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RecipeError(f"not UTF-8: byte 0x{data[error.start]:02x}", f"{path}:{line}") from None


def parse(text: str, source: Source) -> dict:
    """Read a recipe as plain data, and write down in `source` where each key stands.

    Raises
    ------
    RecipeError
        If it is not YAML, not a mapping, or gives a key twice.
    """
    data = _plain(text, source)
    data = {} if data is None else data
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
        value = _plain(text, Source(shown)) if text else None
    except RecipeError as error:
        why = error.message.removeprefix("not valid YAML: ")
        raise RecipeError(f"the value {text!r} is not valid YAML: {why}", shown) from None
    parts: list[Any] = key.split(".")
    if parts[0] not in KEYS:
        raise RecipeError(f"a recipe has no {parts[0]!r}{did_you_mean(parts[0], KEYS)}", shown)
    at: dict = data
    path: tuple[str | int, ...] = ()
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
        number = int(match[2]) if match and match[2] else None
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
    path = (*path, parts[-1])
    source.overrides[path] = shown
