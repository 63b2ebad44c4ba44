"""Comparison forms, character shingles, MinHash signatures and band keys.

A form is a text as code points, after a table has replaced some and dropped others (`korpus.dedup.forms` makes the
tables). The shingles of a form are its substrings of ``k`` code points; a shorter form that is not empty is one
shingle.

A shingle ``c[0] … c[k-1]`` has the 64-bit hash ``fmix64(sum((c[i] + 1) * BASE ** (k - 1 - i)) mod 2**64)``. Sets of
shingles are compared by it: two different shingles are taken for one with odds of about 2**-64, so that a pair of
texts of 1,000 shingles each is judged wrongly about once in 10**13. Signatures are made from its upper 32 bits.
"""

from __future__ import annotations

import numba
import numpy as np

from korpus.compiled import kernel
from korpus.kernels.hashing import fmix32, fmix64

BASE = 0x9E3779B97F4A7C15
"""Base of the polynomial: 2**64 over the golden ratio, odd."""

DROPPED = -(1 << 30)
"""The difference, in a folding table, that stands for a code point that the form leaves out."""

_BASE = np.uint64(BASE)
_ONE = np.uint64(1)
_MAX32 = np.uint32(0xFFFFFFFF)


@kernel
def fold(offsets, data, blocks, deltas, out_offsets, out):
    """Decode UTF-8 into code points, replaced or dropped as a two-level table says.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets, already advanced by ``array.offset``.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    blocks : int32, shape (0x1100,)
        Where in `deltas` the 256 entries of a block of code points begin.
    deltas : int32, shape (n_deltas,)
        What is added to a code point, or `DROPPED`.
    out_offsets : int32, shape (n_rows + 1,)
        Offsets of the forms in `out`, written in place.
    out : uint32, shape (>= n_bytes + 1,)
        The code points of all forms, written in place.

    Notes
    -----
    O(n_bytes), no allocation. Reference: ``[ord(c) + delta(c) for c in text if delta(c) != DROPPED]``.
    """
    n = np.intp(0)
    out_offsets[0] = 0
    for row in range(len(offsets) - 1):
        at, end = np.intp(offsets[row]), np.intp(offsets[row + 1])
        while at < end:
            lead = np.int32(data[at])
            if lead < 0x80:
                point = lead
                at += 1
            elif lead >= 0xE0:
                point = ((lead & 0xF) << 12) | (np.int32(data[at + 1] & 0x3F) << 6) | np.int32(data[at + 2] & 0x3F)
                at += 3
                if lead >= 0xF0:
                    point = ((point & 0x7FFF) << 6) | np.int32(data[at] & 0x3F)
                    at += 1
            else:
                point = ((lead & 0x1F) << 6) | np.int32(data[at + 1] & 0x3F)
                at += 2
            delta = deltas[blocks[point >> 8] + (point & 0xFF)]
            # Written always and kept or not: whether the next character stays cannot be guessed by the processor.
            out[n] = np.uint32(point + delta)
            n += delta != DROPPED
        out_offsets[row + 1] = n


@numba.njit(inline="always")
def base_power(k):
    """Return ``BASE ** k mod 2**64``."""
    power = _ONE
    for _ in range(k):
        power *= _BASE
    return power


@numba.njit(nogil=True)
def shingle_row(chars, begin, end, k, power, out):
    """Write the 64-bit hashes of all shingles of one form to `out`, repeated ones too, and return how many.

    Parameters
    ----------
    chars : uint32, shape (n_chars,)
        Code points; the form is ``chars[begin:end]``.
    begin, end : int
        Borders of the form.
    k : int
        Code points of a shingle.
    power : uint64
        ``BASE ** k``.
    out : uint64, shape (>= max(1, end - begin - k + 1),)
        Written in place.
    """
    if end <= begin:
        return 0
    value = np.uint64(0)
    first = min(begin + k, end)
    for at in range(begin, first):
        value = value * _BASE + (np.uint64(chars[at]) + _ONE)
    out[0] = fmix64(value)
    n = 1
    for at in range(first, end):
        value = value * _BASE + (np.uint64(chars[at]) + _ONE) - power * (np.uint64(chars[at - k]) + _ONE)
        out[n] = fmix64(value)
        n += 1
    return n


@numba.njit(nogil=True)
def _sign(hashes, n, a, b, mins):
    # Four shingles at a time, so that a permutation is loaded once for the four; the tail is taken up by repeats,
    # which do not change a minimum. The inner loop becomes SIMD multiplications and minima of 32-bit lanes.
    n_hashes = len(mins)
    for j in range(n_hashes):
        mins[j] = _MAX32
    last = n - 1
    for i in range(0, n, 4):
        h0 = fmix32(np.uint32(hashes[i] >> np.uint64(32)))
        h1 = fmix32(np.uint32(hashes[min(i + 1, last)] >> np.uint64(32)))
        h2 = fmix32(np.uint32(hashes[min(i + 2, last)] >> np.uint64(32)))
        h3 = fmix32(np.uint32(hashes[min(i + 3, last)] >> np.uint64(32)))
        for j in range(n_hashes):
            p0 = np.uint32(a[j] * h0 + b[j])
            p1 = np.uint32(a[j] * h1 + b[j])
            p2 = np.uint32(a[j] * h2 + b[j])
            p3 = np.uint32(a[j] * h3 + b[j])
            mins[j] = min(mins[j], min(min(p0, p1), min(p2, p3)))


@numba.njit(nogil=True)
def _longest(offsets):
    longest = np.intp(1)
    for row in range(len(offsets) - 1):
        longest = max(longest, np.intp(offsets[row + 1]) - np.intp(offsets[row]))
    return longest


@kernel
def signatures(offsets, chars, k, a, b, out):
    """Make the MinHash signature of each form.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Borders of the forms in `chars`.
    chars : uint32, shape (n_chars,)
        Code points.
    k : int
        Code points of a shingle.
    a, b : uint32, shape (n_hashes,)
        The permutations ``a * h + b mod 2**32``.
    out : uint32, shape (n_rows, n_hashes)
        Written in place; all ones for an empty form.

    Notes
    -----
    O(n_chars * n_hashes). Reference: ``datasketch.MinHash(scheme="affine32")`` fed with the 32-bit shingle hashes.
    """
    power = base_power(k)
    hashes = np.empty(_longest(offsets), np.uint64)
    for row in range(len(offsets) - 1):
        n = shingle_row(chars, np.intp(offsets[row]), np.intp(offsets[row + 1]), k, power, hashes)
        _sign(hashes, n, a, b, out[row])


@kernel
def band_keys(offsets, chars, k, a, b, weights, n_rows_of_band, out):
    """Make the 64-bit key of each band of each form's signature, without keeping the signature.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Borders of the forms in `chars`.
    chars : uint32, shape (n_chars,)
        Code points.
    k : int
        Code points of a shingle.
    a, b : uint32, shape (n_bands * n_rows_of_band,)
        The permutations.
    weights : uint64, shape (n_bands * n_rows_of_band,)
        Random odd numbers.
    n_rows_of_band : int
        Values of the signature in a band.
    out : uint64, shape (n_rows, n_bands)
        ``fmix64(band + 1 + sum(weight * value) mod 2**64)``, written in place; meaningless for an empty form.

    Notes
    -----
    O(n_chars * n_hashes). Two different bands meet in a key with odds below 2**-32; a pair is verified anyway.
    """
    power = base_power(k)
    hashes = np.empty(_longest(offsets), np.uint64)
    mins = np.empty(len(a), np.uint32)
    n_bands = out.shape[1]
    for row in range(len(offsets) - 1):
        n = shingle_row(chars, np.intp(offsets[row]), np.intp(offsets[row + 1]), k, power, hashes)
        _sign(hashes, n, a, b, mins)
        for band in range(n_bands):
            key = np.uint64(band + 1)
            for j in range(band * n_rows_of_band, (band + 1) * n_rows_of_band):
                key += weights[j] * np.uint64(mins[j])
            out[row, band] = fmix64(key)
