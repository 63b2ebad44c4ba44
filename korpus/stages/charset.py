"""The stage ``charset``."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import numpy as np
import pyarrow as pa
from pydantic import Field, field_validator, model_validator

from korpus.errors import did_you_mean
from korpus.hangul.charsets import PRESETS
from korpus.hangul.charsets import ranges as preset_ranges
from korpus.hangul.ranges import parse_range
from korpus.kernels.charset import PLAIN, bitmap, find_outside
from korpus.kernels.utf8 import NOTHING
from korpus.stage import Edit
from korpus.stages._spans import edit_spans


@lru_cache(maxsize=16)
def _allowed(preset: str | None, ranges: tuple[str, ...]) -> tuple[np.ndarray, bool]:
    words = bitmap([*(preset_ranges(preset) if preset else ()), *map(parse_range, ranges)])
    plain = bitmap(PLAIN)
    return words, bool((words & plain == plain).all())


class Charset(Edit):
    r"""Allow only some characters; every run of others becomes one space.

    What is allowed is a preset, a list of ranges, or both together:

    - ``kcelectra``: ASCII, ``％·∼``, lone jamo ㄱ to ㅣ, syllables 가 to 힣. The pattern published with KcELECTRA,
      ``[^ .,?!/@$%~％·∼()\x00-\x7Fㄱ-ㅣ가-힣]+``.
    - ``kcbert``: that, and every character that occurs in an emoji: the pattern before 2022, with which KcBERT was
      trained. Which emoji there are depends on the installed ``emoji`` library.
    - ``hangul``: every Hangul letter, and white space; nothing else.
    - ``korean``: what Korean is written with: Hangul, Hanja, accented Latin, Greek, digits, and the punctuation, units
      and symbols that Korean keyboards and word processors offer. No controls, other scripts or emoji.
    - ``web``: that, and the kana, Cyrillic letters and emoji of posts.

    A character that is not allowed may have had a particle (``‘행복’을``), which then stands alone. Run ``nfc`` before
    it, since decomposed Hangul is outside most sets, and ``symbols``, which writes what is rare in a common way.

    ``좋아요♥♥ 最高`` → ``좋아요   `` (with ``kcelectra``)
    """

    version: ClassVar[int] = 3

    preset: str | None = Field(None, description=f"A named set: {', '.join(PRESETS)}.")
    ranges: list[str] = Field(
        [],
        max_length=1000,
        description="Characters that are allowed besides: each a character or a range, such as 가-힣 or U+AC00-U+D7A3.",
    )
    replacement: str = Field(
        " ", max_length=1, description="What a run of other characters becomes: an ASCII character, or nothing."
    )

    @field_validator("preset")
    @classmethod
    def _known(cls, preset: str | None) -> str | None:
        if preset is not None and preset not in PRESETS:
            raise ValueError(f"must be one of {', '.join(PRESETS)}, got {preset!r}{did_you_mean(preset, PRESETS)}")
        return preset

    @field_validator("ranges")
    @classmethod
    def _readable(cls, ranges: list[str]) -> list[str]:
        for text in ranges:
            parse_range(text)
        return ranges

    @field_validator("replacement")
    @classmethod
    def _ascii(cls, replacement: str) -> str:
        if not replacement.isascii():
            raise ValueError(f"must be an ASCII character or nothing, got {replacement!r}")
        return replacement

    @model_validator(mode="after")
    def _allows_something(self) -> Charset:
        if self.preset is None and not self.ranges:
            raise ValueError("needs a preset, or ranges, or both")
        return self

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts with every run of other characters replaced."""
        words, skip_plain = _allowed(self.preset, tuple(self.ranges))
        fill = ord(self.replacement) if self.replacement else NOTHING
        return edit_spans(texts, find_outside, words, skip_plain, fill)
