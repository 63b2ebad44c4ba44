"""The stage `repetition`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from korpus.batch import TEXT
from korpus.kernels.units import EOJEOL, LINES, PARAGRAPHS, count_ngram_chars
from korpus.stage import Filter
from korpus.stages._units import units

if TYPE_CHECKING:
    import pyarrow as pa

_Ratio = Annotated[float, Field(ge=0, le=1)]
_N_TOP, _N_MAX = 4, 10


class Repetition(Filter):
    """Drop texts that say too much of it again: lines, paragraphs, or sequences of eojeol.

    Eight shares are measured, and the first that is over its limit is the reason:

    - ``duplicate_lines``, ``duplicate_paragraphs``: lines (paragraphs) that came before in the text, among all that
      are not blank; paragraphs are parted by blank lines;
    - ``duplicate_line_chars``, ``duplicate_paragraph_chars``: the characters of these among those of all of them;
    - ``top_ngrams``: the characters within the most frequent sequence of 2, 3 or 4 eojeol, if it occurs at least
      `min_top_repeats` times, among those of all eojeol;
    - ``duplicate_ngrams``: the characters within sequences of 5 to 10 eojeol that came before in the text.

    A first occurrence is no duplicate, and a character within several sequences counts once. Texts of fewer eojeol
    than `applies_from_eojeol` are kept: in a short comment one phrase said twice is a third of it.

    ``지금 바로 상담 지금 바로 상담 …`` (20 times) → dropped, top_ngrams

    Of 342,265 movie reviews, comments and petitions it drops 1, rightly. So that there was more to read, the petitions
    were also cut into pieces of 50 to 130 eojeol: of these and all longer texts, 9,354, it drops the same one. With the
    limits of earlier versions, a third as high, it dropped 15, of which 9 were prose that names a law or says a
    sentence twice. Of 108 lyrics, psalms, tales, laws, speeches and the like, written for this, it drops none (before
    4), of 43 spams and copied pages all.

    Source: Rae et al. (2021), *Scaling Language Models*, table A1, for what is measured, on words; 50 words is also the
    shortest document there. The limits are our own, from that reading: refrains and names of laws reach 0.4 of a text,
    and what was pasted twice is half of it. A limit of 1 never drops.
    """

    version: ClassVar[int] = 3

    reasons: ClassVar[tuple[str, ...]] = (
        "duplicate_lines",
        "duplicate_paragraphs",
        "duplicate_line_chars",
        "duplicate_paragraph_chars",
        "top_ngrams",
        "duplicate_ngrams",
    )

    max_duplicate_lines: _Ratio = Field(0.5, description="Largest share of lines that came before.")
    max_duplicate_paragraphs: _Ratio = Field(0.5, description="Largest share of paragraphs that came before.")
    max_duplicate_line_chars: _Ratio = Field(0.45, description="Largest share of characters in such lines.")
    max_duplicate_paragraph_chars: _Ratio = Field(0.45, description="Largest share of characters in such paragraphs.")
    max_top_ngrams: list[_Ratio] = Field(
        [0.35] * 3,
        min_length=3,
        max_length=3,
        description="Largest shares of characters within the most frequent sequence of 2, 3 and 4 eojeol.",
    )
    min_top_repeats: int = Field(
        10, ge=2, le=100_000, description="How often the most frequent sequence must occur to count."
    )
    max_duplicate_ngrams: list[_Ratio] = Field(
        [0.6, 0.6, 0.45, 0.45, 0.45, 0.45],
        min_length=6,
        max_length=6,
        description="Largest shares of characters within sequences of 5, 6, 7, 8, 9 and 10 eojeol that came before.",
    )
    applies_from_eojeol: int = Field(50, ge=1, le=100_000, description="Texts of fewer eojeol are kept.")

    def judge(self, batch: pa.RecordBatch) -> np.ndarray:
        """Return 0 or the number of the reason for every text."""
        texts = batch.column(TEXT)
        eojeol = units(texts, EOJEOL)
        judged = np.diff(eojeol.bounds) >= self.applies_from_eojeol
        lines, paragraphs = (units(texts, kind).repeated() for kind in (LINES, PARAGRAPHS))
        chars = np.zeros((len(texts), _N_MAX - 1), np.int64)
        count_ngram_chars(*eojeol, self.applies_from_eojeol, self.min_top_repeats, _N_TOP, _N_MAX, chars)
        n_chars = np.diff(np.concatenate(([0], eojeol.n_chars.cumsum(dtype=np.int64)))[eojeol.bounds])
        ngrams = _share(chars, n_chars[:, None]) > np.array([*self.max_top_ngrams, *self.max_duplicate_ngrams])
        over = (
            _share(lines[:, 1], lines[:, 0]) > self.max_duplicate_lines,
            _share(paragraphs[:, 1], paragraphs[:, 0]) > self.max_duplicate_paragraphs,
            _share(lines[:, 3], lines[:, 2]) > self.max_duplicate_line_chars,
            _share(paragraphs[:, 3], paragraphs[:, 2]) > self.max_duplicate_paragraph_chars,
            ngrams[:, : _N_TOP - 1].any(axis=1),
            ngrams[:, _N_TOP - 1 :].any(axis=1),
        )
        return np.select([judged & one for one in over], range(1, len(over) + 1), 0).astype(np.uint8)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return part / np.maximum(whole, 1)
