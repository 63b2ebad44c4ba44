"""Reading on one core: every format of korpus beside pyarrow's own reader of it, on the same documents.

pyarrow's readers hand on columns; korpus's also number the documents, check the text of each, and keep what could not
be one. There is no reader of pyarrow for JSON arrays, for encodings and for wiki dumps: those stand alone.

    python benchmarks/reading.py reviews.jsonl.gz
"""

from __future__ import annotations

import argparse
import bz2
import csv
import gzip
import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.json
import pyarrow.parquet as pq

from korpus.io.readers import ReadOptions, discover, infer_schema, plan_splits, read_split, stream_splits

if TYPE_CHECKING:
    from collections.abc import Callable

BLOCK_BYTES = 8 << 20


def write_files(documents: list[dict], folder: Path) -> None:
    """Write the documents once in every format."""
    table = pa.Table.from_pylist([{name: str(value) for name, value in row.items()} for row in documents])
    lines = [json.dumps(row, ensure_ascii=False) for row in documents]
    texts = [row["text"].replace("\n", " ").replace("\r", " ") for row in documents]
    jsonl = "".join(f"{line}\n" for line in lines).encode()
    (folder / "a.jsonl").write_bytes(jsonl)
    (folder / "a.jsonl.gz").write_bytes(gzip.compress(jsonl, 6))
    (folder / "a.json").write_text(f"[{','.join(lines)}]", encoding="utf-8")
    (folder / "a.txt").write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    (folder / "a.cp949.txt").write_bytes("".join(f"{text}\n" for text in texts).encode("cp949", "replace"))
    with (folder / "a.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(documents[0]))
        writer.writeheader()
        writer.writerows(documents)
    pq.write_table(table, folder / "a.parquet", compression="zstd", row_group_size=50_000)
    with pa.OSFile(str(folder / "a.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table, 50_000)
    pages = "".join(
        f"<page><title>{i}</title><ns>0</ns><id>{i}</id><revision><id>{i}</id>"
        f"<text xml:space='preserve'>{escape(text)}</text></revision></page>\n"
        for i, text in enumerate(texts)
    )
    xml = f"<mediawiki><siteinfo/>\n{pages}</mediawiki>\n".encode()
    (folder / "a.xml").write_bytes(xml)
    (folder / "a.xml.bz2").write_bytes(bz2.compress(xml))


def with_korpus(path: Path) -> int:
    """Read all documents of a file; return how many."""
    (file,) = discover([path])
    options = ReadOptions(split_bytes=BLOCK_BYTES)
    schema = infer_schema([file], options)
    splits = plan_splits(file, options)
    streamed = stream_splits(file, options, lambda _: False) if splits is None else ((s, None, 0) for s in splits)
    return sum(
        block.batch.num_rows for split, chunk, _ in streamed for block in read_split(split, chunk, schema, options)
    )


def _lines(path: Path) -> pa.Table:
    # A line a document: a CSV of one column that knows no quotes.
    return pa.csv.read_csv(
        path,
        pa.csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES, column_names=["text"]),
        pa.csv.ParseOptions(delimiter="\x01", quote_char=False, ignore_empty_lines=False),
    )


ARROW: dict[str, Callable[[Path], pa.Table]] = {
    "a.jsonl": lambda path: pa.json.read_json(path, pa.json.ReadOptions(use_threads=False, block_size=BLOCK_BYTES)),
    "a.jsonl.gz": lambda path: pa.json.read_json(path, pa.json.ReadOptions(use_threads=False, block_size=BLOCK_BYTES)),
    "a.csv": lambda path: pa.csv.read_csv(
        path,
        pa.csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES),
        pa.csv.ParseOptions(newlines_in_values=True),
        pa.csv.ConvertOptions(column_types={"text": pa.string()}),
    ),
    "a.txt": _lines,
    "a.parquet": lambda path: pq.read_table(path, use_threads=False),
    "a.arrow": lambda path: pa.ipc.open_file(pa.memory_map(str(path))).read_all(),
}


def best(function: Callable[[Path], object], path: Path, runs: int) -> float:
    """Return the shortest of several times, in seconds of this process's CPU."""
    function(path)
    times = []
    for _ in range(runs):
        clock = time.process_time()
        function(path)
        times.append(time.process_time() - clock)
    return max(min(times), 1e-6)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", type=Path, help="JSON Lines, also gzipped, of documents with a column text")
    parser.add_argument("-n", type=int, default=200_000, help="documents to read (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=3, help="best of so many (default: %(default)s)")
    args = parser.parse_args()
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    with gzip.open(args.input) if args.input.suffix == ".gz" else args.input.open("rb") as file:
        documents = [row for _, row in zip(range(args.n), map(json.loads, file)) if row.get("text")]
    n_bytes = sum(len(row["text"].encode()) for row in documents)
    print(f"{len(documents):,} documents, {n_bytes / 1e6:.0f} MB of text; MB of text a second of one core\n")
    print(f"{'file':14} {'MB':>6} {'korpus':>8} {'pyarrow':>8} {'korpus/pyarrow':>15}")
    with tempfile.TemporaryDirectory() as folder:
        write_files(documents, Path(folder))
        for path in sorted(Path(folder).iterdir()):
            n = with_korpus(path)
            ours = n_bytes / 1e6 / best(with_korpus, path, args.runs)
            theirs = n_bytes / 1e6 / best(ARROW[path.name], path, args.runs) if path.name in ARROW else None
            told = f"{theirs:8.0f} {ours / theirs:14.2f}x" if theirs else f"{'-':>8} {'-':>15}"
            print(f"{path.name:14} {path.stat().st_size / 1e6:6.1f} {ours:8.0f} {told}  {n:,} documents")


if __name__ == "__main__":
    main()
