"""The stage `symbols`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

import numpy as np
from pydantic import Field

from korpus.hangul.symbols import ACUTE_QUOTES, BULLET_DOT, CLAUSE_ENDS, FACE, KANA_AND_HANJA, SYMBOLS, VOWEL_DOTS
from korpus.kernels.folding import CONTEXT, N_TABLE, find_symbols
from korpus.kernels.utf8 import packed
from korpus.stage import Edit
from korpus.stages._rows import replace_from
from korpus.stages._spans import edit_spans_and_rows

if TYPE_CHECKING:
    import pyarrow as pa

Table = Literal["fullwidth", "halfwidth", "quotes", "dots", "middle_dots", "dashes", "tildes"]

# In a face these are eyes, at the end of a clause they hold a space, and vowels are vowels in old words.
_IN_CONTEXT = (*SYMBOLS["fullwidth"], *SYMBOLS["halfwidth"], *CLAUSE_ENDS, *"･・´ᆢᆞ")
_WORD_ENDS = re.compile("[가-힣ㄱ-ㅣ0-9A-Za-z０-９Ａ-Ｚａ-ｚ)）\\]」』》>”’%％℃]")
_WORD_BEGINS = re.compile("[가-힣0-9A-Za-z０-９Ａ-Ｚａ-ｚ(（\\[「『《<“‘]")
_DIGIT, _ALNUM = re.compile("[0-9０-９]"), re.compile("[0-9A-Za-z０-９Ａ-Ｚａ-ｚ]")
# Where these stand between two of a kind, they part no clauses: 1，000, ｎａｖｅｒ．ｃｏｍ, 3：30.
_WITHIN = {"，": _DIGIT, "．": _ALNUM, "：": _ALNUM}


class _Rule(NamedTuple):
    chars: dict[str, str]
    table: np.ndarray
    first: re.Pattern[str]
    pattern: re.Pattern[str]


@lru_cache(maxsize=8)
def _rule(skip: frozenset[str]) -> _Rule:
    chars = {char: new for name in SYMBOLS if name not in skip for char, new in SYMBOLS[name].items()}
    table = np.zeros(N_TABLE, np.int32)
    for char, new in chars.items():
        table[ord(char)] = packed(new)
    ends = "".join(char for char in CLAUSE_ENDS if char in chars)
    rules = [FACE, f"[{KANA_AND_HANJA}][{CLAUSE_ENDS}]+"]
    rules += [f"(?P<ends>[{ends}]+)"] if ends else []
    rules += [f"(?P<char>[{''.join(map(re.escape, chars))}])"]
    if "quotes" not in skip:
        rules.append(ACUTE_QUOTES)
        table[ord("´")] = CONTEXT
    if not skip & {"dots", "middle_dots"}:
        rules[:0] = [f"(?P<row>[·ㆍ{''.join(SYMBOLS['middle_dots'])}]{{3,}})"]
        rules.append(VOWEL_DOTS)
        table[list(map(ord, "ᆢᆞ"))] = CONTEXT
    if "middle_dots" not in skip:
        rules.append(BULLET_DOT)
        table[ord("•")] = CONTEXT
    for char in _IN_CONTEXT:
        if char in chars:
            table[ord(char)] = CONTEXT
    table.flags.writeable = False
    first = re.compile(f"[(（`´ᆢᆞ·ㆍ•{KANA_AND_HANJA}{''.join(map(re.escape, chars))}]")
    return _Rule(chars, table, first, re.compile("|".join(rules)))


class Symbols(Edit):
    """Write symbols that say the same in one way, by tables; none is ever blanked.

    - ``fullwidth``: ``Ａ１！％`` become ``A1!%``, ``￦`` becomes ``₩``; ``halfwidth``: ``ﾡ`` becomes ``ㄱ``;
    - ``quotes``: ``“ ” ‘ ’`` become ``"`` and ``'``, and so does ```정말´``;
    - ``dots``: ``…`` becomes ``...``, ``。 、`` become ``. ,``; ``middle_dots``: ``・ ‧ ․ ∙`` become ``·``, and ``•``
      between words; and three middle dots (``ㆍ`` too) or more, and the vowels ``ᆢ ᆞ`` where they are dots, become
      ``...``, ``..`` and ``·``;
    - ``dashes``: ``– — ―`` become ``-``; ``tildes``: ``〜 ∼`` become ``~``.

    A wide mark at the end of a clause holds a space, which is written where a word follows: ``네。특히、`` becomes
    ``네. 특히,``. After kana or Hanja such marks are left to Chinese and Japanese, and a face in brackets (``(´･ω･`)``)
    is left as it is. What is in no table stays: ``₩ ℃ ½ ① ㎏ · ㆍ ※ ♥``. That is what sets the stage apart from NFKC,
    which also turns lone jamo into conjoining ones.

    ``“３０％ 할인…” → "30% 할인..."``

    Source: ``korpus/hangul/symbols.py``; what depends on the text around was settled on movie reviews, comments and
    petitions. Texts are searched at about 1 GB/s; those with wide marks go through a regular expression.
    """

    version: ClassVar[int] = 3

    skip: list[Table] = Field([], max_length=len(SYMBOLS) - 1, description="Tables that are not applied.")

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts with their symbols mapped."""
        rule = _rule(frozenset(self.skip))
        return edit_spans_and_rows(texts, lambda text: _in_context(rule, text), find_symbols, rule.table)


def _in_context(rule: _Rule, text: str) -> str:
    def mapped(match: re.Match[str]) -> str:
        found = match[0]
        if match.lastgroup == "char":
            return rule.chars[found]
        if match.lastgroup == "row":
            return "..."
        if match.lastgroup == "ends":
            return "".join(map(rule.chars.__getitem__, found)) + _space(match)
        if match.lastgroup == "vowels":
            start, end = match.span()
            within = match.string[max(0, start - 1) : start].isalnum() and match.string[end : end + 1].isalnum()
            return "·" if found == "ᆞ" and within else "." * len(found) * (2 if found[0] == "ᆢ" else 1)
        if match.lastgroup == "bullet":
            return "·"
        return f"'{match['quoted']}'" if match.lastgroup == "quoted" else found

    return replace_from(rule.first, rule.pattern, mapped, text)


def _space(match: re.Match[str]) -> str:
    """Return the space that a wide mark holds, where it parts two words; half-width ones hold none of their own."""
    text, start, end = match.string, match.start(), match.end()
    if not start or not _WORD_ENDS.match(text, start - 1) or not _WORD_BEGINS.match(text, end):
        return ""
    kind = _WITHIN.get(match[0])
    return "" if kind and kind.match(text, start - 1) and kind.match(text, end) else " "
