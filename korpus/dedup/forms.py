"""The form in which texts are compared, as tables for `korpus.kernels.minhash.fold`.

``text`` compares texts as they are. ``normalized`` compares what is said rather than how it is typed:

- dropped are punctuation (Unicode categories P*), separators (Z*), controls and invisible format characters (Cc, Cf),
  the symbols that stand as punctuation in comments (Sm, Sk: ``~ ^ + = < > | ` ``; skin tones of emoji too), variation
  selectors, and the Hangul fillers U+3164 and U+FFA0, which are typed as invisible blanks;
- letters are case folded one for one: to ``str.casefold()`` where that is a single character, else to ``str.lower()``
  where that is, else not at all (``ß`` stays ``ß``);
- all else stays: jamo (``ㅋㅋ``), emoji, currency, unassigned and private characters (old Hangul lives there).

Categories and cases come from Python's ``unicodedata``, for planes 0, 1 and 14; other planes stay as they are.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from korpus.batch import strings
from korpus.kernels.hashing import hash128
from korpus.kernels.minhash import DROPPED, fold

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCK = 256
_N_BLOCKS = 0x110000 // _BLOCK
_PLANES = (*range(0x20000), *range(0xE0000, 0xE1000))
_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Sm", "Sk", "Zs", "Zl", "Zp", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po"})
_DROPPED_POINTS = frozenset({*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), 0x3164, 0xFFA0})


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


def folded(char: str) -> str:
    """Return what the normalized form has for a character: another one, or an empty string."""
    if unicodedata.category(char) in _DROPPED_CATEGORIES or ord(char) in _DROPPED_POINTS:
        return ""
    for other in (char.casefold(), char.lower()):
        if len(other) == 1:
            return other
    return char


@lru_cache(maxsize=2)
def table(how: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the two-level folding table for a way of comparing.

    Parameters
    ----------
    how : {"normalized", "text"}

    Returns
    -------
    blocks : int32 array, shape (0x1100,)
    deltas : int32 array
        See `korpus.kernels.minhash.fold`.
    """
    deltas = np.zeros(0x110000, np.int32)
    if how == "normalized":
        for point in _PLANES:
            to = folded(chr(point))
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
    how : {"normalized", "text"}
    """
    offsets, data = strings(texts)
    out_offsets = np.empty(len(offsets), np.int32)
    chars = np.empty(int(offsets[-1]) - int(offsets[0]) + 1, np.uint32)
    fold(offsets, data, *table(how), out_offsets, chars)
    return Forms(read_only(out_offsets), read_only(chars[: out_offsets[-1]]))
