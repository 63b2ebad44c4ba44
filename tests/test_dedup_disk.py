"""A run that does not fit on its disk is refused before it begins; what is estimated is what is used."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

import korpus
from korpus import api
from korpus.corpus.layout import Layout
from korpus.engine import run as base
from korpus.plan import estimate
from tests import corpus
from tests.corpus import checked, documents, kept, run, write_jsonl

RECIPE = {**corpus.RECIPE, "input": {}}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_jsonl(tmp_path_factory.mktemp("input") / "raw.jsonl", documents(3000))


@pytest.fixture
def free(monkeypatch):
    def set_free(n_bytes):
        monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=n_bytes))

    return set_free


def test_a_run_that_does_not_fit_is_refused_early(source, tmp_path, free):
    free(1 << 20)
    with pytest.raises(korpus.DataError, match=r"needs about .* of disk at .*out.*1\.0 MiB are free; make room"):
        run(RECIPE, source, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    told = checked(RECIPE, [source], tmp_path / "out")
    assert "free    1.0 MiB on that disk: NOT ENOUGH" in told
    free(1 << 40)
    assert "free    1.0 TiB on that disk\n" in checked(RECIPE, [source], tmp_path / "out")
    run(RECIPE, source, tmp_path / "out")
    free(0)
    assert run(RECIPE, source, tmp_path / "out").manifest  # finished: nothing more is needed


def test_what_an_unfinished_or_replaced_run_takes_counts_as_free(source, tmp_path, free):
    needs = estimate.estimate(api.plan(RECIPE, [source])).disk_bytes
    work = Layout(tmp_path / "out").work
    work.mkdir(parents=True)
    (work / "old").write_bytes(bytes(needs))
    free(1 << 16)
    run(RECIPE, source, tmp_path / "out")
    (tmp_path / "out" / "data" / "large").write_bytes(bytes(needs))
    run(RECIPE, source, tmp_path / "out", fresh=True)
    assert kept(tmp_path / "out").num_rows


def test_the_disk_that_is_used_stays_within_the_estimate(source, tmp_path, monkeypatch):
    used = []

    def measured(function):
        def wrapper(*args, **kwargs):
            result = function(*args, **kwargs)
            used.append(sum(path.stat().st_size for path in (tmp_path / "out").rglob("*") if path.is_file()))
            return result

        return wrapper

    for name in ("_pass", "_shards", "_ledger"):
        monkeypatch.setattr(base.Run, name, measured(getattr(base.Run, name)))
    monkeypatch.setattr(base, "resolve", measured(base.resolve))
    stages = [{"minhash_dedup": {"index": str(tmp_path / "index")}}]
    recipe = {**RECIPE, "stages": stages}
    needs = estimate.estimate(api.plan(recipe, [source])).disk_bytes
    run(recipe, source, Path(tmp_path / "out"))
    index = sum(path.stat().st_size for path in (tmp_path / "index").rglob("*") if path.is_file())
    assert max(used) + index <= needs <= 3 * (max(used) + index)
