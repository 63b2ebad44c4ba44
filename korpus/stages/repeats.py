"""The stage ``repeats``."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Annotated, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field, model_validator

from korpus.hangul.ranges import COMPAT_JAMO, SYLLABLES
from korpus.kernels.charset import N_CODE_POINTS, bitmap, ranges_matching
from korpus.kernels.repeats import find_repeats
from korpus.stage import Edit
from korpus.stages._marked import edit_marked
from korpus.stages._spans import edit_spans

# Class 0 is exempt: no run is that long.
_NEVER = np.iinfo(np.int32).max


@cache
def _classes(chars: str) -> np.ndarray:
    classes = np.zeros(N_CODE_POINTS, np.uint8)
    for first, last in ranges_matching(r"\w") if chars == "word" else [(0, N_CODE_POINTS - 1)]:
        classes[first : last + 1] = 1
    return classes


# What makes several code points one emoji: styles, skin tones, joiners, keycaps, pairs of letters that are a flag.
_STYLES, _TONES, _LETTERS = "\ufe0e\ufe0f", "\U0001f3fb-\U0001f3ff", "\U0001f1e6-\U0001f1ff"
_PICTURE = f"[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001faff][{_STYLES}]?[{_TONES}]?"
_SEQUENCE = f"{_PICTURE}(?:\u200d{_PICTURE})*|[{_LETTERS}]{{2}}|[#*0-9]\ufe0f?\u20e3"

KINDS = ("jamo", "syllables", "punctuation", "emoji")


@cache
def _kinds() -> np.ndarray:
    """Return the number of the kind of each code point, from 1 on in the order of `KINDS`; 0 for all others."""
    from emoji import EMOJI_DATA

    kinds = np.zeros(N_CODE_POINTS, np.uint8)
    for code in range(0x20000):  # no punctuation and no symbol lies above
        if unicodedata.category(chr(code))[0] in "PS":
            kinds[code] = 3
    kinds[[ord(sequence) for sequence in EMOJI_DATA if len(sequence) == 1]] = 4
    kinds[0x1F1E6:0x1F200] = kinds[0x1F3FB:0x1F400] = 0  # flags and skin tones are parts
    for number, ranges in ((1, COMPAT_JAMO), (2, [SYLLABLES])):
        for first, last in ranges:
            kinds[first : last + 1] = number
    return kinds


@cache
def _parts() -> np.ndarray:
    return bitmap(ranges_matching(f"[{_STYLES}{_TONES}{_LETTERS}\u200d\u20e3]"))


@cache
def _sequences(limit: int) -> re.Pattern[str]:
    return re.compile(f"({_SEQUENCE})\\1{{{limit},}}")


class Repeats(Edit):
    r"""Shorten long runs of one character.

    A run of at least `min_run` equal characters keeps `max_repeats` of them. ``word`` characters are what Python's
    ``\w`` matches: letters (lone jamo too), digits and ``_``. A character is a code point, so a run of emoji that are
    sequences is left alone.

    With `limits` each kind of character has a limit of its own, and the other options are not used: lone ``jamo``,
    ``syllables``, ``punctuation`` (Unicode's punctuation and symbols) and ``emoji`` (sequences too). A longer run is
    shortened to the limit; a kind that is not named, digits, Latin and other letters are left alone.

    ``ㅋㅋㅋㅋㅋ 최고오오오`` → ``ㅋㅋ 최고오오``; with ``limits: {jamo: 2, punctuation: 3}``:
    ``ㅋㅋㅋㅋ www 2000000원.....`` → ``ㅋㅋ www 2000000원...``

    Source: ``repeat_normalize`` of soynlp. ``min_run: 4`` is the version on PyPI (0.0.493), ``re.sub(r"(\w)\1{3,}",
    r"\1\1", text)``; ``min_run: 3`` is the later one in its repository.
    """

    min_run: int = Field(3, ge=2, le=1_000_000, description="The shortest run that is shortened.")
    max_repeats: int = Field(2, ge=1, le=1_000_000, description="How many characters of it stay.")
    chars: Literal["word", "any"] = Field(
        "word", description="Whose runs are shortened: those of letters and digits, or of any character."
    )

    limits: dict[Literal["jamo", "syllables", "punctuation", "emoji"], Annotated[int, Field(ge=1, le=1_000_000)]] = (
        Field({}, description="How many characters stay of a longer run, by kind; instead of the other options.")
    )

    @model_validator(mode="after")
    def _shortens(self) -> Repeats:
        if self.max_repeats >= self.min_run:
            raise ValueError(f"max_repeats must be less than min_run, got {self.max_repeats} and {self.min_run}")
        return self

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts with runs shortened."""
        if self.limits:
            return self._apply_limits(texts)
        min_run = np.array([_NEVER, self.min_run], np.int32)
        max_repeats = np.array([0, self.max_repeats], np.int32)
        return edit_spans(texts, find_repeats, _classes(self.chars), min_run, max_repeats)

    def _apply_limits(self, texts: pa.StringArray) -> pa.StringArray:
        keep = np.array([0, *(self.limits.get(kind, _NEVER - 1) for kind in KINDS)], np.int32)
        min_run = keep + np.int32(1)
        min_run[0] = _NEVER
        texts = edit_spans(texts, find_repeats, _kinds(), min_run, keep)
        if "emoji" not in self.limits:
            return texts
        limit = self.limits["emoji"]
        return edit_marked(texts, _parts(), lambda text: _sequences(limit).sub(lambda match: match[1] * limit, text))
