"""The format ``bert``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from korpus.batch import TEXT
from korpus.export._format import Lines
from korpus.sentences import split_sentences

if TYPE_CHECKING:
    import pyarrow as pa


class Bert(Lines):
    """A sentence a line, and a blank line after each document."""

    suffix: ClassVar[str] = ".txt"

    def encode(self, batch: pa.RecordBatch) -> bytes:
        """Return the sentences of the texts."""
        documents = split_sentences(batch.column(TEXT)).to_pylist()
        return "".join("".join(f"{sentence}\n" for sentence in sentences) + "\n" for sentences in documents).encode()
