"""The stage `urls`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, field_validator

from korpus.errors import did_you_mean
from korpus.hangul.patterns import URLS
from korpus.stage import Edit
from korpus.stages._rows import edit_rows, replace_literally, rows_holding

if TYPE_CHECKING:
    import pyarrow as pa


class Urls(Edit):
    """Remove URLs.

    Every match of a regular expression goes, exactly as ``re.sub`` of Python would have it. The pattern `published`
    is the one of the cleaning function of KcBERT and KcELECTRA: an http or https URL up to the first character that
    is none of ``A-Z a-z 0-9 - ( ) @ : % _ + . ~ # ? & / =``. A URL without a scheme stays, and so does one whose host
    is followed by Hangul without a space (``https://example.com에서``); see `korpus.hangul.patterns`.

    ``여기 https://example.com/a?b=1에서 봤어요 → 여기 에서 봤어요``

    Texts without ``http`` are passed over at more than 1 GB/s.
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
        return edit_rows(texts, rows_holding(texts, must_contain), replace_literally(regex, self.replacement))
