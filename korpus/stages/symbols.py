"""The stage `symbols`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from korpus.hangul.symbols import CLAUSE_ENDS, KANA_AND_HANJA, SYMBOLS
from korpus.kernels.charset import bitmap
from korpus.stage import Edit
from korpus.stages._marked import edit_marked

if TYPE_CHECKING:
    import pyarrow as pa

Table = Literal["fullwidth", "halfwidth", "quotes", "dots", "middle_dots", "dashes", "tildes"]


@lru_cache(maxsize=8)
def _rule(skip: frozenset[str]) -> tuple[dict[str, str], re.Pattern[str], np.ndarray]:
    table = {char: new for name in SYMBOLS if name not in skip for char, new in SYMBOLS[name].items()}
    every = "".join(map(re.escape, table))
    pattern = re.compile(f"[{KANA_AND_HANJA}][{CLAUSE_ENDS}]+|[{every}]")
    return table, pattern, bitmap((ord(char), ord(char)) for char in table)


class Symbols(Edit):
    """Write symbols that say the same in one way, by tables; none is ever blanked.

    - ``fullwidth``: ``Ａ１！％`` become ``A1!%``, ``￦`` becomes ``₩``; ``halfwidth``: ``ﾡ`` becomes ``ㄱ``;
    - ``quotes``: ``“ ” ‘ ’`` become ``"`` and ``'``;
    - ``dots``: ``…`` becomes ``...``, ``。 、`` become ``. ,``; ``middle_dots``: ``・ ‧ ∙`` become ``·``;
    - ``dashes``: ``– — ―`` become ``-``; ``tildes``: ``〜 ∼`` become ``~``.

    What is in no table stays as it is: ``₩ ℃ ½ ① ㎏ · ㆍ ※ ♥``. That is what sets the stage apart from NFKC, which also
    turns lone jamo into conjoining ones. Punctuation right after kana or Hanja is left to Chinese and Japanese.

    ``“３０％ 할인…” → "30% 할인..."``

    Source: ``korpus/hangul/symbols.py``. Texts without such symbols are passed over at more than 1 GB/s.
    """

    skip: list[Table] = Field([], max_length=len(SYMBOLS) - 1, description="Tables that are not applied.")

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts with their symbols mapped."""
        table, pattern, words = _rule(frozenset(self.skip))
        # What is in no table is punctuation after kana or Hanja, and stays.
        return edit_marked(texts, words, lambda text: pattern.sub(lambda match: table.get(match[0], match[0]), text))
