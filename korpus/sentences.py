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
import pyarrow.compute as pc

from korpus.errors import MissingExtra

# Readers let no document through that holds U+0000, so it can stand for a space that ends nothing.
_HELD = "\x00"
_ITEM = r"(^|[\s(\[\x00])([0-9]{1,3}|[A-Za-z])\.[ \t]+"
_END = "([.!?…。！？]+[\"'”’)\\]〉》」』】]*)[ \t]+"


def split_sentences(texts: pa.StringArray) -> pa.ListArray:
    """Return the sentences of each text.

    Parameters
    ----------
    texts : pa.StringArray, shape (n_rows,)
        Without nulls and without U+0000.

    Returns
    -------
    pa.ListArray of string, shape (n_rows,)
        Joined by a space, the sentences of a text are the text, but for white space; none is empty.
    """
    held = texts
    for _ in range(2):  # a match takes the space that the next one needs before it: in J. K. every other letter is left
        held = pc.replace_substring_regex(held, _ITEM, rf"\1\2.{_HELD}")
    cut = pc.replace_substring_regex(held, _END, r"\1" + "\n")
    return _trimmed(pc.split_pattern(pc.replace_substring(cut, _HELD, " "), "\n"))


def _trimmed(parts: pa.ListArray) -> pa.ListArray:
    """Take the white space off both ends of each part, and leave out those of which nothing is left."""
    flat = pc.utf8_trim_whitespace(parts.flatten())
    full = pc.greater(pc.binary_length(flat), 0)
    rows = pc.list_parent_indices(parts).filter(full)
    sizes = np.bincount(rows.to_numpy(zero_copy_only=False), minlength=len(parts))
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), flat.filter(full))


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
    return _trimmed(pa.array(found, pa.list_(pa.string())))
