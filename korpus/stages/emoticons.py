"""The stage `emoticons`."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from korpus.hangul.ranges import FAMILIES, INITIALS
from korpus.kernels.emoticons import find_emoticons
from korpus.stage import Edit
from korpus.stages._spans import edit_spans

if TYPE_CHECKING:
    import pyarrow as pa


@lru_cache(maxsize=1)
def _tables() -> tuple[np.ndarray, np.ndarray]:
    initials = np.array(list(map(ord, INITIALS)), np.int32)
    families = np.zeros(64, np.uint8)
    for number, letters in enumerate(FAMILIES, 1):
        families[[ord(letter) - 0x3130 for letter in letters]] = number
    initials.flags.writeable = families.flags.writeable = False
    return initials, families


class Emoticons(Edit):
    """Shorten laughing and crying in lone jamo, without losing a syllable of the words beside it.

    A run of at least three letters that all laugh (``ㅋ ㅎ``) or all cry (``ㅠ ㅜ``) keeps two: the first, and the
    first that differs from it, or else the second. A syllable that the keyboard has joined from the two letters at its
    sides (``ㅋ쿠ㅜ``, ``ㅎ휴ㅠ``) goes, since both are there; any other syllable stays (``크크``, ``쿠키ㅋㅋ``).

    ``웃겨ㅋㅋㅋ쿠ㅜㅜㅠ 대박 → 웃겨ㅋㅋㅜㅠ 대박``

    Our own rule. ``emoticon_normalize`` of soynlp takes the syllable before the run for a part of it: of ``안녕ㅋㅋ``
    it leaves ``안ㅋㅋ``.
    """

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts with runs of emoticons shortened."""
        return edit_spans(texts, find_emoticons, *_tables())
