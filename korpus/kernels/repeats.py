"""Runs of one character."""

from __future__ import annotations

import numpy as np

from korpus.compiled import kernel, uncounted
from korpus.kernels.utf8 import AHEAD, BLOCK, NOTHING, add_span, code_point, width


@uncounted
def _has_no_triples(data, i):
    # True when no character that begins in the block is followed by itself twice. Of three equal characters of three
    # bytes the last bytes are equal; few others have that. Those of two and four bytes are rare in Korean and count as
    # such.
    block = data[i : i + BLOCK + AHEAD]
    odd = False
    for k in range(BLOCK):
        b = block[k]
        third, sixth = block[k + 2], block[k + 5]
        odd |= (b >= 0xE0) & (b == block[k + 3]) & (third == sixth) & (third == block[k + 8])
        odd |= ((b < 0x80) & (b == block[k + 1]) & (b == third)) | ((b >= 0xC2) & (b < 0xE0)) | (b >= 0xF0)
    return not odd


@uncounted
def _is_alone(data, i):
    # Tells most characters that are not followed by themselves.
    b = data[i]
    return data[i + 1] != b if b < 0x80 else 0xE0 <= b < 0xF0 and data[i + 2] != data[i + 5]


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
    n = row = 0
    at, end = np.int64(offsets[0]), np.int64(offsets[len(offsets) - 1])
    skip, safe = min_run.min() > 2, len(data) - AHEAD
    while at < end:
        stop = at + BLOCK
        if skip and stop <= safe and _has_no_triples(data, at):
            at = stop
            continue
        i, stop = at, min(stop, end)
        while i < stop:
            if data[i] & 0xC0 == 0x80 or (i < safe and _is_alone(data, i)):
                i += 1
                continue
            while offsets[row + 1] <= i:
                row += 1
            start, row_end = i, np.int64(offsets[row + 1])
            size = width(data[i])
            i += size
            # A run of equal characters is a run of bytes equal to those one character before.
            while i < row_end and data[i] == data[i - size]:
                i += 1
            length = (i - start) // size
            i = start + length * size
            if length > 1:
                kind = classes[code_point(data, start)]
                if length >= min_run[kind]:
                    n = add_span(spans, n, start + max_repeats[kind] * size, i, NOTHING)
        at = max(stop, i)
    return n
