"""What the stages `blocklist` and `blocklist_mask` share: reading lists of words, and finding the words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import numpy as np
import pyarrow as pa
import yaml
from pydantic import AfterValidator, Field

from korpus.domains.lexicon import count_hits
from korpus.hangul.particles import AFTER_EOJEOL, BEFORE_EOJEOL, PARTICLES

_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def _read(words: str | list[str]) -> list[str]:
    """Return a list of words as it is matched (NFC, ASCII in lower case), from a file if a path is given."""
    source = "" if isinstance(words, list) else f"{words}: "
    if isinstance(words, str):
        try:
            text = Path(words).read_text(encoding="utf-8-sig")
            if words.endswith((".yaml", ".yml")):
                words = yaml.safe_load(text)
            else:
                words = [line for raw in text.splitlines() if (line := raw.strip()) and not line.startswith("#")]
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise ValueError(f"the list {source}cannot be read: {' '.join(str(error).split())}") from None
    if not isinstance(words, list):
        raise ValueError(f"{source}must be a list of words, got {type(words).__name__}")
    for word in words:
        if not isinstance(word, str) or not word.isprintable() or not word or word != word.strip():
            raise ValueError(
                f"{source}a word must be a printable string, not empty, without spaces around it, got {word!r}"
            )
    return list(dict.fromkeys(unicodedata.normalize("NFC", word).translate(_LOWER) for word in words))


def _some(words: list[str]) -> list[str]:
    if not words:
        raise ValueError("must hold at least one word")
    return words


WordList = Annotated[str | list[str], AfterValidator(_read)]
Words = Annotated[
    WordList,
    AfterValidator(_some),
    Field(
        description="The words, or the path of a file: a YAML list (.yaml, .yml), or one word a line, # for comments.",
    ),
]
Exceptions = Annotated[
    WordList,
    Field(description="Words and phrases in which a word does not count, given as words are."),
]
Particles = Annotated[bool, Field(description="Whether a particle or a form of 이다 may follow a word.")]


def _tree(words: tuple[str, ...]) -> str:
    """Return an expression that matches any of some words, the longest first, in time of their length."""
    root: dict = {}
    for word in words:
        node = root
        for char in word:
            node = node.setdefault(char, {})
        node[""] = {}

    def expression(node: dict) -> str:
        branches = [re.escape(char) + expression(child) for char, child in node.items() if char]
        if not branches:
            return ""
        if len(branches) == 1 and "" not in node:
            return branches[0]
        return f"(?:{'|'.join(branches)}){'?' * ('' in node)}"

    return expression(root)


@lru_cache(maxsize=8)
def _compiled(words: tuple[str, ...], exceptions: tuple[str, ...], particles: bool) -> re.Pattern[str]:
    after = rf"(?={PARTICLES}{AFTER_EOJEOL})" if particles else AFTER_EOJEOL
    innocent = rf"{BEFORE_EOJEOL}{_tree(exceptions)}{after}|" if exceptions else ""
    # ASCII: so that case is folded for the letters only that the prefilter folds too.
    return re.compile(rf"{innocent}{BEFORE_EOJEOL}(?P<word>{_tree(words)}){after}", re.IGNORECASE | re.ASCII)


class Matcher:
    """Finds the words of a list in texts.

    Parameters
    ----------
    words, exceptions : sequence of str
        As `Words` and `Exceptions` hand them over.
    particles : bool
        Whether a particle may follow a word.
    """

    def __init__(self, words: Sequence[str], exceptions: Sequence[str], particles: bool):
        self._words = words
        self._regex = _compiled(tuple(words), tuple(exceptions), particles)

    def rows(self, texts: pa.StringArray) -> np.ndarray:
        """Return the rows that may hold a word: those in which an eojeol begins with one; bool, shape (n_rows,)."""
        return count_hits(texts, {"": self._words})[:, 0] > 0

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield start and end of each word in a text, without its particle."""
        for match in self._regex.finditer(text):
            if match["word"] is not None:
                yield match.span("word")
