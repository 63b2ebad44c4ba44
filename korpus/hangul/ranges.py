"""Where Hangul lives in Unicode, and how ranges of characters are written.

Source: the Unicode Standard, ``Scripts.txt`` (script Hangul) and chapter 18.6. A range is ``(first, last)``, both
inclusive code points. The three fillers (U+115F and U+1160, U+3164, U+FFA0) are left out: they are blank, and
people post them as "empty" comments.
"""

from __future__ import annotations

import re

SYLLABLES = (0xAC00, 0xD7A3)
"""가 to 힣: the 11,172 precomposed syllables."""

COMPAT_JAMO = ((0x3131, 0x3163), (0x3165, 0x318E))
"""ㄱ to ㅣ and, after the filler, the obsolete letters: what a keyboard types for a lone letter, as in ㅋㅋ."""

JAMO = ((0x1100, 0x115E), (0x1161, 0x11FF), (0xA960, 0xA97C), (0xD7B0, 0xD7C6), (0xD7CB, 0xD7FB))
"""Conjoining letters, of which decomposed (NFD) syllables are made, with both extension blocks."""

HALFWIDTH_JAMO = ((0xFFA1, 0xFFBE), (0xFFC2, 0xFFC7), (0xFFCA, 0xFFCF), (0xFFD2, 0xFFD7), (0xFFDA, 0xFFDC))
"""Compatibility letters of half width, from old terminals."""

HANGUL = (SYLLABLES, *COMPAT_JAMO, *JAMO, *HALFWIDTH_JAMO)
"""Every Hangul letter and syllable."""

INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
"""The lone jamo of the 19 initial consonants, in the order in which Unicode builds syllables (chapter 3.12)."""

FINALS = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
"""The same for the 27 final consonants."""

FAMILIES = ("ㅋㅎ", "ㅠㅜ")
"""Lone jamo that laugh, and that cry."""

_END = r"(U\+[0-9A-Fa-f]{4,6}|.)"
_RANGE = re.compile(f"{_END}(?:-{_END})?", re.DOTALL)


def parse_range(text: str) -> tuple[int, int]:
    """Read a range of characters as people write it: ``가-힣``, ``U+AC00-U+D7A3``, ``~``, ``U+00B7``.

    Parameters
    ----------
    text : str
        A character or its ``U+`` number, alone or as the two ends of a range.

    Returns
    -------
    tuple of int
        First and last code point.

    Raises
    ------
    ValueError
        If `text` is no such range, is empty, or runs backwards.
    """
    match = _RANGE.fullmatch(text)
    if not match:
        raise ValueError(f"must be a character, or a range such as '가-힣' or 'U+AC00-U+D7A3', got {text!r}")
    first, last = (ord(end) if len(end) == 1 else int(end[2:], 16) for end in (match[1], match[2] or match[1]))
    if not first <= last <= 0x10FFFF:
        raise ValueError(f"must go from a smaller to a larger code point up to U+10FFFF, got {text!r}")
    return first, last
