"""URLs as they stand in Korean text: what belongs to one, and what goes with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from korpus.hangul.joining import Piece

# As printed in the published cleaning function of KcBERT and KcELECTRA (github.com/Beomi/KcBERT,
# github.com/Beomi/KcELECTRA; README, section on preprocessing), which has it from a much copied answer on
# stackoverflow.com (question 3809401). It wants a scheme; it ends before a Korean particle that follows a path
# (`https://example.com/a에서`), but one right after the host hides the whole URL (`https://example.com에서`), since to
# Python's `\b` Hangul syllables are word characters.
PUBLISHED = r"https?:\/\/(www\.)?[-a-zA-Z0-9@:%._\+~#=]{1,256}\.[a-zA-Z0-9()]{1,6}\b([-a-zA-Z0-9()@:%_\+.~#?&//=]*)"
PUBLISHED_HOLDS = "http"
"""What every match of `PUBLISHED` holds."""

# What may follow a URL without a space; of these, only the unmistakable ones end a Hangul path (`/wiki/서울에서`),
# since a path may well end in 이 or 로.
_PARTICLES = (
    "에서|으로|로|에|를|을|는|은|이|가|와|과|도|의|만|입니다|이다|에는|에도|에서는|에서도|부터|까지|처럼|라는|이라는"
    "|하고|랑"
)
_ENDINGS = "에서는|에서도|에서|으로|에는|에도|에게|를|입니다|이라는|라는|부터|까지|처럼"

# Newspapers and portals put * and ○ over parts of hosts and paths.
_HIDDEN = "*○●"
_LABEL = "[A-Za-z0-9][A-Za-z0-9*-]{0,62}"
_WIDE_LABEL = rf"[A-Za-z0-9가-힣{_HIDDEN}][A-Za-z0-9가-힣{_HIDDEN}_-]{{0,62}}"
_AFTER_SEGMENT = "[가-힣A-Za-z0-9/_=&%-]"
_PATH = (
    r"(?::[0-9]{1,5}(?![0-9]))?"
    r"(?:[/?#](?:"
    rf"[A-Za-z0-9\-_~%&=+#/@${_HIDDEN}]"
    r"|(?:[.,;!?'|]|:{1,3})(?=[A-Za-z0-9\-_~%&=+#/@$])"
    # `&section=` that a browser read as `&sect;`, and a query that is hidden as a whole.
    rf"|§(?=[a-z]{{2,}}=)|\?(?=[{_HIDDEN}]{{3}})"
    r"|(?:(?<=[_/])|(?=\([A-Za-z0-9_.%,-]{0,100}\)[A-Za-z0-9_/?&=%-]))\([A-Za-z0-9가-힣_.%,-]{0,100}\)"
    rf"|(?<=[/=_+&%#?-])(?!(?:{_PARTICLES})(?!{_AFTER_SEGMENT}))"
    rf"[가-힣]+?(?=(?:{_ENDINGS})(?!{_AFTER_SEGMENT})|(?![가-힣]))"
    r")*)?"
)
_DOT = r"(?:\.|\[\.\])"
_TLD = rf"(?:[A-Za-z]{{2,24}}(?![A-Za-z0-9{_HIDDEN}-])|한국|닷컴|닷넷)(?!\.[A-Za-z0-9{_HIDDEN}])"
_ADDRESS = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9.])|localhost"
# Those that a host may end in though no scheme, www. or path says that it is one; and those that are words too.
_NAKED_TLD = "com|net|org|kr|jp|cn|info|biz|edu|gov|COM|NET|ORG|KR|store|shop|online|club|xyz"
_SHORT_TLD = "be|gl|ly|me|co|io|tv|cc|to|gg|ai|us|la|do|app|page|link|site|dev|gd|im|so|st"
_SHORTENERS = r"(?:bit\.ly|goo\.gl|naver\.me|youtu\.be|me2\.do|han\.gl|kko\.to|vo\.la|is\.gd|t\.me)"
_NOT_WITHIN = "(?<![A-Za-z0-9@._%+/-])"
_END = r"(?![A-Za-z0-9_@-]|\.[A-Za-z0-9])"
_URL = (
    r"(?<![A-Za-z])(?:(?i:h(?:tt|xx|\*\*)ps?|ttps?|ftp)://){1,2}(?:[A-Za-z0-9._~%!$&*+=:-]{1,64}@)?"
    rf"(?:{_ADDRESS}|(?:{_WIDE_LABEL}{_DOT}){{1,9}}?{_TLD}){_PATH}"
    rf"|(?i:https?://(?:www\.?)?)[{_HIDDEN}]{{3,}}(?![A-Za-z0-9.{_HIDDEN}]){_PATH}"
    rf"|{_NOT_WITHIN}(?i:www)\.(?:{_WIDE_LABEL}{_DOT}){{1,8}}?{_TLD}{_PATH}"
    rf"|{_NOT_WITHIN}(?P<naked>{_SHORTENERS}{_END}|(?:{_LABEL}\.){{1,8}}?(?:(?:{_NAKED_TLD}){_END}"
    rf"|(?:{_SHORT_TLD})(?=/[A-Za-z0-9@?#{_HIDDEN}]))){_PATH}"
    # A name in Hangul under .kr goes whole; before a name in small letters Hangul is a word (`쿠팡coupang.kr`).
    r"|(?<![A-Za-z0-9가-힣@_%+/*-])(?<![A-Za-z0-9]\.)(?![가-힣]{1,62}[a-z]{3})(?=[A-Za-z0-9-]{0,62}[가-힣])"
    r"[A-Za-z0-9가-힣][A-Za-z0-9가-힣-]{0,62}(?P<hangul>\.(?:(?:(?:co|or|go|ne|pe|re|ac)\.)?kr|한국(?=/[A-Za-z0-9])"
    rf"|{{more}}){_END}){_PATH}"
)
# `재밌다.한국 영화` is written like `한글.한국`.
_MORE = r"(?<![다요음임함죠네지데까듯뿐]\.)(?:한국|닷컴|닷넷|com|net|org)"

_ANCHOR = re.compile(r"\.(?:[A-Za-z]|한국|닷[컴넷])")
_CLOSING = re.compile(r"[ \t]{0,2}([)）\]])")
_SPACE = re.compile(r"\s")
_LIST = re.compile(r"[ \t]*[,;/|·][ \t]*")
_TITLE = re.compile(r"""[ \t]+["'][^"'\n]{0,200}["'](?=\))""")
_BRACKETS = dict(zip("([{<「『〈《【［（｛", ")]}>」』〉》】］）｝", strict=True))
_QUOTES = dict(zip("\"'“‘`*", "\"'”’`*", strict=True))
_MAX_LINK_CHARS = 300
# `(출처: https://…)` says nothing without the address; nor do a label and a comma beside it (`(전화 …, 누리집: www…)`).
_LABEL_BEFORE = re.compile(
    r"(?P<open>[(（\[]|[ \t]?[,;/|·])[ \t]{0,2}(?P<label>(?:[가-힣]{2,4}[ \t]?)?"
    r"(?:출처|참조|참고|링크|주소|기사|원문|영상|사이트|홈페이지|누리집|홈피|블로그|바로가기|URL|url|[Ll]ink|[Ww]eb|[Hh]omepage)"
    r"[ \t]?[:：=]?[ \t]{0,2})?(?=\Z)"
)
_MAX_LABEL_CHARS = 20
# A scheme or www. that a space parts from its host.
_BEGINNING = re.compile(r"(?i:(?<![A-Za-z0-9])(?:https?://(?:www\.)?|www\.))[ \t]{1,2}\Z")
_MAX_BEGINNING_CHARS = 14
# What a URL may be named after: with these a particle after the URL is joined.
_NAMED = re.compile(
    r"(?:누리집|홈페이지|홈피|사이트|페이지|블로그|카페|주소|링크|포털|채널|유튜브|페이스북|인스타|인스타그램|트위터|텔레그램|밴드"
    r"|게시판|게시물|게시글|공지|공지사항|쇼핑몰|스토어|앱|기사|영상|동영상|뉴스|자료|자료실|글|청원|센터|시스템|플랫폼|서비스|문서|위키"
    r"|여기|이곳|URL|url)[ \t]*\Z"
)
_MAX_NAME_CHARS = 12


@lru_cache(maxsize=2)
def pattern(hangul_hosts: bool) -> re.Pattern[str]:
    """Return the expression for a URL, without what surrounds it; no match holds white space."""
    return re.compile(_URL.replace("{more}", _MORE if hangul_hosts else "(?!)"))


def is_url(match: re.Match[str]) -> bool:
    """Tell whether a match of `pattern` is a URL: not a name such as M.net, nor a piece of an e-mail address."""
    host = match["naked"]
    if host is None:
        return True
    text, start = match.string, match.start()
    if text[start - 1 : start] == "*" and text[:start].rstrip("*").endswith("@"):
        return False
    labels = host.split(".")
    if len(labels) > 2 or match.end() > match.end("naked"):
        return True
    name, tld = labels
    shouted = name.isupper() and tld.isupper() and (tld != "NET" or len(name) > 3)
    named = name[0].isupper() and tld.lower() in ("com", "net", "org") and not shouted
    return host == "t.me" or (len(name) > 1 and not named)


def _bare(text: str, hangul_hosts: bool) -> Iterator[tuple[int, int]]:
    """Yield where URLs are; the expression is tried only on runs without white space that hold what every URL holds."""
    url = pattern(hangul_hosts)
    done = at = 0
    scheme = text.find("://")
    while True:
        dot = _ANCHOR.search(text, at)
        if 0 <= scheme < at:
            scheme = text.find("://", at)
        if dot is None and scheme < 0:
            return
        at = min(dot.start() if dot else len(text), scheme if scheme >= 0 else len(text))
        start = at
        while start > done and not text[start - 1].isspace():
            start -= 1
        space = _SPACE.search(text, at)
        done = at = space.start() if space else len(text)
        for match in url.finditer(text, start, done):
            if is_url(match):
                first, last = match.span()
                if text[first - 1 : first] == "*":  # **bold**
                    last -= len(match[0]) - len(match[0].rstrip("*"))
                yield first, last


def _wrapped(text: str, start: int, end: int) -> Piece:
    """Return a URL with the brackets and quotes that hold nothing else."""
    aside = False
    label = _LABEL_BEFORE.search(text, max(0, start - _MAX_LABEL_CHARS), start)
    closing, separator = _CLOSING.match(text, end), _LIST.match(text, end)
    opened = label and label["open"] in _BRACKETS
    if opened and label["label"] and closing and _BRACKETS[label["open"]] == closing[1]:
        start, end, aside = label.start(), closing.end(), True
    elif opened and separator:
        return Piece(label.end("open"), separator.end())
    elif label and not opened and closing:
        return Piece(label.start(), closing.start(1))
    while True:
        first, last = start, end
        while text[first - 1 : first] in (" ", "\t"):
            first -= 1
        while text[last : last + 1] in (" ", "\t"):
            last += 1
        before, after = text[first - 1 : first], text[last : last + 1]
        if not before or not after:
            return Piece(start, end, aside)
        if before == "(" and text[first - 2 : first - 1] == "]" and (title := _TITLE.match(text, end)):
            last, after = title.end(), ")"
        if _BRACKETS.get(before) == after:
            aside = aside or before in "(（" or not text[first - 2 : first - 1].isspace()
        elif (first, last) != (start, end) or _QUOTES.get(before) != after or text[first - 2 : first - 1] == "=":
            return Piece(start, end, aside)
        start, end = first - 1, last + 1


def find(text: str, hangul_hosts: bool = False) -> list[Piece]:
    """Return the URLs of a text, each with the brackets and quotes around it, in order.

    Parameters
    ----------
    text : str
        Any text.
    hangul_hosts : bool
        Whether `한글.한국` and `한글.com` are URLs without scheme, www. or path.

    Notes
    -----
    URLs listed with commas between them are one piece. Of a link in Markdown the text stays. O(n_chars).
    """
    spans: list[tuple[int, int]] = []
    for start, end in _bare(text, hangul_hosts):
        beginning = _BEGINNING.search(text, max(0, start - _MAX_BEGINNING_CHARS), start)
        if beginning and beginning.start() >= (spans[-1][1] if spans else 0):
            start = beginning.start()
        if spans and (comma := _LIST.match(text, spans[-1][1])) and comma.end() == start:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    pieces: list[Piece] = []
    for start, end in spans:
        piece = _wrapped(text, start, end)
        done = pieces[-1].end if pieces else 0
        if piece.start < done:  # the quote of another
            piece = Piece(start, end)
        if piece.aside and text[piece.start - 1 : piece.start] == "]" and piece.start > done:
            opening = text.rfind("[", max(done, piece.start - _MAX_LINK_CHARS), piece.start)
            if opening >= 0 and "\n" not in text[opening : piece.start]:
                image = opening > done and text[opening - 1] == "!"
                pieces.append(Piece(opening - image, opening + 1, mark=True))
                piece = Piece(piece.start - 1, piece.end, aside=True)
        named = _NAMED.search(text, max(done, piece.start - _MAX_NAME_CHARS), piece.start) is not None
        pieces.append(piece._replace(aside=piece.aside or named))
    return pieces
