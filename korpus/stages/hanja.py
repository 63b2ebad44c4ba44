"""The stage `hanja`."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from korpus.hangul.hanja import CLASS, RANGES, is_foreign, is_read, is_same_reading, read
from korpus.kernels.charset import bitmap
from korpus.stage import Edit
from korpus.stages._marked import edit_marked

if TYPE_CHECKING:
    import pyarrow as pa

_KANA = "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f々〆〇"
_PIECE = re.compile(
    rf"(?P<word>(?<![가-힣])[가-힣]+)(?P<quote>[’”'\"」』》〉]?)\((?P<gloss>[{CLASS}]+)(?P<rest>\s?[·,/:-][^()\n]{{1,40}})?\)"
    rf"|(?P<run>[{CLASS}]+)(?:\((?P<hangul>[가-힣]+)(?P<more>\s?[·,/:-][^()\n]{{1,40}})?\))?"
)
# All from one Hanja or kana to the last one before the next syllable.
_CHUNK = re.compile(rf"[{CLASS}{_KANA}](?:[^가-힣\n]*[{CLASS}{_KANA}])?")
_NOT_KOREAN = re.compile(rf"[{_KANA}]|[{CLASS}][，。；！？：「][{CLASS}]")
_HANJA = re.compile(f"[{CLASS}]+")
# Hanja without a syllable between them: more is running text of another language.
_MAX_HANJA = 24
_FACE = re.compile(r"[ㄱ-ㆎ^;*´`ﾟ°ω∀▽]").match
_SPOKEN = re.compile("[가-힣]+$")
# A lone one in brackets tells something of the word before it, rather than what it is: 김모(女).
_LABELS = frozenset("男女上中下左右前後新舊大小內外東西南北甲乙丙丁正副")


@lru_cache(maxsize=1)
def _words() -> np.ndarray:
    return bitmap(RANGES)


@lru_cache(maxsize=1)
def _removed() -> re.Pattern[str]:
    # 대한민국(大韓民國): the brackets go with what they held; of 김철수(金哲洙·45) the age stays.
    return re.compile(
        rf"\([{CLASS}·, ]*[{CLASS}][{CLASS}·, ]*\)|(?<=\()[{CLASS}]+\s?[·,/:-]\s?(?=[^()\n]{{1,40}}\))|[{CLASS}]+"
    )


def _remove(text: str) -> str:
    return _removed().sub("", text)


def _read(text: str) -> str:
    # Compatibility characters are the same as unified ones, and no others change with them.
    text = re.sub("[\uf900-\ufad9\U0002f800-\U0002fa1d]", lambda match: unicodedata.normalize("NFC", match[0]), text)
    foreign = [match.span() for match in _CHUNK.finditer(text) if _is_foreign(match[0])]
    return _PIECE.sub(lambda match: match[0] if _lies_in(foreign, match) else _read_piece(match), text)


def _is_foreign(chunk: str) -> bool:
    hanja = "".join(_HANJA.findall(chunk))
    return bool(_NOT_KOREAN.search(chunk)) or len(hanja) > _MAX_HANJA or (len(hanja) > 1 and is_foreign(hanja))


def _lies_in(spans: list[tuple[int, int]], match: re.Match[str]) -> bool:
    start = match.start("run") if match["run"] else match.start("gloss")
    i = bisect_right(spans, (start, len(match.string))) - 1
    return i >= 0 and start < spans[i][1]


def _read_piece(match: re.Match[str]) -> str:
    text, (start, end) = match.string, match.span()
    hanja = match["run"] or match["gloss"]
    if not is_read(hanja):
        return match[0]
    if match["gloss"]:
        return match["word"] + match["quote"] + _gloss(match["word"], hanja, match["rest"] or "")
    if len(hanja) == 1 and (_FACE(text[max(0, start - 1) : start]) or _FACE(text[end : end + 1])):
        return match[0]
    before, after = text[max(0, start - 8) : start], text[end : end + 8]
    reading = read(hanja, before, after)
    if match["hangul"] and not is_same_reading(match["hangul"], reading):
        return match[0].replace(hanja, reading, 1)
    if match["more"]:
        return f"{reading}({match['more'].strip(' ·,/:-')})"
    # 성性, 天下천하
    word = _SPOKEN.search(before)
    if (word and is_same_reading(word[0], reading)) or (len(reading) > 1 and after.startswith(reading)):
        return ""
    return reading


def _gloss(word: str, hanja: str, rest: str) -> str:
    """Return what stays of brackets behind a word: what tells more than how it is written."""
    reading = read(hanja)
    said = rest.strip(" ·,/:-")
    if len(word) >= len(reading) and is_same_reading(word[-len(reading) :], reading):
        return f"({said})" if said else ""
    if not rest and hanja not in _LABELS and (len(hanja) > 1 or len(word) < 3):
        return ""
    return f"({reading}{rest})"


class Hanja(Edit):
    """Keep Hanja, remove it, or read it as Hangul.

    With `read` Hanja becomes its Korean reading. Words that a table knows are read by the word (``音樂`` is ``음악``,
    ``敗北`` ``패배``), all else character by character with the rules for initial sounds (``女性`` is ``여성``,
    ``男女`` ``남녀``; ``比率`` ``비율``), for 不, 寧 and the family name 金. What stands twice stays once:
    ``大韓民國(대한민국)`` and ``대한민국(大韓民國)`` are ``대한민국``. Hanja in brackets behind a word is a gloss of it
    and goes, whatever it reads (``후베이(湖北)``), but for a lone one behind a longer word, and labels:
    ``김모(女·30)`` is ``김모(여·30)``. What stands between two syllables and holds kana, a character that Korean does
    not write, Chinese punctuation or more than 24 Hanja is Japanese or Chinese and stays, as do signs (``최고乃``).

    With `remove` runs of Hanja go, and brackets that hold nothing else. With `keep` the stage does nothing.

    ``大韓民國은 → 대한민국은`` (`read`)

    Of 173 cases in ``tests/korean/hanja.jsonl`` all are read, and 72 texts stay that shall. Of 100, 89, 74 and 50
    others, headlines, names and words, each written after the rules, 96, 84, 71 and 48 were right at first.

    Source: ``korpus/hangul/hanja.txt``, made from the dictionary of libhangul. Texts without Hanja are passed over at
    more than 1 GB/s.
    """

    version: ClassVar[int] = 3

    mode: Literal["keep", "remove", "read"] = Field("keep", description="What becomes of Hanja.")

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts with their Hanja kept, removed or read."""
        if self.mode == "keep":
            return texts
        return edit_marked(texts, _words(), _remove if self.mode == "remove" else _read)
