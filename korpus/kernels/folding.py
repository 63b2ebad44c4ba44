"""Symbols that are written in another way: finding them by a table."""

from __future__ import annotations

import numpy as np

from korpus.compiled import kernel, uncounted
from korpus.kernels.utf8 import add_span, code_point, to_char, width

CONTEXT = -1
"""In the table: what becomes of the character depends on the text around it."""

N_TABLE = 0x10000


_BLOCK = 64
_MIDDLE_DOTS = (0xB7, 0x318D)
_DOT_FILL = 0xB7C2


@kernel
def may_fold(a, b):
    """Tell whether a character whose first two bytes are `a` and `b` may be in a table.

    These are the leads of ``´ ·``, the conjoining vowels ``ᆢ ᆞ``, general punctuation, mathematical operators, CJK
    punctuation and kana, the last lone jamo (``ㆍ``), small and full-width forms.
    """
    found = (a == 0xE2) & ((b == 0x80) | (b == 0x88) | (b == 0x8B))
    found |= (a == 0xE3) & ((b < 0x84) | (b == 0x86))
    found |= (a == 0xEF) & ((b == 0xB9) | (b >= 0xBC))
    return found | ((a == 0xE1) & (b == 0x86)) | ((a == 0xC2) & (b >= 0xB4) & (b <= 0xB7))


@uncounted
def _has_none(data, i):
    block = data[i : i + _BLOCK + 1]
    found = False
    for k in range(_BLOCK):
        a = block[k]
        found |= (a == 0xE2) | (a == 0xEF) | (a == 0xE1) | (a == 0xC2)
        found |= (a == 0xE3) & ((block[k + 1] < 0x84) | (block[k + 1] == 0x86))
    return not found


@kernel
def find_symbols(offsets, data, table, odd_rows, spans):
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
    odd_rows : uint8, shape (n_rows,)
        All 0; becomes 1 for the rows with a character that is `CONTEXT` in the table, or with two middle dots or what
        becomes one side by side.
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
    n = row = 0
    after_dot = np.int64(-1)
    at, end = np.int64(offsets[0]), np.int64(offsets[len(offsets) - 1])
    while at < end:
        stop = min(at + _BLOCK, end)
        if stop < len(data) and stop == at + _BLOCK and _has_none(data, at):
            at = stop
            continue
        i = to_char(data, at, stop)
        while i < stop:
            size = width(data[i])
            if (size == 2 or size == 3) and may_fold(data[i], data[i + 1]):
                code = code_point(data, i)
                fill = table[code]
                context = fill == CONTEXT
                if code == _MIDDLE_DOTS[0] or code == _MIDDLE_DOTS[1] or fill == _DOT_FILL:
                    context |= after_dot == i
                    after_dot = i + size
                if context:
                    while offsets[row + 1] <= i:
                        row += 1
                    odd_rows[row] = 1
                if fill > 0:
                    n = add_span(spans, n, i, i + size, fill)
            i += size
        at = max(stop, i)
    return n
