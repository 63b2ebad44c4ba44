"""`korpus stages`: the list of the stages, and the explanation of one, from the stages themselves."""

from __future__ import annotations

import inspect
import json
import textwrap
from typing import TYPE_CHECKING, Any

from korpus import registry
from korpus.stage import Filter, Tag

if TYPE_CHECKING:
    from korpus.stage import Stage

_KINDS = {
    "edit": "Edits change texts and keep every document.",
    "filter": "Filters drop documents and say why.",
    "tag": "Tags add a column.",
    "expand": "Makes several documents of one.",
    "dedup": "Duplicate stages drop documents because of other documents.",
    "group": "Groups make one document of several.",
}


def first_line(name: str) -> str:
    """Return the one-sentence summary of a stage."""
    return _doc(registry.get(name)).partition("\n")[0]


def _doc(cls: type[Stage]) -> str:
    return inspect.getdoc(cls) or ""


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


def options(name: str) -> list[tuple[str, str, str, str]]:
    """Return ``(option, type, "required" or its default, description)`` of each option of a stage."""
    cls = registry.get(name)
    properties = cls.model_json_schema()["properties"]
    rows = []
    for option, field in cls.model_fields.items():
        default = "required"
        if not field.is_required():
            default = "default " + json.dumps(field.get_default(call_default_factory=True), ensure_ascii=False)
        rows.append((option, type_name(properties[option]), default, field.description or ""))
    return rows


def overview() -> str:
    """Return the list of the stages by kind, with the summary of each."""
    by_kind: dict[str, list[str]] = {}
    for name in registry.names():
        by_kind.setdefault(registry.get(name).kind, []).append(name)
    width = max(map(len, registry.names()))
    lines: list[str] = []
    for kind, title in _KINDS.items():
        lines.append(title)
        lines.extend(f"  {name:<{width}}  {first_line(name)}" for name in by_kind.get(kind, []))
        lines.append("")
    lines.append("korpus stages NAME explains one with its options.")
    return "\n".join(lines)


def explain(name: str) -> str:
    """Return what a stage does, its options and its reasons for dropping documents.

    Raises
    ------
    RecipeError
        If there is no such stage.
    """
    cls = registry.get(name)
    lines = [f"{name} ({cls.kind}, version {cls.version})", "", _doc(cls), ""]
    if issubclass(cls, Tag):
        lines += [f"Adds the column {cls.column!r}.", ""]
    if issubclass(cls, Filter):
        lines += [*textwrap.wrap(f"Reasons: {', '.join(cls.reasons)}", 100, subsequent_indent="  "), ""]
    rows = options(name)
    lines.append("Options:" if rows else "It has no options.")
    for option, kind, default, description in rows:
        lines.extend(
            textwrap.wrap(f"{option}: {kind} ({default})", 100, initial_indent="  ", subsequent_indent=" " * 8)
        )
        lines.extend(textwrap.wrap(description, 92, initial_indent="      ", subsequent_indent="      "))
    return "\n".join(lines)
