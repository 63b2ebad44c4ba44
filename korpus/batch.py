"""What a batch is: column names, document ids, and the way between Arrow buffers and numpy views.

A batch is a ``pa.RecordBatch`` whose column ``text`` (``string``, never null, valid UTF-8) is the document and whose
column ``doc_id`` (``int64``) is its place in the input. All other columns are the user's own or were added by a tag.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from korpus.errors import DataError, SchemaError

TEXT = "text"
DOC_ID = "doc_id"
DOMAIN = "domain"
SOURCE = "source"
DOCUMENT = "document"
"""The column of pieces, such as sentences, that holds the id of the document they were cut from."""

# A document id packs file | split within the file | row within the split, so that ids grow with the place in the
# input and do not depend on how many splits the files before it turned out to have. 19 + 20 + 24 bits = 63.
# The upper half of the splits of a file is for what documents of the lower half were cut into.
FILE_BITS, SPLIT_BITS, ROW_BITS = 19, 20, 24
PIECES = 1 << (SPLIT_BITS - 1)
MAX_FILES, MAX_SPLITS, MAX_ROWS = 1 << FILE_BITS, PIECES, 1 << ROW_BITS


def split_key(file: int, index: int) -> int:
    """Return the upper bits of the ids of all documents of one split."""
    return (file << SPLIT_BITS) | index


def make_doc_ids(file: int, index: int, rows: np.ndarray) -> np.ndarray:
    """Return the ids of the documents at `rows` of a split.

    Parameters
    ----------
    file, index : int
        Number of the input file, and of the split within it.
    rows : int array, shape (n,)
        Row within the split: every line or record counts, bad and blank ones too.

    Returns
    -------
    int64 array, shape (n,)
    """
    return (np.int64(split_key(file, index)) << ROW_BITS) | rows.astype(np.int64)


def make_piece_ids(doc_ids: np.ndarray, n_before: int) -> np.ndarray:
    """Return the ids of what documents of one split were cut into.

    Parameters
    ----------
    doc_ids : int64 array, shape (n,)
        For each piece, the document that it was cut from.
    n_before : int
        How many pieces of the split were numbered before.

    Returns
    -------
    int64 array, shape (n,)

    Raises
    ------
    DataError
        If a split has more pieces than an id can number.
    """
    n = n_before + len(doc_ids)
    if n > MAX_ROWS:
        raise DataError(
            f"a split of the input was cut into more than {MAX_ROWS:,} pieces; make input.split_bytes smaller"
        )
    splits = (doc_ids >> ROW_BITS) | PIECES
    return (splits << ROW_BITS) | np.arange(n_before, n, dtype=np.int64)


def has_pieces(batch: pa.RecordBatch) -> bool:
    """Return whether the rows of a batch, all of one split, are pieces of documents."""
    return bool(batch.num_rows and (batch.column(DOC_ID)[0].as_py() >> ROW_BITS) & PIECES)


def with_doc_ids(batch: pa.RecordBatch, file: int, index: int, rows: np.ndarray) -> pa.RecordBatch:
    """Return `batch` with the ids of its documents as first column; parameters as for `make_doc_ids`."""
    schema = pa.schema([(DOC_ID, pa.int64()), *batch.schema])
    return pa.RecordBatch.from_arrays([pa.array(make_doc_ids(file, index, rows)), *batch.columns], schema=schema)


class Strings(NamedTuple):
    """An Arrow string array as read-only numpy views: string i is ``data[offsets[i]:offsets[i + 1]]``.

    Attributes
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets, already advanced by the array's own offset; they need not start at 0.
    data : uint8, shape (n_bytes,)
        UTF-8.
    """

    offsets: np.ndarray
    data: np.ndarray


_NO_BYTES = np.zeros(0, np.uint8)
_NO_BYTES.flags.writeable = False


def _read_only(view: np.ndarray) -> np.ndarray:
    # numba compiles once for read-only arrays and once more for writable ones; memory-mapped and IPC buffers are
    # always read-only, so every view that a kernel sees is made so.
    if view.flags.writeable:
        view.flags.writeable = False
    return view


def strings(array: pa.StringArray) -> Strings:
    """View a string array as numpy, without copying.

    Parameters
    ----------
    array : pa.StringArray
        Without nulls; may be a slice.

    Raises
    ------
    SchemaError
        If the array is not of type ``string`` or holds nulls.
    """
    if not pa.types.is_string(array.type):
        raise SchemaError(f"a text column must be of type string, got {array.type}")
    if array.null_count:
        raise SchemaError(f"a text column must not hold nulls, got {array.null_count}")
    _, offsets, data = array.buffers()
    if len(array) == 0 or offsets is None:
        return Strings(_read_only(np.zeros(1, np.int32)), _NO_BYTES)
    view = np.frombuffer(offsets, np.int32)[array.offset : array.offset + len(array) + 1]
    bytes_ = np.frombuffer(data, np.uint8) if data is not None and data.size else _NO_BYTES
    return Strings(_read_only(view), _read_only(bytes_))


def string_array(offsets: np.ndarray, data: np.ndarray | bytes) -> pa.StringArray:
    """Wrap numpy arrays as a string array, without copying.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets into `data`, starting at 0.
    data : uint8, shape (>= offsets[-1],), or bytes
        Valid UTF-8.
    """
    return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(data))


def n_bytes(array: pa.StringArray) -> int:
    """Return the number of UTF-8 bytes of all strings of an array."""
    if len(array) == 0:
        return 0
    offsets = strings(array).offsets
    return int(offsets[-1]) - int(offsets[0])


def set_column(batch: pa.RecordBatch, name: str, array: pa.Array) -> pa.RecordBatch:
    """Return `batch` with the column `name` replaced, or appended when there is none."""
    at = batch.schema.get_field_index(name)
    field = pa.field(name, array.type)
    if at < 0:
        return pa.RecordBatch.from_arrays([*batch.columns, array], schema=batch.schema.append(field))
    columns = list(batch.columns)
    columns[at] = array
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema.set(at, field))


def require_columns(schema: pa.Schema, names: tuple[str, ...], who: str) -> None:
    """Raise `SchemaError` unless `schema` has all `names`; `who` is named as the one that reads them."""
    missing = [name for name in names if name not in schema.names]
    if missing:
        raise SchemaError(
            f"{who} reads column {missing[0]!r}, but the documents have only: {', '.join(schema.names)}; "
            f"name it under input.keep"
        )
