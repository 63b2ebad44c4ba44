"""The stage ``hangul_ratio``."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field, model_validator

from korpus.batch import TEXT, Strings, strings
from korpus.hangul.ranges import HANGUL
from korpus.kernels.charset import N_CODE_POINTS, bitmap, matching, tally, tally_letters
from korpus.stage import Filter


@cache
def _hangul() -> np.ndarray:
    return bitmap(HANGUL)


@cache
def _letters() -> np.ndarray:
    return bitmap((code, code) for code in range(N_CODE_POINTS) if unicodedata.category(chr(code))[0] == "L")


class HangulRatio(Filter):
    """Drop texts of which too small, or too large, a share is Hangul.

    The share is that of Hangul among the letters of a text; 0 for a text without any. Digits, punctuation, symbols and
    emoji speak neither for nor against it. A syllable counts as the two or three letters that it is made of, composed
    or not, so that ``radiohead의 creep`` is not judged by how long foreign words are. With ``of: characters`` the share
    is that of Hangul characters among all that are not white space, as in earlier versions. Limits are inclusive.

    ``OMG this is 굿`` → dropped, too_little_hangul with ``min_ratio: 0.3`` (3 of 12)

    Of 342,265 movie reviews, comments and petitions it drops 2,715, 665 of them without any letter. Of the others 60
    were drawn from those of 11 characters or more and read: all were foreign or noise, as were 156 of 156 drawn from
    all. Between 0.2 and 0.33 lie 53 more, of which 16 were Korean. Of 102 Korean texts of many kinds, written for this
    (formulas, code, English names, lessons of Japanese), none is dropped, of 40 foreign ones and noise 36.

    Source: the Unicode script property Hangul, less the blank fillers (see ``korpus/hangul/ranges.py``), and the
    general category L; the default is our own, from that reading.
    """

    version: ClassVar[int] = 2
    reasons: ClassVar[tuple[str, ...]] = ("too_little_hangul", "too_much_hangul")

    min_ratio: float = Field(0.2, ge=0, le=1, description="Smallest share of Hangul.")
    max_ratio: float | None = Field(None, ge=0, le=1, description="Largest share of Hangul.")

    of: Literal["letters", "characters"] = Field(
        "letters", description="Among what: the letters of a text, or all its characters but white space."
    )

    @model_validator(mode="after")
    def _ordered(self) -> HangulRatio:
        if self.max_ratio is not None and self.min_ratio > self.max_ratio:
            raise ValueError(f"min_ratio must not be more than max_ratio, got {self.min_ratio} and {self.max_ratio}")
        return self

    def judge(self, batch: pa.RecordBatch) -> np.ndarray:
        """Return 0 or the number of the reason for every text."""
        ratio = self._ratio(strings(batch.column(TEXT)))
        verdict = (ratio < self.min_ratio).astype(np.uint8)
        if self.max_ratio is not None:
            verdict[ratio > self.max_ratio] = 2
        return verdict

    def _ratio(self, texts: Strings) -> np.ndarray:
        n_rows = len(texts.offsets) - 1
        if self.of == "letters":
            letters = np.empty((n_rows, 2), np.int32)
            tally_letters(*texts, _letters(), _hangul(), letters)
            return letters[:, 1] / np.maximum(letters[:, 0], 1)
        visible, hangul = np.empty((2, n_rows, 3), np.int32)
        tally(*texts, matching(r"\S"), visible)
        tally(*texts, _hangul(), hangul)
        return hangul[:, 1] / np.maximum(visible[:, 1], 1)
