"""Where a sentence ends: rules for what is never an end, and weights for what may be one.

`korpus.kernels.sentences` and `korpus.kernels.borders` say how. `korpus.hangul.sentences` has the characters and the
words, and ``sentences.tsv`` beside it the weights, which ``benchmarks/learn_sentences.py`` learns.
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
from korpus.hangul.ranges import FINALS
from korpus.kernels import borders as kernel
from korpus.kernels.charset import ranges_matching
from korpus.kernels.sentences import find_sentences
from korpus.kernels.utf8 import copy_spans, find_spans

NEVER = -8000
KNOWN, UNKNOWN, GOES_ON = 75, 1000, 100
"""What an ending speaks for the end of a sentence, when the largest weights that are learned are about as large; and
against one, what is not known, and a particle before laughter."""
NOT_TAUGHT = np.empty(0, np.bool_), np.empty((0, kernel.N_FEATURES + 1), np.int64)


def read_weights(text: str) -> dict[int, int]:
    """Return the weights of a table such as ``hangul/sentences.tsv``, by the keys that the kernel has for features.

    Parameters
    ----------
    text : str
        A feature a line: its name, the kind of tail, what it is about, and its weight, with tabs between. Lines that
        begin with ``#`` are remarks. What it is about are characters and names of kinds; a number stands for itself.
    """
    rows = (line.split("\t") for line in text.split("\n") if line and line[0] != "#")
    return {key_of(feature, tail, *about.split(" ")): int(weight) for feature, tail, about, weight in rows}


def key_of(feature: str, tail: str, *about: str) -> int:
    """Return the key of a feature as a table writes it."""
    units = [_coda(word) if feature == "LAST_CODA" and not i else _unit(word) for i, word in enumerate(about)]
    return pack(getattr(kernel, feature), getattr(kernel, tail), *units)


def pack(feature: int, tail: int, a: int = 0, b: int = 0, c: int = 0) -> int:
    """Return what `korpus.kernels.borders.pack` returns."""
    return feature << 45 | tail << 42 | a << 28 | b << 14 | c


def _coda(word: str) -> int:
    return kernel.N_CODAS if word == "EDGE" else f"-{FINALS}".index(word)


def _unit(word: str) -> int:
    if len(word) > 1:
        return int(word) if word.isdecimal() else kernel.EDGE if word == "EDGE" else _kind_unit(word)
    if word.isdecimal():
        return int(word)
    point = ord(word)
    if 0 <= point - kernel.FIRST_SYLLABLE < kernel.N_SYLLABLES:
        return point - kernel.FIRST_SYLLABLE
    return kernel.ASCII_UNITS + point if point < 128 else kernel.JAMO_UNITS + point - kernel.FIRST_JAMO


def _kind_unit(word: str) -> int:
    return kernel.KIND_UNITS + getattr(kernel, word)


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
    learned = {key for key in weights if key >> 42 == kernel.LAST << 3 | kernel.BARE}
    weights = weights | _ends(weights) | _fixed()
    bare = np.zeros(kernel.N_SYLLABLES, np.uint8)
    for key in weights:
        feature, tail, unit = key >> 45, key >> 42 & 7, key >> 28 & 0x3FFF
        if (feature, tail) == (kernel.LAST, kernel.BARE) and unit < kernel.N_SYLLABLES:
            bare[unit] = 2 if key in learned else 1
    # Nearly all keys are where they are looked for first.
    slots = np.zeros(1 << (8 * len(weights)).bit_length(), np.int64)
    kernel.fill_slots(np.array([*weights], np.int64), np.array([*weights.values()], np.int64), slots)
    return kernel.Rules(
        kinds,
        np.array([[*map(ord, pair)] for pair in pairs.items()]),
        slots,
        bare,
        items,
    )


def _ends(weights: dict[int, int]) -> dict[int, int]:
    """Return what is known of endings: it is added to what is learned.

    A syllable of which nothing is learned ends a sentence in these endings only.
    """
    ends: dict[int, tuple] = {}
    for tail in ("BARE", "SOFTENED"):
        ends |= {key_of(f"LAST_{len(word)}", tail, *word): (tail, word[-1]) for word in table.ENDS_BARE}
        ends |= {key_of("LAST_CODA", tail, coda, last): (tail, last) for coda, last in table.CODA_ENDS_BARE}
    added = {}
    for key, (tail, last) in ends.items():
        added[key] = weights.get(key, 0) + KNOWN
        alone = key_of("LAST", tail, last)
        if tail == "BARE" and alone not in weights:
            added |= {alone: -UNKNOWN, key: added[key] + UNKNOWN}
    for word in table.NO_ENDS_BARE:
        added[key_of(f"LAST_{len(word)}", "BARE", *word)] = NEVER
    for syllable in table.PARTICLES:
        key = key_of("LAST", "SOFTENED", syllable)
        added[key] = weights.get(key, 0) - GOES_ON
    for word in table.BREAKS_OFF:
        added[key_of(f"LAST_{len(word)}", "ELLIPSIS", *word)] = NEVER
    return added


def _fixed() -> dict[int, int]:
    """Return what is not learned: abbreviations, and the words that go on with what was said before them."""
    weights = {}
    for word in table.ABBREVIATIONS:
        letters = sum((ord(letter) & 0x1F) << 5 * k for k, letter in enumerate(reversed(word)))
        weights[pack(kernel.ABBREVIATION, 0) | letters] = 0
    for word in table.GOES_ON_BARE:
        weights[key_of("NEXT_3", "BARE", *[*word, "EDGE", "EDGE"][:3])] = NEVER
    for tail in ("POINT", "ASKED", "ELLIPSIS", "SOFTENED"):
        for word in table.GOES_ON:
            weights[key_of("NEXT_3", tail, *[*word, "EDGE", "EDGE"][:3])] = NEVER
        for word in table.GOES_ON_DIRECT:
            weights[key_of("CLOSED", tail, "1", *[*word, "EDGE"][:2])] = NEVER
        for word in table.GOES_ON_QUOTED:
            weights[key_of("CLOSED", tail, str(kernel.QUOTED << 1), *[*word, "EDGE"][:2])] = NEVER
    return weights


@cache
def _rules() -> kernel.Rules:
    path = resources.files("korpus.hangul") / "sentences.tsv"
    return make_rules(read_weights(path.read_text(encoding="utf-8")))


def count_sentences(texts: pa.StringArray) -> int:
    """Return how many sentences texts have together."""
    return int(find_sentences(*strings(texts), _rules(), *NOT_TAUGHT, np.empty((0, 3), np.int32)))


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
    spans = find_spans(find_sentences, *strings(texts), _rules(), *NOT_TAUGHT)
    return _pieces(texts, spans)


def _pieces(texts: pa.StringArray, spans: np.ndarray) -> pa.ListArray:
    """Return what spans hold, as a list a row."""
    offsets, data = strings(texts)
    out_offsets, bounds = np.empty(len(spans) + 1, np.int32), np.empty(len(texts) + 1, np.int32)
    out = np.empty(int(offsets[-1]) - int(offsets[0]), np.uint8)  # spans do not overlap
    copy_spans(data, spans, out_offsets, bounds, out)
    return pa.ListArray.from_arrays(pa.array(bounds), string_array(out_offsets, out[: out_offsets[-1]]))


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
