"""What each stage of a recipe changes on a sample, and the way of a single text through all of them.

Stages that compare or join documents need the whole corpus, and are left out.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from korpus.batch import DOC_ID, TEXT
from korpus.chain import Chain
from korpus.errors import RecipeError, Unreadable, did_you_mean
from korpus.io.readers import all_splits
from korpus.plan import make
from korpus.plan.entry import Entry
from korpus.plan.sources import align
from korpus.recipe.inputs import with_stdin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from korpus.corpus.manifest import Manifest
    from korpus.io.readers import InputFile, ReadOptions
    from korpus.plan import Plan
    from korpus.recipe import Recipe
    from korpus.stage import Stage


@dataclass(frozen=True)
class Example:
    """A document that a stage changed or dropped.

    Attributes
    ----------
    before : str
        The text that came.
    after : str or None
        The text that went on; None if the document was dropped.
    reason : str or None
        Why it was dropped; None if it was not.
    """

    before: str
    after: str | None
    reason: str | None = None


@dataclass(frozen=True)
class StageDiff:
    """What one stage did to a sample.

    Attributes
    ----------
    stage, kind : str
        Its name, and the kind of stage that it is.
    source : str
        The source whose documents alone it is for; empty if it is for those of all.
    n_in, n_changed : int
        Documents that came, and that an edit changed or a stage has cut.
    counts : dict of str to int
        Documents dropped, by reason; or tagged, by value.
    examples : tuple of Example
        Evenly spaced among all that it changed or dropped.
    """

    stage: str
    kind: str
    source: str
    n_in: int
    n_changed: int
    counts: dict[str, int]
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Diff:
    """What the stages of a recipe did to a sample, in their order."""

    stages: tuple[StageDiff, ...]


@dataclass(frozen=True)
class TraceStep:
    """What one stage made of a text.

    Attributes
    ----------
    stage, kind : str
        Its name, and the kind of stage that it is.
    before, after : tuple of str
        The text that came and the text that went on; several once it is cut, none once it is dropped.
    changed : bool
        Whether an edit changed it, or a stage has cut it.
    counts : dict of str to int
        Texts dropped, by reason; or tagged, by value.
    lacking : str or None
        The column that the stage reads and a text alone has not: then it is not applied.
    """

    stage: str
    kind: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    changed: bool
    counts: dict[str, int]
    lacking: str | None = None


@dataclass(frozen=True)
class Trace:
    """The way of one text through the stages of a recipe, up to the one that drops it."""

    text: str
    steps: tuple[TraceStep, ...]


@dataclass
class _Tally:
    """What a stage does, batch by batch."""

    stage: Stage
    source: str = ""
    n_in: int = 0
    n_changed: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    examples: list[Example] = field(default_factory=list)

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
            pairs = zip(part.column(TEXT).to_pylist(), part.column("reason").to_pylist())
            self.examples += (Example(text, None, reason) for text, reason in pairs)
        if self.stage.kind == "expand":
            self.examples += (Example(*pair) for pair in book.examples)
        elif book.n_changed:
            before = batch.filter(pc.is_in(batch.column(DOC_ID), value_set=after.column(DOC_ID)))
            changed = pc.not_equal(before.column(TEXT), after.column(TEXT))
            old, new = (part.column(TEXT).filter(changed).to_pylist() for part in (before, after))
            self.examples += map(Example, old, new)
        return after

    def told(self, n: int) -> StageDiff:
        """Return what happened, with `n` examples."""
        last = len(self.examples) - 1
        picked = np.unique(np.linspace(0, last, n if self.examples else 0).astype(int))
        examples = tuple(self.examples[i] for i in picked)
        return StageDiff(
            self.stage.name, self.stage.kind, self.source, self.n_in, self.n_changed, self.counts, examples
        )


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
    """Return the stages to apply, and which of them are told of; those after the last of these are not applied."""
    applied = [stage for stage in stages if stage.kind not in ("dedup", "group")]
    chosen = {i for i, stage in enumerate(applied) if name in (None, stage.name)}
    if not chosen:
        names = list(dict.fromkeys(stage.name for stage in applied))
        raise RecipeError(
            f"the recipe has no stage {name!r}{did_you_mean(str(name), names)}; it has: {', '.join(names)}"
        )
    return applied[: max(chosen) + 1], chosen


def on_sample(recipe: Recipe, stage: str | None, n: int, n_docs: int) -> Diff:
    """Return what each stage changes on the first documents of the input.

    Parameters
    ----------
    recipe : Recipe
        With its inputs.
    stage : str or None
        Tell only of the stages of this name.
    n : int
        Examples of each stage.
    n_docs : int
        Documents to read, spread evenly over the files.

    Raises
    ------
    RecipeError
        If the recipe has no such stage.
    """
    with TemporaryDirectory() as folder, with_stdin(recipe, Path(folder)) as readable:
        return _of_plan(make(readable), stage, n, n_docs)


def _of_plan(plan: Plan, stage: str | None, n: int, n_docs: int) -> Diff:
    stages, chosen = _chosen(plan.stages, stage)
    owners = [source.name for source in plan.sources for _ in source.stages]
    tallies = [_Tally(each, owner) for each, owner in zip(stages, (*owners, *("" for _ in stages)))]
    for number, batch in _batches(plan, n_docs):
        for tally in tallies[: len(owners)]:
            batch = tally.apply(batch) if tally.source == plan.sources[number].name else batch
        batch = align(batch, plan.entry)
        for tally in tallies[len(owners) :]:
            batch = tally.apply(batch)
    return Diff(tuple(tallies[i].told(n) for i in sorted(chosen)))


def of_text(stages: Sequence[Stage], text: str, stage: str | None = None) -> Trace:
    """Return the way of one text through the stages: what each makes of it, up to the one that drops it.

    Parameters
    ----------
    stages : sequence of Stage
    text : str
    stage : str, optional
        Tell only of the stages of this name, of those that cannot be applied, and of the one that drops the text.

    Raises
    ------
    RecipeError
        If there is no stage of that name.
    """
    applied, chosen = _chosen(stages, stage)
    columns = {DOC_ID: pa.array([0], pa.int64()), TEXT: pa.array([text], pa.string())}
    batch = pa.RecordBatch.from_pydict(columns)
    steps = []
    for i, each in enumerate(applied):
        before = tuple(batch.column(TEXT).to_pylist())
        lacking = next((name for name in each.reads() if name not in batch.schema.names), None)
        if lacking:
            steps.append(TraceStep(each.name, each.kind, before, before, False, {}, lacking))
            continue
        tally = _Tally(each)
        batch = tally.apply(batch)
        if i in chosen or not batch.num_rows:
            after = tuple(batch.column(TEXT).to_pylist())
            steps.append(TraceStep(each.name, each.kind, before, after, tally.n_changed > 0, tally.counts))
        if not batch.num_rows:
            break
    return Trace(text, tuple(steps))


def forms(manifest: Manifest, text: str) -> list[str]:
    """Return a text and what the stages of a finished run make of it, step by step, whichever its source was.

    Parameters
    ----------
    manifest : Manifest
        Of the run.
    text : str
    """
    from korpus import recipe as recipes

    recipe = recipes.load(manifest["recipe"])
    found = [text]
    for source in recipe.sources or [None]:
        stages = recipes.of_source(recipe, source).stages
        if any(stage.kind not in ("dedup", "group") for stage in stages):
            found += (form for step in of_text(stages, text).steps for form in step.after)
    return list(dict.fromkeys(found))
