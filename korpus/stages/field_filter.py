"""The stage `field_filter`."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, model_validator

from korpus.batch import TEXT, require_columns
from korpus.errors import SchemaError
from korpus.stage import Filter

Value = bool | Annotated[int, Field(ge=-(1 << 63), le=(1 << 63) - 1)] | str | None

_KINDS = (
    (bool, pa.types.is_boolean, "true or false"),
    (int, pa.types.is_integer, "whole numbers"),
    (str, lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind), "strings"),
)


class FieldFilter(Filter):
    """Drop documents by the value of a column: a namespace, a language, a licence.

    With `keep` a document stays if the column holds one of these values, with `drop` if it holds none of them; exactly
    one of the two is given. Values are compared as they are: ``0`` is for a column of whole numbers, ``"0"`` for one
    of strings, ``true`` for one of booleans, and ``null`` for a missing value in any column. A value that the column
    cannot hold is an error, not a value that never occurs.

    With ``field: namespace, keep: [0]``: ``namespace = 14 → dropped (not_kept)``
    """

    reasons: ClassVar[tuple[str, ...]] = ("not_kept", "dropped")

    field: str = Field(min_length=1, description="The column whose value decides.")
    keep: list[Value] | None = Field(None, min_length=1, description="The values whose documents stay.")
    drop: list[Value] | None = Field(None, min_length=1, description="The values whose documents go.")

    @model_validator(mode="after")
    def _one_list(self) -> FieldFilter:
        if (self.keep is None) == (self.drop is None):
            raise ValueError(f"exactly one of keep and drop must be given, got {'neither' if not self.keep else 'both'}")
        return self

    def reads(self) -> tuple[str, ...]:
        """Return the text column and the one whose value decides."""
        return TEXT, self.field

    def judge(self, batch: pa.RecordBatch) -> np.ndarray:
        """Return 1 for a document dropped as not_kept, 2 for one dropped as dropped, else 0."""
        require_columns(batch.schema, (self.field,), "field_filter.field")
        column = batch.column(self.field)
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        values = self.drop if self.keep is None else self.keep
        found = np.asarray(pc.is_in(column, value_set=pa.array(self._fitting(values, column.type), column.type)))
        return np.where(found, 0, 1).astype(np.uint8) if self.keep is not None else np.where(found, 2, 0).astype(np.uint8)

    def _fitting(self, values: list, kind: pa.DataType) -> list:
        option = "keep" if self.drop is None else "drop"
        known = [(python, what) for python, is_kind, what in _KINDS if is_kind(kind)]
        if not known:
            raise SchemaError(
                f"field_filter.field must name a column of strings, whole numbers or booleans; {self.field} is {kind}"
            )
        for value in values:
            if value is not None and type(value) is not known[0][0]:
                hint = f"; write {str(value)!r}" if known[0][0] is str and not isinstance(value, bool) else ""
                raise SchemaError(
                    f"field_filter.{option} holds {value!r}, but the column {self.field} holds {known[0][1]}{hint}"
                )
        try:
            pa.array(values, kind)
        except (pa.ArrowInvalid, OverflowError) as error:
            raise SchemaError(f"field_filter.{option}: the column {self.field} is {kind}: {error}") from None
        return values
