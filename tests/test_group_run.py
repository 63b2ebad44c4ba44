"""Runs with a group: killed and resumed, in bounded memory, with all of a corpus joined to a few splits."""

import gzip
import random
import signal
import sys

import pyarrow.parquet as pq
import pytest

from tests.corpus import documents, kept, run, tree, write_jsonl
from tests.killer import count, killed_after
from tests.peak import peak_mib

MEMORY_MIB, COPIES = 64, 44


def go(source, out, workers=1, **engine):
    recipe = {
        "input": {"split_bytes": 4096},
        "stages": [
            "whitespace",
            "exact_dedup",
            {"group": {"by": "thread", "order": "n", "max_bytes": 2000}},
            {"length": {"min_chars": 20}},
            "minhash_dedup",
        ],
        "engine": {"max_bad_ratio": 1.0, **engine},
    }
    return run(recipe, source, out, workers)


def threaded(n, n_threads, seed=0):
    rng = random.Random(seed)
    return [{**row, "thread": rng.choice([None, *range(n_threads)])} for row in documents(n, seed)]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_jsonl(tmp_path_factory.mktemp("input") / "raw.jsonl", threaded(200, 30))


@pytest.fixture(scope="module")
def finished(source, tmp_path_factory):
    """Return the digests of an undisturbed run, and how many files get a name in it."""
    out = tmp_path_factory.mktemp("output") / "out"
    n_renames = count(go, source, out)
    return tree(out), n_renames


@pytest.mark.parametrize("share", [0.05, 0.2, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8])
def test_a_killed_run_goes_on_to_the_same_bytes(finished, source, tmp_path, share):
    digests, n_renames = finished
    out = tmp_path / "out"
    done = killed_after(int(share * (n_renames - 1)), go, source, out)
    assert done.code == -signal.SIGKILL, done.error
    assert not (out / "manifest.json").exists()
    # Whoever goes on may have more workers, and less memory.
    go(source, out, workers=2, memory="64MiB")
    assert tree(out) == digests


@pytest.mark.parametrize(("workers", "batch_rows"), [(2, 8192), (3, 7), (1, 1)])
def test_the_output_is_the_same_for_any_number_of_workers_and_any_batch_size(
    finished, source, tmp_path, workers, batch_rows
):
    go(source, tmp_path / "out", workers, batch_rows=batch_rows)
    assert tree(tmp_path / "out") == finished[0]


def test_nothing_of_the_work_is_left(source, tmp_path):
    go(source, tmp_path / "out")
    assert not (tmp_path / "out" / ".korpus").exists()


def test_documents_are_the_same_however_the_input_is_packed(finished, source, tmp_path):
    packed = tmp_path / "raw.jsonl.gz"
    packed.write_bytes(gzip.compress(source.read_bytes()))
    go(packed, tmp_path / "packed")
    go(source, tmp_path / "plain")
    columns = ["text", "id", "topic", "n", "thread"]
    assert kept(tmp_path / "packed").select(columns).equals(kept(tmp_path / "plain").select(columns))


@pytest.mark.skipif(sys.platform != "linux", reason="measured in /proc")
def test_a_corpus_whose_documents_all_join_those_of_one_split_takes_hardly_more_memory(tmp_path):
    # Long texts, so that many bytes are few documents.
    rows = [{**row, "thread": i % 50} for i, row in enumerate(documents(1000))]
    for row in rows:
        row["text"] = row["text"] and " ".join([row["text"]] * 4)
    small = write_jsonl(tmp_path / "small.jsonl", rows)
    large = tmp_path / "large.jsonl"
    large.write_text(small.read_text("utf-8") * COPIES, encoding="utf-8")
    grown_mib = (large.stat().st_size - small.stat().st_size) / (1 << 20)
    recipe = {
        "input": {"split_bytes": 1 << 18},
        "stages": [{"group": {"by": "thread", "order": "n", "max_bytes": 20000}}],
        "output": {"shard_bytes": 1 << 20, "counts": False},
        "engine": {"memory": f"{MEMORY_MIB}MiB"},
    }
    peaks = [peak_mib(recipe, path, tmp_path / f"{path.stem}-out") for path in (large, small)]
    texts = kept(tmp_path / "large-out")["text"].to_pylist()
    assert max(len(text.encode()) for text in texts) <= 20000
    n_lines = sum(len(row["text"].split("\n")) for row in rows if row["text"])
    assert sum(len(text.split("\n")) for text in texts) == COPIES * n_lines
    print(peaks, grown_mib)
    assert peaks[0] - peaks[1] < MEMORY_MIB < grown_mib / 1.2


def test_a_split_that_others_were_joined_to_is_written_in_turns(finished, source, tmp_path, monkeypatch):
    whole = tmp_path / "whole"
    go(source, whole)
    monkeypatch.setattr("korpus.engine.sinks.FLUSH_BYTES", 3000)
    for batch_rows in (1, 50):
        out = tmp_path / f"turns-{batch_rows}"
        go(source, out, batch_rows=batch_rows)
        assert kept(out).equals(kept(whole))
        for part in ("counts", "rejects"):
            tables = [pq.read_table(folder / part) for folder in (out, whole)]
            assert tables[0].equals(tables[1])
    assert tree(tmp_path / "turns-1") == tree(tmp_path / "turns-50")
