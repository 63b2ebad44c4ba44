"""What comparison forms need beyond replacing and dropping characters: repeats cut to one, syllables taken apart."""

from __future__ import annotations

import numpy as np

from korpus.compiled import kernel

_FIRST, _LAST = 0xAC00, 0xD7A3
_INITIAL, _VOWEL, _BEFORE_FINAL = 0x1100, 0x1161, 0x11A7
_N_FINALS, _N_OF_INITIAL = 28, 588
_LAST_CONJOINING = 0x11FF
_KIEUKH, _HIEUH = 0x314B, 0x314E

MAX_PERIOD = 12
"""Characters of the longest sequence that `squeeze` leaves once: ``재미있게 봤어요. 재미있게 봤어요``."""


@kernel
def squeeze(offsets, chars, digits, laughter, out_offsets, out):
    r"""Leave one of what is said several times in a row, and take laughter out.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Borders of the forms in `chars`.
    chars : uint32, shape (n_chars,)
        Code points.
    digits : int64, shape (17408,)
        A set of code points, see `korpus.kernels.charset.bitmap`. A sequence with one of them stays as often as it is.
    laughter : bool
        Whether lone ``ㅋ`` and ``ㅎ`` go, and with them the same final of the syllable before: ``좋닼ㅋ`` is ``좋다``.
    out_offsets : int32, shape (n_rows + 1,)
        Written in place.
    out : uint32, shape (>= n_chars,)
        Written in place.

    Notes
    -----
    O(n_chars). Each character is added to what there is, and as long as that ends with a sequence of up
    to `MAX_PERIOD` characters that stands there twice, the second one goes; the shortest first. So no such sequence is
    left, and what is left would be left again. Conjoining jamo count as runs of one only. Reference: ``squeezed`` in
    ``tests/test_minhash.py``.
    """
    n = np.intp(0)
    out_offsets[0] = 0
    # Where a character of this hash was last written, or later: most are not among the last few, and repeat nothing.
    seen = np.full(1024, -1 - MAX_PERIOD)
    for row in range(len(offsets) - 1):
        begin = n
        for at in range(np.intp(offsets[row]), np.intp(offsets[row + 1])):
            point = chars[at]
            if laughter and point in (_KIEUKH, _HIEUH):
                final = 24 if point == _KIEUKH else 27
                last = np.int64(out[n - 1]) if n > begin else 0
                if _FIRST <= last <= _LAST and (last - _FIRST) % _N_FINALS == final:
                    out[n - 1] = np.uint32(last - final)
            else:
                out[n] = point
                n += 1
            if n == begin:
                continue
            slot = np.int64(out[n - 1]) & 1023
            if n - 1 - seen[slot] <= MAX_PERIOD:
                period = _twice(out, begin, n, digits)
                while period:
                    n -= period
                    period = _twice(out, begin, n, digits)
            seen[slot] = max(seen[slot], n - 1)
        out_offsets[row + 1] = n


@kernel
def _twice(out, begin, n, digits):
    """Return the length of the shortest sequence that a form ends with twice, 0 if there is none."""
    for period in range(1, min(MAX_PERIOD, (n - begin) // 2) + 1):
        if out[n - 1] == out[n - 1 - period]:
            same = True
            for i in range(n - period, n):
                point = out[i]
                same &= point == out[i - period]
                same &= not (digits[point >> np.uint32(6)] >> np.int64(point & np.uint32(63))) & 1
                same &= period == 1 or point < _INITIAL or point > _LAST_CONJOINING
            if same:
                return period
    return 0


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
