"""Short sequences that come again and again: marks in turn, and words."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import pyarrow as pa

from korpus.batch import strings
from korpus.kernels.cycles import PERIODS, find_cycles
from korpus.stages._rows import edit_rows

_FAR = np.iinfo(np.int32).max
CYCLES = ("pairs", "words", "dots")

# No part of an emoji, and nothing of two bytes, for which the kernel does not look.
_MARK = "(?:[^\\w\\s\x80-\u07ff\u200d\ufe0e\ufe0f\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff]|[ㄱ-ㅎ])"
_SPACED = "[ㄱ-ㅎ가-힣]{1,3}[!.,~?]?"


@lru_cache(maxsize=16)
def _pattern(pairs: int | None, words: int | None, dots: int | None) -> re.Pattern[str]:
    rules = []
    if pairs:
        rules.append(rf"(?P<pair>(?P<one>{_MARK})(?!(?P=one)){_MARK})(?P=pair){{{max(pairs, 2)},}}")
    if words:
        rules.append(rf"(?P<word>[가-힣]{{2,4}}?)(?P=word){{{max(words, 2)},}}")
        rules.append(rf"(?<!\S)(?P<spaced>{_SPACED})(?: (?P=spaced)){{{max(words, 2)},}}(?!\S)")
    if dots:
        rules.append(r"(?P<dot>\.)(?: \.){2,}")
    return re.compile("|".join(rules))


@lru_cache(maxsize=16)
def _needs(pairs: int | None, words: int | None, dots: int | None) -> np.ndarray:
    """Return what `find_cycles` needs, so that few texts are searched in which nothing is to be shortened."""
    needs = np.full((len(PERIODS), 2), _FAR, np.int32)
    for need, period in zip(needs, PERIODS):
        if words:
            need[:] = max(words, 2) * period - 1
        if pairs and period <= 8:  # two marks of at most four bytes
            need[0] = min(need[0], max(pairs, 2) * period)
        if dots and period == 2:
            need[0] = 3
    needs.flags.writeable = False
    return needs


def shorten_cycles(texts: pa.StringArray, limits: dict[str, int]) -> pa.StringArray:
    """Return the texts with what comes again and again shortened.

    Parameters
    ----------
    texts : pa.StringArray, shape (n_rows,)
        Without nulls.
    limits : dict of str to int
        How much stays, by name of `CYCLES`.
    """
    pattern = _pattern(*map(limits.get, CYCLES))

    def shortened(match: re.Match[str]) -> str:
        kind, unit = next((kind, unit) for kind, unit in match.groupdict().items() if unit and kind != "one")
        if kind == "pair":
            return unit * limits["pairs"]
        if kind == "dot":
            return unit * min(limits["dots"], match[0].count(unit))
        return (" " if kind == "spaced" else "").join([unit] * limits["words"])

    view = strings(texts)
    where = np.tile(np.array([_FAR, 0], np.int32), (len(texts), 1))
    find_cycles(*view, _needs(*map(limits.get, CYCLES)), where)
    rows = np.flatnonzero(where[:, 1])
    windows = iter(where[rows].tolist())

    def edited(text: str) -> str:
        # Few long texts have more than one such place: the rest of them is not searched.
        first, last = next(windows)
        code = text.encode()
        first, last = len(code[:first].decode("utf-8", "ignore")), len(code[:last].decode("utf-8", "ignore")) + 2
        pieces: list[str] = []
        done = 0
        for match in pattern.finditer(text, first, last):
            pieces += (text[done : match.start()], shortened(match))
            done = match.end()
        return "".join((*pieces, text[done:]))

    return edit_rows(texts, rows, edited)
