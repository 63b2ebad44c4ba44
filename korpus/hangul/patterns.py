"""Patterns of HTML in Korean web text."""

from __future__ import annotations

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
    r"|(?:lt|gt|quot)(?![a-z=;]|_[A-Za-z0-9]|[0-9]+=)|lt(?=[^&=;\n]{1,40}&gt)|amp(?![a-z0-9=;])|nbsp(?![A-Za-z0-9=;])"
    r"|(?<![A-Za-z0-9=%/?&]&)(?:copy|reg)(?![A-Za-z0-9=;]))"
)
