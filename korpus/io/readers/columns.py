"""The columns that are not the text: in which Arrow type each is carried along, and how values get into it.

No document is lost for them. Types are merged over all files (`merge`); what a type cannot be written as Parquet, or
does not fit what other files have, becomes JSON text (`carried`, `settle`); a value that does not fit its column after
all becomes null, and is counted (`convert`).
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from korpus.io.readers.json_text import dumps

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_FIELDS = 256
"""Objects that have more keys than this, all of a column together, are tables of something, no records: JSON text."""
_UNITS = ("s", "ms", "us", "ns")
_EXACT = 1 << 53
"""Whole numbers beyond this are not all exact as a float64."""

_is = pa.types


def carried(kind: pa.DataType) -> pa.DataType | None:
    """Return the type that a column of an Arrow type is carried along in; None for one that becomes JSON text.

    Dictionaries and run-end encoded columns are decoded, views and list views are made plain, extension types are what
    they are stored as, half floats are floats. Unions, intervals and objects without keys become JSON text. All other
    types stay.
    """
    if isinstance(kind, pa.BaseExtensionType):
        return carried(kind.storage_type)
    if _is.is_dictionary(kind) or _is.is_run_end_encoded(kind):
        return carried(kind.value_type)
    if _is.is_string_view(kind):
        return pa.string()
    if _is.is_binary_view(kind):
        return pa.binary()
    if _is.is_float16(kind):
        return pa.float32()
    if _is.is_interval(kind) or _is.is_union(kind):
        return None
    if _is.is_map(kind):
        key, item = carried(kind.key_type), carried(kind.item_type)
        return pa.map_(key, item) if (key, item) == (kind.key_type, kind.item_type) else None
    if _is_list(kind):
        inner = carried(kind.value_type)
        return inner and (pa.large_list(inner) if _is.is_large_list(kind) else pa.list_(inner))
    if _is.is_struct(kind):
        fields = [(name_of(field), carried(field.type)) for field in kind]
        names = [name for name, _ in fields]
        if not fields or None in names or len(set(names)) < len(names) or any(inner is None for _, inner in fields):
            return None
        return pa.struct(fields)
    return kind


def name_of(field: pa.Field) -> str | None:
    """Return the name of a column or key; None for one that is not UTF-8."""
    try:
        return field.name
    except UnicodeDecodeError:
        return None


def _is_list(kind: pa.DataType) -> bool:
    return (
        _is.is_list(kind)
        or _is.is_large_list(kind)
        or _is.is_fixed_size_list(kind)
        or _is.is_list_view(kind)
        or _is.is_large_list_view(kind)
    )


def common(types: Iterable[pa.DataType | None]) -> pa.DataType | None:
    """Return the type that holds the values of all `types`, None when there is none; no types give null."""
    return reduce(merge, types, pa.null())


def merge(a: pa.DataType | None, b: pa.DataType | None) -> pa.DataType | None:
    """Return the type that holds the values of both types, as `carried` gives them; None when only JSON text does.

    Whole numbers of different widths are int64 (with uint64 among them JSON text), whole numbers and floats float64,
    decimals the narrowest decimal that holds both; times take the finer unit, dates and moments are moments; lists
    merge by their items, objects by their keys, a missing key being null.
    """
    if a is None or b is None or a == b:
        return a and b
    if _is.is_null(a) or _is.is_null(b):
        return b if _is.is_null(a) else a
    if _is_number(a) and _is_number(b):
        return _numbers(a, b)
    if _is_text(a) and _is_text(b):
        return pa.large_string() if pa.large_string() in (a, b) else pa.string()
    if _is_bytes(a) and _is_bytes(b):
        return pa.large_binary() if pa.large_binary() in (a, b) else pa.binary()
    if _is.is_temporal(a) and _is.is_temporal(b):
        return _moments(a, b)
    if _is_list(a) and _is_list(b):
        inner = merge(a.value_type, b.value_type)
        return inner and pa.list_(inner)
    if _is.is_struct(a) and _is.is_struct(b):
        fields = {field.name: field.type for field in a}
        for field in b:
            fields[field.name] = merge(fields.get(field.name, pa.null()), field.type)
        return None if None in fields.values() or len(fields) > MAX_FIELDS else pa.struct(list(fields.items()))
    return None


def _is_number(kind: pa.DataType) -> bool:
    return _is.is_integer(kind) or _is.is_floating(kind) or _is.is_decimal(kind)


def _is_text(kind: pa.DataType) -> bool:
    return _is.is_string(kind) or _is.is_large_string(kind)


def _is_bytes(kind: pa.DataType) -> bool:
    return _is.is_binary(kind) or _is.is_large_binary(kind) or _is.is_fixed_size_binary(kind)


def _numbers(a: pa.DataType, b: pa.DataType) -> pa.DataType | None:
    if _is.is_floating(a) or _is.is_floating(b):
        return pa.float64()
    if _is.is_integer(a) and _is.is_integer(b):
        unsigned = pa.uint64() in (a, b) and not (_is.is_unsigned_integer(a) and _is.is_unsigned_integer(b))
        return None if unsigned else pa.uint64() if pa.uint64() in (a, b) else pa.int64()
    decimals = [(20, 0) if _is.is_integer(kind) else (kind.precision, kind.scale) for kind in (a, b)]
    scale = max(scale for _, scale in decimals)
    precision = max(precision - of for precision, of in decimals) + scale
    return (
        None
        if precision > 76
        else pa.decimal128(precision, scale)
        if precision <= 38
        else pa.decimal256(precision, scale)
    )


def _moments(a: pa.DataType, b: pa.DataType) -> pa.DataType | None:
    if _is.is_date(a) and _is.is_date(b):
        return pa.date32()
    if _is.is_date(a) or _is.is_date(b):
        a, b = (pa.timestamp("s") if _is.is_date(kind) else kind for kind in (a, b))
    for same, make in ((_is.is_timestamp, pa.timestamp), (_is.is_duration, pa.duration)):
        if same(a) and same(b):
            unit = max(a.unit, b.unit, key=_UNITS.index)
            if same is _is.is_duration:
                return make(unit)
            # A moment with a zone and one without are not on one time line.
            return None if (a.tz is None) != (b.tz is None) else make(unit, a.tz if a.tz == b.tz else "UTC")
    if _is.is_time(a) and _is.is_time(b):
        unit = max(a.unit, b.unit, key=_UNITS.index)
        return pa.time32(unit) if unit in ("s", "ms") else pa.time64(unit)
    return None


def settle(kind: pa.DataType | None) -> pa.DataType:
    """Return the type of a column: strings where only JSON text will do, and wherever no value was seen."""
    if kind is None or _is.is_null(kind):
        return pa.string()
    if _is_list(kind):
        return (pa.large_list if _is.is_large_list(kind) else pa.list_)(settle(kind.value_type))
    if _is.is_struct(kind):
        return pa.struct([(field.name, settle(field.type)) for field in kind])
    if _is.is_map(kind):
        return pa.map_(settle(kind.key_type), settle(kind.item_type))
    return kind


def plain(array: pa.Array) -> pa.Array:
    """Return an array without what only wraps its values: extension, dictionary, runs, views."""
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        return plain(array.storage)
    if _is.is_dictionary(kind):
        return plain(array.dictionary_decode())
    if _is.is_run_end_encoded(kind):
        return plain(pc.run_end_decode(array))
    if _is.is_string_view(kind) or _is.is_binary_view(kind):
        return array.cast(pa.string() if _is.is_string_view(kind) else pa.binary())
    return array


def convert(array: pa.Array, kind: pa.DataType) -> tuple[pa.Array, int]:
    """Return a column in the type that it is carried along in, and how many values became null for it.

    Parameters
    ----------
    array : pa.Array
        Valid.
    kind : pa.DataType
        As `settle` gives it. A string column holds the JSON text of what is not a string.
    """
    array = plain(array)
    if array.type == kind:
        return array, 0
    if _is.is_null(array.type):
        return pa.nulls(len(array), kind), 0
    if _is.is_struct(kind) and _is.is_struct(array.type):
        return _struct(array, kind)
    if (_is.is_list(kind) or _is.is_large_list(kind)) and _is_list(array.type):
        items, n = convert(array.flatten(), kind.value_type)
        lengths = np.asarray(pc.fill_null(pc.list_value_length(array), 0)).astype(np.int64)
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        of = pa.ListArray if _is.is_list(kind) else pa.LargeListArray
        offsets = pa.array(offsets, pa.int32() if _is.is_list(kind) else pa.int64())
        return of.from_arrays(offsets, items, type=kind, mask=array.is_null()), n
    if _is_text(kind) and not _is_text(array.type) and (pa.types.is_nested(array.type) or _is.is_interval(array.type)):
        texts = [value if value is None or isinstance(value, str) else dumps(value) for value in array.to_pylist()]
        return pa.array(texts, kind), 0
    if _is.is_floating(kind) and _is.is_integer(array.type):
        # Beyond 2^53 a float is another number: better none than a wrong one.
        exact = pc.and_(
            pc.greater_equal(array, -_EXACT if _is.is_signed_integer(array.type) else 0), pc.less_equal(array, _EXACT)
        )
        array, n = pc.if_else(exact, array, None), pc.sum(pc.invert(exact)).as_py() or 0
        return array.cast(kind), n
    try:
        return array.cast(kind), 0
    except pa.ArrowException:
        return _one_by_one(array, kind)


def _struct(array: pa.StructArray, kind: pa.StructType) -> tuple[pa.Array, int]:
    children = {name_of(field): child for field, child in zip(array.type, array.flatten(), strict=True)}
    made, n = [], 0
    for field in kind:
        child = children.pop(field.name, None)
        values, n_misfits = (pa.nulls(len(array), field.type), 0) if child is None else convert(child, field.type)
        made.append(values)
        n += n_misfits
    # Keys that the column has not are left out; each value of one counts.
    n += sum(len(child) - child.null_count for child in children.values())
    return pa.StructArray.from_arrays(made, fields=list(kind), mask=array.is_null()), n


def _one_by_one(array: pa.Array, kind: pa.DataType) -> tuple[pa.Array, int]:
    pieces, n = [], 0
    for row in range(len(array)):
        try:
            pieces.append(array.slice(row, 1).cast(kind))
        except pa.ArrowException:
            pieces.append(pa.nulls(1, kind))
            n += 1
    return pa.concat_arrays(pieces) if pieces else pa.array([], kind), n
