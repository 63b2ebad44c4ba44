"""The stage `emoticons`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pyarrow.compute as pc

from korpus.batch import strings
from korpus.hangul.ranges import FAMILIES, INITIALS
from korpus.kernels.emoticons import find_emoticons, rows_with_jamo
from korpus.stage import Edit
from korpus.stages._rows import edit_rows
from korpus.stages._spans import edit_spans

if TYPE_CHECKING:
    from collections.abc import Callable

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
# A text without a match is not changed before, or after, the kernel; for RE2.
_BEFORE = (
    f"[{_CONJOINING}]|[ㅋㅎ] [ㅋㅎ]+ [ㅋㅎ]|[ㅠㅜ] [ㅠㅜ]+ [ㅠㅜ]"
    "|[ㅋㅎ]{2}[ㅌㅊㅁㄴㄱㄹ]{1,2}[ㅋㅎ]{2}|[ㅠㅜ]{2}[ㅡㅗㅓㅏ][ㅠㅜ]{2}"
)
_AFTER = "[ㅋㅎ][ㅠㅜ]+[ㅋㅎ]+[ㅠㅜ]|[ㅠㅜ][ㅋㅎ]+[ㅠㅜ]+[ㅋㅎ]"


@lru_cache(maxsize=1)
def _tables() -> tuple[np.ndarray, np.ndarray]:
    initials = np.array(list(map(ord, INITIALS)), np.int32)
    families = np.zeros(64, np.uint8)
    for number, letters in enumerate(FAMILIES, 1):
        families[[ord(letter) - 0x3130 for letter in letters]] = number
    initials.flags.writeable = families.flags.writeable = False
    return initials, families


def _edit_odd(texts: pa.StringArray, pattern: str, function: Callable[[str], str]) -> pa.StringArray:
    may = np.empty(len(texts), np.uint8)
    rows_with_jamo(*strings(texts), may)
    rows = np.flatnonzero(may)
    found = pc.match_substring_regex(texts.take(rows), pattern).to_numpy(zero_copy_only=False)
    return edit_rows(texts, rows[found], function)


def _together(text: str) -> str:
    text = _LONE.sub(lambda match: match[0].translate(_TYPED), text)
    text = _SPACED.sub(lambda match: match[0].replace(" ", ""), text)
    return _SLIP.sub("", text)


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
        texts = _edit_odd(texts, _BEFORE, _together)
        texts = edit_spans(texts, find_emoticons, *_tables())
        return _edit_odd(texts, _AFTER, lambda text: _IN_TURN.sub(r"\1", text))
