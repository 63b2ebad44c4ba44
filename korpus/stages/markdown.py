"""The stage `markdown`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import pyarrow.compute as pc
from pydantic import Field

from korpus.stage import Edit
from korpus.stages._rows import edit_rows

if TYPE_CHECKING:
    import pyarrow as pa

_NONCHARACTERS = [chr(code) for code in range(0xFDD0, 0xFDF0)]
# For RE2: what `_SURE` and `_SURE_LINK` hold, or a text in bold.
_MAY_BE = r"##|# |```|\A---|-:?[ \t]*\||\]\(|\]:|\*\*[^*\s][^*\n]*\*\*"

# What stands before and after emphasis. A particle may follow it at once (**강조**는), unlike in CommonMark.
_BEFORE = r"(?<![\w*\\~])"
_PARTICLE = (
    "(?:은|는|이|가|을|를|의|에|와|과|도|로|만|야|나|랑|라|란|인|적|형|식|화|들|님|형태|으로|에서|에게|부터|까지|처럼|보다|이나|이라|이란|이며|이고|"
    "이다|입니다|이었|였|라는|라고|하고|하는|하기|하여|해서|했|한다|합니다|된|되|할|한)"
)
_AFTER = rf"(?![\w*])|(?={_PARTICLE}[\w]{{0,6}}(?!\w))"
_BEGINS, _ENDS = "(?=[\\w\"'“‘(\\[「『<\ufdd0-\ufdef])", "(?<=[\\w\"'”’)\\]」』>.,!?%:\ufdd0-\ufdef])"
_BOLD = re.compile(rf"{_BEFORE}\*\*{_BEGINS}([^*\n]{{1,2000}}){_ENDS}\*\*(?:{_AFTER})")
_BOTH = re.compile(rf"{_BEFORE}\*\*\*{_BEGINS}([^*\n]{{1,2000}}){_ENDS}\*\*\*(?:{_AFTER})")
# The asterisks come first: from them on, and nowhere else, a search looks closer.
_SURE_BOLD = re.compile(
    rf"\*\*(?:(?<=[\s(\[\"'“‘「『:>|]\*\*)|(?<!.\*\*)){_BEGINS}([^*\n]{{1,500}}){_ENDS}\*\*(?:{_AFTER})"
)
_ITALIC = re.compile(rf"{_BEFORE}\*{_BEGINS}([^*\n]{{1,2000}}){_ENDS}\*(?:{_AFTER})")
_STRUCK = re.compile(rf"{_BEFORE}~~(?=[^\s~])([^~\n]{{1,2000}})(?<=[^\s~])~~(?:{_AFTER.replace('*', '~')})")
_UNDERLINED = re.compile(rf"(?<!\w)(_{{1,3}}){_BEGINS}(?![A-Za-z0-9]+__)([^_\n]{{1,2000}}){_ENDS}\1(?!\w)")

_SURNAMES = frozenset(
    "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥인맹"
)
"""Those of most Koreans (Statistics Korea, census of 2015)."""

_URL = (
    r"(?:<[^<>\n]{1,2000}>|(?:(?:https?|ftp)://|mailto:|tel:|\.{0,2}/|#|[\w./%~+-]{1,300}\.(?:html?|md|pdf|png|jpe?g|gif|svg|webp"
    r"|zip|php|jsp|aspx?|com|net|org|kr|io)\b)[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)"
)
_TITLE = r"""(?:[ \t]+(?:"[^"\n]*"|'[^'\n]*'|\([^()\n]*\)))?"""
_IMAGE = re.compile(rf"!\[([^\[\]\n]*)\](?:\([ \t]*{_URL}{_TITLE}[ \t]*\)|\[[^\[\]\n]*\])")
_LINK = re.compile(rf"\[([^\[\]\n]*(?:\[[^\[\]\n]*\][^\[\]\n]*)?)\]\([ \t]*{_URL}{_TITLE}[ \t]*\)")
_REFERENCE = re.compile(r"\[([^\[\]\n]+)\](?:\[([^\[\]\n]*)\])?")
_DEFINITION = re.compile(rf" {{0,3}}\[(?!\^)([^\[\]\n]{{1,200}})\]:[ \t]+{_URL}{_TITLE}[ \t]*")
_FOOTNOTE = re.compile(r" {0,3}\[\^([^\[\]\s]{1,50})\]:[ \t]+(?=\S)")
_FOOTNOTE_MARK = re.compile(r"\[\^([^\[\]\s]{1,50})\]")
_AUTOLINK = re.compile(r"<((?:https?|ftp)://[^\s<>]+|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5})>")

_CODE = re.compile(r"(?<!`)``(?!`)([^\n]*?[^`\n])``(?!`)|(?<!`)`(?!`)([^`\n]+)`(?!`)")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})[ \t]*([^\n]*)")
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(\S.*)")
_CLOSING = re.compile(r"[ \t]+#+[ \t]*$")
_SETEXT = re.compile(r" {0,3}(?:={3,}|-{3,})[ \t]*")
_RULE = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})")
_QUOTE = re.compile(r" {0,3}(?:>(?![^\s<>]{0,3}<| ?<) ?)+")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?(?=\S)")
_META = re.compile(
    r"---[ \t]*\n((?:[\w-]+:[^\n]*\n|[ \t]+[^\n]*\n|- [^\n]*\n|#[^\n]*\n|\n)+)(?:---|\.\.\.)[ \t]*(?:\n|\Z)"
)

_SURE = re.compile(
    r"^ {0,3}#{2,6}[ \t]+\S|(?:\A|\n\n)# \S[^\n#]*\n\n|^ {0,3}```[^`\n]*$|\A---[ \t]*\n[\w-]+:"
    r"|^[ \t]*\|?[ \t]*:?-+:?[ \t]*\|",
    re.MULTILINE,
)
_SIGNS = ("##", "# ", "```", "---", "|")
_SURE_LINK = re.compile(rf"\]\([ \t]*{_URL}|^ {{0,3}}\[[^\[\]\n]+\]:[ \t]+{_URL}", re.MULTILINE)


class _Text:
    """A text while its markup is taken off; what no later rule may touch is kept aside."""

    def __init__(self, text: str, mark: str):
        self.text, self._mark = text, mark
        self._kept: list[str] = []

    def aside(self, piece: str) -> str:
        """Keep a piece aside; return what stands for it."""
        self._kept.append(piece)
        return f"{self._mark}{len(self._kept) - 1}{self._mark}"

    def whole(self) -> str:
        """Return the text with all that was kept aside; a piece may hold others."""
        pattern, text = re.compile(f"{self._mark}([0-9]+){self._mark}"), self.text
        return pattern.sub(lambda match: pattern.sub(lambda m: self._kept[int(m[1])], self._kept[int(match[1])]), text)


class Markdown(Edit):
    """Take Markdown off a text.

    Headings, emphasis, quotes, inline code, links and tables keep their text; images, rules, comments, definitions of
    links and the front matter go; list marks stay unless `lists` removes them. The cells of a table are parted by tabs.
    A particle may follow emphasis at once, which CommonMark does not always allow.

    ``## 개요<line feed>**서울**은 [수도](https://a.kr)이다. → 개요<line feed>서울은 수도이다.``

    Much that Markdown uses means something else in texts of people. So a text is left alone unless it has what hardly
    anything else has: a heading with two marks, or with one and blank lines around it, a fence of three backticks, a
    link to an address, a definition of one, a table or a front matter. Elsewhere only bold is taken off, unless it ends
    in a surname, or other asterisks are left: these hide names too (``**수협 김**이``). So ``#해시태그``, ``*^^*``,
    ``2*3*4``, ``_snake_case_``, ``__init__``, ``> <``, ``[공지](필독)``, ``~~`` between syllables and ``----`` in
    comments stay.

    HTML is left to the stage `html`. Markup that is never closed is text. The time grows with the length of a text.

    Source: spec.commonmark.org 0.31, and GitHub Flavored Markdown for tables, lines struck through and footnotes.
    """

    code: Literal["keep", "remove"] = Field("keep", description="What becomes of blocks of code.")
    lists: Literal["keep", "remove"] = Field("keep", description="What becomes of the marks of lists.")

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts without Markdown."""
        rows = pc.match_substring_regex(texts, _MAY_BE).to_numpy(zero_copy_only=False)
        return edit_rows(texts, rows, self._clean)

    def _clean(self, text: str) -> str:
        mark = next((char for char in _NONCHARACTERS if char not in text), None)
        if mark is None:
            return text
        work = _Text(text, mark)
        if not _is_markdown(text):
            made = _SURE_BOLD.sub(_bold, text)
            return text if "**" in made else made
        newline = "\r\n" if "\r\n" in text else "\n"
        work.text = text.replace("\r\n", "\n")
        if meta := _META.match(work.text):
            work.text = work.text[meta.end() :]
        self._take_fences(work)
        work.text = _without_comments(work.text)
        work.text = _CODE.sub(lambda match: work.aside((match[1] or match[2]).strip() or match[0]), work.text)
        work.text = _ESCAPE.sub(lambda match: work.aside(match[1]), work.text)
        lines, defined, notes = self._lines(work.text.split("\n"))
        work.text = _inline("\n".join(lines), defined, notes)
        work.text = re.sub("\n{3,}", "\n\n", work.text).strip("\n")
        made = work.whole()
        return made if newline == "\n" else made.replace("\n", newline)

    def _take_fences(self, work: _Text) -> None:
        lines, made, at = work.text.split("\n"), [], 0
        hopeless: dict[str, int] = {}
        while at < len(lines):
            match = _FENCE.fullmatch(lines[at])
            fence = match[1] if match else ""
            end = None
            if fence and len(fence) < hopeless.get(fence[0], 1 << 30):
                end = _fence_end(lines, at + 1, fence)
                if end is None:
                    hopeless[fence[0]] = len(fence)
            if end is None:
                made.append(lines[at])
                at += 1
                continue
            if self.code == "keep" and end > at + 1:
                made.append(work.aside("\n".join(lines[at + 1 : end])))
            at = end + 1
        work.text = "\n".join(made)

    def _lines(self, lines: list[str]) -> tuple[list[str], set[str], set[str]]:
        """Return the lines without the marks of blocks, the links that are defined, and the footnotes."""
        made, defined, notes, columns = [], set(), set(), 0
        for at, line in enumerate(lines):
            if columns and "|" in line:
                if not _is_delimiter(line, columns):
                    made.append("\t".join(_cells(line)))
                continue
            columns = 0
            if "|" in line and at + 1 < len(lines) and _is_delimiter(lines[at + 1], len(_cells(line))):
                columns = len(_cells(line))
                made.append("\t".join(_cells(line)))
                continue
            if "[" in line:
                if match := _DEFINITION.fullmatch(line):
                    defined.add(match[1].casefold())
                    continue
                if match := _FOOTNOTE.match(line):
                    notes.add(match[1])
                    line = line[match.end() :]
            if match := _QUOTE.match(line):
                line = line[match.end() :]
            if (
                (line[:3] in ("---", "===") or line[:1] == " ")
                and made
                and made[-1].strip()
                and _SETEXT.fullmatch(line)
            ):
                continue
            if _RULE.fullmatch(line):
                line = ""
            elif match := _HEADING.fullmatch(line):
                line = _CLOSING.sub("", match[1]) if match[1].endswith("#") else match[1]
            elif self.lists == "remove" and (match := _ITEM.match(line)):
                line = line[match.end() :]
            made.append(line[:-1] if line.endswith("\\") else line)
        return made, defined, notes


def _is_markdown(text: str) -> bool:
    """Tell whether a text has what hardly anything but Markdown has."""
    for match in _SURE.finditer(text) if any(sign in text for sign in _SIGNS) else ():
        if "|" not in match[0] or _has_table(text, match):
            return True
    return _SURE_LINK.search(text) is not None


def _has_table(text: str, match: re.Match[str]) -> bool:
    begin = text.rfind("\n", 0, match.start())
    end = text.find("\n", match.end())
    line = text[match.start() : end if end >= 0 else len(text)].rstrip("\r")
    header = text[text.rfind("\n", 0, max(begin, 0)) + 1 : max(begin, 0)].rstrip("\r")
    return "|" in header and _is_delimiter(line, len(_cells(header)))


def _is_delimiter(line: str, n: int) -> bool:
    if set(line) - set("|:- \t") or "|" not in line:
        return False
    cells = _cells(line)
    return len(cells) == n and all(cell.strip(":") and not cell.strip(":").strip("-") for cell in cells)


def _cells(line: str) -> list[str]:
    line = line.strip().removeprefix("|")
    return [cell.strip() for cell in line.removesuffix("|").split("|")]


def _fence_end(lines: list[str], at: int, fence: str) -> int | None:
    for end in range(at, len(lines)):
        line = lines[end].strip()
        if line.startswith(fence) and not line.strip(fence[0]):
            return end
    return None


def _bold(match: re.Match[str]) -> str:
    # Asterisks stand over names too: **수협은 김**가.
    last = match[1][match[1].rfind(" ") + 1 :]
    return match[1] if last not in _SURNAMES and any(map(str.isalnum, last)) else match[0]


def _without_comments(text: str) -> str:
    pieces, at = [], 0
    while (begin := text.find("<!--", at)) >= 0 and (end := text.find("-->", begin + 4)) >= 0:
        pieces.append(text[at:begin])
        at = end + 3
    return "".join([*pieces, text[at:]])


def _inline(text: str, defined: set[str], notes: set[str]) -> str:
    if "[" in text:
        text = _LINK.sub(r"\1", _IMAGE.sub("", text))
        if notes:
            text = _FOOTNOTE_MARK.sub(lambda match: "" if match[1] in notes else match[0], text)
        if defined:
            text = _REFERENCE.sub(lambda match: _referred(match, defined), text)
    if "<" in text:
        text = _AUTOLINK.sub(r"\1", text)
    if "*" in text:
        text = _ITALIC.sub(r"\1", text)
        bold = _BOLD.sub(r"\1", _BOTH.sub(r"\1", text))
        # Where some are left, they may all be masks.
        text = _SURE_BOLD.sub(_bold, text) if "**" in bold else bold
    if "_" in text:
        text = _UNDERLINED.sub(r"\2", text)
    return _STRUCK.sub(r"\1", text) if "~~" in text else text


def _referred(match: re.Match[str], defined: set[str]) -> str:
    return match[1] if (match[2] or match[1]).casefold() in defined else match[0]
