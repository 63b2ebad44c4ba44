"""Counting the words that begin with a keyword."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

from korpus.compiled import kernel


class Trie(NamedTuple):
    """Keywords as a tree of their UTF-8 bytes; state 0 is the root.

    Attributes
    ----------
    edges : int64, shape (n_slots,)
        A hash table of a power of two slots: ``state << 8 | byte`` of an edge, or -1.
    targets : int32, shape (n_slots,)
        The state that the edge in the same slot leads to.
    values : int32, shape (n_states,)
        The value of the keyword that ends in a state, or -1.
    """

    edges: np.ndarray
    targets: np.ndarray
    values: np.ndarray


@numba.njit(inline="always")
def _slot(edges, edge):
    # Multiplicative hashing; the table is at most half full, so the next free slot is near.
    mask = len(edges) - 1
    slot = ((edge * 0x9E3779B1) >> 15) & mask
    while edges[slot] != edge and edges[slot] != -1:
        slot = (slot + 1) & mask
    return slot


@kernel
def fill_edges(keys, states, edges, targets):
    """Fill the hash table of a `Trie`.

    Parameters
    ----------
    keys : int64, shape (n_edges,)
        ``state << 8 | byte``, all different.
    states : int32, shape (n_edges,)
        Where each edge leads.
    edges : int64, shape (n_slots,)
        All -1; written in place. `n_slots` is a power of two, at least ``2 * n_edges``.
    targets : int32, shape (n_slots,)
        Written in place.
    """
    for i in range(len(keys)):
        slot = _slot(edges, keys[i])
        edges[slot] = keys[i]
        targets[slot] = states[i]


@kernel
def count_keywords(offsets, data, trie, counts):
    """Count, by row and value, the words that begin with a keyword; the longest keyword of a word counts.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets, already advanced by ``array.offset``.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    trie : Trie
        Of keywords whose ASCII letters are lower case.
    counts : int32, shape (n_rows, n_values)
        All 0; written in place.

    Notes
    -----
    A word begins at a character that does not follow an ASCII letter or digit, a Latin letter (U+00C0-U+027F), or a
    Hangul syllable or conjoining jamo (U+1100-U+11FF, U+AC00-U+D7FF). Compatibility jamo separate words, so that one
    that follows ㅋㅋ is found. ASCII letters match in either case. What follows a match is searched from its end.
    """
    edges, targets, values = trie
    for row in range(len(offsets) - 1):
        at, end = offsets[row], offsets[row + 1]
        begins = True
        while at < end:
            if begins:
                state, i, value, stop = 0, at, -1, at
                while i < end:
                    byte = np.int64(data[i])
                    if 65 <= byte <= 90:
                        byte += 32
                    slot = _slot(edges, (np.int64(state) << 8) | byte)
                    if edges[slot] == -1:
                        break
                    state = targets[slot]
                    i += 1
                    if values[state] >= 0:
                        value, stop = values[state], i
                if value >= 0:
                    counts[row, value] += 1
                    at, begins = stop, False
                    if at == end:
                        break
                    # A keyword may end in anything; whether a word begins here is up to its last character.
                    last = stop - 1
                    while data[last] & 0xC0 == 0x80:
                        last -= 1
                    begins = not _in_word(data, last)
                    continue
            begins = not _in_word(data, at)
            at += 1
            while at < end and data[at] & 0xC0 == 0x80:
                at += 1


@numba.njit(inline="always")
def _in_word(data, at):
    byte = np.int32(data[at])
    if byte < 0x80:
        return 97 <= (byte | 32) <= 122 or 48 <= byte <= 57
    if 0xEA <= byte <= 0xED or byte == 0xE1:
        point = ((byte & 0x0F) << 12) | ((np.int32(data[at + 1]) & 0x3F) << 6) | (np.int32(data[at + 2]) & 0x3F)
        return 0xAC00 <= point <= 0xD7FF or 0x1100 <= point <= 0x11FF
    if 0xC3 <= byte <= 0xC9:
        return byte != 0xC3 or (data[at + 1] != 0x97 and data[at + 1] != 0xB7)  # neither × nor ÷
    return False
