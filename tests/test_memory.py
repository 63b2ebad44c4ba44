"""Peak memory is bounded by options, not by the size of the corpus."""

import os
import subprocess
import sys
from pathlib import Path

import korpus
from tests.corpus import documents, write_jsonl

MEMORY_MIB = 64
SCRIPT = f"""
import pathlib, resource, sys
from tests.corpus import run
recipe = {{
    "korpus": 1, "name": "memory", "input": {{"split_bytes": 1 << 18}},
    "stages": ["nfc", "repeats", "whitespace", "exact_dedup", {{"minhash_dedup": {{"threshold": 0.8}}}}],
    "output": {{"shard_bytes": 1 << 20}}, "engine": {{"memory": "{MEMORY_MIB}MiB"}},
}}
run(recipe, pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak_mib(source: Path, out: Path) -> float:
    env = {**os.environ, "PYTHONPATH": str(Path(korpus.__file__).parent.parent)}
    command = [sys.executable, "-c", SCRIPT, str(source), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent.parent, env=env)
    assert done.returncode == 0, done.stderr
    return int(done.stdout) / 1024


def test_a_corpus_sixteen_times_as_large_takes_hardly_more_memory(tmp_path):
    rows = documents(8000)
    small = write_jsonl(tmp_path / "small.jsonl", rows)
    large = tmp_path / "large.jsonl"
    with large.open("w", encoding="utf-8") as file:
        for copy in range(16):
            # Other texts, not copies: each has a word of its own between any two of its words.
            other = [{**row, "text": row["text"].replace(" ", f" 제{copy}판 ")} for row in rows]
            file.write(write_jsonl(tmp_path / "other.jsonl", other).read_text("utf-8"))
    grown_mib = (large.stat().st_size - small.stat().st_size) / (1 << 20)
    growth = peak_mib(large, tmp_path / "large") - peak_mib(small, tmp_path / "small")
    assert growth < MEMORY_MIB < grown_mib / 1.5
