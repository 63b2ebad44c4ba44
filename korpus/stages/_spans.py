"""What stages share that edit by spans."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from korpus.batch import string_array, strings
from korpus.kernels.utf8 import find_spans, splice


def edit_spans(texts: pa.StringArray, find: Callable, *args) -> pa.StringArray:
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
