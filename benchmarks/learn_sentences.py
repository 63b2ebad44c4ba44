"""Learn the weights of ``korpus/hangul/sentences.tsv`` from where the morphological analyser Kiwi ends sentences.

    pip install 'korpus-toolkit[kiwi]' scikit-learn
    python benchmarks/learn_sentences.py reviews.jsonl.gz petitions.jsonl.gz:content comments.txt.gz \
        --borders borders -o korpus/hangul/sentences.tsv

The weights that korpus comes with are those of these three files: movie reviews (e9t/nsmc, CC0 1.0), petitions
(lovit/petitions_archive) and comments (kocohub/korean-hate-speech, CC BY-SA 4.0), with kiwipiepy 0.24.1 and its
model 0.24.0. No text is in the table, only syllables and numbers. Every eighth of a file is held out and measured.

Kiwi is not taken at its word everywhere. It often finds no border before a quotation, so such places are left out.
What follows an opening quote that never closes is one sentence to it, so what is very long is left out too. It ends a
sentence at any ellipsis, which after a particle such as ``은`` or ``를`` is a pause. And since it finds few ends
without punctuation, further texts are made whose borders are known: texts without the points that ended their
sentences, the same with laughter or emoji in place of the points, and three comments put one after the other.

The same files give the same table: samples have fixed seeds, and the solver is single-threaded.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from korpus import sentences
from korpus.batch import strings
from korpus.hangul.ranges import FINALS
from korpus.kernels import borders as kernel
from korpus.kernels.sentences import find_sentences

MAX_TEXTS, SEED, HELD_OUT = 160_000, 7, 8
MIN_ENDS, MIN_END_RATIO = 20, 0.03
"""A syllable may end a sentence without punctuation if it does so this often, and in this share of its words."""
MIN_COUNT, STRENGTH, SCALE = 4, 0.3, 20
"""Places that a feature must be of, strength of the data against the L1 penalty, and weights for one logit."""
MAX_MADE_CHARS = 1500
MADE_WEIGHT = 0.5
"""What a place of a text that was made counts, beside one of a text that was found."""
SOFT_ENDS = ["~", "^^", " ㅎㅎ", "ㅠㅠ", "!", "~~", "ㅋㅋ", " ㅠㅠ", "^^;;", "♥", "😊", " ㅋㅋㅋ", "ㅎㅎ", ""]
SWALLOWED = 11
"""Of `LENGTH`: after so many bytes, 1024, Kiwi has most often lost a closing quote or bracket."""
PARTICLES = "은이가을를의와과에로도"

WORD = re.compile(r"[^\W_ㄱ-ㅣ]")
POINT = re.compile(r"([가-힣])[.!]$")

Document = tuple[str, list[int]]
"""A text, and where its sentences begin, in characters."""


class Places(NamedTuple):
    """Places where a sentence may end: their features, whether one does, and what each counts."""

    features: np.ndarray
    ends: np.ndarray
    weight: np.ndarray

    def take(self, mask: np.ndarray) -> Places:
        """Return some of them."""
        return Places(*(column[mask] for column in self))


def joined(parts: list[Places]) -> Places:
    return Places(*map(np.concatenate, zip(*parts, strict=True)))


def read(source: str) -> list[str]:
    """Return the texts of ``file`` or ``file:field``, a sample of them if they are many."""
    path, _, field = source.partition(":")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        texts = [line.rstrip("\n") if ".txt" in path else json.loads(line)[field or "text"] for line in lines]
    texts = [text for text in texts if text.strip()]
    if len(texts) > MAX_TEXTS:
        random.Random(SEED).shuffle(texts)
    return texts[:MAX_TEXTS]


def borders_of(source: str, folder: Path) -> list[Document]:
    """Return the texts of a source with Kiwi's borders, which are kept in a folder since Kiwi takes its time."""
    kept = folder / (Path(source.partition(":")[0]).name + ".borders.jsonl")
    if not kept.exists():
        from kiwipiepy import Kiwi

        kiwi = Kiwi(num_workers=1)
        folder.mkdir(parents=True, exist_ok=True)
        with kept.open("w", encoding="utf-8") as out:
            for text in read(source):
                starts = [sentence.start for sentence in kiwi.split_into_sents(text)]
                out.write(json.dumps([text, starts], ensure_ascii=False) + "\n")
    with kept.open(encoding="utf-8") as lines:
        return [tuple(json.loads(line)) for line in lines]


def pieces(document: Document) -> list[str]:
    text, starts = document
    bounds = sorted({0, *starts, len(text)})
    return [text[a:b] for a, b in zip(bounds, bounds[1:], strict=False)]


def put_together(parts: list[str]) -> Document:
    text, starts = "", []
    for part in parts:
        starts.append(len(text))
        text += f"{part.strip()} "
    return text.rstrip(), starts


def without_points(documents: list[Document], bare: np.ndarray, ends: list[str]) -> Iterator[Document]:
    """Yield texts whose sentences end with one of `ends` instead of with a point."""
    rng = random.Random(SEED)
    for document in documents:
        if len(document[0]) > MAX_MADE_CHARS:
            continue
        parts, n = [], 0
        for part in pieces(document):
            part = part.rstrip()
            match = POINT.search(part)
            if match and bare[ord(match[1]) - kernel.FIRST_SYLLABLE]:
                part = part[:-1] + rng.choice(ends)
                n += 1
            parts.append(part)
        if n and len(parts) > 1:
            yield put_together(parts)


def side_by_side(documents: list[Document]) -> Iterator[Document]:
    """Yield texts of three short ones that are a sentence each and have no punctuation at the end."""
    short = [
        text
        for text, starts in documents
        if len(starts) == 1 and 4 < len(text) < 60 and re.search(r"[가-힣]\s*$", text)
    ]
    random.Random(SEED).shuffle(short)
    for i in range(0, len(short) - 2, 3):
        yield put_together(short[i : i + 3])


def find_places(texts: list[str], taught: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return the features of all places of some texts, and where they are."""
    offsets, data = strings(pa.array(texts, pa.string()))
    rules = sentences.make_rules({})._replace(bare=np.ones(kernel.N_SYLLABLES, np.bool_))
    taught = np.zeros(len(data), np.bool_) if taught is None else taught
    seen = np.empty((len(data) // 2 + 1, kernel.N_FEATURES + 1), np.int64)
    n = find_sentences(offsets, data, rules, taught, seen, np.empty((0, 3), np.int32))
    return seen[:n, :-1].copy(), seen[:n, -1].copy()


def numbers(syllables: str) -> list[int]:
    return [ord(syllable) - kernel.FIRST_SYLLABLE for syllable in syllables]


def places(documents: list[Document], weight: float = 1.0) -> Places:
    """Return the places of some texts, as they are when the sentences before were found."""
    texts = [text for text, _ in documents]
    offsets, data = strings(pa.array(texts, pa.string()))
    at = np.sort(find_places(texts)[1])
    taught = np.zeros(len(data), np.bool_)
    for row, (text, starts) in enumerate(documents):
        for start in starts:
            # A border that lies between words is one wherever Kiwi puts it: before or after laughter, for one.
            byte = int(offsets[row]) + len(text[:start].encode())
            k = int(np.searchsorted(at, byte))
            for near in (k, k - 1):
                if 0 <= near < len(at) and offsets[row] < at[near] < offsets[row + 1] and start:
                    low, high = sorted((int(at[near]), byte))
                    if not WORD.search(bytes(data[low:high]).decode()):
                        taught[at[near]] = True
                        break
    features, where = find_places(texts, taught)
    tail, last, following = features[:, 0] >> 42 & 7, features[:, 0] >> 28 & 0x3FFF, features[:, 5] >> 28 & 0x3FFF
    quote = [kernel.KIND_UNITS + kernel.QUOTE, *(kernel.ASCII_UNITS + ord(sign) for sign in "\"'`<")]
    before = features[:, 2] >> 28 & 0x3FFF
    topic = (last == numbers("는")) & ~np.isin(before, numbers("다라자냐"))
    pause = (tail == kernel.ELLIPSIS) & (topic | np.isin(last, numbers(PARTICLES)))
    swallowed = (features[:, 9] >> 28 & 0x3FFF) >= SWALLOWED
    found = Places(features, taught[where] & ~pause, np.full(len(where), weight))
    return found.take(~(np.isin(following, quote) & (tail > kernel.BARE) | swallowed))


def bare_endings(found: Places) -> np.ndarray:
    """Return which syllables end sentences without punctuation."""
    tail, last = found.features[:, 0] >> 42 & 7, found.features[:, 0] >> 28 & 0x3FFF
    n = np.bincount(last[tail == kernel.BARE], minlength=1 << 14)
    ends = np.bincount(last[(tail == kernel.BARE) & found.ends], minlength=1 << 14)
    return (ends >= MIN_ENDS) & (ends >= MIN_END_RATIO * n)


def fit(found: Places) -> dict[int, int]:
    """Return the weight of each feature that has one: of a logistic regression with an L1 penalty."""
    tail, last = found.features[:, 0] >> 42 & 7, found.features[:, 0] >> 28 & 0x3FFF
    bare = bare_endings(found)
    found = found.take((tail != kernel.BARE) | bare[last])
    keys, column, n = np.unique(found.features, return_inverse=True, return_counts=True)
    column = column.reshape(-1)
    row = np.repeat(np.arange(len(found.ends)), found.features.shape[1])
    often = n[column] >= MIN_COUNT
    table = csr_matrix(
        (np.ones(often.sum()), (row[often], column[often])), shape=(len(found.ends), len(keys)), dtype=np.float64
    )
    model = LogisticRegression(
        penalty="l1", solver="liblinear", C=STRENGTH, tol=1e-3, max_iter=400, fit_intercept=False, random_state=0
    )

    model.fit(table, found.ends, sample_weight=found.weight)
    weights = {int(key): round(float(weight) * SCALE) for key, weight in zip(keys, model.coef_[0], strict=True)}
    # That a syllable may end a bare sentence is said by its being in the table, whatever its own weight.
    may = {sentences.pack(kernel.LAST, kernel.BARE, int(unit)) for unit in np.nonzero(bare[: kernel.N_SYLLABLES])[0]}
    return {key: weight for key, weight in weights.items() if weight or key in may}


_NAMES = "LAST LAST_CODA LAST_2 LAST_3 PLACE NEXT NEXT_2 NEXT_3 CLOSED LENGTH BEFORE"
NAMES = {getattr(kernel, name): name for name in _NAMES.split()}
N_UNITS = {"LAST": 1, "NEXT": 1, "LAST_3": 3, "NEXT_3": 3, "CLOSED": 3}
NUMBERS = {"PLACE": 1, "LENGTH": 2, "BEFORE": 2, "CLOSED": 1}
"""How many of what a feature is about are plain numbers."""
TAILS = ["BARE", "POINT", "ASKED", "ELLIPSIS", "SOFTENED", "BROKEN"]
_KINDS = """
SPACE BREAK EXTEND DOT DOTS ASK SOFT COMMA CLOSE SYLLABLE LETTER DIGIT OPEN QUOTE STRAIGHT OTHER ADDRESS BULLET
"""
KINDS = _KINDS.split()


def unit_name(unit: int) -> str:
    if unit < kernel.N_SYLLABLES:
        return chr(kernel.FIRST_SYLLABLE + unit)
    if unit == kernel.EDGE:
        return "EDGE"
    if unit < kernel.ASCII_UNITS:
        return KINDS[unit - kernel.KIND_UNITS]
    return chr(unit - kernel.ASCII_UNITS if unit < kernel.JAMO_UNITS else unit - kernel.JAMO_UNITS + kernel.FIRST_JAMO)


def line_of(key: int, weight: int) -> str:
    """Return a feature and its weight as `korpus.sentences.read_weights` reads them."""
    name = NAMES[key >> 45]
    units = [key >> shift & 0x3FFF for shift in (28, 14, 0)][: N_UNITS.get(name, 2)]
    words = [str(unit) if i < NUMBERS.get(name, 0) else unit_name(unit) for i, unit in enumerate(units)]
    if name == "LAST_CODA":
        words[0] = "EDGE" if units[0] == kernel.N_CODAS else f"-{FINALS}"[units[0]]
    return f"{name}\t{TAILS[key >> 42 & 7]}\t{' '.join(words)}\t{weight}"


def measure(documents: list[Document], rules: kernel.Rules) -> str:
    """Return how many of Kiwi's borders are found again, and how many of the found are Kiwi's."""
    found = places(documents)
    tail, last = found.features[:, 0] >> 42 & 7, found.features[:, 0] >> 28 & 0x3FFF
    may = (tail != kernel.BARE) | np.append(rules.bare, np.zeros(1 << 14, np.bool_))[last]
    sums = [kernel.add_up(rules.table, row) for row in found.features]
    cut = (np.array(sums) > 0) & may
    both = (cut & found.ends).sum()
    return f"precision {both / cut.sum():.3f}, recall {both / found.ends.sum():.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", metavar="FILE[:FIELD]", nargs="+", help="JSON Lines or text, gzip")
    parser.add_argument("--borders", type=Path, required=True, help="folder where Kiwi's borders are kept")
    parser.add_argument("-o", "--out", type=Path, required=True, help="the table")
    args = parser.parse_args()

    documents = {source: borders_of(source, args.borders) for source in args.sources}
    learned = [each for found in documents.values() for each in found[len(found) // HELD_OUT :]]
    parts = [places(learned)]
    bare = bare_endings(parts[0])
    for made in (
        without_points(learned, bare, [""]),
        without_points(learned, bare, SOFT_ENDS),
        side_by_side(learned),
    ):
        parts.append(places(list(made), MADE_WEIGHT))
    weights = fit(joined(parts))
    lines = [line_of(key, weight) for key, weight in sorted(weights.items())]
    head = (
        "# What speaks for (+) and against (-) the end of a sentence: feature, tail, what it is about, weight.\n"
        "# Made by benchmarks/learn_sentences.py, which names the texts; features are told in kernels/borders.py.\n"
    )
    args.out.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    rules = sentences.make_rules(sentences.read_weights(args.out.read_text(encoding="utf-8")))
    print(f"{len(weights)} weights of {sum(len(part.ends) for part in parts):,} places")
    for source, found in documents.items():
        print(f"{source}: {measure(found[: len(found) // HELD_OUT], rules)}")


if __name__ == "__main__":
    main()
