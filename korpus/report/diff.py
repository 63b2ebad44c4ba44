"""`korpus diff` as text for a terminal."""

from __future__ import annotations

import difflib
import itertools
from typing import TYPE_CHECKING

from korpus.figures import percent, plural, visible

if TYPE_CHECKING:
    from korpus.diff import Diff, Example, StageDiff, Trace, TraceStep

_RED, _GREEN, _BOLD, _END = "\x1b[31m", "\x1b[32m", "\x1b[1m", "\x1b[0m"
_CONTEXT, _MAX_PLACES, _MAX_CHARS = 20, 3, 2000


def render(found: Diff, color: bool = False) -> str:
    """Return what each stage changes, as text.

    Parameters
    ----------
    found : Diff
    color : bool
        Whether to use the terminal's colours.
    """
    lines: list[str] = []
    for stage in found.stages:
        lines.append(_bold(_headline(stage), color))
        lines += (f"  {line}" for example in stage.examples for line in _example(stage, example, color))
        lines.append("")
    return "\n".join(lines)


def _headline(stage: StageDiff) -> str:
    parts = []
    if stage.kind in ("edit", "expand"):
        parts.append(f"changed {stage.n_changed:,} ({percent(stage.n_changed, stage.n_in)})")
    parts += (f"{what} {count:,} ({percent(count, stage.n_in)})" for what, count in stage.counts.items())
    return f"{stage.stage}: {', '.join(parts) or 'dropped 0'} of {plural(stage.n_in, 'document')}"


def _example(stage: StageDiff, example: Example, color: bool) -> tuple[str, ...]:
    if example.after is not None:
        return compare(example.before, example.after, color)
    if example.reason == "emptied" and stage.kind != "filter":
        return f"- {_cut(example.before)}", "nothing is left"
    return (f"{example.reason}: {_cut(example.before)}",)


def render_trace(found: Trace, color: bool = False) -> str:
    """Return the way of one text through the stages, as text; parameters as for `render`."""
    lines = [f"{'':12}  {_cut(found.text)}"]
    for step in found.steps:
        lines += (f"{name:12}  {line}" for name, line in zip((step.stage, ""), _step(step, color)))
    return "\n".join(lines)


def _step(step: TraceStep, color: bool) -> tuple[str, ...]:
    if step.lacking:
        return (f"not applied: it reads the column {step.lacking}, which a text alone has not",)
    if not step.after:
        return (f"dropped: {', '.join(step.counts)}",)
    if step.changed:
        return compare(step.before[0], step.after[0], color)
    return (", ".join(step.counts) if step.kind == "tag" else "unchanged",)


def compare(before: str, after: str, color: bool = False) -> tuple[str, str]:
    """Return the places in which two texts differ, as a line ``- …`` and a line ``+ …``.

    Parameters
    ----------
    before, after : str
        Short ones are shown whole; of long ones, the first few places.
    color : bool
        Whether what differs is coloured.
    """
    # Comparing takes time that grows with the square of the length; most edits change little of a long text.
    shorter = min(len(before), len(after))
    start = next((i for i in range(shorter) if before[i] != after[i]), shorter)
    same = next((i for i in range(shorter - start) if before[-1 - i] != after[-1 - i]), shorter - start)
    start, same = max(0, start - _CONTEXT), max(0, same - _CONTEXT)
    a, b = (text[start : min(len(text) - same, start + _MAX_CHARS)] for text in (before, after))
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    groups = list(itertools.islice(matcher.get_grouped_opcodes(_CONTEXT), _MAX_PLACES))
    old, new = [], []
    for group in groups:
        old.append("".join(_paint(a[i:j], tag != "equal", _RED, color) for tag, i, j, _, _ in group))
        new.append("".join(_paint(b[i:j], tag != "equal", _GREEN, color) for tag, _, _, i, j in group))
    lead = "…" if start + (groups[0][0][1] if groups else 0) else ""
    last = groups[-1][-1] if groups else (0, 0, 0, 0, 0)
    tails = ("…" if start + end < len(whole) else "" for end, whole in ((last[2], before), (last[4], after)))
    minus, plus = (f"{sign} {lead}{' … '.join(parts)}{tail}" for sign, parts, tail in zip("-+", (old, new), tails))
    return minus, plus


def _paint(text: str, differs: bool, style: str, color: bool) -> str:
    text = visible(text.replace("\n", "⏎"))
    return f"{style}{text}{_END}" if differs and color and text else text


def _bold(text: str, color: bool) -> str:
    return f"{_BOLD}{text}{_END}" if color else text


def _cut(text: str) -> str:
    text = text.replace("\n", "⏎")
    return visible(text if len(text) <= 200 else f"{text[:200]}…")
