r"""Files of columns, a token a line: CoNLL, CoNLL-U, KLUE, the named entities of Naver; a blank line ends a document.

The columns of a line are parted by tabs, or by spaces where the last word of a line is a tag in capitals. If the first
numbers the tokens from 1 on, the second is the token, else the first. The tag is the part of speech (UPOS, or XPOS if
that is missing) of the ten columns of CoNLL-U, the part of speech, which is the fourth, of the six of KLUE-DP, and the
last column of all others.

The text is what a comment says it is: ``# text = …``, or ``## id<TAB>…`` as in KLUE. Otherwise it is made of the
tokens. In CoNLL-U they are joined by spaces but after ``SpaceAfter=No``; where several words are one token (``1-2``)
the text has that, and empty nodes (``1.1``) are not in it. Where tokens are single syllables, spaces being tokens too,
they are joined as they are; so the entities that KLUE-NER marks in its comments (``<서울:LC>``) are no text. All
other tokens are joined by spaces. Other comments, and ``-DOCSTART-``, are not text. A block whose lines differ in their
number of columns, or whose numbers do not follow, is a reject. That a file has lost its end shows only if that is
within the columns of a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyarrow as pa

from korpus.io.compress import Source
from korpus.io.readers import converted
from korpus.io.readers.base import Block, Chunk, InputFile, ReadOptions, Split

COLUMNS = {
    "text": pa.string(),
    "id": pa.string(),
    "tokens": pa.list_(pa.string()),
    "tags": pa.list_(pa.string()),
}
"""What is known of a document; `id` is what ``# sent_id = …`` or ``## …`` says."""

_CONLLU, _KLUE_DP = 10, 6
_NUMBERS = re.compile(r"[0-9]+(?:[-.][0-9]+)?")
_COMMENT = re.compile(r"#{1,2} |#[^\t]*$")
_SAYS = re.compile(r"# ?(text|sent_id) ?= ?(.*)")
_ENTITY = re.compile(r"<([^<>]*):[A-Z]{2,3}>")
_ENTITY_TAG = re.compile(r"[BIOES]-[A-Z_]+|O|-|[A-Z]{2,4}_[BIES]")

_PLAIN_TAG = re.compile(r"[A-Z][A-Za-z0-9_+$.-]*|-|[^\w\s]{1,5}")


def looks_like(head: bytes) -> bool:
    """Tell whether a file that begins with these bytes is surely of this format."""
    lines = [line.rstrip("\r") for line in head[: 1 << 16].decode(errors="ignore").split("\n")[:-1]]
    if any(re.match(r"## [^\t]*klue-(?:ner|dp)", line) for line in lines[:50]):
        return True
    rows = [line.split("\t") for line in lines if line.strip() and not _COMMENT.match(line)][:200]
    if len(rows) < 2 or len({len(row) for row in rows}) > 1:
        return False
    numbered = all(_NUMBERS.fullmatch(row[0]) for row in rows) and rows[0][0] in ("0.1", "1", "1-2", "1-3")
    if numbered and len(rows[0]) == _CONLLU:
        return True
    tagged = all(_ENTITY_TAG.fullmatch(row[-1].strip()) for row in rows)
    return tagged and (len(rows[0]) == 2 or (numbered and len(rows[0]) == 3))


class TokenStream(converted.LineStream):
    """The documents of a file of columns as JSON Lines; see `korpus.io.readers.converted.LineStream`."""

    columns = tuple(COLUMNS)

    def __init__(self, source: Source, name: str, most: int):
        super().__init__(source, name, most)
        self._has_words = False
        self._is_numbered: bool | None = None
        self._new()

    def _new(self) -> None:
        self._id: str | None = None
        self._text: str | None = None
        self._separator: str | None = None
        self._rows: list[list[str]] = []
        self._held = converted.Held(self.most)

    def line(self, line: str) -> None:
        """Take the next line."""
        if not line.strip():
            self.finish()
        elif line[0] == "#" and self._separator != " " and _COMMENT.match(line):
            self._held.add(line)
            self._comment(line)
        elif not line.startswith("-DOCSTART-"):
            self._held.add(line)
            if not self._held.is_full:
                self._separator = self._separator or ("\t" if "\t" in line else " ")
                self._rows.append(line.split(self._separator))

    def _comment(self, line: str) -> None:
        if line.startswith("## "):
            name, _, text = line[3:].partition("\t")
            self._id = name.strip()
            if text.strip() and "\t" not in text:
                self._text = text
        elif match := _SAYS.fullmatch(line):
            if match[1] == "text":
                self._text = match[2]
            else:
                self._id = match[2]

    def finish(self) -> None:
        """Hand out the document that ends here."""
        if self._held.is_full:
            self.reject("\n".join(self._held.pieces), "too long")
        elif self._rows:
            try:
                self.emit(*self._document())
            except ValueError as error:
                self.reject("\n".join(self._held.pieces), str(error))
        elif self._text is not None:
            self.emit(self._text, self._id, [], [])
        self._new()

    def _document(self) -> tuple[str, str | None, list[str], list[str]]:
        rows, n = self._rows, len(self._rows[0])
        if n == 1 or (self._separator == " " and not all(_PLAIN_TAG.fullmatch(row[-1]) for row in rows)):
            raise ValueError("not columns: there is no tab, and no space with a tag after it")
        for row in rows:
            if len(row) != n:
                raise ValueError(f"{n} columns and then {len(row)}: {' '.join(row)[:80]!r}")
        if self._has_numbers(rows, n):
            text, rows = self._numbered(rows, n)
            if n == _CONLLU:
                tags = [row[3] if row[3] != "_" else row[4] for row in rows]
            else:
                tags = [row[3 if n == _KLUE_DP else -1].strip() for row in rows]
            return text, self._id, [row[1] for row in rows], tags
        tokens = [row[0] for row in rows]
        if "" in tokens:
            raise ValueError(f"a token is empty, in line {tokens.index('') + 1} of them")
        return self._joined(tokens), self._id, tokens, [row[-1].strip() for row in rows]

    def _has_numbers(self, rows: list[list[str]], n: int) -> bool:
        # A block of one token may be a number; longer ones tell what the file is like.
        if n == 2 or (self._is_numbered is False and n != _CONLLU):
            return False
        n_numbers = sum(_NUMBERS.fullmatch(row[0]) is not None for row in rows)
        if self._is_numbered is None and len(rows) > 1:
            self._is_numbered = 2 * n_numbers > len(rows)
        if (self._is_numbered or n == _CONLLU) and n_numbers < len(rows):
            raise ValueError("the first column does not number all tokens")
        return n_numbers == len(rows) and (bool(self._is_numbered) or n == _CONLLU or rows[0][0] == "1")

    def _numbered(self, rows: list[list[str]], n: int) -> tuple[str, list[list[str]]]:
        # Returns the text and the rows that are words.
        words: list[list[str]] = []
        pieces: list[str] = []
        covered = 0
        for row in rows:
            number = row[0]
            if number.isdigit():
                words.append(row)
                if int(number) != len(words):
                    raise ValueError(f"token {len(words)} is numbered {number}")
                if len(words) <= covered:
                    continue
            elif n != _CONLLU:
                raise ValueError(f"{number!r} is not the number of a token")
            elif "." in number:
                continue
            else:
                first, last = map(int, number.split("-"))
                if first != len(words) + 1 or last < first:
                    raise ValueError(f"the tokens {number} stand before token {len(words) + 1}")
                covered = last
            is_joined = n == _CONLLU and "SpaceAfter=No" in row[-1].strip().split("|")
            pieces += (row[1], "" if is_joined else " ")
        if covered > len(words):
            raise ValueError(f"token {covered} is missing")
        return self._text if self._text is not None else "".join(pieces).strip(" "), words

    def _joined(self, tokens: list[str]) -> str:
        are_syllables = all(len(token) == 1 for token in tokens)
        self._has_words |= not are_syllables and self._text is None
        said = self._text
        if are_syllables and (said is not None or " " in tokens or not self._has_words):
            text = "".join(tokens)
            if said is None or _ENTITY.sub(r"\1", said).split() == text.split() or " " in tokens:
                return text
        return " ".join(tokens) if said is None else _ENTITY.sub(r"\1", said)


Stream = TokenStream
plan, stream = converted.plan, converted.stream


def columns(file: InputFile, options: ReadOptions, n_bytes: int = 0) -> dict[str, pa.DataType] | None:
    """Return the columns; see `korpus.io.readers.converted.columns`."""
    return converted.columns(file, options, COLUMNS, "columns of tokens")


def read(split: Split, chunk: Chunk, schema: pa.Schema, options: ReadOptions) -> Iterator[Block]:
    """Yield the blocks of a split."""
    return converted.read(split, chunk, schema, options)
