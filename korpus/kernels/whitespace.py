"""Runs of white space."""

from __future__ import annotations

import numpy as np

from korpus.compiled import kernel, uncounted
from korpus.kernels.charset import contains
from korpus.kernels.utf8 import BLOCK, NOTHING, add_span, width

SPACE, NEWLINE = 0x20, 0x0A


@kernel
def _may_be_run(b, after):
    # White space that is not a single U+0020. Beyond ASCII, white space begins with the bytes C2, E1, E2 or E3 80.
    odd = (b < 0x20) | ((b == 0x20) & (after == 0x20)) | (b == 0xC2) | (b == 0xE1) | (b == 0xE2)
    return odd | ((b == 0xE3) & (after == 0x80))


@uncounted
def _has_single_spaces(data, i):
    block = data[i : i + BLOCK + 1]
    odd = False
    for k in range(BLOCK):
        odd |= _may_be_run(block[k], block[k + 1])
    return not odd


@kernel
def find_spaces(offsets, data, spaces, max_newlines, spans):
    r"""Find the runs of white space that are not a single space between words; a span each.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    spaces : int64, shape (17408,)
        Those that match ``\s``.
    max_newlines : int
        A run that holds newlines becomes that many of them at most, 0 to 2, instead of a space.
    spans : int32, shape (n, 3)
        Written as far as it goes; runs at the ends of a row are filled with nothing.

    Returns
    -------
    int
        How many spans there are.

    Notes
    -----
    O(n_bytes). Reference: ``re.sub(r"\s+", " ", s).strip()``.
    """
    n = 0
    clean = next_test = np.int64(offsets[0])
    for row in range(len(offsets) - 1):
        first = i = np.int64(offsets[row])
        last = end = np.int64(offsets[row + 1])
        while i < end and contains(spaces, data, i):
            i += width(data[i])
        if i > first:
            n = add_span(spans, n, first, i, NOTHING)
            first = i
        while last > first:
            before = last - 1
            while data[before] & 0xC0 == 0x80:
                before -= 1
            if not contains(spaces, data, before):
                break
            last = before
        while i < last:
            if i >= next_test:
                next_test = i + BLOCK
                if next_test < len(data) and _has_single_spaces(data, i):
                    clean = next_test
            if i < clean:
                i = clean
                continue
            if not _may_be_run(data[i], data[min(i + 1, last - 1)]) or not contains(spaces, data, i):
                i += 1
                continue
            # A single space before, skipped as one, belongs to the run after all.
            start = i - 1 if data[i - 1] == SPACE else i
            newlines = 0
            while i < last and contains(spaces, data, i):
                newlines += data[i] == NEWLINE
                i += width(data[i])
            newlines = min(newlines, max_newlines)
            fill = NEWLINE if newlines else SPACE
            if newlines == 2:
                if i - start > 2 or data[start] != fill or data[start + 1] != fill:
                    n = add_span(spans, n, start, start + 1, fill)
                    n = add_span(spans, n, start + 1, i, fill)
            elif i - start > 1 or data[start] != fill:
                n = add_span(spans, n, start, i, fill)
        if last < end:
            n = add_span(spans, n, last, end, NOTHING)
    return n
