"""`korpus stages` and `korpus recipes` as text: what there is, and the explanation of one stage."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from korpus.recipe.catalog import RecipeInfo, StageInfo

_KINDS = {
    "edit": "Edits change texts and keep every document.",
    "filter": "Filters drop documents and say why.",
    "tag": "Tags add a column.",
    "expand": "Makes several documents of one.",
    "dedup": "Duplicate stages drop documents because of other documents.",
    "group": "Groups make one document of several.",
}


def overview(stages: Sequence[StageInfo]) -> str:
    """Return the list of the stages by kind, with the summary of each."""
    width = max(len(stage.name) for stage in stages)
    lines: list[str] = []
    for kind, title in _KINDS.items():
        lines.append(title)
        lines.extend(f"  {stage.name:<{width}}  {stage.summary}" for stage in stages if stage.kind == kind)
        lines.append("")
    lines.append("korpus stages NAME explains one with its options.")
    return "\n".join(lines)


def explain(stage: StageInfo) -> str:
    """Return what a stage does, its options and its reasons for dropping documents."""
    lines = [f"{stage.name} ({stage.kind}, version {stage.version})", "", stage.text, ""]
    if stage.column is not None:
        lines += [f"Adds the column {stage.column!r}.", ""]
    if stage.kind == "filter":
        lines += [*textwrap.wrap(f"Reasons: {', '.join(stage.reasons)}", 100, subsequent_indent="  "), ""]
    lines.append("Options:" if stage.options else "It has no options.")
    for option in stage.options:
        default = "required" if option.required else f"default {json.dumps(option.default, ensure_ascii=False)}"
        said = f"{option.name}: {option.type} ({default})"
        lines.extend(textwrap.wrap(said, 100, initial_indent="  ", subsequent_indent=" " * 8))
        lines.extend(textwrap.wrap(option.description, 92, initial_indent="      ", subsequent_indent="      "))
    return "\n".join(lines)


def recipes(listed: Sequence[RecipeInfo]) -> str:
    """Return the list of the recipes that come with korpus."""
    width = max((len(recipe.name) for recipe in listed), default=0)
    return "\n".join(f"{recipe.name:<{width}}  {recipe.summary}" for recipe in listed)
