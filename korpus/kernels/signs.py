"""Which strings stand in which rows: the cheap test before slow rules, in one pass for all of them.

One sign is looked for in blocks, by a loop that compiles to SIMD instructions. For several, tables of the characters
and pairs of characters that signs begin with tell for every place whether one may begin there; only from such places on
are the signs' bytes followed, all of them at once, in a trie.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from korpus.compiled import kernel

MAX_GROUPS = 64
_NEAR, _FAR = 1, 2
_MIX = 0x9E37
_BLOCK = 64


class Signs(NamedTuple):
    """Signs in groups, as arrays; made by `compile_signs`.

    Attributes
    ----------
    heads : uint8, shape (65536,)
        Whether a sign may begin with a character; 0 for none, `_NEAR` if all that do go on with one of three bytes,
        `_FAR` otherwise. Characters of four bytes may always begin one.
    pairs : uint64, shape (1024,)
        Bit h is set if a sign may begin with two characters of three bytes whose last bytes hash to h.
    classes : uint8, shape (256,)
        Bytes that no sign holds are 0; any other has a class of its own.
    nexts : int32, shape (n_nodes, n_classes)
        The trie of all signs: the node after one more byte, or 0. Node 0 is the root.
    groups : uint64, shape (n_nodes,)
        The groups of the sign that ends at a node; bit k is group k.
    """

    heads: np.ndarray
    pairs: np.ndarray
    classes: np.ndarray
    nexts: np.ndarray
    groups: np.ndarray


@lru_cache(maxsize=64)
def compile_signs(groups: tuple[tuple[str, ...], ...]) -> Signs:
    """Return the arrays by which `mark_signs` looks for signs.

    Parameters
    ----------
    groups : tuple of tuple of str
        At most 64 groups; group k is bit k. A sign may be in several. The same groups are compiled once.

    Raises
    ------
    ValueError
        If there are more groups, or a sign is empty.
    """
    if len(groups) > MAX_GROUPS:
        raise ValueError(f"signs must be of at most {MAX_GROUPS} groups, got {len(groups)}")
    signs = [(sign.encode(), k) for k, group in enumerate(groups) for sign in group]
    heads = np.zeros(65536, np.uint8)
    pairs = np.zeros(1024, np.uint64)
    classes = np.zeros(256, np.uint8)
    held = sorted({byte for sign, _ in signs for byte in sign})
    classes[held] = range(1, len(held) + 1)
    nexts = [[0] * (len(held) + 1)]
    ends = [0]
    for sign, k in signs:
        if not sign:
            raise ValueError("a sign must not be empty")
        first = ord(sign.decode()[0])
        width = len(chr(first).encode())
        is_near = width == 3 < len(sign) and 0xE0 <= sign[3] < 0xF0
        if is_near:
            bit = (sign[1] << 8 | sign[2]) * _MIX + (sign[4] << 8 | sign[5]) & 0xFFFF
            pairs[bit >> 6] |= np.uint64(1 << (bit & 63))
        if first < len(heads):
            heads[first] |= _NEAR if is_near else _FAR
        node = 0
        for byte in sign:
            if not nexts[node][classes[byte]]:
                nexts[node][classes[byte]] = len(nexts)
                nexts.append([0] * (len(held) + 1))
                ends.append(0)
            node = nexts[node][classes[byte]]
        ends[node] |= 1 << k
    arrays = Signs(heads, pairs, classes, np.array(nexts, np.int32), np.array(ends, np.uint64))
    for array in arrays:
        array.flags.writeable = False
    return arrays


@kernel
def mark_signs(offsets, data, signs, out):
    """Tell for each row the groups of signs of which one stands in it.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    signs : Signs
        Of `compile_signs`.
    out : uint64, shape (n_rows,)
        Bits are set in place: bit k for rows that hold a sign of group k.

    Notes
    -----
    O(n_bytes * longest sign), near O(n_bytes) where signs are rare; no allocation. Reference:
    ``any(sign in row for sign in group)``.
    """
    for row in range(len(offsets) - 1):
        out[row] |= signs_within(data, offsets[row], offsets[row + 1], signs)


@kernel
def signs_within(data, begin, end, signs):
    """Return the groups of all signs that stand in some bytes, which begin and end with a character."""
    found = np.uint64(0)
    i = np.int64(begin)
    while i < end:
        lead = np.int64(data[i])
        if lead < 0x80:
            if signs.heads[lead]:
                found |= _follow(data, i, end, signs)
            i += 1
        elif lead < 0xE0:
            if signs.heads[(lead & 0x1F) << 6 | data[i + 1] & 0x3F]:
                found |= _follow(data, i, end, signs)
            i += 2
        elif lead < 0xF0:
            second, third = np.int64(data[i + 1]), np.int64(data[i + 2])
            head = signs.heads[(lead & 0x0F) << 12 | (second & 0x3F) << 6 | third & 0x3F]
            if head == _NEAR and i + 5 < end:
                # Most places are settled by two characters together; whatever stands there may be taken for the next.
                bit = (second << 8 | third) * _MIX + (np.int64(data[i + 4]) << 8 | np.int64(data[i + 5])) & 0xFFFF
                head = np.uint8(signs.pairs[bit >> 6] >> np.uint64(bit & 63) & np.uint64(1))
            if head:
                found |= _follow(data, i, end, signs)
            i += 3
        else:
            found |= _follow(data, i, end, signs)
            i += 4
    return found


@kernel
def _follow(data, begin, end, signs):
    """Return the groups of all signs that begin at byte `begin` and end within `end`."""
    found = node = np.uint64(0)
    for i in range(begin, end):
        node = np.uint64(signs.nexts[node, np.uint64(signs.classes[data[i]])])
        if node == 0:
            break
        found |= signs.groups[node]
    return found


@kernel
def rows_with_sign(offsets, data, sign, out):
    """Mark the rows that hold one string.

    Parameters
    ----------
    offsets : int32, shape (n_rows + 1,)
        Byte offsets.
    data : uint8, shape (n_bytes,)
        Valid UTF-8.
    sign : uint8, shape (n,)
        Its bytes, one or more.
    out : uint8, shape (n_rows,)
        All 0; becomes 1 for rows that hold it.

    Notes
    -----
    O(n_bytes) where parts of the sign are rare, no allocation. Reference: ``sign in row``.
    """
    last = len(sign) - 1
    # Two of its bytes, not the first of a character of several: half of all syllables begin with the same.
    near = min(last, 1 if sign[0] >= 0x80 else 0)
    first_byte, last_byte = sign[near], sign[last]
    at, end = np.int64(offsets[0]), np.int64(offsets[len(offsets) - 1]) - last
    row = 0
    while at < end:
        stop = min(at + _BLOCK, end)
        first_block, last_block = data[at + near : stop + near], data[at + last : stop + last]
        odd = False
        for k in range(stop - at):
            odd |= (first_block[k] == first_byte) & (last_block[k] == last_byte)
        i = at if odd else stop
        while i < stop:
            if data[i + near] == first_byte and data[i + last] == last_byte and _equals(data, i, sign):
                while offsets[row + 1] <= i:
                    row += 1
                if i + last < offsets[row + 1]:
                    out[row] = 1
                    i = np.int64(offsets[row + 1])  # on with the next row
                    continue
            i += 1
        at = max(stop, i)


@kernel
def _equals(data, begin, sign):
    """Tell whether a sign stands at byte `begin`."""
    for k in range(len(sign)):
        if data[begin + k] != sign[k]:
            return False
    return True


def signs_of_rows(offsets: np.ndarray, data: np.ndarray, groups: tuple[tuple[str, ...], ...]) -> np.ndarray:
    """Return for each row the groups of signs it holds; see `compile_signs` and `mark_signs`.

    Returns
    -------
    uint64, shape (n_rows,)
        Bit k: a sign of group k stands in the row.

    Examples
    --------
    >>> offsets, data = strings(pa.array(["a@b", "골뱅이 무침", "b.kr", "없음"]))
    >>> signs_of_rows(offsets, data, (("@", "골뱅이"), (".com", ".kr"))).tolist()
    [1, 1, 2, 0]
    """
    out = np.zeros(len(offsets) - 1, np.uint64)
    mark_signs(offsets, data, compile_signs(groups), out)
    return out
