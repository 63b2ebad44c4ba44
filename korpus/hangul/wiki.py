"""The markup of Korean wikis: MediaWiki's, as in Wikipedia, and 나무마크, as in Namuwiki."""

from __future__ import annotations

# MediaWiki: mediawiki.org/wiki/Help:Formatting, and the namespaces of ko.wikipedia.org.
REDIRECT = r"\s*#(?:redirect|넘겨주기)\s*:?\s*\[\["
HIDDEN_NAMESPACES = frozenset(("파일", "그림", "미디어", "분류", "file", "image", "media", "category"))
"""A link into one of these shows no text of its own, but for one that begins with a colon."""
_LANGUAGES = (
    "ar az be bg bn ca ceb cs cy da de el en eo es et eu fa fi fr gl he hi hr hu hy id is it ja ka kk ko la lt lv mk ml"
    " mn ms my nl no pl pt ro ru sh simple sk sl sq sr sv sw ta te th tl tr uk ur uz vi yi yue zh zh-classical"
    " zh-min-nan zh-yue"
)
LANGUAGES = frozenset(_LANGUAGES.split())
"""Prefixes of links between the Wikipedias of different languages, which stand beside the page."""
NO_TEXT_TAGS = (
    "ce|charinsert|categorytree|chem|gallery|graph|hiero|imagemap|includeonly|indicator|inputbox|mapframe|maplink|math"
    "|ref|references|score|source|syntaxhighlight|templatedata|templatestyles|timeline"
)
"""Tags that go with what they hold."""
FORMULA_TAGS = frozenset(("math", "ce", "chem"))
"""Those of them that hold a formula."""
SHOWN_TEMPLATES = frozenset(("lang", "nowrap", "nobr", "color", "색", "글자색", "big", "small", "크게", "작게", "굵게"))
"""Templates that show their last argument."""
VERBATIM_TAGS = "nowiki|pre"
"""Tags that hold text in which nothing is markup."""
PLAIN_TAGS = (
    "noinclude|onlyinclude|poem|section|translate|tvar|languages|rb|rp|rt|rtc|ruby|time|data|bdi|bdo|wbr|dfn|kbd"
)
"""Tags that go and leave what they hold, beside those of HTML."""
MAGIC_WORD = "__(?:[A-Z]{3,}|[가-힣]{2,})__"
EXTERNAL_LINK = r"\[(?:(?:https?|ftp):)?//[^\s\[\]<>]+([^\[\]\n]*)\]"

# 나무마크: namu.wiki/w/나무위키:문법 도움말.
NAMU_REDIRECT = r"\s*#(?:redirect|넘겨주기)[ \t]+\S"
NAMU_HIDDEN = frozenset(("파일", "분류", "file", "category"))
NAMU_MACROS = "age|anchor|date|datetime|dday|include|kakaotv|navertv|nicovideo|pagecount|tvpot|vimeo|youtube"
"""Macros with arguments: ``[include(틀:국가)]``."""
NAMU_WORDS = "각주|footnote|목차|tableofcontents|toc|clearfix|date|datetime|pagecount"
"""Macros without: ``[목차]``."""
NAMU_SPAN = r"[+-][1-5](?=[\s}])|#[0-9A-Za-z]+(?:,#?[0-9A-Za-z]+)?(?=[\s}])"
"""What makes three braces a size or a colour."""
