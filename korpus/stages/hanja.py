"""The stage `hanja`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import Field

from korpus.errors import MissingExtra
from korpus.kernels.charset import bitmap
from korpus.stage import Edit
from korpus.stages._marked import edit_marked

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

_RANGES = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAD9), (0x20000, 0x323AF))
_CLASS = "".join(f"{chr(first)}-{chr(last)}" for first, last in _RANGES)


@lru_cache(maxsize=1)
def _words() -> np.ndarray:
    return bitmap(_RANGES)


@lru_cache(maxsize=1)
def _removed() -> re.Pattern[str]:
    # 대한민국(大韓民國): the brackets go with what they held.
    return re.compile(rf"\([{_CLASS}·, ]*[{_CLASS}][{_CLASS}·, ]*\)|[{_CLASS}]+")


def _reader() -> Callable[[str], str]:
    try:
        from hanja import translate
    except ImportError:
        raise MissingExtra("the stage hanja with mode: read", "hanja") from None
    repeated = re.compile(rf"([가-힣]+)\(([{_CLASS}]+)\)|([가-힣]?)([{_CLASS}]+)")

    def read(match: re.Match[str]) -> str:
        if match[2]:
            reading = translate(match[2], "substitution")
            return match[1] if match[1].endswith(reading) else f"{match[1]}({reading})"
        return translate(match[3] + match[4], "substitution")

    return lambda text: repeated.sub(read, text)


class Hanja(Edit):
    """Keep Hanja, remove it, or read it as Hangul.

    With `read` each character becomes its Korean reading, by the table of the Python package `hanja`, at the beginning
    of a word by the rule for initial sounds (``女子`` is ``여자``). A reading in brackets that only repeats the word
    before it goes: ``대한민국(大韓民國)`` is ``대한민국``. With `remove` runs of Hanja go, and brackets that hold
    nothing else. With `keep` the stage does nothing.

    ``大韓民國은 → 대한민국은`` (`read`)

    Reading needs the extra ``korpus[hanja]``. Texts without Hanja are passed over at more than 1 GB/s.
    """

    mode: Literal["keep", "remove", "read"] = Field("keep", description="What becomes of Hanja.")

    def model_post_init(self, context: Any) -> None:
        """Fail before any data is read when the package is missing."""
        if self.mode == "read":
            _reader()

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts with their Hanja kept, removed or read."""
        if self.mode == "keep":
            return texts
        if self.mode == "remove":
            return edit_marked(texts, _words(), lambda text: _removed().sub("", text))
        return edit_marked(texts, _words(), _reader())
