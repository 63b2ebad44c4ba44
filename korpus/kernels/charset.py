"""Sets of characters: finding what is outside one, counting what is inside.

A set is a bitmap of the code points in 64-bit words. UTF-8 fits it well: the last byte of a character carries the six
low bits, which pick the bit, and the bytes before it pick the word, so nothing needs to be decoded, and the words of
the Basic Multilingual Plane (8 KB) stay in the first-level cache.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

import numpy as np

from korpus.compiled import kernel, uncounted
from korpus.kernels.utf8 import BLOCK, add_span, code_point, width

N_CODE_POINTS = 0x110000

PLAIN = ((0x20, 0x7E), (0xAC00, 0xD77F))
"""What `find_outside` skips: printable ASCII, and Hangul syllables but the last few."""


def bitmap(ranges: Iterable[tuple[int, int]]) -> np.ndarray:
    """Return the set of code points of inclusive ranges.

    Returns
    -------
    int64, shape (17408,)
        Read-only; code point c is bit ``c & 63`` of word ``c >> 6``.
    """
    member = np.zeros(N_CODE_POINTS, np.uint8)
    for first, last in ranges:
        member[first : last + 1] = 1
    words = np.packbits(member, bitorder="little").view(np.int64)
    words.flags.writeable = False
    return words


@cache
def ranges_matching(pattern: str, flags: int = 0) -> tuple[tuple[int, int], ...]:
    r"""Return the code points that a regular expression for one character matches, such as ``\s`` or ``\w``.

    Asking `re` itself keeps a kernel equal to Python's own idea of a word or a space, whatever its Unicode version.
    """
    return tuple(
        (match.start(), match.end() - 1) for match in re.finditer(f"(?:{pattern})+", _every_character(), flags)
    )


@cache
def _every_character() -> str:
    return np.arange(N_CODE_POINTS, dtype="<u4").tobytes().decode("utf-32-le", "surrogatepass")


@cache
def matching(pattern: str) -> np.ndarray:
    r"""Return the set of `ranges_matching`. ``\s`` is also what `str.isspace`, `str.split` and `str.strip` go by."""
    return bitmap(ranges_matching(pattern))


@kernel
def contains(words, data, i):
    """Tell whether the character at ``data[i]`` is in the set; reference: ``c in set``.

    Parameters
    ----------
    words : int64, shape (17408,)
        Of `bitmap`.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    i : int
        Where a character starts.
    """
    lead = np.int64(data[i])
    if lead < 0x80:
        return words[lead >> 6] >> (lead & 63) & 1 != 0
    if lead < 0xE0:
        return words[lead & 0x1F] >> (data[i + 1] & 63) & 1 != 0
    if lead < 0xF0:
        return words[(lead & 0x0F) << 6 | (data[i + 1] & 63)] >> (data[i + 2] & 63) & 1 != 0
    word = (lead & 7) << 12 | (data[i + 1] & 63) << 6 | (data[i + 2] & 63)
    return words[word] >> (data[i + 3] & 63) & 1 != 0


@kernel
def _may_be_odd(b, after):
    plain = (b >= 0x20) & (b < 0xC0) & (b != 0x7F)
    syllable = (b == 0xEB) | (b == 0xEC) | ((b == 0xEA) & (after >= 0xB0)) | ((b == 0xED) & (after < 0x9E))
    return not (plain | syllable)


@uncounted
def _is_plain(data, i):
    # Only leads and ASCII can fail, so a block that starts within a character is judged without that character.
    block = data[i : i + BLOCK + 1]
    odd = False
    for k in range(BLOCK):
        odd |= _may_be_odd(block[k], block[k + 1])
    return not odd


@kernel
def find_outside(offsets, data, words, skip_plain, fill, spans):
    """Find the maximal runs of characters that are not in a set and are not `fill` already; a span each.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    words : int64, shape (17408,)
        Of `bitmap`.
    skip_plain : bool
        Whether all of `PLAIN` is in the set, so that blocks of it can be skipped.
    fill : int
        What the spans are filled with.
    spans : int32, shape (n, 3)
        Written as far as it goes.

    Returns
    -------
    int
        How many spans there are.

    Notes
    -----
    O(n_bytes). Reference: the matches of ``re.compile("[^...]+")`` in every row.
    """
    n = row = 0
    at, end = np.int64(offsets[0]), np.int64(offsets[len(offsets) - 1])
    while at < end:
        stop = at + BLOCK
        if skip_plain and stop < len(data) and _is_plain(data, at):
            at = stop
            continue
        i, stop = at, min(stop, end)
        while i < stop:
            b = data[i]
            if b & 0xC0 == 0x80 or contains(words, data, i):
                i += 1
                continue
            while offsets[row + 1] <= i:
                row += 1
            start, row_end = i, np.int64(offsets[row + 1])
            while i < row_end and not contains(words, data, i):
                i += width(data[i])
            if i - start > 1 or data[start] != fill:
                n = add_span(spans, n, start, i, fill)
        at = max(stop, i)
    return n


@kernel
def tally(offsets, data, words, out):
    r"""Count the characters of each row, those in a set, and the maximal runs of those in it.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    words : int64, shape (17408,)
        Of `bitmap`.
    out : int32, shape (n_rows, 3)
        Written in place: characters, characters inside, runs inside.

    Notes
    -----
    O(n_bytes), no allocation. With the set of ``\S``, the runs are the words: ``len(s.split())``.
    """
    for row in range(len(offsets) - 1):
        i = np.int64(offsets[row])
        end = offsets[row + 1]
        n_chars = n_inside = n_runs = was_inside = 0
        while i < end:
            inside = 1 if contains(words, data, i) else 0
            n_chars += 1
            n_inside += inside
            n_runs += inside & ~was_inside
            was_inside = inside
            i += width(data[i])
        out[row, 0] = n_chars
        out[row, 1] = n_inside
        out[row, 2] = n_runs


@kernel
def tally_letters(offsets, data, letters, hangul, out):
    """Count the letters of each row, and those that are Hangul; a syllable is the two or three letters it is made of.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    letters, hangul : int64, shape (17408,)
        The set of all letters, and that of Hangul, which is a part of it.
    out : int32, shape (n_rows, 2)
        Written in place: letters, Hangul letters.

    Notes
    -----
    O(n_bytes), no allocation. Reference: the same of the text in NFD, for syllables.
    """
    for row in range(len(offsets) - 1):
        i = np.int64(offsets[row])
        end = offsets[row + 1]
        n_letters = n_hangul = 0
        while i < end:
            if 0xEA <= data[i] <= 0xED and 0xAC00 <= code_point(data, i) <= 0xD7A3:
                n = 3 if (code_point(data, i) - 0xAC00) % 28 else 2
                n_letters += n
                n_hangul += n
            elif contains(letters, data, i):
                n_letters += 1
                n_hangul += contains(hangul, data, i)
            i += width(data[i])
        out[row, 0] = n_letters
        out[row, 1] = n_hangul
