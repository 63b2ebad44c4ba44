"""The sources of a run: which of their columns matter, and what is done to their documents before all others'."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa

from korpus.batch import DOC_ID, DOCUMENT, DOMAIN, SOURCE, TEXT, require_columns
from korpus.errors import SchemaError
from korpus.io.readers.columns import common, convert, settle
from korpus.stage import Tag

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
    renamed : mapping of str to str
        Columns of its files that are carried along under another name, since theirs is taken.
    """

    name: str
    options: ReadOptions
    columns: pa.Schema
    tags: Mapping[str, str] = field(default_factory=dict)
    stages: tuple[Stage, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)

    def labels(self) -> dict[str, str]:
        """Return the columns that are the same in all its documents: its name, where it has one, and its tags."""
        return {**({SOURCE: self.name} if self.name else {}), **self.tags}

    def tagged(self) -> set[str]:
        """Return the columns that its documents have not from its files."""
        return {*self.labels(), *(stage.column for stage in self.stages if isinstance(stage, Tag))}

    def label(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return a batch of its documents under their names here, with the columns that are the same in all of them.

        Parameters
        ----------
        batch : pa.RecordBatch
            ``doc_id``, ``text`` and the columns of its files, in their order.
        """
        columns = [*batch.columns, *(pa.repeat(pa.scalar(value), batch.num_rows) for value in self.labels().values())]
        return pa.RecordBatch.from_arrays(columns, schema=self._own)

    @cached_property
    def _own(self) -> pa.Schema:
        carried = [(self.renamed.get(column.name, column.name), column.type) for column in self.columns]
        labels = [(name, pa.string()) for name in self.labels()]
        return pa.schema([(DOC_ID, pa.int64()), (TEXT, pa.string()), *carried, *labels])

    def clashes(self, stages: tuple[Stage, ...]) -> dict[str, str]:
        """Return under which names the columns are carried along whose own are taken.

        Parameters
        ----------
        stages : tuple of Stage
            Those of the recipe. What a stage adds is taken, unless a stage reads a column of that name.
        """
        all_stages = (*self.stages, *stages)
        read = {name for stage in all_stages for name in stage.reads()}
        added = {stage.column for stage in all_stages if isinstance(stage, Tag)} - read
        added |= {DOCUMENT} if any(stage.kind == "expand" for stage in all_stages) else set()
        taken, renamed = {DOC_ID, TEXT, *self.labels(), *added}, {}
        names = set(self.columns.names)
        for name in self.columns.names:
            if name in taken:
                new = f"input_{name}"
                while new in names or new in taken:
                    new = f"input_{new}"
                renamed[name] = new
                names.add(new)
        return renamed

    def schema(self) -> pa.Schema:
        """Return the columns of its documents when the stages of the recipe get them.

        Raises
        ------
        SchemaError
            If a stage reads a column that is not there.
        """
        return follow(self._own, self.stages)


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
        elif isinstance(stage, Tag):
            added = pa.field(stage.column, stage.column_type())
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

    The types of a column that has not the same in all sources are merged; where nothing else holds them all, it becomes
    one of strings, JSON text.

    Raises
    ------
    SchemaError
        If only some documents have a domain.
    """
    schemas = [{column.name: column for column in source.schema()} for source in sources]
    fields: dict[str, pa.Field] = {}
    warnings = []
    for name in dict.fromkeys([DOC_ID, TEXT, SOURCE, *(name for schema in schemas for name in schema)]):
        found = {source.name: schema[name] for source, schema in zip(sources, schemas) if name in schema}
        kinds = list(dict.fromkeys(column.type for column in found.values()))
        if len(kinds) == 1:
            fields[name] = next(iter(found.values()))
        elif kinds:
            told = ", ".join(f"{column.type} in {source}" for source, column in found.items())
            kind = settle(common(kinds))
            warnings.append(f"the column {name} has not one type ({told}), so it was made one of {_called(kind)}")
            fields[name] = pa.field(name, kind)
    without = [source.name for source in sources if DOMAIN not in source.tagged()]
    if 0 < len(without) < len(sources):
        raise SchemaError(
            f"the documents of the source {without[0]} get no {DOMAIN!r}, those of others do; give them one with "
            f"sources.{without[0]}.tags"
        )
    return pa.schema(fields.values()), warnings


def _called(kind: pa.DataType) -> str:
    return "strings" if kind == pa.string() else str(kind)


def align(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Return a batch with the columns of `schema`, in its types, null where it has none."""
    if batch.schema.equals(schema):
        return batch
    columns = [
        pa.nulls(batch.num_rows, column.type)
        if (at := batch.schema.get_field_index(column.name)) < 0
        else convert(batch.column(at), column.type)[0]
        for column in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
