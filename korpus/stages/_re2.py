r"""Python's regular expressions in the syntax of RE2, where both mean the same: RE2 takes linear time on every text.

A pattern is read by Python's own parser, and what every piece of it matches is written out as code points, so that
``\w``, ``\d``, ``\s``, classes and letters of either case are Python's and not RE2's, which knows ASCII alone there.
What RE2 lacks, or does in another way, is not translated: see `Untranslatable`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from korpus.kernels.charset import N_CODE_POINTS, ranges_matching

if sys.version_info >= (3, 11):
    from re import _parser as parser
else:
    import sre_parse as parser

_SURROGATES = (0xD800, 0xDFFF)
_MAX_GROUPS = 9
CATEGORIES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}
_NAMES = {
    "ASSERT": "a lookaround",
    "ASSERT_NOT": "a lookaround",
    "AT_BOUNDARY": r"\b",
    "AT_NON_BOUNDARY": r"\B",
    "GROUPREF": "a back-reference",
    "GROUPREF_EXISTS": "a condition on a group",
    "ATOMIC_GROUP": "an atomic group",
    "POSSESSIVE_REPEAT": "a possessive repeat",
}


class Untranslatable(Exception):
    """What a pattern holds that RE2 lacks or does in another way."""


def _class(ranges: Iterator[tuple[int, int]]) -> str:
    written = []
    for first, last in ranges:
        # No text holds surrogates, and RE2 takes none.
        for low, high in ((first, min(last, _SURROGATES[0] - 1)), (max(first, _SURROGATES[1] + 1), last)):
            if low <= high:
                written.append(f"\\x{{{low:X}}}-\\x{{{high:X}}}")
    return f"[{''.join(written)}]" if written else r"[^\x{0}-\x{10FFFF}]"


def _members(items: list) -> str:
    """Return the items of a class as Python writes them."""
    written = ""
    for op, value in items:
        if str(op) == "NEGATE":
            written += "^"
        elif str(op) == "LITERAL":
            written += f"\\U{value:08x}"
        elif str(op) == "RANGE":
            written += f"\\U{value[0]:08x}-\\U{value[1]:08x}"
        else:
            written += CATEGORIES[str(value)]
    return f"[{written}]"


def _has_no_case(char: str) -> bool:
    return not char.isalpha() or "가" <= char <= "힣" or "ㄱ" <= char <= "ㆎ"


def _character(op: str, value: Any, flags: int) -> str:
    if op == "ANY":
        every = [(0, N_CODE_POINTS - 1)]
        return _class(iter(every if flags & re.DOTALL else [(0, 9), (11, N_CODE_POINTS - 1)]))
    if op == "LITERAL" and (not flags & re.IGNORECASE or _has_no_case(chr(value))):
        return _class(iter([(value, value)])) if 0xD800 <= value <= 0xDFFF else f"\\x{{{value:X}}}"
    items = value if op == "IN" else [("LITERAL", value)]
    if op == "NOT_LITERAL":
        items = [("NEGATE", None), *items]
    # Python itself says which characters these are.
    return _class(iter(ranges_matching(_members(items), flags & (re.ASCII | re.IGNORECASE))))


def _repeat(op: str, value: tuple, flags: int, capture: bool) -> str:
    low, high, inner = value
    if high != 1 and inner.getwidth()[0] == 0:
        raise Untranslatable("a repeat of what may be empty")
    times = f"{{{low},{'' if high == parser.MAXREPEAT else high}}}"
    return f"(?:{_sequence(inner, flags, capture)}){times}{'?' if op == 'MIN_REPEAT' else ''}"


def _at(value: str, flags: int) -> str:
    if value == "AT_BEGINNING":
        return "(?m:^)" if flags & re.MULTILINE else r"\A"
    if value == "AT_END":
        return "(?m:$)" if flags & re.MULTILINE else r"\z"
    if value in ("AT_BEGINNING_STRING", "AT_END_STRING"):
        return r"\A" if value == "AT_BEGINNING_STRING" else r"\z"
    raise Untranslatable(_NAMES[value])


def _node(op: str, value: Any, flags: int, capture: bool) -> str:
    if op in ("LITERAL", "NOT_LITERAL", "IN", "ANY"):
        return _character(op, value, flags)
    if op in ("MAX_REPEAT", "MIN_REPEAT"):
        return _repeat(op, value, flags, capture)
    if op == "BRANCH":
        return f"(?:{'|'.join(_sequence(each, flags, capture) for each in value[1])})"
    if op == "SUBPATTERN":
        group, add, remove, inner = value
        if add & (re.ASCII | re.UNICODE):
            # re.search goes by the flag of the whole pattern where it looks for a beginning.
            raise Untranslatable("a kind of characters for a part alone")
        written = _sequence(inner, (flags | add) & ~remove, capture)
        return f"({written})" if capture and group is not None else f"(?:{written})"
    if op == "AT":
        return _at(str(value), flags)
    raise Untranslatable(_NAMES.get(op, op.lower()))


def _sequence(nodes: Iterable[tuple[Any, Any]], flags: int, capture: bool) -> str:
    return "".join(_node(str(op), value, flags, capture) for op, value in nodes)


def translate(pattern: str, flags: int, capture: bool = False) -> tuple[str, bool]:
    """Write a pattern in RE2's syntax.

    Parameters
    ----------
    pattern : str
        One that Python's re compiles.
    flags : int
        Of Python's re.
    capture : bool
        Whether its groups are needed.

    Returns
    -------
    pattern : str
    at_end : bool
        Whether it is the same only on texts that end in no line feed: Python's ``$`` is also before the last one.

    Raises
    ------
    Untranslatable
        If there is no such pattern.
    """
    tree = parser.parse(pattern, flags)
    written = _sequence(tree.data, tree.state.flags, capture)
    return written, r"\z" in written and "$" in pattern


def template(pattern: str, flags: int, replacement: str) -> str:
    r"""Write the template of a replacement as RE2 has it; ``\1`` to ``\9`` stand for groups.

    Raises
    ------
    Untranslatable
        If matches may be empty, which RE2 replaces in other places; or for groups that are repeated, of which engines
        may remember another turn; or other escapes than those of groups.
    """
    tree = parser.parse(pattern, flags)
    if tree.getwidth()[0] == 0:
        raise Untranslatable("matches that may be empty")
    repeated, parts = _repeated_groups(tree.data), re.split(r"\\(?:g<([^>]+)>|([1-9])(?![0-9]))", replacement)
    for i, literal in enumerate(parts[::3]):
        if "\\" in literal:
            raise Untranslatable("an escape in the replacement that is no group")
        for name in filter(None, parts[3 * i + 1 : 3 * i + 3]):
            group = int(name) if name.isdecimal() else tree.state.groupdict[name]
            if group > _MAX_GROUPS or group in repeated:
                raise Untranslatable("a group in the replacement that is repeated, or above the ninth")
            parts[3 * i + 1 : 3 * i + 3] = (f"\\{group}", "")
    return "".join(filter(None, parts))


def _repeated_groups(nodes: Iterable[tuple[Any, Any]], repeated: bool = False) -> set[int]:
    groups: set[int] = set()
    for op, value in nodes:
        name = str(op)
        if name in ("MAX_REPEAT", "MIN_REPEAT"):
            groups |= _repeated_groups(value[2], repeated or value[1] != 1)
        elif name == "BRANCH":
            groups = groups.union(*(_repeated_groups(each, repeated) for each in value[1]))
        elif name == "SUBPATTERN":
            groups |= {value[0]} if repeated and value[0] is not None else set()
            groups |= _repeated_groups(value[3], repeated)
    return groups
