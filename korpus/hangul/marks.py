"""How lists and unfinished sentences look in Korean text: bullets, and ellipses.

The published filters (Rae et al. 2021, *Scaling Language Models*, table A1; for Korean `dps`, the pipeline of
polyglot-ko, github.com/EleutherAI/dps, with ``* · • ‧ ㆍ`` and ``… ...``) know few of them. These tables add what
Korean documents use: the ``ㅇ`` and ``○`` of government papers, the squares and circles of word processors, numbers and
letters before an item (``1. (2) ③ 가. ㉠``), middle dots in a row.
"""

from __future__ import annotations

BULLETS = [
    *("·", "‧", "ㆍ", "∙", "•", "‣", "⁃", "◦", "▪", "▫", "■", "□", "●", "○", "◎", "◆", "◇", "◈", "▶", "▷", "►"),
    *("▸", "☞", "➢", "➤", "✓", "✔", "✅", "★", "☆", "※", "❍", "❏", "❖"),
    # What is a word, a number or an emphasis too (`-5도`, `*주의*`, `ㅇㅋ`) must be followed by a space.
    *("* ", "- ", "+ ", "– ", "— ", "ㅇ ", "ㅁ ", "o "),
]
"""What a line of a list begins with."""

_LETTERS = "가나다라마바사아자차카타파하"
NUMBERING = (
    r"[0-9]{1,2}(?:[-.][0-9]{1,2})*(?:[.)](?![0-9])|(?<=[0-9]\.[0-9])(?=\s))"
    rf"|[(（](?:[0-9]{{1,2}}|[{_LETTERS}A-Za-z])[)）]|[{_LETTERS}A-Za-zⅠ-ⅿ][.)](?=\s)|[①-⓿㈀-㈞㉠-㉾❶-➓]"
)
"""What numbers an item, at the beginning of a line: ``1. 2-1) (3) ④ 가. (나) ㉢ Ⅳ.``"""
NUMBERING_FIRST = "0-9(（A-Za-zⅠ-ⅿ①-⓿㈀-㈞㉠-㉾❶-➓" + _LETTERS
"""The characters that it begins with, as the inside of a character class."""

SENTENCE_END = r"(?:[.?!…~]|(?<=[가-힣])[다요까죠라니])[\"'”’)\]』」]*$"
"""How a line ends that is a sentence and no item: a step of a recipe, a line of a dialogue (``- 어디 가?``)."""
PHRASE = (
    r"[가-힣](?:[을를은는도]|에|에서|에게|으로|하[고며여]|[해지고면어아된될한할])[,\s]\s*\S|"
    r"[가-힣](?:함|음|임|됨|것|기|듯|경우|사람)[\"'”’)\]』」]*$"
)
"""What makes an item of several eojeol more than a name: an eojeol within it has a particle or an ending, or it ends as
reports, recipes and laws do (``사고가 늘고 있음``, ``허가를 받은 경우``)."""

FINISHED = r"(?<=[가-힣])(?:다|요|까|죠|네|군|구나|는데|은데|인데|래|대|지|야|걸|거든|든가|듯|구)[\"'”’)\]]*\s*$"
"""How the text before an ellipsis ends that broke nothing off: ``그는 떠났다…``, ``어제 늦게 잤는데…``."""
ELLIPSES = ["…", "...", "⋯", "···", "ㆍㆍㆍ"]
"""What a line ends with that says no more. The two dots (``..``) of chat end finished sentences as well."""
