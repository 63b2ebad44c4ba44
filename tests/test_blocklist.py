"""The stages `blocklist` and `blocklist_mask`."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from korpus.batch import TEXT as TEXT_COLUMN
from korpus.stages._blocklist import Matcher, _tree
from korpus.stages.blocklist import Blocklist
from korpus.stages.blocklist_mask import BlocklistMask
from tests.nasty import TEXT, slices

WORDS = ["바보", "멍청이", "똥개", "spam", "꺼져", "나쁜 놈"]
EXCEPTIONS = ["바보 온달", "똥개훈련", "꺼져가"]

# A ¦ before and after what must be found.
FOUND = [
    *("¦바보¦", "너는 ¦바보¦다", "이 ¦바보¦야", "¦바보¦들은 몰라", "¦바보¦ㅋㅋㅋ", "ㅋㅋ¦바보¦", "(¦바보¦)"),
    *("¦바보¦, ¦멍청이¦!", "¦바보¦라고 했다", "¦바보¦였던 나", "¦멍청이¦들한테서도", "¦바보¦입니다", "¦SPAM¦ 메일"),
    *("¦spam¦은", "“¦바보¦”라고", "¦똥개¦가 짖는다", "¦똥개¦처럼", "¦꺼져¦!", "¦꺼져¦ 야", "¦나쁜 놈¦이다"),
    *("그 ¦나쁜 놈¦들", "¦바보¦\n¦바보¦", "¦바보¦·¦바보¦", "¦바보¦이고 뭐고", "¦바보¦만도 못한", "¦바보¦\u200b"),
    *("바보 온달과 ¦바보¦ 공주", "♥¦바보¦♥"),
]  # fmt: skip
MISSED = [
    *("", "바보상자", "왕바보", "바보스럽다", "바보짓", "딸바보", "a바보", "3바보", "바보3", "바보a", "바 보"),
    *("ㅂㅏㅂㅗ", "바보 온달", "바보 온달은 장수다", "온달은 바보 온달이라 불렸다", "똥개훈련을 시킨다"),
    *("불이 꺼져가고 있다", "꺼져서", "spammer", "antispam", "spam1", "청이는", "멍청한", "나쁜 놈팡이", "나쁜  놈"),
    *("이바보", "바보에게라면국물", "ﾊﾞ보"),
]  # fmt: skip


def options(**more):
    return {"words": WORDS, "exceptions": EXCEPTIONS, **more}


def verdict(text, **more):
    batch = pa.RecordBatch.from_pydict({TEXT_COLUMN: pa.array([text])})
    return Blocklist(**options(**more)).judge(batch)[0]


def masked(text, **more):
    return BlocklistMask(**options(**more)).apply(pa.array([text]))[0].as_py()


def test_there_are_enough_cases():
    assert min(len(FOUND), len(MISSED)) >= 15


@pytest.mark.parametrize("text", FOUND)
def test_it_finds(text):
    parts = text.split("¦")
    assert verdict("".join(parts)) == 1
    assert masked("".join(parts)) == "".join("***" if i % 2 else part for i, part in enumerate(parts))


@pytest.mark.parametrize("text", MISSED)
def test_it_leaves(text):
    assert verdict(text) == 0
    assert masked(text) == text


def test_options_do_what_they_say():
    assert verdict("바보는", particles=False) == 0
    assert verdict("바보 는", particles=False) == 1
    assert verdict("바보 온달", exceptions=[]) == 1
    assert [verdict(text, min_hits=2) for text in ("바보", "바보 바보", "바보와 멍청이")] == [0, 1, 1]
    assert masked("바보야 spam", replacement=r"\g<0>") == r"\g<0>야 \g<0>"
    assert masked("바보", replacement="") == ""


@pytest.mark.parametrize("kind", ["txt", "yaml"])
def test_words_come_from_a_file_and_the_stage_keeps_them(tmp_path, kind):
    file = tmp_path / f"words.{kind}"
    file.write_text("# 예\n바보\n\n SPAM \n바보\n" if kind == "txt" else "[바보, SPAM]  # 예", encoding="utf-8-sig")
    stage = Blocklist(words=str(file))
    assert stage.words == ["바보", "spam"]
    file.unlink()
    assert Blocklist(**stage.model_dump()) == stage


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: .*No such file"),
        ("", "must hold at least one word"),
        ("a: [바보]", "must be a list of words, got dict"),
        ("[바보, 1]", "a word must be a printable string, .* got 1"),
        ("['바보 ']", "without spaces around it, got '바보 '"),
        ("[", "cannot be read"),
    ],
)
def test_a_bad_file_is_refused(tmp_path, content, message):
    file = tmp_path / ("words.yaml" if content else "words.txt")
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(ValidationError, match=message):
        Blocklist(words=str(file))


def test_an_empty_list_is_refused():
    with pytest.raises(ValidationError, match="must hold at least one word"):
        Blocklist(words=[])


@given(st.lists(st.text("가나ab.*", min_size=1, max_size=4), min_size=1, max_size=8), st.text("가나ab.*", max_size=6))
@settings(max_examples=100, deadline=None)
def test_the_tree_matches_the_longest_word(words, text):
    import re

    match = re.match(_tree(tuple(words)), text)
    assert (match and match[0]) == max((word for word in words if text.startswith(word)), key=len, default=None)


PIECES = st.sampled_from([text.replace("¦", "") for text in FOUND + MISSED] + WORDS)


@given(st.lists(st.lists(PIECES | TEXT, max_size=4).map("".join), max_size=5))
@settings(max_examples=80, deadline=None)
def test_the_prefilter_loses_nothing(rows):
    matcher = Matcher(WORDS, EXCEPTIONS, True)
    for texts in slices(rows):
        found = [next(matcher.find(text), None) is not None for text in rows]
        assert all(matcher.rows(texts)[i] for i, hit in enumerate(found) if hit)
        assert Blocklist(**options()).judge(pa.RecordBatch.from_arrays([texts], [TEXT_COLUMN])).tolist() == found
