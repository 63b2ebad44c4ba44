"""A folder of very many small files: what each of them costs must not depend on how many there are."""

from __future__ import annotations

import pickle

import korpus
from korpus.engine import job
from korpus.engine.local import LocalEngine
from korpus.engine.run import Run
from korpus.io.compress import ByteStream
from korpus.io.readers import discover
from korpus.plan import make
from korpus.recipe import load
from tests.corpus import kept, ledger, run

RECIPE = {"input": {"format": "files"}, "stages": ["nfc", {"length": {"min_chars": 4}}, "exact_dedup"]}


def many(folder, n):
    for i in range(n):
        path = folder / f"{i % 7}" / f"{i:06d}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("짧다" if i % 10 == 0 else f"{i // 2 * 2}번 글", encoding="utf-8")
    return folder


def test_more_small_files_than_a_process_may_mostly_have_open(tmp_path):
    source = many(tmp_path / "raw", 1100)
    done = run(RECIPE, source, tmp_path / "out", 2)
    assert len(done.manifest["inputs"]) == done.manifest["read"]["n_in"] == 1100
    rejected = ledger(tmp_path / "out")
    assert sum(row["reason"] == "too_short" for row in rejected) == 110
    # Every second text is the one before again, but for those that are too short; the rest stays.
    assert sum(row["reason"] == "duplicate" for row in rejected) == 440
    documents = kept(tmp_path / "out")
    assert documents.num_rows == 550
    for text, path in zip(documents["text"].to_pylist(), documents["path"].to_pylist()):
        number = int(path.rpartition("/")[2].removesuffix(".txt"))
        assert text == f"{number // 2 * 2}번 글"
    assert documents["path"].to_pylist() == sorted(documents["path"].to_pylist())


def test_a_task_is_as_small_with_many_files_as_with_one(tmp_path, monkeypatch):
    plans = [make(load({**RECIPE, "input": {"paths": [str(many(tmp_path / f"{n}", n))]}})) for n in (1, 300)]
    jobs = [Run(plan, tmp_path / "out", LocalEngine(1), quiet=True).job for plan in plans]
    small, large = map(pickle.dumps, jobs)
    assert len(small) == len(large) < 200
    monkeypatch.setattr(job, "_given", jobs[1])
    assert pickle.loads(large) == jobs[1]


def test_each_file_is_opened_once_to_be_found(tmp_path, monkeypatch):
    many(tmp_path / "raw", 50)
    opened, original = [], ByteStream._open
    monkeypatch.setattr(ByteStream, "_open", lambda self: (opened.append(self.path), original(self)))
    assert len(discover([tmp_path / "raw"], "files")) == len(opened) == 50


def test_a_plan_of_many_files_looks_into_few(tmp_path, monkeypatch):
    from korpus.io import readers

    looked, original = [], readers.module
    monkeypatch.setattr(readers, "module", lambda name: (looked.append(name), original(name))[1])
    korpus.api.plan(RECIPE, [many(tmp_path / "raw", 50)])
    assert len(looked) == readers.N_SAMPLED
