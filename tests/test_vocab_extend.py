"""A domain's terms: those that soynlp finds, and the vocabularies of a run that take them up."""

import contextlib
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from pydantic import ValidationError
from soynlp.noun import LRNounExtractor_v2
from soynlp.word import WordExtractor

import korpus
from korpus.cli import main
from korpus.errors import MissingExtra
from korpus.vocab import candidates, options
from korpus.vocab.combine import compare, extend
from korpus.vocab.counts import count_words
from korpus.vocab.files import read_vocab
from korpus.vocab.options import VocabOptions
from korpus.vocab.train import train_vocabularies
from tests.test_vocab import comments, write_counts

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def petitions(n, seed=3):
    rng = random.Random(seed)
    nouns = ["간호조무사", "의료기관", "건강보험", "요양원", "보호자", "학교", "어린이집"]
    particles = ["", "는", "를", "에게", "에서", "가", "의", "만"]
    verbs = ["바랍니다", "원합니다", "보았습니다", "있습니다"]
    return [
        " ".join(rng.choice(nouns) + rng.choice(particles) for _ in range(4)) + " " + rng.choice(verbs)
        for _ in range(n)
    ]


TEXTS = petitions(300)
COUNTED = count_words(pa.array(TEXTS))
CHARS = sorted(set("".join(TEXTS)) - {" "})
TOKENS = [*SPECIAL, *(f"[unused{i}]" for i in range(4)), *CHARS, *(f"##{char}" for char in CHARS)]


def test_words_are_those_of_soynlp():
    # A word a sentence, its end written out: what soynlp then counts itself is what it is handed.
    extractor = WordExtractor(min_frequency=1, verbose_points=0)
    extractor.train([f"{word}." for text in TEXTS for word in text.split()])
    extractor.min_frequency = 5
    expected = {
        word
        for word, score in extractor.extract().items()
        if score.right_branching_entropy > 0 and score.leftside_frequency >= 5
    }
    assert set(candidates.words(COUNTED, 5)) == expected
    assert {"간호조무사", "건강보험"} < expected
    assert "간호조무" not in expected


def test_nouns_are_those_of_soynlp():
    with contextlib.redirect_stdout(None):
        expected = LRNounExtractor_v2(verbose=False).train_extract(TEXTS, min_noun_frequency=5)
    found = candidates.nouns(COUNTED, 5)
    assert found == sorted(expected)
    assert {"간호조무사", "건강보험"} < set(found)
    assert not {"바랍니다", "간호조무사는"} & set(found)


@pytest.mark.parametrize("find", candidates.FINDERS.values())
def test_nothing_comes_of_nothing(find):
    assert find(count_words(pa.array([], pa.string())), 1) == []
    assert find(count_words(pa.array(["가"])), 5) == []


@pytest.mark.parametrize("find", candidates.FINDERS.values())
def test_order_of_words_does_not_matter_and_nothing_is_printed(find, capsys):
    order = list(range(len(COUNTED)))
    random.Random(1).shuffle(order)
    assert find(COUNTED.take(pa.array(order)), 5) == find(COUNTED, 5)
    assert capsys.readouterr().out == ""


def test_no_hash_seed_changes_what_is_found():
    code = (
        "from korpus.vocab import candidates; from tests.test_vocab_extend import COUNTED; "
        "print([find(COUNTED, 5) for find in candidates.FINDERS.values()])"
    )
    root = Path(korpus.__file__).parent.parent
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=root,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(found) == 1


def test_only_the_most_frequent_words_are_looked_at(monkeypatch):
    counts = Counter({"나라": 9, "가방": 9, "다리": 9, "라면": 12, "마음": 3})
    counted = pa.record_batch({"word": list(counts), "count": pa.array(counts.values(), pa.int64())})
    monkeypatch.setattr(candidates, "MAX_WORDS", 3)
    assert list(candidates._frequent(counted)) == [("라면", 12), ("가방", 9), ("나라", 9)]


@pytest.mark.parametrize("chosen", ["words", "nouns"])
def test_the_terms_that_save_most_are_taken_from_what_soynlp_finds(chosen):
    every = extend(TOKENS, COUNTED, min_count=5)
    found = extend(TOKENS, COUNTED, min_count=5, candidates=chosen)
    terms = [term for _, term, _ in found.added]
    assert len(terms) == 4
    assert set(terms) <= set(candidates.FINDERS[chosen](COUNTED, 5))
    assert sum(saved for *_, saved in found.added) <= sum(saved for *_, saved in every.added)


def test_case_is_that_of_the_vocabulary():
    counted = count_words(pa.array(["Apple은 apple을 APPLE이 apple만 iPhone은 " * 9]))
    lower = VocabOptions(lowercase=True)
    letters = [f"{mark}{char}" for char in "aehilnop은을이만" for mark in ("", "##")]
    found = extend([*SPECIAL, "[unused0]", *letters], counted, lower, candidates="words")
    assert found.added[0][1] == "apple"


# In a recipe


def wanted(**more):
    return VocabOptions(size=220, n_unused=20, per_domain="extend", **more)


@pytest.mark.parametrize("chosen", ["prefixes", "words", "nouns"])
def test_a_domain_has_the_vocabulary_over_everything_with_terms_of_its_own(tmp_path, chosen):
    paths = [write_counts(tmp_path / "a.parquet", health=petitions(200), shop=comments(500))]
    given = wanted(candidates=chosen, weights={"health": 0.001})
    results = train_vocabularies(paths, tmp_path / "vocab", given, {"health": 200, "shop": 500})
    assert [(r["name"], r["size"]) for r in results] == [("all", 220), ("health", 220), ("shop", 220)]
    assert (results[0]["n_terms"], results[0]["terms"]) == (0, [])
    plain = read_vocab(tmp_path / "vocab/all")
    for told in results[1:]:
        found = compare(plain, read_vocab(tmp_path / told["path"]))
        assert not found.moved
        assert len(found.only_second) == told["n_terms"]
        assert [term for term, _ in told["terms"]] == found.only_second
        assert all(token.startswith("[unused") for token in found.only_first)
        unused = sum(token.startswith("[unused") for token in read_vocab(tmp_path / told["path"]))
        assert told["n_filled"] == unused
    assert results[1]["n_terms"] > 0


def test_what_a_domain_cannot_write_is_told(tmp_path):
    paths = [write_counts(tmp_path / "a.parquet", care=["토너 " * 99], rare=["뷁 뷁토 토너"])]
    *_, told = train_vocabularies(paths, tmp_path / "vocab", wanted(alphabet_coverage=0.9))
    assert (told["name"], told["left_out"], told["n_left_out"]) == ("rare", [("뷁", 2)], 1)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"per_domain": "extend"}, "it needs wordpiece and n_unused"),
        ({"per_domain": "extend", "n_unused": 9, "model": "char"}, "it needs wordpiece and n_unused"),
        ({"candidates": "nouns"}, "says what per_domain: extend chooses from"),
        ({"per_domain": "fill"}, "'train' or 'extend'"),
    ],
)
def test_options_that_do_not_go_together(wrong, message):
    with pytest.raises(ValidationError, match=message):
        VocabOptions(**wrong)


def test_without_soynlp_the_extra_is_named_before_anything_is_read(monkeypatch):
    monkeypatch.setattr(options, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"vocab.candidates: nouns needs .* pip install 'korpus-toolkit\[soynlp\]'"):
        wanted(candidates="nouns")
    assert wanted(candidates="prefixes").candidates == "prefixes"
    monkeypatch.setitem(sys.modules, "soynlp.word", None)
    with pytest.raises(MissingExtra, match=r"candidates: words needs .* pip install 'korpus-toolkit\[soynlp\]'"):
        extend([*SPECIAL, "[unused0]"], COUNTED, candidates="words")


def test_the_command_takes_candidates(tmp_path, capsys):
    write_counts(tmp_path / "out/counts/a.parquet", health=TEXTS)
    vocab = tmp_path / "a.txt"
    vocab.write_text("\n".join(TOKENS), encoding="utf-8")
    main(["vocab", "extend", str(vocab), "--counts", str(tmp_path / "out"), "--candidates", "nouns"]
         + ["-o", str(tmp_path / "v")])  # fmt: skip
    assert "4 terms written to" in capsys.readouterr().out
    assert read_vocab(tmp_path / "v")[5] in candidates.nouns(COUNTED, 5)
