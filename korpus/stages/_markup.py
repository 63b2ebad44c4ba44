"""What the stages share that take the markup of wikis away.

A text is read once, from left to right. What opens waits on a stack until it is closed; what never is closed was text.
So markup may be nested, mixed and broken in any way, and the time grows with the length of the text alone. The parsers
mwparserfromhell and wikitextparser need more than six seconds for 20 kB of templates that are not closed, or not nested
as they should be, and leave the captions of pictures, categories and the cells of tables in the text.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from korpus.stage import Edit
from korpus.stages._rows import edit_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

MAX_DEPTH = 50
"""Deeper than this nothing opens."""

_NONCHARACTERS = [chr(code) for code in range(0xFDD0, 0xFDF0)]
_EDGES = " \t*#:;|,.()"
_QUOTES = re.compile("''+")


@dataclass
class Frame:
    """What has been opened and not yet closed.

    Attributes
    ----------
    kind : str
        What it is.
    literal : str
        How it began, in case it is no markup after all.
    pieces : list of str
        What it holds so far.
    detail : str
        What else the stage wants to know when it is closed.
    """

    kind: str
    literal: str
    pieces: list[str] = field(default_factory=list)
    detail: str = ""

    @property
    def text(self) -> str:
        """What it holds."""
        return "".join(self.pieces)


class Nest:
    """The stack of what is open while a text is read.

    Attributes
    ----------
    gone : str
        A character that the text does not have: stands where markup was taken away, until `tidy`.
    """

    def __init__(self, text: str, keep_formulas: bool = True):
        self.source, self._keep_formulas = text, keep_formulas
        self.gone, self._kept_mark = [char for char in _NONCHARACTERS if char not in text][:2]
        self._frames = [Frame("", "")]
        self._kept: list[str] = []
        self._unclosed: set[str] = set()

    def add(self, piece: str) -> None:
        """Add what comes next in the text."""
        if piece:
            self._frames[-1].pieces.append(piece)

    def keep(self, piece: str) -> None:
        """Add text that no later rule may touch."""
        self.add(f"{self._kept_mark}{len(self._kept)}{self._kept_mark}")
        self._kept.append(piece)

    def formula(self, tex: str) -> None:
        """Add a formula, or what stands for it when it is gone."""
        if self._keep_formulas and tex.strip():
            self.keep(tex.strip())
        else:
            self.add(self.gone)

    def top(self) -> str:
        """Return the kind of what was opened last."""
        return self._frames[-1].kind

    def open(self, kind: str, literal: str, detail: str = "") -> None:
        """Open a frame."""
        if len(self._frames) > MAX_DEPTH:
            self.add(literal)
        else:
            self._frames.append(Frame(kind, literal, detail=detail))

    def close(self, kind: str, within: tuple[str, ...] = ()) -> Frame | None:
        """Close the last frame of a kind, if none of the kinds `within` was opened since; what was is text."""
        for frame in reversed(self._frames):
            if frame.kind == kind:
                break
            if frame.kind in within:
                return None
        else:
            return None
        while self._frames[-1] is not frame:
            self._give_up()
        return self._frames.pop()

    def abandon(self, *kinds: str) -> None:
        """Make text of the frames that were opened last, as long as they are of these kinds."""
        while self._frames[-1].kind in kinds:
            self._give_up()

    def _give_up(self) -> None:
        frame = self._frames.pop()
        self._frames[-1].pieces += [frame.literal, *frame.pieces]

    def find(self, end: re.Pattern[str], at: int) -> re.Match[str] | None:
        """Return where something that holds no markup ends; remembers in vain searches, so that each is made once."""
        if end.pattern in self._unclosed:
            return None
        found = end.search(self.source, at)
        if found is None:
            self._unclosed.add(end.pattern)
        return found

    def finish(self) -> str:
        """Return the text, with marks where something is gone or kept."""
        while len(self._frames) > 1:
            self._give_up()
        return self._frames[0].text

    def tidy(self, text: str, line: Callable[[str], str | None]) -> str:
        """Return the final text: closes the gaps that what is gone has left, and puts back what was kept.

        Parameters
        ----------
        text : str
            From `finish`.
        line : callable
            From a line to the line without its markup, or None if nothing is left of it.
        """
        gone = self.gone
        text = re.sub(f"{gone}+", gone, text)
        lines = []
        for old in text.split("\n"):
            if gone not in old:
                new = line(old)
            elif old.replace(gone, "").strip(_EDGES):
                new = line(self._closed(old))
            else:
                new = None
            if new is not None:
                lines.append(new)
        text = "\n".join(lines).replace(gone, "")
        if text != self.source:
            text = text.strip("\n")
        mark = self._kept_mark
        return re.sub(f"{mark}([0-9]+){mark}", lambda match: self._kept[int(match[1])], text)

    def _closed(self, line: str) -> str:
        # (1545 ~ 1598) of which both are gone, (, 한자: 首爾) and ( , ) are what templates leave of brackets; a space
        # before what is gone goes with it.
        gone = self.gone
        line = re.sub(f"{gone} ?[~∼–-] ?{gone}", gone, line)
        line = re.sub(rf"\([{gone} ,;:·/、]*\)", lambda match: gone if gone in match[0] else match[0], line)
        line = re.sub(rf"\({gone}[ ,;·/]*", "(", line)
        line = re.sub(rf"[ ,;·/]{{0,4}}{gone}\)", ")", line)
        begun = re.match(rf"[{gone} \t]*", line)
        line = line[begun.end() :] if begun and gone in begun[0] else line
        return re.sub(rf"[ \t]?{gone}(?=[ \t.,)]|$)", "", line)


def unquoted(line: str) -> str:
    """Return a line without the apostrophes that make it bold or italic; a pair that is alone is text."""
    if "''" in line and len(_QUOTES.findall(line)) > 1:
        # Two make italics, three bold, five both; what is more is text.
        line = _QUOTES.sub(lambda match: "'" if len(match[0]) == 4 else "'" * (len(match[0]) - 5), line)
    return line


class Markup(Edit):
    """What the stages of wikis have in common: which texts they leave alone, and which become empty."""

    redirect: ClassVar[re.Pattern[str]]
    markup: ClassVar[re.Pattern[str]]

    headings: Literal["keep", "remove"] = Field("keep", description="What becomes of the headings of sections.")
    formulas: Literal["keep", "remove"] = Field(
        "keep", description="What becomes of formulas: kept as they are written in TeX, without their tags, or removed."
    )

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts without their markup."""
        return edit_rows(texts, np.arange(len(texts)), self._clean)

    def _clean(self, text: str) -> str:
        if self.redirect.match(text):
            return ""
        # A text that holds all the characters that nobody uses is no text of a wiki.
        if not self.markup.search(text) or sum(char in text for char in _NONCHARACTERS) > len(_NONCHARACTERS) - 2:
            return text
        return self._strip(Nest(text, self.formulas == "keep"))

    @abstractmethod
    def _strip(self, nest: Nest) -> str:
        """Return the text of a nest without its markup."""
