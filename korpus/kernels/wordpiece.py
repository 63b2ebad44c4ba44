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


@numba.njit(cache=True, nogil=True)
def _count_pairs(symbols, starts, weights):
    """Number the pairs of neighbours; return their table, pairs, weights, and the words of each, pair after pair."""
    keys, values = np.zeros(1 << 17, np.uint64), np.empty(1 << 17, np.int32)
    pairs, sums, n_places = np.empty(1 << 16, np.uint64), np.zeros(1 << 16, np.int64), np.zeros(1 << 16, np.int64)
    numbers = np.empty(starts[-1], np.int32)
    n_pairs = 0
    for word in range(len(starts) - 1):
        for at in range(starts[word], starts[word + 1] - 1):
            if n_pairs == len(pairs):
                n_new = 2 * n_pairs
                pairs, sums, n_places = _grown(pairs, n_new), _grown(sums, n_new), _grown(n_places, n_new)
                sums[n_pairs:] = 0
                n_places[n_pairs:] = 0
                keys, values = _larger_table(pairs, n_pairs, 2 * n_new)
            pair = _packed(symbols[at], symbols[at + 1])
            slot = _slot_of(keys, pair)
            if keys[slot] == np.uint64(0):
                keys[slot], values[slot], pairs[n_pairs] = pair + np.uint64(1), n_pairs, pair
                n_pairs += 1
            number = values[slot]
            numbers[at] = number
            sums[number] += weights[word]
            n_places[number] += 1
    begins = np.zeros(len(pairs) + 1, np.int64)
    begins[1:] = np.cumsum(n_places)
    places, ends = np.empty(begins[n_pairs], np.int32), begins[:-1].copy()
    for word in range(len(starts) - 1):
        for at in range(starts[word], starts[word + 1] - 1):
            number = numbers[at]
            places[ends[number]] = word
            ends[number] += 1
    return keys, values, pairs, sums, n_pairs, begins, places


@numba.njit(cache=True, nogil=True)
def learn(symbols, starts, weights, token_offsets, token_data, inner, n_tokens, min_weight):
    """Join pairs of symbols into new entries until the vocabulary is full or no pair weighs enough.

    Parameters
    ----------
    symbols : int32, shape (n_symbols,)
        The words; overwritten.
    starts : int64, shape (n_words + 1,)
        Where each word begins.
    weights : int64, shape (n_words,)
        How often each word occurs.
    token_offsets : int64, shape (size + 2,)
        Byte offsets of the entries; written in place from ``n_tokens + 1`` on.
    token_data : uint8, shape (n_token_bytes,)
        The entries in UTF-8, without the ``##`` of those that continue a word.
    inner : uint8, shape (size + 1,)
        1 for entries that continue a word; written in place from `n_tokens` on.
    n_tokens : int
        Entries there are to begin with, different from each other.
    min_weight : int
        Pairs that weigh less are not joined.

    Returns
    -------
    n_tokens : int
        Entries there are in the end, at most ``size``.
    token_data : uint8
        The bytes of all of them.

    Notes
    -----
    Reference: ``learned`` in ``tests/test_wordpiece.py``.
    """
    size = len(inner) - 1
    table = np.full(1 << 1 + int(np.ceil(np.log2(size + 2))), -1, np.int32)
    for token in range(n_tokens):
        _find_token(table, token_offsets, token_data, inner, token)
    lengths = (starts[1:] - starts[:-1]).astype(np.int32)
    keys, values, pairs, sums, n_pairs, begins, places = _count_pairs(symbols, starts, weights)
    fresh = np.zeros(len(pairs), np.int64)
    # Entries of the queue; an entry's words are places[begins[entry]:begins[entry + 1]].
    n_entries, n_places, n_heap = n_pairs, begins[n_pairs], n_pairs
    entry_weights, entry_pairs = sums.copy(), pairs.copy()
    numbers, heap = np.arange(len(pairs)).astype(np.int32), np.arange(len(pairs)).astype(np.int32)
    for at in range(n_heap // 2 - 1, -1, -1):
        _sift_down(heap, n_heap, entry_weights, entry_pairs, at)
    # What was looked up in this round: the pairs of a neighbour with the old symbol and with the new one.
    known = np.full((2, size + 1, 3), -1, np.int32)
    found_pairs, found_words = np.empty(1 << 12, np.int32), np.empty(1 << 12, np.int32)
    turn = 0
    while n_tokens < size and n_heap > 0:
        entry = heap[0]
        weight = sums[numbers[entry]]
        if entry_weights[entry] != weight:
            entry_weights[entry] = weight
            _sift_down(heap, n_heap, entry_weights, entry_pairs, 0)
            continue
        if weight < max(min_weight, 1):
            break
        n_heap -= 1
        heap[0] = heap[n_heap]
        _sift_down(heap, n_heap, entry_weights, entry_pairs, 0)
        sides = (np.int32(entry_pairs[entry] >> np.uint64(32)), np.int32(entry_pairs[entry] & _LOW))

        end = token_offsets[n_tokens]
        for side in sides:
            n_bytes = token_offsets[side + 1] - token_offsets[side]
            token_data = _grown(token_data, end + n_bytes)
            token_data[end : end + n_bytes] = token_data[token_offsets[side] : token_offsets[side + 1]]
            end += n_bytes
        token_offsets[n_tokens + 1], inner[n_tokens] = end, inner[sides[0]]
        token = _find_token(table, token_offsets, token_data, inner, n_tokens)
        n_tokens += token == n_tokens

        if n_pairs + 2 * n_tokens > len(pairs):
            n_new = 2 * len(pairs) + 2 * n_tokens
            pairs, sums, fresh = _grown(pairs, n_new), _grown(sums, n_new), _grown(fresh, n_new)
            sums[n_pairs:] = 0
            fresh[n_pairs:] = 0
            n_slots = len(keys)
            while n_slots < 2 * len(pairs):
                n_slots *= 2
            keys, values = _larger_table(pairs, n_pairs, n_slots)

        n_found, turn = 0, turn + 1
        for place in range(begins[entry], begins[entry + 1]):
            word = places[place]
            read = write = starts[word]
            begin, stop = read, read + lengths[word]
            gain = weights[word]
            if n_found + 2 * lengths[word] > len(found_pairs):
                n_new = 2 * n_found + 2 * lengths[word]
                found_pairs, found_words = _grown(found_pairs, n_new), _grown(found_words, n_new)
            while read < stop:
                symbol = symbols[read]
                if symbol != sides[0] or read + 1 >= stop or symbols[read + 1] != sides[1]:
                    symbols[write] = symbol
                    write, read = write + 1, read + 1
                    continue
                for side in range(2):
                    if side == 0 and write == begin or side == 1 and read + 2 == stop:
                        continue
                    neighbour = symbols[read + 2] if side else symbols[write - 1]
                    if known[side, neighbour, 0] != turn:
                        known[side, neighbour, 0] = turn
                        for new in range(2):
                            near = token if new else sides[side]
                            pair = _packed(near, neighbour) if side else _packed(neighbour, near)
                            slot = _slot_of(keys, pair)
                            if keys[slot] == np.uint64(0):
                                keys[slot], values[slot], pairs[n_pairs] = pair + np.uint64(1), n_pairs, pair
                                n_pairs += 1
                            known[side, neighbour, 1 + new] = values[slot]
                    sums[known[side, neighbour, 1]] -= gain
                    number = known[side, neighbour, 2]
                    sums[number] += gain
                    fresh[number] += 1
                    found_pairs[n_found], found_words[n_found] = number, word
                    n_found += 1
                symbols[write] = token
                write, read = write + 1, read + 2
            lengths[word] = write - begin

        # Each pair that arose becomes an entry of the queue, with the words where it arose.
        places = _grown(places, n_places + n_found)
        for i in range(n_found):
            number = found_pairs[i]
            if fresh[number] > 0:
                if n_entries + 2 > len(begins):
                    n_new = 2 * n_entries
                    begins, numbers, heap = _grown(begins, n_new + 1), _grown(numbers, n_new), _grown(heap, n_new)
                    entry_weights, entry_pairs = _grown(entry_weights, n_new), _grown(entry_pairs, n_new)
                n_here, fresh[number] = fresh[number], -1 - n_places
                if sums[number] > 0:
                    numbers[n_entries], entry_weights[n_entries] = number, sums[number]
                    entry_pairs[n_entries], heap[n_heap] = pairs[number], n_entries
                    n_entries, n_places = n_entries + 1, n_places + n_here
                    begins[n_entries] = n_places
                    n_heap += 1
                    _sift_up(heap, entry_weights, entry_pairs, n_heap - 1)
            if sums[number] > 0:
                places[-1 - fresh[number]] = found_words[i]
                fresh[number] -= 1
        for i in range(n_found):
            fresh[found_pairs[i]] = 0
    return n_tokens, token_data
