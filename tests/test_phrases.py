"""The stage `phrases`: what is said over and over, what Korean says twice, and its kernel."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from korpus.batch import strings
from korpus.kernels.phrases import rows_with_phrases
from korpus.stages.phrases import Phrases, _sets
from tests.nasty import TEXT, slices


def apply(text, **options):
    return Phrases(**options).apply(pa.array([text]))[0].as_py()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("꼭 사세요 꼭 사세요 꼭 사세요", "꼭 사세요 꼭 사세요"),
        ("꼭 사세요! 꼭 사세요!! 꼭 사세요~ 꼭 사세요...", "꼭 사세요! 꼭 사세요..."),
        ("진짜 진짜 진짜 진짜 진짜 좋다", "진짜 진짜 진짜 좋다"),
        ("환불해 주세요 환불해 주세요 환불해 주세요 부탁합니다", "환불해 주세요 환불해 주세요 부탁합니다"),
        ("다시는안삽니다다시는안삽니다다시는안삽니다다시는안삽니다", "다시는안삽니다다시는안삽니다"),
        ("좋네요~~!!~~!!~~!!", "좋네요~~!!"),
        ("어이없네ㅡㅡ;;ㅡㅡ;;ㅡㅡ;;", "어이없네ㅡㅡ;;"),
        ("글쎄...!!!...!!!...!!!", "글쎄...!!!"),
        ("첫 줄\n또 사요 또 사요 또 사요\n끝", "첫 줄\n또 사요 또 사요\n끝"),
        ("이거  실화냐\t이거  실화냐 이거 실화냐 이거 실화냐 네", "이거  실화냐\t이거  실화냐 네"),
    ],
)
def test_what_is_said_over_and_over_is_shortened(text, expected):
    assert apply(text) == expected
    assert apply(expected) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("깊고 깊은 바다", "가자 가자 어서 가자", "오래 오래 행복하게", "정말 정말 정말 좋아요", "하하하 호호호"),
        *("빨리빨리 두근두근두근 반짝반짝반짝", "100 100 100 100 100", "3천 원 3천 원 3천 원 3천 원"),
        *("네\n네\n네\n네\n네", "|---|---|---|---|", "+----+----+----+", "==========", "-*-*-*-*-*-*"),
        *("!!!!!!!!!!!!", "lol lol lol lol lol"),
        *("산 넘어 산 물 건너 물", "한 발 한 발 나아간다", "차례차례차례차례차례차례"),
        *("1.1.1.1.1.1.1.1.1", "a.b.a.b.a.b.a.b", ""),
    ],
)  # fmt: skip
def test_it_leaves(text):
    texts = pa.array([text])
    assert Phrases().apply(texts) is texts


def test_limits_are_options():
    assert apply("또 봐요 또 봐요 또 봐요 또 봐요", phrases=3) == "또 봐요 또 봐요 또 봐요"
    assert apply("네 네 네 네 네", words=1) == "네"
    long = "하나 둘 셋 넷 다섯 여섯 일곱 여덟 아홉"
    assert apply(f"{long} {long} {long}") == f"{long} {long} {long}"
    assert apply(f"{long} {long} {long}", max_words=9) == f"{long} {long}"


def found(words, max_words, min_repeats):
    """The definition of the kernel: a sequence that stands there often enough, one after the other."""
    return any(
        words[at : at + n * min_repeats] == words[at : at + n] * min_repeats
        for n in range(1, max_words + 1)
        for at in range(len(words) - n * min_repeats + 1)
    )


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=14), max_size=4), st.integers(1, 4), st.integers(2, 4))
@settings(max_examples=200, deadline=None)
def test_the_kernel_is_its_definition(rows, max_words, min_repeats):
    texts = pa.array([" ".join(row) for row in rows], pa.string())
    out = np.empty(len(rows), np.uint8)
    rows_with_phrases(*strings(texts), _sets(), max_words, min_repeats, out)
    assert out.tolist() == [found(row, max_words, min_repeats) for row in rows]


SAID = st.lists(
    st.sampled_from(["가", "나 다", "가!", "가~", "1", "a", "!~?", "라마바사아", "\n", "나\u3000다"]), max_size=14
)


@given(
    st.lists(st.tuples(SAID, st.sampled_from([" ", "", "  "]), TEXT), max_size=4), st.integers(1, 3), st.integers(1, 3)
)
@settings(max_examples=200, deadline=None)
def test_the_prefilter_loses_nothing(parts, words, phrases):
    rows = [between.join(said) + text for said, between, text in parts]
    stage = Phrases(words=words, phrases=phrases)
    for texts in slices(rows):
        new = stage.apply(texts).to_pylist()
        assert new == [stage._shorten(text) for text in rows]
        for before, after in zip(rows, new, strict=True):
            # Nothing comes in, and no digit and no other line goes.
            assert [c for c in before if c.isdigit()] == [c for c in after if c.isdigit()]
            assert before.count("\n") == after.count("\n")
            assert len(after) <= len(before)
            assert set(after) <= set(before)


@pytest.mark.parametrize("unit", ["가 ", "가나 다라 ", "가", "가나다라마", "!~?", "가 나 ", "ㅡ", ".", "가" * 21 + " "])
def test_long_texts_end(unit):
    assert len(apply(unit * 30_000)) <= len(unit) * 30_000
