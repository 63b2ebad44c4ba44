"""Which texts say a short sequence again and again."""

from __future__ import annotations

import numpy as np

from korpus.compiled import kernel, uncounted
from korpus.kernels.utf8 import width

PERIODS = (2, 4, 5, 6, 7, 8, 9, 10, 11, 12)
"""Bytes of the sequences that `find_cycles` looks for: two marks; four syllables; three, a mark and a space."""
_LANES = 64
_CHUNK = 1 << 14
"""Bytes that are compared with what follows them, period after period, while they are in the nearest cache."""


@kernel
def _any(some, others):
    found = False
    for k in range(_LANES):
        found |= some[k] == others[k]
    return found


@kernel
def _any_two(some, others):
    found = False
    for k in range(_LANES):
        found |= (some[k] == others[k]) & (some[k + 1] == others[k + 1])
    return found


@uncounted
def _is_run(data, start, end):
    # Whether all whole characters of the stretch are equal.
    i = start
    while i < end and data[i] & 0xC0 == 0x80:
        i += 1
    if i == end:
        return True
    size = width(data[i])
    j = i
    while j < end - size and data[j] == data[j + size]:
        j += 1
    return j >= end - size


@uncounted
def _has_syllable(data, start, end):
    for i in range(start, end - 1):
        b, after = data[i], data[i + 1]
        if b == 0xEB or b == 0xEC or (b == 0xEA and after >= 0xB0) or (b == 0xED and after < 0x9E):
            return True
    return False


@kernel
def _scan(ahead, behind, size, both, period, need, begin, row, offsets, data, out):
    # Lanes are `size` bytes of the text from `begin` on, and the same a period later. `both`: one lane counts with the
    # next.
    n = len(behind) - both
    at = 0
    while at < n:
        stop = at + _LANES
        if stop > n:
            stop, found = n, True
        elif both:
            found = _any_two(ahead[at : stop + 1], behind[at : stop + 1])
        else:
            found = _any(ahead[at:stop], behind[at:stop])
        if not found:
            at = stop
            continue
        while at < stop:
            if ahead[at] != behind[at]:
                at += 1
                continue
            i = begin + at * size
            while offsets[row + 1] <= i:
                row += 1
            first, last = i, i
            while first > offsets[row] and data[first - 1] == data[first - 1 + period]:
                first -= 1
            while last + period < offsets[row + 1] and data[last] == data[last + period]:
                last += 1
            # The bytes a period later may be those of the next row.
            last = min(last, offsets[row + 1] - period)
            is_long = last - first >= need[0] and (last - first >= need[1] or not _has_syllable(data, first, last))
            if is_long and not _is_run(data, first, last + period):
                out[row, 0] = min(out[row, 0], first - offsets[row])
                out[row, 1] = max(out[row, 1], last + period - offsets[row])
            at = max(at + 1, (last - begin) // size)


@kernel
def find_cycles(offsets, data, needs, out):
    r"""Find where rows say a sequence of as many bytes as `PERIODS` has three times in a row or more.

    A run of a single character is none.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    needs : int32, shape (n_periods, 2)
        How many bytes must equal those a period on, at least ``2 * period - 1``; and how many, if there is a Hangul
        syllable in them. Three words with spaces between are three periods but for the last space.
    out : int32, shape (n_rows, 2)
        The largest number, and 0; becomes the bytes of the row from which on, and up to which, it does so.

    Notes
    -----
    O(n_bytes). What comes three times with a period of p bytes is 2p - 1 bytes that equal those p bytes on. So many
    hold two bytes that begin at a multiple of 2 (p < 4), four that begin at a multiple of 4 (p < 6), or eight of them;
    only these are compared, many at once. Reference for the fewest, runs aside, for each p:
    ``re.finditer(rb"(?s)(?=(.{p-1})(.)\1\2\1)", s)``.
    """
    n_rows = len(offsets) - 1
    if n_rows == 0:
        return
    base = np.int64(offsets[0])
    text = data[base : offsets[n_rows]]
    begins = offsets - offsets[0]
    row = 0
    for begin in range(0, len(text), _CHUNK):
        while begins[row + 1] <= begin:
            row += 1
        for k, period in enumerate(PERIODS):
            end, need = min(begin + _CHUNK + 4, len(text) - period), needs[k]
            if period < 4:
                n = max(0, end - begin) & ~1
                ahead, behind = text[begin : begin + n], text[begin + period : begin + period + n]
                _scan(ahead.view(np.uint16), behind.view(np.uint16), 2, 0, period, need, begin, row, begins, text, out)
            else:
                n = max(0, end - begin) & ~3
                both = 1 if period > 5 else 0
                ahead, behind = text[begin : begin + n], text[begin + period : begin + period + n]
                _scan(
                    ahead.view(np.uint32),
                    behind.view(np.uint32),
                    4,
                    both,
                    period,
                    needs[k],
                    begin,
                    row,
                    begins,
                    text,
                    out,
                )
