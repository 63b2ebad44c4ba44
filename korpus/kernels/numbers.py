"""Which rows may hold a long number: a test that is cheap where there is none."""

from __future__ import annotations

from korpus.compiled import kernel

MAX_GAP = 6
"""Bytes between two digits of one number: a dash of three bytes, and spaces and brackets around it."""


@kernel
def rows_with_numbers(offsets, data, n_digits, out):
    """Mark the rows that hold a number of at least so many digits, however it is grouped.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    n_digits : int
        Fewest ASCII digits.
    out : uint8, shape (n_rows,)
        All 0; becomes 1 for rows with such a number.

    Notes
    -----
    Digits belong to one number if at most `MAX_GAP` bytes stand between them, none of them a line feed, a comma, an
    ASCII letter, or part of a Hangul syllable. O(n_bytes), no allocation. Reference: ``long_number`` in
    ``tests/test_pii.py``.
    """
    for row in range(len(offsets) - 1):
        n = gap = 0
        for i in range(offsets[row], offsets[row + 1]):
            b = data[i]
            if 0x30 <= b <= 0x39:
                n, gap = n + 1, 0
                if n == n_digits:
                    out[row] = 1
                    break
            elif n:
                gap += 1
                letter = 0x61 <= b | 0x20 <= 0x7A
                if gap > MAX_GAP or letter or b == 0x0A or b == 0x2C or 0xEA <= b <= 0xED:
                    n = 0
