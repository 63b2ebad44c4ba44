"""A user's pattern gives what Python's re gives, whichever engine it gets, and ends whatever the text."""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pyarrow as pa
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import korpus
from korpus import api, registry
from korpus.pipeline import Pipeline
from korpus.recipe import load
from korpus.stages import _regex
from korpus.stages import _regex_apart as apart
from korpus.stages._regex import engine
from tests.corpus import checked
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
    monkeypatch.setattr(_regex, "LIMIT_S", 0.1)


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


# In another thread, where no signal comes.


def in_thread(function):
    """Call a function in another thread; return what it returns, or raise what it raises."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result(60)


LATE = [*RUN_AWAY, (LOOKS_BEHIND, "ㅋ" * 40 + "!"), (r"(a+)+\1$", "a" * 40 + "!"), (r"(\w+\s?)+\b!$", "가나다 " * 20)]


@pytest.mark.parametrize(("pattern", "text"), LATE)
def test_no_pattern_runs_away_with_a_thread(impatient, pattern, text):
    forced = f"(?=|x){pattern}" if not pattern.startswith("(?i)") else f"(?i)(?=|x){pattern[4:]}"
    texts = ["좋아요", text, "ㅋㅋ"]
    expected = replace(texts, forced), search(texts, forced)
    assert in_thread(lambda: (replace(texts, forced), search(texts, forced))) == expected
    assert expected[0][1] is None
    assert in_thread(lambda: replace([text], pattern)) == replace([text], pattern)


@given(PATTERNS, REPLACEMENTS, st.booleans(), st.lists(TEXTS, max_size=4))
@settings(max_examples=100)
@example("(?<=a)ㅋ+", "!", False, ["aㅋㅋ", "ㅋ"])
def test_another_thread_gives_the_same(pattern, replacement, ignore_case, texts):
    assume(compiles(pattern, replacement))
    flags = re.IGNORECASE if ignore_case else 0
    compiled = re.compile(pattern, flags)
    expected = [compiled.sub(replacement, text) for text in texts]
    assert list(apart.results(compiled, replacement, texts, [9.0] * len(texts))) == expected
    found = [compiled.search(text) is not None for text in texts]
    assert list(apart.results(compiled, None, texts, [9.0] * len(texts))) == found


def test_threads_share_processes_and_none_stays(impatient):
    texts = ["aㅋㅋ", "ㅋ" * 40 + "!", "ㅋ"]
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: replace(texts, LOOKS_BEHIND, replacement="ㅎ"), range(5)))
    assert made == [["aㅎ", None, "ㅎ"]] * 5
    assert 1 <= len(apart._idle) <= 4
    started = [server._process for server in apart._idle]
    apart._end_all()
    assert [process.returncode for process in started] == [0] * len(started)


def test_many_texts_go_there_at_once_and_in_order():
    texts = [f"{i}ㅋ" for i in range(2 * apart._PIECE + 1)]
    assert in_thread(lambda: replace(texts, "(?<=7)ㅋ", replacement="!")) == [re.sub("(?<=7)ㅋ", "!", t) for t in texts]


def test_a_process_that_is_killed_is_not_a_text_that_takes_too_long(monkeypatch):
    server = apart._Server.taken()
    server._process.kill()
    with pytest.raises(korpus.DataError, match="has died"):
        server.receive()
    # One that died while nobody used it is of no concern.
    idle = apart._Server.taken()
    idle._process.kill()
    idle._process.wait()
    apart._idle.append(idle)
    assert in_thread(lambda: search(["가"], "(?=가)")) == [1]


def test_where_no_process_can_be_started_a_thread_does_without(monkeypatch, caplog):
    apart._end_all()
    monkeypatch.setattr(apart, "get_executable", lambda: "/nonexistent/python")
    assert in_thread(lambda: search(["가", "나"], "(?=가)")) == [1, 0]
    assert "no process could be started" in caplog.text


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_fork_has_processes_of_its_own():
    in_thread(lambda: search(["가"], "(?=가)"))
    assert apart._idle
    child = os.fork()
    if not child:
        ended = 1
        with suppress(BaseException):
            ended = int(bool(apart._idle) or in_thread(lambda: search(["가"], "(?=가)")) != [1])
            apart._end_all()
        os._exit(ended)
    assert os.waitpid(child, 0)[1] == 0
    assert in_thread(lambda: search(["가"], "(?=가)")) == [1]


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
    shown = checked(made)
    assert r"regex_replace: \bx: Python's re, because of \b; a document that takes it more than 2 s" in shown
    assert "regex_filter: 광고: RE2, in linear time" in shown
    assert "pattern_timeout" in api.stage("regex_replace").text
    assert "RE2" in api.stage("regex_filter").text
