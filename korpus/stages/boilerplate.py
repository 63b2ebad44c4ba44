"""The stage `boilerplate`."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field, field_validator

from korpus.errors import did_you_mean
from korpus.hangul.boilerplate import KINDS, SIGN_CHARS, SIGNS, compile_kinds
from korpus.kernels.charset import bitmap
from korpus.stage import Edit
from korpus.stages._marked import marked
from korpus.stages._rows import edit_rows, row_texts, rows_holding

if TYPE_CHECKING:
    import pyarrow as pa

_compiled = lru_cache(maxsize=8)(compile_kinds)


@cache
def _signs() -> np.ndarray:
    return bitmap((ord(char), ord(char)) for char in SIGN_CHARS)


def _clean(text: str, kinds: tuple[str, ...], counts: Counter[str] | None = None) -> str:
    """Return a text without boilerplate; count what went, by kind, in `counts`."""
    anywhere, at_end = _compiled(kinds)

    def gone(match: re.Match[str]) -> str:
        if counts is not None:
            counts[match.lastgroup] += 1
        return ""

    lines = []
    for line in text.split("\n"):
        new = anywhere.sub(gone, line)
        # What stands behind the last sentence goes one by one, from the back.
        while match := at_end.search(new):
            gone(match)
            new = new[: match.start()]
        if new == line:
            lines.append(line)
        elif new.strip():
            lines.append(new.strip() if len(new) < len(line) else new)
    return "\n".join(lines)


class Boilerplate(Edit):
    """Remove what news pages put around an article: bylines, copyright notices, credits, calls to subscribe.

    - ``byline``: ``[한국신문=홍길동 기자]`` and ``(서울=한국통신) 홍길동 기자 =`` anywhere; ``홍길동 기자``, with an
      address or without, at the end.
    - ``copyright``: notices in brackets, and what forbids reprinting (``무단전재 및 재배포 금지``), anywhere; a sign
      and its owner (``ⓒ 한국신문``) at the end.
    - ``credit``: ``[사진=뉴시스]`` anywhere; ``사진=뉴시스`` at the end.
    - ``promotion``: ``▶ 네이버에서 구독하기``, ``제보는 카카오톡 …`` at the end.

    At the end means: as a line of its own, which goes whole, or behind the last sentence of a line. No more than the
    piece itself ever goes, so that of a document in one line the rest stays; of a line that lost something the spaces
    at its ends go too.

    ``비가 온다고 밝혔다. 홍길동 기자 hong@example.com ⓒ 한국신문 무단전재 및 재배포 금지`` → ``비가 온다고 밝혔다.``

    Everything that it removes from 1,780 petitions (5 pieces of 4 quoted articles) was read and is boilerplate; from
    323,485 movie reviews and 17,000 comments it removes nothing. What it misses was not counted.

    Source: ``korpus/hangul/boilerplate.py``. Run it before ``urls`` and ``pii``, which may take an address apart.
    """

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
        rows = marked(texts, _signs())
        for sign in SIGNS:
            rows[rows_holding(texts, sign)] = True
        kinds = self._kinds()
        return edit_rows(texts, rows, lambda text: _clean(text, kinds))

    def tally(self, texts: pa.StringArray) -> dict[str, int]:
        """Return how many pieces of each kind `apply` removes from these texts."""
        counts: Counter[str] = Counter()
        for text in row_texts(texts, np.arange(len(texts))):
            _clean(text, self._kinds(), counts)
        return dict(counts)
