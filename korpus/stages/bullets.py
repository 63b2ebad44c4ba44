"""The stage `bullets`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import Field

from korpus.batch import TEXT
from korpus.hangul.marks import BULLETS, NUMBERING, NUMBERING_FIRST, PHRASE, SENTENCE_END
from korpus.kernels.charset import N_CODE_POINTS, ranges_matching
from korpus.stage import Filter
from korpus.stages._units import first_in, line_shares

if TYPE_CHECKING:
    import pyarrow as pa

_SENTENCE_END, _PHRASE = re.compile(SENTENCE_END), re.compile(PHRASE)


@lru_cache(maxsize=8)
def _rule(marks: tuple[str, ...], numbers: bool) -> tuple[np.ndarray, re.Pattern[str]]:
    chars = np.zeros(N_CODE_POINTS, bool)
    chars[[ord(mark[0]) for mark in marks if mark]] = True
    for first, last in ranges_matching(f"[{NUMBERING_FIRST}]") if numbers else ():
        chars[first : last + 1] = True
    return chars, re.compile("|".join([*map(re.escape, marks), *([NUMBERING] if numbers else [])]))


class Bullets(Filter):
    """Drop texts most of whose lines are items of a list.

    Of the lines that are not blank, the share of items is at most `max_ratio`. An item begins with a bullet of `marks`
    or, with `numbers`, with a number or letter (``1. (2) ③ 가. ㉠``), and is no sentence: it ends neither with a full
    stop, question or exclamation mark nor with ``다 요 까 죠``; one of three eojeol or more neither as reports, recipes
    and laws do (``함 음 임 기 것 경우``), nor has an eojeol within it a particle or an ending. So neither a dialogue
    (``- 어디 가?``) nor numbered sentences are a list. A hyphen, an asterisk or ``ㅇ`` counts if a space follows, so
    that neither ``-5도`` nor ``ㅇㅋ`` is one. Texts of fewer lines than `applies_from_lines` are kept: a comment of one
    line is no list.

    ``1. 딸기⏎2. 우유⏎3. 세제⏎4. 휴지`` → dropped, too_many_bullets (⏎ is the end of a line)

    Petitions have no lines; cut at sentences and numbers into 6,580 texts of up to 6 lines, 3 are dropped, rightly:
    links, figures of teams, a table in words. Of 117 texts of many kinds, written for this, none is dropped (before 5:
    steps of recipes, articles of laws, reports), of 48 bare lists all.

    Source: Rae et al. (2021), table A1, and `dps`, the pipeline of polyglot-ko, for the ratio; the bullets of Korean
    documents are in ``korpus/hangul/marks.py``.
    """

    version: ClassVar[int] = 3

    reasons: ClassVar[tuple[str, ...]] = ("too_many_bullets",)

    max_ratio: float = Field(0.9, ge=0, le=1, description="Largest share of lines that are items.")
    applies_from_lines: int = Field(3, ge=1, le=1000, description="Texts of fewer lines are kept.")
    marks: list[str] = Field(BULLETS, min_length=1, description="What counts as a bullet.")
    numbers: bool = Field(True, description="Whether numbers and letters before an item count as well.")

    def judge(self, batch: pa.RecordBatch) -> np.ndarray:
        """Return 1 for a text that is dropped, else 0."""
        chars, item = _rule(tuple(self.marks), self.numbers)

        def counts(line: str) -> bool:
            found = item.match(line)
            if found is None or _SENTENCE_END.search(line):
                return False
            eojeol = line[found.end() :].split(None, 2)
            return len(eojeol) < 3 or not _PHRASE.search(eojeol[2])

        n_lines, share = line_shares(batch.column(TEXT), first_in(chars), counts, self.max_ratio)
        return ((n_lines >= self.applies_from_lines) & (share > self.max_ratio)).view("uint8")
