"""The public face: what the command line calls, and what other people's code calls.

Every function returns data; `korpus.report` makes sentences of it. Everything heavy is imported by the function that
needs it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from korpus.corpus.compare import Comparison
    from korpus.corpus.corpus import Corpus
    from korpus.corpus.manifest import Manifest
    from korpus.corpus.why import Why
    from korpus.diff import Diff, Trace
    from korpus.engine.executor import Executor
    from korpus.export import FormatInfo
    from korpus.pipeline import Pipeline
    from korpus.plan import Plan
    from korpus.plan.check import Check
    from korpus.recipe import Recipe
    from korpus.recipe.catalog import RecipeInfo, StageInfo
    from korpus.report.summary import Summary
    from korpus.stream import StreamCounts
    from korpus.vocab.combine import Difference
    from korpus.vocab.results import Evaluation, Extended, Merged, Trained


@dataclass(frozen=True)
class Result:
    """A finished run.

    Attributes
    ----------
    out : Path, or str
        The output folder; its URI, if it is elsewhere.
    manifest : Manifest
        What was done, to what, with what result; the content of ``manifest.json``.
    """

    out: Path | str
    manifest: Manifest

    def __str__(self) -> str:
        """Return what `korpus show` prints."""
        return str(show(self.out))


def plan(
    recipe: str | Path | dict[str, Any],
    inputs: Sequence[str | Path] | Mapping[str, Any] | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    overrides: Sequence[str] = (),
) -> Plan:
    """Validate a recipe against its inputs, without reading more than their heads; parameters as for `run`."""
    from korpus.plan import make
    from korpus.recipe.inputs import assemble

    return make(assemble(recipe, inputs, out, workers, overrides))


def run(
    recipe: str | Path | dict[str, Any],
    inputs: Sequence[str | Path] | Mapping[str, Any] | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    overrides: Sequence[str] = (),
    fresh: bool = False,
    quiet: bool = False,
    engine: Executor | str | None = None,
) -> Result:
    """Make a corpus.

    A run that was killed goes on where it stopped when it is called again in the same way; one that is finished
    returns at once.

    Parameters
    ----------
    recipe : str, Path or dict
        The path of a YAML file, the bare name of a recipe that comes with korpus, or the recipe as plain data.
    inputs : sequence of str or Path, or mapping of str to them, optional
        Files, folders and globs, here or elsewhere, or ``-`` for standard input; instead of ``input.paths``. For a
        recipe with sources: by the name of the source, or each path as ``NAME=PATH``.
    out : str or Path, optional
        The output folder; instead of ``output.path``.
    workers : int, optional
        Worker processes; instead of ``engine.workers``.
    overrides : sequence of str
        Assignments such as ``"stages.length.min_chars=20"``.
    fresh : bool
        Whether to remove what an earlier run has left in the output folder.
    quiet : bool
        Whether to show no progress even on a terminal.
    engine : Executor or str, optional
        What carries the tasks out: an executor such as `korpus.SparkEngine`, or ``spark`` or ``ray`` by name; without
        it, `workers` processes of this machine. The corpus is the same, and either goes on with what the other began.

    Returns
    -------
    Result

    Raises
    ------
    RecipeError, SchemaError, DataError, ResumeError
        See `korpus.errors`.
    """
    from korpus.engine.local import LocalEngine, get_ready

    if workers != 1 and engine in (None, "local"):
        get_ready(recipe, overrides)
    from korpus.corpus.layout import Layout
    from korpus.engine import engines
    from korpus.engine.run import Run
    from korpus.engine.store_run import StoreRun, in_store
    from korpus.io.location import is_remote
    from korpus.io.lock import locked
    from korpus.plan import make
    from korpus.plan.estimate import require_disk
    from korpus.recipe.inputs import assemble, with_stdin

    built = assemble(recipe, inputs, out, workers, overrides)
    folder = _local(built)
    if not fresh and (finished := _finished(built, folder)):
        return Result(folder, finished)
    engine = engines.engine(engine, built.engine.workers, told=workers is not None)
    if is_remote(built.output.path) and in_store(built.output.path, isinstance(engine, LocalEngine)):
        return Result(built.output.path, StoreRun(built, engine, quiet)(fresh))
    lock = folder.parent if is_remote(built.output.path) else Layout(folder).work
    with locked(lock, built.output.path), with_stdin(built, Layout(folder).work) as built:
        planned = make(built)
        if is_remote(built.output.path):
            from korpus.engine.remote_run import RemoteRun

            return Result(built.output.path, RemoteRun(planned, engine, quiet)(fresh))
        require_disk(planned, Layout(folder), fresh)
        return Result(folder, Run(planned, folder, engine, quiet)(fresh))


def _finished(recipe: Recipe, folder: Path) -> Manifest | None:
    """Return the manifest of a run that is finished already; None if there is anything to write, so that it is locked.

    A finished run may well lie on a disk that can only be read.
    """
    from korpus.corpus.layout import Layout
    from korpus.engine.resume import finished_before
    from korpus.io.location import is_remote
    from korpus.plan import make
    from korpus.recipe.inputs import takes_stdin

    layout = Layout(folder)
    if is_remote(recipe.output.path) or takes_stdin(recipe) or not layout.manifest.exists() or layout.work.exists():
        return None
    return finished_before(layout, make(recipe))


def _local(recipe: Recipe) -> Path:
    """Return the folder on this machine in which a run is made."""
    from korpus.engine.remote_run import staging
    from korpus.io.location import is_remote

    out = recipe.output.path
    return staging(out, recipe.engine.scratch) if is_remote(out) else Path(out)


def show(out: str | Path) -> Summary:
    """Return the summary of a finished run: what came in, what each stage did, what was dropped and why.

    Printed, it is the funnel; `korpus.report.terminal.render` takes a width and colours too.

    Parameters
    ----------
    out : str or Path
        The output folder.

    Raises
    ------
    DataError
        If there is no finished run.
    """
    from korpus.corpus.corpus import Corpus
    from korpus.report.summary import summarize

    corpus = Corpus.open(out)
    return summarize(corpus.manifest, corpus.log)


def open(out: str | Path) -> Corpus:
    """Open a finished corpus, here or elsewhere.

    Parameters
    ----------
    out : str or Path
        The output folder.

    Raises
    ------
    DataError
        If there is no finished run.

    Examples
    --------
    >>> corpus = open("out")  # doctest: +SKIP
    >>> sum(batch.num_rows for batch in corpus.documents(["cosmetics"]))  # doctest: +SKIP
    1204
    """
    from korpus.corpus.corpus import Corpus
    from korpus.diff import forms

    return Corpus.open(out, forms)


def why(out: str | Path, text: str | None = None, **by: Any) -> Why:
    """Return what became of a document of a finished run; see `korpus.Corpus.why`."""
    return open(out).why(text, **by)


def compare(first: str | Path, second: str | Path) -> Comparison:
    """Return how two finished runs, of these output folders, differ; see `korpus.corpus.compare`."""
    from korpus.corpus.compare import compare as corpora
    from korpus.vocab.commands import pairs

    one, two = open(first), open(second)
    return corpora(one, two, pairs(one.vocabularies(), two.vocabularies()))


def load(recipe: str | Path | dict[str, Any], overrides: Sequence[str] = (), source: str | None = None) -> Pipeline:
    """Make a pipeline for use inside other code; parameters as for `run`.

    Stages that compare or join documents need the whole corpus and are left out; `Pipeline.skipped` names them.

    Parameters
    ----------
    source : str, optional
        Of a recipe with sources: whose documents come, so that its own stages are applied too.

    Examples
    --------
    >>> clean = load("kcelectra")  # doctest: +SKIP
    >>> clean("ㅋㅋ") is None  # doctest: +SKIP
    True
    """
    from korpus import recipe as recipes
    from korpus.pipeline import Pipeline

    return Pipeline(recipes.of_source(recipes.load(recipe, list(overrides)), source))


def check(
    recipe: str | Path | dict[str, Any],
    inputs: Sequence[str | Path] | Mapping[str, Any] | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    overrides: Sequence[str] = (),
) -> Check:
    """Return what a run would do: the recipe filled in, the passes, the input, the disk and memory needed.

    Parameters are those of `run`. Without any input the recipe alone is checked.
    """
    from korpus.plan import check as plan_check
    from korpus.recipe.inputs import assemble

    built = assemble(recipe, inputs, out, workers, overrides)
    return plan_check.check(built, _local(built))


def clean_stream(
    recipe: str | Path | dict[str, Any],
    source: BinaryIO,
    sink: BinaryIO,
    as_json: bool = False,
    edits_only: bool = False,
    overrides: Sequence[str] = (),
    of_source: str | None = None,
) -> StreamCounts:
    """Clean the lines of a binary stream into another; see `korpus.stream.clean_stream`.

    Parameters
    ----------
    of_source : str, optional
        Of a recipe with sources: whose documents the lines are.
    """
    from korpus import recipe as recipes
    from korpus import stream

    built = recipes.of_source(recipes.load(recipe, list(overrides)), of_source)
    return stream.clean_stream(built, source, sink, as_json, edits_only)


def diff(
    recipe: str | Path | dict[str, Any],
    inputs: Sequence[str | Path] | Mapping[str, Any],
    stage: str | None = None,
    n: int = 20,
    sample: int = 10_000,
    overrides: Sequence[str] = (),
) -> Diff:
    """Return what each stage of a recipe changes on a sample of the inputs; see `korpus.diff.on_sample`."""
    from korpus.diff import on_sample
    from korpus.recipe.inputs import assemble

    return on_sample(assemble(recipe, inputs, overrides=overrides), stage, n, sample)


def diff_text(
    recipe: str | Path | dict[str, Any],
    text: str,
    stage: str | None = None,
    overrides: Sequence[str] = (),
    source: str | None = None,
) -> Trace:
    """Return the way of one text through the stages of a recipe; see `korpus.diff.of_text`."""
    from korpus import recipe as recipes
    from korpus.diff import of_text

    return of_text(recipes.of_source(recipes.load(recipe, list(overrides)), source).stages, text, stage)


def export(out: str | Path, to: str | Path, format: str, domains: Sequence[str] = ()) -> list[Path]:
    """Write a finished corpus in another shape; parameters are those of `korpus.export.export`."""
    from korpus.export import export as write

    return write(out, to, format, domains)


def formats() -> tuple[FormatInfo, ...]:
    """Return in which formats a corpus can be exported, by name."""
    from korpus.export import formats as known

    return known()


def stages() -> tuple[StageInfo, ...]:
    """Return what there is of stages, by name."""
    from korpus.recipe import catalog

    return catalog.stages()


def stage(name: str) -> StageInfo:
    """Return what a stage does, and its options.

    Raises
    ------
    RecipeError
        If there is no stage of that name.
    """
    from korpus.recipe import catalog

    return catalog.stage(name)


def recipes() -> tuple[RecipeInfo, ...]:
    """Return the recipes that come with korpus, by name."""
    from korpus.recipe import catalog

    return catalog.recipes()


def recipe_yaml(name: str | Path) -> str:
    """Return the YAML of a recipe that comes with korpus, or of a file.

    Raises
    ------
    RecipeError
        If there is no recipe of that name.
    """
    from korpus.recipe import find

    return find(name).read_text(encoding="utf-8")


def vocab_train(
    sources: Sequence[str | Path], out: str | Path, domain: str | None = None, special: Sequence[str] = (), **given: Any
) -> Trained:
    """Train a vocabulary from the word counts of runs, and save it in `out`.

    Parameters are those of `korpus.vocab.commands.train`; `special` are special tokens besides BERT's.
    """
    from korpus.vocab import commands
    from korpus.vocab.options import ROLES

    if special:
        given["special_tokens"] = [*ROLES.values(), *special]
    return commands.train(sources, out, domain, **given)


def vocab_merge(first: str | Path, second: str | Path, out: str | Path, subchar: bool = False) -> Merged:
    """Append to a vocabulary what it lacks of another, and save it in `out`."""
    from korpus.vocab import commands

    return commands.merge(first, second, out, subchar)


def vocab_extend(vocabulary: str | Path, sources: Sequence[str | Path], out: str | Path, **more: Any) -> Extended:
    """Fill unused entries with a domain's terms; parameters are those of `korpus.vocab.commands.extend`."""
    from korpus.vocab import commands

    return commands.extend(vocabulary, sources, out, **more)


def vocab_eval(vocabularies: Sequence[str | Path], sources: Sequence[str | Path], **more: Any) -> list[Evaluation]:
    """Measure vocabularies side by side; parameters are those of `korpus.vocab.commands.evaluate`."""
    from korpus.vocab import commands

    return commands.evaluate(vocabularies, sources, **more)


def vocab_diff(first: str | Path, second: str | Path, subchar: bool = False) -> Difference:
    """Return how two vocabularies differ."""
    from korpus.vocab import commands

    return commands.diff(first, second, subchar)
