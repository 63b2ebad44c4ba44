"""Terms that a domain's vocabulary may take up, found by soynlp in the domain's word counts.

soynlp learns from sentences. Here each word is a sentence of its own, as often as it was counted, which is what it
would count itself but for the words' neighbours: its classes are handed sums, through their public interface.
"""

from __future__ import annotations

import importlib
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from korpus.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

MAX_WORDS = 200_000
"""The most frequent words that soynlp is given; it holds every piece of every word."""

MAX_LEFT_CHARS, MAX_RIGHT_CHARS = 10, 9
"""soynlp's own bounds for the two parts of a word."""

_END = "\n"
"""After each word, so that its end is one of the things that may follow a term; no word holds it."""


def words(counted: pa.RecordBatch, min_count: int) -> list[str]:
    """Return the terms that soynlp's WordExtractor takes for words.

    Their characters cling together (a cohesion of at least 0.05, its default), and what follows them varies (a
    branching entropy above 0; the end of a word counts as something that follows).

    Parameters
    ----------
    counted : pa.RecordBatch
        ``word``, each once, and ``count``.
    min_count : int
        Terms begin words that occur this often.

    Returns
    -------
    list of str
        Sorted.
    """
    extractor = _soynlp("word", "words").WordExtractor(min_frequency=min_count, verbose_points=0)
    starts: Counter = Counter()
    for word, n in _frequent(counted):
        for size in range(1, min(MAX_LEFT_CHARS, len(word)) + 1):
            starts[word[:size]] += n
        if len(word) < MAX_LEFT_CHARS:
            starts[word + _END] += n
    # Rare beginnings are no terms, but they are among the things that follow a term.
    extractor.L = {start: n for start, n in starts.items() if n >= min_count or starts[start[:-1]] >= min_count}
    found = extractor.extract()
    return sorted(term for term, score in found.items() if score.right_branching_entropy > 0 and term[-1] != _END)


def nouns(counted: pa.RecordBatch, min_count: int) -> list[str]:
    """Return the terms that soynlp's LRNounExtractor_v2 takes for nouns, from the particles that follow them.

    Parameters and what is returned are those of `words`.
    """
    noun, utils = _soynlp("noun", "nouns"), _soynlp("utils", "nouns")
    graph: dict[str, dict[str, int]] = defaultdict(dict)
    for word, n in _frequent(counted):
        for size in range(max(1, len(word) - MAX_RIGHT_CHARS), min(MAX_LEFT_CHARS, len(word)) + 1):
            graph[word[:size]][word[size:]] = n
    if not graph:
        return []
    extractor = noun.LRNounExtractor_v2(MAX_LEFT_CHARS, MAX_RIGHT_CHARS, verbose=False)
    return sorted(extractor.train_extract(utils.LRGraph(dict(graph)), min_noun_frequency=min_count))


FINDERS = {"words": words, "nouns": nouns}


def _soynlp(module: str, candidates: str) -> ModuleType:
    try:
        return importlib.import_module(f"soynlp.{module}")
    except ImportError:
        raise MissingExtra(f"candidates: {candidates}", "soynlp") from None


def _frequent(counted: pa.RecordBatch) -> Iterator[tuple[str, int]]:
    """Yield the most frequent words and their counts, of equal counts those that sort first."""
    counts = counted.column(1).to_numpy(zero_copy_only=False)
    if len(counts) > MAX_WORDS:
        least = np.partition(counts, -MAX_WORDS)[-MAX_WORDS]
        counted = counted.filter(pa.array(counts >= least))
    order = pc.sort_indices(counted, [(counted.schema.names[1], "descending"), (counted.schema.names[0], "ascending")])
    chosen = counted.take(order[:MAX_WORDS])
    return zip(*(column.to_pylist() for column in chosen.columns))
