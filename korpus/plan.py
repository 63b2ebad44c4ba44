"""A recipe and its inputs → what will be done: the files, the columns, the passes, and the key of resume."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from korpus._version import __version__
from korpus.batch import DOC_ID, DOMAIN, MAX_FILES, TEXT, require_columns
from korpus.errors import DataError, SchemaError
from korpus.io.readers import InputFile, ReadOptions, discover, infer_schema

if TYPE_CHECKING:
    from korpus.recipe import Recipe
    from korpus.stage import Dedup, Stage

FORMAT = 1
"""Version of the layout of an output folder and of the temporary files in it."""

PARTITION_BYTES = 16 << 20
MAX_PARTITIONS = 1024
GUESSED_EXPANSION = 4
"""Korean JSON compresses to a quarter or less; only used to choose the number of partitions."""


@dataclass(frozen=True)
class Pass:
    """What is done to the documents on one way through: a chain of stages, then duplicates.

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
    """

    number: int
    chain: tuple[Stage, ...]
    dedups: tuple[Dedup, ...]
    before: tuple[Dedup, ...]
    first_stage: int

    @property
    def last(self) -> bool:
        """Whether the documents that come out of this pass are final."""
        return not self.dedups


@dataclass(frozen=True)
class Plan:
    """Everything about a run that is known before any document is read.

    Attributes
    ----------
    columns : pa.Schema
        The kept columns of the user, without the text.
    schema : pa.Schema
        Of the documents that come out: ``doc_id``, ``text``, the user's columns, the tags.
    n_partitions : int
        Of every spill; a power of two that follows from the size of the input.
    key : str
        Digest of recipe, versions and inputs: two runs of the same key give the same output.
    """

    recipe: Recipe
    files: tuple[InputFile, ...]
    columns: pa.Schema
    schema: pa.Schema
    passes: tuple[Pass, ...]
    n_partitions: int
    key: str
    warnings: tuple[str, ...]

    @property
    def read_options(self) -> ReadOptions:
        """How the readers are to read."""
        return read_options(self.recipe)

    @property
    def has_domains(self) -> bool:
        """Whether a stage of the recipe gives each document a domain."""
        return any(stage.kind == "tag" and stage.column == DOMAIN for stage in self.recipe.stages)


def read_options(recipe: Recipe) -> ReadOptions:
    """Return what a recipe says to the readers."""
    given = recipe.input
    return ReadOptions(
        text=given.text,
        keep=None if given.keep == "all" else tuple(given.keep),
        max_doc_bytes=given.max_doc_bytes,
        split_bytes=given.split_bytes,
        batch_rows=recipe.engine.batch_rows,
        delimiter=given.delimiter,
    )


def split_passes(stages: tuple[Stage, ...]) -> tuple[Pass, ...]:
    """Cut the stages of a recipe into passes: a new one begins after each run of duplicate stages."""
    passes: list[Pass] = []
    before: tuple = ()
    at = 0
    while True:
        first = at
        while at < len(stages) and stages[at].kind != "dedup":
            at += 1
        middle = at
        while at < len(stages) and stages[at].kind == "dedup":
            at += 1
        dedups = stages[middle:at]
        passes.append(Pass(len(passes), stages[first:middle], dedups, before, first))
        if not dedups:
            return tuple(passes)
        before = dedups


def output_schema(recipe: Recipe, columns: pa.Schema) -> pa.Schema:
    """Follow the columns through the stages and check that each stage finds what it reads.

    Raises
    ------
    SchemaError
        If a stage reads a column that is not there, or a name clashes with one of korpus's own.
    """
    for name in columns.names:
        if name in (DOC_ID, TEXT):
            raise SchemaError(
                f"the input has a column {name!r}, which is a name of korpus's own; leave it out by listing the "
                f"columns to carry along under input.keep"
            )
    schema = pa.schema([(DOC_ID, pa.int64()), (TEXT, pa.string()), *columns])
    for stage in recipe.stages:
        require_columns(schema, stage.reads(), f"the stage {stage.name}")
        if stage.kind != "tag":
            continue
        at = schema.get_field_index(stage.column)
        if at < 0:
            schema = schema.append(pa.field(stage.column, pa.string()))
        elif stage.column in stage.reads():
            schema = schema.set(at, pa.field(stage.column, pa.string()))
        else:
            raise SchemaError(
                f"the stage {stage.name} adds a column {stage.column!r}, but the documents have one already; "
                f"leave it out by listing the columns to carry along under input.keep"
            )
    return schema


def _references(recipe: Recipe, options: ReadOptions) -> list[list]:
    """Find the references of all duplicate stages, see that they can be read, and return what tells them apart.

    Raises
    ------
    DataError, SchemaError
        If one is not there, is an index of another make, or has not the column that is named.
    """
    found = []
    for stage in recipe.stages:
        reference = stage.reference() if stage.kind == "dedup" else None
        if reference is None or not (reference.against or reference.index):
            continue
        from korpus.dedup.index import CONTENT, find_references, refuse_to_replace

        refuse_to_replace(reference.index)
        listed = find_references(reference)
        files = [item for item in listed if isinstance(item, InputFile) and item.n_bytes]
        if files:
            try:
                infer_schema(files, replace(options, text=reference.text, keep=()))
            except SchemaError as error:
                raise SchemaError(f"{stage.name}.against: {error}".replace("input.text", "against_text")) from None
        for item in listed:
            path = Path(item.path) if isinstance(item, InputFile) else item.path / CONTENT
            found.append([str(path), path.stat().st_size, path.stat().st_mtime_ns])
    return found


def _key(recipe: Recipe, files: tuple[InputFile, ...], columns: pa.Schema, references: list[list]) -> str:
    what = recipe.filled()
    del what["engine"], what["output"]["path"], what["input"]["paths"]
    stats = [Path(file.path).stat() for file in files]
    if recipe.vocab and recipe.vocab.append and Path(recipe.vocab.append).is_file():
        references = [*references, [recipe.vocab.append, Path(recipe.vocab.append).stat().st_mtime_ns]]
    data: dict[str, Any] = {
        "korpus": __version__,
        "format": FORMAT,
        "recipe": what,
        "versions": [[stage.name, stage.version] for stage in recipe.stages],
        "inputs": [[file.path, stat.st_size, stat.st_mtime_ns] for file, stat in zip(files, stats)],
        "columns": [[field.name, str(field.type)] for field in columns],
        "references": references,
    }
    return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


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
    if not recipe.input.paths:
        raise DataError("there is nothing to read: name files under input.paths, or give them with -i")
    out = Path(recipe.output.path).resolve()
    found = discover([Path(path) for path in recipe.input.paths], recipe.input.format, recipe.input.encoding)
    # An output folder may lie inside an input folder; what a run writes is not its own input.
    found = [file for file in found if not Path(file.path).resolve().is_relative_to(out)]
    files = tuple(replace(file, index=index) for index, file in enumerate(found))
    if len(files) > MAX_FILES:
        raise DataError(f"the input has {len(files):,} files; korpus takes at most {MAX_FILES:,} in one run")
    full = tuple(file for file in files if file.n_bytes)
    if not full:
        raise DataError(f"there is nothing to read: {files[0].path} is empty" if files else "there is nothing to read")
    warnings = tuple(f"{file.path} is empty" for file in files if not file.n_bytes)
    options = read_options(recipe)
    columns = infer_schema(list(full), options)
    n_bytes = sum(file.n_bytes * (GUESSED_EXPANSION if file.compression else 1) for file in files)
    return Plan(
        recipe=recipe,
        files=files,
        columns=columns,
        schema=output_schema(recipe, columns),
        passes=split_passes(recipe.stages),
        n_partitions=n_partitions(n_bytes),
        key=_key(recipe, files, columns, _references(recipe, options)),
        warnings=warnings,
    )
