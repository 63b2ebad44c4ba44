"""The sources of a run: which of their columns matter, and what is done to their documents before all others'."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from korpus.batch import DOC_ID, DOCUMENT, DOMAIN, SOURCE, TEXT, require_columns
from korpus.errors import SchemaError

if TYPE_CHECKING:
    from korpus.io.readers import ReadOptions
    from korpus.stage import Stage


@dataclass(frozen=True)
class InputSource:
    """Where some of the documents come from.

    Attributes
    ----------
    name : str
        Empty for the only source of a recipe that names none.
    options : ReadOptions
        How its files are read.
    columns : pa.Schema
        What its files have that is carried along, without the text.
    tags : mapping of str to str
        Columns that have the same value in all its documents.
    stages : tuple of Stage
        Edits, filters and tags for its documents alone.
    """

    name: str
    options: ReadOptions
    columns: pa.Schema
    tags: Mapping[str, str] = field(default_factory=dict)
    stages: tuple[Stage, ...] = ()

    def labels(self) -> dict[str, str]:
        """Return the columns that are the same in all its documents: its name, where it has one, and its tags."""
        return {**({SOURCE: self.name} if self.name else {}), **self.tags}

    def tagged(self) -> set[str]:
        """Return the columns that its documents have not from its files."""
        return {*self.labels(), *(stage.column for stage in self.stages if stage.kind == "tag")}

    def label(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return a batch of its documents with the columns that are the same in all of them."""
        for name, value in self.labels().items():
            batch = batch.append_column(name, pa.repeat(pa.scalar(value, pa.string()), batch.num_rows))
        return batch

    def schema(self) -> pa.Schema:
        """Return the columns of its documents when the stages of the recipe get them.

        Raises
        ------
        SchemaError
            If a name is taken already, or a stage reads a column that is not there.
        """
        who, keep = (
            (f"the source {self.name}", f"sources.{self.name}.keep") if self.name else ("the input", "input.keep")
        )
        own = [(DOC_ID, pa.int64()), (TEXT, pa.string()), *((name, pa.string()) for name in self.labels())]
        for name in self.columns.names:
            if name in dict(own):
                what = "a tag of the source too" if name in self.tags else "a name of korpus's own"
                raise SchemaError(
                    f"{who} has a column {name!r}, which is {what}; leave it out by listing the columns to carry "
                    f"along under {keep}"
                )
        schema = pa.schema([*own[:2], *self.columns, *own[2:]])
        return follow(schema, self.stages)


def follow(schema: pa.Schema, stages: tuple[Stage, ...]) -> pa.Schema:
    """Follow the columns through stages, and check that each stage finds what it reads.

    Raises
    ------
    SchemaError
        If a stage reads a column that is not there, or adds one that is there already.
    """
    pieces = ""
    for stage in stages:
        require_columns(schema, stage.reads(), f"the stage {stage.name}")
        if stage.kind in ("expand", "group") and pieces:
            raise SchemaError(f"the stage {stage.name} cannot come after {pieces}, which cuts documents into pieces")
        if stage.kind == "expand":
            added, pieces = pa.field(DOCUMENT, pa.int64()), stage.name
        elif stage.kind == "tag":
            added = pa.field(stage.column, pa.string())
        else:
            continue
        at = schema.get_field_index(added.name)
        if at < 0:
            schema = schema.append(added)
        elif added.name in stage.reads():
            schema = schema.set(at, added)
        else:
            raise SchemaError(
                f"the stage {stage.name} adds a column {added.name!r}, but the documents have one already; "
                f"leave it out by listing the columns to carry along under input.keep"
            )
    return schema


def together(sources: tuple[InputSource, ...]) -> tuple[pa.Schema, list[str]]:
    """Return the columns that the stages of the recipe get, which are those of all sources, and what to warn of.

    A column that has not the same type in all sources that have it becomes one of strings.

    Raises
    ------
    SchemaError
        If such a column holds lists or objects, or only some documents have a domain.
    """
    schemas = [source.schema() for source in sources]
    fields: dict[str, pa.Field] = {}
    warnings = []
    for name in dict.fromkeys([DOC_ID, TEXT, SOURCE, *(name for schema in schemas for name in schema.names)]):
        found = {source.name: schema.field(name) for source, schema in zip(sources, schemas) if name in schema.names}
        kinds = list(dict.fromkeys(column.type for column in found.values()))
        if len(kinds) == 1:
            fields[name] = next(iter(found.values()))
        elif kinds:
            told = ", ".join(f"{column.type} in {source}" for source, column in found.items())
            if any(pa.types.is_nested(kind) for kind in kinds):
                raise SchemaError(
                    f"the column {name!r} has not one type ({told}); leave it out of a source by listing the columns "
                    f"to carry along under its keep"
                )
            warnings.append(f"the column {name} has not one type ({told}), so it was made one of strings")
            fields[name] = pa.field(name, pa.string())
    without = [source.name for source in sources if DOMAIN not in source.tagged()]
    if 0 < len(without) < len(sources):
        raise SchemaError(
            f"the documents of the source {without[0]} get no {DOMAIN!r}, those of others do; give them one with "
            f"sources.{without[0]}.tags"
        )
    return pa.schema(fields.values()), warnings


def align(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Return a batch with the columns of `schema`, in its types, null where it has none."""
    if batch.schema.equals(schema):
        return batch
    columns = [
        batch.column(column.name).cast(column.type)
        if column.name in batch.schema.names
        else pa.nulls(batch.num_rows, column.type)
        for column in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
