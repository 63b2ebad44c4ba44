"""Splitting texts into the words of BERT: clean, then split at whitespace, punctuation and Chinese characters.

The rules are those of ``BertNormalizer`` and ``BertPreTokenizer`` in the `tokenizers` library. They look at each code
point alone, so all that the kernel needs is the class of every code point, handed to it as a table.
"""

from __future__ import annotations

import numba
import numpy as np

WORD, REMOVED, SPACE, ALONE = 0, 1, 2, 3
"""Classes of code points: part of a word; dropped as if it were not there; between words; a word of its own."""

_SPACE = np.uint32(0x20)


@numba.njit(inline="always")
def decode(data, at):
    code, size = np.uint32(data[at]), 1
    if code >= 0xF0:
        code, size = code & np.uint32(0x7), 4
    elif code >= 0xE0:
        code, size = code & np.uint32(0xF), 3
    elif code >= 0xC0:
        code, size = code & np.uint32(0x1F), 2
    for k in range(at + 1, at + size):
        code = code << np.uint32(6) | np.uint32(data[k] & 0x3F)
    return code, size


@numba.njit(cache=True, nogil=True)
def split_words(offsets, data, classes, word_offsets, word_data):
    """Write the words of Arrow strings one after the other, as an Arrow string buffer.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets, already advanced by ``array.offset``.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    classes : uint8, shape (0x110000,)
        `WORD`, `REMOVED`, `SPACE` or `ALONE` for every code point.
    word_offsets : int32, shape (offsets[-1] - offsets[0] + 1,)
        Written in place: the byte offsets of the words, from 0. No word is empty, so there is always room.
    word_data : uint8, shape (offsets[-1] - offsets[0],)
        Written in place: the bytes of the words.

    Returns
    -------
    int
        The number of words.

    Notes
    -----
    O(n_bytes), no allocation. Reference: ``words_of`` in ``tests/test_words.py``.
    """
    n_words = start = end = 0
    word_offsets[0] = 0
    for row in range(len(offsets) - 1):
        at, stop = np.int64(offsets[row]), np.int64(offsets[row + 1])
        while at <= stop:
            # The end of a row closes its last word, as a space would.
            code, size = decode(data, at) if at < stop else (_SPACE, 1)
            kind = classes[code]
            if kind >= SPACE and end > start:
                n_words, start = n_words + 1, end
                word_offsets[n_words] = end
            if kind in (WORD, ALONE):
                for k in range(size):
                    word_data[end + k] = data[at + k]
                end += size
            if kind == ALONE:
                n_words, start = n_words + 1, end
                word_offsets[n_words] = end
            at += size
    return n_words
