"""Make one corpus on this machine and on a small cluster of it, and see what the cluster costs.

    python benchmarks/clusters.py reviews.jsonl.gz [--factor 13] [--executors 2] [--memory 1GiB] [--engines local spark]

Each record comes back `factor` times under other words, with all its fields. The cluster is Spark's local-cluster: a
driver and executors of one core each, as processes of their own. All files but log.json must be equal.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from dedup_scale import ROOT, SYLLABLES, _bytes_below, _cpu_s, _family, _memory

HEAP_MIB = 1536


def write(source: Path, factor: int, target: Path) -> int:
    """Write the records of a file `factor` times, no two texts similar; return how many."""
    with gzip.open(source, "rt", encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    with target.open("w", encoding="utf-8") as file:
        for copy in range(factor):
            word = f" {SYLLABLES[copy % 200]}{SYLLABLES[copy * 7 % 200]}{SYLLABLES[copy * 31 % 200]} "
            for record in records:
                text = record["text"].replace(" ", word) + word if copy else record["text"]
                file.write(json.dumps({**record, "text": text}, ensure_ascii=False) + "\n")
    return factor * len(records)


def measure(command: list[str], out: Path, env: dict[str, str]) -> dict[str, float]:
    """Run a command; return its wall and CPU time, and the most of memory, of Python and of Java, and of disk."""
    most = {"largest Python": 0.0, "all Python": 0.0, "all Java": 0.0, "disk": 0.0}
    cpu_s: dict[int, float] = {}
    start, at_disk = time.perf_counter(), 0.0
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        while process.poll() is None:
            of_kind: dict[bool, list[int]] = {True: [], False: []}
            for pid in _family(process.pid):
                cpu_s[pid] = _cpu_s(pid) or cpu_s.get(pid, 0.0)
                try:
                    is_java = Path(f"/proc/{pid}/comm").read_text().strip() == "java"
                except OSError:
                    continue
                of_kind[is_java].append(_memory(pid)[1])
            most["largest Python"] = max(most["largest Python"], *of_kind[False], 0)
            most["all Python"] = max(most["all Python"], sum(of_kind[False]))
            most["all Java"] = max(most["all Java"], sum(of_kind[True]))
            if time.perf_counter() > at_disk:
                most["disk"] = max(most["disk"], _bytes_below(out))
                at_disk = time.perf_counter() + 2
            time.sleep(0.2)
        if process.returncode:
            sys.exit(process.stderr.read().decode()[-2000:] if process.stderr else "failed")
    return {"wall": time.perf_counter() - start, "CPU": sum(cpu_s.values()), **most}


def digests(out: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a run that must be the same whoever carries it out."""
    files = (path for path in out.rglob("*") if path.is_file() and path.name != "log.json")
    return {path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", metavar="INPUT", type=Path, help="JSON Lines in gzip with a field text")
    parser.add_argument("--factor", type=int, default=1)
    parser.add_argument("--executors", type=int, default=2)
    parser.add_argument("--memory", default="1GiB", help="engine.memory")
    parser.add_argument("--recipe", default="recommended")
    parser.add_argument("--set", dest="sets", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--engines", nargs="+", default=["local", "spark"], choices=["local", "spark"])
    parser.add_argument("--folder", type=Path, help="where files are made; needs some GB")
    args = parser.parse_args()
    master = f"local-cluster[{args.executors},1,{HEAP_MIB}]"
    quiet = "--conf spark.ui.enabled=false --conf spark.ui.showConsoleProgress=false --conf spark.log.level=OFF"
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_SUBMIT_ARGS": f"--master {master} {quiet} pyspark-shell",
    }
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        raw, found = Path(name) / "raw.jsonl", []
        n = write(args.source, args.factor, raw)
        print(f"{n:,} documents, {raw.stat().st_size / 1e6:,.0f} MB, {args.recipe}, {master}")
        for engine in args.engines:
            out = Path(name) / engine
            options = [f"engine.memory={args.memory}", *args.sets]
            command = [sys.executable, "-m", "korpus", "run", args.recipe, "-i", str(raw), "-o", str(out), "-q"]
            command += [part for option in options for part in ("--set", option)]
            command += ["--engine", engine, *(["--workers", str(args.executors)] if engine == "local" else [])]
            took = measure(command, out, env)
            log = json.loads((out / "log.json").read_text())
            times = ", ".join(
                f"{step['name']} {step['wall_s']:.1f}" for step in log["passes"] if step["wall_s"] >= 0.05
            )
            sizes = ", ".join(f"{what} {took[what] / 1e6:,.0f} MB" for what in took if what not in ("wall", "CPU"))
            print(f"{engine}: {took['wall']:.1f} s, CPU {took['CPU']:.0f} s; {sizes}\n  {times}", flush=True)
            found.append(digests(out))
            shutil.rmtree(out)
        if len(found) > 1:
            print(f"{len(found[0])} files, {'all equal' if found[0] == found[1] else 'NOT EQUAL'}")


if __name__ == "__main__":
    main()
