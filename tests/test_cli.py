"""The command line: what it prints and where, what it exits with, and that nobody sees a traceback unasked."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import korpus as package
from korpus import recipe, registry
from korpus.cli import main
from korpus.corpus.layout import Layout
from tests.corpus import documents, kept, tree, write_jsonl

ROOT = Path(package.__file__).parent.parent
EXAMPLE = ROOT / "examples" / "comments.jsonl"
N_DOCS = EXAMPLE.read_text(encoding="utf-8").count("\n")

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def in_a_process(*args, cwd=None):
    """Run ``python -m korpus`` as a script would: no terminal."""
    command = [sys.executable, "-m", "korpus", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=cwd, env=ENVIRONMENT)


@pytest.fixture
def korpus(capsys):
    """Call the command line in this process; return what it exits with, and what it prints."""

    def korpus(*args):
        try:
            main([*map(str, args)])
            code = 0
        except SystemExit as exit_:
            code = exit_.code
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return korpus


@pytest.fixture
def fails(korpus):
    """Call the command line in this process; check that it fails with one line on standard error, and return that."""

    def fails(code, *args):
        got, out, err = korpus(*args)
        assert (got, out) == (code, ""), err
        assert err.startswith("error: ")
        assert err.endswith("\n")
        assert err.count("\n") == 1
        return err[len("error: ") : -1]

    return fails


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of a recipe by bare name, in a process of its own: its folder and what it printed."""
    out = tmp_path_factory.mktemp("finished") / "out"
    return out, in_a_process("run", "kcelectra", "-i", EXAMPLE, "-o", out, "--workers", 1)


# Running.


def test_a_run_prints_its_summary_and_is_quiet_otherwise(finished):
    out, done = finished
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{N_DOCS:,} documents read" in done.stdout
    assert "adds up: " in done.stdout
    assert "\x1b" not in done.stdout
    assert done.stdout.endswith("ledger\n")
    assert (out / "manifest.json").exists()
    assert not (out / ".korpus").exists()


def test_show_prints_the_same_summary(finished, korpus):
    out, done = finished
    assert korpus("show", out) == (0, done.stdout, "")


def test_a_finished_run_returns_at_once_and_prints_its_summary(finished, korpus):
    out, done = finished
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    assert korpus("run", "kcelectra", "-i", EXAMPLE, "-o", out) == (0, done.stdout, "")
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before


def test_another_recipe_into_the_same_folder_is_refused(finished, fails):
    out, _ = finished
    before = tree(out)
    for other, difference in [
        ("stages.length.min_chars=12", "stages.length.min_chars was 11, now it is 12"),
        ("vocab.size=200", "vocab.size was 30000, now it is 200"),
        ("input.keep=[id]", "input.keep was 'all', now it is ['id']"),
        ("stages.urls=null", "stages was ['nfc', 'charset', 'emoji', 'urls', "),
    ]:
        said = fails(1, "run", "kcelectra", "-i", EXAMPLE, "-o", out, "--set", other)
        assert said.startswith(f"{out} holds another run ({difference}")
        assert said.endswith("; give another folder with -o, or --fresh to replace it")
    assert tree(out) == before


def test_options_override_the_recipe_on_two_workers_without_a_word(tmp_path):
    text = "input: {paths: [not-there.jsonl]}\nstages: [length]\noutput: {path: not-there}\n"
    (tmp_path / "mine.yaml").write_text(text)
    args = ["-i", EXAMPLE, "--out", "made", "--workers", 2, "--set", "stages.length.min_chars=30", "--quiet"]
    done = in_a_process("run", "mine.yaml", *args, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    lengths = [len(text) for text in kept(tmp_path / "made").column("text").to_pylist()]
    assert min(lengths) >= 30
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made", "mine.yaml"]


def test_fresh_replaces_what_a_run_has_left_and_nothing_else(tmp_path, korpus):
    source = write_jsonl(tmp_path / "a.jsonl", documents(50))
    (tmp_path / "r.yaml").write_text("stages: [length]\n")
    run = ["run", tmp_path / "r.yaml", "-i", source, "-o", tmp_path / "out", "--workers", 1, "--quiet"]
    assert korpus(*run) == (0, "", "")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    assert kept(tmp_path / "out").num_rows > 40
    code, out, err = korpus(*run, "--set", "stages.length.min_chars=1000", "--fresh")
    assert (code, out) == (0, "")
    assert err.startswith("warning: no document was kept")
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["kept"]["n_docs"] < 20
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"


# Ctrl-C at a moment that is no matter of time: when the progress bar learns of the first finished split. Where
# tests run in the background, the shell may have told its children to ignore Ctrl-C.
INTERRUPTED = """
import signal, sys
from korpus.cli import main
from korpus.progress import Progress

class Bar:
    def __enter__(self): return self
    def __exit__(self, *exception): pass
    def update(self, n): signal.raise_signal(signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)
Progress.bytes = lambda *_: Bar()
main(sys.argv[1:])
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupted_run_says_so_and_goes_on_with_the_same_command(tmp_path, korpus, workers):
    source = write_jsonl(tmp_path / "a.jsonl", documents(600))
    (tmp_path / "r.yaml").write_text("input: {split_bytes: 2KiB}\nstages: [nfc, length, exact_dedup]\n")
    run = [*map(str, ["run", tmp_path / "r.yaml", "-i", source, "--workers", workers, "-o"])]
    command = [sys.executable, "-c", INTERRUPTED, *run, str(tmp_path / "out")]
    process = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, timeout=60)
    out, err = process.stdout, process.stderr
    assert (process.returncode, out) == (130, "")
    assert err.strip() == "interrupted; the same command goes on from here"
    assert any(Layout(tmp_path / "out").done(0).glob("*.json"))

    code, _, err = korpus("show", tmp_path / "out")
    assert code == 1
    assert err == f"error: {tmp_path}/out holds an unfinished run; give its korpus run command again to finish it\n"

    assert korpus(*run, tmp_path / "out", "-q") == (0, "", "")
    assert korpus(*run, tmp_path / "straight", "-q") == (0, "", "")
    assert tree(tmp_path / "out") == tree(tmp_path / "straight")


# Wrong usage: exit 2.


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["rnu"], "there is no command 'rnu' (did you mean 'run'?); there are: run, check, show, "),
        (["xyzzy", "a"], "there is no command 'xyzzy'; there are: run, check, show, "),
        (["run"], "Missing argument 'RECIPE'"),
        (["show"], "Missing argument 'OUT'"),
        (["run", "kcelectra", "--worker", "2"], "No such option --worker"),
        (["run", "kcelectra", "--workers", "0"], "0 is not in the range 1<=x<=1024"),
        (["run", "kcelectra", "--workers", "two"], "'two' is not a valid integer range"),
        (["stages", "length", "nfc"], "unexpected extra argument"),
        (["--colour"], "No such option --colour"),
    ],
)
def test_wrong_usage_exits_2_with_the_usage(korpus, args, expected):
    code, out, err = korpus(*args)
    assert (code, out) == (2, "")
    assert err.startswith("Usage: korpus ")
    # Versions of click write the option in quotes, or after a colon.
    assert expected in err.replace("\n", " ") or expected in err.replace("'", "").replace("option:", "option")


def test_without_arguments_it_prints_its_help(korpus):
    code, out, err = korpus()
    assert code in (0, 2)  # which of the two depends on the version of click
    assert "Commands:" in out + err


@pytest.mark.parametrize("args", [[], ["run"], ["check"], ["stages"], ["show"], ["recipes"]])
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help(korpus, args, flag):
    code, out, err = korpus(*args, flag)
    assert (code, err) == (0, "")
    assert out.startswith(f"Usage: korpus {' '.join(args)}")


def test_version(korpus):
    assert korpus("--version") == (0, f"korpus {package.__version__}\n", "")


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_wrong_recipe_exits_2_and_writes_nothing(tmp_path, fails, command, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "r.yaml").write_text("stages:\n  - length: {min_char: 3}\n")
    said = fails(2, command, "r.yaml", "-i", EXAMPLE)
    assert said.startswith("r.yaml:2: stages.length has no option 'min_char' (did you mean 'min_chars'?); ")
    said = fails(2, command, "kcelektra", "-i", EXAMPLE)
    assert said.startswith("there is no recipe 'kcelektra' (did you mean 'kcelectra'?); ")
    said = fails(2, command, "kcelectra", "-i", EXAMPLE, "--set", "stages.lenght.min_chars=3")
    assert said.startswith("--set stages.lenght.min_chars=3: the recipe has no stage 'lenght' (did you mean 'length'?)")
    assert fails(2, command, "kcelectra", "-i", "").startswith("arguments: input.paths must have at least 1 character")
    assert fails(2, command, "kcelectra", "-o", "").startswith("arguments: output.path must have at least 1 character")
    assert [path.name for path in tmp_path.iterdir()] == ["r.yaml"]


# Failures: exit 1.


@pytest.mark.parametrize("command", ["run", "check"])
def test_input_that_cannot_be_read_exits_1_and_writes_nothing(tmp_path, fails, command, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_jsonl(tmp_path / "a.jsonl", [{"body": "본문입니다", "id": 1}])
    (tmp_path / "empty.jsonl").touch()
    (tmp_path / "domains.yaml").write_text("input: {text: body}\nstages:\n  - domain: {field: topic}\n")
    assert "not-there.jsonl" in fails(1, command, "kcelectra", "-i", "not-there.jsonl")
    assert fails(1, command, "kcelectra", "-i", "empty.jsonl") == "there is nothing to read: empty.jsonl is empty"
    said = fails(1, command, "kcelectra", "-i", "a.jsonl")
    assert "'text'" in said
    assert "body" in said
    assert "input.text" in said
    said = fails(1, command, "domains.yaml", "-i", "a.jsonl")
    assert said.startswith("the stage domain reads column 'topic', but the documents have only: doc_id, text, id; ")
    said = fails(1, command, "domains.yaml", "-i", "a.jsonl", "--set", "input.keep=[topic]")
    assert "topic" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "domains.yaml", "empty.jsonl"]


def test_a_run_without_any_input_exits_1(fails):
    assert (
        fails(1, "run", "kcelectra") == "there is nothing to read: name files under input.paths, or give them with -i"
    )


def test_show_of_what_is_no_run(tmp_path, fails):
    assert fails(1, "show", tmp_path) == f"{tmp_path} holds no run of korpus: there is no manifest.json"
    assert fails(1, "show", tmp_path / "no") == f"{tmp_path}/no holds no run of korpus: there is no manifest.json"


def test_an_error_that_nobody_foresaw_exits_1_and_says_how_to_see_more(fails, monkeypatch):
    monkeypatch.setattr("korpus.api.stages", lambda: 1 / 0)
    said = fails(1, "stages")
    assert said == "unexpected ZeroDivisionError: division by zero; korpus --traceback … shows where"
    with pytest.raises(ZeroDivisionError):
        main(["--traceback", "stages"])


def test_a_traceback_is_shown_on_request_only(tmp_path):
    shy, open_ = in_a_process("show", tmp_path), in_a_process("--traceback", "show", tmp_path)
    assert shy.returncode == open_.returncode == 1
    assert shy.stderr.startswith("error: ")
    assert open_.stderr.startswith("Traceback")
    assert "DataError" in open_.stderr


def test_a_reader_that_leaves_is_no_error():
    command = [sys.executable, "-m", "korpus", "stages"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) in (0, 1)


# Looking without running.


def test_check_shows_the_recipe_the_passes_the_input_and_the_needs(korpus, monkeypatch):
    monkeypatch.chdir(ROOT)
    code, out, err = korpus("check", "commerce", "-i", "examples/comments.jsonl", "-o", "x", "--workers", 3)
    assert (code, err) == (0, "")
    head, passes, inputs, needs = re.split(r"\n(?=Passes\n|Input\n|Needs, )", out)
    overrides = ["input.paths=[examples/comments.jsonl]", "output.path=x", "engine.workers=3"]
    assert yaml.safe_load(head) == recipe.load("commerce", overrides).filled()
    assert passes.splitlines()[1:4] == [
        "  pass 1 of 2: read → nfc → invisible → symbols → charset → urls → masks → repeats → phrases → whitespace → "
        "length → hangul_ratio → sketch exact_dedup, minhash_dedup",
        "  then resolve: exact_dedup, minhash_dedup",
        "  pass 2 of 2: drop duplicates (exact_dedup, minhash_dedup) → domain → write",
    ]
    assert f"  examples/comments.jsonl (jsonl, utf-8, {EXAMPLE.stat().st_size / 1024:.1f} KiB)" in inputs.splitlines()
    assert "  columns carried along: id, category, thread_id, parent_id, created_at, likes" in inputs.splitlines()
    assert f"  about 1 split, {N_DOCS} documents, " in inputs
    assert re.search(r"^  disk    [\d.]+ KiB: [\d.]+ KiB documents between passes, ", needs, re.MULTILINE)
    assert re.search(r"^  memory  up to [\d.]+ [MG]iB, all processes together$", needs, re.MULTILINE)
    assert not Path("x").exists()


def test_check_counts_the_splits(korpus):
    options = ["--set", "input.split_bytes=16KiB", "--set", "stages.exact_dedup=null", "--set", "stages.group=null"]
    code, out, _ = korpus("check", "kcelectra", "-i", EXAMPLE, *options)
    assert code == 0
    n_splits = int(re.search(r"about (\d+) splits", out)[1])
    assert n_splits == pytest.approx(EXAMPLE.stat().st_size / 16384, abs=1)
    assert "pass 1 of 1: read → nfc → " in out


def test_check_without_input_shows_the_recipe_alone(korpus):
    code, out, err = korpus("check", "kcelectra", "--set", "vocab=null")
    assert (code, err) == (0, "")
    body, last = out.rstrip("\n").rsplit("\n", 1)
    assert yaml.safe_load(body) == recipe.load("kcelectra", ["vocab=null"]).filled()
    assert last == "No input was given: name files with -i to see the passes and what they need."


def test_stages_are_listed_by_kind(korpus):
    code, out, err = korpus("stages")
    assert (code, err) == (0, "")
    listed = re.findall(r"^  (\w+)  ", out, re.MULTILINE)
    assert sorted(listed) == registry.names()
    assert out.index("Edits ") < out.index("  nfc ") < out.index("Filters ") < out.index("  length ")


@pytest.mark.parametrize("name", registry.names())
def test_a_stage_is_explained(korpus, name):
    code, out, err = korpus("stages", name)
    assert (code, err) == (0, "")
    assert out.startswith(f"{name} ({registry.get(name).kind}, version {registry.get(name).version})\n")
    assert max(map(len, out.splitlines())) <= 120


def test_the_options_of_a_stage_show_type_bounds_and_default(korpus):
    _, out, _ = korpus("stages", "minhash_dedup")
    assert "  threshold: float >0..1 (default 0.8)\n" in out
    assert "  seed: int 0..<4294967296 (default 1)\n" in out
    assert "  bands: int 1.. | null (default null)\n" in out
    assert '  compare: normalized | text | loose | jamo (default "normalized")\n' in out
    assert "  pattern: str (required)\n" in korpus("stages", "regex_replace")[1]
    assert korpus("stages", "nfc")[1].endswith("It has no options.\n")


def test_a_stage_that_is_not_there(fails):
    assert fails(2, "stages", "lenght") == "there is no stage 'lenght' (did you mean 'length'?); see: korpus stages"


def test_recipes_are_listed_and_printed(korpus, fails):
    code, out, err = korpus("recipes")
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == sorted(recipe.bundled())
    for name, path in recipe.bundled().items():
        assert korpus("recipes", name) == (0, path.read_text(encoding="utf-8"), "")
    assert fails(2, "recipes", "kcelektra").startswith("there is no recipe 'kcelektra' (did you mean 'kcelectra'?); ")


def test_a_shell_may_expand_the_input_to_many_names(tmp_path):
    names = []
    for i in range(3):
        names.append(str(tmp_path / f"{i}.txt"))
        Path(names[-1]).write_text(f"글 {i}\n", "utf-8")
    out = tmp_path / "out"
    main(["run", "kcelectra", "-i", *names, "-o", str(out), "--workers", "1", "--set", "vocab=null", "-q"])
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert [entry["path"] for entry in manifest["inputs"]] == names
