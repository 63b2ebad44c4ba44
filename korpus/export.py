"""A finished corpus in the shapes that other tools read."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from korpus.batch import TEXT
from korpus.corpus.corpus import ALL, Corpus
from korpus.corpus.layout import folder_names
from korpus.errors import DataError
from korpus.io.atomic import TEMPORARY, explained, replacing, write_text
from korpus.io.location import is_remote, located

if TYPE_CHECKING:
    from typing import BinaryIO

    from korpus.corpus.manifest import File, Manifest

Format = Literal["text", "jsonl", "bert", "hf"]
FORMATS = {
    "text": "a document a line; a line break within a document becomes a space",
    "jsonl": "a JSON object a line, with all columns",
    "bert": "a sentence a line, and a blank line after each document",
    "hf": "a folder that datasets.load_dataset opens, with one configuration a domain",
}
"""What each format is."""

UNFINISHED = "UNFINISHED"
"""Name of the file that stands in the folder of an export until it is whole."""


def _text(texts: pa.StringArray, rows: pa.RecordBatch) -> bytes:
    return "".join(f"{' '.join(text.splitlines())}\n" for text in texts.to_pylist()).encode()


def _jsonl(texts: pa.StringArray, rows: pa.RecordBatch) -> bytes:
    return "".join(f"{_json(row)}\n" for row in rows.to_pylist()).encode()


def _json(row: dict[str, Any]) -> str:
    try:
        return json.dumps(row, ensure_ascii=False, default=str, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(row), ensure_ascii=False, default=str, allow_nan=False)


def _finite(value: Any) -> Any:
    """Put null in the place of NaN and the infinities, which JSON has not (RFC 8259, section 6)."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _bert(texts: pa.StringArray, rows: pa.RecordBatch) -> bytes:
    from korpus.sentences import split_sentences

    documents = split_sentences(texts).to_pylist()
    return "".join("".join(f"{sentence}\n" for sentence in sentences) + "\n" for sentences in documents).encode()


_WRITERS: dict[str, tuple[str, Callable]] = {
    "text": (".txt", _text),
    "jsonl": (".jsonl", _jsonl),
    "bert": (".txt", _bert),
}


def export(out: Path | str, to: Path | str, format: Format, domains: Sequence[str] = ()) -> list[Path]:
    """Write a finished corpus in another shape: one file a shard, in a folder a domain if it has domains.

    Parameters
    ----------
    out : Path or str
        The output folder of a finished run, here or elsewhere.
    to : Path or str
        The folder to write to; it must be empty, or not be there.
    format : {"text", "jsonl", "bert", "hf"}
        See `FORMATS`.
    domains : sequence of str
        Only these; all if there are none.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    DataError
        If there is no finished run, the folder is not empty, or a domain does not exist.
    """
    if is_remote(to):
        raise DataError(f"{located(to)} lies elsewhere; export to a folder on this machine, and copy that")
    to, corpus = Path(to), Corpus.open(out)
    manifest, shards = corpus.manifest, corpus.shards(domains)
    with _unfinished(to, f"{out} as {format}, {', '.join(domains) or 'all domains'}, {manifest.get('key')}"):
        if format == "hf":
            return _as_dataset(corpus, to, shards)
        suffix, lines = _WRITERS[format]
        folders = folder_names(sorted(manifest["domains"]))
        written = []
        for shard in shards:
            folder = to / folders[shard["domain"]] if shard["domain"] else to
            path = folder / f"{PurePosixPath(shard['path']).stem}{suffix}"
            with replacing(path, durable=True) as temporary, temporary.open("wb") as file:
                _write(file, corpus.read(shard), lines)
            written.append(path)
        return written


@contextmanager
def _unfinished(to: Path, what: str) -> Iterator[None]:
    """Mark a folder as unfinished until the block has ended well; go on only with what was begun there."""
    mark = to / UNFINISHED
    said = f"An export that is not finished: {what}\nThe same korpus export command goes on with it.\n"
    try:
        begun = mark.read_text("utf-8", "replace") if mark.is_file() else None
        if begun == said:
            for path in to.rglob(f"{TEMPORARY}*"):
                path.unlink()
        elif begun is not None or (to.exists() and (not to.is_dir() or any(to.iterdir()))):
            other = "holds another export that is not finished" if begun is not None else "is not an empty folder"
            raise DataError(f"{to} {other}; give another with -o")
        else:
            write_text(mark, said, durable=True)
        yield
        mark.unlink()
    except OSError as error:
        raise explained(error, Path(error.filename or to)) from error


def _write(file: BinaryIO, batches: Iterator[pa.RecordBatch], lines: Callable) -> None:
    for batch in batches:
        file.write(lines(batch.column(TEXT), batch))


def _as_dataset(corpus: Corpus, to: Path, shards: list[File]) -> list[Path]:
    """Write the documents with their domain as a column, which `datasets` does not take from a path, and a card."""
    from korpus.report import card, summary

    written = []
    for shard in shards:
        path = to / PurePosixPath(shard["path"])
        batches = corpus.read(shard)
        first = next(batches)
        with (
            replacing(path, durable=True) as temporary,
            pq.ParquetWriter(temporary, first.schema, compression="zstd") as writer,
        ):
            writer.write_batch(first)
            for batch in batches:
                writer.write_batch(batch)
        written.append(path)
    names = {shard["domain"] or ALL for shard in shards}
    domains = {name: size for name, size in corpus.manifest["domains"].items() if name in names}
    told: Manifest = {**corpus.manifest, "shards": shards, "domains": domains}
    with replacing(to / "README.md", durable=True) as temporary:
        temporary.write_text(card.render(summary.summarize(told), told), encoding="utf-8")
    return [*written, to / "README.md"]
