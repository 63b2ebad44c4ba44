"""Buckets of equal keys: which rows share one, and which pairs of them are worth comparing."""

from __future__ import annotations

import numba
import numpy as np

from korpus.compiled import kernel


@kernel
def maybe_repeated(keys, once, twice, out):
    """Find the rows whose key may occur more than once: all that do, and a few others.

    Parameters
    ----------
    keys : uint64, shape (n_rows,)
        Well mixed.
    once, twice : uint8, shape (a power of two,)
        Two bitmaps, all zero; at best one bit for each eighth of a row.
    out : int64, shape (n_rows,)
        Written in place: the rows, in order.

    Returns
    -------
    int
        How many they are.

    Notes
    -----
    O(n_rows). Reference: a superset of ``[i for i, key in enumerate(keys) if keys.count(key) > 1]``.
    """
    mask = np.uint64(len(once) * 8 - 1)
    for key in keys:
        bit = key & mask
        at, flag = np.intp(bit >> np.uint64(3)), np.uint8(1 << (bit & np.uint64(7)))
        if once[at] & flag:
            twice[at] |= flag
        else:
            once[at] |= flag
    n = 0
    for row in range(len(keys)):
        bit = keys[row] & mask
        # Written always and kept or not, which costs less than a branch that cannot be guessed.
        out[n] = row
        n += (twice[np.intp(bit >> np.uint64(3))] >> np.uint8(bit & np.uint64(7))) & 1
    return n


@numba.njit(inline="always")
def _better(places, order, a, b):
    return order[a] < order[b] or (order[a] == order[b] and places[a] < places[b])


@kernel
def bucket_pairs(keys, places, order, own, n_reference, n_first, later, earlier):
    """Pair the documents of each bucket with its best ones and with their neighbours.

    The pairs of a document are those with the `n_first` best documents of its bucket, with the `n_first` best
    references of it, and with the document before it in the bucket.

    Parameters
    ----------
    keys : uint64, shape (n_rows,)
        Rows of equal keys are a bucket and stand together, sorted by place.
    places : int64, shape (n_rows,)
        The documents; those below `n_reference` are references, which are never paired with each other.
    order : uint64, shape (n_rows,)
        Of two documents the one of smaller order is the better one; on a tie, the one of smaller place.
    own : uint8, shape (n_rows,)
        0 for rows that are there to be paired with only.
    n_reference, n_first : int
    later, earlier : int64, shape (n_pairs,) or (0,)
        Rows of the worse and the better document of each pair, written in place; of length 0, pairs are only counted.

    Returns
    -------
    int
        How many pairs there are; nearly all are different.

    Notes
    -----
    O(n_rows * n_first).
    """
    best = np.empty((2, n_first), np.int64)
    count = np.zeros(2, np.int64)
    write = len(later) > 0
    n = 0
    begin = 0
    while begin < len(keys):
        end = begin + 1
        while end < len(keys) and keys[end] == keys[begin]:
            end += 1
        count[:] = 0
        if end - begin > 1:
            for row in range(begin, end):
                side = int(places[row] >= n_reference)
                at = min(count[side], n_first - 1)
                if count[side] < n_first:
                    count[side] += 1
                elif not _better(places, order, row, best[side, at]):
                    continue
                while at > 0 and _better(places, order, row, best[side, at - 1]):
                    best[side, at] = best[side, at - 1]
                    at -= 1
                best[side, at] = row
        for row in range(begin, end):
            if not own[row] or places[row] < n_reference or end - begin == 1:
                continue
            for side in range(2):
                for at in range(count[side]):
                    other = best[side, at]
                    if _better(places, order, other, row):
                        if write:
                            later[n], earlier[n] = row, other
                        n += 1
            before = row - 1
            if before >= begin and places[before] >= n_reference:
                a, b = (before, row) if _better(places, order, before, row) else (row, before)
                paired = False
                for at in range(count[1]):
                    paired |= best[1, at] == a
                # A pair with one of the best is found from its worse document.
                if not paired:
                    if write:
                        later[n], earlier[n] = b, a
                    n += 1
        begin = end
    return n
