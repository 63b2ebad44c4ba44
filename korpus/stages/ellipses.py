"""The stage `ellipses`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import Field

from korpus.batch import TEXT
from korpus.hangul.marks import ELLIPSES, FINISHED
from korpus.stage import Filter
from korpus.stages._units import last_is, line_shares

if TYPE_CHECKING:
    import pyarrow as pa


_FINISHED = re.compile(FINISHED)
_DOTS = ".…⋯·ㆍ "


class Ellipses(Filter):
    """Drop texts many of whose lines break off with an ellipsis, as lists of teasers do.

    Of the lines that are not blank, the share of those that end with an ellipsis is at most `max_ratio`. What counts as
    an ellipsis is in `marks`; two dots do not, since Koreans end finished sentences with them. A line that is finished
    before its ellipsis (``그는 떠났다…``) does not count: so a story trails off. Texts of fewer lines than
    `applies_from_lines` are kept: a comment of one line may well trail off.

    ``정부, 오늘 오후…⏎내년 예산안에…⏎“처음 아니다” 논란…⏎더 보기⏎목록`` → dropped, too_many_ellipses (⏎ ends a line)

    The movie reviews, comments and petitions that this was settled on hold ten texts of several lines, none of which is
    dropped; the rule was tried on stories and lists of teasers, see ``tests/test_filters.py``.

    Source: Rae et al. (2021), table A1, and `dps`, the pipeline of polyglot-ko, for the ratio; the ellipses are in
    ``korpus/hangul/marks.py``.
    """

    version: ClassVar[int] = 2

    reasons: ClassVar[tuple[str, ...]] = ("too_many_ellipses",)

    max_ratio: float = Field(0.3, ge=0, le=1, description="Largest share of lines that end with an ellipsis.")
    applies_from_lines: int = Field(5, ge=1, le=1000, description="Texts of fewer lines are kept.")
    marks: list[str] = Field(ELLIPSES, min_length=1, description="What counts as an ellipsis.")

    def judge(self, batch: pa.RecordBatch) -> np.ndarray:
        """Return 1 for a text that is dropped, else 0."""
        ellipsis = re.compile(f"(?:{'|'.join(map(re.escape, self.marks))})$")

        def counts(line: str) -> bool:
            found = ellipsis.search(line)
            return found is not None and not _FINISHED.search(line[: found.start()].rstrip(_DOTS))

        n_lines, share = line_shares(batch.column(TEXT), last_is(self.marks), counts, self.max_ratio)
        return ((n_lines >= self.applies_from_lines) & (share > self.max_ratio)).view("uint8")
