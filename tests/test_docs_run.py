"""Every block of the README and of the documentation runs as it stands, on small inputs of the names that it uses.

The blocks of a page run one after another in a folder of its own. A recipe whose first line is ``# NAME.yaml`` is saved
under that name; any other is run. A block of text right behind commands is what they print, line for line, but for what
``…`` stands for.
"""

from __future__ import annotations

import ast
import bz2
import contextlib
import gzip
import importlib.util
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from inspect import signature
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import pyarrow as pa
import pytest
import yaml

import korpus
from korpus import api
from korpus.cli import main
from tests.elsewhere import s3_store

ROOT = Path(korpus.__file__).parent.parent
DOCS = ROOT / "docs"
ENGLISH = sorted((DOCS / "en").rglob("*.md"))
# A page that needs a cluster has tests of its own.
PAGES = [ROOT / "README.md", *ENGLISH]
TRANSLATED = {path: DOCS / "ko" / path.relative_to(DOCS / "en") for path in PAGES[1:]}
TRANSLATED[ROOT / "README.md"] = ROOT / "README.ko.md"
INSTALL = "python3 -m venv"
# They make a model of a corpus, and are no part of what tests need.
TRAINING = {"datasets", "torch", "transformers"}
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
CREAMS = [f"보습크림 수분크림 {i}번 발라 봤어요 촉촉하네요 보습크림 추천합니다" for i in range(30)]
MEALS = [f"김치찌개 {i}번 먹어 봤어요 정말 맛있네요 김치찌개 추천합니다" for i in range(30)]
PAGE = (
    "<page><title>서울</title><ns>0</ns><id>1</id><revision><id>2</id><timestamp>2024-05-01T00:00:00Z</timestamp>"
    '<text xml:space="preserve">서울은 [[대한민국]]의 수도이다.</text></revision></page>'
)
SAMI = """<SAMI><HEAD><STYLE TYPE="text/css">
<!--
.KRCC { Name:한국어; lang:ko-KR; SAMIType:CC; }
-->
</STYLE></HEAD><BODY>
<SYNC Start=1000><P Class=KRCC>안녕하세요
</BODY></SAMI>
"""
CHAT = """우리 반 2 카카오톡 대화
저장한 날짜 : 2024년 5월 3일 오전 9:00

2024년 5월 2일 오전 12:31, 홍길동 : 안녕하세요
"""
KORQUAD = {"data": [{"title": "서울", "paragraphs": [{"context": "서울은 수도이다.", "qas": []}]}]}
TALK = {"info": {"id": "S1"}, "utterances": [{"text": "안녕하세요."}, {"text": "반갑습니다."}]}
MODU = {"document": [{"id": "N1", "paragraph": [{"form": "첫 문단입니다."}, {"form": "둘째 문단입니다."}]}]}
NAMU = [{"namespace": 0, "title": "서울", "text": "서울은 [[대한민국]]의 수도이다.", "contributors": []}]


class Block(NamedTuple):
    """A block of a page: where it stands, its language, and whether it follows right upon the one before."""

    line: int
    language: str
    text: str
    follows: bool


def blocks(path):
    text, found, end = path.read_text(encoding="utf-8"), [], -1
    for match in re.finditer(r"^```(\w*)\n(.*?)^```\n?", text, re.DOTALL | re.MULTILINE):
        follows = end >= 0 and not text[end : match.start()].strip()
        found.append(Block(text.count("\n", 0, match.start()) + 2, match[1], match[2], follows))
        end = match.end()
    return found


def lines(rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with everything that the pages name, in which the recipe of the README has been run."""
    folder = tmp_path_factory.mktemp("docs")
    shutil.copytree(ROOT / "examples", folder / "examples")
    shutil.copytree(ROOT / "pipelines", folder / "pipelines")
    shutil.copy(ROOT / "examples" / "comments.jsonl", folder)
    (folder / "bin").mkdir()
    (folder / "bin" / "korpus").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m korpus "$@"\n')
    (folder / "bin" / "korpus").chmod(0o755)
    for name in ("raw", "law", "reviews", "talks"):
        (folder / name).mkdir()
    labelled = [*((text, "화장품") for text in CREAMS), *((text, "식품") for text in MEALS)]
    rows = [
        {"id": i, "date": "2024-05-01", "body": text, "category": category, "likes": i % 7}
        for i, (text, category) in enumerate(labelled)
    ]
    (folder / "raw" / "0.jsonl.gz").write_bytes(gzip.compress(lines(rows)))
    (folder / "reviews" / "0.jsonl").write_bytes(lines(rows))
    (folder / "law" / "0.txt").write_text("제1조 이 법은 저작자의 권리를 보호한다. 제2조 뜻은 다음과 같다.", "utf-8")
    (folder / "raw.txt").write_text("안녕하세요ㅋㅋㅋㅋㅋ 정말 좋아요\n", encoding="utf-8")
    (folder / "evaluation.tsv").write_text(f"id\tdocument\n1\t{CREAMS[0]}\n", encoding="utf-8")
    dump = f'<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/">{PAGE}</mediawiki>'
    (folder / "kowiki-pages-articles.xml.bz2").write_bytes(bz2.compress(dump.encode()))
    for name, data in (("namuwiki", NAMU), ("modu", MODU), ("korquad", KORQUAD), ("talks/1", TALK)):
        (folder / f"{name}.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    (folder / "ratings_train.txt").write_text("id\tdocument\tlabel\n1\t재밌어요\t1\n", encoding="utf-8")
    (folder / "nohead.tsv").write_text("1\t재밌어요\t1\n", encoding="utf-8")
    pairs = "sentence1\tsentence2\tgold_label\n비가 온다.\t눈이 온다.\tcontradiction\n"
    (folder / "multinli.train.ko.tsv").write_text(pairs, encoding="utf-8")
    (folder / "movie.smi").write_text(SAMI, encoding="utf-8")
    (folder / "chat.txt").write_text(CHAT, encoding="utf-8")
    chars = sorted({char for text in (*CREAMS, *MEALS) for char in text} - {" "})
    known = [*SPECIAL, *chars, *(f"##{char}" for char in chars)]
    (folder / "kcbert.txt").write_text("\n".join([*known, "추천합니다"]) + "\n", encoding="utf-8")
    unused = [f"[unused{i}]" for i in range(20)]
    (folder / "koelectra.txt").write_text("\n".join([*known, *unused]) + "\n", encoding="utf-8")
    (folder / "petitions.jsonl.gz").write_bytes(gzip.compress(lines([{"content": text} for text in MEALS])))
    (folder / "comments.txt.gz").write_bytes(gzip.compress("\n".join(CREAMS).encode()))
    (recipe,) = (block.text for block in blocks(ROOT / "README.md") if block.language == "yaml")
    (folder / "recipe.yaml").write_text(recipe, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        api.run("recipe.yaml", workers=1, quiet=True)
    for name in ("out-a", "out-b"):
        shutil.copytree(folder / "out", folder / name)
    return folder


@pytest.fixture
def here(made, tmp_path, monkeypatch):
    """A copy of that folder to be in; the command `korpus` is found, and works in one process."""
    folder = tmp_path / "here"
    shutil.copytree(made, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setattr("korpus.engine.local.n_cores", lambda: 1)
    monkeypatch.setattr("korpus.engine.local.get_ready", lambda *_: None)
    return folder


def typed(text):
    """Type a line into a shell; a plain korpus command runs in this process, as starting one takes a second."""
    if text.startswith("korpus ") and not set(text.partition(" #")[0]) & set("|<>;&$*"):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            main(shlex.split(text, comments=True)[1:])
        return said.getvalue()
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], capture_output=True, text=True)
    assert done.returncode == 0, f"{text}\n{done.stderr}"
    return done.stdout


def ran(recipe):
    """Run a recipe, or each stage of a list of them, on what it names or on reviews."""
    data = yaml.safe_load(recipe)
    several = [{"stages": [stage], "input": {"text": "body"}} for stage in data] if isinstance(data, list) else [data]
    for i, each in enumerate(several):
        given = None if "paths" in str(each) else ["reviews"]
        out = f"ran-{len(list(Path.cwd().glob('ran-*')))}-{i}"
        assert api.run(each, given, out, quiet=True).manifest["read"]["n_in"], recipe


def require_printed(told, said):
    """Every line of a block is the beginning of one that was printed; `…` stands for others."""
    printed = [line.split() for line in said.splitlines()]
    for line in filter(None, (line.split() for line in told.splitlines())):
        assert line == ["…"] or any(real[: len(line)] == line for real in printed), f"{' '.join(line)}\n\nof\n\n{said}"


def missing_for_training(code):
    tree = ast.parse(code)
    found = {node.module.split(".")[0] for node in tree.body if isinstance(node, ast.ImportFrom)}
    found |= {alias.name.split(".")[0] for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    return [name for name in found & TRAINING if importlib.util.find_spec(name) is None]


def run_page(path):
    """Run the blocks of a page in this folder; return the names that its Python has made."""
    names = {"batch": pa.record_batch({"text": CREAMS}), "texts": pa.array(CREAMS)}
    said = ""
    for block in blocks(path):
        try:
            if block.language == "sh":
                typed_ = [line for line in block.text.splitlines() if line and not line.startswith("#")]
                said = "".join(typed(line) for line in typed_ if not line.startswith(INSTALL))
            elif block.language == "yaml":
                saved = re.match(r"# ([\w.-]+\.yaml)\n", block.text)
                if saved:
                    Path(saved[1]).write_text(block.text, encoding="utf-8")
                elif block.text != Path("recipe.yaml").read_text(encoding="utf-8"):
                    ran(block.text)
            elif block.language == "python" and not missing_for_training(block.text):
                exec(compile(block.text, str(path), "exec"), names)
            elif block.language == "sql":
                pytest.importorskip("duckdb").sql(block.text).fetchall()
            elif block.language == "text" and block.follows:
                require_printed(block.text, said)
        except (Exception, SystemExit) as error:
            raise AssertionError(f"{path.relative_to(ROOT)}:{block.line}: {type(error).__name__}: {error}") from error
    return names


def require_as_specified(folder):
    """What the page on the output folder has to check one says nothing against this one."""
    (check,) = (block.text for block in blocks(DOCS / "en" / "output.md") if block.language == "python")
    assert 'Path("out")' in check
    exec(check.replace('Path("out")', repr(folder)), {"PosixPath": Path, "WindowsPath": Path})


def id_of(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize(
    "path", [path for path in PAGES if path.stem not in ("README", "elsewhere", "clusters")], ids=id_of
)
def test_a_page_runs(path, here):
    names = run_page(path)
    for manifest in here.rglob("manifest.json"):
        require_as_specified(manifest.parent)
    if path.stem == "library":
        assert names["clean"]("ㅋㅋ") is None
        assert names["dropped"].schema.names == ["row", "stage", "reason", "text"]


def test_the_readme_runs(here):
    shutil.rmtree("out")
    # What its first command does is done by the test that follows its two commands.
    api.run("pipelines/kcelectra.yaml", ["examples/comments.jsonl"], "out", quiet=True)
    run_page(ROOT / "README.md")


def test_the_page_on_other_stores_runs(here, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(here / "cache"))
    with s3_store() as bucket:
        bucket.put("raw/0.jsonl", Path("comments.jsonl").read_bytes())
        run_page(DOCS / "en" / "how-to" / "elsewhere.md")


def test_the_page_on_clusters_calls_what_there_is(monkeypatch):
    calls = []
    monkeypatch.setitem(sys.modules, "pyspark.sql", mock.MagicMock())
    monkeypatch.setattr(korpus, "SparkEngine", lambda session: "spark")
    monkeypatch.setattr(korpus, "run", lambda *args, **given: calls.append(signature(api.run).bind(*args, **given)))
    for block in blocks(DOCS / "en" / "clusters.md"):
        if block.language == "python":
            exec(compile(block.text, "clusters.md", "exec"), {})
    assert [call.arguments["engine"] for call in calls] == ["spark"]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_messages_on_clusters_are_those_of_the_code(language):
    code = [
        *(ROOT / "korpus" / "engine").glob("*.py"),
        ROOT / "korpus" / "errors.py",
        ROOT / "korpus" / "io" / "lease.py",
    ]
    said = re.sub(r'"\s*\n\s*f?"', "", "".join(path.read_text(encoding="utf-8") for path in code))
    page = (DOCS / language / "clusters.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"\|---\|---\|\n(\| `the engine .*?)\n(?:\n|\Z)", page, re.DOTALL)
    messages = [row.split("`")[1] for row in table.splitlines()]
    assert len(messages) > 9
    for message in messages:
        assert all(part.strip() in said for part in message.removesuffix("needs …").split("…")), message


def test_the_main_recipe_makes_a_corpus_and_its_vocabularies(made):
    manifest = json.loads((made / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["domains"]) == {"cosmetics", "food"}
    assert (made / "out" / "vocab" / "cosmetics" / "vocab.txt").exists()


@pytest.mark.parametrize("path", PAGES, ids=id_of)
def test_no_kind_of_block_is_forgotten(path):
    assert {block.language for block in blocks(path)} <= {"sh", "yaml", "python", "sql", "text"}


def plain(block):
    """Return a block without comments, which are in the language of the page."""
    text = re.sub(r"(?m)(?:^|\s+)#(?! \S+\.yaml$)[^\n]*$", "", block.text)
    return block.language, [line.rstrip() for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("path", PAGES, ids=id_of)
def test_the_korean_page_has_the_same_blocks(path):
    korean = TRANSLATED[path]
    assert korean.exists(), f"{path.name} has no Korean page"
    both = [[block for block in blocks(each) if block.language != "text" or block.follows] for each in (path, korean)]
    assert list(map(plain, both[0])) == list(map(plain, both[1]))


@pytest.mark.slow
def test_the_two_commands_run_one_after_the_other_in_a_fresh_clone(tmp_path):
    clone = tmp_path / "korpus"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    readme = [line for block in blocks(ROOT / "README.md") for line in block.text.splitlines()]
    first, second = [line for line in readme if line.startswith(INSTALL)]
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}

    def type_(text):
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text], cwd=clone, env=env, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    type_(first)
    (installed,) = clone.glob(".venv/lib/python*/site-packages/korpus")
    suffixes = {path.suffix for path in installed.rglob("*") if path.is_file()}
    assert suffixes <= {".py", ".pyc", ".tsv", ".txt", ".typed", ".yaml"}
    # The tests are run by whoever runs this one.
    type_(second.replace(" -m pytest", " -m pytest -n 0 -q tests/test_layers.py"))
    assert str(clone / "korpus") in type_(".venv/bin/python -c 'import korpus; print(korpus.__file__)'")
    type_(".venv/bin/korpus run pipelines/kcelectra.yaml -i examples/comments.jsonl -o again -q")
    type_(".venv/bin/pip uninstall -q -y korpus-toolkit")
    assert not installed.exists()
