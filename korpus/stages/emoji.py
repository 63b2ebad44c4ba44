"""The stage `emoji`."""

from __future__ import annotations

import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from korpus.kernels.charset import bitmap
from korpus.stage import Edit
from korpus.stages._marked import edit_marked

if TYPE_CHECKING:
    import pyarrow as pa

_KEYCAP_BASES = set("#*0123456789")
_ZWJ, _KEYCAP, _TEXT_STYLE, _EMOJI_STYLE = "\u200d", "\u20e3", "\ufe0e", "\ufe0f"


@lru_cache(maxsize=1)
def _signs() -> np.ndarray:
    """Return the set of the characters one of which every text has that the library changes."""
    import emoji

    # A keycap begins with a digit, which is everywhere; its last character is not. The library also removes the two
    # variation selectors wherever they stand.
    points = {ord(sequence[0]) for sequence in emoji.EMOJI_DATA if sequence[0] not in _KEYCAP_BASES}
    points |= {ord(_KEYCAP), ord(_TEXT_STYLE), ord(_EMOJI_STYLE)}
    return bitmap((point, point) for point in points)


@lru_cache(maxsize=1)
def _runs() -> re.Pattern[str]:
    """Return a pattern of the stretches that the library can work on alone, with the result of the whole text."""
    import emoji

    # The library forgets what came before at each character that occurs in no emoji sequence, but for that character
    # itself; so a stretch is one of these and all that follow it up to the next. Past the BMP one wide range will do.
    members = {char for sequence in emoji.EMOJI_DATA for char in sequence}
    members |= {_ZWJ, _KEYCAP, _TEXT_STYLE, _EMOJI_STYLE}
    astral = [char for char in members if char > "\uffff"]
    plain = "".join(sorted(members.difference(astral)))
    return re.compile(f".?[{plain}{min(astral)}-{max(astral)}]+", re.DOTALL)


class Emoji(Edit):
    """Remove emoji, or write out their names.

    With `remove` every text becomes what ``emoji.replace_emoji(text, "")`` of the Python package `emoji` makes of it:
    sequences (families, flags, keycaps, skin tones) go whole, and the variation selectors U+FE0E and U+FE0F go
    wherever they stand. With `text` it becomes what ``emoji.demojize(text, language=…)`` makes of it; an emoji
    without a name in that language stays. With `keep` the stage does nothing.

    ``최고👍🏽 1️⃣등 → 최고 등`` (`remove`); ``최고👍 → 최고:올린_엄지:`` (`text`)

    Texts without emoji are passed over at more than 1 GB/s, others take 30 MB/s. Which characters are emoji is up
    to the installed version of the package.
    """

    mode: Literal["remove", "keep", "text"] = Field("remove", description="What becomes of emoji.")
    language: Literal["ko", "en"] = Field("ko", description="The language of the names, with `mode: text`.")

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts with their emoji removed, kept or named."""
        if self.mode == "keep":
            return texts
        import emoji

        if self.mode == "remove":
            edit = partial(_runs().sub, lambda run: emoji.replace_emoji(run[0], ""))
        else:
            edit = partial(_runs().sub, lambda run: emoji.demojize(run[0], language=self.language))
        return edit_marked(texts, _signs(), edit)
