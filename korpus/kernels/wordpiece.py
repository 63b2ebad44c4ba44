"""Learning a WordPiece vocabulary from word counts: the pair merging of `tokenizers`' ``WordPieceTrainer``.

Words are rows of symbols, a symbol is the id of a vocabulary entry. The two symbols side by side that weigh most, all
words taken together, become one entry, until the vocabulary is full; of equal weights the smaller pair of ids wins.
Everything that `tokenizers` does is done, its oddities too: when two different pairs spell the same entry, each place
where the second arises waits in the queue on its own, with the weight the pair had then.

Sums do not depend on the order of their terms, so neither does the vocabulary on the order of the words.
"""

from __future__ import annotations

import numba
import numpy as np

from korpus.kernels.words import decode

_MIX = np.uint64(0x9E3779B97F4A7C15)
_FNV_START, _FNV_PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_LOW = np.uint64(0xFFFFFFFF)


@numba.njit(cache=True, nogil=True)
def tally_characters(offsets, data, weights, max_chars, totals):
    """Add up how much the words weigh in which each character stands.

    Parameters
    ----------
    offsets : int32, shape (n_words + 1,)
        Byte offsets, already advanced by ``array.offset``.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    weights : int64, shape (n_words,)
        How often each word occurs.
    max_chars : int
        Longer words are passed over.
    totals : int64, shape (2, 0x110000)
        Added to in place: row 0 for the first characters of words, row 1 for the others.

    Returns
    -------
    int
        What the words weigh that were passed over.
    """
    passed = np.int64(0)
    for word in range(len(offsets) - 1):
        at, stop = np.int64(offsets[word]), np.int64(offsets[word + 1])
        n_chars = 0
        for k in range(at, stop):
            n_chars += data[k] & 0xC0 != 0x80
        if n_chars > max_chars:
            passed += weights[word]
            continue
        place = 0
        while at < stop:
            code, size = decode(data, at)
            totals[place, code] += weights[word]
            place, at = 1, at + size
    return passed


@numba.njit(cache=True, nogil=True)
def spell(offsets, data, ids, max_chars, starts, symbols):
    """Write words as rows of symbols; a word with a character that has no id, or too long, becomes an empty row.

    Parameters
    ----------
    offsets, data : int32, shape (n_words + 1,); uint8, shape (n_bytes,)
        The words.
    ids : int32, shape (2, 0x110000)
        Id of each character at the beginning of a word, and further on; negative where it has none.
    max_chars : int
        A longer word becomes an empty row.
    starts : int64, shape (n_words + 1,)
        Written in place: where each row begins.
    symbols : int32, shape (n_bytes,)
        Written in place.

    Returns
    -------
    int
        The number of symbols.
    """
    n = np.int64(0)
    starts[0] = 0
    for word in range(len(offsets) - 1):
        at, stop = np.int64(offsets[word]), np.int64(offsets[word + 1])
        begin, place = n, 0
        while at < stop:
            code, size = decode(data, at)
            symbol = ids[place, code]
            if symbol < 0 or n - begin >= max_chars:
                n = begin
                break
            symbols[n] = symbol
            n, place, at = n + 1, 1, at + size
        starts[word + 1] = n
    return n


@numba.njit(inline="always")
def _grown(array, n):
    """Return `array` with room for at least `n` rows."""
    if n <= len(array):
        return array
    larger = np.empty(max(n, 2 * len(array)), array.dtype)
    larger[: len(array)] = array
    return larger


# The table of pairs: open addressing, keys[slot] is the pair plus one, 0 where there is none; values[slot] its number.


@numba.njit(inline="always")
def _slot_of(keys, pair):
    mask = np.uint64(len(keys) - 1)
    slot = ((pair * _MIX) >> np.uint64(24)) & mask
    while keys[slot] != np.uint64(0) and keys[slot] != pair + np.uint64(1):
        slot = (slot + np.uint64(1)) & mask
    return slot


@numba.njit(cache=True, nogil=True)
def _larger_table(pairs, n_pairs, n_slots):
    keys, values = np.zeros(n_slots, np.uint64), np.empty(n_slots, np.int32)
    for number in range(n_pairs):
        slot = _slot_of(keys, pairs[number])
        keys[slot], values[slot] = pairs[number] + np.uint64(1), number
    return keys, values


@numba.njit(inline="always")
def _packed(left, right):
    return np.uint64(left) << np.uint64(32) | np.uint64(right)


# The queue: a binary heap of entries; the highest weight comes first, then the smaller pair, then the older entry.


@numba.njit(inline="always")
def _before(weight, pair, entry, other_weight, other_pair, other_entry):
    if weight != other_weight:
        return weight > other_weight
    return pair < other_pair or (pair == other_pair and entry < other_entry)


@numba.njit(cache=True, nogil=True)
def _sift_up(heap, weights, pairs, at):
    entry = heap[at]
    while at > 0:
        parent = (at - 1) >> 1
        above = heap[parent]
        if not _before(weights[entry], pairs[entry], entry, weights[above], pairs[above], above):
            break
        heap[at] = above
        at = parent
    heap[at] = entry


@numba.njit(cache=True, nogil=True)
def _sift_down(heap, n, weights, pairs, at):
    entry = heap[at]
    while 2 * at + 1 < n:
        child = 2 * at + 1
        below = heap[child]
        if child + 1 < n:
            other = heap[child + 1]
            if _before(weights[other], pairs[other], other, weights[below], pairs[below], below):
                child, below = child + 1, other
        if not _before(weights[below], pairs[below], below, weights[entry], pairs[entry], entry):
            break
        heap[at] = below
        at = child
    heap[at] = entry


@numba.njit(inline="always")
def _hash_bytes(data, start, stop, code):
    for k in range(start, stop):
        code = (code ^ np.uint64(data[k])) * _FNV_PRIME
    return code


@numba.njit(cache=True, nogil=True)
def _find_token(table, offsets, data, inner, token):
    """Return the entry that is spelt like `token`, the last one; `token` itself, now in the table, if there is none."""
    start, stop = offsets[token], offsets[token + 1]
    code = _hash_bytes(data, start, stop, _FNV_START ^ np.uint64(inner[token]))
    mask = np.uint64(len(table) - 1)
    slot = (code ^ (code >> np.uint64(32))) & mask
    while table[slot] >= 0:
        other = table[slot]
        if inner[other] == inner[token] and offsets[other + 1] - offsets[other] == stop - start:
            same = True
            for k in range(stop - start):
                if data[offsets[other] + k] != data[start + k]:
                    same = False
                    break
            if same:
                return other
        slot = (slot + np.uint64(1)) & mask
    table[slot] = token
    return token
