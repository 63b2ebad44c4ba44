"""Each kernel equals its short definition in Python."""

import itertools
import re
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from korpus.batch import string_array, strings
from korpus.hangul.ranges import HANGUL, parse_range
from korpus.kernels.charset import PLAIN, bitmap, contains, find_outside, matching, ranges_matching, tally
from korpus.kernels.cycles import PERIODS, find_cycles
from korpus.kernels.folding import CONTEXT, N_TABLE, find_symbols
from korpus.kernels.repeats import find_repeats
from korpus.kernels.utf8 import NOTHING, code_point, find_spans, packed, rows_changed, splice, to_char, width
from korpus.kernels.whitespace import find_spaces
from tests.nasty import ROWS, slices

HANGUL_SET = bitmap(HANGUL)


def is_hangul(c):
    return any(first <= ord(c) <= last for first, last in HANGUL)


def cut(text, spans):
    """What `splice` does, on one str."""
    for start, end, fill in reversed(spans):
        text = text[:start] + (b"" if fill == NOTHING else bytes([fill])) + text[end:]
    return text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("가-힣", (0xAC00, 0xD7A3)),
        ("U+AC00-U+D7A3", (0xAC00, 0xD7A3)),
        ("U+0020-~", (0x20, 0x7E)),
        ("·", (0xB7, 0xB7)),
        ("U+1F600", (0x1F600, 0x1F600)),
        ("-", (0x2D, 0x2D)),
        ("---", (0x2D, 0x2D)),
        ("U", (0x55, 0x55)),
        ("\n", (0x0A, 0x0A)),
    ],
)
def test_parse_range(text, expected):
    assert parse_range(text) == expected


@pytest.mark.parametrize("text", ["", "가힣", "힣-가", "U+110000", "a-", "가-힣 ", "U+AC"])
def test_parse_range_refuses(text):
    with pytest.raises(ValueError, match="must"):
        parse_range(text)


def test_every_code_point_is_decoded_and_found():
    points = [*range(0, 0xD800, 7), *range(0xE000, 0x110000, 61), 0x7F, 0x80, 0x7FF, 0x800, 0xFFFF, 0x10000, 0x10FFFF]
    spaces = matching(r"\s")
    for point in points:
        data = np.frombuffer(("가" + chr(point) + "가").encode(), np.uint8)
        assert code_point(data, 3) == point
        assert width(data[3]) == len(chr(point).encode())
        assert to_char(data, 4, len(data)) == 3 + len(chr(point).encode())
        assert contains(HANGUL_SET, data, 3) == is_hangul(chr(point))
        assert contains(spaces, data, 3) == chr(point).isspace()


def test_matching_is_pythons_own():
    space = {c for first, last in ranges_matching(r"\s") for c in range(first, last + 1)}
    assert space == {c for c in range(sys.maxunicode + 1) if chr(c).isspace()}
    word = {c for first, last in ranges_matching(r"\w") for c in range(first, last + 1)}
    assert word == {c for c in range(sys.maxunicode + 1) if chr(c).isalnum() or chr(c) == "_"}


def test_white_space_starts_with_the_bytes_that_the_block_test_knows():
    beyond_ascii = [c.encode() for c in map(chr, range(0x80, 0xD800)) if c.isspace()]
    assert all(code[0] in (0xC2, 0xE1, 0xE2) or code[:2] == b"\xe3\x80" for code in beyond_ascii)
    assert not any(chr(c).isspace() for c in range(0xE000, 0x110000))


@given(ROWS, st.data())
@settings(max_examples=60, deadline=None)
def test_splice(rows, choose):
    for array in slices(rows):
        offsets, data = strings(array)
        spans, expected = [], []
        for start, text in zip(offsets.tolist(), rows, strict=False):
            text = text.encode()
            cuts = choose.draw(st.lists(st.integers(0, len(text)), unique=True, max_size=6).map(sorted))
            own = [
                (a, b, choose.draw(st.sampled_from([NOTHING, 0, 32])))
                for a, b in zip(cuts[::2], cuts[1::2], strict=False)
            ]
            spans.extend((start + a, start + b, fill) for a, b, fill in own)
            expected.append(cut(text, own))
        new_offsets, new = splice(offsets, data, np.array(spans, np.int32).reshape(-1, 3))
        assert [new[a:b].tobytes() for a, b in itertools.pairwise(new_offsets)] == expected
        assert len(new) == new_offsets[-1]


def run(find, array, *args):
    offsets, data = strings(array)
    return string_array(*splice(offsets, data, find_spans(find, offsets, data, *args))).to_pylist()


@given(ROWS)
@settings(max_examples=100, deadline=None)
def test_find_outside(rows):
    plain = re.compile("[^ -~가-\ud77f]+")
    hangul = re.compile("[^" + "".join(f"{chr(a)}-{chr(b)}" for a, b in HANGUL) + "]+")
    for array in slices(rows):
        for pattern, words, skip in ((plain, bitmap(PLAIN), True), (hangul, HANGUL_SET, False)):
            for fill in (" ", ""):
                expected = [pattern.sub(fill, s) for s in rows]
                assert run(find_outside, array, words, skip, ord(fill) if fill else NOTHING) == expected


@given(ROWS)
@settings(max_examples=100, deadline=None)
def test_find_spaces(rows):
    for most in (0, 1, 2):
        expected = [
            re.sub(r"\s+", lambda run, most=most: "\n" * min(run[0].count("\n"), most) or " ", s).strip() for s in rows
        ]
        for array in slices(rows):
            assert run(find_spaces, array, matching(r"\s"), most) == expected


@given(ROWS, st.integers(2, 5), st.integers(1, 4))
@settings(max_examples=100, deadline=None)
def test_find_repeats_by_class(rows, min_run, max_repeats):
    """Class 0 is exempt, class 1 (digits) goes by the limits drawn, class 2 (jamo) by its own."""
    max_repeats = min(max_repeats, min_run - 1)
    classes = np.zeros(0x110000, np.uint8)
    classes[0x30:0x3A] = 1
    classes[0x3131:0x3164] = 2
    limits = np.array([2**31 - 1, min_run, 3], np.int32), np.array([0, max_repeats, 1], np.int32)

    def shorten(match):
        kind = classes[ord(match[1])]
        return match[1] * limits[1][kind] if len(match[0]) >= limits[0][kind] else match[0]

    expected = [re.sub(r"(.)\1+", shorten, s, flags=re.DOTALL) for s in rows]
    for array in slices(rows):
        assert run(find_repeats, array, classes, *limits) == expected


UNITS = st.text("가나ㅋ!?. é😀", min_size=1, max_size=6)


@given(st.lists(st.tuples(st.text("가!. 😀", max_size=9), UNITS, st.integers(1, 4), st.text("가!. ", max_size=9))))
@settings(max_examples=300, deadline=None)
def test_find_cycles(parts):
    rows = [before + unit * n + after for before, unit, n, after in parts]

    def window(text):
        code = text.encode()
        found = [
            match.span(1)
            for period in PERIODS
            for match in re.finditer(rb"(?s)(?=((.{%d})(.)\2\3\2))" % (period - 1), code)
            if len(set(match[1].decode("utf-8", "ignore"))) > 1
        ]
        return [min(start for start, _ in found), max(end for _, end in found)] if found else [1 << 30, 0]

    for array in slices(rows):
        found = np.tile(np.array([1 << 30, 0], np.int32), (len(rows), 1))
        fewest = np.array([[2 * period - 1] * 2 for period in PERIODS], np.int32)
        find_cycles(*strings(array), fewest, found)
        assert found.tolist() == [window(text) for text in rows]


def test_packed_fills():
    assert packed("...") == 0x2E2E2E
    assert packed("·") == 0xB7C2
    for wrong in ("", "....", "\0"):
        with pytest.raises(ValueError, match="one to three bytes"):
            packed(wrong)


@given(ROWS)
@settings(max_examples=100, deadline=None)
def test_find_symbols(rows):
    becomes = {"…": "...", "‥": "..", "、": ",", "￦": "₩", "ᆢ": "..", "´": "'"}
    table = np.zeros(N_TABLE, np.int32)
    for char, new in becomes.items():
        table[ord(char)] = packed(new)
    table[ord("。")] = CONTEXT
    rows = [row.join(("…、ᆢ", "。" * (i % 2), "‥´￦")) for i, row in enumerate(rows)]
    for array in slices(rows):
        odd_rows = np.zeros(len(rows), np.uint8)
        view = strings(array)
        spans = find_spans(find_symbols, *view, table, odd_rows)
        edited = string_array(*splice(*view, spans))
        assert edited.to_pylist() == [text.translate(str.maketrans(becomes)) for text in rows]
        assert odd_rows.tolist() == ["。" in text or re.search("[·ㆍ]{2}", text) is not None for text in rows]


@given(ROWS)
@settings(max_examples=100, deadline=None)
def test_tally(rows):
    for array in slices(rows):
        out = np.empty((len(rows), 3), np.int32)
        tally(*strings(array), matching(r"\S"), out)
        assert out.tolist() == [[len(s), sum(not c.isspace() for c in s), len(s.split())] for s in rows]
        tally(*strings(array), HANGUL_SET, out)
        assert out[:, 1].tolist() == [sum(map(is_hangul, s)) for s in rows]


@given(ROWS, st.data())
@settings(max_examples=100, deadline=None)
def test_rows_changed(rows, choose):
    other = [
        choose.draw(st.sampled_from([row, row, f"{row}가", row[:-1], row.replace("가", "나")])) for row in rows * 9
    ]
    for array in slices(rows * 9):
        out = np.zeros(len(other), np.uint8)
        rows_changed(*strings(array), *strings(pa.array(other, pa.string())), out)
        assert out.tolist() == [a != b for a, b in zip(rows * 9, other, strict=True)]


def test_more_spans_than_rows():
    offsets, data = strings(slices(["♥가" * 1000])[1])
    assert len(find_spans(find_outside, offsets, data, HANGUL_SET, False, NOTHING)) == 1000
