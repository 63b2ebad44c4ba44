"""`korpus diff`: what each stage of a recipe changes on a sample, and the way of a single text through all of them."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from korpus.batch import DOC_ID, TEXT
from korpus.chain import Chain
from korpus.errors import RecipeError, Unreadable, did_you_mean
from korpus.figures import percent, plural, visible
from korpus.io.readers import all_splits
from korpus.plan.entry import Entry
from korpus.plan.sources import align

if TYPE_CHECKING:
    from korpus.io.readers import InputFile, ReadOptions
    from korpus.plan import Plan
    from korpus.stage import Stage

_RED, _GREEN, _BOLD, _END = "\x1b[31m", "\x1b[32m", "\x1b[1m", "\x1b[0m"
_CONTEXT, _MAX_PLACES, _MAX_CHARS = 20, 3, 2000


@dataclass
class Change:
    """What one stage did to a sample.

    Attributes
    ----------
    n_in, n_changed : int
        Documents that came, and that an edit changed.
    counts : dict of str to int
        Documents dropped, by reason; or tagged, by value.
    pairs : list of list of str
        Before and after; of a filter, the text and the reason.
    """

    stage: Stage
    n_in: int = 0
    n_changed: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    pairs: list[Sequence[str]] = field(default_factory=list)

    def apply(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Send a batch through the stage, write down what happened, and return what is left of it."""
        chain = Chain([self.stage])
        after, dropped = chain(batch)
        book = chain.books[0]
        self.n_in += book.n_in
        self.n_changed += book.n_changed
        for what, count in book.counts.items():
            self.counts[what] = self.counts.get(what, 0) + count
        for part in dropped:
            self.pairs.extend(zip(part.column(TEXT).to_pylist(), part.column("reason").to_pylist()))
        if self.stage.kind == "expand":
            self.pairs.extend(book.examples)
        elif book.n_changed:
            before = batch.filter(pc.is_in(batch.column(DOC_ID), value_set=after.column(DOC_ID)))
            changed = pc.not_equal(before.column(TEXT), after.column(TEXT))
            old, new = (part.column(TEXT).filter(changed).to_pylist() for part in (before, after))
            self.pairs.extend(zip(old, new))
        return after


def _batches(plan: Plan, n_docs: int) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Yield the number of the source and the first documents of each file, of each file the same number."""
    share = -(-n_docs // len(plan.files))
    for file in plan.files:
        left, entry = share, Entry(plan, file.index)
        for split, chunk, _ in _readable(file, plan.source(file.index).options):
            for batch, _ in entry.read(split, chunk):
                batch = batch.slice(0, left)
                left -= batch.num_rows
                yield plan.of_source[file.index], batch
                if not left:
                    break
            if not left:
                break


def _readable(file: InputFile, options: ReadOptions) -> Iterator:
    with suppress(Unreadable):
        yield from all_splits(file, options)


def _chosen(stages: Sequence[Stage], name: str | None) -> tuple[list[Stage], set[int]]:
    """Return the stages to apply, and which of them are shown; those after the last that is shown are not applied."""
    applied = [stage for stage in stages if stage.kind not in ("dedup", "group")]
    shown = {i for i, stage in enumerate(applied) if name in (None, stage.name)}
    if not shown:
        names = list(dict.fromkeys(stage.name for stage in applied))
        raise RecipeError(
            f"the recipe has no stage {name!r}{did_you_mean(str(name), names)}; it has: {', '.join(names)}"
        )
    return applied[: max(shown) + 1], shown


def on_sample(plan: Plan, stage: str | None, n: int, n_docs: int, color: bool = False) -> str:
    """Return what each stage changes on the first documents of the input, as text.

    Parameters
    ----------
    plan : Plan
        The recipe and its inputs.
    stage : str or None
        Show only the stages of this name.
    n : int
        Examples of each stage, evenly spaced among all that it changed.
    n_docs : int
        Documents to read, spread evenly over the files.
    color : bool
        Whether to use the terminal's colours.

    Raises
    ------
    RecipeError
        If the recipe has no such stage.
    """
    stages, shown = _chosen(plan.stages, stage)
    changes = [Change(each) for each in stages]
    owners = [number for number, source in enumerate(plan.sources) for _ in source.stages]
    for number, batch in _batches(plan, n_docs):
        for owner, change in zip(owners, changes):
            batch = change.apply(batch) if owner == number else batch
        batch = align(batch, plan.entry)
        for change in changes[len(owners) :]:
            batch = change.apply(batch)
    lines: list[str] = []
    for change in (changes[i] for i in sorted(shown)):
        lines.append(_bold(_headline(change), color))
        picked = np.unique(np.linspace(0, len(change.pairs) - 1, n if change.pairs else 0).astype(int))
        for before, after in (change.pairs[i] for i in picked):
            if change.stage.kind == "filter":
                lines.append(f"  {after}: {_cut(before)}")
            elif after == "emptied" and change.counts.get("emptied"):
                lines.append(f"  - {_cut(before)}\n  nothing is left")
            else:
                lines += (f"  {line}" for line in compare(before, after, color))
        lines.append("")
    return "\n".join(lines)


def _headline(change: Change) -> str:
    parts = []
    if change.stage.kind in ("edit", "expand"):
        parts.append(f"changed {change.n_changed:,} ({percent(change.n_changed, change.n_in)})")
    parts += (f"{what} {count:,} ({percent(count, change.n_in)})" for what, count in change.counts.items())
    return f"{change.stage.name}: {', '.join(parts) or 'dropped 0'} of {plural(change.n_in, 'document')}"


def of_text(stages: Sequence[Stage], text: str, stage: str | None = None, color: bool = False) -> str:
    """Return the way of one text through the stages: what each makes of it, up to the one that drops it.

    Raises
    ------
    RecipeError
        If there is no stage of that name.
    """
    applied, shown = _chosen(stages, stage)
    columns = {DOC_ID: pa.array([0], pa.int64()), TEXT: pa.array([text], pa.string())}
    batch = pa.RecordBatch.from_pydict(columns)
    lines = [f"{'':12}  {_cut(text)}"]
    for i, each in enumerate(applied):
        missing = [name for name in each.reads() if name not in batch.schema.names]
        if missing:
            lines.append(f"{each.name:12}  not applied: it reads the column {missing[0]}, which a text alone has not")
            continue
        before = batch.column(TEXT)[0].as_py()
        change = Change(each)
        batch = change.apply(batch)
        if not batch.num_rows:
            lines.append(f"{each.name:12}  dropped: {', '.join(change.counts)}")
            break
        if i not in shown:
            continue
        if change.n_changed:
            marked = compare(before, batch.column(TEXT)[0].as_py(), color)
            lines += (f"{name:12}  {line}" for name, line in zip((each.name, ""), marked))
        elif each.kind == "tag":
            lines.append(f"{each.name:12}  {', '.join(change.counts)}")
        else:
            lines.append(f"{each.name:12}  unchanged")
    return "\n".join(lines)


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
