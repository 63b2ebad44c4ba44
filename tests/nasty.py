"""Texts that break things: for property tests of anything that reads text."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import strategies as st

PIECES = [
    *(
        "가",
        "힣",
        "한글 문장이다.",
        "가나다라마바사아자차카타파하",
        "이 영화 정말 재미있게 봤습니다 ",
        "Plain ASCII words ",
    ),
    *("ㅋ", "ㅋㅋㅋ", "ㅋㅋㅋㅋㅋㅋ", "ㅠㅜ", "ㅣ", "ㆍ", "\u3164", "\uffa0", "\ud7a4", "\ud7b0", "\ua960"),
    *("\u1112\u1161\u11ab", "\u1100", "\u1161", "\u11a8", "각\u11a8", "가\u11a8", "e\u0301", "\u0301", "\u0323\u0307"),
    *("é", "ß", "ñ", "\u0344", "\u212b", "\u2126", "\uf900", "\U0002f800", "\u09c7\u09be", "\U0001d15e", "\u3099"),
    *("😀", "😀😀😀😀", "👨‍👩‍👧‍👦", "👍🏽", "1️⃣", "#️⃣", "🇰🇷", "🏴\U000e0067\U000e007f", "♥", "❤️", "™"),
    *(" ", "  ", "\t", "\n", "\r\n", "\n \n", "\x0b", "\x1c", "\x1f", "\x85", "\xa0", "\u1680", "\u2003", "\u2028"),
    *("\u200b", "\u205f", "\u3000", "\ufeff", "\u180e", "\x00", "\x7f", "\x7e", "\x80", "\xad"),
    *("...", "!!!!", "aaa", "1111", "___", "~", "％", "·", "∼", "。", "㈜", "①", "漢字", "カナ", "дом", "ééé", "ÿÿÿÿ"),
    *("\U00030000", "\U0010ffff", "\uffff", "\ufffd"),
]

TEXT = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=14).map("".join)
ROWS = st.lists(TEXT, max_size=6)


def slices(rows: list[str]) -> list[pa.StringArray]:
    """Return the same rows as an array of their own, and as slices of larger ones with other text around."""
    whole = pa.array(rows, pa.string())
    around = pa.array(["앞  ㅋㅋㅋ♥ ", *rows, " ㅋㅋㅋ♥ 뒤" + " 뒤따르는 글" * 9], pa.string())
    return [whole, around.slice(1, len(rows))]
