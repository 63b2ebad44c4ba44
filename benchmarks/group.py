"""Join comments with their replies, in an order that could not be worse, and measure time, memory and disk.

    python benchmarks/group.py reviews.jsonl.gz [--n 5000000] [--way by links giant] [--workers 2] [--memory 1GiB]

Comments are made of the texts of the input, over and over. Each thread has a comment and 1 to 50 replies, and all
comments of all threads are shuffled. They are joined once by a column that names the thread (``by``), once by links to
another comment of the same thread, which may stand anywhere (``links``); ``giant`` is a single thread of all.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from dedup_scale import measure
from edits import read_texts

CHUNK = 1 << 16
OPTIONS = {"by": "{by: thread_id", "links": "{id: comment_id, parent: parent_id", "giant": "{by: thread_id"}


def shuffled(n: int, way: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the thread of each comment, the comment that it answers (-1 for none), and when it was written."""
    random = np.random.default_rng(0)
    sizes = np.array([n]) if way == "giant" else random.integers(2, 52, n // 26)
    ends = np.cumsum(sizes)
    n = int(ends[-1])
    thread = np.repeat(np.arange(len(sizes)), sizes)
    place = np.arange(n) - np.repeat(ends - sizes, sizes)
    answered = np.arange(n) - place + (place * random.random(n)).astype(np.int64)
    answered[place == 0] = -1
    return thread, answered, random.permutation(n)


def comments(texts: list[str], n: int, way: str) -> Iterator[str]:
    """Yield JSON Lines, about a hundred thousand at a time."""
    thread, answered, order = shuffled(n, way)
    for start in range(0, len(order), CHUNK):
        lines = []
        for comment in order[start : start + CHUNK].tolist():
            day, second = divmod(comment, 86400)
            row = {
                "comment_id": comment,
                "thread_id": f"t{thread[comment]}",
                "parent_id": int(answered[comment]) if answered[comment] >= 0 else None,
                "created_at": f"2020-{1 + day // 28 % 12:02}-{1 + day % 28:02}T"
                f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}",
                "text": texts[comment % len(texts)],
            }
            lines.append(json.dumps(row, ensure_ascii=False))
        yield "\n".join([*lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", metavar="INPUT", type=Path, help="JSON Lines with a field text")
    parser.add_argument("--n", type=int, default=5_000_000, help="comments")
    parser.add_argument("--way", nargs="+", choices=list(OPTIONS), default=["by", "links"])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--memory", default="1GiB", help="engine.memory")
    parser.add_argument("--folder", type=Path, help="where files are made; needs some GB")
    args = parser.parse_args()

    texts = [text for text in read_texts(args.source).to_pylist() if text.strip()]
    print("| | comments | input | documents | wall s | of it joining | CPU s | largest process | anonymous | disk |")
    print("|---|---|---|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        folder = Path(name)
        for way in args.way:
            source, recipe, out = folder / "comments.jsonl", folder / f"{way}.yaml", folder / way
            with source.open("w", encoding="utf-8") as file:
                file.writelines(comments(texts, args.n, way))
            recipe.write_text(
                f"korpus: 1\ngroup: {OPTIONS[way]}, order: created_at}}\noutput: {{counts: false, rejects: ids}}\n"
                f"engine: {{memory: {args.memory}}}\n"
            )
            command = [sys.executable, "-m", "korpus", "run", recipe, "-i", source, "-o", out]
            took = measure([*map(str, command), "--workers", str(args.workers)], out)
            manifest = json.loads((out / "manifest.json").read_text())
            steps = json.loads((out / "log.json").read_text())["passes"]
            joining_s = sum(step["wall_s"] for step in steps if step["name"].startswith("resolve"))
            sizes = (f"{took[key] / 1e6:,.0f} MB" for key in ("rss", "anonymous", "disk"))
            print(
                f"| {way} | {manifest['read']['n_in']:,} | {source.stat().st_size / 1e6:,.0f} MB | "
                f"{manifest['kept']['n_docs']:,} | {took['wall_s']:.1f} | {joining_s:.1f} | {took['cpu_s']:.1f} | "
                f"{' | '.join(sizes)} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
