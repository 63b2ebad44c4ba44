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
    before its ellipsis (``그는 떠났다…``, ``늦게 잤는데…``) does not count, and one of a few characters (``너… 정말…``)
    neither: so a story trails off, or a chat. Texts of fewer lines than
    `applies_from_lines` are kept: a comment of one line may well trail off.

    ``정부, 오늘 오후 비상대책회의…⏎더 보기⏎내년 예산안에 담긴 항목은…⏎“처음 겪는 일” 큰 논란…⏎목록`` → dropped,
    too_many_ellipses (⏎ ends a line)

    Petitions have no lines; cut at sentences into 5,828 texts of 6 lines, 2 are dropped, wrongly. At the published
    ratio, 0.3, it were 30, of which 29 were prose: Koreans trail off. Of 117 texts of many kinds, written for this,
    none is dropped, of 43 lists of teasers all.

    Source: Rae et al. (2021), table A1, and `dps`, the pipeline of polyglot-ko, for what is measured; the ratio is our
    own, from that reading; the ellipses are in ``korpus/hangul/marks.py``.
    """

    version: ClassVar[int] = 3

    reasons: ClassVar[tuple[str, ...]] = ("too_many_ellipses",)

    max_ratio: float = Field(0.45, ge=0, le=1, description="Largest share of lines that end with an ellipsis.")
    applies_from_lines: int = Field(5, ge=1, le=1000, description="Texts of fewer lines are kept.")
    min_cut_chars: int = Field(
        12, ge=0, le=1000, description="Lines that are shorter before their ellipsis do not count."
    )
    marks: list[str] = Field(ELLIPSES, min_length=1, description="What counts as an ellipsis.")

    def judge(self, batch: pa.RecordBatch) -> np.ndarray:
        """Return 1 for a text that is dropped, else 0."""
        ellipsis = re.compile(f"(?:{'|'.join(map(re.escape, self.marks))})$")

        def counts(line: str) -> bool:
            found = ellipsis.search(line)
            cut = line[: found.start()].rstrip(_DOTS) if found else ""
            return found is not None and len(cut) >= self.min_cut_chars and not _FINISHED.search(cut)

        n_lines, share = line_shares(batch.column(TEXT), last_is(self.marks), counts, self.max_ratio)
        return ((n_lines >= self.applies_from_lines) & (share > self.max_ratio)).view("uint8")
