"""What a type checker says of code that uses korpus as a library."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import korpus

ROOT = Path(korpus.__file__).parent.parent

SOUND = """
from collections.abc import Iterator
from pathlib import Path

import korpus


def cleaned(lines: Iterator[str]) -> Iterator[str]:
    clean: korpus.Pipeline = korpus.load("kcelectra", ["stages.length.min_chars=20"])
    for line in lines:
        text: str | None = clean(line)
        if text is not None:
            yield text


def columns(clean: korpus.Pipeline, batch: dict[str, list[object]]) -> dict[str, list[object]]:
    print(clean.text, [stage.name for stage in clean.stages], clean.skipped)
    kept, dropped = clean.split(batch)
    return clean(batch) if dropped else kept


def made(out: Path) -> int:
    result: korpus.Result = korpus.run("kcelectra", inputs=["a.jsonl", Path("b")], out=out, workers=2, quiet=True)
    korpus.run({"stages": [{"length": {"min_chars": 11}}]}, inputs={"news": "a.jsonl"}, overrides=("vocab=null",))
    corpus: korpus.Corpus = korpus.open(result.out)
    files: list[str] = [shard["path"] for shard in corpus.shards(["cosmetics"])]
    summary: korpus.Summary = korpus.show(out)
    print(summary, summary.n_kept, summary.steps[0].counts, files, corpus.domains, korpus.__version__)
    return result.manifest["kept"]["n_docs"] + sum(file["rows"] for file in corpus.manifest["counts"])


try:
    made(Path("out"))
except (korpus.RecipeError, korpus.KorpusError) as error:
    print(error)
"""

WRONG = {
    "korpus.run(7)": 'Argument 1 to "run" has incompatible type "int"',
    'korpus.run("a", workers="2")': 'Argument "workers" to "run" has incompatible type "str"',
    'korpus.run("a", output="out")': 'Unexpected keyword argument "output" for "run"',
    'korpus.load("a", overrides=1)': 'Argument "overrides" to "load" has incompatible type "int"',
    'korpus.lod("a")': 'Module has no attribute "lod"',
    'korpus.load("a")(7)': '"__call__" of "Pipeline"',
    'korpus.load("a")("b").strip()': 'Item "None" of "str | None" has no attribute "strip"',
    "korpus.open(None)": 'Argument 1 to "open" has incompatible type "None"',
    'korpus.show("out", width=9)': 'Unexpected keyword argument "width" for "show"',
    'korpus.show("out").kept': '"Summary" has no attribute "kept"',
    'korpus.open("out").manifest["shard"]': 'TypedDict "Manifest" has no key "shard"',
}


@pytest.fixture(scope="module")
def check(tmp_path_factory):
    """Return a function that runs mypy over a script, as strict as it can be, and returns what it says."""
    folder = tmp_path_factory.mktemp("types")

    def run(script: str) -> list[str]:
        (folder / "script.py").write_text(script, encoding="utf-8")
        command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--follow-imports=silent", "script.py"]
        environment = {**os.environ, "MYPYPATH": str(ROOT)}
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)
        assert done.returncode < 2, done.stdout + done.stderr
        return [line for line in done.stdout.splitlines() if ": error: " in line]

    return run


def test_a_user_s_script_is_sound(check):
    assert check(SOUND) == []


def test_what_is_wrong_in_a_script_is_found(check):
    said = check("\n".join(["import korpus", *WRONG]))
    assert [int(line.split(":")[1]) for line in said] == list(range(2, len(WRONG) + 2))
    for line, expected in zip(said, WRONG.values(), strict=True):
        assert expected in line


def test_the_types_ship():
    assert (Path(korpus.__file__).parent / "py.typed").is_file()
    assert "py.typed" in (ROOT / "setup.cfg").read_text(encoding="utf-8")
