"""Time the edits of a recipe on one core against the published cleaning function, and compare what they make.

    python benchmarks/edits.py reviews.jsonl.gz [--recipe kcelectra]

All texts go through the recipe's edits, warm, batch by batch; a sample goes through the published function one by one.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.json
from published import clean

from korpus import recipe
from korpus.batch import DOC_ID, TEXT, n_bytes
from korpus.chain import Chain
from korpus.stage import Edit

BATCH_ROWS = 8192

PUBLISHED = ("charset", "emoji", "urls", "repeats", "whitespace")
"""The edits that the published function has too; a recipe may have others, such as ``nfc`` and ``masks``."""


def read_texts(source: Path, field: str = TEXT) -> pa.StringArray:
    """Return a field of a JSON Lines file, plain or compressed, without nulls."""
    with pa.input_stream(source, compression="detect") as stream:
        return pa.json.read_json(stream).column(field).drop_null().combine_chunks()


def batches(texts: pa.StringArray) -> list[pa.RecordBatch]:
    """Return the texts as numbered batches."""
    batch = pa.record_batch({DOC_ID: pa.array(range(len(texts)), pa.int64()), TEXT: texts})
    return [batch.slice(start, BATCH_ROWS) for start in range(0, len(texts), BATCH_ROWS)]


def run_chain(stages: list[Edit], parts: list[pa.RecordBatch]) -> tuple[float, Chain]:
    """Send all batches through; return seconds, and the chain with its books."""
    chain = Chain(stages)
    start = time.perf_counter()
    for part in parts:
        chain(part)
    return time.perf_counter() - start, chain


def run_published(texts: list[str]) -> tuple[float, list[str]]:
    """Send all texts through the published function; return seconds and the cleaned texts."""
    start = time.perf_counter()
    cleaned = [clean(text) for text in texts]
    return time.perf_counter() - start, cleaned


def differences(stages: list[Edit], sample: pa.StringArray, expected: list[str]) -> Iterator[tuple[str, str, str]]:
    """Yield before, korpus and published for each text on which the two differ."""
    chain, found = Chain(stages), {}
    for part in batches(sample):
        edited, _ = chain(part)
        found.update(zip(edited.column(DOC_ID).to_pylist(), edited.column(TEXT).to_pylist(), strict=True))
    for i, (before, after) in enumerate(zip(sample.to_pylist(), expected, strict=True)):
        if found.get(i, "") != after:  # the chain drops a text that lost everything
            yield before, found.get(i, ""), after


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", metavar="INPUT", type=Path, help="JSON Lines with a field text, plain or compressed")
    parser.add_argument("--recipe", default="kcelectra", help="name or path of the recipe whose edits are run")
    parser.add_argument("--sample", type=int, default=20_000, help="texts for the published function")
    parser.add_argument("--runs", type=int, default=5, help="the best of so many counts")
    args = parser.parse_args()
    pa.set_cpu_count(1)

    stages = [stage for stage in recipe.load(args.recipe).stages if stage.kind == "edit"]
    texts = read_texts(args.source)
    sample = texts.take(pa.array(range(0, len(texts), max(1, len(texts) // args.sample)))[: args.sample])
    parts, sample_list = batches(texts), sample.to_pylist()
    mb, sample_mb = n_bytes(texts) / 1e6, n_bytes(sample) / 1e6

    run_chain(stages, parts[:1])  # compiles the kernels
    chains, published = [], []
    for _ in range(args.runs):  # in turn, so that both see the same machine
        chains.append(run_chain(stages, parts))
        published.append(run_published(sample_list))
    chain_s, published_s = min(s for s, _ in chains), min(s for s, _ in published)

    print(f"{len(texts):,} texts, {mb:.1f} MB; published function on {len(sample):,} of them; best of {args.runs}")
    for books in zip(*(chain.books for _, chain in chains), strict=True):
        book = min(books, key=lambda book: book.time_s)
        print(f"{book.name:20} {book.bytes_in / 1e6 / book.time_s:9.1f} MB/s  {book.n_changed:9,} texts changed")
    print(f"{'all edits':20} {mb / chain_s:9.1f} MB/s")
    print(f"{'published function':20} {sample_mb / published_s:9.1f} MB/s")
    print(f"korpus is {mb / chain_s / (sample_mb / published_s):.0f} times as fast")

    shared = [stage for stage in stages if stage.name in PUBLISHED]
    for what, some in (("all edits", stages), ("edits that the published function has", shared)):
        differing = list(differences(some, sample, published[0][1]))
        print(f"{what}: {len(differing)} of {len(sample):,} texts differ from the published function's")
        for before, ours, theirs in differing[:3]:
            print(f"    {before!r}\n    korpus     {ours!r}\n    published  {theirs!r}")


if __name__ == "__main__":
    main()
