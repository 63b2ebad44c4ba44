"""How BERT's tokenizer sees each Unicode character, as data.

Source: the `tokenizers` library 0.23, whose ``BertNormalizer(clean_text=True, handle_chinese_chars=True)`` and
``BertPreTokenizer`` were asked about every code point by `probe`; ``python -m korpus.vocab.bert_classes`` prints the
ranges anew. They are not those of any one Unicode version: unassigned characters count as letters, and some
newer punctuation does too. Ranges are hexadecimal, both ends included; characters in none of them are parts of words.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from korpus.kernels.words import ALONE, REMOVED, SPACE, WORD

REMOVED_RANGES = """
    0-8 b-c e-1f 7f-9f ad 600-605 61c 6dd 70f 180e 200b-200f 202a-202e 2060-2064 2066-206f e000-f8ff feff fff9-fffb
    fffd 110bd 1bca0-1bca3 1d173-1d17a e0001 e0020-e007f f0000-ffffd 100000-10fffd
"""
"""Control, format and private use characters, U+FFFD, and NUL: `clean_text` drops them."""

SPACE_RANGES = "9-a d 20 a0 1680 2000-200a 2028-2029 202f 205f 3000"
"""Whitespace: between words."""

ALONE_RANGES = """
    21-2f 3a-40 5b-60 7b-7e a1 a7 ab b6-b7 bb bf 37e 387 55a-55f 589-58a 5be 5c0 5c3 5c6 5f3-5f4 609-60a 60c-60d 61b
    61e-61f 66a-66d 6d4 700-70d 7f7-7f9 830-83e 85e 964-965 970 af0 df4 e4f e5a-e5b f04-f12 f14 f3a-f3d f85 fd0-fd4
    fd9-fda 104a-104f 10fb 1360-1368 1400 166d-166e 169b-169c 16eb-16ed 1735-1736 17d4-17d6 17d8-17da 1800-180a
    1944-1945 1a1e-1a1f 1aa0-1aa6 1aa8-1aad 1b5a-1b60 1bfc-1bff 1c3b-1c3f 1c7e-1c7f 1cc0-1cc7 1cd3 2010-2027
    2030-2043 2045-2051 2053-205e 207d-207e 208d-208e 2308-230b 2329-232a 2768-2775 27c5-27c6 27e6-27ef 2983-2998
    29d8-29db 29fc-29fd 2cf9-2cfc 2cfe-2cff 2d70 2e00-2e2e 2e30-2e42 3001-3003 3008-3011 3014-301f 3030 303d 30a0
    30fb 3400-4dbf 4e00-9fff a4fe-a4ff a60d-a60f a673 a67e a6f2-a6f7 a874-a877 a8ce-a8cf a8f8-a8fa a8fc a92e-a92f
    a95f a9c1-a9cd a9de-a9df aa5c-aa5f aade-aadf aaf0-aaf1 abeb f900-faff fd3e-fd3f fe10-fe19 fe30-fe52 fe54-fe61
    fe63 fe68 fe6a-fe6b ff01-ff03 ff05-ff0a ff0c-ff0f ff1a-ff1b ff1f-ff20 ff3b-ff3d ff3f ff5b ff5d ff5f-ff65
    10100-10102 1039f 103d0 1056f 10857 1091f 1093f 10a50-10a58 10a7f 10af0-10af6 10b39-10b3f 10b99-10b9c
    11047-1104d 110bb-110bc 110be-110c1 11140-11143 11174-11175 111c5-111c9 111cd 111db 111dd-111df 11238-1123d
    112a9 114c6 115c1-115d7 11641-11643 1173c-1173e 12470-12474 16a6e-16a6f 16af5 16b37-16b3b 16b44 1bc9f
    1da87-1da8b 20000-2a6df 2a700-2b81f 2b920-2ceaf 2f800-2fa1f
"""
"""Punctuation, and all ASCII symbols; and the blocks of Chinese characters: each is a word of its own."""


@lru_cache(maxsize=1)
def table() -> np.ndarray:
    """Return the class of every code point, as `korpus.kernels.words` wants it.

    Returns
    -------
    uint8, shape (0x110000,), read-only
    """
    classes = np.full(0x110000, WORD, np.uint8)
    for kind, ranges in ((REMOVED, REMOVED_RANGES), (SPACE, SPACE_RANGES), (ALONE, ALONE_RANGES)):
        for item in ranges.split():
            first, _, last = item.partition("-")
            classes[int(first, 16) : int(last or first, 16) + 1] = kind
    classes.flags.writeable = False
    return classes


def probe() -> np.ndarray:
    """Return the same table, found out from the installed `tokenizers`: it takes a second or two.

    Every code point is put between an x and a y; what comes back of the three tells its class.
    """
    from tokenizers import normalizers, pre_tokenizers

    clean = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=False, lowercase=False
    ).normalize_str
    split = pre_tokenizers.BertPreTokenizer().pre_tokenize_str
    classes = np.full(0x110000, WORD, np.uint8)
    for block in range(0, 0x110000, 4096):
        codes = [code for code in range(block, block + 4096) if not 0xD800 <= code <= 0xDFFF]
        words = (word for word, _ in split(clean(" ".join(f"x{chr(code)}y" for code in codes))))
        for code in codes:
            word = next(words)
            if word == "x":
                classes[code] = SPACE if next(words) == "y" else ALONE
                if classes[code] == ALONE:
                    next(words)
            elif word == "xy":
                classes[code] = REMOVED
    return classes


def _ranges(codes: np.ndarray) -> str:
    runs = np.split(codes, np.flatnonzero(np.diff(codes) > 1) + 1)
    return " ".join(f"{run[0]:x}" if len(run) == 1 else f"{run[0]:x}-{run[-1]:x}" for run in runs)


if __name__ == "__main__":  # prints the ranges above anew
    for kind in (REMOVED, SPACE, ALONE):
        print(kind, _ranges(np.flatnonzero(probe() == kind)), sep="\n")
