"""Words and their counts are exactly those of `tokenizers`."""

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from korpus.io.spill import Partition, write_spill
from korpus.kernels.words import ALONE, REMOVED, SPACE, WORD
from korpus.vocab import bert_classes
from korpus.vocab import counts as counts_module
from korpus.vocab.counter import WordCounter, count_texts
from korpus.vocab.counts import (
    count_words,
    merge_counts,
    merge_partition,
    normalized,
    spill_table,
)
from korpus.vocab.schema import COUNT_SCHEMA, DOMAIN_COUNT_SCHEMA, SPILL_SCHEMA

NASTY = [
    "안녕하세요",
    "ㅋㅋㅋ ㅠㅠ",
    "\u1112\u1161\u11ab\u1100\u1173\u11af",  # 한글, decomposed
    "한\u200b글",  # a format character inside a word
    "👨\u200d👩\u200d👧",
    "1\ufe0f\u20e3",
    "中文漢字と日本語",
    "\U0002a6d6\U0002f800",
    "“따옴표”·‘점’…",
    "a\x00b\x0bc\x85d\ufffde",
    "\u3000\xa0\u2028\u205f\t\r\n",
    "İSTANBUL ẞ ΟΔΟΣ Ǆ Ⅷ Ⓐ \U00010400 ꟋꞋ",
    "##x [UNK] [CLS]",
    "\ue000\U0010ffff\u0378",
    "",
    " ",
    "!",
]
TEXTS = st.lists(
    st.lists(st.sampled_from(NASTY) | st.text(max_size=8) | st.text("가나ㅋaB1 .\n", max_size=8), max_size=5).map(
        "".join
    ),
    max_size=6,
)
PRE_TOKENIZER = BertPreTokenizer()


def normalizer(lowercase):
    return BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=False, lowercase=lowercase)


def published(text, lowercase=False):
    return [word for word, _ in PRE_TOKENIZER.pre_tokenize_str(normalizer(lowercase).normalize_str(text))]


def words_of(text, classes):
    """What the kernel does, to be read."""
    words, word = [], ""
    for char in text + " ":
        kind = classes[ord(char)]
        if kind == WORD:
            word += char
        elif kind != REMOVED:
            words += [word, char] if kind == ALONE else [word]
            word = ""
    return [word for word in words if word]


def as_dict(counts):
    words = counts.column("word").to_pylist()
    assert len(set(words)) == len(words)
    return dict(zip(words, counts.column("count").to_pylist(), strict=True))


def test_classes_are_those_of_the_installed_tokenizers():
    differ = np.flatnonzero(bert_classes.table() != bert_classes.probe())
    assert [hex(code) for code in differ] == []


def test_class_table_is_read_only_and_whole():
    table = bert_classes.table()
    assert table.shape == (0x110000,)
    assert not table.flags.writeable
    assert set(np.unique(table)) == {WORD, REMOVED, SPACE, ALONE}


@given(TEXTS)
@example(NASTY)
@example([])
@example(["", "", ""])
def test_kernel_counts_as_the_definition_and_as_published(texts):
    found = count_words(pa.array(texts, pa.string()))
    defined = Counter(word for text in texts for word in words_of(text, bert_classes.table()))
    assert list(as_dict(found).items()) == list(defined.items())
    assert defined == Counter(word for text in texts for word in published(text))


@given(st.lists(TEXTS, max_size=3), st.integers(1, 3))
def test_a_counter_counts_batch_after_batch_and_threads_together(batches, n_threads):
    arrays = [pa.array(texts, pa.string()) for texts in batches]
    expected = Counter(word for texts in batches for text in texts for word in published(text))
    counter = WordCounter()
    for array in arrays:
        counter.add(array)
    assert as_dict(counter.counted()) == expected
    assert as_dict(count_texts(arrays, n_threads)) == expected


def test_a_counter_grows_in_the_midst_of_a_text():
    words = [f"{i}가" for i in range(5000)]
    text = ".".join(words) + ". " + "!".join(words)
    counter = WordCounter()
    counter.add(pa.array(["", text, text]), np.array([7, 1, 2]))
    assert as_dict(counter.counted()) == {**dict.fromkeys(words, 6), ".": 15000, "!": 14997}
    assert counter.n_bytes > 0


def test_words_without_accents_are_split_anew():
    counted = count_words(pa.array(["é e ≠ 가"]))
    without = BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=True, lowercase=False)
    expected = Counter(word for word, _ in PRE_TOKENIZER.pre_tokenize_str(without.normalize_str("é e ≠ 가")))
    assert as_dict(normalized(counted)) == expected


def test_pieces_of_a_partition_add_up_to_the_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(counts_module, "PIECE_ROWS", 8)
    texts = pa.array([f"{i} {i % 7}" for i in range(60)])
    table = spill_table({"": count_words(texts)})
    for name in ("a", "b"):
        write_spill(tmp_path / f"{name}.arrow", table, 1)
    pieces = list(counts_module.merge_pieces(Partition((tmp_path / "a.arrow", tmp_path / "b.arrow"), 0, 1)))
    assert len(pieces) > 1
    merged = {row["word"]: row["count"] for piece in pieces for row in piece.to_pylist()}
    assert merged == {word: 2 * n for word, n in as_dict(count_words(texts)).items()}


@given(TEXTS, st.booleans())
@example(NASTY, True)
@example([], True)
@example(["AA aa Aa", "ΑΣ ας ασ"], True)
def test_counts_are_those_of_published_words(texts, lowercase):
    counts = count_words(pa.array(texts, pa.string()), lowercase)
    assert counts.schema == COUNT_SCHEMA
    assert as_dict(counts) == Counter(word for text in texts for word in published(text, lowercase))


def test_every_code_point_is_lowercased_as_published():
    texts = [f"가{chr(code)}" for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
    lines = [" ".join(texts[at : at + 256]) for at in range(0, len(texts), 256)]
    expected = Counter(word for line in lines for word in published(line, lowercase=True))
    assert as_dict(count_words(pa.array(lines, pa.string()), lowercase=True)) == expected


@given(TEXTS, st.integers(0, 3), st.integers(0, 3))
def test_slices_count_as_copies(texts, before, after):
    array = pa.array(["앞 " * before] * before + texts + ["뒤"] * after, pa.string())
    assert count_words(array.slice(before, len(texts))).equals(count_words(pa.array(texts, pa.string())))


def test_a_word_of_a_million_characters_is_counted_whole():
    word = "가나다라마" * 200_000
    counts = as_dict(count_words(pa.array([word, f"{word} 짧은", word[:-1]], pa.string())))
    assert counts == {word: 2, "짧은": 1, word[:-1]: 1}


@given(st.lists(TEXTS, max_size=4), st.randoms())
def test_merged_counts_depend_neither_on_batches_nor_on_their_order(batches, random):
    whole = merge_counts([count_words(pa.array([text for texts in batches for text in texts], pa.string()))])
    parts = [count_words(pa.array(texts, pa.string())) for texts in batches]
    random.shuffle(parts)
    merged = merge_counts(iter(parts))
    assert merged.schema == COUNT_SCHEMA
    assert merged.equals(whole)
    words = merged.column("word").to_pylist()
    assert words == sorted(words, key=str.encode)
    assert merge_counts([merged, merged]).column("count").to_pylist() == [2 * n for n in merged["count"].to_pylist()]


def test_counts_add_up_past_32_bits():
    big = pa.table({"word": ["가"], "count": [2**40]}, schema=COUNT_SCHEMA)
    assert merge_counts([big, big]).to_pylist() == [{"word": "가", "count": 2**41}]


@given(TEXTS, TEXTS)
def test_partitions_merge_to_the_counts_of_each_domain(first, second):
    counts = {domain: count_words(pa.array(texts, pa.string())) for domain, texts in (("b", first), ("가", second))}
    spilled = spill_table(counts)
    assert spilled.schema == SPILL_SCHEMA
    keys = {}
    for row in spilled.to_pylist():
        assert keys.setdefault(row["word"], row["key"]) == row["key"]
    assert len(set(keys.values())) == len(keys)
    merged = merge_partition(pa.concat_tables([spilled, spilled.slice(0, 0), spill_table(counts)]))
    assert merged.schema == DOMAIN_COUNT_SCHEMA
    expected = [
        {"domain": domain, "word": word, "count": 2 * count}
        for domain, counted in sorted(counts.items())
        for word, count in sorted(as_dict(counted).items(), key=lambda item: item[0].encode())
    ]
    assert merged.to_pylist() == expected


@pytest.mark.parametrize("counts", [{}, {"a": count_words(pa.array([], pa.string()))}])
def test_nothing_spills_and_merges_to_nothing(counts):
    assert merge_partition(spill_table(counts)).num_rows == 0
