"""The stage `published`, and the published recipes without what korpus adds, against the functions themselves."""

import gzip
import json
import os
from pathlib import Path

import emoji
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.published import clean, clean_keeping_emoji, with_later_soynlp
from korpus import RecipeError, recipe, registry
from tests.nasty import PIECES, slices

VERSIONS = [("remove", "0.0.493"), ("remove", "git"), ("keep", "0.0.493"), ("keep", "git")]
each_version = pytest.mark.parametrize(("emoji_mode", "soynlp"), VERSIONS)

SEQUENCES = sorted(emoji.EMOJI_DATA)
# What the function looks for and what it may stumble over: URLs and their parts, repeats, emoji and their parts.
PARTS = [
    *("https://", "http://", "www.", "example.com", ".kr", "/a?b=1&c#d", "(", ")", ":8080", "@", "에서", "é"),
    *("ㅋㅋㅋ", "ㅋ", "OOO", "111", "__", "한글", "漢", "…", "％", "·", "∼", "~", "ㅣ", "ㆍ", "\u318e", "힣", "\ud7a4"),
    *("\u200d", "\ufe0f", "\ufe0e", "\u20e3", "1", "#", "🏻", "👩", "🇰", "🇷", "\U000e0067", "\u3164"),
]
TEXT = st.lists(
    st.sampled_from(PARTS) | st.sampled_from(PIECES) | st.sampled_from(SEQUENCES) | st.text(max_size=4), max_size=16
).map("".join)


def published(text, emoji_mode, soynlp):
    function = clean if emoji_mode == "remove" else clean_keeping_emoji
    return function(text) if soynlp == "0.0.493" else with_later_soynlp(function, text)


def compare(texts, emoji_mode, soynlp):
    stage = registry.get("published")(emoji=emoji_mode, soynlp=soynlp)
    expected = [published(text, emoji_mode, soynlp) for text in texts]
    for array in slices(texts):
        cleaned = stage.apply(array).to_pylist()
        different = [(a, b, c) for a, b, c in zip(texts, cleaned, expected, strict=True) if b != c]
        assert not different


@each_version
@given(texts=st.lists(TEXT, max_size=8))
@settings(max_examples=100, deadline=None)
def test_published_is_the_function(emoji_mode, soynlp, texts):
    compare(texts, emoji_mode, soynlp)


@pytest.mark.slow
@each_version
@given(text=TEXT | st.text(max_size=80))
@settings(max_examples=10_000, deadline=None)
def test_published_is_the_function_on_ten_thousand_texts(emoji_mode, soynlp, text):
    compare([text], emoji_mode, soynlp)


def real_texts():
    """Yield the texts of every corpus in the folder that KORPUS_DATA names: JSON Lines or lines, compressed."""
    for path in sorted(Path(os.environ["KORPUS_DATA"]).glob("*.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line) if ".jsonl" in path.suffixes else {"text": line.rstrip("\n")}
                yield record.get("text") or record.get("content") or ""


@pytest.mark.slow
@pytest.mark.skipif("KORPUS_DATA" not in os.environ, reason="KORPUS_DATA names no folder of corpora")
@each_version
def test_published_is_the_function_on_real_texts(emoji_mode, soynlp):
    texts = list(real_texts())
    assert texts
    for start in range(0, len(texts), 8192):
        compare(texts[start : start + 8192], emoji_mode, soynlp)


@pytest.mark.parametrize(
    ("name", "emoji_mode", "soynlp"),
    [("kcbert", "keep", "0.0.493"), ("kcelectra", "remove", "0.0.493"), ("kcelectra-v2022", "remove", "git")],
)
@given(texts=st.lists(TEXT, min_size=1, max_size=8))
@settings(max_examples=50, deadline=None)
def test_a_published_recipe_is_the_function_but_for_nfc_and_masks(name, emoji_mode, soynlp, texts):
    stages = recipe.load(name, ["stages.nfc=null", "stages.masks=null"]).stages
    array = pa.array(texts, pa.string())
    for stage in stages:
        array = stage.apply(array) if stage.kind == "edit" else array
    assert array.to_pylist() == [published(text, emoji_mode, soynlp) for text in texts]


@pytest.mark.parametrize(
    ("name", "compat", "emoji", "soynlp"),
    [("kcelectra", "published", "remove", "0.0.493"), ("kcbert", "published-git", "keep", "git")],
)
def test_a_recipe_can_be_compatible(name, compat, emoji, soynlp):
    stages = recipe.load(name, [f"compat={compat}"]).stages
    assert [stage.name for stage in stages if stage.kind == "edit"] == ["published"]
    assert (stages[0].emoji, stages[0].soynlp) == (emoji, soynlp)
    others = [stage for stage in recipe.load(name).stages if stage.kind != "edit"]
    assert list(stages[1:]) == others


def test_compat_must_be_known():
    with pytest.raises(RecipeError, match="compat must be one of published, published-git, got 'publish'"):
        recipe.load("kcelectra", ["compat=publish"])
