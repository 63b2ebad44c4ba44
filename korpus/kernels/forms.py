"""What comparison forms need beyond replacing and dropping characters: runs cut to one, syllables taken apart."""

from __future__ import annotations

import numpy as np

from korpus.compiled import kernel

_FIRST, _LAST = 0xAC00, 0xD7A3
_INITIAL, _VOWEL, _BEFORE_FINAL = 0x1100, 0x1161, 0x11A7
_N_FINALS, _N_OF_INITIAL = 28, 588


@kernel
def squeeze(offsets, chars, exempt, out_offsets, out):
    r"""Leave one of each run of equal code points, but for exempt ones.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Borders of the forms in `chars`.
    chars : uint32, shape (n_chars,)
        Code points.
    exempt : int64, shape (17408,)
        A set of code points, see `korpus.kernels.charset.bitmap`.
    out_offsets : int32, shape (n_rows + 1,)
        Written in place.
    out : uint32, shape (>= n_chars,)
        Written in place.

    Notes
    -----
    O(n_chars). Reference: ``re.sub(r"(\D)\1+", r"\1", form)`` for decimal digits that are exempt.
    """
    n = np.intp(0)
    out_offsets[0] = 0
    for row in range(len(offsets) - 1):
        begin = np.intp(offsets[row])
        for at in range(begin, np.intp(offsets[row + 1])):
            point = chars[at]
            same = at > begin and chars[at - 1] == point
            if not same or (exempt[point >> np.uint32(6)] >> np.int64(point & np.uint32(63))) & 1:
                out[n] = point
                n += 1
        out_offsets[row + 1] = n


@kernel
def take_apart(offsets, chars, out_offsets, out):
    """Write Hangul syllables as their two or three conjoining jamo.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Borders of the forms in `chars`.
    chars : uint32, shape (n_chars,)
        Code points.
    out_offsets : int32, shape (n_rows + 1,)
        Written in place.
    out : uint32, shape (>= 3 * n_chars,)
        Written in place.

    Notes
    -----
    O(n_chars). Reference: ``unicodedata.normalize("NFD", c)`` for each syllable ``c``; all else stays.
    """
    n = np.intp(0)
    out_offsets[0] = 0
    for row in range(len(offsets) - 1):
        for at in range(np.intp(offsets[row]), np.intp(offsets[row + 1])):
            point = np.int64(chars[at])
            if _FIRST <= point <= _LAST:
                place = point - _FIRST
                out[n] = np.uint32(_INITIAL + place // _N_OF_INITIAL)
                out[n + 1] = np.uint32(_VOWEL + place // _N_FINALS % 21)
                n += 2
                if place % _N_FINALS:
                    out[n] = np.uint32(_BEFORE_FINAL + place % _N_FINALS)
                    n += 1
            else:
                out[n] = chars[at]
                n += 1
        out_offsets[row + 1] = n
