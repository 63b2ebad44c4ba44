"""Walking UTF-8, and rewriting it by spans.

Most kernels that edit text only *find*: they write the spans that change, ``(start, end, fill)``, and `splice` copies
everything between them in bulk. The bytes ``[start, end)`` are replaced by the byte `fill`, by up to three bytes that
`packed` has made one number of, or by nothing when it is `NOTHING`; spans are sorted, do not overlap, lie within one
row and are no shorter than what takes their place.

Kernels that look for something rare test `BLOCK` bytes at once, and look at single bytes only where a block may hold
it. A test compiles to SIMD instructions if it is a loop of constant length in a function of its own; with a length that
varies, or within another loop, it is some five times as slow. Blocks go on over the borders of rows: a block that
reaches into the next row is suspicious at worst, never clean.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from korpus.compiled import kernel, uncounted

NOTHING = -1
BLOCK = 32
"""Bytes that a block test decides on; it may look at up to `AHEAD` more."""
AHEAD = 8
_WIDE = 256


@uncounted
def width(lead):
    """Return the number of bytes of the character that starts with the byte `lead`."""
    if lead < 0x80:
        return 1
    if lead < 0xE0:
        return 2
    return 3 if lead < 0xF0 else 4


@uncounted
def code_point(data, i):
    """Decode the character at ``data[i]``; reference: ``ord``."""
    a = np.int64(data[i])
    if a < 0x80:
        return a
    if a < 0xE0:
        return (a & 0x1F) << 6 | (data[i + 1] & 0x3F)
    if a < 0xF0:
        return (a & 0x0F) << 12 | (data[i + 1] & 0x3F) << 6 | (data[i + 2] & 0x3F)
    return (a & 7) << 18 | (data[i + 1] & 0x3F) << 12 | (data[i + 2] & 0x3F) << 6 | (data[i + 3] & 0x3F)


@uncounted
def to_char(data, i, end):
    """Return the first place from `i` on, up to `end`, at which a character starts."""
    while i < end and data[i] & 0xC0 == 0x80:
        i += 1
    return i


@uncounted
def add_span(spans, n, start, end, fill):
    """Write span number `n` if there is room for it, and return ``n + 1``."""
    if n < len(spans):
        spans[n, 0] = start
        spans[n, 1] = end
        spans[n, 2] = fill
    return n + 1


def packed(text: str) -> int:
    """Return the fill of a span that becomes `text`: one to three bytes, none of them NUL."""
    code = text.encode()
    if not 1 <= len(code) <= 3 or 0 in code:
        raise ValueError(f"must be one to three bytes without NUL, got {text!r}")
    return int.from_bytes(code, "little")


def find_spans(find: Callable, offsets: np.ndarray, *args) -> np.ndarray:
    """Run a kernel that finds spans, with as much room as they turn out to need.

    Parameters
    ----------
    find : callable
        ``find(offsets, *args, spans)`` writes spans with `add_span` and returns how many there are.
    offsets : int32, shape (n_rows + 1,)
        Byte offsets.
    *args
        Whatever else it takes.

    Returns
    -------
    int32, shape (n_spans, 3)
    """
    # Room for most texts, so that few are searched twice.
    spans = np.empty((len(offsets) + (int(offsets[-1]) - int(offsets[0])) // BLOCK, 3), np.int32)
    n = find(offsets, *args, spans)
    if n > len(spans):
        spans = np.empty((n, 3), np.int32)
        find(offsets, *args, spans)
    return spans[:n]


def splice(offsets: np.ndarray, data: np.ndarray, spans: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Replace spans of a string buffer.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets; need not start at 0.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    spans : int32, shape (n_spans, 3)
        As the module says.

    Returns
    -------
    offsets : int32, shape (n_rows + 1,)
        Starting at 0.
    data : uint8, shape (offsets[-1],)
    """
    out_offsets = np.empty(len(offsets), np.int32)
    out = np.empty(int(offsets[-1]) - int(offsets[0]), np.uint8)  # no span grows
    _splice(offsets, data, spans, out_offsets, out)
    return out_offsets, out[: out_offsets[-1]]


@kernel
def _splice(offsets, data, spans, out_offsets, out):
    row = 0
    read = np.int64(offsets[0])
    write = 0
    for k in range(len(spans) + 1):
        stop = np.int64(spans[k, 0] if k < len(spans) else offsets[-1])
        while row < len(offsets) and offsets[row] <= stop:
            out_offsets[row] = write + (offsets[row] - read)
            row += 1
        source = data[read:stop]
        target = out[write : write + len(source)]
        for j in range(len(source)):
            target[j] = source[j]
        write += len(source)
        if k < len(spans):
            read = np.int64(spans[k, 1])
            fill = spans[k, 2]
            if fill != NOTHING:
                out[write] = fill & 0xFF
                write += 1
                while fill > 0xFF:
                    fill >>= 8
                    out[write] = fill & 0xFF
                    write += 1


@uncounted
def copy_spans(data, spans, offsets, bounds, out):
    """Put spans of a buffer side by side.

    Parameters
    ----------
    data : uint8, shape (n_bytes,)
    spans : int32, shape (n_spans, 3)
        Start, end and row of each.
    offsets : int32, shape (n_spans + 1,)
        Where each begins in `out` and the last one ends; written in place.
    bounds : int32, shape (n_rows + 1,)
        Where the spans of each row begin and the last ones end; written in place.
    out : uint8, shape (n,)
        As long as all spans together, or longer; written in place as far as it goes.
    """
    row = write = 0
    for k in range(len(spans)):
        offsets[k] = write
        while row <= spans[k, 2]:
            bounds[row] = k
            row += 1
        source = data[spans[k, 0] : spans[k, 1]]
        target = out[write : write + len(source)]
        for j in range(len(source)):
            target[j] = source[j]
        write += len(source)
    offsets[len(spans)] = write
    bounds[row:] = len(spans)


@kernel
def _differ(some, others):
    found = False
    for k in range(_WIDE):
        found |= some[k] != others[k]
    return found


@kernel
def _first_difference(some, others):
    at = 0
    while at + _WIDE <= len(some) and not _differ(some[at : at + _WIDE], others[at : at + _WIDE]):
        at += _WIDE
    while at < len(some) and some[at] == others[at]:
        at += 1
    return at


@kernel
def rows_changed(offsets, data, new_offsets, new, out):
    """Mark the rows that differ between two string buffers of as many rows.

    Parameters
    ----------
    offsets, new_offsets : int32, shape (n_rows + 1,)
        Byte offsets.
    data, new : uint8, shape (n_bytes,)
        Valid UTF-8.
    out : uint8, shape (n_rows,)
        All 0; becomes 1 for rows that differ.

    Notes
    -----
    O(n_bytes): many rows at once, where they lie at one distance in both. Reference: ``a != b``.
    """
    row = stop = 0
    n_rows = len(offsets) - 1
    while row < n_rows:
        distance = new_offsets[row] - offsets[row]
        while stop < n_rows and new_offsets[stop + 1] - offsets[stop + 1] == distance:
            stop += 1
        begin, end = np.int64(offsets[row]), np.int64(offsets[stop])
        at = begin + _first_difference(data[begin:end], new[begin + distance : end + distance])
        if at == end:
            row = stop  # of another length
            if row == n_rows:
                break
        else:
            while offsets[row + 1] <= at:
                row += 1
        out[row] = 1
        row += 1
        stop = max(stop, row)
