"""How personal data is written in Korea: registration, telephone, card and account numbers, and e-mail addresses.

Sources: the Resident Registration Act's enforcement rules for resident numbers (date of birth, a digit for sex and
century, a checksum; since October 2020 the last six digits are drawn at random); the Ministry of Science and ICT's
numbering rules for area codes and services; ISO/IEC 7812 for cards (Luhn's checksum). What is a number of the kind and
what only looks like it was settled on petitions and made-up near misses; see ``tests/test_pii.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

_DASH = "[-\u2010-\u2015\u2212]"
_SEP = rf"(?: ?{_DASH} ?|[. ])"
# A number is whole: no letter, digit or further group touches it.
_BEFORE = r"(?<![0-9A-Za-z])(?<![0-9][-.,\u2010-\u2015])"
_AFTER = r"(?![0-9A-Za-z])(?![-.,\u2010-\u2015][0-9])"

_CONTEXT_CHARS = 20


class Kind(NamedTuple):
    """A kind of personal data.

    Attributes
    ----------
    mask : str
        What takes its place, unless told otherwise.
    n_digits : int
        Fewest digits of a number of the kind; 0 for what is no number.
    regex : re.Pattern
        Finds what may be one; its group ``it``, if there is one, else the whole match, is masked.
    """

    mask: str
    n_digits: int
    regex: re.Pattern[str]


def _digits(text: str) -> list[int]:
    return [int(c) for c in text if "0" <= c <= "9"]


def _has(words: re.Pattern[str], text: str, at: int) -> bool:
    return words.search(text, max(0, at - _CONTEXT_CHARS), at) is not None


_RESIDENT_WORDS = re.compile("주민|등록번호|외국인번호|거소")
_PHONE_WORDS = re.compile(
    r"전화|연락|문의|상담|고객센터|콜센터|번호|팩스|휴대|핸드폰|☎|☏|📞|(?i:\b(?:tel|fax|hp|phone|mobile)\b)"
)


def _resident(text: str, match: re.Match[str]) -> bool:
    digits = _digits(match[0])
    sex = digits[6]
    year = (1900 if sex in (1, 2, 5, 6) else 2000) + digits[0] * 10 + digits[1]
    try:
        born = date(year, digits[2] * 10 + digits[3], digits[4] * 10 + digits[5])
    except ValueError:
        return False
    total = sum(a * b for a, b in zip(digits, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)))
    if ((11 if sex < 5 else 13) - total % 11) % 10 == digits[12]:
        return True
    # Whoever was born since has no checksum; whoever was born before has one, unless the number was changed or is a
    # made-up example, and then a word beside it must say what it is.
    random = date(2020, 10, 1) <= born < date(2050, 1, 1) and len(match[0]) > len(digits)
    return random or _has(_RESIDENT_WORDS, text, match.start())


def _luhn(text: str, match: re.Match[str]) -> bool:
    digits = _digits(match[0])[::-1]
    return (sum(digits[::2]) + sum(sum(divmod(2 * d, 10)) for d in digits[1::2])) % 10 == 0 and len(set(digits)) > 1


def _landline(text: str, match: re.Match[str]) -> bool:
    grouped = re.search("[^0-9]", match[0].lstrip("+")) is not None
    return grouped or _has(_PHONE_WORDS, text, match.start())


def _hotline(text: str, match: re.Match[str]) -> bool:
    first, second = match[0][:4], match[0][-4:]
    # `1592-1598`, `1800-2019` are years.
    years = first < second < "2100" or text.startswith("년", match.end())
    return not years or _has(_PHONE_WORDS, text, match.start())


def _account(text: str, match: re.Match[str]) -> bool:
    groups = re.findall("[0-9]+", match["it"] or match["it2"])
    years = all(len(group) == 4 and group[:2] in ("19", "20") for group in groups)
    return 10 <= sum(map(len, groups)) <= 16 and not years


# A bank's name, in full or so short that it is a word too (우리, 하나, 국민); the latter need 은행 or 계좌.
_BANK = (
    "(?:(?:KB|NH|IBK|KEB|SC|BNK|DGB|JB|kb|nh|ibk)\\s?)?(?:"
    "(?:국민|우리|하나|외환|기업|산업|제일|씨티|한국씨티|대구|부산|광주|전북|경남|제주|수출입|[가-힣A-Z]{0,4}저축)\\s?은행"
    "|(?:신한|농협|수협|카카오|케이|토스|K|k|iM|SC제일)\\s?(?:은행|뱅크)?(?:중앙회)?"
    "|농협|축협|수협|신협|신한|새마을금고|새마을|우체국|카뱅|케뱅"
    "|(?:국민|우리|하나|기업|대구|부산|광주|전북|경남)(?=\\s?(?:통장|계좌))"
    "|(?<=KB)국민|(?<=IBK)기업|(?<=KEB)하나)"
)
_BANK_ALONE = "(?:국민|우리|하나|기업|대구|부산|광주|전북|경남)"
_NUMBER = (
    rf"[0-9]{{2,6}}{_DASH}[0-9]{{2,6}}{_DASH}[0-9]{{1,7}}(?:{_DASH}[0-9]{{1,5}})?|[0-9]{{10,16}}"
    rf"|[0-9]{{3,6}}{_DASH}[0-9]{{6,9}}"
)
_BESIDE = r"\s?(?:통장)?\s?(?:계좌)?\s?(?:번호)?\s?[:：,/]?\s?[(\[]?\s?"

# Area codes; 070 (internet), 080 (free of charge), 050X (personal).
_AREA = "2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|80|50[2-9]"
_ABROAD = rf"(?:\+ ?82|82{_DASH}){_SEP}?(?:\(0\) ?|0)?"

KINDS: dict[str, Kind] = {
    "email": Kind(
        "[이메일]",
        0,
        re.compile(
            r"(?<![A-Za-z0-9._%+*@-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@"
            r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,4}[A-Za-z]{2,24}(?![A-Za-z0-9@]|-[A-Za-z0-9])"
        ),
    ),
    "resident_number": Kind(
        "[주민등록번호]",
        13,
        re.compile(rf"{_BEFORE}[0-9]{{2}}[01][0-9][0-3][0-9](?: ?{_DASH} ?| )?[1-8][0-9]{{6}}{_AFTER}"),
    ),
    "card": Kind(
        "[카드번호]",
        15,
        re.compile(
            rf"{_BEFORE}(?:(?:4[0-9]|5[1-5]|2[2-7]|6[0-9]|9[0-9]|35)[0-9]{{2}}(?P<s>{_SEP}?)"
            rf"[0-9]{{4}}(?P=s)[0-9]{{4}}(?P=s)[0-9]{{4}}|3[47][0-9]{{2}}(?P<t>{_SEP}?)[0-9]{{6}}(?P=t)[0-9]{{5}}){_AFTER}"
        ),
    ),
    "mobile": Kind(
        "[전화번호]",
        10,
        re.compile(
            rf"{_BEFORE}(?:(?:{_ABROAD}1|01)0{_SEP}?[0-9]{{4}}|(?:{_ABROAD}1|01)[16789]{_SEP}?[2-9][0-9]{{2,3}}"
            rf"|\(010\){_SEP}?[0-9]{{4}}|010\) ?[0-9]{{4}}){_SEP}?[0-9]{{4}}{_AFTER}"
        ),
    ),
    "landline": Kind(
        "[전화번호]",
        9,
        re.compile(
            rf"{_BEFORE}(?:(?:{_ABROAD}|0)(?:{_AREA}){_SEP}?|\(0(?:{_AREA})\){_SEP}?|0(?:{_AREA})\) ?)"
            rf"(?:[2-9][0-9]{{2,3}}|1[568][0-9]{{2}}){_SEP}?[0-9]{{4}}{_AFTER}"
        ),
    ),
    "hotline": Kind(
        "[전화번호]",
        8,
        re.compile(
            rf"{_BEFORE}1(?:5(?:22|33|44|66|77|88|99|00)|6(?:00|11|22|33|44|55|6[01689]|70|77|80|88|99)"
            rf"|8(?:00|11|33|44|55|66|77|99)){_DASH}[0-9]{{4}}{_AFTER}"
        ),
    ),
    "account": Kind(
        "[계좌번호]",
        10,
        re.compile(
            rf"(?<![가-힣A-Za-z])(?:{_BANK}|{_BANK_ALONE}(?=\s?[0-9]{{2,6}}{_DASH})){_BESIDE}(?P<it>{_NUMBER}){_AFTER}"
            rf"|{_BEFORE}(?P<it2>{_NUMBER})(?![0-9A-Za-z])\s?[(\[,/]?\s?{_BANK}(?![가-힣])"
        ),
    ),
}
"""The kinds, in the order in which a number is tried; a number that is one of them is no other."""

_CHECKS = {
    "resident_number": _resident,
    "card": _luhn,
    "landline": _landline,
    "hotline": _hotline,
    "account": _account,
}


class Found(NamedTuple):
    """A piece of personal data: ``text[start:end]``."""

    start: int
    end: int
    kind: str


def find(text: str, kinds: Iterable[str]) -> list[Found]:
    """Return the personal data in a text, in order, without overlaps.

    Parameters
    ----------
    text : str
        Any text.
    kinds : iterable of str
        Keys of `KINDS`, in its order.
    """
    found: list[Found] = []
    for kind in kinds:
        check = _CHECKS.get(kind)
        for match in KINDS[kind].regex.finditer(text):
            if check is not None and not check(text, match):
                continue
            group = next((name for name in ("it", "it2") if match.groupdict().get(name)), 0)
            start, end = match.span(group)
            if all(end <= other.start or other.end <= start for other in found):
                found.append(Found(start, end, kind))
    return sorted(found)
