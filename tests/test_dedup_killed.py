"""A run killed anywhere while duplicates are resolved goes on to the same bytes."""

import signal
from pathlib import Path

import pytest

import korpus
from korpus.engine import run as base
from tests import killer
from tests.corpus import documents, run, tree, write_jsonl


def go(folder: Path, out: Path, workers: int = 1) -> korpus.Result:
    recipe = {
        "input": {"split_bytes": 4096},
        "stages": [
            "whitespace",
            {"exact_dedup": {"keep": "longest"}},
            {
                "minhash_dedup": {
                    "keep": "column:n",
                    "against": [str(folder / "old.jsonl")],
                    "index": str(out.with_name(f"{out.name}.index")),
                }
            },
        ],
        "output": {"counts": False},
        "engine": {"max_bad_ratio": 1.0},
    }
    return run(recipe, folder / "new.jsonl", out, workers)


def go_and_count(folder: Path, out: Path) -> None:
    """Let only what gets its name while duplicates are resolved count."""
    resolve, killer.counting = base.resolve, False

    def counted(*args):
        killer.counting = True
        result = resolve(*args)
        killer.counting = False
        return result

    base.resolve = counted
    go(folder, out)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("input")
    write_jsonl(path / "new.jsonl", documents(150))
    write_jsonl(path / "old.jsonl", documents(40, seed=1) + documents(30))
    return path


@pytest.fixture(scope="module")
def finished(folder):
    """Return the digests of an undisturbed run and of its index, and how many files get a name in its resolution."""
    out = folder / "undisturbed"
    n_renames = killer.count(go_and_count, folder, out)
    digests = [tree(out), tree(out.with_name("undisturbed.index"))]
    assert any(path.startswith("rejects/") for path in digests[0])
    return digests, n_renames


def without_name(digests: dict[str, str]) -> dict[str, str]:
    """Leave out the files that name the index, which is another one for each output folder."""
    return {path: digest for path, digest in digests.items() if path.startswith(("data", "rejects"))}


@pytest.mark.parametrize("share", [0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 1.0])
def test_a_run_killed_while_resolving_goes_on_to_the_same_bytes(finished, folder, tmp_path, share):
    (digests, index), n_renames = finished
    out = tmp_path / "out"
    done = killer.killed_after(int(share * (n_renames - 1)), go_and_count, folder, out)
    assert done.code == -signal.SIGKILL, done.error
    assert not (out / "manifest.json").exists()
    go(folder, out, workers=2)
    assert without_name(tree(out)) == without_name(digests)
    assert tree(tmp_path / "out.index") == index


@pytest.mark.parametrize("workers", [2, 3])
def test_any_number_of_workers_removes_the_same(finished, folder, tmp_path, workers):
    go(folder, tmp_path / "out", workers)
    assert without_name(tree(tmp_path / "out")) == without_name(finished[0][0])
    assert tree(tmp_path / "out.index") == finished[0][1]
