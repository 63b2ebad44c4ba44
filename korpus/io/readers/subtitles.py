"""Subtitles: SAMI (``.smi``), SubRip (``.srt``) and WebVTT (``.vtt``).

A cue is a document: its time and its language belong to it, and what a player shows at once is at most a few lines.
``group: {by: path, order: start_ms}`` makes one document of a file (of one language: `field_filter` by `language`
comes before). Text is what is shown: line breaks are line feeds, tags of style and of position are gone, other white
space is one space. What is not text makes no document: cues that show nothing (``&nbsp;`` clears the screen in SAMI),
numbers and times, titles, style sheets, comments, and the notes, styles and identifiers of WebVTT.

A cue whose time cannot be read is a reject, with its text, and so is text outside of cues. In SAMI a cue ends where the
next one of its class begins; one without an end has none. A file that has ``<SAMI>`` and no ``</SAMI>`` or ``</BODY>``
has lost its end. A cue within a comment is a cue. That a SubRip file has lost its end shows only if that is within a
line of time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import entities, unescape

import pyarrow as pa

from korpus.io.compress import Source
from korpus.io.readers import converted
from korpus.io.readers.base import Block, Chunk, InputFile, ReadOptions, Split

COLUMNS = {
    "text": pa.string(),
    "start_ms": pa.int64(),
    "end_ms": pa.int64(),
    "language": pa.string(),
    "path": pa.string(),
}
"""What is known of a cue; `language` is like ``ko``, and null outside of SAMI."""

_LANGUAGES = {
    "KR": "ko",
    "KO": "ko",
    "EN": "en",
    "EG": "en",
    "US": "en",
    "JP": "ja",
    "JA": "ja",
    "CN": "zh",
    "ZH": "zh",
}
"""How the names of classes in SAMI begin, such as KRCC."""
_MISSPELT = {"kr": "ko", "jp": "ja", "cn": "zh"}
_ELEMENTS = (
    "sami|head|title|body|sync|p|br|font|b|i|u|s|span|div|center|strong|em|big|small|strike|ruby|rt|rp|rb|a|img|h[1-6]"
    "|table|tbody|tr|td|li|ul|ol|hr|sub|sup|tt|samiparam|style"
)
_TAG = re.compile(rf"<(/?)({_ELEMENTS})(?=[\s>/])([^<>]*)(?:>|(?=<(?:p|sync)\b))|<(!)--|--(>)", re.IGNORECASE)
"""A tag; its last bracket may be missing where the next tag of SAMI begins."""
_ATTRIBUTE = r"""\b{}\s*=\s*["']?\s*([^\s"'<>]+)"""
_START, _END, _CLASS = (re.compile(_ATTRIBUTE.format(name), re.IGNORECASE) for name in ("start", "end", "class"))
_MS = re.compile(r"(-?\d{1,15})(?:ms)?", re.IGNORECASE)
_STYLE = re.compile(r"\.(\w+)\s*\{[^{}]*?\blang\s*:\s*([A-Za-z]{2,3})\b", re.IGNORECASE)
_ENTITY = re.compile(
    r"&(?:#\d{1,7};?|#[xX][0-9a-fA-F]{1,6};?|nbsp;?|(?:lt|gt|amp|quot)(?![A-Za-z0-9]);?|[A-Za-z][A-Za-z0-9]{1,30};)",
    re.IGNORECASE,
)
_SPACE = re.compile(r"[ \t\r\n\xa0]+")
_MAX_TAG, _MAX_OPEN, _STYLE_CHARS, _N_UNDECIDED = 1000, 16, 1 << 16, 50

_CLOCK = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?: ?[,.:] ?(\d{1,3}))?"
_TIMES = re.compile(rf"\s*{_CLOCK}\s*--?>\s*{_CLOCK}(?:\s.*)?")
_LIKE_TIMES = re.compile(r"\s*\d{1,3}:[^\s<>:]{1,3}[:.,][^\s<>]{1,10}\s*-->.*")
_INLINE = re.compile(
    r"</?(?:i|b|u|s|font|c|v|lang|ruby|rt|span)(?:[\s.][^<>]*)?>|<\d\d[\d:.]*>|\{\\[^{}]*\}|\{/?[biu]\}|\{[yY]:[^{}]*\}",
    re.IGNORECASE,
)
_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
_NOT_CUES = ("NOTE", "STYLE", "REGION")
_HEAD_SAMI = re.compile(rb"\s*(?:<!--.{0,1000}?-->\s*)?<sami\b", re.IGNORECASE | re.DOTALL)
_HEAD_VTT = re.compile(rb"\s*WEBVTT(?=[ \t\r\n]|$)")
_HEAD_SRT = re.compile(rb"\s*\d{1,6}[ \t]*\r?\n\d\d:\d\d:\d\d,\d\d\d --> \d\d:\d\d:\d\d,\d\d\d")


def looks_like(head: bytes) -> bool:
    """Tell whether a file that begins with these bytes is surely of this format."""
    return any(pattern.match(head) for pattern in (_HEAD_SAMI, _HEAD_VTT, _HEAD_SRT))


def _unescaped(text: str) -> str:
    return _ENTITY.sub(lambda match: _character(match[0]), text) if "&" in text else text


def _character(entity: str) -> str:
    name = entity[1:].rstrip(";")
    for known in (name, name.lower()):
        if known.startswith("#") or f"{known};" in entities.html5:
            return unescape(f"&{known};")
    return entity


def _shown(text: str) -> str:
    lines = (_SPACE.sub(" ", line).strip(" ") for line in text.split("\n"))
    return "\n".join(filter(None, lines))


class CueStream(converted.LineStream):
    """The cues of a file as JSON Lines; see `korpus.io.readers.converted.LineStream`."""

    columns = ("text", "start_ms", "end_ms", "language")

    def __init__(self, source: Source, name: str, most: int):
        super().__init__(source, name, most)
        self._form: _Sami | _SubRip | None = None
        self._before: list[str] = []

    def line(self, line: str) -> None:
        """Take the next line."""
        if self._form is not None:
            self._form.line(line)
            return
        self._before.append(line)
        start = line.lstrip()[:_MAX_TAG].lower()
        if "<sami" in start or "<sync" in start:
            self._decide(_Sami)
        elif start.startswith("webvtt") or _times(line) or len(self._before) > _N_UNDECIDED:
            self._decide(_SubRip)

    def _decide(self, form: type[_Sami] | type[_SubRip]) -> _Sami | _SubRip:
        made = self._form = form(self)
        before, self._before = self._before, []
        for line in before:
            made.line(line)
        return made

    def finish(self) -> None:
        """Hand out what is still held."""
        (self._form or self._decide(_SubRip)).finish()


class _Cue:
    def __init__(self, most: int, start: int | None = None, end: int | None = None, flaw: str | None = None):
        self.start, self.end, self.flaw = start, end, flaw
        self.held = converted.Held(most)


class _Sami:
    """The rules of SAMI: tags cut the text into cues."""

    def __init__(self, stream: CueStream):
        self._stream = stream
        self._languages: dict[str, str] = {}
        self._open: dict[str | None, _Cue] = {}
        self._begin()

    def _begin(self) -> None:
        self._is_open = self._in_comment = self._has_comment = False
        self._head = self._rest = ""
        self._head_ends: str | None = None
        self._cue: _Cue | None = None
        self._outside = converted.Held(self._stream.most)
        self._sync: tuple[int | None, int | None, str | None] = None, None, None

    def line(self, line: str) -> None:
        """Take the next line."""
        text, at = self._rest + line + " ", 0
        self._rest = ""
        for match in _TAG.finditer(text):
            self._text(text[at : match.start()])
            at = match.end()
            if match[4]:
                self._in_comment = self._has_comment = True
            elif match[5]:
                # Without a comment it is an arrow.
                self._text("" if self._has_comment else match[0])
                self._in_comment = self._has_comment = False
            else:
                self._tag(match[1] + match[2].lower(), match)
        # A tag may go on in the next line.
        last = text.rfind("<", at)
        if last >= 0 and len(text) - last < _MAX_TAG and ">" not in text[last:] and text[last + 1 : last + 2].isalpha():
            self._rest, text = text[last:], text[:last]
        self._text(text[at:])

    def _text(self, text: str) -> None:
        if self._cue is not None:
            if not self._in_comment:
                self._cue.held.add(text.replace("\n", " "))
        elif self._head_ends is not None:
            self._head = (self._head + text)[:_STYLE_CHARS]
        elif not self._in_comment and text.strip():
            self._outside.add(text.strip())

    def _tag(self, tag: str, match: re.Match[str]) -> None:
        if tag == "sync":
            self._head_ends, self._in_comment = None, False
            self._synced(match[3])
        elif tag == "sami":
            self.finish()
            self._begin()
            self._is_open = True
        elif tag in ("/sami", "/body"):
            self._is_open, self._in_comment, self._head_ends = False, False, None
            self._close_all()
        elif tag in ("body", self._head_ends):
            self._head_ends = None
        elif self._cue is None and tag in ("head", "style", "title"):
            self._head_ends = self._head_ends or f"/{tag}"
        elif self._cue is None or self._in_comment:
            return
        elif tag == "p":
            found = _CLASS.search(match[3])
            self._paragraph(self._cue, found[1] if found else None)
        elif tag == "br":
            self._cue.held.add("\n")
        elif tag in ("rt", "/rt"):
            self._cue.held.add("(" if tag == "rt" else ")")

    def _synced(self, attributes: str) -> None:
        self._report_outside()
        start, end = _START.search(attributes), _END.search(attributes)
        ms = start and _MS.fullmatch(start[1])
        end_ms = end and _MS.fullmatch(end[1])
        flaw = None if ms else f"<SYNC{attributes[:80].rstrip()}> has no start in milliseconds"
        self._sync = int(ms[1]) if ms else None, int(end_ms[1]) if end_ms else None, flaw
        self._cue = _Cue(self._stream.most, *self._sync)
        self._name: str | None = None
        self._is_new = True

    def _paragraph(self, cue: _Cue, name: str | None) -> None:
        # What a SYNC shows before its first P belongs to that P.
        name = name.upper() if name else None
        if self._is_new:
            self._name, self._is_new = name, False
            self._place(cue, name)
        elif name == self._name:
            cue.held.add("\n")
        else:
            self._cue = _Cue(self._stream.most, *self._sync)
            self._name = name
            self._place(self._cue, name)

    def _place(self, cue: _Cue, name: str | None) -> None:
        # The cue of this class that was shown until now ends; what has no class is in the place of all.
        for other in [other for other in self._open if name is None or other in (name, None)]:
            self._hand_out(self._open.pop(other), other, cue.start)
        if len(self._open) == _MAX_OPEN:
            first = next(iter(self._open))
            self._hand_out(self._open.pop(first), first, None)
        self._open[name] = cue

    def _hand_out(self, cue: _Cue, name: str | None, until: int | None) -> None:
        raw = "".join(cue.held.pieces)
        text = _shown(_unescaped(raw))
        if cue.held.is_full:
            self._stream.reject(raw, "too long")
        elif text and cue.flaw:
            self._stream.reject(text, cue.flaw)
        elif text:
            start, end = cue.start, until if cue.end is None else cue.end
            is_after = start is not None and end is not None and end >= start
            self._stream.emit(text, start, end if is_after else None, self._language(name))

    def _language(self, name: str | None) -> str | None:
        if self._head:
            for found, language in _STYLE.findall(self._head):
                self._languages[found.upper()] = _MISSPELT.get(language.lower(), language.lower())
            self._head = ""
        if name is None:
            return next(iter(self._languages.values())) if len(self._languages) == 1 else None
        return _LANGUAGES.get(name[:2] if name.endswith("CC") else "") or self._languages.get(name)

    def _report_outside(self) -> None:
        if self._cue is not None and self._is_new:
            self._place(self._cue, None)
            self._is_new = False
        if self._outside.pieces:
            self._stream.reject(" ".join(self._outside.pieces), "stands outside of any cue")
            self._outside = converted.Held(self._stream.most)

    def _close_all(self) -> None:
        self._report_outside()
        for name, cue in self._open.items():
            self._hand_out(cue, name, None)
        self._open, self._cue = {}, None

    def finish(self) -> None:
        """Hand out what is still held."""
        if self._rest:
            rest, self._rest = self._rest, ""
            self._text(rest)
        self._close_all()
        if self._is_open:
            self._stream.flaw = "the file ends before </SAMI>"


class _SubRip:
    """The rules of SubRip and WebVTT: a line of times begins a cue."""

    def __init__(self, stream: CueStream):
        self._stream = stream
        self._is_vtt = self._in_note = False
        self._number: int | None = None
        self._cue: _Cue | None = None
        self._outside = converted.Held(stream.most)
        self._is_first = True

    def line(self, line: str) -> None:
        """Take the next line."""
        if self._is_first and line.strip():
            self._is_first = False
            self._is_vtt = self._in_note = line.lstrip().startswith("WEBVTT")
        if self._is_vtt and not line.strip():
            self._close()
            self._in_note = False
        elif "->" in line and ((times := _times(line)) or _LIKE_TIMES.fullmatch(line)):
            self._in_note = False
            self._new_cue(line, times)
        elif self._in_note:
            return
        elif self._cue is not None:
            self._cue.held.add(line)
        elif self._is_vtt and not self._outside.pieces and line.split(" ")[0].strip() in _NOT_CUES:
            self._in_note = True
        elif line.strip() or self._outside.pieces:
            self._outside.add(line)

    def _new_cue(self, line: str, times: tuple[int, int] | None) -> None:
        pieces = self._outside.pieces if self._cue is None else self._cue.held.pieces
        number = self._number_in(pieces)
        if number is not None:
            pieces.pop()
        elif self._is_vtt and self._cue is None and len(pieces) == 1:
            pieces.pop()  # an identifier
        self._close()
        if number is not None:
            self._number = number
        elif self._number is not None:
            self._number += 1
        if times is None:
            self._cue = _Cue(self._stream.most, flaw="times that cannot be read")
            self._cue.held.add(line)
        else:
            self._cue = _Cue(self._stream.most, *times)

    def _number_in(self, pieces: list[str]) -> int | None:
        """Return the number of the cue that is about to begin, if that is what the last line is."""
        digits = pieces[-1].strip() if pieces else ""
        if not digits.isdecimal() or len(digits) > 9:
            return None
        is_apart = self._cue is None or (len(pieces) > 1 and not pieces[-2].strip())
        return int(digits) if is_apart or int(digits) - 1 == self._number else None

    def _close(self) -> None:
        if self._outside.pieces:
            self._stream.reject("\n".join(self._outside.pieces).rstrip("\n"), "stands outside of any cue")
            self._outside = converted.Held(self._stream.most)
        cue, self._cue = self._cue, None
        if cue is None:
            return
        raw = "\n".join(cue.held.pieces)
        if cue.held.is_full or cue.flaw:
            self._stream.reject(raw if cue.held.is_full else raw.rstrip("\n"), cue.flaw or "too long")
            return
        text = raw
        if "<" in raw or "{" in raw:
            text = _INLINE.sub("", _BREAK.sub("\n", raw))
        if text := _shown(_unescaped(text) if self._is_vtt else text):
            self._stream.emit(text, cue.start, cue.end, None)

    def finish(self) -> None:
        """Hand out what is still held."""
        self._close()


def _times(line: str) -> tuple[int, int] | None:
    """Return the start and end that a line of times says; None for any other line, such as ``10:30 -> 11:00``."""
    match = _TIMES.fullmatch(line)
    if match is None:
        return None
    both = [match.groups()[at : at + 4] for at in (0, 4)]
    if any(hours is None and fraction is None for hours, *_, fraction in both):
        return None
    start, end = (
        (int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)) * 1000 + int((fraction or "0").ljust(3, "0"))
        for hours, minutes, seconds, fraction in both
    )
    return start, end


Stream = CueStream
plan, stream = converted.plan, converted.stream


def columns(file: InputFile, options: ReadOptions, n_bytes: int = 0) -> dict[str, pa.DataType] | None:
    """Return the columns; see `korpus.io.readers.converted.columns`."""
    return converted.columns(file, options, COLUMNS, "SAMI, SubRip or WebVTT")


def read(split: Split, chunk: Chunk, schema: pa.Schema, options: ReadOptions) -> Iterator[Block]:
    """Yield the blocks of a split."""
    return converted.read(split, chunk, schema, options, {"path": split.path})
