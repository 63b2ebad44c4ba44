"""Where the sentences of a text are.

What begins after a tail or after a space (`korpus.kernels.borders`) may begin a sentence. Rules forbid some of these
places; at the others the weights of what stands there are added up, and a sum above 0 is a border.
"""

from __future__ import annotations

import numpy as np

from korpus.compiled import kernel, uncounted
from korpus.kernels.borders import (
    ABBREVIATION,
    ADDRESS,
    ASIDE,
    ASK,
    ASKED,
    BARE,
    BREAK,
    BROKEN,
    BULLET,
    CLOSE,
    COMMA,
    DIGIT,
    DOT,
    DOTS,
    ELLIPSIS,
    EXTEND,
    LETTER,
    LINE_END,
    MAX_LETTERS,
    N_FEATURES,
    N_SYLLABLES,
    NO_STEM,
    OPEN,
    OPEN_END,
    OTHER,
    POINT,
    QUOTE,
    QUOTED,
    SOFT,
    SOFTENED,
    SPACE,
    STRAIGHT,
    SYLLABLE,
    add_up,
    describe,
    in_a_word,
    is_blank,
    is_syllable,
    kind_before,
    kind_of,
    pack,
    slot_of,
    syllable_at,
    syllable_before,
    unit_of,
)
from korpus.kernels.utf8 import add_span, code_point, width

MAX_QUOTED, MAX_ASIDE = 1200, 600
"""Bytes that a quotation or a bracket may take at most; what is longer does not keep a sentence together."""
COLON = 0x3A
MIN_LAUGHTER, SHORT, LAUGHTER = 3, 6, 100
"""So many of ㅋㅎㅜㅠ in a tail speak for the end of a sentence as much as the last number says, if more bytes than
the second one stand before it; few words end one, and ``진짜 ㅋㅋㅋ`` is none. Longer laughter ends what an ending
does not: ``봤는데ㅋㅋㅋ 재밌더라``."""
MAX_ITEM_DIGITS, ITEM_STYLES = 3, 1000
"""``1.`` to ``999.`` number an item; ``2020.`` is a year."""


@uncounted
def _item(kinds, items, data, i, end):
    # The number of the item whose head begins at i, such as 1. or 가) before a space; ITEM_STYLES more for each
    # other kind of head.
    j, number, style = np.int64(i), np.int64(0), np.int64(0)
    while j < end and j - i < MAX_ITEM_DIGITS and 0x30 <= data[j] <= 0x39:
        number = number * 10 + data[j] - 0x30
        j += 1
    if j == i:
        unit = unit_of(kinds, data, i)
        if unit >= N_SYLLABLES or items[unit] == 0:
            return np.int64(0)
        number, style, j = np.int64(items[unit]), np.int64(ITEM_STYLES), i + 3
    if j + 1 >= end or (data[j] != 0x2E and data[j] != 0x29) or not is_blank(kind_of(kinds, data, j + 1)):
        return np.int64(0)
    return style + number + (np.int64(2 * ITEM_STYLES) if data[j] == 0x29 else np.int64(0))


@uncounted
def _is_numbered(kinds, data, i, end):
    # Whether a bracket at i holds a number of up to three digits and nothing else, before a space: (1).
    j = i + width(data[i])
    first = j
    while j < end and j - first < MAX_ITEM_DIGITS and 0x30 <= data[j] <= 0x39:
        j += 1
    if j == first or j + 1 >= end or kind_of(kinds, data, j) != CLOSE:
        return False
    j += width(data[j])
    return j < end and is_blank(kind_of(kinds, data, j))


@uncounted
def _is_abbreviation(kinds, table, data, first, i):
    # Whether the letters before i are one alone, such as J. or the g of e.g., or a word that a point shortens.
    j, word, n = np.int64(i), np.int64(0), np.int64(0)
    while j > first and 0x41 <= data[j - 1] & 0xDF <= 0x5A:
        j -= 1
        word |= np.int64(data[j] & 0x1F) << (5 * n)
        n += 1
        if n > MAX_LETTERS:
            return False
    if n == 1:
        return j == first or not in_a_word(kind_before(kinds, data, first, j))
    return n > 1 and table[slot_of(table, pack(ABBREVIATION, 0, 0, 0, 0) | word)] != 0


@uncounted
def _is_number(kinds, data, first, i):
    # Whether up to three digits before i are a word: the number of an item.
    j = np.int64(i)
    while j > first and i - j <= MAX_ITEM_DIGITS and 0x30 <= data[j - 1] <= 0x39:
        j -= 1
    if i - j > MAX_ITEM_DIGITS:
        return False
    kind = kind_before(kinds, data, first, j) if j > first else np.int64(SPACE)
    return is_blank(kind) or kind == OPEN


@uncounted
def _find_close(pairs, data, i, limit, pair, reach):
    # Where a pair that opens at i closes before the limit and the end of the line, or -1. What was searched is not
    # searched again, so that all searches of a row together are linear.
    close = pairs[pair, 1]
    j = reach[pair]
    if j < i + 1:
        j = i + width(data[i])
    while j < limit:
        point = code_point(data, j)
        if point == close or point == 0x0A:
            break
        j += width(data[j])
    reach[pair] = j
    return j if j < limit and code_point(data, j) == close else np.int64(-1)


@uncounted
def _reopens(kinds, pairs, data, i, end, pair):
    # Whether a quote that opens and closes alike looks as if it opened: after a space and before none.
    if pairs[pair, 0] != pairs[pair, 1] or i + 1 >= end:
        return False
    return is_blank(kind_before(kinds, data, 0, i)) and kind_of(kinds, data, i + 1) > CLOSE


@uncounted
def _laughs(data, i):
    # Whether one of ㅋㅎㅜㅠ begins at i.
    return data[i] == 0xE3 and data[i + 1] == 0x85 and data[i + 2] in (0x8B, 0x8E, 0x9C, 0xA0)


@uncounted
def _pair(pairs, point):
    for k in range(len(pairs)):
        if pairs[k, 0] == point:
            return k
    return -1


@kernel
def find_sentences(offsets, data, rules, taught, seen, spans):
    r"""Find the sentences of each row; a span each.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    rules : Rules
    taught : bool, shape (n_bytes,) or (0,)
        Where sentences begin, in place of the weights: to learn them.
    seen : int64, shape (n, N_FEATURES + 1)
        The features of each place where a sentence may end, and where it is; written as far as it goes. Only while
        learning.
    spans : int32, shape (n, 3)
        Start, end and row of each sentence, without white space around it; written as far as it goes.

    Returns
    -------
    int
        How many sentences there are; while learning, how many places.

    Notes
    -----
    O(n_bytes), no allocation but for a few numbers. Reference: `tests.test_sentences.sentences`.
    """
    features, reach = np.empty(N_FEATURES, np.int64), np.empty(len(rules.pairs), np.int64)
    return _find_sentences(offsets, data, rules, taught, seen, features, reach, spans)


@uncounted
def _find_sentences(offsets, data, rules, taught, seen, features, reach, spans):
    n = n_seen = 0
    learning = len(taught) > 0
    kinds, pairs, table, bare, items = rules
    for row in range(len(offsets) - 1):
        first, end = np.int64(offsets[row]), np.int64(offsets[row + 1])
        reach[:] = first
        i, start, last = first, np.int64(-1), first
        stem, stem_end, tail, before, item = np.int64(NO_STEM), first, np.int64(BARE), np.int64(0), np.int64(0)
        closed = spaced = direct = laughter = np.int64(0)
        in_word = gap = address = kept = aside = False
        until, limit, open_pair = np.int64(-1), np.int64(-1), -1
        kept_stem, kept_end, kept_tail, kept_closed = stem, stem_end, tail, closed
        while i < end:
            if in_word:
                # Most of a text is words that nothing ends.
                begun = i
                while i < end and is_syllable(data, i):
                    i += 3
                if i > begun:
                    stem = np.int64(SYLLABLE)
                if i == end:
                    break
                if (
                    data[i] == 0x20
                    and i + 1 < end
                    and is_syllable(data, i + 1)
                    and (i < until or stem != SYLLABLE or bare[syllable_at(data, i - 3)] == 0)
                    and (item == 0 or i + 5 >= end or (data[i + 4] != 0x2E and data[i + 4] != 0x29))
                ):
                    address = False
                    i += 1
                    continue
            lead = data[i]
            kind = np.int64(kinds[lead]) if lead < 0x80 else np.int64(kinds[code_point(data, i)])
            after = i + width(lead)
            if in_word:
                if in_a_word(kind):
                    stem, i = kind, after
                    continue
                stem_end, last, in_word = i, i, False
            if kind <= BREAK:
                if kind == BREAK:
                    if start >= 0:
                        n = add_span(spans, n, start, last, row)
                        before = np.int64(LINE_END)
                    start, until = np.int64(-1), np.int64(-1)
                gap, address = True, False
                i = after
                continue
            straight = False
            if kind == STRAIGHT:
                # Quotes that open and close alike: by what stands around them.
                kind = np.int64(QUOTE)
                if i == until:
                    kind = np.int64(CLOSE)
                    straight = True
                elif i < until:
                    kind = np.int64(EXTEND)
                elif not gap and start >= 0:
                    previous = kind_before(kinds, data, first, i)
                    pair = _pair(pairs, code_point(data, i))
                    j = _find_close(pairs, data, i, min(end, i + MAX_QUOTED), pair, reach)
                    if previous in (LETTER, DIGIT):
                        kind = np.int64(EXTEND)
                    elif j < 0 or after == end or is_blank(kind_of(kinds, data, after)):
                        kind = np.int64(CLOSE)
                        straight = True
            if kind <= CLOSE:
                if start < 0:
                    start = i
                    stem, tail, closed, spaced = np.int64(NO_STEM), np.int64(BARE), np.int64(0), np.int64(0)
                    laughter = np.int64(0)
                elif gap and kind != EXTEND:
                    spaced = np.int64(1)
                if kind == DOT:
                    tail = np.int64(POINT) if tail == BARE else (tail if tail == ASKED else np.int64(ELLIPSIS))
                elif kind == DOTS:
                    tail = tail if tail == ASKED else np.int64(ELLIPSIS)
                elif kind == ASK:
                    tail = np.int64(ASKED)
                elif kind == SOFT:
                    tail = np.int64(SOFTENED) if tail == BARE else tail
                    laughter += _laughs(data, i)
                elif kind == COMMA:
                    tail = np.int64(BROKEN)
                elif kind == CLOSE:
                    if i == until and kept:
                        stem, stem_end, tail, closed = kept_stem, kept_end, kept_tail, kept_closed
                    elif i > until and i > first and data[i - 1] == COLON:
                        tail = np.int64(SOFTENED)
                    elif i >= until:
                        closed = np.int64(QUOTED if straight or (i == until and not aside) else ASIDE)
                last, i, gap = after, after, gap and kind == EXTEND
                continue
            # Something begins here.
            cut = False
            if start >= 0 and i >= until and tail != BROKEN and stem != NO_STEM:
                direct = np.int64(0) if gap else np.int64(1)
                is_small = 0x61 <= lead <= 0x7A
                if gap:
                    may = tail != BARE
                    if not may and stem == SYLLABLE and closed != QUOTED:
                        may = bare[syllable_before(data, first, stem_end)] > 0
                    if may and (tail == POINT or closed == ASIDE):
                        if stem == DIGIT:
                            may = kind != DIGIT and not _is_number(kinds, data, first, stem_end)
                        elif stem == LETTER:
                            may = not _is_abbreviation(kinds, table, data, first, stem_end)
                        elif stem == SYLLABLE and stem_end - start <= 4:
                            may = items[syllable_before(data, first, stem_end)] == 0
                else:
                    may = tail != BARE and stem == SYLLABLE and closed != QUOTED and not address
                    may = may and (in_a_word(kind) or kind in (QUOTE, BULLET))
                    may = may and not is_small
                    # Points also join: 정치.경제, 네이버.한국.
                    may = may and (tail != POINT or bare[syllable_before(data, first, stem_end)] > 1)
                if may and kind == QUOTE and closed == QUOTED and gap and BARE < tail < SOFTENED:
                    # One thing said, and another.
                    cut = True
                elif may and kind == OPEN and gap and BARE < tail < SOFTENED and _is_numbered(kinds, data, i, end):
                    cut = True
                elif may and stem == LETTER and closed == OPEN_END and BARE < tail < SOFTENED:
                    # Not Korean.
                    cut = not is_small
                elif may:
                    place = (start, stem, stem_end, tail, closed, spaced, direct, before)
                    describe(kinds, data, first, end, i, place, features)
                    if learning:
                        cut = taught[i]
                        if n_seen < len(seen):
                            for k in range(N_FEATURES):
                                seen[n_seen, k] = features[k]
                            seen[n_seen, N_FEATURES] = i
                        n_seen += 1
                    else:
                        total = add_up(table, features)
                        if laughter >= MIN_LAUGHTER and tail == SOFTENED and stem == SYLLABLE:
                            total += LAUGHTER if stem_end - start > SHORT else 0
                        cut = total > 0
            if not cut and gap and start >= 0 and i >= until and (kind == DIGIT or (item > 0 and kind == SYLLABLE)):
                number = _item(kinds, items, data, i, end)
                if number % ITEM_STYLES == 1:
                    item = number
                elif number > 0 and number == item + 1:
                    cut = not (stem == DIGIT and tail == POINT and _is_number(kinds, data, first, stem_end))
            if cut:
                n = add_span(spans, n, start, last, row)
                start = np.int64(-1)
                before = 1 + tail
            if start < 0:
                start = i
                stem = np.int64(NO_STEM)
                if kind in (SYLLABLE, DIGIT):
                    number = _item(kinds, items, data, i, end)
                    if number > 0:
                        item = number
            if kind in (OPEN, QUOTE):
                pair = _pair(pairs, code_point(data, i))
                if i >= until or pair == open_pair:
                    inside = i < until
                    if not inside:
                        limit = min(end, i + (MAX_ASIDE if kind == OPEN else MAX_QUOTED))
                    j = _find_close(pairs, data, until if inside else i, limit, pair, reach)
                    if j >= 0 and not _reopens(kinds, pairs, data, j, end, pair):
                        until, open_pair = j, pair
                        if not inside:
                            aside = kind == OPEN
                            kept = aside and stem != NO_STEM
                            kept_stem, kept_end, kept_tail, kept_closed = stem, stem_end, tail, closed
            elif in_a_word(kind):
                stem, stem_end = kind, after
            else:
                stem, stem_end = np.int64(OTHER), after
                address = address or kind == ADDRESS
            tail, closed, spaced, laughter, gap = np.int64(BARE), np.int64(0), np.int64(0), np.int64(0), False
            last, i, in_word = after, after, in_a_word(kind)
        if start >= 0:
            n = add_span(spans, n, start, end if in_word else last, row)
    return n_seen if learning else n
