"""Vocabularies of conjoining letters: what is counted, learned, saved and measured is what the tokenizer does."""

import json
import unicodedata
from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from korpus.cli import main
from korpus.errors import DataError
from korpus.kernels.words import ALONE
from korpus.vocab import commands, subchar
from korpus.vocab.bert_classes import table as bert_classes
from korpus.vocab.combine import extend
from korpus.vocab.counts import as_tokenized, count_words
from korpus.vocab.evaluate import measure
from korpus.vocab.export import make_tokenizer, save
from korpus.vocab.files import read_vocab
from korpus.vocab.options import VocabOptions
from korpus.vocab.train import train, train_vocabularies
from tests.nasty import TEXT
from tests.test_vocab import write_counts

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
REVIEWS = ["한국 영화 ㅋㅋ 재밌다", "한국어 영화를 봤다!", "영화가 재밌었다 ㅠㅠ Good"] * 9


def apart(text):
    return unicodedata.normalize("NFKD", text)


def published(text, options):
    """Return the words that a tokenizer with these options makes of a text."""
    tokenizer = make_tokenizer(SPECIAL, options)
    return [word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(tokenizer.normalizer.normalize_str(text))]


def as_dict(counted):
    words = counted.column(0).to_pylist()
    assert len(set(words)) == len(words)
    return dict(zip(words, counted.column(1).to_pylist(), strict=True))


@settings(deadline=None)
@given(TEXT | st.text(max_size=12), st.booleans(), st.booleans(), st.booleans())
@example("ㅋㅋ 한글 ㈜회사… ½ ﷺ", False, False, False)
@example("‾가 나‗다﹏라﹉마 ￣", False, False, False)
@example("a\u0301\u200b\u0323 a\u200b\u0323\u0301", False, False, False)  # marks that what is cleaned away keeps apart
@example("Ϲ İ K ẞ ㎅ ΟΔΟΣ", True, True, True)
@example("é≠\u0323 ⼀一﨑", False, True, False)
def test_words_are_those_of_the_saved_tokenizer(text, lowercase, strip_accents, counted_in_lower_case):
    options = VocabOptions(subchar=True, lowercase=lowercase, strip_accents=strip_accents)
    counted = count_words(pa.array([text]), lowercase and counted_in_lower_case)
    expected = {}
    for word in published(text, options):
        expected[word] = expected.get(word, 0) + 1
    assert as_dict(as_tokenized(counted, options)) == expected


def test_only_the_known_lines_come_apart_into_what_sticks_to_the_next_word():
    classes = bert_classes()
    alone = [chr(code) for code in range(0x110000) if classes[code] == ALONE]
    sticky = [char for char in alone if any(classes[ord(part)] != ALONE for part in subchar.nfkd()(char))]
    assert "".join(sticky) == "‗‾﹉﹊﹋﹌"


def test_letters_are_learned_and_syllables_are_not():
    options = VocabOptions(size=300, subchar=True, n_unused=2)
    tokenizer = train([REVIEWS], options)
    assert tokenizer.get_vocab_size() == 300
    tokens = set(tokenizer.get_vocab())
    assert {apart("영화"), apart("한국"), "ᄏ", "##ᄏ"} <= tokens
    assert all(apart(token) == token for token in tokens)
    assert tokenizer.encode("영화 ㅋ", add_special_tokens=False).tokens == [apart("영화"), "ᄏ"]
    # What syllables cannot, letters can: write words that hold what was never seen.
    assert "[UNK]" not in tokenizer.encode("국한 영다", add_special_tokens=False).tokens


def test_counts_stay_in_syllables(tmp_path):
    paths = [write_counts(tmp_path / "a.parquet", care=REVIEWS)]
    (result, _) = train_vocabularies(paths, tmp_path / "vocab", VocabOptions(size=300, subchar=True))
    assert result["subchar"]
    assert apart("영화") in read_vocab(tmp_path / "vocab/all", subchar=True)


@pytest.mark.parametrize("model", ["wordpiece", "char"])
def test_saved_files_say_what_they_are(tmp_path, model):
    options = VocabOptions(size=300, subchar=True, lowercase=True, model=model, special_tokens=[*SPECIAL, "[답글]"])
    tokenizer = train([REVIEWS], options)
    save(tokenizer, tmp_path, options)
    config = json.loads((tmp_path / "tokenizer_config.json").read_text(encoding="utf-8"))
    # BERT's own class would put BERT's own normalizer in the place of this one.
    assert config["tokenizer_class"] == "PreTrainedTokenizerFast"
    assert config["model_input_names"] == ["input_ids", "token_type_ids", "attention_mask"]
    loaded = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    for text in (*REVIEWS[:3], "[답글] 한국 ‾가 …"):
        assert loaded.encode(text).tokens == tokenizer.encode(text).tokens
    tokens, wanted = commands._open(tmp_path)
    assert (wanted.subchar, wanted.lowercase, wanted.model) == (True, True, model)
    assert tokens[:6] == [*SPECIAL, "[답글]"]


def test_a_syllable_is_known_if_its_letters_are():
    tokens = [*SPECIAL, "ᄀ", "##ᅡ", "##ᆨ"]
    counted = count_words(pa.array(["가 각 간 가가"]))
    options = VocabOptions(subchar=True)
    found = measure(tokens, counted, options)
    assert found.syllable_coverage == 4 / 5
    assert found.unk_ratio == 2 / 4  # 간 for want of ##ᆫ, 가가 for want of ##ᄀ
    assert found.tokens_per_eojeol == (2 + 3 + 1 + 1) / 4
    assert measure([*SPECIAL, "ᄀ", "ᅡ"], counted, VocabOptions(subchar=True, model="char")).unk_ratio == 2 / 4


def test_terms_end_where_syllables_do():
    letters = [f"{mark}{letter}" for letter in sorted(set(apart("수분크림토너"))) for mark in ("", "##")]
    tokens, options = [*SPECIAL, "[unused0]", "[unused1]", "[unused2]", *letters], VocabOptions(subchar=True)
    counted = count_words(pa.array(["수분크림 수분크림 토너"]))
    found = extend(tokens, counted, options, min_count=1)
    assert found.added == [(5, apart("수분크림"), 2 * 9), (6, apart("토너"), 3)]
    per_word = [measure(each, counted, options).tokens_per_eojeol for each in (tokens, found.tokens)]
    assert per_word == [(10 + 10 + 4) / 3, 1]
    twenty_one = count_words(pa.array(["가" * 21]))
    terms = extend([*SPECIAL, "[unused0]", "ᄀ", "##ᅡ", "##ᄀ"], twenty_one, VocabOptions(subchar=True), min_count=1)
    assert terms.added == [(5, apart("가" * 20), 39)]


# The two kinds do not mix


@pytest.fixture
def both(tmp_path):
    for name, of_letters in (("letters", True), ("syllables", False)):
        options = VocabOptions(size=300, subchar=of_letters)
        save(train([REVIEWS], options), tmp_path / name, options)
    return tmp_path


def test_the_two_kinds_are_neither_merged_nor_compared(both):
    for first, second in (("letters", "syllables"), ("syllables", "letters")):
        message = "letters is of conjoining letters .subchar., .*syllables of syllables"
        with pytest.raises(DataError, match=message):
            commands.merge(both / first, both / second, both / "out")
        with pytest.raises(DataError, match=message):
            commands.diff(both / first, both / second)
    assert not (both / "out").exists()


def test_nothing_of_the_other_kind_is_appended(both):
    other = str(both / "syllables/vocab.txt")
    with pytest.raises(DataError, match="is not taken apart .NFKD., but the vocabulary is to be of conjoining letters"):
        train([REVIEWS], VocabOptions(size=300, subchar=True, append=other))


def test_a_bare_file_of_letters_is_refused_until_it_is_said_to_be_one(both):
    bare, texts = both / "letters/vocab.txt", both / "texts.txt"
    texts.write_text("\n".join(REVIEWS), encoding="utf-8")
    with pytest.raises(DataError, match="composed form.*say so with subchar"):
        commands.evaluate([bare], [texts])
    found = commands.evaluate([bare, both / "letters", both / "syllables/vocab.txt"], [texts], subchar=True)
    assert found[0] == replace(found[1], vocab=str(bare))
    assert commands.merge(both / "letters", bare, both / "out", subchar=True).size == 300
    assert commands.diff(both / "letters", both / "out").n_same_id == 300


def test_the_commands_take_subchar(tmp_path, capsys):
    write_counts(tmp_path / "out/counts/a.parquet", care=REVIEWS)
    out, letters, other = (str(tmp_path / name) for name in ("out", "letters", "other"))
    main(["vocab", "train", out, "-o", letters, "--size", "300", "--n-unused", "3", "--subchar"])
    bare = str(tmp_path / "letters/vocab.txt")
    main(["vocab", "merge", bare, bare, "-o", other, "--subchar"])
    assert (tmp_path / "other/tokenizer.json").read_bytes() == (tmp_path / "letters/tokenizer.json").read_bytes()
    main(["vocab", "extend", bare, "--counts", out, "-o", other, "--subchar", "--candidates", "words"])
    capsys.readouterr()
    main(["vocab", "diff", bare, letters, "--subchar"])
    main(["vocab", "eval", bare, letters, "--on", out, "--subchar"])
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "300 entries have the same id, 0 another one"
    assert said[-2].split()[3:] == said[-1].split()[3:]
