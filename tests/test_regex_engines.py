"""A user's pattern gives what Python's re gives, whichever engine it gets, and ends whatever the text."""

import re
import threading

import pyarrow as pa
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from korpus import api, registry
from korpus.pipeline import Pipeline
from korpus.recipe import load
from korpus.stages import _regex
from korpus.stages._regex import engine
from tests.nasty import PIECES

CHARS = [
    *"abAB01_ -.\n\r\tㅋㅎ가각힣",
    "\x00",
    "\x1c",
    "\x85",
    "\xa0",
    "\u2028",
    "ß",
    "ẞ",
    "ſ",
    "K",
    "İ",
    "ı",
    "µ",
    "Ω",
]
CHARS += ["漢", "é", "\u0301", "٣", "😀", "ǅ", "ﬅ", "\u180e", "\U0010ffff"]
TEXTS = st.lists(st.sampled_from(CHARS) | st.sampled_from(PIECES), max_size=12).map("".join)

one = st.sampled_from(CHARS).map(re.escape)
escape = st.sampled_from([r"\w", r"\W", r"\d", r"\D", r"\s", r"\S", ".", r"[^\S\n]", r"[\w-]", r"[^\d가-힣]", "[a-c]"])
members = st.lists(one | st.sampled_from(["a-z", "ㄱ-ㅎ", "가-힣", r"\s", r"\d", "K-Ω"]), min_size=1, max_size=3)
classes = st.tuples(st.sampled_from(["[", "[^"]), members).map(lambda made: f"{made[0]}{''.join(made[1])}]")
ends = st.sampled_from(["^", "$", r"\A", r"\Z", r"\b", r"\B", "(?m:^)", "(?m:$)"])
repeats = st.sampled_from(["*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{0,2}?", "{2,}"])


def larger(inner):
    return st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.tuples(inner, repeats).map(lambda made: f"(?:{made[0]}){made[1]}"),
        st.tuples(st.sampled_from(["(", "(?:", "(?i:", "(?s:", "(?a:", "(?=", "(?<!"]), inner).map(
            lambda made: f"{made[0]}{made[1]})"
        ),
        st.lists(inner, min_size=2, max_size=3).map(lambda made: f"(?:{'|'.join(made)})"),
    )


PATTERNS = st.recursive(one | escape | classes | ends, larger, max_leaves=8)
REPLACEMENTS = st.sampled_from(["", "x", "ㅋㅋ", r"\1", r"[\g<1>]", r"\g<0>\g<0>", r"\n", r"\\", "$1", r"a\1b"])


def compiles(pattern, replacement=""):
    try:
        re.compile(pattern).sub(replacement, "")
    except (re.error, IndexError):
        return False
    return True


def either_way(function):
    """Call a function as for a small batch, and as for a large one; the two are to give the same."""
    small, _regex.SMALL_BYTES = _regex.SMALL_BYTES, -1
    try:
        of_large = function()
    finally:
        _regex.SMALL_BYTES = small
    assert function() == of_large
    return of_large


def replace(texts, pattern, **options):
    edit = registry.get("regex_replace")(pattern=pattern, **options)
    return either_way(lambda: edit.apply(pa.array(texts, pa.string())).to_pylist())


def search(texts, pattern, **options):
    batch = pa.record_batch({"text": pa.array(texts, pa.string())})
    return either_way(lambda: registry.get("regex_filter")(pattern=pattern, **options).judge(batch).tolist())


@given(PATTERNS, REPLACEMENTS, st.booleans(), st.lists(TEXTS, max_size=4))
@settings(max_examples=400)
@example("(a|b*)+?c", "x", False, ["abbc", "aac"])
@example("a*", "-", False, ["baac", ""])
@example("(?:(a)|b)+", r"<\1>", False, ["ab", "ba"])
@example("a$", "x", False, ["a", "a\n", "a\n\n", "ba\r\n"])
@example("k", "x", True, ["K K k"])
@example("[^ß]", "x", True, ["ßẞss"])
@example(r"(?i:ſ)", "s", False, ["sSſ"])
@example("(?:a|ab)(?:c|bcd)", "x", False, ["abcd"])
@example("[^a\\Wa]", "x", False, ["", "가a"])
@example(r"(?a:[^\s])", "x", False, ["\x1c"])
@example(r"(?ai)[^\sk]", "x", True, ["\x1c\xa0kK"])
def test_the_engine_gives_what_re_gives(pattern, replacement, ignore_case, texts):
    assume(compiles(pattern, replacement))
    flags = re.IGNORECASE if ignore_case else 0
    expected = [re.sub(pattern, replacement, text, flags=flags) for text in texts]
    assert replace(texts, pattern, replacement=replacement, ignore_case=ignore_case) == expected
    found = [int(re.search(pattern, text, flags) is not None) for text in texts]
    assert search(texts, pattern, ignore_case=ignore_case) == found


@pytest.mark.slow
@given(PATTERNS, REPLACEMENTS, st.booleans(), st.lists(TEXTS, max_size=4))
@settings(max_examples=20_000)
def test_the_engine_gives_what_re_gives_at_length(pattern, replacement, ignore_case, texts):
    test_the_engine_gives_what_re_gives.hypothesis.inner_test(pattern, replacement, ignore_case, texts)


RUN_AWAY = [
    ("(ㅋ+)+$", "ㅋ" * 40 + "!"),
    ("(ㅋ|ㅋㅋ)*!$", "ㅋ" * 60),
    (r"^(\w+\s?)+$", "가나 다라 " * 20 + "!"),
    (r"(?i)(a|A|aa)+$", "aA" * 40 + "!"),
    (r"(?:[가-힣]+[가-힣\d]*)+@", "가나다라" * 30),
]


@pytest.mark.parametrize(("pattern", "text"), RUN_AWAY)
def test_a_pattern_that_backtracks_ends_on_re2(pattern, text):
    assert engine(pattern, False).pattern is not None
    assert search([text, ""], pattern)[0] == 0
    assert replace([text], pattern) == [text]


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(_regex, "LIMIT_S", 0.2)


LOOKS_BEHIND = r"(?<!x)(ㅋ+)+$"


def test_what_re2_lacks_is_given_up_after_a_while(impatient):
    assert "a lookaround" in str(engine(LOOKS_BEHIND, False))
    texts = ["ㅋㅋ", "ㅋ" * 40 + "!", "좋아요", "ㅋ" * 50 + "?"]
    assert replace(texts, LOOKS_BEHIND, replacement="ㅎ") == ["ㅎ", None, "좋아요", None]
    assert search(texts, LOOKS_BEHIND) == [1, 3, 0, 3]
    assert search(texts, LOOKS_BEHIND, drop_on="no_match") == [0, 3, 2, 3]


def test_a_document_that_is_given_up_is_a_reject(impatient):
    clean = Pipeline(load({"stages": [{"regex_replace": {"pattern": LOOKS_BEHIND, "replacement": ""}}]}))
    late = "ㅋ" * 40 + "!"
    kept, dropped = clean.split(pa.record_batch({"text": ["좋아요ㅋㅋ", late, "ㅋㅋ"]}))
    assert kept["text"].to_pylist() == ["좋아요"]
    assert dropped.to_pylist() == [
        {"row": 1, "stage": "regex_replace", "reason": "pattern_timeout", "text": late},
        {"row": 2, "stage": "regex_replace", "reason": "emptied", "text": "ㅋㅋ"},
    ]
    assert clean(late) is None


def test_a_run_counts_what_was_given_up(impatient, tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text("".join(f'{{"text": "{text}"}}\n' for text in ("좋아요ㅋㅋ", "ㅋ" * 40 + "!")), encoding="utf-8")
    made = {"stages": [{"regex_replace": {"pattern": LOOKS_BEHIND}}], "engine": {"workers": 1}}
    result = api.run(made, [path], tmp_path / "out", quiet=True)
    assert result.manifest["kept"]["n_docs"] == 1
    assert "pattern_timeout" in str(result)


def test_another_thread_gives_the_same():
    made = []
    worker = threading.Thread(target=lambda: made.append(replace(["aㅋㅋ", "ㅋ"], "(?<=a)ㅋ+", replacement="!")))
    worker.start()
    worker.join()
    assert made == [["a!", "ㅋ"]]


@pytest.mark.parametrize(
    ("pattern", "replacement", "said"),
    [
        (r"\w+", None, "RE2, in linear time"),
        ("a$", None, "RE2, in linear time, but for texts that end in a line feed"),
        (r"\bx", None, r"because of \b"),
        (r"(.)\1", None, "because of a back-reference"),
        ("(?=a)", None, "because of a lookaround"),
        ("(a?)*", None, "because of a repeat of what may be empty"),
        ("a?", "x", "because of matches that may be empty"),
        ("(a)+", r"\1", "because of a group in the replacement that is repeated, or above the ninth"),
        ("a", r"\n", "because of an escape in the replacement that is no group"),
        ("(?:a{900}){900}", None, "because of its size"),
    ],
)
def test_which_engine_a_pattern_gets_is_said(pattern, replacement, said):
    assert said in str(engine(pattern, False, replacement))


def test_check_and_stages_say_which_engine():
    made = {"stages": [{"regex_replace": {"pattern": r"\bx"}}, {"regex_filter": {"pattern": "광고"}}]}
    shown = api.check(made)
    assert r"regex_replace: \bx: Python's re, because of \b; a document that takes it more than 2 s" in shown
    assert "regex_filter: 광고: RE2, in linear time" in shown
    assert "pattern_timeout" in api.stages("regex_replace")
    assert "RE2" in api.stages("regex_filter")
