"""Chats that KakaoTalk has exported: from Android, from iOS, from Windows (``.txt``) and from macOS (``.csv``).

A message is a document, however many lines it has, with its speaker and time. What the program itself says (who came
and who went), and what it writes in the place of what is no text (photos, emoticons, deleted messages), is a document
too, whose column `notice` says what it is; in messages that column is null, so that ``field_filter: {field: notice,
keep: [null]}`` leaves the messages alone and counts the others. Some of these are words that a person may have typed
(``사진``), which cannot be told apart. Dates, times, the header and the line that tells when the file was saved are not
text: they are the columns. The column `day` is the room and the date, so that ``group: {by: day, order: time}`` makes
one document of a day.

The forms are those of exports in Korean and in English, with clocks of 12 and 24 hours. An export for Windows says the
date on a line of its own and the time in each message; there, what the program says has no time, and is known by its
wording alone. A name ends at the first `` : `` unless a longer one is known, from the header or from the program. A
chat of the same form that is pasted into a message becomes messages. A line before the first message, a date that the
calendar has not, and a record of CSV that is none, are rejects; so are the lines that go on with them. That a text has
lost its end cannot be seen in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache

import pyarrow as pa

from korpus.io.compress import Source
from korpus.io.readers import converted
from korpus.io.readers.base import Block, Chunk, InputFile, ReadOptions, Split

COLUMNS = dict.fromkeys(("text", "speaker", "time", "room", "day", "notice"), pa.string())
"""What is known of a message; `time` is like ``2024-05-02T15:04:00``."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = "월화수목금토일"
_ENGLISH_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTH = rf"(?:{'|'.join(_MONTHS)})[a-z]{{0,6}}\.?"
_CLOCK = r"(?:(?:오전|오후|AM|PM|am|pm) ?)?\d{1,2}:\d{2}(?::\d{2})?(?:[ \u202f]?(?:AM|PM|am|pm))?"
_DAY = (
    r"(?:(?P<y>\d{4})(?:년 |\. ?|-|/)(?P<m>\d{1,2})(?:월 |\. ?|-|/)(?P<d>\d{1,2})(?:일|\.)?"
    rf"|(?P<month>{_MONTH}) (?P<md>\d{{1,2}}), (?P<my>\d{{4}})"
    rf"|(?P<dd>\d{{1,2}}) (?P<dmonth>{_MONTH}) (?P<dy>\d{{4}}))"
)
_STAMPED = re.compile(rf"{_DAY}(?:,| at)? (?P<clock>{_CLOCK})(?:(?P<comma>,) ?|(?P<colon>:) |$)(?P<rest>.*)")
_BARE_DAY = re.compile(
    rf"(?:(?P<eweekday>{'|'.join(_ENGLISH_DAYS)})[a-z]{{3,6}}, )?{_DAY}(?: (?P<weekday>[{_WEEKDAYS}])요일)?"
)
_RULED_DAY = re.compile(r"-{5,} (.{8,40}) -{5,}")
_BRACKETED = re.compile(rf"\[(?P<speaker>.+?)\] \[(?P<clock>{_CLOCK})\] ?(?P<rest>.*)")
_SAVED = re.compile(r"(?:저장한 날짜|Date Saved) ?: ?\D{0,20}\d.*")
_HEADER = re.compile(
    r"KakaoTalk Chats with (.+)|(.+) KakaoTalk Chats|(.+?) ?님과 카카오톡 대화|(.+?)(?: \d+)? 카카오톡 대화"
)
_RECORD = re.compile(
    r'(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}),("[^"]*(?:""[^"]*)*"|[^",]*),("[^"]*(?:""[^"]*)*"|[^"]*)', re.DOTALL
)
_RECORD_BEGINS = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2},")
_CSV_HEADER = "Date,User,Message"
_BEFORE = "stands before the first message"
_NOBODY: tuple[str | None, str | None, str | None] = None, None, None
"""Speaker, moment and day, before anybody has said something."""

_EVENTS = {
    "joined": r"(?P<who>.+?)님이 (?:들어왔습니다|입장했습니다)\.?|(?P<ewho>.+?) joined this chatroom\.",
    "left": r".+님이 (?:나갔습니다|퇴장했습니다)\.?|.+ left this chatroom\.",
    "invited": r"(?P<inviter>.+?)님이 .+님을 초대(?:하였|했)습니다\.?|.+ invited .+ to this chatroom\.",
    "removed": r".+님을 내보냈습니다\.?|.+ (?:has been|was) removed from this chatroom\.",
    "hidden": r"(?:채팅방 관리자|방장|.+님)[이가] 메시지를 가렸습니다\.?",
    "role": r".+님이 부?방장이 되었습니다\.?|.+님이 .+님을 부?방장으로 .*했습니다\.?",
    "opened": r".+님이 오픈채팅방을 (?:개설|시작)[가-힣]*습니다\.?",
}
_MEDIA = {
    "photo": r"사진|사진 \d+장|<사진 읽지 않음>|Photos?|\d+ photos|[0-9a-f]{32,64}\.(?:jpe?g|png|gif|webp)",
    "video": r"동영상|<동영상 읽지 않음>|Video|[0-9a-f]{32,64}\.mp4",
    "emoticon": r"이모티콘|Emoticons?|Sticker",
    "voice": r"음성메시지|Voice [Mm]essage|[0-9a-f]{32,64}\.m4a",
    "file": r"파일: ?.+|File: ?.+",
    "map": r"지도: ?.+|Location: ?.+",
    "contact": r"연락처: ?.+|Contact: ?.+",
    "search": r"샵검색: ?#.*|#Search: ?.*",
    "call": r"(?:보이스톡|페이스톡|그룹콜|라이브톡) ?(?:해요|취소|부재중|종료|응답 ?없음|시작|\d.*)",
    "deleted": r"삭제된 메시지입니다\.?|This message (?:has been|was) deleted\.?|메시지가 삭제되었습니다\.?",
}


def _any(kinds: dict[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in kinds.items()))


_EVENT, _MEDIUM = _any(_EVENTS), _any(_MEDIA)
_MEDIUM_CHARS = 300
_MOST_NAMES = 100_000
_RESERVED = {*_EVENTS, *_MEDIA}


def _kind(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return pattern.fullmatch(text) if len(text) <= _MEDIUM_CHARS else None


def _name_of(match: re.Match[str]) -> str:
    return next(name for name, value in match.groupdict().items() if value is not None and name in _RESERVED)


def _day_line(line: str) -> re.Match[str] | None:
    match = _BARE_DAY.fullmatch(line) if len(line) < 50 else None
    return match if match and (match["weekday"] or match["eweekday"]) else None


def _date(match: re.Match[str]) -> str | None:
    """Return a date as ``2024-05-02``; None if the calendar does not have it, or has another weekday there."""
    weekdays = (match["weekday"], match["eweekday"]) if match.re is _BARE_DAY else (None, None)
    return _day_of(
        match.group("y", "my", "dy"), match.group("m", "month", "dmonth"), match.group("d", "md", "dd"), weekdays
    )


@lru_cache(maxsize=100)
def _day_of(years: tuple, months: tuple, days: tuple, weekdays: tuple) -> str | None:
    year, month, day = (next(filter(None, each)) for each in (years, months, days))
    month = _MONTHS.index(month[:3]) + 1 if month.isalpha() or month.endswith(".") else month
    try:
        made = date(int(year), int(month), int(day))
    except ValueError:
        return None
    known = _WEEKDAYS[made.weekday()], _ENGLISH_DAYS[made.weekday()]
    return made.isoformat() if all(day in (None, name) for day, name in zip(weekdays, known)) else None


@lru_cache(maxsize=2000)
def _time(clock: str) -> str | None:
    """Return a time of day as ``15:04:00``; None if there is none such. 오전 12:30 is half an hour after midnight."""
    digits = re.search(r"(\d+):(\d+)(?::(\d+))?", clock)
    assert digits is not None, "as the patterns have it that find clocks"
    hour, minute, second = int(digits[1]), int(digits[2]), int(digits[3] or 0)
    half = clock.lower()
    if "오전" in half or "am" in half:
        hour = 0 if hour == 12 else hour
    elif ("오후" in half or "pm" in half) and hour < 12:
        hour += 12
    return f"{hour:02}:{minute:02}:{second:02}" if hour < 24 and minute < 60 and second < 60 else None


def looks_like(head: bytes) -> bool:
    """Tell whether a file that begins with these bytes is surely of this format."""
    lines = [line.strip("\r") for line in head[:4096].decode(errors="ignore").split("\n")]
    lines = [line for line in lines if line.strip()][:3]
    if len(lines) < 2:
        return False
    if lines[0] == _CSV_HEADER:
        return _RECORD_BEGINS.match(lines[1]) is not None
    return _HEADER.fullmatch(lines[0]) is not None and _SAVED.fullmatch(lines[1]) is not None


class ChatStream(converted.LineStream):
    """The messages of a chat as JSON Lines; see `korpus.io.readers.converted.LineStream`."""

    columns = tuple(COLUMNS)

    def __init__(self, source: Source, name: str, most: int):
        super().__init__(source, name, most)
        self._take = self._first
        self._names: set[str] = set()
        self._room: str | None = None
        self._date: str | None = None
        self._flaw: str | None = _BEFORE
        self._about = _NOBODY
        self._held = converted.Held(most)

    def line(self, line: str) -> None:
        """Take the next line."""
        self._take(line)

    def finish(self) -> None:
        """Hand out the last message."""
        if self._take == self._in_record:
            self._close_record()
        else:
            self._close()

    def _first(self, line: str) -> None:
        if line.strip().replace('"', "") == _CSV_HEADER:
            self._take, self._n_quotes, self._flaw = self._in_record, 0, None
            named = re.match(r"KakaoTalk_Chats?_(.+?)_\d{4}-\d{2}-\d{2}", self.name)
            self._room = named[1] if named else self.name.partition(".")[0]
        elif line.strip():
            self._take = self._any
            self._any(line)

    # Text files: what their lines look like is told by the first message, or date, that is found.

    def _any(self, line: str) -> None:
        if _BRACKETED.fullmatch(line) or _RULED_DAY.fullmatch(line):
            self._take = self._bracketed
        elif _STAMPED.fullmatch(line) or _day_line(line):
            self._take = self._stamped
        else:
            self._more(line)
            return
        self._take(line)

    def _stamped(self, line: str) -> None:
        may_begin = "0" <= line[:1] <= "9" or "A" <= line[:1] <= "Z"
        if may_begin and (match := _STAMPED.fullmatch(line)):
            self._close()
            rest, time = match["rest"], _time(match["clock"])
            self._date = _date(match)
            if self._date is None or time is None:
                self._begin_bad(line, "there is no such date or time")
            elif match["comma"] and " : " in rest and not self._is_event(rest):
                self._begin(time, *self._named(rest))
            elif rest:
                self._begin(time, None, rest)
            else:
                self._begin(None, None)
        elif may_begin and (match := _day_line(line)) and (day := _date(match)):
            self._date = day
            self._begin(None, None)
        else:
            self._more(line)

    def _bracketed(self, line: str) -> None:
        if line[:1] == "[" and (match := _BRACKETED.fullmatch(line)):
            if time := _time(match["clock"]):
                self._begin(time, match["speaker"], match["rest"])
            else:
                self._begin_bad(line, "there is no such time")
        elif line[:1] == "-" and (ruled := _RULED_DAY.fullmatch(line)) and (match := _day_line(ruled[1])):
            self._date = _date(match)
            if self._date:
                self._begin(None, None)
            else:
                self._begin_bad(line, "there is no such date")
        elif self._date and line.rstrip()[-2:] in ("다.", "니다", "m.") and _kind(_EVENT, line.rstrip()):
            self._begin(None, None, line)
        else:
            self._more(line)

    def _is_event(self, rest: str) -> bool:
        # Names may hold colons; if what stands before the first one has spoken before, it is a message.
        return rest[: rest.index(" : ")] not in self._names and _kind(_EVENT, rest) is not None

    def _named(self, rest: str) -> tuple[str, str]:
        # The longest name that is known, or else what stands before the first colon.
        at = end = rest.index(" : ")
        while 0 <= at < _MEDIUM_CHARS:
            end = at if rest[:at] in self._names else end
            at = rest.find(" : ", at + 1)
        self._know(rest[:end])
        return rest[:end], rest[end + 3 :]

    def _know(self, name: str) -> None:
        if len(self._names) < _MOST_NAMES:
            self._names.add(name)

    def _more(self, line: str) -> None:
        if _SAVED.fullmatch(line.strip()) and self._header_before():
            header = self._held.pieces.pop().strip() if self._held.pieces else ""
            self._close()
            match = _HEADER.fullmatch(header)
            self._room = next(filter(None, match.groups())) if match else header or None
            self._names = {self._room} if self._room else set()
            self._flaw, self._about, self._date, self._take = _BEFORE, _NOBODY, None, self._any
        elif self._held.pieces or line.strip():
            self._held.add(line)

    def _header_before(self) -> bool:
        # Whatever stands before the first message may be one; after it only what is worded like one.
        pieces = self._held.pieces
        if self._flaw == _BEFORE:
            return True
        speaks = self._about[0] is not None
        return len(pieces) > speaks and _HEADER.fullmatch(pieces[-1].strip()) is not None

    def _begin(self, time: str | None, speaker: str | None, text: str | None = None) -> None:
        self._close()
        moment = f"{self._date}T{time}" if self._date and time else None
        self._flaw, self._about = None, (speaker, moment, self._day())
        if text is not None:
            self._held.add(text)

    def _begin_bad(self, line: str, flaw: str) -> None:
        self._close()
        self._flaw = flaw
        self._held.add(line)

    def _close(self) -> None:
        if pieces := self._held.pieces:
            text = "\n".join(pieces)
            if self._flaw or self._held.is_full:
                self.reject(text if self._held.is_full else text.rstrip("\n"), self._flaw or "too long")
            else:
                self._message(*self._about, text.strip())
            self._held = converted.Held(self.most)

    def _day(self) -> str | None:
        return f"{self._room or ''} {self._date}".strip() if self._date else None

    def _message(self, speaker: str | None, moment: str | None, day: str | None, text: str) -> None:
        notice, first = None, text.partition("\n")[0].rstrip()
        is_event = speaker is None or text.startswith(f"{speaker}님이 ")
        match = _kind(_EVENT, first) if is_event else _kind(_MEDIUM, text)
        if match:
            notice = _name_of(match)
            for name in filter(None, (match.groupdict().get(key) for key in ("who", "ewho", "inviter"))):
                self._know(name)
        elif speaker is None:
            notice = "other"
        self.emit(text, speaker, moment, self._room, day, notice)

    # CSV: a record begins with a date and a time, whatever quote may be open there.

    def _in_record(self, line: str) -> None:
        if _RECORD_BEGINS.match(line) or self._n_quotes % 2 == 0:
            self._close_record()
            if not line.strip():
                return
        self._held.add(line)
        self._n_quotes += line.count('"')
        if self._n_quotes % 2 == 0:
            self._close_record()

    def _close_record(self) -> None:
        pieces, is_open, moment = self._held.pieces, self._n_quotes % 2, None
        self._n_quotes = 0
        if not pieces:
            return
        record = "\n".join(pieces)
        flaw = "a quote is opened and not closed" if is_open else "not a record of a date, a user and a message"
        match = None if self._held.is_full or is_open else _RECORD.fullmatch(record)
        if match:
            try:
                moment = datetime.fromisoformat(match[1]).isoformat()
            except ValueError:
                flaw = "there is no such date or time"
        if match is None or moment is None:
            self.reject(record, flaw)
        else:
            speaker, text = (
                value[1:-1].replace('""', '"') if value.startswith('"') else value for value in match.groups()[1:]
            )
            self._date = moment[:10]
            self._message(speaker, moment, self._day(), text.strip())
        self._held = converted.Held(self.most)


Stream = ChatStream
plan, stream = converted.plan, converted.stream


def columns(file: InputFile, options: ReadOptions, n_bytes: int = 0) -> dict[str, pa.DataType] | None:
    """Return the columns; see `korpus.io.readers.converted.columns`."""
    return converted.columns(file, options, COLUMNS, "a chat exported from KakaoTalk")


def read(split: Split, chunk: Chunk, schema: pa.Schema, options: ReadOptions) -> Iterator[Block]:
    """Yield the blocks of a split."""
    return converted.read(split, chunk, schema, options)
