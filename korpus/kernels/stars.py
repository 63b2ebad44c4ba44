"""Which documents go, given the verified pairs: stars, not chains."""

from __future__ import annotations

import numpy as np

from korpus.compiled import kernel


@kernel
def pick_stars(later, earlier, similarity, removed, out_later, out_kept, out_similarity):
    """Decide on the later document of each pair, in order.

    A document is removed if and only if it is similar to an earlier one that is kept; it is given to the most similar
    of those, on a tie to the one of smallest place. Earlier is whatever comes earlier in the calls; it need not be so
    by place.

    Parameters
    ----------
    later, earlier : int64, shape (n_pairs,)
        Places of the two documents. The pairs of a later document stand together, sorted by ``earlier``, and after
        those of every earlier one that is a later document itself; no two calls share a later document.
    similarity : float64, shape (n_pairs,)
        Verified similarity.
    removed : uint8, shape (>= n_places / 8,)
        Bit ``place % 8`` of byte ``place // 8`` says that a document is removed; updated in place.
    out_later, out_kept : int64, shape (>= n_pairs,)
        The removed documents, in order, and the kept ones they are given to; written in place.
    out_similarity : float64, shape (>= n_pairs,)
        Their similarity; written in place.

    Returns
    -------
    int
        How many were removed.
    """
    n = 0
    i = 0
    while i < len(later):
        place = later[i]
        best, kept = -1.0, np.int64(-1)
        while i < len(later) and later[i] == place:
            other = earlier[i]
            if not (removed[other >> 3] >> (other & 7)) & 1 and similarity[i] > best:
                best, kept = similarity[i], other
            i += 1
        if kept >= 0:
            removed[place >> 3] |= np.uint8(1 << (place & 7))
            out_later[n], out_kept[n], out_similarity[n] = place, kept, best
            n += 1
    return n
