"""JSON values and Arrow types: which type a column of values has, and whether a value fits it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import reduce
from typing import Any

import pyarrow as pa

_INT64 = range(-(1 << 63), 1 << 63)
_SCALARS = {type(None): pa.null(), bool: pa.bool_(), float: pa.float64(), str: pa.string()}


class Misfit(ValueError):
    """A value that its column's type cannot hold; `reason` is the ledger's."""

    def __init__(self, detail: str, reason: str = "bad_value"):
        super().__init__(detail)
        self.reason = reason


class Doubled(dict):
    """A JSON object some of whose keys are given twice: those in `twice`."""

    twice: set[str]


def _object(pairs: list[tuple[str, Any]]) -> dict:
    made = dict(pairs)
    if len(made) < len(pairs):
        made, seen = Doubled(made), set()
        made.twice = {key for key, _ in pairs if key in seen or seen.add(key)}
    return made


def _int(digits: str) -> int | float:
    # Python refuses to convert thousands of digits; a float of that size is infinite anyway.
    return int(digits) if len(digits) <= 4300 else float(digits)


_decode = json.JSONDecoder(object_pairs_hook=_object, parse_int=_int).decode


def loads(line: str) -> Any:
    """Parse a line of JSON, with ``NaN`` and ``Infinity`` as Python's ``json`` writes them.

    Raises
    ------
    ValueError
        If it is not JSON, or nested too deeply to be parsed.
    """
    try:
        return _decode(line)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def dumps(value: Any) -> str:
    """Return a value as JSON text."""
    return json.dumps(value, ensure_ascii=False)


def type_of(value: Any) -> pa.DataType | None:
    """Return the type of one JSON value; None when only its JSON text will do."""
    if isinstance(value, int) and not isinstance(value, bool):
        return pa.int64() if value in _INT64 else None
    if isinstance(value, list):
        inner = common(type_of(item) for item in value)
        return inner and pa.list_(inner)
    if isinstance(value, dict):
        types = {key: type_of(item) for key, item in value.items()}
        if not types or None in types.values():
            return None
        return pa.struct(list(types.items()))
    return _SCALARS[type(value)]


def common(types: Iterable[pa.DataType | None]) -> pa.DataType | None:
    """Return the type that holds the values of all `types`, None when there is none; no types give null."""
    return reduce(merge, types, pa.null())


def merge(a: pa.DataType | None, b: pa.DataType | None) -> pa.DataType | None:
    """Return the type that holds the values of both types; None when there is none.

    Integers and floats are a float; lists merge by their items; objects by their values if they have the same keys.
    """
    if a is None or b is None or a == b:
        return a and b
    if pa.types.is_null(a) or pa.types.is_null(b):
        return b if pa.types.is_null(a) else a
    if _is_number(a) and _is_number(b):
        whole = pa.types.is_integer(a) and pa.types.is_integer(b)
        return pa.int64() if whole else pa.float64()
    if pa.types.is_list(a) and pa.types.is_list(b):
        inner = merge(a.value_type, b.value_type)
        return inner and pa.list_(inner)
    if pa.types.is_struct(a) and pa.types.is_struct(b) and {f.name for f in a} == {f.name for f in b}:
        fields = [(f.name, merge(f.type, b.field(f.name).type)) for f in a]
        return None if any(kind is None for _, kind in fields) else pa.struct(fields)
    return None


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_floating(kind)


def settle(kind: pa.DataType | None) -> pa.DataType:
    """Return the type of a column: a string, for JSON text, where the values seen do not agree or are all null."""
    return pa.string() if kind is None or _has_null(kind) else kind


def _has_null(kind: pa.DataType) -> bool:
    return pa.types.is_null(kind) or any(_has_null(kind.field(i).type) for i in range(kind.num_fields))


def has_struct(kind: pa.DataType) -> bool:
    """Tell whether a type is, or holds, a struct."""
    return pa.types.is_struct(kind) or any(has_struct(kind.field(i).type) for i in range(kind.num_fields))


def fit(value: Any, kind: pa.DataType) -> Any:
    """Return a JSON value as a column of type `kind` holds it.

    A string column holds the JSON text of what is not a string. An integer fits a column of floats; nothing else is
    converted.

    Raises
    ------
    Misfit
        If it does not fit.
    """
    if value is None:
        return None
    if pa.types.is_string(kind):
        value = value if isinstance(value, str) else dumps(value)
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Misfit("half of a surrogate pair", "lone_surrogate") from None
        return value
    if pa.types.is_boolean(kind) and isinstance(value, bool):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if pa.types.is_int64(kind) and isinstance(value, int) and value in _INT64:
            return value
        if pa.types.is_float64(kind):
            try:
                return float(value)
            except OverflowError:
                return float("inf") if value > 0 else float("-inf")
    if pa.types.is_list(kind) and isinstance(value, list):
        return [fit(item, kind.value_type) for item in value]
    if pa.types.is_struct(kind) and isinstance(value, dict) and value.keys() <= {f.name for f in kind}:
        return {f.name: fit(value.get(f.name), f.type) for f in kind}
    text = dumps(value)
    raise Misfit(f"expected {kind}, got {text if len(text) <= 80 else text[:80] + '…'}")


def cast(array: pa.Array, kind: pa.DataType) -> tuple[pa.Array, list[int]]:
    """Return a column as type `kind`, and the rows whose values do not fit it; those are null."""
    if array.type == kind:
        return array, []
    try:
        return array.cast(kind), []
    except pa.ArrowException:
        pass
    pieces, failed = [], []
    for row in range(len(array)):
        try:
            pieces.append(array.slice(row, 1).cast(kind))
        except pa.ArrowException:
            failed.append(row)
            pieces.append(pa.nulls(1, kind))
    return pa.concat_arrays(pieces), failed
