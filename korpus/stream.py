"""Cleaning a stream of lines: what ``korpus clean`` does between standard input and standard output."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa

from korpus.pipeline import Pipeline

if TYPE_CHECKING:
    from korpus.recipe import Recipe

_READ_BYTES = 1 << 20
N_BAD_SHOWN = 5
_TOO_LONG = None


@dataclass
class StreamCounts:
    """What went through.

    Attributes
    ----------
    n_in, n_out : int
        Lines read, and lines written.
    n_bad : int
        Lines among those read that could not be cleaned, and were left out.
    bad : list of str
        What is wrong with the first few of them.
    """

    n_in: int = 0
    n_out: int = 0
    n_bad: int = 0
    bad: list[str] = field(default_factory=list)

    def refuse(self, number: int, why: object) -> None:
        """Count the line of that number as one that cannot be cleaned."""
        self.n_bad += 1
        if len(self.bad) < N_BAD_SHOWN:
            self.bad.append(f"line {number:,} {why}")


class _Bad(Exception):
    """What is wrong with a line."""


def _blocks(source: BinaryIO, max_bytes: int) -> Iterator[list[bytes | None]]:
    """Yield the whole lines that are there so far: many of a file, one of a person who types; None for one too long."""
    rest: list[bytes] = []
    n_rest = 0
    # A pipe hands out what it has; reading lines would wait until a buffer is full.
    read = source.read1 if hasattr(source, "read1") else source.read
    while data := read(_READ_BYTES):
        lines: list[bytes | None] = []
        *whole, last = data.split(b"\n")
        for piece in whole:
            n_rest += len(piece)
            lines.append(b"".join((*rest, piece)) if n_rest <= max_bytes else _TOO_LONG)
            rest, n_rest = [], 0
        n_rest += len(last)
        # Of a line that is too long nothing is kept but its length.
        rest = [*rest, last] if n_rest <= max_bytes else []
        if lines:
            yield lines
    if n_rest:
        yield [b"".join(rest) if n_rest <= max_bytes else _TOO_LONG]


def _decode(line: bytes | None) -> str:
    if line is _TOO_LONG:
        raise _Bad("is longer than input.max_doc_bytes")
    try:
        return line.removesuffix(b"\r").decode()
    except UnicodeDecodeError as error:
        raise _Bad(f"is not valid UTF-8: byte 0x{line[error.start]:02x}") from None


def _no_json(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _record(line: str, column: str) -> dict[str, Any]:
    try:
        record = json.loads(line, parse_constant=_no_json)
    except ValueError as error:
        raise _Bad(f"is not JSON: {error}") from None
    except RecursionError:
        raise _Bad("is not JSON that can be read: it is nested too deeply") from None
    if not isinstance(record, dict) or not isinstance(record.get(column), str):
        raise _Bad(f"must be an object whose {column!r} is a string")
    return record


def _sound(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _Bad(f"holds half a character, \\u{ord(text[error.start]):04x}, in its text") from None
    return text


def _written(record: dict[str, Any]) -> str:
    try:
        line = json.dumps(record, ensure_ascii=False, allow_nan=False)
        line.encode()
    except UnicodeEncodeError:  # half a character in another field, which stays as it is escaped
        return json.dumps(record)
    except ValueError:
        raise _Bad("holds a number that is too large") from None
    return line


def clean_stream(recipe: Recipe, source: BinaryIO, sink: BinaryIO, as_json: bool, edits_only: bool) -> StreamCounts:
    """Send every line through the edits and filters of a recipe; those that are dropped are not written.

    A line that is not UTF-8, too long, or no JSON object with a text is counted and left out, and the rest goes on.

    Parameters
    ----------
    recipe : Recipe
        Stages that compare documents with each other are left out, and so are tags.
    source, sink : binary file
        Read to its end as UTF-8; written and flushed as soon as lines come in.
    as_json : bool
        Whether a line is a JSON object, of which the recipe's text column (`Pipeline.text`) is cleaned, or the text
        itself, in which line feeds that an edit makes become spaces.
    edits_only : bool
        Whether filters are left out too; then a line comes out for every line, an empty one for a text that lost
        everything and for a line that cannot be cleaned.
    """
    kinds = ("edit",) if edits_only else ("edit", "filter")
    stages = tuple(stage for stage in recipe.stages if stage.kind in kinds)
    clean = Pipeline(recipe.model_copy(update={"stages": stages}))
    column, counts = clean.text, StreamCounts()
    for lines in _blocks(source, recipe.input.max_doc_bytes):
        texts: list[str | None] = []
        records: list[dict[str, Any]] = []
        for line in lines:
            counts.n_in += 1
            if counts.n_in == 1 and line:
                line = line.removeprefix(codecs.BOM_UTF8)
            try:
                text, record = _decode(line), {}
                if as_json:
                    record = _record(text, column)
                    text = _sound(record[column])
            except _Bad as why:
                counts.refuse(counts.n_in, why)
                text, record = None, {}
            texts.append(text)
            records.append(record)
        out: list[str] = []
        cleaned = clean.clean(pa.array(texts, pa.string())).to_pylist()
        for i, (given, record, text) in enumerate(zip(texts, records, cleaned), counts.n_in - len(lines) + 1):
            if text is None and edits_only:
                text = ""
            if given is not None and text is not None:
                try:
                    out.append(_written({**record, column: text}) if as_json else text.replace("\n", " "))
                    continue
                except _Bad as why:
                    counts.refuse(i, why)
            if edits_only:
                out.append("")
        counts.n_out += len(out)
        sink.write("".join(f"{line}\n" for line in out).encode())
        sink.flush()
    return counts
