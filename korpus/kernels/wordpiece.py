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

_FNV_START, _FNV_PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_END = np.int32(-1)


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
def spell(offsets, data, weights, ids, max_chars, words, symbols):
    """Write words as symbols, each word closed by -1; leave out those from which nothing can be learned.

    Parameters
    ----------
    offsets, data : int32, shape (n_words + 1,); uint8, shape (n_bytes,)
        The words.
    weights : int64, shape (n_words,)
        How often each word occurs.
    ids : int32, shape (2, 0x110000)
        Id of each character at the beginning of a word, and further on; negative where it has none. Words with such a
        character are left out, and those of one character.
    max_chars : int
        Longer words are left out.
    words : int64, shape (n_words, 2)
        Written in place: where the symbols of a word begin, and its weight.
    symbols : int32, shape (n_bytes + n_words,)
        Written in place.

    Returns
    -------
    n_kept, n_symbols : int
    """
    n_kept = n = np.int64(0)
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
        if n - begin < 2:
            n = begin
            continue
        words[n_kept, 0], words[n_kept, 1] = begin, weights[word]
        symbols[n] = _END
        n_kept, n = n_kept + 1, n + 1
    return n_kept, n


@numba.njit(cache=True, nogil=True)
def _grown(array, n):
    """Return `array` with room for at least `n` rows, the new ones zero."""
    if n <= len(array):
        return array
    larger = np.zeros(max(n, 2 * len(array)), array.dtype)
    larger[: len(array)] = array
    return larger


# Pairs are numbered as they come up. Their table has open addressing: slots[slot] is a number, or -1.


@numba.njit(cache=True, nogil=True)
def _slot_of(slots, pairs, pair):
    mask = np.int64(len(slots) - 1)
    slot = np.int64((np.uint64(pair) * _MIX) >> np.uint64(24)) & mask
    while slots[slot, 1] >= 0 and slots[slot, 0] != pair:
        slot = (slot + 1) & mask
    return slot


@numba.njit(cache=True, nogil=True)
def _larger_table(pairs, n_pairs, n_slots):
    slots = np.full((n_slots, 2), -1, np.int64)
    for number in range(n_pairs):
        slot = _slot_of(slots, pairs, pairs[number])
        slots[slot, 0], slots[slot, 1] = pairs[number], number
    return slots


@numba.njit(cache=True, nogil=True)
def _number_of(slots, pairs, n_pairs, pair):
    """Return the number of a pair; a new one, `n_pairs`, is entered into the table."""
    slot = _slot_of(slots, pairs, pair)
    if slots[slot, 1] < 0:
        slots[slot, 0], slots[slot, 1], pairs[n_pairs] = pair, n_pairs, pair
    return slots[slot, 1]


@numba.njit(inline="always")
def _packed(left, right):
    return np.int64(left) << 32 | np.int64(right)


# The queue: a binary heap of entries, rows of weight and pair; the highest weight comes first, then the smaller pair,
# then the older entry.


@numba.njit(inline="always")
def _before(entries, entry, other):
    if entries[entry, 0] != entries[other, 0]:
        return entries[entry, 0] > entries[other, 0]
    return entries[entry, 1] < entries[other, 1] or (entries[entry, 1] == entries[other, 1] and entry < other)


@numba.njit(cache=True, nogil=True)
def _sift_up(heap, entries, at):
    entry = heap[at]
    while at > 0 and _before(entries, entry, heap[(at - 1) >> 1]):
        heap[at] = heap[(at - 1) >> 1]
        at = (at - 1) >> 1
    heap[at] = entry


@numba.njit(cache=True, nogil=True)
def _sift_down(heap, n, entries, at):
    entry = heap[at]
    while 2 * at + 1 < n:
        child = 2 * at + 1
        child += child + 1 < n and _before(entries, heap[child + 1], heap[child])
        if not _before(entries, heap[child], entry):
            break
        heap[at] = heap[child]
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
def _append_token(token_offsets, token_data, inner, n_tokens, left, right):
    """Write `left` and `right` joined as entry `n_tokens`; return the bytes, which may have moved."""
    end = token_offsets[n_tokens]
    for side in (left, right):
        start, stop = token_offsets[side], token_offsets[side + 1]
        token_data = _grown(token_data, end + stop - start)
        for k in range(start, stop):
            token_data[end] = token_data[k]
            end += 1
    token_offsets[n_tokens + 1], inner[n_tokens] = end, inner[left]
    return token_data


@numba.njit(cache=True, nogil=True)
def _count_pairs(symbols, words):
    """Number the pairs of neighbours; return their table, the pairs, their weights, and the words of each in turn."""
    slots = np.full((1 << 17, 2), -1, np.int64)
    pairs, weights, n_places = np.zeros(1 << 16, np.int64), np.zeros(1 << 16, np.int64), np.zeros(1 << 16, np.int64)
    numbers = np.empty(len(symbols), np.int32)
    n_pairs = 0
    for word in range(len(words)):
        at = words[word, 0]
        while symbols[at + 1] >= 0:
            if n_pairs == len(pairs):
                pairs, weights = _grown(pairs, n_pairs + 1), _grown(weights, n_pairs + 1)
                n_places = _grown(n_places, n_pairs + 1)
                slots = _larger_table(pairs, n_pairs, 2 * len(slots))
            number = _number_of(slots, pairs, n_pairs, _packed(symbols[at], symbols[at + 1]))
            n_pairs += number == n_pairs
            numbers[at] = number
            weights[number] += words[word, 1]
            n_places[number] += 1
            at += 1
    begins = np.zeros(len(pairs) + 1, np.int64)
    for number in range(n_pairs):
        begins[number + 1] = begins[number] + n_places[number]
    places = np.empty(begins[n_pairs], np.int32)
    for word in range(len(words)):
        at = words[word, 0]
        while symbols[at + 1] >= 0:
            number = numbers[at]
            n_places[number] -= 1
            places[begins[number + 1] - 1 - n_places[number]] = word
            at += 1
    return slots, pairs, weights, n_pairs, begins, places


# What happens to the pairs of each neighbour when a pair is joined, a row a neighbour; those to the left come first.
_TURN, _LOST, _WON, _PLACES = 0, 1, 2, 3


@numba.njit(inline="always")
def _row_of(rows, touched, n_touched, row, turn):
    """Return how many rows are in use, `row` among them."""
    if rows[row, _TURN] == turn:
        return n_touched
    rows[row, _TURN], rows[row, _LOST], rows[row, _WON], rows[row, _PLACES] = turn, 0, 0, 0
    touched[n_touched] = row
    return n_touched + 1


@numba.njit(cache=True, nogil=True)
def _join(symbols, words, places, left, right, token, rows, touched, turn, found):
    """Join `left` and `right` to `token` in the words of `places`; tell in `rows` and `found` what that changes."""
    n_touched = n_found = 0
    n_tokens = len(rows) // 2
    for place in places:
        read = write = words[place, 0]
        begin, weight = read, words[place, 1]
        while symbols[read] >= 0:
            if symbols[read] != left or symbols[read + 1] != right:
                symbols[write] = symbols[read]
                write, read = write + 1, read + 1
                continue
            if n_found + 4 > len(found):
                found = _grown(found, n_found + 4)
            if write > begin:
                row = np.int64(symbols[write - 1])
                n_touched = _row_of(rows, touched, n_touched, row, turn)
                rows[row, _LOST] += weight
                rows[row, _WON] += weight
                rows[row, _PLACES] += 1
                found[n_found], found[n_found + 1] = row, place
                n_found += 2
            after = np.int64(symbols[read + 2])
            if after >= 0:
                row = n_tokens + after
                n_touched = _row_of(rows, touched, n_touched, row, turn)
                rows[row, _LOST] += weight
                if after == token:  # the pair of token and token has one row alone
                    row = after
                    n_touched = _row_of(rows, touched, n_touched, row, turn)
                rows[row, _WON] += weight
                rows[row, _PLACES] += 1
                found[n_found], found[n_found + 1] = row, place
                n_found += 2
            symbols[write] = token
            write, read = write + 1, read + 2
        symbols[write] = _END
    return n_touched, found, n_found


@numba.njit(cache=True, nogil=True)
def learn(symbols, words, token_offsets, token_data, inner, n_tokens, min_weight):
    """Join pairs of symbols into new entries until the vocabulary is full or no pair weighs enough.

    Parameters
    ----------
    symbols : int32, shape (n_symbols,)
        As `spell` writes them; overwritten.
    words : int64, shape (n_words, 2)
        As `spell` writes them.
    token_offsets : int64, shape (size + 2,)
        Byte offsets of the entries; written in place from ``n_tokens + 1`` on.
    token_data : uint8, shape (n_token_bytes,)
        The entries in UTF-8, without the ``##`` of those that continue a word.
    inner : uint8, shape (size + 1,)
        1 for entries that continue a word; written in place from `n_tokens` on.
    n_tokens : int
        Entries there are to begin with, different from each other; no more than ``size``.
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
    n_slots = 4
    while n_slots < 2 * size:
        n_slots *= 2
    table = np.full(n_slots, -1, np.int32)
    for token in range(n_tokens):
        _find_token(table, token_offsets, token_data, inner, token)
    slots, pairs, weights, n_pairs, begins, places = _count_pairs(symbols, words)
    # Of the entries of the queue; the words of each are places[begins[entry]:begins[entry + 1]].
    entries, numbers, heap = np.empty((n_pairs + 1, 2), np.int64), np.arange(n_pairs + 1), np.arange(n_pairs + 1)
    entries[:n_pairs, 0], entries[:n_pairs, 1] = weights[:n_pairs], pairs[:n_pairs]
    n_entries, n_places, n_heap = n_pairs, begins[n_pairs], n_pairs
    for at in range(n_heap // 2 - 1, -1, -1):
        _sift_down(heap, n_heap, entries, at)
    rows, touched, found = np.zeros((2 * size, 4), np.int64), np.empty(2 * size, np.int64), np.empty(1 << 12, np.int64)
    turn = 0
    while n_tokens < size and n_heap > 0:
        entry = heap[0]
        weight = weights[numbers[entry]]
        if entries[entry, 0] != weight:
            entries[entry, 0] = weight
            _sift_down(heap, n_heap, entries, 0)
            continue
        if weight < max(min_weight, 1):
            break
        n_heap -= 1
        heap[0] = heap[n_heap]
        _sift_down(heap, n_heap, entries, 0)
        left, right = entries[entry, 1] >> 32, entries[entry, 1] & 0xFFFFFFFF
        token_data = _append_token(token_offsets, token_data, inner, n_tokens, left, right)
        token = np.int64(_find_token(table, token_offsets, token_data, inner, n_tokens))
        n_tokens += token == n_tokens
        turn += 1
        here = places[begins[entry] : begins[entry + 1]]
        n_touched, found, n_found = _join(symbols, words, here, left, right, token, rows, touched, turn, found)

        if n_pairs + 2 * n_touched > len(pairs):
            pairs, weights = _grown(pairs, n_pairs + 2 * n_touched), _grown(weights, n_pairs + 2 * n_touched)
            slots = _larger_table(pairs, n_pairs, 4 * len(slots))
        if n_entries + n_touched >= len(entries):
            n_new = 2 * (n_entries + n_touched)
            begins, numbers, heap = _grown(begins, n_new + 1), _grown(numbers, n_new), _grown(heap, n_new)
            more = np.empty((n_new, 2), np.int64)
            more[:n_entries] = entries[:n_entries]
            entries = more
        places = _grown(places, n_places + n_found // 2)
        for row in touched[:n_touched]:
            neighbour = row % size
            old = _packed(neighbour, left) if row < size else _packed(right, neighbour)
            number = _number_of(slots, pairs, n_pairs, old)
            n_pairs += number == n_pairs
            weights[number] -= rows[row, _LOST]
        # Each pair that arose becomes an entry of the queue, with the words where it arose.
        for row in touched[:n_touched]:
            if not rows[row, _PLACES]:
                continue
            new = _packed(row, token) if row < size else _packed(token, row % size)
            number = _number_of(slots, pairs, n_pairs, new)
            n_pairs += number == n_pairs
            weights[number] += rows[row, _WON]
            n_here, rows[row, _PLACES] = rows[row, _PLACES], -1
            if weights[number] > 0:
                rows[row, _PLACES] = n_places
                n_places += n_here
                entries[n_entries, 0], entries[n_entries, 1] = weights[number], new
                numbers[n_entries], heap[n_heap] = number, n_entries
                begins[n_entries + 1] = n_places
                n_entries, n_heap = n_entries + 1, n_heap + 1
                _sift_up(heap, entries, n_heap - 1)
        for i in range(0, n_found, 2):
            at = rows[found[i], _PLACES]
            if at >= 0:
                places[at] = found[i + 1]
                rows[found[i], _PLACES] = at + 1
    return n_tokens, token_data
