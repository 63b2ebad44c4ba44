"""Splitting texts into the words of BERT: clean, then split at whitespace, punctuation and Chinese characters.

The rules are those of ``BertNormalizer`` and ``BertPreTokenizer`` in the `tokenizers` library. They look at each code
point alone, so all that the kernel needs is the class of every code point, handed to it as a table.
"""

from __future__ import annotations

import numba
import numpy as np

from korpus.compiled import kernel

WORD, REMOVED, SPACE, ALONE = 0, 1, 2, 3
"""Classes of code points: part of a word; dropped as if it were not there; between words; a word of its own."""

_SPACE = np.uint32(0x20)


@numba.njit(inline="always")
def decode(data, at):
    """Return the code point that begins at a byte of valid UTF-8, and how many bytes it takes."""
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


_FNV_START, _FNV_PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)


@kernel
def enter_words(hashes, n_words, slots):
    """Enter words that differ from each other into an empty table.

    Parameters
    ----------
    hashes : uint64, shape (max_words,)
        The words' hashes.
    n_words : int
        How many there are.
    slots : int32, shape (a power of two,)
        All -1; written in place.
    """
    mask = np.uint64(len(slots) - 1)
    for word in range(n_words):
        slot = hashes[word] & mask
        while slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = word


@kernel
def count_words(offsets, data, weights, classes, row, at, slots, hashes, word_offsets, word_data, counts, n_words):
    """Count the words of Arrow strings, until the room for new words is used up.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets, already advanced by ``array.offset``.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    weights : int64, shape (n_rows,) or (1,)
        What each word of a row counts; a single one holds for all rows.
    classes : uint8, shape (0x110000,)
        `WORD`, `REMOVED`, `SPACE` or `ALONE` for every code point.
    row, at : int
        Where to begin: the row, and the byte within ``data``; for the first time 0 and ``offsets[0]``.
    slots : int32, shape (a power of two, at least twice max_words,)
        Table of the words, -1 where empty; written in place, as are those that follow.
    hashes : uint64, shape (max_words,)
        The words' hashes.
    word_offsets : int32, shape (max_words + 1,)
        Byte offsets of the words.
    word_data : uint8, shape (max_bytes,)
        The bytes of the words, each word once, in the order of first occurrence.
    counts : int64, shape (max_words,)
        How often each occurs.
    n_words : int
        How many words there are already.

    Returns
    -------
    row, at : int
        Where to go on once there is more room; ``row`` is n_rows when all is counted.
    n_words : int

    Notes
    -----
    O(n_bytes), no allocation. Reference: ``words_of`` in ``tests/test_words.py``.
    """
    mask = np.uint64(len(slots) - 1)
    start = np.int64(word_offsets[n_words])
    end, code_so_far = start, _FNV_START
    while row < len(offsets) - 1:
        weight = weights[row] if len(weights) > 1 else weights[0]
        stop = np.int64(offsets[row + 1])
        if start + stop - at > len(word_data):
            return row, at, n_words
        begin = at
        while at <= stop:
            # The end of a row closes its last word, as a space would.
            kind, size = np.uint8(SPACE), 1
            if at < stop:
                code, size = decode(data, at)
                kind = classes[code]
            # A character that stands alone closes the word before it, and is then a word itself.
            for alone in range(2 if kind == ALONE else 1):
                if alone or kind == WORD:
                    for k in range(size):
                        word_data[end + k] = data[at + k]
                        code_so_far = (code_so_far ^ np.uint64(data[at + k])) * _FNV_PRIME
                    end += size
                if (kind >= SPACE) and end > start:
                    key = code_so_far ^ (code_so_far >> np.uint64(32))
                    slot = key & mask
                    found = False
                    while slots[slot] >= 0 and not found:
                        word = slots[slot]
                        if hashes[word] == key and word_offsets[word + 1] - word_offsets[word] == end - start:
                            found = True
                            for k in range(end - start):
                                if word_data[word_offsets[word] + k] != word_data[start + k]:
                                    found = False
                                    break
                        if not found:
                            slot = (slot + np.uint64(1)) & mask
                    if not found:
                        if n_words == len(counts):
                            return row, begin, n_words
                        slots[slot], hashes[n_words], counts[n_words] = n_words, key, 0
                        n_words, start = n_words + 1, end
                        word_offsets[n_words] = end
                    counts[slots[slot]] += weight
                    end, code_so_far = start, _FNV_START
                    # From here on nothing has been counted yet; a character that stands alone has after this.
                    begin = at if kind == ALONE and not alone else at + size
            at += size
        row, at = row + 1, stop
    return row, at, n_words
