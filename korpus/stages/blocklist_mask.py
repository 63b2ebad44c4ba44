"""The stage `blocklist_mask`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from korpus.stage import Edit
from korpus.stages._blocklist import Exceptions, Matcher, Particles, Words
from korpus.stages._rows import edit_rows

if TYPE_CHECKING:
    import pyarrow as pa


class BlocklistMask(Edit):
    """Mask the words of a list, and keep the documents.

    The words are found as ``blocklist`` finds them; the particle behind a word stays. Every word gets the same mask.

    With ``words: [바보]``: ``저 바보들은 바보상자만 본다`` → ``저 ***들은 바보상자만 본다``
    """

    words: Words
    exceptions: Exceptions = []
    particles: Particles = True
    replacement: str = Field("***", max_length=64, description="What takes the place of a word; taken literally.")

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts with the words masked."""
        matcher = Matcher(self.words, self.exceptions, self.particles)

        def mask(text: str) -> str:
            for start, end in reversed(list(matcher.find(text))):
                text = text[:start] + self.replacement + text[end:]
            return text

        return edit_rows(texts, matcher.rows(texts), mask)
