"""The stage `hanja`."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from korpus.hangul.hanja import CLASS, RANGES, is_read, is_same_reading, read
from korpus.kernels.charset import bitmap
from korpus.stage import Edit
from korpus.stages._marked import edit_marked

if TYPE_CHECKING:
    import pyarrow as pa

_KANA = "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f々〆〇"
_QUOTE = "[’”'\"」』》〉]"
# A run with all that stands around it without a space in Japanese and Chinese: kana, and their punctuation.
_PIECE = re.compile(
    rf"(?P<word>[가-힣]+)(?P<quote>{_QUOTE}?)\((?P<gloss>[{CLASS}]+)(?P<rest>[·,/ ][^()\n]{{0,40}})?\)"
    rf"|(?P<run>[{CLASS}{_KANA}](?:[{CLASS}{_KANA}]|[，。、；！？：「」『』・](?=[{CLASS}{_KANA}]))*)"
    rf"(?P<doubled>\((?P<hangul>[가-힣]+)\))?"
)
_CHINESE = re.compile(rf"[{CLASS}][，。；！？：「][{CLASS}]")
_FACE = re.compile(r"[ㄱ-ㆎ^;*´`ﾟ°ω∀▽]").match
_SPOKEN = re.compile("[가-힣]+$")


@lru_cache(maxsize=1)
def _words() -> np.ndarray:
    return bitmap(RANGES)


@lru_cache(maxsize=1)
def _removed() -> re.Pattern[str]:
    # 대한민국(大韓民國): the brackets go with what they held; of 김철수(金哲洙·45) the age stays.
    return re.compile(rf"\([{CLASS}·, ]*[{CLASS}][{CLASS}·, ]*\)|(?<=\()[{CLASS}]+\s?[·,/]\s?(?=[^()\n]{{1,40}}\))|[{CLASS}]+")


def _remove(text: str) -> str:
    return _removed().sub("", text)


def _read(text: str) -> str:
    # Compatibility characters are the same as unified ones, and no others change with them.
    text = re.sub("[\uf900-\ufad9\U0002f800-\U0002fa1d]", lambda match: unicodedata.normalize("NFC", match[0]), text)
    return _PIECE.sub(_read_piece, text)


def _read_piece(match: re.Match[str]) -> str:
    text, (start, end) = match.string, match.span()
    if gloss := match["gloss"]:
        rest = (match["rest"] or "").lstrip("·,/ ")
        if not is_read(gloss) and not rest:
            return match[0]
        return match["word"] + match["quote"] + (f"({rest})" if rest else "")
    run = match["run"]
    if not is_read(run) or (len(run) == 1 and (_FACE(text[start - 1 : start]) or _FACE(text[end : end + 1]))):
        return match[0]
    before = text[max(0, start - 8) : start]
    reading = read(run, before, text[end : end + 8])
    if (word := _SPOKEN.search(before)) and is_same_reading(word[0], reading):
        reading = ""  # 성性
    if match["doubled"] and not is_same_reading(match["hangul"], reading):
        return reading + match["doubled"]
    return reading


class Hanja(Edit):
    """Keep Hanja, remove it, or read it as Hangul.

    With `read` Hanja becomes its Korean reading: words that a table knows by the word (``音樂`` is ``음악``, ``敗北``
    ``패배``), all else character by character with the rules for initial sounds (``女性`` is ``여성``, ``男女`` ``남녀``;
    ``比率`` ``비율``), for 不 and for the family name 金. What stands twice stays once: ``大韓民國(대한민국)`` and
    ``대한민국(大韓民國)`` are ``대한민국``; Hanja in brackets behind a word is a gloss and goes, whatever it reads. A run
    that holds kana, a character that Korean does not write, or Chinese punctuation is Japanese or Chinese and stays, as
    do signs (``최고乃``).

    With `remove` runs of Hanja go, and brackets that hold nothing else. With `keep` the stage does nothing.

    ``大韓民國은 → 대한민국은`` (`read`)

    Source: ``korpus/hangul/hanja.txt``, made from the dictionary of libhangul. Texts without Hanja are passed over at
    more than 1 GB/s.
    """

    version: ClassVar[int] = 2

    mode: Literal["keep", "remove", "read"] = Field("keep", description="What becomes of Hanja.")

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts with their Hanja kept, removed or read."""
        if self.mode == "keep":
            return texts
        return edit_marked(texts, _words(), _remove if self.mode == "remove" else _read)
