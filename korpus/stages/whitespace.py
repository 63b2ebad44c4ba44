"""The stage ``whitespace``."""

from __future__ import annotations

import pyarrow as pa
from pydantic import Field

from korpus.kernels.charset import matching
from korpus.kernels.whitespace import find_spaces
from korpus.stage import Edit
from korpus.stages._spans import edit_spans


class Whitespace(Edit):
    r"""Make every run of white space one space, and take it away at both ends.

    White space is what Python's ``\s`` matches: the ideographic space, the no-break space and line separators too, but
    not the zero-width space. The same as ``re.sub(r"\s+", " ", text).strip()``.

    With `keep_newlines`, a run that holds a line feed becomes one line feed: lines stay, blank lines go. With
    `keep_paragraphs`, a run that holds several becomes two: one blank line stays where there were any.

    ``<tab>배송　빠르고  좋아요<newline>`` → ``배송 빠르고 좋아요``
    """

    keep_newlines: bool = Field(False, description="Whether a run that holds a line feed becomes one line feed.")
    keep_paragraphs: bool = Field(False, description="Whether a run that holds several line feeds becomes two.")

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts with single spaces."""
        max_newlines = 2 if self.keep_paragraphs else int(self.keep_newlines)
        return edit_spans(texts, find_spaces, matching(r"\s"), max_newlines)
