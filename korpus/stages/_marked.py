"""What stages share that run a slow rule on the rows with a character of a set."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from korpus.batch import strings
from korpus.kernels.marks import rows_with
from korpus.stages._rows import edit_rows


def marked(texts: pa.StringArray, words: np.ndarray) -> np.ndarray:
    """Return which rows hold a character of a set.

    Parameters
    ----------
    texts : pa.StringArray, shape (n_rows,)
        Without nulls.
    words : int64, shape (17408,)
        See `korpus.kernels.marks.rows_with`.

    Returns
    -------
    bool, shape (n_rows,)
    """
    found = np.zeros(len(texts), np.uint8)
    rows_with(*strings(texts), words, found)
    return found.view(bool)


def edit_marked(texts: pa.StringArray, words: np.ndarray, function: Callable[[str], str]) -> pa.StringArray:
    """Apply a function to the rows that hold a character of a set; see `marked` and `edit_rows`."""
    return edit_rows(texts, marked(texts, words), function)
