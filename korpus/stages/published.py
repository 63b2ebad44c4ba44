"""The stage `published`."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from korpus.stage import Edit
from korpus.stages.charset import Charset
from korpus.stages.emoji import Emoji
from korpus.stages.repeats import Repeats
from korpus.stages.urls import Urls
from korpus.stages.whitespace import Whitespace

if TYPE_CHECKING:
    import pyarrow as pa


@lru_cache(maxsize=4)
def _steps(emoji: Literal["remove", "keep"], soynlp: str) -> tuple[Edit, ...]:
    allowed = Charset(preset="kcelectra" if emoji == "remove" else "kcbert")
    return allowed, Emoji(mode=emoji), Urls(), Repeats(min_run=4 if soynlp == "0.0.493" else 3), Whitespace()


class Published(Edit):
    r"""Clean a text exactly as the published function of KcBERT and KcELECTRA does, character for character.

    Five steps, and nothing before or after them: every run of characters that match ``[^
    .,?!/@$%~％·∼()\x00-\x7Fㄱ-ㅣ가-힣]+`` becomes a space; emoji are removed; URLs are removed; runs of a character are
    shortened to two, and white space to one space, by ``repeat_normalize`` of soynlp. The recipes take the same steps
    one by one, and add ``nfc`` and ``masks``. To rebuild what a model saw, take this; to clean well, take
    ``recommended``: this blanks decomposed Hangul, Hanja and ``…``, for instance.

    ``★대박ㅋㅋㅋㅋㅋ https://example.com/a 最高!! → 대박ㅋㅋ !!``

    Source: the READMEs of github.com/Beomi/KcBERT and github.com/Beomi/KcELECTRA, sections on preprocessing. Which
    characters are emoji is up to the installed version of the package `emoji`.
    """

    emoji: Literal["remove", "keep"] = Field(
        "remove", description="The function as it is now removes emoji; the one until 2022 kept them."
    )
    soynlp: Literal["0.0.493", "git"] = Field(
        "0.0.493",
        description="0.0.493, the version on PyPI, shortens runs of four or more; its later source three or more.",
    )

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts as the published function does."""
        edited = texts
        for step in _steps(self.emoji, self.soynlp):
            edited = step.apply(edited)
        return texts if edited.equals(texts) else edited

    def tally(self, texts: pa.StringArray) -> dict[str, int]:
        """Return in how many of these texts shortening repeats changes a number."""
        *before, repeats, _ = _steps(self.emoji, self.soynlp)
        for step in before:
            texts = step.apply(texts)
        return repeats.tally(texts)
