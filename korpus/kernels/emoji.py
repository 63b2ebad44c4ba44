"""Which rows may hold an emoji: a test that is cheap where there is none."""

from __future__ import annotations

import numba
import numpy as np

_BLOCK = 64


@numba.njit(cache=True, nogil=True)
def rows_with(offsets, data, table, out):
    """Mark the rows that hold a character of a table.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets, already advanced by ``array.offset``.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    table : uint8, shape (n_table,)
        1 for each code point looked for, and 0 for all that the coarse test below takes to be harmless.
    out : uint8, shape (n_rows,)
        All 0; becomes 1 for rows with such a character.

    Notes
    -----
    O(n_bytes), no allocation. A block of bytes is first asked, in a loop without branches, whether it holds anything
    but ASCII (00-7F), Hangul jamo (E3 84-86: U+3100-U+31BF) and the ideographs and syllables of U+4000-U+DFFF
    (E4-ED). Only a block that does is decoded. Reference: ``any(table[ord(c)] for c in s)``.
    """
    n_rows = len(offsets) - 1
    last = offsets[n_rows] - 1  # no character begins at the last byte but ASCII
    at = offsets[0]
    row = 0
    while at < last:
        stop = min(at + _BLOCK, last)
        suspects = False
        for i in range(at, stop):
            byte, after = data[i], data[i + 1]
            odd = (byte >= 0xC2) & (byte <= 0xE2) | (byte >= 0xEE) | (byte == 0xE3) & ((after < 0x84) | (after > 0x86))
            suspects |= odd
        if suspects:
            i = at
            while i < stop:
                byte = np.int32(data[i])
                if byte < 0xC2:  # ASCII, or inside a character
                    i += 1
                    continue
                if byte < 0xE0:
                    point = ((byte & 0x1F) << 6) | (data[i + 1] & 0x3F)
                elif byte < 0xF0:
                    point = ((byte & 0x0F) << 12) | ((data[i + 1] & 0x3F) << 6) | (data[i + 2] & 0x3F)
                else:
                    point = (
                        ((byte & 0x07) << 18)
                        | ((data[i + 1] & 0x3F) << 12)
                        | ((data[i + 2] & 0x3F) << 6)
                        | (data[i + 3] & 0x3F)
                    )
                i += 1
                if point < len(table) and table[point]:
                    while offsets[row + 1] < i:
                        row += 1
                    out[row] = 1
                    i = offsets[row + 1]  # on with the next row
            stop = max(stop, i)
        at = stop
