"""Running an exact but slow rule on the few rows that it can concern."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from korpus.batch import string_array, strings
from korpus.errors import DataError
from korpus.kernels.signs import rows_with_sign

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_BYTES = np.iinfo(np.int32).max


def rows_holding(texts: pa.StringArray, literal: str | bytes) -> np.ndarray:
    """Return the rows that contain a string, in order.

    Parameters
    ----------
    texts : pa.StringArray, shape (n_rows,)
        Without nulls.
    literal : str or bytes
        Not empty; bytes are of UTF-8, and may be a part of a character.

    Returns
    -------
    int64, shape (n_found,)
    """
    rows = np.zeros(len(texts), np.uint8)
    sign = literal.encode() if isinstance(literal, str) else literal
    rows_with_sign(*strings(texts), np.frombuffer(sign, np.uint8), rows)
    return np.flatnonzero(rows)


def row_texts(texts: pa.StringArray, rows: np.ndarray) -> Iterator[str]:
    """Yield the texts of some rows.

    Parameters
    ----------
    texts : pa.StringArray, shape (n_rows,)
        Without nulls.
    rows : int array, or bool array of shape (n_rows,)
        Which ones.
    """
    offsets, data = strings(texts)
    rows = np.flatnonzero(rows) if rows.dtype == bool else rows
    view = data.data
    for begin, end in zip(offsets[rows].tolist(), offsets[rows + 1].tolist(), strict=True):
        yield str(view[begin:end], "utf-8")


def edit_rows(texts: pa.StringArray, rows: np.ndarray, function: Callable[[str], str | None]) -> pa.StringArray:
    """Apply a function to some rows; the others are copied in bulk, without becoming Python objects.

    Parameters
    ----------
    texts : pa.StringArray, shape (n_rows,)
        Without nulls.
    rows : int array, increasing, or bool array of shape (n_rows,)
        The rows to edit.
    function : callable
        From a text to its new text; or to None, which makes the row null.

    Returns
    -------
    pa.StringArray, shape (n_rows,)
        `texts` itself when the function changed nothing.

    Raises
    ------
    DataError
        If the batch would grow past the 2 GiB that a string array can hold.
    """
    rows = np.flatnonzero(rows) if rows.dtype == bool else rows
    offsets, data = strings(texts)
    view, done = data.data, int(offsets[0])
    pieces: list = []
    edited: list[int] = []
    given_up: list[int] = []
    for row, text in zip(rows.tolist(), row_texts(texts, rows), strict=True):
        new = function(text)
        if new is None:
            given_up.append(row)
        elif new != text:
            edited.append(row)
            pieces += (view[done : offsets[row]], new.encode())
            done = int(offsets[row + 1])
    if not edited:
        return without(texts, given_up)
    pieces.append(view[done : offsets[-1]])
    lengths = np.diff(offsets).astype(np.int64)
    lengths[edited] = [len(new) for new in pieces[1::2]]
    ends = lengths.cumsum()
    if ends[-1] > MAX_BYTES:
        raise too_large(texts)
    return without(string_array(np.concatenate(([0], ends)).astype(np.int32), b"".join(pieces)), given_up)


def without(texts: pa.StringArray, rows: list[int]) -> pa.StringArray:
    """Return the texts with null in some rows."""
    if not rows:
        return texts
    gone = np.zeros(len(texts), bool)
    gone[rows] = True
    return pc.if_else(pa.array(gone), pa.scalar(None, pa.string()), texts)


def too_large(texts: pa.StringArray) -> DataError:
    """Return the error of an edit whose texts no longer fit a string array."""
    return DataError(f"an edit makes a batch of {len(texts)} texts larger than 2 GiB; lower engine.batch_rows")


def replace_literally(regex: str, replacement: str) -> Callable[[str], str]:
    """Return a function that replaces every match of a regular expression by a string that is taken as it is."""
    compiled, template = re.compile(regex), replacement.replace("\\", r"\\")
    return lambda text: compiled.sub(template, text)


def replace_from(first: re.Pattern[str], rule: re.Pattern[str], new: Callable[[re.Match[str]], str], text: str) -> str:
    """Return ``rule.sub(new, text)``, at the speed at which `re` finds a class of characters where few match.

    Parameters
    ----------
    first : re.Pattern
        A class of characters, with one of which every match begins.
    rule : re.Pattern
        Matches nothing empty.
    new : callable
    text : str
    """
    pieces: list[str] = []
    done = at = 0
    while found := first.search(text, at):
        at = found.end()
        if match := rule.match(text, found.start()):
            at = match.end()
            pieces += (text[done : match.start()], new(match))
            done = at
    return "".join((*pieces, text[done:])) if pieces else text
