"""Pair merging is that of `tokenizers`: the same initial ids give the same entries, in the same order."""

import os
import random
from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

from korpus.batch import strings
from korpus.kernels.symbols import spell
from korpus.kernels.wordpiece import learn
from korpus.vocab.counter import count_texts
from korpus.vocab.evaluate import segmented
from korpus.vocab.learn import pack

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def joined(left, right):
    return left + right.removeprefix("##")


def learned(counts, tokens, size, min_weight):
    """What the kernel does, to be read: as `tokenizers`, with lists."""
    tokens, ids = list(tokens), {token: i for i, token in enumerate(tokens)}
    words = [[ids[("##" if i else "") + char] for i, char in enumerate(word)] for word in counts]
    gains = list(counts.values())
    weights, queue = Counter(), {}
    for w, word in enumerate(words):
        for pair in zip(word, word[1:], strict=False):
            weights[pair] += gains[w]
            queue.setdefault(pair, set()).add(w)
    queue = [[weights[pair], pair, places] for pair, places in queue.items()]
    while queue and len(tokens) < size:
        queue.sort(key=lambda entry: (-entry[0], entry[1]))
        weight, pair, places = queue[0]
        if weight != weights[pair]:
            queue[0][0] = weights[pair]
            continue
        if weight < max(1, min_weight):
            break
        del queue[0]
        token = joined(tokens[pair[0]], tokens[pair[1]])
        if token not in ids:
            ids[token] = len(tokens)
            tokens.append(token)
        new, fresh = ids[token], {}
        for w in sorted(places):
            word, at = words[w], 0
            while at < len(word) - 1:
                if (word[at], word[at + 1]) == pair:
                    if at:
                        weights[word[at - 1], pair[0]] -= gains[w]
                        weights[word[at - 1], new] += gains[w]
                        fresh.setdefault((word[at - 1], new), set()).add(w)
                    if at + 2 < len(word):
                        weights[pair[1], word[at + 2]] -= gains[w]
                        weights[new, word[at + 2]] += gains[w]
                        fresh.setdefault((new, word[at + 2]), set()).add(w)
                    word[at : at + 2] = [new]
                at += 1
        queue += [[weights[p], p, here] for p, here in fresh.items() if weights[p] > 0]
    return tokens


def by_kernel(counts, tokens, size, min_weight):
    n, ids = len(tokens), np.full((2, 0x110000), -1, np.int32)
    for i, token in enumerate(tokens):
        if len(token.removeprefix("##")) == 1:
            ids[int(token.startswith("##")), ord(token[-1])] = i
    offsets, data = strings(pa.array(list(counts), pa.string()))
    rows, symbols = np.empty((len(counts), 2), np.int64), np.empty(len(data) + len(counts), np.int32)
    weights = np.array(list(counts.values()), np.int64)
    n_rows, n_symbols = spell(offsets, data, weights, ids, 10_000, rows, symbols)
    starts, spelt, inner = pack(tokens, size - n)
    n, spelt = learn(symbols[:n_symbols], rows[:n_rows], starts, spelt, inner, n, min_weight)
    found = [bytes(spelt[starts[i] : starts[i + 1]]).decode() for i in range(n)]
    return [("##" if inner[i] else "") + token for i, token in enumerate(found)]


def initial(counts):
    chars = sorted({char for word in counts for char in word})
    rest = sorted({char for word in counts for char in word[1:]})
    return [*SPECIAL, *chars, *("##" + char for char in rest)]


WORDS = st.dictionaries(
    st.text("ab", min_size=1, max_size=9) | st.text("가나다", min_size=1, max_size=6), st.integers(1, 9)
)


@settings(deadline=None)
@given(WORDS, st.integers(1, 30), st.integers(1, 6))
@example({"aaaa": 3, "aaaaaaa": 2, "aaa": 1}, 20, 1)
@example({"abab": 1, "ababab": 5, "babab": 2}, 20, 1)
def test_kernel_learns_as_the_definition(counts, room, min_weight):
    tokens = initial(counts)
    size = len(tokens) + room
    assert by_kernel(counts, tokens, size, min_weight) == learned(counts, tokens, size, min_weight)


@given(WORDS, st.randoms())
def test_order_of_words_does_not_matter(counts, shuffle):
    items = list(counts.items())
    shuffle.shuffle(items)
    tokens = initial(counts)
    assert by_kernel(dict(items), tokens, len(tokens) + 20, 1) == by_kernel(counts, tokens, len(tokens) + 20, 1)


def test_weights_add_up_past_32_bits():
    counts = {"가나": 2**40, "가다": 2**40 + 1, "라나": 2**33}
    assert by_kernel(counts, initial(counts), len(initial(counts)) + 1, 1)[-1] == "가다"


def trained_by_tokenizers(texts, size, min_count):
    """Return the vocabulary of `tokenizers`, and how many of its entries are characters and special tokens."""
    tokenizer = Tokenizer(models.WordPiece({"[UNK]": 1}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(True, True, False, False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, min_frequency=min_count, limit_alphabet=10**6, special_tokens=SPECIAL, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    ids = tokenizer.get_vocab()
    tokens = sorted(ids, key=ids.get)
    counts = count_texts([pa.array(texts, pa.string())])
    counts = dict(zip(counts.column(0).to_pylist(), counts.column(1).to_pylist(), strict=True))
    return tokens, counts, len(initial(counts))


def like_reviews(n):
    rng = random.Random(5)
    syllables = [chr(0xAC00 + 28 * rng.randrange(399) + rng.choice([0, 0, 4, 8, 16])) for _ in range(150)]
    stems = ["".join(rng.choices(syllables, k=rng.choice([1, 2, 2, 3]))) for _ in range(900)]
    ends = ["이", "가", "은", "는", "에서", "까지", "이라서", "입니다", "ㅋㅋ", "", "!!", "...", "요", "네요"]
    return [" ".join(rng.choice(stems) + rng.choice(ends) for _ in range(12)) for _ in range(n)]


@pytest.mark.parametrize(("size", "min_count"), [(1500, 2), (4000, 2), (100_000, 3), (100_000, 40)])
def test_initial_ids_of_tokenizers_give_the_ids_of_tokenizers(size, min_count):
    tokens, counts, n = trained_by_tokenizers(like_reviews(3000), size, min_count)
    assert by_kernel(counts, tokens[:n], max(size, n), min_count) == tokens


@pytest.mark.skipif("KORPUS_DATA" not in os.environ, reason="KORPUS_DATA names no folder of Parquet files with texts")
def test_real_texts_give_the_ids_of_tokenizers():
    texts = ds.dataset(os.environ["KORPUS_DATA"], format="parquet").to_table(columns=["text"])["text"].to_pylist()
    tokens, counts, n = trained_by_tokenizers(texts, 30_000, 2)
    assert by_kernel(counts, tokens[:n], 30_000, 2) == tokens


@settings(deadline=None)
@given(
    st.lists(st.text("가나다ab1", min_size=1, max_size=8), max_size=20),
    st.sets(st.text("가나다ab", min_size=1, max_size=4), max_size=30),
    st.sets(st.text("가나다ab", min_size=1, max_size=4), max_size=30),
)
def test_words_are_segmented_as_by_tokenizers(words, whole, inner):
    tokens = [*SPECIAL, *sorted(whole), *("##" + token for token in sorted(inner))]
    model = models.WordPiece({t: i for i, t in enumerate(tokens)}, unk_token="[UNK]", max_input_chars_per_word=6)
    n_tokens, first = segmented(tokens, pa.array(words, pa.string()), 6)
    for word, n, begun in zip(words, n_tokens, first, strict=True):
        pieces = [token.value for token in model.tokenize(word)]
        assert n == (-1 if pieces == ["[UNK]"] else len(pieces))
        if n > 0:
            assert begun == len(pieces[0])
