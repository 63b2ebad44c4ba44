"""Compare near-duplicate removal with the truth: the exact similarity of all pairs of a sample.

    python benchmarks/dedup_truth.py reviews.jsonl.gz [--n 20000] [--field text]
        [--datatrove-python DT/bin/python] [--text-dedup-python TD/bin/python]

The sample is made of texts and of copies of one in five of them, in which 1 to 20% of the characters were replaced,
left out or put in. Similarity is Jaccard's over sets of 5 characters of the normalized text, computed here with Python
sets' worth of integers and scipy, none of korpus's kernels; texts with nothing left are not compared.

For each tool:
- removed: documents that are not in its output;
- precision: the share of those that are similar (0.8) to a document that it keeps;
- recall: of all similar pairs, the share of which it does not keep both.
korpus's own ledger is checked too: the document named, and the similarity.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import scipy.sparse as sp
from edits import read_texts
from vs_datatrove import timed

from korpus.dedup.forms import folded

HERE = Path(__file__).resolve().parent
THRESHOLD = 0.8
SHINGLE_CHARS = 5
EDIT_RATES = (0.01, 0.02, 0.05, 0.1, 0.2)
BLOCK = 500
fold = cache(folded)


def with_copies(texts: list[str], random: np.random.Generator) -> list[str]:
    """Return texts with an edited copy of every fifth, shuffled."""
    letters = "".join(texts[:1000]).replace("\n", " ")
    made = list(texts)
    for i, text in enumerate(texts[::5]):
        chars = list(text)
        for _ in range(max(1, round(EDIT_RATES[i % len(EDIT_RATES)] * len(chars)))):
            at, how = random.integers(len(chars) + 1), random.integers(3)
            new = [letters[random.integers(len(letters))]] if how else []
            chars[at : at + (how != 1)] = new
        made.append("".join(chars))
    return [made[i] for i in random.permutation(len(made)) if made[i].strip()]


def shingles(text: str) -> set[str]:
    """Return the shingles of a text's normalized form."""
    form = "".join(map(fold, text))
    return {form[i : i + SHINGLE_CHARS] for i in range(max(1, len(form) - SHINGLE_CHARS + 1))} if form else set()


def similar_pairs(sets: list[set[str]]) -> dict[tuple[int, int], float]:
    """Return all pairs that reach the threshold, and their similarity."""
    number: dict[str, int] = {}
    columns = [[number.setdefault(shingle, len(number)) for shingle in own] for own in sets]
    sizes = np.array([len(own) for own in sets])
    starts = np.concatenate([[0], np.cumsum(sizes)])
    ones = np.ones(starts[-1], np.int32)
    matrix = sp.csr_matrix((ones, np.concatenate([*columns, []]).astype(np.int64), starts), (len(sets), len(number)))
    across = matrix.T.tocsr()
    pairs = {}
    for begin in range(0, len(sets), BLOCK):
        common = (matrix[begin : begin + BLOCK] @ across).tocoo()
        left, right, n = common.row + begin, common.col, common.data.astype(np.int64)
        total = sizes[left] + sizes[right] - n
        some = np.flatnonzero((left < right) & (n / total >= THRESHOLD))
        pairs |= {(int(left[i]), int(right[i])): n[i] / total[i] for i in some}
    return pairs


def write(path: Path, texts: list[str], n_files: int) -> None:
    """Write numbered texts as JSON Lines, cut into files."""
    path.mkdir()
    rows = [json.dumps({"id": str(i), "text": text}, ensure_ascii=False) + "\n" for i, text in enumerate(texts)]
    for i in range(n_files):
        part = rows[len(rows) * i // n_files : len(rows) * (i + 1) // n_files]
        (path / f"{i}.jsonl").write_text("".join(part), encoding="utf-8")


def korpus(source: Path, out: Path, keep: str = "first") -> set[int]:
    """Return the numbers of what korpus keeps."""
    from korpus import api

    recipe = {"stages": [{"minhash_dedup": {"threshold": THRESHOLD, "keep": keep}}], "output": {"counts": False}}
    api.run(recipe, [source], out, quiet=True)
    return {int(i) for i in ds.dataset(out / "data").to_table(["id"])["id"].to_pylist()}


def datatrove(python: str, tokenizer: str, source: Path, out: Path) -> set[int]:
    """Return the numbers of what datatrove keeps."""
    timed([python, HERE / "dedup_datatrove.py", source, out, "--tokenizer", tokenizer])
    lines = [line for path in (out / "data").glob("*") for line in path.read_text("utf-8").splitlines()]
    return {int(json.loads(line)["id"]) for line in lines}


def text_dedup(python: str, options: list[str], source: Path, out: Path) -> set[int]:
    """Return the numbers of what text-dedup keeps."""
    cache_dir = out.with_name("cache")
    command = [python, "-m", "text_dedup.minhash", "--path", "json", "--data_files", source / "*.jsonl"]
    command += ["--split", "train", "--column", "text", "--output", out, "--cache_dir", cache_dir, "--num_proc", 2]
    timed([*command, *options], env={**os.environ, "HF_HOME": str(cache_dir), "HF_HUB_OFFLINE": "1"})
    script = "import json, sys, datasets\nprint(json.dumps(list(map(int, datasets.load_from_disk(sys.argv[1])['id']))))"
    return set(json.loads(timed([python, "-c", script, out])[1].splitlines()[-1]))


def check_ledger(out: Path, sets: list[set[str]]) -> tuple[int, int]:
    """Return how many duplicates korpus's ledger has, and how many of them are as it says."""
    rows = [row for path in sorted((out / "rejects").glob("*")) for row in pq.read_table(path).to_pylist()]
    ids = ds.dataset(out / "data").to_table(["doc_id", "id"])
    number = dict(zip(ids["doc_id"].to_pylist(), map(int, ids["id"].to_pylist())))
    by_source: dict[str, int] = {}
    at = 0
    for path in sorted({row["path"] for row in rows}):
        by_source[path], at = at, at + len(Path(path).read_text("utf-8").splitlines())
    true = 0
    for row in rows:
        own, other = sets[by_source[row["path"]] + row["row"] - 1], sets[number[row["duplicate_of"]]]
        similarity = len(own & other) / len(own | other)
        true += similarity >= THRESHOLD and abs(similarity - row["similarity"]) < 1e-9
    return len(rows), true


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", metavar="INPUT", type=Path, help="JSON Lines, plain or compressed")
    parser.add_argument("--field", default="text", help="the field that is the text")
    parser.add_argument("--n", type=int, default=20_000, help="documents, edited copies included")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--datatrove-python", help="a Python that has datatrove")
    parser.add_argument("--text-dedup-python", help="a Python that has text-dedup")
    args = parser.parse_args()

    random = np.random.default_rng(args.seed)
    every = [text for text in read_texts(args.source, args.field).to_pylist() if text.strip()]
    chosen = random.permutation(len(every))[: args.n * 5 // 6 + 1]
    texts = with_copies([every[i] for i in chosen], random)[: args.n]
    sets = [shingles(text) for text in texts]
    pairs = similar_pairs(sets)
    near: dict[int, set[int]] = {}
    for a, b in pairs:
        near.setdefault(a, set()).add(b)
        near.setdefault(b, set()).add(a)
    print(f"{len(texts):,} documents, {len(pairs):,} pairs of similarity {THRESHOLD} and more")

    tools: dict[str, Callable[[Path, Path], set[int]]] = {
        "korpus": korpus,
        "korpus, keep: longest": lambda source, out: korpus(source, out, "longest"),
    }
    if python := args.datatrove_python:
        tools["datatrove, defaults"] = lambda source, out: datatrove(python, "default", source, out)
        tools["datatrove, 5-grams of characters"] = lambda source, out: datatrove(python, "characters", source, out)
    if td_python := args.text_dedup_python:
        tools["text-dedup, defaults"] = lambda source, out: text_dedup(td_python, [], source, out)
        kind = ["--threshold", str(THRESHOLD), "--min_length", "0"]
        tools["text-dedup, threshold 0.8, short texts too"] = lambda source, out: text_dedup(
            td_python, kind, source, out
        )

    print("| | removed | precision | recall |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "in", texts, 2)
        for i, (tool, remove) in enumerate(tools.items()):
            kept = remove(folder / "in", folder / f"out{i}")
            removed = set(range(len(texts))) - kept
            true = sum(bool(near.get(doc, set()) & kept) for doc in removed)
            found = sum(not (a in kept and b in kept) for a, b in pairs)
            precision, recall = true / max(1, len(removed)), found / max(1, len(pairs))
            print(f"| {tool} | {len(removed):,} | {precision:.4f} | {recall:.4f} |", flush=True)
        n, true = check_ledger(folder / "out0", sets)
    print(f"korpus's ledger: {true:,} of {n:,} duplicates name a kept document of exactly the similarity given")
    if true != n:
        sys.exit("the ledger is wrong")


if __name__ == "__main__":
    main()
