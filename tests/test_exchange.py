"""Spill files are put together before they are read by partition: the same rows, and the same bytes after any kill."""

import signal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from korpus.engine import exchange
from korpus.io import blocks, spill
from tests.corpus import documents, run, tree, write_jsonl
from tests.killer import count, killed_after

SCHEMA = pa.schema([("key", pa.uint64()), ("doc_id", pa.int64()), ("word", pa.string())])


def rows(keys, first):
    words = pa.array([f"말{key % 7}" * (key % 3) for key in keys], pa.string())
    return pa.RecordBatch.from_arrays(
        [pa.array(keys, pa.uint64()), np.arange(first, first + len(keys)), words], schema=SCHEMA
    )


@settings(max_examples=60, deadline=None)
@given(
    files=st.lists(st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 3), max_size=40), min_size=1, max_size=9),
    n=st.sampled_from([1, 2, 16]),
    flush=st.sampled_from([1, 300, 1 << 20]),
    at_once=st.integers(2, 4),
)
def test_what_is_put_together_has_the_same_rows_in_the_same_order(tmp_path_factory, files, n, flush, at_once):
    folder, first, paths = tmp_path_factory.mktemp("spills"), 0, []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "FLUSH_BYTES", flush)
        patch.setattr(exchange, "MAX_FILES", at_once)
        for i, keys in enumerate(files):
            paths.append(folder / f"{i:03d}.arrow")
            with spill.SpillWriter(paths[-1], SCHEMA, n) as writer:
                for at in range(0, len(keys), 7):
                    writer.write(rows(keys[at : at + 7], first + at))
            first += len(keys)
        before = [part.read() for part in spill.partitions(tuple(paths), n)]
        finer = [part.read() for part in spill.partitions(tuple(paths), 4 * n)]
        found = exchange.gathered(paths, lambda function, items, what: [function(item) for item in items])
        assert len(found) <= at_once
        assert [part.read() for part in spill.partitions(found, n)] == before
        assert [part.n_rows() for part in spill.partitions(found, n)] == [len(table) for table in before]
        assert [part.read() for part in spill.partitions(found, 4 * n)] == finer
    assert sorted(folder.iterdir()) == sorted(found)


def go(folder: Path, out: Path, at_once: int = 2) -> None:
    """Make a corpus whose exchange puts few files together at a time."""
    exchange.MAX_FILES = at_once
    recipe = {
        "input": {"split_bytes": 4096},
        "stages": ["whitespace", "exact_dedup", {"minhash_dedup": {"keep": "longest"}}],
        "engine": {"max_bad_ratio": 1.0},
    }
    run(recipe, folder / "new.jsonl", out)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("input")
    write_jsonl(path / "new.jsonl", documents(150))
    return path


@pytest.fixture(scope="module")
def finished(folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exchange, "MAX_FILES", exchange.MAX_FILES)
        go(folder, folder / "straight", 1000)
        go(folder, folder / "exchanged")
    assert tree(folder / "exchanged") == tree(folder / "straight")
    return tree(folder / "straight")


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch):
    monkeypatch.setattr(exchange, "MAX_FILES", exchange.MAX_FILES)


def test_a_run_that_is_killed_anywhere_goes_on(folder, finished, tmp_path):
    n = count(go, folder, tmp_path / "counted")
    assert tree(tmp_path / "counted") == finished
    for at in np.unique(np.linspace(n // 8, n - 2, 10).astype(int)):
        out = tmp_path / f"out-{at}"
        assert killed_after(int(at), go, folder, out).code == -signal.SIGKILL
        go(folder, out, 3)
        assert tree(out) == finished


def stopped(folder, out, at):
    """Make a run die at the n-th spill that it removes."""
    done = killed_after(at, go, folder, out, act="unlink", ending=".arrow")
    assert done.code == -signal.SIGKILL, done.error
    return out / ".korpus"


@pytest.mark.parametrize("at", [0, 3, 21])
def test_a_run_that_is_killed_while_it_removes_what_was_put_together_goes_on(folder, finished, tmp_path, at):
    stopped(folder, tmp_path / "out", at)
    go(folder, tmp_path / "out")
    assert tree(tmp_path / "out") == finished


@pytest.mark.parametrize("what", ["*+.arrow", "*+.json", "parts/*.arrow", "sketch-*/*.arrow", "rejects/*.arrow"])
@pytest.mark.parametrize("at", [10, 60])
def test_what_is_damaged_is_made_again_with_all_that_lies_in_one_file_with_it(folder, finished, tmp_path, at, what):
    work = stopped(folder, tmp_path / "out", at)
    found = sorted(work.rglob(what))
    for path in (found[0], found[len(found) // 2]):
        path.write_bytes(path.read_bytes()[:-9])
    go(folder, tmp_path / "out", 3)
    assert tree(tmp_path / "out") == finished
