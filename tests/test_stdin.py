"""Standard input as an input: its format, where it is kept meanwhile, and what is left of it."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import korpus
from korpus.errors import DataError, RecipeError, ResumeError
from korpus.io.stdin import spooled
from tests.corpus import RECIPE, checked, documents, kept, ledger, run, tree, write_jsonl

ROOT = Path(korpus.__file__).parent.parent
DOCS = documents(120)
JSONL = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in DOCS).encode()


class Stream(io.BytesIO):
    """What a shell gives a program to read."""

    def __init__(self, data, terminal=False):
        super().__init__(data)
        self.isatty = lambda: terminal


@pytest.fixture
def typed(monkeypatch):
    def typed(data, terminal=False):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Stream(data, terminal)))

    return typed


def texts(out):
    return kept(out).column("text").to_pylist()


def table(ending):
    sink = pa.BufferOutputStream()
    rows = pa.Table.from_pylist(DOCS)
    if ending == "parquet":
        pq.write_table(rows, sink)
    else:
        with pa.ipc.new_file(sink, rows.schema) as file:
            file.write_table(rows)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize(
    "data",
    [
        JSONL,
        b"\xef\xbb\xbf" + JSONL,
        b"\n " + JSONL,
        JSONL.decode().encode("utf-16"),
        gzip.compress(JSONL),
        bz2.compress(JSONL),
        lzma.compress(JSONL),
        pa.compress(JSONL, "zstd", asbytes=True),
        json.dumps(DOCS, ensure_ascii=False, indent=1).encode(),
        gzip.compress(json.dumps(DOCS).encode()),
        table("parquet"),
        table("arrow"),
    ],
    ids=["jsonl", "bom", "space", "utf-16", "gz", "bz2", "xz", "zst", "json", "json.gz", "parquet", "arrow"],
)
def test_its_format_is_told_by_what_it_begins_with(typed, tmp_path, data):
    typed(data)
    run({"stages": ["nfc"]}, ["-"], tmp_path / "out")
    assert texts(tmp_path / "out") == [row["text"] for row in DOCS if row["text"]]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_what_begins_like_nothing_known_is_text(typed, tmp_path):
    typed("이것은 첫째 줄입니다\n그리고 둘째 줄이고요\n".encode("cp949"))
    run({}, ["-"], tmp_path / "lines")
    assert texts(tmp_path / "lines") == ["이것은 첫째 줄입니다", "그리고 둘째 줄이고요"]
    typed(gzip.compress("첫째 줄\n둘째 줄\n".encode()))
    run({"input": {"format": "files"}}, ["-"], tmp_path / "whole")
    assert texts(tmp_path / "whole") == ["첫째 줄\n둘째 줄\n"]
    typed(b"text,n\n\xea\xb0\x80,1\n")
    run({"input": {"format": "csv"}}, ["-"], tmp_path / "csv")
    assert texts(tmp_path / "csv") == ["가"]


def test_it_is_a_file_like_others_named_by_a_dash(typed, tmp_path):
    beside = write_jsonl(tmp_path / "beside.jsonl", DOCS[:50])
    write_jsonl(tmp_path / "a.jsonl", DOCS)
    run(RECIPE, [beside, tmp_path / "a.jsonl"], tmp_path / "straight")
    typed(JSONL)
    done = run(RECIPE, [beside, "-"], tmp_path / "out", 2)
    assert [file["path"] for file in done.manifest["inputs"]] == [str(beside), "-"]
    assert done.manifest["recipe"]["input"]["paths"] == [str(beside), "-"]
    assert {row["path"] for row in ledger(tmp_path / "out")} == {str(beside), "-"}
    assert "stdin" not in "".join(path.read_text("utf-8", "replace") for path in (tmp_path / "out").glob("*.*"))
    straight = tree(tmp_path / "straight")
    same = {name: digest for name, digest in tree(tmp_path / "out").items() if name.startswith(("data", "counts"))}
    assert len(same) > 2
    assert same.items() <= straight.items()


def test_a_source_may_be_standard_input(typed, tmp_path):
    typed(JSONL)
    beside = write_jsonl(tmp_path / "beside.jsonl", DOCS[:50])
    done = run({"sources": {"one": {}, "two": {}}}, ["one=-", f"two={beside}"], tmp_path / "out")
    assert [file["path"] for file in done.manifest["inputs"]] == ["-", str(beside)]


def test_the_same_again_is_finished_and_another_text_is_another_run(typed, tmp_path, monkeypatch):
    typed(JSONL)
    run(RECIPE, ["-"], tmp_path / "out")
    before = tree(tmp_path / "out")
    typed(JSONL)
    run(RECIPE, ["-"], tmp_path / "out")
    assert tree(tmp_path / "out") == before
    typed(JSONL[: len(JSONL) // 2])
    with pytest.raises(ResumeError, match=r"holds another run \(its input files"):
        run(RECIPE, ["-"], tmp_path / "out")
    assert tree(tmp_path / "out") == before
    assert not (tmp_path / "out" / ".korpus").exists()
    typed(JSONL[: len(JSONL) // 2])
    run(RECIPE, ["-"], tmp_path / "out", fresh=True)
    typed(JSONL[: len(JSONL) // 2])
    run(RECIPE, ["-"], tmp_path / "straight")
    assert tree(tmp_path / "out") == tree(tmp_path / "straight") != before


@pytest.mark.parametrize("fresh", [False, True])
def test_an_interrupted_run_goes_on_with_the_same_text_only(typed, tmp_path, monkeypatch, fresh):
    with monkeypatch.context() as patch:
        patch.setattr("korpus.engine.run.Run._shards", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        typed(JSONL)
        with pytest.raises(KeyboardInterrupt):
            run(RECIPE, ["-"], tmp_path / "out", fresh=fresh)
    work = tmp_path / "out" / ".korpus"
    assert work.exists()
    assert not list(work.glob("stdin*"))
    typed(JSONL + b"\n")
    with pytest.raises(ResumeError, match=r"holds another run \(its input files"):
        run(RECIPE, ["-"], tmp_path / "out")
    assert not list(work.glob("stdin*"))
    typed(JSONL)
    run(RECIPE, ["-"], tmp_path / "out", fresh=fresh)
    typed(JSONL)
    run(RECIPE, ["-"], tmp_path / "straight")
    assert tree(tmp_path / "out") == tree(tmp_path / "straight")
    assert not work.exists()


def test_looking_leaves_nothing_behind(typed, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.chdir(tmp_path)
    typed(JSONL)
    assert "  - (jsonl, utf-8, " in checked(RECIPE, ["-"])
    typed(JSONL)
    assert "whitespace" in [found.stage for found in korpus.api.diff(RECIPE, ["-"]).stages]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("inputs", "data", "expected"),
    [
        (["-", "-"], JSONL, (RecipeError, "- is given twice, but standard input can be read only once")),
        (["-"], b"", (DataError, "there is nothing to read: - is empty")),
        (["-"], b'{"body": "a"}\n', (korpus.errors.SchemaError, "no column 'text'")),
        (["-"], b"{not at all", (DataError, "the input has no documents: -")),
    ],
)
def test_what_cannot_be_read_leaves_nothing_behind(typed, tmp_path, inputs, data, expected):
    typed(data)
    with pytest.raises(expected[0], match=expected[1]):
        run(RECIPE, inputs, tmp_path / "a" / "out")
    assert not list(tmp_path.iterdir())


def test_a_terminal_is_not_waited_for(typed, tmp_path):
    typed(b"", terminal=True)
    with pytest.raises(RecipeError, match=r"- reads standard input, which is a terminal; send something to it: "):
        run(RECIPE, ["-"], tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_a_foreign_folder_is_refused_and_left_as_it_was(typed, tmp_path):
    typed(JSONL)
    (tmp_path / "data").mkdir()
    with pytest.raises(ResumeError, match="holds 'data', which no run of korpus has left"):
        run(RECIPE, ["-"], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_full_disk_is_said_and_nothing_stays(tmp_path):
    class Full(Stream):
        def read(self, n=-1):
            raise OSError(28, "No space left on device")

    with pytest.raises(DataError, match="the disk is full"), spooled(Full(b""), tmp_path / "work"):
        pass
    assert not list(tmp_path.iterdir())


def test_in_a_pipe(tmp_path):
    (tmp_path / "r.yaml").write_text("stages: [length]\n")
    command = [sys.executable, "-m", "korpus", "run", "r.yaml", "-i", "-", "-o", "out", "--workers", "2", "-q"]
    done = subprocess.run(
        command, input=gzip.compress(JSONL), capture_output=True, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert len(texts(tmp_path / "out")) > 50
