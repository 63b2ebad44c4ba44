"""A finished corpus in other shapes, and where sentences end."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given

import korpus
from korpus.api import export
from korpus.sentences import split_sentences
from tests.corpus import RECIPE, documents, kept, run, write_jsonl
from tests.nasty import ROWS

SENTENCES = [
    ("안녕하세요. 반갑습니다!", ["안녕하세요.", "반갑습니다!"]),
    ("정말요?? 네… 그래요", ["정말요??", "네…", "그래요"]),
    ("“가자.” 그가 말했다.", ["“가자.”", "그가 말했다."]),
    ("첫 줄\n둘째 줄\n\n셋째 줄", ["첫 줄", "둘째 줄", "셋째 줄"]),
    ("버전은 3.5입니다. 값은 1,000.50원", ["버전은 3.5입니다.", "값은 1,000.50원"]),
    ("1. 첫째 항목입니다. 2. 둘째", ["1. 첫째 항목입니다.", "2. 둘째"]),
    ("J. K. 롤링의 책이다. 재밌다", ["J. K. 롤링의 책이다.", "재밌다"]),
    ("좋아요ㅋㅋ 다음에 또 올게요", ["좋아요ㅋㅋ", "다음에 또 올게요"]),
    ("(정말이다.) 믿어라。 끝", ["(정말이다.)", "믿어라。", "끝"]),
    ("www.example.com 에서 봤다", ["www.example.com 에서 봤다"]),
    ("   ", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "sentences"), SENTENCES)
def test_where_sentences_end(text, sentences):
    assert split_sentences(pa.array([text])).to_pylist() == [sentences]


@given(ROWS)
def test_no_character_but_white_space_is_lost(rows):
    texts = [text.replace("\x00", "") for text in rows]
    found = split_sentences(pa.array(texts, pa.string())).to_pylist()
    for text, sentences in zip(texts, found):
        assert all(sentences)
        assert "".join("".join(sentences).split()) == "".join(text.split())


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    run(RECIPE, write_jsonl(folder / "raw.jsonl", documents(200)), folder / "out")
    return folder / "out"


def test_text_is_a_document_a_line(corpus, tmp_path):
    files = export(corpus, tmp_path / "to", "text")
    lines = [line for path in files for line in path.read_text("utf-8").splitlines()]
    assert sorted(lines) == sorted(kept(corpus)["text"].to_pylist())
    assert {path.parent.name for path in files} == {"ga", "na", "other"}


def test_jsonl_has_all_columns(corpus, tmp_path):
    files = export(corpus, tmp_path / "to", "jsonl", ["ga"])
    rows = [json.loads(line) for path in files for line in path.read_text("utf-8").splitlines()]
    assert {row["domain"] for row in rows} == {"ga"}
    wanted = [row for row in kept(corpus).to_pylist() if row["domain"] == "ga"]
    assert sorted(rows, key=lambda row: row["doc_id"]) == wanted


def test_bert_has_a_blank_line_after_each_document(corpus, tmp_path):
    files = export(corpus, tmp_path / "to", "bert")
    documents_ = [doc for path in files for doc in path.read_text("utf-8").split("\n\n") if doc]
    assert len(documents_) == kept(corpus).num_rows


def test_hf_has_a_configuration_a_domain(corpus, tmp_path):
    export(corpus, tmp_path / "to", "hf")
    card = (tmp_path / "to" / "README.md").read_text("utf-8")
    assert all(f"config_name: {name}" in card for name in ("ga", "na", "other"))
    tables = [pq.ParquetFile(path).read() for path in (tmp_path / "to" / "data").rglob("*.parquet")]
    assert sum(table.num_rows for table in tables) == kept(corpus).num_rows
    assert all("domain" in table.schema.names for table in tables)


def test_what_cannot_be_exported_is_said(corpus, tmp_path):
    with pytest.raises(korpus.DataError, match="holds no run of korpus: there is no manifest.json"):
        export(tmp_path, tmp_path / "to", "text")
    with pytest.raises(korpus.DataError, match="'gaa'.*did you mean 'ga'"):
        export(corpus, tmp_path / "to", "text", ["gaa"])
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "precious").touch()
    with pytest.raises(korpus.DataError, match="not an empty folder"):
        export(corpus, tmp_path / "full", "text")


def test_jsonl_is_json_whatever_the_numbers(tmp_path):
    nan, inf = float("nan"), float("inf")
    rows = [
        {"text": "첫째 글입니다", "a": nan, "b": [1.5, inf], "c": {"d": {"e": -inf}}, "f": [{"g": nan}]},
        {"text": "둘째 글입니다", "a": 0.1, "b": [], "c": {"d": {"e": 1e300}}, "f": []},
        {"text": "셋째 글입니다", "a": None, "b": None, "c": None, "f": None},
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "in.parquet")
    korpus.run({"stages": ["nfc"]}, [tmp_path / "in.parquet"], tmp_path / "out", workers=1, quiet=True)
    (path,) = export(tmp_path / "out", tmp_path / "to", "jsonl")

    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    read = [json.loads(line, parse_constant=refuse) for line in path.read_text("utf-8").splitlines()]
    assert [(row["a"], row["b"], row["c"], row["f"]) for row in read] == [
        (None, [1.5, None], {"d": {"e": None}}, [{"g": None}]),
        (0.1, [], {"d": {"e": 1e300}}, []),
        (None, None, None, None),
    ]
