"""What a text must hold for a regular expression to match: the cheap test before a slow one, read off the pattern.

A pattern is read by Python's own parser. Of what is in a row, only strings that every match holds are kept, and which
characters a match may begin and end with; what is left out makes the test weaker, never wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, reduce
from itertools import product
from operator import or_
from typing import Any, NamedTuple

import numpy as np

from korpus.kernels.charset import ranges_matching
from korpus.kernels.lines import N_EDGES, Gate
from korpus.kernels.signs import MAX_GROUPS, compile_signs
from korpus.stages._re2 import CATEGORIES, parser

_BEYOND = 1 << N_EDGES
ANY_EDGE = _ALL = 2 * _BEYOND - 1
"""All characters."""
_SYLLABLES = (1 << 0xD7A4) - (1 << 0xAC00)
_MAX_STRINGS, _MAX_CLASS, _MAX_NEEDS = 256, 24, 2
_MAX_CHARS, _FEW = 6, 20
"""Of longer strings only the beginning is looked for: that tells enough, and a small table is read fast."""
_COMMON = frozenset("()[]<>.,:-/ 012")
"""Of no use as signs: they stand everywhere."""
_ENDINGS = frozenset(
    ["입니다", "습니다", "있습니다", "했습니다", "였습니다", "되었습니다", "됐습니다", "니다", "주세요", "하세요"]
)
"""Of little use."""
_ZERO_WIDTH = ("ASSERT", "ASSERT_NOT", "AT")


class Needs(NamedTuple):
    """What a match of a pattern needs.

    Attributes
    ----------
    signs : tuple of frozenset of str
        A match holds one string of each.
    first, last : int
        Bit c is set if a match may begin or end with the code point c; bit `N_EDGES` stands for all from there on.
    """

    signs: tuple[frozenset[str], ...]
    first: int
    last: int


Wanted = tuple[tuple[int, int], Needs]


def make_gate(start: Iterable[Wanted], end: Iterable[Wanted]) -> Gate:
    """Return what tells the lines in which a pattern may match.

    Parameters
    ----------
    start, end : iterable of ((int, int), Needs)
        For each pattern its bits (see `Gate`), and what it needs. The first character of a line tells for all of them,
        the last one for those of `end`; a pattern that may begin or end elsewhere needs `ANY_EDGE`.

    Raises
    ------
    ValueError
        If a pattern needs nothing, or there are more than 64 on a side.
    """
    start, end = [*start], [*end]
    # A mark that few lines begin with tells enough.
    every = [n.signs for _, n in (*start, *end) if n.first.bit_count() > _FEW or n.signs and n.first & _SYLLABLES]
    if not all(every) or max(len(start), len(end)) > MAX_GROUPS:
        raise ValueError("every pattern must need a sign, and there must be at most 64 of them")
    # The strings that tell the most come first; others as far as there is room, where the first ones tell the least.
    others = [sign for signs in sorted(every, key=lambda signs: _tells(signs[0])) for sign in signs[1:]]
    first = [*dict.fromkeys(signs[0] for signs in every)]
    # What holds one of a set may hold one of another, too: that one tells little less, and saves room.
    weaker = {sign: _implied(sign, first) for sign in dict.fromkeys([*first, *others])}
    groups = [sign for sign, other in weaker.items() if other == sign][:MAX_GROUPS]
    of_group = {group: 1 << k for k, group in enumerate(groups)}
    of_group = {sign: of_group.get(other, 0) for sign, other in weaker.items()}
    arrays = []
    for side, edges in ((start, ("first",)), (end, ("first", "last"))):
        arrays += [_edges([getattr(needs, edge) for _, needs in side]) for edge in edges]
        wanted = [reduce(or_, (of_group.get(sign, 0) for sign in needs.signs), 0) for _, needs in side]
        arrays += [np.array(wanted, np.uint64), np.array([bits for bits, _ in side], np.uint64)]
    for array in arrays:
        array.flags.writeable = False
    return Gate(compile_signs(tuple(tuple(sorted(group)) for group in groups)), *arrays)


def _implied(sign: frozenset[str], groups: list[frozenset[str]]) -> frozenset[str]:
    """Return the smallest of some sets of which each string of `sign` holds one, or else itself."""
    others = (other for other in groups if all(any(string in whole for string in other) for whole in sign))
    return min(others, key=lambda other: (len(other), sorted(other)), default=sign)


def _edges(sets: list[int]) -> np.ndarray:
    edges = np.zeros(N_EDGES + 1, np.uint64)
    for k, held in enumerate(sets):
        flags = np.unpackbits(np.frombuffer(held.to_bytes(N_EDGES // 8 + 1, "little"), np.uint8), bitorder="little")
        edges |= flags[: N_EDGES + 1].astype(np.uint64) << np.uint64(k)
    return edges


def needs_of(pattern: str) -> Needs:
    """Return what a match needs; the strings that tell the most, `_MAX_NEEDS` sets of them at most."""
    nodes = parser.parse(pattern).data
    exact, needs = _strings(nodes)
    every = needs if exact is None else _useful(exact)
    signs = tuple(sorted(dict.fromkeys(every), key=_tells, reverse=True)[:_MAX_NEEDS])
    return Needs(signs, _edge(nodes, 1)[0], _edge(nodes[::-1], -1)[0])


def _tells(strings: frozenset[str]) -> tuple[int, int]:
    return min(0 if string in _ENDINGS else len(string.encode()) for string in strings), -len(strings)


def _useful(strings: frozenset[str]) -> list[frozenset[str]]:
    # Of ABC and B, whatever holds the one holds the other. Blanks stand everywhere.
    cut = {string.strip(" .,")[:_MAX_CHARS].rstrip() for string in strings}
    least = {string for string in cut if not any(other in string for other in cut if other != string)}
    return [] if least & _COMMON or "" in least else [frozenset(least)]


def _strings(nodes: list) -> tuple[frozenset[str] | None, list[frozenset[str]]]:
    """Return all strings that a sequence matches, or else what a match holds."""
    needs, run, is_exact = [], frozenset([""]), True
    for op, value in nodes:
        exact, inner = _strings_of(str(op), value)
        if exact is not None and len(run) * len(exact) <= _MAX_STRINGS:
            run = frozenset(a + b for a, b in product(run, exact))
            continue
        needs += _useful(run) + inner
        run, is_exact = (frozenset([""]), False) if exact is None else (exact, False)
    return (run, []) if is_exact else (None, needs + _useful(run))


def _strings_of(op: str, value: Any) -> tuple[frozenset[str] | None, list[frozenset[str]]]:
    if op in _ZERO_WIDTH:
        return frozenset([""]), []
    if op == "SUBPATTERN":
        return _strings([*value[3]])
    if op == "BRANCH":
        found = [_strings([*branch]) for branch in value[1]]
        if all(exact is not None for exact, _ in found):
            return reduce(or_, (exact for exact, _ in found)), []
        # The k-th best of each: a match holds one of what the branch that it goes by needs.
        best = [sorted(needs if exact is None else _useful(exact), key=_tells, reverse=True) for exact, needs in found]
        return None, [reduce(or_, sets) for sets in zip(*best, strict=False)]
    if op in ("MAX_REPEAT", "MIN_REPEAT"):
        low, high, inner = value
        exact, needs = _strings([*inner])
        if high == 1 and exact is not None:
            return exact | {""} if low == 0 else exact, []
        return None, [] if low == 0 else needs if exact is None else _useful(exact)
    if op == "LITERAL":
        return frozenset([chr(value)]), []
    if op == "IN":
        chars = _chars(op, value)
        if 0 < chars < _BEYOND and chars.bit_count() <= _MAX_CLASS:
            return frozenset(_listed(chars)), []
    return None, []


def _listed(chars: int) -> Iterator[str]:
    while chars:
        yield chr((chars & -chars).bit_length() - 1)
        chars &= chars - 1


def _chars(op: str, value: Any) -> int:
    if op == "ANY":
        return _ALL & ~(1 << 0x0A)
    if op != "IN":
        return _ALL & ~_range(value, value) if op == "NOT_LITERAL" else _range(value, value)
    bits, negated = 0, False
    for kind, what in value:
        if str(kind) == "NEGATE":
            negated = True
        elif str(kind) == "CATEGORY":
            bits |= _category(CATEGORIES[str(what)])
        else:
            bits |= _range(*what) if str(kind) == "RANGE" else _range(what, what)
    # Of those beyond, some may not be among those that are left out.
    return _ALL & ~(bits & ~_BEYOND) if negated else bits


def _range(low: int, high: int) -> int:
    bits = _BEYOND if high >= N_EDGES else 0
    return bits | (1 << min(high, N_EDGES - 1) + 1) - (1 << low) if low < N_EDGES else bits


@cache
def _category(pattern: str) -> int:
    return reduce(or_, (_range(low, high) for low, high in ranges_matching(pattern)))


def _edge(nodes: list, step: int) -> tuple[int, bool]:
    """Return the characters at an edge of a sequence, given from there on, and whether it may be empty."""
    bits, allowed = 0, _ALL
    for op, value in nodes:
        if str(op) == "ASSERT_NOT" and value[0] == step == -1 and len(value[1]) == 1:
            inner, what = value[1][0]
            if str(inner) in ("LITERAL", "IN", "NOT_LITERAL"):
                allowed &= ~_chars(str(inner), what) | _BEYOND
        if str(op) in _ZERO_WIDTH:
            continue
        found, empty = _edge_of(str(op), value, step)
        bits |= found & allowed
        if not empty:
            return bits, False
    return bits, True


def _edge_of(op: str, value: Any, step: int) -> tuple[int, bool]:
    if op in ("LITERAL", "NOT_LITERAL", "IN", "ANY"):
        return _chars(op, value), False
    if op == "BRANCH":
        found = [_edge([*branch][::step], step) for branch in value[1]]
        return reduce(or_, (bits for bits, _ in found)), any(empty for _, empty in found)
    if op in ("MAX_REPEAT", "MIN_REPEAT"):
        low, _, inner = value
        bits, empty = _edge([*inner][::step], step)
        return bits, empty or low == 0
    if op == "SUBPATTERN":
        return _edge([*value[3]][::step], step)
    return _ALL, True
