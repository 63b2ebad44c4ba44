"""The stage `regex_filter`."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from korpus.batch import TEXT
from korpus.stage import Filter
from korpus.stages._regex import BRIEF_S, TIMEOUT, Engine, PythonRegex, applying, compiled, engine, first_by_re
from korpus.stages._rows import row_texts


class RegexFilter(Filter):
    r"""Drop documents in which a regular expression matches, or does not.

    A match anywhere in the text counts, as with Python's ``re.search``; ``^`` and ``$`` tie it to the ends.

    With ``pattern: ^\[광고\]``: ``[광고] 오늘만 반값 → dropped (matched)``

    Most patterns run on RE2, in linear time whatever the text. Those with lookarounds, back-references or ``\b`` run
    on Python's re, as does a pattern with ``$`` on texts that end in a line feed. There a document that takes too long
    is dropped as pattern_timeout; ``korpus check`` says what a pattern gets.
    """

    reasons: ClassVar[tuple[str, ...]] = ("matched", "not_matched", TIMEOUT)

    pattern: PythonRegex
    drop_on: Literal["match", "no_match"] = Field("match", description="Which documents are dropped.")
    ignore_case: bool = Field(False, description="Whether the pattern matches letters in either case.")

    def judge(self, batch: pa.RecordBatch) -> np.ndarray:
        """Return 1 for a document dropped as matched, 2 for one dropped as not_matched, 3 for a timeout, else 0."""
        texts = batch.column(TEXT)
        matched, rows, how = np.zeros(len(texts), bool), np.arange(len(texts)), self._engine()
        if how.pattern is not None and first_by_re(texts, rows):
            rows = self._search(texts, rows, matched, BRIEF_S)
        if how.pattern is not None and len(rows):
            at_end = how.at_end & pc.ends_with(texts, "\n").to_numpy(zero_copy_only=False)[rows]
            found = pc.match_substring_regex(texts.take(pa.array(rows[~at_end])), how.pattern)
            matched[rows[~at_end]] = found.to_numpy(zero_copy_only=False)
            rows = rows[at_end]
        late = self._search(texts, rows, matched)
        verdict = matched.astype(np.uint8) if self.drop_on == "match" else np.where(matched, 0, 2).astype(np.uint8)
        verdict[late] = 3
        return verdict

    def _search(
        self, texts: pa.StringArray, rows: np.ndarray, matched: np.ndarray, limit_s: float | None = None
    ) -> np.ndarray:
        """Write down which of some rows Python's re finds the pattern in; return those that took too long."""
        late = []
        with applying(compiled(self.pattern, self.ignore_case), None, texts, rows, limit_s) as find:
            for row, text in zip(rows.tolist(), row_texts(texts, rows)):
                hit = find(text)
                matched[row] = bool(hit)
                if hit is None:
                    late.append(row)
        return np.array(late, np.int64)

    def remarks(self) -> tuple[str, ...]:
        """Return which engine the pattern gets."""
        return (f"{self.pattern}: {self._engine()}",)

    def _engine(self) -> Engine:
        return engine(self.pattern, self.ignore_case)
