"""Consoles and names of files that lack characters stop nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import korpus
from korpus import api
from korpus.errors import DataError
from korpus.io.readers.discover import discover
from tests.corpus import checked, kept, write_jsonl

ROOT = Path(korpus.__file__).parent.parent
TEXT = "이름이 어떻든 글은 글입니다"
UNZIPPED = b"\xb5\xa5\xc0\xcc\xc5\xcd"
"""The name 데이터 in CP949, as it comes out of archives made on a Korean Windows."""


COMMANDS = """
import sys
from itertools import groupby
from korpus.cli import main
for is_end, args in groupby(sys.argv[1:], ";".__eq__):
    if not is_end:
        code = 0
        try:
            main([*args])
        except SystemExit as end:
            code = end.code or 0
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            stream.buffer.write(b"\\0%d\\0" % code)
            stream.flush()
"""


def korpus_in(folder, *commands, **environment):
    """Give commands in a folder, one after the other in one process; return exit code, output and errors of each."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "PYTHONIOENCODING"))}
    env.update({"PYTHONPATH": str(ROOT), **environment})
    args = [os.fsencode(arg) for command in commands for arg in (*command, ";")]
    done = subprocess.run([sys.executable, "-c", COMMANDS, *args], cwd=folder, env=env, capture_output=True)
    assert b"Traceback" not in done.stderr, done.stderr
    (*out, _), (*said, _) = (stream.split(b"\0") for stream in (done.stdout, done.stderr))
    assert len(out) == len(said) == 2 * len(commands)
    return list(zip(map(int, out[1::2]), out[::2], said[::2]))


CONSOLES = [
    {"PYTHONIOENCODING": "cp949"},
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "latin-1:strict"},
    {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
]


@pytest.mark.parametrize("console", CONSOLES, ids=str)
def test_a_console_that_lacks_characters_stops_nothing(tmp_path, console):
    write_jsonl(tmp_path / "in.jsonl", [{"text": "좋아요😀 — 짧다 ⏎ 😀"}])
    (tmp_path / "r.yaml").write_text("stages: [nfc, emoji]\n")
    run, *others, failed = korpus_in(
        tmp_path,
        ["run", "r.yaml", "-i", "in.jsonl", "-o", "out", "--workers", "1"],
        ["show", "out"],
        ["diff", "recommended", "--text", "좋아요😀"],
        ["check", "r.yaml", "-i", "in.jsonl"],
        ["run", "r.yaml", "-i", "없는😀.jsonl", "-o", "other"],
        **console,
    )
    assert b"1 document kept" in run[1] or b"1 documents kept" in run[1]
    for code, out, said in (run, *others):
        assert (code, said) == (0, b"")
        assert out
    code, _, said = failed
    assert code == 1
    assert said.startswith(b"error: there is no file or folder ")


def test_what_a_console_lacks_becomes_a_question_mark(tmp_path):
    command = ["diff", "recommended", "--text", "좋아요😀 가나다라"]
    ((code, out, _),) = korpus_in(tmp_path, command, PYTHONIOENCODING="cp949")
    assert code == 0
    assert "좋아요? 가나다라" in out.decode("cp949")


def test_no_color_is_heeded(monkeypatch):
    from korpus.cli import options

    monkeypatch.setattr(options.sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert options.terminal()["color"]
    monkeypatch.setenv("NO_COLOR", "1")
    assert not options.terminal()["color"]


@pytest.fixture
def raw(tmp_path):
    """A folder with files of names in CP949, in several formats."""
    folder = tmp_path / "raw"
    folder.mkdir()
    write_jsonl(folder / "ok.jsonl", [{"text": TEXT}])
    for ending in (b".jsonl", b".txt", b".jsonl.gz", b".parquet", b".arrow"):
        path = os.fsdecode(os.fsencode(folder) + b"/" + UNZIPPED + ending)
        if ending in (b".parquet", b".arrow"):
            with open(path, "wb") as file:
                table = pa.table({"text": [TEXT]})
                if ending == b".parquet":
                    pq.write_table(table, file)
                else:
                    with pa.ipc.new_file(file, table.schema) as writer:
                        writer.write_table(table)
            continue
        data = TEXT.encode() if ending == b".txt" else json.dumps({"text": TEXT}).encode()
        if ending.endswith(b".gz"):
            import gzip

            data = gzip.compress(data)
        with open(path, "wb") as file:
            file.write(data + (b"" if ending.endswith(b".gz") else b"\n{\n" if b"jsonl" in ending else b"\n"))
    return folder


SHOWN = r"\xb5\xa5\xc0\xcc\xc5\xcd"


def test_names_that_are_not_utf_8_are_read_and_shown_escaped(raw, tmp_path):
    recipe = {"stages": ["nfc"], "engine": {"max_bad_ratio": 1.0}}
    result = api.run(recipe, [raw], tmp_path / "out", workers=1, quiet=True)
    assert result.manifest["kept"]["n_docs"] == 6
    names = [Path(file["path"]).name for file in result.manifest["inputs"]]
    assert f"{SHOWN}.parquet" in names
    assert len(set(names)) == 6
    rejects = pq.read_table(tmp_path / "out" / "rejects").to_pylist()
    assert [Path(reject["path"]).name for reject in rejects] == [f"{SHOWN}.jsonl"]
    assert SHOWN in str(result) + checked(recipe, [raw])
    for written in ("report.html", "README.md", "manifest.json"):
        (tmp_path / "out" / written).read_text(encoding="utf-8")


@pytest.mark.parametrize("how", ["file", "folder", "glob"])
def test_names_that_are_not_utf_8_may_be_given(tmp_path, how):
    folder = os.fsdecode(os.fsencode(tmp_path) + b"/" + UNZIPPED)
    Path(folder).mkdir()
    write_jsonl(Path(folder, "a.jsonl"), [{"text": TEXT}])
    given = {"file": f"{folder}/a.jsonl", "folder": folder, "glob": f"{folder}/*.jsonl"}[how]
    (tmp_path / "r.yaml").write_text("stages: [nfc]\n")
    (code, out, said), failed = korpus_in(
        tmp_path,
        ["run", "r.yaml", "-i", given, "-o", "out", "--workers", "1"],
        ["run", "r.yaml", "-i", f"{folder}/b.jsonl", "-o", "other"],
    )
    assert (code, said) == (0, b"")
    assert len(kept(tmp_path / "out")) == 1
    code, _, said = failed
    assert code == 1
    assert SHOWN.encode() in said


def test_a_name_that_is_too_long_is_said_before_the_work(tmp_path):
    write_jsonl(tmp_path / "in.jsonl", [{"text": TEXT}])
    (tmp_path / "r.yaml").write_text("stages: [nfc]\n")
    (code, out, said), failed, longest = korpus_in(
        tmp_path,
        ["run", "r.yaml", "-i", "in.jsonl", "-o", "가" * 300, "--workers", "1"],
        ["run", "r.yaml", "-i", "나" * 300, "-o", "out"],
        ["run", "r.yaml", "-i", "in.jsonl", "-o", "x" * 250, "--workers", "1"],
    )
    assert (code, out) == (1, b"")
    assert said.startswith(b"error: ")
    assert b"File name too long" in said
    assert b"unexpected" not in said
    code, _, said = failed
    assert code == 1
    assert b"unexpected" not in said
    assert longest[0] == 0


@pytest.mark.parametrize(
    "command",
    [["run", "r.yaml", "-i", "in.jsonl"], ["export", "out", "--format", "text"], ["vocab", "train", "out"]],
)
def test_a_folder_whose_name_cannot_be_written_to_is_refused_before_the_work(tmp_path, command):
    write_jsonl(tmp_path / "in.jsonl", [{"text": TEXT}])
    (tmp_path / "r.yaml").write_text("stages: [nfc]\n")
    ((code, out, said),) = korpus_in(tmp_path, [*command, "-o", os.fsdecode(UNZIPPED)])
    assert (code, out) == (2, b"")
    assert f"must be a name in UTF-8, got {SHOWN}".encode() in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "r.yaml"]


# Brackets.


@pytest.fixture
def news(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("[뉴스]", "[뉴스]/[2024] 사회", "댓글"):
        Path(folder).mkdir()
        write_jsonl(Path(folder, "a.jsonl"), [{"text": TEXT}])
    return tmp_path


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("[뉴스]/*.jsonl", ["[뉴스]/a.jsonl"]),
        ("[뉴스]", ["[뉴스]/[2024] 사회/a.jsonl", "[뉴스]/a.jsonl"]),
        ("[뉴스]/a.jsonl", ["[뉴스]/a.jsonl"]),
        ("[뉴스]/**/*.jsonl", ["[뉴스]/[2024] 사회/a.jsonl", "[뉴스]/a.jsonl"]),
        ("[뉴스]/[2024] 사회/*.jsonl", ["[뉴스]/[2024] 사회/a.jsonl"]),
        ("[뉴스]/*/?.jsonl", ["[뉴스]/[2024] 사회/a.jsonl"]),
        ("./[뉴스]/*.jsonl", ["[뉴스]/a.jsonl"]),
        ("[댓뉴][글스]/*.jsonl", ["댓글/a.jsonl"]),
        ("[[]뉴스]/*.jsonl", ["[뉴스]/a.jsonl"]),
    ],
)
def test_brackets_in_names_of_folders(news, pattern, found):
    for given in (pattern, str(news / pattern)):
        paths = [Path(file.path) for file in discover([given])]
        assert [path.relative_to(news) if path.is_absolute() else path for path in paths] == list(map(Path, found))


def test_brackets_that_match_nothing_are_explained(news):
    with pytest.raises(DataError, match=r"nothing matches \[뉴스\]/b\*; \[ \] stands for .*, write \[\[\] for a \["):
        discover(["[뉴스]/b*"])
