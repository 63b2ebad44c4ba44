"""Which rows may be concerned by a slow rule: tests that are cheap where it is not.

Both kernels ask a block of bytes, in a loop that compiles to SIMD instructions, whether it can hold what is looked
for, and look closer only where it can.
"""

from __future__ import annotations

import numpy as np

from korpus.compiled import kernel
from korpus.kernels.charset import contains
from korpus.kernels.utf8 import to_char, width

_BLOCK = 64

COMMON = ((0x0A, 0x0A), (0x20, 0x7E), (0x3100, 0x3163), (0x3165, 0x31BF), (0xAC00, 0xD77F))
"""What `rows_with` must not be asked for: the line feed, printable ASCII, lone jamo but the filler, and syllables."""


@kernel
def rows_with(offsets, data, words, out):
    """Mark the rows that hold a character of a set.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    words : int64, shape (17408,)
        Of `korpus.kernels.charset.bitmap`; nothing of `COMMON` is in the set.
    out : uint8, shape (n_rows,)
        All 0; becomes 1 for rows with such a character.

    Notes
    -----
    O(n_bytes), no allocation. Reference: ``any(c in set for c in s)``.
    """
    n_rows = len(offsets) - 1
    end = np.int64(offsets[n_rows])
    at = np.int64(offsets[0])
    row = 0
    while at < end:
        stop = min(at + _BLOCK, end)
        odd = stop + 2 > len(data)
        if not odd:
            block = data[at : stop + 2]
            for k in range(stop - at):
                b = block[k]
                after = block[k + 1]
                odd |= ((b < 0x20) & (b != 0x0A)) | (b == 0x7F) | ((b >= 0xC2) & (b <= 0xE2)) | (b >= 0xEE)
                odd |= (b == 0xE3) & ((after < 0x84) | (after > 0x86) | ((after == 0x85) & (block[k + 2] == 0xA4)))
                odd |= ((b >= 0xE4) & (b < 0xEA)) | ((b == 0xEA) & (after < 0xB0)) | ((b == 0xED) & (after >= 0x9E))
        if odd:
            i = to_char(data, at, stop)
            while i < stop:
                if contains(words, data, i):
                    while offsets[row + 1] <= i:
                        row += 1
                    out[row] = 1
                    i = np.int64(offsets[row + 1])  # on with the next row
                else:
                    i += width(data[i])
            stop = max(stop, i)
        at = stop


@kernel
def rows_misread(offsets, data, words, out):
    r"""Mark the rows that bytes read with the wrong encoding may be in.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    words : int64, shape (17408,)
        A set of Hanja; see `korpus.kernels.charset.bitmap`.
    out : uint8, shape (n_rows,)
        Becomes 1 for rows that hold a character of Latin-1 before another one or one that only CP1252 has, or one of
        these Hanja.

    Notes
    -----
    O(n_bytes), no allocation. Reference, but for rows in which the match would reach into the next one:
    ``re.search("[\x80-\xff][\x80-\xff\u0152-\u02dc\u2013-\u2122]|[…]", s)``, and some rows more.
    """
    n_rows = len(offsets) - 1
    end = np.int64(offsets[n_rows])
    at = np.int64(offsets[0])
    row = 0
    while at < end:
        stop = min(at + _BLOCK, end)
        odd = stop + 2 > len(data) or stop - at < _BLOCK
        if not odd:
            block = data[at : at + _BLOCK + 2]
            for k in range(_BLOCK):
                b = block[k]
                odd |= (b == 0xC2) | (b == 0xC3) | ((b >= 0xE4) & (b < 0xEA))
        if odd:
            for i in range(at, min(stop, len(data) - 2)):
                b = data[i]
                after = data[i + 2]
                latin = (b == 0xC2 or b == 0xC3) and (0xC2 <= after <= 0xCB or after == 0xE2)
                if latin or (0xE4 <= b < 0xEA and contains(words, data, i)):
                    while offsets[row + 1] <= i:
                        row += 1
                    out[row] = 1
        at = stop


@kernel
def rows_with_sequences(offsets, data, out):
    r"""Mark the rows that a sequence of code points that is one emoji may be in.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    out : uint8, shape (n_rows,)
        All 0; becomes 1 for rows with a character of four bytes from U+1F000 on or a variation selector.

    Notes
    -----
    O(n_bytes), no allocation. Reference: ``re.search("[\ufe00-\ufe3f\U0001f000-\U0001ffff]", s)``.
    """
    n_rows = len(offsets) - 1
    end = np.int64(offsets[n_rows])
    at = np.int64(offsets[0])
    row = 0
    while at < end:
        stop = min(at + _BLOCK, end)
        odd = stop + 2 > len(data) or stop - at < _BLOCK
        if not odd:
            block = data[at : at + _BLOCK]
            for k in range(_BLOCK):
                odd |= (block[k] == 0xF0) | (block[k] == 0xEF)
        if odd:
            for i in range(at, min(stop, len(data) - 1)):
                if (data[i] == 0xF0 and data[i + 1] == 0x9F) or (data[i] == 0xEF and data[i + 1] == 0xB8):
                    while offsets[row + 1] <= i:
                        row += 1
                    out[row] = 1
        at = stop


@kernel
def rows_with_hosts(offsets, data, out):
    r"""Mark the rows that may hold a URL: what a host may end in, a dot, and what a top-level domain begins with.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    out : uint8, shape (n_rows,)
        All 0; becomes 1 for rows that may.

    Notes
    -----
    O(n_bytes), no allocation. Top-level domains have two letters or more, or are 한국, 닷컴 and 닷넷, of which the
    first syllable is asked for. Reference, on the bytes of a row:
    ``re.search(rb"[A-Za-z0-9*_\x80-\xff-]\.(?:[A-Za-z]{2}|\xed\x95\x9c|\xeb\x8b\xb7)|://", row)``.
    """
    n_rows = len(offsets) - 1
    end = np.int64(offsets[n_rows])
    at = np.int64(offsets[0])
    row = 0
    while at < end:
        stop = min(at + _BLOCK, end)
        length = min(stop, len(data) - 2) - at
        block = data[at : at + length + 2]
        odd = False
        for k in range(length):
            b = block[k]
            after = block[k + 1]
            low = after | 0x20
            odd |= (b == 0x2E) & (((low >= 0x61) & (low <= 0x7A)) | (after == 0xED) | (after == 0xEB))
            odd |= (b == 0x3A) & (after == 0x2F)
        if odd:
            for k in range(length):
                if (block[k] == 0x2E or block[k] == 0x3A) and _is_host(data, at + k):
                    i = at + k
                    while offsets[row + 1] <= i:
                        row += 1
                    before = data[i] == 0x3A or (i > offsets[row] and _ends_label(data[i - 1]))
                    if before and i + 2 < offsets[row + 1]:
                        out[row] = 1
        at = stop


@kernel
def _is_host(data, i):
    """Tell whether after a dot stands what a top-level domain begins with, or after a colon two slashes."""
    after, last = data[i + 1], data[i + 2]
    if data[i] == 0x3A:
        return after == 0x2F and last == 0x2F
    letters = 0x61 <= after | 0x20 <= 0x7A and 0x61 <= last | 0x20 <= 0x7A
    if letters or i + 3 >= len(data):
        return letters
    han = after == 0xED and last == 0x95 and data[i + 3] == 0x9C
    return han or (after == 0xEB and last == 0x8B and data[i + 3] == 0xB7)


@kernel
def _ends_label(b):
    """Tell whether a byte may be the last of a label of a host."""
    return 0x30 <= b <= 0x39 or 0x61 <= b | 0x20 <= 0x7A or b >= 0x80 or b == 0x2A or b == 0x2D or b == 0x5F
