"""Numbers and texts in the form in which every report shows them."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from korpus.stage import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Sequence


def size(n_bytes: float) -> str:
    """Return a number of bytes in IEC units: ``1.5 MiB``."""
    units = ["B", "KiB", "MiB", "GiB", "TiB"]
    unit = 0
    while n_bytes >= 1023.95 and unit < len(units) - 1:
        n_bytes /= 1024
        unit += 1
    return f"{n_bytes:,.{min(unit, 1)}f} {units[unit]}"


def percent(part: int, whole: int) -> str:
    """Return a share with one decimal; only nothing is 0.0 %, and only everything is 100.0 %."""
    if not whole:
        return "-"
    if 0 < part < whole:
        if part / whole < 0.001:
            return "<0.1%"
        if part / whole > 0.999:
            return ">99.9%"
    return f"{part / whole:.1%}"


def share(part: int, whole: int) -> float:
    """Return a share as the length of a bar: within [0, 1] also where books do not add up."""
    return min(1.0, max(0.0, part / whole)) if whole else 0.0


def duration(seconds: float) -> str:
    """Return seconds as ``8.1 s``, ``3 min 20 s`` or ``2 h 05 min``."""
    if seconds < 99.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    return f"{minutes // 60} h {minutes % 60:02} min"


def plural(n: int, what: str, many: str | None = None) -> str:
    """Return ``1 shard``, ``2 shards``; `many` is the plural that is not made by an s."""
    return f"{n:,} {what if n == 1 else many or f'{what}s'}"


def edit_kind(kind: str) -> str:
    """Return a kind of what an edit changed, as it is shown; numbers are counted by the documents they stand in."""
    return "numbers (documents)" if kind == NUMBERS else kind


def visible(text: str, keep: str = "") -> str:
    """Return `text` with every character that a screen obeys instead of showing spelled out: ``⟨U+200B⟩``.

    Texts and names come from the corpus: control characters could drive a terminal, bidirectional marks could turn a
    line around, and a lone surrogate cannot be written as UTF-8 at all.

    Parameters
    ----------
    text : str
        Anything.
    keep : str
        Characters to leave as they are all the same.
    """
    return "".join(
        char
        if char in keep or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
        else f"⟨U+{ord(char):04X}⟩"
        for char in text
    )


N_TOLD = 10
"""So many files are named in a warning or an error; the manifest has all."""


def told(entries: Sequence[str], what: str, n_told: int = N_TOLD) -> list[str]:
    """Return one warning for several things of a kind; none for none."""
    if not entries:
        return []
    more = f"; and {len(entries) - n_told:,} more, which manifest.json names" if len(entries) > n_told else ""
    return [f"{what}: {'; '.join(entries[:n_told])}{more}"]


def told_passed_over(passed_over: Sequence[tuple[str, str]], n_told: int = N_TOLD) -> list[str]:
    """Return one sentence about what lies in folders and is not read; none if there is nothing."""
    by_reason: dict[str, list[str]] = {}
    for path, why in passed_over:
        by_reason.setdefault(why, []).append(path)
    entries = []
    for why, paths in sorted(by_reason.items(), key=lambda item: -len(item[1])):
        more = f" and {len(paths) - 3:,} more" if len(paths) > 3 else ""
        entries.append(f"{', '.join(paths[:3])}{more} ({why})")
    n = plural(len(passed_over), "file or folder", "files and folders")
    return told(entries, f"{n} of the input {'was' if len(passed_over) == 1 else 'were'} passed over", n_told)
