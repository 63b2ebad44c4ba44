"""What a run would do and need, told before it begins; nothing is written, and only heads of files are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from korpus.errors import Unreadable
from korpus.io.readers import all_splits, read_split
from korpus.plan.estimate import Estimate, estimate, free_bytes
from korpus.plan.plan import make
from korpus.recipe.inputs import with_stdin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from korpus.io.readers import InputFile
    from korpus.plan.plan import Pass, Plan
    from korpus.plan.sources import InputSource
    from korpus.recipe import Recipe

N_FIRST = 3
"""So many documents of each source are read."""
UNREADABLE = "unreadable"
"""The reason of a `FirstDocument` that stands for a file of which nothing can be read."""


@dataclass(frozen=True)
class Remark:
    """What a stage says of itself with the options that it has."""

    stage: str
    remark: str


@dataclass(frozen=True)
class PassSteps:
    """The stages of one pass over the documents, by name.

    Attributes
    ----------
    drops : tuple of str
        Duplicate stages that have decided before it, and whose duplicates go first.
    own : dict of str to tuple of str
        By the name of a source: the stages for its documents alone, which come first.
    chain : tuple of str
        Edits, filters, tags and what cuts documents, in order.
    resolves : tuple of str
        Stages that decide once the pass is over; none after the last one, which writes the output.
    """

    drops: tuple[str, ...]
    own: dict[str, tuple[str, ...]]
    chain: tuple[str, ...]
    resolves: tuple[str, ...]


@dataclass(frozen=True)
class InputFacts:
    """A file of the input as it is understood.

    Attributes
    ----------
    source : str
        The source that it belongs to; empty if the recipe names none.
    compression : str or None
        As in ``gz``; None if there is none.
    encoding : str or None
        None of a format that is not text.
    """

    source: str
    path: str
    format: str
    compression: str | None
    encoding: str | None
    n_bytes: int


@dataclass(frozen=True)
class FirstDocument:
    """One of the first documents of a source, as it is read.

    Attributes
    ----------
    source : str
        Empty if the recipe names none.
    text : str or None
        None if it is rejected.
    columns : dict
        What is carried along, by the names in the file.
    reason, detail : str
        Why it is rejected, as the ledger says it; or `UNREADABLE`, and what is wrong with the file.
    """

    source: str
    text: str | None
    columns: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True)
class PassedOver:
    """What lies in a folder of the input and is not read, and why."""

    path: str
    why: str


@dataclass(frozen=True)
class Check:
    """What a run would do and need; without any input, the recipe alone.

    Attributes
    ----------
    recipe : dict
        With every default filled in; itself a valid recipe.
    remarks : tuple of Remark
    passes : tuple of PassSteps
    files : tuple of InputFacts
        In the order of the input.
    columns : tuple of str
        Of the files, carried along with the texts.
    first : tuple of FirstDocument
        At most `N_FIRST` of each source.
    warnings : tuple of str
        What the user should know of the input.
    passed_over : tuple of PassedOver
    needs : Estimate or None
        None if no input was given.
    free_bytes : int or None
        What is free on the disk that the run is made on.
    """

    recipe: dict[str, Any]
    remarks: tuple[Remark, ...] = ()
    passes: tuple[PassSteps, ...] = ()
    files: tuple[InputFacts, ...] = ()
    columns: tuple[str, ...] = ()
    first: tuple[FirstDocument, ...] = ()
    warnings: tuple[str, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()
    needs: Estimate | None = None
    free_bytes: int | None = None


def check(recipe: Recipe, folder: Path) -> Check:
    """Return what a run would do and need.

    Parameters
    ----------
    recipe : Recipe
    folder : Path
        Where on this machine the run would be made; it need not be there.
    """
    stages = (*(stage for source in recipe.sources.values() for stage in source.stages), *recipe.stages)
    remarks = tuple(Remark(stage.name, remark) for stage in stages for remark in stage.remarks())
    filled = recipe.filled()
    if not any(source.paths for source in (recipe.input, *recipe.sources.values())):
        return Check(filled, remarks)
    with TemporaryDirectory() as place, with_stdin(recipe, Path(place)) as readable:
        plan = make(readable)
        return Check(
            recipe=filled,
            remarks=remarks,
            passes=tuple(_steps(each, plan.sources) for each in plan.passes),
            files=tuple(_facts(file, plan.source(file.index).name) for file in plan.files),
            columns=tuple(dict.fromkeys(name for source in plan.sources for name in source.columns.names)),
            first=tuple(_first_documents(plan)),
            warnings=plan.warnings,
            passed_over=tuple(PassedOver(path, why) for path, why in plan.passed_over),
            needs=estimate(plan),
            free_bytes=free_bytes(folder),
        )


def _names(stages: Any) -> tuple[str, ...]:
    return tuple(stage.name for stage in stages)


def _steps(each: Pass, sources: tuple[InputSource, ...]) -> PassSteps:
    own = {source.name: _names(source.stages) for source in sources if source.stages and each.number == 0}
    return PassSteps(_names(each.before), own, _names(each.chain), _names(each.sketched))


def _facts(file: InputFile, source: str) -> InputFacts:
    encoding = None if file.format in ("parquet", "arrow") else file.encoding
    return InputFacts(source, str(file.path), file.format, file.compression or None, encoding, file.n_bytes)


def _first_documents(plan: Plan) -> Iterator[FirstDocument]:
    for number, source in enumerate(plan.sources):
        left = N_FIRST
        for file in plan.files:
            if plan.of_source[file.index] == number and file.n_bytes and left:
                for document in _first_of(file, source, left):
                    yield document
                    left -= 1


def _first_of(file: InputFile, source: InputSource, n: int) -> Iterator[FirstDocument]:
    names = source.columns.names
    try:
        for split, chunk, _ in all_splits(file, source.options):
            for block in read_split(split, chunk, source.columns, source.options):
                for bad in block.bad[:n]:
                    yield FirstDocument(source.name, None, {}, bad.reason, bad.detail)
                n -= min(n, len(block.bad))
                for text, *values in zip(*(column.slice(0, n).to_pylist() for column in block.batch.columns)):
                    yield FirstDocument(source.name, text, dict(zip(names, values)))
                    n -= 1
                if n <= 0:
                    return
    except Unreadable as error:
        yield FirstDocument(source.name, None, {}, UNREADABLE, str(error))
