"""Sentences as documents: ids of their own, the document that they come from, and books that still add up."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import korpus
from korpus.batch import ROW_BITS
from korpus.errors import SchemaError
from korpus.report.summary import summarize
from korpus.report.terminal import render
from korpus.sentences import count_sentences, split_sentences, split_with_kiwi
from tests.corpus import kept, ledger, run, tree, write_jsonl
from tests.nasty import ROWS, slices
from tests.sentences import sentences

TEXTS = [
    "정말 잘 받았어요! 배송이 빨라요.",
    "배송이 빨라요. 포장도 좋아요.\n다음에 또 살게요 ㅎㅎ",
    "네.",
    "",
    "배송이 빨라요.",
    "정말 잘 받았어요! 배송이 빨라요.",
    "  \n ",
]
RECIPE = {
    "name": "sentences",
    "input": {"split_bytes": 1024},
    "stages": ["nfc", "exact_dedup", "sentences", {"length": {"min_chars": 6}}, "exact_dedup", "minhash_dedup"],
    "engine": {"max_bad_ratio": 1.0},
}


TABLE = Path(__file__).parent / "korean" / "sentences.jsonl"
CASES = [json.loads(line) for line in TABLE.read_text("utf-8").splitlines()]
NOT_FOUND = ["왔다 갔다 하다 지쳤다.", "소리가 작음 가격 대비 괜찮음"]
"""Cases that are not met: only who knows the words can tell."""

PARTS = [
    *(
        "갔다",
        "좋아요",
        "했음",
        "이다",
        "다",
        "가",
        "그는",
        "라고",
        "하며",
        "생각합니다",
        "보니",
        "떠나라",
        "가라",
        "좋아라",
        "이해라",
        "봤지",
        "있지",
        "갔지만",
        "OK",
        "Mr",
        "e.g",
        "U.S",
        "co",
    ),
    *(
        "1",
        "2",
        "3",
        "12",
        "2018",
        "3.5",
        "가.",
        "나.",
        "1.",
        "2.",
        "1)",
        "2)",
        "(1)",
        "www.a.kr/b",
        "a@b.kr",
        "①",
        "▶",
        "- ",
    ),
    *(".", "!", "?", "…", "...", "?!", ",", ":)", "ㅋㅋ", "ㅠㅠ", "^^", "~", "😀", "♥", "👍🏽", "⁉", "。"),
    *(" ", " ", " ", "  ", "\n", "\u3000", "\u0301", "\u200b"),
    *('"', "'", "`", "“", "”", "‘", "’", "(", ")", "[", "]", "<", ">", "「", "」", "《", "》"),
]


def f1(rows, found):
    """Return the F1 of the borders of some texts."""

    def borders(sentences):
        lengths = [len("".join(sentence.split())) for sentence in sentences]
        return {sum(lengths[: i + 1]) for i in range(len(lengths) - 1)}

    pairs = [(borders(row["expected"]), borders(sentences)) for row, sentences in zip(rows, found)]
    return 2 * sum(len(a & b) for a, b in pairs) / sum(len(a) + len(b) for a, b in pairs)


def test_the_table_of_cases():
    found = split_sentences(pa.array([row["input"] for row in CASES])).to_pylist()
    assert len({row["input"] for row in CASES if len(row["expected"]) > 1}) >= 60
    assert len({row["input"] for row in CASES if len(row["expected"]) == 1}) >= 60
    assert all("".join("".join(row["expected"]).split()) == "".join(row["input"].split()) for row in CASES)
    assert f1(CASES, found) >= 0.97
    formal = [i for i, row in enumerate(CASES) if row["why"].startswith(("news", "petition", "novel"))]
    assert [found[i] for i in formal] == [CASES[i]["expected"] for i in formal]


@pytest.mark.parametrize("row", CASES, ids=lambda row: row["input"])
def test_a_case(row):
    (found,) = split_sentences(pa.array([row["input"]])).to_pylist()
    assert (found == row["expected"]) == (row["input"] not in NOT_FOUND)


@given(ROWS)
def test_the_kernel_is_its_definition(rows):
    marks = [f"{a} 1. {b} J. (2. “{a}.” {b}!?) {a}...\t1234. {b}" for a, b in pairwise([*rows, ""])]
    for texts in slices([*rows, *marks]):
        expected = [sentences(text) for text in texts.to_pylist()]
        assert split_sentences(texts).to_pylist() == expected
        assert count_sentences(texts) == sum(map(len, expected))


@given(st.lists(st.lists(st.sampled_from(PARTS), max_size=24).map("".join), max_size=5))
def test_the_kernel_is_its_definition_on_all_that_ends_sentences(rows):
    for texts in slices(rows):
        found = split_sentences(texts).to_pylist()
        assert found == [sentences(text) for text in texts.to_pylist()]
        for text, parts in zip(texts.to_pylist(), found):
            # Nothing is lost but white space.
            assert "".join("".join(parts).split()) == "".join(text.split())
            assert all(part and part == part.strip() for part in parts)


WHOLE = [
    *("3.5", "1,500.50", "2018.", "v1.2.3", "a.b@c.co.kr", "https://a.kr/b.c?d=가.나", "www.a.co.kr"),
    *("👨‍👩‍👧‍👦", "👍🏽", "1️⃣", "e\u0301"),
]


@pytest.mark.parametrize("word", WHOLE)
@pytest.mark.parametrize("before", ["", "좋다.", "좋아요 ", "끝ㅋㅋ ", "그는 "])
@pytest.mark.parametrize("after", ["", " 그리고", ".", "이다. 끝"])
def test_what_is_one_thing_is_never_cut(before, word, after):
    found = split_sentences(pa.array([before + word + after])).to_pylist()[0]
    assert any(word in part for part in found)


@pytest.mark.parametrize(
    "char", [".", '"', "(", ")", "'", "“", "<", "가", "다 ", "1. ", "다.", '다." ', "((a)", "[(“", "ㅋ", "\n"]
)
def test_hostile_texts_take_no_longer_than_others(char):
    # A million characters: what is not linear does not come back.
    text = char * (1_000_000 // len(char))
    found = split_sentences(pa.array([text])).to_pylist()[0]
    assert "".join("".join(found).split()) == "".join(text.split())


@pytest.fixture
def source(tmp_path):
    return write_jsonl(tmp_path / "a.jsonl", [{"text": text, "id": i} for i, text in enumerate(TEXTS)])


def test_each_sentence_is_a_document_that_names_its_document(tmp_path, source):
    result = run({**RECIPE, "stages": ["sentences"]}, source, tmp_path / "out")
    rows = kept(tmp_path / "out").to_pylist()
    assert [(row["id"], row["text"]) for row in rows] == [
        (0, "정말 잘 받았어요!"),
        (0, "배송이 빨라요."),
        (1, "배송이 빨라요."),
        (1, "포장도 좋아요."),
        (1, "다음에 또 살게요 ㅎㅎ"),
        (2, "네."),
        (4, "배송이 빨라요."),
        (5, "정말 잘 받았어요!"),
        (5, "배송이 빨라요."),
    ]
    # An id counts the rows of a split in its lower bits; documents are numbered by their lines.
    assert [row["document"] & ((1 << ROW_BITS) - 1) for row in rows] == [row["id"] for row in rows]
    assert len({row["doc_id"] for row in rows} | {row["document"] for row in rows}) == 9 + 5
    (blank,) = [row for row in ledger(tmp_path / "out") if row["stage"] == "sentences"]
    assert (blank["row"], blank["reason"], blank["text"]) == (7, "emptied", "  \n ")
    (stage,) = result.manifest["stages"]
    assert (stage["n_in"], stage["n_made"], stage["n_out"], stage["counts"]) == (6, 4, 9, {"emptied": 1})
    assert stage["examples"][0] == [TEXTS[0], "정말 잘 받았어요! | 배송이 빨라요."]


def test_duplicate_stages_before_and_after_see_documents_and_sentences(tmp_path, source):
    result = run(RECIPE, source, tmp_path / "out")
    texts = [row["text"] for row in kept(tmp_path / "out").to_pylist()]
    assert texts == ["정말 잘 받았어요!", "배송이 빨라요.", "포장도 좋아요.", "다음에 또 살게요 ㅎㅎ"]
    gone = {(row["row"], row["stage"], row["text"]) for row in ledger(tmp_path / "out")}
    assert gone == {
        (4, "read", '{"text": "", "id": 3}'),
        (6, "exact_dedup", TEXTS[5]),
        (7, "sentences", TEXTS[6]),
        (3, "length", "네."),
        (2, "exact_dedup", "배송이 빨라요."),
        (5, "exact_dedup", "배송이 빨라요."),
    }
    first = kept(tmp_path / "out").to_pylist()[1]["doc_id"]
    again = [row for row in ledger(tmp_path / "out") if row["text"] == "배송이 빨라요."]
    assert {row["duplicate_of"] for row in again} == {first}
    told = summarize(result.manifest)
    assert told.breaks == ()
    assert "7 read + 3 by sentences = 4 kept + 6 in the ledger" in render(told)


def test_it_is_the_same_for_any_workers_and_batches(tmp_path):
    texts = [f"{a}. {b}! {a} {b} 그리고 끝이 없는 이야기 {i % 7}" for i in range(200) for a, b in [TEXTS[:2]]]
    texts = [f"{text}? 이것은 {i}번째 문장입니다." for i, text in enumerate(texts)]
    source = write_jsonl(tmp_path / "many.jsonl", [{"text": text} for text in texts])
    result = run(RECIPE, source, tmp_path / "one")
    run(RECIPE, source, tmp_path / "two", workers=2, overrides=["engine.batch_rows=3"])
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    assert result.manifest["inputs"][0]["n_splits"] > 10
    assert summarize(result.manifest).breaks == ()


def test_as_a_function_it_gives_sentences_of_a_batch_and_lines_of_a_text(tmp_path):
    clean = korpus.load({"stages": ["sentences", {"length": {"min_chars": 6}}]})
    assert clean("정말 잘 받았어요! 네. 배송이 빨라요.") == "정말 잘 받았어요!\n배송이 빨라요."
    assert clean("네.") is None
    texts = ["네.", "배송이 빨라요. 포장도 좋아요."]
    made, dropped = clean.split(pa.RecordBatch.from_pydict({"text": texts, "n": [1, 2]}))
    assert made.to_pydict() == {"text": ["배송이 빨라요.", "포장도 좋아요."], "n": [2, 2], "document": [1, 1]}
    assert dropped.to_pydict() == {"row": [0], "stage": ["length"], "reason": ["too_short"], "text": ["네."]}
    assert clean.clean(pa.array(texts)).to_pylist() == [None, "배송이 빨라요.\n포장도 좋아요."]


def test_documents_are_cut_once(tmp_path, source):
    with pytest.raises(SchemaError, match="the stage sentences cannot come after sentences, which cuts documents"):
        run({"stages": ["sentences", "sentences"]}, source, tmp_path / "out")
    named = write_jsonl(tmp_path / "named.jsonl", [{"text": "그렇습니다.", "document": "d"}])
    run({"stages": ["sentences"]}, named, tmp_path / "named")
    assert kept(tmp_path / "named")["input_document"].to_pylist() == ["d"]


def test_kiwi_also_finds_ends_without_punctuation():
    pytest.importorskip("kiwipiepy")
    texts = pa.array(["잘 받았어요 배송이 빨라요", "", " \n "])
    assert split_with_kiwi(texts).to_pylist() == [["잘 받았어요", "배송이 빨라요"], [], []]
