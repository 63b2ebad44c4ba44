"""The stage `bullets`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import Field

from korpus.batch import TEXT
from korpus.hangul.marks import BULLETS
from korpus.stage import Filter
from korpus.stages._units import marked_lines

if TYPE_CHECKING:
    import pyarrow as pa


class Bullets(Filter):
    """Drop texts most of whose lines are items of a list.

    Of the lines that are not blank, the share of those that begin with a bullet is at most `max_ratio`. What counts as
    a bullet is in `marks`; a hyphen, an asterisk or ``ㅇ`` counts if a space follows, so that neither ``-5도`` nor
    ``ㅇㅋ`` is one. Texts of fewer lines than `applies_from_lines` are kept: a comment of one line is no list.

    ``- 딸기⏎- 우유⏎- 세제⏎- 휴지`` → dropped, too_many_bullets (⏎ is the end of a line)

    Source: Rae et al. (2021), table A1, and `dps`, the pipeline of polyglot-ko, for the ratio; the bullets of Korean
    documents are in ``korpus/hangul/marks.py``.
    """

    reasons: ClassVar[tuple[str, ...]] = ("too_many_bullets",)

    max_ratio: float = Field(0.9, ge=0, le=1, description="Largest share of lines that begin with a bullet.")
    applies_from_lines: int = Field(3, ge=1, le=1000, description="Texts of fewer lines are kept.")
    marks: list[str] = Field(BULLETS, min_length=1, description="What counts as a bullet.")

    def judge(self, batch: pa.RecordBatch) -> np.ndarray:
        """Return 1 for a text that is dropped, else 0."""
        n_lines, n_marked = marked_lines(batch.column(TEXT), self.marks, at_end=False)
        ratio = n_marked / np.maximum(n_lines, 1)
        return ((n_lines >= self.applies_from_lines) & (ratio > self.max_ratio)).view("uint8")
