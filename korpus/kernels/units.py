"""Units of a text (eojeol, lines, paragraphs): where they are, and how much of them is said again.

A unit is identified by a 64-bit hash: two different ones are taken for one with odds of about 2**-64 a pair.
"""

from __future__ import annotations

import numba
import numpy as np

from korpus.compiled import kernel
from korpus.kernels.charset import contains
from korpus.kernels.hashing import fmix64
from korpus.kernels.utf8 import add_span, width

EOJEOL, LINES, PARAGRAPHS = 0, 1, 2
"""Line feeds that white space must hold to part two units, for `find_units`."""

_ODD = np.uint64(0x9E3779B97F4A7C15)


@kernel
def find_units(offsets, data, spaces, n_breaks, spans):
    r"""Find the stretches of each row that are parted by white space with at least so many line feeds.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    spaces : int64, shape (17408,)
        The set of white space; see `korpus.kernels.charset.matching`.
    n_breaks : int
        `EOJEOL`, `LINES` or `PARAGRAPHS`.
    spans : int32, shape (n, 3)
        Start, end and row of each unit, without white space around it; written as far as it goes.

    Returns
    -------
    int
        How many units there are.

    Notes
    -----
    O(n_bytes), no allocation. Reference: ``re.split(r"(?=\s)(?:[^\S\n]*\n){n_breaks}\s*", s)``, stripped, not empty.
    """
    n = 0
    for row in range(len(offsets) - 1):
        i, end = np.int64(offsets[row]), np.int64(offsets[row + 1])
        start = last = np.int64(-1)
        newlines = 0
        while i < end:
            after = i + width(data[i])
            if contains(spaces, data, i):
                newlines += data[i] == 0x0A
            else:
                if start >= 0 and last < i and newlines >= n_breaks:
                    n = add_span(spans, n, start, last, row)
                    start = np.int64(-1)
                if start < 0:
                    start = i
                last, newlines = after, 0
            i = after
        if start >= 0:
            n = add_span(spans, n, start, last, row)
    return n


@kernel
def trim_units(data, spans, marks):
    """Take marks away from the ends of units; one of nothing but marks stays.

    Parameters
    ----------
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    spans : int32, shape (n_units, 3)
        From `find_units`; the ends are written in place.
    marks : int64, shape (17408,)
        A set, see `korpus.kernels.charset`.

    Notes
    -----
    O(n_bytes). Reference: ``unit.rstrip(marks) or unit``.
    """
    for k in range(len(spans)):
        end = np.int64(spans[k, 1])
        while end > spans[k, 0]:
            last = end - 1
            while data[last] & 0xC0 == 0x80:
                last -= 1
            if not contains(marks, data, last):
                spans[k, 1] = end
                break
            end = last


@kernel
def measure_units(data, spans, hashes, n_chars):
    """Hash units and count their characters.

    Parameters
    ----------
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    spans : int32, shape (n_units, 3)
        Of `find_units`.
    hashes : uint64, shape (n_units,)
        Written in place.
    n_chars : int32, shape (n_units,)
        Written in place: code points.
    """
    for k in range(len(spans)):
        h, n = np.uint64(0), 0
        for i in range(spans[k, 0], spans[k, 1]):
            h = (h ^ np.uint64(data[i])) * _ODD
            n += data[i] & 0xC0 != 0x80
        hashes[k] = fmix64(h ^ np.uint64(spans[k, 1] - spans[k, 0]))
        n_chars[k] = n


@numba.njit(inline="always")
def _mask(n):
    size = 4
    while size < 2 * n:
        size *= 2
    return np.uint64(size - 1)


@kernel
def table_of(n):
    """Return an empty hash table for `n` keys: keys, the stamp of who wrote each slot, and how often a key came."""
    size = np.int64(_mask(n)) + 1
    return np.empty(size, np.uint64), np.full(size, -1, np.int64), np.zeros(size, np.int32)


@numba.njit(inline="always")
def _slot(table, mask, stamp, key):
    keys, stamps, counts = table
    slot = key & mask
    while stamps[slot] == stamp and keys[slot] != key:
        slot = (slot + np.uint64(1)) & mask
    if stamps[slot] != stamp:
        keys[slot], stamps[slot], counts[slot] = key, stamp, 0
    return slot


@kernel
def count_repeated(bounds, hashes, n_chars, out):
    """Count the units of each row, those that came before in it, and the characters of both.

    Parameters
    ----------
    bounds : int64, shape (n_rows + 1,)
        The units of row i are ``bounds[i]`` to ``bounds[i + 1]``.
    hashes, n_chars : shape (n_units,)
        Of `measure_units`.
    out : int64, shape (n_rows, 4)
        Written in place: units, repeated units, characters, characters of repeated units.
    """
    table = table_of(np.max(bounds[1:] - bounds[:-1]) if len(bounds) > 1 else 0)
    for row in range(len(bounds) - 1):
        mask = _mask(bounds[row + 1] - bounds[row])
        n_repeated = chars = chars_repeated = 0
        for k in range(bounds[row], bounds[row + 1]):
            slot = _slot(table, mask, row, hashes[k])
            table[2][slot] += 1
            chars += n_chars[k]
            if table[2][slot] > 1:
                n_repeated += 1
                chars_repeated += n_chars[k]
        out[row, 0] = bounds[row + 1] - bounds[row]
        out[row, 1] = n_repeated
        out[row, 2] = chars
        out[row, 3] = chars_repeated


@kernel
def count_ngram_chars(bounds, hashes, n_chars, n_min, n_often, n_top, n_max, out):
    """Count the characters of each row that lie within its most frequent, or within repeated, n-grams.

    Parameters
    ----------
    bounds : int64, shape (n_rows + 1,)
        The eojeol of row i are ``bounds[i]`` to ``bounds[i + 1]``.
    hashes, n_chars : shape (n_units,)
        Of `measure_units`.
    n_min : int
        Rows of fewer eojeol are not looked at.
    n_often : int
        How often the most frequent n-gram must occur to count.
    n_top, n_max : int
        Up to `n_top` the most frequent n-gram counts, from there to `n_max` all that came before in the row.
    out : int64, shape (n_rows, n_max - 1)
        All 0; column ``n - 2`` is for n-grams of n eojeol.

    Notes
    -----
    A character within several n-grams counts once. The most frequent n-gram is the one that occurs most often, of
    these the longest in characters, of these the first; one that occurs less than `n_often` times covers nothing. Of
    n-grams that came before, the first occurrence is not counted. O(n_units * n_max). Reference: ``ngram_chars`` in
    ``tests/test_filters.py``.
    """
    longest = np.max(bounds[1:] - bounds[:-1]) if len(bounds) > 1 else 0
    table = table_of(longest)
    counts = table[2]
    grams = np.empty(longest, np.uint64)
    sizes = np.empty(longest, np.int64)
    stamp = np.int64(0)
    for row in range(len(bounds) - 1):
        first, m = bounds[row], bounds[row + 1] - bounds[row]
        if m < n_min:
            continue
        mask = _mask(m)
        for i in range(m):
            grams[i], sizes[i] = hashes[first + i], n_chars[first + i]
        for n in range(2, min(n_max, m) + 1):
            stamp += 1
            covered = upto = np.int64(0)
            top = 1
            for i in range(m - n + 1):
                grams[i] = fmix64(grams[i] * _ODD + hashes[first + i + n - 1])
                sizes[i] += n_chars[first + i + n - 1]
                slot = _slot(table, mask, stamp, grams[i])
                counts[slot] += 1
                top = max(top, counts[slot])
                if n > n_top and counts[slot] > 1:
                    for j in range(max(i, upto), i + n):
                        covered += n_chars[first + j]
                    upto = i + n
            if top == 1:
                break  # longer ones do not come again either
            if n <= n_top and top >= n_often:
                best = np.int64(-1)
                for i in range(m - n + 1):
                    often = counts[_slot(table, mask, stamp, grams[i])] == top
                    if often and (best < 0 or sizes[i] > sizes[best]):
                        best = np.int64(i)
                for i in range(m - n + 1):
                    if grams[i] == grams[best]:
                        for j in range(max(i, upto), i + n):
                            covered += n_chars[first + j]
                        upto = i + n
            out[row, n - 2] = covered
