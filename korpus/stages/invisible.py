"""The stage `invisible`."""

from __future__ import annotations

import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING, ClassVar

from korpus.hangul.ranges import FINALS, INITIALS, SYLLABLES
from korpus.kernels.charset import matching
from korpus.stage import Edit
from korpus.stages._marked import edit_marked
from korpus.stages._rows import replace_from

if TYPE_CHECKING:
    import pyarrow as pa

# What emoji sequences are made of; and the scripts (Arabic to Khmer) in which joiners shape letters.
_EMOJI = "\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff\ufe0f"
_SHAPED = "\u0600-\u0fff\u1780-\u17ff"

_LINE = r"\r\n?|[\x0b\x0c\x85\u2028\u2029]"
_BLANK = "[\u3164\uffa0\u2800]|\u115f(?![\u1160-\u11a7])|(?<![\u1100-\u115f])\u1160"
# KS X 1001 writes the syllables that it has no code for as the filler and their three letters, the last of which may be
# the filler again or, as people type it, missing: ㅤㅂㅘㅅ is 봣, ㅤㅁㅝ is 뭐.
_SPELT = f"\u3164(?P<initial>[{INITIALS}])(?P<vowel>[ㅏ-ㅣ])(?P<final>[{FINALS}\u3164]?)"
_NOTHING = (
    "[\\x00-\\x08\\x0e-\\x1f\\x7f-\\x84\\x86-\\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    f"\ufff9-\ufffc]|(?<![{_SHAPED}])\u200c|(?<![{_EMOJI}{_SHAPED}])\u200d|\u200d(?![{_EMOJI}{_SHAPED}])"
    f"|(?<![#*0-9{_EMOJI}])[\ufe0e\ufe0f]"
)
_TAGS = "(?P<flag>\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f)|[\U000e0000-\U000e007f]"


@lru_cache(maxsize=1)
def _rule() -> re.Pattern[str]:
    return re.compile(f"(?P<spelt>{_SPELT})|(?P<line>{_LINE})|(?P<blank>{_BLANK})|{_TAGS}|{_NOTHING}")


_FIRST = re.compile(
    "[\r\x0b\x0c\x85\u2028\u2029\u3164\uffa0\u2800\u115f\u1160\u200c\u200d\ufe0e\ufe0f"
    "\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffc\U0001f3f4\U000e0000-\U000e007f]"
)
_BECOMES = {"line": "\n", "blank": " "}


class Invisible(Edit):
    r"""Remove characters that nobody sees: zero-width, bidirectional and control characters, fillers, tags.

    - Every kind of line end (CR LF, CR, VT, FF, NEL, U+2028, U+2029) becomes a line feed.
    - The blanks that people post as "empty" comments (Hangul filler U+3164, its half-width form U+FFA0, Braille blank
      U+2800, and the conjoining fillers where no jamo follows or precedes) become a space.
    - A syllable that is spelt with the filler, as KS X 1001 has it where it lacks the syllable (``ㅤㅂㅘㅅ``), becomes
      one (``봣``).
    - Control characters but tab and line feed, the soft hyphen, zero-width spaces and joiners, byte order marks, and
      the marks of text direction go, and so does the sign for an object that is missing (U+FFFC). Joiners and variation
      selectors stay inside emoji sequences, joiners also after letters of scripts that they shape (Arabic to Khmer);
      tag characters stay in flags.

    ``안녕<U+200B>하세요<U+FEFF> → 안녕하세요``

    Source: the Unicode Standard, general categories Cc and Cf, chapter 23.2. Texts without any of these are passed
    over at more than 1 GB/s.
    """

    version: ClassVar[int] = 2

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts without invisible characters."""

        def seen(match: re.Match[str]) -> str:
            if match["spelt"]:
                final = 0 if match["final"] in ("", "\u3164") else FINALS.index(match["final"]) + 1
                initial, vowel = INITIALS.index(match["initial"]), ord(match["vowel"]) - ord("ㅏ")
                return chr(SYLLABLES[0] + (initial * 21 + vowel) * 28 + final)
            return match["flag"] or _BECOMES.get(match.lastgroup or "", "")

        return edit_marked(texts, matching(_FIRST.pattern), partial(replace_from, _FIRST, _rule(), seen))
