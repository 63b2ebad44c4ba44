"""html, invisible, symbols, hanja, mojibake, broken_text, emoticons, repeats by kind: rules, oracles and examples."""

import itertools
import re
import sys
import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from korpus import registry
from korpus.hangul.mojibake import is_broken, repair
from korpus.hangul.ranges import FINALS, INITIALS
from korpus.hangul.symbols import SYMBOLS
from tests.nasty import PIECES, slices


def make(name, **options):
    return registry.get(name)(**options)


def apply(name, *texts, **options):
    """Apply an edit, however the texts lie in memory; unchanged is the same object."""
    results = []
    for array in slices(list(texts)):
        edited = make(name, **options).apply(array)
        edited.validate(full=True)
        assert (edited is array) == (edited.to_pylist() == list(texts))
        results.append(edited.to_pylist())
    assert results[0] == results[1]
    return results[0]


def texts_of(*parts):
    return st.lists(st.lists(st.sampled_from(parts) | st.sampled_from(PIECES) | st.text(max_size=3)).map("".join))


# html


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("&lt;b&gt;굵게&lt;/b&gt;", "굵게"),
        ("톰 &amp;amp;amp; 제리 &#39;네&#x27; &hearts;", "톰 & 제리 '네' ♥"),
        ("A&B AT&T &c; & &;", "A&B AT&T &c; & &;"),
        ("&#0; &#55296; &#99999999;", "&#0; &#55296; &#99999999;"),
        ("?a=1&lt=2&nbsp=3&copy=4", "?a=1&lt=2&nbsp=3&copy=4"),
        ("값&nbsp이", "값\xa0이"),
        ('<a href="https://a.kr/?b=1&amp;c" target=_blank>링크</a>', "링크"),
        ("글 <img src='x.png' /> 사진<BR>다음 <hr/> 끝", "글  사진\n다음\n끝"),
        ("<!-- 주석 --><style>p{}</style>본문<script src=x>if(a<b)</script>", "본문"),
        ("<영화> <3 a<b and c>d 1<2 <-- <br", "<영화> <3 a<b and c>d 1<2 <-- <br"),
        ("<ul><li>하나</li><li>둘</li></ul>", "\n\n하나\n\n둘\n\n"),
        ("<bold> <big5> <input값>", "<bold> <big5> <input값>"),
    ],
)
def test_html(before, after):
    assert apply("html", before) == [after]


# invisible

GONE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)


def test_of_every_character_only_the_invisible_goes():
    every = [chr(c) for c in range(sys.maxunicode + 1) if not 0xD800 <= c < 0xE000]
    texts = [f"가{char}나" for char in every]
    edited = make("invisible").apply(pa.array(texts)).to_pylist()
    changed = {char: new[1:-1] for char, old, new in zip(every, texts, edited, strict=True) if old != new}
    assert {char for char, new in changed.items() if new == "\n"} == set("\r\x0b\x0c\x85\u2028\u2029")
    assert {char for char, new in changed.items() if new == " "} == set("\u3164\uffa0\u2800\u115f\u1160")
    nothing = {char for char, new in changed.items() if new == ""}
    assert nothing - set("\u200c\u200d\ufe0e\ufe0f") - {chr(c) for c in range(0xE0000, 0xE0080)} == set(
        GONE.findall("".join(every))
    )
    # What is left of Unicode's controls and formats, beyond other scripts' own marks, is a line feed or a tab.
    left = {c for c in every if unicodedata.category(c) in ("Cc", "Cf") and c not in changed and ord(c) < 0x600}
    assert left == {"\t", "\n"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("가\r\n나\r다\u2028라", "가\n나\n다\n라"),
        ("👨‍👩‍👧 ❤️ 1️⃣ 🏴\U000e0067\U000e0062\U000e007f", "👨‍👩‍👧 ❤️ 1️⃣ 🏴\U000e0067\U000e0062\U000e007f"),
        ("가\u200d나 가\ufe0f 👍\u200d가 \U000e0067", "가나 가 👍가 "),
        ("می\u200cخواهم क्\u200dष", "می\u200cخواهم क्\u200dष"),
        ("\u115f\u1161 \u1100\u1160", "\u115f\u1161 \u1100\u1160"),
        ("내가 \u3164ㅂㅘㅅ는데 멋지\u3164ㄴㅔㅋ \u3164ㄱㅏ\u3164", "내가 봣는데 멋지넼 가"),
        ("\u3164ㅋㅋㅋ", " ㅋㅋㅋ"),
    ],
)
def test_invisible(before, after):
    assert apply("invisible", before) == [after]


@given(st.integers(0, 18), st.integers(0, 20), st.integers(0, 27))
def test_a_syllable_spelt_with_the_filler(initial, vowel, final):
    spelt = f"\u3164{INITIALS[initial]}{chr(ord('ㅏ') + vowel)}{(chr(0x3164) + FINALS)[final]}"
    assert apply("invisible", spelt) == [chr(0xAC00 + (initial * 21 + vowel) * 28 + final)]


# symbols


@given(texts_of(*itertools.chain.from_iterable(SYMBOLS.values())))
@settings(max_examples=100, deadline=None)
def test_symbols_is_the_table(texts):
    table = {char: new for name in SYMBOLS for char, new in SYMBOLS[name].items()}

    def mapped(text):
        out, kept = [], False  # whether we are in a run of punctuation after kana or Hanja
        for i, char in enumerate(text):
            after = i and re.match("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]", text[i - 1])
            kept = char in "！，．：；？。、" and bool(after or kept)
            out.append(char if kept else table.get(char, char))
        return "".join(out)

    assert apply("symbols", *texts) == [mapped(text) for text in texts]


def test_no_symbol_is_blanked_and_compatibility_stays():
    assert all(new.strip() for table in SYMBOLS.values() for new in table.values())
    kept = "₩ ℃ ½ ① ㎏ · ㆍ 「」 ※ ♥ ㅋㅋ ` 大"
    assert apply("symbols", kept) == [kept]
    assert apply("symbols", "“Ａ” 好！！ 네！！", skip=["fullwidth"]) == ['"Ａ" 好！！ 네！！']
    assert apply("symbols", "“Ａ” 好！！ 네！！") == ['"A" 好！！ 네!!']


# mojibake and broken_text


def misread(text, wrong, right="utf-8"):
    """Read bytes as latin-1, or as cp1252 with its five holes filled as browsers do."""
    raw = text.encode(right)
    if wrong == "cp1252":
        holes = b"\x81\x8d\x8f\x90\x9d"
        return "".join(chr(b) if b in holes else bytes([b]).decode("cp1252") for b in raw)
    return raw.decode(wrong)


KOREAN = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=2, max_size=8)
KS_X_1001 = st.sampled_from(
    ["안녕하세요", "반갑습니다", "최고의 영화", "good 재미있어요", "ㅋㅋ 좋아요 ㅋㅋ", "10점 만점!"]
)


@given(KOREAN, st.sampled_from(["latin-1", "cp1252"]), st.sampled_from(["", " ok ", "…”", "👍", "\n"]))
@settings(max_examples=300)
def test_utf8_that_was_misread_is_repaired(text, wrong, tail):
    text = f"{text}{tail}{text}"
    once = misread(text, wrong)
    assert repair(once) == text
    assert repair(misread(once, wrong)) == text
    assert is_broken(once)


@given(KS_X_1001)
def test_euc_kr_that_was_misread_is_repaired(text):
    assert repair(misread(text, "latin-1", "euc-kr")) == text


@given(texts_of("é", "ÄÄÄÄ", "así…”", "···", "漢字", "25°C", "×", "ÀÀ", "한글", "“", "\ufffd"))
@settings(max_examples=200, deadline=None)
def test_repair_runs_on_every_row_that_it_can_concern(texts):
    assert apply("mojibake", *texts) == [repair(text) for text in texts]


@pytest.mark.parametrize(
    "text",
    ["así…” allí…”", "ÄÄÄÄÄÄ", "······", "°°°·", "café résumé", "25°C ±3×5", "愛是心中唯一", "ÀÈÌÒÙ", "한글 ÇÑ±Û"],
)
def test_what_is_no_mojibake_stays(text):
    assert apply("mojibake", text) == [text]
    assert not is_broken(text)


def test_broken_text():
    lost = misread("안녕하세요", "cp1252").replace("•", "?")
    rows = ["안녕", lost, "\ufffd\ufffd녕", "한 글자" * 20 + "\ufffd", misread("안녕하세요", "latin-1", "euc-kr"), ""]
    for array in slices(rows):
        batch = pa.record_batch({"text": array})
        assert make("broken_text").judge(batch).tolist() == [0, 1, 2, 0, 1, 0]
        assert make("broken_text", max_replacement_ratio=1.0).judge(batch).tolist() == [0, 1, 0, 0, 1, 0]


# emoticons


def shorten(text):
    """The rules of `emoticons`, in Python: joined syllables first, then runs of a family."""

    def joined(match):
        syllable = ord(match[0]) - 0xAC00
        before, after = text[match.start() - 1], text[match.end() : match.end() + 1]
        made_of = INITIALS[syllable // 588], chr(ord("ㅏ") + syllable // 28 % 21)
        return "" if syllable % 28 == 0 and (before, after) == made_of else match[0]

    def two(match):
        run = match[0]
        return run[0] + next((letter for letter in run if letter != run[0]), run[1])

    text = re.sub("(?:[ㅋㅎ]+ ){2,}[ㅋㅎ]+|(?:[ㅠㅜ]+ ){2,}[ㅠㅜ]+", lambda match: match[0].replace(" ", ""), text)
    text = re.sub(
        "(?<=[ㅋㅎ]{2})(?:[ㅌㅊ]{1,2}|[ㅁㄴㄱㄹ])(?=[ㅋㅎ]{2})|(?<=[ㅠㅜ]{2})[ㅡㅗㅓㅏ](?=[ㅠㅜ]{2})", "", text
    )
    text = re.sub("(?<=[ㅋㅎ])[가-힣](?=[ㅠㅜ])", joined, text)
    text = re.sub("[ㅋㅎ]{3,}|[ㅠㅜ]{3,}", two, text)
    return re.sub("([ㅋㅎ]{1,2}[ㅠㅜ]{1,2}|[ㅠㅜ]{1,2}[ㅋㅎ]{1,2})\\1+", "\\1", text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("좋아 ㅋ ㅋ ㅋ ㅋ 정말", "좋아 ㅋㅋ 정말"),
        ("ㅠ ㅠ ㅠㅠ", "ㅠㅠ"),
        ("ㅋ ㅋ", "ㅋ ㅋ"),
        ("ㅋㅋㅌㅌㅋㅋㅊㅋㅋ", "ㅋㅋ"),
        ("ㅋㅋㄱㄱㅋㅋ ㅋㅋㅇㅇㅋㅋ ㅋㅋㅇㅈㅋㅋ", "ㅋㅋㄱㄱㅋㅋ ㅋㅋㅇㅇㅋㅋ ㅋㅋㅇㅈㅋㅋ"),
        ("\u110f\u110f\u110f 재밌다 \u1172\u1172 \u110f\u1161", "ㅋㅋ 재밌다 ㅠㅠ \u110f\u1161"),
        ("ㅠㅠㅠㅋㅋㅋㅠㅠㅋㅋ 슬프다", "ㅠㅠㅋㅋ 슬프다"),
        ("ㅜㅜㅜㅡㅜㅜ", "ㅜㅜ"),
    ],
)
def test_spaced_mistyped_and_mixed_emoticons(text, expected):
    assert apply("emoticons", text) == [expected]


@given(
    texts_of(*"ㅋㅎㅠㅜ", *"ㅋㅎㅠㅜ", "쿠", "큐", "후", "휴", "하", "큨", "안녕", "ㅏ", "ㅇ", " ", "ㅌ", "ㄱ", "ㅡ")
)
@settings(max_examples=300, deadline=None)
def test_emoticons(texts):
    assert apply("emoticons", *texts) == [shorten(text) for text in texts]


@given(st.lists(st.text("ㅋㅠ쿠a ", max_size=100), max_size=5))
@settings(deadline=None)
def test_emoticons_on_the_borders_of_blocks(texts):
    assert apply("emoticons", *texts) == [shorten(text) for text in texts]


# repeats by kind

LIMITS = {"jamo": 2, "syllables": 3, "punctuation": 3, "emoji": 2}


def kind(char):
    from emoji import EMOJI_DATA

    if "\u3131" <= char <= "\u318e" and char != "\u3164":
        return "jamo"
    if "가" <= char <= "힣":
        return "syllables"
    if char in EMOJI_DATA and not ("\U0001f1e6" <= char <= "\U0001f1ff" or "\U0001f3fb" <= char <= "\U0001f3ff"):
        return "emoji"
    return "punctuation" if char < "\U00020000" and unicodedata.category(char)[0] in "PS" else None


@given(texts_of("ㅋㅋㅋ", "아아아아", "....", "~~~~", "😀😀😀", "♥♥♥♥", "0000", "wwww", "漢漢漢漢", "    "))
@settings(max_examples=200, deadline=None)
def test_repeats_by_kind(texts):
    limits = {"jamo": 2, "syllables": 3, "punctuation": 3}

    def shorten(match):
        return match[1] * min(len(match[0]), limits.get(kind(match[1]), len(match[0])))

    assert apply("repeats", *texts, limits=limits) == [re.sub(r"(?s)(.)\1+", shorten, text) for text in texts]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("👍👍👍👍 ♥♥♥ ❤️❤️❤️", "👍👍 ♥♥ ❤️❤️"),
        ("👍🏽👍🏽👍🏽 👍🏽👍🏻👍🏽", "👍🏽👍🏽 👍🏽👍🏻👍🏽"),
        ("👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧 🇰🇷🇰🇷🇰🇷🇯🇵", "👨‍👩‍👧👨‍👩‍👧 🇰🇷🇰🇷🇯🇵"),
        ("1️⃣1️⃣1️⃣ 2000000원 www ====== ㅇㅇㅇㅇ", "1️⃣1️⃣ 2000000원 www === ㅇㅇ"),
    ],
)
def test_repeats_of_emoji(before, after):
    assert apply("repeats", before, limits=LIMITS) == [after]


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("repeats", {"limits": {"digits": 2}}, "'jamo', 'syllables', 'punctuation' or 'emoji'"),
        ("repeats", {"limits": {"jamo": 0}}, "greater than or equal to 1"),
        ("symbols", {"skip": ["quote"]}, "'quotes'"),
        ("symbols", {"skip": list(SYMBOLS)}, "at most 6 items"),
        ("hanja", {"mode": "blank"}, "'keep', 'remove' or 'read'"),
        ("broken_text", {"max_replacement_ratio": 2.0}, "less than or equal to 1"),
        ("published", {"soynlp": "0.0.5"}, "'0.0.493' or 'git'"),
    ],
)
def test_wrong_options(name, options, message):
    with pytest.raises(ValidationError, match=re.escape(message)):
        make(name, **options)
