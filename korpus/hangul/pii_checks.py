"""What tells personal data from what only looks like it: check digits, dates, and the words beside a number.

Sources: the Resident Registration Act's enforcement rules for resident numbers (date of birth, a digit for sex and
century, a check digit; since October 2020 the last six digits are drawn at random); ISO/IEC 7812 for cards (Luhn); the
National Tax Service's check digit of business numbers; the check digit of corporate registration numbers (Supreme Court
rules on the registration of corporations); GS1 for EAN-13.
"""

from __future__ import annotations

import re
from datetime import date

_CONTEXT_CHARS = 20
# A bound on dates of birth that no calendar moves: a number is the same number next year.
_LAST_YEAR = 2030
# Whoever was born before is about a hundred years old, and the digits are rather the day of an order.
_FIRST_YEAR = 1930

_RESIDENT_WORDS = re.compile("주민|등록번호|외국인번호|거소|주번")
_CORPORATE_WORDS = re.compile("법인|사업자")
_PHONE_WORDS = re.compile(
    r"전화|연락|문의|상담|고객센터|콜센터|번호|팩스|휴대|핸드폰|☎|☏|📞|(?i:\b(?:tel|fax|hp|phone|mobile)\b)"
)
_LOCAL_WORDS = re.compile(
    r"(?:전화(?:번호)?|연락처|문의처?|☎|☏|📞|팩스|(?i:\b(?:tel|fax|t|f)\b\.?))[ \t]?(?:[:：)\]]|는|은)?[ \t]?$"
)
_COURT_WORDS = re.compile("선고|대법원|판결|헌재|사건|결정|고등법원|지방법원")
_CARD_WORDS = re.compile("카드|card|CARD|Card")
# What stands right before a number and says that it is something else.
_OTHER_NUMBER = re.compile(
    r"(?:(?:주문|송장|운송장|접수|관리|사건|문서|상품|제품|물품|모델|특허|출원|등록특허|의안|공고|고시|예약|승인|거래|회원|고객|증권|증서|보험"
    r"|티켓|쿠폰|관보|민원|청원|참조|처리|발급|입찰|계약|시행|허가|인증|신고"
    r"|청구|심의|일련|고유|제조|부품|도서|배송|결제|확인|품목|자산|기기|상표|저작권|디자인|차량|의료기기|통신판매업?)"
    r"[ \t]?(?:등록|신고)?(?:번호|코드|넘버|ID|No\.?|NO\.?)"
    r"|[가-힣]{0,6}코드|모델명?|송장|운송장|바코드|학번|사번|군번|품번|버전|위도|경도|좌표|시리얼(?:번호)?|일련번호"
    r"|우편번호"
    r"|(?i:\b(?:isbn|issn|ean|upc|doi|s/n|serial|order|ver(?:sion)?|model|sku|no|oid|aid|id)\b\.?))"
    r"(?:[ \t]|[:：=#(-]|제|는|은|이|가)*$"
)
# Behind a space, what begins with 원, 만 or 평 is rather a word.
_UNITS = re.compile(
    r"(?:호(?!선)|원(?!무)|[만천억조](?=[ \t]?[원명개건톤호대가억조])|명|개|점|년|월|위|쪽|번지|주년|세대|가구|건|톤|평"
    r"|달러|엔|위안|유로|포인트|㎡|㎞|㎏|℃|%)"
    r"|[ \t](?:원|만원|명|개|건|톤|달러|세대|가구)(?:이|은|을|의|에|으로)?(?![가-힣])"
    r"|[ \t]?(?:km|kg|m|g|cc|ml|L|p|GB|MB|Hz|rpm|KRW|USD|kcal)(?![A-Za-z])"
)
_REST_OF_SUM = re.compile("[ \t]?[=+×÷]")
# Numbers in a row: `12 064 234 5678 99`.
_SPACES_ONLY = re.compile("[0-9 ]+")
_LIST_BEFORE = re.compile("(?<![0-9])[0-9]{1,3} $")
_LIST_AFTER = re.compile(" [1-9]")


def digits_of(text: str) -> list[int]:
    """Return the ASCII digits of a text."""
    return [int(c) for c in text if "0" <= c <= "9"]


def _has(words: re.Pattern[str], match: re.Match[str]) -> bool:
    return words.search(match.string, max(0, match.start() - _CONTEXT_CHARS), match.start()) is not None


def is_other(match: re.Match[str]) -> bool:
    """Tell whether what stands around a number says that it is no personal data."""
    text, start, end = match.string, match.start(), match.end()
    if text[start - 1 : start] == "제" and text[end : end + 1] == "호":
        return True
    return _OTHER_NUMBER.search(text[max(0, start - _CONTEXT_CHARS) : start]) is not None


def has_luhn(digits: list[int]) -> bool:
    """Tell whether the last digit is Luhn's; a number of one digit only has none."""
    back = digits[::-1]
    return (sum(back[::2]) + sum(sum(divmod(2 * d, 10)) for d in back[1::2])) % 10 == 0 and len(set(back)) > 1


def has_ean(digits: list[int]) -> bool:
    """Tell whether the last of 13 digits is that of an EAN."""
    return (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0


def has_business_digit(digits: list[int]) -> bool:
    """Tell whether the last of 10 digits is that of a business number."""
    total = sum(a * b for a, b in zip(digits, (1, 3, 7, 1, 3, 7, 1, 3, 5))) + digits[8] * 5 // 10
    return (10 - total % 10) % 10 == digits[9]


def has_corporate_digit(digits: list[int]) -> bool:
    """Tell whether the last of 13 digits is that of a corporate registration number."""
    return (10 - sum(d * (1 + i % 2) for i, d in enumerate(digits[:12])) % 10) % 10 == digits[12]


def has_resident_digit(digits: list[int]) -> bool:
    """Tell whether the last of 13 digits is that of a resident number; those of foreigners count on by two."""
    total = sum(a * b for a, b in zip(digits, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)))
    return ((11 if digits[6] < 5 else 13) - total % 11) % 10 == digits[12]


def is_resident(match: re.Match[str]) -> bool:
    """Tell whether 13 digits, the last six of them perhaps hidden, are a resident number."""
    digits = digits_of(match[0])
    year = (1900 if digits[6] in (1, 2, 5, 6) else 2000) + digits[0] * 10 + digits[1]
    try:
        date(year, digits[2] * 10 + digits[3], digits[4] * 10 + digits[5])
    except ValueError:
        return False
    if year > _LAST_YEAR or _has(_CORPORATE_WORDS, match):
        return False
    if len(digits) < 13 or _has(_RESIDENT_WORDS, match):
        return True
    bare = len(match[0]) == 13
    if bare and (year < _FIRST_YEAR or (digits[:3] == [8, 8, 0] and has_ean(digits))):  # a barcode of Korea
        return False
    dashed = "-" in match[0] or "_" in match[0]
    return has_resident_digit(digits) or (dashed and year >= _FIRST_YEAR)


def is_card(match: re.Match[str]) -> bool:
    """Tell whether 15 or 16 digits, some of them perhaps hidden, are the number of a card."""
    return "*" in match[0] or has_luhn(digits_of(match[0])) or _has(_CARD_WORDS, match)


def _years(match: re.Match[str]) -> bool:
    groups = re.findall("[0-9]+", match[0])
    return len(groups) == 2 and groups[0] < groups[1] < "2100"


def is_mobile(match: re.Match[str]) -> bool:
    """Tell whether what begins with 010 is a telephone number: without dashes, noughts and ones alone are none."""
    return "-" in match[0] or not set(digits_of(match[0])) <= {0, 1}


def is_landline(match: re.Match[str]) -> bool:
    """Tell whether the digits of a landline number are one: in one piece they need a word before them."""
    if _UNITS.match(match.string, match.end()):
        return False
    if match["local"]:
        before = match.string[max(0, match.start() - _CONTEXT_CHARS) : match.start()]
        return not _years(match) and (match["area"] is not None or _LOCAL_WORDS.search(before) is not None)
    text, start, end = match.string, match.start(), match.end()
    grouped = re.search("[^0-9]", match[0].lstrip("+")) is not None
    row = _LIST_BEFORE.search(text[max(0, start - 5) : start]) or _LIST_AFTER.match(text, end)
    if row and _SPACES_ONLY.fullmatch(match[0]):
        return False
    alone = text[start - 1 : start] == "(" and text[end : end + 1] == ")"
    return grouped or alone or match[0].startswith(("070", "050")) or _has(_PHONE_WORDS, match)


def is_hotline(match: re.Match[str]) -> bool:
    """Tell whether eight digits such as 1588-1234 are a number to call: not years, not an amount."""
    if _UNITS.match(match.string, match.end()) or _REST_OF_SUM.match(match.string, match.end()):
        return False
    grouped = not match[0].isdigit() and " " not in match[0]
    return (grouped and not _years(match)) or _has(_PHONE_WORDS, match)


def is_account(match: re.Match[str]) -> bool:
    """Tell whether digits beside a bank's name are an account: 10 to 16, no years, no month and no amount."""
    groups = re.findall("[0-9]+", match["it"] or match["it2"] or match["it3"])
    years = all(len(group) == 4 and group[:2] in ("19", "20") for group in groups)
    month = len(groups) > 1 and re.fullmatch("(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])", "-".join(groups[:2])) is not None
    amount = match["it"] is not None and _UNITS.match(match.string, match.end("it")) is not None
    return 10 <= sum(map(len, groups)) <= 16 and not (years or month or amount)


def is_business(match: re.Match[str]) -> bool:
    """Tell whether ten digits are a business number, or 13 that of a corporation, by their last or a word before."""
    digits = digits_of(match[0])
    right = has_business_digit(digits) if len(digits) == 10 else has_corporate_digit(digits)
    return right or _has(_CORPORATE_WORDS, match)


def is_plate(match: re.Match[str]) -> bool:
    """Tell whether it is a plate, not the number of a case at court (`96도2753`)."""
    return not _has(_COURT_WORDS, match)


def is_ip(match: re.Match[str]) -> bool:
    """Tell whether four numbers are an IPv4 address, not a version; IPv6 is told by its form."""
    if ":" in match[0]:
        return len(re.findall("[0-9a-fA-F]+", match[0])) > 2
    version = re.search(
        r"(?i:\bv|ver\.?|version|버전)[ \t]?$", match.string[max(0, match.start() - 10) : match.start()]
    )
    return not version and all(int(part) < 256 for part in match[0].split(".") if part.isdigit())
