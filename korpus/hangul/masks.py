"""What is put over banned words and over names, and what belongs to it.

Korean portals put as many capital letters O over a banned word as it has syllables,
wherever it stands: `이런 OOO 영화`, `OOO들`, `그OOO년`; by accident over innocent ones too: `OOO
않는` (뒤지지), `OOO전` (십년). No rule is published; this one was made by reading all 716 runs of
three or more in the movie reviews of e9t/nsmc, of which it takes 707 (four of them are no
masks: laughter, a blank to fill in), and all in the petitions of lovit/petitions_archive,
where they stand for the names of persons. It leaves alone

- a run that touches a Latin letter or a digit: `WOOOOD`, `GOOOD`, `NOOOO`, `OOOps`, `1OOO원` (zeros typed as O); the
  price is the masks that touch a digit, four of those read (`20OOO 평창`, where 18년 was covered);
- a run that stands for the digits of a telephone number: `OOO-OOOO-OOOO`;
- four before 년, which stand for the digits of a year: `OOOO년 O월`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from korpus.hangul.joining import Piece
from korpus.hangul.particles import PARTICLES


class Mask(NamedTuple):
    """A mask.

    Attributes
    ----------
    regex : str
        To be compiled without flags.
    must_contain : str
        A text without this string has no match.
    """

    regex: str
    must_contain: str


MASKS: dict[str, Mask] = {
    "OOO": Mask(r"(?<![A-Za-z0-9])(?<!O-)(?!OOOO년)O{3,}(?![A-Za-z0-9])(?!-O)", "OOO"),
    "ooo": Mask(r"(?<![A-Za-z0-9])o{3,}(?![A-Za-z0-9])", "ooo"),
    # The circle that newspapers put over names and the young put over banned words: `김○○ 씨`.
    "○○○": Mask("(?<!○)○{2,}(?!○)", "○○"),
    "***": Mask(r"(?<![A-Za-z0-9*])\*{3,}(?![A-Za-z0-9*])", "***"),
}

# Who somebody is. Not 감독, 배우 and 작가, which reviewers call names themselves: `OOO 감독`.
_TITLES = (
    "(?:국회|시|도|구|군)?의원|위원장|위원|장관|차관|대통령|총리|시장|도지사|지사|군수|구청장|총장|총재|의장|대표(?:이사)?|사장|회장|이사장"
    "|부장|차장|과장|대리|팀장|실장|국장|본부장|지점장|소장|원장|관장|단장|반장|기자|앵커|판사|검사|변호사|의사|간호사|약사|교수|박사"
    "|선생(?:님)?|교사|강사|교장|원장|목사|신부|스님|씨|님|군|양|여사|할머니|할아버지|어르신|사원|주임|계장|주무관|순경|경위|경감|하사"
    "|중사|상사|소위|중위|대위|소령|일병|상병|병장|형사|경찰관|소방관|학생|선수|후보|조합장|이장|통장|매니저|담당자?"
)
_NAMES_BEFORE = (
    r"(?:성명|이름|본명|성함|담당자|작성자|신고인|고소인|고발인|피고인|피고|원고|피해자|가해자|피의자|청원인|대표자|발신|수신|작성)"
    r"[ \t]?(?:[:：=]|은|는)[ \t]?"
)
_PLACES = (
    "시|군|구|읍|동|아파트|은행|병원|의원|(?:초등|중|고등|대)?학교|대학교?|학원|유치원|어린이집|요양원|교회|회사|업체|그룹|건설|전자|증권|보험"
    "|신문|방송|일보|법인|차량|제품"
)
# A name is told by a title or its role beside it, by words that only persons take, or by brackets around it.
_AFTER_NAME = re.compile(
    rf"[ \t]?(?:{_TITLES})님?{PARTICLES}(?![가-힣A-Za-z0-9])"
    rf"|[ \t]?\([^()\n]{{0,12}}(?:{_TITLES}|본명|가명|실명|이름)\)"
    r"|(?:에게서?|께서?|한테서?)(?:는|도|만|까지)?(?![가-힣])"
    r"|[ \t]?(?:입니다|이라고[ \t]?(?:합니다|하는|불리)|라고[ \t]?합니다|올림|드림|배상)|[/·]O"
    r"|[ \t](?:아파트|병원|유치원|어린이집|요양원|(?:초등|중|고등|대)학교)"
    rf"|(?:{_PLACES})(?:에서?|으?로|의|은|는|이|가|을|를)?(?![가-힣])"
)
_AROUND_NAME = (
    r"(?:의원|위원장|장관|시장|대표|사장|회장|부장|차장|과장|팀장|실장|소장|원장|판사|검사|변호사|교수)[ \t]{mask}"
    r"(?:은|는|이|가|을|를|의|과|와)?(?![가-힣])"
    r"|저는?[ \t]{mask}(?:인데|이라고|라고|이에요|예요)"
    rf"|{_NAMES_BEFORE}{{mask}}"
    r"|[(\[<（'\"‘“]{mask}[)\]>）'\"’”]"
    r"|(?:피고인|피고|원고|피의자|피해자|가해자|고소인|고발인|신고인|청원인|증인|고인)[ \t]{mask}"
    r"|(?:\(주\)|㈜|주식회사)[ \t]?{mask}"
)
_MAX_AROUND_CHARS = 12
# Where places, firms and dates are hidden, so are names.
_BLANKS = re.compile(rf"(?<![A-Za-z0-9])O{{1,2}}(?:(?:{_PLACES}|씨|년|월|일)(?![가-힣]{{3}})|\([0-9]{{1,3}})")

# What is left of a banned word at its end, such as 쓰레기, 쓰레기같은; and what people hang on it.
_STUMP = "(?:기|슥|끼|새끼|새키|놈|년|밥)"
_LIKE = "(?:같은|같이|같다|같네|같아|같음|처럼|급)"
_BECAUSE = "(?:때문|땜|덕분?)"
# These lean on a noun though people write a space before them.
_BOUND = "(?:때문(?:에|이다|임)?|땜에?|중(?:에서?|의)?|이?라(?:느니|는|고|며|면서))"
# What points at a noun goes with it where more of the sentence follows: `이런 OOO가 없다`.
_POINTING = re.compile(
    r"(?<![가-힣])(?:(?:이런|저런|그런|요런|이딴|저딴|그딴|이따위|무슨|뭔|웬|왠|이|그|저|천하의)[ \t]){1,3}\Z"
)
_MAX_POINTING_CHARS = 15
_AS_NOUN = re.compile(rf"{_STUMP}?들?(?:이|가|을|를|은|는|의|도|만|에게|한테|로|으로|와|과|보다)(?=[ \t]+[가-힣])")
_SYLLABLE_ALONE = re.compile("(?<![가-힣])[가-힣]")
# By accident portals cover innocent words too. Without them a sentence is torn, so they stay: 뒤지지 (`OOO 않는`),
# 뒤지는 (`OOO줄 알았네`, `OOO 듯`), 십년 (`OOO 전`, `OOO만에`, `OOO이 지난`), 개하 (`전OOO는군`).
_INNOCENT = (
    "[ \t]?(?:않|줄(?!거리|기)|만에|동안|[전후뒤](?:에[는도]?|엔|의|까지|쯤|부터|이|인)?(?![가-힣])"
    "|전(?=쯤|영화|드라마|작품)|(?:은|이|도)?[ \t]?(?:된|되[었는]|지[나난났])|는(?:군|지|데(?![가-힣]))"
    "|(?<=[ \t])듯|(?<=[ \t])해(?:봐|보|라|다니))"
)
_WORDS = (
    "영화|드라마|감독|배우|연기|작가|작품|더빙|전개|결말|평점|한국|진짜|정말|완전|그냥|이런|저런|그런|지금|재미|시간|내용|스토리|주인공"
    "|안|못|왜|다|더|또|잘"
)
_TAIL = re.compile(
    rf"(?:{_STUMP}?들?[ \t]?{_LIKE}|{_STUMP}?들?{_BECAUSE}|{_STUMP}|(?!{_WORDS})[가-힣]{{1,2}})?{PARTICLES}(?![가-힣])"
    rf"(?:[ \t]{_BOUND}(?![가-힣]))?"
    rf"|{_STUMP}?들?이?[었였][가-힣]{{1,3}}(?![가-힣])|하(?:면서|다가|더니|는데|니까|려고)(?![가-힣])|{_STUMP}?들?{_LIKE}"
    rf"|{_STUMP}(?:를|는|가(?=다|있|없|아니|따|또|나))?"
)


class _Rules(NamedTuple):
    run: re.Pattern[str]
    around_name: re.Pattern[str]
    banned: re.Pattern[str]


@lru_cache(maxsize=len(MASKS))
def _compiled(mask: str) -> _Rules:
    run = f"(?:{MASKS[mask].regex})"
    family = "|(?<![가-힣])[가-힣]{mask}" if mask == "○○○" else ""
    around = (_AROUND_NAME + family).replace("{mask}", run)
    return _Rules(re.compile(run), re.compile(around), re.compile(rf"{run}(?!{_INNOCENT})"))


def _is_name(match: re.Match[str], around_name: re.Pattern[str]) -> bool:
    text, start, end = match.string, match.start(), match.end()
    if _AFTER_NAME.match(text, end):
        return True
    found = around_name.search(text, max(0, start - _MAX_AROUND_CHARS), end + _MAX_AROUND_CHARS)
    return found is not None and found.start() <= start  # a later run may be cut by the end


def find(text: str, mask: str) -> list[Piece]:
    """Return the masked words of a text, in order: none where a mask stands for a name or a blank.

    Parameters
    ----------
    text : str
        Any text.
    mask : str
        A key of `MASKS`.
    """
    run, around_name, banned = _compiled(mask)
    if _BLANKS.search(text) or any(_is_name(match, around_name) for match in run.finditer(text)):
        return []
    pieces: list[Piece] = []
    done = 0
    for match in banned.finditer(text):
        start, end = match.span()
        noun = _AS_NOUN.match(text, end)
        pointing = noun and _POINTING.search(text, max(done, start - _MAX_POINTING_CHARS), start)
        if noun and pointing:
            start, done = pointing.start(), noun.end()
        else:
            start -= start > done and _SYLLABLE_ALONE.match(text, start - 1) is not None
            tail = _TAIL.match(text, end)
            done = tail.end() if tail else end
        pieces.append(Piece(start, done))
    return pieces
