"""Time counting words and training a WordPiece vocabulary against `tokenizers`, and compare the two vocabularies.

    python benchmarks/vocab.py out/data [--size 30000] [--runs 3]

Both get the same texts, Parquet files with a column ``text``, in memory, and the same settings: cased, no alphabet
limit, ``min_count`` 2. korpus runs once untimed before, so that its kernels are compiled. Then `tokenizers` is
replayed: korpus's pair merging, given the initial ids that `tokenizers` happened to choose, must yield its vocabulary,
id by id.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
from tokenizers import BertWordPieceTokenizer

from korpus.batch import strings
from korpus.kernels.symbols import spell
from korpus.kernels.wordpiece import learn
from korpus.vocab.counter import count_texts
from korpus.vocab.learn import learn_tokens, pack
from korpus.vocab.options import VocabOptions

BATCH_ROWS = 8192


def by_tokenizers(texts: list[str], size: int) -> list[str]:
    """Return the vocabulary that `tokenizers` trains."""
    tokenizer = BertWordPieceTokenizer(clean_text=True, handle_chinese_chars=True, strip_accents=False, lowercase=False)
    tokenizer.train_from_iterator(texts, vocab_size=size, min_frequency=2, limit_alphabet=10**6, show_progress=False)
    ids = tokenizer.get_vocab()
    return sorted(ids, key=ids.__getitem__)


def by_korpus(texts: pa.StringArray, size: int) -> tuple[list[str], pa.RecordBatch]:
    """Return the vocabulary that korpus trains, and the word counts."""
    counts = count_texts(texts.slice(i, BATCH_ROWS) for i in range(0, len(texts), BATCH_ROWS))
    options = VocabOptions(size=size, alphabet_coverage=1.0, max_word_chars=10_000)
    return learn_tokens(counts, options).tokens, counts


def replay(counts: pa.RecordBatch, theirs: list[str]) -> list[str]:
    """Return what korpus learns from the initial ids of `tokenizers`: special tokens and characters."""
    chars = sorted({char for word in counts.column(0).to_pylist() for char in word})
    rest = {char for word in counts.column(0).to_pylist() for char in word[1:]}
    n, size = 5 + len(chars) + len(rest), len(theirs)
    ids = np.full((2, 0x110000), -1, np.int32)
    for i, token in enumerate(theirs[5:n], 5):
        ids[int(len(token) == 3), ord(token[-1])] = i
    offsets, data = strings(counts.column(0))
    rows, symbols = np.empty((len(counts), 2), np.int64), np.empty(len(data) + len(counts), np.int32)
    n_rows, n_symbols = spell(offsets, data, counts.column(1).to_numpy().copy(), ids, 10_000, rows, symbols)
    starts, spelt, inner = pack(theirs[:n], size - n)
    n, spelt = learn(symbols[:n_symbols], rows[:n_rows], starts, spelt, inner, n, 2)
    return [("##" if inner[i] else "") + bytes(spelt[starts[i] : starts[i + 1]]).decode() for i in range(n)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", metavar="FOLDER", type=Path, help="Parquet files with a column text")
    parser.add_argument("--size", type=int, default=30_000)
    parser.add_argument("--runs", type=int, default=3, help="how often both run, in turn; the best of each counts")
    args = parser.parse_args()

    texts = ds.dataset(args.data, format="parquet").to_table(columns=["text"])["text"].combine_chunks()
    listed = texts.to_pylist()
    by_korpus(texts, args.size)
    theirs_s, ours_s = [], []
    for _ in range(args.runs):
        start = time.perf_counter()
        theirs = by_tokenizers(listed, args.size)
        theirs_s.append(time.perf_counter() - start)
        start = time.perf_counter()
        ours, counts = by_korpus(texts, args.size)
        ours_s.append(time.perf_counter() - start)

    print(f"{len(texts):,} texts, {len(counts):,} distinct words, {len(ours):,} entries, best of {args.runs}")
    print(
        f"tokenizers {min(theirs_s):.2f} s, korpus {min(ours_s):.2f} s: {min(theirs_s) / min(ours_s):.1f} times faster"
    )
    print(f"entries in both: {len(set(ours) & set(theirs)) / len(ours):.3%}")
    print(
        f"replayed from the initial ids of tokenizers: {'equal' if replay(counts, theirs) == theirs else 'DIFFERENT'}"
    )


if __name__ == "__main__":
    main()
