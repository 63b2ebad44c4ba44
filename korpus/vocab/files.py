"""Vocabulary files: ``vocab.txt``, an entry a line, the line's place its id."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from korpus.errors import DataError
from korpus.vocab.options import ROLES
from korpus.vocab.subchar import nfkd

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


def vocab_file(path: str | Path) -> Path:
    """Return the file of a vocabulary given by file or folder.

    Raises
    ------
    DataError
        If there is none.
    """
    file = Path(path) / "vocab.txt" if Path(path).is_dir() else Path(path)
    if not file.is_file():
        raise DataError(f"there is no vocabulary {file}; give a vocab.txt, or a folder that has one")
    return file


def read_vocab(
    path: str | Path, max_word_chars: int = 100, subchar: bool = False, special: Collection[str] = ()
) -> list[str]:
    """Read a vocabulary and check it.

    Parameters
    ----------
    path : str or Path
        A ``vocab.txt``, or a folder that has one.
    max_word_chars : int
        No entry may be longer; no word of the tokenizer is.
    subchar : bool
        Whether it is made of letters (NFKD) instead of syllables (NFC).
    special : collection of str
        Entries that may be written either way, since texts are searched for them as they are.

    Returns
    -------
    list of str
        The place of an entry is its id.

    Raises
    ------
    DataError
        With file and line: no UTF-8, Windows line ends, an empty line, an entry that is there twice, is not of the
        Unicode form, has whitespace around it or is too long; or if one of BERT's special tokens is missing.
    """
    file = vocab_file(path)
    try:
        text = file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"{file} is not UTF-8: {error}; save it as UTF-8") from None
    tokens = text.removesuffix("\n").split("\n")
    seen: dict[str, int] = {}
    for number, token in enumerate(tokens, 1):
        at = f"{file}:{number}"
        if token.endswith("\r"):
            raise DataError(f"{at}: the line ends like those of Windows (\\r\\n); save the file with Unix line ends")
        if not token:
            raise DataError(f"{at}: the line is empty; ids would shift, so fill it, for example with [unused{number}]")
        if token in seen:
            raise DataError(f"{at}: {token!r} is there twice, first in line {seen[token]}; remove or rename one")
        if token != token.strip():
            raise DataError(f"{at}: {token!r} has whitespace around it, so no word can ever match it; remove it")
        if not subchar and token not in special and not unicodedata.is_normalized("NFC", token):
            raise DataError(
                f"{at}: {token!r} is not in Unicode's composed form (NFC); convert the file to NFC, or if it is a "
                f"vocabulary of conjoining letters, say so with subchar"
            )
        if subchar and token not in special and not token.isascii() and nfkd()(token) != token:
            raise DataError(
                f"{at}: {token!r} is not taken apart (NFKD), but the vocabulary is to be of conjoining letters "
                f"(subchar); syllables and letters do not mix"
            )
        if len(token.removeprefix("##")) > max_word_chars:
            raise DataError(
                f"{at}: {token[:40]!r}… has {len(token):,} characters, but words of more than {max_word_chars} become "
                f"[UNK]; raise max_word_chars or remove it"
            )
        seen[token] = number
    missing = [token for token in ROLES.values() if token not in seen]
    if missing:
        raise DataError(f"{file} has no {' '.join(missing)}, without which no BERT model runs")
    return tokens


def has_syllables(path: str | Path) -> bool:
    """Return whether an entry of a vocabulary, special tokens aside, holds a Hangul syllable."""
    return re.search(r"^(?!\[).*[가-힣]", vocab_file(path).read_text("utf-8", "replace"), re.MULTILINE) is not None


def lacking(tokens: Sequence[str], known: Collection[str]) -> list[str]:
    """Return those of `tokens` that are not `known`, in their order."""
    known = set(known)
    return [token for token in tokens if token not in known]
