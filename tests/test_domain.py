"""The tag `domain`, its lexicons and the kernel that matches them."""

import pickle
import re

import numpy as np
import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from korpus import registry
from korpus.domains import lexicon as lexicons
from korpus.errors import SchemaError
from korpus.stages.domain import Domain

IN_WORD = "0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u027f\u1100-\u11ff\uac00-\ud7ff"
SMALL = {
    "pets": ["사료", "고양이"],
    "food": ["사료용", "usb 라면", "ㅋ", "a", "ab", "가!", "é"],
    "rest": ["b", "🙂", "사"],
}


def batch_of(texts, **columns):
    arrays = {"text": pa.array(texts, pa.string()), **columns}
    return pa.record_batch(list(arrays.values()), names=list(arrays))


def tags(stage, texts, **columns):
    batch = batch_of(texts, **columns)
    tagged = stage.tag(batch)
    assert tagged.type == pa.string()
    assert tagged.null_count == 0
    twice = pa.concat_batches([batch, batch])
    assert (
        stage.tag(twice.slice(len(texts) // 2, len(texts))).to_pylist()
        == tagged.to_pylist()[len(texts) // 2 :] + (tagged.to_pylist()[: len(texts) // 2])
    )
    return tagged.to_pylist()


def count_in_python(text, lexicon):
    """The definition: words that begin with a keyword, of several the longest, ASCII letters in either case."""
    owner = {keyword: i for i, keywords in enumerate(lexicon.values()) for keyword in keywords}
    any_of = "|".join(re.escape(keyword) for keyword in sorted(owner, key=len, reverse=True))
    counts = [0] * len(lexicon)
    for match in re.finditer(f"(?<![{IN_WORD}])(?:{any_of})", re.sub("[A-Z]", lambda upper: upper[0].lower(), text)):
        counts[owner[match[0]]] += 1
    return counts


PARTS = [
    *(
        "사료",
        "사료용",
        "사",
        "고양이",
        "USB 라면",
        "ㅋ",
        "\u3131",
        "가",
        "힣",
        "ᄀ\u1161",
        "\u1100",
        "\ud7b0",
        "漢",
        "🙂",
    ),
    *("aB", "A", "b", "1", "!", " ", "\0", "é", "×", "÷", "ƀ", "\u0250", "\u027f", "\u0280", "Ａ"),
]


@given(st.lists(st.lists(st.one_of(st.sampled_from(PARTS), st.characters(codec="utf-8"))).map("".join)))
@settings(deadline=None)
def test_keywords_are_counted_as_defined(texts):
    lexicon = lexicons.check_lexicon(SMALL)
    counts = lexicons.count_hits(pa.array(["사료", *texts], pa.string()).slice(1), lexicon)
    assert counts.tolist() == [count_in_python(text, lexicon) for text in texts]


def test_a_large_lexicon_is_counted_as_defined():
    draw = np.random.default_rng(1)
    words = ["".join(map(chr, draw.integers(0xAC00, 0xAC08, n))) for n in draw.integers(1, 6, 4000)]
    lexicon = lexicons.check_lexicon({str(i): sorted(set(words))[i::5] for i in range(5)})
    texts = [" ".join(draw.choice(words, 20)) for _ in range(50)]
    counts = lexicons.count_hits(pa.array(texts), lexicon)
    assert counts.tolist() == [count_in_python(text, lexicon) for text in texts]


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("강아지 사료를 샀는데 잘 먹어요", "pets"),
        ("ㅋㅋ립스틱 발색이 예뻐요", "cosmetics"),
        ("USB 꽂아도 노트북이 인식을 못 해요", "electronics"),
        ("기저귀가 새요", "baby"),
        ("삼겹살에 김치찌개", "food"),
        ("셔츠,청바지", "fashion"),
        ("강아지 옷이랑 강아지 간식, 치마", "pets"),
        ("치마랑 강아지", "pets"),  # equal: the lexicon names pets first
        ("우유부단한 현미경", "other"),
        ("큰고양이", "other"),
        ("", "other"),
    ],
)
def test_commerce(text, domain):
    assert tags(Domain(lexicon="commerce"), [text]) == [domain]


def test_commerce_is_well_made():
    lexicon = lexicons.load("commerce")
    assert list(lexicon) == ["cosmetics", "food", "electronics", "pets", "fashion", "baby"]
    assert all(len(keywords) >= 40 for keywords in lexicon.values())
    path = lexicons.resources.files("korpus.domains") / "lexicons" / "commerce.yaml"
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert written == lexicon  # no keyword twice, all in the form in which they are matched
    words = [word for keywords in lexicon.values() for word in keywords]
    innocent = [
        *(
            "토너먼트",
            "콜라보",
            "우유부단",
            "국수주의",
            "현미경",
            "김치녀",
            "모자라다",
            "구두쇠",
            "반지하",
            "코트디부아르",
        ),
        *(
            "니트족",
            "샌들러",
            "모니터링",
            "모빌리티",
            "이동장치",
            "사과문",
            "향수병",
            "전복되다",
            "버터플라이",
            "크림반도",
        ),
        *(
            "사료됩니다",
            "시츄에이션",
            "보습학원",
            "안감동",
            "두유노우",
            "기장",
            "스타킹",
            "쿠키영상",
            "장갑차",
            "콘서트",
        ),
    ]
    assert [word for word in innocent if word.startswith(tuple(words))] == []


def test_min_share_is_of_the_eojeol():
    stage = Domain(lexicon={"a": ["가"], "b": ["나"]}, min_share=0.25)
    texts = ["가 x x x", "가 x x x x", "가 나 x x x x x 나", "", "  "]
    batch = pa.RecordBatch.from_pydict({"text": pa.array(texts)})
    assert stage.tag(batch).to_pylist() == ["a", "other", "b", "other", "other"]
    assert stage.tag(batch.slice(2, 1)).to_pylist() == ["b"]


def test_min_hits_and_default():
    stage = Domain(lexicon={"a": ["가"], "b": ["나"]}, min_hits=2, default="none")
    assert tags(stage, ["가", "가 나", "가 가", "나 가 나", "나나 나"]) == ["none", "none", "a", "b", "b"]


def test_field():
    values = pa.array(["화장품", "식품", None, "", "가구"])
    stage = Domain(field="category", map={"화장품": "cosmetics", "식품": "food"})
    assert tags(stage, ["x"] * 5, category=values) == ["cosmetics", "food", "other", "other", "other"]
    assert stage.reads() == ("text", "category")
    assert Domain(lexicon="commerce").reads() == ("text",)
    kept = Domain(field="category", map={"화장품": "cosmetics"}, unmapped="value", default="none")
    assert tags(kept, ["x"] * 5, category=values) == ["cosmetics", "식품", "none", "none", "가구"]
    unfit = pa.array(["a/b", "all", ".", "a=b", " a"])
    assert tags(kept, ["x"] * 5, category=unfit) == ["none"] * 5
    assert tags(kept, [], category=pa.array([], pa.string())) == []


@pytest.mark.parametrize(
    "values",
    [
        pa.array([1, 2, None]),
        pa.array(["1", "2", None], pa.large_string()),
        pa.array(["1", "2", None]).dictionary_encode(),
        pa.array([b"1", b"2", None]),
    ],
)
def test_field_of_another_type(values):
    assert tags(Domain(field="n", map={"1": "one"}, unmapped="value"), ["x"] * 3, n=values) == ["one", "2", "other"]
    assert tags(Domain(field="n", map={"1": "one"}), ["x"] * 3, n=pa.nulls(3)) == ["other"] * 3


def test_field_that_cannot_be_used():
    with pytest.raises(SchemaError, match="must name a column of strings, got one of list"):
        Domain(field="n").tag(batch_of(["x"], n=pa.array([["a"]])))
    with pytest.raises(SchemaError, match="domain.field reads column 'm'"):
        Domain(field="m").tag(batch_of(["x"], n=pa.array(["a"])))


def test_a_lexicon_from_a_file_is_kept_with_the_stage(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("\ufeffpets: [사료, USB]\n'food':\n  - 라면\n", encoding="utf-8")
    stage = Domain(lexicon=str(path))
    path.unlink()
    assert stage.lexicon == {"pets": ["사료", "usb"], "food": ["라면"]}
    assert tags(pickle.loads(pickle.dumps(stage)), ["라면", "사료", "Usb는", "x"]) == ["food", "pets", "pets", "other"]
    assert Domain(**stage.model_dump()) == stage
    assert Domain(**Domain(lexicon="commerce").model_dump()).lexicon == "commerce"


def test_a_decomposed_keyword_is_composed():
    assert lexicons.check_lexicon({"a": ["\u1112\u1161\u11ab", "한"]}) == {"a": ["한"]}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "exactly one of field and lexicon must be given, got neither"),
        ({"field": "a", "lexicon": "commerce"}, "must be given, got field and lexicon"),
        ({"field": "a", "min_hits": 2}, "min_hits cannot be combined with field"),
        ({"field": "a", "min_share": 0.1}, "min_share cannot be combined with field"),
        ({"lexicon": "commerce", "map": {"a": "b"}}, "map cannot be combined with lexicon"),
        ({"lexicon": "comerce"}, "must be a lexicon (commerce), the path of a YAML file, or a mapping"),
        ({"lexicon": "comerce"}, "did you mean 'commerce'?"),
        ({"lexicon": {}}, "a lexicon must be a mapping from domains to lists of keywords, got {}"),
        ({"lexicon": ["a"]}, "a lexicon must be a mapping"),
        ({"lexicon": {"a": []}}, "the keywords of 'a' must be a list of strings, got []"),
        ({"lexicon": {"a": "가"}}, "the keywords of 'a' must be a list of strings, got '가'"),
        ({"lexicon": {"a": [1]}}, "a keyword of 'a' must be a printable string"),
        ({"lexicon": {"a": [""]}}, "not empty, without spaces around it, got ''"),
        ({"lexicon": {"a": [" 가"]}}, "got ' 가'"),
        ({"lexicon": {"a": ["\ud800"]}}, r"got '\ud800'"),
        ({"lexicon": {True: ["가"]}}, "a domain's name must be a string, got True; put it in quotes"),
        ({"lexicon": {"a": ["A"], "b": ["a"]}}, "a keyword must belong to one domain, got 'a' in 'a' and in 'b'"),
        ({"lexicon": {"all": ["가"]}}, "a domain's name must be fit for a folder's name"),
        ({"field": "a", "map": {"x": "a/b"}}, "got 'a/b'"),
        ({"field": "a", "map": {"x": 1}}, "valid string"),
        ({"field": "a", "default": ""}, "got ''"),
        ({"field": ""}, "at least 1 character"),
        ({"field": "a", "min_hits": 0}, "greater than or equal to 1"),
        ({"field": "a", "unmapped": "values"}, "should be 'default' or 'value'"),
    ],
)
def test_a_wrong_option_is_explained(options, message):
    with pytest.raises(ValidationError) as caught:
        Domain(**options)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a: [", "cannot be read"),
        ("a: [가]\nb: [나]\na: [다]\n", "a domain must be given once, got 'a' 2 times"),
        ("- a", "a lexicon must be a mapping"),
        ("", "a lexicon must be a mapping"),
        ("a: [no]", "must be a printable string"),
    ],
)
def test_a_wrong_file_is_explained(tmp_path, content, message):
    path = tmp_path / "mine.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValidationError) as caught:
        Domain(lexicon=str(path))
    assert message in str(caught.value)
    assert "mine.yaml" in str(caught.value)


@pytest.mark.parametrize("name", ["cosmetics", "화장품", "a b", "a.b", "K-뷰티", "가" * 42])
def test_a_domain_may_be_called(name):
    assert lexicons.check_domain_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "all", "a/b", "a\\b", "a=b", "50%", ".", "..", ".a", " a", "a ", "a\n", "\0", "\ud800", "가" * 43]
)
def test_a_domain_may_not_be_called(name):
    with pytest.raises(ValueError, match="fit for a folder's name"):
        lexicons.check_domain_name(name)


def test_the_stage_is_registered():
    assert registry.get("domain") is Domain
    assert Domain.column == "domain"
