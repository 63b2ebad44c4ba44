"""Near-duplicates alone, by datatrove's four steps at their defaults; run with the Python that has datatrove.

    python dedup_datatrove.py INPUT_DIR OUTPUT_DIR [--workers 2] [--tokenizer default]

One task reads one file, so `INPUT_DIR` should hold as many files (``*.jsonl``) as there are workers. The last line of
standard output is a JSON object: seconds by step.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import (
    MinhashConfig,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
from datatrove.utils.text import TextNormConfig
from datatrove_job import TOKENIZERS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", metavar="INPUT_DIR")
    parser.add_argument("out", metavar="OUTPUT_DIR", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--tokenizer", choices=TOKENIZERS, default="default", help="what 5-grams are made of")
    args = parser.parse_args()

    # With its own tokenizer all is default; with another, syllables are not taken apart into conjoining jamo first.
    own = args.tokenizer == "default"
    config = MinhashConfig() if own else MinhashConfig(norm_config=TextNormConfig(norm_unicode_diacritics=False))
    reader = JsonlReader(args.source)
    signatures, buckets, remove = (str(args.out / name) for name in ("signatures", "buckets", "remove"))
    steps = {
        "sign": (
            [reader, MinhashDedupSignature(signatures, config, language=TOKENIZERS[args.tokenizer])],
            args.workers,
        ),
        "buckets": ([MinhashDedupBuckets(signatures, buckets, config=config)], config.num_buckets),
        "clusters": ([MinhashDedupCluster(buckets, remove, config=config)], 1),
        "filter": (
            [reader, MinhashDedupFilter(remove), JsonlWriter(str(args.out / "data"), compression=None)],
            args.workers,
        ),
    }
    seconds = {}
    for name, (step, tasks) in steps.items():
        start = time.perf_counter()
        logs = str(args.out / "logs" / name)
        LocalPipelineExecutor(step, tasks=tasks, workers=min(args.workers, tasks), logging_dir=logs).run()
        seconds[name] = round(time.perf_counter() - start, 2)
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
