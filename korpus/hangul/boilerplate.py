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
_MAILBOX = r"[^@\s]{1,40}@(?:naver|gmail|daum|hanmail|nate|kakao|hotmail|outlook|yahoo|icloud)\."
"""Addresses that anyone may have."""
_PHONE = r"(?:0[0-9]{1,2}[-.)\s] ?)?[0-9]{3,4}[-.][0-9]{4}"

# Newspapers, agencies, broadcasters and their desks.
_MEDIUM = (
    "뉴스1?|뉴시스|일보|신문|통신|타임[스즈]|TV|방송|경제|투데이|미디어|저널|데일리|닷컴|매일|헤럴드|포커스|워치|뉴스핌|스포츠|비즈"
    "|조선|중앙|동아|한겨레|경향|리뷰|로이터|코리아|리포트|포스트|프레시안|오마이|노컷|엔터|연예"
)
_OUTLET = (
    rf"(?:[가-힣A-Za-z0-9]{{0,8}}(?:{_MEDIUM})(?: ?[가-힣A-Z0-9]{{1,4}})?|[A-Z][A-Za-z]{{1,5}}[0-9]?|[A-Z]{{2,8}}"
    r" ?[가-힣]{2,6})"
)
_TEAM = (
    r"(?:[가-힣A-Z]{2,8} )?(?:(?:온라인|디지털|인터넷|모바일|뉴미디어|소셜|이슈|속보|뉴스|편집|취재"
    r"|탐사) ?(?:[가-힣]{2,4} ?){0,2}[0-9]?"
    r"(?:팀|부|국|룸|데스크|센터|본부)|(?:사회|정치|경제|문화|산업|국제|스포츠|연예|전국|생활|증권|금융|사진|영상)부)"
)
_ROLE = (
    r"(?:(?:[가-힣]{2,6} ?)?(?:선임|수습|인턴|객원|전문|시민|사진|영상|명예|대학생|취재|그래픽) ?)?"
    r"(?:기자|특파원|논설위원|편집위원|통신원|리포터|에디터|피디|PD|아나운서)"
)
_RANKED = rf"(?:{_ROLE}|(?:[가-힣]{{2,6}} ?)?(?:부장|차장|국장|팀장|위원|칼럼니스트|평론가))"
_PLAIN = r"[가-힣]{2,4}"
_JOINT = r" ?[,·/ㆍ&∙] ?| "
_NAME = rf"{_PLAIN}(?: [가-힣]{{2,6}})? ?{_RANKED}"
_NAMES = rf"(?:{_PLAIN}(?:{_JOINT})){{0,4}}{_NAME}(?: ?[,·/ㆍ]? ?{_NAME}){{0,4}}"
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
_SURE = rf"{_KNOWN} ?{_ROLE}"
_SURE_NAMES = rf"(?:{_KNOWN}(?:{_JOINT})){{0,4}}{_SURE}(?: ?[,·/ㆍ]? ?{_SURE}){{0,4}}"
_WORK = "글|취재|정리|사진|영상|편집|그래픽|기획|촬영|번역"
_BY = rf"(?:(?:{_WORK})(?: ?[·,/&] ?(?:{_WORK})){{0,3}} ?[=/:|ㅣ]? ?)"
_AT = r"(?:[가-힣]{2,6}(?:[·/][가-힣0-9A-Z]{2,6})? ?[=/] ?)"

_DATE = (
    r"(?:19|20)[0-9]{2} ?[-./년] ?[0-9]{1,2} ?[-./월] ?[0-9]{1,2} ?(?:일|\.)?"
    r"(?: ?\(?[월화수목금토일](?:요일)?\)?(?![가-힣]))?"
)
_TIME = (
    r"[\s|,T]{0,2}(?:(?:오전|오후|AM|PM|am|pm) ?)?[0-9]{1,2} ?[:시] ?[0-9]{1,2}(?![0-9])(?::[0-9]{2}"
    r"| ?분)?(?: ?(?:AM|PM|am|pm))?"
)
_STAMPED = (
    r"(?:(?:기사|최초|최종|최근|마지막) ?)?"
    r"(?:입력|수정|등록|송고|승인|작성|게재|발행|업데이트|전송|게시) ?(?:시간|일시|일자|일|날짜)?"
)
_OPENS = r"[\[(<【|ㅣ/]? ?"
_STAMP = (
    rf"{_OPENS}(?:{_STAMPED} ?[:=|ㅣ]? ?\[?{_DATE}(?:{_TIME})?(?: ?\(?KST\)?)?"
    rf"|{_DATE}{_TIME} ?(?:입력|수정|송고|등록)(?![가-힣])) ?[\])>】]?"
)
_TIMED = rf"{_OPENS}{_STAMPED} ?[:=|ㅣ]? ?{_DATE}{_TIME}(?: ?\(?KST\)?)? ?[\])>】]?"

# What a notice forbids: `무단 전재 및 재배포 금지`, `무단전재-재배포, AI 학습 및 활용 금지`.
_USES = r"전재|복제|복사|배포|도용|사용|재배포|재가공|재판매|수집|이용|활용|게재|AI ?학습(?: ?(?:및|이용|활용)){0,2}"
_FORBIDDEN = (
    rf"무단 ?(?:{_USES})(?: ?(?:[-,·ㆍ/&]|및|또는|와|과)? ?(?:무단 ?)?(?:{_USES})){{0,6}}"
    r" ?(?:\([^()\n]{1,20}\) ?)?(?:을|를)? ?(?:절대 ?)?(?:금지|금합니다|금함|금지합니다|불허)(?![가-힣])"
)
_RESERVED = "(?:[Aa]ll [Rr]ights? [Rr]eserved|ALL RIGHTS? RESERVED)"
_SIGN = r"(?:ⓒ|©|\([cC]\))"
_SAID = r"※? ?(?:저작권자 ?|[Cc]opyrights? ?|COPYRIGHTS? ?)?"
_OWNER = (
    r"[가-힣A-Za-z0-9&'\"“‘][^\n.!?<>(){}\[\]ⓒ©]{0,40}?"
    r"(?:\([^()\n]{1,30}\)|(?:www\.[a-z0-9-]{1,30})?\.(?:com|net|kr|co\.kr))?"
)
_NO_PROSE = r"(?<![다요까음함]\.)(?<![다요까음함])"

# What shows that brackets are a part of a sentence: a particle right behind them.
_NOT_SAID = (
    r"(?!(?:은|는|이|가|을|를|의|에|에서|에게|와|과|도|로|으로|이나|만|인|처럼|이?라[는고]|이다|입니다)"
    r"(?:[\s.,!?)]|$))"
)

_AGENCY = "연합뉴스(?:TV)?|뉴시스|뉴스1|로이터|AP|AFP|EPA|신화|타스|게티이미지(?:뱅크|코리아)?|셔터스톡"
_CITY = (
    "서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충북|충남|전북|전남|경북|경남|제주|수원|성남|용인|고양|창원|청주|전주|천안|포항|춘천"
    "|원주|강릉|목포|여수|순천|군산|익산|안동|구미|경주|진주|김해|거제|의정부|안산|안양|부천|평택|워싱턴|뉴욕|도쿄|베이징|파리|런던"
)
_CREDITED = (
    r"[\[(<] ?(?:사진|자료|영상|이미지|그래픽|캡처) ?(?:출처|제공|캡처|캡쳐)? ?[=:|ㅣ] ?[^\[\]()<>\n]{1,40}[\])>]"
)
_POST = r"포스팅|포스트|글|게시물|게시글|후기|리뷰|콘텐츠|컨텐츠|영상"
_SOUGHT = r"(?:@?['‘\"]?[가-힣A-Z][가-힣A-Z0-9]{1,10}['’\"]?(?: ?검색[^\n.!?]{0,20}|(?= ?$))|@[가-힣A-Za-z0-9]{2,12})"
_CONTACT = rf"(?:{_SOUGHT}|{_PHONE}(?: ?, ?[0-9-]{{3,13}}){{0,3}}|{_EMAIL})"

_POINT = "▶▷►☞◀★☆■□※●◆◇▣→➡▲"
_CALL = (
    r"구독(?!자|료|경제)|채널 ?추가|뉴스스탠드|제보(?:하기|를? 기다)|앱 ?다운|팔로우|친구 ?추가|좋아요 ?누르"
    r"|네이버 ?(?:메인|모바일|홈|채널|뉴스|포스트)"
    r"|(?:뉴스|기사|영상|사진) ?(?:더 ?)?(?:보기|보러)|더 ?보기|바로 ?가기|만나보세요|만나 ?보기|받아 ?보(?:기"
    r"|세요)|여러분의 (?:소중한 )?제보|클릭(?!해|하)|확인하(?:기|세요)|팔로잉|(?:페이스북|트위터|인스타그램|유튜브"
    r"|카카오스토리|텔레그램) ?(?:에서|친구|채널|계정)"
)
_LIST = (
    r"(?:관련 ?(?:기사|뉴스|영상|포토)|이 ?시각 ?[^\n\]>]{2,12}|(?:많이|함께|가장 많이) ?(?:본|읽은"
    r"|볼 ?만한) ?(?:뉴스|기사)"
    r"|(?:핫|인기|추천|주요|오늘의 ?(?:주요|핫)) ?(?:뉴스|기사|이슈)|실시간 ?(?:인기|주요)? ?(?:뉴스|기사"
    r"|랭킹))(?: ?(?:보기|더보기|목록))?"
)
_TITLE = r"[^\n]{0,100}(?<![다요죠까]\.)(?<!하라)(?<!시오)"
_ON_AIR = (
    "(?:KBS|MBC|SBS|YTN|JTBC|MBN|TV조선|채널A|연합뉴스TV|OBS|EBS|CBS|BBS|TBS|tbs|KNN|TBC|TJB|G1|CJB|JTV|KBC|kbc|UBC|ubc|JIBS"
    r"|[가-힣A-Z]{2,6}(?:뉴스|방송|TV))(?: ?(?:뉴스|스포츠뉴스))?"
)
_CREW = (
    r"(?:영상 ?(?:취재|편집|촬영|디자인|제작)|취재 ?기자|촬영 ?기자|화면 ?(?:제공|출처)|그래픽|일러스트"
    r"|자막 ?편집|VJ|CG)"
    r" ?[:=|ㅣ/] ?"
)

_BUTTONS = (
    r"(?:신고(?:하기)?|답글(?: ?(?:쓰기|달기|보기|접기))?|댓글(?: ?(?:쓰기|달기|보기|입력|닫기))|(?:더|전체) ?보기"
    r"|공감|비공감|공유(?:하기)?|접기|펼치기|본문 ?기타 ?기능|게시글 ?관리|저작자표시(?: (?:비영리|변경금지"
    r"|동일조건)){0,3}"
    r"|구독하기|뉴스레터 ?(?:신청|구독)|장바구니(?: ?담기)?|바로 ?구매(?:하기)?|찜하기|관심 ?상품|상품평 ?(?:쓰기"
    r"|보기)"
    r"|상품 ?문의|(?:배송|교환|반품)(?:/(?:배송|교환|반품)){1,2}(?: ?안내)?|리뷰 ?(?:보기|쓰기)|구매하기"
    r"|좋아요 ?공유하기|통계"
    r"|닫기|스크랩(?:하기)?|인쇄(?:하기)?|프린트|목록(?:으로)?|이전 ?글|다음 ?글|URL ?복사|주소 ?복사|링크 ?복사"
    r"|글자 ?크기(?: ?조절)?|본문 ?(?:바로 ?가기|듣기)"
    r"|메뉴 ?바로 ?가기|맨 ?위로|로그인|회원 ?가입|번역 ?보기|이 ?글에 ?공감한 ?블로거 ?(?:보기|열고 ?닫기)"
    r"|이웃 ?추가|카카오톡 ?공유|페이스북 ?공유"
    r"|이전 ?기사|다음 ?기사|기사 ?목록|TOP|광고|AD|후속 ?기사 ?원해요|관련 ?(?:기사|뉴스)"
    r"|공감한 ?사람 ?보러 ?가기|대댓글|북마크|기사 ?공유|폰트 ?크기 ?(?:조절)?)"
)
_COUNTED = (
    r"(?:좋아요|싫어요|추천|비추천|공감|비공감|댓글|답글|조회(?:수)?|스크랩|공유|찬성|반대|훈훈해요|슬퍼요|화나요"
    r"|기대해요"
    r"|놀랐어요|후속 ?기사 ?원해요|응원해요|축하해요|쏠쏠정보|흥미진진|공감백배|분석탁월|후속강추"
    r"|팬이에요) ?[:(]? ?[0-9][0-9,.]{0,8}(?:개|만|천)?\)?"
)

BUTTONS = rf"(?:(?:{_BUTTONS}|{_COUNTED})[\s|·ㆍ/,]{{0,3}}){{1,8}}"

AT_START: dict[str, tuple[str, ...]] = {
    # `(서울=뉴스1) 홍길동 기자 = `, `[한빛스포츠 | 김민수 기자] `, `대전/홍길동 기자 = `, `대전=홍길동 기자 `
    "byline": (
        rf"[\[(【<][가-힣A-Za-z,·ㆍ/ ]{{2,16}} ?= ?(?:{_OUTLET}|[가-힣]{{2,6}})[\])】>] ?{_NAMES} ?[=-]",
        rf"[\[(【][가-힣A-Z,·ㆍ/]{{2,12}} ?= ?(?:[가-힣A-Za-z0-9]{{0,8}}(?:{_MEDIUM}))[\])】]"
        rf"(?![은는이가을를의도에] )",
        rf"[\[(【<](?:[가-힣A-Za-z0-9· ]{{1,20}} ?[=|ㅣ/] ?)?{_SURE_NAMES}(?: ?[=/|]? ?{_BESIDE})?[\])】>]"
        r"(?![가-힣])",
        rf"[\[(【<]{_OUTLET} (?:{_OUTLET} )?{_SURE_NAMES}(?: ?[=/|]? ?{_BESIDE})?[\])】>]{_NOT_SAID}",
        rf"(?:(?:{_OUTLET}|[가-힣]{{2,6}}) ?[=/|ㅣ\s] ?){{0,2}}{_SURE_NAMES} ?=(?=[^\n]*다\.)",
        rf"(?:{_CITY}) ?[=/] ?{_SURE_NAMES}(?= )(?=[^\n]*다\.)",
    ),
    "date": (
        rf"{_TIMED}[|ㅣ/·,]?(?! ?(?:이후|이전|까지|부터|에|전|후|기준|현재|경|쯤|분|판|로)(?:[의은는에도만로 ,.]|$))",
    ),
    "broadcast": (
        r"[\[<【(] ?(?:앵커|리포트|기자|앵커 ?멘트|리포터|아나운서|진행자) ?[\]>】)](?![가-힣])",
        r"[◀■□] ?(?:앵커|리포트|기자) ?[▶■□](?![가-힣])",
    ),
}
"""Kinds that open a line, and what is said goes on behind them."""

ANYWHERE: dict[str, tuple[str, ...]] = {
    # `[헤럴드경제=홍길동 기자]`, `(서울=뉴스1) 홍길동 기자 =`
    "byline": (
        rf"[\[(【][가-힣A-Za-z0-9· ]{{1,20}} ?= ?{_NAMES}(?: ?{_BESIDE})?[\])】]{_NOT_SAID} ?=?[ \t]?",
        rf"[\[(【][가-힣,·ㆍ]{{2,12}} ?= ?[가-힣A-Za-z0-9]{{2,12}}[\])】] ?{_NAMES} ?=[ \t]?",
    ),
    # `<저작권자 ⓒ 한국신문>`, `ⓒ 한국신문. 무단 전재-재배포 금지`, `Copyright ⓒ 한국신문. All rights reserved`
    "copyright": (
        rf"[<〈《(\[] ?{_SAID}{_SIGN}[^<>〈〉《》\[\]\n]{{1,80}}[>〉》)\]]",
        rf"{_SAID}{_SIGN} ?{_OWNER}[.,]? ?(?:{_FORBIDDEN}|{_RESERVED})\.?(?: ?{_FORBIDDEN}\.?)?",
        rf"(?:[Cc]opyrights?|COPYRIGHTS?) ?(?:[0-9]{{4}}\.? )?{_OWNER}[.,]? ?(?:{_FORBIDDEN}|{_RESERVED})\.?",
    ),
    # Glued to the word before it, it goes from before a particle too: `손흥민(사진=한국신문)은`.
    "credit": (rf"(?<=[가-힣]){_CREDITED}", rf"(?<![가-힣]){_CREDITED}{_NOT_SAID}"),
    "notice": (
        r"\[ ?본 (?:게시물|게시글|글|청원|댓글)[^\[\]\n]{2,60}(?:수정|삭제|숨김|블라인드|비공개)[^\[\]\n]{0,24}\]",
    ),
}
"""Kinds of boilerplate that can be nothing else."""

AT_END: dict[str, tuple[str, ...]] = {
    # `홍길동 기자 hong@example.com`, `hong@example.com 홍길동 선임기자`, `/글=홍길동 기자`, `[한빛일보 홍길동 기자]`
    "byline": (
        rf"[/=|ㅣ\[(<【]? ?(?:{_BY}|{_AT}|{_OUTLET} ?[=/]? ?|{_TEAM} ?[=/]? ?)?{_NAMES} ?[=/(\[|ㅣ<:]? ?{_BESIDE}"
        r"[)\]>】]?",
        rf"{_EMAIL} ?[/=(|]? ?(?:{_BY}|{_AT})?{_NAMES}[)]?",
        rf"[/=(\[|ㅣ<【▲]? ?(?:{_AT}|{_OUTLET} ?[=/|ㅣ]? ?|{_TEAM} ?[=/]? ?)?{_BY}?(?:{_OUTLET} )?{_SURE_NAMES}"
        rf"(?: ?[/,·]? ?{_BY}{_SURE_NAMES})?[)\]>】]?",
        rf"{_BY}{_KNOWN}(?: ?{_ROLE})? ?[,·/ㆍ]? ?{_BY}{_SURE}",
        rf"기자 {_KNOWN} ?[(\[<]? ?{_EMAIL}[)\]>]?",
        rf"[/=\[(]? ?{_TEAM}(?: ?[/=(]? ?{_BESIDE}[)]?)?[)\]]?",
        rf"{_SURE_NAMES}의? ?(?:(?:다른 ?)?(?:기사|뉴스) ?(?:더 ?|모아 ?)?보기|구독(?:하기)?|페이지(?: ?바로 ?가기)?"
        r"|프로필)",
        rf"[\[(<](?:[가-힣A-Za-z0-9]{{1,8}}(?:{_MEDIUM})) {_KNOWN}[\])>]",
        r"[(<\[] ?끝[)>\]]",
        r"\[email ?protected\]",
        rf"[\[(](?!{_MAILBOX}){_EMAIL}[\])]",
        rf"{_KNOWN} [가-힣A-Za-z0-9]{{1,8}}(?:{_MEDIUM}) ?{_ROLE}",
        rf"(?<=[^니]다\.) ?(?!{_MAILBOX}){_EMAIL}",
    ),
    "date": (_STAMP,),
    "copyright": (
        rf"{_SAID}{_SIGN} ?{_OWNER}{_NO_PROSE}\.?",
        rf"(?:{_SAID}|[^\n.!?]{{2,20}} )?(?:{_FORBIDDEN}|{_RESERVED})\.?(?: ?{_FORBIDDEN}\.?)?[>)\]]?",
        r"(?:본|이) ?(?:기사|콘텐츠|저작물|게시물|사진)의 저작권은 [^\n]{1,60}(?:있습니다|금합니다|금지합니다|있음"
        r"|금지)\.?",
    ),
    "credit": (
        r"[/|ㅣ]? ?(?:사진|자료|영상|이미지|캡처) ?(?:[=|ㅣ]|(?:출처|제공|캡처|캡쳐) ?[=:|ㅣ]) ?[^\n.!?]{1,40}"
        r"(?<![다요])",
        rf"[\[(<] ?(?:사진|영상|이미지|자료) (?:제공 |출처 )?{_OUTLET}(?: 제공)? ?[\])>]",
        rf"[\[(<] ?(?:[가-힣A-Z0-9]{{0,8}}(?:{_MEDIUM}|[가-힣]{{2}}[시군]|시청|군청|구청|도청|소방서|경찰서|경찰청"
        r"|협회|공단|대학교)) ?(?:자료 ?사진|제공|DB|캡처) ?[\])>]",
        rf"[\[(<]? ?[가-힣]{{2,6}} ?= ?(?:{_AGENCY}) ?[\])>]",
        r"/? ?(?:게티이미지(?:뱅크|코리아)?|셔터스톡|픽사베이|클립아트코리아)",
        rf"영상 ?(?:취재|편집|촬영) {_KNOWN}(?:[ ,/]{{1,3}}(?:영상 ?(?:취재|편집|촬영)|그래픽|편집"
        rf"|촬영) ?:? ?{_KNOWN}){{1,4}}",
        rf"[/\[(]? ?{_CREW}(?: ?{_KNOWN}(?![가-힣])){{1,3}}(?: ?[,/·|] ?{_CREW}(?: ?{_KNOWN}"
        rf"(?![가-힣])){{1,3}}){{0,4}}"
        r" ?[\])]?",
        rf"/ ?(?:{_AGENCY})(?: ?(?:제공|자료 ?사진|DB))?",
        rf"(?<=다\. )(?:{_AGENCY})(?: ?(?:제공|자료 ?사진))?",
        rf"\[ ?사진 ?\] ?[^\n.!?\[\]]{{0,24}}(?:DB|캡처|캡쳐|제공|인스타그램|유튜브|{_AGENCY})\.?",
        rf"\[ ?출처 ?: ?{_OUTLET} ?\] ?[^\n.!?]{{0,80}}(?<![다요])",
        r"\[ ?출처 ?\] ?[^\n|]{1,80}\| ?(?:작성자 )?[^\n|]{1,20}",
        r"[*※(\[]? ?(?:위 |해당 )?(?:자료 ?)?사진은? [^\n.!?]{0,20}기사(?:의? ?내용)?[과와] ?(?:직접 ?(?:적인? )?)?"
        r"(?:관련|관계|무관)[^\n.!?]{0,12}[.)\]]{0,2}",
    ),
    "broadcast": (
        rf"(?:지금까지 (?:[가-힣]{{2,12}}에서 )?)?(?:[가-힣]{{2,8}}에서 )?{_ON_AIR} ?"
        r"(?!진행자|구독자|공채|고객|신입|선배|전문가)"
        rf"{_KNOWN}(?: ?[\[(]?{_BESIDE}[\])]?)? ?(?:{_ROLE})?(?:입니다|이었습니다|였습니다)\.?",
        rf"지금까지 (?:[가-힣A-Z0-9]{{2,10}}(?:에서)? ){{1,3}}(?:{_KNOWN}(?<!조연출)(?: ?{_ROLE})?(?:이었습니다"
        rf"|였습니다"
        r"|와 ?함께 ?했습니다)|전해 ?드렸습니다)\.?",
        r"[■□◆◇▣●] ?방송 ?: ?[^\n.!?]{0,30}(?:라디오|FM|AM|TV|뉴스|방송|KBS|MBC|SBS|YTN|CBS|BBS|EBS)[^\n!?]{0,40}"
        r"(?<![다요])",
    ),
    "promotion": (
        rf"[{_POINT}] ?[^\n▶▷►☞◀.!?]{{0,50}}(?:{_CALL})[^\n▶▷►☞◀.!?]{{0,30}}(?<!다)[!?]?(?: ?{_EMAIL})? ?[★☆◀■]?",
        r"[■※●▶▷◆]? ?['‘\"“]?(?:당신|여러분|시청자|독자)(?:의| 여러분의) (?:소중한 )?제보(?:가 뉴스가 됩니다"
        r"|를 기다립니다)['’\"”]?[.!]?",
        r"[■※●▶▷◆]? ?(?:['‘\"“]당신의 제보가 뉴스가 됩니다['’\"”] )?[가-힣A-Z0-9]{2,12}(?: 뉴스)?[은는] (?:24시간 )?"
        r"(?:여러분|독자|시청자)[^\n.!?]{0,10}의 (?:소중한 )?제보를 기다립니다[.!]?",
        r"※ ?[가-힣A-Z0-9]{2,12}(?:은|는) (?:여러분|독자|시청자)[^\n]{0,10}의 제보[^\n]{2,30}",
        rf"\[ ?(?:카카오톡|카톡|전화|메일|이메일|라인) ?(?:제보 ?)?\] ?{_CONTACT}",
        rf"[{_POINT}]? ?(?:카카오톡|카톡|라인) ?(?:제보 ?)?: ?{_SOUGHT}",
        rf"[{_POINT}]? ?(?:카카오톡|카톡|전화|메일|이메일|라인) ?제보 ?: ?{_CONTACT}",
        rf"(?:기사 ?)?(?:문의 ?및 ?)?제보는 ?(?:카카오톡|카톡|전화|이메일|메일)(?: ?:? ?{_EMAIL}|[^\n.!?]{{0,40}})",
        rf"(?:뉴스|기사|독자|시청자|사건)? ?제보 ?(?:전화|메일|이메일|문의|및 ?문의|및 ?보도자료)? ?[:=]? ?"
        rf"(?:{_PHONE}|{_EMAIL})"
        rf"(?: ?[,/] ?(?:카카오톡|카톡|이메일|메일|라인) ?:? ?{_CONTACT}){{0,3}}",
        r"(?:[가-힣A-Z0-9]{2,10} )?(?:기사 ?)?(?:문의 ?및 ?)?제보 ?[:=] ?[^\n.!?]{2,40}",
        r"[\[<(【][^\[\]<>\n]{2,30}(?:구독 ?(?:하기|신청)|바로 ?가기|채널 ?추가|다운로드|받아 ?보기"
        r"|친구 ?추가) ?[\]>)】]"
        r"(?![가-힣])",
        r"(?:유튜브 )?구독(?:과|,|·)? ?좋아요 ?(?:(?:, ?)?알림 ?설정)?(?:까지)? ?(?:꾹 ?)?(?:부탁 ?드(?:립니다|려요)"
        r"|눌러 ?주세요)[.!~]*",
        r"[^\n.!?]{0,30}(?:언론사|네이버|채널|뉴스레터|카카오)[^\n.!?]{0,30}구독(?:해 ?보세요|해 ?주세요|하세요)[.!]*",
        rf"(?:이|본|해당) ?(?:{_POST})[은는] [^\n.!?]{{0,30}}(?:쿠팡 ?파트너스|제휴 ?마케팅"
        rf"|어필리에이트)[^\n.!?]{{2,60}}(?:받|지급)"
        r"[^\n.!?]{0,16}[.!]?",
        rf"(?:이|본|해당) ?(?:{_POST})[은는] [^\n.!?]{{0,40}}(?:제공|지원|협찬|원고료|소정의)[^\n.!?]{{0,30}}"
        rf"(?:작성|제작|포함)"
        r"[^\n.!?아않]{0,10}(?:습니다|합니다|글|후기|리뷰|포스팅|음|함)[.!]?",
    ),
    "notice": (
        r"[\[(]? ?(?:(?:작성자|관리자|운영자|이용자|운영 ?원칙|신고|게시판 ?규정)[^\n.]{0,14} )?(?:삭제|블라인드"
        r"|비공개|숨김) ?(?:처리)?(?:된|한) (?:댓글|게시물|게시글|글|답글)입니다\.? ?[\])]?",
        r"(?:이|본) 기사는 [^\n.!?]{0,40}(?:섹션|AI|인공지능|자동|로봇|번역|기금|진흥재단"
        r"|제휴)[^\n.!?]{0,30}습니다\.?",
        r"청원 ?동의 ?:? ?[0-9][0-9,]{0,9} ?명",
        rf"청원 ?시작 ?:? ?{_DATE} ?[~|]? ?청원 ?마감 ?:? ?{_DATE}",
        r"[^\n!?]{0,60}사업자 ?"
        r"(?:등록 ?)?번호 ?:? ?[0-9]{3}-[0-9]{2}-[0-9]{5}[^\n!?]{0,20}통신 ?판매업[^\n!?]{0,60}(?<![다요])",
        rf"고객 ?(?:센터|상담) ?:? ?{_PHONE} ?[(\[|/]? ?(?:평일|상담|운영|월~금|오전)[^\n!?]{{2,50}}(?<![다요])",
    ),
    "related": (
        rf"[\[<(【] ?{_LIST} ?[\]>)】](?![가-힣]){_TITLE}",
        rf"[{_POINT}] ?{_LIST}(?![가-힣]){_TITLE}",
    ),
}
"""Kinds that are boilerplate as a line of their own, or behind the last sentence of a line."""

LINES: dict[str, tuple[str, ...]] = {
    # `시위 현장. 연합뉴스`, `▲ 새 다리의 모습. 부산시 제공`
    "credit": (
        rf"[^\n.!?]{{2,80}}[^다요죠까음함임\n.!?](?:\. ?[/=]?| ?[/=]) ?(?:{_AGENCY})(?: ?(?:제공|자료 ?사진|DB))?",
        rf"[^\n.!?]{{2,80}}[^다요죠까음함임\n.!?]\.? ?[\[(] ?(?:{_AGENCY})(?: ?(?:제공|자료 ?사진|DB))? ?[\])]",
        r"[▲△▼] ?[^\n!?]{2,120}[./(|=] ?[^\n.!?()]{0,24}(?:제공|자료 ?사진|캡처|갈무리|DB)[)\]]?",
        rf"(?:자료 ?사진\. )?[^\n.!?]{{0,40}}기사(?:의? ?내용)?[과와] ?(?:직접 ?(?:적인? )?)?(?:관련|관계) ?"
        rf"(?:이 ?)?없"
        rf"(?:음|습니다|는 ?사진)\.?(?: ?/? ?(?:{_AGENCY}))?",
    ),
    "button": (rf"{BUTTONS}",),
}
"""Kinds that are boilerplate as a whole line alone, and never behind a sentence.

A line of buttons is one unless the text begins with it: a comment may well say 공감.
"""

LAST_BUTTON = r"(?<=[.!?~>])[ \t]?(?:신고|더 ?보기|답글 ?달기|공유하기|접기)"
"""What portals copy behind the last sentence of a text."""

BELOW: dict[str, tuple[str, ...]] = {
    "byline": (rf"/?[ \t]?(?:{_KNOWN}[ \t]?[(/]?[ \t]?)?(?!{_MAILBOX}){_EMAIL}[)]?",),
    "promotion": (rf"[{_POINT}] ?(?:카카오톡|카톡|전화|메일|이메일|라인) ?:? ?{_CONTACT}",),
}
"""Lines that are boilerplate below a sentence of a newspaper, which ends in a plain `-다.`: its writer's, its own."""

SIGNED = r"사진|영상|[@ⓒ©▶▷►☞◀※]|\([cC]\)|금지|eserved|끝[)>\]]|[0-9]:[0-9]"
"""What a piece holds that may stand between others; a part of a line without it need not be searched for one."""

FOLLOWS: dict[str, str] = {
    "related": rf"[ \t]*(?:[{_POINT}·•ㆍ\-–*└▪∙]|[0-9]{{1,2}}[.)])[^\n]{{1,100}}(?<![다요죠까]\.)",
    "promotion": rf" *[{_POINT}*\-]? ?[\[(]? ?(?:카카오톡|카톡|전화|메일|이메일|라인|문자|유튜브)"
    rf" ?(?:제보 ?)?[\])]? ?:? ?{_CONTACT} *",
    "broadcast": r" *[■□◆◇▣●] ?(?:진행|대담|출연|연출|인터뷰|패널|방송일|일시) ?:[^\n!?]{1,60}(?<![다요죠까]\.)",
}
"""Lines below one that is a piece of a kind and nothing else, which belong to it: titles, ways to reach, who spoke."""

BEHIND = r"(?<=[!?…\"'’”)\]>〉》】])|(?<=\.)(?:(?=[ \t])|(?<=[^A-Za-z0-9]\.))"
"""Where a sentence has ended; a full stop within an address ends none."""

HEADLINE = r"[^\n]{1,60}(?<![.!?])(?<![다요죠까])"
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
        re.compile(rf"(?=[\[(<〈《【ⓒ©※저Cc])(?:{_any(ANYWHERE.get(kind))})"),
        re.compile(rf"[ \t]*(?:{_any(AT_END.get(kind))})[ \t]*$"),
        re.compile(_any(LINES.get(kind))),
        re.compile(_any(BELOW.get(kind))),
        re.compile(FOLLOWS.get(kind, "(?!)")),
    )
