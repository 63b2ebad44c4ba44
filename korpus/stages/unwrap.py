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
    "[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]"
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
_TABULAR = re.compile(r"\t|[^\s.?!] {2,}\S|\S {4,}\S|\||(?:,(?=\S)[^,]*){3}|https?://\S+$|\w+=\w|[{};]$")
_OPENS = re.compile("[\"'“‘「『<〈《(–—]")
_HYPHENATED = re.compile(r"([A-Za-z]*[a-z]{2,})-$")
_LOWER = re.compile(r"[a-z]+")
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


class _Line(NamedTuple):
    text: str
    indent: int
    width: int
    first: int
    is_prose: bool


def _width(text: str) -> int:
    return len(text) + len(_WIDE.findall(text))


def _line(raw: str) -> _Line:
    text = raw.strip()
    is_prose = bool(text) and not _MARKED.match(text) and not _TABULAR.search(text) and text.count(" ") >= 2
    if is_prose:
        letters = sum(map(str.isalpha, text))
        is_prose = 10 * letters >= 7 * (len(text) - text.count(" "))
    return _Line(
        text, _width(raw[: len(raw) - len(raw.lstrip())]), _width(text), _width(text.partition(" ")[0]), is_prose
    )


class _Wrap(NamedTuple):
    """How a text was wrapped: at which column, between syllables or not, and what ends its paragraphs; its eojeol."""

    width: int
    slack: int
    is_exact: bool
    keeps_spaces: bool
    has_gaps: bool
    words: frozenset[str]


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
        joined = [raw[0]]
        for at in range(1, len(raw)):
            may_end = wrap.has_gaps and _ENDED.search(lines[at - 1].text)
            if _is_full(lines, at - 1, wrap.width, wrap.slack) and not may_end:
                joined[-1] = _join(joined[-1], raw[at - 1], raw[at], wrap, text)
            else:
                joined.append(raw[at])
        return "\n".join(joined)

    def _wrap(self, raw: list[str], lines: list[_Line]) -> _Wrap | None:
        breaks = [at for at in range(len(lines) - 1) if _is_break(lines, at)]
        widths = sorted((lines[at].width for at in breaks), reverse=True)
        for width in dict.fromkeys(widths[: _N_WIDER + 1]):
            if self.min_columns <= width <= self.max_columns and (wrap := _as_wrapped(raw, lines, breaks, width)):
                return wrap
        return None


def _is_break(lines: list[_Line], at: int) -> bool:
    """Tell whether a line and the next one may be of one paragraph."""
    here, after = lines[at], lines[at + 1]
    if not here.is_prose or not after.text or after.indent > here.indent + 1:
        return False
    if _MARKED.match(after.text) or _TABULAR.search(after.text):
        return False
    begins = after.indent > here.indent or _OPENS.match(after.text) or _LETTERED.match(after.text)
    return not (begins and _ENDED.search(here.text))


def _is_full(lines: list[_Line], at: int, width: int, slack: int) -> bool:
    here = lines[at]
    if here.width > width or not _is_break(lines, at):
        return False
    return here.width + 1 + lines[at + 1].first + slack > width


def _as_wrapped(raw: list[str], lines: list[_Line], breaks: list[int], width: int) -> _Wrap | None:
    slack = max(2, width // 25)
    breaks = [at for at in breaks if lines[at].width <= width]
    full = [at for at in breaks if _is_full(lines, at, width, slack)]
    short = [at for at in breaks if not _is_full(lines, at, width, slack)]
    n_within = sum(not _ENDED.search(lines[at].text) for at in full)
    n_broken = sum(not _ENDED.search(lines[at].text) for at in short)
    if len(full) < _MIN_FULL or 10 * n_within < 6 * len(full) or 10 * n_broken > len(full):
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
    joined = set(full)
    pairs = (pair for at, pair in enumerate(zip(lines, lines[1:])) if at not in joined)
    has_gaps = any(here.text and after.text and after.indent <= here.indent for here, after in pairs)
    words = (word for line in lines for word in line.text.split(" ")[1:-1]) if is_exact else ()
    return _Wrap(width, slack, is_exact, keeps_spaces, has_gaps, frozenset(words))


def _join(joined: str, here: str, after: str, wrap: _Wrap, text: str) -> str:
    before, begun = joined.rstrip(), after.lstrip()
    if wrap.keeps_spaces:
        is_spaced = here.rstrip("\r").endswith(" ") or after.startswith(" ")
        return f"{before} {begun}" if is_spaced else before + begun
    if (match := _HYPHENATED.search(before)) and (rest := _LOWER.match(begun)):
        keeps = _PREFIX.fullmatch(match[1]) or f"{match[1]}-{rest[0]}" in text
        return (before if keeps else before[:-1]) + begun
    is_cut = wrap.is_exact and before[-1:] >= "가" and begun[:1] >= "가"
    if is_cut and (_NEVER_FIRST.match(begun) or _whole(before, begun) in wrap.words):
        return before + begun
    return f"{before} {begun}"


def _whole(before: str, begun: str) -> str:
    return before[before.rfind(" ") + 1 :] + begun.partition(" ")[0].rstrip()
