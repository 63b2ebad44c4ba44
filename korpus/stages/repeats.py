"""The stage ``repeats``."""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np
import pyarrow as pa
from pydantic import Field, model_validator

from korpus.kernels.charset import N_CODE_POINTS, ranges_matching
from korpus.kernels.repeats import find_repeats
from korpus.stage import Edit
from korpus.stages._spans import edit_spans

# Class 0 is exempt: no run is that long.
_NEVER = np.iinfo(np.int32).max


@cache
def _classes(chars: str) -> np.ndarray:
    classes = np.zeros(N_CODE_POINTS, np.uint8)
    for first, last in ranges_matching(r"\w") if chars == "word" else [(0, N_CODE_POINTS - 1)]:
        classes[first : last + 1] = 1
    return classes


class Repeats(Edit):
    r"""Shorten long runs of one character.

    A run of at least `min_run` equal characters keeps `max_repeats` of them. ``word`` characters are what Python's
    ``\w`` matches: letters (lone jamo too), digits and ``_``. A character is a code point, so a run of emoji that are
    sequences is left alone.

    ``ㅋㅋㅋㅋㅋ 최고오오오`` → ``ㅋㅋ 최고오오``

    Source: ``repeat_normalize`` of soynlp. ``min_run: 4`` is the version on PyPI (0.0.493), ``re.sub(r"(\w)\1{3,}",
    r"\1\1", text)``; ``min_run: 3`` is the later one in its repository.
    """

    min_run: int = Field(3, ge=2, le=1_000_000, description="The shortest run that is shortened.")
    max_repeats: int = Field(2, ge=1, le=1_000_000, description="How many characters of it stay.")
    chars: Literal["word", "any"] = Field(
        "word", description="Whose runs are shortened: those of letters and digits, or of any character."
    )

    @model_validator(mode="after")
    def _shortens(self) -> Repeats:
        if self.max_repeats >= self.min_run:
            raise ValueError(f"max_repeats must be less than min_run, got {self.max_repeats} and {self.min_run}")
        return self

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts with runs shortened."""
        min_run = np.array([_NEVER, self.min_run], np.int32)
        max_repeats = np.array([0, self.max_repeats], np.int32)
        return edit_spans(texts, find_repeats, _classes(self.chars), min_run, max_repeats)
