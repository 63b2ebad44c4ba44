"""Sequences of words that are said again and again."""

from __future__ import annotations

import numpy as np

from korpus.compiled import kernel


@kernel
def rows_with_phrases(bounds, hashes, max_words, min_repeats, out):
    """Find the rows in which a sequence of words follows itself.

    Parameters
    ----------
    bounds : int64, shape (n_rows + 1,)
        The words of row i are ``bounds[i]`` to ``bounds[i + 1]``.
    hashes : uint64, shape (n_words,)
        Equal for equal words.
    max_words : int
        Words of the longest sequence that is looked for.
    min_repeats : int
        How often it stands there at least.
    out : uint8, shape (n_rows,)
        Written in place: 1 for a row that has one.

    Notes
    -----
    O(n_words * max_words). Reference: for some p up to `max_words`, ``words[i] == words[i + p]`` for
    ``p * (min_repeats - 1)`` consecutive i.
    """
    for row in range(len(bounds) - 1):
        out[row] = 0
        first, last = bounds[row], bounds[row + 1]
        for period in range(1, max_words + 1):
            if last - first < period * min_repeats:
                break
            run = np.int64(0)
            for at in range(first, last - period):
                run = run + 1 if hashes[at] == hashes[at + period] else 0
                if run >= period * (min_repeats - 1):
                    out[row] = 1
                    break
            if out[row]:
                break
