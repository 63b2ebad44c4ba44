"""What WikiExtractor makes of a dump of Wikipedia: ``<doc id="1" url="…" title="…">``, the text, ``</doc>``.

An element is a document. WikiExtractor writes the title once more as the first line of the text; that line is left out
where it is equal to the title. Attributes are written by some versions without escaping, so that a value ends at the
quote after which another attribute begins, or the tag ends. Both tags stand on lines of their own; anything else that
looks like one is text. A document that another one begins in, or the file ends in, was not closed; it is a reject, and
so are lines between documents. With ``--json`` WikiExtractor writes JSON Lines, which are read as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyarrow as pa

from korpus.io.compress import Source
from korpus.io.readers import converted
from korpus.io.readers.base import Block, Chunk, InputFile, ReadOptions, Split

COLUMNS = {"text": pa.string(), "id": pa.string(), "url": pa.string(), "title": pa.string()}
"""What is known of a document."""

_BEGIN = re.compile(r'<doc(?= {1,2}\w+=")(?=.* id=")(.*") ?>\s*')
_LONGEST_TAG = 1 << 14
_ATTRIBUTE = re.compile(r' (\w+)="(.*?)"(?= {1,2}\w+="|\s*$)')
_ENTITY = re.compile("&(?:amp|lt|gt|quot|apos|#39);")
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&#39;": "'"}
_HEAD = re.compile(rb'\s*<doc (?:\w+="[^"\n]*" )*id="\d+"[^\n]*>')


def looks_like(head: bytes) -> bool:
    """Tell whether a file that begins with these bytes is surely of this format."""
    return _HEAD.match(head) is not None


def _unescaped(value: str) -> str:
    return _ENTITY.sub(lambda match: _ENTITIES[match[0]], value)


class DocStream(converted.LineStream):
    """The documents of WikiExtractor as JSON Lines; see `korpus.io.readers.converted.LineStream`."""

    columns = tuple(COLUMNS)

    def __init__(self, source: Source, name: str, most: int):
        super().__init__(source, name, most)
        self._begin: dict[str, str] | None = None
        self._held = converted.Held(most)

    def line(self, line: str) -> None:
        """Take the next line."""
        if line.startswith("<doc") and len(line) < _LONGEST_TAG and (begun := _BEGIN.fullmatch(line)):
            self._give_up()
            self._begin = {name: _unescaped(value) for name, value in _ATTRIBUTE.findall(begun[1])}
        elif self._begin is not None and line.startswith("</doc>") and not line[6:].strip():
            if self._held.is_full:
                self._give_up()
            else:
                self._close(self._begin)
            self._begin, self._held = None, converted.Held(self.most)
            return
        elif self._begin is None and not line.strip():
            self._give_up()
            return
        self._held.add(line)

    def _close(self, begin: dict[str, str]) -> None:
        title, lines = begin.get("title"), self._held.pieces[1:]
        if lines and title is not None and _unescaped(lines[0]).strip() == title.strip():
            del lines[0]
        self.emit("\n".join(lines).strip("\n"), begin.get("id"), begin.get("url"), title)

    def _give_up(self) -> None:
        if self._held.pieces:
            outside = "stands outside of <doc> and </doc>"
            self.reject("\n".join(self._held.pieces), outside if self._begin is None else "</doc> is missing")
        self._begin, self._held = None, converted.Held(self.most)

    def finish(self) -> None:
        """Hand out a document that is not closed."""
        if self._begin is not None:
            self.flaw = "the file ends before </doc>"
        self._give_up()


Stream = DocStream
plan, stream = converted.plan, converted.stream


def columns(file: InputFile, options: ReadOptions, n_bytes: int = 0) -> dict[str, pa.DataType] | None:
    """Return the columns; see `korpus.io.readers.converted.columns`."""
    return converted.columns(file, options, COLUMNS, "the output of WikiExtractor")


def read(split: Split, chunk: Chunk, schema: pa.Schema, options: ReadOptions) -> Iterator[Block]:
    """Yield the blocks of a split."""
    return converted.read(split, chunk, schema, options)
