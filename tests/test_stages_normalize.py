"""html, invisible, symbols, hanja, mojibake, broken_text, emoticons: rules, oracles and examples."""

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
        ("값&nbsp이 &gt_&lt &gtㅁ&lt &gt_a=1", "값\xa0이 >_< >ㅁ< &gt_a=1"),
        ('<a href="https://a.kr/?b=1&amp;c" target=_blank>링크</a>', "링크"),
        ("글 <img src='x.png' /> 사진<BR>다음 <hr/> 끝", "글  사진\n다음\n끝"),
        ("<!-- 주석 --><style>p{}</style>본문<script src=x>if(a<b)</script>", "본문"),
        ("<영화> <3 a<b and c>d 1<2 <-- <br", "<영화> <3 a<b and c>d 1<2 <-- <br"),
        ("<ul><li>하나</li><li>둘</li></ul>", "\n\n하나\n\n둘\n\n"),
        ("<bold> <big5> <input값>", "<bold> <big5> <input값>"),
        # Without a semicolon; but not in the query of a URL.
        ("&lt기생충&gt과 &lt1987&gt 둘 다", "<기생충>과 <1987> 둘 다"),
        ("&ltparasite&gt 톰&amp제리 Q&ampA &quot네&quot", '<parasite> 톰&제리 Q&A "네"'),
        ("&copy 2021 한빛&reg It&#39s &#44032나", "© 2021 한빛® It's 가나"),
        (
            "a.kr/?x=1&copy&reg b.kr/?lt=1&gt=2&amp=3&lt_a=1&gt1=2 &ampere",
            "a.kr/?x=1&copy&reg b.kr/?lt=1&gt=2&amp=3&lt_a=1&gt1=2 &ampere",
        ),
        # Slashes astray, attributes without values, subtitles.
        ("하나<br/ >둘<br / >셋<hr noshade>넷", "하나\n둘\n셋\n넷"),
        ("<SYNC Start=1200><P Class=KRCC>\n안녕<br>잘 가\n<SYNC Start=1500 >끝", "\n\n안녕\n잘 가\n끝"),
        ("<a href=http://a.kr/?b=1&c=2>글</a> <td nowrap>칸", "글\n칸"),
        # Faces, and titles that are elements.
        ("최고>ㅁ<b> >_<i 꺅>ㅂ<p>", "최고>ㅁ<b> >_<i 꺅>ㅂ<p>"),
        ("<b>★</b> <i>ㅋㅋ</i><u>ㅠ</u>", "★ ㅋㅋㅠ"),
        ("<U> 봤다, <Link>와 <Big> <Main>", "<U> 봤다, <Link>와 <Big> <Main>"),
        ("<U>밑줄</u> </i>남은 끝", "밑줄 남은 끝"),
    ],
)
def test_html(before, after):
    assert apply("html", before) == [after]


# invisible

GONE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffc]"
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
        ("\u3164ㅇㅞ이런 \u3164ㄱㅞ, 사진\ufffc첨부", "웨이런 궤, 사진첨부"),
    ],
)
def test_invisible(before, after):
    assert apply("invisible", before) == [after]


@given(st.integers(0, 18), st.integers(0, 20), st.integers(0, 27))
def test_a_syllable_spelt_with_the_filler(initial, vowel, final):
    spelt = f"\u3164{INITIALS[initial]}{chr(ord('ㅏ') + vowel)}{(chr(0x3164) + FINALS)[final]}"
    assert apply("invisible", spelt) == [chr(0xAC00 + (initial * 21 + vowel) * 28 + final)]


# symbols


PLAIN_SYMBOLS = [char for name in ("quotes", "dots", "middle_dots", "dashes", "tildes") for char in SYMBOLS[name]]
PLAIN_SYMBOLS = [char for char in PLAIN_SYMBOLS if char not in "。｡、､・･"]


def mapped(text):
    """The definition of `symbols` where nothing depends on the text around."""
    table = str.maketrans({char: new for name in SYMBOLS for char, new in SYMBOLS[name].items()})
    return re.sub(f"[·ㆍ{''.join(SYMBOLS['middle_dots'])}]{{3,}}", "...", text).translate(table)


@given(texts_of(*PLAIN_SYMBOLS, "·", "ㆍ", "\u2028", "❤", "\ufe0f", "ア"))
@settings(max_examples=150, deadline=None)
def test_symbols_is_the_table(texts):
    texts = [re.sub("[！-￦。｡、､・･´ᆞᆢ]", "", text) for text in texts]
    assert apply("symbols", *texts) == [mapped(text) for text in texts]


@pytest.mark.parametrize("char", [char for table in SYMBOLS.values() for char in table])
def test_each_symbol_alone_in_a_long_text(char):
    new = next(table[char] for table in SYMBOLS.values() if char in table)
    plain = "다람쥐 헌 쳇바퀴에 타고파 plain words "
    texts = [plain[:at] + f" {char} " + plain[at:] + plain for at in range(len(plain))]
    assert apply("symbols", *texts) == [text.replace(char, new) for text in texts]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # A wide mark holds the space that follows it; a number, an address and a time have none.
        ("연기가 훌륭했다。다만、끝이 아쉽다", "연기가 훌륭했다. 다만, 끝이 아쉽다"),
        ("최고！bravo！bravo！", "최고! bravo! bravo!"),
        ("１，２００원 ４：５０ ｂｌｏｇ．ｋｒ ５．１절", "1,200원 4:50 blog.kr 5.1절"),
        ("２．곧바로 （가）말했다：네。（끝）", "2. 곧바로 (가)말했다: 네. (끝)"),
        ("２０１８．３．２．오전", "2018.3.2. 오전"),
        ("정치•법 A•B\n•목록 • 끝•", "정치·법 A·B\n•목록 • 끝•"),
        ("헐！！ㅋㅋ 네。", "헐!!ㅋㅋ 네."),
        ("真好。네。네 よい、네", "真好。네. 네 よい、네"),
        # Faces.
        ("(´･∀･`) （＾ω＾） ( ´Д`)b ㅡ。ㅡ ㅠ．ㅠ", "(´･∀･`) （＾ω＾） ( ´Д`)b ㅡ.ㅡ ㅠ.ㅠ"),
        ("(｡•́︿•̀｡) (｡◕‿◕｡) 끝。", "(｡•́︿•̀｡) (｡◕‿◕｡) 끝."),
        ("（１） （！） （－１） （りんご） （ㄱ）", "(1) (!) (-1) (りんご) (ㄱ)"),
        # Dots.
        ("그랬지ᆢ 음ᆢᆢ 배ᆞ감 끝났다ᆞ 네ᆞᆞ 좋음 ᆞ나도", "그랬지.. 음.... 배·감 끝났다. 네.. 좋음 .나도"),
        ("아래아(ᆞ)와 'ᆢ'는 모음ᆞ", "아래아(ᆞ)와 'ᆢ'는 모음."),
        ("ᄒᆞᆫ ᄀᆞ을 ㅅᆢㅂ", "ᄒᆞᆫ ᄀᆞ을 ㅅᆢㅂ"),
        (
            "2021․4․5 그런데‥· 아····· 가··나 뭐ㆍㆍㆍㆍ 3ㆍ1 흠ㆍㆍ",
            "2021·4·5 그런데..· 아... 가··나 뭐... 3ㆍ1 흠ㆍㆍ",
        ),
        ("`진짜´ ´가나´ Boy´s 나´ `다", "'진짜' '가나' Boy´s 나´ `다"),
    ],
)
def test_symbols_in_context(before, after):
    assert apply("symbols", before) == [after]


def test_no_symbol_is_blanked_and_compatibility_stays():
    assert all(new.strip() for table in SYMBOLS.values() for new in table.values())
    kept = "₩ ℃ ½ ① ㎏ · ㆍ 「」 ※ ♥ ㅋㅋ ` 大"
    assert apply("symbols", kept) == [kept]
    assert apply("symbols", "ᆢ 가··· 나´", skip=["dots", "quotes"]) == ["ᆢ 가··· 나´"]
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


@given(
    texts_of("é", "ÄÄÄÄ", "así…”", "···", "漢字", "25°C", "×", "ÀÀ", "한글", "“", "\ufffd", "Ã©", "¤»¤»", "怨", "â€™")
)
@settings(max_examples=200, deadline=None)
def test_repair_runs_on_every_row_that_it_can_concern(texts):
    assert apply("mojibake", *texts) == [repair(text) for text in texts]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (misread(misread(misread("좋은 글", "latin-1"), "latin-1"), "latin-1"), "좋은 글"),
        (misread("ㅠㅠ", "latin-1") + " 슬퍼", "ㅠㅠ 슬퍼"),
        (misread("ㅎㅎㅎ", "cp1252"), "ㅎㅎㅎ"),
        ("정말 ÃÖ°í! ±×·¯³ª º°·Î", "정말 최고! 그러나 별로"),
        ("웃겨 ¤»¤»¤»", "웃겨 ㅋㅋㅋ"),
        ("¤Ð¤Ð", "ㅠㅠ"),
        ("CafÃ© 맞음", "Café 맞음"),
        ("영하 5Â°C, Â£3, Itâ€™s Beyonc\u00c3\u00a9 콘서트", "영하 5°C, £3, It’s Beyoncé 콘서트"),
        ("ï»¿최고â™¥ ðŸ‘\x8d ã€Œ책ã€\x8d ì정말ï¼\x81", "\ufeff최고♥ 👍 「책」 ì정말！"),
        ("怨좉컼 반갑습니다", "고객 반갑습니다"),
    ],
)
def test_more_that_is_certain(before, after):
    assert apply("mojibake", before) == [after]
    assert not is_broken(after)


@pytest.mark.parametrize(
    "text",
    [
        "어디â…”요",
        "naïve façade",
        "Ð¡Ð¿Ð°",
        "ㅋㅋ",
        "ㅋㅋㅋㅋ ㅠㅠ",
        "5°C 25Â",
        "“NÃ” Ã… ã…",
        "°±²³´µ¶· 한글",
        "가격 ¤100, ±3×5 한글",
    ]
    + [
        "así…” allí…”",
        "ÄÄÄÄÄÄ",
        "······",
        "°°°·",
        "café résumé",
        "25°C ±3×5",
        "愛是心中唯一",
        "ÀÈÌÒÙ",
        "한글 ÇÑ±Û",
    ],
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
    # What U+FFFD became when it was misread; and a part that is lost beside one that could be repaired.
    for text, verdict in (("占쏙옙占쏙옙 안녕", 2), ("ï¿½ï¿½ 안녕", 2), ("媛먯궗?⑸땲??", 1)):
        assert make("broken_text").judge(pa.record_batch({"text": [text]})).tolist() == [verdict]
        assert apply("mojibake", text) == [text]


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


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("repeats", {"limits": {"digits": 2}}, "'jamo', 'syllables', 'punctuation', 'emoji', 'pairs' or 'words'"),
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
