"""Measuring vocabularies on word counts: how many words are unknown, into how many tokens the others fall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from korpus.batch import strings
from korpus.hangul.ranges import SYLLABLES
from korpus.kernels.symbols import UNKNOWN, enter_tokens, segment, tally_characters
from korpus.kernels.words import WORD
from korpus.vocab.bert_classes import table as bert_classes
from korpus.vocab.counts import as_tokenized
from korpus.vocab.learn import pack
from korpus.vocab.subchar import taken_apart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from korpus.vocab.options import VocabOptions


@dataclass(frozen=True)
class Measures:
    """How a vocabulary does on words.

    Attributes
    ----------
    n_words : int
        Words are BERT's: a punctuation mark is one.
    unk_ratio : float
        Share of the words that become [UNK], within [0, 1] as all shares.
    tokens_per_word : float
        Where [UNK] is one token.
    tokens_per_eojeol : float
        The same without punctuation marks: it counts the words of letters alone.
    whole_ratio : float
        Share of the words of letters that are one token.
    syllable_coverage : float
        Share of the Hangul syllables of the text that are an entry of the vocabulary, or with ``subchar`` can be spelt
        by its entries.
    """

    n_words: int
    unk_ratio: float
    tokens_per_word: float
    tokens_per_eojeol: float
    whole_ratio: float
    syllable_coverage: float


def segmented(
    tokens: Sequence[str], words: pa.StringArray, max_word_chars: int, inner_words: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of tokens of each word, -1 for [UNK], and the characters of its first token (both int32).

    Parameters
    ----------
    tokens : sequence of str
        The vocabulary; WordPiece, the longest token first.
    words : pa.StringArray
    max_word_chars : int
        Longer words become [UNK].
    inner_words : bool
        Whether the words are ends of words, so that their first token begins with ``##``.
    """
    offsets, data, inner = pack(tokens)
    n_slots = 4
    while n_slots < 2 * len(tokens):
        n_slots *= 2
    table = np.full(n_slots, -1, np.int32)
    enter_tokens(table, offsets, data, inner, len(tokens))
    n_tokens, first = np.empty(len(words), np.int32), np.empty(len(words), np.int32)
    longest = int(np.diff(offsets[: len(tokens) + 1]).max(initial=1))
    place = int(inner_words)
    segment(*strings(words), place, table, offsets, data, inner, max_word_chars, longest, n_tokens, first)
    return n_tokens, first


def measure(tokens: Sequence[str], counted: pa.RecordBatch, options: VocabOptions) -> Measures:
    """Measure a vocabulary on word counts.

    Parameters
    ----------
    tokens : sequence of str
        The vocabulary.
    counted : pa.RecordBatch
        ``word`` and ``count``, as the words stand in the texts.
    options : VocabOptions
        Its model, letters, case, accents and longest word.
    """
    return told(tally(tokens, counted, options))


def tally(tokens: Sequence[str], counted: pa.RecordBatch, options: VocabOptions) -> np.ndarray:
    """Return the whole numbers that `told` makes ratios of; those of several batches may be added up."""
    known_syllables, syllables = _syllables(tokens, counted, options)
    counted = as_tokenized(counted, options)
    words, counts = counted.column(0), counted.column(1).to_numpy(zero_copy_only=False)
    if options.model == "char":
        n_tokens = _spelt(tokens, words)
        costs = pc.utf8_length(words).to_numpy(zero_copy_only=False).astype(np.int64)
    else:
        n_tokens, _ = segmented(tokens, words, options.max_word_chars)
        costs = np.where(n_tokens == UNKNOWN, 1, n_tokens)
    letters = of_letters(words)
    return np.array(
        [
            counts.sum(),
            counts[n_tokens == UNKNOWN].sum(),
            (costs * counts).sum(),
            counts[letters].sum(),
            (costs * counts)[letters].sum(),
            counts[(n_tokens == 1) & letters].sum(),
            syllables,
            known_syllables,
        ],
        np.int64,
    )


def told(sums: np.ndarray) -> Measures:
    """Return what `measure` does of the sums of `tally`."""
    n_words, n_unknown, n_tokens, n_eojeol, n_eojeol_tokens, n_whole, n_syllables, n_known = sums.tolist()
    return Measures(
        n_words=n_words,
        unk_ratio=_share(n_unknown, n_words),
        tokens_per_word=_share(n_tokens, n_words),
        tokens_per_eojeol=_share(n_eojeol_tokens, n_eojeol),
        whole_ratio=_share(n_whole, n_eojeol),
        syllable_coverage=_share(n_known, n_syllables),
    )


def _spelt(tokens: Sequence[str], words: pa.StringArray) -> np.ndarray:
    """Return the number of characters of each word, -1 if one of them is no entry."""
    known = set(tokens)
    return np.array([len(word) if known.issuperset(word) else UNKNOWN for word in words.to_pylist()], np.int64)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def of_letters(words: pa.StringArray) -> np.ndarray:
    """Return which words (bool) are not a punctuation mark or another character that stands alone."""
    offsets, data = strings(words)
    sizes = np.diff(offsets)
    short = np.flatnonzero((sizes <= 4) & (sizes > 0))
    letters = np.ones(len(words), bool)
    classes = bert_classes()
    taken = words.take(short).to_pylist()
    letters[short] = [len(word) > 1 or classes[ord(word)] == WORD for word in taken]
    return letters


def _syllables(tokens: Sequence[str], counted: pa.RecordBatch, options: VocabOptions) -> tuple[int, int]:
    """Return how many syllables the vocabulary can write, and how many there are."""
    totals = np.zeros((2, 0x110000), np.int64)
    counts = counted.column(1).to_numpy(zero_copy_only=False).astype(np.int64)
    tally_characters(*strings(counted.column(0)), counts, 1 << 30, totals)
    first, last = SYLLABLES
    here = totals.sum(axis=0)[first : last + 1]
    written = pa.array(map(chr, range(first, last + 1)))
    if options.subchar or options.strip_accents:
        written = taken_apart(written)
    char = options.model == "char"
    n_tokens = _spelt(tokens, written) if char else segmented(tokens, written, options.max_word_chars)[0]
    return int(here[n_tokens != UNKNOWN].sum()), int(here.sum())
