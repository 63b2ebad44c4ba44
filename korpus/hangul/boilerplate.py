"""What Korean pages put around their texts: bylines, dates, copyright notices, picture credits, calls to subscribe.

Made from the ways in which Korean newspapers, agencies and broadcasters open and sign off, and from the buttons and
notices of portals. A form that can be nothing else goes wherever it stands; one that prose may hold too goes only at
the beginning of a line, as a line of its own, or behind the last sentence of a line.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

_EMAIL = r"[A-Za-z0-9._%+*-]{1,40}@(?:[A-Za-z0-9-]{1,40}\.){1,4}[A-Za-z]{2,24}"
# An address that the page cut off, or hid, is one beside a name only.
_BESIDE = r"[A-Za-z0-9._%+*-]{1,40}@(?:(?:[A-Za-z0-9-]{1,40}\.){1,4}[A-Za-z]{2,24}|[.…*]*(?![A-Za-z가-힣]))"
_WEBMAIL = r"(?:naver|gmail|daum|hanmail|nate|kakao|hotmail|outlook|yahoo|icloud)\."
_PHONE = r"(?:0[0-9]{1,2}[-.)\s]\s?)?[0-9]{3,4}[-.][0-9]{4}"

# Newspapers, agencies, broadcasters and their desks.
_MEDIUM = (
    "뉴스1?|뉴시스|일보|신문|통신|타임[스즈]|TV|방송|경제|투데이|미디어|저널|데일리|닷컴|매일|헤럴드|포커스|워치|뉴스핌|스포츠|비즈"
    "|조선|중앙|동아|한겨레|경향|리뷰|로이터|코리아|리포트|포스트|프레시안|오마이|노컷|엔터|연예"
)
_OUTLET = (
    rf"(?:[가-힣A-Za-z0-9]{{0,8}}(?:{_MEDIUM})(?:\s?[가-힣A-Z0-9]{{1,4}})?|[A-Z][A-Za-z]{{1,5}}[0-9]?|[A-Z]{{2,8}}"
    r"\s?[가-힣]{2,6})"
)
_TEAM = (
    r"(?:[가-힣A-Z]{2,8}\s)?(?:(?:온라인|디지털|인터넷|모바일|뉴미디어|소셜|이슈|속보|뉴스|편집|취재"
    r"|탐사)\s?(?:[가-힣]{2,4}\s?){0,2}[0-9]?"
    r"(?:팀|부|국|룸|데스크|센터|본부)|(?:사회|정치|경제|문화|산업|국제|스포츠|연예|전국|생활|증권|금융|사진|영상)부)"
)
_ROLE = (
    r"(?:(?:[가-힣]{2,6}\s?)?(?:선임|수습|인턴|객원|전문|시민|사진|영상|명예|대학생|취재|그래픽)\s?)?"
    r"(?:기자|특파원|논설위원|편집위원|통신원|리포터|에디터|피디|PD|아나운서)"
)
_RANKED = rf"(?:{_ROLE}|(?:[가-힣]{{2,6}}\s?)?(?:부장|차장|국장|팀장|위원|칼럼니스트|평론가))"
_PLAIN = r"[가-힣]{2,4}"
_JOINT = r"\s?[,·/ㆍ&∙]\s?|\s"
_NAME = rf"{_PLAIN}(?:\s[가-힣]{{2,6}})?\s?{_RANKED}"
_NAMES = rf"(?:{_PLAIN}(?:{_JOINT})){{0,4}}{_NAME}(?:\s?[,·/ㆍ]?\s?{_NAME}){{0,4}}"
# Without an address beside it, only what begins with a family name, and does not end as an adjective does or a word
# with a particle (`이상한 기자`, `이건 그 기자`), but for the endings that given names have too (`김지은`, `박다인`).
_FAMILY = (
    "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지엄채원천방공현함변염여추도소석선설마"
    "길연위표명반왕금옥육인맹"
)
_GIVEN = (
    r"(?:[지다가예하소시나채주재혜정성승경영효세수태아보희동]은|[다혜채해수지세가아규나현서유]인"
    r"|[가-힣](?![한는던된쓴할런쁜의적운은인를을이가들지면서고도니까])[가-힣]|요한"
    r"|[가나다라마바사아자차하수민윤선현유정][가지서이도])"
)
_KNOWN = rf"(?:[{_FAMILY}]{_GIVEN}|(?:남궁|황보|제갈|선우|독고|사공)[가-힣]{{1,2}})"
_SURE = rf"{_KNOWN}\s?{_ROLE}"
_SURE_NAMES = rf"(?:{_KNOWN}(?:{_JOINT})){{0,4}}{_SURE}(?:\s?[,·/ㆍ]?\s?{_SURE}){{0,4}}"
_WORK = "글|취재|정리|사진|영상|편집|그래픽|기획|촬영|번역"
_BY = rf"(?:(?:{_WORK})(?:\s?[·,/&]\s?(?:{_WORK})){{0,3}}\s?[=/:|ㅣ]?\s?)"
_AT = r"(?:[가-힣]{2,6}(?:[·/][가-힣0-9A-Z]{2,6})?\s?[=/]\s?)"

_DATE = (
    r"(?:19|20)[0-9]{2}\s?[-./년]\s?[0-9]{1,2}\s?[-./월]\s?[0-9]{1,2}\s?(?:일|\.)?"
    r"(?:\s?\(?[월화수목금토일](?:요일)?\)?(?![가-힣]))?"
)
_TIME = (
    r"[\s|,T]{0,2}(?:(?:오전|오후|AM|PM|am|pm)\s?)?[0-9]{1,2}\s?[:시]\s?[0-9]{1,2}(?![0-9])(?::[0-9]{2}"
    r"|\s?분)?(?:\s?(?:AM|PM|am|pm))?"
)
_STAMPED = (
    r"(?:(?:기사|최초|최종|최근|마지막)\s?)?"
    r"(?:입력|수정|등록|송고|승인|작성|게재|발행|업데이트|전송|게시)\s?(?:시간|일시|일자|일|날짜)?"
)
_OPENS = r"[\[(<【|ㅣ/]?\s?"
_STAMP = (
    rf"{_OPENS}(?:{_STAMPED}\s?[:=|ㅣ]?\s?\[?{_DATE}(?:{_TIME})?(?:\s?\(?KST\)?)?"
    rf"|{_DATE}{_TIME}\s?(?:입력|수정|송고|등록)(?![가-힣]))\s?[\])>】]?"
)
_TIMED = rf"{_OPENS}{_STAMPED}\s?[:=|ㅣ]?\s?{_DATE}{_TIME}(?:\s?\(?KST\)?)?\s?[\])>】]?"

# What a notice forbids: `무단 전재 및 재배포 금지`, `무단전재-재배포, AI 학습 및 활용 금지`.
_USES = r"전재|복제|복사|배포|도용|사용|재배포|재가공|재판매|수집|이용|활용|게재|AI\s?학습(?:\s?(?:및|이용|활용)){0,2}"
_FORBIDDEN = (
    rf"무단\s?(?:{_USES})(?:\s?(?:[-,·ㆍ/&]|및|또는|와|과)?\s?(?:무단\s?)?(?:{_USES})){{0,6}}"
    r"\s?(?:\([^()\n]{1,20}\)\s?)?(?:을|를)?\s?(?:절대\s?)?(?:금지|금합니다|금함|금지합니다|불허)(?![가-힣])"
)
_RESERVED = "(?:[Aa]ll [Rr]ights? [Rr]eserved|ALL RIGHTS? RESERVED)"
_SIGN = r"(?:ⓒ|©|\([cC]\))"
_SAID = r"※?\s?(?:저작권자\s?|[Cc]opyrights?\s?|COPYRIGHTS?\s?)?"
_OWNER = (
    r"[가-힣A-Za-z0-9&'\"“‘][^\n.!?<>(){}\[\]ⓒ©]{0,40}?"
    r"(?:\([^()\n]{1,30}\)|(?:www\.[a-z0-9-]{1,30})?\.(?:com|net|kr|co\.kr))?"
)
_NO_PROSE = r"(?<![다요까음함]\.)(?<![다요까음함])"

# What shows that brackets are a part of a sentence: a particle right behind them.
_NOT_SAID = (
    r"(?!(?:은|는|이|가|을|를|의|에|에서|에게|와|과|도|로|으로|이나|만|인|처럼|이?라[는고]|이다|입니다)(?:[\s.,!?)]|$))"
)

_POINT = "▶▷►☞◀★☆■□※●◆◇▣→➡▲"
_CALL = (
    r"구독(?!자|료|경제)|채널\s?추가|뉴스스탠드|제보(?:하기|를?\s기다)|앱\s?다운|팔로우|친구\s?추가|좋아요\s?누르"
    r"|네이버\s?(?:메인|모바일|홈|채널|뉴스|포스트)"
    r"|(?:뉴스|기사|영상|사진)\s?(?:더\s?)?(?:보기|보러)|더\s?보기|바로\s?가기|만나보세요|만나\s?보기|받아\s?보(?:기"
    r"|세요)|여러분의\s(?:소중한\s)?제보|클릭(?!해|하)|확인하(?:기|세요)|팔로잉|(?:페이스북|트위터|인스타그램|유튜브"
    r"|카카오스토리|텔레그램)\s?(?:에서|친구|채널|계정)"
    r"|무료\s?(?:체험|상담|신청)"
)
_LIST = (
    r"(?:관련\s?(?:기사|뉴스|영상|포토)|이\s?시각\s?[^\n\]>]{2,12}|(?:많이|함께|가장\s많이)\s?(?:본|읽은"
    r"|볼\s?만한)\s?(?:뉴스|기사)"
    r"|(?:핫|인기|추천|주요|오늘의\s?(?:주요|핫))\s?(?:뉴스|기사|이슈)|실시간\s?(?:인기|주요)?\s?(?:뉴스|기사"
    r"|랭킹))(?:\s?(?:보기|더보기|목록))?"
)
_TITLE = r"[^\n]{0,100}(?<![다요죠까]\.)(?<!하라)(?<!시오)"
_ON_AIR = (
    "(?:KBS|MBC|SBS|YTN|JTBC|MBN|TV조선|채널A|연합뉴스TV|OBS|EBS|CBS|BBS|TBS|tbs|KNN|TBC|TJB|G1|CJB|JTV|KBC|kbc|UBC|ubc|JIBS"
    r"|[가-힣A-Z]{2,6}(?:뉴스|방송|TV))(?:\s?(?:뉴스|스포츠뉴스))?"
)
_CREW = (
    r"(?:영상\s?(?:취재|편집|촬영|디자인|제작)|취재\s?기자|촬영\s?기자|화면\s?(?:제공|출처)|그래픽|일러스트"
    r"|자막\s?편집|VJ|CG)"
    r"\s?[:=|ㅣ/]\s?"
)

AT_START: dict[str, str] = {
    # `(서울=뉴스1) 홍길동 기자 = `, `[한빛스포츠 | 김민수 기자] `, `대전/홍길동 기자 = `
    "byline": (
        rf"[\[(【<][가-힣A-Za-z,·ㆍ/ ]{{2,16}}\s?=\s?(?:{_OUTLET}|[가-힣]{{2,6}})[\])】>]\s?{_NAMES}\s?[=-]"
        rf"|[\[(【][가-힣A-Z,·ㆍ/]{{2,12}}\s?=\s?(?:[가-힣A-Za-z0-9]{{0,8}}(?:{_MEDIUM}))[\])】](?![은는이가을를의도에]\s)"
        rf"|[\[(【<](?:[가-힣A-Za-z0-9· ]{{1,20}}\s?[=|ㅣ/]\s?)?(?:{_OUTLET}\s)?{_SURE_NAMES}(?:\s?[=/"
        rf"|]?\s?{_BESIDE})?[\])】>](?![가-힣])"
        rf"|(?:(?:{_OUTLET}|[가-힣]{{2,6}})\s?[=/|ㅣ\s]\s?){{0,2}}{_SURE_NAMES}\s?=(?=[^\n]*다\.)"
    ),
    "date": (
        rf"{_TIMED}[|ㅣ/·,]?(?!\s?(?:이후|이전|까지|부터|에|전|후|기준|현재|경|쯤|분|판|로)(?:[의은는에도만로 ,.]|$))"
    ),
    "broadcast": (
        r"(?:[\[<【(]\s?(?:앵커|리포트|기자|앵커\s?멘트|리포터|아나운서|진행자)\s?[\]>】)]|[◀■□]\s?(?:앵커|리포트"
        r"|기자)\s?[▶■□])(?![가-힣])"
    ),
}
"""Kinds that open a line, and what is said goes on behind them."""

ANYWHERE: dict[str, str] = {
    # `[헤럴드경제=홍길동 기자]`, `(서울=뉴스1) 홍길동 기자 =`
    "byline": (
        rf"[\[(【][가-힣A-Za-z0-9· ]{{1,20}}\s?=\s?{_NAMES}(?:\s?{_BESIDE})?[\])】]{_NOT_SAID}\s?=?[ \t]?"
        rf"|[\[(【][가-힣,·ㆍ]{{2,12}}\s?=\s?[가-힣A-Za-z0-9]{{2,12}}[\])】]\s?{_NAMES}\s?=[ \t]?"
    ),
    # `<저작권자 ⓒ 한국신문>`, `ⓒ 한국신문. 무단 전재-재배포 금지`, `Copyright ⓒ 한국신문. All rights reserved`
    "copyright": (
        rf"[<〈《(\[]\s?{_SAID}{_SIGN}[^<>〈〉《》\[\]\n]{{1,80}}[>〉》)\]]"
        rf"|{_SAID}{_SIGN}\s?{_OWNER}[.,]?\s?(?:{_FORBIDDEN}|{_RESERVED})\.?(?:\s?{_FORBIDDEN}\.?)?"
    ),
    # Glued to the word before it, it goes from before a particle too: `손흥민(사진=한국신문)은`.
    "credit": (
        r"(?<=[가-힣])[\[(<]\s?(?:사진|자료|영상|이미지|그래픽|캡처)\s?(?:출처|제공|캡처|캡쳐)?\s?[=:"
        r"|ㅣ]\s?[^\[\]()<>\n]{1,40}[\])>]"
        r"|(?<![가-힣])[\[(<]\s?(?:사진|자료|영상|이미지|그래픽|캡처)\s?(?:출처|제공|캡처|캡쳐)?\s?[=:"
        r"|ㅣ]\s?[^\[\]()<>\n]{1,40}[\])>]"
        rf"{_NOT_SAID}"
    ),
    "notice": (
        r"\[\s?본\s(?:게시물|게시글|글|청원|댓글)[^\[\]\n]{2,60}(?:수정|삭제|숨김|블라인드|비공개)[^\[\]\n]{0,24}\]"
    ),
}
"""Kinds of boilerplate that can be nothing else."""

AT_END: dict[str, str] = {
    # `홍길동 기자 hong@example.com`, `hong@example.com 홍길동 선임기자`, `/글=홍길동 기자`, `[한빛일보 홍길동 기자]`
    "byline": (
        rf"[/=|ㅣ\[(<【]?\s?(?:{_BY}|{_AT}|{_OUTLET}\s?[=/]?\s?|{_TEAM}\s?[=/]?\s?)?{_NAMES}\s?[=/(\["
        rf"|ㅣ<:]?\s?{_BESIDE}[)\]>】]?"
        rf"|{_EMAIL}\s?[/=(|]?\s?(?:{_BY}|{_AT})?{_NAMES}[)]?"
        rf"|[/=(\[|ㅣ<【▲]?\s?(?:{_AT}|{_OUTLET}\s?[=/|ㅣ]?\s?"
        rf"|{_TEAM}\s?[=/]?\s?)?{_BY}?(?:{_OUTLET}\s)?{_SURE_NAMES}(?:\s?{_BY}{_SURE_NAMES})?[)\]>】]?"
        rf"|{_BY}{_KNOWN}(?:\s?{_ROLE})?\s?[,·/ㆍ]?\s?{_BY}{_SURE}"
        rf"|기자\s{_KNOWN}\s?[(\[<]?\s?{_EMAIL}[)\]>]?"
        rf"|[/=\[(]?\s?{_TEAM}(?:\s?[/=(]?\s?{_BESIDE}[)]?)?[)\]]?"
        rf"|{_SURE_NAMES}(?:의)?\s?(?:(?:다른\s?)?(?:기사|뉴스)\s?(?:더\s?|모아\s?)?보기|구독(?:하기)?"
        rf"|페이지(?:\s?바로\s?가기)?|프로필)"
        rf"|[\[(<](?:[가-힣A-Za-z0-9]{{1,8}}(?:{_MEDIUM}))\s{_KNOWN}[\])>]"
        r"|[(<\[]\s?끝[)>\]]"
        rf"|[\[(](?![^@\s]{{1,40}}@{_WEBMAIL}){_EMAIL}[\])]"
        rf"|{_KNOWN}\s[가-힣A-Za-z0-9]{{1,8}}(?:{_MEDIUM})\s?{_ROLE}"
        rf"|(?<=다\.)\s?(?![^@\s]{{1,40}}@{_WEBMAIL}){_EMAIL}"
    ),
    "date": _STAMP,
    "copyright": (
        rf"{_SAID}{_SIGN}\s?{_OWNER}{_NO_PROSE}\.?"
        rf"|(?:{_SAID}|[^\n.!?]{{2,20}}\s)?(?:{_FORBIDDEN}|{_RESERVED})\.?(?:\s?{_FORBIDDEN}\.?)?[>)\]]?"
        rf"|(?:본|이)\s?(?:기사|콘텐츠|저작물|게시물|사진)의\s저작권은\s[^\n]{{1,60}}(?:있습니다|금합니다|금지합니다"
        rf"|있음|금지)\.?"
    ),
    "credit": (
        r"[/|ㅣ]?\s?(?:사진|자료|영상|이미지|캡처)\s?(?:[=|ㅣ]|(?:출처|제공|캡처|캡쳐)\s?[=:"
        r"|ㅣ])\s?[^\n.!?]{1,40}(?<![다요])"
        rf"|[\[(<]\s?(?:사진|영상|이미지|자료)\s(?:제공\s|출처\s)?{_OUTLET}(?:\s제공)?\s?[\])>]"
        rf"|[\[(<]\s?(?:[가-힣A-Z0-9]{{0,8}}(?:{_MEDIUM}|[가-힣]{{2}}[시군]|시청|군청|구청|도청|소방서|경찰서|경찰청"
        rf"|협회|공단|대학교))\s?(?:자료\s?사진|제공|DB|캡처)\s?[\])>]"
        r"|[\[(<]?\s?[가-힣]{2,6}\s?=\s?(?:연합뉴스|뉴시스|뉴스1|로이터|AP|AFP)\s?[\])>]"
        r"|/?\s?(?:게티이미지(?:뱅크|코리아)?|셔터스톡|픽사베이|클립아트코리아)"
        rf"|[/\[(]?\s?{_CREW}(?:\s?{_KNOWN}(?![가-힣])){{1,3}}(?:\s?[,/·"
        rf"|]\s?{_CREW}(?:\s?{_KNOWN}(?![가-힣])){{1,3}}){{0,4}}\s?[\])]?"
    ),
    "broadcast": (
        rf"(?:지금까지\s(?:[가-힣]{{2,12}}에서\s)?)?(?:[가-힣]{{2,8}}에서\s)?{_ON_AIR}\s?(?!진행자|구독자|공채|고객"
        rf"|신입|선배|전문가)"
        rf"{_KNOWN}(?:\s?[\[(]?{_BESIDE}[\])]?)?\s?(?:{_ROLE})?(?:입니다|이었습니다|였습니다)\.?"
        rf"|지금까지\s(?:[가-힣A-Z0-9]{{2,10}}(?:에서)?\s){{1,3}}(?:{_KNOWN}(?<!조연출)(?:\s?{_ROLE})?(?:이었습니다"
        rf"|였습니다|와\s?함께\s?했습니다)|전해\s?드렸습니다)\.?"
    ),
    "promotion": (
        rf"[{_POINT}]\s?[^\n▶▷►☞◀.!?]{{0,50}}(?:{_CALL})[^\n▶▷►☞◀.!?]{{0,30}}(?<!다)[!?]?(?:\s?{_EMAIL})?\s?[★☆◀■]?"
        r"|[■※●▶▷◆]?\s?['‘\"“]?(?:당신|여러분|시청자|독자)(?:의|\s여러분의)\s(?:소중한\s)?제보(?:가\s뉴스가\s됩니다"
        r"|를\s기다립니다)['’\"”]?[.!]?"
        r"|※\s?[가-힣A-Z0-9]{2,12}(?:은|는)\s(?:여러분|독자|시청자)[^\n]{0,10}의\s제보[^\n]{2,30}"
        rf"|[{_POINT}\[]?\s?(?:카카오톡|카톡|전화|메일|이메일|라인)\s?(?:제보\s?)?[\]:]\s?"
        rf"(?:@?['‘\"]?[가-힣A-Z][가-힣A-Z0-9]{{1,10}}['’\"]?(?:\s?검색[^\n.!?]{{0,20}}|(?=\s?$))"
        rf"|@[가-힣A-Za-z0-9]{{2,12}}|{_PHONE}|{_EMAIL})"
        rf"|(?:기사\s?)?(?:문의\s?및\s?)?제보는\s?(?:카카오톡|카톡|전화|이메일|메일)(?:\s?:?\s?{_EMAIL}"
        rf"|[^\n.!?]{{0,40}})"
        rf"|(?:뉴스|기사|독자|시청자|사건)?\s?제보\s?(?:전화|메일|이메일|문의|및\s?문의"
        rf"|및\s?보도자료)?\s?[:=]?\s?(?:{_PHONE}|{_EMAIL})"
        r"|(?:기사\s?)?(?:문의\s?및\s?)?제보\s?[:=]\s?[^\n.!?]{2,40}"
        rf"|[\[<(【][^\[\]<>\n]{{2,30}}(?:구독\s?하기|바로\s?가기|채널\s?추가|다운로드|받아\s?보기"
        rf"|친구\s?추가)\s?[\]>)】](?![가-힣])"
        r"|(?:유튜브\s)?구독(?:과|,"
        r"|·)?\s?좋아요\s?(?:(?:,\s?)?알림\s?설정)?(?:까지)?\s?(?:꾹\s?)?(?:부탁\s?드(?:립니다|려요)"
        r"|눌러\s?주세요)[.!~]*"
    ),
    "notice": (
        r"[\[(]?\s?(?:(?:작성자|관리자|운영자|이용자|운영\s?원칙|신고|게시판\s?규정)[^\n.]{0,14}\s)?(?:삭제|블라인드"
        r"|비공개|숨김)\s?(?:처리)?(?:된|한)\s"
        r"(?:댓글|게시물|게시글|글|답글)입니다\.?\s?[\])]?"
    ),
    "related": (
        rf"[\[<(【]\s?{_LIST}\s?[\]>)】](?![가-힣]){_TITLE}"
        rf"|[{_POINT}]\s?{_LIST}(?![가-힣]){_TITLE}"
    ),
}
"""Kinds that are boilerplate as a line of their own, or behind the last sentence of a line."""

_BUTTONS = (
    r"(?:신고(?:하기)?|답글(?:\s?(?:쓰기|달기|보기|접기))?|댓글(?:\s?(?:쓰기|달기|보기|입력|닫기))|(?:더|전체)\s?보기"
    r"|공감|비공감|공유(?:하기)?|접기|펼치기"
    r"|닫기|스크랩(?:하기)?|인쇄(?:하기)?|프린트|목록(?:으로)?|이전\s?글|다음\s?글|URL\s?복사|주소\s?복사|링크\s?복사"
    r"|글자\s?크기(?:\s?조절)?|본문\s?(?:바로\s?가기|듣기)"
    r"|메뉴\s?바로\s?가기|맨\s?위로|로그인|회원\s?가입|번역\s?보기|이\s?글에\s?공감한\s?블로거\s?(?:보기|열고\s?닫기)"
    r"|이웃\s?추가|카카오톡\s?공유|페이스북\s?공유"
    r"|이전\s?기사|다음\s?기사|기사\s?목록|TOP|광고|AD|후속\s?기사\s?원해요|관련\s?(?:기사|뉴스)"
    r"|공감한\s?사람\s?보러\s?가기|대댓글|북마크|기사\s?공유|폰트\s?크기\s?(?:조절)?)"
)
_COUNTED = (
    r"(?:좋아요|싫어요|추천|비추천|공감|비공감|댓글|답글|조회(?:수)?|스크랩|공유|찬성|반대|훈훈해요|슬퍼요|화나요"
    r"|기대해요"
    r"|놀랐어요|후속\s?기사\s?원해요|응원해요|축하해요|쏠쏠정보|흥미진진|공감백배|분석탁월|후속강추"
    r"|팬이에요)\s?[:(]?\s?[0-9][0-9,.]{0,8}(?:개|만|천)?\)?"
)

SIGNED = r"사진|영상|[@ⓒ©▶▷►☞◀※]|\([cC]\)|금지|eserved|끝[)>\]]|[0-9]:[0-9]"
"""What a piece holds that may stand between others; a part of a line without it need not be searched for one."""

BUTTONS = rf"(?:(?:{_BUTTONS}|{_COUNTED})[\s|·ㆍ/,]{{0,3}}){{1,8}}"
"""A line of these alone is one of buttons, unless the text begins with it: a comment may well say 공감."""

LAST_BUTTON = r"(?<=[.!?~>])[ \t]?(?:신고|더\s?보기|답글\s?달기|공유하기|접기)"
"""What portals copy behind the last sentence of a text."""

ITEM = rf"[ \t]*(?:[{_POINT}·•ㆍ\-–*└▪∙]|[0-9]{{1,2}}[.)])[^\n]{{1,100}}(?<![다요죠까]\.)"
"""A line below the heading of a list of articles that belongs to it."""

# Behind the last sentence of a line, or at its beginning; a full stop within an address ends no sentence.
_BEHIND = r"(?:^|(?<=[!?…\"'’”)\]>〉》】])|(?<=\.)(?:(?=[ \t])|(?<=[^A-Za-z0-9]\.)))"

HEADLINE = r"[^\n]{1,60}(?<![.!?])(?<![다요죠까])"
"""A line without a sign that may belong to it too, if all lines to the end of the text are such."""

KINDS = ("byline", "date", "copyright", "credit", "broadcast", "promotion", "related", "notice", "button")

_SIGNS = {
    "byline": (
        "기자|특파원|위원|통신원|리포터|에디터|피디|PD|아나운서|부장|차장|국장|팀장|칼럼니스트|평론가|@|끝)"
        "|끝]|끝>|온라인|디지털|인터넷|모바일|뉴미디어|소셜|이슈|속보|뉴스|편집|취재|탐사|사회부|정치부"
        "|경제부|문화부|산업부|국제부|스포츠부|연예부|전국부|생활부|증권부|금융부|사진부|영상부|=|일보 |신문 "
        "|통신 |스포츠 "
    ),
    "date": "입력|수정|등록|송고|승인|작성|게재|발행|업데이트|전송|게시",
    "copyright": "ⓒ|©|(c)|(C)|무단|eserved|ESERVED|저작권은",
    "credit": (
        "사진|자료|영상|이미지|그래픽|캡처|캡쳐|일러스트|촬영|화면|자막|VJ|CG|취재|게티|셔터|픽사|클립|제공|DB|="
    ),
    "broadcast": (
        "KBS|MBC|SBS|YTN|JTBC|MBN|TV|채널A|OBS|EBS|CBS|BBS|TBS|tbs|KNN|TBC|TJB|G1|CJB|KBC|kbc|UBC|ubc|JIBS"
        "|뉴스|방송|지금까지|앵커|리포트|기자]|기자>|기자 |기자】|기자)|리포터|아나운서|진행자"
    ),
    "promotion": "▶|▷|►|☞|◀|★|☆|■|□|※|●|◆|◇|▣|→|➡|▲|제보|구독|가기|추가|다운로드|받아|카톡|카카오톡|전화|메일|라인",
    "related": "기사|뉴스|영상|포토|시각|이슈|랭킹",
    "notice": "[본 |[ 본 |삭제|블라인드|비공개|숨김",
}
SIGNS = {kind: tuple(filter(None, _SIGNS.get(kind, "").split("|"))) for kind in KINDS}
"""A piece of a kind holds one of these strings."""

BUTTON_SIGNS = (
    r"[.!?~>][ \t]?(?:신고|더\s?보기|답글|공유하기|접기)\s*$"
    r"|\n\s*(?:신고|답글|댓글|더|전체|공감|비공감|공유|접기|펼치기|닫기|스크랩|인쇄|프린트|목록|이전|다음|URL|주소"
    r"|링크|글자|본문|메뉴|맨"
    r"|로그인|회원|번역|이\s?글에|이웃|카카오톡|페이스북|관련|기사|공감한|대댓글|북마크|폰트|좋아요|싫어요|추천|비추천"
    r"|조회|찬성|반대|훈훈|슬퍼|화나|기대|놀랐|후속|응원|축하"
    r"|쏠쏠|흥미|분석|팬이|TOP|광고|AD)"
)
"""A text without a match, to RE2 too, has no button."""


class Compiled(NamedTuple):
    """The patterns of a kind, each of a whole piece: at the start of a line, anywhere, at the end.

    `behind` matches behind a sentence, `loose` behind a space; both up to the end of what is searched.
    """

    at_start: re.Pattern[str]
    anywhere: re.Pattern[str]
    behind: re.Pattern[str]
    loose: re.Pattern[str]


@cache
def compiled(kind: str) -> Compiled:
    """Return the patterns of one of `KINDS`; one that has no such piece matches nothing."""
    at_end = AT_END.get(kind, "(?!)")
    return Compiled(
        re.compile(rf"[ \t]*(?:{AT_START.get(kind, '(?!)')})[ \t]*"),
        # Looking at one character first is what makes a search of long lines fast.
        re.compile(rf"(?=[\[(<〈《【ⓒ©※저Cc])(?:{ANYWHERE.get(kind, '(?!)')})"),
        re.compile(rf"{_BEHIND}[ \t]*(?:{at_end})[ \t]*$"),
        re.compile(rf"(?<=[ \t|ㅣ/])(?:{at_end})[ \t]*$"),
    )
