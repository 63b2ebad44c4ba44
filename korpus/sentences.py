"""Where a sentence ends: rules for what is never an end, and weights for what may be one.

`korpus.kernels.sentences` says how, `korpus.hangul.sentences` has the characters, and ``sentences.tsv`` beside it the
weights, which ``benchmarks/learn_sentences.py`` learns.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import pyarrow as pa

from korpus.batch import string_array, strings
from korpus.errors import MissingExtra
from korpus.hangul import sentences as table
from korpus.kernels import sentences as kernel
from korpus.kernels.charset import ranges_matching
from korpus.kernels.utf8 import find_spans

NEVER = -10_000
NOT_TAUGHT = np.empty(0, np.bool_), np.empty((0, kernel.N_FEATURES + 1), np.int64)


def read_weights() -> dict[tuple[int, ...], int]:
    """Return the weights that korpus comes with: of each feature, as its name, kind of tail and units."""
    path = resources.files("korpus.hangul") / "sentences.tsv"
    if not path.is_file():
        return {}
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").split("\n") if line and line[0] != "#")
    return {tuple(map(int, key.split())): int(weight) for weight, key, *_ in rows}


def make_rules(weights: dict[int, int]) -> kernel.Rules:
    """Return what the kernel goes by.

    Parameters
    ----------
    weights : dict of int to int
        Of `read_weights`.
    """
    kinds = np.zeros(0x110000, np.uint8)
    for name, pattern in table.KINDS.items():
        for low, high in ranges_matching(pattern):
            kinds[low : high + 1] = getattr(kernel, name)
    pairs = {**table.QUOTES, **{quote: quote for quote in table.STRAIGHT}, **table.BRACKETS}
    items = np.zeros(kernel.N_SYLLABLES, np.uint8)
    for number, syllable in enumerate(table.ITEMS, 1):
        items[ord(syllable) - kernel.FIRST_SYLLABLE] = number
    bare = np.zeros(kernel.N_SYLLABLES, np.bool_)
    for key in weights:
        feature, tail, unit = key >> 59, key >> 56 & 7, key >> 42 & 0x3FFF
        if feature == kernel.LAST and tail == kernel.BARE and unit < kernel.N_SYLLABLES:
            bare[unit] = True
    weights = weights | {_letters(word): 1 for word in table.ABBREVIATIONS} | _never()
    n_slots = 1 << (2 * len(weights)).bit_length()
    keys, values = np.zeros(n_slots, np.int64), np.zeros(n_slots, np.int32)
    features = np.array([*weights], np.uint64).view(np.int64)
    kernel.fill_slots(features, np.array([*weights.values()], np.int32), keys, values)
    return kernel.Rules(kinds, np.array([[*map(ord, pair)] for pair in pairs.items()]), keys, values, bare, items)


def _letters(word: str) -> int:
    return kernel.ABBREVIATION << 59 | sum((ord(c) & 0x1F) << 5 * k for k, c in enumerate(reversed(word)))


def _never() -> dict[int, int]:
    """Return the weights of words that go on with what was said before them."""
    weights = {}
    for tail in (kernel.POINT, kernel.ASKED, kernel.ELLIPSIS, kernel.SOFTENED):
        for word in table.GOES_ON:
            weights[kernel_key(kernel.NEXT_3, tail, *_units(word, 3))] = NEVER
        for word in table.GOES_ON_QUOTED:
            weights[kernel_key(kernel.AFTER_CLOSE, tail, kernel.QUOTED << 1, *_units(word, 2))] = NEVER
    return weights


def _units(word: str, n: int) -> list[int]:
    return [*(ord(c) - kernel.FIRST_SYLLABLE for c in word), *[kernel.EDGE] * n][:n]


@cache
def _rules() -> kernel.Rules:
    return make_rules({kernel_key(*key): weight for key, weight in read_weights().items()})


def kernel_key(feature: int, tail: int, *units: int) -> int:
    """Return `korpus.kernels.sentences.pack` as an integer of 64 bits without sign."""
    a, b, c, d = (*units, 0, 0, 0, 0)[:4]
    return feature << 59 | tail << 56 | a << 42 | b << 28 | c << 14 | d


def count_sentences(texts: pa.StringArray) -> int:
    """Return how many sentences texts have together."""
    return int(kernel.find_sentences(*strings(texts), _rules(), *NOT_TAUGHT, np.empty((0, 3), np.int32)))


def split_sentences(texts: pa.StringArray) -> pa.ListArray:
    """Return the sentences of each text.

    Parameters
    ----------
    texts : pa.StringArray, shape (n_rows,)
        Without nulls.

    Returns
    -------
    pa.ListArray of string, shape (n_rows,)
        In their order and as they are, but for the white space around them, the sentences of a text are the text; none
        is empty.
    """
    spans = find_spans(kernel.find_sentences, *strings(texts), _rules(), *NOT_TAUGHT)
    return _pieces(texts, spans)


def _pieces(texts: pa.StringArray, spans: np.ndarray) -> pa.ListArray:
    """Return what spans hold, as a list a row."""
    offsets = np.zeros(len(spans) + 1, np.int32)
    np.cumsum(spans[:, 1] - spans[:, 0], out=offsets[1:])
    out = np.empty(offsets[-1], np.uint8)
    kernel.copy_spans(strings(texts).data, spans, offsets, out)
    bounds = np.searchsorted(spans[:, 2], np.arange(len(texts) + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(bounds), string_array(offsets, out))


@cache
def _kiwi() -> Any:
    try:
        from kiwipiepy import Kiwi
    except ImportError:
        raise MissingExtra("the stage sentences with splitter: kiwi", "kiwi") from None
    # Workers are processes; more threads in each would only take turns.
    return Kiwi(num_workers=1)


def split_with_kiwi(texts: pa.StringArray) -> pa.ListArray:
    """Return the sentences of each text as the morphological analyser Kiwi finds them; as `split_sentences` otherwise.

    Raises
    ------
    MissingExtra
        If kiwipiepy is not installed.
    """
    kiwi = _kiwi()
    found = [[text[each.start : each.end] for each in kiwi.split_into_sents(text)] for text in texts.to_pylist()]
    stripped = [[part for part in map(str.strip, parts) if part] for parts in found]
    return pa.array(stripped, pa.list_(pa.string()))
