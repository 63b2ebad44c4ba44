"""The stage `unwrap`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow.compute as pc
from pydantic import Field, model_validator

from korpus.stage import Edit
from korpus.stages._rows import edit_rows

if TYPE_CHECKING:
    import pyarrow as pa

_MIN_FULL = 3
"""So many lines must be as full as can be before a text is taken for one that was wrapped."""
_MIN_EXACT = 6
"""So many lines must be equally wide, to two columns, before a text is taken for one that was cut between syllables."""
_N_WIDER = 3
"""So many lines may be wider than all others: titles, addresses of the web."""

_WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]+"
)
_ENDED = re.compile(
    r"(?:[.?!…。！？:：;]|(?:니다|어요|아요|여요|해요|예요|에요|세요|네요|군요|지요|데요|나요|까요|죠|~))[\"'”’)\]」』>]*$"
)
_MARKED = re.compile(
    r"[-*+•·∙‣▪▫■□◆◇○●◎★☆▶▷►→※☞✓✔#>|=~_]|[0-9０-９]{1,3}[.)]|[(\[<【〈《][^)\]>】〉》]{1,20}[)\]>】〉》]|[①-⑳㉠-㉻ⓐ-ⓩ]|제\s?\d+[장절조항편]"
    r"|[^\s:：]{1,12}(?: [^\s:：]{1,12})?\s?[:：]\s|\d[\d:./\-]*\s"
)
_LETTERED = re.compile(r"[가나다라마바사아자차카타파하A-Za-z][.)]\s")
"""Marks of lists, if what stands before has ended; else the end of a word that was cut."""
_TABULAR = re.compile(r"\t|[^\s.?!] {2,}\S|\S {4,}\S|\||(?:,(?=\S)[^,]*){3}|(?:^|\s)https?://\S+$|\w=\w|[{};]$")
_OPENS = re.compile("[\"'“‘「『<〈《(–—]")
_HYPHENATED = re.compile(r"([A-Za-z]*[a-z]{2,})-$")
_LOWER = re.compile(r"[a-z]+")
_COMPOUND = re.compile(r"[A-Za-z]+-[a-z]+")
_LETTERS = re.compile(r"[^\W\d_]+")
_PREFIX = re.compile(
    "(?:all|anti|co|counter|cross|ex|five|four|full|half|high|inter|large|left|long|low|mid|mini|multi|near|non|off|old|on"
    "|one|open|over|part|post|pre|pro|quasi|right|self|semi|short|single|six|small|so|state|step|super|ten|three|top|two"
    "|ultra|under|up|vice|well)",
    re.IGNORECASE,
)
"""After these the hyphen of an English compound is usual, so that it stays."""
_NEVER_FIRST = re.compile(
    r"(?:[을를는]|은데|에서|에게|에는|에도|에서는|에서도|으로|으로는|으로도|으로써|까지|부터|이라고|이라는|이라며|라고|라는|"
    r"습니다|니다|었다|았다|였다|었고|았고|였고|었던|았던|였던|으며|으면|므로|으므로|들은|들이|들을|들의|들에게)(?=[\s.,?!…\"'”’)]|$)"
)
"""Particles and endings that no eojeol begins with."""


_MAX_CHARS = 1000
"""Longer lines were never wrapped."""


class _Line(NamedTuple):
    """What is known of a line: its text and columns, and what it may do in a paragraph."""

    text: str
    indent: int
    width: int
    first: int
    is_prose: bool
    may_follow: bool
    begins: bool
    has_ended: bool


_BARE = _Line("", 0, 0, 0, False, False, False, False)


def _width(text: str) -> int:
    return len(text) if text.isascii() else len(text) + len("".join(_WIDE.findall(text)))


def _line(raw: str) -> _Line:
    text = raw.strip()
    if not text or len(text) > _MAX_CHARS:
        return _BARE._replace(text=text, width=_width(text))
    may_follow = not (_MARKED.match(text) or _TABULAR.search(text))
    is_prose = may_follow and text.count(" ") >= 2
    if is_prose:
        is_prose = 10 * len("".join(_LETTERS.findall(text))) >= 7 * (len(text) - text.count(" "))
    indent = 0 if raw.startswith(text) else _width(raw[: len(raw) - len(raw.lstrip())])
    begins = _OPENS.match(text) or _LETTERED.match(text)
    has_ended = _ENDED.search(text) is not None
    first = _width(text.partition(" ")[0])
    return _Line(text, indent, _width(text), first, is_prose, may_follow, begins is not None, has_ended)


class _Wrap(NamedTuple):
    """How a text was wrapped: which lines are full, whether between syllables, what ends paragraphs; its words."""

    full: frozenset[int]
    is_exact: bool
    keeps_spaces: bool
    has_gaps: bool
    words: frozenset[str]
    compounds: frozenset[str]


class Unwrap(Edit):
    """Join lines that were broken at a fixed width, as in mails, old web pages and text out of PDF.

    A line that was wrapped is full: the first word of the next line would not have fitted any more. A text is taken for
    a wrapped one only if at least three lines are full, most of them in the middle of a sentence, and hardly any line
    breaks off in a sentence without being full. In such a text full lines are joined with the next one, by a space.
    Widths are columns, of which Hangul and Chinese characters take two.

    ``…나무를 심고 가꾸는<line feed>일에 오래 힘써 온 분들이…`` → ``…나무를 심고 가꾸는 일에 오래 힘써 온 분들이…``

    Never joined are lines that are not full, blank lines and what they part, indented lines, items of lists, headings
    with a mark, quoted mail, tables, code, and lines that begin with a speaker. After the end of a sentence lines are
    joined only where all paragraphs of the text end at blank lines or begin indented. Verse, one sentence a line, and
    texts of few lines stay as they are.

    Where at least six full lines are equally wide, the text was cut between syllables. If some lines there begin or end
    with a space, the cut of all others was inside a word, and nothing is put in; else only where the next line begins
    with what begins no word (``습니다``, ``에서``), or what is cut stands whole elsewhere in the text; all others get a
    space. A hyphen at the end of a line goes with the break, unless the word has it elsewhere in the text, or begins as
    English compounds do (``well-``).

    Widths of characters: Unicode Standard Annex 11. Texts of fewer than four lines are passed over.
    """

    min_columns: int = Field(40, ge=20, le=1000, description="Narrower texts are not taken for wrapped ones.")
    max_columns: int = Field(160, ge=20, le=1000, description="Nor are wider ones.")

    @model_validator(mode="after")
    def _in_order(self) -> Unwrap:
        if self.min_columns > self.max_columns:
            raise ValueError("min_columns must not be greater than max_columns")
        return self

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts with their wrapped lines joined."""
        rows = np.flatnonzero(pc.count_substring(texts, "\n").to_numpy(zero_copy_only=False) >= _MIN_FULL)
        return edit_rows(texts, rows, self._unwrapped)

    def _unwrapped(self, text: str) -> str:
        raw = text.split("\n")
        lines = [_line(each) for each in raw]
        wrap = self._wrap(raw, lines)
        if wrap is None:
            return text
        pieces = [raw[0]]
        for at in range(1, len(raw)):
            if at - 1 in wrap.full and not (wrap.has_gaps and lines[at - 1].has_ended):
                pieces[-1] = pieces[-1].rstrip()
                pieces += _joined(pieces, raw[at - 1], raw[at], wrap)
            else:
                pieces += ("\n", raw[at])
        return "".join(pieces)

    def _wrap(self, raw: list[str], lines: list[_Line]) -> _Wrap | None:
        breaks = [at for at in range(len(lines) - 1) if _is_break(lines[at], lines[at + 1])]
        widths = sorted((lines[at].width for at in breaks), reverse=True)
        for width in dict.fromkeys(widths[: _N_WIDER + 1]):
            if self.min_columns <= width <= self.max_columns and (wrap := _as_wrapped(raw, lines, breaks, width)):
                return wrap
        return None


def _is_break(here: _Line, after: _Line) -> bool:
    """Tell whether a line and the next one may be of one paragraph."""
    if not (here.is_prose and after.may_follow) or after.indent > here.indent + 1:
        return False
    return not (here.has_ended and (after.begins or after.indent > here.indent))


def _as_wrapped(raw: list[str], lines: list[_Line], breaks: list[int], width: int) -> _Wrap | None:
    room = width - max(2, width // 25) - 1
    breaks = [at for at in breaks if lines[at].width <= width]
    full = [at for at in breaks if lines[at].width + lines[at + 1].first > room]
    n_ended = sum(lines[at].has_ended for at in full)
    n_broken = sum(not lines[at].has_ended for at in breaks) - (len(full) - n_ended)
    if len(full) < _MIN_FULL or 10 * n_ended > 4 * len(full) or 10 * n_broken > len(full):
        return None
    n_verse = sum(lines[at].text.endswith(",") or "A" <= lines[at + 1].text[0] <= "Z" for at in full)
    if 2 * n_verse > len(full):
        return None
    # A wide character leaves a column free, and a space that is gone another one.
    narrowest = min(_width(raw[at].rstrip("\r")) for at in full)
    is_exact = len(full) >= _MIN_EXACT and narrowest >= width - 2
    n_spaced = sum(raw[at].rstrip("\r").endswith(" ") or raw[at + 1].startswith(" ") for at in full)
    is_usual = n_spaced >= 2 and len(full) <= 10 * n_spaced <= 9 * len(full)
    keeps_spaces = is_exact and is_usual and narrowest >= width - 1
    joined = frozenset(full)
    pairs = (pair for at, pair in enumerate(zip(lines, lines[1:])) if at not in joined)
    has_gaps = any(here.text and after.text and after.indent <= here.indent for here, after in pairs)
    words = (word for line in lines for word in line.text.split(" ")[1:-1]) if is_exact else ()
    compounds = (word for line in lines if "-" in line.text for word in _COMPOUND.findall(line.text))
    return _Wrap(joined, is_exact, keeps_spaces, has_gaps, frozenset(words), frozenset(compounds))


def _joined(pieces: list[str], here: str, after: str, wrap: _Wrap) -> tuple[str, ...]:
    """Return what a line becomes after the last piece, of which a hyphen may go."""
    before, begun = pieces[-1], after.lstrip()
    if wrap.keeps_spaces:
        is_spaced = here.rstrip("\r").endswith(" ") or after.startswith(" ")
        return (" ", begun) if is_spaced else (begun,)
    if (match := _HYPHENATED.search(before)) and (rest := _LOWER.match(begun)):
        if not (_PREFIX.fullmatch(match[1]) or f"{match[1]}-{rest[0]}" in wrap.compounds):
            pieces[-1] = before[:-1]
        return (begun,)
    if wrap.is_exact and before[-1:] >= "가" and begun[:1] >= "가":
        whole = before[before.rfind(" ") + 1 :] + begun.partition(" ")[0].rstrip()
        if _NEVER_FIRST.match(begun) or whole in wrap.words:
            return (begun,)
    return " ", begun
