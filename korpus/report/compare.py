"""`korpus compare` as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korpus.figures import plural, visible
from korpus.report.vocab import table

if TYPE_CHECKING:
    from korpus.corpus.compare import Comparison, Move

_MOST_CHARS = 80


def render(found: Comparison) -> str:
    """Return how two finished runs differ, as text."""
    sections = [[f"A: {visible(found.first)}", f"B: {visible(found.second)}"], _options(found), _steps(found)]
    sections += [_documents(found), _vocabularies(found)]
    return "\n\n".join("\n".join(section) for section in sections if section)


def _options(found: Comparison) -> list[str]:
    if not found.options:
        return ["the recipes are the same"]
    rows = [(visible(each.name), _value(each.first), _value(each.second)) for each in found.options]
    return [table(("option", "A", "B"), rows, 3)]


def _value(value: object) -> str:
    shown = visible("-" if value is None else str(value))
    return shown if len(shown) <= _MOST_CHARS else f"{shown[:_MOST_CHARS]}…"


def _steps(found: Comparison) -> list[str]:
    rows = []
    for step in found.steps:
        numbers = (step.first_in, step.first_out, step.second_in, step.second_out)
        rows.append((visible(step.title), *("-" if n is None else f"{n:,}" for n in numbers)))
    return [table(("step", "A in", "A out", "B in", "B out"), rows)]


def _documents(found: Comparison) -> list[str]:
    changed = "" if found.n_changed is None else f", {found.n_changed:,} of them with another text"
    how = "their place in the input" if found.by == "doc_id" else "their texts"
    lines = [
        f"kept: {found.n_first:,} by A, {found.n_second:,} by B; {found.n_both:,} by both{changed} (told by {how})"
    ]
    for move in found.moves:
        lines.append(f"{plural(move.n, 'document')} of {_where(move)}")
        for fate in move.examples:
            text = (fate.text or "").replace("\n", "⏎")
            lines.append(f"  {fate.doc_id}: {visible(text[:_MOST_CHARS])}{'…' if len(text) > _MOST_CHARS else ''}")
    return lines


def _where(move: Move) -> str:
    one, other = ("A", "B") if move.kept_by == "first" else ("B", "A")
    if move.stage is None:
        return f"{one} that {other} has neither kept nor dropped"
    return visible(f"{one} that {other} has dropped by {move.stage}: {move.reason}")


def _vocabularies(found: Comparison) -> list[str]:
    rows = [
        (visible(each.name), *(f"{n:,}" for n in (each.n_first, each.n_second, each.n_both, each.n_same_id)))
        for each in found.vocab
    ]
    return [table(("vocabulary", "A", "B", "in both", "same id"), rows)] if rows else []
