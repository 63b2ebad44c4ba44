"""What stages share that look at the eojeol, lines or paragraphs of a text."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from korpus.batch import strings
from korpus.kernels.charset import matching
from korpus.kernels.units import LINES, count_repeated, find_units, measure_units, trim_units
from korpus.kernels.utf8 import find_spans
from korpus.stages._rows import row_texts


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


def line_shares(
    texts: pa.StringArray, may_count: Callable, counts: Callable[[str], bool], limit: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the share of lines that count, exactly where it may be over a limit, and else some share that is not.

    Parameters
    ----------
    texts : pa.StringArray, shape (n_rows,)
        Without nulls.
    may_count : callable
        ``may_count(data, starts, ends)`` tells which lines may count; a bool for each, cheaply.
    counts : callable
        Tells of a line, without white space around it, whether it counts.
    limit : float

    Returns
    -------
    n_lines, share : int64 and float64, shape (n_rows,)
        Of the lines that are not blank.
    """
    spans, bounds = _spans(texts, LINES)
    n_lines = np.diff(bounds)
    found = may_count(strings(texts).data, spans[:, 0], spans[:, 1])
    share = np.diff(np.concatenate(([0], found.cumsum()))[bounds]) / np.maximum(n_lines, 1)
    over = np.flatnonzero(share > limit)
    for row, text in zip(over, row_texts(texts, over)):
        share[row] = sum(counts(line.strip()) for line in text.split("\n")) / n_lines[row]
    return n_lines, share


def first_in(chars: np.ndarray) -> Callable:
    """Return a function for `line_shares`: which lines begin with a character of a set (bool, one a code point)."""

    def begins(data: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        a, b, c, d = (data[np.minimum(starts + k, len(data) - 1)].astype(np.int64) for k in range(4))
        b, c, d = b & 0x3F, c & 0x3F, d & 0x3F
        wide = [a < 0x80, a < 0xE0, a < 0xF0]
        codes = [a, (a & 0x1F) << 6 | b, (a & 0x0F) << 12 | b << 6 | c]
        return chars[np.select(wide, codes, (a & 7) << 18 | b << 12 | c << 6 | d)]

    return begins


def last_is(marks: list[str]) -> Callable:
    """Return a function for `line_shares`: which lines end with one of some strings."""

    def ends_with(data: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        found = np.zeros(len(starts), bool)
        for mark in marks:
            code = np.frombuffer(mark.encode(), np.uint8)
            # Only lines with room for the mark, so that no index leaves its line.
            lines = np.flatnonzero(ends - starts >= len(code))
            first = ends[lines] - len(code)
            for k, byte in enumerate(code):
                same = data[first + k] == byte
                lines, first = lines[same], first[same]
            found[lines] = True
        return found

    return ends_with
