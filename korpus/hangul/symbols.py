"""Symbols that say the same in two ways, and the one way that korpus writes them.

Only what a reader would take for the same is mapped. Everything with a meaning of its own (``₩ ℃ ½ ① ㎏ · ㆍ ※ ♥``)
stands in none of these tables and stays as it is; NFKC would rewrite much of it, and lone jamo too.

Sources: the Unicode Standard, block charts U+FF00 (full-width and half-width forms), U+2000 (general punctuation) and
U+3000 (CJK symbols).
"""

from __future__ import annotations

import unicodedata

_HALFWIDTH_HANGUL = {
    chr(code): chr(int(unicodedata.decomposition(chr(code)).split()[-1], 16))
    for first, last in ((0xFFA1, 0xFFBE), (0xFFC2, 0xFFC7), (0xFFCA, 0xFFCF), (0xFFD2, 0xFFD7), (0xFFDA, 0xFFDC))
    for code in range(first, last + 1)
}

CLAUSE_ENDS = "！，．：；？。、｡､"
"""Punctuation that is the usual one in Chinese and Japanese, and stays right after one of their characters. But for the
half-width ones it is as wide as a character, with the space that follows it, so that people type none."""

KANA_AND_HANJA = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
"""Those characters, as the inside of a character class."""

FACE = (
    r"[(（](?=(?:[^)）\n]?[´`｀＾^￣＿_・･·•°゜ﾟ∀∇▽△ωДд皿益;；*＊><＞＜=＝\-－ㅁㅂㅅㅇㅡㅠㅜ。｡╥╯◉◕◔◠◡☉⊙≧≦︿︵‿ᴗಥ\u0300-\u0361]){2})"
    r"[^()（）가-힣\u3040-\u30fa\u3400-\u4dbf\u4e00-\u9fff0-9０-９A-Za-zＡ-Ｚａ-ｚ\n]{2,10}[)）]"
)
"""A face in brackets, such as (´･ω･`): of signs that make eyes and mouths, without words and numbers."""

SYMBOLS: dict[str, dict[str, str]] = {
    # Full-width ASCII, and the full-width signs for which there is a narrow one in common use.
    "fullwidth": {chr(0xFF01 + i): chr(0x21 + i) for i in range(94)}
    | {"￠": "¢", "￡": "£", "￢": "¬", "￣": "¯", "￤": "¦", "￥": "¥", "￦": "₩"},
    # Half-width lone jamo, to those that keyboards type.
    "halfwidth": _HALFWIDTH_HANGUL,
    # ` is left out: in Korean web text it is a quote or a slip, and nobody knows which; but see `ACUTE_QUOTES`.
    "quotes": dict.fromkeys("‘’‚‛", "'") | dict.fromkeys("“”„‟", '"'),
    "dots": {"…": "...", "‥": "..", "⋯": "...", "｡": ".", "。": ".", "､": ",", "、": ","},
    "middle_dots": dict.fromkeys("‧․・･∙⋅", "·"),
    "dashes": dict.fromkeys("‐‑‒–—―−﹣", "-"),
    "tildes": dict.fromkeys("∼〜", "~"),
}

ACUTE_QUOTES = r"(?<![A-Za-z])[`´](?=[가-힣A-Za-z0-9])(?P<quoted>[^`´\n]{0,40}[가-힣A-Za-z0-9.!?])´"
"""A grave or acute accent before a word and an acute one after it: quotes, `정말´."""

VOWEL_DOTS = (
    "(?<![\u1100-\u115f\ua960-\ua97c])(?!(?<=[ㄱ-ㅎ]).[ㄱ-ㅎ])(?!(?<=[‘“'\"「『(\\[〈<]).[’”'\"」』)\\]〉>])"
    "(?P<vowels>ᆢ+|ᆞ+)(?![\u11a8-\u11ff])"
)
"""Vowels of the old language that no consonant begins: what keyboards of telephones type for dots. ᆢ is two of them.
Between lone consonants they are vowels after all (ㄴᆢㅁ), and alone between quotes or brackets they are named ('ᆞ')."""

BULLET_DOT = "(?<=[가-힣A-Za-z0-9)’”])(?P<bullet>•)(?=[가-힣A-Za-z0-9(‘“])"
"""A bullet between two words: a middle dot (공•사립)."""
