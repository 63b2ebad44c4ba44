"""Every example runs as its first lines say, from the root of the repository."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import korpus

ROOT = Path(korpus.__file__).parent.parent
EXAMPLES = sorted(path.name for path in (ROOT / "examples").glob("*.py"))
N_DOCS = (ROOT / "examples" / "comments.jsonl").read_text(encoding="utf-8").count("\n")

needs = {"with_datasets.py": "datasets", "with_duckdb.py": "duckdb"}


def run(name, tmp_path, *args, **environment):
    env = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HOME": str(tmp_path / "hf"), "HF_HUB_OFFLINE": "1", **environment}
    command = [sys.executable, f"examples/{name}", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, env=env)


@pytest.fixture
def example(tmp_path):
    def example(name, *args):
        if name in needs and not importlib.util.find_spec(needs[name]):
            pytest.skip(f"needs the package {needs[name]}")
        done = run(name, tmp_path, *args)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return example


def test_no_example_is_forgotten():
    assert EXAMPLES == ["with_datasets.py", "with_duckdb.py", "with_pyarrow.py"], (
        "a new example needs a test of its own"
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_short_and_says_how_to_run_it(name):
    text = (ROOT / "examples" / name).read_text(encoding="utf-8")
    assert f"python examples/{name}" in text
    assert len(text.splitlines()) <= 40


def test_with_pyarrow(example, tmp_path):
    said = example("with_pyarrow.py", tmp_path / "clean.parquet")
    clean = pq.read_table(tmp_path / "clean.parquet")
    assert clean.schema.names[:3] == ["id", "text", "category"]
    assert f"{clean.num_rows} documents written to " in said
    dropped = [int(line.split()[0]) for line in said.splitlines() if " dropped by " in line]
    assert dropped
    assert clean.num_rows + sum(dropped) == N_DOCS
    assert "length: too_short" in said


def test_with_datasets(example):
    said = example("with_datasets.py")
    assert f"{N_DOCS} documents in, " in said
    assert "after:  " in said


def test_with_duckdb(example):
    said = example("with_duckdb.py")
    assert "before: " in said
    assert "화장품" in said


@pytest.mark.parametrize("name", needs)
def test_a_missing_package_is_said_and_no_traceback_shown(name, tmp_path):
    (tmp_path / f"{needs[name]}.py").write_text("raise ImportError\n")
    done = run(name, tmp_path, PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")
    assert done.returncode == 1
    assert done.stderr == (
        f"this example needs the package {needs[name]}; install it with: pip install {needs[name]}\n"
    )


def test_the_notebook_runs_cell_by_cell_and_says_everything_in_two_languages(tmp_path, monkeypatch, capsys):
    notebook = json.loads((ROOT / "examples" / "tour.ipynb").read_text(encoding="utf-8"))
    monkeypatch.chdir(ROOT / "examples")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("korpus.engine.local.n_cores", lambda: 1)
    monkeypatch.setattr("korpus.engine.local.get_ready", lambda *_: None)
    names = {}
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            exec(compile(source, cell["id"], "exec"), names)
        else:
            assert re.search("[a-z]{3}", source)
            assert re.search("[가-힣]", source)
    said = capsys.readouterr().out
    assert "정말 재밌어요ㅋㅋ 또 볼래요!!!\n" in said
    assert "adds up: 537 read" in said
    assert tmp_path in names["corpus"].out.parents
