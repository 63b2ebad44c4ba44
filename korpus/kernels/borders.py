"""Places where a sentence may end: what a place is like, as features that have weights.

A character belongs to one of the kinds below. After the last syllable, letter or digit, which is the *stem*, stands
the *tail*: punctuation, laughter, emoji, closing quotes and brackets, also after a space.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

from korpus.compiled import uncounted
from korpus.kernels.utf8 import code_point, width

# Kinds of characters. Those up to CLOSE go with what stands before them, the others begin something.
SPACE, BREAK, EXTEND, DOT, DOTS, ASK, SOFT, COMMA, CLOSE = range(9)
SYLLABLE, LETTER, DIGIT, OPEN, QUOTE, STRAIGHT, OTHER, ADDRESS, BULLET = range(9, 18)
N_KINDS = 18

# Kinds of tails.
BARE, POINT, ASKED, ELLIPSIS, SOFTENED, BROKEN = range(6)
NO_STEM = -1
OPEN_END, QUOTED, ASIDE = range(3)
"""What closes a tail: nothing, a quote or bracket, or one that holds something said aside."""
LINE_END = 7
"""What ended the sentence before: 0 nothing, 1 and the kind of its tail, or a line break."""

# Features: the last syllable of the stem, alone, with the coda before it, and the last two and three; what the tail is
# like (`describe`); the first one to three units of what follows, and the first two after what closes a tail or right
# after it; how long the sentence is, in bits of its bytes; what ended the one before.
LAST, LAST_CODA, LAST_2, LAST_3, PLACE, NEXT, NEXT_2, NEXT_3, CLOSED, LENGTH, BEFORE, ABBREVIATION = range(1, 13)
N_FEATURES = 11

FIRST_SYLLABLE, N_SYLLABLES = 0xAC00, 11172
FIRST_JAMO, N_JAMO = 0x3131, 94
EDGE = N_SYLLABLES
KIND_UNITS = N_SYLLABLES + 1
ASCII_UNITS = KIND_UNITS + N_KINDS
JAMO_UNITS = ASCII_UNITS + 128
WEIGHT_BITS = 14
WEIGHT_MASK = (1 << WEIGHT_BITS) - 1
"""Weights are from -8191 to 8191, as two's complement; no entry and no weight are both 0."""
N_CODAS = 28
MAX_LENGTH = 12
MAX_LETTERS = 8


class Rules(NamedTuple):
    """What `find_sentences` goes by.

    Attributes
    ----------
    kinds : uint8, shape (0x110000,)
        The kind of every code point.
    pairs : int64, shape (n_pairs, 2)
        Code points of opening quotes and brackets, and of what closes them.
    table : int64, shape (n_slots,)
        A hash table: keys of features with their weights in the lower bits, so that one look finds both. 0 is free.
    bare : uint8, shape (11172,)
        2 if a sentence without punctuation may end with a syllable, 1 if only in endings that are known, or 0.
    items : uint8, shape (11172,)
        The number of a syllable that numbers items, such as 1 for ``가``; or 0.
    """

    kinds: np.ndarray
    pairs: np.ndarray
    table: np.ndarray
    bare: np.ndarray
    items: np.ndarray


@numba.njit(inline="always")
def pack(feature, tail, a, b, c):
    """Return the key of a feature: what it says, the kind of the tail, and up to three units."""
    return np.int64(feature) << 45 | np.int64(tail) << 42 | np.int64(a) << 28 | np.int64(b) << 14 | np.int64(c)


@uncounted
def slot_of(table, key):
    """Return the slot of a hash table where a key is, or where it would go."""
    mask = len(table) - 1
    slot = np.int64(np.uint64(key) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(32)) & mask
    # Both tests at once: which of them holds could not be foretold.
    while (table[slot] != 0) & (table[slot] >> WEIGHT_BITS != key):
        slot = (slot + 1) & mask
    return slot


@uncounted
def fill_slots(keys, weights, table):
    """Fill the hash table of `Rules`: all 0, a power of two, much longer than there are keys."""
    for i in range(len(keys)):
        table[slot_of(table, keys[i])] = keys[i] << WEIGHT_BITS | (weights[i] & WEIGHT_MASK)


@uncounted
def is_syllable(data, i):
    """Tell whether a Hangul syllable begins at `i`."""
    # The bytes of UTF-8 are in the order of the code points.
    return (
        0xEA <= data[i] <= 0xED
        and 0xEAB080 <= np.int64(data[i]) << 16 | np.int64(data[i + 1]) << 8 | np.int64(data[i + 2]) <= 0xED9EA3
    )


@uncounted
def kind_of(kinds, data, i):
    """Return the kind of the character at `i`."""
    return np.int64(kinds[data[i]]) if data[i] < 0x80 else np.int64(kinds[code_point(data, i)])


@uncounted
def syllable_at(data, i):
    """Return the number of the syllable at `i`, from 0 for 가; of other characters of three bytes one out of range."""
    return (
        np.int64(data[i] & 0x0F) << 12 | np.int64(data[i + 1] & 0x3F) << 6 | np.int64(data[i + 2] & 0x3F)
    ) - FIRST_SYLLABLE


@uncounted
def unit_of(kinds, data, i):
    """Return the unit of the character at `i`: of syllables, jamo and ASCII signs one each, else of its kind."""
    point = code_point(data, i)
    if 0 <= point - FIRST_SYLLABLE < N_SYLLABLES:
        return point - FIRST_SYLLABLE
    kind = np.int64(kinds[point])
    if kind in (LETTER, DIGIT):
        return KIND_UNITS + kind
    if 0 <= point - FIRST_JAMO < N_JAMO:
        return JAMO_UNITS + point - FIRST_JAMO
    if point < 128 and kind != SPACE and kind != BREAK:
        return ASCII_UNITS + point
    return KIND_UNITS + kind


@uncounted
def unit_in_word(kinds, data, i):
    """Return the unit of the character at `i` if it is of a word, or `EDGE`."""
    if is_syllable(data, i):
        return syllable_at(data, i)
    kind = kind_of(kinds, data, i)
    return KIND_UNITS + kind if in_a_word(kind) else np.int64(EDGE)


@numba.njit(inline="always")
def in_a_word(kind):
    """Tell whether a kind is of letters, digits or syllables."""
    return SYLLABLE <= kind <= DIGIT


@uncounted
def syllable_before(data, first, i):
    """Return the number of the syllable that ends before `i`, or `EDGE`."""
    if i - 3 < first or not 0xEA <= data[i - 3] <= 0xED:
        return np.int64(EDGE)
    unit = code_point(data, i - 3) - FIRST_SYLLABLE
    return unit if 0 <= unit < N_SYLLABLES else np.int64(EDGE)


@uncounted
def describe(kinds, data, first, end, i, place, out):
    """Write the features of a place where a sentence may end.

    Parameters
    ----------
    kinds : uint8, shape (0x110000,)
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    first, end : int
        The row.
    i : int
        Where something begins that may begin a sentence.
    place : tuple of int64
        Start of the sentence; kind and end of its stem; kind of the tail; what closes it; whether it holds a space;
        whether nothing stands between it and `i`; what ended the sentence before.
    out : int64, shape (N_FEATURES,)
        Written in place.
    """
    start, stem, stem_end, tail, closed, spaced, direct, before = place
    s1 = np.int64(KIND_UNITS + stem)
    s2 = s3 = np.int64(EDGE)
    if stem == SYLLABLE:
        s1 = syllable_before(data, first, stem_end)
        s2 = syllable_before(data, first, stem_end - 3)
        if s2 != EDGE:
            s3 = syllable_before(data, first, stem_end - 6)
    n1 = unit_of(kinds, data, i)
    n2 = n3 = np.int64(EDGE)
    j = i + width(data[i])
    if j < end:
        n2 = unit_in_word(kinds, data, j)
        if n2 != EDGE:
            j += width(data[j])
            if j < end:
                n3 = unit_in_word(kinds, data, j)
    length = np.int64(0)
    while length < MAX_LENGTH and (stem_end - start) >> length > 0:
        length += 1
    out[0] = pack(LAST, tail, s1, 0, 0)
    out[1] = pack(LAST_CODA, tail, s2 % N_CODAS if s2 != EDGE else N_CODAS, s1, 0)
    out[2] = pack(LAST_2, tail, s2, s1, 0)
    out[3] = pack(LAST_3, tail, s3, s2, s1)
    out[4] = pack(PLACE, tail, closed << 2 | spaced << 1 | direct, KIND_UNITS + stem, 0)
    out[5] = pack(NEXT, tail, n1, 0, 0)
    out[6] = pack(NEXT_2, tail, n1, n2, 0)
    out[7] = pack(NEXT_3, tail, n1, n2, n3)
    out[8] = pack(CLOSED, tail, closed << 1 | direct, n1, n2)
    out[9] = pack(LENGTH, tail, length, closed, 0)
    out[10] = pack(BEFORE, tail, before, closed, 0)


@uncounted
def add_up(table, features):
    """Return the sum of the weights of features: of those that the table does not have, 0."""
    total = np.int64(0)
    for k in range(N_FEATURES):
        total += table[slot_of(table, features[k])] << (64 - WEIGHT_BITS) >> (64 - WEIGHT_BITS)
    return total


@numba.njit(inline="always")
def is_blank(kind):
    """Tell whether a kind is white space."""
    return kind in (SPACE, BREAK)


@uncounted
def kind_before(kinds, data, first, i):
    """Return the kind of the character that ends before `i`."""
    i -= 1
    while i > first and data[i] & 0xC0 == 0x80:
        i -= 1
    return kind_of(kinds, data, i)
