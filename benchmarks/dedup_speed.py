"""Time MinHash signatures with their shingling, on one core, and the whole of near-duplicate removal.

    python benchmarks/dedup_speed.py reviews.jsonl.gz --peers-python PEERS/bin/python --datatrove-python DT/bin/python

Signatures: 128 hashes of character 5-shingles of every text; korpus folds the text first and makes the band keys too,
rensa is fed with shingles made in Python (on a sample), gaoya makes its own shingles, signatures and bands. All on one
core, warm, the best of a few runs.

The whole: JSON Lines in two files in, the texts that stay out, two workers, whole steps of a warm process: korpus
against datatrove's four steps.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
N_HASHES, SHINGLE_CHARS = 128, 5
RUNS = 3


def best(function: Callable[[], object]) -> float:
    """Return the CPU seconds of the fastest of a few runs."""
    seconds = []
    for _ in range(RUNS):
        start = time.process_time()
        function()
        seconds.append(time.process_time() - start)
    return min(seconds)


def sign_with_peers(path: Path, n: int) -> dict[str, float]:
    """Return microseconds a text for each peer; runs in the Python that has them."""
    from gaoya.minhash import MinHashStringIndex
    from rensa import RMinHash

    texts = json.loads(path.read_text("utf-8"))

    def rensa() -> None:
        for text in texts[:n]:
            minhash = RMinHash(num_perm=N_HASHES, seed=1)
            minhash.update([text[i : i + SHINGLE_CHARS] for i in range(max(1, len(text) - SHINGLE_CHARS + 1))])
            minhash.digest()

    def gaoya() -> None:
        size = (SHINGLE_CHARS, SHINGLE_CHARS)
        index = MinHashStringIndex(32, 0.8, 16, 8, N_HASHES, analyzer="char", lowercase=True, ngram_range=size)
        for i, text in enumerate(texts):
            index.insert_document(i, text)

    return {"rensa": 1e6 * best(rensa) / min(n, len(texts)), "gaoya": 1e6 * best(gaoya) / len(texts)}


def sign(texts: list[str]) -> float:
    """Return microseconds a text for korpus."""
    import pyarrow as pa

    from korpus.batch import DOC_ID, TEXT
    from korpus.stages.minhash_dedup import MinhashDedup

    batch = pa.record_batch({DOC_ID: pa.array(range(len(texts)), pa.int64()), TEXT: pa.array(texts)})
    # 16 bands of 8 rows use all 128 hashes.
    stage = MinhashDedup(n_hashes=N_HASHES, bands=16, rows=8)
    stage.sketch(batch.slice(0, 10))
    parts = [batch.slice(start, 8192) for start in range(0, len(texts), 8192)]
    return 1e6 * best(lambda: [stage.sketch(part) for part in parts]) / len(texts)


def whole(source: Path, folder: Path) -> tuple[float, float]:
    """Return the wall seconds of korpus's whole run, of the best of a few in one process, and those of its own steps.

    Its own steps are sketching, spilling and resolving; reading the input and writing the output are not.
    """
    from korpus import api

    recipe = {"stages": [{"minhash_dedup": {"threshold": 0.8}}], "output": {"counts": False, "rejects": "ids"}}
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        api.run(recipe, [source], folder / "out", 2, quiet=True)
        took = time.perf_counter() - start
        log = json.loads((folder / "out" / "log.json").read_text())
        sketch_s = sum(stage["time_s"] for stage in log["stages"] if stage["name"] == "minhash_dedup")
        resolve_s = sum(step["wall_s"] for step in log["passes"] if step["name"].startswith("resolve"))
        seconds.append((took, sketch_s / 2 + resolve_s))
        shutil.rmtree(folder / "out")
    return min(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", metavar="INPUT", type=Path, help="JSON Lines with a field text")
    parser.add_argument("--peers-python", help="a Python that has rensa and gaoya")
    parser.add_argument("--datatrove-python", help="a Python that has datatrove")
    parser.add_argument("--tokenizer", default="characters", help="datatrove's; see dedup_datatrove.py --help")
    parser.add_argument("--sample", type=int, default=30_000, help="texts for rensa")
    parser.add_argument("--sign-peers", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.sign_peers:
        print(json.dumps(sign_with_peers(args.source, args.sample)))
        return

    from edits import read_texts
    from vs_datatrove import split_input, timed

    texts = read_texts(args.source).to_pylist()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = sign(texts)
        print(f"signatures: korpus {ours:.2f} µs a text ({len(texts):,} texts)")
        if args.peers_python:
            (folder / "texts.json").write_text(json.dumps(texts), "utf-8")
            command = [args.peers_python, __file__, folder / "texts.json", "--sign-peers", "--sample", args.sample]
            # gaoya would use all cores.
            output = timed(command, env={**os.environ, "RAYON_NUM_THREADS": "1", "PYTHONPATH": ""})[1]
            for who, theirs in json.loads(output.splitlines()[-1]).items():
                print(f"signatures: {who} {theirs:.2f} µs a text; korpus is {theirs / ours:.1f} times as fast")
        plain = folder / "texts.jsonl"
        plain.write_text("".join(json.dumps({"text": t}, ensure_ascii=False) + "\n" for t in texts), "utf-8")
        split_input(plain, folder / "in", 2)
        seconds, own = whole(folder / "in", folder)
        print(f"the whole: korpus {seconds:.2f} s, of which sketching, spilling and resolving take {own:.2f} s")
        if args.datatrove_python:
            command = [args.datatrove_python, HERE / "dedup_datatrove.py", folder / "in", folder / "dt"]
            steps = json.loads(timed([*command, "--tokenizer", args.tokenizer])[1].splitlines()[-1])
            total = sum(steps.values())
            told = ", ".join(f"{name} {s}" for name, s in steps.items())
            print(
                f"the whole: datatrove {total:.1f} s ({told}): {total / seconds:.0f} times korpus's whole run, "
                f"{total / own:.0f} times its own steps"
            )


if __name__ == "__main__":
    sys.exit(main())
