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

from korpus.compiled import kernel
from korpus.kernels.symbols import END, enter_tokens, find_token

_MIX = np.uint64(0x9E3779B97F4A7C15)


@kernel
def _grown(array, n):
    """Return `array` with room for at least `n` elements."""
    if n <= len(array):
        return array
    # Element by element: to compile the copy of a slice, and its error messages, takes numba seconds.
    larger = np.empty(max(n, 2 * len(array)), array.dtype)
    for i in range(len(array)):
        larger[i] = array[i]
    return larger


@kernel
def _grown_rows(array, n):
    """Return `array` with room for at least `n` rows of two."""
    if n <= len(array):
        return array
    larger = np.empty((max(n, 2 * len(array)), 2), array.dtype)
    for i in range(len(array)):
        larger[i, 0], larger[i, 1] = array[i, 0], array[i, 1]
    return larger


# Pairs are numbered as they come up. Their table has open addressing: keys holds pairs, or -1; values their numbers.


@kernel
def _slot_of(keys, pair):
    mixed = np.uint64(pair) * _MIX
    mask = np.int64(len(keys) - 1)
    slot = np.int64(mixed ^ (mixed >> np.uint64(32))) & mask
    while keys[slot] != pair and keys[slot] >= 0:
        slot = (slot + 1) & mask
    return slot


@kernel
def _make_table(pairs, n_pairs):
    """Return the table of the first `n_pairs`, with room for as many as `pairs` has."""
    n_slots = 1024
    while n_slots < 2 * len(pairs):
        n_slots *= 2
    keys, values = np.full(n_slots, -1, np.int64), np.empty(n_slots, np.int32)
    for number in range(n_pairs):
        slot = _slot_of(keys, pairs[number])
        keys[slot], values[slot] = pairs[number], number
    return keys, values


@numba.njit(inline="always")
def _packed(left, right):
    return np.int64(left) << 32 | np.int64(right)


# The queue: entries are rows of weight and pair; the highest weight comes first, then the smaller pair, then the older
# entry. A binary heap holds those that weigh at least `floor`, so that it stays small.


@numba.njit(inline="always")
def _before(weight, pair, entry, other_weight, other_pair, other):
    if weight != other_weight:
        return weight > other_weight
    return pair < other_pair or (pair == other_pair and entry < other)


@kernel
def _sift_up(heap, entries, at):
    entry = heap[at]
    weight, pair = entries[entry, 0], entries[entry, 1]
    while at > 0:
        above = heap[(at - 1) >> 1]
        if not _before(weight, pair, entry, entries[above, 0], entries[above, 1], above):
            break
        heap[at] = above
        at = (at - 1) >> 1
    heap[at] = entry


@kernel
def _sift_down(heap, n, entries, at):
    entry = heap[at]
    weight, pair = entries[entry, 0], entries[entry, 1]
    while 2 * at + 1 < n:
        child = 2 * at + 1
        below = heap[child]
        if child + 1 < n:
            other = heap[child + 1]
            if _before(entries[other, 0], entries[other, 1], other, entries[below, 0], entries[below, 1], below):
                child, below = child + 1, other
        if not _before(entries[below, 0], entries[below, 1], below, weight, pair, entry):
            break
        heap[at] = below
        at = child
    heap[at] = entry


@kernel
def _lower_floor(heap, entries, n_entries, floor):
    """Fill an empty heap with the next entries below `floor`; return how many, and the new floor."""
    n_heap = np.int64(0)
    while n_heap == 0 and floor > 1:
        above, floor = floor, max(floor >> 2, 1)
        for entry in range(n_entries):
            if floor <= entries[entry, 0] < above:
                heap[n_heap] = entry
                n_heap += 1
    for at in range(n_heap // 2 - 1, -1, -1):
        _sift_down(heap, n_heap, entries, at)
    return n_heap, floor


@kernel
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


@kernel
def _count_pairs(symbols, words, n_tokens):
    """Number the pairs of neighbours; return the pairs, their weights, and the words of each, pair after pair.

    Occurrences are put in order by their left symbol first, so that the rest of the work stays within the cache.
    """
    lefts = np.zeros(n_tokens + 2, np.int64)
    for at in range(len(symbols) - 1):
        if symbols[at] >= 0 and symbols[at + 1] >= 0:
            lefts[symbols[at] + 2] += 1
    for left in range(n_tokens):
        lefts[left + 2] += lefts[left + 1]
    occurrences = np.empty((lefts[n_tokens + 1], 2), np.int32)
    for word in range(len(words)):
        at = words[word, 0]
        while symbols[at + 1] >= 0:
            left = symbols[at] + 1
            occurrences[lefts[left], 0], occurrences[lefts[left], 1] = symbols[at + 1], word
            lefts[left] += 1
            at += 1
    # Now lefts[left] is where the occurrences of a left symbol begin, and lefts[left + 1] where they end.
    # Room for more pairs than there are; memory that is not touched costs nothing.
    n = len(occurrences)
    pairs, weights, begins = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n + 1, np.int64)
    places, ends = np.empty(n, np.int32), np.full(n_tokens, -1, np.int64)
    begins[0] = 0
    n_pairs = n_places = 0
    for left in range(n_tokens):
        first = n_pairs
        for i in range(lefts[left], lefts[left + 1]):
            right = occurrences[i, 0]
            if ends[right] < first:
                ends[right], pairs[n_pairs] = n_pairs, _packed(left, right)
                weights[n_pairs] = begins[n_pairs + 1] = 0
                n_pairs += 1
            weights[ends[right]] += words[occurrences[i, 1], 1]
            begins[ends[right] + 1] += 1
        # From number of occurrences to place of the next.
        for number in range(first, n_pairs):
            n_places, begins[number + 1] = n_places + begins[number + 1], n_places
        for i in range(lefts[left], lefts[left + 1]):
            number = ends[occurrences[i, 0]]
            places[begins[number + 1]] = occurrences[i, 1]
            begins[number + 1] += 1
    return pairs[:n_pairs].copy(), weights[:n_pairs].copy(), begins[: n_pairs + 1].copy(), places


# What happens to the pairs of each neighbour when a pair is joined, a row a neighbour; those to the left come first.
_TURN, _LOST, _WON, _PLACES = 0, 1, 2, 3
_AHEAD = 16


@kernel
def _join(symbols, words, places, left, right, token, rows, touched, turn, found):
    """Join `left` and `right` to `token` in the words of `places`; tell in `rows` and `found` what that changes."""
    n_touched = n_found = 0
    n_tokens = len(rows) // 2
    ahead = np.int64(0)
    for i, place in enumerate(places):
        if i % _AHEAD == 0:
            # Asks for the next words all at once, instead of waiting for memory at each.
            for j in range(i, min(i + _AHEAD, len(places))):
                ahead += symbols[words[places[j], 0]]
        read = write = words[place, 0]
        begin, weight = read, words[place, 1]
        while symbols[read] >= 0:
            if symbols[read] != left or symbols[read + 1] != right:
                symbols[write] = symbols[read]
                write, read = write + 1, read + 1
                continue
            for side in range(2):
                neighbour = np.int64(symbols[read + 2]) if side else np.int64(-1)
                if side == 0 and write > begin:
                    neighbour = np.int64(symbols[write - 1])
                if neighbour < 0:
                    continue
                row = neighbour + side * n_tokens
                if rows[row, _TURN] != turn:
                    rows[row, _TURN], rows[row, _LOST], rows[row, _WON], rows[row, _PLACES] = turn, 0, 0, 0
                    touched[n_touched] = row
                    n_touched += 1
                rows[row, _LOST] += weight
                if side and neighbour == token:  # the pair of token and token has one row alone
                    row = token
                    if rows[row, _TURN] != turn:
                        rows[row, _TURN], rows[row, _LOST], rows[row, _WON], rows[row, _PLACES] = turn, 0, 0, 0
                        touched[n_touched] = row
                        n_touched += 1
                rows[row, _WON] += weight
                rows[row, _PLACES] += 1
                found[n_found, 0], found[n_found, 1] = row, place
                n_found += 1
            symbols[write] = token
            write, read = write + 1, read + 2
        symbols[write] = END
    return n_touched, n_found, ahead


@kernel
def learn(symbols, words, token_offsets, token_data, inner, n_tokens, min_weight):
    """Join pairs of symbols into new entries until the vocabulary is full or no pair weighs enough.

    Parameters
    ----------
    symbols : int32, shape (n_symbols,)
        As `korpus.kernels.symbols.spell` writes them; overwritten.
    words : int64, shape (n_words, 2)
        As `korpus.kernels.symbols.spell` writes them.
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
    enter_tokens(table, token_offsets, token_data, inner, n_tokens)
    pairs, weights, begins, places = _count_pairs(symbols, words, n_tokens)
    n_pairs = len(pairs)
    keys, values = _make_table(pairs, n_pairs)
    # Of the entries of the queue; the words of each are places[begins[entry]:begins[entry + 1]].
    entries = np.empty((n_pairs + 1, 2), np.int64)
    numbers, heap = np.empty(n_pairs + 1, np.int64), np.empty(n_pairs + 1, np.int64)
    for entry in range(n_pairs):
        entries[entry, 0], entries[entry, 1], numbers[entry] = weights[entry], pairs[entry], entry
    n_entries, n_places, n_heap, floor = n_pairs, begins[n_pairs], np.int64(0), np.int64(1 << 62)
    rows, touched = np.zeros((2 * size, 4), np.int64), np.empty(2 * size, np.int64)
    # Larger than ever needed; memory that is not touched costs nothing.
    found = np.empty((2 * len(symbols), 2), np.int32)
    turn = 0
    while n_tokens < size:
        if n_heap == 0:
            n_heap, floor = _lower_floor(heap, entries, n_entries, floor)
            if n_heap == 0:
                break
        entry = heap[0]
        stale = entries[entry, 0] != weights[numbers[entry]]
        entries[entry, 0] = weights[numbers[entry]]
        if not stale and entries[entry, 0] < min_weight:
            break
        if not stale or entries[entry, 0] < floor:
            n_heap -= 1
            heap[0] = heap[n_heap]
        _sift_down(heap, n_heap, entries, np.int64(0))
        if stale:
            continue
        left, right = entries[entry, 1] >> 32, entries[entry, 1] & 0xFFFFFFFF
        token_data = _append_token(token_offsets, token_data, inner, n_tokens, left, right)
        start, stop = token_offsets[n_tokens], token_offsets[n_tokens + 1]
        slot = find_token(table, token_offsets, token_data, inner, token_data, start, stop, inner[n_tokens])
        if table[slot] < 0:
            table[slot] = n_tokens
            n_tokens += 1
        token = np.int64(table[slot])
        turn += 1
        here = places[begins[entry] : begins[entry + 1]]
        n_touched, n_found, _ = _join(symbols, words, here, left, right, token, rows, touched, turn, found)

        if n_pairs + 2 * n_touched > len(pairs):
            pairs, weights = _grown(pairs, n_pairs + 2 * n_touched), _grown(weights, n_pairs + 2 * n_touched)
            keys, values = _make_table(pairs, n_pairs)
        if n_entries + n_touched >= len(entries):
            n_new = 2 * (n_entries + n_touched)
            begins, numbers, heap = _grown(begins, n_new + 1), _grown(numbers, n_new), _grown(heap, n_new)
            entries = _grown_rows(entries, n_new)
        places = _grown(places, n_places + n_found)
        # First what was lost, then what was won; a pair may be both.
        for at in range(2 * n_touched):
            won = at >= n_touched
            row = touched[at - n_touched] if won else touched[at]
            if won and not rows[row, _PLACES]:
                continue
            near = token if won else left if row < size else right
            pair = _packed(row, near) if row < size else _packed(near, row - size)
            slot = _slot_of(keys, pair)
            if keys[slot] < 0:
                keys[slot], values[slot], pairs[n_pairs], weights[n_pairs] = pair, n_pairs, pair, 0
                n_pairs += 1
            number = values[slot]
            if not won:
                weights[number] -= rows[row, _LOST]
                continue
            weights[number] += rows[row, _WON]
            # A pair that arose becomes an entry of the queue, with the words where it arose.
            n_here, rows[row, _PLACES] = rows[row, _PLACES], -1
            if weights[number] > 0:
                rows[row, _PLACES] = n_places
                n_places += n_here
                entries[n_entries, 0], entries[n_entries, 1] = weights[number], pair
                numbers[n_entries], begins[n_entries + 1] = number, n_places
                if weights[number] >= floor:
                    heap[n_heap] = n_entries
                    _sift_up(heap, entries, n_heap)
                    n_heap += 1
                n_entries += 1
        for i in range(n_found):
            at = rows[found[i, 0], _PLACES]
            if at >= 0:
                places[at] = found[i, 1]
                rows[found[i, 0], _PLACES] = at + 1
    return n_tokens, token_data
