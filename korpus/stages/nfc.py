"""The stage ``nfc``."""

from __future__ import annotations

import unicodedata
from functools import cache, partial

import numpy as np
import pyarrow as pa

from korpus.kernels.charset import bitmap
from korpus.stage import Edit
from korpus.stages._marked import edit_marked

# No character beyond the first three planes has ever had a combining class or a canonical decomposition; whatever is
# up there counts as unsafe, should that change.
_N_SAFE = 0x30000


@cache
def _unsafe() -> np.ndarray:
    # A text is in NFC if no character of it reorders (has a combining class), decomposes for good, or may join the
    # one before it (is the second half of a canonical decomposition, or a conjoining vowel or final).
    chars = [chr(code) for code in range(_N_SAFE)]
    safe = np.fromiter(map(unicodedata.combining, chars), np.uint8, _N_SAFE) == 0
    for code, parts in enumerate(map(unicodedata.decomposition, chars)):
        if parts and parts[0] != "<":
            safe[code] &= unicodedata.is_normalized("NFC", chars[code])
            for second in parts.split()[1:]:
                safe[int(second, 16)] = False
    safe[0x1161:0x1176] = safe[0x11A8:0x11C3] = False
    words = ~bitmap((code, code) for code in np.flatnonzero(safe).tolist())
    words.flags.writeable = False
    return words


class NFC(Edit):
    """Compose characters to Unicode NFC, so that decomposed Hangul survives whatever follows.

    Text from macOS or from some PDF files comes with each syllable taken apart into conjoining jamo; most patterns for
    Korean take these for foreign characters. NFC joins them again and is otherwise invisible. Never NFKC: that would
    turn ``ㅋㅋ`` into conjoining jamo, ``①`` into ``1`` and ``㎏`` into ``kg``.

    ``ㅎㅏㄴ`` written as three conjoining jamo (U+1112 U+1161 U+11AB) → ``한`` (U+D55C)

    Source: Unicode Standard Annex 15; the result is that of Python's `unicodedata`. Rows in which nothing can change
    are recognised by a table and not touched.
    """

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts in NFC."""
        return edit_marked(texts, _unsafe(), partial(unicodedata.normalize, "NFC"))
