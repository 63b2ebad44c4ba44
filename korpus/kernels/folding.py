"""Symbols that are written in another way: finding them by a table."""

from __future__ import annotations

import numba
import numpy as np

from korpus.kernels.utf8 import BLOCK, add_span, code_point, to_char, width

CONTEXT = -1
"""In the table: what becomes of the character depends on the text around it."""

N_TABLE = 0x10000


@numba.njit(cache=True, nogil=True)
def may_fold(a, b):
    """Tell whether a character whose first two bytes are `a` and `b` may be in a table.

    These are the leads of ``´``, the conjoining vowels ``ᆢ ᆞ``, general punctuation, mathematical operators, CJK
    punctuation and kana, small and full-width forms.
    """
    found = (a == 0xE2) & ((b == 0x80) | (b == 0x88) | (b == 0x8B))
    found |= (a == 0xE3) & (b < 0x84)
    found |= (a == 0xEF) & ((b == 0xB9) | (b >= 0xBC))
    return found | ((a == 0xE1) & (b == 0x86)) | ((a == 0xC2) & (b == 0xB4))


@numba.njit(cache=True, nogil=True)
def _has_none(data, i):
    block = data[i : i + BLOCK + 1]
    found = False
    for k in range(BLOCK):
        found |= may_fold(block[k], block[k + 1])
    return not found


@numba.njit(cache=True, nogil=True)
def find_symbols(offsets, data, table, in_context, spans):
    """Find the characters that a table maps; a span each, filled with what the table says.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    table : int32, shape (N_TABLE,)
        For each code point what it becomes, as `korpus.kernels.utf8.packed` has it, 0 if it stays, or `CONTEXT`.
        `may_fold` is true of all that do not stay.
    in_context : uint8, shape (n_rows,)
        All 0; becomes 1 for the rows with a character that is `CONTEXT` in the table.
    spans : int32, shape (n, 3)
        Written as far as it goes.

    Returns
    -------
    int
        How many spans there are.

    Notes
    -----
    O(n_bytes). Reference: ``s.translate(table)``.
    """
    n = 0
    for row in range(len(offsets) - 1):
        i = np.int64(offsets[row])
        end = offsets[row + 1]
        next_test = i
        while i < end:
            if i >= next_test:
                next_test = i + BLOCK
                if next_test < len(data) and _has_none(data, i):
                    i = to_char(data, next_test, end)
                    continue
            size = width(data[i])
            if (size == 2 or size == 3) and may_fold(data[i], data[i + 1]):
                fill = table[code_point(data, i)]
                if fill == CONTEXT:
                    in_context[row] = 1
                elif fill:
                    n = add_span(spans, n, i, i + size, fill)
            i += size
    return n
