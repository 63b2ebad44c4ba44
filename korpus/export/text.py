"""The format ``text``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from korpus.batch import TEXT
from korpus.export._format import Lines

if TYPE_CHECKING:
    import pyarrow as pa


class Text(Lines):
    """A document a line; a line break within a document becomes a space."""

    suffix: ClassVar[str] = ".txt"

    def encode(self, batch: pa.RecordBatch) -> bytes:
        """Return the texts."""
        return "".join(f"{' '.join(text.splitlines())}\n" for text in batch.column(TEXT).to_pylist()).encode()
