"""The stage `regex_filter`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from korpus.batch import TEXT
from korpus.stage import Filter
from korpus.stages._regex import PythonRegex, compiled
from korpus.stages._rows import row_texts

if TYPE_CHECKING:
    import pyarrow as pa


class RegexFilter(Filter):
    r"""Drop documents in which a regular expression matches, or does not.

    A match anywhere in the text counts, as with Python's ``re.search``; ``^`` and ``$`` tie it to the ends.

    With ``pattern: ^\[광고\]``: ``[광고] 오늘만 반값 → dropped (matched)``

    A slow stage: each text becomes a Python string, so a simple pattern runs at 50 to 200 MB/s a core, and one that
    backtracks can take forever.
    """

    reasons: ClassVar[tuple[str, ...]] = ("matched", "not_matched")

    pattern: PythonRegex
    drop_on: Literal["match", "no_match"] = Field("match", description="Which documents are dropped.")
    ignore_case: bool = Field(False, description="Whether the pattern matches letters in either case.")

    def judge(self, batch: pa.RecordBatch) -> np.ndarray:
        """Return 1 for a document dropped as matched, 2 for one dropped as not_matched, else 0."""
        texts = batch.column(TEXT)
        search = compiled(self.pattern, self.ignore_case).search
        hits = (search(text) is not None for text in row_texts(texts, np.arange(len(texts))))
        matched = np.fromiter(hits, bool, len(texts))
        return matched.astype(np.uint8) if self.drop_on == "match" else np.where(matched, 0, 2).astype(np.uint8)
