"""Arrow data that comes from files is looked through before it is used: offsets that lead out of it kill a process."""

from __future__ import annotations

import pyarrow as pa

from korpus.io.readers.columns import plain


class Unsound(Exception):
    """The structure of some Arrow data is damaged."""


def sound(array: pa.Array) -> pa.Array:
    """Return a column all of whose values can be used: those that are no UTF-8 are null.

    Raises
    ------
    Unsound
        If offsets, indices or lengths lead out of the data.
    """
    try:
        array.validate(full=True)
    except pa.ArrowInvalid as error:
        return _mended(array, error)
    return array


def _mended(array: pa.Array, error: Exception) -> pa.Array:
    kind = array.type
    try:
        array.validate()
    except pa.ArrowInvalid:
        raise Unsound(str(error)) from None
    if isinstance(kind, pa.BaseExtensionType):
        return sound(array.storage)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _decoded(array, error)
    if pa.types.is_struct(kind) and kind.num_fields:
        # The bits that say which objects are null cannot lead anywhere; the keys are columns by themselves.
        children = [sound(child) for child in array.flatten()]
        fields = [pa.field(field.name, child.type) for field, child in zip(kind, children, strict=True)]
        return pa.StructArray.from_arrays(children, fields=fields, mask=array.is_null())
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        hollow = _hollow(array, kind)
        items = sound(array.values)
        of = pa.ListArray if pa.types.is_list(kind) else pa.LargeListArray
        made = of.from_arrays(hollow.offsets, items)
        return made if not array.null_count else _with_nulls(made, array)
    if pa.types.is_dictionary(kind):
        values = sound(array.dictionary)
        try:
            array.indices.validate(full=True)
            made = pa.DictionaryArray.from_arrays(array.indices, plain(values))
            made.validate(full=True)
        except pa.ArrowException:
            raise Unsound(str(error)) from None
        return made.dictionary_decode()
    raise Unsound(str(error))


def _with_nulls(made: pa.Array, array: pa.Array) -> pa.Array:
    import pyarrow.compute as pc

    return pc.if_else(array.is_valid(), made, pa.scalar(None, made.type))


def _hollow(array: pa.Array, kind: pa.DataType) -> pa.Array:
    """Return the lists without what is in them, once their offsets are seen to be sound."""
    is_list = pa.types.is_list(kind)
    type_ = (pa.list_ if is_list else pa.large_list)(pa.null())
    validity, offsets = array.buffers()[:2]
    made = pa.Array.from_buffers(
        type_, len(array), [validity, offsets], offset=array.offset, children=[pa.nulls(len(array.values))]
    )
    try:
        made.validate(full=True)
    except pa.ArrowInvalid as error:
        raise Unsound(str(error)) from None
    return made


def _decoded(array: pa.Array, error: Exception) -> pa.Array:
    as_bytes = pa.binary() if pa.types.is_string(array.type) else pa.large_binary()
    raw = pa.Array.from_buffers(as_bytes, len(array), array.buffers(), offset=array.offset)
    try:
        raw.validate(full=True)
    except pa.ArrowInvalid:
        raise Unsound(str(error)) from None
    values = []
    for value in raw.to_pylist():
        try:
            values.append(None if value is None else value.decode())
        except UnicodeDecodeError:
            values.append(None)
    return pa.array(values, array.type)
