"""The stage `hanja`: what is read, what stays, and the rules for sounds."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from korpus.hangul.hanja import at_beginning, is_read, is_same_reading, read, table
from korpus.stages.hanja import Hanja
from tests.nasty import TEXT, slices

TABLE = [
    json.loads(line) for line in (Path(__file__).parent / "korean" / "hanja.jsonl").read_text("utf-8").splitlines()
]
READ = Hanja(mode="read")


def apply(text, mode="read"):
    return Hanja(mode=mode).apply(pa.array([text]))[0].as_py()


def test_the_table_of_cases_is_large_enough():
    changed = [row["input"] != row["expected"] for row in TABLE]
    assert sum(changed) >= 60
    assert changed.count(False) >= 60


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["input"])
def test_table(row):
    assert apply(row["input"]) == row["expected"], row["why"]


def test_keep_and_remove():
    text = "大韓民國은 女子(여자), 대한민국(大韓民國) 李氏"
    assert apply(text, "keep") == text
    assert apply(text, "remove") == "은 (여자), 대한민국 "
    assert apply(text) == "대한민국은 여자, 대한민국 이씨"
    # An age stays in the brackets that a name leaves. `尹 대통령` loses its name: whoever removes Hanja wants that.
    assert apply("홍길동(洪吉童·45)씨", "remove") == "홍길동(45)씨"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("김모(女·30)씨", "김모(여·30)씨"),
        ("박모(男)씨", "박모(남)씨"),
        ("킬링타임(中)", "킬링타임(중)"),
        ("뜻(義)을 새긴다", "뜻을 새긴다"),
        ("天下천하 제일", "천하 제일"),
        ("民心민심을 읽다", "민심을 읽다"),
        ("2011年 여름, 3年度", "2011년 여름, 3년도"),
        ("금값과 金값", "금값과 금값"),
        ("金 사장, 金 1돈", "김 사장, 금 1돈"),
        ("安重根(의사) 의거", "안중근(의사) 의거"),
        ("의사(安重根)", "의사"),
        ("신女性 제2勞組", "신여성 제2노조"),
    ],
)
def test_what_stands_beside_it(text, expected):
    assert apply(text) == expected


@pytest.mark.parametrize(
    "text", ["我愛這個國家, 民主", "今日はいい天気 映画", "新しい\u3000映画館", "春秋" * 13, "他說：很好 民主"]
)
def test_another_language_stays_to_the_next_syllable(text):
    assert apply(f"{text} 그리고 女性") == f"{text} 그리고 여성"


def test_the_sound_at_the_beginning():
    pairs = (
        "녀여 뇨요 뉴유 니이 랴야 려여 례예 료요 류유 리이 라나 래내 로노 뢰뇌 루누 르느 나나 가가 력역 률율 닉익 랭냉"
    )
    assert all(at_beginning(a) == b for a, b in pairs.split())
    assert is_same_reading("연도", "년도")
    assert is_same_reading("비율", "비률")
    assert not is_same_reading("여자", "남자")
    assert not is_same_reading("여", "여자")


def test_the_words_are_those_that_the_rules_misread():
    words = table().words
    assert len(words) > 1000
    for word, reading in words.items():
        assert len(word) == len(reading)
        assert read(word) == reading
        assert is_read(word)


HANJA = st.text(st.sampled_from("大韓民國女性男女金樂率列不東更北茶車年度甲乃你国の"), max_size=6)
PARTS = HANJA | TEXT | st.sampled_from(["(", ")", " ", "대한", "여", "1", "、"])


@given(st.lists(st.lists(PARTS, max_size=6).map("".join), max_size=4))
@settings(max_examples=150, deadline=None)
def test_no_digit_and_no_kana_is_lost(rows):
    def kept(text):
        return [char for char in text if char in "0123456789" or "\u3040" <= char <= "\u30ff"]

    for texts in slices(rows):
        for text, new in zip(rows, READ.apply(texts).to_pylist(), strict=True):
            assert kept(new) == kept(text)


def test_a_text_without_hanja_is_the_same_object():
    texts = pa.array(["한글 1,000원", "plain", ""])
    assert READ.apply(texts) is texts


@pytest.mark.parametrize("unit", ["가", "大", "大 ", "가(大", "大(", "の大", "가大", "大，"])
def test_long_runs_end(unit):
    assert READ.apply(pa.array([unit * 50_000]))[0].is_valid
