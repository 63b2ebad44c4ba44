"""Measuring vocabularies on word counts: how many words are unknown, into how many tokens the others fall."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from korpus.batch import strings
from korpus.kernels.symbols import UNKNOWN, enter_tokens, segment
from korpus.kernels.words import WORD
from korpus.vocab.bert_classes import table as bert_classes
from korpus.vocab.counts import lowered, normalized
from korpus.vocab.learn import pack

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from korpus.vocab.options import VocabOptions

FIRST_SYLLABLE, LAST_SYLLABLE = 0xAC00, 0xD7A3


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


def measure(tokens: Sequence[str], counted: pa.RecordBatch, options: VocabOptions) -> dict[str, Any]:
    """Measure a vocabulary on word counts.

    Parameters
    ----------
    tokens : sequence of str
        The vocabulary.
    counted : pa.RecordBatch
        ``word`` and ``count``, as the words stand in the texts.
    options : VocabOptions
        Its model, case, accents and longest word.

    Returns
    -------
    dict
        ``n_words``; ``unk_ratio``, the share of words that become [UNK]; ``tokens_per_word``, where [UNK] is one;
        ``whole_ratio``, the share of words that are one token, and ``syllable_coverage``, the share of the Hangul
        syllables of the text that are entries of the vocabulary. Words are BERT's: a punctuation mark is one.
        ``tokens_per_eojeol`` leaves out those marks: it counts the words of letters alone.
    """
    if options.strip_accents:
        counted = normalized(counted)
    if options.lowercase:
        counted = lowered(counted)
    words, counts = counted.column(0), counted.column(1).to_numpy(zero_copy_only=False)
    if options.model == "char":
        known = set(tokens)
        spelt = words.to_pylist()
        per_word = np.array([len(word) for word in spelt], np.int64)
        n_tokens = np.where([known.issuperset(word) for word in spelt], per_word, UNKNOWN)
        costs = per_word
    else:
        n_tokens, _ = segmented(tokens, words, options.max_word_chars)
        costs = np.where(n_tokens == UNKNOWN, 1, n_tokens)
    total = int(counts.sum())
    letters = of_letters(words)
    n_letters = int(counts[letters].sum())
    return {
        "n_words": total,
        "unk_ratio": _share(counts[n_tokens == UNKNOWN].sum(), total),
        "tokens_per_word": _share((costs * counts).sum(), total),
        "tokens_per_eojeol": _share((costs * counts)[letters].sum(), n_letters),
        "whole_ratio": _share(counts[(n_tokens == 1) & letters].sum(), n_letters),
        "syllable_coverage": _syllables(tokens, words, counts),
    }


def _share(part: Any, whole: int) -> float:
    return float(part) / whole if whole else 0.0


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


def _syllables(tokens: Sequence[str], words: pa.StringArray, counts: np.ndarray) -> float:
    from korpus.kernels.symbols import tally_characters

    totals = np.zeros((2, 0x110000), np.int64)
    tally_characters(*strings(words), counts.astype(np.int64), 1 << 30, totals)
    here = totals.sum(axis=0)[FIRST_SYLLABLE : LAST_SYLLABLE + 1]
    known = set(tokens)
    has = np.array([chr(code) in known for code in range(FIRST_SYLLABLE, LAST_SYLLABLE + 1)])
    return _share(here[has].sum(), int(here.sum()))
