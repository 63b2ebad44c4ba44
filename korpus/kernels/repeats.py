"""Runs of one character."""

from __future__ import annotations

import numpy as np

from korpus.compiled import kernel
from korpus.kernels.utf8 import AHEAD, BLOCK, NOTHING, add_span, code_point, to_char, width


@kernel
def _has_no_triples(data, i):
    # True when no character that starts in the block is followed by itself twice. Characters of two and four bytes
    # are rare in Korean and count as such. A triple of three-byte characters is six bytes equal to those three on.
    block = data[i : i + BLOCK + AHEAD]
    odd = False
    for k in range(BLOCK):
        b = block[k]
        odd |= (b < 0x80) & (b == block[k + 1]) & (b == block[k + 2])
        pair = (b == block[k + 3]) & (block[k + 1] == block[k + 4]) & (block[k + 2] == block[k + 5])
        next_pair = (b == block[k + 6]) & (block[k + 1] == block[k + 7]) & (block[k + 2] == block[k + 8])
        odd |= pair & next_pair
        odd |= ((b >= 0xC2) & (b < 0xE0)) | (b >= 0xF0)
    return not odd


@kernel
def find_repeats(offsets, data, classes, min_run, max_repeats, spans):
    r"""Find what is too much of the runs of one character; a span each, filled with nothing.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    classes : uint8, shape (0x110000,)
        The class of each code point.
    min_run, max_repeats : int32, shape (n_classes,)
        A run of at least `min_run` characters of that class keeps `max_repeats` of them.
    spans : int32, shape (n, 3)
        Written as far as it goes.

    Returns
    -------
    int
        How many spans there are.

    Notes
    -----
    O(n_bytes). Reference, for a single class: ``re.sub(r"(\w)\1{2,}", r"\1\1", s)``.
    """
    n = 0
    skip = min_run.min() > 2
    for row in range(len(offsets) - 1):
        i = np.int64(offsets[row])
        end = offsets[row + 1]
        next_test = i if skip else end
        while i < end:
            if i >= next_test:
                next_test = i + BLOCK
                if next_test + AHEAD <= len(data) and _has_no_triples(data, i):
                    i = to_char(data, next_test, end)
                    continue
            start = i
            size = width(data[i])
            i += size
            # A run of equal characters is a run of bytes equal to those one character before.
            while i < end and data[i] == data[i - size]:
                i += 1
            length = (i - start) // size
            i = start + length * size
            if length > 1:
                kind = classes[code_point(data, start)]
                if length >= min_run[kind]:
                    n = add_span(spans, n, start + max_repeats[kind] * size, i, NOTHING)
    return n
