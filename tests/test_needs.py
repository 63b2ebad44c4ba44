"""What a pattern needs, read off it, and the lines in which it may match."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from korpus.batch import strings
from korpus.kernels.lines import N_EDGES, mark_lines, split_lines
from korpus.kernels.signs import mark_signs
from korpus.stages._needs import ANY_EDGE, make_gate, needs_of
from tests.nasty import TEXT, slices

PATTERNS = [
    "기자",
    "(?:사진|영상) ?[=:] ?[^\n.]{1,5}(?<![다요])",
    "[▶☞] ?(?:구독|제보)(?!자)[가-힣]{0,3}[!?]?",
    r"(?<=다\.) ?[a-c]{1,3}@(?:x\.){1,2}kr",
    "(?:글·)?사진 [가-힣]{2,3}(?: 기자)?|무단 ?전재 금지",
    "[^가-힣]{1,3}끝[)\\]]",
    "\U0001f600{1,2}가.나",
    r"[\w-]{1,3}님(?:께|은)?\b",
]


@pytest.mark.parametrize("pattern", PATTERNS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_every_match_has_what_the_pattern_needs(pattern, data):
    text = data.draw(st.from_regex(re.compile(re.sub(r"\(\?<=[^)]*\)|\\b", "", pattern)), fullmatch=True))
    needs = needs_of(pattern)
    assert needs.signs
    assert all(any(sign in text for sign in group) for group in needs.signs)
    assert needs.first >> min(ord(text[0]), N_EDGES) & 1
    assert needs.last >> min(ord(text[-1]), N_EDGES) & 1


def test_it_tells_as_much_as_there_is():
    needs = needs_of("(?:사진|영상) ?= ?[가-힣]{1,9}(?<![다요])")
    assert {frozenset(["사진=", "사진 =", "영상=", "영상 ="])} == set(needs.signs)
    assert not needs.last >> ord("다") & 1
    assert needs.last >> ord("사") & 1
    assert not needs.last >> ord(".") & 1
    assert needs_of(".*").signs == ()


@given(st.lists(st.lists(TEXT, max_size=4).map("\n".join), max_size=4))
@settings(max_examples=100, deadline=None)
def test_lines_are_those_of_split(rows):
    for texts in slices(rows):
        lines, first = split_lines(*strings(texts))
        data = strings(texts).data
        held = [bytes(data[a:b]).decode().removesuffix("\n") for a, b in zip(lines, lines[1:], strict=False)]
        assert [held[a:b] for a, b in zip(first, first[1:], strict=False)] == [text.split("\n") for text in rows]


PIECES = st.sampled_from(["기자", "사진=", "뉴스", " ", "\n", "다.", "끝)", "▶구독", "가" * 30])


@given(st.lists(st.lists(PIECES | TEXT, max_size=6).map("".join), max_size=4))
@settings(max_examples=200, deadline=None)
def test_no_line_is_lost_in_which_a_pattern_matches(rows):
    start, end = ["▶ ?구독"], ["(?:사진|영상)=[^\n.]{1,9}", "끝[)]", "기자"]
    gate = make_gate(
        [((1 << k, 1 << (8 + k)), needs_of(one)) for k, one in enumerate(start)],
        [((2 << k, 2 << (8 + k)), needs_of(one)._replace(first=ANY_EDGE)) for k, one in enumerate(end)],
    )
    for texts in slices(rows):
        offsets, data = strings(texts)
        lines, _ = split_lines(offsets, data)
        held, bits = np.zeros((2, len(lines) - 1), np.uint64)
        mark_signs(lines, data, gate.signs, held)
        mark_lines(lines, data, held, gate, 40, bits)
        every = [line.strip(" \t\r") for text in rows for line in text.split("\n")]
        for line, found in zip(every, bits.tolist(), strict=True):
            for k, pattern in enumerate(start):
                assert not re.match(pattern, line) or found >> (8 + k) & 1
            for k, pattern in enumerate(end):
                assert not re.search(f"(?:{pattern})$", line) or found >> (9 + k) & 1


def test_a_pattern_without_a_sign_is_refused():
    with pytest.raises(ValueError, match="must need a sign"):
        make_gate([], [((1, 2), needs_of("[가-힣]{2}"))])
