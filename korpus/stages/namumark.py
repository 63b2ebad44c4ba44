"""The stage `namumark`."""

from __future__ import annotations

import re
from typing import ClassVar, Literal

from pydantic import Field

from korpus.hangul import wiki
from korpus.stages._markup import Markup, Nest, unquoted

_TOKEN = re.compile(
    r"(?P<escape>\\[\[\]{}|~_^,'=*#>\\-])|(?P<open>\{\{\{)|(?P<close>\}\}\})|(?P<link>\[\[)|(?P<end>\]\])"
    r"|(?P<note>\[\*(?=[^\s\[\]*]{0,30} |[^\s\[\]*]{1,30}\]))"
    rf"|(?P<formula>\[math\(|<math>)|(?P<macro>\[(?P<name>{wiki.NAMU_MACROS}|ruby)\()|(?P<done>\)\])"
    rf"|(?P<word>\[(?:{wiki.NAMU_WORDS})\])|(?P<line>\[br\])|(?P<left>\[)|(?P<right>\])|(?P<gap>\n[ \t]*\n)",
    re.IGNORECASE,
)
_REDIRECT = re.compile(wiki.NAMU_REDIRECT, re.IGNORECASE)
_MARKUP = re.compile(r"\{\{\{|\[|<math>|\\|''|__|\^\^|,,|~~|--|\|\||^=|^##|^ +\*|^>", re.MULTILINE)
_FORMULA_ENDS = {"[": re.compile(r"\)\]"), "<": re.compile("</math>", re.IGNORECASE)}
_LITERAL_END = re.compile(r"\}\}\}")
_ATTRIBUTE = r"""[ \t]+[\w-]+[ \t]*=[ \t]*(?:"[^"]{0,1000}"|'[^']{0,1000}')"""
_BLOCK = re.compile(
    rf"#!wiki(?:{_ATTRIBUTE})*[ \t]*\n?|#!(?:folding|if)[^\n{{}}]*\n?|(?P<drop>#!(?:html|syntax|style|latex))", re.I
)
_SPAN = re.compile(rf"(?:{wiki.NAMU_SPAN})[ \t]?")
_MARKS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<![A-Za-z0-9_])__(?=[^\s_])((?:[^_\n]|_(?!_))+)(?<=\S)__(?![A-Za-z0-9_])",
        r"(?<!\^)\^\^(?=[^\s^])([^^\n]{1,40})(?<=\S)\^\^(?!\^)",
        r"(?<!,),,(?=[^\s,])([^,\n]{1,40})(?<=\S),,(?!,)",
    )
)
_STRUCK = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<!~)~~(?=[^\s~])([^~\n]+)(?<=\S)~~(?!~)",
        r"(?<![A-Za-z0-9-])--(?=[^\s-])((?:[^-\n]|-(?!-))+)(?<=\S)--(?![A-Za-z0-9-])",
    )
)
_HEADING = re.compile(r"(={1,6})(#?) (.+) \2\1[ \t]*")
_CAPTION = re.compile(r"\|[^|\n]+\|.*\|\|")
_MOST_LINES_OF_CELL = 10
_BULLETS = re.compile(r" +\*+ ?")
_QUOTE = re.compile(r">+(?![^\s<]{0,3}<) ?")  # >_< is a face


class Namumark(Markup):
    """Take the markup of Namuwiki (나무마크) off a text.

    Tables, footnotes, macros such as `include` and `목차`, videos, files, categories, comments, HTML and source code
    go; formulas stay as TeX, since a particle follows them; links keep the text that they show, and headings, bold,
    sizes, colours, boxes, lists and quotes lose their marks. Text that is struck through goes too, unless `struck`
    keeps it: in Namuwiki it is an aside that breaks the sentence. The text in three bare braces stays as it is. A page
    that only leads to another one becomes empty, and is rejected as ``emptied``.

    ``'''서울'''은 {{{+1 [[수도(도시)|수도]]}}}이다.[* 통계청] ~~아니다~~ → 서울은 수도이다.``

    Markup that is never closed is text, and nothing opens more than 50 deep, so that the time depends on the length of
    a text alone. What strikes, underlines or raises must touch what it marks: ``좋아요~~ 최고~~``, ``i--; j--`` and
    ``a__b__c`` stay. Applied twice, what a backslash or bare braces had protected is markup the second time.

    Source: namu.wiki, 나무위키:문법 도움말. About 10 MB/s a core.
    """

    version: ClassVar[int] = 3

    redirect: ClassVar[re.Pattern[str]] = _REDIRECT
    markup: ClassVar[re.Pattern[str]] = _MARKUP

    struck: Literal["keep", "remove"] = Field("remove", description="What becomes of text that is struck through.")

    def _strip(self, nest: Nest) -> str:
        text, at = nest.source, 0
        while match := _TOKEN.search(text, at):
            nest.add(text[at : match.start()])
            at = _STEPS[match.lastgroup or ""](nest, match)
        nest.add(text[at:])
        text = _without_tables(nest.finish(), nest.gone)
        for pattern in _MARKS:
            text = pattern.sub(r"\1", text)
        for pattern in _STRUCK:
            text = pattern.sub(nest.gone if self.struck == "remove" else r"\1", text)
        return nest.tidy(text, self._line)

    def _line(self, line: str) -> str | None:
        line = unquoted(line)
        first = line[:1]
        if first == "=" and (match := _HEADING.fullmatch(line)):
            return match[3].strip() if self.headings == "keep" else None
        if line.startswith("##") or (first == "-" and 4 <= len(line.rstrip()) <= 9 and not line.strip("- \t")):
            return None
        if first == ">" and (match := _QUOTE.match(line)):
            line = line[match.end() :]
        return line[match.end() :] if line[:1] == " " and (match := _BULLETS.match(line)) else line


def _escape(nest: Nest, match: re.Match[str]) -> int:
    nest.keep(match[0][1])
    return match.end()


def _open(nest: Nest, match: re.Match[str]) -> int:
    at = match.end()
    if begun := _BLOCK.match(nest.source, at):
        nest.open("braces", "{{{" + begun[0], "drop" if begun["drop"] else "block")
        return begun.end()
    if begun := _SPAN.match(nest.source, at):
        nest.open("braces", "{{{" + begun[0])
        return begun.end()
    end = nest.find(_LITERAL_END, at)
    if end is None:
        nest.add("{{{")
        return at
    nest.keep(nest.source[at : end.start()])
    return end.end()


def _close(nest: Nest, match: re.Match[str]) -> int:
    frame = nest.close("braces")
    if frame is None:
        nest.add(match[0])
    elif frame.detail == "drop":
        nest.add(nest.gone)
    elif frame.detail:
        # What follows a box of several lines is another line, but for the next cell of a table.
        ends = frame.literal.endswith("\n") and nest.source[match.end() : match.end() + 1] not in ("", "\n", "|", "}")
        nest.add(frame.text.rstrip("\n") + nest.gone + "\n" * ends)
    else:
        nest.add(frame.text)
    return match.end()


def _link(nest: Nest, match: re.Match[str]) -> int:
    nest.open("link", "[[")
    return match.end()


def _end(nest: Nest, match: re.Match[str]) -> int:
    frame = nest.close("link", within=("braces", "note", "bracket", "macro"))
    if frame is None:
        return _right(nest, match, match.start() + 1)
    target, _, shown = frame.text.partition("|")
    name = target.strip()
    if name.partition(":")[0].lower() in wiki.NAMU_HIDDEN and ":" in name:
        nest.add(nest.gone)
    elif not name or "\n" in target or "[" in target:
        nest.add(f"[[{frame.text}]]")
    else:
        nest.add(shown if shown.strip() else name.removeprefix(":"))
    return match.end()


def _note(nest: Nest, match: re.Match[str]) -> int:
    nest.open("note", match[0])
    return match.end()


def _formula(nest: Nest, match: re.Match[str]) -> int:
    end = nest.find(_FORMULA_ENDS[match[0][0]], match.end())
    if end is None:
        nest.add(match[0])
        return match.end()
    nest.formula(nest.source[match.end() : end.start()])
    return end.end()


def _macro(nest: Nest, match: re.Match[str]) -> int:
    nest.open("macro", match[0], match["name"].lower())
    return match.end()


def _done(nest: Nest, match: re.Match[str]) -> int:
    frame = nest.close("macro", within=("braces",))
    if frame is None:
        nest.add(")")
        return match.start() + 1
    nest.add(frame.text.partition(",")[0].strip() if frame.detail == "ruby" else nest.gone)
    return match.end()


def _word(nest: Nest, match: re.Match[str]) -> int:
    nest.add(nest.gone)
    return match.end()


def _break(nest: Nest, match: re.Match[str]) -> int:
    nest.add("\n")
    return match.end()


def _left(nest: Nest, match: re.Match[str]) -> int:
    if nest.top() in ("note", "bracket"):
        nest.open("bracket", "[")
    else:
        nest.add("[")
    return match.end()


def _right(nest: Nest, match: re.Match[str], end: int | None = None) -> int:
    kind = nest.top()
    if kind in ("note", "bracket"):
        frame = nest.close(kind)
        assert frame is not None, "it is on top"
        nest.add(nest.gone if kind == "note" else f"[{frame.text}]")
    else:
        nest.add("]")
    return match.end() if end is None else end


def _gap(nest: Nest, match: re.Match[str]) -> int:
    nest.abandon("link", "note", "bracket")
    nest.add(match[0])
    return match.end()


_STEPS = {
    "escape": _escape,
    "open": _open,
    "close": _close,
    "link": _link,
    "end": _end,
    "note": _note,
    "formula": _formula,
    "macro": _macro,
    "done": _done,
    "word": _word,
    "line": _break,
    "left": _left,
    "right": _right,
    "gap": _gap,
}


_BEFORE_ROW = re.compile(r"^(?:[>\s]|\*+ )+")


def _without_tables(text: str, gone: str) -> str:
    # A row begins and ends with two bars, if need be lines later, but before the next row or heading begins.
    if "||" not in text:
        return text
    lines, kept, at = text.split("\n"), [], 0
    bare = [_BEFORE_ROW.sub("", line.replace(gone, "")).rstrip() if "||" in line else line.strip() for line in lines]
    searched = 0  # no row that begins before this line has an end
    while at < len(lines):
        end, reached = _row_end(bare, at) if at >= searched else (None, searched)
        searched = reached if end is None else searched
        kept.append(lines[at] if end is None else gone)
        at = at + 1 if end is None else end
    return "\n".join(kept)


def _row_end(lines: list[str], at: int) -> tuple[int | None, int]:
    """Return where the row ends that begins in a line, and up to where none that begins later ends if it does not."""
    line = lines[at]
    if not line.startswith("||") and not _CAPTION.fullmatch(line):
        return None, at
    if len(line) >= 4 and line.endswith("||"):
        return at + 1, at
    if line == "||":
        return _end_of_bars(lines, at), at
    end = at
    for end in range(at + 1, len(lines)):
        line, before = lines[end], lines[end - 1]
        if _HEADING.fullmatch(line):
            break
        if line.startswith("||") and not before.startswith("||"):
            # The bars at the beginning of a line may be the end of the row.
            return (end + 1 if line == "||" else None), end
        if line.endswith("||"):
            return end + 1, end
    return None, end


def _end_of_bars(lines: list[str], at: int) -> int | None:
    # Bars that stand alone part cells of a few lines each; the last of them ends the table.
    last = at
    for end in range(at + 1, len(lines)):
        line = lines[end]
        if not line or _HEADING.fullmatch(line) or end - last > _MOST_LINES_OF_CELL:
            break
        if line.endswith("||"):
            last = end
    return last + 1 if last > at else None
