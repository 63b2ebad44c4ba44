"""What readers share: their options, what they are given and what they hand on.

The way of the input is `discover` (paths to `InputFile`), splits (`Split`, with a `Chunk` of bytes where a file can
only be read from its start), and `read_split` (`Block` after `Block` of documents and of what could not be one).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from korpus.errors import RecipeError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

TOO_LONG_CHARS = 1_000
"""So much of a document that is too long is shown in the ledger."""

REASONS = {
    "bad_block": "a line, or lines that belong together, that the format of the file does not explain",
    "bad_csv": "the number of fields differs from the header's, or quotes do not match",
    "bad_json": "not JSON, not an object, or a column given twice",
    "bad_value": "the value of a kept column does not fit the column's type",
    "bad_xml": "not a well-formed page of a dump",
    "empty_text": "the text is an empty string",
    "invalid_encoding": "not valid in the encoding of its file, see input.encoding",
    "invalid_utf8": "not valid UTF-8",
    "lone_surrogate": "half of a surrogate pair, which is no character",
    "missing_text": "the text is absent or null",
    "nul_character": "the text holds U+0000",
    "text_not_string": "the text is not a string",
    "too_long": "longer than input.max_doc_bytes",
    "truncated_input": "the file ends early or is damaged; what follows could not be read",
}
"""Why a line or record is not a document."""


@dataclass(frozen=True)
class ReadOptions:
    """How input is read.

    Attributes
    ----------
    text : str
        The column that is the document.
    keep : tuple of str, optional
        The columns that are carried along; None carries all.
    max_doc_bytes : int
        A longer line or record is rejected.
    split_bytes : int
        Size of a split, before compression; at most 16 MiB, so that a split has fewer rows than an id can number.
    batch_rows : int
        Most documents in a block.
    delimiter : str, optional
        What separates the fields of a CSV file; by default a comma, or a tab in a file named ``.tsv``.
    """

    text: str = "text"
    keep: tuple[str, ...] | None = None
    max_doc_bytes: int = 32 << 20
    split_bytes: int = 16 << 20
    batch_rows: int = 8192
    delimiter: str | None = None

    def __post_init__(self) -> None:
        if not 0 < self.split_bytes <= 16 << 20:
            raise RecipeError(f"split_bytes must be from 1 to {16 << 20:,}, got {self.split_bytes:,}")
        if self.delimiter is not None and (len(self.delimiter.encode()) != 1 or self.delimiter in '"\r\n'):
            raise RecipeError(f"delimiter must be one ASCII character, no quote or line end, got {self.delimiter!r}")


@dataclass(frozen=True)
class InputFile:
    """One file of the input.

    Attributes
    ----------
    index : int
        Its number in the order of the input.
    path : str
        As the user would write it; a `korpus.io.remote.Location` where something else opens it.
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
    """

    index: int
    path: str
    format: str
    compression: str | None
    n_bytes: int
    encoding: str = "utf-8"
    stamp: int | str = field(default=0, compare=False)


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
    """

    file: int
    index: int
    path: str
    format: str
    compression: str | None
    start: int
    stop: int
    encoding: str = "utf-8"

    @classmethod
    def of(cls, file: InputFile, index: int, start: int, stop: int) -> Split:
        """Return a split of `file`."""
        return cls(file.index, index, file.path, file.format, file.compression, start, stop, file.encoding)


@dataclass(frozen=True)
class Chunk:
    """The bytes of a split.

    Attributes
    ----------
    data : bytes
        Whole lines or records.
    cut : bool
        The last one is too long, and only its beginning is here.
    error : str or None
        The file ends early here, leaving the last line incomplete; this is what the decompressor said.
    header : tuple of str
        The column names of a CSV file.
    """

    data: bytes
    cut: bool = False
    error: str | None = None
    header: tuple[str, ...] = ()


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
    """

    batch: pa.RecordBatch
    rows: np.ndarray
    bad: list[Bad] = field(default_factory=list)
    n_rows: int = 0
    n_blank: int = 0
    ignored: tuple[str, ...] = ()


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
