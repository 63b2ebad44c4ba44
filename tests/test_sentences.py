"""Sentences as documents: ids of their own, the document that they come from, and books that still add up."""

from __future__ import annotations

import re
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given

import korpus
from korpus.batch import ROW_BITS
from korpus.errors import SchemaError
from korpus.report.summary import summarize
from korpus.report.terminal import render
from korpus.sentences import CLOSERS, ENDS, count_sentences, split_sentences, split_with_kiwi
from tests.corpus import kept, ledger, run, tree, write_jsonl
from tests.nasty import ROWS, slices

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


def sentences(text):
    """Return the sentences of a text: the readable definition of the kernel."""
    item = r"(?:^|[\t-\r (\[])(?:[0-9]{1,3}|[A-Za-z])\.$"
    found = []
    for line in text.split("\n"):
        start = 0
        for match in re.finditer(rf"{ENDS}{CLOSERS}*(?=[ \t])", line):
            if not re.search(item, line[: match.end()], re.ASCII):
                found.append(line[start : match.end()])
                start = match.end()
        found.append(line[start:])
    return [sentence.strip() for sentence in found if sentence.strip()]


@given(ROWS)
def test_the_kernel_is_its_definition(rows):
    marks = [f"{a} 1. {b} J. (2. “{a}.” {b}!?) {a}...\t1234. {b}" for a, b in pairwise([*rows, ""])]
    for texts in slices([*rows, *marks]):
        expected = [sentences(text) for text in texts.to_pylist()]
        assert split_sentences(texts).to_pylist() == expected
        assert count_sentences(texts) == sum(map(len, expected))


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
    with pytest.raises(SchemaError, match="adds a column 'document', but the documents have one already"):
        run({"stages": ["sentences"]}, named, tmp_path / "out")


def test_kiwi_also_finds_ends_without_punctuation():
    pytest.importorskip("kiwipiepy")
    texts = pa.array(["잘 받았어요 배송이 빨라요", "", " \n "])
    assert split_with_kiwi(texts).to_pylist() == [["잘 받았어요", "배송이 빨라요"], [], []]
    assert split_sentences(texts).to_pylist() == [["잘 받았어요 배송이 빨라요"], [], []]
