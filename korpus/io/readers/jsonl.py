"""JSON Lines: a line is an object, one key of which is the document.

Two ways lead through a block of lines. `Parser.slow` takes a line at a time and says what a line means. pyarrow's
parser is ten times faster but gives up on a whole block for one bad line, and is laxer in some points, so `fast`
accepts its result only where it is certain to be what `slow` would say; other blocks are divided until they are small.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from korpus.batch import strings
from korpus.errors import SchemaError, Unreadable
from korpus.io.readers import lines
from korpus.io.readers.base import Bad, Block, Chunk, InputFile, ReadOptions, Split, raw_flaw, shown
from korpus.io.readers.columns import common
from korpus.io.readers.json_text import MAX_DEPTH, Doubled, loads
from korpus.io.readers.paths import Nested, suggestion
from korpus.io.readers.values import Misfits, fit, is_name, type_of
from korpus.kernels.json_records import deepest

plan, stream = lines.plan, lines.stream

HEAD_DOCS = 1_000
_N_LOOKED_AT = 3
_SLOW_BYTES, _INFER_BYTES, _PARTS = 16 << 10, 128 << 10, 8
_SPACE = b" \t\r\n"


def columns(file: InputFile, options: ReadOptions, n_bytes: int = lines.HEAD_BYTES) -> dict | None:
    """Return the columns of a file's first documents and their types, None for a type that is only JSON text.

    Returns None when the file has no lines.

    Raises
    ------
    Unreadable
        If no line of the file's head is a JSON object.
    SchemaError
        If none has the text.
    """
    found: dict[str, list] = {}
    flaw, n_docs, nested = None, 0, Nested(options)
    records: list[dict[str, Any]] = []
    for number, raw in enumerate(lines.head(file, options, n_bytes).split(b"\n"), 1):
        if n_docs >= HEAD_DOCS:
            break
        try:
            record = loads(raw.decode()) if raw.strip() else None
        except ValueError as error:
            flaw = flaw or f"line {number}: {error}"
            continue
        if isinstance(record, str):
            record = {options.text: record}
        if not isinstance(record, dict):
            flaw = flaw or (f"line {number}: not an object" if raw.strip() else None)
            continue
        if len(records) < _N_LOOKED_AT:
            records.append(record)
        n_docs += 1
        for document in nested.documents(record):
            nested.lift(document)
            for key, value in document.items():
                found.setdefault(key, []).append(type_of(value))
    if flaw and not n_docs:
        what = "JSON" if file.format == "json" else "JSON Lines"
        raise Unreadable(f"{file.path} does not look like {what} ({flaw}); if it is something else, say input.format")
    if n_docs and options.text not in found and (advice := suggestion(records)):
        names = ", ".join(dict.fromkeys(key for record in records for key in record))
        raise SchemaError(f"{file.path} has no column {options.text!r}; its columns: {names}{advice}")
    return {key: common(types) for key, types in found.items() if is_name(key)} if n_docs else None


def read(split: Split, chunk: Chunk | None, schema: pa.Schema, options: ReadOptions) -> Iterator[Block]:
    """Yield the blocks of a split."""
    parser = Parser(schema, options)
    return lines.read(split, chunk, schema, options, parser.parse, parser.is_whole)


class Parser:
    """Makes blocks of lines, each a document in JSON; `load` and `flaw` are for other formats to replace."""

    flaw = "bad_json"

    def __init__(self, schema: pa.Schema, options: ReadOptions):
        self.schema, self.options = schema, options
        self.names, self.nested = {options.text, *schema.names}, Nested(options)
        self.out_schema = lines.text_schema(schema)
        kept = [column for column in schema if column.name != options.text]
        self.explicit = pa.schema([pa.field(options.text, pa.string()), *kept])
        # What a schema does not name is only let pass unseen where nobody needs to know of it.
        strict = options.keep is None or any(_has_struct(column.type) for column in schema)
        self.unexpected = ("error", "infer") if strict else ("ignore", "ignore")

    def parse(self, data: bytes, row: int) -> Iterator[Block]:
        """Yield the blocks of some lines, the first of which is row `row` of the split."""
        if self.nested:
            yield self.slow(data, row)
            return
        if block := self.fast(data, row):
            yield block
            return
        size = max(_SLOW_BYTES, len(data) // _PARTS)
        parts = list(lines.blocks(data, size)) if len(data) > _SLOW_BYTES else [data]
        for part in parts:
            for block in self.parse(part, row) if len(parts) > 1 else [self.slow(part, row)]:
                row += block.n_rows
                yield block

    def fast(self, data: bytes, row: int) -> Block | None:
        """Parse lines with pyarrow; None where the result may differ from that of `slow`."""
        view, starts, ends = lines.find(data)
        if int((ends - starts).max()) > self.options.max_doc_bytes or b"\0" in data or not lines.is_utf8(data):
            return None
        # Where there are few brackets but those that lines begin with, none is deep.
        if data.count(b"{") + data.count(b"[") - len(starts) >= MAX_DEPTH and deepest(view) > MAX_DEPTH:
            return None
        blank = []
        braced = (view[starts] == ord("{")) & (view[ends - 1] == ord("}")) & (ends > starts)
        for i in np.flatnonzero(~braced):
            line = data[starts[i] : ends[i]]
            if not line.strip():
                blank.append(i)
            elif not ((line := line.strip(_SPACE)).startswith(b"{") and line.endswith(b"}")):
                return None
        rows = np.arange(row, row + len(starts), dtype=np.int32)
        rows = np.delete(rows, blank) if blank else rows
        if not len(rows):
            return Block(lines.empty(self.schema), rows, [], len(starts), len(blank))
        table = self._arrow(data)
        # As many objects as lines that begin and end with a brace: since a line end can stand neither inside a string
        # nor between } and {, this is one object a line.
        if table is None or len(table) != len(rows):
            return None
        if any(table.schema.field(column.name).type != column.type for column in self.explicit):
            return None
        batch = pa.RecordBatch.from_arrays(
            [_whole(table, self.options.text), *(_whole(table, name) for name in self.schema.names)],
            schema=self.out_schema,
        )
        ignored = tuple(sorted(set(table.schema.names) - self.names)) if self.options.keep is None else ()
        texts = batch.column(0)
        texts = texts.fill_null("") if texts.null_count else texts
        offsets = strings(texts).offsets
        suspects = offsets[1:] == offsets[:-1]
        slashes = np.flatnonzero(view[:-1] == ord("\\"))
        if (view[slashes + 1] == ord("u")).any():
            try:
                batch.validate(full=True)
            except pa.ArrowInvalid:
                return None
            suspects = suspects | np.asarray(pc.match_substring(texts, "\0"))
        bad: list[Bad] = []
        if suspects.any():
            for at in rows[suspects]:
                for each in self._documents(data[starts[at - row] : ends[at - row]], int(at), Misfits()):
                    assert isinstance(each, Bad), "a text that is empty, missing or has a NUL is none"
                    bad.append(each)
            batch, rows = batch.filter(pa.array(~suspects)), rows[~suspects]
        return Block(batch, rows, bad, len(starts), len(blank), ignored)

    def _arrow(self, data: bytes) -> pa.Table | None:
        # Columns are only inferred in small blocks: lines that each bring a key of their own would make a table of
        # as many columns as rows.
        behavior = self.unexpected[len(data) <= _INFER_BYTES]
        try:
            return pa.json.read_json(
                pa.BufferReader(data),
                pa.json.ReadOptions(use_threads=False, block_size=len(data) + 1),
                pa.json.ParseOptions(explicit_schema=self.explicit, unexpected_field_behavior=behavior),
            )
        except pa.ArrowException:
            return None

    def slow(self, data: bytes, row: int) -> Block:
        """Parse lines one by one."""
        documents, rows, bad, n_blank, ignored, misfits, first = [], [], [], 0, set(), Misfits(), row
        _, starts, ends = lines.find(data)
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            raw = data[start:end]
            if not raw.strip():
                n_blank += 1
                row += 1
                continue
            for document in self._documents(raw, row, misfits):
                if isinstance(document, Bad):
                    bad.append(document)
                else:
                    values, keys = document
                    documents.append(values)
                    rows.append(row)
                    ignored |= keys - self.names
                row += 1
        columns = zip(*documents, strict=True) if documents else [()] * len(self.out_schema)
        arrays = [pa.array(column, field.type) for column, field in zip(columns, self.out_schema, strict=True)]
        batch = pa.RecordBatch.from_arrays(arrays, schema=self.out_schema)
        named = tuple(sorted(filter(is_name, ignored))) if self.options.keep is None else ()
        return Block(batch, np.array(rows, np.int32), bad, row - first, n_blank, named, misfits.found)

    def load(self, raw: bytes) -> Any:
        """Return what a line says; raise `ValueError` if it says nothing."""
        return loads(raw.decode())

    def is_whole(self, line: bytes) -> bool:
        """Tell whether a line is a document, although its file is damaged right after it."""
        return bool(line.strip()) and not any(isinstance(each, Bad) for each in self._documents(line, 0, Misfits()))

    def _documents(self, raw: bytes, row: int, misfits: Misfits) -> list[tuple[list, set[str]] | Bad]:
        """Return what a line holds, the first of which is row `row`; one document, but for `ReadOptions.records`."""
        flaw = raw_flaw(raw, self.options.max_doc_bytes)
        found: list[tuple[list, set[str]] | Bad] = []
        if flaw is None:
            try:
                made = self.load(raw)
            except ValueError as error:
                flaw = self.flaw, str(error)
            else:
                documents = self.nested.documents(made)
                for document in documents:
                    found.append(self._document(document, raw, row + len(found), misfits))
                if not documents and (record := self._flaw(made)):
                    flaw = record
        return found if flaw is None else [Bad(row, *flaw, shown(raw, self.options.max_doc_bytes))]

    def _document(self, made: Any, raw: bytes, row: int, misfits: Misfits) -> tuple[list, set[str]] | Bad:
        name = self.options.text
        made = {name: made} if isinstance(made, str) else made
        if flaw := self._flaw(made):
            return Bad(row, *flaw, shown(raw, self.options.max_doc_bytes))
        if isinstance(made, Doubled):
            for twice in made.twice & self.names:
                misfits.add(twice, 1, "a key that is given twice")
        values = [fit(made.get(column.name), column.type, column.name, misfits) for column in self.schema]
        return [made[name], *values], set(made)

    def _flaw(self, made: object) -> tuple[str, str] | None:
        name = self.options.text
        if not isinstance(made, dict):
            return "bad_json", "not an object"
        if isinstance(made, Doubled) and (twice := made.twice & ({name} | self.nested.roots)):
            return "bad_json", f"column {min(twice)!r} is given twice"
        self.nested.lift(made)
        text = made.get(name)
        if text is None:
            return "missing_text", f"column {name!r} is {'null' if name in made else 'absent'}"
        if not isinstance(text, str):
            return "text_not_string", f"column {name!r} is of type {type(text).__name__}"
        if not text:
            return "empty_text", f"column {name!r} is an empty string"
        if "\0" in text:
            return "nul_character", f"U+0000 at character {text.index(chr(0))} of column {name!r}"
        try:
            text.encode()
        except UnicodeEncodeError as error:
            return "lone_surrogate", f"U+{ord(text[error.start]):04X} at character {error.start} of column {name!r}"
        return None


def _has_struct(kind: pa.DataType) -> bool:
    return pa.types.is_struct(kind) or any(_has_struct(kind.field(i).type) for i in range(kind.num_fields))


def _whole(table: pa.Table, name: str) -> pa.Array:
    return table.column(name).combine_chunks() if table.column(name).num_chunks != 1 else table.column(name).chunk(0)
