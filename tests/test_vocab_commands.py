"""The commands of ``korpus vocab``: train, merge, extend, eval, diff; and what they refuse."""

import gzip
import json
from functools import partial

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tokenizers import Tokenizer

from korpus.cli import main
from korpus.errors import DataError
from korpus.io.readers import ReadOptions
from korpus.vocab import commands
from korpus.vocab.combine import compare, extend, merge
from korpus.vocab.counts import count_words, merge_partition, spill_table
from korpus.vocab.evaluate import measure
from korpus.vocab.files import read_vocab
from korpus.vocab.options import VocabOptions
from korpus.vocab.schema import LOWERCASE

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
CARE = ["수분크림 발라요", "수분크림이 좋아요 토너 토너", "토너를 발라요 Good"] * 9
FOOD = ["맛집이 좋아요", "맛집 추천", "국밥이 맛있어요"] * 9


@pytest.fixture
def out(tmp_path):
    """Return an output folder with the word counts of two domains."""
    counts = {name: count_words(pa.array(texts)) for name, texts in (("care", CARE), ("food", FOOD))}
    path = tmp_path / "out/counts/part-00000.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(merge_partition(spill_table(counts)), path)
    return tmp_path / "out"


@pytest.fixture
def korpus(capsys):
    def run(*args):
        code = 0
        try:
            main(["vocab", *map(str, args)])
        except SystemExit as exit_:
            code = exit_.code
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def write_vocab(path, tokens):
    path.write_text("".join(f"{token}\n" for token in tokens), encoding="utf-8")
    return path


def test_train_saves_a_tokenizer_and_says_what_became_of_the_words(korpus, out, tmp_path):
    code, said, _ = korpus(
        "train", out, "-o", tmp_path / "v", "--size", 120, "--n-unused", 9, "--special-token", "[답]"
    )
    assert code == 0
    assert said.startswith(f"120 entries written to {tmp_path / 'v'}; of the words 0.000% become [UNK]")
    assert read_vocab(tmp_path / "v")[:7] == [*SPECIAL, "[답]", "[unused0]"]
    assert Tokenizer.from_file(str(tmp_path / "v/tokenizer.json")).get_vocab_size() == 120
    korpus("train", out / "counts", "-o", tmp_path / "w", "--size", 120, "--n-unused", 9, "--special-token", "[답]")
    for file in (tmp_path / "v").iterdir():
        assert file.read_bytes() == (tmp_path / "w" / file.name).read_bytes()


def test_train_of_one_domain_and_of_weighed_ones(korpus, out, tmp_path):
    assert korpus("train", out, "-o", tmp_path / "v", "--size", 120, "--domain", "food")[0] == 0
    assert "국밥이" in read_vocab(tmp_path / "v")
    assert "토너" not in read_vocab(tmp_path / "v")
    assert korpus("train", out, "-o", tmp_path / "w", "--size", 120, "--weight", "care=0.0")[0] == 0
    assert read_vocab(tmp_path / "w") == read_vocab(tmp_path / "v")
    assert korpus("train", out, "-o", tmp_path / "c", "--size", 120, "--model", "char", "--temperature", 0)[0] == 0


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["--domain", "foot"], 2, "there is no domain 'foot' (did you mean 'food'?); there are: care, food"),
        (["--weight", "foot=1"], 2, "vocab.weights: there is no domain 'foot'"),
        (["--weight", "food"], 2, "must be DOMAIN=NUMBER"),
        (["--strip-accents"], 2, "takes every Hangul syllable apart"),
        (["--size", "10"], 2, "--size: Input should be greater than or equal to 100"),
        (["--n-unused", "90", "--size", "100"], 2, "100 entries are fewer than the"),
    ],
)
def test_train_refuses(korpus, out, tmp_path, args, code, message):
    found, _, err = korpus("train", out, "-o", tmp_path / "v", *args)
    assert found == code
    assert message in err
    assert not (tmp_path / "v").exists()


def test_train_needs_counts(korpus, tmp_path):
    code, _, err = korpus("train", tmp_path, "-o", tmp_path / "v")
    assert code == 1
    assert "holds no word counts; give the output folder of a korpus run" in err
    other = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": ["a"]}), other)
    assert "has no column 'word'" in korpus("train", other, "-o", tmp_path / "v")[2]
    other.write_text("word")
    assert "is not a Parquet file" in korpus("train", other, "-o", tmp_path / "v")[2]


def test_no_cased_vocabulary_from_words_in_lower_case(korpus, out, tmp_path):
    path = out / "counts/part-00000.parquet"
    pq.write_table(pq.read_table(path).replace_schema_metadata({LOWERCASE: "true"}), path)
    code, _, err = korpus("train", out, "-o", tmp_path / "v", "--size", 120)
    assert code == 1
    assert "add --lowercase" in err
    assert korpus("train", out, "-o", tmp_path / "v", "--size", 120, "--lowercase")[0] == 0


def test_merge_keeps_the_ids_of_the_first(korpus, tmp_path):
    first, second = [*SPECIAL, "가", "나"], [*SPECIAL[::-1], "나", "다", "##라"]
    assert merge(first, second) == [*SPECIAL, "가", "나", "다", "##라"]
    a, b = write_vocab(tmp_path / "a.txt", first), write_vocab(tmp_path / "b.txt", second)
    code, said, _ = korpus("merge", a, b, "-o", tmp_path / "v")
    assert code == 0
    assert said.startswith("7 + 8 - 6 in both = 9 entries")
    assert read_vocab(tmp_path / "v") == merge(first, second)


def test_extend_fills_unused_entries_with_what_saves_most():
    tokens = [*SPECIAL, "[unused0]", "수", "##분", "[unused1]", "##크", "##림", "##이", "토", "##너"]
    counted = count_words(pa.array(["수분크림 수분크림이 토너"]))
    found = extend(tokens, counted, min_count=1)
    # 수분크림이 takes 5 tokens, 2 with 수분크림; 수분크림 4, 1 with it.
    # Then two terms save one token each; 수 sorts before 토.
    assert found.added == [(5, "수분크림", 6), (8, "수분크림이", 1)]
    assert [i for i, token in enumerate(found.tokens) if token != tokens[i]] == [5, 8]
    options = VocabOptions()
    before, after = measure(tokens, counted, options), measure(found.tokens, counted, options)
    assert (before.tokens_per_eojeol, after.tokens_per_eojeol) == (11 / 3, 4 / 3)
    assert extend(tokens, counted, n_terms=1, min_count=2).added == [(5, "수분크림", 6)]


def test_extend_saves_what_it_says(korpus, out, tmp_path):
    korpus("train", out, "-o", tmp_path / "v", "--size", 120, "--n-unused", 5, "--domain", "food", "--min-count", 20)
    code, said, _ = korpus("extend", tmp_path / "v", "--counts", out, "--domain", "care", "-o", tmp_path / "w")
    assert code == 0
    assert "terms written to" in said
    found = compare(read_vocab(tmp_path / "v"), read_vocab(tmp_path / "w"))
    assert not found.moved
    assert all(token.startswith("[unused") for token in found.only_first)
    assert len(found.only_second) == len(found.only_first) > 0
    counted = count_words(pa.array(CARE))
    saved = sum(int(row.split()[-1]) for row in said.splitlines()[2:])
    per_word = [measure(read_vocab(tmp_path / name), counted, VocabOptions()).unk_ratio for name in "vw"]
    assert saved > 0
    assert per_word[1] <= per_word[0]


def test_extend_needs_room(korpus, out, tmp_path):
    vocab = write_vocab(tmp_path / "a.txt", [*SPECIAL, "가"])
    code, _, err = korpus("extend", vocab, "--counts", out, "-o", tmp_path / "w")
    assert code == 1
    assert "has 0 entries [unused…], at least one needed" in err
    vocab = write_vocab(tmp_path / "a.txt", [*SPECIAL, "[unused0]"])
    assert "has 1 entries [unused…], 2 needed" in korpus("extend", vocab, "--counts", out, "-o", "w", "--terms", 2)[2]


def test_eval_of_counts_and_texts_side_by_side(korpus, out, tmp_path):
    korpus("train", out, "-o", tmp_path / "v", "--size", 120)
    vocab = write_vocab(tmp_path / "a.txt", [*SPECIAL, "토너", "토"])
    texts = tmp_path / "t.txt.gz"
    texts.write_bytes(gzip.compress("토너 토너를\n토!".encode()))
    fields = tmp_path / "t.jsonl"
    fields.write_text(json.dumps({"본문": "토너 토너를 토!"}), encoding="utf-8")
    code, said, _ = korpus("eval", tmp_path / "v", vocab, "--on", out, "--on", texts)
    assert code == 0
    lines = said.splitlines()
    assert lines[0].split() == ["on", "vocabulary", "entries", "[UNK]", "tokens/eojeol", "whole", "words", "syllables"]
    assert len(lines) == 7
    # Of 토너 토너를 토 ! two are known; 토너를 is [UNK] for want of ##를, and of six syllables only 토 is an entry.
    assert lines[-1].split()[2:] == ["7", "50.000%", "1.000", "66.7%", "50.000%"]
    code, said, _ = korpus("eval", vocab, "--on", fields, "--text", "본문")
    assert said.splitlines()[-1].split()[2:] == lines[-1].split()[2:]
    assert "no column 'text', which --text names" in korpus("eval", vocab, "--on", fields)[2]
    assert "there is no file or folder" in korpus("eval", vocab, "--on", tmp_path / "no.txt")[2]


def test_eval_adds_up_what_it_measures_in_pieces(korpus, out, tmp_path, monkeypatch):
    vocab = write_vocab(tmp_path / "a.txt", [*SPECIAL, "토너", "맛집", "##이", "좋아요"])
    texts = tmp_path / "t.jsonl"
    texts.write_text("".join(json.dumps({"text": text}) + "\n" for text in (*CARE, "", *FOOD)), encoding="utf-8")
    whole = [commands.evaluate([vocab], [source]) for source in (out, texts)]
    monkeypatch.setattr(commands, "PIECE_ROWS", 2)
    monkeypatch.setattr(commands, "PIECE_BATCHES", 1)
    monkeypatch.setattr(commands, "ReadOptions", partial(ReadOptions, batch_rows=5, split_bytes=300))
    assert [commands.evaluate([vocab], [source]) for source in (out, texts)] == whole
    for domain, lines in (("care", CARE), ("food", FOOD)):
        expected = measure(read_vocab(vocab), count_words(pa.array(lines)), VocabOptions())
        assert next(each for each in whole[0] if each.domain == domain).measures == expected


def test_eval_names_the_line_that_is_no_text(korpus, tmp_path, monkeypatch):
    vocab = write_vocab(tmp_path / "a.txt", [*SPECIAL, "토너"])
    monkeypatch.setattr(commands, "ReadOptions", partial(ReadOptions, batch_rows=2, split_bytes=64))
    texts = tmp_path / "t.jsonl"
    texts.write_text('{"text": "토너"}\n' * 9 + '{"text": \n', encoding="utf-8")
    code, _, err = korpus("eval", vocab, "--on", texts)
    assert code == 1
    assert "t.jsonl:10: " in err
    assert "mend or remove the line" in err
    texts.write_text("", encoding="utf-8")
    assert "t.jsonl holds no words" in korpus("eval", vocab, "--on", texts)[2]


def test_char_vocabularies_are_measured_by_character(out):
    counted = count_words(pa.array(["가나 다"]))
    found = measure([*SPECIAL, "가", "나"], counted, VocabOptions(model="char"))
    assert (found.tokens_per_word, found.unk_ratio) == (1.5, 0.5)


def test_diff(korpus, tmp_path):
    a = write_vocab(tmp_path / "a.txt", [*SPECIAL, "가", "나", "다"])
    b = write_vocab(tmp_path / "b.txt", [*SPECIAL, "나", "가", "라"])
    code, said, _ = korpus("diff", a, b)
    assert code == 0
    assert said.splitlines() == [
        "5 entries have the same id, 2 another one",
        "  가: 5 → 6",
        "  나: 6 → 5",
        "1 are in the first alone, such as 다",
        "1 are in the second alone, such as 라",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[PAD]\r\n[UNK]\r\n", "a.txt:1: the line ends like those of Windows"),
        ("[PAD]\n\n[UNK]\n", "a.txt:2: the line is empty"),
        ("[PAD]\n가\n가\n", "a.txt:3: '가' is there twice, first in line 2"),
        ("[PAD]\n\u1100\u1161\n", "a.txt:2: .* is not in Unicode's composed form"),
        ("[PAD]\n 가\n", "a.txt:2: .* has whitespace around it"),
        ("[PAD]\n" + "가" * 101 + "\n", "a.txt:2: .* has 101 characters"),
        ("[PAD]\n[UNK]\n", r"a.txt has no \[CLS\] \[SEP\] \[MASK\]"),
    ],
)
def test_bad_vocabulary_files_are_refused(tmp_path, content, message):
    path = tmp_path / "a.txt"
    path.write_bytes(content.encode())
    with pytest.raises(DataError, match=message):
        read_vocab(path)


def test_no_vocabulary_file(tmp_path):
    with pytest.raises(DataError, match="there is no vocabulary"):
        read_vocab(tmp_path)
    (tmp_path / "vocab.txt").write_bytes(b"\xff")
    with pytest.raises(DataError, match="is not UTF-8"):
        read_vocab(tmp_path)
