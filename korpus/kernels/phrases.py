"""Sequences of words that are said again and again."""

from __future__ import annotations

import numpy as np

from korpus.compiled import kernel
from korpus.kernels.charset import contains
from korpus.kernels.utf8 import code_point, width

_MIN_PERIOD, _MAX_PERIOD = 5, 20
"""Syllables of a phrase without spaces."""
_MIN_MARKS = 9


@kernel
def rows_with_phrases(offsets, data, sets, max_words, min_repeats, out):
    """Find the rows in which words, syllables or marks may follow themselves: no other row can hold a phrase.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    sets : int64, shape (3, 17408)
        Of `korpus.kernels.charset.bitmap`: white space, the marks behind a word that do not count, all marks.
    max_words, min_repeats : int
        Words of the longest sequence that is looked for, at most 64, and how often it stands there at least. Words that
        have equal hashes count as equal.
    out : uint8, shape (n_rows,)
        Written in place: 1 for a row in which a sequence of words follows itself so often, or 15 syllables stand side
        by side of which 10 are those some 5 to 20 places before, or 9 marks that are not all the same.

    Notes
    -----
    O(n_bytes * max_words) at worst, near O(n_bytes).
    """
    ring, runs = np.zeros(64, np.uint64), np.zeros(65, np.int64)
    syllables, same = np.zeros(32, np.int64), np.zeros(_MAX_PERIOD + 1, np.int64)
    for row in range(len(offsets) - 1):
        out[row] = _repeats(
            data, offsets[row], offsets[row + 1], sets, max_words, min_repeats, ring, runs, syllables, same
        )


@kernel
def _repeats(data, begin, end, sets, max_words, min_repeats, ring, runs, syllables, same):
    runs[:] = 0
    n_words = n_marks = n_syllables = np.int64(0)
    word, stem, length = np.uint64(0), np.uint64(0), np.int64(0)
    mark, is_mixed = np.int64(0), False
    i = np.int64(begin)
    while i <= end:
        # Behind the last word stands nothing, as behind others a space.
        point, step, is_space, is_end, is_mark = np.int64(0x20), np.int64(1), True, False, False
        if i < end:
            point, step = code_point(data, i), np.int64(width(data[i]))
            is_space = is_end = is_mark = False
            if not 0xEA <= data[i] <= 0xED:
                is_space, is_end = contains(sets[0], data, i), contains(sets[1], data, i)
                is_mark = contains(sets[2], data, i)
        if is_space:
            if length:
                said = stem if stem else word
                for period in range(1, min(max_words, n_words) + 1):
                    if ring[(n_words - period) & 63] == said:
                        runs[period] += 1
                        if runs[period] >= period * (min_repeats - 1):
                            return 1
                    else:
                        runs[period] = 0
                ring[n_words & 63] = said
                n_words += 1
                word, stem, length = np.uint64(0), np.uint64(0), np.int64(0)
        else:
            word = (word ^ np.uint64(point)) * np.uint64(0x9E3779B97F4A7C15) | np.uint64(1)
            length += 1
            if not is_end:
                stem = word
        if 0xAC00 <= point <= 0xD7A3:
            if n_syllables == _MIN_PERIOD:
                same[:] = 0
            for period in range(_MIN_PERIOD, min(_MAX_PERIOD, n_syllables) + 1):
                same[period] = same[period] + 1 if syllables[(n_syllables - period) & 31] == point else 0
                if same[period] >= 2 * period:
                    return 1
            syllables[n_syllables & 31] = point
            n_syllables += 1
        else:
            n_syllables = np.int64(0)
        if is_mark:
            is_mixed = n_marks > 0 and (is_mixed or point != mark)
            mark = point
            n_marks += 1
            if n_marks >= _MIN_MARKS and is_mixed:
                return 1
        else:
            n_marks = np.int64(0)
        i += step
    return 0
