"""The stage `emoticons`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from korpus.hangul.ranges import FAMILIES, INITIALS, SYLLABLES
from korpus.kernels.emoticons import find_emoticons
from korpus.stage import Edit
from korpus.stages._spans import edit_spans_and_rows

if TYPE_CHECKING:
    import pyarrow as pa

# Conjoining jamo that are no part of a syllable, as NFKC leaves them, and what they are.
_LONE = re.compile(
    "[\u110f\u1112](?![\u1160-\u11a7])|(?<![\u1100-\u115f\ua960-\ua97c])[\u116e\u1172](?![\u11a8-\u11ff])"
)
_CONJOINING = "\u110f\u1112\u116e\u1172"
_TYPED = str.maketrans(_CONJOINING, "ㅋㅎㅜㅠ")
_SPACED = re.compile("[ㅋㅎ]+(?: [ㅋㅎ]+){2,}|[ㅠㅜ]+(?: [ㅠㅜ]+){2,}")
# Keys beside those of the letters; not what means something of its own: ㄱㄱ, ㅇㅇ, ㄴㄴ, ㅇㅈ.
_SLIP = re.compile("(?<=[ㅋㅎ]{2})(?:[ㅌㅊ]{1,2}|[ㅁㄴㄱㄹ])(?=[ㅋㅎ]{2})|(?<=[ㅠㅜ]{2})[ㅡㅗㅓㅏ](?=[ㅠㅜ]{2})")
_IN_TURN = re.compile("([ㅋㅎ]{1,2}[ㅠㅜ]{1,2}|[ㅠㅜ]{1,2}[ㅋㅎ]{1,2})\\1+")
_JOINED = re.compile("(?<=([ㅋㅎ]))[가-힣](?=([ㅠㅜ]))")
_RUN = re.compile("[ㅋㅎ]{3,}|[ㅠㅜ]{3,}")


@lru_cache(maxsize=1)
def _tables() -> tuple[np.ndarray, np.ndarray]:
    initials = np.array(list(map(ord, INITIALS)), np.int32)
    families = np.zeros(64, np.uint8)
    for number, letters in enumerate(FAMILIES, 1):
        families[[ord(letter) - 0x3130 for letter in letters]] = number
    initials.flags.writeable = families.flags.writeable = False
    return initials, families


def _joined(match: re.Match[str]) -> str:
    syllable = ord(match[0]) - SYLLABLES[0]
    made_of = INITIALS[syllable // 588], chr(ord("ㅏ") + syllable // 28 % 21)
    return "" if syllable % 28 == 0 and made_of == match.groups() else match[0]


def _two(match: re.Match[str]) -> str:
    run = match[0]
    return run[0] + next((letter for letter in run if letter != run[0]), run[0])


def _shortened(text: str) -> str:
    text = _LONE.sub(lambda match: match[0].translate(_TYPED), text)
    text = _SPACED.sub(lambda match: match[0].replace(" ", ""), text)
    text = _RUN.sub(_two, _JOINED.sub(_joined, _SLIP.sub("", text)))
    return _IN_TURN.sub(r"\1", text)


class Emoticons(Edit):
    """Shorten laughing and crying in lone jamo, without losing a syllable of the words beside it.

    A run of at least three letters that all laugh (``ㅋ ㅎ``) or all cry (``ㅠ ㅜ``) keeps two: the first, and the
    first that differs from it, or else the second. A syllable that the keyboard has joined from the two letters at its
    sides (``ㅋ쿠ㅜ``, ``ㅎ휴ㅠ``) goes, since both are there; any other syllable stays (``크크``, ``쿠키ㅋㅋ``).

    A run may be spaced (``ㅋ ㅋ ㅋ``), be typed with a slip (``ㅋㅋㅌㅋㅋ``), or consist of conjoining jamo, as NFKC
    leaves them. Of laughing and crying in turn (``ㅠㅠㅋㅋㅠㅠㅋㅋ``) one turn stays.

    ``웃겨ㅋㅋㅋ쿠ㅜㅜㅠ ㅎ ㅎ ㅎ 대박 → 웃겨ㅋㅋㅜㅠ ㅎㅎ 대박``

    Our own rule. ``emoticon_normalize`` of soynlp takes the syllable before the run for a part of it: of ``안녕ㅋㅋ``
    it leaves ``안ㅋㅋ``.
    """

    version: ClassVar[int] = 2

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts with runs of emoticons shortened."""
        return edit_spans_and_rows(texts, _shortened, find_emoticons, *_tables())
