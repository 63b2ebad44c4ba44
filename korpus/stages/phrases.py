"""The stage `phrases`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from korpus.batch import strings
from korpus.kernels.charset import bitmap, matching
from korpus.kernels.phrases import rows_with_phrases
from korpus.stage import Edit
from korpus.stages._rows import edit_rows

if TYPE_CHECKING:
    import pyarrow as pa

_word = re.compile(r"\S+")
_END_MARKS = ".,!?~…^;♡♥"
_hangul = re.compile("[가-힣]").search
_digit = re.compile(r"\d").search
# Marks of feeling, and the lone vowel of ㅡㅡ; what draws tables and lines is not among them.
_MARKS = "~!?.,;^ㅡ♡♥★☆…ㆍ"
_GLUED_CHARS = 20
_glued = re.compile(rf"([가-힣]{{5,{_GLUED_CHARS}}}?)\1{{2,}}")
_groups = re.compile(rf"([{_MARKS}]{{3,10}}?)\1{{2,}}")


@lru_cache(maxsize=1)
def _sets() -> np.ndarray:
    every = np.array(
        [matching(r"\s"), *(bitmap((ord(char), ord(char)) for char in marks) for marks in (_END_MARKS, _MARKS))]
    )
    every.flags.writeable = False
    return every


class Phrases(Edit):
    """Shorten phrases that are said over and over, and groups of marks.

    Of one word that follows itself in a line, with spaces between, `words` stay; of a sequence of two to `max_words`
    words, or of 5 to 20 syllables without a space, `phrases`. Marks behind a word do not count (``최고! 최고!!``). What
    has no Hangul, or holds a digit, is never shortened (``100 100 100``). What Korean says twice stays (``깊고 깊은``,
    ``가자 가자``). Of a group of 3 to 10 marks that follows itself three times or more (``~~!!~~!!~~!!``) one stays.

    ``꼭 보세요 꼭 보세요 꼭 보세요 꼭 보세요!!`` → ``꼭 보세요 꼭 보세요!!``

    The limits are our own. Single syllables, words without a space and pairs of marks are left to ``repeats``, which
    goes before.
    """

    words: int = Field(3, ge=1, le=1_000_000, description="How often one word stays.")
    phrases: int = Field(2, ge=1, le=1_000_000, description="How often a phrase of more words, or a long one, stays.")
    max_words: int = Field(8, ge=1, le=64, description="Words of the longest phrase that is looked for.")

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts with phrases shortened."""
        rows = np.empty(len(texts), np.uint8)
        rows_with_phrases(*strings(texts), _sets(), self.max_words, min(self.words, self.phrases) + 1, rows)
        return edit_rows(texts, rows.view(bool), self._shorten)

    def _shorten(self, text: str) -> str:
        text = "\n".join(map(self._shorten_line, text.split("\n")))
        text = _glued.sub(self._glued_phrases, text)
        return _groups.sub(lambda match: match[0] if len(set(match[1])) == 1 else match[1], text)

    def _glued_phrases(self, match: re.Match[str]) -> str:
        # 최고최고최고 as one phrase is a word said over and over.
        said = match[1]
        if (said * 2).find(said, 1) < len(said):
            return match[0]
        return said * min(self.phrases, len(match[0]) // len(said))

    def _shorten_line(self, line: str) -> str:
        found = list(_word.finditer(line))
        words = [match[0].rstrip(_END_MARKS) or match[0] for match in found]
        ends = [match.start() + len(word) for match, word in zip(found, words, strict=True)]
        parts, done, at = [], 0, 0
        while at < len(words):
            kept, end = self._repeated(words, at)
            if end > kept:
                # From behind the last word that stays to behind the last one that goes, whose marks stay.
                parts.append(line[done : ends[kept - 1]])
                done = ends[end - 1]
            at = end
        return "".join(parts) + line[done:]

    def _repeated(self, words: list[str], at: int) -> tuple[int, int]:
        """Return where a phrase that begins at a word ends: what stays of it, and all of it."""
        for n in range(1, min(self.max_words, (len(words) - at) // 2) + 1):
            if words[at] != words[at + n] or words[at : at + n] != words[at + n : at + 2 * n]:
                continue
            unit, end = words[at : at + n], at + 2 * n
            while words[end : end + n] == unit:
                end += n
            limit = self.words if n == 1 else self.phrases
            said = "".join(unit)
            if end > at + limit * n and _hangul(said) and not _digit(said):
                return at + limit * n, end
            if n == 1:
                return end, end
        return at + 1, at + 1
