"""nfc, charset, whitespace, repeats, length, hangul_ratio: against Python's own functions and the published ones."""

import pickle
import random
import re
import sys
import unicodedata
import warnings

import pyarrow as pa
import pytest
from emoji import EMOJI_DATA
from hypothesis import given, settings
from pydantic import ValidationError

from korpus import registry
from korpus.hangul.charsets import PRESETS, ranges
from korpus.hangul.ranges import HANGUL
from tests.nasty import PIECES, ROWS, slices

PUBLISHED = re.compile("[^ .,?!/@$%~％·∼()\x00-\x7fㄱ-ㅣ가-힣]+")
WITH_EMOJI = re.compile(f"[^ .,?!/@$%~％·∼()\x00-\x7fㄱ-ㅣ가-힣{''.join(EMOJI_DATA)}]+")


def make(name, **options):
    return registry.get(name)(**options)


def check(stage, rows, expected):
    """The stage turns the rows into what is expected, however they lie in memory; unchanged is the same object."""
    for array in slices(rows):
        edited = stage.apply(array)
        edited.validate(full=True)
        assert edited.to_pylist() == expected
        assert (edited is array) == (rows == expected)


def judge(stage, rows):
    return [stage.judge(pa.record_batch({"text": array})).tolist() for array in slices(rows)]


EDITS = [("nfc", {}), ("charset", {"preset": "korean"}), ("whitespace", {}), ("repeats", {})]


@pytest.mark.parametrize(("name", "options"), EDITS)
def test_edit_of_clean_text_is_the_same_object(name, options):
    stage = pickle.loads(pickle.dumps(make(name, **options)))
    for rows in ([], [""], ["", ""], ["이 영화 정말 재미있게 봤습니다. It was good, 10점!" * 3, "", "ㅋㅋ 굿"]):
        for array in slices(rows):
            assert stage.apply(array) is array


ORACLES = [
    ("nfc", {}, lambda s: unicodedata.normalize("NFC", s)),
    ("charset", {"preset": "kcelectra"}, lambda s: PUBLISHED.sub(" ", s)),
    ("charset", {"ranges": [" -~", "가-\ud77f"]}, lambda s: re.sub("[^ -~가-\ud77f]+", " ", s)),
    ("whitespace", {}, lambda s: re.sub(r"\s+", " ", s).strip()),
    ("repeats", {"min_run": 3}, lambda s: re.sub(r"(\w)\1{2,}", r"\1\1", s)),
    ("repeats", {"chars": "any", "min_run": 5}, lambda s: re.sub(r"(?s)(.)\1{4,}", r"\1\1", s)),
    (
        "repeats",
        {"chars": "any", "min_run": 2, "max_repeats": 1},
        lambda s: re.sub(r"(?s)(.)\1+", r"\1", s),
    ),
]


@pytest.mark.parametrize(("name", "options", "oracle"), ORACLES)
def test_a_lone_oddity_anywhere_in_plain_text(name, options, oracle):
    """Kernels skip blocks of plain text; nothing may hide in one, or on the border of two."""
    plain = "Jackdaws loved my big sphinx of quartz 다람쥐 헌 쳇바퀴에 타고파 "
    pieces = {
        *PIECES,
        "ㅋㅋ",
        "ééééé",
        "ㅎㅎㅎㅎㅎ",
        "😀😀😀😀😀",
        "aaaaa",
        " \t",
        "\t ",
        " \u3000",
        "\xa0 ",
        "하\u11ab",
    }
    rows = [plain[:at] + piece + plain[at:] + plain for piece in sorted(pieces) for at in range(len(plain))]
    check(make(name, **options), rows, [oracle(s) for s in rows])


# nfc


@given(ROWS)
@settings(max_examples=300, deadline=None)
def test_nfc(rows):
    check(make("nfc"), rows, [unicodedata.normalize("NFC", s) for s in rows])


def test_nfc_of_every_code_point():
    """Alone, after a starter that composes, and in decomposed form; then all in random order."""
    points = [chr(c) for c in range(sys.maxunicode + 1) if not 0xD800 <= c < 0xE000]
    interesting = [c for c in points if unicodedata.decomposition(c) or unicodedata.combining(c)]
    rows = [x for c in interesting for x in (c, "가" + c, "e" + c, unicodedata.normalize("NFD", c))]
    random.Random(1).shuffle(points)
    rows += ["".join(points[i : i + 50]) for i in range(0, len(points), 50)]
    assert make("nfc").apply(pa.array(rows)).to_pylist() == [unicodedata.normalize("NFC", s) for s in rows]


def test_nfc_composes_hangul_and_leaves_compatibility_characters():
    decomposed = unicodedata.normalize("NFD", "한글 각하")
    check(make("nfc"), [decomposed, "ㅋㅋ ① ㎏ ％"], ["한글 각하", "ㅋㅋ ① ㎏ ％"])


# charset


@pytest.mark.parametrize(
    ("preset", "pattern"), [("kcelectra", PUBLISHED), ("kcbert", WITH_EMOJI)], ids=["kcelectra", "kcbert"]
)
def test_published_charsets_allow_the_same_characters(preset, pattern):
    stage = make("charset", preset=preset, replacement="")
    every = [chr(c) for c in range(sys.maxunicode + 1) if not 0xD800 <= c < 0xE000]
    rows = ["".join(every[i : i + 97]) for i in range(0, len(every), 97)]
    check(stage, rows, [pattern.sub("", s) for s in rows])


@given(ROWS)
@settings(max_examples=200, deadline=None)
def test_charset(rows):
    check(make("charset", preset="kcelectra"), rows, [PUBLISHED.sub(" ", s) for s in rows])
    check(make("charset", preset="kcbert"), rows, [WITH_EMOJI.sub(" ", s) for s in rows])
    check(make("charset", ranges=["a-z", "가-힣"]), rows, [re.sub("[^a-z가-힣]+", " ", s) for s in rows])
    both = make("charset", preset="kcelectra", ranges=["U+2665", "一-鿿"], replacement="")
    check(both, rows, [re.sub("[^\x00-\x7f％·∼ㄱ-ㅣ가-힣♥一-鿿]+", "", s) for s in rows])


def test_korean_preset_keeps_what_edited_korean_needs():
    kept = "“한국”…「훈민정음」 漢字 ㈜코르퍼스 ①② ½ 25℃ ₩1,000 café 3㎏ A·B・C‧D 〈표〉 10～20％ → ※ α 訓民 ᄒᆞᆫ글\t끝\n"
    stage = make("charset", preset="korean")
    assert stage.apply(pa.array([kept])).to_pylist() == [kept]
    gone = "가😀나\u200b다カ라Д마\x00바\xad사"
    assert stage.apply(pa.array([gone])).to_pylist() == ["가 나 다 라 마 바 사"]


def test_presets_are_readable():
    for preset in PRESETS:
        assert ranges(preset)


# whitespace


@given(ROWS)
@settings(max_examples=200, deadline=None)
def test_whitespace(rows):
    check(make("whitespace"), rows, [re.sub(r"\s+", " ", s).strip() for s in rows])


def test_whitespace_keeps_lines():
    rows = ["  가 \n\n 나\t다\r\n라\x85마\n", "\n", "한 줄\n두 줄"]
    check(make("whitespace", keep_newlines=True), rows, ["가\n나 다\n라 마", "", "한 줄\n두 줄"])
    check(make("whitespace", keep_paragraphs=True), rows, ["가\n\n나 다\n라 마", "", "한 줄\n두 줄"])
    kept = ["문단\n\n문단\n줄"]
    check(make("whitespace", keep_paragraphs=True), kept, kept)


# repeats


@given(ROWS)
@settings(max_examples=200, deadline=None)
def test_repeats(rows):
    check(make("repeats", min_run=3), rows, [re.sub(r"(\w)\1{2,}", r"\1\1", s) for s in rows])
    one = make("repeats", min_run=2, max_repeats=1, chars="any")
    check(one, rows, [re.sub(r"(.)\1+", r"\1", s, flags=re.DOTALL) for s in rows])


@given(ROWS)
@settings(max_examples=200, deadline=None)
def test_repeats_and_whitespace_are_soynlp(rows):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from soynlp.normalizer import repeat_normalize
    expected = [repeat_normalize(s, num_repeats=2) for s in rows]
    for array in slices(rows):
        edited = make("whitespace").apply(make("repeats", min_run=4).apply(array))
        assert edited.to_pylist() == expected


# length


@given(ROWS)
@settings(max_examples=100, deadline=None)
def test_length(rows):
    def reason(text):
        n, words = len(text), len(text.split())
        return 1 if n < 5 else 2 if n > 30 else 3 if words < 2 else 4 if words > 6 else 0

    stage = make("length", min_chars=5, max_chars=30, min_eojeol=2, max_eojeol=6)
    assert judge(stage, rows) == [list(map(reason, rows))] * 2
    assert judge(make("length"), rows) == [[0] * len(rows)] * 2


def test_length_limits_are_inclusive():
    rows = ["", "가나", "가나다", "가나다라", "가 나 다"]
    assert judge(make("length", min_chars=2, max_chars=3), rows)[0] == [1, 0, 0, 2, 2]
    assert judge(make("length", min_eojeol=1, max_eojeol=2), rows)[0] == [3, 0, 0, 0, 4]
    assert registry.get("length").reasons == ("too_short", "too_long", "too_few_eojeol", "too_many_eojeol")


# hangul_ratio


def test_hangul_ratio_of_characters():
    rows = ["한글", "한a", "한ab", "ㅋㅋ  !!", "\u1112\u1161\u11ab abc", "", " \u3000", "\u3164\u3164", "漢字", "ﾡabc"]
    stage = make("hangul_ratio", of="characters", min_ratio=0.5)
    assert judge(stage, rows) == [[0, 0, 1, 0, 0, 1, 1, 1, 1, 1]] * 2
    stage = make("hangul_ratio", of="characters", min_ratio=0.25, max_ratio=0.5)
    assert judge(stage, rows)[0] == [2, 0, 0, 0, 0, 1, 1, 1, 1, 0]


def test_hangul_ratio_counts_letters_alone():
    kept = ["15세 관람가!!!!!!!!!!!!", "집에서(^^)★☆♥♥", "coldplay 의 yellow 생각남", "ㅋㅋ 10000000", "한a", "OST 굿"]
    gone = ["very good movie 굿", "12345 !!", "", " ", "漢字", "\u3164\u3164", "♥♥♥", "ＧＯＯＤ　ｍｏｖｉｅ ever 짱"]
    assert judge(make("hangul_ratio"), [*kept, *gone]) == [[0] * len(kept) + [1] * len(gone)] * 2
    assert judge(make("hangul_ratio", min_ratio=0.0), gone)[0] == [0] * len(gone)
    # 가 is two letters and 각 three, composed or not: 5 of 10.
    rows = ["가각 abcde", unicodedata.normalize("NFD", "가각") + " abcde"]
    assert judge(make("hangul_ratio", min_ratio=0.5, max_ratio=0.5), rows)[0] == [0, 0]
    assert judge(make("hangul_ratio", min_ratio=0.51), rows)[0] == [1, 1]
    assert judge(make("hangul_ratio", max_ratio=0.49), rows)[0] == [2, 2]


@given(ROWS)
@settings(max_examples=200, deadline=None)
def test_hangul_ratio_is_its_definition(rows):
    def share(text):
        letters = [c for c in text if unicodedata.category(c)[0] == "L"]
        size = [len(unicodedata.normalize("NFD", c)) if "가" <= c <= "힣" else 1 for c in letters]
        hangul = sum(n for n, c in zip(size, letters, strict=True) if any(a <= ord(c) <= b for a, b in HANGUL))
        return hangul / max(1, sum(size))

    assert judge(make("hangul_ratio", min_ratio=0.4), rows) == [[int(share(s) < 0.4) for s in rows]] * 2


# options


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("charset", {}, "needs a preset"),
        ("charset", {"preset": "kcelektra"}, "did you mean 'kcelectra'"),
        ("charset", {"ranges": ["힣-가"]}, "smaller to a larger"),
        ("charset", {"ranges": ["가나"]}, "must be a character"),
        ("charset", {"preset": "korean", "replacement": "·"}, "ASCII"),
        ("charset", {"preset": "korean", "replacement": "  "}, "at most 1"),
        ("repeats", {"min_run": 3, "max_repeats": 3}, "less than min_run"),
        ("repeats", {"max_repeats": 1}, "max_repeats and chars go with min_run"),
        ("repeats", {"limits": {}}, "needs limits, or min_run"),
        ("repeats", {"min_run": 3, "limits": {"jamo": 2}}, "takes limits or min_run, not both"),
        ("repeats", {"max_repeats": 0}, "greater than or equal to 1"),
        ("repeats", {"chars": "words"}, "'word' or 'any'"),
        ("length", {"min_chars": 5, "max_chars": 4}, "min_chars must not be more"),
        ("length", {"min_eojeol": 5, "max_eojeol": 4}, "min_eojeol must not be more"),
        ("length", {"min_chars": -1}, "greater than or equal to 0"),
        ("length", {"min_char": 1}, "Extra inputs"),
        ("hangul_ratio", {"min_ratio": 1.5}, "less than or equal to 1"),
        ("hangul_ratio", {"of": "words"}, "'letters' or 'characters'"),
        ("hangul_ratio", {"min_ratio": 0.6, "max_ratio": 0.5}, "min_ratio must not be more"),
    ],
)
def test_wrong_options(name, options, message):
    with pytest.raises(ValidationError, match=re.escape(message)):
        make(name, **options)
