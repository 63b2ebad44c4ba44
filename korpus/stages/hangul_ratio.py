"""The stage ``hangul_ratio``."""

from __future__ import annotations

from functools import cache
from typing import ClassVar

import numpy as np
import pyarrow as pa
from pydantic import Field, model_validator

from korpus.batch import TEXT, strings
from korpus.hangul.ranges import HANGUL
from korpus.kernels.charset import bitmap, matching, tally
from korpus.stage import Filter


@cache
def _hangul() -> np.ndarray:
    return bitmap(HANGUL)


class HangulRatio(Filter):
    """Drop texts of which too small, or too large, a share is Hangul.

    The share is that of Hangul characters (syllables, and letters of all kinds, lone or conjoining) among all
    characters that are not white space; 0 for a text without any. Run ``nfc`` before it: a decomposed syllable counts
    as two or three characters. Limits are inclusive.

    ``OMG this is 굿`` → dropped, too_little_hangul (1 of 10)

    Source: the Unicode script property Hangul, less the blank fillers; see ``korpus/hangul/ranges.py``.
    """

    reasons: ClassVar[tuple[str, ...]] = ("too_little_hangul", "too_much_hangul")

    min_ratio: float = Field(0.5, ge=0, le=1, description="Smallest share of Hangul.")
    max_ratio: float | None = Field(None, ge=0, le=1, description="Largest share of Hangul.")

    @model_validator(mode="after")
    def _ordered(self) -> HangulRatio:
        if self.max_ratio is not None and self.min_ratio > self.max_ratio:
            raise ValueError(f"min_ratio must not be more than max_ratio, got {self.min_ratio} and {self.max_ratio}")
        return self

    def judge(self, batch: pa.RecordBatch) -> np.ndarray:
        """Return 0 or the number of the reason for every text."""
        offsets, data = strings(batch.column(TEXT))
        visible = np.empty((batch.num_rows, 3), np.int32)
        tally(offsets, data, matching(r"\S"), visible)
        hangul = np.empty((batch.num_rows, 3), np.int32)
        tally(offsets, data, _hangul(), hangul)
        ratio = hangul[:, 1] / np.maximum(visible[:, 1], 1)
        verdict = (ratio < self.min_ratio).astype(np.uint8)
        if self.max_ratio is not None:
            verdict[ratio > self.max_ratio] = 2
        return verdict
