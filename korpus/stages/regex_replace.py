"""The stage `regex_replace`."""

from __future__ import annotations

import re
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, model_validator

from korpus.batch import n_bytes
from korpus.stage import Edit
from korpus.stages._regex import BRIEF_S, TIMEOUT, Engine, PythonRegex, applying, compiled, engine, first_by_re
from korpus.stages._rows import MAX_BYTES, edit_rows, rows_holding, too_large


class RegexReplace(Edit):
    r"""Replace every match of a regular expression.

    The result is that of Python's ``re.sub(pattern, replacement, text)``; in the replacement, ``\1`` and
    ``\g<name>`` stand for groups.

    With ``pattern: (\d+)만 ?원`` and ``replacement: \1만원``: ``3만 원에 샀어요 → 3만원에 샀어요``

    Most patterns run on RE2, in linear time whatever the text. Those with lookarounds, back-references, ``\b`` or
    matches that may be empty run on Python's re, as does a pattern with ``$`` on texts that end in a line feed. There a
    document that takes too long is rejected as ``pattern_timeout``; ``korpus check`` says what a pattern gets. Where
    every match holds a certain string, give it as `must_contain`: texts without it are passed over at more than 1 GB/s.
    """

    failure: ClassVar[str] = TIMEOUT

    pattern: PythonRegex
    replacement: str = Field(
        "", max_length=1024, description="What takes the place of a match, as a template of Python's re."
    )
    ignore_case: bool = Field(False, description="Whether the pattern matches letters in either case.")
    must_contain: str | None = Field(
        None, min_length=1, description="Texts without this string, in exactly this case, are left as they are."
    )

    @model_validator(mode="after")
    def _template_fits(self) -> RegexReplace:
        try:
            compiled(self.pattern, self.ignore_case).sub(self.replacement, "")
        except (re.error, IndexError) as error:
            raise ValueError(
                f"replacement must be a template that Python's re accepts with the pattern ({error}), "
                f"got {self.replacement!r}"
            ) from None
        return self

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts with all matches replaced."""
        rows = np.arange(len(texts)) if self.must_contain is None else rows_holding(texts, self.must_contain)
        how = self._engine()
        if how.pattern is not None and first_by_re(texts, rows):
            edited = self._edited(texts, rows, BRIEF_S)
            if not edited.null_count:
                return edited
            rows = np.flatnonzero(edited.is_null())
            texts = pc.coalesce(edited, texts)
        if how.pattern is not None:
            at_end = how.at_end & pc.ends_with(texts, "\n").to_numpy(zero_copy_only=False)[rows]
            texts, rows = _replaced(texts, rows[~at_end], how), rows[at_end]
        return self._edited(texts, rows)

    def _edited(self, texts: pa.StringArray, rows: np.ndarray, limit_s: float | None = None) -> pa.StringArray:
        """Return the texts with all matches in some rows replaced by Python's re; null where that took too long."""
        with applying(self._compiled(), self.replacement, texts, rows, limit_s) as edit:
            return edit_rows(texts, rows, edit)

    def remarks(self) -> tuple[str, ...]:
        """Return which engine the pattern gets."""
        return (f"{self.pattern}: {self._engine()}",)

    def _engine(self) -> Engine:
        return engine(self.pattern, self.ignore_case, self.replacement)

    def _compiled(self) -> re.Pattern[str]:
        return compiled(self.pattern, self.ignore_case)


def _replaced(texts: pa.StringArray, rows: np.ndarray, how: Engine) -> pa.StringArray:
    """Return the texts with all matches in some rows replaced by RE2; the very same array if there are none."""
    chosen = texts if len(rows) == len(texts) else texts.take(pa.array(rows))
    found = pc.match_substring_regex(chosen, how.pattern)
    if not found.true_count:
        return texts
    old = chosen.filter(found).cast(pa.large_string())
    new = pc.replace_substring_regex(old, how.pattern, how.replacement)
    if new.equals(old):
        return texts
    if n_bytes(texts) + pc.sum(pc.binary_length(new)).as_py() > MAX_BYTES:
        raise too_large(texts)
    mask = np.zeros(len(texts), bool)
    mask[rows[np.asarray(found)]] = True
    return pc.replace_with_mask(texts, pa.array(mask), new.cast(pa.string()))
