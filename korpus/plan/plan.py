"""A recipe and its inputs → what will be done: the files, the columns, the passes, and the key of resume."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from korpus._version import __version__
from korpus.batch import DOMAIN, MAX_FILES
from korpus.corpus.manifest import FORMAT
from korpus.errors import DataError, SchemaError
from korpus.io.atomic import sha256
from korpus.io.location import Location, is_inside
from korpus.io.readers import Found, InputFile, ReadOptions, find_inputs, infer_schema
from korpus.plan.sources import InputSource, follow, together
from korpus.stage import Dedup, Group, Tag
from korpus.vocab.options import VocabOptions

if TYPE_CHECKING:
    from korpus.recipe import Recipe
    from korpus.recipe.options import InputOptions
    from korpus.stage import Stage

PARTITION_BYTES = 16 << 20
MAX_PARTITIONS = 1024
GUESSED_EXPANSION = 4
"""Korean JSON compresses to a quarter or less; only used to choose the number of partitions."""


@dataclass(frozen=True)
class Pass:
    """What is done to the documents on one way through: a chain of stages, then duplicates, or a group.

    Attributes
    ----------
    chain : tuple of Stage
        Edits, filters and tags, in order.
    dedups : tuple of Dedup
        Duplicate stages that share the pass; empty in the last one.
    before : tuple of Dedup
        The duplicate stages of the pass before, whose verdicts this one carries out.
    first_stage : int
        Position in the recipe of the first stage of the chain.
    group : Group, optional
        The stage that makes one document of several once the pass is over; then there are no `dedups`.
    """

    number: int
    chain: tuple[Stage, ...]
    dedups: tuple[Dedup, ...]
    before: tuple[Dedup, ...]
    first_stage: int
    group: Group | None = None

    @property
    def sketched(self) -> tuple[Dedup | Group, ...]:
        """The stages that decide once the pass is over, from sketches of its documents."""
        return self.dedups if self.group is None else (self.group,)

    @property
    def last(self) -> bool:
        """Whether the documents that come out of this pass are final."""
        return not self.sketched


@dataclass(frozen=True)
class Plan:
    """Everything about a run that is known before any document is read.

    Attributes
    ----------
    files : tuple of InputFile
        In the order of the input.
    sources : tuple of InputSource
        What the files belong to; one without a name, if the recipe names none.
    of_source : tuple of int
        For each file, the position of its source.
    entry : pa.Schema
        Of the documents that the stages of the recipe get: ``doc_id``, ``text``, the columns of all sources.
    schema : pa.Schema
        Of the documents that come out: those of `entry`, and the tags.
    n_partitions : int
        Of every spill; a power of two that follows from the size of the input.
    key : str
        Digest of recipe, versions and inputs: two runs of the same key give the same output.
    corpus_key : str
        The same, but for what only the training of vocabularies depends on.
    warnings : tuple of str
        What the user should know of the input.
    passed_over : tuple of (str, str)
        What lies in folders of the input and is not read, and why.
    """

    recipe: Recipe
    files: tuple[InputFile, ...]
    sources: tuple[InputSource, ...]
    of_source: tuple[int, ...]
    entry: pa.Schema
    schema: pa.Schema
    passes: tuple[Pass, ...]
    n_partitions: int
    key: str
    corpus_key: str
    warnings: tuple[str, ...]
    passed_over: tuple[tuple[str, str], ...] = ()

    def source(self, file: int) -> InputSource:
        """Return the source that a file, given by its number, belongs to."""
        return self.sources[self.of_source[file]]

    @property
    def read_options(self) -> ReadOptions:
        """How what is no source of documents is read, such as the references of duplicate stages."""
        return read_options(self.recipe.input, self.recipe.engine.batch_rows)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """All stages: those of each source, then those of the recipe."""
        return (*(stage for source in self.sources for stage in source.stages), *self.recipe.stages)

    @property
    def has_domains(self) -> bool:
        """Whether a source or a stage of the recipe gives each document a domain."""
        tagged = any(isinstance(stage, Tag) and stage.column == DOMAIN for stage in self.recipe.stages)
        return tagged or DOMAIN in self.sources[0].tagged()


def read_options(given: InputOptions, batch_rows: int) -> ReadOptions:
    """Return what the options of an input, or of a source, say to the readers."""
    texts = [given.text] if isinstance(given.text, str) else given.text
    return ReadOptions(
        text=" + ".join(texts),
        parts=tuple(texts) if len(texts) > 1 else (),
        keep=None if given.keep == "all" else tuple(given.keep),
        max_doc_bytes=given.max_doc_bytes,
        split_bytes=given.split_bytes,
        batch_rows=batch_rows,
        delimiter=given.delimiter,
        quote=given.quote,
        escape=given.escape,
        columns=None if given.columns is None else tuple(given.columns),
        records=given.records,
        main_content=given.main_content,
    )


def split_passes(stages: tuple[Stage, ...]) -> tuple[Pass, ...]:
    """Cut the stages of a recipe into passes: a new one begins after each run of duplicate stages, or a group."""
    passes: list[Pass] = []
    before: tuple[Dedup, ...] = ()
    at = 0
    while True:
        first = at
        while at < len(stages) and not isinstance(stages[at], (Dedup, Group)):
            at += 1
        middle = at
        dedups: tuple[Dedup, ...] = ()
        while at < len(stages) and isinstance(dedup := stages[at], Dedup):
            dedups, at = (*dedups, dedup), at + 1
        group = stages[at] if at == middle and at < len(stages) else None
        group = group if isinstance(group, Group) else None
        at += group is not None
        passes.append(Pass(len(passes), stages[first:middle], dedups, before, first, group))
        if passes[-1].last:
            return tuple(passes)
        before = dedups


def _references(recipe: Recipe, options: ReadOptions) -> list[list]:
    """Find the references of all duplicate stages, see that they can be read, and return what tells them apart.

    Raises
    ------
    DataError, SchemaError
        If one is not there, is an index of another make, or has not the column that is named.
    """
    found = []
    for stage in recipe.stages:
        reference = stage.reference() if isinstance(stage, Dedup) else None
        if reference is None or not (reference.against or reference.index):
            continue
        from korpus.dedup.index import CONTENT, find_references, refuse_to_replace

        refuse_to_replace(reference.index)
        listed = find_references(reference)
        files = [item for item in listed if isinstance(item, InputFile) and item.n_bytes]
        if files:
            try:
                infer_schema(files, options.of_reference(reference.text))
            except SchemaError as error:
                raise SchemaError(f"{stage.name}.against: {error}".replace("input.text", "against_text")) from None
        for item in listed:
            if isinstance(item, InputFile):
                found.append([item.path, item.n_bytes, item.stamp])
            else:
                content = item.path / CONTENT
                found.append([str(content), content.stat().st_size, content.stat().st_mtime_ns])
    return found


def _key(recipe: Recipe, files: tuple[InputFile, ...], sources: tuple[InputSource, ...], references: list[list]) -> str:
    what = recipe.filled()
    del what["engine"], what["output"]["path"]
    for given in (what["input"], *what["sources"].values()):
        del given["paths"]
    stages = [*(stage for source in sources for stage in source.stages), *recipe.stages]
    assets = [path for stage in stages for path in stage.assets()]
    if recipe.vocab and recipe.vocab.append:
        assets.append(recipe.vocab.append)
    data: dict[str, Any] = {
        "korpus": __version__,
        "format": FORMAT,
        "recipe": what,
        "versions": [[stage.name, stage.version] for stage in stages],
        "inputs": [[file.path, file.n_bytes, file.stamp] for file in files],
        "sources": [[source.name, [[field.name, str(field.type)] for field in source.columns]] for source in sources],
        "references": references,
        "assets": [[str(path), sha256(path)] for path in assets if Path(path).is_file()],
    }
    return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _without_training(recipe: Recipe) -> Recipe:
    if recipe.vocab is None and not recipe.output.counts:
        return recipe
    # Words are counted as the vocabularies need them.
    return recipe.model_copy(update={"vocab": VocabOptions(lowercase=bool(recipe.vocab and recipe.vocab.lowercase))})


def n_partitions(n_bytes: int) -> int:
    """Return how many partitions an input of that many bytes is spilled to: a power of two."""
    wanted = max(1, min(MAX_PARTITIONS, n_bytes // PARTITION_BYTES))
    return 1 << (wanted.bit_length() - 1)


def make(recipe: Recipe) -> Plan:
    """Look at the inputs and plan the run.

    Raises
    ------
    DataError
        If there is nothing to read, or an input cannot be read.
    SchemaError
        If a column that the recipe needs is not there.
    """
    given: dict[str, InputOptions] = {name: source for name, source in recipe.sources.items() if source.paths}
    if recipe.sources and not given:
        first = next(iter(recipe.sources))
        raise DataError(
            f"there is nothing to read: name files under sources.{first}.paths, or give them with -i {first}=PATH; "
            f"the sources are: {', '.join(recipe.sources)}"
        )
    if not recipe.sources and not recipe.input.paths:
        raise DataError("there is nothing to read: name files under input.paths, or give them with -i")
    warnings = [f"the source {name} has no paths and was left out" for name in recipe.sources if name not in given]
    files: list[InputFile] = []
    sources: list[InputSource] = []
    of_source: list[int] = []
    passed_over: list[tuple[str, str]] = []
    for name, options in (given or {"": recipe.input}).items():
        found = _found(options, recipe, {file.path for file in files})
        of_source += [len(sources)] * len(found.files)
        files += found.files
        passed_over += found.passed_over
        source, renamed = _source(name, options, found.files, recipe)
        sources.append(source)
        warnings += [*found.warnings, *renamed]
    files = [replace(file, index=index) for index, file in enumerate(files)]
    if len(files) > MAX_FILES:
        raise DataError(f"the input has {len(files):,} files; korpus takes at most {MAX_FILES:,} in one run")
    warnings += [f"{file.path} is empty" for file in files if not file.n_bytes]
    entry, more = together(tuple(sources))
    recipe, left_out = _applicable(recipe, entry)
    warnings += [*more, *left_out]
    n_bytes = sum(file.n_bytes * (GUESSED_EXPANSION if file.compression else 1) for file in files)
    references = _references(recipe, read_options(recipe.input, recipe.engine.batch_rows))
    return Plan(
        recipe=recipe,
        files=tuple(files),
        sources=tuple(sources),
        of_source=tuple(of_source),
        entry=entry,
        schema=follow(entry, recipe.stages),
        passes=split_passes(recipe.stages),
        n_partitions=n_partitions(n_bytes),
        key=_key(recipe, tuple(files), tuple(sources), references),
        corpus_key=_key(_without_training(recipe), tuple(files), tuple(sources), references),
        warnings=tuple(warnings),
        passed_over=tuple(passed_over),
    )


def _applicable(recipe: Recipe, entry: pa.Schema) -> tuple[Recipe, list[str]]:
    """Leave out the stages that are to be left out where the documents have not their columns; say which."""
    stages, left_out = [], []
    for stage in recipe.stages:
        missing = [name for name in stage.reads() if name not in entry.names]
        if missing and getattr(stage, "missing", "error") == "skip":
            left_out.append(f"the stage {stage.name} was left out: the documents have no column {', '.join(missing)}")
        else:
            stages.append(stage)
    return recipe.model_copy(update={"stages": tuple(stages)}), left_out


def _found(options: InputOptions, recipe: Recipe, taken: set[str]) -> Found:
    """Find the files of a source."""
    paths = [path if isinstance(path, Location) else Path(path) for path in options.paths]
    found = find_inputs(paths, options.format, options.encoding, read_options(options, recipe.engine.batch_rows))
    for file in found.files:
        if file.path in taken:
            raise DataError(f"{file.path} belongs to two sources; leave it out of one")
    # An output folder may lie inside an input folder; what a run writes is not its own input.
    out = recipe.output.path
    files = [file for file in found.files if not is_inside(file.path, out)]
    passed_over = [(path, why) for path, why in found.passed_over if not is_inside(path, out)]
    return Found(files, passed_over, found.warnings)


def _source(name: str, options: InputOptions, files: list[InputFile], recipe: Recipe) -> tuple[InputSource, list[str]]:
    """Look into the files of a source for their columns; return it, and what to warn of."""
    full = [file for file in files if file.n_bytes]
    if not full:
        whose = f" of the source {name}" if name else ""
        raise DataError(f"there is nothing to read{whose}{f': {files[0].path} is empty' if files else ''}")
    reading = read_options(options, recipe.engine.batch_rows)
    try:
        columns = infer_schema(full, reading)
    except (DataError, SchemaError) as error:
        if not name:
            raise
        raise type(error)(f"the source {name}: {error}".replace("input.", f"sources.{name}.")) from None
    tags, stages = dict(getattr(options, "tags", {})), tuple(getattr(options, "stages", ()))
    source = InputSource(name, reading, columns, tags, stages)
    source = replace(source, renamed=source.clashes(recipe.stages))
    who = f"of the source {name}" if name else "of the input"
    return source, [
        f"the column {old} {who} is carried along as {new}, since {old} is a column of korpus's own"
        for old, new in source.renamed.items()
    ]
