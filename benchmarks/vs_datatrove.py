"""Time korpus against datatrove on the same job, whole processes in turn, in one sitting.

    python benchmarks/vs_datatrove.py reviews.jsonl.gz --datatrove-python VENV/bin/python

The job: JSON Lines with a field ``text`` in; the published cleaning, a length filter, near-duplicates; Parquet out.
Run it with the Python that has korpus; datatrove may live in another environment. See README.md beside this file.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow.dataset as ds

HERE = Path(__file__).resolve().parent


def split_input(source: Path, folder: Path, n: int) -> int:
    """Cut a JSON Lines file into `n` files of as many lines each, since datatrove splits its work by files.

    Parameters
    ----------
    source : Path
        ``.jsonl`` or ``.jsonl.gz``; the pieces are written the same way.
    folder : Path
        Made here.
    n : int
        Number of pieces.

    Returns
    -------
    int
        Number of lines.
    """
    folder.mkdir()
    opener, suffix = (gzip.open, ".jsonl.gz") if source.suffix == ".gz" else (open, ".jsonl")
    with opener(source, "rb") as file:
        lines = file.readlines()
    for i in range(n):
        with opener(folder / f"{i:03d}{suffix}", "wb") as piece:
            piece.writelines(lines[len(lines) * i // n : len(lines) * (i + 1) // n])
    return len(lines)


def timed(command: list, env: dict[str, str] | None = None) -> tuple[float, str]:
    """Run a command to its end; return its wall time in seconds and its standard output."""
    start = time.perf_counter()
    done = subprocess.run([str(part) for part in command], env=env, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{done.stdout[-2000:]}{done.stderr[-2000:]}\nfailed: {' '.join(map(str, command))}")
    return seconds, done.stdout


def run_korpus(source: Path, out: Path, workers: int) -> tuple[float, int, str]:
    """Run korpus once; return seconds, documents kept and a remark."""
    command = [sys.executable, "-m", "korpus", "run", HERE / "near_dedup.yaml", "-i", source, "-o", out]
    # A checkout need not be installed.
    path = os.pathsep.join(filter(None, [str(HERE.parent), os.environ.get("PYTHONPATH")]))
    seconds, _ = timed([*command, "--workers", workers], env={**os.environ, "PYTHONPATH": path})
    return seconds, ds.dataset(out / "data").count_rows(), ""


def run_datatrove(python: str, pieces: Path, out: Path, workers: int, tokenizer: str) -> tuple[float, int, str]:
    """Run datatrove once; return seconds, documents kept and the seconds of its phases."""
    command = [python, HERE / "datatrove_job.py", pieces, out, "--workers", workers, "--tokenizer", tokenizer]
    seconds, output = timed(command)
    phases = json.loads(output.splitlines()[-1])
    return seconds, ds.dataset(out / "data").count_rows(), ", ".join(f"{name} {s} s" for name, s in phases.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", metavar="INPUT", type=Path, help="a .jsonl or .jsonl.gz file with a field text")
    parser.add_argument("--runs", type=int, default=1, help="how often both run, in turn; the best of each counts")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--datatrove-python", default=sys.executable, help="the Python that has datatrove")
    parser.add_argument(
        "--tokenizers",
        nargs="+",
        default=["default", "characters"],
        help="datatrove's, each a run of its own: default, characters, words, korean; see datatrove_job.py --help",
    )
    args = parser.parse_args()

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        out, pieces = folder / "out", folder / "pieces"
        n_docs = split_input(args.source, pieces, args.workers)
        jobs: dict[str, Callable] = {"korpus": lambda: run_korpus(args.source, out, args.workers)}
        for tokenizer in args.tokenizers:
            jobs[f"datatrove, {tokenizer}"] = lambda tokenizer=tokenizer: run_datatrove(
                args.datatrove_python, pieces, out, args.workers, tokenizer
            )
        jobs["korpus"]()  # not timed: the first run of all compiles the kernels
        shutil.rmtree(out)
        best: dict[str, tuple] = {}
        for _ in range(args.runs):
            for who, job in jobs.items():
                result = job()
                shutil.rmtree(out)
                best[who] = min(best.get(who, result), result)
                print(f"{who}: {result[0]:.2f} s {result[2]}".rstrip(), file=sys.stderr)

    print(f"{'':22} {'seconds':>8} {'in':>9} {'kept':>9} {'ratio':>7}  best of {args.runs}, {args.workers} workers")
    for who, (seconds, kept, remark) in best.items():
        ratio = f"{seconds / best['korpus'][0]:7.1f}"
        print(f"{who:22} {seconds:8.2f} {n_docs:9,} {kept:9,} {ratio}  {remark}".rstrip())


if __name__ == "__main__":
    main()
