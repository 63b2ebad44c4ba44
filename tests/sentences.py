"""Where sentences end, in readable Python: what the kernel must find, rule by rule.

A text is a row of characters, each of a kind (`korpus.hangul.sentences.KINDS`). Walking over it, a `State` is kept of
the sentence so far: its stem, which is the last syllable, letter, digit or sign; and its tail, which is what follows
that of punctuation, laughter, emoji and closing quotes.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from korpus.hangul.sentences import (
    ABBREVIATIONS,
    BRACKETS,
    BREAKS_OFF,
    CODA_ENDS_BARE,
    ENDS_BARE,
    GOES_ON,
    GOES_ON_BARE,
    GOES_ON_DIRECT,
    GOES_ON_QUOTED,
    ITEMS,
    KINDS,
    NO_ENDS_BARE,
    PARTICLES,
    QUOTES,
    STRAIGHT,
)

ATTACHED = {"EXTEND", "DOT", "DOTS", "ASK", "SOFT", "COMMA", "CLOSE"}
WORD = {"SYLLABLE", "LETTER", "DIGIT"}
PAIRS = {**QUOTES, **{sign: sign for sign in STRAIGHT}, **BRACKETS}
CODAS = "-ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
TAILS = ["BARE", "POINT", "ASKED", "ELLIPSIS", "SOFTENED", "BROKEN"]
MAX_QUOTED, MAX_ASIDE = 1200, 600  # bytes


@cache
def kind(char):
    return [name for name, pattern in KINDS.items() if re.fullmatch(pattern, char)][-1]


@cache
def learned():
    table = (resources.files("korpus.hangul") / "sentences.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in table.split("\n") if line and line[0] != "#"]
    return {(feature, tail, about): int(weight) for feature, tail, about, weight in rows}


@cache
def weights():
    """Return the weights that are learned, and what is known of endings besides."""
    found = dict(learned())

    def last(word, tail):
        return f"LAST_{len(word)}", tail, " ".join(word)

    for tail in ("BARE", "SOFTENED"):
        for key in {last(word, tail) for word in ENDS_BARE} | {
            ("LAST_CODA", tail, f"{coda} {syllable}") for coda, syllable in CODA_ENDS_BARE
        }:
            alone = "LAST", tail, key[2][-1]
            found[key] = found.get(key, 0) + 75
            if tail == "BARE" and alone not in learned():
                # Of a syllable of which nothing is learned, only these endings end a sentence.
                found[alone] = -1000
                found[key] += 1000
    for syllable in PARTICLES:
        found["LAST", "SOFTENED", syllable] = found.get(("LAST", "SOFTENED", syllable), 0) - 100
    found |= {last(word, "BARE"): -8000 for word in NO_ENDS_BARE}
    return found | {last(word, "ELLIPSIS"): -8000 for word in BREAKS_OFF}


def unit(char):
    """Return what the table calls a character: itself, or its kind."""
    if kind(char) in ("LETTER", "DIGIT"):
        return kind(char)
    plain = "!" <= char <= "\x7f" or "\0" <= char < "\t"
    return char if kind(char) == "SYLLABLE" or "\u3131" <= char <= "\u318e" or plain else kind(char)


def padded(units, n):
    return " ".join([*units, *["EDGE"] * n][:n])


def syllables_before(text, end):
    """Return the units of up to three syllables that end before a place, the last one first."""
    found = re.search("[가-힣]{0,3}$", text[:end])[0]
    return [*found[::-1], "EDGE", "EDGE"][:3]


def weigh(text, i, size, stem, stem_end, tail, closed, spaced, direct, before, laughter):
    """Return the sum of what speaks for a border before ``text[i]``."""
    s1, s2, s3 = syllables_before(text, stem_end) if stem == "SYLLABLE" else [stem, "EDGE", "EDGE"]
    coda = "EDGE" if s2 == "EDGE" else CODAS[(ord(s2) - ord("가")) % 28]
    following = [unit(text[i])]
    for char in text[i + 1 : i + 3]:
        if kind(char) not in WORD:
            break
        following.append(unit(char))
    n1, n2, n3 = padded(following, 1), padded(following, 2), padded(following, 3)
    total = 0
    for feature, about in {
        "LAST": s1,
        "LAST_CODA": f"{coda} {s1}",
        "LAST_2": f"{s2} {s1}",
        "LAST_3": f"{s3} {s2} {s1}",
        "PLACE": f"{4 * closed + 2 * spaced + direct} {stem}",
        "NEXT": n1,
        "NEXT_2": n2,
        "NEXT_3": n3,
        "CLOSED": f"{2 * closed + direct} {n2}",
        "LENGTH": f"{min(12, size.bit_length())} {closed}",
        "BEFORE": f"{before} {closed}",
    }.items():
        total += weights().get((feature, tail, about), 0)
    if laughter >= 3 and tail == "SOFTENED" and stem == "SYLLABLE" and size > 6:
        total += 100
    goes_on = n3 in {padded(word, 3) for word in (GOES_ON_BARE if tail == "BARE" else GOES_ON)}
    quoted = closed == 1 and not direct and n2 in {padded(word, 2) for word in GOES_ON_QUOTED}
    direct = closed == 0 and direct and n2 in {padded(word, 2) for word in GOES_ON_DIRECT}
    return 0 if goes_on or ((quoted or direct) and tail != "BARE") else total


def item(text, i):
    """Return the kind of head and the number of the item that begins at a place, or None."""
    match = re.compile(rf"([0-9]{{1,3}}|[{ITEMS}])([.)])(?=\s)").match(text, i)
    if not match:
        return None
    head, sign = match.groups()
    return (sign, head.isascii()), int(head) if head.isascii() else ITEMS.index(head) + 1


def is_numbered(text, i):
    """Return whether a bracket at a place holds the number of an item and nothing else."""
    match = re.compile(r"[0-9]{1,3}(.)\s").match(text, i + 1)
    return kind(text[i]) == "OPEN" and match is not None and kind(match[1]) == "CLOSE"


def is_number(text, end):
    """Return whether the word before a place is the number of an item."""
    digits = re.search("[0-9]*$", text[:end])[0]
    return 0 < len(digits) <= 3 and (
        len(digits) == end or kind(text[end - len(digits) - 1]) in ("SPACE", "BREAK", "OPEN")
    )


def is_abbreviation(text, end):
    letters = re.search("[A-Za-z]*$", text[:end])[0]
    if len(letters) == 1:
        return end == 1 or kind(text[end - 2]) not in WORD
    return letters.lower() in ABBREVIATIONS


def sentences(text):
    """Return the sentences of a text: the readable definition of the kernel."""
    at = [0]
    for char in text:
        at.append(at[-1] + len(char.encode()))

    def blank(i):
        return kind(text[i]) in ("SPACE", "BREAK")

    def close_of(opener, i, limit):
        for j in range(i + 1, len(text)):
            if at[j] >= limit or text[j] == "\n":
                return None
            if text[j] == PAIRS[opener]:
                return j
        return None

    def reopens(i):
        return i + 1 < len(text) and blank(i - 1) and kind(text[i + 1]) not in {*ATTACHED, "SPACE", "BREAK"}

    found = []
    start, until, opener, limit, before, last_item = None, -1, "", 0, 0, None
    stem, stem_end, tail, closed, spaced, end = "", 0, "BARE", 0, 0, 0
    laughter = 0
    gap = address = False
    kept = None
    for i, char in enumerate(text):
        now = kind(char)
        if now in ("SPACE", "BREAK"):
            if now == "BREAK":
                if start is not None:
                    found.append(text[start:end])
                    before = 7
                start, until = None, -1
            gap, address = True, False
            continue
        straight = False
        if now == "STRAIGHT":
            now = "QUOTE"
            if i == until:
                now, straight = "CLOSE", True
            elif i < until:
                now = "EXTEND"
            elif not gap and start is not None:
                if kind(text[i - 1]) in ("LETTER", "DIGIT"):
                    now = "EXTEND"
                elif close_of(char, i, at[i] + MAX_QUOTED) is None or i + 1 == len(text) or blank(i + 1):
                    now, straight = "CLOSE", True
        if now in ATTACHED:
            if start is None:
                start, stem, tail, closed, spaced, laughter = i, "", "BARE", 0, 0, 0
            elif gap and now != "EXTEND":
                spaced = 1
            if now == "DOT":
                tail = {"BARE": "POINT", "ASKED": "ASKED"}.get(tail, "ELLIPSIS")
            elif now == "DOTS":
                tail = "ASKED" if tail == "ASKED" else "ELLIPSIS"
            elif now == "ASK":
                tail = "ASKED"
            elif now == "SOFT":
                tail = "SOFTENED" if tail == "BARE" else tail
                laughter += char in "ㅋㅎㅜㅠ"
            elif now == "COMMA":
                tail = "BROKEN"
            elif now == "CLOSE" and i >= until:
                if i == until and kept:
                    stem, stem_end, tail, closed = kept
                elif i > until and i and text[i - 1] == ":":
                    tail = "SOFTENED"
                else:
                    closed = 1 if straight or (i == until and opener in QUOTES) else 2
            end, gap = i + 1, gap and now == "EXTEND"
            continue
        cut = False
        if start is not None and i >= until and tail != "BROKEN" and stem:
            small = "a" <= char <= "z"
            if gap:
                may = tail != "BARE" or (
                    stem == "SYLLABLE" and closed != 1 and ("LAST", "BARE", text[stem_end - 1]) in weights()
                )
                if may and (tail == "POINT" or closed == 2):
                    if stem == "DIGIT":
                        may = now != "DIGIT" and not is_number(text, stem_end)
                    elif stem == "LETTER":
                        may = not is_abbreviation(text, stem_end)
                    elif stem == "SYLLABLE" and at[stem_end] - at[start] <= 4:
                        may = text[stem_end - 1] not in ITEMS
            else:
                may = tail != "BARE" and stem == "SYLLABLE" and closed != 1 and not address
                may = may and now in {*WORD, "QUOTE", "BULLET"} and not small
                may = may and (tail != "POINT" or ("LAST", "BARE", text[stem_end - 1]) in learned())
            another = (now == "QUOTE" and closed == 1) or is_numbered(text, i)
            if may and another and gap and tail in ("POINT", "ASKED", "ELLIPSIS"):
                cut = True
            elif may and stem == "LETTER" and closed == 0 and tail in ("POINT", "ASKED", "ELLIPSIS"):
                cut = not small
            elif may:
                size = at[stem_end] - at[start]
                cut = weigh(text, i, size, stem, stem_end, tail, closed, spaced, not gap, before, laughter) > 0
        if not cut and gap and start is not None and i >= until and (now == "DIGIT" or last_item):
            head = item(text, i)
            if head and head[1] == 1:
                last_item = head
            elif head and last_item:
                within = stem == "DIGIT" and tail == "POINT" and is_number(text, stem_end)
                cut = not within and head == (last_item[0], last_item[1] + 1)
        if cut:
            found.append(text[start:end])
            start, before = None, 1 + TAILS.index(tail)
        if start is None:
            start, stem = i, ""
            last_item = item(text, i) or last_item
        if now in ("OPEN", "QUOTE"):
            if i >= until or char == opener:
                inside = i < until
                if not inside:
                    limit = at[i] + (MAX_ASIDE if now == "OPEN" else MAX_QUOTED)
                j = close_of(char, until if inside else i, limit)
                reopens = (
                    j
                    and char in STRAIGHT
                    and j + 1 < len(text)
                    and blank(j - 1)
                    and kind(text[j + 1]) not in {*ATTACHED, "SPACE", "BREAK"}
                )
                if j is not None and not reopens:
                    until, opener = j, char
                    if not inside:
                        kept = (stem, stem_end, tail, closed) if now == "OPEN" and stem else None
        elif now in WORD:
            stem, stem_end = now, i + 1
        else:
            stem, stem_end, address = "OTHER", i + 1, address or now == "ADDRESS"
        tail, closed, spaced, laughter, gap, end = "BARE", 0, 0, 0, False, i + 1
    return [*found, text[start:end]] if start is not None else found
