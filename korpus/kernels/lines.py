"""Which lines a slow rule has to look at."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from korpus.compiled import kernel
from korpus.kernels.signs import Signs, signs_within
from korpus.kernels.utf8 import code_point, to_char

N_EDGES = 0x10000
"""Edges are told one by one for the code points below, and together for those from there on."""


class Gate(NamedTuple):
    """What patterns need, as arrays.

    Attributes
    ----------
    signs : Signs
        Strings that matches hold.
    start_firsts, end_firsts, end_lasts : uint64, shape (N_EDGES + 1,)
        Bit k of a code point: whether pattern k of a side may begin or end with it.
    start_needs, end_needs : uint64, shape (n_patterns,)
        The groups of signs that a match of pattern k holds, one of each.
    start_bits, end_bits : uint64, shape (n_patterns, 2)
        What stands in the answer for a pattern whose signs the line holds, and for one that may match.
    """

    signs: Signs
    start_firsts: np.ndarray
    start_needs: np.ndarray
    start_bits: np.ndarray
    end_firsts: np.ndarray
    end_lasts: np.ndarray
    end_needs: np.ndarray
    end_bits: np.ndarray


def split_lines(offsets: np.ndarray, data: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where lines begin, and the first line of each row.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.

    Returns
    -------
    lines : int32, shape (n_lines + 1,)
        Line k is ``data[lines[k]:lines[k + 1]]``, with its line feed.
    rows : int64, shape (n_rows + 1,)
        The lines of row i are ``rows[i]`` to ``rows[i + 1]``; every row has one.
    """
    first = int(offsets[0])
    begins = (np.flatnonzero(data[first : int(offsets[-1])] == 0x0A) + (first + 1)).astype(np.int32)
    lines = np.sort(np.concatenate([offsets, begins]), kind="stable")
    # A line feed at the end of a row is followed by an empty line, which is of that row.
    return lines, np.searchsorted(begins, offsets, side="right") + np.arange(len(offsets))


@kernel
def mark_lines(lines, data, held, gate, reach, out):
    """Tell for each line which patterns may match in it.

    Parameters
    ----------
    lines : int32, shape (n_lines + 1,)
        Of `split_lines`.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    held : uint64, shape (n_lines,)
        The groups of ``gate.signs`` that each line holds.
    gate : Gate
    reach : int
        Only so many bytes at the end of a line count for what ends there.
    out : uint64, shape (n_lines,)
        Written in place: the second bits of all patterns that may match from the line's first character on, or up to
        its last; spaces, tabs and line ends do not count. With these, the first bits of all patterns that the signs of
        the whole line allow; 0 if none may match.

    Notes
    -----
    O(n_bytes) at worst, O(1) for most lines; no allocation.
    """
    for k in range(len(out)):
        out[k] = 0
        begin, end = np.int64(lines[k]), np.int64(lines[k + 1])
        while begin < end and _is_blank(data[begin]):
            begin += 1
        while end > begin and _is_blank(data[end - 1]):
            end -= 1
        if begin == end:
            continue
        last = end - 1
        while data[last] & 0xC0 == 0x80:
            last -= 1
        first = min(code_point(data, begin), N_EDGES)
        first_bits = gate.start_firsts[first]
        last_bits = gate.end_firsts[first] & gate.end_lasts[min(code_point(data, last), N_EDGES)]
        allowed = hits = np.uint64(0)
        for a in range(len(gate.start_needs)):
            if held[k] & gate.start_needs[a] == gate.start_needs[a]:
                allowed |= gate.start_bits[a, 0]
                if first_bits >> np.uint64(a) & np.uint64(1):
                    hits |= gate.start_bits[a, 1]
        tail, is_known = held[k], end - begin <= reach
        for a in range(len(gate.end_needs)):
            if held[k] & gate.end_needs[a] == gate.end_needs[a]:
                allowed |= gate.end_bits[a, 0]
                if last_bits >> np.uint64(a) & np.uint64(1):
                    if not is_known:
                        tail = signs_within(data, to_char(data, end - reach, end), end, gate.signs)
                        is_known = True
                    if tail & gate.end_needs[a] == gate.end_needs[a]:
                        hits |= gate.end_bits[a, 1]
        if hits:
            out[k] = hits | allowed


@kernel
def _is_blank(byte):
    return byte == 0x20 or byte == 0x09 or byte == 0x0D or byte == 0x0A
