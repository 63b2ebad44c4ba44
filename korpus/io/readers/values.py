"""JSON values and Arrow types: which type a column of values has, and what a column of that type holds of a value."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from korpus.io.readers.columns import MAX_FIELDS, common
from korpus.io.readers.json_text import dumps

_INT64 = range(-(1 << 63), 1 << 63)
_SCALARS = {type(None): pa.null(), bool: pa.bool_(), float: pa.float64(), str: pa.string()}


def type_of(value: Any) -> pa.DataType | None:
    """Return the type of one JSON value; None when only its JSON text will do."""
    if isinstance(value, int) and not isinstance(value, bool):
        return pa.int64() if value in _INT64 else None
    if isinstance(value, list):
        inner = common(type_of(item) for item in value)
        return inner and pa.list_(inner)
    if isinstance(value, dict):
        types = {key: type_of(item) for key, item in value.items()}
        if not types or None in types.values() or len(types) > MAX_FIELDS or not all(map(is_name, types)):
            return None
        return pa.struct(list(types.items()))
    return _SCALARS[type(value)]


def is_name(name: str) -> bool:
    """Tell whether a column or a key can have this name: text that can be written as UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in name


class Misfits:
    """Counts the values that did not fit their columns.

    Attributes
    ----------
    found : dict of str to (int, str)
        For each column how many there were, and the first as JSON text.
    """

    def __init__(self) -> None:
        self.found: dict[str, tuple[int, str]] = {}

    def add(self, column: str, n: int, example: str) -> None:
        """Count `n` more values of a column."""
        before, first = self.found.get(column, (0, example if len(example) <= 80 else f"{example[:80]}…"))
        self.found[column] = (before + n, first)


def fit(value: Any, kind: pa.DataType, column: str, misfits: Misfits) -> Any:
    """Return what a column of type `kind` holds of a JSON value.

    A string column holds the JSON text of what is not a string. A whole number in a column of floats is the nearest
    float, as in every parser of JSON. Of lists and objects the parts that fit are kept; all else is null, and counted.
    """
    if value is None:
        return None
    if pa.types.is_string(kind):
        if not isinstance(value, str):
            return dumps(value)
        try:
            value.encode()
        except UnicodeEncodeError:
            misfits.add(column, 1, dumps(value))
            return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
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
        return [fit(item, kind.value_type, column, misfits) for item in value]
    if pa.types.is_struct(kind) and isinstance(value, dict):
        fields = {field.name: field.type for field in kind}
        if more := [key for key in value if key not in fields]:
            misfits.add(column, len(more), dumps({key: value[key] for key in more[:3]}))
        return {key: fit(value.get(key), inner, column, misfits) for key, inner in fields.items()}
    misfits.add(column, 1, dumps(value))
    return None
