"""The stage `blocklist`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import Field

from korpus.batch import TEXT
from korpus.stage import Filter
from korpus.stages._blocklist import Exceptions, Matcher, Particles, Words
from korpus.stages._rows import row_texts

if TYPE_CHECKING:
    import pyarrow as pa


class Blocklist(Filter):
    """Drop documents that hold words of a list.

    A word counts where it begins an eojeol and nothing but a particle, a form of 이다 or the plural 들 follows it in
    the eojeol: ``바보`` is found in ``바보들은`` and in ``바보ㅋㅋ``, not in ``바보상자`` and not in ``왕바보``. Latin
    letters match in either case. An exception is a word or a phrase in which a word does not count, such as
    ``바보 온달``.

    With ``words: [바보]``: ``너는 바보다`` → dropped, blocked

    korpus comes without a list: which words a corpus must not hold is for its makers to say, and to answer for. The
    recipe keeps the content of a file. ``blocklist_mask`` masks the words instead of dropping the document.
    """

    reasons: ClassVar[tuple[str, ...]] = ("blocked",)

    words: Words
    exceptions: Exceptions = []
    particles: Particles = True
    min_hits: int = Field(1, ge=1, le=1000, description="Fewest words, repeated ones too, that drop a document.")

    def judge(self, batch: pa.RecordBatch) -> np.ndarray:
        """Return 1 for a document that is dropped, else 0."""
        texts = batch.column(TEXT)
        matcher = Matcher(self.words, self.exceptions, self.particles)
        verdict, rows = np.zeros(len(texts), np.uint8), np.flatnonzero(matcher.rows(texts))
        for row, text in zip(rows.tolist(), row_texts(texts, rows)):
            verdict[row] = sum(1 for _ in matcher.find(text)) >= self.min_hits
        return verdict
