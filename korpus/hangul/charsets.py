"""Named sets of allowed characters: the presets of the stage ``charset``.

Each is a tuple of ranges as `korpus.hangul.ranges.parse_range` reads them; ``emoji`` stands for every character that
occurs in an emoji sequence of the ``emoji`` library (joiners, variation selectors, keycaps' digits and flags' letters
included).
"""

from __future__ import annotations

from korpus.hangul.ranges import HANGUL, parse_range

EMOJI = "emoji"

_HANGUL = tuple(f"U+{first:04X}-U+{last:04X}" for first, last in HANGUL)

# Published with KcELECTRA and, since 2022, with KcBERT (both READMEs, "Preprocessing"):
#     [^ .,?!/@$%~％·∼()\x00-\x7Fㄱ-ㅣ가-힣]+
# All of its punctuation is ASCII but ％ (U+FF05), · (U+00B7) and ∼ (U+223C).
_KCELECTRA = ("U+0000-U+007F", "％", "·", "∼", "ㄱ-ㅣ", "가-힣")

_KOREAN = (
    *("\t", "\n", "\r", "U+0020-U+007E"),  # ASCII
    *_HANGUL,
    *("〇", "U+3400-U+4DBF", "U+4E00-U+9FFF", "U+F900-U+FAD9", "U+20000-U+2FA1D"),  # Hanja
    *("U+00A1-U+00AC", "U+00AE-U+02AF", "U+1E00-U+1EFF"),  # Latin-1 punctuation but the soft hyphen, Latin, phonetics
    "U+02B0-U+02FF",  # modifiers: ˘ ˚ ˝
    *("U+0384-U+03FF", "U+1F00-U+1FFE"),  # Greek
    *("‐-‧", "‰-⁞"),  # general punctuation
    *("⁰-₎", "₠-⃀", "℀-↋"),  # superscripts, currency, letterlike, fractions and Roman numerals
    *("←-⋿", "⌀-⏿"),  # arrows, mathematics, technical
    *("①-⓿", "─-◿"),  # enclosed, boxes, shapes
    *("☀-⟿", "⤀-⯿"),  # miscellaneous symbols, dingbats, arrows and mathematics again
    *("、-〿", "・"),  # CJK punctuation
    *("㈀-㋿", "㌀-㏿"),  # enclosed Hangul and Hanja, units
    *("U+0300-U+036F", "U+20D0-U+20F0", "U+FE0E-U+FE0F"),  # what combines with a letter, a digit or a symbol
    *("︰-﹏", "﹐-﹫", "！-･", "￠-￦"),  # forms of other widths
    *("U+1D400-U+1D7FF", "U+1F100-U+1F10C"),  # Latin and digits in mathematical dress, digits with a full stop
)

PRESETS: dict[str, tuple[str, ...]] = {
    "kcelectra": _KCELECTRA,
    # The pattern of the same README before that, f"[^ .,?!/@$%~％·∼()\x00-\x7Fㄱ-ㅣ가-힣{emojis}]+", which KcBERT was
    # pretrained with. (Its first days had ㄱ-힣, which lets Chinese characters through; the text beside it says that
    # they are left out.) Which emoji there are depends on the version of the emoji library.
    "kcbert": (*_KCELECTRA, EMOJI),
    # Our own: every Hangul letter, and the white space between words. Digits and punctuation go.
    "hangul": (" ", "\t", "\n", "\r", *_HANGUL),
    # Our own: what Korean texts are written with. Hangul, Hanja, Latin, Greek, digits, and the punctuation, units and
    # symbols of the blocks from which Korean keyboards and word processors take theirs (rows 1 to 8 of KS X 1001 lie
    # in them). No controls, other scripts or emoji.
    "korean": _KOREAN,
    # Our own: that, and kana, Cyrillic and emoji, which stand in posts, with particles after them like any word.
    "web": (*_KOREAN, "U+0400-U+052F", "U+3041-U+3096", "U+3099-U+30FF", "U+31F0-U+31FF", "U+FF66-U+FF9F", EMOJI),
}


def ranges(preset: str) -> list[tuple[int, int]]:
    """Return the code points of a preset as inclusive ranges.

    Parameters
    ----------
    preset : str
        A key of `PRESETS`.
    """
    found = [parse_range(text) for text in PRESETS[preset] if text != EMOJI]
    if EMOJI in PRESETS[preset]:
        from emoji import EMOJI_DATA

        found.extend((code, code) for code in sorted(set(map(ord, "".join(EMOJI_DATA)))))
    return found
