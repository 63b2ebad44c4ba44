"""Words as rows of symbols, the ids of vocabulary entries: what a vocabulary is learned from, and measured by."""

from __future__ import annotations

import numpy as np

from korpus.compiled import kernel
from korpus.kernels.words import decode

END = np.int32(-1)
"""Closes each word in an array of symbols."""

UNKNOWN = -1
"""Instead of a number of tokens: the word becomes [UNK]."""


@kernel
def tally_characters(offsets, data, weights, max_chars, totals):
    """Add up how much the words weigh in which each character stands.

    Parameters
    ----------
    offsets : int32, shape (n_words + 1,)
        Byte offsets, already advanced by ``array.offset``.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    weights : int64, shape (n_words,)
        How often each word occurs.
    max_chars : int
        Longer words are passed over.
    totals : int64, shape (2, 0x110000)
        Added to in place: row 0 for the first characters of words, row 1 for the others.

    Returns
    -------
    int
        What the words weigh that were passed over.
    """
    passed = np.int64(0)
    for word in range(len(offsets) - 1):
        at, stop = np.int64(offsets[word]), np.int64(offsets[word + 1])
        n_chars = 0
        for k in range(at, stop):
            n_chars += data[k] & 0xC0 != 0x80
        if n_chars > max_chars:
            passed += weights[word]
            continue
        place = 0
        while at < stop:
            code, size = decode(data, at)
            totals[place, code] += weights[word]
            place, at = 1, at + size
    return passed


@kernel
def spell(offsets, data, weights, ids, max_chars, words, symbols):
    """Write words as symbols, each word closed by -1; leave out those from which nothing can be learned.

    Parameters
    ----------
    offsets, data : int32, shape (n_words + 1,); uint8, shape (n_bytes,)
        The words.
    weights : int64, shape (n_words,)
        How often each word occurs.
    ids : int32, shape (2, 0x110000)
        Id of each character at the beginning of a word, and further on; negative where it has none. Words with such a
        character are left out, and those of one character.
    max_chars : int
        Longer words are left out.
    words : int64, shape (n_words, 2)
        Written in place: where the symbols of a word begin, and its weight.
    symbols : int32, shape (n_bytes + n_words,)
        Written in place.

    Returns
    -------
    n_kept, n_symbols : int
    """
    n_kept = n = np.int64(0)
    for word in range(len(offsets) - 1):
        at, stop = np.int64(offsets[word]), np.int64(offsets[word + 1])
        begin, place = n, 0
        while at < stop:
            code, size = decode(data, at)
            symbol = ids[place, code]
            if symbol < 0 or n - begin >= max_chars:
                n = begin
                break
            symbols[n] = symbol
            n, place, at = n + 1, 1, at + size
        if n - begin < 2:
            n = begin
            continue
        words[n_kept, 0], words[n_kept, 1] = begin, weights[word]
        symbols[n] = END
        n_kept, n = n_kept + 1, n + 1
    return n_kept, n


@kernel
def _hash(data, start, stop, inner):
    code = np.uint64(0xCBF29CE484222325) ^ np.uint64(inner)
    for k in range(start, stop):
        code = (code ^ np.uint64(data[k])) * np.uint64(0x100000001B3)
    return code ^ (code >> np.uint64(32))


@kernel
def find_token(table, offsets, data, inner, text, start, stop, is_inner):
    """Return the slot of `table` where the token spelt ``text[start:stop]`` is, or would be.

    Parameters
    ----------
    table : int32, shape (a power of two, larger than n_tokens,)
        Ids of tokens, -1 where empty.
    offsets, data, inner : int64, shape (n_tokens + 1,); uint8, shape (n_bytes,); uint8, shape (n_tokens,)
        The tokens in UTF-8 without ``##``, and 1 for those that continue a word.
    text, start, stop : uint8, shape (n_text_bytes,); int; int
        What is looked for.
    is_inner : int
        1 if it continues a word.
    """
    mask = np.uint64(len(table) - 1)
    slot = _hash(text, start, stop, is_inner) & mask
    while table[slot] >= 0:
        token = table[slot]
        if inner[token] == is_inner and offsets[token + 1] - offsets[token] == stop - start:
            same = True
            for k in range(stop - start):
                if data[offsets[token] + k] != text[start + k]:
                    same = False
                    break
            if same:
                break
        slot = (slot + np.uint64(1)) & mask
    return slot


@kernel
def enter_tokens(table, offsets, data, inner, n_tokens):
    """Enter tokens into an empty table; of equal ones the first stays. Parameters as for `find_token`."""
    for token in range(n_tokens):
        slot = find_token(table, offsets, data, inner, data, offsets[token], offsets[token + 1], inner[token])
        if table[slot] < 0:
            table[slot] = token


@kernel
def segment(
    word_offsets, word_data, is_inner, table, offsets, data, inner, max_chars, max_token_bytes, n_tokens, first
):
    """Count the tokens of each word, the longest token first, as WordPiece does.

    Parameters
    ----------
    word_offsets, word_data : int32, shape (n_words + 1,); uint8, shape (n_bytes,)
        The words.
    is_inner : int
        1 if they are the ends of words, 0 if they are whole.
    table, offsets, data, inner
        The vocabulary; see `find_token`.
    max_chars : int
        Longer words are unknown.
    max_token_bytes : int
        Bytes of the longest token.
    n_tokens : int32, shape (n_words,)
        Written in place: the number of tokens, or `UNKNOWN`.
    first : int32, shape (n_words,)
        Written in place: the characters of the first token, 0 if there is none.

    Notes
    -----
    Reference: `tokenizers`.
    """
    for word in range(len(word_offsets) - 1):
        at, stop = np.int64(word_offsets[word]), np.int64(word_offsets[word + 1])
        n_chars = 0
        for k in range(at, stop):
            n_chars += word_data[k] & 0xC0 != 0x80
        n, place = 0, is_inner
        first[word] = 0
        while at < stop and n_chars <= max_chars:
            end = min(stop, at + max_token_bytes)
            while end > at:
                # The bytes up to a character's first one; its other bytes begin with 10.
                whole = end == stop or word_data[end] & 0xC0 != 0x80
                if whole and table[find_token(table, offsets, data, inner, word_data, at, end, place)] >= 0:
                    break
                end -= 1
            if end == at:
                break
            if n == 0:
                for k in range(at, end):
                    first[word] += word_data[k] & 0xC0 != 0x80
            at, n, place = end, n + 1, 1
        n_tokens[word] = n if at == stop else UNKNOWN
