"""The job of vs_datatrove.py as a user of datatrove would wire it; run with the Python that has datatrove.

    python datatrove_job.py INPUT_DIR OUTPUT_DIR [--workers 2] [--tokenizer characters]

One task reads one file, so `INPUT_DIR` should hold as many files (``*.jsonl`` or ``*.jsonl.gz``) as there are workers.
The last line of standard output is a JSON object: seconds by phase.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from datatrove.data import Document
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import (
    MinhashConfig,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.filters import LambdaFilter
from datatrove.pipeline.formatters.base import BaseFormatter
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter, ParquetWriter
from datatrove.utils.text import TextNormConfig
from datatrove.utils.typeshelper import Languages
from datatrove.utils.word_tokenizers import WordTokenizer
from published import MIN_CHARS, clean


class PublishedCleaning(BaseFormatter):
    """The published cleaning as a step of datatrove."""

    name = "published cleaning"

    def format(self, text: str) -> str:
        """Return the cleaned text."""
        return clean(text)


class _Splitter(WordTokenizer):
    """A tokenizer for MinHash alone, which never asks for sentences."""

    def sent_tokenize(self, text):
        """Sentences are not needed."""
        raise NotImplementedError

    def span_tokenize(self, text):
        """Sentences are not needed."""
        raise NotImplementedError


class Words(_Splitter):
    """What stands between spaces: the cheapest tokenizer there is."""

    def word_tokenize(self, text):
        """Split at whitespace."""
        return text.split()


class Characters(_Splitter):
    """Characters without spaces, so that 5-grams are the shingles that korpus takes."""

    def word_tokenize(self, text):
        """Split into characters."""
        return list("".join(text.split()))


TOKENIZERS = {
    "words": Words(),
    "characters": Characters(),
    "korean": Languages.korean__hang,  # Kiwi, a morphological analyser; needs kiwipiepy < 0.21
    "default": Languages.english,  # what a step does when no language is named; needs spacy
}


def long_enough(doc: Document) -> bool:
    """Tell whether a document stays."""
    return len(doc.text) >= MIN_CHARS


def make_phases(source: str, out: Path, workers: int, tokenizer: str) -> dict[str, LocalPipelineExecutor]:
    """Return the executors of the whole job, in order."""
    # Its Unicode step takes every syllable apart into conjoining jamo (NFD), three times as many characters; all else
    # is the default: 5-grams, 14 bands of 8 rows.
    config = MinhashConfig(norm_config=TextNormConfig(norm_unicode_diacritics=False))

    def folder(name: str) -> str:
        return str(out / name)

    def executor(name: str, steps: list, tasks: int) -> LocalPipelineExecutor:
        return LocalPipelineExecutor(
            steps, tasks=tasks, workers=min(workers, tasks), logging_dir=folder(f"logs/{name}")
        )

    clean_and_sign = [
        JsonlReader(source),
        PublishedCleaning(),
        LambdaFilter(long_enough),
        JsonlWriter(folder("cleaned"), compression=None),
        MinhashDedupSignature(folder("signatures"), config, language=TOKENIZERS[tokenizer]),
    ]
    buckets = [MinhashDedupBuckets(folder("signatures"), folder("buckets"), config=config)]
    clusters = [MinhashDedupCluster(folder("buckets"), folder("remove"), config=config)]
    filter_and_write = [
        JsonlReader(folder("cleaned")),
        MinhashDedupFilter(folder("remove")),
        ParquetWriter(folder("data")),
    ]
    return {
        "clean, sign": executor("sign", clean_and_sign, workers),
        "buckets": executor("buckets", buckets, config.num_buckets),
        "clusters": executor("clusters", clusters, 1),
        "filter, write": executor("filter", filter_and_write, workers),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", metavar="INPUT_DIR")
    parser.add_argument("out", metavar="OUTPUT_DIR", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--tokenizer", choices=TOKENIZERS, default="characters", help="what 5-grams are made of")
    args = parser.parse_args()

    seconds = {}
    for name, executor in make_phases(args.source, args.out, args.workers, args.tokenizer).items():
        start = time.perf_counter()
        executor.run()
        seconds[name] = round(time.perf_counter() - start, 1)
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
