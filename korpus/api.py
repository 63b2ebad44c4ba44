"""The public face: what the command line calls, and what other people's code calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import pyarrow as pa

from korpus import recipe as recipes
from korpus.batch import DOC_ID, TEXT, set_column
from korpus.errors import DataError, SchemaError
from korpus.io.files import read_json
from korpus.io.layout import Layout
from korpus.pipeline import REJECT_SCHEMA, Chain, rejects

if TYPE_CHECKING:
    from korpus.plan import Plan
    from korpus.recipe import Recipe
    from korpus.stage import Stage


@dataclass(frozen=True)
class Result:
    """A finished run.

    Attributes
    ----------
    out : Path
        The output folder.
    manifest : dict
        What was done, to what, with what result; the content of ``manifest.json``.
    """

    out: Path
    manifest: dict[str, Any]

    def __str__(self) -> str:
        return show(self.out)


def _recipe(
    recipe: str | Path | dict,
    inputs: Sequence[str | Path] | None,
    out: str | Path | None,
    workers: int | None,
    overrides: Sequence[str],
) -> Recipe:
    built = recipes.load(recipe, list(overrides))
    if inputs:
        built = recipes.amend(built, "input", paths=[inputs] if isinstance(inputs, (str, Path)) else list(inputs))
    if out is not None:
        built = recipes.amend(built, "output", path=out)
    if workers is not None:
        built = recipes.amend(built, "engine", workers=workers)
    return built


def plan(
    recipe: str | Path | dict,
    inputs: Sequence[str | Path] | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    overrides: Sequence[str] = (),
) -> Plan:
    """Validate a recipe against its inputs, without reading more than their heads; parameters as for `run`."""
    from korpus.plan import make

    return make(_recipe(recipe, inputs, out, workers, overrides))


def run(
    recipe: str | Path | dict,
    inputs: Sequence[str | Path] | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    overrides: Sequence[str] = (),
    fresh: bool = False,
    quiet: bool = False,
) -> Result:
    """Make a corpus.

    A run that was killed goes on where it stopped when it is called again in the same way; one that is finished
    returns at once.

    Parameters
    ----------
    recipe : str, Path or dict
        The path of a YAML file, the bare name of a recipe that comes with korpus, or the recipe as plain data.
    inputs : sequence of str or Path, optional
        Files, folders and globs; instead of ``input.paths``.
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

    Returns
    -------
    Result

    Raises
    ------
    RecipeError, SchemaError, DataError, ResumeError
        See `korpus.errors`.
    """
    from korpus.engine.base import Run

    planned = plan(recipe, inputs, out, workers, overrides)
    folder = Path(planned.recipe.output.path)
    return Result(folder, Run(planned, folder, quiet)(fresh))


def show(out: str | Path, width: int = 100, color: bool = False) -> str:
    """Return the summary of a finished run: what came in, what each stage did, what was dropped and why.

    Parameters
    ----------
    out : str or Path
        The output folder.
    width : int
        Columns of the terminal.
    color : bool
        Whether to use the terminal's colours.

    Raises
    ------
    DataError
        If there is no finished run.
    """
    from korpus.report import summary, terminal

    layout = Layout(Path(out))
    if not layout.manifest.exists():
        unfinished = layout.state.exists()
        raise DataError(
            f"{out} holds an unfinished run; give its korpus run command again to finish it"
            if unfinished
            else f"{out} holds no run of korpus: there is no manifest.json"
        )
    log = read_json(layout.log) if layout.log.exists() else None
    return terminal.render(summary.summarize(read_json(layout.manifest), log), width=width, color=color)


def load(recipe: str | Path | dict, overrides: Sequence[str] = ()) -> Pipeline:
    """Make a pipeline for use inside other code; parameters as for `run`.

    Stages that compare documents with each other need the whole corpus and are left out; `Pipeline.skipped` names
    them.

    Examples
    --------
    >>> clean = load("kcelectra")  # doctest: +SKIP
    >>> clean("ㅋㅋ") is None  # doctest: +SKIP
    True
    """
    return Pipeline(recipes.load(recipe, list(overrides)))


class Pipeline:
    """The edits, filters and tags of a recipe as one function: batch to batch, text to text.

    Parameters
    ----------
    recipe : Recipe

    Attributes
    ----------
    stages : tuple of Stage
        What is applied, in order.
    skipped : tuple of str
        The stages of the recipe that are not, because they compare documents with each other.
    """

    def __init__(self, recipe: Recipe):
        self.recipe = recipe
        self.stages: tuple[Stage, ...] = tuple(stage for stage in recipe.stages if stage.kind != "dedup")
        self.skipped: tuple[str, ...] = tuple(stage.name for stage in recipe.stages if stage.kind == "dedup")
        self._text = recipe.input.text

    def __repr__(self) -> str:
        skipped = f", without {', '.join(self.skipped)}" if self.skipped else ""
        return f"<korpus pipeline {self.recipe.name!r}: {', '.join(stage.name for stage in self.stages)}{skipped}>"

    @overload
    def __call__(self, data: str) -> str | None: ...
    @overload
    def __call__(self, data: pa.RecordBatch) -> pa.RecordBatch: ...
    @overload
    def __call__(self, data: pa.Table) -> pa.Table: ...
    @overload
    def __call__(self, data: Mapping[str, list]) -> dict[str, list]: ...
    def __call__(self, data: Any) -> Any:
        """Clean a text, or a batch of documents.

        Parameters
        ----------
        data : str, pa.RecordBatch, pa.Table, or mapping of column names to lists
            A batch has the text under the name that the recipe gives as ``input.text``; other columns travel along.

        Returns
        -------
        str or None, or what was given
            None for a text that is dropped. A batch comes back without the documents that are dropped.

        Raises
        ------
        SchemaError
            If a column that a stage reads is missing, one that it adds is there, or the text is no string.
        """
        if isinstance(data, str):
            return self.clean(pa.array([data]))[0].as_py()
        if isinstance(data, pa.Table):
            batches = data.to_batches() or [_empty(data.schema)]
            return pa.Table.from_batches([self.split(batch)[0] for batch in batches])
        if isinstance(data, Mapping):
            return self.split(pa.RecordBatch.from_pydict(dict(data)))[0].to_pydict()
        if isinstance(data, pa.RecordBatch):
            return self.split(data)[0]
        raise TypeError(
            f"a pipeline takes a str, a pa.RecordBatch, a pa.Table or a mapping of columns, got {type(data).__name__}"
        )

    def clean(self, texts: pa.Array | pa.ChunkedArray) -> pa.Array:
        """Clean texts row for row.

        Parameters
        ----------
        texts : pa.Array or pa.ChunkedArray of string, shape (n_rows,)

        Returns
        -------
        pa.Array of string, shape (n_rows,)
            Null where a text is dropped, or was null.
        """
        if isinstance(texts, pa.ChunkedArray):
            texts = texts.combine_chunks()
        kept, _ = self._apply(pa.RecordBatch.from_arrays([texts], [self._text]))
        rows = np.full(len(texts), -1, np.int64)
        rows[kept.column(DOC_ID).to_numpy()] = np.arange(kept.num_rows)
        return kept.column(TEXT).take(pa.array(rows, mask=rows < 0))

    def split(self, batch: pa.RecordBatch) -> tuple[pa.RecordBatch, pa.RecordBatch]:
        """Divide a batch into what is kept, cleaned, and what is dropped, with the reason.

        Parameters
        ----------
        batch : pa.RecordBatch

        Returns
        -------
        kept : pa.RecordBatch
            The columns of `batch`, and those that tags add.
        dropped : pa.RecordBatch
            ``row`` (int64, in `batch`), ``stage``, ``reason`` and the text as the stage saw it.
        """
        kept, dropped = self._apply(batch)
        schema = kept.schema.set(kept.schema.get_field_index(TEXT), pa.field(self._text, pa.string()))
        kept = pa.RecordBatch.from_arrays(kept.columns, schema=schema).drop_columns([DOC_ID])
        rows = pa.Table.from_batches(dropped, REJECT_SCHEMA).sort_by(DOC_ID).combine_chunks()
        rows = rows.select([DOC_ID, "stage", "reason", TEXT]).rename_columns(["row", "stage", "reason", self._text])
        whole = rows.to_batches()
        return kept, whole[0] if whole else _empty(rows.schema)

    def _apply(self, batch: pa.RecordBatch) -> tuple[pa.RecordBatch, list[pa.RecordBatch]]:
        at = batch.schema.get_field_index(self._text)
        if at < 0:
            raise SchemaError(
                f"the batch has no column {self._text!r}, it has: {', '.join(batch.schema.names)}; "
                f"say which column is the text with input.text"
            )
        texts = self._strings(batch.column(at))
        schema = batch.schema.set(at, pa.field(TEXT, pa.string())).insert(0, pa.field(DOC_ID, pa.int64()))
        self._check_columns(schema.names)
        columns = [texts if i == at else column for i, column in enumerate(batch.columns)]
        batch = pa.RecordBatch.from_arrays([pa.array(np.arange(batch.num_rows)), *columns], schema=schema)
        missing = []
        if texts.null_count:
            absent = texts.is_null()
            missing = [rejects(set_column(batch, TEXT, texts.fill_null("")).filter(absent), "read", "missing_text")]
            batch = batch.filter(texts.is_valid())
        kept, dropped = Chain(self.stages)(batch)
        return kept, missing + dropped

    def _strings(self, texts: pa.Array) -> pa.Array:
        kind = texts.type.value_type if pa.types.is_dictionary(texts.type) else texts.type
        if str(kind) not in ("string", "large_string", "string_view", "null"):
            raise SchemaError(f"the column {self._text!r} must hold strings, got {texts.type}")
        try:
            return texts.cast(pa.string())
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise SchemaError(f"the column {self._text!r} must hold strings, got {texts.type}: {error}") from None

    def _check_columns(self, given: list[str]) -> None:
        if len(set(given)) < len(given):
            raise SchemaError(
                f"each column needs a name of its own, and {TEXT!r} and {DOC_ID!r} are korpus's; rename the others"
            )
        names = set(given)
        for stage in self.stages:
            missing = [name for name in stage.reads() if name not in names]
            if missing:
                raise SchemaError(f"the stage {stage.name} reads column {missing[0]!r}, which the batch does not have")
            if stage.kind == "tag":
                if stage.column in {*names, self._text}.difference(stage.reads()):
                    raise SchemaError(
                        f"the stage {stage.name} adds a column {stage.column!r}; the batch has one already"
                    )
                names.add(stage.column)


def _empty(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([], field.type) for field in schema], schema=schema)


def check(
    recipe: str | Path | dict,
    inputs: Sequence[str | Path] | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    overrides: Sequence[str] = (),
) -> str:
    """Return what a run would do, as text: the recipe filled in, the passes, the splits, the disk and memory needed.

    Parameters are those of `run`. Without any input the recipe alone is checked.
    """
    from korpus.report import check as report

    built = _recipe(recipe, inputs, out, workers, overrides)
    if not built.input.paths:
        return report.render(built)
    from korpus.estimate import estimate
    from korpus.plan import make

    planned = make(built)
    return report.render(built, planned, estimate(planned))


def stages(name: str | None = None) -> str:
    """Return the list of the stages, or the explanation of one, as text.

    Raises
    ------
    RecipeError
        If there is no stage of that name.
    """
    from korpus.report import stages as report

    return report.overview() if name is None else report.explain(name)


def recipes_text(name: str | None = None) -> str:
    """Return the list of the recipes that come with korpus, or the YAML of one.

    Raises
    ------
    RecipeError
        If there is no recipe of that name.
    """
    if name is not None:
        return recipes.find(name).read_text(encoding="utf-8")
    listed = recipes.bundled()
    width = max(map(len, listed), default=0)
    return "\n".join(f"{name:<{width}}  {recipes.summary(path)}" for name, path in listed.items())
