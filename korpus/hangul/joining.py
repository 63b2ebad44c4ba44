"""Taking pieces out of a Korean text so that what stood around them is joined as Korean joins it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from korpus.hangul.particles import AFTER_EOJEOL, PARTICLES

_OPENING = frozenset("([{<「『〈《【［（｛“‘")
_CLOSING = frozenset(")]}>」』〉》】］）｝”’.,!?;:…。、")
_SENTENCE = frozenset(".,!?;:…。、")
_QUOTES = frozenset("\"'”’")
_PARTICLE = re.compile(rf"(?=[가-힣]){PARTICLES}{AFTER_EOJEOL}")
_BLANKS = re.compile(r"[ \t]*")


class Piece(NamedTuple):
    """What goes: ``text[start:end]``.

    Attributes
    ----------
    start, end : int
        In characters.
    aside : bool
        Whether it was an aside, such as something in brackets: a particle after it belongs to the word before it.
    mark : bool
        Whether nothing ever takes its place, such as a bracket of markup.
    """

    start: int
    end: int
    aside: bool = False
    mark: bool = False


def _closes(text: str, at: int) -> bool:
    """Tell whether what stands at a place leans on the word before it."""
    if text[at] in "\"'":  # one that opens stands before a word, one that closes before a particle or none
        return not text[at + 1 : at + 2].isalnum() or _PARTICLE.match(text, at + 1) is not None
    return text[at] in _CLOSING


def cut(text: str, pieces: Iterable[Piece], replacement: str) -> str:
    """Return a text without some of its pieces.

    A replacement that shows takes the place of each. A blank one stands only where two words would run together:

    - of the spaces before and after a piece one run stays, and none before punctuation and what closes;
    - a particle right after an aside joins the word before it, whatever stood between;
    - a full stop or comma is not written after punctuation.

    Parameters
    ----------
    text : str
        Any text.
    pieces : iterable of Piece
        In order, without overlaps.
    replacement : str
        Taken literally.
    """
    shows = bool(replacement.strip())
    kept: list[str] = []
    before = word = ""  # the last character that is kept, and the last that is no blank

    def keep(part: str) -> None:
        nonlocal before, word
        if part:
            kept.append(part)
            before, word = part[-1], part.rstrip(" \t")[-1:] or word

    def trim() -> None:
        nonlocal before
        while kept and not kept[-1].strip(" \t"):
            kept.pop()
        if kept:
            kept[-1] = kept[-1].rstrip(" \t")
        before = word

    done = 0
    for start, end, aside, mark in pieces:
        keep(text[done:start])
        done = end
        if shows or mark:
            keep("" if mark else replacement)
            continue
        after = text[end : end + 1]
        if after in (" ", "\t") and before and (before in " \t" or before in _OPENING):
            done = blanks.end() if (blanks := _BLANKS.match(text, end)) else end
        elif not after or word in ("", "\n"):
            pass
        elif _closes(text, end):
            trim()
            done += after in ".," and word in _SENTENCE and text[end + 1 : end + 2] != after
        elif aside and (word.isalnum() or word in _QUOTES) and _PARTICLE.match(text, end):
            trim()
        elif before.isalnum() and after.isalnum():
            keep(replacement)
    keep(text[done:])
    return "".join(kept)
