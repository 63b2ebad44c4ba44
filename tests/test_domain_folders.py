"""Folders of domains: readers get the name back, no file system confuses two of them, bad names are said early."""

import unicodedata

import duckdb
import pyarrow.dataset as ds
import pytest
from hypothesis import given
from hypothesis import strategies as st

import korpus
from korpus.api import export
from korpus.corpus.layout import MAX_FOLDER_BYTES, folder_name, folder_names
from korpus.domains.lexicon import is_domain_name
from tests.corpus import run, write_jsonl
from tests.nasty import TEXT

BY_VALUE = {"stages": [{"domain": {"field": "topic", "unmapped": "value"}}], "output": {"counts": False}}
NFD = unicodedata.normalize("NFD", "가나")
NAMES = [
    "화장품",
    "전자 제품",
    "가" * 42,
    "가나",
    NFD,
    "Food",
    "FOOD",
    "food",
    "fooD",
    "a:b*c?",
    "'따옴표'",
    "日本",
    "😀",
    "null",
    "nan",
    "straße",
    "STRASSE",
    "a.",
    "a",
    "ALL",
]


def rows(names):
    return [{"text": f"{i}번 문서입니다", "topic": name} for i, name in enumerate(names)]


def test_readers_get_every_name_back(tmp_path):
    run(BY_VALUE, write_jsonl(tmp_path / "raw.jsonl", rows(NAMES)), tmp_path / "out")
    table = ds.dataset(tmp_path / "out" / "data", partitioning="hive").to_table()
    assert table.num_rows == len(NAMES)
    assert table["domain"].to_pylist() == table["topic"].to_pylist()
    query = f"select topic, domain from read_parquet('{tmp_path}/out/data/**/*.parquet', hive_partitioning=true)"
    found = duckdb.connect().execute(query).fetchall()
    assert sorted(found) == sorted(zip(NAMES, NAMES))
    files = export(tmp_path / "out", tmp_path / "to", "text")
    assert len(files) == len({str(path).casefold() for path in files}) == len(NAMES)
    assert (tmp_path / "to" / "화장품" / "part-00000.txt").exists()


@pytest.mark.parametrize(
    "value",
    ["가" * 43, "*" * 100, "a/b", "..", ".숨김", "a=b", "50%", "줄\n", "\0", "", " ", "__HIVE_DEFAULT_PARTITION__"],
)
def test_a_value_that_names_no_folder_becomes_the_default(tmp_path, value):
    run(BY_VALUE, write_jsonl(tmp_path / "raw.jsonl", rows([value, "가"])), tmp_path / "out")
    assert {path.name for path in (tmp_path / "out" / "data").iterdir()} == {"domain=other", "domain=가"}


@pytest.mark.parametrize("name", ["../x", "가" * 100, "?" * 90, "__HIVE_DEFAULT_PARTITION__"])
def test_names_in_a_recipe_are_checked_before_anything_is_read(tmp_path, name):
    for stages in (
        [{"domain": {"field": "topic", "map": {"가": name}}}],
        [{"domain": {"field": "topic", "default": name}}],
        [{"domain": {"lexicon": {name: ["사료"]}}}],
    ):
        with pytest.raises(korpus.RecipeError, match="fit for a folder's name"):
            run({"stages": stages}, [tmp_path / "not there"], tmp_path / "out")
    tagged = {"sources": {"one": {"tags": {"domain": name}}}}
    with pytest.raises(korpus.RecipeError, match="fit for a folder's name"):
        run(tagged, [f"one={tmp_path}/not there"], tmp_path / "out")


@given(st.lists(TEXT, unique=True))
def test_no_two_folders_are_one_on_any_file_system(names):
    from urllib.parse import unquote

    domains = sorted({name for name in names if is_domain_name(name)} | {"Ab", "aB", "ab", "가", "\u1100\u1161"})
    found = folder_names(domains)
    alike = {unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()) for name in found.values()}
    assert len(alike) == len(domains)
    for domain, folder in found.items():
        assert unquote(folder) == domain
        assert not set(folder) & set('/\\:*?"<>|')


@pytest.mark.parametrize(
    ("domain", "folder"), [("pets", "pets"), ("a b,c", "a b,c"), ("x&y", "x%26y"), ("가 나", "가 나"), ("é~", "é~")]
)
def test_what_must_be_encoded_is_and_nothing_else(domain, folder):
    assert folder_name(domain) == folder
    assert len(folder_name("가" * 42).encode()) <= MAX_FOLDER_BYTES


# Nothing kept.


def test_that_nothing_was_kept_is_said(tmp_path):
    import subprocess
    import sys

    source = write_jsonl(tmp_path / "raw.jsonl", [{"text": "짧다"}, {"text": "네"}])
    result = run({"stages": [{"length": {"min_chars": 99}}]}, source, tmp_path / "out")
    assert [line for line in result.manifest["warnings"] if "no document was kept" in line]
    assert "no document was kept" in str(result)
    (tmp_path / "r.yaml").write_text("stages:\n  - length: {min_chars: 99}\n")
    command = [sys.executable, "-m", "korpus", "run", tmp_path / "r.yaml", "-i", source, "-o", tmp_path / "again", "-q"]
    done = subprocess.run([*command, "--workers", "1"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("warning: no document was kept: everything was rejected; see korpus show ")
