"""Laughing and crying in lone jamo."""

from __future__ import annotations

import numpy as np

from korpus.compiled import kernel
from korpus.kernels.utf8 import NOTHING, add_span, code_point, to_char, width

_BLOCK = 32
_SYLLABLES, _LAST_SYLLABLE, _N_VOWELS, _N_FINALS = 0xAC00, 0xD7A3, 21, 28
_FIRST_VOWEL = 0x314F


@kernel
def _has_no_jamo(data, i):
    # Lone jamo begin with the bytes E3 84 or E3 85.
    block = data[i : i + _BLOCK + 1]
    odd = False
    for k in range(_BLOCK):
        odd |= (block[k] == 0xE3) & ((block[k + 1] == 0x84) | (block[k + 1] == 0x85))
    return not odd


@kernel
def rows_with_jamo(offsets, data, out):
    """Mark the rows that may hold lone or conjoining jamo.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    out : uint8, shape (n_rows,)
        Written in place: 1 for a row with a character from U+3100 to U+317F or from U+1000 to U+1FFF.

    Notes
    -----
    O(n_bytes), no allocation; without a way out of a row, so that it compiles to SIMD instructions.
    """
    for row in range(len(offsets) - 1):
        text = data[offsets[row] : offsets[row + 1]]
        found = False
        for k in range(len(text) - 1):
            found |= ((text[k] == 0xE3) & ((text[k + 1] == 0x84) | (text[k + 1] == 0x85))) | (text[k] == 0xE1)
        out[row] = found


@kernel
def find_emoticons(offsets, data, initials, families, spans):
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
    n = 0
    for row in range(len(offsets) - 1):
        i = np.int64(offsets[row])
        end = np.int64(offsets[row + 1])
        next_test = i
        while i < end:
            if i >= next_test:
                next_test = i + _BLOCK
                if next_test < len(data) and _has_no_jamo(data, i):
                    i = to_char(data, next_test, end)
                    continue
            letter = code_point(data, i) if data[i] == 0xE3 else np.int64(0)
            if not 0x3131 <= letter <= 0x3163:
                i += width(data[i])
                continue
            family = families[letter - 0x3130]
            if not family:
                i += 3
                continue
            stop = i
            kept = np.int64(0)
            while stop < end and data[stop] == 0xE3:
                other = code_point(data, stop)
                if not (0x3131 <= other <= 0x3163 and families[other - 0x3130] == family):
                    break
                if not kept and other != letter:
                    kept = stop
                stop += 3
            if stop - i > 6:
                if not kept:
                    kept = i + 3
                if kept > i + 3:
                    n = add_span(spans, n, i + 3, kept, NOTHING)
                if stop > kept + 3:
                    n = add_span(spans, n, kept + 3, stop, NOTHING)
            i = stop
            letter = code_point(data, i - 3)
            # ㅋ쿠ㅜ: the letter, a syllable that begins with it, the vowel of that syllable.
            if i + 6 <= end and data[i] >= 0xEA and data[i + 3] == 0xE3:
                syllable = code_point(data, i) - _SYLLABLES
                vowel = code_point(data, i + 3) - _FIRST_VOWEL
                if (
                    0 <= syllable <= _LAST_SYLLABLE - _SYLLABLES
                    and syllable % _N_FINALS == 0
                    and initials[syllable // (_N_VOWELS * _N_FINALS)] == letter
                    and syllable // _N_FINALS % _N_VOWELS == vowel
                    and families[vowel + _FIRST_VOWEL - 0x3130]
                ):
                    n = add_span(spans, n, i, i + 3, NOTHING)
                    i += 3
    return n
