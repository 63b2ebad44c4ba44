"""Damaged files: none crashes a process, is an unexpected error, or loses a document without a word.

    python benchmarks/fuzz.py                       # 1,000 damaged inputs a kind, 10,000 of Arrow
    python benchmarks/fuzz.py --n 50 --only arrow zip --seed 7

A small file of every format and compression is made, then damaged in a seeded way: bytes flipped, set, cut out, put in
or doubled, ranges set to zero, the end cut off. Each damaged file is read as a run reads it, in another process, so
that a crash is seen, and counted: *whole* where nothing was said, *part* where damage or rejects were, *refused* where
an error for people said why none of it can be read. The others must be 0: *crash* (the process died), *unexpected* (any
other exception, invalid Arrow data handed on among them), *unbalanced* (rows that are neither document, reject nor
blank), *hang* (over a minute for a hundred files).
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import io
import json
import lzma
import random
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from korpus.errors import KorpusError
from korpus.io.readers import ReadOptions, all_splits, find_inputs, infer_schema, read_split

N_DOCS = 60
OUTCOMES = ("whole", "part", "refused", "crash", "unexpected", "unbalanced", "hang")
BATCH = 100
"""So many inputs are read by one process; of a batch that dies each is tried alone."""


def _documents() -> list[dict]:
    return [
        {
            "text": f"{i}번째 글입니다, 정말 좋아요ㅋㅋ 😀",
            "n": i,
            "tags": ["가", None] * (i % 3),
            "meta": {"a": i, "b": "나"},
        }
        for i in range(N_DOCS)
    ]


def _table() -> pa.Table:
    table = pa.Table.from_pylist(_documents())
    words = pa.array(["하나", "둘", None] * (N_DOCS // 3)).dictionary_encode()
    more = {
        "word": words,
        "big": pa.array([f"큰 {i}" for i in range(N_DOCS)], pa.large_string()),
        "view": pa.array([f"보기 {i} 열두 바이트를 넘는 글" for i in range(N_DOCS)], pa.string_view()),
        "pairs": pa.array([[("k", i)] for i in range(N_DOCS)], pa.map_(pa.string(), pa.int64())),
        "raw": pa.array([bytes([i]) * 3 for i in range(N_DOCS)]),
        "runs": pa.RunEndEncodedArray.from_arrays(pa.array([20, N_DOCS], pa.int32()), pa.array(["x", "y"])),
    }
    for name, column in more.items():
        table = table.append_column(name, column)
    return table


def _arrow(stream: bool) -> bytes:
    sink = io.BytesIO()
    table = _table()
    # A stream may send a dictionary again; a file has one for all batches.
    make = pa.ipc.new_stream if stream else pa.ipc.new_file
    with make(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=20)
    return sink.getvalue()


def _parquet(compression: str) -> bytes:
    sink = io.BytesIO()
    pq.write_table(_table().drop_columns(["runs", "view"]), sink, row_group_size=20, compression=compression)
    return sink.getvalue()


def _jsonl() -> bytes:
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in _documents()).encode()


def _json() -> bytes:
    return json.dumps(_documents(), ensure_ascii=False, indent=1).encode()


def _csv(delimiter: str, quote: bool) -> bytes:
    cell = '"{} ""글"""' if quote else '"{} 글'
    return (
        f"id{delimiter}text\n".encode() + "".join(f"{i}{delimiter}{cell.format(i)}\n" for i in range(N_DOCS)).encode()
    )


def _text() -> bytes:
    return "".join(f"{each['text']}\n" for each in _documents()).encode()


def _mediawiki() -> bytes:
    pages = "".join(
        f"<page><title>문서 {i}</title><ns>0</ns><id>{i}</id><revision><timestamp>2024-01-01T00:00:00Z</timestamp>"
        f"<text>글 {i}</text></revision></page>\n"
        for i in range(N_DOCS)
    )
    return f"<mediawiki>\n{pages}</mediawiki>\n".encode()


def _subtitles() -> bytes:
    return "".join(f"{i}\n00:00:{i:02},000 --> 00:00:{i:02},900\n자막 {i}\n\n" for i in range(1, N_DOCS)).encode()


def _sami() -> bytes:
    cues = "".join(f"<SYNC Start={i * 1000}><P Class=KRCC>자막 {i}<br>둘째\n" for i in range(1, N_DOCS))
    return f"<SAMI><HEAD><TITLE>가</TITLE></HEAD><BODY>\n{cues}</BODY></SAMI>\n".encode("cp949")


def _kakaotalk() -> bytes:
    said = "".join(f"2024년 5월 2일 오후 3:{i % 60:02}, 홍길동 : 안녕 {i}\n" for i in range(N_DOCS))
    head = "아무개 님과 카카오톡 대화\n저장한 날짜 : 2024년 5월 3일 오후 1:00\n\n2024년 5월 2일 오후 3:00\n"
    return f"{head}{said}".encode()


def _conll() -> bytes:
    return "".join(f"# text = 나는 간다 {i}\n1\t나는\t_\n2\t간다\t_\n3\t{i}\t_\n\n" for i in range(N_DOCS)).encode()


def _wikiextractor() -> bytes:
    return "".join(
        f'<doc id="{i}" url="https://x/{i}" title="제목 {i}">\n제목 {i}\n\n글 {i}이다.\n\n</doc>\n'
        for i in range(N_DOCS)
    ).encode()


def _html() -> bytes:
    return (
        "<!doctype html><html><head><title>쪽</title></head><body>" + "<p>글이다.</p>" * 50 + "</body></html>"
    ).encode()


def _warc() -> bytes:
    records = []
    for i in range(N_DOCS):
        body = f"글 {i}이다. 정말이다.".encode()
        head = (
            f"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: http://x.kr/{i}\r\n"
            f"WARC-Date: 2024-01-01T00:00:00Z\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        records.append(head.encode() + body + b"\r\n\r\n")
    return b"".join(records)


def _xlsx() -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    for row in [["text", "n"], *([each["text"], each["n"]] for each in _documents())]:
        book.active.append(row)
    book.save(sink := io.BytesIO())
    return sink.getvalue()


def _members() -> dict[str, bytes]:
    return {"a.jsonl": _jsonl(), "b/c.txt": _text(), "d.jsonl.gz": gzip.compress(_jsonl())}


def _zip() -> bytes:
    with zipfile.ZipFile(sink := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in _members().items():
            archive.writestr(name, data)
    return sink.getvalue()


def _tar() -> bytes:
    with tarfile.open(fileobj=(sink := io.BytesIO()), mode="w") as archive:
        for name, data in _members().items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return sink.getvalue()


def _zstd(data: bytes) -> bytes:
    import zstandard

    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


MADE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "jsonl": ("a.jsonl", _jsonl),
    "jsonl.gz": ("a.jsonl.gz", lambda: gzip.compress(_jsonl())),
    "jsonl.bz2": ("a.jsonl.bz2", lambda: bz2.compress(_jsonl())),
    "jsonl.xz": ("a.jsonl.xz", lambda: lzma.compress(_jsonl())),
    "jsonl.zst": ("a.jsonl.zst", lambda: _zstd(_jsonl())),
    "json": ("a.json", _json),
    "csv": ("a.csv", lambda: _csv(",", True)),
    "csv.gz": ("a.csv.gz", lambda: gzip.compress(_csv(",", True))),
    "tsv, unquoted": ("a.tsv", lambda: _csv("\t", False)),
    "text": ("a.txt", _text),
    "text, CP949": ("a.txt", lambda: _text().decode().replace("😀", "").encode("cp949")),
    "text, UTF-16": ("a.txt", lambda: _text().decode().encode("utf-16")),
    "mediawiki": ("a.xml", _mediawiki),
    "mediawiki.bz2": ("a.xml.bz2", lambda: bz2.compress(_mediawiki())),
    "parquet, zstd": ("a.parquet", lambda: _parquet("zstd")),
    "parquet, plain": ("a.parquet", lambda: _parquet("none")),
    "arrow file": ("a.arrow", lambda: _arrow(False)),
    "arrow stream": ("a.arrow", lambda: _arrow(True)),
    "subtitles, srt": ("a.srt", _subtitles),
    "subtitles, smi": ("a.smi", _sami),
    "kakaotalk": ("a.txt", _kakaotalk),
    "conll": ("a.conllu", _conll),
    "wikiextractor": ("wiki_00", _wikiextractor),
    "html": ("a.html", _html),
    "warc": ("a.warc", _warc),
    "warc.gz": ("a.warc.gz", lambda: gzip.compress(_warc())),
    "xlsx": ("a.xlsx", _xlsx),
    "zip": ("a.zip", _zip),
    "tar": ("a.tar", _tar),
    "tar.gz": ("a.tar.gz", lambda: gzip.compress(_tar())),
}


def damaged(data: bytes, seed: str) -> bytes:
    """Return some bytes with damage that the seed says."""
    chance = random.Random(seed)
    made = bytearray(data)
    for _ in range(chance.choice([1, 1, 1, 2, 5, 20])):
        if not made:
            break
        # Beginnings and ends are where formats keep what they live by.
        where = chance.choice([chance.randrange(len(made)), chance.randrange(min(len(made), 200))])
        at = where if chance.random() < 0.8 else len(made) - 1 - where
        length = chance.choice([1, 4, 8, 100])
        kind = chance.randrange(7)
        if kind == 0:
            made[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            made[at : at + length] = chance.randbytes(min(length, len(made) - at))
        elif kind == 2:
            del made[at : at + length]
        elif kind == 3:
            made[at:at] = chance.randbytes(length)
        elif kind == 4:
            made[at:at] = made[at : at + length]
        elif kind == 5:
            made[at : at + length] = bytes(min(length, len(made) - at))
        else:
            del made[chance.randrange(len(made)) :]
    return bytes(made)


def read(path: Path) -> tuple[str, str]:
    """Read a file as a run does; return what came of it, and what was said."""
    options = ReadOptions(batch_rows=16, max_doc_bytes=1 << 20)
    n_documents = n_told = 0
    try:
        files = find_inputs([path], options=options).files
        schema = infer_schema(files, options)
        for file in files:
            n_told += file.flaw is not None
            if file.flaw is not None:
                continue
            for split, chunk, _ in all_splits(file, options):
                for block in read_split(split, chunk, schema, options):
                    block.batch.validate(full=True)
                    if block.n_rows != block.batch.num_rows + len(block.bad) + block.n_blank:
                        return "unbalanced", f"{block.n_rows} rows"
                    # What is handed on is written again.
                    pq.write_table(pa.Table.from_batches([block.batch]).select(range(1)), io.BytesIO())
                    n_documents += block.batch.num_rows
                    n_told += len(block.bad) + (block.damage is not None) + bool(block.misfits)
    except KorpusError as error:
        return "refused", str(error)
    return ("part" if n_told else "whole"), f"{n_documents} documents"


def work(folder: str, kind: str, seeds: list[str]) -> None:
    """Read damaged files of a kind, and say after each what came of it."""
    name, make = MADE[kind]
    whole = make()
    for seed in seeds:
        path = Path(folder) / name
        path.write_bytes(damaged(whole, seed))
        try:
            outcome = read(path)
        except Exception as error:
            outcome = "unexpected", f"{type(error).__name__}: {error}"
        print(json.dumps([seed, *outcome]), flush=True)


def tried(kind: str, seeds: list[str], seconds: float) -> dict[str, tuple[str, str]]:
    """Read damaged files of a kind in a process of their own; return what came of each."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--work", folder, kind, *seeds]
        try:
            done = subprocess.run(command, stdout=subprocess.PIPE, timeout=seconds, check=False)
            printed, stopped = done.stdout, ("crash", f"exit {done.returncode}")
        except subprocess.TimeoutExpired as error:
            printed, stopped = error.stdout or b"", ("hang", f"over {seconds:g} s")
    found = {seed: tuple(outcome) for seed, *outcome in map(json.loads, printed.splitlines())}
    left = [seed for seed in seeds if seed not in found]
    if left:
        # The first of those without a result is the one that did it.
        found[left[0]] = stopped
        if left[1:]:
            found |= tried(kind, left[1:], seconds)
    return found


def fuzz(kind: str, n: int, seed: int, seconds: float = 60.0) -> tuple[Counter, list[tuple[str, str, str]]]:
    """Damage and read `n` files of a kind; return how often what came of it, and the cases that must not be."""
    outcomes: Counter = Counter()
    wrong = []
    seeds = [f"{seed}/{kind}/{i}" for i in range(n)]
    for at in range(0, n, BATCH):
        for name, (outcome, said) in tried(kind, seeds[at : at + BATCH], seconds).items():
            outcomes[outcome] += 1
            if outcome in OUTCOMES[3:]:
                wrong.append((name, outcome, said))
    return outcomes, wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, default=1000, help="damaged inputs a kind; ten times as many of Arrow")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", default=list(MADE), help="kinds: " + ", ".join(MADE))
    parser.add_argument("--work", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        folder, kind, *seeds = given.work
        work(folder, kind, seeds)
        return
    print(f"{'kind':16}" + "".join(f"{name:>12}" for name in OUTCOMES))
    total: Counter = Counter()
    for kind in given.only:
        n = given.n * (10 if kind.startswith("arrow") else 1)
        outcomes, wrong = fuzz(kind, n, given.seed)
        total += outcomes
        print(f"{kind:16}" + "".join(f"{outcomes[name]:12,}" for name in OUTCOMES), flush=True)
        for name, outcome, said in wrong[:5]:
            print(f"    {outcome}: seed {name}: {said[:200]}")
    print(f"{'all':16}" + "".join(f"{total[name]:12,}" for name in OUTCOMES))


if __name__ == "__main__":
    main()
