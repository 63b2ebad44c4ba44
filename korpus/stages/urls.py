"""The stage `urls`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import Field, field_validator

from korpus.batch import strings
from korpus.errors import did_you_mean
from korpus.hangul import urls
from korpus.hangul.joining import cut
from korpus.kernels.marks import rows_with_hosts
from korpus.stage import Edit
from korpus.stages._rows import edit_rows, replace_literally, rows_holding

if TYPE_CHECKING:
    import pyarrow as pa

PATTERNS = ("published", "korean")


class Urls(Edit):
    """Remove URLs.

    - ``published``: the pattern of the cleaning function of KcBERT and KcELECTRA, exactly as ``re.sub`` of Python would
      have it: an http or https URL up to the first character that is none of ``A-Z a-z 0-9 - ( ) @ : % _ + . ~ # ? & /
      =``. A URL without a scheme stays, and so does one whose host is followed by Hangul without a space
      (``https://example.com에서``).
    - ``korean``: also hxxp, URLs without a scheme (``www.행정안전부.kr``, ``naver.com``, ``youtu.be/abc``), with a
      port, with Hangul in host or path, and partly hidden ones (``www.news***.com``). E-mail addresses stay, and so do
      names that look like hosts: one letter, or a capital first, before .com, .net or .org (``M.net``, ``Amazon.com``,
      ``ASP.NET``); ``naver.com`` and ``NAVER.COM`` go.

    With ``korean``, brackets and quotes that hold nothing but a URL, or one behind ``출처:``, go with it, and
    of ``[글](https://example.com)`` the text stays. A replacement that shows, such as ``[URL]``, takes their
    place; a blank one stands only where two words would run together. A particle right after brackets, or after a URL
    that stands behind 누리집, 사이트, 영상 and the like, joins the word before; a label and a comma beside a URL in
    brackets go with it; punctuation leans on the word before, and spaces are not doubled.

    Of the cases in ``tests/korean/urls.jsonl``, 128 with URLs and 96 that only look like it, ``korean`` does all right.
    All that it changes in the movie reviews of e9t/nsmc (63), the petitions of lovit/petitions_archive (96) and 17,000
    comments (56) was read.

    ``홈페이지(https://example.com/a?b=1)에서 봤어요 → 홈페이지에서 봤어요``

    Source: ``korpus/hangul/urls.py``. Texts that cannot hold a URL are passed over at more than 1 GB/s.
    """

    version: ClassVar[int] = 3

    pattern: str = Field("published", description=f"Which pattern: {', '.join(PATTERNS)}.")
    replacement: str = Field("", max_length=64, description="What takes the place of a URL; taken literally.")
    hangul_hosts: bool = Field(
        False,
        description="Whether korean also takes a Hangul name before .한국, .닷컴, .com, .net or .org that stands alone "
        "(한글.한국); a new sentence after a full stop looks like it.",
    )

    @field_validator("pattern")
    @classmethod
    def _known(cls, pattern: str) -> str:
        if pattern not in PATTERNS:
            raise ValueError(f"must be one of {', '.join(PATTERNS)}{did_you_mean(pattern, PATTERNS)}")
        return pattern

    def _clean(self, text: str) -> str:
        pieces = urls.find(text, self.hangul_hosts)
        return cut(text, pieces, self.replacement) if pieces else text

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts without URLs."""
        if self.pattern == "published":
            rows = rows_holding(texts, urls.PUBLISHED_HOLDS)
            return edit_rows(texts, rows, replace_literally(urls.PUBLISHED, self.replacement))
        rows = np.zeros(len(texts), np.uint8)
        rows_with_hosts(*strings(texts), rows)
        return edit_rows(texts, rows.view(bool), self._clean)
