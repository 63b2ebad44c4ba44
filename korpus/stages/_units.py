"""What stages share that look at the eojeol, lines or paragraphs of a text."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from korpus.batch import strings
from korpus.kernels.charset import matching
from korpus.kernels.units import LINES, count_repeated, find_units, measure_units, trim_units
from korpus.kernels.utf8 import find_spans


class Units(NamedTuple):
    """The units of all rows, one after the other.

    Attributes
    ----------
    bounds : int64, shape (n_rows + 1,)
        The units of row i are ``bounds[i]`` to ``bounds[i + 1]``.
    hashes : uint64, shape (n_units,)
        Equal for equal units.
    n_chars : int32, shape (n_units,)
        Their characters.
    """

    bounds: np.ndarray
    hashes: np.ndarray
    n_chars: np.ndarray

    def repeated(self) -> np.ndarray:
        """Return units, repeated units, characters, and characters of repeated units: int64, shape (n_rows, 4)."""
        counts = np.empty((len(self.bounds) - 1, 4), np.int64)
        count_repeated(*self, counts)
        return counts


def _spans(texts: pa.StringArray, kind: int) -> tuple[np.ndarray, np.ndarray]:
    offsets, data = strings(texts)
    spans = find_spans(find_units, offsets, data, matching(r"\s"), kind)
    return spans, np.searchsorted(spans[:, 2], np.arange(len(texts) + 1))


def units(texts: pa.StringArray, kind: int, marks: np.ndarray | None = None) -> Units:
    """Return the units of one kind, `EOJEOL`, `LINES` or `PARAGRAPHS` of `korpus.kernels.units`.

    Parameters
    ----------
    texts : pa.StringArray, shape (n_rows,)
        Without nulls.
    kind : int
        Which units.
    marks : int64 array, shape (17408,), optional
        A set of characters that do not count at the ends of units.
    """
    spans, bounds = _spans(texts, kind)
    if marks is not None:
        trim_units(strings(texts).data, spans, marks)
    hashes, n_chars = np.empty(len(spans), np.uint64), np.empty(len(spans), np.int32)
    measure_units(strings(texts).data, spans, hashes, n_chars)
    return Units(bounds, hashes, n_chars)


def marked_lines(texts: pa.StringArray, marks: list[str], at_end: bool) -> tuple[np.ndarray, np.ndarray]:
    """Count the lines of each text that are not blank, and those of them that begin, or end, with one of some strings.

    Parameters
    ----------
    texts : pa.StringArray, shape (n_rows,)
        Without nulls.
    marks : list of str
        What lines begin or end with.
    at_end : bool
        Whether they must end with it.

    Returns
    -------
    n_lines, n_marked : int64, shape (n_rows,)
    """
    spans, bounds = _spans(texts, LINES)
    data = strings(texts).data
    found = np.zeros(len(spans), bool)
    for mark in marks:
        code = np.frombuffer(mark.encode(), np.uint8)
        # Only lines with room for the mark, so that no index leaves its line.
        lines = np.flatnonzero(spans[:, 1] - spans[:, 0] >= len(code))
        first = spans[lines, 1] - len(code) if at_end else spans[lines, 0]
        for k, byte in enumerate(code):
            same = data[first + k] == byte
            lines, first = lines[same], first[same]
        found[lines] = True
    total = np.concatenate(([0], found.cumsum()))
    return np.diff(bounds), np.diff(total[bounds])
