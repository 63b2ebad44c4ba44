"""Grow a corpus and see how time, memory and disk of near-duplicate removal grow with it.

    python benchmarks/dedup_scale.py reviews.jsonl.gz [--factors 1 4 16] [--workers 2] [--memory 4GiB]
    python benchmarks/dedup_scale.py --hard [--n 1000000]

Each review of the sample comes back under other words (a word of each copy's own after every word), so that a corpus of
16 times the size has 16 times the documents and the duplicates, and no more than that. With ``--hard``, corpora that
are made to be hard are timed instead: copies of one text, one long beginning, texts with nothing to compare, chains.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
from edits import read_texts

ROOT = Path(__file__).resolve().parent.parent
SYLLABLES = np.array([chr(0xAC00 + 53 * i) for i in range(200)])
POLL_S = 0.1


def grown(texts: list[str], factor: int) -> Iterator[str]:
    """Yield `factor` versions of each text, no two of them similar."""
    for copy in range(factor):
        word = f" {SYLLABLES[copy % 200]}{SYLLABLES[copy * 7 % 200]}{copy} "
        for text in texts:
            yield text.replace(" ", word) + word if copy else text


def hard(n: int) -> dict[str, Callable[[], Iterator[str]]]:
    """Return corpora that are made to be hard."""
    random = np.random.default_rng(0)
    begin = "".join(random.choice(SYLLABLES, 400))
    chain = "".join(random.choice(SYLLABLES, 3 * n + 40))
    return {
        "copies of one short text": lambda: ("정말 재미있어요" for _ in range(n)),
        "one beginning of 400 characters, 10 of their own": lambda: (
            begin + "".join(random.choice(SYLLABLES, 10)) for _ in range(n)
        ),
        "nothing to compare": lambda: ("!" * (i % 50 + 1) + "~" for i in range(n)),
        # Neighbours share 33 of 39 shingles (0.85), the next but one 30 of 42 (0.71): every second one is to go.
        "a chain": lambda: (chain[3 * i : 3 * i + 40] for i in range(n)),
    }


def write(path: Path, texts: Iterator[str]) -> int:
    """Write texts as JSON Lines; return how many."""
    n = 0
    with path.open("w", encoding="utf-8") as file:
        for text in texts:
            file.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")
            n += 1
    return n


def _memory(pid: int) -> tuple[int, int]:
    """Return the resident and the proportional set size of a process, in bytes."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0, 0
    sizes = {line.split(":")[0]: int(line.split()[1]) << 10 for line in lines[1:]}
    # What is mapped from files is page cache, which the system takes back when it is short.
    return sizes.get("Rss", 0), sizes.get("Pss_Anon", sizes.get("Pss", 0))


def _cpu_s(pid: int) -> float:
    """Return the CPU seconds that a process has taken, without its children."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _family(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        for path in Path(f"/proc/{parent}/task").glob("*/children"):
            with suppress(OSError):
                found += map(int, path.read_text().split())
    return found


def _bytes_below(folder: Path) -> int:
    total = 0
    for root, _, names in os.walk(folder):  # passes over folders that vanish
        for name in names:
            with suppress(OSError):
                total += (Path(root) / name).stat().st_blocks * 512
    return total


def measure(command: list[str], out: Path) -> dict[str, float]:
    """Run a command; return its wall time, and the most of memory and disk that it took."""
    peak = {"rss": 0.0, "anonymous": 0.0, "disk": 0.0}
    cpu_s: dict[int, float] = {}
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))}
    start, at_disk = time.perf_counter(), 0.0
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            family = _family(process.pid)
            sizes = [_memory(pid) for pid in family]
            cpu_s |= {pid: seconds for pid in family if (seconds := _cpu_s(pid))}
            peak["rss"] = max(peak["rss"], *(rss for rss, _ in sizes))
            peak["anonymous"] = max(peak["anonymous"], sum(pss for _, pss in sizes))
            if time.perf_counter() > at_disk:
                begin = time.perf_counter()
                peak["disk"] = max(peak["disk"], _bytes_below(out))
                at_disk = time.perf_counter() + max(0.5, 20 * (time.perf_counter() - begin))
            time.sleep(POLL_S)
        if process.returncode:
            sys.exit(f"failed: {' '.join(command)}")
    return {"wall_s": time.perf_counter() - start, "cpu_s": sum(cpu_s.values()), **peak}


def run(texts: Iterator[str], folder: Path, args: argparse.Namespace) -> dict[str, float]:
    """Write texts, remove their near-duplicates, return what that took and found."""
    from korpus import api
    from korpus.plan.estimate import estimate

    source, out = folder / "texts.jsonl", folder / "out"
    n = write(source, texts)
    recipe = folder / "recipe.yaml"
    recipe.write_text(
        "korpus: 1\nstages:\n  - minhash_dedup: {threshold: 0.8}\noutput: {counts: false, rejects: ids}\n"
        f"engine: {{memory: {args.memory}}}\n"
    )
    needs = estimate(api.plan(recipe, [source], out, args.workers))
    command = [sys.executable, "-m", "korpus", "run", recipe, "-i", source, "-o", out, "--workers", args.workers]
    took = measure([str(part) for part in command], out)
    manifest = json.loads((out / "manifest.json").read_text())
    log = json.loads((out / "log.json").read_text())
    resolve_s = sum(step["wall_s"] for step in log["passes"] if step["name"].startswith("resolve"))
    shutil.rmtree(out)
    source.unlink()
    return {
        "n": n,
        "removed": n - manifest["kept"]["n_docs"],
        "resolve_s": resolve_s,
        "estimate": needs.disk_bytes,
        **took,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", metavar="INPUT", type=Path, nargs="?", help="JSON Lines with a field text")
    parser.add_argument("--factors", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--hard", action="store_true", help="corpora that are made to be hard")
    parser.add_argument("--n", type=int, default=1_000_000, help="texts of each of those")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--memory", default="4GiB", help="engine.memory")
    parser.add_argument("--folder", type=Path, help="where files are made; needs some GB")
    args = parser.parse_args()
    if not args.hard and args.source is None:
        parser.error("give INPUT, or --hard")

    if args.hard:
        corpora = hard(args.n)
    else:
        texts = read_texts(args.source).to_pylist()
        corpora = {f"{factor}×": lambda factor=factor: grown(texts, factor) for factor in args.factors}
    print("| | documents | removed | wall s | of it resolve | CPU s | largest process | anonymous | disk | estimate |")
    print("|---|---|---|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        run(iter(["따뜻하게"] * 10), Path(name), args)  # compiles the kernels
        for what, corpus in corpora.items():
            row = run(corpus(), Path(name), args)
            sizes = (f"{row[key] / 1e6:,.0f} MB" for key in ("rss", "anonymous", "disk", "estimate"))
            print(
                f"| {what} | {row['n']:,} | {row['removed']:,} | {row['wall_s']:.1f} | {row['resolve_s']:.1f} | "
                f"{row['cpu_s']:.1f} | {' | '.join(sizes)} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
