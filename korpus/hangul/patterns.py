"""Patterns of things that stand in Korean web text and are not Korean: URLs, masks over profanity, HTML."""

from __future__ import annotations

from typing import NamedTuple


class Pattern(NamedTuple):
    """A pattern for Python's ``re``, with what is needed to skip most texts without running it.

    Attributes
    ----------
    regex : str
        To be compiled without flags.
    must_contain : str or None
        A text without this string has no match. None for a URL that need not have any one string: the kernel
        `korpus.kernels.marks.rows_with_hosts` finds the texts.
    """

    regex: str
    must_contain: str | None


# What may follow a URL without a space; of these, only the unmistakable ones end a Hangul path (`/wiki/서울에서`),
# since a path may well end in 이 or 로.
_PARTICLES = (
    "에서|으로|로|에|를|을|는|은|이|가|와|과|도|의|만|입니다|이다|에는|에도|에서는|에서도|부터|까지|처럼|라는|이라는"
    "|하고|랑"
)
_ENDINGS = "에서는|에서도|에서|으로|에는|에도|에게|를|입니다|이라는|라는|부터|까지|처럼"

_LABEL = "[A-Za-z0-9][A-Za-z0-9-]{0,62}"
_WIDE_LABEL = "[A-Za-z0-9가-힣][A-Za-z0-9가-힣_-]{0,62}"
_AFTER_SEGMENT = "[가-힣A-Za-z0-9/_=&%-]"
_PATH = (
    r"(?::[0-9]{1,5}(?![0-9]))?"
    r"(?:[/?#](?:"
    r"[A-Za-z0-9\-_~%&=+#/@$]"
    r"|[.,:;!?*'|](?=[A-Za-z0-9\-_~%&=+#/@$])"
    r"|(?<=[_/])\([A-Za-z0-9가-힣_.%,-]*\)"
    rf"|(?<=[/=_+&%-])(?!(?:{_PARTICLES})(?!{_AFTER_SEGMENT}))"
    rf"[가-힣]+?(?=(?:{_ENDINGS})(?!{_AFTER_SEGMENT})|(?![가-힣]))"
    r")*)?"
)
_TLD = r"(?:[A-Za-z]{2,24}(?![A-Za-z0-9-])|한국|닷컴|닷넷)"
_ADDRESS = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9.])|localhost"
_NAKED_TLD = "com|net|org|kr|jp|cn|info|biz|edu|gov"
_SHORT_TLD = "be|gl|ly|me|co|io|tv|cc|to|gg|ai|us|la|do|app|page|link|shop|xyz|site|dev"
_NOT_WITHIN = "(?<![A-Za-z0-9@._%+/-])"
_KOREAN_URL = (
    rf"(?<![A-Za-z])(?i:https?|ftp)://(?:{_ADDRESS}|{_WIDE_LABEL}(?:\.{_WIDE_LABEL})*?\.{_TLD}(?!\.[A-Za-z0-9])){_PATH}"
    rf"|{_NOT_WITHIN}(?i:www)\.(?:{_WIDE_LABEL}\.)+?{_TLD}(?!\.[A-Za-z0-9]){_PATH}"
    rf"|{_NOT_WITHIN}(?:{_LABEL}\.)+?(?:(?:{_NAKED_TLD})(?![A-Za-z0-9_@-]|\.[A-Za-z0-9])"
    rf"|(?:{_SHORT_TLD})(?=/[A-Za-z0-9@?#])){_PATH}"
)


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
    # Our own. With a scheme, with www., or naked: a host under one of the top-level domains above, those of two
    # letters that are words too only when a path follows. Hangul belongs to the host before its last dot and to the
    # path where a segment or a value begins with it; what follows an ASCII path directly is a particle. Brackets
    # belong to it in pairs, punctuation at the end does not. Round brackets that hold nothing else go with it. What
    # stands before or after an @ is left alone.
    "korean": Pattern(regex=rf"\((?:{_KOREAN_URL})\)|{_KOREAN_URL}", must_contain=None),
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
    "ooo": Pattern(regex=r"(?<![A-Za-z0-9])o{3,}(?![A-Za-z0-9])", must_contain="ooo"),
    # The circle that newspapers put over names and the young put over banned words: `김○○ 씨`.
    "○○○": Pattern(regex="○{2,}", must_contain="○○"),
    "***": Pattern(regex=r"(?<![A-Za-z0-9*])\*{3,}(?![A-Za-z0-9*])", must_contain="***"),
}

# Elements of HTML, so that `<영화 제목>` and `<3` are no tags; attributes need a value, so that `a<b and c>d` is none
# either.
_BLOCK = (
    "address|article|aside|blockquote|br|center|dd|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|header|hr|li"
    "|main|nav|ol|p|pre|section|sync|table|tbody|td|tfoot|th|thead|tr|ul"
)
_INLINE = (
    "a|abbr|b|big|body|button|cite|code|col|colgroup|del|em|embed|font|head|html|i|iframe|img|input|ins|label|link|meta"
    "|object|option|param|q|s|samp|select|small|source|span|strike|strong|sub|sup|svg|textarea|title|tt|u|var|video|wbr"
    "|audio|canvas|mark|o:p|font"
)
_FLAGS = (
    "allowfullscreen|async|autoplay|checked|controls|defer|disabled|hidden|loop|multiple|muted|nowrap|noshade|open"
    "|readonly|required|selected"
)
_VALUE = r"""(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>=][^\s"'<>]*)"""
_ATTRIBUTES = rf"(?:\s+(?:[A-Za-z_:][\w:.-]*\s*=\s*{_VALUE}|(?:{_FLAGS})(?=[\s/>])))*\s*(?:/\s*)?"

HTML_DROPPED = r"(?i:<!--|<!doctype\b[^<>]*>|<(?P<tag>script|style)\b[^<>]*>)"
"""How that begins which goes with all that it holds."""
HTML_ENDS = {"<!--": "-->", "script": r"(?i:</script\s*>)", "style": r"(?i:</style\s*>)"}
"""How it ends; what is not here has no more to it."""
HTML_BREAK = rf"(?i:</?(?:{_BLOCK}){_ATTRIBUTES}>)"
HTML_INLINE = rf"(?i:</?(?:{_INLINE}){_ATTRIBUTES}>)"
# White space is looked at from its beginning only, or a long run of it would be gone through from each of its places.
# A face (>ㅁ<) comes first, or its end would begin a tag.
HTML_TAG = (
    "(?P<face>>[^\\s<>가-힣A-Za-z0-9\"'=/]{1,3}<)"
    rf"|(?i:(?:(?<!\s)\s+)?<(?P<end>/?)(?P<block>{_BLOCK})(?P<with>{_ATTRIBUTES})>\s*)"
    rf"|(?i:<(?P<close>/?)(?P<inline>{_INLINE})(?P<having>{_ATTRIBUTES})>)"
)
HTML_CLOSED = r"</([A-Za-z0-9:]+)\s*>"
_NEED_NO_END = (
    "br|hr|p|li|td|tr|th|dd|dt|img|input|wbr|col|embed|param|meta|html|head|body|thead|tbody|tfoot|option|sync"
)
HTML_ALONE = frozenset(_NEED_NO_END.split("|"))
"""Elements that need no end. Any other one without attributes and without an end is a title (<U>, <Big>, <Link>)."""
# A reference ends with a semicolon, but for those that people write without; & that was escaped again and again.
HTML_ENTITY = (
    r"&(?:amp;)*(?:#(?:[0-9]{1,7}|[xX][0-9A-Fa-f]{1,6});|#[0-9]{2,6}(?![0-9;])|[A-Za-z][A-Za-z0-9]{1,31};"
    r"|(?:lt|gt|quot)(?![a-z_=;]|[0-9]+=)|lt(?=[^&=;\n]{1,40}&gt)|amp(?![a-z0-9=;])|nbsp(?![A-Za-z0-9=;])"
    r"|(?<![A-Za-z0-9=%/?&]&)(?:copy|reg)(?![A-Za-z0-9=;]))"
)
