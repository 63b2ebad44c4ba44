"""Korean text that was read with the wrong encoding: telling it, and undoing it where that is certain."""

from __future__ import annotations

import re

from korpus.hangul.ranges import HANGUL

REPLACEMENTS = ("\ufffd", "占쏙옙", "ï¿½")
"""What stands for characters that a decoder found invalid: U+FFFD, and what two or one become by CP949 and CP1252."""

# Each character that a byte from 80 on may have become, by Latin-1 or by CP1252, back to that byte as Latin-1.
_TO_BYTES = {ord(bytes([b]).decode("cp1252")): b for b in range(0x80, 0x100) if b not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}

_UTF8 = re.compile(r"(?:[\xc2-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})+")
_JAMO = r"\xe3(?:\x84[\xb1-\xbf]|\x85[\x80-\xbf]|\x86[\x80-\x8e])"
_TWO_UTF8_LETTERS = re.compile(rf"(?:[\xea-\xed][\x80-\xbf]{{2}}|{_JAMO}){{2}}")
# UTF-8 of signs and letters of Latin-1, of punctuation and symbols, of wide marks, a byte order mark, or an emoji. As
# CP1252 the bytes behind the first are not all quotation marks, dashes or ellipses, which may well follow a letter.
_SIGNS = re.compile(
    r"\xc2[\xa0-\xbf]|\xc3[\x80-\xbf]|\xe2[\x80-\x9f][\x80-\xbf]|\xe3\x80[\x80-\xbf]"
    r"|\xef(?:[\xbc\xbd][\x80-\xbf]|\xbb\xbf)|\xf0\x9f[\x80-\xbf]{2}"
)
_AFTER_LETTERS = frozenset("‘’‚“”„–—…•‹›")
_HIGH = re.compile(r"[\x80-\xff]+")
_THREE_EUC_SYLLABLES = re.compile(r"(?:[\xb0-\xc8][\xa1-\xfe]){3}")
# A run of syllables, lone jamo and signs of KS X 1001; jamo begin with ¤, which no text has twice.
_EUC_RUN = re.compile(r"(?<![\x80-\xff])(?:[\xa1-\xa3\xb0-\xc8][\xa1-\xfe]|\xa4[\xa1-\xd3])+(?![\x80-\xff])")
_TWO_EUC_JAMO = re.compile(r"(?:\xa4[\xa1-\xd3]){2}")
IDEOGRAPHS = "".join(bytes([a, b]).decode("cp949") for a in range(0xEA, 0xEE) for b in range(0xA1, 0xC0))
"""To CP949 the two first bytes of a syllable in UTF-8 are one of these 124 ideographs, or nothing."""
_IDEOGRAPH = re.compile(f"[{IDEOGRAPHS}]")
# A run of characters beyond ASCII with such an ideograph, from its beginning on.
_FOREIGN = re.compile(rf"(?<![^\x00-\x7f])[^\x00-\x7f{IDEOGRAPHS}]*[{IDEOGRAPHS}][^\x00-\x7f]*")
# What follows a byte that was lost.
_BESIDE_LOST = re.compile("[?\ufffd]([^\x00-\x7f])")
_TWO_SYLLABLES = re.compile("[가-힣]{2}")
# Without one of these no text is changed or told: a letter in UTF-8, the better part of two in EUC-KR; or an ideograph.
# What it begins with is one class, for which `re` searches fast.
_HIGH_CHARS = "\x80-\xff" + "".join(sorted(map(chr, _TO_BYTES)))
_BEGINS = "¤°-Èâãê-íïð"
_EVIDENCE = re.compile(f"[{_BEGINS}](?:(?<=[ÂÃâãê-íïð])[{_HIGH_CHARS}]|(?<=[°-È])[{_HIGH_CHARS}]{{2}}|(?<=¤).¤)")

SUSPECTS = f"[{_BEGINS}{IDEOGRAPHS}\ufffd占]"
"""A text without such a character is neither changed nor told, and has lost nothing."""

_ANY_HANGUL = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in HANGUL) + "]")


def _decoded(runs: re.Pattern[str], as_bytes: str, text: str, encoding: str) -> str | None:
    """Return `text` with all runs read anew, or None where one cannot be; `as_bytes` is as long as `text`."""
    pieces: list[str] = []
    done = 0
    for run in runs.finditer(as_bytes):
        try:
            new = run[0].encode("latin-1").decode(encoding)
        except UnicodeDecodeError:
            return None
        pieces += (text[done : run.start()], new)
        done = run.end()
    return "".join((*pieces, text[done:]))


def _from_utf8(text: str) -> str | None:
    for _ in range(4):
        as_bytes = text.translate(_TO_BYTES)
        new = _decoded(_UTF8, as_bytes, text, "utf-8")
        # Nothing of the kind may be left over.
        if new is None or new == text or re.search(r"[\xe3-\xed]", _UTF8.sub("", as_bytes)):
            return None
        # Two neighbours: `así…”` alone would be read as one syllable.
        if _TWO_UTF8_LETTERS.search(as_bytes):
            return new
        text = new
    return None


def _from_euc_kr(text: str) -> str | None:
    if _ANY_HANGUL.search(text) or "¤" in text:
        return _runs_from_euc_kr(text)
    new = _decoded(_HIGH, text.translate(_TO_BYTES), text, "euc-kr")
    if new is None:
        return None
    n_foreign = sum(char > "\x7f" for char in new)
    n_hangul = len(_ANY_HANGUL.findall(new))
    # Four accented capitals in a row are no Korean, nor are six middle dots.
    n_different = len({char for char in new if "가" <= char <= "힣"})
    return new if n_hangul >= max(3, 0.7 * n_foreign) and n_different > 1 else None


def _is_euc_kr(run: str) -> bool:
    # Three syllables, not always the same letters, nor those of a table of characters; or two jamo.
    syllables = len(set(run)) > 3 and list(run) != sorted(run) and _THREE_EUC_SYLLABLES.search(run)
    return bool(syllables or _TWO_EUC_JAMO.search(run))


def _runs_from_euc_kr(text: str) -> str | None:
    """Return `text`, part of which is sound, with its runs of EUC-KR read anew, if one of them is certain."""
    as_bytes = text.translate(_TO_BYTES)
    if not any(_is_euc_kr(run[0]) for run in _EUC_RUN.finditer(as_bytes)):
        return None
    return _decoded(_EUC_RUN, as_bytes, text, "euc-kr")


def _signs(text: str) -> str | None:
    """Return `text` with signs and letters read anew that are alone (``3Â°C``, ``â™¥``)."""
    as_bytes = text.translate(_TO_BYTES)
    pieces: list[str] = []
    done = 0
    for match in _SIGNS.finditer(as_bytes):
        seen = text[match.start() : match.end()]
        wrong = _AFTER_LETTERS.issuperset(seen[1:])
        pieces += (text[done : match.start()], seen if wrong else match[0].encode("latin-1").decode("utf-8"))
        done = match.end()
    return "".join((*pieces, text[done:])) if done else None


def _utf8_in_cp949(text: str) -> tuple[str, int, int]:
    """Return `text` with every run read anew that is UTF-8 read as CP949, how many those are, and how many nearly so.

    A syllable is three bytes and gives half a character too many, so a run of an odd number of them has lost a byte.
    """
    n_whole = n_partly = 0
    if not _IDEOGRAPH.search(text):
        return text, n_whole, n_partly

    def read(run: re.Match[str]) -> str:
        nonlocal n_whole, n_partly
        raw = run[0].encode("cp949", "ignore")
        new = raw.decode("utf-8", "ignore")
        if not _TWO_SYLLABLES.search(new) or len(new.encode()) < 0.6 * len(raw):
            return run[0]
        whole = new.encode("utf-8") == raw and raw.decode("cp949") == run[0]
        n_whole, n_partly = n_whole + whole, n_partly + (not whole)
        return new if whole else run[0]

    new = _FOREIGN.sub(read, text)
    if n_whole and any(map(_is_rare, _BESIDE_LOST.findall(new))):
        n_partly += 1
    return new, n_whole, n_partly


def _is_rare(char: str) -> bool:
    """Tell whether a character is a syllable that KS X 1001 lacks, or a sign that no text has behind a lost byte."""
    code = char.encode("cp949", "ignore")
    return len(code) == 2 and (code[1] < 0xA1 or 0xA4 < code[0] < 0xB0)


def _from_cp949(text: str) -> str | None:
    new, n_whole, n_partly = _utf8_in_cp949(text)
    return new if n_whole and not n_partly else None


def repair(text: str) -> str:
    """Return the text as it was meant, where UTF-8 or EUC-KR was read as Latin-1 or CP1252, or UTF-8 as CP949.

    Undone only where it is certain: every byte of what is read anew must be valid, give neighbouring letters, and
    leave nothing of its kind behind. UTF-8 may have been misread up to four times. Beside sound Hangul, EUC-KR is
    undone run by run, and single signs and letters (``3Â°C``, ``â™¥``) are anywhere.
    """
    readers = (_from_utf8, _from_euc_kr, _from_cp949, _signs) if _EVIDENCE.search(text) else (_from_cp949,)
    for read in readers:
        new = read(text)
        if new is not None:
            return new
    return text


def is_broken(text: str) -> bool:
    """Tell whether Korean was read with the wrong encoding in the text, whether or not it can be repaired."""
    if any(_utf8_in_cp949(text)[1:]):
        return True
    if not _EVIDENCE.search(text):
        return False
    as_bytes = text.translate(_TO_BYTES)
    if _TWO_UTF8_LETTERS.search(as_bytes) or len(re.findall(r"[\xea-\xed][\x80-\xbf]{2}", as_bytes)) > 3:
        return True
    found = _THREE_EUC_SYLLABLES.search(as_bytes)
    return found is not None and len(set(found[0])) > 2 and not _ANY_HANGUL.search(text)


def n_lost(text: str) -> int:
    """Return how many characters of the text are gone, and only what stands for them is left."""
    return sum(text.count(sign) * (1 + (sign == "占쏙옙")) for sign in REPLACEMENTS)
