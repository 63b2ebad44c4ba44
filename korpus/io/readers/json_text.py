"""JSON as text: parsing a line of it, and writing a value as it."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

MAX_DEPTH = 64
"""Deepest nesting that is read: parsers differ in what they survive, and no record is that deep."""


class Doubled(dict):
    """A JSON object some of whose keys are given twice: those in `twice`. The last value of each is kept."""

    twice: set[str]


def _object(pairs: list[tuple[str, Any]]) -> dict:
    made = dict(pairs)
    if len(made) < len(pairs):
        doubled = Doubled(made)
        doubled.twice = {key for key, n in Counter(key for key, _ in pairs).items() if n > 1}
        return doubled
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
        If it is not JSON, or nested more than `MAX_DEPTH` deep.
    """
    try:
        value = _decode(line)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    if line.count("[") + line.count("{") > MAX_DEPTH and _is_deep(value):
        raise ValueError(_TOO_DEEP)
    return value


_TOO_DEEP = f"nested more than {MAX_DEPTH} deep"


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        inner: list = []
        for each in level:
            if isinstance(each, (dict, list)):
                inner += each.values() if isinstance(each, dict) else each
        level = inner
        if not level:
            return False
    return True


def dumps(value: Any) -> str:
    r"""Return a value as JSON text that any parser takes.

    ``NaN`` and infinities become null; what JSON has no type for, such as a date, its text; half of a surrogate pair
    stays an escape, ``\ud800``.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError):
        value = _in_json(value)
        text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value)
    return text


def _in_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _in_json(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_in_json(inner) for inner in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, bytes):
        return value.decode(errors="backslashreplace")
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
