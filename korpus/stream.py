"""Cleaning a stream of lines: what ``korpus clean`` does between standard input and standard output."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa

from korpus.embed import Pipeline
from korpus.errors import DataError

if TYPE_CHECKING:
    from korpus.recipe import Recipe

_READ_BYTES = 1 << 20


@dataclass
class StreamCounts:
    """What went through.

    Attributes
    ----------
    n_in, n_out : int
        Lines read, and lines written.
    """

    n_in: int = 0
    n_out: int = 0


def _blocks(source: BinaryIO) -> Iterator[list[bytes]]:
    """Yield the whole lines that are there so far: many of a file, one of a person who types."""
    rest = b""
    # A pipe hands out what it has; reading lines would wait until a buffer is full.
    read = source.read1 if hasattr(source, "read1") else source.read
    while data := read(_READ_BYTES):
        lines = (rest + data).split(b"\n")
        rest = lines.pop()
        if lines:
            yield lines
    if rest:
        yield [rest]


def _decode(line: bytes, number: int) -> str:
    try:
        return line.removesuffix(b"\r").decode()
    except UnicodeDecodeError as error:
        raise DataError(f"line {number:,} is not valid UTF-8: byte 0x{line[error.start]:02x}") from None


def _record(line: str, number: int, column: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise DataError(f"line {number:,} is not JSON: {error}") from None
    if not isinstance(record, dict) or not isinstance(record.get(column), str):
        raise DataError(f"line {number:,} must be an object whose {column!r} is a string")
    return record


def clean_stream(recipe: Recipe, source: BinaryIO, sink: BinaryIO, as_json: bool, edits_only: bool) -> StreamCounts:
    """Send every line through the edits and filters of a recipe; those that are dropped are not written.

    Parameters
    ----------
    recipe : Recipe
        Stages that compare documents with each other are left out, and so are tags.
    source, sink : binary file
        Read to its end as UTF-8; written and flushed as soon as lines come in.
    as_json : bool
        Whether a line is a JSON object, of which the recipe's text column is cleaned, or the text itself, in which
        line feeds that an edit makes become spaces.
    edits_only : bool
        Whether filters are left out too; then a line comes out for every line, an empty one for a text that lost
        everything.

    Raises
    ------
    DataError
        At a line that is not UTF-8, or no JSON object with a text.
    """
    kinds = ("edit",) if edits_only else ("edit", "filter")
    stages = tuple(stage for stage in recipe.stages if stage.kind in kinds)
    clean = Pipeline(recipe.model_copy(update={"stages": stages}))
    column, counts = recipe.input.text, StreamCounts()
    for lines in _blocks(source):
        texts = [_decode(line, counts.n_in + i) for i, line in enumerate(lines, 1)]
        records: list[dict[str, Any]] = []
        if as_json:
            records = [_record(text, counts.n_in + i, column) for i, text in enumerate(texts, 1)]
            texts = [record[column] for record in records]
        counts.n_in += len(lines)
        cleaned = clean.clean(pa.array(texts, pa.string())).to_pylist()
        if edits_only:
            cleaned = [text or "" for text in cleaned]
        kept = [(i, text) for i, text in enumerate(cleaned) if text is not None]
        if as_json:
            out = [json.dumps({**records[i], column: text}, ensure_ascii=False) for i, text in kept]
        else:
            out = [text.replace("\n", " ") for _, text in kept]
        counts.n_out += len(out)
        sink.write("".join(f"{line}\n" for line in out).encode("utf-8", "surrogatepass"))
        sink.flush()
    return counts
