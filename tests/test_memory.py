"""Peak memory is bounded by options, not by the size of the corpus."""

import sys

import pytest

from tests.corpus import documents, write_jsonl
from tests.peak import peak_mib

MEMORY_MIB = 64
RECIPE = {
    "input": {"split_bytes": 1 << 18},
    "stages": ["nfc", "repeats", "whitespace", "exact_dedup", {"minhash_dedup": {"threshold": 0.8}}],
    "output": {"shard_bytes": 1 << 20},
    "engine": {"memory": f"{MEMORY_MIB}MiB"},
}


@pytest.mark.skipif(sys.platform != "linux", reason="measured in /proc")
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
    growth = peak_mib(RECIPE, large, tmp_path / "large") - peak_mib(RECIPE, small, tmp_path / "small")
    print(growth, grown_mib)
    assert growth < MEMORY_MIB < grown_mib / 1.5
