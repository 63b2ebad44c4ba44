"""`korpus why` as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korpus.figures import plural, visible
from korpus.report.diff import compare

if TYPE_CHECKING:
    from korpus.corpus.why import Fate, Why

_ABSENT = {
    "outside": "the input has no such document",
    "gone": "neither the corpus nor the ledger has it: its row is blank, or it was joined with other documents",
    "text": "no document had this text, or what the recipe makes of it, when it was kept or dropped",
}
_MOST_CHARS = 200


def render(found: Why, color: bool = False) -> str:
    """Return what became of documents, as text.

    Parameters
    ----------
    found : Why
    color : bool
        Whether the places in which two texts differ are coloured.
    """
    if found.absent:
        return _ABSENT[found.absent]
    lines: list[str] = []
    for fate in found.fates:
        lines += [*([""] if lines else []), *_fate(fate, color)]
    if found.n_found > len(found.fates):
        lines += ["", f"and {plural(found.n_found - len(found.fates), 'document')} more"]
    return "\n".join(lines)


def _fate(fate: Fate, color: bool) -> list[str]:
    lines = [f"document {fate.doc_id} ({_place(fate)}): {_what(fate)}"]
    if fate.stands and fate.text is not None and fate.stands.text is not None:
        lines += (f"  {line}" for line in compare(fate.text, fate.stands.text, color))
    else:
        lines.append(f"  {_cut(fate.text)}")
    if fate.stands:
        lines.append("in its place stands")
        lines += _fate(fate.stands, color)
    return lines


def _place(fate: Fate) -> str:
    return visible(fate.path if fate.row is None else f"{fate.path}:{fate.row}")


def _what(fate: Fate) -> str:
    if fate.kept:
        return visible(f"kept in {fate.shard}" + (f", domain {fate.domain}" if fate.domain else ""))
    if fate.reference is not None:
        of = f" of {fate.reference}"
    else:
        of = f" of document {fate.stands.doc_id}" if fate.stands else f" ({fate.detail})" if fate.detail else ""
    alike = "" if fate.similarity is None else f", similarity {fate.similarity:.3f}"
    return visible(f"dropped by {fate.stage}: {fate.reason}{of}{alike}")


def _cut(text: str | None) -> str:
    if text is None:
        return "(the ledger of this run has no texts)"
    shown = text.replace("\n", "⏎")
    return visible(shown if len(shown) <= _MOST_CHARS else f"{shown[:_MOST_CHARS]}…")
