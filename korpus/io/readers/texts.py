"""The text of a document: strings in whatever Arrow type they come, joined where several columns make it up."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from korpus.io.readers.columns import plain

_is = pa.types


def is_text(kind: pa.DataType) -> bool:
    """Tell whether a column of this type may be text: strings, or bytes that may be UTF-8, however they are stored."""
    if isinstance(kind, pa.BaseExtensionType):
        return is_text(kind.storage_type)
    if _is.is_dictionary(kind) or _is.is_run_end_encoded(kind):
        return is_text(kind.value_type)
    return any(
        matches(kind)
        for matches in (
            _is.is_string,
            _is.is_large_string,
            _is.is_string_view,
            _is.is_binary,
            _is.is_large_binary,
            _is.is_binary_view,
            _is.is_fixed_size_binary,
            _is.is_null,
        )
    )


def as_bytes(texts: pa.Array) -> pa.BinaryArray:
    """Return texts of any such type as bytes, which need not be UTF-8."""
    return plain(texts).cast(pa.binary())


def joined(parts: list[pa.Array]) -> pa.Array:
    """Return texts made of several columns: what is neither null nor empty, with line ends between; null where all are.

    Parameters
    ----------
    parts : list of pa.Array
        All of type string, or all of type binary.
    """
    if len(parts) == 1:
        return parts[0]
    kind = parts[0].type
    made = parts[0]
    newline = pa.scalar("\n" if _is.is_string(kind) else b"\n", kind)
    nothing = pa.scalar("" if _is.is_string(kind) else b"", kind)
    for part in parts[1:]:
        left, right = (pc.fill_null(each, nothing) for each in (made, part))
        both = pc.and_(pc.greater(pc.binary_length(left), 0), pc.greater(pc.binary_length(right), 0))
        between = pc.if_else(both, newline, nothing)
        text = pc.binary_join_element_wise(pc.binary_join_element_wise(left, between, nothing), right, nothing)
        made = pc.if_else(pc.and_(made.is_null(), part.is_null()), pa.scalar(None, kind), text)
    return made
