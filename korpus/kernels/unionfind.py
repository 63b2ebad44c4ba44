"""Connected components: a forest over places, each tree named by its smallest place."""

from __future__ import annotations

import numba
import numpy as np

from korpus.compiled import kernel

ALONE = np.int64(-1)
"""The parent of a place that no pair has named."""


@numba.njit(inline="always")
def _root(place, parents):
    while parents[place] != place:
        parents[place] = parents[parents[place]]
        place = parents[place]
    return place


@kernel
def unite(ones, others, parents):
    """Join the trees of the two places of each pair.

    Parameters
    ----------
    ones, others : int64, shape (n_pairs,)
        Places.
    parents : int64, shape (n_places,)
        The parent of each place, never larger than it; `ALONE` at first. Updated in place.

    Notes
    -----
    O(log n_places) a pair on average, whatever the order of the pairs.
    """
    for i in range(len(ones)):
        a, b = ones[i], others[i]
        if parents[a] < 0:
            parents[a] = a
        if parents[b] < 0:
            parents[b] = b
        a, b = _root(a, parents), _root(b, parents)
        if a < b:
            parents[b] = a
        else:
            parents[a] = b


@kernel
def flatten(parents):
    """Make the parent of each place the smallest place of its tree; those of no tree stay `ALONE`.

    Parameters
    ----------
    parents : int64, shape (n_places,)
        As `unite` leaves them; updated in place, from the front to the back.
    """
    for place in range(len(parents)):
        # A parent stands before its children, so it is flat already.
        if parents[place] >= 0:
            parents[place] = parents[parents[place]]
