"""Numbers, and dates and times in the ways people write them, as something that can be sorted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from korpus.errors import SchemaError

_NUMBER = r"^(?P<sign>[+-]?)(?P<whole>[0-9]{1,18})(?:\.(?P<fine>[0-9]{0,9}))?$"
_DATE = (
    r"^(?P<year>[0-9]{4})[-./] ?(?P<month>[0-9]{1,2})[-./] ?(?P<day>[0-9]{1,2})\.?"
    r"(?:[T ]+(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fine>[0-9]{1,9}))?)?)?"
    r" ?(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?$"
)
_PLAIN = r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?$"
_LAST = np.iinfo(np.int64).max, np.iinfo(np.int32).max


class Moments(NamedTuple):
    """Values to sort by: first by `whole`, then by `fine`.

    Attributes
    ----------
    whole : int64, shape (n_rows,)
    fine : int32, shape (n_rows,)
        Billionths, where there are fractions. Both are as large as can be for a null, so that it comes last.
    known : bool, shape (n_rows,)
        False for a text that is neither a number nor a date.
    """

    whole: np.ndarray
    fine: np.ndarray
    known: np.ndarray


def moments(values: pa.Array, who: str) -> Moments:
    """Read a column of numbers, dates and times, or texts that are either.

    Parameters
    ----------
    values : pa.Array, shape (n_rows,)
    who : str
        The option that names the column, for the error.

    Raises
    ------
    SchemaError
        If the column is of a type that has no order.
    """
    kind, n = values.type, len(values)
    given = values.is_valid().to_numpy(zero_copy_only=False)
    fine, known = np.zeros(n, np.int32), np.ones(n, bool)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        texts = pc.utf8_trim_whitespace(values)
        given &= pc.fill_null(pc.not_equal(texts, ""), False).to_numpy(zero_copy_only=False)
        whole, fine, known = _texts(texts)
    elif pa.types.is_floating(kind) or pa.types.is_decimal(kind) or kind == pa.uint64():
        numbers = values.cast(pa.float64(), safe=False) if kind != pa.uint64() else values
        whole = _ranks(numbers.fill_null(0).to_numpy(zero_copy_only=False))
        if kind != pa.uint64():
            given &= ~np.isnan(numbers.fill_null(0).to_numpy(zero_copy_only=False))
    elif pa.types.is_temporal(kind) or pa.types.is_integer(kind) or pa.types.is_null(kind):
        # Days and times of day are of 32 bits, which only come to 64 as plain numbers.
        plain = values.cast(pa.int32()) if pa.types.is_temporal(kind) and kind.bit_width == 32 else values
        whole = plain.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    else:
        raise SchemaError(f"{who} must be a column of numbers, dates and times, or texts that are either, it is {kind}")
    return Moments(np.where(given, whole, _LAST[0]), np.where(given, fine, np.int32(_LAST[1])), known | ~given)


def _ranks(numbers: np.ndarray) -> np.ndarray:
    """Return whole numbers (int64) that grow with 64-bit numbers of another type."""
    top = np.uint64(1 << 63)
    if numbers.dtype == np.uint64:
        return (numbers ^ top).view(np.int64)
    bits = (numbers + 0.0).view(np.int64)  # one zero, not two
    # The bits of positive floats grow with them; those of negative ones fall.
    return np.where(bits < 0, ~bits ^ np.int64(np.iinfo(np.int64).min), bits)


def _digits(digits: pa.Array) -> np.ndarray:
    """Return texts of digits as numbers, 0 where there are none."""
    return pc.cast(pc.if_else(pc.equal(digits, ""), "0", digits), pa.int64()).to_numpy()


def _billionths(parts: pa.StructArray) -> np.ndarray:
    return _digits(pc.utf8_rpad(parts.field("fine"), 9, "0"))


def _texts(texts: pa.Array) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n = len(texts)
    if (plain := _plain_dates(texts)) is not None:
        return *plain, np.ones(n, bool)
    whole, fine, known = np.zeros(n, np.int64), np.zeros(n, np.int32), np.zeros(n, bool)
    for pattern, read in ((_NUMBER, _numbers), (_DATE, _dates)):
        left = np.flatnonzero(~known)
        if not len(left):
            break
        parts = pc.extract_regex(texts.take(pa.array(left)), pattern)
        rows = np.flatnonzero(parts.is_valid())
        if len(rows):
            parts = parts.take(pa.array(rows))
            whole[left[rows]], fine[left[rows]], known[left[rows]] = read(parts)
    return whole, fine, known


def _plain_dates(texts: pa.Array) -> tuple[np.ndarray, np.ndarray] | None:
    """Read texts of which all are like ``2020-01-02T03:04:05`` the fast way; return None for any others."""
    if not pc.all(pc.match_substring_regex(texts, _PLAIN), min_count=0).as_py():
        return None
    try:
        moments = texts.cast(pa.timestamp("us")).cast(pa.int64()).fill_null(0).to_numpy()
    except pa.ArrowInvalid:  # such as the 31st of February
        return None
    return moments // 10**6, (moments % 10**6 * 1000).astype(np.int32)


def _numbers(parts: pa.StructArray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    whole, fine = _digits(parts.field("whole")), _billionths(parts)
    negative = pc.equal(parts.field("sign"), "-").to_numpy(zero_copy_only=False)
    # What is fine counts upwards, below zero too.
    return (
        np.where(negative, -whole - (fine > 0), whole),
        np.where(negative & (fine > 0), 10**9 - fine, fine),
        np.ones(len(whole), bool),
    )


def _dates(parts: pa.StructArray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return seconds since 1970; a time without a zone is taken as UTC."""
    names = ("year", "month", "day", "hour", "minute", "second")
    year, month, day, hour, minute, second = (_digits(parts.field(name)) for name in names)
    months = (12 * (year - 1970) + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    real = (month >= 1) & (month <= 12) & (day >= 1) & (days.astype("datetime64[M]") == months)
    real &= (hour < 24) & (minute < 60) & (second < 60)
    hours_minutes = _digits(pc.replace_substring_regex(parts.field("zone"), "[Z:+]", ""))
    ahead = np.sign(hours_minutes) * (np.abs(hours_minutes) // 100 * 60 + np.abs(hours_minutes) % 100)
    seconds = days.astype(np.int64) * 86400 + hour * 3600 + minute * 60 + second - 60 * ahead
    return seconds, _billionths(parts), real
