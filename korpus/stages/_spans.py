"""What stages share that edit by spans."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from korpus.batch import string_array, strings
from korpus.kernels.utf8 import find_spans, splice
from korpus.stages._rows import edit_rows


def edit_spans(texts: pa.StringArray, find: Callable, *args: Any) -> pa.StringArray:
    """Replace the spans that a kernel finds; the very same array when it finds none.

    Parameters
    ----------
    texts : pa.StringArray, shape (n_rows,)
        Without nulls.
    find : callable
        ``find(offsets, data, *args, spans)``, see `korpus.kernels.utf8`.
    *args
        Whatever else it takes.
    """
    offsets, data = strings(texts)
    spans = find_spans(find, offsets, data, *args)
    return string_array(*splice(offsets, data, spans)) if len(spans) else texts


def edit_spans_and_rows(
    texts: pa.StringArray, function: Callable[[str], str], find: Callable, *args: Any
) -> pa.StringArray:
    """Replace the spans that a kernel finds, but for the rows that it leaves to a function.

    Parameters
    ----------
    texts : pa.StringArray, shape (n_rows,)
        Without nulls.
    function : callable
        From a text to its new text; on other rows it would give what the spans give.
    find : callable
        ``find(offsets, data, *args, odd_rows, spans)`` marks with 1 the rows (uint8, shape (n_rows,)) that it leaves.
    *args
        Whatever else it takes.
    """
    offsets, data = strings(texts)
    odd_rows = np.zeros(len(texts), np.uint8)
    spans = find_spans(find, offsets, data, *args, odd_rows)
    if odd_rows.any():
        spans = spans[odd_rows[np.searchsorted(offsets, spans[:, 0], "right") - 1] == 0]
    edited = string_array(*splice(offsets, data, spans)) if len(spans) else texts
    return edit_rows(edited, odd_rows.view(bool), function)
