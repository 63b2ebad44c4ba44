"""Sentence borders against gold files: korpus, a split after ``.!?`` and a space, and Kiwi if it is installed.

    python benchmarks/sentences.py FOLDER [tests/korean/sentences.jsonl]

A gold file is a sentence a line, with a blank line between texts; the text is its lines joined as they are. Such are
those of kiwipiepy (``benchmark/sentence_split/testset``). A table is JSON Lines with ``input`` and ``expected``.

The F1 of a gold sentence is that of its characters, without white space, with the predicted sentence that fits it
best; each prediction fits one gold sentence, the one that it overlaps best. ``normalized`` is the mean of these times
min(1, gold / predicted), so that cutting much gains nothing; ``exact`` is the share of gold sentences found as such.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa

from korpus.errors import MissingExtra
from korpus.sentences import split_sentences, split_with_kiwi

Splitter = Callable[[list[str]], list[list[str]]]


def read_gold(path: Path) -> list[list[str]]:
    """Return the sentences of each text of a gold file or a table."""
    lines = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        return [json.loads(line)["expected"] for line in lines.splitlines()]
    return [[line for line in text.split("\n") if line.strip()] for text in re.split(r"\n\s*\n", lines) if text.strip()]


def read_texts(path: Path) -> list[str]:
    if path.suffix == ".jsonl":
        return [json.loads(line)["input"] for line in path.read_text(encoding="utf-8").splitlines()]
    return ["".join(sentences) for sentences in read_gold(path)]


def spans(sentences: list[str]) -> Iterator[tuple[int, int]]:
    """Yield where sentences begin and end, in characters that are no white space."""
    end = 0
    for sentence in sentences:
        start, end = end, end + len("".join(sentence.split()))
        if end > start:
            yield start, end


def measure(gold: list[list[str]], predicted: list[list[str]]) -> tuple[float, float]:
    """Return the normalized F1 and the share of exact matches."""
    total, n_exact, n_gold, n_predicted = 0.0, 0, 0, 0
    for expected, found in zip(map(list, map(spans, gold)), map(list, map(spans, predicted)), strict=True):
        best = [0.0] * len(expected)
        for start, end in found:
            fits = [
                (2 * (min(end, stop) - max(start, begin)) / (end - start + stop - begin), i)
                for i, (begin, stop) in enumerate(expected)
                if min(end, stop) > max(start, begin)
            ]
            score, i = max(fits, default=(0.0, 0))
            best[i] = max(best[i], score)
        total += sum(best)
        n_exact += len({*expected} & {*found})
        n_gold, n_predicted = n_gold + len(expected), n_predicted + len(found)
    return total / n_gold * min(1, n_gold / n_predicted), n_exact / n_gold


def by_points(texts: list[str]) -> list[list[str]]:
    return [re.split(r"(?<=[.!?])\s", text) for text in texts]


def by_korpus(texts: list[str]) -> list[list[str]]:
    return split_sentences(pa.array(texts, pa.string())).to_pylist()


def by_kiwi(texts: list[str]) -> list[list[str]]:
    return split_with_kiwi(pa.array(texts, pa.string())).to_pylist()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", metavar="PATH", type=Path, nargs="+", help="gold files, tables, and folders of them")
    args = parser.parse_args()
    paths = [each for path in args.paths for each in (sorted(path.glob("*.txt")) if path.is_dir() else [path])]
    gold, texts = {path: read_gold(path) for path in paths}, {path: read_texts(path) for path in paths}
    for name, split in {"after .!?": by_points, "korpus": by_korpus, "kiwi": by_kiwi}.items():
        try:
            split(["처음은 준비에 든다."])
        except MissingExtra:
            continue
        start = time.perf_counter()
        found = {path: split(texts[path]) for path in paths}
        took = time.perf_counter() - start
        for path in paths:
            print(f"{name:10} {path.stem:12} normalized F1 {measure(gold[path], found[path])[0]:.3f}", end="  ")
            print(f"exact {measure(gold[path], found[path])[1]:.3f}")
        whole = [[text for path in paths for text in table[path]] for table in (gold, found)]
        n_bytes = sum(len(text.encode()) for path in paths for text in texts[path])
        normalized, exact = measure(*whole)
        print(
            f"{name:10} {'all':12} normalized F1 {normalized:.3f}  exact {exact:.3f}  {n_bytes / took / 1e6:.2f} MB/s"
        )


if __name__ == "__main__":
    main()
