"""Sources, their own stages, duplicates, threads and sentences in one recipe: all that must hold, at once."""

from __future__ import annotations

import random
import signal

import pytest

from korpus.report.summary import summarize
from tests.corpus import documents, kept, ledger, run, tree, write_jsonl
from tests.killer import count, killed_after

RECIPE = {
    "name": "everything",
    "input": {"split_bytes": 4096},
    "sources": {
        "threads": {"tags": {"domain": "comments"}, "stages": ["urls", {"length": {"min_chars": 2}}]},
        "lines": {"format": "text", "tags": {"domain": "lines"}},
    },
    "stages": [
        "nfc",
        "exact_dedup",
        {"group": {"by": "thread", "order": "n", "max_bytes": 3000}},
        {"length": {"min_chars": 6}},
        "minhash_dedup",
        "sentences",
        {"length": {"min_chars": 6}},
        "exact_dedup",
    ],
    "output": {"shard_bytes": 16384},
    "vocab": {"size": 600, "domains": "none"},
    "engine": {"max_bad_ratio": 1.0},
}


def go(folder, out, workers=1, **engine):
    inputs = {"threads": folder / "threads.jsonl", "lines": folder / "lines.txt"}
    overrides = [f"engine.{name}={value}" for name, value in engine.items()]
    return run(RECIPE, inputs, out, workers, overrides=overrides)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    rng, folder = random.Random(7), tmp_path_factory.mktemp("raw")
    rows = documents(400)
    for row in rows:
        row["thread"] = rng.choice([None, *map(str, range(60))])
        row["text"] = row["text"].replace(" ", ". ", 3)
    write_jsonl(folder / "threads.jsonl", [*rows, "not JSON"])
    lines = [row["text"].replace("\n", " ") for row in documents(200, seed=3)]
    (folder / "lines.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def finished(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("finished") / "out"
    go(folder, out)
    return out


def test_the_books_add_up_in_all_and_by_source(folder, finished, tmp_path):
    told = summarize(go(folder, finished).manifest)
    assert told.breaks == ()
    made = {step.name: step.n_made for step in told.steps if step.n_made}
    assert made.keys() == {"group", "sentences"}
    assert made["group"] < 0 < made["sentences"]
    assert told.n_read + sum(made.values()) == told.n_kept + told.n_rejects
    assert (kept(finished).num_rows, len(ledger(finished))) == (told.n_kept, told.n_rejects)
    assert sum(source.n_kept for source in told.sources) == told.n_kept
    assert sum(source.n_made for source in told.sources) == sum(made.values())


def test_ids_are_of_one_document_each_and_every_reject_has_its_row(folder, finished):
    ids = kept(finished)["doc_id"].to_pylist()
    rejected = [row["doc_id"] for row in ledger(finished)]
    assert len({*ids, *rejected}) == len(ids) + len(rejected)
    n_rows = {"threads.jsonl": 401, "lines.txt": 200}
    for row in ledger(finished):
        assert 1 <= row["row"] <= n_rows[row["path"].rpartition("/")[2]]


@pytest.mark.parametrize(("workers", "batch_rows"), [(2, 3), (1, 1000), (3, 64)])
def test_it_is_the_same_for_any_workers_and_batches(folder, finished, tmp_path, workers, batch_rows):
    go(folder, tmp_path / "out", workers, batch_rows=batch_rows)
    assert tree(tmp_path / "out") == tree(finished)


@pytest.fixture(scope="module")
def n_renames(folder, tmp_path_factory):
    return count(go, folder, tmp_path_factory.mktemp("counted") / "out")


@pytest.mark.parametrize("share", [0.1, 0.35, 0.5, 0.65, 0.8, 0.95])
def test_a_killed_run_goes_on_to_the_same_bytes(folder, finished, tmp_path, n_renames, share):
    assert killed_after(int(share * n_renames), go, folder, tmp_path / "out").code == -signal.SIGKILL
    assert not (tmp_path / "out" / "manifest.json").exists()
    go(folder, tmp_path / "out", workers=2)
    assert tree(tmp_path / "out") == tree(finished)
