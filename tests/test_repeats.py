"""repeats: by kind, in turn and word for word; what it leaves alone, and what it says of numbers."""

import re
import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given, settings

from tests.test_stages_normalize import apply, make, texts_of

LIMITS = {"jamo": 2, "syllables": 3, "punctuation": 3, "emoji": 2}


def kind(char):
    from emoji import EMOJI_DATA

    if char in "*＊○●◯〇□■△◇▽":
        return "mask"
    if char in "★☆":
        return "star"
    if "\u3131" <= char <= "\u318c":
        return "ㅇ" if char == "ㅇ" else "jamo" if char != "\u3164" else None
    if "가" <= char <= "힣":
        return "syllables" if unicodedata.normalize("NFD", char)[0] in "\u110b\u1112" else "calm"
    if char in "♡❥":
        return "emoji"
    if char in EMOJI_DATA and not ("\U0001f1e6" <= char <= "\U0001f1ff" or "\U0001f3fb" <= char <= "\U0001f3ff"):
        return "emoji"
    return "punctuation" if char < "\U00020000" and unicodedata.category(char)[0] in "PS" else None


# The shortest run that is shortened, and what stays.
RUNS = {
    **{"jamo": (3, 2), "ㅇ": (4, 2), "syllables": (4, 3), "calm": (5, 3)},
    **{"punctuation": (4, 3), "mask": (21, 3), "star": (6, 3)},
}


@given(
    texts_of(
        *("ㅋㅋㅋ", "ㄷㄷㄷ", "ㅇㅇㅇ", "ㅇㅇㅇㅇ", "아아아아", "뜨뜨뜨뜨", "굿굿굿굿굿", "....", "~~~~", "***", "★★★"),
        *("☆☆☆☆☆☆", "○" * 21, "😀😀😀", "♥♥♥♥", "0000", "wwww", "漢漢漢漢", "    "),
    )
)
@settings(max_examples=200, deadline=None)
def test_repeats_by_kind(texts):
    texts = [re.sub("[ㆍㆎᆞᆢ]", "", text) for text in texts]

    def shorten(match):
        shortest, keep = RUNS.get(kind(match[1]), (1 << 30, 0))
        n = len(match[0])
        after = match.string[match.end() :][:1]
        if n == 3 and all("ㄱ" <= char <= "ㅎ" and char not in "ㅋㅎ" for char in (match[1], after)):
            return match[0]
        return match[1] * (keep if n >= shortest else n)

    limits = {"jamo": 2, "syllables": 3, "punctuation": 3}
    shortened = [re.sub(r"(?s)(.)\1+", shorten, text) for text in texts]
    shortened = [re.sub(r"\.(?: \.){2,}", "...", text) for text in shortened]
    assert apply("repeats", *texts, limits=limits) == shortened


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("👍👍👍👍 ♥♥♥ ❤️❤️❤️ ♡♡♡♡", "👍👍 ♥♥ ❤️❤️ ♡♡"),
        ("👍🏽👍🏽👍🏽 👍🏽👍🏻👍🏽", "👍🏽👍🏽 👍🏽👍🏻👍🏽"),
        ("👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧 🇰🇷🇰🇷🇰🇷🇯🇵", "👨‍👩‍👧👨‍👩‍👧 🇰🇷🇰🇷🇯🇵"),
        # A rating beside an emoji is one.
        ("★★★★★ 👍 ㅇㅇㅇ씨 ❤️❤️", "★★★★★ 👍 ㅇㅇㅇ씨 ❤️❤️"),
        # A keycap is a digit.
        ("1️⃣1️⃣1️⃣ 2000000원 www ====== ㅇㅇㅇㅇ", "1️⃣1️⃣1️⃣ 2000000원 www === ㅇㅇ"),
    ],
)
def test_repeats_of_emoji(before, after):
    assert apply("repeats", before, limits=LIMITS) == [after]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # Numbers, and what stands for them.
        ("1900년에 300000원, 00700 11:11", None),
        ("한**********는 011-***-**** 김****씨 (주)○○○○ ***동", None),
        ("★★★★★ 만점, ★★★★☆, *********************", "★★★★★ 만점, ★★★★☆, ***"),
        # Names and abbreviations.
        ("피해자 ㅇㅇㅇ씨와 ㅇㅇㅇ의원, ㅇㅇㅇㅇㅇ", "피해자 ㅇㅇㅇ씨와 ㅇㅇㅇ의원, ㅇㅇ"),
        ("ㅈㅈㅈㄱ ㄱㄱㄱㅅ ㄷㄷㄷㅋㅋㅋ ㅎㄷㄷㄷ", "ㅈㅈㅈㄱ ㄱㄱㄱㅅ ㄷㄷㅋㅋ ㅎㄷㄷ"),
        ("뚜뚜뚜뚜 나와 하하하하하 굿굿굿굿굿", "뚜뚜뚜뚜 나와 하하하 굿굿굿"),
        # Words.
        ("감동감동감동감동감동 꿀잼꿀잼꿀잼", "감동감동감동 꿀잼꿀잼꿀잼"),
        ("대박" * 9 + "이다", "대박대박대박이다"),
        ("짜증나짜증나짜증나짜증나", "짜증나짜증나짜증나"),
        ("완전 완전 완전 완전 좋아", "완전 완전 완전 좋아"),
        ("굿 굿 굿 굿 굿 굿 굿 굿 굿", "굿 굿 굿"),
        ("재밌다! 재밌다! 재밌다! 재밌다! 재밌다!", "재밌다! 재밌다! 재밌다!"),
        ("가나 가나 가나 가나다", None),
        ("good good good good 12 12 12 12 1212121212", None),
        # Marks in turn.
        ("뭐?!?!?!?! 헐~!~!~! ♥♡♥♡♥♡ ㅋㄷㅋㄷㅋㄷ", "뭐?! 헐~! ♥♡ ㅋㄷ"),
        ("😂🤣😂🤣😂🤣 ★☆★☆★☆★☆ !?!?", "😂🤣 ★☆ !?!?"),
        ("그건 . . . . . 글쎄. . . 응 . . 아니", "그건 ... 글쎄... 응 . . 아니"),
        ("노잼 노잼 노잼 노잼", "노잼 노잼 노잼"),
        ("-_-_-_- ^_^^_^ (^^)(^^) a.b.c.d 1-1-1-1", None),
        ("가ㆍㆍㆍㆍㆍ나", "가ㆍㆍㆍ나"),
    ],
)
def test_repeats_by_default(before, after):
    assert apply("repeats", before) == [before if after is None else after]


@given(texts_of("0", "00", "000", "1️⃣", "010-****-****", "!?!?!?", "12", "가나", ". ", "ㅋㅋㅋ"))
@settings(max_examples=200, deadline=None)
def test_repeats_change_no_digit(texts):
    for before, after in zip(texts, apply("repeats", *texts), strict=True):
        assert re.findall(r"\d", before) == re.findall(r"\d", after)


def test_limits_of_pairs_and_words():
    text = "진짜진짜진짜 노잼 노잼 노잼 또또 ~!~!~!~! 감동감동"
    assert apply("repeats", text, limits={"words": 1}) == ["진짜 노잼 또또 ~!~!~!~! 감동감동"]
    assert apply("repeats", text, limits={"words": 2}) == ["진짜진짜 노잼 노잼 또또 ~!~!~!~! 감동감동"]
    assert apply("repeats", "노잼 노잼 노잼", limits={"words": 1}) == ["노잼"]
    assert apply("repeats", "응. . . . . .", limits={"punctuation": 1}) == ["응."]
    assert apply("repeats", text, limits={"pairs": 2}) == ["진짜진짜진짜 노잼 노잼 노잼 또또 ~!~! 감동감동"]


def test_published_repeats_say_how_many_numbers_they_change():
    texts = pa.array(["10000원 ㅋㅋㅋㅋ", "2000년 ㅋㅋㅋㅋ", "ㅋㅋㅋㅋ", "00000 00000"])
    assert make("repeats", min_run=4).tally(texts) == {"numbers": 2}
    assert make("repeats", min_run=3).tally(texts) == {"numbers": 3}
    assert make("repeats").tally(texts) == {}
    assert make("published").tally(texts) == {"numbers": 2}
