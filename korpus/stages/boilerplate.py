"""The stage `boilerplate`."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pyarrow.compute as pc
from pydantic import Field, field_validator

from korpus.errors import did_you_mean
from korpus.hangul.boilerplate import (
    ANYWHERE,
    BUTTON_SIGNS,
    BUTTONS,
    HEADLINE,
    ITEM,
    KINDS,
    LAST_BUTTON,
    SIGNED,
    SIGNS,
    compiled,
)
from korpus.stage import Edit
from korpus.stages._rows import edit_rows, row_texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

_signed = re.compile(SIGNED).search
_opening = re.compile(r"[\[(<〈《【ⓒ©]").search
_buttons = re.compile(rf"\s*{BUTTONS}\s*").fullmatch
_last_button = re.compile(rf"{LAST_BUTTON}\s*\Z").search
_item = re.compile(ITEM).fullmatch
_headline = re.compile(HEADLINE).fullmatch
_MAX_TITLES = 10
# No piece at the end of a line is longer, so that a line is searched from its end on and never gone through twice.
_WINDOW = 240
# Nor does a line end with more of them; this bounds what a line costs that is nothing but pieces.
_MAX_PIECES = 16
_SPACE = " \t\r"


def _present(part: str, kinds: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(kind for kind in kinds if any(sign in part for sign in SIGNS[kind]))


@lru_cache(maxsize=8)
def _signs(kinds: tuple[str, ...]) -> str:
    every = [re.escape(sign) for sign in sorted({sign for kind in kinds for sign in SIGNS[kind]})]
    return "|".join(every + [BUTTON_SIGNS] * ("button" in kinds))


class _Line:
    """A line that loses pieces; `counts` tells how many of each kind."""

    def __init__(self, line: str, kinds: tuple[str, ...]) -> None:
        self.text, self.counts = line, Counter()
        # A line may be a whole text: signs are looked for in all of it only where a piece may stand anywhere.
        if _opening(line):
            for kind in _present(line, tuple(kind for kind in kinds if kind in ANYWHERE)):
                self.text, n = compiled(kind).anywhere.subn("", self.text)
                if n:
                    self.counts[kind] += n
        if kinds:
            start = self._cut_start(kinds)
            self.text = self.text[start : self._cut_end(_present(self.text[-_WINDOW:], kinds), start)]

    def _cut_start(self, kinds: tuple[str, ...]) -> int:
        start = 0
        while found := _first((compiled(kind).at_start.match(self.text, start), kind) for kind in kinds):
            match, kind = found
            self.counts[kind] += 1
            start = match.end()
        return start

    def _cut_end(self, kinds: tuple[str, ...], start: int) -> int:
        """Return where the text ends: pieces go one by one, from the back.

        One that is not behind a sentence goes if the pieces before it do, up to one that is.
        """
        text, kept = self.text, len(self.text)
        end, pending = kept, []
        for _ in range(_MAX_PIECES if kinds else 0):
            while end > start and text[end - 1] in _SPACE:
                end -= 1
            window = max(start, end - _WINDOW)
            found = _first((compiled(kind).behind.search(text, window, end), kind) for kind in kinds)
            is_behind = bool(found)
            if not found and _signed(text, window, end):
                found = _first((compiled(kind).loose.search(text, window, end), kind) for kind in kinds)
            if not found:
                break
            match, kind = found
            end = match.start()
            pending.append(kind)
            if is_behind:
                kept = end
                self.counts.update(pending)
                pending.clear()
        return kept


def _first(found: Iterable[tuple[re.Match[str] | None, str]]) -> tuple[re.Match[str], str] | None:
    """Return the match that begins first, and of those the longest, with its kind."""
    matches = [(match, kind) for match, kind in found if match and match.end() > match.start()]
    return min(matches, key=lambda pair: (pair[0].start(), -pair[0].end()), default=None)


def _are_headlines(lines: list[str]) -> bool:
    """Tell whether the last lines of a text are the titles of other articles."""
    said = [line.strip() for line in lines if line.strip()]
    return len(lines) <= 2 * _MAX_TITLES and 0 < len(said) <= _MAX_TITLES and all(map(_headline, said))


def _clean(text: str, kinds: tuple[str, ...], total: Counter[str] | None = None) -> str:
    """Return a text without boilerplate; add what went, by kind, to `total`."""
    counts: Counter[str] = Counter()
    lines, of_list, begun, buttons = [], False, False, "button" in kinds
    every = text.split("\n")
    for i, line in enumerate(every):
        if not line or line.isspace():
            lines.append(line)
            continue
        if of_list and (of_list := bool(_item(line))):
            counts["related"] += 1
            continue
        if buttons and begun and _buttons(line):
            counts["button"] += 1
            continue
        edited = _Line(line, kinds)
        new = edited.text
        counts.update(edited.counts)
        if new == line:
            lines.append(line)
        elif new.strip():
            lines.append(new.strip() if len(new) < len(line) else new)
        begun = begun or bool(new.strip())
        if edited.counts["related"] and not new.strip():
            of_list = True
            if _are_headlines(every[i + 1 : i + 2 + 2 * _MAX_TITLES]):
                break
    new = "\n".join(lines)
    if counts:
        # Blank lines that stood between the text and what went would be left at its ends.
        body = text.strip("\n")
        head = text.index(body) if body else 0
        new = text[:head] + stripped + text[head + len(body) :] if (stripped := new.strip("\n")) else ""
    if buttons and (match := _last_button(new, max(0, len(new) - _WINDOW))):
        counts["button"] += 1
        new = new[: match.start()]
    if total is not None:
        total.update(counts)
    return new


class Boilerplate(Edit):
    """Remove what pages put around a text: bylines, dates, copyright notices, credits, calls to subscribe, buttons.

    - ``byline``: ``(서울=한국통신) 홍길동 기자 =`` and ``[한국신문=홍길동 기자]`` before a text; ``홍길동 기자``, with
      an address or without, ``온라인뉴스팀`` and ``(끝)`` at the end.
    - ``date``: ``입력 2024.05.02 14:03``, before a text or at the end.
    - ``copyright``: a sign and its owner (``ⓒ 한국신문``), what forbids reprinting (``무단전재 및 재배포 금지``).
    - ``credit``: ``[사진=뉴시스]`` anywhere; ``사진=뉴시스``, ``영상편집: 홍길동`` at the end.
    - ``broadcast``: ``[앵커]`` before a text; ``KBS 뉴스 홍길동입니다.`` at the end.
    - ``promotion``: ``▶ 네이버에서 구독하기``, ``제보는 카카오톡 …`` at the end.
    - ``related``: ``[관련기사] …`` at the end, and the list below it.
    - ``notice``: ``[본 게시물의 일부 내용이 … 수정되었습니다]`` anywhere.
    - ``button``: ``답글``, ``더보기``, ``공감 12`` as a line of their own below the first; ``신고`` behind the last
      sentence of a text.

    At the end means: as a line of its own, which goes whole, or behind the last sentence of a line. No more than the
    piece itself ever goes, so that of a document in one line the rest stays; of a line that lost something the spaces
    at its ends go too.

    ``비가 온다고 밝혔다. 홍길동 기자 hong@example.com ⓒ 한국신문 무단전재 및 재배포 금지`` → ``비가 온다고 밝혔다.``

    Of 191 pieces in ``tests/korean/boilerplate.jsonl`` all go, and of 148 texts that look like them none is cut; of the
    92 and 63 among them that were written after the rules, 85 went at first, and none was cut. From 323,485 movie
    reviews 61 copied buttons go, and from 1,780 petitions 655 notices and sign-offs, all read; from 17,000 comments
    nothing.

    Source: ``korpus/hangul/boilerplate.py``. Run it before ``urls`` and ``pii``, which may take an address apart.
    """

    version: ClassVar[int] = 2

    kinds: list[str] = Field(list(KINDS), min_length=1, description=f"What is removed: {', '.join(KINDS)}.")

    @field_validator("kinds")
    @classmethod
    def _known(cls, kinds: list[str]) -> list[str]:
        for kind in kinds:
            if kind not in KINDS:
                raise ValueError(f"must be a list of {', '.join(KINDS)}{did_you_mean(kind, KINDS)}, got {kind!r}")
        return kinds

    def _kinds(self) -> tuple[str, ...]:
        return tuple(kind for kind in KINDS if kind in self.kinds)

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts without boilerplate."""
        kinds = self._kinds()
        rows = pc.match_substring_regex(texts, _signs(kinds)).to_numpy(zero_copy_only=False)
        return edit_rows(texts, rows, lambda text: _clean(text, kinds))

    def tally(self, texts: pa.StringArray) -> dict[str, int]:
        """Return how many pieces of each kind `apply` removes from these texts."""
        counts: Counter[str] = Counter()
        for text in row_texts(texts, np.arange(len(texts))):
            _clean(text, self._kinds(), counts)
        return dict(counts)
