"""Vocabularies: their options, what is learned, and the files they are saved in."""

import json
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError
from tokenizers import Tokenizer

from korpus.errors import DataError, RecipeError
from korpus.vocab.counts import count_words, merge_partition, spill_table
from korpus.vocab.export import make_tokenizer, save
from korpus.vocab.files import read_vocab
from korpus.vocab.options import VocabOptions
from korpus.vocab.train import (
    chosen_domains,
    domain_weights,
    folder_name,
    learn_from,
    train,
    train_vocabularies,
)

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


def write_counts(path, **texts):
    """Write the word counts of domains as a run does."""
    counts = {domain: count_words(pa.array(of_domain, pa.string())) for domain, of_domain in texts.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(merge_partition(spill_table(counts)), path)
    return path


def entries(tokenizer):
    ids = tokenizer.get_vocab()
    assert sorted(ids.values()) == list(range(len(ids)))
    return sorted(ids, key=ids.get)


# Options


def test_every_option_is_described_and_bounded():
    for name, field in VocabOptions.model_fields.items():
        assert field.description, name
        if field.annotation in (int, float):
            assert {type(bound).__name__.replace("Gt", "Ge") for bound in field.metadata} >= {"Ge", "Le"}, name


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
        ({"weights": {"a": -1.0}}, "must be 0, or from 0.001 to 1000; that of a is -1"),
        ({"weights": {"a": 1.0}, "temperature": 0.5}, "exclude each other"),
        ({"alphabet_coverage": 0.0}, "greater than 0"),
        ({"model": "bpe"}, "'wordpiece' or 'char'"),
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


def test_size_is_exact_and_an_alphabet_that_is_larger_is_refused():
    syllables = [chr(0xAC00 + i) for i in range(2_000)]
    texts = [a + b for a, b in zip(syllables, syllables[1:], strict=False)]
    with pytest.raises(RecipeError, match=r"100 entries are fewer than the 4,0\d\d.*make size larger"):
        train([texts], VocabOptions(size=100, alphabet_coverage=1.0))
    assert len(entries(train([texts], VocabOptions(size=4100, min_count=1)))) == 4100


def test_small_corpus_is_filled_with_unused_entries():
    found = entries(
        train([["가나 가나 다"]], VocabOptions(size=100, n_unused=2, special_tokens=[*SPECIAL, "[unused3]"]))
    )
    assert found[:13] == [*SPECIAL, "[unused3]", "[unused0]", "[unused1]", "가", "나", "다", "##나", "가나"]
    assert found[13:15] == ["[unused2]", "[unused4]"]
    assert len(found) == 100
    assert len(entries(train([], VocabOptions(size=100)))) == 100


def test_min_count_bounds_what_is_joined():
    texts = [["가나"] * 4 + ["다라"] * 2]
    found = entries(train(texts, VocabOptions(size=100, min_count=3)))
    assert "가나" in found
    assert "다라" not in found


def test_alphabet_covers_the_share_asked_for_most_frequent_first():
    texts = [["가"] * 6 + ["나"] * 3 + ["다"]]
    for coverage, alphabet in ((0.6, "가"), (0.61, "가나"), (0.9, "가나"), (0.91, "가나다"), (1.0, "가나다")):
        found = entries(train(texts, VocabOptions(size=100, alphabet_coverage=coverage)))
        assert [token for token in found if not token.startswith("[")] == list(alphabet)


def test_nothing_is_learned_from_words_that_are_too_long_or_hold_what_is_left_out():
    long = learn_from(count_words(pa.array(["가나다라 " * 9 + "마바 " * 9])), VocabOptions(size=100, max_word_chars=3))
    assert long.n_too_long == 9
    assert {"마바", "마"} < set(long.tokens)
    assert "가" not in long.tokens
    rare = learn_from(count_words(pa.array(["가나 " * 9 + "가다 " * 2])), VocabOptions(size=100, alphabet_coverage=0.9))
    assert rare.left_out == [("다", 2)]
    assert "##다" not in rare.tokens


def test_texts_in_any_order_and_batches_of_any_kind_give_the_same():
    texts = comments(300)
    options = VocabOptions(size=200)
    expected = entries(train([texts], options))
    shuffled = random.Random(1).sample(texts, len(texts))
    assert entries(train([pa.array(shuffled[:100]), shuffled[100:]], options)) == expected


def test_char_model_has_a_token_a_character():
    options = VocabOptions(model="char", size=100, alphabet_coverage=0.9)
    tokenizer = train([["가가가가 가나나나나 다"]], options)
    assert entries(tokenizer)[5:8] == ["가", "나", "[unused0]"]
    assert tokenizer.encode("나가 다!", add_special_tokens=False).tokens == ["나", "가", "[UNK]", "[UNK]"]


def test_accents_are_removed_before_anything_is_learned():
    forced = VocabOptions(size=100, strip_accents=True, force=True)
    assert "cafe" in entries(train([["café cafe " * 5]], forced))


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
def counts(tmp_path):
    return [
        write_counts(tmp_path / "counts/part-00000.parquet", 식품=comments(80), 애완=["야옹 멍멍 야옹"] * 30),
        write_counts(tmp_path / "counts/part-00001.parquet", 식품=["하나뿐 하나뿐"]),
    ]


def test_one_vocabulary_over_everything_and_one_for_each_domain(counts, tmp_path):
    results = train_vocabularies(counts, tmp_path / "vocab", VocabOptions(size=300), {"식품": 80, "애완": 30})
    assert [(r["name"], r["path"], r["n_docs"]) for r in results] == [
        ("all", "vocab/all", 110),
        ("식품", "vocab/식품", 80),
        ("애완", "vocab/애완", 30),
    ]
    for result in results:
        loaded = Tokenizer.from_file(str(tmp_path / result["path"] / "tokenizer.json"))
        assert result["size"] == loaded.get_vocab_size() == 300
        assert result["unk_ratio"] == 0
        assert result["tokens_per_word"] >= 1
    assert "야옹" in loaded.get_vocab()
    assert "배송" not in loaded.get_vocab()
    assert results[2]["n_filled"] > 200


def test_files_in_any_order_give_the_same_bytes(counts, tmp_path):
    for name, paths in (("a", counts), ("b", counts[::-1])):
        train_vocabularies(paths, tmp_path / name, VocabOptions(size=300))
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.*"))
    assert len(files) == 12
    assert all((tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes() for file in files)


def test_unknown_words_are_reported(tmp_path):
    paths = [write_counts(tmp_path / "a.parquet", all=["가나 가나 가다 가나 가나"])]
    options = VocabOptions(size=100, alphabet_coverage=0.8, domains="none")
    (result,) = train_vocabularies(paths, tmp_path / "vocab", options)
    assert result["unk_ratio"] == 0.2
    assert (result["left_out"], result["n_left_out"]) == ([("다", 1)], 1)


def test_weights_and_temperature_balance_the_domains(tmp_path):
    paths = [write_counts(tmp_path / "a.parquet", large=["가나 " * 100], small=["다라 " * 10])]
    totals = {"large": 100, "small": 10}
    assert domain_weights(totals, VocabOptions()) == {}
    assert domain_weights(totals, VocabOptions(weights={"large": 0.05})) == {"large": 50, "small": 1000}
    assert domain_weights(totals, VocabOptions(temperature=0.0)) == {"large": 1000, "small": 10_000}
    assert domain_weights(totals, VocabOptions(temperature=1.0)) == {"large": 1000, "small": 1000}
    for weights, first in (({}, "가나"), ({"large": 0.05}, "다라")):
        train_vocabularies(paths, tmp_path / "vocab", VocabOptions(size=100, weights=weights, domains="none"))
        found = read_vocab(tmp_path / "vocab/all")
        assert next(token for token in found if token in ("가나", "다라")) == first
    with pytest.raises(RecipeError, match="no domain 'larg'.*did you mean 'large'"):
        domain_weights(totals, VocabOptions(weights={"larg": 1.0}))
    with pytest.raises(RecipeError, match="all domains weigh 0"):
        domain_weights(totals, VocabOptions(weights={"large": 0.0, "small": 0.0}))


def test_what_another_vocabulary_has_is_appended(counts, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("\n".join([*SPECIAL, "배송", "화장품"]), encoding="utf-8")
    options = VocabOptions(size=300, append=str(other), domains="none")
    (result,) = train_vocabularies(counts, tmp_path / "vocab", options)
    assert result["size"] == 301
    assert read_vocab(tmp_path / "vocab/all")[-1] == "화장품"


@pytest.mark.parametrize(
    ("domains", "names"),
    [("none", ["all"]), ([], ["all"]), (["애완"], ["all", "애완"]), ("all", ["all", "식품", "애완"])],
)
def test_domains_are_chosen(counts, tmp_path, domains, names):
    results = train_vocabularies(counts, tmp_path / "vocab", VocabOptions(size=200, domains=domains))
    assert [result["name"] for result in results] == names
    assert sorted(path.name for path in (tmp_path / "vocab").iterdir()) == sorted(names)


def test_documents_without_domains_give_one_vocabulary(tmp_path):
    paths = [write_counts(tmp_path / "a.parquet", **{"": ["야옹 멍멍 야옹"]})]
    results = train_vocabularies(paths, tmp_path / "vocab", VocabOptions(size=100))
    assert [result["name"] for result in results] == ["all"]
    with pytest.raises(RecipeError, match="no domain 'all'; the documents have no domains"):
        train_vocabularies(paths, tmp_path / "vocab", VocabOptions(domains=["all"]))


def test_unknown_domain_names_the_nearest(tmp_path):
    with pytest.raises(RecipeError, match="no domain 'cosmetic'.*did you mean 'cosmetics'.*there are: cosmetics, 식품"):
        chosen_domains(["cosmetics", "식품"], VocabOptions(domains=["cosmetic"]))


def test_a_domain_called_all_is_refused_unless_left_out():
    with pytest.raises(RecipeError, match="a domain is called 'all'"):
        chosen_domains(["all", "애완"], VocabOptions())
    assert chosen_domains(["all", "애완"], VocabOptions(domains="none")) == []


@pytest.mark.parametrize(("domain", "name"), [("음식/맛집", "음식%2F맛집"), ("..", "%2E."), ("a b", "a b")])
def test_domain_names_stay_within_the_folder(domain, name):
    assert folder_name(domain) == name


def test_no_words_at_all(tmp_path):
    paths = [write_counts(tmp_path / "a.parquet", all=[])]
    with pytest.raises(DataError, match="the counts are empty"):
        train_vocabularies(paths, tmp_path / "vocab", VocabOptions())
