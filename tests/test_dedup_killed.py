"""A run killed anywhere while duplicates are resolved goes on to the same bytes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import korpus
from tests.corpus import documents, run, tree, write_jsonl

ROOT = Path(__file__).parent.parent
# Kills the process when the n-th file is to get its final name while duplicates are resolved.
KILL = """
import os, pathlib, signal, sys
import korpus.engine.run as base
from tests.test_dedup_killed import go
after, resolving = int(sys.argv[1]), False
replace, resolve = pathlib.Path.replace, base.resolve
def counted(self, target):
    global after
    after -= resolving
    if after < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(self, target)
def watched(*args):
    global resolving
    resolving = True
    result = resolve(*args)
    print("renames left:", after)
    resolving = False
    return result
pathlib.Path.replace, base.resolve = counted, watched
go(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
"""


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


def killed_after(n_renames: int, folder: Path, out: Path) -> subprocess.CompletedProcess:
    path = os.pathsep.join([str(ROOT), str(Path(korpus.__file__).parent.parent)])
    command = [sys.executable, "-c", KILL, str(n_renames), str(folder), str(out)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": path})


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
    done = killed_after(10**6, folder, out)
    assert done.returncode == 0, done.stderr
    digests = [tree(out), tree(out.with_name("undisturbed.index"))]
    assert any(path.startswith("rejects/") for path in digests[0])
    return digests, 10**6 - int(done.stdout.rpartition(":")[2])


def without_name(digests: dict[str, str]) -> dict[str, str]:
    """Leave out the files that name the index, which is another one for each output folder."""
    return {path: digest for path, digest in digests.items() if path.startswith(("data", "rejects"))}


@pytest.mark.parametrize("share", [0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 1.0])
def test_a_run_killed_while_resolving_goes_on_to_the_same_bytes(finished, folder, tmp_path, share):
    (digests, index), n_renames = finished
    out = tmp_path / "out"
    done = killed_after(int(share * (n_renames - 1)), folder, out)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not (out / "manifest.json").exists()
    go(folder, out, workers=2)
    assert without_name(tree(out)) == without_name(digests)
    assert tree(tmp_path / "out.index") == index


@pytest.mark.parametrize("workers", [2, 3])
def test_any_number_of_workers_removes_the_same(finished, folder, tmp_path, workers):
    go(folder, tmp_path / "out", workers)
    assert without_name(tree(tmp_path / "out")) == without_name(finished[0][0])
    assert tree(tmp_path / "out.index") == finished[0][1]
