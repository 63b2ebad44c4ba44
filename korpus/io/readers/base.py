"""What readers share: their options, what they are given and what they hand on.

The way of the input is `discover` (paths to `InputFile`), splits (`Split`, with a `Chunk` of bytes where a file can
only be read from its start), and `read_split` (`Block` after `Block` of documents and of what could not be one).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from korpus.errors import RecipeError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from korpus.io.compress import Source

TOO_LONG_CHARS = 1_000
"""So much of a document that is too long is shown in the ledger."""

REASONS = {
    "bad_block": "a line, or lines that belong together, that the format of the file does not explain",
    "bad_csv": "the number of fields differs from the header's, or quotes do not match",
    "bad_json": "not JSON, not an object, or a column given twice",
    "bad_page": "a web page, or a record of a WARC file, that is damaged or in no known charset",
    "bad_sheet": "a sheet of a workbook that has not the column of the text",
    "bad_xml": "not a well-formed page of a dump",
    "empty_text": "the text is an empty string",
    "invalid_encoding": "not valid in the encoding of its file, see input.encoding",
    "invalid_utf8": "not valid UTF-8",
    "lone_surrogate": "half of a surrogate pair, which is no character",
    "missing_text": "the text is absent or null",
    "nul_character": "the text holds U+0000",
    "text_not_string": "the text is not a string",
    "too_long": "longer than input.max_doc_bytes",
    "truncated_input": "the file ends or is damaged within this document",
}
"""Why a line or record is not a document."""


@dataclass(frozen=True)
class ReadOptions:
    """How input is read.

    Attributes
    ----------
    text : str
        The column that is the document; a name for what `parts` make, if there are any.
    parts : tuple of str
        The columns that make up the text, joined by line ends.
    keep : tuple of str, optional
        The columns that are carried along; None carries all.
    max_doc_bytes : int
        A longer line or record is rejected.
    split_bytes : int
        Size of a split, before compression; at most 16 MiB, so that a split has fewer rows than an id can number.
    batch_rows : int
        Most documents in a block.
    delimiter : str, optional
        What separates the fields of a CSV file; by default told from the file.
    quote : str, optional
        What fields may be put in, one ASCII character, or ``none``; by default told from the file.
    escape : str, optional
        What stands before a character that is to be taken as it is, or ``none``; by default told from the file.
    columns : tuple of str, optional
        The names of the columns of files without a header.
    records : str, optional
        The path of what is a document in JSON, or ``file``; by default the text's path up to its first array.
    main_content : bool
        Whether only the main content of web pages is read; else all of their text.
    """

    text: str = "text"
    parts: tuple[str, ...] = ()
    keep: tuple[str, ...] | None = None
    max_doc_bytes: int = 32 << 20
    split_bytes: int = 16 << 20
    batch_rows: int = 8192
    delimiter: str | None = None
    quote: str | None = None
    escape: str | None = None
    columns: tuple[str, ...] | None = None
    records: str | None = None
    main_content: bool = True

    def of_reference(self, text: str) -> ReadOptions:
        """Return how files are read that documents are compared with: nothing but their texts."""
        return ReadOptions(
            text=text,
            keep=(),
            max_doc_bytes=self.max_doc_bytes,
            split_bytes=self.split_bytes,
            batch_rows=self.batch_rows,
        )

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns, or paths, that make up the text."""
        return self.parts or (self.text,)

    def __post_init__(self) -> None:
        if not 0 < self.split_bytes <= 16 << 20:
            raise RecipeError(f"split_bytes must be from 1 to {16 << 20:,}, got {self.split_bytes:,}")
        for name in ("delimiter", "quote", "escape"):
            given = getattr(self, name)
            if given is None or (given == "none" and name != "delimiter"):
                continue
            if len(given.encode(errors="replace")) != 1 or given in "\0\r\n" or (name == "delimiter" and given == '"'):
                more = "" if name == "delimiter" else ", or none"
                raise RecipeError(f"{name} must be one ASCII character, no line end{more}, got {given!r}")


@dataclass(frozen=True)
class InputFile:
    """One file of the input.

    Attributes
    ----------
    index : int
        Its number in the order of the input.
    path : str
        As the user would write it; a `korpus.io.location.Location` where something else opens it.
    format : str
        ``jsonl``, ``json``, ``csv``, ``tsv``, ``text``, ``files``, ``mediawiki``, ``conll``, ``kakaotalk``,
        ``subtitles``, ``wikiextractor``, ``parquet`` or ``arrow``.
    compression : str or None
        ``gz``, ``zst``, ``bz2`` or ``xz``.
    n_bytes : int
        Size on disk.
    encoding : str
        Of the characters; see `korpus.io.readers.encodings.encoding_of`.
    stamp : int or str
        What changes when the content does, as the time of the last change.
    labels : tuple of (str, str or None)
        Columns that its path gives it, ``site=naver/`` in Hive layout.
    flaw : str or None
        Why nothing of it can be read.
    """

    index: int
    path: str
    format: str
    compression: str | None
    n_bytes: int
    encoding: str = "utf-8"
    stamp: int | str = field(default=0, compare=False)
    labels: tuple[tuple[str, str | None], ...] = ()
    flaw: str | None = None


@dataclass(frozen=True)
class Split:
    """A piece of an input file.

    Attributes
    ----------
    file, index : int
        Number of the file, and of the split within it.
    start, stop : int
        A range of bytes, after decompression and as UTF-8; of a Parquet or Arrow file, a range of
        row groups or record batches.
    encoding : str
        That of the file.
    form : object
        What else its reader knows of the file, such as the columns of a CSV file.
    labels : tuple of (str, str or None)
        Those of the file.
    """

    file: int
    index: int
    path: str
    format: str
    compression: str | None
    start: int
    stop: int
    encoding: str = "utf-8"
    form: Any = None
    labels: tuple[tuple[str, str | None], ...] = ()

    @classmethod
    def of(cls, file: InputFile, index: int, start: int, stop: int) -> Split:
        """Return a split of `file`."""
        how = file.format, file.compression, start, stop, file.encoding
        return cls(file.index, index, file.path, *how, labels=file.labels)


@dataclass(frozen=True)
class Damage:
    """Where and why a file could not be read further.

    Attributes
    ----------
    why : str
    n_read : int
        How many of its bytes were read.
    n_lost : int
        How many of its bytes count as lost: those that were not read; as many as it has where it ends too early, since
        nobody knows how many are missing; none if all content came out and only its checksum is wrong.
    """

    why: str
    n_read: int
    n_lost: int

    @classmethod
    def of(cls, file: InputFile, source: Source) -> Damage | None:
        """Return what a stream of `file`, read to its end, says of damage."""
        if source.error is None:
            return None
        n_read = min(source.consumed(), file.n_bytes)
        return cls(source.error, n_read, 0 if source.whole else file.n_bytes - n_read or file.n_bytes)

    @property
    def whole(self) -> bool:
        """Whether all content came out for all that."""
        return not self.n_lost


@dataclass(frozen=True)
class Chunk:
    """The bytes of a split.

    Attributes
    ----------
    data : bytes
        Whole lines or records.
    cut : bool
        The last one is too long, and only its beginning is here.
    damage : Damage or None
        Why the file ends here; its last line may be incomplete.
    """

    data: bytes
    cut: bool = False
    damage: Damage | None = None


@dataclass(frozen=True)
class Bad:
    """A line or record that is not a document.

    Attributes
    ----------
    row : int
        Its row within the split.
    reason : str
        A key of `REASONS`.
    detail : str
        What exactly is wrong.
    text : str
        The line; the text itself, where the file is not made of lines.
    """

    row: int
    reason: str
    detail: str
    text: str


@dataclass(frozen=True)
class Block:
    """Documents of a split, and what in between could not be one; a split's blocks come in order and add up to it.

    Attributes
    ----------
    batch : pa.RecordBatch
        ``text`` and the kept columns.
    rows : int32 array, shape (batch.num_rows,)
        Row within the split of each document: every line or record counts, bad and blank ones too.
    bad : list of Bad
        What is rejected.
    n_rows, n_blank : int
        Lines or records that the block stands for, and how many of them are blank:
        ``n_rows == batch.num_rows + len(bad) + n_blank``.
    ignored : tuple of str
        Columns that these documents have and the schema has not.
    misfits : dict of str to (int, str)
        For each column, how many values did not fit it, and the first of them.
    damage : Damage or None
        Why the file could not be read further.
    """

    batch: pa.RecordBatch
    rows: np.ndarray
    bad: list[Bad] = field(default_factory=list)
    n_rows: int = 0
    n_blank: int = 0
    ignored: tuple[str, ...] = ()
    misfits: dict[str, tuple[int, str]] = field(default_factory=dict)
    damage: Damage | None = None


def shown(raw: bytes, max_doc_bytes: int) -> str:
    """Return a rejected line as the ledger shows it: readable, and cut when it is too long."""
    if len(raw) > max_doc_bytes:
        return raw[: 4 * TOO_LONG_CHARS].decode(errors="replace")[:TOO_LONG_CHARS]
    return raw.decode(errors="replace")


def utf8_flaw(raw: bytes) -> str | None:
    """Return what is wrong with `raw` as UTF-8, or None."""
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return f"byte 0x{raw[error.start]:02x} at position {error.start}: {error.reason} (shown as U+FFFD)"
    return None


def raw_flaw(raw: bytes, max_doc_bytes: int) -> tuple[str, str] | None:
    """Return why bytes are no document whatever they say, as reason and detail, or None."""
    if len(raw) > max_doc_bytes:
        return "too_long", f"longer than {max_doc_bytes:,} bytes; the first {TOO_LONG_CHARS:,} characters are shown"
    if b"\0" in raw:
        return "nul_character", f"NUL at byte {raw.index(0)}"
    if flaw := utf8_flaw(raw):
        return "invalid_utf8", flaw
    return None
