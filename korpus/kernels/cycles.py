"""Which texts say a short sequence again and again."""

from __future__ import annotations

import numba
import numpy as np

from korpus.kernels.utf8 import width

MAX_PERIOD = 20
"""Bytes of the longest sequence that `rows_with_cycles` looks for: six syllables, a mark and a space."""
_LANES = 64


@numba.njit(cache=True, nogil=True)
def _any(some, others):
    found = False
    for k in range(_LANES):
        found |= some[k] == others[k]
    return found


@numba.njit(cache=True, nogil=True)
def _any_two(some, others):
    found = False
    for k in range(_LANES):
        found |= (some[k] == others[k]) & (some[k + 1] == others[k + 1])
    return found


@numba.njit(cache=True, nogil=True)
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


@numba.njit(cache=True, nogil=True)
def _scan(ahead, behind, size, both, period, offsets, data, out):
    # Lanes are `size` bytes of the text, and the same a period later. `both`: a lane counts with the one after it.
    n = len(behind) - both
    row = at = 0
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
            i = at * size
            while offsets[row + 1] <= i:
                row += 1
            first, last = i, i
            while first > offsets[row] and data[first - 1] == data[first - 1 + period]:
                first -= 1
            while last + period < offsets[row + 1] and data[last] == data[last + period]:
                last += 1
            if last - first >= 2 * period and not _is_run(data, first, last + period):
                out[row] = 1
            at = max(at + 1, last // size)


@numba.njit(cache=True, nogil=True)
def rows_with_cycles(offsets, data, out):
    r"""Mark the rows in which a sequence of 2 or of 4 to `MAX_PERIOD` bytes comes three times in a row.

    A run of a single character is none.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    out : uint8, shape (n_rows,)
        All 0; becomes 1 for such rows.

    Notes
    -----
    O(n_bytes). What comes three times with a period of p bytes is 2p bytes that equal those p bytes on. So many hold
    two bytes that begin at a multiple of 2 (p < 4), four that begin at a multiple of 4 (p < 6), or eight of them; only
    these are compared, many at once. Reference: ``re.search(rb"(?s)(.{2}|.{4,20}?)\1\1", s)``, runs aside.
    """
    n_rows = len(offsets) - 1
    if n_rows == 0:
        return
    base = np.int64(offsets[0])
    text = data[base : offsets[n_rows]]
    begins = offsets - offsets[0]
    for period in range(2, MAX_PERIOD + 1):
        if period == 3:
            continue
        rest = len(text) - period
        if rest < 4:
            return
        if period < 4:
            n = rest & ~1
            _scan(text[:n].view(np.uint16), text[period : period + n].view(np.uint16), 2, 0, period, begins, text, out)
        else:
            n = rest & ~3
            both = 1 if period > 5 else 0
            _scan(
                text[:n].view(np.uint32), text[period : period + n].view(np.uint32), 4, both, period, begins, text, out
            )
