"""Laughing and crying in lone jamo."""

from __future__ import annotations

import numpy as np

from korpus.compiled import kernel, uncounted
from korpus.kernels.utf8 import BLOCK, NOTHING, add_span, code_point

_SYLLABLES, _LAST_SYLLABLE, _N_VOWELS, _N_FINALS = 0xAC00, 0xD7A3, 21, 28
_BEFORE_JAMO, _FIRST_VOWEL = 0x3130, 0x314F


@kernel
def _may_be_jamo(b, after):
    # Lone jamo begin with the bytes E3 84 or E3 85, conjoining ones with E1 84 to E1 87.
    return ((b == 0xE3) & ((after == 0x84) | (after == 0x85))) | ((b == 0xE1) & (after >= 0x84) & (after <= 0x87))


@uncounted
def _has_no_jamo(data, i):
    block = data[i : i + BLOCK + 1]
    odd = False
    for k in range(BLOCK):
        odd |= _may_be_jamo(block[k], block[k + 1])
    return not odd


@uncounted
def _family(data, i, end, families):
    """Return the family of the character at a place, 0 if it has none or the row ends there."""
    if i >= end or data[i] != 0xE3:
        return 0
    letter = code_point(data, i) - _BEFORE_JAMO
    return families[letter] if 0 < letter < len(families) else 0


@uncounted
def _is_joined(data, i, end, initials, families):
    """Tell whether a syllable stands between the two letters that it is made of, the second of a family: ㅋ쿠ㅜ."""
    if not _family(data, i + 3, end, families) or data[i] < 0xEA:
        return False
    syllable = code_point(data, i) - _SYLLABLES
    if not 0 <= syllable <= _LAST_SYLLABLE - _SYLLABLES or syllable % _N_FINALS:
        return False
    initial, vowel = syllable // (_N_VOWELS * _N_FINALS), syllable // _N_FINALS % _N_VOWELS
    return initials[initial] == code_point(data, i - 3) and vowel == code_point(data, i + 3) - _FIRST_VOWEL


@kernel
def find_emoticons(offsets, data, initials, families, odd_rows, spans):
    """Find what is too much of laughing and crying in lone jamo; spans to be filled with nothing.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    initials : int32, shape (19,)
        The code points of the lone jamo of initial consonants, in the order in which syllables are built.
    families : uint8, shape (64,)
        By code point from U+3130 on: letters of the same number, not 0, mean the same.
    odd_rows : uint8, shape (n_rows,)
        All 0; becomes 1 for the rows with a conjoining jamo, with runs of a family of which a space or one or two
        lone letters of none part three or two, or with four runs of families in turn. Their spans are of no use.
    spans : int32, shape (n, 3)
        Written as far as it goes.

    Returns
    -------
    int
        How many spans there are.

    Notes
    -----
    O(n_bytes). Two rules: a syllable without final consonant goes between the two lone letters it is made of, if both
    are of a family; of a run of at least three letters of one family, two stay: the first, and the first that differs
    from it, or else the second.
    """
    n = row = 0
    at, end = np.int64(offsets[0]), np.int64(offsets[len(offsets) - 1])
    row_end = at
    before, before_end, n_spaced, n_turns = 0, at, 0, 0  # of the run before: family and end
    while at < end:
        stop = at + BLOCK
        if stop < len(data) and _has_no_jamo(data, at):
            at = stop
            continue
        i, stop = at, min(stop, end)
        while i < stop:
            if data[i] < 0xE1 or not _may_be_jamo(data[i], data[i + 1]):
                i += 1
                continue
            if i >= row_end:
                while offsets[row + 1] <= i:
                    row += 1
                row_end = np.int64(offsets[row + 1])
                before, n_spaced, n_turns = 0, 0, 0
            family = _family(data, i, row_end, families)
            if not family:
                odd_rows[row] |= data[i] == 0xE1
                i += 3
                continue
            same, gap = family == before, i - before_end
            n_spaced = n_spaced + 1 if same and gap == 1 and data[before_end] == 0x20 else 0
            n_turns = n_turns + 1 if before and gap == 0 else 0
            slip = same and (gap == 3 or gap == 6) and data[before_end] == 0xE3
            odd_rows[row] |= n_spaced == 2 or n_turns == 3 or slip
            letter, kept, start = code_point(data, i), np.int64(0), i
            while _family(data, i, row_end, families) == family:
                if not kept and code_point(data, i) != letter:
                    kept = i
                i += 3
            if i - start > 6:
                if not kept:
                    kept = start + 3
                if kept > start + 3:
                    n = add_span(spans, n, start + 3, kept, NOTHING)
                if i > kept + 3:
                    n = add_span(spans, n, kept + 3, i, NOTHING)
            if _is_joined(data, i, row_end, initials, families):
                n = add_span(spans, n, i, i + 3, NOTHING)
                i += 3
            before, before_end = family, i
        at = max(stop, i)
    return n
