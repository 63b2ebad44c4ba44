"""No number is bent and no particle torn by the recipes that reproduce no publication, but by rules that say so."""

import gzip
import json
import os
import random
import re
import unicodedata
from collections import Counter
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pytest

from korpus import api, recipe
from korpus.hangul.symbols import CLAUSE_ENDS
from tests.corpus import checked

PUBLISHED = {"kcbert", "kcelectra", "kcelectra-v2022", "koelectra"}
OURS = sorted(set(recipe.bundled()) - PUBLISHED)

# What takes numbers and syllables away, because it takes away what they are in.
MAY_TAKE = {
    "urls": "an address goes whole",
    "pii": "a mask stands for a number",
    "boilerplate": "bylines and notices go whole",
    "masks": "a word that is masked goes whole",
    "html": "attributes of tags, scripts and numbers of characters",
    "wikitext": "templates, tables and footnotes",
    "namumark": "tables, footnotes and macros",
    "mojibake": "what was read wrongly is read anew",
}
MAY_TAKE_SYLLABLES = MAY_TAKE | {
    "repeats": "what is said again and again",
    "phrases": "what is said over and over",
    "emoticons": "a syllable that the keyboard made of the letters beside it (ㅋ쿠ㅜ)",
}

DATA = Path(os.environ.get("KORPUS_DATA", Path(__file__).parents[2] / "shared" / "data"))
N_DOCS = {"reviews.jsonl.gz": 3000, "comments.txt.gz": 3000, "petitions.jsonl.gz": 400}


def chains(name):
    """Yield the edits that the documents of each source of a recipe go through."""
    loaded = recipe.load(name)
    for source in loaded.sources or [None]:
        stages = recipe.of_source(loaded, source).stages
        yield source, [stage for stage in stages if stage.kind == "edit"]


def digits(text):
    return [unicodedata.digit(char) for char in re.findall(r"\d", text)]


def lost_syllables(before, after):
    return Counter(re.findall("[가-힣]", before)) - Counter(re.findall("[가-힣]", after))


def documents(file, n):
    """Return n documents of a corpus, drawn evenly; the same ones every time."""
    with gzip.open(DATA / file, "rt", encoding="utf-8") as lines:
        step = {"reviews.jsonl.gz": 100, "comments.txt.gz": 5, "petitions.jsonl.gz": 4}[file]
        some = list(islice(lines, random.Random(7).randrange(step), None, step))[:n]
    records = [json.loads(line) if ".jsonl" in file else {"text": line.rstrip("\n")} for line in some]
    return [record.get("text") or record.get("content") or "" for record in records]


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("file", N_DOCS)
def test_no_number_and_no_syllable_is_lost_that_no_rule_names(name, file):
    if not (DATA / file).exists():
        pytest.skip("no corpora beside the repository")
    first = pa.array(documents(file, N_DOCS[file]), pa.string())
    seen = []
    for source, stages in chains(name):
        texts = first
        for i, stage in enumerate(stages):
            if stages[: i + 1] in seen:  # another source began in the same way
                texts = stage.apply(texts)
                continue
            seen.append(stages[: i + 1])
            edited = stage.apply(texts)
            if edited is not texts:
                for before, after in zip(texts.to_pylist(), edited.to_pylist(), strict=True):
                    if before != after:
                        where = (source, stage.name, before, after)
                        assert stage.name in MAY_TAKE or digits(before) == digits(after), where
                        assert stage.name in MAY_TAKE_SYLLABLES or not lost_syllables(before, after), where
            texts = edited


@pytest.mark.parametrize("name", OURS)
def test_no_sign_of_korean_text_tears_its_particle_off(name):
    """Every sign of KS X 1001, rows 1 to 8, and of those beside it that Korean texts are full of."""
    signs = [bytes([row, cell]) for row in range(0xA1, 0xA9) for cell in range(0xA1, 0xFF)]
    signs = [code.decode("euc-kr") for code in signs if code.decode("euc-kr", "ignore")]
    # A wide mark at the end of a clause holds a space; before a particle there is none.
    signs = [sign for sign in signs if not sign.isspace() and sign not in f"\xad\u3164{CLAUSE_ENDS}"]
    signs += "․‧ᆞᆢ｢｣‚„‐‑―⋯∙✓➤²³⁴₂ğéß漢北"
    texts = [f"이번에 ‘말{sign}’을 보았고 값{sign}이 올랐다" for sign in signs]
    for _, stages in chains(name):
        edited = pa.array(texts)
        for stage in stages:
            edited = stage.apply(edited)
        for sign, after in zip(signs, edited.to_pylist(), strict=True):
            assert re.search("말[^ ]*을 보았고 값[^ ]*이 올랐다", after), (sign, after)


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize(
    "text",
    [
        "1999년 10000원 300000명, 010-0000-1111, 0.0005%, 1:00:00, 777호",
        "‘희망e음터’를 30㎡ 5000㎥ 25℃까지 ｢상법｣ㆍ․·｢민법｣ ㈜한빛",
        "안녕\u200b하세\ufeff요 １０００원 ￦2000 ½컵 ①번 Ⅲ장",
        "연세대 北의 美가 대한민국(大韓民國)은 李씨",
    ],
)
def test_examples(name, text):
    for _, stages in chains(name):
        edited = pa.array([text])
        for stage in stages:
            edited = stage.apply(edited)
        (after,) = edited.to_pylist()
        assert digits(after) == digits(text)
        assert not lost_syllables(text, after)
        assert len(after.split()) == len(text.split()), after


@pytest.mark.parametrize("name", sorted(set(OURS) - {"recommended"}))
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("주소(https://youtu.be/7UeLm )를 보라", "주소를 보라"),
        ("「となりのトトロ」는 만화다", "「となりのトトロ」는 만화다"),
        ("'Москва'를 모스크바라 한다", "'Москва'를 모스크바라 한다"),
    ],
)
def test_no_bracket_and_no_quote_is_left_empty(name, text, expected):
    for source, stages in chains(name):
        edited = pa.array([text])
        for stage in stages:
            edited = stage.apply(edited)
        if source != "law":
            assert edited.to_pylist() == [expected], source


@pytest.mark.parametrize(("name", "source"), [("lm-kor", "wikipedia"), ("kr-bert-medium", "wiki")])
@pytest.mark.parametrize("gloss", ["러시아어: Москва", "태국어: กรุงเทพ 끄룽텝", "히브리어: יְרוּשָׁלַיִם, 아랍어: القدس"])
def test_what_an_encyclopedia_says_in_another_script_goes_with_its_brackets(name, source, gloss):
    edited = pa.array([f"모스크바({gloss})는 수도이다."])
    for stage in dict(chains(name))[source]:
        edited = stage.apply(edited)
    assert edited.to_pylist() == ["모스크바는 수도이다."]


def test_check_and_report_say_where_numbers_change(tmp_path):
    """A published recipe shortens runs of digits, and says so before and after the run."""
    path = tmp_path / "comments.txt"
    path.write_text("입장료가 20000원이라니 너무 비싸요\n정말정말 재미있는 영화였어요ㅋㅋㅋㅋㅋ\n", "utf-8")
    assert "warning: repeats changes numbers in 1 of the first 2 documents" in checked("kcelectra", [path])
    result = api.run("kcelectra", [path], tmp_path / "out", workers=1, overrides=["vocab=null"], quiet=True)
    edits = {stage["name"]: stage["edits"] for stage in result.manifest["stages"]}
    assert edits["repeats"] == {"numbers": 1}
    assert re.search(r"repeats +numbers \(documents\) +1", str(result))
    assert "numbers (documents)" in (tmp_path / "out" / "report.html").read_text("utf-8")
    assert not api.check("commerce", [path]).needs.numbers
