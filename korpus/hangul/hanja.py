"""How Hanja are read in Korean: by words, else character by character with the rules for sounds.

The table ``hanja.txt`` holds the reading that each character has in most words, the words that are read otherwise, the
words whose initial changes within a compound too, and the characters that Korean does not write. What is read by rule:

- a character's sound at the beginning of a word (두음 법칙): 녀, 뇨, 뉴, 니 lose their ㄴ, 랴, 려, 례, 료, 류, 리 their
  ㄹ, and 라, 래, 로, 뢰, 루, 르 have ㄴ instead; 렬 and 률 are 열 and 율 behind a vowel or ㄴ, too (Hangul orthography
  of 1988, sections 10 to 12);
- a word behind a prefix of one character begins anew (``新理論`` is ``신이론``; section 10 to 12, notes);
- 不 is 부 before ㄷ and ㅈ; 寧 is 령 behind a vowel (section 52: ``會寧`` is ``회령``, ``安寧`` ``안녕``);
- 金 is 김, a family name, where three characters or more begin with it and no word of gold, or a title follows.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

FIRST_SYLLABLE, _N_OF_INITIAL, _N_FINALS = 0xAC00, 588, 28
_N, _D, _R, _NO, _J = 2, 3, 5, 11, 12  # places of ㄴ, ㄷ, ㄹ, ㅇ and ㅈ among the initials
_SOFT = frozenset((2, 3, 6, 7, 12, 17, 20))  # places of ㅑ ㅒ ㅕ ㅖ ㅛ ㅠ ㅣ among the vowels
_OPEN = frozenset((0, 4))  # no final, and ㄴ
_AFTER_OPEN = {"렬": "열", "률": "율"}
# Prefixes, and the characters with which each is a word, so that what follows begins none: 總力戰.
_PREFIXES = {
    "新": "年羅綠曆",
    "無": "力禮理論量料慮聊",
    "未": "來",
    "再": "來論",
    "反": "論",
    "高": "麗齡利靈",
    "總": "力量論理",
    "純": "良理",
    "逆": "流旅",
    "沒": "落",
    **dict.fromkeys("非副超準", ""),
}

RANGES = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAD9), (0x20000, 0x323AF))
"""Chinese characters: the unified ones and their extensions, and those for compatibility."""

CLASS = "".join(f"{chr(first)}-{chr(last)}" for first, last in RANGES)
"""The same, as the inside of a character class."""

SIGNS = frozenset("乃凸凹囧彡罒灬皿丶卍卐丨亠爫屮")
"""Characters that are drawn rather than written: ``최고乃`` is a thumb."""

_TITLES = re.compile(
    r"\s?(?:씨|군\b|양\b|모\b|대통령|위원장|총리|장관|의원|대표|회장|사장|교수|감독|선수|기자|지사|시장)"
)
_HANJA_TITLES = re.compile(
    "前?(?:[氏君孃哥某]|大統領|總理|首相|長官|次官|議員|委員|總裁|代表|會長|社長|[敎教]授|先生|將軍|主席|總書記|監督|選手|記者|"
    "知事|市長|部長|總長|博士|判事|檢事)"
)
_PLACES = frozenset(("金海", "金浦", "金堤", "金泉", "金化", "金九"))
# What stands behind 金 in words of gold and money, and what stands there in longer words.
_GOLD = frozenset("融屬銅鑛利錢額品貨庫塊冠髮色剛婚銀曜魚製佛箔脈權管通監價言杯線科枝紙賞牌粉盤櫃堂泥飾細貸")
_GOLD_OF_FOUR = frozenset("城蘭烏鷄環蟬聲玉鰲")
_GOLD_OF_THREE = frozenset(("金石文", "金石學", "金字塔", "金一封", "金山寺"))


class Table(NamedTuple):
    """What ``hanja.txt`` holds.

    Attributes
    ----------
    chars : dict of str to str
        A character to its reading in most words.
    words : dict of str to str
        Words that are read otherwise than their characters by rule.
    initial : frozenset of str
        Words of two characters that lose the initial within a compound too.
    foreign : frozenset of str
        Characters that only Chinese and Japanese write.
    longest : int
        Characters of the longest word.
    """

    chars: dict[str, str]
    words: dict[str, str]
    initial: frozenset[str]
    foreign: frozenset[str]
    longest: int


@cache
def table() -> Table:
    """Return the table."""
    chars: dict[str, str] = {}
    words: dict[str, str] = {}
    others: dict[str, frozenset[str]] = {}
    section = ""
    for line in (Path(__file__).parent / "hanja.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        if line.startswith("["):
            section = line
            continue
        reading, *entries = line.split()
        if section == "[chars]":
            chars.update(dict.fromkeys(entries[0], reading))
        elif section == "[words]":
            words.update(dict.fromkeys(entries, reading))
        else:
            others[reading] = frozenset(entries)
    return Table(chars, words, others["initial"], frozenset("".join(others["foreign"])), max(map(len, words)))


def at_beginning(syllable: str) -> str:
    """Return what a syllable sounds like at the beginning of a word: ``at_beginning("력")`` is ``역``."""
    place = ord(syllable) - FIRST_SYLLABLE
    initial, vowel = place // _N_OF_INITIAL, place // _N_FINALS % 21
    if initial not in (_N, _R) or (initial == _N and vowel not in _SOFT):
        return syllable
    return chr(ord(syllable) + ((_NO if vowel in _SOFT else _N) - initial) * _N_OF_INITIAL)


def is_foreign(hanja: str) -> bool:
    """Tell whether one of some Hanja is written in Chinese or Japanese only."""
    return not table().foreign.isdisjoint(hanja)


def is_read(run: str) -> bool:
    """Tell whether a run of Hanja is Korean: no sign, and all of its characters are known and written in Korean."""
    known = table()
    return not set(run) <= SIGNS and all(char in known.chars and char not in known.foreign for char in run)


def read(run: str, before: str = "", after: str = "") -> str:
    """Return the reading of a run of Hanja.

    Parameters
    ----------
    run : str
        Unified characters that `is_read` accepts.
    before, after : str
        The text around it: a syllable right before it, or a digit before a unit, makes its beginning no beginning
        of a word, and a title behind a lone 金 makes it a name.
    """
    known = table()
    out: list[str] = []
    i, aligned = 0, True
    # A unit behind a number is no beginning: 2011년.
    counted = before[-1:].isdigit() and run[0] in "年里兩輛輪"
    inside = counted or "가" <= before[-1:] <= "힣"
    if run[0] == "金" and not inside and _is_name(run, after):
        out.append("김")
        i = 1
        if len(run) == 3 and run[1:] not in known.words:
            out.append(at_beginning(known.chars[run[1]]))
            i = 2
    while i < len(run):
        # A compound is made of words of two characters, behind a prefix perhaps.
        begins = aligned or i % 2 == 0 or (i == 1 and run[1] not in _PREFIXES.get(run[0], run[1]))
        word, reading = _word(run, i, known, begins and not (i == 0 and counted))
        if word:
            out.append(reading)
            i, aligned = i + len(word), True
            continue
        reading = known.chars[run[i]]
        if run[i] == "不" and i + 1 < len(run) and _initial(known.chars[run[i + 1]]) in (_D, _J):
            reading = "부"
        elif i == 0 and not inside:
            reading = at_beginning(reading)
        elif run[i] == "寧" and i and not _final(out[-1][-1]):
            reading = "령"
        elif reading in _AFTER_OPEN and (last := (out[-1] if out else before)[-1:]) and _final(last) in _OPEN:
            reading = _AFTER_OPEN[reading]
        out.append(reading)
        i, aligned = i + 1, False
    return "".join(out)


def _is_name(run: str, after: str) -> bool:
    """Tell whether 金, which a run begins with, is a family name, or the beginning of a place."""
    if run[:2] in _PLACES or _HANJA_TITLES.match(run, 1):
        return True
    if len(run) > 1 and run[1] in _GOLD:
        return False
    if len(run) < 3:
        return bool(_TITLES.match(after))
    if len(run) == 3:
        return run not in _GOLD_OF_THREE and run not in table().words
    return run[1] not in _GOLD_OF_FOUR


def _word(run: str, i: int, known: Table, aligned: bool) -> tuple[str, str]:
    """Return the longest word of the table that begins at a place, and its reading; empty strings if there is none."""
    for end in range(min(len(run), i + known.longest), i + 1, -1):
        word = run[i:end]
        if reading := known.words.get(word):
            return word, reading
        if aligned and word in known.initial:
            first, second = (known.chars[char] for char in word)
            first = at_beginning(first)
            return word, first + (_AFTER_OPEN.get(second, second) if _final(first) in _OPEN else second)
    return "", ""


def _initial(syllable: str) -> int:
    return (ord(syllable) - FIRST_SYLLABLE) // _N_OF_INITIAL


def _final(syllable: str) -> int:
    place = ord(syllable) - FIRST_SYLLABLE
    return place % _N_FINALS if 0 <= place < 11172 else -1


def is_same_reading(word: str, reading: str) -> bool:
    """Tell whether a Hangul word is a reading of Hanja, whichever of its syllables count as beginnings."""
    return len(word) == len(reading) and all(
        a == b or a == at_beginning(b) or at_beginning(a) == b or _AFTER_OPEN.get(a) == b or _AFTER_OPEN.get(b) == a
        for a, b in zip(word, reading, strict=True)
    )
