"""What the commands of ``korpus vocab`` have done or found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from korpus.vocab.evaluate import Measures


@dataclass(frozen=True)
class Trained:
    """A vocabulary that was trained and saved.

    Attributes
    ----------
    out : str or Path
        Its folder, as it was named.
    name : str
        The domain that it was learned from, or ``all``.
    size : int
        Entries.
    n_filled : int
        How many of them are [unused…] because nothing more could be learned.
    unk_ratio : float
        Share of the words that become [UNK], within [0, 1].
    tokens_per_word : float
        Tokens of a word on the average, where [UNK] is one.
    n_left_out : int
        Characters that were too rare for the alphabet.
    left_out : tuple of (str, int)
        Those of them that occur most, and how often.
    n_too_long : int
        Occurrences of words longer than ``max_word_chars``.
    """

    out: str | Path
    name: str
    size: int
    n_filled: int
    unk_ratio: float
    tokens_per_word: float
    n_left_out: int
    left_out: tuple[tuple[str, int], ...]
    n_too_long: int


@dataclass(frozen=True)
class Merged:
    """A vocabulary to which another one was appended, saved in the folder `out`.

    Attributes
    ----------
    n_first, n_second, n_both : int
        Entries of the two, and those that both have.
    size : int
        Entries of what came out.
    """

    out: str | Path
    n_first: int
    n_second: int
    n_both: int
    size: int


@dataclass(frozen=True)
class Extended:
    """A vocabulary whose unused entries were filled with terms, saved in the folder `out`.

    Attributes
    ----------
    added : tuple of (int, str, int)
        Id, term, and how many tokens it saves on the counts.
    before, after : Measures
        On the counts, without and with the terms.
    """

    out: str | Path
    added: tuple[tuple[int, str, int], ...]
    before: Measures
    after: Measures


@dataclass(frozen=True)
class Evaluation:
    """How a vocabulary does on some texts.

    Attributes
    ----------
    source : str
        The texts or word counts, as they were named.
    domain : str
        The domain whose counts they are; empty if they are of none.
    vocab : str
        The vocabulary, as it was named.
    size : int
        Its entries.
    measures : Measures
    """

    source: str
    domain: str
    vocab: str
    size: int
    measures: Measures
