"""JSON: the items of an array are the documents.

The array is the file itself, or lies in the object that the file is, where the path of the text says; an object without
one is a document itself. Line ends do not matter, so that such files are always cut while reading, into JSON Lines.
"""

from __future__ import annotations

from korpus.io.readers import jsonl, lines
from korpus.io.readers.base import InputFile, ReadOptions

columns, read, stream = jsonl.columns, jsonl.read, lines.stream


def plan(file: InputFile, options: ReadOptions) -> None:
    """Return None: the file's splits are only known while reading."""
