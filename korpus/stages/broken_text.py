"""The stage `broken_text`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import Field

from korpus.batch import TEXT
from korpus.hangul.mojibake import SUSPECTS, is_broken, n_lost
from korpus.kernels.charset import matching
from korpus.stage import Filter
from korpus.stages._marked import marked
from korpus.stages._rows import row_texts

if TYPE_CHECKING:
    import pyarrow as pa


class BrokenText(Filter):
    """Drop texts that were damaged by a wrong encoding.

    `mojibake`: UTF-8 or EUC-KR was read as another encoding, and what is left cannot be repaired for certain; run the
    edit ``mojibake`` before it. `replacement_characters`: too large a share of the characters is U+FFFD, which stands
    where a decoder found no valid character, or what that became when it was misread itself (``占쏙옙``, ``ï¿½``).

    ``ì•ˆë…?í•˜ì„¸ìš” → dropped, mojibake``

    Texts without the letters that give it away are passed over at more than 1 GB/s.
    """

    version: ClassVar[int] = 3

    reasons: ClassVar[tuple[str, ...]] = ("mojibake", "replacement_characters")

    max_replacement_ratio: float = Field(
        0.02, ge=0, le=1, description="Largest share of U+FFFD among the characters of a text."
    )

    def judge(self, batch: pa.RecordBatch) -> np.ndarray:
        """Return 0 or the number of the reason for every text."""
        texts = batch.column(TEXT)
        verdict = np.zeros(len(texts), np.uint8)
        rows = np.flatnonzero(marked(texts, matching(SUSPECTS)))
        for row, text in zip(rows, row_texts(texts, rows)):
            if is_broken(text):
                verdict[row] = 1
            elif n_lost(text) > self.max_replacement_ratio * len(text):
                verdict[row] = 2
        return verdict
