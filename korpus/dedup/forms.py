"""The form in which texts are compared, as tables for `korpus.kernels.minhash.fold`.

``text`` compares texts as they are. ``normalized`` compares what is said rather than how it is typed:

- dropped are punctuation (Unicode categories P*), separators (Z*), controls and invisible format characters (Cc, Cf),
  the symbols that stand as punctuation in comments (Sm, Sk: ``~ ^ + = < > | ` ``; skin tones of emoji too), variation
  selectors, and the Hangul fillers U+3164 and U+FFA0, which are typed as invisible blanks;
- letters are case folded one for one: to ``str.casefold()`` where that is a single character, else to ``str.lower()``
  where that is, else not at all (``ß`` stays ``ß``);
- all else stays: jamo (``ㅋㅋ``), emoji, currency, unassigned and private characters (old Hangul lives there).

``loose`` is the normalized form without what short texts differ in that say the same: lone jamo (``ㅋㅋ``, ``ㅠㅠ``),
with the final that laughter left in the syllable before it (``좋닼ㅋㅋ``), and all symbols but currency, letter-like
ones and units (So: emoji, ``♥ ★``); what is said several times in a row, up to 12 characters without a digit, stays
once (``너무너무``, ``최고오오``). A text of nothing else has its normalized form, with repeats cut in the same way.
``jamo`` is the loose form with its syllables taken apart, so that a mistyped letter is one of many; conjoining jamo, of
which it consists, stay where they are lone too. Each form is its own form: indexes rely on it.

Categories and cases come from Python's ``unicodedata``, for planes 0, 1 and 14; other planes stay as they are.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from korpus.batch import strings
from korpus.hangul.ranges import COMPAT_JAMO, HALFWIDTH_JAMO, JAMO
from korpus.kernels.charset import matching
from korpus.kernels.forms import squeeze, take_apart
from korpus.kernels.hashing import hash128
from korpus.kernels.minhash import DROPPED, fold

if TYPE_CHECKING:
    from collections.abc import Callable

_BLOCK = 256
_N_BLOCKS = 0x110000 // _BLOCK
_PLANES = (*range(0x20000), *range(0xE0000, 0xE1000))
_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Sm", "Sk", "Zs", "Zl", "Zp", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po"})
_DROPPED_POINTS = frozenset({*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), 0x3164, 0xFFA0})
_LONE_JAMO = {point for first, last in (*COMPAT_JAMO, *HALFWIDTH_JAMO) for point in range(first, last + 1)}
_CONJOINING = {point for first, last in JAMO for point in range(first, last + 1)}
_LAUGHTER = "ㅋㅎ"  # dropped later, with the final that it left behind
_KEYCAP = 0x20E3
_UNITS = frozenset({*range(0x2100, 0x2150), *range(0x3200, 0x3400)})  # ℃ № ㈜ ㎏


def read_only(array: np.ndarray) -> np.ndarray:
    """Return a read-only view of an array: what kernels are handed, so that each is compiled once."""
    view = array.view()
    view.flags.writeable = False
    return view


class Forms(NamedTuple):
    """The comparison forms of a batch: form i is ``chars[offsets[i]:offsets[i + 1]]``.

    Attributes
    ----------
    offsets : int32, shape (n_rows + 1,)
    chars : uint32, shape (n_chars,)
        Code points.
    """

    offsets: np.ndarray
    chars: np.ndarray

    def hashes(self) -> np.ndarray:
        """Return the 128-bit hash of each form's code points as uint64, shape (2, n_rows)."""
        out = np.empty((2, len(self.offsets) - 1), np.uint64)
        hash128(self.offsets, self.chars.view(np.uint8), 4, out)
        return out

    def is_empty(self) -> np.ndarray:
        """Return which forms have nothing left to compare."""
        return self.offsets[1:] == self.offsets[:-1]


def folded(char: str, how: str = "normalized") -> str:
    """Return what a form has for a character, before repeats, laughter and syllables are looked at: one, or nothing.

    Parameters
    ----------
    char : str
        One character.
    how : {"normalized", "loose", "jamo"}
    """
    point, category = ord(char), unicodedata.category(char)
    if category in _DROPPED_CATEGORIES or point in _DROPPED_POINTS:
        return ""
    if how != "normalized" and (
        (point in _LONE_JAMO and char not in _LAUGHTER)
        or point == _KEYCAP
        or (category == "So" and point not in _UNITS)
        or (how == "loose" and point in _CONJOINING)
    ):
        return ""
    for other in (char.casefold(), char.lower()):
        if len(other) == 1:
            return other
    return char


@lru_cache(maxsize=4)
def table(how: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the two-level folding table for a way of comparing.

    Parameters
    ----------
    how : {"normalized", "text", "loose", "jamo"}

    Returns
    -------
    blocks : int32 array, shape (0x1100,)
    deltas : int32 array
        See `korpus.kernels.minhash.fold`.
    """
    deltas = np.zeros(0x110000, np.int32)
    if how != "text":
        for point in _PLANES:
            to = folded(chr(point), how)
            deltas[point] = ord(to) - point if to else DROPPED
    # Blocks of equal content are kept once, so that the table of a Korean text stays in the first-level cache.
    seen: dict[bytes, int] = {}
    rows = deltas.reshape(_N_BLOCKS, _BLOCK)
    blocks = np.array([seen.setdefault(row.tobytes(), len(seen)) for row in rows], np.int32) * _BLOCK
    return read_only(blocks), read_only(np.frombuffer(b"".join(seen), np.int32))


def forms(texts: pa.StringArray, how: str) -> Forms:
    """Return the comparison forms of texts.

    Parameters
    ----------
    texts : pa.StringArray
        Without nulls; may be a slice.
    how : {"normalized", "text", "loose", "jamo"}
    """
    form = _folded(texts, how)
    if how not in ("loose", "jamo"):
        return form
    form = _squeezed(form, laughter=True)
    if form.is_empty().any():
        form = _filled(form, texts)
    # Lone conjoining jamo may meet those of a syllable; without the second time a form would not be its own.
    return _squeezed(_changed(form, 3 * len(form.chars), take_apart)) if how == "jamo" else form


def _folded(texts: pa.StringArray, how: str) -> Forms:
    offsets, data = strings(texts)
    out_offsets = np.empty(len(offsets), np.int32)
    chars = np.empty(int(offsets[-1]) - int(offsets[0]) + 1, np.uint32)
    fold(offsets, data, *table(how), out_offsets, chars)
    return Forms(read_only(out_offsets), read_only(chars[: out_offsets[-1]]))


def _filled(form: Forms, texts: pa.StringArray) -> Forms:
    """Return forms in which texts of nothing but laughter and symbols have these, each once."""
    empty = np.flatnonzero(form.is_empty())
    others = _squeezed(_folded(texts.take(pa.array(empty)), "normalized"))
    n_chars = np.diff(others.offsets)
    chars = np.insert(form.chars, np.repeat(form.offsets[empty], n_chars), others.chars)
    grown = np.zeros(len(form.offsets), np.int32)
    grown[empty + 1] = n_chars
    return Forms(read_only(form.offsets + np.cumsum(grown, dtype=np.int32)), read_only(chars))


def _squeezed(form: Forms, laughter: bool = False) -> Forms:
    return _changed(form, len(form.chars), squeeze, matching(r"\d"), laughter)


def _changed(form: Forms, max_chars: int, kernel: Callable, *args: np.ndarray | bool) -> Forms:
    offsets, chars = np.empty(len(form.offsets), np.int32), np.empty(max_chars, np.uint32)
    kernel(*form, *args, offsets, chars)
    return Forms(read_only(offsets), read_only(chars[: offsets[-1]]))
