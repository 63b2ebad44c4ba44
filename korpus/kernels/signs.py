"""Which strings stand in which rows: the cheap test before slow rules, in one pass for all of them.

One sign is looked for in blocks, by a loop that compiles to SIMD instructions. For several, a table of all pairs of
bytes tells for every place whether the first character of a sign may end there; for very many, tables of the characters
and pairs of characters that they begin with. Only from such places on are the signs' bytes followed, all of them at
once, in a trie.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from korpus.compiled import kernel, uncounted

MAX_GROUPS = 64
MANY_NODES = 400
"""A trie of more nodes begins nearly everywhere, as single bytes tell; then characters are looked at, two at a time."""
_MIX = 0x9E37
_BLOCK = 64


class Signs(NamedTuple):
    """Signs in groups, as arrays; made by `compile_signs`.

    Attributes
    ----------
    heads : uint8, shape (65536,)
        For two neighbouring bytes (the first one times 256 plus the second): bit d is set if a sign may begin d bytes
        before the second one.
    lone : bool, shape (65536,)
        Whether what stands at a character has to be followed, whatever the next one is. Characters of four bytes are
        always followed.
    pairs : uint64, shape (1024,)
        Bit h is set if a sign may begin with a character of three bytes and another of one or three that hash to h.
    classes : uint8, shape (256,)
        Bytes that no sign holds are 0; any other has a class of its own.
    nexts : int32, shape (n_nodes, n_classes)
        The trie of all signs: the node after one more byte, or 0. Node 0 is the root.
    groups : uint64, shape (n_nodes,)
        The groups of the sign that ends at a node; bit k is group k.
    """

    heads: np.ndarray
    lone: np.ndarray
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
    heads = np.zeros((256, 256), np.uint8)
    lone, pairs = np.zeros(65536, np.bool_), np.zeros(1024, np.uint64)
    classes = np.zeros(256, np.uint8)
    held = sorted({byte for sign, _ in signs for byte in sign})
    classes[held] = range(1, len(held) + 1)
    nexts = [[0] * (len(held) + 1)]
    ends = [0]
    for sign, k in signs:
        if not sign:
            raise ValueError("a sign must not be empty")
        text = sign.decode()
        # Of the three bytes of a syllable, the last two tell the most.
        width = len(text[0].encode())
        if width == 3 < len(sign) and len(text[1].encode()) in (1, 3):
            bit = (int.from_bytes(sign[1:3], "big") * _MIX + int.from_bytes(text[1].encode()[-2:], "big")) & 0xFFFF
            pairs[bit >> 6] |= np.uint64(1 << (bit & 63))
        elif ord(text[0]) < len(lone):
            lone[ord(text[0])] = True
        if len(sign) == 1:
            heads[:, sign[0]] |= 1
        else:
            last = max(width - 1, 1)
            heads[sign[last - 1], sign[last]] |= 1 << last
        node = 0
        for byte in sign:
            if not nexts[node][classes[byte]]:
                nexts[node][classes[byte]] = len(nexts)
                nexts.append([0] * (len(held) + 1))
                ends.append(0)
            node = nexts[node][classes[byte]]
        ends[node] |= 1 << k
    arrays = Signs(heads.reshape(-1), lone, pairs, classes, np.array(nexts, np.int32), np.array(ends, np.uint64))
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
    if len(signs.groups) > MANY_NODES:
        for row in range(len(offsets) - 1):
            out[row] |= signs_within(data, offsets[row], offsets[row + 1], signs)
    else:
        _mark_few_signs(offsets, data, signs, out)


@kernel
def _mark_few_signs(offsets, data, signs, out):
    # Unsigned, so that no index is asked for being negative.
    zero, one, four, byte = np.uint64(0), np.uint64(1), np.uint64(4), np.uint64(8)
    row = zero
    i, stop = np.uint64(offsets[0]), np.uint64(offsets[len(offsets) - 1])
    while i < stop:
        # Nearly everywhere one branch for four places is enough.
        if i and i + four <= stop and not _heads_of_four(data, i, signs.heads):
            i += four
            continue
        last = min(i + four, stop)
        while i < last:
            # What stands before the first byte may be of another row; what begins there is not followed.
            before = np.uint64(data[i - one]) if i else zero
            head = np.uint64(signs.heads[(before << byte) | np.uint64(data[i])])
            if head:
                while np.uint64(offsets[row + one]) <= i:
                    row += one
                first, end = np.uint64(offsets[row]), np.uint64(offsets[row + one])
                back = zero
                while head:
                    if head & one and first + back <= i:
                        out[row] |= _follow(data, i - back, end, signs)
                    head >>= one
                    back += one
            i += one


@uncounted
def signs_within(data, begin, end, signs):
    """Return the groups of all signs that stand in some bytes, which begin and end with a character."""
    # Unsigned, so that no index is asked for being negative.
    u1, u2, u3, u4, u5 = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4), np.uint64(5)
    u6, u8, u12, mix = np.uint64(6), np.uint64(8), np.uint64(12), np.uint64(_MIX)
    found = np.uint64(0)
    i, stop = np.uint64(begin), np.uint64(end)
    while i < stop:
        lead = np.uint64(data[i])
        if lead < 0x80:
            if signs.lone[lead]:
                found |= _follow(data, i, stop, signs)
            i += u1
        elif lead < 0xE0:
            if signs.lone[(lead & np.uint64(0x1F)) << u6 | np.uint64(data[i + u1] & 0x3F)]:
                found |= _follow(data, i, stop, signs)
            i += u2
        elif lead < 0xF0:
            second, third = np.uint64(data[i + u1]), np.uint64(data[i + u2])
            head = True
            if i + u5 < stop:
                # Both tests at once: a branch for the first alone could not be foretold.
                head = signs.lone[
                    (lead & np.uint64(0x0F)) << u12 | (second & np.uint64(0x3F)) << u6 | third & np.uint64(0x3F)
                ]
                after = np.uint64(data[i + u3])
                after = after if after < 0x80 else np.uint64(data[i + u4]) << u8 | np.uint64(data[i + u5])
                bit = (second << u8 | third) * mix + after & np.uint64(0xFFFF)
                head |= signs.pairs[bit >> u6] >> (bit & np.uint64(63)) & u1 != 0
            if head:
                found |= _follow(data, i, stop, signs)
            i += u3
        else:
            found |= _follow(data, i, stop, signs)
            i += u4
    return found


@kernel
def signs_of_text(data, heads, lone, pairs, classes, nexts, groups):
    """Return the groups of all signs that stand in a text; `Signs` one by one, of which numba takes note faster."""
    return signs_within(data, 0, len(data), Signs(heads, lone, pairs, classes, nexts, groups))


@uncounted
def _heads_of_four(data, i, heads):
    """Return the heads of the bytes from `i` on, the first one with the byte before it, put together."""
    byte = np.uint64(8)
    a, b, c = np.uint64(data[i - np.uint64(1)]), np.uint64(data[i]), np.uint64(data[i + np.uint64(1)])
    d, e = np.uint64(data[i + np.uint64(2)]), np.uint64(data[i + np.uint64(3)])
    return heads[(a << byte) | b] | heads[(b << byte) | c] | heads[(c << byte) | d] | heads[(d << byte) | e]


@uncounted
def _follow(data, begin, end, signs):
    """Return the groups of all signs that begin at byte `begin` and end within `end`."""
    found = node = np.uint64(0)
    for i in range(begin, end):
        node = np.uint64(signs.nexts[node, np.uint64(signs.classes[data[i]])])
        if node == 0:
            break
        found |= signs.groups[node]
    return found


@uncounted
def _lacks(data, near, last, first_byte, last_byte):
    first_block, last_block = data[near : near + _BLOCK], data[last : last + _BLOCK]
    odd = False
    for k in range(_BLOCK):
        odd |= (first_block[k] == first_byte) & (last_block[k] == last_byte)
    return not odd


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
    near = 1 if sign[0] >= 0x80 and last > 1 else 0
    first_byte, last_byte = sign[near], sign[last]
    at, end = np.int64(offsets[0]), np.int64(offsets[len(offsets) - 1]) - last
    row = 0
    while at < end:
        stop = at + _BLOCK
        if stop + last <= len(data) and _lacks(data, at + near, at + last, first_byte, last_byte):
            at = stop
            continue
        i, stop = at, min(stop, end)
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


@uncounted
def _equals(data, begin, sign):
    """Tell whether a sign stands at byte `begin`."""
    k = 0
    while k < len(sign) and data[begin + k] == sign[k]:
        k += 1
    return k == len(sign)


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
