"""Vocabularies: their options, what is learned, and the files they are saved in."""

import json
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError
from tokenizers import Tokenizer

from korpus.errors import RecipeError
from korpus.vocab.export import make_tokenizer, save
from korpus.vocab.options import VocabOptions
from korpus.vocab.train import train, train_vocabularies

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def comments(n, seed=0):
    rng = random.Random(seed)
    stems = ["배송", "포장", "향기", "피부", "강아지", "사료", "화면", "소리", "Apple", "맛집"]
    ends = ["이", "가", "은", "는", "도", "만", "에서", "까지", "이라서", "입니다"]
    words = [stem + end for stem in stems for end in ends]
    return [" ".join(rng.choices(words, k=6)) + rng.choice([".", "!", " ㅋㅋ", "?!"]) for _ in range(n)]


@pytest.fixture(scope="module")
def options():
    return VocabOptions(size=150, n_unused=3)


@pytest.fixture(scope="module")
def tokenizer(options):
    return train([comments(300)], options)


def entries(tokenizer):
    ids = tokenizer.get_vocab()
    assert sorted(ids.values()) == list(range(len(ids)))
    return sorted(ids, key=ids.get)


def write_shard(path, texts, **columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"text": texts, **columns}), path)
    return path


# Options


def test_every_option_is_described_and_bounded():
    for name, field in VocabOptions.model_fields.items():
        assert field.description, name
        if field.annotation is int:
            assert {type(bound).__name__ for bound in field.metadata} >= {"Ge", "Le"}, name


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"strip_accents": True}, "takes every Hangul syllable apart.*force: true"),
        ({"size": 99}, "greater than or equal to 100"),
        ({"size": "30000"}, "valid integer"),
        (
            {"size": 100, "n_unused": 94},
            "size must leave room for characters: 99 special and unused tokens fill its 100",
        ),
        ({"special_tokens": ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]}, r"add \[MASK\]"),
        ({"special_tokens": [*SPECIAL, "[PAD]"]}, r"\[PAD\] is there twice"),
        ({"special_tokens": [*SPECIAL, "a b"]}, "without whitespace"),
        ({"special_tokens": [*SPECIAL, ""]}, "without whitespace"),
        ({"special_tokens": [*SPECIAL, "[unused0]"], "n_unused": 1}, "must not hold one of the"),
        ({"domains": "some"}, "'all' or 'none'"),
        ({"sise": 30000}, "not permitted"),
    ],
)
def test_wrong_options_are_refused(wrong, message):
    with pytest.raises(ValidationError, match=message):
        VocabOptions(**wrong)


def test_accents_go_when_forced():
    forced = VocabOptions(strip_accents=True, force=True)
    tokenizer = make_tokenizer(forced.fixed_tokens(), forced)
    assert tokenizer.normalizer.normalize_str("é") == "e"


# Training


def test_vocabulary_begins_with_special_and_unused_tokens_and_keeps_its_size(tokenizer, options):
    found = entries(tokenizer)
    assert found[:8] == [*SPECIAL, "[unused0]", "[unused1]", "[unused2]"]
    assert len(found) == options.size
    assert "배송" in found
    assert "##입니다" in found


def test_size_holds_even_for_an_alphabet_that_is_larger():
    syllables = [chr(0xAC00 + i) for i in range(2_000)]
    texts = [a + b for a, b in zip(syllables, syllables[1:], strict=False)]
    assert len(entries(train([texts], VocabOptions(size=100, n_unused=7, min_count=1)))) <= 100


def test_small_corpus_gives_a_smaller_vocabulary():
    assert 5 < len(entries(train([["가나 가나 다"]], VocabOptions()))) < 20
    assert entries(train([], VocabOptions(n_unused=1))) == [*SPECIAL, "[unused0]"]


def test_min_count_bounds_what_is_joined():
    texts = [["가나"] * 4 + ["다라"] * 2]
    found = entries(train(texts, VocabOptions(min_count=3)))
    assert "가나" in found
    assert "다라" not in found


def test_alphabet_keeps_the_most_frequent_characters():
    found = entries(train([["가"] * 3 + ["나"] * 2 + ["다"]], VocabOptions(alphabet=2)))
    assert found == [*SPECIAL, "가", "나"]


def test_arrow_batches_train_as_lists_do():
    texts = ["가나 다라", "가나"]
    assert set(entries(train([pa.array(texts)], VocabOptions()))) == set(entries(train([texts], VocabOptions())))


@pytest.mark.parametrize(("lowercase", "expected"), [(False, ["Apple"]), (True, ["apple"])])
def test_case(lowercase, expected):
    tokenizer = train([comments(300)], VocabOptions(lowercase=lowercase))
    assert tokenizer.encode("Apple", add_special_tokens=False).tokens == expected


def test_special_tokens_surround_and_decode(tokenizer):
    encoding = tokenizer.encode("배송이 [MASK]", "포장")
    assert encoding.tokens == ["[CLS]", "배송이", "[MASK]", "[SEP]", "포장", "[SEP]"]
    assert encoding.type_ids == [0, 0, 0, 0, 1, 1]
    assert tokenizer.decode(encoding.ids) == "배송이 포장"


# Saving


def test_saved_files_agree(tokenizer, options, tmp_path):
    save(tokenizer, tmp_path / "all", options)
    folder = tmp_path / "all"
    assert sorted(path.name for path in folder.iterdir()) == [
        "special_tokens_map.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "vocab.txt",
    ]
    loaded = Tokenizer.from_file(str(folder / "tokenizer.json"))
    assert (folder / "vocab.txt").read_bytes() == "".join(f"{token}\n" for token in entries(loaded)).encode()
    for text in comments(20, seed=1):
        assert loaded.encode(text).tokens == tokenizer.encode(text).tokens
    config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    special = json.loads((folder / "special_tokens_map.json").read_text(encoding="utf-8"))
    roles = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}
    assert special == roles
    assert config == {
        "tokenizer_class": "BertTokenizer",
        "do_lower_case": False,
        "strip_accents": False,
        "tokenize_chinese_chars": True,
        "model_max_length": 512,
        "clean_up_tokenization_spaces": False,
        **roles,
    }


def test_further_special_tokens_are_saved_and_never_split(tmp_path):
    options = VocabOptions(special_tokens=[*SPECIAL, "[답글]"])
    tokenizer = train([comments(50)], options)
    save(tokenizer, tmp_path, options)
    assert tokenizer.encode("[답글] 배송이", add_special_tokens=False).tokens[0] == "[답글]"
    special = json.loads((tmp_path / "special_tokens_map.json").read_text(encoding="utf-8"))
    assert special["additional_special_tokens"] == ["[답글]"]


# One over everything, and one a domain


@pytest.fixture
def shards(tmp_path):
    food = [
        write_shard(tmp_path / f"data/domain=식품/part-0000{i}.parquet", comments(40, i), n=[i] * 40) for i in (0, 1)
    ]
    pets = [write_shard(tmp_path / "data/domain=애완/part-00000.parquet", ["야옹 멍멍 야옹"] * 30)]
    return {"식품": food, "애완": pets}


def test_one_vocabulary_over_everything_and_one_for_each_domain(shards, tmp_path):
    results = train_vocabularies(shards, tmp_path / "vocab", VocabOptions(size=300))
    assert [(r["name"], r["path"], r["n_docs"]) for r in results] == [
        ("all", "vocab/all", 110),
        ("식품", "vocab/식품", 80),
        ("애완", "vocab/애완", 30),
    ]
    for result in results:
        loaded = Tokenizer.from_file(str(tmp_path / result["path"] / "tokenizer.json"))
        assert result["size"] == loaded.get_vocab_size() <= result["size_asked"] == 300
        assert result["unk_ratio"] == 0
        assert result["tokens_per_word"] >= 1
    assert "야옹" in loaded.get_vocab()
    assert "배송" not in loaded.get_vocab()


def test_unknown_words_are_reported(tmp_path):
    shard = write_shard(tmp_path / "a.parquet", ["가나 가나 가다"])
    (result,) = train_vocabularies({"all": [shard]}, tmp_path / "vocab", VocabOptions(alphabet=2))
    assert result["unk_ratio"] == round(1 / 3, 6)


@pytest.mark.parametrize(
    ("domains", "names"),
    [("none", ["all"]), ([], ["all"]), (["애완"], ["all", "애완"]), ("all", ["all", "식품", "애완"])],
)
def test_domains_are_chosen(shards, tmp_path, domains, names):
    results = train_vocabularies(shards, tmp_path / "vocab", VocabOptions(size=100, domains=domains))
    assert [result["name"] for result in results] == names
    assert sorted(path.name for path in (tmp_path / "vocab").iterdir()) == sorted(names)


def test_documents_without_domains_give_one_vocabulary(shards, tmp_path):
    results = train_vocabularies({"all": shards["애완"]}, tmp_path / "vocab", VocabOptions())
    assert [result["name"] for result in results] == ["all"]
    with pytest.raises(RecipeError, match="no domain 'all'; the documents have no domains"):
        train_vocabularies({"all": shards["애완"]}, tmp_path / "vocab", VocabOptions(domains=["all"]))


def test_unknown_domain_names_the_nearest(shards, tmp_path):
    with pytest.raises(RecipeError, match="no domain 'cosmetic'.*did you mean 'cosmetics'.*there are: cosmetics, 식품"):
        train_vocabularies(
            {"cosmetics": shards["애완"], "식품": shards["식품"]},
            tmp_path / "vocab",
            VocabOptions(domains=["cosmetic"]),
        )
    assert not (tmp_path / "vocab").exists()


def test_a_domain_called_all_is_refused_unless_left_out(shards, tmp_path):
    clash = {"all": shards["식품"], "애완": shards["애완"]}
    with pytest.raises(RecipeError, match="a domain is called 'all'"):
        train_vocabularies(clash, tmp_path / "vocab", VocabOptions())
    (result,) = train_vocabularies(clash, tmp_path / "vocab", VocabOptions(domains="none"))
    assert result["n_docs"] == 110


@pytest.mark.parametrize(
    ("domain", "path"), [("음식/맛집", "vocab/음식%2F맛집"), ("..", "vocab/%2E."), ("a b", "vocab/a b")]
)
def test_domain_names_stay_within_the_folder(shards, tmp_path, domain, path):
    results = train_vocabularies({domain: shards["애완"]}, tmp_path / "vocab", VocabOptions())
    assert results[1]["path"] == path
    assert (tmp_path / path / "vocab.txt").exists()


def test_progress_is_told_of_every_document(shards, tmp_path):
    class Bar:
        def __init__(self):
            self.totals, self.done = [], 0

        def steps(self, total, what):
            self.totals.append((total, what))
            return self

        def __enter__(self):
            return self

        def __exit__(self, *exc):
            return None

        def update(self, n):
            self.done += n

    bar = Bar()
    train_vocabularies(shards, tmp_path / "vocab", VocabOptions(domains="none"), bar)
    assert bar.totals == [(110, "vocabulary all")]
    assert bar.done == 110
