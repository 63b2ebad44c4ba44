"""Which rows may be concerned by a slow rule: tests that are cheap where it is not.

The kernels ask a block of bytes, in a function that compiles to SIMD instructions, whether it can hold what is looked
for, and look closer only where it can.
"""

from __future__ import annotations

import numpy as np

from korpus.compiled import kernel, uncounted
from korpus.kernels.charset import contains

_BLOCK = 64

COMMON = ((0x0A, 0x0A), (0x20, 0x7E), (0x3100, 0x3163), (0x3165, 0x31BF), (0xAC00, 0xD77F))
"""What `rows_with` must not be asked for: the line feed, printable ASCII, lone jamo but the filler, and syllables."""


@kernel
def _may_be_rare(b, after, last):
    odd = ((b < 0x20) & (b != 0x0A)) | (b == 0x7F) | ((b >= 0xC2) & (b <= 0xE2)) | (b >= 0xEE)
    odd |= (b == 0xE3) & ((after < 0x84) | (after > 0x86) | ((after == 0x85) & (last == 0xA4)))
    return odd | ((b >= 0xE4) & (b < 0xEA)) | ((b == 0xEA) & (after < 0xB0)) | ((b == 0xED) & (after >= 0x9E))


@uncounted
def _is_common(data, i):
    block = data[i : i + _BLOCK + 2]
    odd = False
    for k in range(_BLOCK):
        odd |= _may_be_rare(block[k], block[k + 1], block[k + 2])
    return not odd


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
    end = np.int64(offsets[len(offsets) - 1])
    at = np.int64(offsets[0])
    row = 0
    while at < end:
        stop = at + _BLOCK
        if stop + 2 <= len(data) and _is_common(data, at):
            at = stop
            continue
        i, stop = at, min(stop, end)
        while i < stop:
            b = data[i]
            if 0x20 <= b < 0x7F or 0x80 <= b < 0xC2 or not contains(words, data, i):
                i += 1
                continue
            while offsets[row + 1] <= i:
                row += 1
            out[row] = 1
            i = np.int64(offsets[row + 1])  # on with the next row
        at = max(stop, i)


@uncounted
def _has_no_dot(data, i):
    # No dot before a letter or before what a syllable begins with, and no slash behind a colon.
    block = data[i : i + _BLOCK + 1]
    odd = False
    for k in range(_BLOCK):
        after, low = block[k + 1], block[k + 1] | 0x20
        letter = ((low >= 0x61) & (low <= 0x7A)) | (after == 0xED) | (after == 0xEB)
        odd |= ((block[k] == 0x2E) & letter) | ((block[k] == 0x3A) & (after == 0x2F))
    return not odd


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
        stop = at + _BLOCK
        if stop + 2 <= len(data) and _has_no_dot(data, at):
            at = stop
            continue
        stop = min(stop, end)
        for i in range(at, min(stop, len(data) - 2)):
            if (data[i] == 0x2E or data[i] == 0x3A) and _is_host(data, i):
                while offsets[row + 1] <= i:
                    row += 1
                before = data[i] == 0x3A or (i > offsets[row] and _ends_label(data[i - 1]))
                if before and i + 2 < offsets[row + 1]:
                    out[row] = 1
        at = stop


@uncounted
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
