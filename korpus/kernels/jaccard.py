"""Exact Jaccard similarity of shingle sets."""

from __future__ import annotations

import numpy as np

from korpus.compiled import kernel
from korpus.kernels.minhash import base_power, shingle_row


@kernel
def shingle_sets(offsets, chars, k, starts, out):
    """Write the set of shingle hashes of each form, sorted.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Borders of the forms in `chars`.
    chars : uint32, shape (n_chars,)
        Code points.
    k : int
        Code points of a shingle.
    starts : int64, shape (n_rows + 1,)
        Borders of the sets in `out`, written in place.
    out : uint64, shape (>= n_chars,)
        Written in place.

    Notes
    -----
    O(n log n) in the characters of a form, no allocation. Reference:
    ``sorted({hash(form[i:i + k]) for i in range(max(1, len(form) - k + 1))})``, empty for an empty form.
    """
    power = base_power(k)
    n = np.intp(0)
    starts[0] = 0
    for row in range(len(offsets) - 1):
        begin, end = np.intp(offsets[row]), np.intp(offsets[row + 1])
        found = out[n : n + max(1, end - begin)]
        found = found[: shingle_row(chars, begin, end, k, power, found)]
        found.sort()
        last = n
        for value in found:
            if n == last or out[n - 1] != value:
                out[n] = value
                n += 1
        starts[row + 1] = n


@kernel
def jaccard(starts, sets, left, right, out):
    """Compare pairs of sets.

    Parameters
    ----------
    starts : int64, shape (n_sets + 1,)
        Borders of the sets in `sets`.
    sets : uint64, shape (n_hashes,)
        Each set sorted, without repeats.
    left, right : int64, shape (n_pairs,)
        Which sets to compare.
    out : float64, shape (n_pairs,)
        Size of the intersection over size of the union, correctly rounded; 0 for two empty sets. Written in place.

    Notes
    -----
    O(size of both sets) a pair. Reference: ``len(a & b) / len(a | b)``.
    """
    for pair in range(len(left)):
        i, i_end = starts[left[pair]], starts[left[pair] + 1]
        j, j_end = starts[right[pair]], starts[right[pair] + 1]
        total = (i_end - i) + (j_end - j)
        common = 0
        while i < i_end and j < j_end:
            x, y = sets[i], sets[j]
            common += x == y
            i += x <= y
            j += y <= x
        out[pair] = common / (total - common) if total else 0.0
