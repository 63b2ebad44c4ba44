"""Hashes of byte strings and integers: MurmurHash3 (x64, 128 bits) and its finalizers, after A. Appleby's smhasher.

They are fast and well mixed, not secret: someone who sets out to make two texts of equal hash can.
"""

from __future__ import annotations

import numba
import numpy as np

from korpus.compiled import kernel

_C1 = np.uint64(0x87C37B91114253D5)
_C2 = np.uint64(0x4CF5AD432745937F)
_ADD1, _ADD2 = np.uint64(0x52DCE729), np.uint64(0x38495AB5)
_FIVE = np.uint64(5)
_MIX1, _MIX2 = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)
_S33 = np.uint64(33)
_MIX32_1, _MIX32_2 = np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)


@numba.njit(inline="always")
def fmix64(h):
    """Return the 64-bit finalizer of MurmurHash3 of a uint64: a bijection that spreads every bit over all bits."""
    h = (h ^ (h >> _S33)) * _MIX1
    h = (h ^ (h >> _S33)) * _MIX2
    return h ^ (h >> _S33)


@numba.njit(inline="always")
def fmix32(h):
    """Return the 32-bit finalizer of MurmurHash3 of a uint32."""
    h = np.uint32(np.uint32(h ^ (h >> np.uint32(16))) * _MIX32_1)
    h = np.uint32(np.uint32(h ^ (h >> np.uint32(13))) * _MIX32_2)
    return np.uint32(h ^ (h >> np.uint32(16)))


@numba.njit(inline="always")
def _rotate(h, left):
    return (h << np.uint64(left)) | (h >> np.uint64(64 - left))


@numba.njit(inline="always")
def _word(data, at):
    # Written out so that LLVM sees one unaligned 8-byte load.
    return (
        np.uint64(data[at])
        | (np.uint64(data[at + 1]) << np.uint64(8))
        | (np.uint64(data[at + 2]) << np.uint64(16))
        | (np.uint64(data[at + 3]) << np.uint64(24))
        | (np.uint64(data[at + 4]) << np.uint64(32))
        | (np.uint64(data[at + 5]) << np.uint64(40))
        | (np.uint64(data[at + 6]) << np.uint64(48))
        | (np.uint64(data[at + 7]) << np.uint64(56))
    )


@numba.njit(inline="always")
def _tail(data, begin, end):
    word = np.uint64(0)
    for at in range(end - 1, begin - 1, -1):
        word = (word << np.uint64(8)) | np.uint64(data[at])
    return word


@kernel
def hash128(offsets, data, width, out):
    """Hash each string of an Arrow-like buffer to 128 bits: MurmurHash3 x64-128 with seed 0.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        String i is elements ``offsets[i]`` to ``offsets[i + 1]``.
    data : uint8, shape (n_bytes,)
        The bytes of all strings.
    width : int
        Bytes of an element that the offsets count: 1 for UTF-8, 4 for code points.
    out : uint64, shape (2, n_rows)
        Lower and upper half of each hash, written in place.

    Notes
    -----
    O(n_bytes), no allocation. Reference: ``mmh3.hash64(string, 0, signed=False)``.
    """
    for row in range(len(offsets) - 1):
        at, end = np.intp(offsets[row]) * width, np.intp(offsets[row + 1]) * width
        length = np.uint64(end - at)
        h1 = h2 = np.uint64(0)
        while at + 16 <= end:
            h1 ^= _rotate(_word(data, at) * _C1, 31) * _C2
            h1 = (_rotate(h1, 27) + h2) * _FIVE + _ADD1
            h2 ^= _rotate(_word(data, at + 8) * _C2, 33) * _C1
            h2 = (_rotate(h2, 31) + h1) * _FIVE + _ADD2
            at += 16
        middle = at
        if at + 8 <= end:
            middle = at + 8
            h2 ^= _rotate(_tail(data, middle, end) * _C2, 33) * _C1
            h1 ^= _rotate(_word(data, at) * _C1, 31) * _C2
        else:
            h1 ^= _rotate(_tail(data, at, end) * _C1, 31) * _C2
        h1, h2 = h1 ^ length, h2 ^ length
        h1 += h2
        h2 += h1
        h1, h2 = fmix64(h1), fmix64(h2)
        h1 += h2
        out[0, row] = h1
        out[1, row] = h2 + h1
