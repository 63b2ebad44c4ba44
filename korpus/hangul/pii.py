"""How personal data is written in Korea: registration, telephone, card and account numbers, and addresses.

Sources: the Ministry of Science and ICT's numbering rules for area codes and services; the National Police Agency's
form of driving licences; the Ministry of Foreign Affairs' form of passport numbers; ISO/IEC 7812 for the first digits
of cards. What tells a number from what only looks like it is in `korpus.hangul.pii_checks`; what is one and what is not
was settled on petitions, reviews and made-up near misses; see ``tests/korean/pii.jsonl``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from korpus.hangul import pii_checks as checks
from korpus.hangul.windows import places, windows

# Variants of a character are read as one, and a text keeps its length: what is found is found in the text as it was.
_FORMS = {
    "-": "‐‑‒–—―−－ㅡ﹣",
    "~": "∼〜～˜",
    "·": "ㆍ‧・∙•",
    " ": "\xa0\u2002\u2003\u2009\u3000",
    **dict(zip("0123456789@.:()+_", "０１２３４５６７８９＠．：（）＋＿", strict=True)),
}
_VARIANTS = [(variant, char) for char, variants in _FORMS.items() for variant in variants]
# Alone, circled digits number the items of a list.
_CIRCLED = re.compile("[⓪①-⑨](?:[-. ]?[⓪①-⑨]){7,}")
_CIRCLED_TABLE = str.maketrans("⓪①②③④⑤⑥⑦⑧⑨", "0123456789")

MAX_GAP = 8
"""Characters between two digits of one number."""
_SEP = r"(?: ?[-~·_] ?|--|\. ?| {1,3})"
# A number is whole: no letter, digit or further group touches it; but a comma may part two of them.
_BEFORE = r"(?<![0-9A-Za-z])(?<![0-9][-.])(?:(?<![0-9],)|(?<=[0-9]{4},))"
_AFTER = r"(?![0-9A-Za-z])(?![-.][0-9])(?!,[0-9]{3}(?![0-9-]))"
_LETTERS = "(?<=[Tt][Ee][Ll])|(?<=[Ff][Aa][Xx])|(?<=[Hh][Pp])|(?<=[TMFPH])(?<![A-Za-z0-9].)"
_BEFORE_PHONE = rf"(?:{_BEFORE}|{_LETTERS})"

# A bank's name, in full or so short that it is a word too (우리, 하나, 국민); the latter need 은행 or 계좌.
_BANK = (
    "(?:(?:KB|NH|IBK|KEB|SC|BNK|DGB|JB|kb|nh|ibk)\\s?)?(?:"
    "(?:국민|우리|하나|외환|기업|산업|제일|씨티|한국씨티|대구|부산|광주|전북|경남|제주|수출입|[가-힣A-Z]{0,4}저축)\\s?은행"
    "|(?:신한|농협|수협|카카오|케이|토스|iM|SC제일)\\s?(?:은행|뱅크)?(?:중앙회)?|[Kk]\\s?(?:은행|뱅크)"
    "|농협|축협|수협|신협|신한|새마을금고|새마을|우체국|카뱅|케뱅"
    "|(?:국민|우리|하나|기업|대구|부산|광주|전북|경남)(?=\\s?(?:통장|계좌))"
    "|(?<=KB)국민|(?<=IBK)기업|(?<=KEB)하나)"
)
_BANK_ALONE = r"(?:국민|우리|하나|기업|대구|부산|광주|전북|경남)(?=\)?\s?[:/,]?\s?[0-9]{2,6}-)"
# Behind a number a short name needs the holder's beside it, or nothing more.
_BANK_AFTER = (
    r"(?:국민|우리|하나|기업|대구|부산|광주|전북|경남)"
    r"(?:[ \t]?[(/,]?[ \t]?(?!여러분|모두|모든|청원|연금|건강|세금|중에|가운데|각자)[가-힣]{2,4})?"
    r"(?=[ \t]*(?:[).,\n/]|$))"
)
_NUMBER = "[0-9]{2,6}-[0-9]{2,6}-[0-9]{1,7}(?:-[0-9]{1,5})?|[0-9]{10,16}|[0-9]{3,6}-[0-9]{6,9}"
_SPACED_NUMBER = "[0-9]{3,6} [0-9]{2,6} [0-9]{3,7}"
_BESIDE = (
    r"\)?(?:\(?\s?(?![가-힣]*(?:번호|코드|센터|결산|계좌|통장|예금주))[가-힣]{2,4}[)\s])?\s?(?:통장)?\s?(?:(?:입금\s?)?계좌)?\s?(?:번호)?(?:는|은)?\s?[:,/]?\s?"
    r"(?:예금주\s?:?\s?[가-힣]{2,4}\s?[:,/]?\s?)?[(\[]?\s?"
)

# Area codes; 070 (internet) and 080 (free of charge); 050X (personal) stands alone.
_AREA = "(?:2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|80)"
_ABROAD = rf"(?:\+ ?82\)?|\(\+?82\)|0082|82-|82 (?=10)){_SEP}?(?:\(0\) ?|0)?"
_FIRST = rf"(?:{_ABROAD}|0)"
_ZERO = "[0OoㅇＯ]"
_IN_BRACKETS = rf"[(\[]0{_AREA}[)\]]{_SEP}?|0{_AREA}\) ?"
_LINE = "(?:[2-9][0-9]{2,3}|1[568][0-9]{2})"
_LOCAL = r"(?P<local>[2-9][0-9]{2,3}-[0-9]{4}(?P<area>(?= ?\(지역번호))?)"
_LICENCE_REGION = "(?:1[1-9]|2[0-8])"
_ID = "[ \t]?(?:번호)?[ \t]?[:(]?[ \t]?"

_MAIL_NAME = "[A-Za-z0-9_][A-Za-z0-9._%+-]{0,63}"
_WIDE = "[A-Za-z0-9가-힣]"
_MAIL_HOST = rf"(?:{_WIDE}(?:[A-Za-z0-9가-힣-]{{0,61}}{_WIDE})?\.){{1,4}}[A-Za-z]{{2,24}}(?![A-Za-z0-9@]|-[A-Za-z0-9])"
_AT = r"(?: @ |@ ?| ?[(\[](?:at|AT)[)\]] ?|(?<=[0-9]) @)"
_DOT = r"(?:\. ?|,(?=com)| ?[(\[](?:dot|DOT)[)\]] ?)"
_NO_MAIL_BEFORE = r"(?<![A-Za-z0-9_%+*@-])(?<![A-Za-z0-9]\.)"
_PORTALS = "naver|hanmail|daum|gmail|nate|kakao|hotmail|네이버|한메일|다음|지메일|네이트|카카오"
# Words that stand where an id would.
_NO_ID = (
    r"(?!(?i:card|login|password|pw|ok|no|yes|pc|api|ios|iphone|ipad|android|windows?|win|mac|ver(?:sion)?|v|mp|lte|web|open)"
    r"(?![A-Za-z_])|https?:|www\.)"
)
_REGIONS = "서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충북|충남|전북|전남|경북|경남|제주"
_CHATS = "카카오톡|카톡|텔레그램|텔레|위챗|오픈톡"
_MESSENGERS = "카카오톡|카카오|카톡|오픈채팅|라인|텔레그램|텔레|위챗|디스코드|(?i:kakaotalk|kakao|line|telegram|wechat)"

# A part of a town ends so; words that end so and are no part of one do not begin an address.
_NO_TOWN = (
    "가구|도구|친구|연구|지구|요구|야구|축구|농구|배구|인구|출구|입구|복구|청구|다시|역시|동시|일시|임시|표시|지시|무시|당시|잠시"
    "|혹시|도시"
)
_TOWN = rf"(?<![가-힣0-9A-Za-z])(?!{_NO_TOWN})[가-힣]{{1,8}}(?:시|군|구)[ \t]"
_HOUSE = (
    r"[0-9]{1,4}(?:-[0-9]{1,4})?(?:번지|번길[ \t]?[0-9]{1,4}(?:-[0-9]{1,4})?)?"
    r"(?![0-9A-Za-z%]|[.,-][0-9]|(?!에|으로|로|을|를|은|는|의|입니다|이고|이며)[가-힣])"
    r"(?:,?[ \t](?:[가-힣A-Za-z0-9]{2,15}[ \t])?(?:[0-9]{1,4}동[ \t]?)?(?:[0-9]{1,5}호|[0-9]{1,3}층))?"
)


class Kind(NamedTuple):
    """A kind of personal data.

    Attributes
    ----------
    mask : str
        What takes its place, unless told otherwise.
    n_digits : int
        Fewest digits of a number of the kind; 0 for what is known by `signs`.
    regex : re.Pattern
        Finds what may be one; its group ``it`` or ``it2``, if there is one, else the whole match, is masked.
    check : callable, optional
        Takes the match and tells whether it is one.
    signs : tuple of str
        One of them is in every text that holds the kind, but for those with so many digits.
    reach : int
        Most characters before and after such a sign or number that what is found, and what it asks for, takes.
    sure : bool
        Whether it is looked for unless told otherwise.
    """

    mask: str
    n_digits: int
    regex: re.Pattern[str]
    check: Callable[[re.Match[str]], bool] | None = None
    signs: tuple[str, ...] = ()
    reach: int = 24
    sure: bool = True


KINDS: dict[str, Kind] = {
    "email": Kind(
        "[이메일]",
        0,
        re.compile(
            rf"{_NO_MAIL_BEFORE}{_MAIL_NAME}(?:@{_MAIL_HOST}|{_AT}[A-Za-z0-9][A-Za-z0-9-]{{0,61}}"
            rf"(?:(?:\.|{_DOT})[A-Za-z0-9-]{{2,20}}){{0,2}}{_DOT}(?:com|net|org|kr|COM|NET|KR)(?![A-Za-z0-9@])"
            r"|@(?:네이버|한메일|지메일|네이트)(?:[. ]?(?:닷컴|컴))?(?![A-Za-z0-9.@-]|[가-힣]{3}))"
        ),
        signs=("@", "＠", "(at)", "[at]", "(AT)", "[AT]"),
        reach=500,
    ),
    "resident_number": Kind(
        "[주민등록번호]",
        7,
        re.compile(
            rf"{_BEFORE}[0-9]{{2}}[01][0-9][0-3][0-9](?:(?: ?[-_] ?|[. /])?[1-8][0-9]{{6}}{_AFTER}"
            r"| ?- ?[1-8](?=[0-9]{0,5}[*xX●○•#])[0-9*xX●○•#]{6}(?![0-9A-Za-z*]))"
        ),
        checks.is_resident,
    ),
    "card": Kind(
        "[카드번호]",
        10,
        re.compile(
            rf"{_BEFORE}(?:(?:4[0-9]|5[1-5]|2[2-7]|6[0-9]|9[0-9]|35|81)[0-9]{{2}}(?P<s>{_SEP}?)"
            rf"(?:[0-9]{{4}}(?P=s)[0-9]{{4}}(?P=s)[0-9]{{4}}"
            rf"|[0-9]{{2}}(?:[0-9]{{2}}|[*xX]{{2}})(?P=s)[*xX]{{4}}(?P=s)[0-9]{{4}})"
            rf"|3[47][0-9]{{2}}(?P<t>{_SEP}?)[0-9]{{6}}(?P=t)[0-9]{{5}}){_AFTER}"
        ),
        checks.is_card,
    ),
    "mobile": Kind(
        "[전화번호]",
        8,
        re.compile(
            rf"{_BEFORE_PHONE}(?:(?:(?:{_ABROAD}1|{_ZERO}1){_ZERO}{_SEP}?|\([0O]10\){_SEP}?|010\) ?)"
            rf"(?:[0-9]{{4}}{_SEP}?[0-9]{{4}}|[0-9]{{3}}-[0-9]{{5}}|[0-9]{{5}}-[0-9]{{3}})"
            r"|010/[0-9]{4}/[0-9]{4}|010(?:[-.][0-9]{2}){4}|0 1 0(?:(?: ?- ?| )[0-9]){8}"
            rf"|(?:{_ABROAD}1|\(?01)[16789]\)?{_SEP}?[2-9][0-9]{{2,3}}{_SEP}?[0-9]{{4}}){_AFTER}"
        ),
        checks.is_mobile,
    ),
    "landline": Kind(
        "[전화번호]",
        7,
        re.compile(
            rf"{_BEFORE_PHONE}(?:(?:{_FIRST}{_AREA}{_SEP}?|{_IN_BRACKETS}){_LINE}{_SEP}?[0-9]{{4}}"
            rf"|{_FIRST}50[2-9]{_SEP}?[0-9]{{3,4}}{_SEP}?[0-9]{{4}}|050{_SEP}[2-9][0-9]{{3}}{_SEP}[0-9]{{4}}"
            rf"|0(?:70{_SEP}?[0-9]|80{_SEP}?)[0-9]{{3}}{_SEP}?[0-9]{{4}}|{_LOCAL})(?:~[0-9]{{1,2}}(?![0-9]))?{_AFTER}"
        ),
        checks.is_landline,
    ),
    "hotline": Kind(
        "[전화번호]",
        8,
        re.compile(
            rf"{_BEFORE_PHONE}1(?:5(?:22|33|44|51|55|66|77|88|99|00)|6(?:00|11|22|33|44|55|6[01689]|70|77|80|88|99)"
            rf"|8(?:00|11|33|44|55|66|77|99))(?: ?[-_] ?|[. ])?[0-9]{{4}}{_AFTER}"
        ),
        checks.is_hotline,
    ),
    "account": Kind(
        "[계좌번호]",
        10,
        re.compile(
            rf"(?<![가-힣A-Za-z])(?:{_BANK}|{_BANK_ALONE}|(?:[가-힣]{{2}} ?)?계좌){_BESIDE}"
            rf"(?P<it>{_NUMBER}|{_SPACED_NUMBER}){_AFTER}"
            rf"|{_BEFORE}(?P<it2>{_NUMBER})(?![0-9A-Za-z])\s?[(\[,/]?\s?{_BANK}(?:으?로|에|입니다|이?고|임|예요|이에요)?(?![가-힣A-Za-z])"
            rf"|{_BEFORE}(?P<it3>[0-9]{{3,6}}-[0-9]{{2,6}}-[0-9]{{3,7}})[ \t]?[(\[/,]?[ \t]?{_BANK_AFTER}"
        ),
        checks.is_account,
        reach=80,
    ),
    "business_number": Kind(
        "[사업자등록번호]",
        10,
        re.compile(
            rf"{_BEFORE}[0-9]{{3}}-[0-9]{{2}}-[0-9]{{5}}{_AFTER}"
            rf"|사업자[ \t]?(?:등록)?{_ID}(?P<it>[0-9]{{10}}|[0-9]{{3}} [0-9]{{2}} [0-9]{{5}}){_AFTER}"
            rf"|(?<=법인)[ \t]?(?:등록)?{_ID}(?P<it2>[0-9]{{6}}-?[0-9]{{7}}){_AFTER}"
        ),
        checks.is_business,
    ),
    "licence": Kind(
        "[면허번호]",
        10,
        re.compile(
            rf"{_BEFORE}{_LICENCE_REGION}-[0-9]{{2}}-[0-9]{{6}}-[0-9]{{2}}{_AFTER}"
            rf"|(?:{_REGIONS}) ?(?P<it>[0-9]{{2}}-[0-9]{{6}}-[0-9]{{2}}){_AFTER}"
            rf"|면허(?:증)?{_ID}(?P<it2>{_LICENCE_REGION}[- ]?[0-9]{{2}}[- ]?[0-9]{{6}}[- ]?[0-9]{{2}}){_AFTER}"
        ),
    ),
    "passport": Kind(
        "[여권번호]",
        0,
        re.compile(
            r"(?:여권|[Pp]assport|PASSPORT)[ \t]?(?:번호|(?i:no\.?|number))?(?:는|은)?[ \t]?[:=(#]?[ \t]?"
            r"(?P<it>[A-Z](?:[0-9]{8}|[0-9]{7}|[0-9]{3}[A-Z][0-9]{4})|[A-Z]{2}[0-9]{7})(?![0-9A-Za-z])"
        ),
        signs=("여권", "assport", "ASSPORT"),
        reach=80,
    ),
    "messenger_id": Kind(
        "[아이디]",
        0,
        re.compile(
            rf"(?<![가-힣A-Za-z])(?:{_MESSENGERS})[ \t]?(?:아이디|아뒤|아디|[Ii][Dd])(?:는|은|가)?[ \t]?[:=(]?[ \t]?"
            rf"(?P<it>@?{_NO_ID}[A-Za-z0-9][A-Za-z0-9_.-]{{2,30}}[A-Za-z0-9_])"
            # Without the word, what has letters and digits, or stands behind a colon or an at sign.
            rf"|(?<![가-힣A-Za-z])(?:{_CHATS})(?:[ \t]?(?:친추|추가|문의|상담))?(?:은|는)?"
            rf"(?:[ \t]?[:=][ \t]?|[ \t]?(?=@)|[ \t](?=[A-Za-z_.-]{{2,}}[0-9]))"
            rf"(?P<it2>@?{_NO_ID}[A-Za-z][A-Za-z0-9_.-]{{2,30}}[A-Za-z0-9_])(?![A-Za-z0-9])"
            r"|(?:https?://)?(?:open\.kakao\.com/(?:o|me)|pf\.kakao\.com|t\.me)/[A-Za-z0-9_]{3,40}"
        ),
        signs=(*_CHATS.split("|"), "아이디", "아뒤", "아디", "ID", "id", "Id", "iD", "kakao.com/", "t.me/"),
        reach=80,
    ),
    "plate": Kind(
        "[차량번호]",
        4,
        re.compile(
            rf"(?<![0-9A-Za-z가-힣.,-])(?:(?:{_REGIONS}) ?)?[0-9]{{2,3}} ?"
            r"[가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주바사아자배허하호육공해국합] ?[0-9]{4}"
            r"(?![0-9A-Za-z]|[억만천원명개년월호])"
        ),
        checks.is_plate,
        sure=False,
    ),
    "ip": Kind(
        "[IP]",
        4,
        re.compile(
            r"(?<![0-9A-Za-z.])(?:[0-9]{1,3}\.){2}(?:[0-9]{1,3}|[*xX]{1,3})\.(?:[0-9]{1,3}|[*xX]{1,3})"
            r"(?![0-9A-Za-z편점위절항장판]|\.[0-9])"
            r"|(?<![0-9A-Za-z:.])(?:(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}"
            r"|(?:[0-9a-fA-F]{1,4}:){1,6}(?::[0-9a-fA-F]{1,4}){1,6})(?![0-9A-Za-z:])"
        ),
        checks.is_ip,
        signs=(":",),
        reach=80,
        sure=False,
    ),
    "address": Kind(
        "[상세주소]",
        1,
        re.compile(
            rf"{_TOWN}(?:[가-힣]{{1,8}}구[ \t])?(?:[가-힣]{{1,8}}(?:읍|면)[ \t])?"
            rf"[가-힣][가-힣0-9]{{0,9}}(?:동|리|[0-9]가|로|길)[ \t]?(?P<it>{_HOUSE})"
            r"|우편번호[ \t]?:?[ \t]?(?P<it2>[0-9]{5}|[0-9]{3}-[0-9]{3})(?![0-9])"
        ),
        reach=80,
        sure=False,
    ),
}
"""The kinds, in the order in which a number is tried; a number that is one of them is no other."""

_HANGUL_DIGIT = "[공영일이삼사오육륙칠팔구0-9OoㅇＯ]"
_SPELLED_SEP = "(?:[-. ,]|에|다시){0,2}"
_SPELLED_ZERO = "[공영0OoㅇＯ]"
_SPELLED_COM = "(?:com|net|kr|co\\.kr|컴|닷컴)"
_SPELLED_DOT = " ?(?:\\.|점|쩜|닷| dot ) ?"

SPELLED: dict[str, Kind] = {
    "email": Kind(
        "",
        0,
        re.compile(
            rf"{_NO_MAIL_BEFORE}{_MAIL_NAME} ?[(\[]?(?:@|골뱅이|골벵이|앳| at )[)\]]? ?"
            rf"(?:(?:{_PORTALS})(?:(?:{_SPELLED_DOT}| ?){_SPELLED_COM})?"
            rf"|[A-Za-z0-9-]{{2,30}}{_SPELLED_DOT}{_SPELLED_COM})(?![A-Za-z0-9])"
        ),
        signs=("골뱅이", "골벵이", "앳", "@", " at "),
        reach=200,
    ),
    "mobile": Kind(
        "",
        0,
        re.compile(
            rf"(?<![0-9A-Za-z])(?P<zero>{_SPELLED_ZERO})(?:일|1|하나)(?:(?P=zero)|(?<=일){_SPELLED_ZERO}){_SPELLED_SEP}"
            rf"(?:{_HANGUL_DIGIT}{_SPELLED_SEP}){{7}}{_HANGUL_DIGIT}(?![0-9A-Za-z])"
        ),
        signs=tuple(f"{a}{b}{c}" for a in "공영0OoㅇＯ" for b in ("일", "1", "하나") for c in "공영0OoㅇＯ"),
        reach=80,
    ),
}
"""Addresses and numbers that are spelled out so that no machine reads them: guesswork."""

_DIGIT = re.compile("[0-9]")
_LONG_NUMBER = re.compile(rf"[0-9](?:[^0-9A-Za-z가-힣\n,]{{0,{MAX_GAP}}}[0-9])*")


class Found(NamedTuple):
    """A piece of personal data: ``text[start:end]``."""

    start: int
    end: int
    kind: str


def _read(text: str) -> str:
    if not text.isascii():
        for variant, char in _VARIANTS:
            if variant in text:
                text = text.replace(variant, char)
        text = _CIRCLED.sub(lambda match: match[0].translate(_CIRCLED_TABLE), text)
    return text


class _Number(NamedTuple):
    """A number of `n_digits`, however grouped: what `korpus.kernels.numbers.longest_numbers` looks for."""

    start: int
    end: int
    n_digits: int


def _numbers(text: str) -> list[_Number]:
    found = (match.span() for match in _LONG_NUMBER.finditer(text))
    return [_Number(start, end, len(_DIGIT.findall(text, start, end))) for start, end in found]


def _matches(text: str, kind: Kind, numbers: list[_Number]) -> Iterator[re.Match[str]]:
    """Yield the matches of a kind; it is tried only near what every one of them holds."""
    near = [(start, end) for start, end, n_digits in numbers if n_digits >= kind.n_digits > 0]
    for sign in kind.signs:
        if sign in text:
            near += places(text, sign)
    for start, end in windows(near, kind.reach):
        yield from kind.regex.finditer(text, start, end)


def find(text: str, kinds: Iterable[str], spelled: bool = False) -> list[Found]:
    """Return the personal data in a text, in order, without overlaps.

    Parameters
    ----------
    text : str
        Any text.
    kinds : iterable of str
        Keys of `KINDS`, in its order.
    spelled : bool
        Whether what is spelled out is looked for too.
    """
    text = _read(text)
    taken = bytearray(len(text))
    found: list[Found] = []
    numbers = _numbers(text)
    longest = max((number.n_digits for number in numbers), default=0)
    for name in kinds:
        for kind in (KINDS[name], SPELLED.get(name)) if spelled else (KINDS[name],):
            if kind is None or (kind.n_digits > longest and not kind.signs):
                continue
            for match in _matches(text, kind, numbers):
                if (kind.n_digits and checks.is_other(match)) or (kind.check and not kind.check(match)):
                    continue
                _take(match, name, taken, found)
    return sorted(found)


def _take(match: re.Match[str], kind: str, taken: bytearray, found: list[Found]) -> None:
    group = next((name for name in ("it", "it2", "it3") if match.re.groupindex.get(name) and match[name]), 0)
    start, end = match.span(group)
    if taken.find(1, start, end) < 0:
        taken[start:end] = b"\1" * (end - start)
        found.append(Found(start, end, kind))
