"""Whoever cuts a file that can only be read from its beginning, the splits and what is said of them are the same."""

import gzip

import pytest

import korpus
from tests.corpus import RECIPE, documents, tree, write_jsonl
from tests.test_executor import Backwards
from tests.test_store_run import Dies

SMALL = {**RECIPE, "input": {"split_bytes": 4096}}


@pytest.fixture
def folder(tmp_path):
    """A folder of files that are cut at once, while they are read, or not at all, some of them damaged."""
    raw = tmp_path / "raw"
    raw.mkdir()
    write_jsonl(raw / "a.jsonl", documents(60, seed=1))
    write_jsonl(raw / "b.jsonl.gz", documents(90, seed=2))
    (raw / "c.jsonl.gz").write_bytes(gzip.compress(b'{"text": "\xed\x95\x9c"}\n' * 30)[:-12])
    (raw / "d.jsonl.gz").write_bytes(gzip.compress(b"")[:5])
    (raw / "e.jsonl.gz").write_bytes(b"")
    write_jsonl(raw / "f.jsonl.gz", documents(40, seed=3))
    (raw / "g.jsonl").write_text("no JSON\n" * 20)
    return raw


def test_the_same_for_tasks_that_cut_for_themselves(tmp_path, folder):
    near, far = Backwards(), Backwards()
    near.near = True
    for name, engine in (("near", near), ("far", far)):
        korpus.run(SMALL, [folder], tmp_path / name, quiet=True, engine=engine)
    korpus.run(SMALL, [folder], tmp_path / "here", workers=2, quiet=True)
    assert tree(tmp_path / "near") == tree(tmp_path / "far") == tree(tmp_path / "here")


@pytest.mark.parametrize("at", [1, 3, 5])
def test_the_same_after_an_interruption(tmp_path, folder, at):
    korpus.run(SMALL, [folder], tmp_path / "whole", workers=1, quiet=True)
    with pytest.raises(KeyboardInterrupt):
        korpus.run(SMALL, [folder], tmp_path / "out", quiet=True, engine=Dies(at + 8))
    # Some splits of a file are there, some are not.
    for mark in sorted((tmp_path / "out" / ".korpus" / "pass-0" / "done").glob("*.json"))[1::3]:
        mark.unlink()
    korpus.run(SMALL, [folder], tmp_path / "out", quiet=True, engine=Backwards())
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")


def test_a_run_stops_at_the_same_place(tmp_path, folder):
    strict = {**SMALL, "engine": {"max_bad_ratio": 0.001}}
    said = []
    for name, engine in (("near", None), ("far", Backwards())):
        with pytest.raises(korpus.DataError) as error:
            korpus.run(strict, [folder], tmp_path / name, workers=None if engine else 1, quiet=True, engine=engine)
        said.append(str(error.value))
    assert said[0] == said[1]
