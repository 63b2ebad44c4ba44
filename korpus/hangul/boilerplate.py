"""What Korean pages put around their texts: bylines, dates, copyright notices, picture credits, calls to subscribe.

Made from the ways in which Korean newspapers, agencies and broadcasters open and sign off, and from the buttons and
notices of portals. A form that can be nothing else goes wherever it stands; one that prose may hold too goes only at
the beginning of a line, as a line of its own, or behind the last sentence of a line.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from korpus.hangul.press import (
    AGENCY,
    ANYONE,
    AT,
    BESIDE,
    BUTTONS,
    BY,
    CALL,
    CALLED,
    CITY,
    CONTACT,
    COUNTED,
    CREDITED,
    CREW,
    DATE,
    EMAIL,
    FORBIDDEN,
    IN_BRACKETS,
    INVITED,
    KNOWN,
    LIST,
    MAILBOX,
    MEDIUM,
    NAME,
    NAMES,
    NAVIGATION,
    NO_PROSE,
    NOT_SAID,
    ON_AIR,
    OUTLET,
    OWNER,
    PATH,
    PHONE,
    POINT,
    POST,
    REACHED,
    RESERVED,
    ROLE,
    SAID,
    SIGN,
    SOUGHT,
    STAMP,
    SURE,
    SURE_NAMES,
    TEAM,
    TIME,
    TIMED,
    TITLE,
    WAY,
)

_OPENING, _CLOSING = r"[\[(【<]", r"[\])】>]"
_WORD = r"[가-힣A-Za-z0-9·ㆍ&]{2,12}"
# What stands in brackets before a text: a place, papers, agencies.
_SOURCE = rf"{_WORD}(?:(?: ?[=|ㅣ/,] ?| ){_WORD}){{0,3}}"
_SPEAKER = r"(?:앵커|리포트|기자|리포터|아나운서|진행자)(?: ?멘트)?"

AT_START: dict[str, tuple[str, ...]] = {
    # `(서울=뉴스1) 홍길동 기자 = `, `[한빛스포츠 | 김민수 기자] `, `대전/홍길동 기자 = `, `대전=홍길동 기자 `
    "byline": (
        rf"{_OPENING} ?{_SOURCE} ?{_CLOSING} ?{NAMES}(?: ?=|(?<=기자) ?-)",
        rf"{_OPENING}[가-힣A-Z,·ㆍ/ ]{{2,12}} ?= ?[가-힣A-Za-z0-9/]{{0,8}}(?:{MEDIUM}){_CLOSING}(?: ?{KNOWN} = )?"
        rf"(?![은는이가을를의도에] )",
        rf"{_OPENING} ?(?:{_SOURCE}(?: ?[=|ㅣ/,] ?| ))?{SURE_NAMES}(?: ?[=/|]? ?{BESIDE})? ?{_CLOSING}{NOT_SAID}",
        rf"{_OPENING}[가-힣A-Za-z0-9]{{0,8}}(?:{MEDIUM}|포포투)[ =|ㅣ/]{{1,3}}{KNOWN}(?:\([가-힣]{{2,6}}\))?"
        rf"{_CLOSING}{NOT_SAID}",
        rf"(?:(?:{OUTLET}|[가-힣]{{2,6}}) ?[=/|ㅣ\s] ?){{0,2}}{SURE_NAMES} ?=(?=[^\n]*다\.)",
        rf"[\[(]?(?:{CITY}) ?(?:[=/]|[\])]) ?{NAMES}(?= )(?=[^\n]*다\.)",
        rf"{_OPENING}(?:{CALLED}){_CLOSING}(?=[^\n]*다\.){NOT_SAID}",
    ),
    "date": (
        rf"{TIMED}[|ㅣ/·,]?(?! ?(?:이후|이전|까지|부터|에|전|후|기준|현재|경|쯤|분|판|로)(?:[의은는에도만로 ,.]|$))",
    ),
    "broadcast": (rf"(?:[\[<【(] ?{_SPEAKER} ?[\]>】)]|[◀■□◇●] ?{_SPEAKER} ?[▶■□>:]){NOT_SAID}",),
}
"""Kinds that open a line, and what is said goes on behind them."""

ANYWHERE: dict[str, tuple[str, ...]] = {
    # `[헤럴드경제=홍길동 기자]`, `(서울=뉴스1) 홍길동 기자 =`
    "byline": (
        rf"[\[(【][가-힣A-Za-z0-9· ]{{1,20}} ?= ?{NAMES}(?: ?{BESIDE})?[\])】]{NOT_SAID} ?=?[ \t]?",
        rf"[\[(【][가-힣,·ㆍ]{{2,12}} ?= ?[가-힣A-Za-z0-9]{{2,12}}[\])】] ?{NAMES} ?=[ \t]?",
    ),
    # `<저작권자 ⓒ 한국신문>`, `ⓒ 한국신문. 무단 전재-재배포 금지`, `Copyright ⓒ 한국신문. All rights reserved`
    "copyright": (
        rf"[<〈《(\[] ?{SAID}{SIGN}[^<>〈〉《》\[\]\n]{{1,80}}[>〉》)\]]",
        rf"{SAID}{SIGN} ?{OWNER}[.,]? ?(?:{FORBIDDEN}|{RESERVED})\.?(?: ?{FORBIDDEN}\.?)?",
        rf"(?:[Cc]opyrights?|COPYRIGHTS?) ?(?:[0-9]{{4}}\.? )?{OWNER}[.,]? ?(?:{FORBIDDEN}|{RESERVED})\.?",
    ),
    # Glued to the word before it, it goes from before a particle too: `손흥민(사진=한국신문)은`.
    "credit": (rf"(?<=[가-힣]){CREDITED}", rf"(?<![가-힣]){CREDITED}{NOT_SAID}"),
    "button": (r"\[ ?(?:원본 ?)?편집(?: ?[|/] ?(?:원본|소스)? ?편집)? ?\](?=\s*$)",),
    "notice": (
        r"\[ ?본 (?:게시물|게시글|글|청원|댓글)[^\[\]\n]{2,60}(?:수정|삭제|숨김|블라인드|비공개)[^\[\]\n]{0,24}\]",
    ),
}
"""Kinds of boilerplate that can be nothing else."""

_HELD_IN = r"[/=(\[|ㅣ<【▲]? ?"
_UNIT = rf"(?:[\[(<]{OUTLET}[\])>] ?|{BY}|{AT}|{OUTLET} ?[=/|ㅣ]? ?|{TEAM} ?[=/]? ?)"

AT_END: dict[str, tuple[str, ...]] = {
    # `홍길동 기자 hong@example.com`, `hong@example.com 홍길동 선임기자`, `/글=홍길동 기자`, `[한빛일보 홍길동 기자]`
    "byline": (
        rf"{_HELD_IN}{_UNIT}?(?:{OUTLET} )?{NAMES} ?[=/(\[|ㅣ<:]? ?{BESIDE}[)\]>】]?"
        rf"|{EMAIL} ?[/=(|]? ?(?:{BY}|{AT})?{NAMES}[)]?|기자 {KNOWN} ?[(\[<]? ?{EMAIL}[)\]>]?",
        rf"{_HELD_IN}{_UNIT}?{BY}?(?:{OUTLET} )?(?:{NAME} ?[,·/ㆍ] ?)?{SURE_NAMES}(?: ?[/,·]? ?{BY}{SURE_NAMES})?"
        rf"(?:, ?(?:{AGENCY}))?[)\]>】]?",
        rf"{BY}{KNOWN}(?: ?{ROLE})? ?[,·/ㆍ]? ?{BY}{SURE}",
        rf"[/=\[(]? ?{TEAM}(?: ?[/=(]? ?{BESIDE}[)]?)?[)\]]?",
        rf"{SURE_NAMES}의? ?(?:(?:다른 ?)?(?:기사|뉴스) ?(?:더 ?|모아 ?)?보기|구독(?:하기)?|페이지(?: ?바로 ?가기)?"
        r"|프로필)",
        rf"[\[(<](?:[가-힣A-Za-z0-9]{{1,8}}(?:{MEDIUM})) {KNOWN}[\])>]",
        rf"(?:{EMAIL} ?)?[(<\[] ?끝[)>\]]",
        rf"{KNOWN} [가-힣A-Za-z0-9]{{1,8}}(?:{MEDIUM}) ?{ROLE}",
        rf"\[email ?protected\]|[\[(](?!{MAILBOX}){EMAIL}[\])]"
        rf"|(?:(?<=[^니]다\.)|[☞◎▶] ?(?:공감언론 ?)?(?:{OUTLET})?) ?(?!{MAILBOX}){EMAIL}",
    ),
    "date": (STAMP,),
    "copyright": (
        rf"{SAID}{SIGN} ?{OWNER}{NO_PROSE}\.?",
        rf"(?:{SAID}|[^\n.!?]{{2,20}} )?(?:{FORBIDDEN}|{RESERVED})\.?(?: ?{FORBIDDEN}\.?)?[>)\]]?"
        r"|(?:이 )?[가-힣]{2,5}[은는] (?:CC[ -]BY|크리에이티브 커먼즈)[^\n]{0,60}습니다\.?",
        r"(?:본|이) ?(?:기사|콘텐츠|저작물|게시물|사진)의 저작권은 [^\n]{1,60}(?:있습니다|금합니다|금지합니다"
        r"|있음|금지)\.?",
    ),
    "credit": (
        r"[/|ㅣ]? ?(?:사진|자료|영상|이미지|캡처) ?(?:[=|ㅣ]|(?:출처|제공|캡처|캡쳐) ?[=:|ㅣ]) ?[^\n.!?]{1,40}"
        r"(?<![다요])",
        rf"[\[(<] ?(?:사진|영상|이미지|자료) (?:제공 |출처 )?{OUTLET}(?: 제공)? ?[\])>]",
        r"[\[(<] ?(?:자료 ?사진"
        rf"|(?:[가-힣A-Z0-9]{{0,8}}(?:{MEDIUM}|[가-힣]{{2}}[시군]|시청|군청|구청|도청|소방서|경찰서|경찰청|협회"
        rf"|공단|대학교))"
        r" ?(?:자료 ?사진|제공|DB|캡처)) ?[\])>]",
        rf"[\[(<]? ?[가-힣]{{2,6}} ?= ?(?:{AGENCY}) ?[\])>]",
        rf"/? ?(?:게티이미지(?:뱅크|코리아)?|셔터스톡|픽사베이|클립아트코리아)"
        rf"|(?:/ ?|(?<=다\. ))(?:{AGENCY})(?: ?(?:제공|자료 ?사진|DB))?",
        rf"{CREW}|영상 ?(?:취재|편집|촬영) {KNOWN}(?:[ ,/]{{1,3}}(?:영상 ?(?:취재|편집|촬영)|그래픽|편집"
        rf"|촬영) ?:? ?{KNOWN}){{0,4}}",
        rf"\[ ?사진 ?\] ?[^\n.!?\[\]]{{0,24}}(?:DB|캡처|캡쳐|제공|인스타그램|유튜브|{AGENCY})\.?",
        rf"\[ ?출처 ?: ?{OUTLET} ?\] ?[^\n.!?]{{0,80}}(?<![다요])"
        r"|\[ ?출처 ?\] ?[^\n|]{1,80}\| ?(?:작성자 )?[^\n|]{1,20}",
        r"[*※(\[]? ?(?:위 |해당 )?(?:자료 ?)?사진은? [^\n.!?]{0,20}기사(?:의? ?내용)?[과와] ?(?:직접 ?(?:적인? )?)?"
        r"(?:관련|관계|무관)[^\n.!?]{0,12}[.)\]]{0,2}",
    ),
    "broadcast": (
        rf"(?:지금까지 )?(?:(?:[가-힣]{{2,6}} )?[가-힣]{{2,12}}에서 )?{ON_AIR} ?(?!진행자|구독자|공채|고객|신입"
        rf"|선배|전문가)"
        rf"{ANYONE}[A-Z]?(?: ?{IN_BRACKETS})? ?(?:{ROLE})?(?:입니다|이었습니다|였습니다)\.?(?: ?{IN_BRACKETS})?",
        rf"지금까지 (?:(?:[가-힣A-Z0-9]{{2,10}}(?:에서)? ){{0,3}}{KNOWN}(?<!조연출)(?: ?{ROLE})?(?:이었습니다"
        rf"|였습니다|와 ?함께 ?했습니다)"
        r"|(?:[가-힣A-Z0-9]{2,10}(?:에서)? ){1,3}전해 ?드렸습니다)\.?"
        rf"|(?:기상 ?)?캐스터 {KNOWN}(?:이었습니다|였습니다)\.?",
        r"[■□◆◇▣●] ?방송 ?: ?[^\n.!?]{0,30}(?:라디오|FM|AM|TV|뉴스|방송|KBS|MBC|SBS|YTN|CBS|BBS|EBS)[^\n!?]{0,40}"
        r"(?<![다요])",
    ),
    "promotion": (
        rf"(?:[▶▷►☞] ?[^\n▶▷►☞◀.!?]{{1,30}}){{0,3}}[{POINT}] ?[^\n▶▷►☞◀.?]{{0,50}}(?:{CALL})"
        rf"[^\n▶▷►☞◀.!?]{{0,30}}(?<!다)[!?]?(?: ?{EMAIL})? ?[★☆◀■☞▶▷]?",
        rf"{INVITED}(?:[\s,/]{{0,2}}{REACHED}){{0,5}}",
        rf"\[ ?(?:{WAY}) ?(?:제보 ?)?\] ?{CONTACT}|[{POINT}]? ?(?:카카오톡|카톡|라인) ?: ?{SOUGHT}"
        rf"|[{POINT}]? ?(?:{WAY}) ?제보 ?: ?{CONTACT}",
        rf"(?:기사 ?)?(?:문의 ?및 ?)?제보는 ?(?:카카오톡|카톡|전화|이메일|메일)(?: ?:? ?{EMAIL}|[^\n.!?]{{0,40}})",
        rf"[{POINT}]? ?(?:뉴스|기사|독자|시청자|사건)? ?제보 ?(?:전화|메일|이메일|문의)?(?:및 ?(?:문의"
        rf"|보도 ?자료)(?: ?(?:제공|접수))?)? ?[:=]? ?"
        rf"(?:{PHONE}|{EMAIL})(?: ?[,/|] ?(?:(?:{WAY}) ?:? ?)?{CONTACT}){{0,3}}",
        r"(?:[가-힣A-Z0-9]{2,10} )?(?:기사 ?)?(?:문의 ?및 ?)?제보 ?[:=] ?[^\n.!?]{2,40}",
        r"[\[<(【][^\[\]<>\n]{0,30}(?:후원하기|구독 ?(?:하기|신청|클릭)|기자 ?구독|바로 ?가기|채널 ?추가|다운로드"
        r"|받아 ?보(?:기|세요)"
        r"|친구 ?추가|기사 ?제보|제보하기) ?[\]>)】](?![가-힣])",
        rf"[^\n.!?]{{0,30}}(?:{MEDIUM})[^\n.!?]{{0,20}}(?:구독하기|구독 ?신청|채널 ?추가|받아 ?보(?:기|세요))[.!]?",
        r"['‘\"]?좋은 ?기사[^\n.]{0,30}(?:후원하기|응원하기|원고료)['’\"]?"
        r"|(?:유튜브 )?구독(?:과|,|·)? ?좋아요 ?(?:(?:, ?)?알림 ?설정)?(?:까지)? ?(?:꾹 ?)?(?:부탁 ?드(?:립니다|려요)"
        r"|눌러 ?주세요)[.!~]*",
        r"[^\n.!?]{0,30}(?:언론사|네이버|채널|뉴스레터|카카오|저희 기사)[^\n.!?]{0,30}구독(?:을|과)?[^\n.!?]"
        r"{0,8} ?(?:해 ?보세요|해 ?주세요|하세요|눌러 ?주세요)[.!]*",
        # Who pays for a post, or gave what it praises.
        rf"(?:(?:이|본|해당) ?(?:{POST})[은는] |(?:쿠팡 ?)?파트너스 활동[을으의])[^\n.!?]{{2,60}}(?:수수료"
        rf"|커미션)[^\n.!?]{{0,16}}(?:받|지급)"
        r"[^\n.!?]{0,16}[.!]?",
        rf"(?:(?:이|본|해당) ?(?:{POST})[은는] |(?:해당 )?(?:업체|브랜드|체험단|광고주|협찬사)(?:로부터|에서"
        rf"|[을를] 통해) )[^\n.!?]{{0,40}}"
        r"(?:제공|지원|협찬|원고료|소정의)[^\n.!?]{0,30}(?:작성|제작|포함)"
        r"[^\n.!?아않]{0,10}(?:습니다|합니다|(?:글|후기|리뷰|포스팅)(?:입니다)?|음|함)[.!]?",
    ),
    "notice": (
        r"[\[(]? ?(?:(?:작성자|관리자|운영자|이용자|운영 ?원칙|신고|게시판 ?규정)[^\n.]{0,14} )?(?:삭제|블라인드"
        r"|비공개|숨김) ?(?:처리)?(?:된|한) (?:댓글|게시물|게시글|글|답글)입니다\.? ?[\])]?",
        r"[<☞※]? ?(?:이|본) 기사는 [^\n.!?]{0,40}(?:섹션|유료|방송|AI|인공지능|자동|로봇|번역|기금|진흥재단"
        r"|제휴)[^\n.!?]{0,30}니다\.?>?",
        r"[*※]? ?(?:본|위|해당|이) (?:청원|게시물|게시글|글|댓글)[은이] [^\n.!?]{0,40}(?:요청에 따라|의해"
        r"|정책에 따라|규정에 따라|원칙에 따라"
        r"|위배)[^\n.!?]{0,30}(?:수정|삭제|숨김|블라인드|비공개)[^\n.!?]{0,8}(?:되었|됐)습니다\.?"
        r"|이 문서는 [^\n!?]{6,40}마지막으로 (?:편집|수정)되었습니다\.?",
        r"청원 ?동의 ?:? ?[0-9][0-9,]{0,9} ?명"
        rf"|청원 ?시작 ?:? ?{DATE} ?[~|]? ?청원 ?마감 ?:? ?{DATE}",
        r"[^\n!?]{0,60}사업자 ?"
        r"(?:등록 ?)?번호 ?:? ?[0-9]{3}-[0-9]{2}-[0-9]{5}[^\n!?]{0,20}통신 ?판매업[^\n!?]{0,60}(?<![다요])",
        rf"고객 ?(?:센터|상담) ?:? ?{PHONE} ?[(\[|/]? ?(?:평일|상담|운영|월~금|오전)[^\n!?]{{2,50}}(?<![다요])"
        rf"|(?:(?:평일|주말|월 ?~ ?금|토요일|점심(?: ?시간)?|(?:상담|운영|영업) ?시간)[ :]{{0,3}}{TIME} ?~ ?{TIME}"
        r"[ ,/|]{0,3}){2,4}[^\n.!?]{0,20}",
    ),
    "related": (rf"(?:[\[<(【] ?{LIST} ?[\]>)】]|[{POINT}] ?{LIST})(?![가-힣]){TITLE}",),
}
"""Kinds that are boilerplate as a line of their own, or behind the last sentence of a line."""

LINES: dict[str, tuple[str, ...]] = {
    # `시위 현장. 연합뉴스`, `▲ 새 다리의 모습. 부산시 제공`
    "credit": (
        rf"[^\n.!?]{{2,80}}[^다요죠까음함임\n.!?](?:\. ?[/=]?| ?[/=]) ?(?:{AGENCY})(?: ?(?:제공|자료 ?사진|DB))?",
        rf"[^\n.!?]{{2,80}}[^다요죠까음함임\n.!?]\.? ?[\[(] ?(?:{AGENCY})(?: ?(?:제공|자료 ?사진|DB))? ?[\])]",
        r"[▲△▼] ?[^\n!?]{2,120}[./(|=] ?[^\n.!?()]{0,24}(?:제공|자료 ?사진|캡처|갈무리|DB)[)\]]?"
        rf"|[▲△▼] ?[^\n!?]{{2,160}}?(?:[0-9.]{{6,11}} ?)?[/(|] ?(?:{AGENCY})(?: ?제공)?[)]?",
        rf"/? ?(?:{AGENCY}) ?(?:제공|자료 ?사진|DB)",
        rf"[^\n.!?]{{2,80}}(?<![다요죠까음함임네지어아야]) ?[\[(<] ?사진 ?(?:제공 ?)?[=:|ㅣ] ?[^\[\]()<>\n]{{0,20}}"
        rf"(?:{AGENCY}|{MEDIUM}|제공|DB)[^\[\]()<>\n]{{0,10}}[\])>]",
        rf"(?:자료 ?사진\. )?[^\n.!?]{{0,40}}기사(?:의? ?내용)?[과와] ?(?:사진은? ?)?(?:직접 ?(?:적인? )?)?"
        rf"(?:관련|관계) ?"
        rf"(?:이 ?)?없"
        rf"(?:음|습니다|는 ?사진)\.?(?: ?/? ?(?:{AGENCY}))?",
    ),
    "date": (
        rf"(?:기자명 )?(?:{SURE_NAMES}[\s|·,/]{{0,3}})?(?:{STAMP}[\s|·,/]{{0,3}}){{1,3}}(?:{COUNTED}[\s"
        rf"|/]{{0,3}}){{0,3}}",
        rf"\[{DATE}{TIME}\]",
    ),
    "related": (rf"{LIST}|이 글과 관련된 글|(?:['‘][^\n]{{1,20}}['’] )?카테고리의 다른 글",),
    "button": (BUTTONS, NAVIGATION, rf"{PATH}|첨부 ?파일 \S{{1,30}}\.[a-z]{{3,4}}|태그(?: ?#[^\s#]{{1,20}}){{1,20}}"),
}
"""Kinds that are boilerplate as a whole line alone, and never behind a sentence.

A line of buttons is one unless the text begins with it: a comment may well say 공감. A path or a row of tools goes
from there too.
"""

LAST_BUTTON = r"(?<=[.!?~>])[ \t]?(?:신고|더 ?보기|답글 ?달기|공유하기|접기)"
"""What portals copy behind the last sentence of a text."""

BELOW: dict[str, tuple[str, ...]] = {
    "byline": (rf"/?[ \t]?(?:{KNOWN}[ \t]?[(/]?[ \t]?)?(?!{MAILBOX}){EMAIL}[)]?",),
    "promotion": (rf"[{POINT}] ?(?:카카오톡|카톡|전화|메일|이메일|라인) ?:? ?{CONTACT}",),
}
"""Lines that are boilerplate below a sentence of a newspaper, which ends in a plain `-다.`: its writer's, its own."""

SIGNED = r"사진|영상|[@ⓒ©▶▷►☞◀※]|\([cC]\)|금지|eserved|끝[)>\]]|[0-9]:[0-9]"
"""What a piece holds that may stand between others; a part of a line without it need not be searched for one."""

FOLLOWS: dict[str, str] = {
    "related": rf"[ \t]*(?:[{POINT}·•ㆍ\-–*└▪∙]|[0-9]{{1,2}}[.)])[^\n]{{1,100}}(?<![다요죠까]\.)",
    "promotion": rf" *[{POINT}*\-]? ?[\[(]? ?(?:{WAY}) ?(?:제보 ?)?[\])]? ?:? ?{CONTACT} *",
    "broadcast": r" *[■□◆◇▣●] ?(?:진행|대담|출연|연출|인터뷰|패널|방송일|일시) ?:[^\n!?]{1,60}(?<![다요죠까]\.)",
}
"""Lines below one that is a piece of a kind and nothing else, which belong to it: titles, ways to reach, who spok"
"e."""

BEHIND = r"(?<=[!?…\"'’”)\]>〉》】])|(?<=\.)(?:(?=[ \t])|(?<=[^A-Za-z0-9]\.))"
"""Where a sentence has ended; a full stop within an address ends none."""

TAILS = {
    "related": r"[^\n]{1,60}(?<![.!?])(?<![다요죠까])",
    "promotion": rf"[{POINT}] ?[^\n]{{1,60}}(?<![.!?])(?<![다요죠까])",
}
"""A line without a sign that may belong to it too, if all lines to the end of the text are such."""

KINDS = ("byline", "date", "copyright", "credit", "broadcast", "promotion", "related", "notice", "button")


class Compiled(NamedTuple):
    """The patterns of a kind, each of a whole piece: at a line's start, anywhere, at the end, a line, one below."""

    at_start: re.Pattern[str]
    anywhere: re.Pattern[str]
    at_end: re.Pattern[str]
    line: re.Pattern[str]
    below: re.Pattern[str]
    follows: re.Pattern[str]


def _any(alternatives: tuple[str, ...] | None) -> str:
    return "|".join(alternatives) if alternatives else "(?!)"


@cache
def compiled(kind: str) -> Compiled:
    """Return the patterns of one of `KINDS`; one that has no such piece matches nothing."""
    return Compiled(
        re.compile(rf"[ \t]*(?:{_any(AT_START.get(kind))})[ \t]*"),
        # Looking at one character first is what makes a search of long lines fast.
        re.compile(rf"(?=[\[(<〈《【ⓒ©※저Cc–-])(?:{_any(ANYWHERE.get(kind))})"),
        re.compile(rf"[ \t]*(?:{_any(AT_END.get(kind))})[ \t]*$"),
        re.compile(_any(LINES.get(kind))),
        re.compile(_any(BELOW.get(kind))),
        re.compile(FOLLOWS.get(kind, "(?!)")),
    )
