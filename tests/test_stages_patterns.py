"""The stages that run an exact rule on prefiltered rows: equal to the rule on every text."""

import pickle
import random
import re
import time

import emoji
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from korpus import registry
from korpus.batch import strings
from korpus.hangul import masks, urls
from korpus.hangul.joining import cut
from korpus.hangul.masks import MASKS, find
from korpus.hangul.pii import KINDS
from korpus.kernels.charset import bitmap, ranges_matching
from korpus.kernels.marks import COMMON, rows_misread, rows_with, rows_with_hosts, rows_with_sequences
from korpus.stages import emoji as emoji_stage
from korpus.stages._rows import edit_rows, row_texts, rows_holding

SEQUENCES = sorted(emoji.EMOJI_DATA)
NASTY = [
    *(
        "",
        "\0",
        " ",
        "\n",
        "가",
        "힣",
        "\u1112\u1161\u11ab",
        "ㅋㅋ",
        "ㅠ",
        "漢",
        "ｱ",
        "é",
        "×",
        "…",
        "“",
        "★",
        "♡",
        "㊗",
        "〰",
    ),
    *(
        "🙂",
        "👍🏽",
        "👩\u200d🚀",
        "❤\ufe0f",
        "❤",
        "🇰🇷",
        "🇰",
        "1\ufe0f\u20e3",
        "1\u20e3",
        "1",
        "#",
        "*\ufe0f",
        "🏻",
        "🏴",
    ),
    *(
        "\ufe0e",
        "\ufe0f",
        "\u200d",
        "\u20e3",
        "\U000e0067",
        "\U000e007f",
        "©",
        "™",
        "𠀀",
        "\U0010ffff",
        "\ud7a4",
        "\ue000",
    ),
]
nasty_texts = st.lists(st.one_of(st.sampled_from(NASTY), st.sampled_from(SEQUENCES), st.characters(codec="utf-8")))


def texts_of(*parts):
    """Batches of texts made of these parts and nasty ones."""
    return st.lists(st.lists(st.one_of(st.sampled_from(parts), st.sampled_from(NASTY))).map("".join))


def stage(name, **options):
    return registry.get(name)(**options)


def apply(edit, texts):
    """Apply an edit to the texts, and to a slice of a larger array, which must give the same."""
    array = pa.array(texts, pa.string())
    edited = edit.apply(array)
    edited.validate(full=True)
    within = pa.array(["https://x.co OOO 🙂1", *texts, "OOO 🙂"], pa.string()).slice(1, len(texts))
    assert edit.apply(within).equals(edited)
    if edited.equals(array):
        assert edited is array
    return edited.to_pylist()


@given(st.lists(st.text("abO가각", max_size=90)), st.text("abO가각", min_size=1, max_size=3))
def test_rows_holding_is_in(texts, literal):
    array = pa.array(["b", *texts], pa.string()).slice(1)
    assert rows_holding(array, literal).tolist() == [i for i, text in enumerate(texts) if literal in text]


@given(texts_of("a", "b"), st.data())
def test_edit_rows_edits_the_rows_and_no_others(texts, data):
    array = pa.array(["x", *texts], pa.string()).slice(1)
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts))), bool)
    rows = np.flatnonzero(mask)
    assert list(row_texts(array, rows)) == [texts[row] for row in rows]
    expected = [text.replace("a", "가나") if mask[i] else text for i, text in enumerate(texts)]
    edited = edit_rows(array, mask, lambda text: text.replace("a", "가나"))
    edited.validate(full=True)
    assert edited.to_pylist() == expected
    assert edit_rows(array, rows, lambda text: text.replace("a", "가나")).equals(edited)
    assert edit_rows(array, mask, str) is array


@given(
    texts_of(
        "http", "https://", "://", "www.", "example.com", ".kr", "/a?b=1&c", "(", ")", ".", "에서", "é", "_", "a" * 300
    )
)
def test_urls_is_the_published_sub(texts):
    assert apply(stage("urls"), texts) == [re.sub(urls.PUBLISHED, "", text) for text in texts]
    marked = apply(stage("urls", replacement=r"\1[URL]"), texts)
    assert marked == [re.sub(urls.PUBLISHED, lambda _: r"\1[URL]", text) for text in texts]


HOSTS = (
    *(
        "http://",
        "https://",
        "www.",
        "a.b",
        "naver.com",
        "한글",
        ".kr",
        ".한국",
        "/",
        ":8080",
        "?q=",
        "(",
        ")",
        "_",
        "@",
    ),
    *(
        "에서",
        "를",
        ".",
        ",",
        "-",
        "127.0.0.1",
        "youtu.be",
        "localhost",
        "é",
        "%EA",
        "*",
        "○",
        "[.]",
        "hxxp://",
        "M.net",
    ),
    *("'", "[", "]", "<", ">", "닷컴", "닷", " ", "\n", "\u2003", "**", '"'),
)
url_texts = st.lists(st.lists(st.sampled_from(HOSTS) | st.sampled_from(NASTY)).map("".join))


@given(url_texts, st.booleans())
@settings(max_examples=300, deadline=None)
def test_urls_of_all_kinds_are_what_the_expression_finds_in_the_whole_text(texts, hangul_hosts):
    """Though it is tried only near a dot or ``://``, and only on the rows that the kernel marks."""
    for text in texts:
        whole = [match.start() for match in urls.pattern(hangul_hosts).finditer(text) if urls.is_url(match)]
        assert [start for start, _ in urls._bare(text, hangul_hosts)] == whole
        pieces = urls.find(text, hangul_hosts)
        assert all(one.start < one.end <= other.start for one, other in zip(pieces, pieces[1:]))
    options = {"pattern": "korean", "hangul_hosts": hangul_hosts, "replacement": "[U]"}
    assert apply(stage("urls", **options), texts) == [cut(text, urls.find(text, hangul_hosts), "[U]") for text in texts]


@given(url_texts)
@settings(max_examples=300, deadline=None)
def test_a_blank_replacement_loses_urls_marks_and_spaces_only(texts):
    for text in texts:
        pieces, kept = urls.find(text), cut(text, urls.find(text), " ")
        shown = cut(text, pieces, "\ue123").replace("\ue123", "")
        letters = [c for c in shown if c not in " \t.,"]
        assert [c for c in kept if c not in " \t.,"] == letters
        if not pieces:
            assert kept == text


HOSTILE = {
    "labels": "a." * 500_000,
    "hidden labels": "a*.com" * 30_000,
    "Hangul": "http://" + "가-" * 60_000,
    "Hangul host": "가" * 100_000 + ".kr",
    "brackets": "(" * 1_000_000,
    "brackets in a path": "http://a.kr/" + "_(" * 60_000,
    "schemes": "http://" * 28_000,
    "marks": "@" * 1_000_000,
    "digits": "0-" * 500_000,
    "asides": "(aa.kr) " * 20_000,
    "a list": "aa.kr, " * 20_000,
    "links": "[](http://a.kr)" * 12_000,
    "spaces": "aa.kr" + " " * 200_000 + "aa.kr",
    "masks": "OOO " * 50_000,
    "one mask": "O" * 200_000,
    "one mask of circles": "○" * 60_000,
    "stars": "*" * 200_000,
    "plates": "12가3" * 30_000,
    "towns": "서울시 강남구 가동 " * 12_000,
    "mails": "a.a@" * 50_000,
    "phones": "010-1234-5678 " * 14_000,
    "banks": "국민은행 " * 30_000,
    "full-width digits": "０-" * 60_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_nearly_matches_takes_time_linear_in_its_length(text):
    """Patterns of hosts, paths and numbers are known to run away on texts that nearly match: then these take hours."""
    masks, pii = stage("masks", masks=list(MASKS)), stage("pii", kinds=list(KINDS), spelled=True)
    for edit in (stage("urls", pattern="korean", hangul_hosts=True), masks, pii):
        began = time.process_time()
        edit.apply(pa.array([text]))
        assert time.process_time() - began < 60, edit.name


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("naver.com에서 daum.net, google.co.kr!", "에서!"),
        ("https://example.com에서, (https://example.com)", "에서, "),
        ("자세히는(http://blog.naver.com/a/123 )를", "자세히는를"),
        ("http://www.example.co.kr:8080/x_(y) 참고", " 참고"),
        ("http://cafe.naver.com/abc/123(펌)", "(펌)"),
        ("http://localhost:8080/x 와 http://127.0.0.1:80/a", " 와 "),
        ("http://청와대.한국 www.행정안전부.kr", " "),
        ("https://ko.wikipedia.org/wiki/서울_(동음이의)를", "를"),
        ("https://naver.com/를 보라 HTTPS://NAVER.COM/ABC.", "를 보라."),
        ("쿠팡coupang.com짱 bit.ly/3abc", "쿠팡짱 "),
        ("user.name@naver.com, kim.com@naver.com, a@b.co.kr", "user.name@naver.com, kim.com@naver.com, a@b.co.kr"),
        (
            "ASP.NET Node.js e.g. good.But 3.5점 10.그래서 v1.2.3",
            "ASP.NET Node.js e.g. good.But 3.5점 10.그래서 v1.2.3",
        ),
    ],
)
def test_urls_of_all_kinds(before, after):
    assert apply(stage("urls", pattern="korean"), [before]) == [after]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("여기 https://example.com/a?b=1에서 봤어요", "여기 에서 봤어요"),
        ("http://www.example.co.kr:8080/x_(y) 참고", " 참고"),
        ("(https://example.com/)", "("),
        ("https://example.com, https://example.org!", ", !"),
        ("https://example.com에서", "https://example.com에서"),
        ("example.com 과 http 와 https://", "example.com 과 http 와 https://"),
    ],
)
def test_urls_examples(before, after):
    assert apply(stage("urls"), [before]) == [after]


@given(texts_of("O", "OO", "OOO", "o", "a", "1", "-", "년", "ㅋ"))
def test_masks_is_the_sub(texts):
    assert apply(stage("masks", scope="run"), texts) == [re.sub(MASKS["OOO"].regex, " ", text) for text in texts]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("이런 OOO같은 영화", "이런  같은 영화"),
        ("OOO", " "),
        ("이OOOOO기영화", "이 기영화"),
        ("개OOO.ㅋㅋ", "개 .ㅋㅋ"),
        ("그OOO년하고 저OOO년들", "그 년하고 저 년들"),
        ("OOOO-_-;;", " -_-;;"),
        ("'OOO'를 ㄷㅅㄴOOOㅈㅅ", "' '를 ㄷㅅㄴ ㅈㅅ"),
        ("OOO OOO", "   "),
        ("OOO-영화", " -영화"),
    ],
)
def test_masks_go(before, after):
    assert apply(stage("masks", scope="run"), [before]) == [after]


@given(texts_of("OOO", "○○", "ooo", "***", "기", "영화", "들", " ", "개", "의원", "(", ")", "입니다", " " * 70, "OO년"))
@settings(max_examples=200, deadline=None)
def test_masks_is_its_rule(texts):
    for mask in MASKS:
        # What is asked for near a run is what the whole text holds.
        run, around_name, _ = masks._compiled(mask)
        after_name = re.compile(f"{run.pattern}(?:{masks._AFTER_NAME.pattern})")
        for text in texts:
            named = masks._BLANKS.search(text) or around_name.search(text) or after_name.search(text)
            assert (not find(text, mask)) == (named is not None or masks._compiled(mask).banned.search(text) is None)
    for mask, rule in MASKS.items():
        options = {"masks": [mask], "replacement": "[M]"}
        runs = [re.sub(rule.regex, "[M]", text) for text in texts]
        assert apply(stage("masks", scope="run", **options), texts) == runs
        assert apply(stage("masks", **options), texts) == [cut(text, find(text, mask), "[M]") for text in texts]


@pytest.mark.parametrize(
    ("mask", "before", "after"),
    [
        ("ooo", "이런 ooo 같은, ooops nooo", "이런   같은, ooops nooo"),
        ("○○○", "김○○ 씨 ○ 항목", "김  씨 ○ 항목"),
        ("***", "이런 ****야 f***ing **굵게** 3***", "이런  야 f***ing **굵게** 3***"),
    ],
)
def test_other_masks_by_choice(mask, before, after):
    assert apply(stage("masks", masks=[mask], scope="run"), [before]) == [after]
    assert apply(stage("masks"), [before]) == [before]


@pytest.mark.parametrize(
    "text",
    [
        *("WOOO", "GOOOD", "OOOps", "NOOOO!!", "YOOOO", "aOOO", "1OOO원", "20OOO", "OOO5마리", "OOOO년 O월"),
        *("OO씨", "ooo", "○○○", "ㅇㅇㅇ", "000", "О О О", "010-OOOO-OOOO", "(OOO-OOOO-OOOO)"),
    ],
)
def test_what_is_no_mask_stays(text):
    for scope in ("word", "run"):
        assert apply(stage("masks", scope=scope), [text]) == [text]


@given(st.lists(nasty_texts.map("".join)))
@settings(max_examples=300, deadline=None)
def test_emoji_is_the_library(texts):
    assert apply(stage("emoji"), texts) == [emoji.replace_emoji(text, "") for text in texts]
    assert apply(stage("emoji", mode="keep"), texts) == texts
    for language in ("ko", "en"):
        named = [emoji.demojize(text, language=language) for text in texts]
        assert apply(stage("emoji", mode="text", language=language), texts) == named


@given(
    st.lists(
        st.text("\u200d\u200d\u200d\u200d\ufe0f\ufe0e\u20e31#🏻🏽👩👨🚀❤🇰🇷🏴\U000e0067가 ", max_size=12), min_size=1
    )
)
@example(
    ["🏄👩🏼\u200d🐰\u200d1#👩🏼\u200d❤\ufe0f\u200d💋\u200d👩🏻\u200d🏽\u200d"]
)  # the library loses more than the emoji
@settings(max_examples=300, deadline=None)
def test_emoji_is_the_library_on_broken_sequences(texts):
    assert apply(stage("emoji"), texts) == [emoji.replace_emoji(text, "") for text in texts]


def test_every_emoji_goes():
    texts = [*SEQUENCES, *(f"가{sequence}나{sequence}{sequence}\u200d다" for sequence in SEQUENCES)]
    assert apply(stage("emoji"), texts) == [emoji.replace_emoji(text, "") for text in texts]


def test_the_emoji_table_holds_nothing_common():
    common = bitmap(COMMON)
    assert not (emoji_stage._signs() & common).any()


def find_rows(kernel, texts, *args):
    view, found = strings(pa.array(["é http://a.b", *texts], pa.string()).slice(1)), np.zeros(len(texts), np.uint8)
    kernel(view.offsets, view.data, *args, found)
    return found.tolist()


def test_the_coarse_test_misses_no_character():
    """Each uncommon character at a random place in a block, at the end of a text and of the buffer."""
    draw = random.Random(1)
    points = [*range(0xA), *range(0xB, 0x20), *range(0x7F, 0x3100), 0x3164, *range(0x31C0, 0xAC00, 3)]
    points += [*range(0xD780, 0xD800), *range(0xE000, 0x10000, 3), *range(0x10000, 0x110000, 997)]
    words = bitmap((point, point) for point in points)
    texts = [draw.choice(["가a", "ㅋ", "a", ""]) * draw.randrange(60) + chr(point) for point in points]
    texts = [text for text in texts for text in (text, text[:-1])]
    assert find_rows(rows_with, texts, words) == [1, 0] * len(points)
    assert find_rows(rows_with, texts[-2:-1], words) == [1]


@given(st.lists(st.text() | st.text("éß×…☆가a漢\u3164", max_size=90)))
@settings(deadline=None)
def test_rows_with_is_any(texts):
    words = bitmap(ranges_matching("[éß×…☆漢\u3164]"))
    assert find_rows(rows_with, texts, words) == [any(char in "éß×…☆漢\u3164" for char in text) for text in texts]


@given(st.lists(nasty_texts.map("".join) | st.text("❤\ufe0f가😀𠀀︰ａ", max_size=90)))
@settings(max_examples=200, deadline=None)
def test_rows_with_sequences(texts):
    pattern = re.compile("[\ufe00-\ufe3f\U0001f000-\U0001ffff]")
    assert find_rows(rows_with_sequences, texts) == [pattern.search(text) is not None for text in texts]


@given(st.lists(st.text("·ÃÂé“€가怨ŸƒaÅ", max_size=70) | st.text("가나다 ·", max_size=70)))
@settings(max_examples=200, deadline=None)
def test_rows_misread_misses_none(texts):
    words = bitmap([(ord("怨"), ord("怨"))])
    pattern = re.compile("[\x80-\xff][\x80-\xff\u0152-\u02dc\u2013-\u2122]|怨")
    found = find_rows(rows_misread, texts, words)
    assert not [text for text, hit in zip(texts, found, strict=True) if pattern.search(text) and not hit]


@given(st.lists(st.text("a1Z.:/가é한닷*- ", max_size=70) | st.text()))
@settings(max_examples=200, deadline=None)
def test_rows_with_hosts_is_its_definition(texts):
    pattern = re.compile(rb"[A-Za-z0-9*_\x80-\xff-]\.(?:[A-Za-z]{2}|\xed\x95\x9c|\xeb\x8b\xb7)|://")
    assert find_rows(rows_with_hosts, texts) == [int(pattern.search(text.encode()) is not None) for text in texts]


@given(texts_of("3만 원", "10만원", "만", "A", "a"))
def test_regex_replace_is_sub(texts):
    options = {"pattern": r"(\d+)만 ?(?P<unit>원)|a", "replacement": r"[\1\g<unit>]"}
    for ignore_case in (False, True):
        sub = re.compile(options["pattern"], re.IGNORECASE if ignore_case else 0).sub
        expected = [sub(options["replacement"], text) for text in texts]
        assert apply(stage("regex_replace", **options, ignore_case=ignore_case), texts) == expected
        guarded = [new if "만" in old else old for old, new in zip(texts, expected, strict=True)]
        assert apply(stage("regex_replace", **options, ignore_case=ignore_case, must_contain="만"), texts) == guarded


@given(texts_of("[광고]", "광고", "AD"))
def test_regex_filter_is_search(texts):
    batch = pa.record_batch({"text": pa.array(texts, pa.string())})
    for pattern, ignore_case in ((r"^\[광고\]", False), ("ad", True)):
        found = [re.search(pattern, text, re.IGNORECASE if ignore_case else 0) is not None for text in texts]
        keep = stage("regex_filter", pattern=pattern, ignore_case=ignore_case, drop_on="no_match").judge(batch)
        drop = stage("regex_filter", pattern=pattern, ignore_case=ignore_case).judge(batch)
        assert drop.dtype == keep.dtype == np.uint8
        assert drop.tolist() == [int(hit) for hit in found]
        assert keep.tolist() == [0 if hit else 2 for hit in found]
    assert registry.get("regex_filter").reasons == ("matched", "not_matched", "pattern_timeout")


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("urls", {"pattern": "publishd"}, "must be one of published"),
        ("urls", {"pattern": "publishd"}, "did you mean 'published'?"),
        ("masks", {"masks": ["OO"]}, "must be a list of OOO"),
        ("masks", {"masks": []}, "at least 1 item"),
        ("emoji", {"mode": "strip"}, "should be 'remove', 'keep' or 'text'"),
        ("regex_replace", {"pattern": "(a"}, "(missing ), unterminated subpattern at position 0)"),
        ("regex_replace", {"pattern": "a{9999999999}"}, "must be a regular expression that Python's re compiles"),
        ("regex_replace", {"pattern": ""}, "at least 1 character"),
        ("regex_replace", {"pattern": "(a)", "replacement": r"\2"}, r"invalid group reference 2 at position 1"),
        ("regex_replace", {"pattern": "(a)", "replacement": r"\g<b>"}, r"unknown group name 'b'"),
        ("regex_replace", {"pattern": "a", "replacement": "\ud800"}, "unicode"),
        ("regex_filter", {"pattern": "[a"}, "unterminated character set at position 0"),
        ("regex_filter", {"pattern": "a", "drop_on": "matches"}, "should be 'match' or 'no_match'"),
    ],
)
def test_a_wrong_option_is_explained(name, options, message):
    with pytest.raises(ValidationError) as caught:
        stage(name, **options)
    assert message in str(caught.value)


@pytest.mark.parametrize("name", ["urls", "masks", "emoji"])
def test_edits_pickle_and_take_an_empty_batch(name):
    edit = pickle.loads(pickle.dumps(stage(name)))
    assert edit == stage(name)
    assert apply(edit, []) == []
    assert apply(edit, ["", "가"]) == ["", "가"]


def test_a_batch_that_grows_too_large_is_refused():
    class Huge(bytes):
        def __len__(self):
            return 1 << 31

    class Text(str):
        def encode(self):
            return Huge(b"x")

    from korpus.errors import DataError

    with pytest.raises(DataError, match="larger than 2 GiB"):
        edit_rows(pa.array(["a"]), np.array([0]), lambda _: Text("b"))
