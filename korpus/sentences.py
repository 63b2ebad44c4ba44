"""Where a sentence ends, by rules that are quick and careful: a text is rather left whole than cut in the wrong place.

A sentence ends at a line break, and after a run of ``. ! ? … 。 ！ ？`` and the quotes and brackets that close it,
where white space follows. It does not end after the number of an item (``1.``) or a single Latin letter (``J.``), nor
without punctuation: ``-다`` and ``-요`` end words as well as sentences.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from korpus.batch import string_array, strings
from korpus.errors import MissingExtra
from korpus.kernels.charset import matching
from korpus.kernels.sentences import copy_spans, find_sentences
from korpus.kernels.utf8 import find_spans

ENDS = "[.!?…。！？]"
CLOSERS = r"""["'”’)\]〉》」』】]"""


def _find(texts: pa.StringArray) -> tuple:
    """Return the arguments of the kernel for some texts."""
    return *strings(texts), matching(r"\s"), matching(ENDS), matching(CLOSERS)


def count_sentences(texts: pa.StringArray) -> int:
    """Return how many sentences texts have together."""
    return int(find_sentences(*_find(texts), np.empty((0, 3), np.int32)))


def split_sentences(texts: pa.StringArray) -> pa.ListArray:
    """Return the sentences of each text.

    Parameters
    ----------
    texts : pa.StringArray, shape (n_rows,)
        Without nulls.

    Returns
    -------
    pa.ListArray of string, shape (n_rows,)
        Joined by a space, the sentences of a text are the text, but for white space; none is empty.
    """
    spans = find_spans(find_sentences, *_find(texts))
    return _pieces(texts, spans)


def _pieces(texts: pa.StringArray, spans: np.ndarray) -> pa.ListArray:
    """Return what spans hold, as a list a row."""
    offsets = np.zeros(len(spans) + 1, np.int32)
    np.cumsum(spans[:, 1] - spans[:, 0], out=offsets[1:])
    out = np.empty(offsets[-1], np.uint8)
    copy_spans(strings(texts).data, spans, offsets, out)
    bounds = np.searchsorted(spans[:, 2], np.arange(len(texts) + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(bounds), string_array(offsets, out))


@cache
def _kiwi() -> Any:
    try:
        from kiwipiepy import Kiwi
    except ImportError:
        raise MissingExtra("the stage sentences with splitter: kiwi", "kiwi") from None
    # Workers are processes; more threads in each would only take turns.
    return Kiwi(num_workers=1)


def split_with_kiwi(texts: pa.StringArray) -> pa.ListArray:
    """Return the sentences of each text as the morphological analyser Kiwi finds them; as `split_sentences` otherwise.

    Raises
    ------
    MissingExtra
        If kiwipiepy is not installed.
    """
    kiwi = _kiwi()
    found = [[text[each.start : each.end] for each in kiwi.split_into_sents(text)] for text in texts.to_pylist()]
    stripped = [[part for part in map(str.strip, parts) if part] for parts in found]
    return pa.array(stripped, pa.list_(pa.string()))
