"""The summary of a finished run as text for a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from korpus.figures import duration, edit_kind, percent, plural, share, size, visible
from korpus.report.vocab import facts

if TYPE_CHECKING:
    from korpus.report.summary import Step, Summary

_STYLES = {"bold": "\x1b[1m", "dim": "\x1b[2m", "red": "\x1b[1;31m", "green": "\x1b[32m", "yellow": "\x1b[33m"}
_GAP = "  "
_BAR_CHARS = 8, 28
_NONE = "-"

Paint = Callable[[str, str], str]
"""Takes a text and the name of a style, returns the text in that style."""


def render(summary: Summary, width: int = 100, color: bool = False) -> str:
    """Return the summary as lines of text.

    Parameters
    ----------
    summary : Summary
        What to show.
    width : int
        Columns of the terminal. The funnel leaves out its less telling columns where it would not fit.
    color : bool
        Whether to use terminal colours.
    """
    paint = _paint if color else _plain
    what = (_funnel, _reasons, _edits, _duplicates, _sources, _domains, _vocabularies)
    sections = (_head, *what, _files, _time, _notes, _books)
    parts = ("\n".join(line.rstrip() for line in section(summary, width, paint)) for section in sections)
    return "\n\n".join(part for part in parts if part) + "\n"


def display_width(text: str) -> int:
    """Return how many columns of a terminal `text` takes: two for each Hangul syllable, none for a combining mark."""
    return sum(
        0
        if unicodedata.category(char) in ("Mn", "Me", "Cf") or "\u1160" <= char <= "\u11ff"
        else 2
        if unicodedata.east_asian_width(char) in "WF"
        else 1
        for char in text
    )


class _Column(NamedTuple):
    """A column of a table.

    Attributes
    ----------
    rank : int
        Which columns go first where there is no room: those of the highest rank; 0 always stays.
    left : bool
        Whether the cells are aligned to the left.
    """

    title: str
    cells: list[str]
    rank: int = 0
    left: bool = False

    @property
    def width(self) -> int:
        return max(map(display_width, (self.title, *self.cells)))


def _plain(text: str, style: str) -> str:
    return text


def _paint(text: str, style: str) -> str:
    return f"{_STYLES[style]}{text}\x1b[0m" if text.strip() else text


def _pad(text: str, width: int, left: bool) -> str:
    blank = " " * (width - display_width(text))
    return text + blank if left else blank + text


def _table(columns: list[_Column], width: int, paint: Paint, shares: Sequence[float] = ()) -> list[str]:
    """Return a table's lines, indented: as many columns as fit, then bars for `shares` if there is room for them."""
    columns = list(columns)
    while (taken := sum(column.width + len(_GAP) for column in columns)) > width and any(c.rank for c in columns):
        columns.remove(max(columns, key=lambda column: column.rank))
    shortest, longest = _BAR_CHARS
    bar_chars = min(longest, width - taken - len(_GAP))
    lines = [paint("".join(_GAP + _pad(c.title, c.width, c.left) for c in columns).rstrip(), "bold")]
    for row in range(len(columns[0].cells)):
        cells = (_pad(column.cells[row], column.width, column.left) for column in columns)
        line = "".join(_GAP + (paint(cell, "dim") if cell.strip() == _NONE else cell) for cell in cells)
        if shares and bar_chars >= shortest:
            line += _GAP + _bar(shares[row], bar_chars)
        lines.append(line)
    return lines


def _bar(length: float, chars: int) -> str:
    eighths = max(round(length * chars * 8), int(length > 0))
    return "█" * (eighths // 8) + "▏▎▍▌▋▊▉"[eighths % 8 - 1] * bool(eighths % 8)


def _wrapped(text: str, width: int) -> list[str]:
    """Return `text` broken at spaces, all lines indented, later ones more; a word longer than a line stays whole."""
    first, *words = text.split(" ")
    lines = [_GAP + first]
    for word in words:
        if display_width(lines[-1]) + 1 + display_width(word) > width:
            lines.append(2 * _GAP + word)
        else:
            lines[-1] += " " + word
    return lines


def _count(n: int) -> str:
    return f"{n:,}" if n else _NONE


def _head(s: Summary, width: int, paint: Paint) -> list[str]:
    rows = f"{s.n_rows:,} rows of {plural(s.n_files, 'file')}"
    blank = f", {s.n_blank:,} blank" if s.n_blank else ""
    kept = f"{size(s.text_bytes)} of text, {plural(s.n_chars, 'character')}, {s.n_eojeol:,} eojeol, "
    kept += plural(s.n_sentences, "sentence")
    return [
        paint(visible(s.name), "bold") + paint(f"  korpus {s.version}, run {s.key[:12]}", "dim"),
        *_wrapped(f"{plural(s.n_read, 'document')} read: {rows}{blank}", width),
        *_wrapped(f"{plural(s.n_kept, 'document')} kept ({percent(s.n_kept, s.n_read)}): {kept}", width),
    ]


def _funnel(s: Summary, width: int, paint: Paint) -> list[str]:
    def speed(step: Step) -> str:
        return f"{step.bytes_in / 1048576 / step.time_s:,.0f}" if step.time_s else ""

    columns = [
        _Column("step", [visible(step.title) for step in s.steps], left=True),
        _Column("in", [f"{step.n_in:,}" for step in s.steps], rank=4),
        _Column("dropped", [_count(step.n_dropped) for step in s.steps]),
        _Column("out", [f"{step.n_out:,}" for step in s.steps]),
        _Column("of input", [percent(step.n_out, s.n_read) for step in s.steps]),
        _Column("text in", [size(step.bytes_in) for step in s.steps], rank=3),
        _Column("text out", [size(step.bytes_out) for step in s.steps], rank=1),
        _Column("changed", [_count(step.n_changed) if step.kind == "edit" else "" for step in s.steps], rank=1),
    ]
    if any(step.time_s for step in s.steps):
        columns.append(_Column("MiB/s", [speed(step) for step in s.steps], rank=2))
    return _table(columns, width, paint, [share(step.n_out, s.n_read) for step in s.steps])


def _reasons(s: Summary, width: int, paint: Paint) -> list[str]:
    rows = [(step.title, reason, n) for step in s.steps for reason, n in step.reasons.items()]
    if not rows:
        return []
    columns = [
        _Column("dropped by", [visible(step) for step, _, _ in rows], left=True),
        _Column("reason", [visible(reason) for _, reason, _ in rows], left=True),
        _Column("documents", [f"{n:,}" for _, _, n in rows]),
        _Column("of input", [percent(n, s.n_read) for _, _, n in rows]),
    ]
    return _table(columns, width, paint, [share(n, s.n_read) for _, _, n in rows])


def _edits(s: Summary, width: int, paint: Paint) -> list[str]:
    rows = [(step.title, kind, n) for step in s.steps for kind, n in step.edits.items()]
    if not rows:
        return []
    columns = [
        _Column("edited by", [visible(step) for step, _, _ in rows], left=True),
        _Column("kind", [visible(edit_kind(kind)) for _, kind, _ in rows], left=True),
        _Column("pieces", [f"{n:,}" for _, _, n in rows]),
    ]
    return _table(columns, width, paint)


def _duplicates(s: Summary, width: int, paint: Paint) -> list[str]:
    steps = [(step, step.clusters) for step in s.steps if step.clusters]
    if not steps:
        return []
    columns = [
        _Column("duplicates", [visible(step.name) for step, _ in steps], left=True),
        _Column("removed", [_count(step.n_dropped) for step, _ in steps]),
        _Column("clusters", [_count(found.n) for _, found in steps]),
        _Column("largest", [", ".join(f"{n:,}" for n in found.largest[:3]) or _NONE for _, found in steps]),
    ]
    lines = _table(columns, width, paint)
    classes = list(dict.fromkeys(size for _, found in steps for size in found.sizes))
    if classes:
        sizes = [
            _Column("clusters of", [visible(step.name) for step, _ in steps], left=True),
            *(_Column(c, [_count(found.sizes.get(c, 0)) for _, found in steps]) for c in classes),
        ]
        lines += ["", *_table(sizes, width, paint)]
    return lines


def _sources(s: Summary, width: int, paint: Paint) -> list[str]:
    if not s.sources:
        return []
    columns = [
        _Column("source", [visible(source.name) for source in s.sources], left=True),
        _Column("files", [f"{source.n_files:,}" for source in s.sources], rank=1),
        _Column("size", [size(source.bytes_in) for source in s.sources], rank=2),
        _Column("read", [f"{source.n_in:,}" for source in s.sources]),
        _Column("dropped", [_count(source.n_dropped) for source in s.sources]),
        _Column("duplicates", [_count(source.n_duplicates) for source in s.sources]),
        _Column("kept", [f"{source.n_kept:,}" for source in s.sources]),
        _Column("of kept", [percent(source.n_kept, s.n_kept) for source in s.sources]),
        _Column("text", [size(source.text_bytes) for source in s.sources], rank=3),
    ]
    return _table(columns, width, paint, [share(source.n_kept, s.n_kept) for source in s.sources])


def _domains(s: Summary, width: int, paint: Paint) -> list[str]:
    if not s.by_domain:
        return []
    columns = [
        _Column("domain", [visible(domain.name) for domain in s.domains], left=True),
        _Column("documents", [f"{domain.n_docs:,}" for domain in s.domains]),
        _Column("of kept", [percent(domain.n_docs, s.n_kept) for domain in s.domains]),
        _Column("text", [size(domain.text_bytes) for domain in s.domains]),
        _Column("shards", [f"{domain.n_shards:,}" for domain in s.domains]),
        _Column("on disk", [size(domain.file_bytes) for domain in s.domains]),
    ]
    return _table(columns, width, paint, [share(domain.n_docs, s.n_kept) for domain in s.domains])


def _vocabularies(s: Summary, width: int, paint: Paint) -> list[str]:
    if not s.vocab:
        return []
    told = [facts(vocab) for vocab in s.vocab]
    columns = [
        _Column("vocabulary", [visible(vocab["name"]) for vocab in s.vocab], left=True),
        *(_Column(title.rstrip(":"), [each[title] for each in told], left=title[-1] != ":") for title in told[0]),
        _Column("folder", [visible(vocab["path"]) for vocab in s.vocab], left=True, rank=1),
    ]
    return _table(columns, width, paint)


def _files(s: Summary, width: int, paint: Paint) -> list[str]:
    columns = [
        _Column("folder", [folder.path for folder in s.folders] + ["./"], left=True),
        _Column("files", [f"{folder.n_files:,}" for folder in s.folders] + ["3"]),
        _Column("rows", [f"{folder.n_rows:,}" for folder in s.folders] + [""]),
        _Column("size", [size(folder.n_bytes) for folder in s.folders] + [""]),
        _Column("", [folder.what for folder in s.folders] + ["manifest.json, report.html, README.md"], left=True),
    ]
    return _table(columns, width, paint)


def _time(s: Summary, width: int, paint: Paint) -> list[str]:
    if not s.log:
        return []
    steps = [entry for entry in s.log["passes"] if entry["wall_s"] >= 0.05]
    passes = ", ".join(f"{visible(entry['name'])} {duration(entry['wall_s'])}" for entry in steps)
    text = f"{duration(s.log['wall_s'])} with {plural(s.log['workers'], 'worker')}{f' ({passes})' if passes else ''}, "
    text += f"at most {size(s.log['peak_rss_bytes'])} of memory"
    if any(step.time_s for step in s.steps):
        text += "; MiB/s is the speed of one core"
    return _wrapped(text, width)


def _notes(s: Summary, width: int, paint: Paint) -> list[str]:
    notes = list(s.warnings)
    if s.ignored_columns:
        notes.append(f"columns left behind, since input.keep does not name them: {', '.join(s.ignored_columns)}")
    lines = [line for note in notes for line in _wrapped(f"! {visible(note)}", width)]
    return [paint(line, "yellow") for line in lines]


def _books(s: Summary, width: int, paint: Paint) -> list[str]:
    if s.breaks:
        return [paint(line, "red") for why in s.breaks for line in _wrapped(f"DOES NOT ADD UP: {visible(why)}", width)]
    made = [step for step in s.steps if step.n_made]
    more = "".join(f" {'+' if step.n_made > 0 else '-'} {abs(step.n_made):,} by {step.name}" for step in made)
    text = f"adds up: {s.n_read:,} read{more} = {s.n_kept:,} kept + {s.n_rejects:,} in the ledger"
    return [paint(line, "green") for line in _wrapped(text, width)]
