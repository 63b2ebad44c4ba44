"""Rows of files that have types, Parquet and Arrow: a row is a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from korpus.errors import SchemaError, Unreadable, did_you_mean
from korpus.io.readers import lines
from korpus.io.readers.base import Bad, Block, ReadOptions, raw_flaw, shown
from korpus.io.readers.columns import carried, convert, name_of
from korpus.io.readers.json_text import dumps
from korpus.io.readers.sound import Unsound, sound
from korpus.io.readers.texts import as_bytes, is_text, joined
from korpus.io.readers.values import is_name

if TYPE_CHECKING:
    from collections.abc import Mapping

N_NAMED = 40
"""So many columns are named in an error; a table may have thousands."""


def names_of(schema: pa.Schema) -> dict[str, int]:
    """Return where each column of a file is: of those of one name the first, none whose name is not text."""
    names: dict[str, int] = {}
    for at, field in enumerate(schema):
        name = name_of(field)
        if name is not None and is_name(name):
            names.setdefault(name, at)
    return names


def check_text(schema: pa.Schema, path: str, options: ReadOptions) -> dict[str, int]:
    """Return the columns of a file; raise `SchemaError` unless it has the text, once and in a type that may be one."""
    names = names_of(schema)
    for name in options.texts:
        if name not in names:
            listed = ", ".join(list(names)[:N_NAMED]) + (", …" if len(names) > N_NAMED else "")
            raise SchemaError(f"{path} has no column {name!r}; its columns: {listed}{did_you_mean(name, names)}")
        if len(schema.get_all_field_indices(name)) > 1:
            raise SchemaError(f"{path} has more than one column {name!r}, which input.text names")
        kind = schema.field(names[name]).type
        if not is_text(kind):
            raise SchemaError(
                f"{path}: the text column {name!r} must be of type string, or binary that is UTF-8, got {kind}"
            )
    return names


def types_of(schema: pa.Schema, path: str, options: ReadOptions) -> dict[str, pa.DataType | None]:
    """Return the columns of a file, in the types that they are carried along in, and its text."""
    names = check_text(schema, path, options)
    types = {name: carried(schema.field(at).type) for name, at in names.items()}
    for name in options.parts if options.keep is None else ():
        del types[name]
    return {**types, options.text: pa.string()}


class Table:
    """Makes blocks of the rows of a file.

    Parameters
    ----------
    found : pa.Schema
        Of the file.
    schema : pa.Schema
        The columns carried along.
    options : ReadOptions

    Attributes
    ----------
    wanted : list of str, or None
        The columns of the file that are needed; None for all, where names do not tell them apart.
    """

    def __init__(self, found: pa.Schema, schema: pa.Schema, options: ReadOptions):
        names = names_of(found)
        kept = {name for name in schema.names if name in names}
        needed = {*options.texts, *kept}
        self._schema, self._options = schema, options
        # Parquet reads columns by path, so that a dot in a name would mean another one.
        by_name = len(names) == len(found) and not any("." in name for name in needed)
        self.wanted = [name for name in names if name in needed] if by_name else None
        self._names = names
        self._ignored: tuple[str, ...] = ()
        if options.keep is None:
            left = [name for name in names if name not in kept and name not in options.texts]
            odd = [f"column {at + 1}" for at, field in enumerate(found) if not _is_first(names, field, at)]
            self._ignored = tuple(sorted(left) + odd)
        self.out_schema = lines.text_schema(schema)

    def block(self, batch: pa.RecordBatch, row: int) -> Block:
        """Return the block of some rows, the first of which is row `row` of the split.

        Raises
        ------
        Unreadable
            If the data is damaged.
        """
        options, n = self._options, batch.num_rows
        wanted = self.wanted
        places = self._names if wanted is None else {name: batch.schema.get_field_index(name) for name in wanted}
        try:
            texts = joined([as_bytes(_sound_text(batch.column(places[name]))) for name in options.texts])
            columns = {name: sound(batch.column(places[name])) for name in self._schema.names if name in places}
        except Unsound as error:
            raise Unreadable(f"damaged Arrow data: {error}") from None
        flaws: dict[int, tuple[str, str]] = {}
        for i in np.flatnonzero(_suspects(texts, options.max_doc_bytes)).tolist():
            if flaw := _flaw(texts[i].as_py(), options):
                flaws[i] = flaw
        arrays, misfits = [], {}
        for column in self._schema:
            array = columns.get(column.name)
            if array is None:
                arrays.append(pa.nulls(n, column.type))
                continue
            made, n_misfits = convert(array, column.type)
            n_misfits += array.null_count - batch.column(places[column.name]).null_count
            arrays.append(made)
            if n_misfits:
                misfits[column.name] = (n_misfits, _first_misfit(array, made))
        bad = [Bad(row + i, *flaws[i], shown(texts[i].as_py() or b"", options.max_doc_bytes)) for i in sorted(flaws)]
        rows = np.arange(row, row + n, dtype=np.int32)
        if flaws:
            good = np.ones(n, bool)
            good[list(flaws)] = False
            mask = pa.array(good)
            texts, arrays, rows = texts.filter(mask), [array.filter(mask) for array in arrays], rows[good]
        made = pa.RecordBatch.from_arrays([texts.cast(pa.string()), *arrays], schema=self.out_schema)
        return Block(made, rows, bad, n, 0, self._ignored, misfits)


def _sound_text(array: pa.Array) -> pa.Array:
    # What is not UTF-8 is no damage of the structure, and its row is to be rejected with its bytes.
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        kind = pa.binary() if pa.types.is_string(array.type) else pa.large_binary()
        try:
            array.validate()
            array = pa.Array.from_buffers(kind, len(array), array.buffers(), offset=array.offset)
            array.validate(full=True)
        except pa.ArrowInvalid as error:
            raise Unsound(str(error)) from None
        return array
    return sound(array)


def _is_first(names: Mapping[str, int], field: pa.Field, at: int) -> bool:
    name = name_of(field)
    return name is not None and names.get(name) == at


def _first_misfit(array: pa.Array, made: pa.Array) -> str:
    odd = array.filter(pc.and_(made.is_null(), array.is_valid()))
    return dumps(odd[0].as_py()) if len(odd) else "a part of a value"


def _suspects(texts: pa.BinaryArray, max_doc_bytes: int) -> np.ndarray:
    try:
        as_text = pa.Array.from_buffers(pa.string(), len(texts), texts.buffers(), offset=texts.offset)
        as_text.validate(full=True)
    except pa.ArrowInvalid:
        return np.ones(len(texts), bool)
    lengths = pc.fill_null(pc.binary_length(texts), 0)
    odd = pc.or_(pc.or_(pc.equal(lengths, 0), pc.greater(lengths, max_doc_bytes)), pc.match_substring(as_text, "\0"))
    return np.asarray(pc.fill_null(odd, True))


def _flaw(text: bytes | None, options: ReadOptions) -> tuple[str, str] | None:
    name = " and ".join(map(repr, options.texts))
    if text is None:
        return "missing_text", f"column {name} is null"
    if not text:
        return "empty_text", f"column {name} is an empty string"
    return raw_flaw(text, options.max_doc_bytes)
