"""Count a stream of distinct words, and tell the memory that takes.

    python benchmarks/vocab_memory.py [--words 20000000] [--workers 2]

Makes a text file of that many different words, 40 a line, in a temporary folder, and counts them with a whole run.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import pyarrow.dataset as ds

import korpus

SYLLABLES = [chr(code) for code in range(0xAC00, 0xD7A4, 56)]
WORDS_A_LINE = 40


def word(n: int) -> str:
    """Return the n-th word: three syllables or more, different for every n."""
    found = ""
    while n or len(found) < 3:
        n, rest = divmod(n, len(SYLLABLES))
        found += SYLLABLES[rest]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=20_000_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--memory", default="256MiB", help="engine.memory of the recipe")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        source, out = Path(name) / "words.txt", Path(name) / "out"
        with source.open("w", encoding="utf-8") as file:
            for n in range(0, args.words, WORDS_A_LINE):
                print(*map(word, range(n, min(n + WORDS_A_LINE, args.words))), file=file)
        print(f"input: {source.stat().st_size / 1e6:,.0f} MB", flush=True)
        recipe = {"name": "words", "engine": {"memory": args.memory}}
        korpus.run(recipe, [source], out, workers=args.workers, quiet=True)
        log = json.loads((out / "log.json").read_text("utf-8"))
        counts = ds.dataset(out / "counts", format="parquet").count_rows()
        peak = log["peak_rss_bytes"] / 1e6
        print(f"{counts:,} words counted in {log['wall_s']:.0f} s; the largest process took {peak:,.0f} MB")


if __name__ == "__main__":
    main()
