"""Every failure in `korean_failures.jsonl` is one: the tool fails as written, and the recipe `recommended` does not."""

import html
import json
import re
import unicodedata
from pathlib import Path

import pyarrow as pa
import pytest

import korpus
from benchmarks.published import URL, clean, emoticon_normalize, repeat_normalize, with_later_soynlp
from korpus import recipe
from korpus.chain import Chain

HERE = Path(__file__).parent
ROWS = [json.loads(line) for line in (HERE / "korean_failures.jsonl").read_text("utf-8").split("\n") if line]


def repeats(text):
    return repeat_normalize(text, num_repeats=2)


# The published function; its steps alone; and what people write in a line because it is nearly right.
TOOLS = {
    "published": clean,
    "published_url": lambda text: URL.sub("", text),
    "repeat_normalize": repeats,
    "repeat_normalize_git": lambda text: with_later_soynlp(repeats, text),
    "emoticon_normalize": lambda text: emoticon_normalize(text, num_repeats=2),
    "nfkc": lambda text: unicodedata.normalize("NFKC", text),
    "html.unescape": html.unescape,
    "strip_tags": lambda text: re.sub("<[^>]*>", "", text),
    "naked_url": lambda text: re.sub(r"(?:[a-z0-9-]+\.)+(?:com|net|org|co\.kr|kr)\b", "", text),
}


@pytest.fixture(scope="module")
def stages():
    """The stages of `recommended` that repair and normalize; a filter for length would drop the short examples."""
    stages = recipe.load("recommended").stages
    return stages[: [stage.name for stage in stages].index("length")]


def test_there_are_enough_of_them():
    assert len({row["input"] for row in ROWS}) >= 80


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["how"])
def test_recommended_does_not_fail(row, stages):
    batch = pa.record_batch({"doc_id": pa.array([0]), "text": pa.array([row["input"]])})
    kept, dropped = Chain(stages)(batch)
    assert kept.column("text").to_pylist() == ([] if row["expected"] is None else [row["expected"]])
    assert [part.column("reason")[0].as_py() for part in dropped] == ([row["reason"]] if "reason" in row else [])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["how"])
def test_the_tool_fails_as_written(row):
    gives = TOOLS[row["tool"]](row["input"])
    assert gives == row["gives"]
    assert gives != row["expected"]


def test_what_needs_nothing_is_the_same_object(stages):
    """A text that no edit concerns is not even copied."""
    plain = [
        "이 영화 정말 재미있게 봤습니다. 10점!",
        "大韓民國 ₩1,000 25℃ ½컵 ① 「훈민정음」",
        "전화 010-1111-2222, 2000000원",
    ]
    plain += ["ㅋㅋ 좋아요♥ 👍🏽 kim@naver.com Node.js <3", "첫 줄\n\n둘째 줄 wwww GOOOD"]
    texts = pa.array(plain)
    for stage in stages:
        if stage.kind == "edit":
            assert stage.apply(texts) is texts, stage.name


def test_no_pattern_goes_from_a_jamo_to_the_last_syllable():
    """The range from ㄱ to 힣 holds all Chinese characters as well."""
    wrong = "ㄱ-힣"
    for path in sorted(Path(korpus.__file__).parent.rglob("*.py")):
        code = [line for line in path.read_text("utf-8").splitlines() if not line.lstrip().startswith("#")]
        assert wrong not in "\n".join(code), path
    for path in recipe.bundled().values():
        stages = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
        assert wrong not in "\n".join(stages), path
