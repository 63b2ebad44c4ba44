"""The longest number of each row: a test that is cheap where there is none."""

from __future__ import annotations

import numpy as np

from korpus.compiled import kernel, uncounted

MAX_GAP = 8
"""Bytes between two digits of one number: a dash of three bytes and what is around it, or six hidden digits."""
_BLOCK = 64


@kernel
def longest_numbers(offsets, data, out):
    """Count the digits of the longest number of each row, however it is grouped.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    out : uint8, shape (n_rows,)
        All 0; becomes the most digits, of ASCII, full-width (``０``) or circled (``①``, ``⓪``), of one number; 255 for
        more.

    Notes
    -----
    Digits belong to one number if at most `MAX_GAP` bytes stand between them, none of them a line feed, a comma, an
    ASCII letter, or part of a Hangul syllable. O(n_bytes), no allocation. Reference: ``longest_number`` in
    ``tests/test_pii.py``.
    """
    # Unsigned, so that no index is asked for being negative.
    one, length = np.uint64(1), np.uint64(_BLOCK)
    i, end = np.uint64(offsets[0]), np.uint64(offsets[len(offsets) - 1])
    row = np.uint64(0)
    n = gap = 0
    while i < end:
        stop = min(i + length, end)
        odd = n > 0
        if not odd:
            block = data[i:stop]
            for k in range(len(block)):
                b = block[k]
                odd |= ((b >= 0x30) & (b <= 0x39)) | (b == 0xEF) | (b == 0xE2)
        if not odd:
            i = stop
        while i < stop:
            b = data[i]
            size = np.uint64(1 if 0x30 <= b <= 0x39 else _wide_digit(data, i) if b == 0xEF or b == 0xE2 else 0)
            if size:
                if np.uint64(offsets[row + one]) <= i:
                    n = 0
                    while np.uint64(offsets[row + one]) <= i:
                        row += one
                n, gap, i = n + 1, 0, i + size
                out[row] = max(out[row], min(n, 255))
                continue
            i += one
            if n:
                gap += 1
                letter = 0x61 <= b | 0x20 <= 0x7A
                if gap > MAX_GAP or letter or b == 0x0A or b == 0x2C or 0xEA <= b <= 0xED:
                    n = 0


@uncounted
def _wide_digit(data, i):
    """Return the bytes, 3 or none, of the full-width or circled digit at the beginning of a character of 3 bytes."""
    middle, last = data[i + np.uint64(1)], data[i + np.uint64(2)]
    if data[i] == 0xEF:
        return 3 if middle == 0xBC and 0x90 <= last <= 0x99 else 0
    return 3 if (middle == 0x91 and 0xA0 <= last <= 0xA8) or (middle == 0x93 and last == 0xAA) else 0
