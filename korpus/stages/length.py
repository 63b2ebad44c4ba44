"""The stage ``length``."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, model_validator

from korpus.batch import TEXT, strings
from korpus.kernels.charset import matching, tally
from korpus.stage import Filter


class Length(Filter):
    """Drop texts that are too short or too long, by characters or by eojeol.

    Characters are Unicode code points, white space included. Eojeol are what white space separates, as Python's
    `str.split` does. All limits are inclusive; one that is not given does not hold. The first reason that applies is
    given, in the order ``too_short``, ``too_long``, ``too_few_eojeol``, ``too_many_eojeol``.

    ``굿`` → dropped, too_short (with ``min_chars: 11``)
    """

    reasons: ClassVar[tuple[str, ...]] = ("too_short", "too_long", "too_few_eojeol", "too_many_eojeol")

    min_chars: int | None = Field(None, ge=0, description="Fewest characters.")
    max_chars: int | None = Field(None, ge=0, description="Most characters.")
    min_eojeol: int | None = Field(None, ge=0, description="Fewest eojeol.")
    max_eojeol: int | None = Field(None, ge=0, description="Most eojeol.")

    @model_validator(mode="after")
    def _ordered(self) -> Length:
        for what in ("chars", "eojeol"):
            low, high = getattr(self, f"min_{what}"), getattr(self, f"max_{what}")
            if low is not None and high is not None and low > high:
                raise ValueError(f"min_{what} must not be more than max_{what}, got {low} and {high}")
        return self

    def judge(self, batch: pa.RecordBatch) -> np.ndarray:
        """Return 0 or the number of the reason for every text."""
        texts = batch.column(TEXT)
        verdict = np.zeros(len(texts), np.uint8)
        if self.min_chars is not None or self.max_chars is not None:
            n_chars = pc.utf8_length(texts).to_numpy(zero_copy_only=False)
            _judge(verdict, n_chars, self.min_chars, self.max_chars, 1)
        if self.min_eojeol is not None or self.max_eojeol is not None:
            counts = np.empty((len(texts), 3), np.int32)
            tally(*strings(texts), matching(r"\S"), counts)
            _judge(verdict, counts[:, 2], self.min_eojeol, self.max_eojeol, 3)
        return verdict


def _judge(verdict: np.ndarray, n: np.ndarray, low: int | None, high: int | None, code: int) -> None:
    if low is not None:
        verdict[(verdict == 0) & (n < low)] = code
    if high is not None:
        verdict[(verdict == 0) & (n > high)] = code + 1
