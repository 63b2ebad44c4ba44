"""Which rows hold which signs: the kernel equals what Python's `in` says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from korpus.batch import strings
from korpus.kernels.signs import MAX_GROUPS, compile_signs, signs_of_rows
from tests.nasty import PIECES, TEXT, slices

SIGN = st.text(min_size=1, max_size=4) | st.sampled_from(PIECES)
GROUPS = st.lists(st.lists(SIGN, max_size=6).map(tuple), max_size=4)


def held(text, groups):
    return sum(1 << k for k, group in enumerate(groups) if any(sign in text for sign in group))


@given(st.lists(TEXT, max_size=6), GROUPS, st.data())
def test_equals_in(rows, groups, data):
    groups = tuple(groups)
    signs = [sign for group in groups for sign in group]
    if signs and rows:  # signs are put into the rows, whole and torn by the border of two rows
        at = data.draw(st.integers(0, len(rows) - 1))
        sign = data.draw(st.sampled_from(signs))
        cut = data.draw(st.integers(0, len(sign)))
        rows[at] += sign[:cut]
        if at + 1 < len(rows):
            rows[at + 1] = sign[cut:] + rows[at + 1]
    for array in slices(rows):
        assert signs_of_rows(*strings(array), groups).tolist() == [held(row, groups) for row in rows]


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("@", ("@",)),
        ("각", ("가", "각")),
        ("가나다", ("나다", "다")),
        ("가가가나", ("가가나",)),
        ("영영일공", ("영일공", "일영공")),
        ("a", ("aa",)),
        ("aaa", ("aa", "aaa", "aaaa")),
        ("é", ("é", "\u00e8")),
        ("😀", ("😁", "😀")),
        ("힣\x00", ("\x00",)),
        ("", ("가",)),
    ],
)
def test_each_sign_has_its_own_bit(text, signs):
    groups = tuple((sign,) for sign in signs)
    for array in slices([text, text[1:], text]):
        found = signs_of_rows(*strings(array), groups).tolist()
        assert found == [held(text, groups), held(text[1:], groups), held(text, groups)]


def test_64_groups_fill_the_mask():
    groups = tuple((chr(0xAC00 + k),) for k in range(MAX_GROUPS))
    rows = ["".join(sign for (sign,) in groups), groups[63][0]]
    assert signs_of_rows(*strings(slices(rows)[0]), groups).tolist() == [2**64 - 1, 1 << 63]


@pytest.mark.parametrize(("groups", "message"), [((("a",),) * 65, "at most 64"), ((("",),), "not be empty")])
def test_refuses(groups, message):
    with pytest.raises(ValueError, match=message):
        compile_signs(groups)


def test_compiled_once_and_read_only():
    signs = compile_signs((("@",),))
    assert compile_signs((("@",),)) is signs
    with pytest.raises(ValueError, match="read-only"):
        signs.heads[0] = 1
    assert signs.groups.dtype == np.uint64
