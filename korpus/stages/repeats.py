"""The stage ``repeats``."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field, model_validator

from korpus.batch import string_array, strings
from korpus.hangul.ranges import COMPAT_JAMO, INITIALS, SYLLABLES
from korpus.kernels.charset import N_CODE_POINTS, ranges_matching
from korpus.kernels.repeats import find_repeats
from korpus.kernels.utf8 import find_spans, splice
from korpus.stage import NUMBERS, Edit
from korpus.stages._cycles import CYCLES, shorten_cycles
from korpus.stages._rows import edit_rows, rows_holding
from korpus.stages._spans import edit_spans

if TYPE_CHECKING:
    from korpus.batch import Strings

# Class 0 is exempt: no run is that long.
_NEVER = np.iinfo(np.int32).max

_RANGES = {"word": r"\w", "digits": r"\d", "any": r"(?s:.)"}


@cache
def _classes(chars: str) -> np.ndarray:
    classes = np.zeros(N_CODE_POINTS, np.uint8)
    for first, last in ranges_matching(_RANGES[chars]):
        classes[first : last + 1] = 1
    return classes


# What makes several code points one emoji: styles, skin tones, joiners, pairs of letters that are a flag. A keycap is a
# digit, and no number is shortened.
_STYLES, _TONES, _LETTERS = "\ufe0e\ufe0f", "\U0001f3fb-\U0001f3ff", "\U0001f1e6-\U0001f1ff"
_PARTS = f"[{_STYLES}{_TONES}\u200d{_LETTERS}]"
_PICTURE = "[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001faff]"
_BEGINS_OF_PARTS = (b"\xf0\x9f", b"\xef\xb8")  # in UTF-8; nothing that only joins two signs is an emoji
_MORE = f"[{_STYLES}]?[{_TONES}]?"
_SEQUENCE = f"{_PICTURE}(?={_PARTS}){_MORE}(?:\u200d{_PICTURE}{_MORE})*|[{_LETTERS}]{{2}}"

Kind = Literal["jamo", "syllables", "punctuation", "emoji", "pairs", "words"]
KINDS: tuple[Kind, ...] = ("jamo", "syllables", "punctuation", "emoji")
LIMITS: dict[Kind, int] = {"jamo": 2, "syllables": 3, "punctuation": 3, "emoji": 2, "pairs": 1, "words": 3}
# Parts of the kinds of which more may stand: the number of characters that stay beyond the limit, or in all.
_NAMED, _CALM, _MASKS, _STARS = range(len(KINDS) + 1, len(KINDS) + 5)
_LONGEST_MASK, _LONGEST_RATING = 20, 5
_JAMO_LEAD = 0xE3
_CONSONANTS = frozenset(map(str.encode, "ㄱㄲㄳㄴㄵㄶㄷㄸㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅃㅄㅅㅆㅇㅈㅉㅊㅌㅍ"))


@cache
def _kinds() -> np.ndarray:
    """Return the number of the class of each code point: 1 and on in the order of `KINDS`, then parts; else 0."""
    from emoji import EMOJI_DATA

    kinds = np.zeros(N_CODE_POINTS, np.uint8)
    for code in range(0x20000):  # no punctuation and no symbol lies above
        if unicodedata.category(chr(code))[0] in "PS":
            kinds[code] = 3
    kinds[[ord(sequence) for sequence in EMOJI_DATA if len(sequence) == 1]] = 4
    kinds[list(map(ord, "♡❥"))] = 4
    kinds[0x1F1E6:0x1F200] = kinds[0x1F3FB:0x1F400] = 0  # flags and skin tones are parts
    for number, ranges in ((1, COMPAT_JAMO), (2, [SYLLABLES])):
        for first, last in ranges:
            kinds[first : last + 1] = number
    # What draws out a vowel or a laugh begins with ㅇ or ㅎ; four of another syllable may be a name (뜨뜨뜨뜨).
    initials = np.arange(SYLLABLES[1] + 1 - SYLLABLES[0]) // 588
    calm = ~np.isin(initials, [INITIALS.index("ㅇ"), INITIALS.index("ㅎ")])
    kinds[SYLLABLES[0] : SYLLABLES[1] + 1][calm] = _CALM
    for number, chars in (
        (KINDS.index("punctuation") + 1, "ㆍᆞᆢ"),
        (_NAMED, "ㅇ"),
        (_MASKS, "*＊○●◯〇□■△◇▽"),
        (_STARS, "★☆"),
    ):
        kinds[list(map(ord, chars))] = number
    return kinds


def _thresholds(limits: dict[Kind, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return for each class of `_kinds` the shortest run that is shortened, and what stays of it."""
    jamo, syllables, punctuation, emoji = (limits.get(kind, _NEVER - 2) for kind in KINDS)
    keep = [0, jamo, syllables, punctuation, emoji, jamo, syllables, punctuation, punctuation]
    shortest = [_NEVER, jamo + 1, syllables + 1, punctuation + 1, emoji + 1, jamo + 2, syllables + 2]
    shortest += [max(punctuation, _LONGEST_MASK) + 1, max(punctuation, _LONGEST_RATING) + 1]
    return np.array(shortest, np.int32), np.array(keep, np.int32)


def _abbreviates(view: Strings, spans: np.ndarray, limit: int) -> np.ndarray:
    """Tell which spans are of three equal consonants before another one (ㅂㅂㅂㄱ); laughter is none."""
    start, end = spans[:, 0], spans[:, 1]
    three = (end - start == 3 * (3 - limit)) & (view.data[start] == _JAMO_LEAD)
    three[three] = view.data[np.minimum(end[three], len(view.data) - 1)] == _JAMO_LEAD
    for i in np.flatnonzero(three):
        row_end = view.offsets[np.searchsorted(view.offsets, start[i], "right")]
        letters = (view.data[at : at + 3].tobytes() in _CONSONANTS for at in (start[i], end[i]))
        three[i] = end[i] < row_end and all(letters)
    return three


@cache
def _sequences(limit: int) -> re.Pattern[str]:
    return re.compile(f"({_SEQUENCE})\\1{{{limit},}}")


class Repeats(Edit):
    r"""Shorten what is said again and again: runs of one character, marks in turn, a word over and over.

    Each kind has a limit in `limits`, how much stays of more; a kind that is not named is left alone:

    - ``jamo``: one lone letter (``ㅋㅋㅋㅋ``). Three ``ㅇ`` stand for a name (``ㅇㅇㅇ씨``), and three letters before
      another one are an abbreviation (``ㅂㅂㅂㄱ``): they stay.
    - ``syllables``: one syllable (``와아아아``). Four that begin with neither ㅇ nor ㅎ may be a name (``뜨뜨뜨뜨``)
      and stay; of more the limit stays.
    - ``punctuation``: one of Unicode's punctuation and symbols. Up to 20 of ``* ○ ● □ ■ △ ◇`` hide as many characters
      (``010-****-****``), and up to five stars are a rating: they stay. Spaced dots (``. . .``) are joined.
    - ``emoji``: one emoji, or one sequence of them.
    - ``pairs``: two different marks, lone consonants or emoji in turn, three times or more (``!?!?!?``, ``☆★☆★☆★``).
    - ``words``: two to four syllables (``최고최고최고최고``), or a word of up to three with spaces between; what comes
      only twice stays in any case.

    Digits, Latin and other letters are never shortened.

    ``ㅋㅋㅋㅋ www 2000000원..... 최고최고최고최고`` → ``ㅋㅋ www 2000000원... 최고최고최고``

    With `min_run` the stage does what published cleaning functions do instead, and `limits` is not used: a run of at
    least `min_run` equal characters keeps `max_repeats` of them. ``word`` characters are what Python's ``\w`` matches:
    letters (lone jamo too), ``_``, and **digits: 10000원 becomes 100원**. In how many documents that changes a number,
    `korpus check` and the report say (``numbers``). A character is a code point, so a run of emoji that are sequences
    is left alone.

    Source: the limits are our own, from reading runs in movie reviews, comments and petitions. `min_run` is
    ``repeat_normalize`` of soynlp: 4 is the version on PyPI (0.0.493), ``re.sub(r"(\w)\1{3,}", r"\1\1", text)``; 3 is
    the later one in its repository.
    """

    version: ClassVar[int] = 3

    limits: dict[Kind, Annotated[int, Field(ge=1, le=1_000_000)]] = Field(
        LIMITS, description="How much stays, by kind; not used with min_run."
    )
    min_run: int | None = Field(
        None,
        ge=2,
        le=1_000_000,
        description="The shortest run that is shortened, as published functions do it, digits too.",
    )
    max_repeats: int = Field(2, ge=1, le=1_000_000, description="How many characters of such a run stay.")
    chars: Literal["word", "any"] = Field(
        "word", description="Whose runs min_run shortens: those of letters and digits, or of any character."
    )

    @model_validator(mode="before")
    @classmethod
    def _one_way(cls, options: Any) -> Any:
        if isinstance(options, dict) and options.get("min_run") is not None and "limits" not in options:
            return {**options, "limits": {}}
        return options

    @model_validator(mode="after")
    def _shortens(self) -> Repeats:
        if self.min_run is None:
            if not self.limits:
                raise ValueError("needs limits, or min_run")
            if self.max_repeats != 2 or self.chars != "word":
                raise ValueError("max_repeats and chars go with min_run; without it, limits says what stays")
        elif self.limits:
            raise ValueError("takes limits or min_run, not both")
        elif self.max_repeats >= self.min_run:
            raise ValueError(f"max_repeats must be less than min_run, got {self.max_repeats} and {self.min_run}")
        return self

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts with what is said again shortened."""
        if self.min_run is None:
            return self._apply_limits(texts)
        return edit_spans(texts, find_repeats, _classes(self.chars), *self._published_limits())

    def _published_limits(self) -> tuple[np.ndarray, np.ndarray]:
        return np.array([_NEVER, self.min_run], np.int32), np.array([0, self.max_repeats], np.int32)

    def tally(self, texts: pa.StringArray) -> dict[str, int]:
        """Return in how many of these texts `apply` changes a number."""
        if self.min_run is None:
            return {}
        view = strings(texts)
        spans = find_spans(find_repeats, *view, _classes("digits"), *self._published_limits())
        n = len(np.unique(np.searchsorted(view.offsets, spans[:, 0], "right")))
        return {NUMBERS: n} if n else {}

    def _apply_limits(self, texts: pa.StringArray) -> pa.StringArray:
        view = strings(texts)
        spans = find_spans(find_repeats, *view, _kinds(), *_thresholds(self.limits))
        spans = spans[~_abbreviates(view, spans, self.limits.get("jamo", 3))]
        if len(spans):
            texts = string_array(*splice(*view, spans))
        if "emoji" in self.limits:
            limit = self.limits["emoji"]
            rows = np.union1d(*(rows_holding(texts, begin) for begin in _BEGINS_OF_PARTS))
            texts = edit_rows(texts, rows, lambda text: _sequences(limit).sub(lambda match: match[1] * limit, text))
        cycles: dict[str, int] = {name: limit for name, limit in self.limits.items() if name in CYCLES}
        if "punctuation" in self.limits:
            cycles["dots"] = self.limits["punctuation"]
        return shorten_cycles(texts, cycles) if cycles else texts
