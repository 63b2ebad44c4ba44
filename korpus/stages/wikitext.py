"""The stage `wikitext`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import ClassVar

from korpus.hangul import wiki
from korpus.hangul.patterns import HTML_BREAK, HTML_INLINE
from korpus.stages._markup import Markup, Nest, unquoted

_TOKEN = re.compile(
    rf"(?P<comment><!--)|(?P<raw><(?P<tag>{wiki.NO_TEXT_TAGS}|{wiki.VERBATIM_TAGS})(?P<rest>(?:\s[^<>]*)?/?)>)"
    r"|(?P<open>\{\{+)|(?P<close>\}\}+)|(?P<link>\[\[)|(?P<end>\]\])"
    r"|(?P<table>^[ \t:]*\{\|)|(?P<after>^[ \t]*\|\}(?!\}))|(?P<gap>\n[ \t]*\n)",
    re.MULTILINE | re.IGNORECASE,
)
_REDIRECT = re.compile(wiki.REDIRECT, re.IGNORECASE)
_EXTERNAL = re.compile(wiki.EXTERNAL_LINK, re.IGNORECASE)
_MARKUP = re.compile(r"\{\{|-\{|\{\||\[\[|\[(?:https?:|ftp:)?//|''|<[A-Za-z/!]|__|^[*#:;=]|^----", re.MULTILINE)
_HEADING = re.compile(r"(={2,6})([^=].*?)\1[ \t]*|=[ \t](.*?)[ \t]=[ \t]*")
_RULE = re.compile("-{4,}")
_BULLETS = re.compile(r"[*#:;]+[ \t]*")
_VARIANTS = re.compile(r"-\{(?:[A-Za-z-]*\|)?([^{}\n]*)\}-")
_MAGIC = re.compile(wiki.MAGIC_WORD)


@lru_cache(maxsize=64)
def _end_of(tag: str) -> re.Pattern[str]:
    return re.compile("-->" if tag == "!--" else rf"</{tag}\s*>", re.IGNORECASE)


@lru_cache(maxsize=1)
def _tags() -> tuple[re.Pattern[str], re.Pattern[str]]:
    plain = rf"(?i:</?(?:{wiki.PLAIN_TAGS})(?:\s[^<>]*)?/?>)"
    # A reference within a reference leaves its end.
    return re.compile(HTML_BREAK), re.compile(f"{HTML_INLINE}|{plain}|(?i:</ref>)")


class Wikitext(Markup):
    """Take the markup of MediaWiki, as in Wikipedia, off a text.

    Templates, tables, references, comments, source code, galleries, files, categories and links to other languages go,
    but for templates that only set a text, such as ``lang`` and ``nowrap``; formulas stay as TeX, since a particle
    follows them; of variants (``-{zh-cn:中国; zh-tw:中國}-``) the first stays; links keep the text that they show, and
    bold, italics, lists and HTML tags lose their marks. Brackets that a template leaves empty go with it, and so do
    lines of which nothing is left. The text of ``nowiki`` and ``pre`` stays as it is. A page that only leads to another
    one becomes empty, and is rejected as ``emptied``.

    ``'''서울'''({{llang|en|Seoul}})은 [[수도 (정치)|수도]]이다.<ref>통계청</ref> → 서울은 수도이다.``

    Markup that is never closed is text, and nothing opens more than 50 deep, so that the time depends on the length of
    a text alone. Entities such as ``&nbsp;`` are left to the stage `html`, which should follow. Applied twice, what
    ``nowiki`` had protected is markup the second time.

    Source: mediawiki.org/wiki/Help:Formatting; namespaces of ko.wikipedia.org. About 10 MB/s a core.
    """

    version: ClassVar[int] = 3

    redirect: ClassVar[re.Pattern[str]] = _REDIRECT
    markup: ClassVar[re.Pattern[str]] = _MARKUP

    def _strip(self, nest: Nest) -> str:
        text, at = nest.source, 0
        while match := _TOKEN.search(text, at):
            nest.add(text[at : match.start()])
            at = match.end()
            if match["comment"] or match["raw"]:
                at = _raw(nest, match)
            elif match["open"]:
                # An odd brace belongs to a parameter: {{{1}}}.
                odd = "{" * (len(match[0]) % 2)
                for i in range(len(match[0]) // 2):
                    nest.open("template", "{{" if i else "{{" + odd, "" if i else odd)
            elif match["close"]:
                n = len(match[0])
                while n >= 2 and (frame := nest.close("template", within=("table",))):
                    n -= 2 + (n > 2 and bool(frame.detail))
                    nest.add(_of_template(frame.text) or nest.gone)
                nest.add("}" * n)
            elif match["link"]:
                nest.open("link", "[[")
            elif match["end"]:
                frame = nest.close("link", within=("template", "table"))
                nest.add("]]" if frame is None else _shown(frame.text, nest.gone))
            elif match["table"]:
                nest.open("table", match[0])
            elif match["after"]:
                nest.add(match[0] if nest.close("table") is None else nest.gone)
            else:
                nest.abandon("link")
                nest.add(match[0])
        nest.add(text[at:])
        text = nest.finish()
        if "-{" in text:
            text = _VARIANTS.sub(lambda match: match[1].split(";")[0].rpartition(":")[2].strip(), text)
        if "//" in text:
            text = _EXTERNAL.sub(lambda match: match[1].strip() or nest.gone, text)
        if "<" in text:
            breaks, others = _tags()
            text = others.sub("", breaks.sub("\n", text))
        return nest.tidy(_MAGIC.sub(nest.gone, text), self._line)

    def _line(self, line: str) -> str | None:
        line = unquoted(line)
        first = line[:1]
        if first == "=" and (match := _HEADING.fullmatch(line)):
            return (match[2] or match[3]).strip() if self.headings == "keep" else None
        if first == "-" and (match := _RULE.match(line)):
            return line[match.end() :] or None
        return line[bullets.end() :] if first in ("*", "#", ":", ";") and (bullets := _BULLETS.match(line)) else line


def _raw(nest: Nest, match: re.Match[str]) -> int:
    tag = (match["tag"] or "!--").lower()
    if match["raw"] and match["rest"].endswith("/"):
        nest.add(nest.gone)
        return match.end()
    end = nest.find(_end_of(tag), match.end())
    if end is None:
        nest.add(match[0])
        return match.end()
    held = nest.source[match.end() : end.start()]
    if tag in wiki.VERBATIM_TAGS.split("|"):
        nest.keep(held)
    elif tag in wiki.FORMULA_TAGS:
        nest.formula(held)
    else:
        nest.add(nest.gone)
    return end.end()


def _of_template(content: str) -> str:
    """Return what a template shows that only says how a text is set; nothing of others."""
    name, *arguments = content.split("|")
    if name.strip().lower() not in wiki.SHOWN_TEMPLATES:
        return ""
    return next((argument.strip() for argument in reversed(arguments) if "=" not in argument), "")


def _shown(content: str, gone: str) -> str:
    target, _, shown = content.partition("|")
    name = target.strip()
    prefix, colon, _ = name.partition(":")
    prefix = prefix.strip()
    if colon and (prefix.lower() in wiki.HIDDEN_NAMESPACES or prefix in wiki.LANGUAGES):
        return gone
    if not name or "\n" in target or "[" in target:
        return f"[[{content}]]"
    return shown if shown.strip() else name.removeprefix(":")
