"""Where the sentences of a text are."""

from __future__ import annotations

import numba
import numpy as np

from korpus.compiled import kernel
from korpus.kernels.charset import contains
from korpus.kernels.utf8 import add_span, width

TAB, NEWLINE, SPACE, DOT = 0x09, 0x0A, 0x20, 0x2E
MAX_ITEM_DIGITS = 3
"""``1.`` to ``999.`` number an item; ``2020.`` is a year."""


@numba.njit(inline="always")
def _is_letter(byte):
    return 0x41 <= byte & 0xDF <= 0x5A


@kernel
def _is_item(data, first, i):
    # Whether what ends before ``i`` is the number of an item or an initial: 1. or J. after white space or a bracket.
    if data[i - 1] != DOT or i - 2 < first:
        return False
    j = i - 2
    if _is_letter(data[j]):
        j -= 1
    else:
        while j >= first and i - 2 - j < MAX_ITEM_DIGITS and 0x30 <= data[j] <= 0x39:
            j -= 1
        if j == i - 2:
            return False
    before = data[j]
    return j < first or before == SPACE or 0x09 <= before <= 0x0D or before == 0x28 or before == 0x5B


@kernel
def find_sentences(offsets, data, spaces, ends, closers, spans):
    r"""Find the sentences of each row; a span each.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    spaces, ends, closers : int64, shape (17408,)
        The sets of white space, of what ends a sentence, and of what closes it after that; see
        `korpus.kernels.charset.matching`.
    spans : int32, shape (n, 3)
        Start, end and row of each sentence, without white space around it; written as far as it goes.

    Returns
    -------
    int
        How many sentences there are.

    Notes
    -----
    O(n_bytes), no allocation. Reference: `tests.test_sentences.sentences`.
    """
    n = 0
    for row in range(len(offsets) - 1):
        first, end = np.int64(offsets[row]), np.int64(offsets[row + 1])
        i, start, last = first, np.int64(-1), first
        ended = False
        while i < end:
            byte = data[i]
            after = i + width(byte)
            if contains(spaces, data, i):
                cut = byte == NEWLINE or (ended and byte in (SPACE, TAB) and not _is_item(data, first, i))
                if cut and start >= 0:
                    n = add_span(spans, n, start, last, row)
                    start = np.int64(-1)
                ended = False
            else:
                if start < 0:
                    start = i
                last = after
                ended = contains(ends, data, i) or (ended and contains(closers, data, i))
            i = after
        if start >= 0:
            n = add_span(spans, n, start, last, row)
    return n


@kernel
def copy_spans(data, spans, offsets, out):
    """Put spans of a buffer side by side.

    Parameters
    ----------
    data : uint8, shape (n_bytes,)
    spans : int32, shape (n_spans, 3)
        Start and end of each.
    offsets : int32, shape (n_spans + 1,)
        Where each goes, starting at 0.
    out : uint8, shape (offsets[-1],)
        Written in place.
    """
    for k in range(len(spans)):
        out[offsets[k] : offsets[k + 1]] = data[spans[k, 0] : spans[k, 1]]
