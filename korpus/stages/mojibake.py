"""The stage `mojibake`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from korpus.hangul.mojibake import SUSPECTS, repair
from korpus.kernels.charset import matching
from korpus.stage import Edit
from korpus.stages._marked import edit_marked

if TYPE_CHECKING:
    import pyarrow as pa


class Mojibake(Edit):
    """Repair Korean that was read with the wrong encoding, where that is certain.

    UTF-8 that was read as Latin-1 or CP1252 (up to four times) or as CP949, and EUC-KR that was read as Latin-1 or
    CP1252. Certain is a repair in which every byte is valid, that gives syllables or lone jamo next to each other (for
    EUC-KR: three syllables or two jamo in one run, beside sound Hangul too), and that leaves nothing of the kind
    behind; and that of signs and letters that are nothing else (``3Â°C``, ``â™¥``, emoji). Anything else is left as
    it is; the filter ``broken_text`` drops it. Run it first: an edit before it may destroy what is needed.

    ``ì•ˆë…•í•˜ì„¸ìš” → 안녕하세요``

    Texts without the letters that give it away are passed over at more than 1 GB/s.
    """

    version: ClassVar[int] = 3

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts as they were meant."""
        return edit_marked(texts, matching(SUSPECTS), repair)
