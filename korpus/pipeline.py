"""A recipe as one function, for use inside other people's code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from korpus.batch import DOC_ID, DOCUMENT, TEXT, has_pieces, set_column
from korpus.chain import REJECT_SCHEMA, Chain, rejects
from korpus.errors import SchemaError
from korpus.stage import Dedup, Expand, Group, Stage, Tag

if TYPE_CHECKING:
    from korpus.recipe import Recipe

_OVER_ALL = (Dedup, Group)
"""The stages that need all documents at once."""


def _added(stage: Stage) -> str | None:
    if isinstance(stage, Expand):
        return DOCUMENT
    return stage.column if isinstance(stage, Tag) else None


class _Arrow(Protocol):
    """A record batch or a table, to type checkers that do not know pyarrow."""

    @property
    def num_rows(self) -> int: ...
    @property
    def schema(self) -> pa.Schema: ...


_Batch = TypeVar("_Batch", bound=_Arrow)


class Pipeline:
    """What a recipe does to each document alone as one function: batch to batch, text to text.

    Parameters
    ----------
    recipe : Recipe

    Attributes
    ----------
    stages : tuple of Stage
        What is applied, in order.
    text : str
        The column of batches and documents that holds the text: what the recipe gives as ``input.text`` or, where that
        names several columns, ``text``.
    skipped : tuple of str
        The stages of the recipe that are not, because they need all documents at once, or belong to one source.
    """

    def __init__(self, recipe: Recipe):
        self.recipe = recipe
        self.stages: tuple[Stage, ...] = tuple(stage for stage in recipe.stages if not isinstance(stage, _OVER_ALL))
        own = [f"{name}: {stage.name}" for name, source in recipe.sources.items() for stage in source.stages]
        self.skipped: tuple[str, ...] = (*own, *(stage.name for stage in recipe.stages if isinstance(stage, _OVER_ALL)))
        self.text: str = recipe.input.text if isinstance(recipe.input.text, str) else TEXT

    def __repr__(self) -> str:
        skipped = f", without {', '.join(self.skipped)}" if self.skipped else ""
        return f"<korpus pipeline {self.recipe.name!r}: {', '.join(stage.name for stage in self.stages)}{skipped}>"

    @overload
    def __call__(self, data: str) -> str | None: ...
    @overload
    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]: ...
    @overload
    def __call__(self, data: _Batch) -> _Batch: ...
    def __call__(self, data: Any) -> Any:
        """Clean a text, a document, or a batch of documents.

        Parameters
        ----------
        data : str, pa.RecordBatch, pa.Table, or mapping of column names to lists or numpy arrays
            A batch has the text in the column `text`; other columns travel along. A mapping in which the text is a
            string, or None, is one document.

        Returns
        -------
        str or None, or what was given
            None for a text that is dropped; the text of a document that is dropped becomes None. A batch comes back
            without the documents that are dropped.

        Raises
        ------
        SchemaError
            If a column that a stage reads is missing, one that it adds is there, or the text is no string; or if a
            mapping is neither a document nor a batch.
        """
        if isinstance(data, str):
            return self.clean(pa.array([data]))[0].as_py()
        if isinstance(data, Mapping) and isinstance(data.get(self.text), (str, type(None))) and self.text in data:
            return self._document(dict(data))
        return self.split(data)[0]

    def _document(self, data: dict[str, Any]) -> dict[str, Any]:
        needed = {name for stage in self.stages for name in stage.reads()} - {TEXT}
        self._check_columns([DOC_ID, *(TEXT if name == self.text else name for name in data)])
        if any(stage.kind == "expand" for stage in self.stages):
            raise SchemaError("this recipe makes several documents of one: give a batch, such as a dict of lists")
        columns = {self.text: [data[self.text]], **{name: [data[name]] for name in data if name in needed}}
        batch = pa.RecordBatch.from_pydict({**columns, self.text: pa.array(columns[self.text], pa.string())})
        rows = self.split(batch)[0].to_pylist()
        added = {name: None for stage in self.stages if (name := _added(stage))}
        return {**data, **added, **(rows[0] if rows else {self.text: None})}

    def clean(self, texts: pa.Array | pa.ChunkedArray) -> pa.Array:
        """Clean texts row for row.

        Parameters
        ----------
        texts : pa.Array or pa.ChunkedArray of string, shape (n_rows,)

        Returns
        -------
        pa.Array of string, shape (n_rows,)
            Null where a text is dropped, or was null. What a text was cut into, such as sentences, is joined again by
            line feeds.
        """
        if isinstance(texts, pa.ChunkedArray):
            texts = texts.combine_chunks()
        kept, _ = self._apply(pa.RecordBatch.from_arrays([texts], [self.text]))
        if has_pieces(kept):
            kept = _rejoined(kept)
        rows = np.full(len(texts), -1, np.int64)
        rows[kept.column(DOC_ID).to_numpy()] = np.arange(kept.num_rows)
        return kept.column(TEXT).take(pa.array(rows, mask=rows < 0))

    @overload
    def split(self, batch: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]: ...
    @overload
    def split(self, batch: _Batch) -> tuple[_Batch, _Batch]: ...
    def split(self, batch: Any) -> tuple[Any, Any]:
        """Divide a batch into what is kept, cleaned, and what is dropped, with the reason.

        Parameters
        ----------
        batch : pa.RecordBatch, pa.Table, or mapping of column names to lists or numpy arrays

        Returns
        -------
        kept : what was given
            The columns of `batch`, and those that tags add; the column ``document`` of pieces is their row in `batch`.
        dropped : what was given
            ``row`` (int64, in `batch`), ``stage``, ``reason`` and the text as the stage saw it.
        """
        if isinstance(batch, pa.RecordBatch):
            return self._split(batch)
        if isinstance(batch, pa.Table):
            return self._split_table(batch)
        if isinstance(batch, Mapping):
            if self.text not in batch:
                raise self._no_text(batch)
            as_given = _to_arrays if any(isinstance(values, np.ndarray) for values in batch.values()) else _to_lists
            kept, dropped = self._split(_of_mapping(batch))
            return as_given(kept), as_given(dropped)
        raise TypeError(_refusal(batch))

    def _split_table(self, table: pa.Table) -> tuple[pa.Table, pa.Table]:
        parts, n_before = [], 0
        for batch in table.to_batches() or [_empty(table.schema)]:
            kept, dropped = self._split(batch)
            if any(stage.kind == "expand" for stage in self.stages):
                kept = set_column(kept, DOCUMENT, pc.add(kept.column(DOCUMENT), n_before))
            parts.append((kept, set_column(dropped, "row", pc.add(dropped.column("row"), n_before))))
            n_before += batch.num_rows
        kept, dropped = zip(*parts)
        return pa.Table.from_batches(kept), pa.Table.from_batches(dropped)

    def _split(self, batch: pa.RecordBatch) -> tuple[pa.RecordBatch, pa.RecordBatch]:
        kept, dropped = self._apply(batch)
        schema = kept.schema.set(kept.schema.get_field_index(TEXT), pa.field(self.text, pa.string()))
        kept = pa.RecordBatch.from_arrays(kept.columns, schema=schema).drop_columns([DOC_ID])
        rows = pa.Table.from_batches(dropped, REJECT_SCHEMA).sort_by(DOC_ID).combine_chunks()
        rows = rows.set_column(0, DOC_ID, pc.coalesce(rows[DOCUMENT], rows[DOC_ID]))
        rows = rows.select([DOC_ID, "stage", "reason", TEXT]).rename_columns(["row", "stage", "reason", self.text])
        whole = rows.to_batches()
        return kept, whole[0] if whole else _empty(rows.schema)

    def _apply(self, batch: pa.RecordBatch) -> tuple[pa.RecordBatch, list[pa.RecordBatch]]:
        at = batch.schema.get_field_index(self.text)
        if at < 0:
            raise self._no_text(batch.schema.names)
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

    def _no_text(self, names: Iterable[str]) -> SchemaError:
        return SchemaError(
            f"the batch has no column {self.text!r}, it has: {', '.join(map(str, names))}; "
            + (
                "say which column is the text with input.text"
                if isinstance(self.recipe.input.text, str)
                else f"join those of the text ({', '.join(self.recipe.input.text)}) with line feeds under that name"
            )
        )

    def _strings(self, texts: pa.Array) -> pa.Array:
        kind = texts.type.value_type if pa.types.is_dictionary(texts.type) else texts.type
        if str(kind) not in ("string", "large_string", "string_view", "null"):
            raise SchemaError(f"the column {self.text!r} must hold strings, got {texts.type}")
        try:
            return texts.cast(pa.string())
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise SchemaError(f"the column {self.text!r} must hold strings, got {texts.type}: {error}") from None

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
            if added := _added(stage):
                if added in {*names, self.text}.difference(stage.reads()):
                    raise SchemaError(f"the stage {stage.name} adds a column {added!r}; the batch has one already")
                names.add(added)


_INSTEAD = {
    "pandas": "pa.Table.from_pandas(frame)",
    "polars": "frame.to_arrow()",
    "datasets": "dataset.map(clean, batched=True, remove_columns=…)",
    "ray": 'dataset.map_batches(clean, batch_format="pyarrow")',
    "dask": "frame.map_partitions, and pa.Table.from_pandas of each partition",
    "pyspark": "frame.mapInArrow",
    "duckdb": "relation.arrow()",
}
"""What to type for the frames of other libraries."""


def _refusal(given: Any) -> str:
    kind = type(given)
    instead = _INSTEAD.get(kind.__module__.partition(".")[0])
    hint = f"; use {instead}" if instead else ""
    return (
        f"a pipeline takes a str, a pa.RecordBatch, a pa.Table or a mapping of columns, got "
        f"{kind.__module__}.{kind.__qualname__}{hint}".replace("builtins.", "")
    )


def _of_mapping(columns: Mapping[str, Any]) -> pa.RecordBatch:
    for name, values in columns.items():
        if isinstance(values, (str, bytes, Mapping)) or not hasattr(values, "__len__"):
            raise SchemaError(
                f"a mapping is a document, whose text is a string, or a batch, whose values are all lists; the value "
                f"of {name!r} is a {type(values).__name__} (datasets.map needs batched=True for batches)"
            )
    if len({len(values) for values in columns.values()}) > 1:
        sizes = ", ".join(f"{name!r} {len(values):,}" for name, values in columns.items())
        raise SchemaError(f"all columns of a batch must have the same number of values, got {sizes}")
    try:
        return pa.RecordBatch.from_pydict(dict(columns))
    except (pa.ArrowException, UnicodeEncodeError) as error:
        raise SchemaError(f"the columns of the batch are not such as Arrow has: {error}") from None


def _to_lists(batch: pa.RecordBatch) -> dict[str, list[Any]]:
    return batch.to_pydict()


def _to_arrays(batch: pa.RecordBatch) -> dict[str, np.ndarray]:
    return {name: column.to_numpy(zero_copy_only=False) for name, column in zip(batch.schema.names, batch.columns)}


def _rejoined(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return pieces of documents as the documents again."""
    documents = batch.column(DOCUMENT).to_numpy()
    first = np.flatnonzero(np.diff(documents, prepend=-1))
    offsets = pa.array(np.append(first, len(documents)).astype(np.int32))
    texts = pc.binary_join(pa.ListArray.from_arrays(offsets, batch.column(TEXT)), "\n")
    return pa.RecordBatch.from_arrays([pa.array(documents[first]), texts], [DOC_ID, TEXT])


def _empty(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([], field.type) for field in schema], schema=schema)
