"""Patterns of things that stand in Korean web text and are not Korean: URLs, and the masks over profanity."""

from __future__ import annotations

from typing import NamedTuple


class Pattern(NamedTuple):
    """A pattern for Python's ``re``, with what is needed to skip most texts without running it.

    Attributes
    ----------
    regex : str
        To be compiled without flags.
    must_contain : str
        A text without this string has no match.
    """

    regex: str
    must_contain: str


# As printed in the published cleaning function of KcBERT and KcELECTRA (github.com/Beomi/KcBERT,
# github.com/Beomi/KcELECTRA; README, section on preprocessing), which has it from a much copied answer on
# stackoverflow.com (question 3809401). It wants a scheme; it ends before a Korean particle that follows a path
# (`https://example.com/a에서`), but one right after the host hides the whole URL (`https://example.com에서`), since to
# Python's `\b` Hangul syllables are word characters.
URLS: dict[str, Pattern] = {
    "published": Pattern(
        regex=r"https?:\/\/(www\.)?[-a-zA-Z0-9@:%._\+~#=]{1,256}\.[a-zA-Z0-9()]{1,6}\b([-a-zA-Z0-9()@:%_\+.~#?&//=]*)",
        must_contain="http",
    ),
}

# Korean portals put as many capital letters O over a banned word as it has syllables, wherever it stands: `이런 OOO
# 영화`, `OOO들`, `그OOO년`; by accident over innocent ones too: `OOO 않는` (뒤지지), `OOO전` (십년). No rule is
# published; this one was made by reading all 716 runs of three or more in the movie reviews of e9t/nsmc, of which it
# takes 707 (four of them are no masks: laughter, a blank to fill in), and all in the petitions of
# lovit/petitions_archive, where they stand for the names of persons. It leaves alone
# - a run that touches a Latin letter or a digit: `WOOOOD`, `GOOOD`, `NOOOO`, `OOOps`, `1OOO원` (zeros typed as O);
#   the price is the masks that touch a digit, four of those read (`20OOO 평창`, where 18년 was covered);
# - a run that stands for the digits of a telephone number: `OOO-OOOO-OOOO`;
# - four before 년, which stand for the digits of a year: `OOOO년 O월`.
MASKS: dict[str, Pattern] = {
    "OOO": Pattern(
        regex=r"(?<![A-Za-z0-9])(?<!O-)(?!OOOO년)O{3,}(?![A-Za-z0-9])(?!-O)",
        must_contain="OOO",
    ),
}
