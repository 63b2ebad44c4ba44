"""Patterns of HTML in Korean web text."""

from __future__ import annotations

# Elements of HTML, so that `<영화 제목>` and `<3` are no tags; attributes need a value, so that `a<b and c>d` is none
# either.
_BLOCK = (
    "address|article|aside|blockquote|br|center|dd|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|header|hr|li"
    "|main|nav|ol|p|pre|section|table|tbody|td|tfoot|th|thead|tr|ul"
)
_INLINE = (
    "a|abbr|b|big|body|button|cite|code|col|colgroup|del|em|embed|font|head|html|i|iframe|img|input|ins|label|link|meta"
    "|object|option|param|q|s|samp|select|small|source|span|strike|strong|sub|sup|svg|textarea|title|tt|u|var|video|wbr"
    "|audio|canvas|mark|o:p|font"
)
_ATTRIBUTES = r"""(?:\s+[A-Za-z_:][\w:.-]*\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>=]+))*\s*/?"""

HTML_DROPPED = r"(?is:<!--.*?-->|<(script|style)\b[^<>]*>.*?</\1\s*>|<!doctype\b[^<>]*>)"
# White space is looked at from its beginning only, or a long run of it would be gone through from each of its places.
HTML_BLOCK = rf"(?i:(?:(?<!\s)\s+)?</?(?:{_BLOCK}){_ATTRIBUTES}>\s*)"
HTML_BREAK = rf"(?i:</?(?:{_BLOCK}){_ATTRIBUTES}>)"
HTML_INLINE = rf"(?i:</?(?:{_INLINE}){_ATTRIBUTES}>)"
# A reference ends with a semicolon, but for the one that people write without; & that was escaped again and again.
HTML_ENTITY = r"&(?:amp;)*(?:#(?:[0-9]{1,7}|[xX][0-9A-Fa-f]{1,6});|[A-Za-z][A-Za-z0-9]{1,31};|nbsp(?![A-Za-z0-9=;]))"
