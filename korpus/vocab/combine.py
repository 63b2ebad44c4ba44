"""Changing vocabularies without changing their ids: merging, filling unused entries with a domain's terms, diff."""

from __future__ import annotations

import heapq
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from korpus.errors import DataError
from korpus.kernels.symbols import UNKNOWN
from korpus.vocab.candidates import FINDERS
from korpus.vocab.counts import as_tokenized, lowered
from korpus.vocab.evaluate import of_letters, segmented
from korpus.vocab.files import lacking
from korpus.vocab.options import VocabOptions
from korpus.vocab.subchar import taken_apart

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNUSED = re.compile(r"\[unused[0-9]+\]")
MIN_TERM_CHARS, MAX_TERM_CHARS = 2, 20
MIN_TERM_COUNT = 5
_INSIDE = "^[\u1160-\u11ff]"
"""How the rest of a word begins that was cut within a syllable taken apart: with a vowel or a final consonant."""


def merge(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """Return `first`, and after it the entries of `second` that it lacks, in their order; ids of `first` stay."""
    return [*first, *lacking(second, first)]


@dataclass(frozen=True)
class Extension:
    """What `extend` did.

    Attributes
    ----------
    tokens : list of str
        The vocabulary; all ids but those of the filled entries are what they were.
    added : list of (int, str, int)
        Id, term, and how many tokens it saves on the counts.
    """

    tokens: list[str]
    added: list[tuple[int, str, int]]


def n_unused(tokens: Sequence[str]) -> int:
    """Return how many entries are [unused…]."""
    return sum(_UNUSED.fullmatch(token) is not None for token in tokens)


def extend(
    tokens: Sequence[str],
    counted: pa.RecordBatch,
    options: VocabOptions | None = None,
    n_terms: int | None = None,
    min_count: int = MIN_TERM_COUNT,
    candidates: str = "prefixes",
) -> Extension:
    """Fill the [unused…] entries of a vocabulary with the terms that save the most tokens.

    A term is the beginning of a word, from 2 to 20 characters (syllables also in a vocabulary of conjoining letters).
    It saves what the words that begin with it come to now, less what they come to with it; a word that is [UNK] counts
    a token a character. One term after the other is taken, and what the others save is then counted anew, so that
    nothing is saved twice.

    Parameters
    ----------
    tokens : sequence of str
    counted : pa.RecordBatch
        ``word`` and ``count`` of the domain, each word once, as the words stand in the texts.
    options : VocabOptions, optional
        The vocabulary's letters, case, accents and longest word; the default's without.
    n_terms : int, optional
        How many entries to fill; all without.
    min_count : int
        Terms must begin words that occur this often.
    candidates : str
        ``prefixes``, all beginnings of words; or ``words`` or ``nouns``, those of them that soynlp finds.

    Raises
    ------
    DataError
        If there is no [unused…] entry, or fewer than `n_terms`.
    MissingExtra
        If soynlp is needed and not installed.
    """
    options = options or VocabOptions()
    unused = [i for i, token in enumerate(tokens) if _UNUSED.fullmatch(token)]
    if not unused or len(unused) < (n_terms or 0):
        raise DataError(
            f"the vocabulary has {len(unused):,} entries [unused…], {n_terms or 'at least one':} needed; train it with "
            f"n_unused, or append a list of terms with korpus vocab merge"
        )
    chosen = None
    if candidates != "prefixes":
        chosen = FINDERS[candidates](_of_letters(lowered(counted) if options.lowercase else counted), min_count)
        chosen = taken_apart(pa.array(chosen, pa.string())) if options.subchar else pa.array(chosen, pa.string())
    terms = _Terms(list(tokens), _of_letters(as_tokenized(counted, options)), options, min_count, chosen)
    filled, added = list(tokens), []
    for i, (term, saved) in zip(unused, terms.choose(n_terms or len(unused))):
        filled[i] = term
        added.append((i, term, saved))
    return Extension(filled, added)


def _of_letters(counted: pa.RecordBatch) -> pa.RecordBatch:
    return counted.filter(pa.array(of_letters(counted.column(0))))


class _Terms:
    """The candidates, and what each would save now."""

    def __init__(
        self,
        tokens: list[str],
        counted: pa.RecordBatch,
        options: VocabOptions,
        min_count: int,
        chosen: pa.StringArray | None,
    ):
        max_word_chars, longest = options.max_word_chars, MAX_TERM_CHARS * (3 if options.subchar else 1)
        words = counted.column(0)
        self._counts = counted.column(1).to_numpy(zero_copy_only=False)
        n_chars = pc.utf8_length(words).to_numpy(zero_copy_only=False)
        n_tokens, first = segmented(tokens, words, max_word_chars)
        self._now = np.where(n_tokens == UNKNOWN, n_chars, n_tokens).astype(np.int64)
        self._first = np.where(n_tokens == UNKNOWN, 0, first)
        rows, terms, tails, sizes = [], [], [], []
        for size in range(MIN_TERM_CHARS, longest + 1):
            # A token that is longer already goes before the term, and one alone leaves nothing to save.
            here = np.flatnonzero(
                (n_chars >= size) & (n_chars <= max_word_chars) & (self._first < size) & (self._now > 1)
            )
            begun = words.take(pa.array(here))
            term, tail = pc.utf8_slice_codeunits(begun, 0, size), pc.utf8_slice_codeunits(begun, size)
            if options.subchar:
                n = pc.utf8_length(pc.utf8_normalize(term, "NFC")).to_numpy(zero_copy_only=False)
                cut = pc.match_substring_regex(tail, _INSIDE).to_numpy(zero_copy_only=False)
                fits = ~cut & (n >= MIN_TERM_CHARS) & (n <= MAX_TERM_CHARS)
                here, term, tail = here[fits], term.filter(pa.array(fits)), tail.filter(pa.array(fits))
            rows.append(here)
            terms.append(term)
            tails.append(tail)
            sizes.append(np.full(len(here), size))
        row, n_begin = np.concatenate(rows), np.concatenate(sizes)
        tail, term = pa.concat_arrays(tails), pa.concat_arrays(terms).dictionary_encode()
        cost, _ = segmented(tokens, tail, max_word_chars, inner_words=True)
        # What a word comes to that begins with the term: one, and its tail.
        after = 1 + np.where(cost == UNKNOWN, n_chars[row], cost)
        number = term.indices.to_numpy(zero_copy_only=False)
        frequent = np.bincount(number, self._counts[row], len(term.dictionary)) >= min_count
        known = pc.is_in(term.dictionary, pa.array(tokens)).to_numpy(zero_copy_only=False)
        if chosen is not None:
            known |= ~pc.is_in(term.dictionary, chosen).to_numpy(zero_copy_only=False)
        keep = (frequent & ~known)[number]
        order = np.flatnonzero(keep)[np.argsort(number[keep], kind="stable")]
        self._row, self._size, self._after = row[order], n_begin[order], after[order]
        numbers, begins = np.unique(number[order], return_index=True)
        self._begins = np.append(begins, len(order))
        self._terms = term.dictionary.take(pa.array(numbers)).to_pylist()

    def _changed(self, term: int) -> tuple[np.ndarray, np.ndarray, int]:
        """Return the words that a term would change, what they would come to, and the tokens that saves."""
        span = slice(self._begins[term], self._begins[term + 1])
        shorter = self._first[self._row[span]] < self._size[span]
        row, after = self._row[span][shorter], self._after[span][shorter]
        return row, after, int((self._counts[row] * (self._now[row] - after)).sum())

    def choose(self, n: int) -> list[tuple[str, int]]:
        """Return `n` terms and what each saves, or fewer if no other saves anything."""
        queue = [(-self._changed(term)[2], name, term) for term, name in enumerate(self._terms)]
        heapq.heapify(queue)
        chosen: list[tuple[str, int]] = []
        while queue and len(chosen) < n:
            gain, name, term = heapq.heappop(queue)
            row, after, saved = self._changed(term)
            if saved != -gain:
                heapq.heappush(queue, (-saved, name, term))
                continue
            if saved <= 0:
                break
            chosen.append((name, saved))
            self._now[row], self._first[row] = after, len(name)
        return chosen


@dataclass(frozen=True)
class Difference:
    """How two vocabularies differ.

    Attributes
    ----------
    n_same_id : int
        Entries that both have under the same id.
    moved : list of (str, int, int)
        Entries that both have under different ids, with the ids.
    only_first, only_second : list of str
        Entries that one alone has.
    """

    n_same_id: int
    moved: list[tuple[str, int, int]]
    only_first: list[str]
    only_second: list[str]


def compare(first: Sequence[str], second: Sequence[str]) -> Difference:
    """Compare two vocabularies."""
    ids = {token: i for i, token in enumerate(second)}
    both = [(token, i, ids[token]) for i, token in enumerate(first) if token in ids]
    moved = [entry for entry in both if entry[1] != entry[2]]
    return Difference(len(both) - len(moved), moved, lacking(first, ids), lacking(second, first))
