"""The format ``jsonl``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from korpus.export._format import Lines
from korpus.report.as_json import plain

if TYPE_CHECKING:
    import pyarrow as pa


class JsonLines(Lines):
    """A JSON object a line, with all columns."""

    suffix: ClassVar[str] = ".jsonl"

    def encode(self, batch: pa.RecordBatch) -> bytes:
        """Return the rows; what JSON has no type for is text, and a number that it has not is null."""
        return "".join(f"{_json(row)}\n" for row in batch.to_pylist()).encode()


def _json(row: dict[str, Any]) -> str:
    try:
        return json.dumps(row, ensure_ascii=False, default=str, allow_nan=False)
    except ValueError:
        return json.dumps(plain(row), ensure_ascii=False, default=str, allow_nan=False)
