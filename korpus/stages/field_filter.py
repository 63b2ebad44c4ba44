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


class FieldFilter(Filter):
    """Drop documents by the value of a column, such as a namespace, a language or a licence.

    With `keep` a document stays if the column holds one of these values, with `drop` if it holds none of them; exactly
    one of the two is given. Values are taken as the column's type has them: ``0`` is the number in a column of numbers
    and the character in one of strings, ``2024-01-31`` a day in one of dates; ``null`` is a value that is missing. One
    that the column cannot hold is an error. Columns of lists and objects have no values to compare.

    With ``field: namespace, keep: [0]``: ``namespace = 14 → dropped (not_kept)``
    """

    reasons: ClassVar[tuple[str, ...]] = ("not_kept", "dropped")

    field: str = Field(min_length=1, description="The column whose value decides.")
    keep: list[Value] | None = Field(None, min_length=1, description="The values whose documents stay.")
    drop: list[Value] | None = Field(None, min_length=1, description="The values whose documents go.")

    @model_validator(mode="after")
    def _one_list(self) -> FieldFilter:
        if (self.keep is None) == (self.drop is None):
            raise ValueError(f"exactly one of keep and drop must be given, got {'both' if self.keep else 'neither'}")
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
        found = np.asarray(pc.is_in(column, value_set=self._values(column.type)))
        drop = found * 2 if self.keep is None else ~found
        return drop.astype(np.uint8)

    def _values(self, kind: pa.DataType) -> pa.Array:
        option = "drop" if self.keep is None else "keep"
        values = []
        for value in getattr(self, option):
            written = str(value).lower() if isinstance(value, bool) else value if value is None else str(value)
            try:
                values.append(pa.array([written], pa.string()).cast(kind))
            except pa.ArrowNotImplementedError:
                raise SchemaError(
                    f"field_filter.field must name a column of single values; {self.field} holds {kind}"
                ) from None
            except pa.ArrowInvalid:
                raise SchemaError(
                    f"field_filter.{option} has {value!r}, which the column {self.field} ({kind}) cannot hold"
                ) from None
        return pa.concat_arrays(values)
