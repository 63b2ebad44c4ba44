"""Korean text that was read with the wrong encoding: telling it, and undoing it where that is certain."""

from __future__ import annotations

import re

from korpus.hangul.ranges import HANGUL

REPLACEMENT = "\ufffd"

# Each character that a byte from 80 on may have become, by Latin-1 or by CP1252, back to that byte as Latin-1.
_TO_BYTES = {ord(bytes([b]).decode("cp1252")): b for b in range(0x80, 0x100) if b not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}

_UTF8 = re.compile(r"(?:[\xc2-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})+")
_TWO_UTF8_SYLLABLES = re.compile(r"(?:[\xea-\xed][\x80-\xbf]{2}){2}")
_HIGH = re.compile(r"[\x80-\xff]+")
_THREE_EUC_SYLLABLES = re.compile(r"(?:[\xb0-\xc8][\xa1-\xfe]){3}")
# The two first bytes of a syllable in UTF-8 are, to CP949, one of these 124 ideographs, or nothing.
_IDEOGRAPHS = "".join(bytes([a, b]).decode("cp949") for a in range(0xEA, 0xEE) for b in range(0xA1, 0xC0))
_IDEOGRAPH = re.compile(f"[{_IDEOGRAPHS}]")
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_TWO_SYLLABLES = re.compile("[가-힣]{2}")
# Without one of these no text is changed or told: a syllable in UTF-8, the better part of two in EUC-KR, an ideograph.
_HIGH_CHARS = "\x80-\xff" + "".join(sorted(map(chr, _TO_BYTES)))
_EVIDENCE = re.compile(f"[ê-í][{_HIGH_CHARS}]|[°-È][{_HIGH_CHARS}][{_HIGH_CHARS}]|[{_IDEOGRAPHS}]")

SIGNS = ((0xB0, 0xC8), (0xEA, 0xED), *((ord(char), ord(char)) for char in _IDEOGRAPHS))
"""Ranges of characters, one of which is in every text that `repair` changes or `is_broken` tells."""

_ANY_HANGUL = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in HANGUL) + "]")


def _decoded(runs: re.Pattern[str], as_bytes: str, text: str, encoding: str) -> str | None:
    """Return `text` with all runs read anew, or None where one cannot be; `as_bytes` is as long as `text`."""
    pieces, done = [], 0
    for run in runs.finditer(as_bytes):
        try:
            new = run[0].encode("latin-1").decode(encoding)
        except UnicodeDecodeError:
            return None
        pieces += (text[done : run.start()], new)
        done = run.end()
    return "".join((*pieces, text[done:]))


def _from_utf8(text: str) -> str | None:
    for _ in range(2):
        as_bytes = text.translate(_TO_BYTES)
        new = _decoded(_UTF8, as_bytes, text, "utf-8")
        # Nothing of the kind may be left over.
        if new is None or new == text or re.search(r"[\xe3-\xed]", _UTF8.sub("", as_bytes)):
            return None
        # Two neighbours: `así…”` alone would be read as one syllable.
        if _TWO_UTF8_SYLLABLES.search(as_bytes):
            return new
        text = new
    return None


def _from_euc_kr(text: str) -> str | None:
    if _ANY_HANGUL.search(text):
        return None
    new = _decoded(_HIGH, text.translate(_TO_BYTES), text, "euc-kr")
    if new is None:
        return None
    n_foreign = sum(char > "\x7f" for char in new)
    n_hangul = len(_ANY_HANGUL.findall(new))
    # Four accented capitals in a row are no Korean, nor are six middle dots.
    n_different = len({char for char in new if "가" <= char <= "힣"})
    return new if n_hangul >= max(3, 0.7 * n_foreign) and n_different > 1 else None


def _utf8_in_cp949(text: str) -> tuple[str, int, int]:
    """Return `text` with every run read anew that is UTF-8 read as CP949, how many those are, and how many nearly so.

    A syllable is three bytes and gives half a character too many, so a run of an odd number of them has lost a byte.
    """
    n_whole = n_partly = 0

    def read(run: re.Match[str]) -> str:
        nonlocal n_whole, n_partly
        if not _IDEOGRAPH.search(run[0]):
            return run[0]
        raw = run[0].encode("cp949", "ignore")
        new = raw.decode("utf-8", "ignore")
        if not _TWO_SYLLABLES.search(new) or len(new.encode()) < 0.6 * len(raw):
            return run[0]
        whole = new.encode("utf-8") == raw and raw.decode("cp949") == run[0]
        n_whole, n_partly = n_whole + whole, n_partly + (not whole)
        return new if whole else run[0]

    return _FOREIGN.sub(read, text), n_whole, n_partly


def _from_cp949(text: str) -> str | None:
    new, n_whole, n_partly = _utf8_in_cp949(text)
    return new if n_whole and not n_partly else None


def repair(text: str) -> str:
    """Return the text as it was meant, where UTF-8 or EUC-KR was read as Latin-1 or CP1252, or UTF-8 as CP949.

    Undone only where it is certain: every byte of what is read anew must be valid, give neighbouring syllables, and
    leave nothing of its kind behind. UTF-8 may have been misread twice.
    """
    if not _EVIDENCE.search(text):
        return text
    for read in (_from_utf8, _from_euc_kr, _from_cp949):
        new = read(text)
        if new is not None:
            return new
    return text


def is_broken(text: str) -> bool:
    """Tell whether Korean was read with the wrong encoding in the text, whether or not it can be repaired."""
    if not _EVIDENCE.search(text):
        return False
    as_bytes = text.translate(_TO_BYTES)
    if _TWO_UTF8_SYLLABLES.search(as_bytes) or len(re.findall(r"[\xea-\xed][\x80-\xbf]{2}", as_bytes)) > 3:
        return True
    if any(_utf8_in_cp949(text)[1:]):
        return True
    found = _THREE_EUC_SYLLABLES.search(as_bytes)
    return bool(found) and len(set(found[0])) > 2 and not _ANY_HANGUL.search(text)
