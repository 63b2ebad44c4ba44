"""How lists and unfinished sentences look in Korean text: bullets, and ellipses.

The published filters (Rae et al. 2021, *Scaling Language Models*, table A1; for Korean `dps`, the pipeline of
polyglot-ko, github.com/EleutherAI/dps, with ``* · • ‧ ㆍ`` and ``… ...``) know few of them. These tables add what
Korean documents use: the ``ㅇ`` and ``○`` of government papers, the squares and circles of word processors, middle dots
in a row.
"""

from __future__ import annotations

BULLETS = [
    *("·", "‧", "ㆍ", "∙", "•", "‣", "⁃", "◦", "▪", "▫", "■", "□", "●", "○", "◎", "◆", "◇", "◈", "▶", "▷", "►"),
    *("▸", "☞", "➢", "➤", "✓", "✔", "✅", "★", "☆", "※", "❍", "❏", "❖"),
    # What is a word, a number or an emphasis too (`-5도`, `*주의*`, `ㅇㅋ`) must be followed by a space.
    *("* ", "- ", "+ ", "– ", "— ", "ㅇ ", "ㅁ ", "o "),
]
"""What a line of a list begins with."""

ELLIPSES = ["…", "...", "⋯", "···", "ㆍㆍㆍ"]
"""What a line ends with that says no more. The two dots (``..``) of chat end finished sentences as well."""
