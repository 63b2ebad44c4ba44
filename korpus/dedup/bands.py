"""Into how many bands of how many rows a signature is cut, for a threshold."""

from __future__ import annotations

from functools import lru_cache

# What a missed pair and a needless candidate weigh when bands are chosen: every candidate is verified, so the latter
# cost a little time only. At a threshold of 0.8 this finds 98% of the pairs of similarity 0.8, more of the others.
FALSE_POSITIVE, FALSE_NEGATIVE = 0.02, 0.98

# datasketch's own answers for 128 hashes at the usual thresholds, with these weights. Asking it imports scipy, which
# takes longer than many a run does; a test asks it.
_CHOSEN = {
    0.5: (34, 3),
    0.55: (32, 4),
    0.6: (31, 4),
    0.65: (25, 5),
    0.7: (23, 5),
    0.75: (21, 6),
    0.8: (17, 7),
    0.85: (14, 9),
    0.9: (10, 12),
    0.95: (7, 18),
}


@lru_cache(maxsize=64)
def best_bands(threshold: float, n_hashes: int) -> tuple[int, int]:
    """Return datasketch's choice of bands and of rows in a band.

    Parameters
    ----------
    threshold : float
        Jaccard similarity from which on a pair is to be found.
    n_hashes : int
        Length of the signature.
    """
    if n_hashes == 128 and threshold in _CHOSEN:
        return _CHOSEN[threshold]
    return ask_datasketch(threshold, n_hashes)


def ask_datasketch(threshold: float, n_hashes: int) -> tuple[int, int]:
    """Return what datasketch chooses."""
    from datasketch.lsh import _optimal_param

    return _optimal_param(threshold, n_hashes, FALSE_POSITIVE, FALSE_NEGATIVE)
