"""Every block of the README runs as it stands, on small inputs of the names that it uses."""

from __future__ import annotations

import bz2
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

import korpus
from korpus import api

ROOT = Path(korpus.__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
CREAMS = [f"보습크림 수분크림 {i}번 발라 봤어요 촉촉하네요 보습크림 추천합니다" for i in range(30)]
MEALS = [f"김치찌개 {i}번 먹어 봤어요 정말 맛있네요 김치찌개 추천합니다" for i in range(30)]
PAGE = (
    "<page><title>서울</title><ns>0</ns><id>1</id><revision><id>2</id><timestamp>2024-05-01T00:00:00Z</timestamp>"
    '<text xml:space="preserve">서울은 [[대한민국]]의 수도이다.</text></revision></page>'
)


def blocks(language):
    return [text for name, text in BLOCKS if name == language]


def lines(rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A folder with everything that the README names, and korpus on its path."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "examples", folder / "examples")
    shutil.copy(ROOT / "examples" / "comments.jsonl", folder)
    (folder / "bin").mkdir()
    (folder / "bin" / "korpus").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m korpus "$@"\n')
    (folder / "bin" / "korpus").chmod(0o755)
    for name in ("raw", "law", "reviews"):
        (folder / name).mkdir()
    rows = [
        {"id": i, "date": "2024-05-01", "body": text, "category": category}
        for i, (text, category) in enumerate([*((t, "화장품") for t in CREAMS), *((t, "식품") for t in MEALS)])
    ]
    (folder / "raw" / "0.jsonl.gz").write_bytes(gzip.compress(lines(rows)))
    (folder / "reviews" / "0.jsonl").write_bytes(lines(rows))
    (folder / "law" / "0.txt").write_text("제1조 이 법은 저작자의 권리를 보호한다. 제2조 뜻은 다음과 같다.", "utf-8")
    (folder / "raw.txt").write_text("안녕하세요ㅋㅋㅋㅋㅋ 정말 좋아요\n", encoding="utf-8")
    (folder / "evaluation.tsv").write_text(f"id\tdocument\n1\t{CREAMS[0]}\n", encoding="utf-8")
    dump = f'<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/">{PAGE}</mediawiki>'
    (folder / "kowiki-pages-articles.xml.bz2").write_bytes(bz2.compress(dump.encode()))
    namu = [{"namespace": 0, "title": "서울", "text": "서울은 [[대한민국]]의 수도이다.", "contributors": []}]
    (folder / "namuwiki.json").write_text(json.dumps(namu, ensure_ascii=False), encoding="utf-8")
    modu = {"document": [{"id": "N1", "paragraph": [{"form": "첫 문단입니다."}, {"form": "둘째 문단입니다."}]}]}
    (folder / "modu.json").write_text(json.dumps(modu, ensure_ascii=False), encoding="utf-8")
    chars = sorted({char for text in (*CREAMS, *MEALS) for char in text} - {" "})
    known = [*SPECIAL, *chars, *(f"##{char}" for char in chars)]
    (folder / "kcbert.txt").write_text("\n".join([*known, "추천합니다"]) + "\n", encoding="utf-8")
    unused = [f"[unused{i}]" for i in range(20)]
    (folder / "koelectra.txt").write_text("\n".join([*known, *unused]) + "\n", encoding="utf-8")
    (folder / "petitions.jsonl.gz").write_bytes(gzip.compress(lines([{"content": text} for text in MEALS])))
    (folder / "comments.txt.gz").write_bytes(gzip.compress("\n".join(CREAMS).encode()))
    return folder


@pytest.fixture(scope="module")
def made(here):
    """The same folder, in which the recipe of the README has been run."""
    (recipe,) = (text for text in blocks("yaml") if text.startswith("korpus: 1"))
    (here / "recipe.yaml").write_text(recipe, encoding="utf-8")
    typed(here, "korpus run recipe.yaml --workers 1 -q")
    for name in ("out-a", "out-b"):
        shutil.copytree(here / "out", here / name)
    return here


def typed(folder, text):
    """Type a text into a shell."""
    env = {**os.environ, "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0, f"{text}\n{done.stderr}"
    return done.stdout


INSTALL = "python3 -m venv"


def test_the_main_recipe_makes_a_corpus_and_its_vocabularies(made):
    manifest = json.loads((made / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["domains"]) == {"cosmetics", "food"}
    assert (made / "out" / "vocab" / "cosmetics" / "vocab.txt").exists()


INPUTS = {'text: "document[]': "modu.json", "minhash_dedup": "reviews"}


@pytest.mark.parametrize("text", [text for text in blocks("yaml") if not text.startswith("korpus: 1")])
def test_the_recipes_run(here, text, monkeypatch, tmp_path):
    monkeypatch.chdir(here)
    data = yaml.safe_load(text)
    recipe = {"stages": data, "input": {"text": "body"}} if isinstance(data, list) else data
    # Of two stages in a list, each is a recipe of its own.
    several = [{**recipe, "stages": [stage]} for stage in data] if isinstance(data, list) else [recipe]
    given = next((path for part, path in INPUTS.items() if part in text), None)
    for i, each in enumerate(several):
        if "indexes/" in str(each):
            saved = {**each, "stages": [{"minhash_dedup": {"index": "indexes/2024-05-01"}}]}
            api.run(saved, [given], tmp_path / "before", workers=1, quiet=True)
        result = api.run(each, given and [given], tmp_path / str(i), workers=1, quiet=True)
        assert result.manifest["read"]["n_in"]


def commands(*, slow):
    """The lines of the shell blocks, but for comments; installing is slow."""
    typed_ = [line for block in blocks("sh") for line in block.splitlines() if line and not line.startswith("#")]
    return [line for line in typed_ if line.startswith(INSTALL) == slow]


@pytest.mark.parametrize("line", commands(slow=False))
def test_the_commands_run(made, line):
    if "candidates nouns" in line:
        pytest.importorskip("soynlp")
    if "eval mixed" in line and not (made / "mixed").exists():
        shutil.copytree(made / "out" / "vocab" / "all", made / "mixed")
    if "diff koelectra.txt" in line and not (made / "koelectra-cosmetics").exists():
        typed(made, "korpus vocab extend koelectra.txt --counts out --domain cosmetics -o koelectra-cosmetics")
    said = typed(made, line)
    assert said or ">" in line


@pytest.mark.slow
def test_the_two_commands_run_one_after_the_other_in_a_fresh_clone(tmp_path):
    clone = tmp_path / "korpus"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    first, second = commands(slow=True)
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}

    def type_(text):
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text], cwd=clone, env=env, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    type_(first)
    (installed,) = clone.glob(".venv/lib/python*/site-packages/korpus")
    assert {path.suffix for path in installed.rglob("*") if path.is_file()} <= {".py", ".pyc", ".tsv", ".txt", ".yaml"}
    # The tests are run by whoever runs this one.
    type_(second.replace(" -m pytest", " -m pytest -n 0 -q tests/test_layers.py"))
    assert str(clone / "korpus") in type_(".venv/bin/python -c 'import korpus; print(korpus.__file__)'")
    type_(".venv/bin/korpus run pipelines/kcelectra.yaml -i examples/comments.jsonl -o again -q")
    type_(".venv/bin/pip uninstall -q -y korpus-toolkit")
    assert not installed.exists()


def test_the_python_runs(here, monkeypatch, tmp_path):
    # Not where the recipe of the README has its own output.
    shutil.copy(here / "comments.jsonl", tmp_path)
    monkeypatch.chdir(tmp_path)
    names = {"batch": pa.record_batch({"text": CREAMS}), "texts": pa.array(CREAMS)}
    for text in blocks("python"):
        exec(compile(text, "README.md", "exec"), names)
    assert names["clean"]("ㅋㅋ") is None
    assert names["dropped"].schema.names == ["row", "stage", "reason", "text"]
    stage = names["NoDigits"](max_digits=1)
    assert stage.judge(pa.record_batch({"text": ["글", "1", "12"]})).tolist() == [0, 0, 1]
    rows = pa.record_batch({"doc_id": [1, 2], "text": ["글", "두\n줄"]})
    assert names["Tsv"]().encode(rows) == "1\t글\n2\t두 줄\n".encode()


def test_the_sql_runs(made, monkeypatch):
    duckdb = pytest.importorskip("duckdb")
    monkeypatch.chdir(made)
    for text in blocks("sql"):
        duckdb.sql(text).fetchall()


def test_no_kind_of_block_is_forgotten():
    assert {language for language, _ in BLOCKS} == {"sh", "yaml", "python", "sql", "text"}
