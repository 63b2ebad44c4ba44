"""Learning the entries of a vocabulary from word counts: the same counts always give the same entries.

Ids go to the special tokens, the unused ones, the characters by code point, those that continue a word by code point,
and then to what pair merging finds, in the order it finds it. Of pairs of equal weight the one of smaller ids is first.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from korpus.batch import strings
from korpus.errors import RecipeError
from korpus.kernels.symbols import spell, tally_characters
from korpus.kernels.wordpiece import learn
from korpus.vocab.export import PREFIX

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from korpus.vocab.options import VocabOptions

N_CODES = 0x110000
SCALE = 1000
"""Weights are whole numbers of this fraction, so that their sums are exact in any order."""


@dataclass(frozen=True)
class Learned:
    """The entries of a vocabulary, and what became of the words they were learned from.

    Attributes
    ----------
    tokens : list of str
        The place of an entry is its id.
    n_filled : int
        Entries [unused…] at the end, because nothing more could be learned.
    left_out : list of (str, int)
        Characters that are not part of the alphabet, and how often they occur, the most frequent first.
    n_too_long : int
        Occurrences of words that are too long to learn from.
    """

    tokens: list[str]
    n_filled: int
    left_out: list[tuple[str, int]]
    n_too_long: int


def pack(tokens: Sequence[str], room: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the offsets, bytes and continuation marks of tokens, as `korpus.kernels.symbols` wants them.

    Parameters
    ----------
    tokens : sequence of str
    room : int
        How many more will be added.
    """
    inner = np.zeros(len(tokens) + room + 1, np.uint8)
    inner[: len(tokens)] = [_continues(token) for token in tokens]
    spelt = [(token[len(PREFIX) :] if _continues(token) else token).encode() for token in tokens]
    offsets = np.zeros(len(tokens) + room + 2, np.int64)
    offsets[1 : len(tokens) + 1] = np.cumsum([len(token) for token in spelt])
    return offsets, np.frombuffer(bytearray(b"".join(spelt) or b"\0"), np.uint8), inner


def _continues(token: str) -> bool:
    return token.startswith(PREFIX) and len(token) > len(PREFIX)


def fill(tokens: Sequence[str], size: int) -> list[str]:
    """Return `tokens` and as many [unused…] as make up `size`."""
    known = set(tokens)
    names = (name for name in (f"[unused{i}]" for i in count()) if name not in known)
    return [*tokens, *(next(names) for _ in range(size - len(tokens)))]


def learn_tokens(counts: pa.RecordBatch, options: VocabOptions, scale: int = 1) -> Learned:
    """Learn a vocabulary.

    Parameters
    ----------
    counts : pa.RecordBatch
        ``word`` and ``count``, each word once, in any order.
    options : VocabOptions
    scale : int
        What the counts were multiplied by.

    Returns
    -------
    Learned
        Exactly ``options.size`` entries.

    Raises
    ------
    RecipeError
        If the alphabet does not fit into ``options.size``.
    """
    offsets, data = strings(counts.column(0))
    weights = counts.column(1).to_numpy(zero_copy_only=False).copy()
    totals = np.zeros((2, N_CODES), np.int64)
    n_too_long = tally_characters(offsets, data, weights, options.max_word_chars, totals)
    kept, left_out = _alphabet(totals.sum(axis=0), options.alphabet_coverage)
    fixed = options.fixed_tokens()
    if options.model == "char":
        learned = _characters(kept, totals.sum(axis=0), fixed, options)
    else:
        learned = _pieces(kept, totals, fixed, (offsets, data, weights), options, scale)
    tokens = fill(learned, options.size)
    missed = [(chr(code), int(totals[:, code].sum()) // scale) for code in left_out]
    return Learned(tokens, len(tokens) - len(learned), missed, int(n_too_long) // scale)


def without_entry(counts: pa.RecordBatch, tokens: Sequence[str], max_word_chars: int) -> tuple[list, int]:
    """Return the characters that are no entry and their counts, the most frequent first; and words too long."""
    totals = np.zeros((2, N_CODES), np.int64)
    weights = counts.column(1).to_numpy(zero_copy_only=False).copy()
    n_too_long = tally_characters(*strings(counts.column(0)), weights, max_word_chars, totals)
    every, _ = _alphabet(totals.sum(axis=0), 1.0)
    known = set(tokens)
    return [(chr(c), int(totals[:, c].sum())) for c in every if chr(c) not in known], int(n_too_long)


def _alphabet(totals: np.ndarray, coverage: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the code points that are kept, the most frequent first, and those that are not."""
    codes = np.flatnonzero(totals)
    codes = codes[np.argsort(-totals[codes], kind="stable")]
    covered = np.cumsum(totals[codes])
    if not len(codes):
        return codes, codes
    n = len(codes) if coverage == 1 else int(np.searchsorted(covered, coverage * covered[-1])) + 1
    return codes[:n], codes[n:]


def _characters(kept: np.ndarray, totals: np.ndarray, fixed: list[str], options: VocabOptions) -> list[str]:
    known = set(fixed)
    return [*fixed, *(char for char in map(chr, kept) if char not in known)][: options.size]


def _pieces(
    kept: np.ndarray, totals: np.ndarray, fixed: list[str], words: tuple, options: VocabOptions, scale: int
) -> list[str]:
    tokens = list(dict.fromkeys([
        *fixed,
        *map(chr, np.sort(kept)),
        *(PREFIX + chr(code) for code in np.sort(kept[totals[1][kept] > 0])),
    ]))  # fmt: skip
    if len(tokens) > options.size:
        raise RecipeError(
            f"vocab.size: {options.size:,} entries are fewer than the {len(tokens):,} that special tokens and "
            f"characters take alone; make size larger, or alphabet_coverage (now {options.alphabet_coverage:g}) "
            f"smaller; what a run has finished stays"
        )
    n = len(tokens)
    by_name = {token: i for i, token in enumerate(tokens)}
    ids = np.full((2, N_CODES), -1, np.int32)
    ids[0, kept] = [by_name[chr(code)] for code in kept]
    ids[1, kept] = [by_name.get(PREFIX + chr(code), -1) for code in kept]
    offsets, data, weights = words
    rows = np.empty((len(weights), 2), np.int64)
    symbols = np.empty(len(data) + len(weights), np.int32)
    n_rows, n_symbols = spell(offsets, data, weights, ids, options.max_word_chars, rows, symbols)
    token_offsets, token_data, inner = pack(tokens, options.size - n)
    n, token_data = learn(
        symbols[:n_symbols], rows[:n_rows], token_offsets, token_data, inner, n, options.min_count * scale
    )
    spelt = token_data.tobytes()
    return tokens + [
        (PREFIX if inner[i] else "") + spelt[token_offsets[i] : token_offsets[i + 1]].decode()
        for i in range(len(tokens), n)
    ]
