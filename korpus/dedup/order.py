"""Which of two documents is the better one and stays: a number for each, the smaller the better.

On a tie the document of smaller place is the better one. A reference has the number 0, which no document has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from korpus.batch import TEXT
from korpus.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Sequence

ORDER = "order"
"""The column of a sketch that holds the numbers; without it, all are alike and places decide."""

COLUMN = "column:"
KEEP = r"^(first|longest|column:.+)$"
KEEP_DESCRIPTION = (
    "Which of the duplicates stays: the first; the longest (in characters); or column:NAME, the one with the highest "
    "value in that column (a number, a date, or text that is one; without a value it counts as lowest). Of equals the "
    "first."
)

_SIGN = np.uint64(1 << 63)
_WORST = np.uint64((1 << 64) - 1)
_ISO = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?Z?)?$"
_NUMBER = r"^\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*$"


def column_of(keep: str) -> tuple[str, ...]:
    """Return the columns that a way of keeping reads."""
    if keep.startswith(COLUMN):
        return (keep.removeprefix(COLUMN),)
    return (TEXT,) if keep == "longest" else ()


def orders(table: pa.Table) -> np.ndarray:
    """Return the numbers of the rows of a sketch, as uint64."""
    return table.column(ORDER).to_numpy() if ORDER in table.schema.names else np.zeros(table.num_rows, np.uint64)


def order_column(batch: pa.RecordBatch, keep: str) -> pa.Array | None:
    """Return the numbers of the documents of a batch; None where places alone decide.

    Raises
    ------
    SchemaError
        If the column that is named has no order.
    """
    if keep == "first":
        return None
    (name,) = column_of(keep)
    values = batch.column(name)
    if keep == "longest":
        return pa.array(_WORST - pc.utf8_length(values).to_numpy().astype(np.uint64))
    ranks, known = _ranks(values, name)
    return pa.array(np.where(known, np.maximum(~ranks, np.uint64(1)), _WORST))


def ordered(schema: pa.Schema, keep: str) -> pa.Schema:
    """Return the schema of a sketch table: with the column `ORDER`, unless the first document stays."""
    return schema if keep == "first" else schema.append(pa.field(ORDER, pa.uint64()))


def _ranks(values: pa.Array, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers (uint64) that grow with the values, and which values there are."""
    kind = values.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        values = _numbers(values)
    elif pa.types.is_temporal(kind) and not pa.types.is_duration(kind):
        values = values.cast(pa.timestamp("us", getattr(kind, "tz", None))).cast(pa.int64())
    elif pa.types.is_decimal(kind) or pa.types.is_floating(kind):
        values = values.cast(pa.float64())
    elif pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        values = values.cast(pa.float64() if kind == pa.uint64() else pa.int64(), safe=False)
    else:
        raise SchemaError(f"keep: {COLUMN}{name} needs numbers, dates, or texts that are either; {name!r} is {kind}")
    known = values.is_valid().to_numpy(zero_copy_only=False)
    array = values.fill_null(0).to_numpy(zero_copy_only=False)
    if array.dtype == np.int64:
        return array.view(np.uint64) ^ _SIGN, known
    array = array + 0.0  # one zero, not two
    bits = array.view(np.uint64)
    # The bits of positive floats grow with them; those of negative ones fall.
    return np.where(bits & _SIGN, ~bits, bits | _SIGN), known & ~np.isnan(array)


def _numbers(texts: pa.Array) -> pa.Array:
    """Return texts as doubles: numbers as they are, ISO dates as seconds; null for anything else."""
    number = pc.match_substring_regex(texts, _NUMBER)
    date = pc.match_substring_regex(texts, _ISO)
    numbers = pc.cast(pc.utf8_trim_whitespace(pc.if_else(number, texts, None)), pa.float64())
    return pc.coalesce(numbers, pa.array(_seconds(pc.if_else(date, texts, None).to_pylist()), pa.float64()))


def _seconds(texts: Sequence[str | None]) -> list[float | None]:
    from datetime import datetime, timezone

    found: list[float | None] = []
    for text in texts:
        try:
            moment = text and datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=timezone.utc)
        except ValueError:  # such as the 31st of February
            moment = None
        found.append(moment.timestamp() if moment else None)
    return found
