"""What Korean news pages put around an article: bylines, copyright notices, picture credits, calls to subscribe.

Made from the ways in which Korean newspapers and agencies sign off. A form that can be nothing else goes wherever it
stands; one that prose may hold too goes only as a line of its own, or behind the last sentence of a line.
"""

from __future__ import annotations

import re

_EMAIL = r"[A-Za-z0-9._%+*-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,24}"
_ROLE = r"(?:(?:선임|수습|인턴|객원|전문|시민|사진|영상)\s?)?(?:기자|특파원|논설위원)"
_NAME = rf"[가-힣]{{2,4}}(?:\s[가-힣]{{2,6}})?\s?{_ROLE}"
_NAMES = rf"{_NAME}(?:\s?[,·/ㆍ]\s?{_NAME}){{0,5}}"
# Without an address beside it, only what begins with a family name, and does not end as an adjective does or a word
# with a particle (`이상한 기자`, `이건 그 기자`); the price is names such as 김지은.
_FAMILY = (
    "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지엄채원천방공현함변염여추도소석선설마"
    "길연위표명반왕금옥육인맹"
)
_SURE = rf"[{_FAMILY}][가-힣](?![한는던된쓴할런쁜의적운은인를을이가들])[가-힣]\s?{_ROLE}"
_SURE_NAMES = rf"{_SURE}(?:\s?[,·/ㆍ]\s?{_SURE}){{0,5}}"

# What a notice forbids: `무단 전재 및 재배포 금지`, `무단전재-재배포, AI 학습 및 활용 금지`.
_FORBIDDEN = (
    r"무단\s?(?:전재|복제|배포|복사|도용|사용)(?:\s?(?:[-,·ㆍ/&]|및|또는|와|과)\s?"
    r"(?:무단\s?)?(?:재배포|재가공|재판매|전재|복제|복사|배포|수집|도용|이용|AI\s?학습(?:\s?(?:및|이용|활용)){0,2}|활용)){1,6}"
    r"(?:을|를)?\s?(?:절대\s?)?금지(?![가-힣])"
)
_RESERVED = "(?:[Aa]ll [Rr]ights? [Rr]eserved|ALL RIGHTS? RESERVED)"
_SIGN = r"(?:ⓒ|©|\([cC]\))"
_SAID = r"※?\s?(?:저작권자\s?|[Cc]opyrights?\s?|COPYRIGHTS?\s?)?"
_OWNER = r"[가-힣A-Za-z0-9&'][^\n.!?<>(){}\[\]ⓒ©]{0,40}?"

ANYWHERE: dict[str, str] = {
    # `[헤럴드경제=홍길동 기자]`, `(서울=뉴스1) 홍길동 기자 =`
    "byline": (
        rf"[\[(][가-힣A-Za-z0-9· ]{{1,20}}\s?=\s?{_NAMES}[\])]\s?=?[ \t]*"
        rf"|[\[(][가-힣,·ㆍ]{{2,12}}\s?=\s?[가-힣A-Za-z0-9]{{2,12}}[\])]\s?{_NAMES}\s?=[ \t]*"
    ),
    # `<저작권자 ⓒ 한국신문>`, `ⓒ 한국신문. 무단 전재-재배포 금지`, `All rights reserved`
    "copyright": (
        rf"[<〈《(\[]\s?{_SAID}{_SIGN}[^<>〈〉《》\[\]\n]{{1,80}}[>〉》)\]]"
        rf"|(?:{_SAID}{_SIGN}\s?{_OWNER}[.,]?\s?)?(?:{_FORBIDDEN}|{_RESERVED})\.?"
    ),
    "credit": r"[\[(<]\s?(?:사진|자료|영상)\s?(?:출처|제공|캡처|캡쳐)?\s?[=:]\s?[^\[\]()<>\n]{1,40}[\])>]",
}
"""Kinds of boilerplate that can be nothing else, as expressions for Python's ``re``."""

AT_END: dict[str, str] = {
    # `홍길동 기자 hong@example.com`, `hong@example.com 홍길동 선임기자`, `/글=홍길동 기자`
    "byline": (
        rf"[/=]?\s?(?:(?:글|취재|정리|사진)\s?[=/·:]\s?)?{_NAMES}\s?[=/(\[]?\s?{_EMAIL}[)\]]?"
        rf"|{_EMAIL}\s?[/=(]?\s?{_NAMES}[)]?"
        rf"|[/=(\[]?\s?(?:(?:글|취재|정리|사진)\s?[=/·:]\s?)?{_SURE_NAMES}[)\]]?"
    ),
    "copyright": rf"{_SAID}{_SIGN}\s?{_OWNER}(?<![다요까음함])\.?",
    "credit": r"/?\s?(?:사진|자료|영상)\s?(?:=|(?:출처|제공)\s?[=:])\s?[^\n.!?]{1,40}",
    "promotion": (
        r"(?:[▶▷►☞◀][^\n▶▷►☞◀.!?]{0,40}(?:구독(?!자|료|경제)|채널\s?추가|뉴스스탠드|제보하기|앱\s?다운|팔로우|친구\s?추가"
        r"|좋아요\s?누르|네이버\s?(?:메인|모바일|홈)|(?:뉴스|기사)\s?(?:더\s?)?보기|바로\s?가기)[^\n▶▷►☞◀.!?]{0,20}(?<!다)!?){1,5}"
        r"|[■※●]\s?['‘\"“]?당신의\s제보가\s뉴스가\s됩니다['’\"”]?[.!]?"
        r"|\[(?:카카오톡|카톡|전화|메일|이메일)\]\s?"
        rf"(?:['‘]?[가-힣A-Z]{{2,10}}['’]?\s?검색[^\n.!?]{{0,20}}|[0-9-]{{8,13}}|{_EMAIL})"
        r"|제보는\s?(?:카카오톡|카톡|전화|이메일|메일)[^\n.!?]{0,40}"
    ),
}
"""Kinds that are boilerplate as a line of their own, or behind the last sentence of a line."""

KINDS = ("byline", "copyright", "credit", "promotion")

SIGN_CHARS = "ⓒ©▶▷►☞◀"
SIGNS = (
    *("기자", "특파원", "논설위원", "무단", "eserved", "ESERVED", "(c)", "(C)", "사진", "자료", "영상", "제보"),
    *("[카", "[전화]", "[메일]", "[이메일]"),
)
"""A text without any of these characters and strings has no boilerplate."""


def compile_kinds(kinds: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what goes anywhere, and what goes at the end of a line; each with a group for each kind.

    Parameters
    ----------
    kinds : tuple of str
        Some of `KINDS`.
    """
    anywhere = "|".join(f"(?P<{kind}>{ANYWHERE[kind]})" for kind in kinds if kind in ANYWHERE) or "(?!)"
    at_end = "|".join(f"(?P<{kind}>{AT_END[kind]})" for kind in kinds)
    return re.compile(anywhere), re.compile(rf"(?:^|(?<=[.!?…”\"'’)\]>]))[ \t]*(?:{at_end})[ \t]*$")
