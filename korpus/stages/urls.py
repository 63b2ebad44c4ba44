"""The stage `urls`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field, field_validator

from korpus.batch import strings
from korpus.errors import did_you_mean
from korpus.hangul.patterns import URLS
from korpus.kernels.marks import rows_with_hosts
from korpus.stage import Edit
from korpus.stages._rows import edit_rows, replace_literally, rows_holding

if TYPE_CHECKING:
    import pyarrow as pa


class Urls(Edit):
    """Remove URLs.

    Every match of a regular expression goes, exactly as ``re.sub`` of Python would have it:

    - ``published``: the pattern of the cleaning function of KcBERT and KcELECTRA, an http or https URL up to the first
      character that is none of ``A-Z a-z 0-9 - ( ) @ : % _ + . ~ # ? & / =``. A URL without a scheme stays, and so does
      one whose host is followed by Hangul without a space (``https://example.com에서``).
    - ``korean``: also URLs without a scheme (``www.행정안전부.kr``, ``naver.com``, ``youtu.be/abc``), with a port, with
      Hangul in host or path. A particle, a closing bracket or punctuation after it stays, and so do e-mail addresses.

    ``여기 https://example.com/a?b=1에서 봤어요 → 여기 에서 봤어요``

    Source: ``korpus/hangul/patterns.py``. Texts that cannot hold a URL are passed over at more than 1 GB/s.
    """

    pattern: str = Field("published", description=f"Which pattern: {', '.join(URLS)}.")
    replacement: str = Field("", max_length=64, description="What takes the place of a URL; taken literally.")

    @field_validator("pattern")
    @classmethod
    def _known(cls, pattern: str) -> str:
        if pattern not in URLS:
            raise ValueError(f"must be one of {', '.join(URLS)}{did_you_mean(pattern, URLS)}")
        return pattern

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts without URLs."""
        regex, must_contain = URLS[self.pattern]
        if must_contain is not None:
            rows = rows_holding(texts, must_contain)
        else:
            rows = np.zeros(len(texts), np.uint8)
            rows_with_hosts(*strings(texts), rows)
            rows = rows.view(bool)
        return edit_rows(texts, rows, replace_literally(regex, self.replacement))
