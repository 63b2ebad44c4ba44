"""Cutting long sequences of texts between two of them."""

from __future__ import annotations

import numpy as np

from korpus.compiled import kernel


@kernel
def cut_pieces(groups, n_bytes, n_between, max_bytes, starts):
    """Cut the rows of each group into pieces that are as long as they may be.

    Parameters
    ----------
    groups : int64, shape (n_rows,)
        Rows of one group stand together.
    n_bytes : int64, shape (n_rows,)
        How long each is.
    n_between : int
        What stands between two rows of a piece.
    max_bytes : int
        A piece is no longer than this, unless it is a single row.
    starts : int64, shape (>= n_rows,)
        The first row of each piece, written in place.

    Returns
    -------
    int
        How many pieces there are.
    """
    n = 0
    length = np.int64(0)
    for row in range(len(groups)):
        longer = length + n_between + n_bytes[row]
        if row == 0 or groups[row] != groups[row - 1] or longer > max_bytes:
            starts[n] = row
            n += 1
            length = n_bytes[row]
        else:
            length = longer
    return n
