"""Lexicons: which keywords speak for which domain; reading, checking and matching them."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from korpus.batch import strings
from korpus.corpus.layout import MAX_FOLDER_BYTES, folder_name
from korpus.errors import did_you_mean
from korpus.kernels.lexicon import Trie, count_keywords, fill_edges

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

MAX_NAME_BYTES = 128
HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"
"""Readers of Hive folders take this for null."""
_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def is_domain_name(name: str) -> bool:
    r"""Tell whether a string can name a domain, and with it a folder ``domain=<name>``.

    Parameters
    ----------
    name : str
        Printable, not empty, at most 128 bytes of UTF-8 (and 240 as the name of a folder, where some signs take three),
        no space around it, not beginning with a dot, not ``all``, not what Hive writes for null, and without ``/``,
        ``\``, ``=`` and ``%``, which readers of such folders decode.
    """
    return (
        name.isprintable()
        and 0 < len(name.encode()) <= MAX_NAME_BYTES
        and len(folder_name(name).encode()) <= MAX_FOLDER_BYTES
        and name not in ("all", HIVE_NULL)
        and name == name.strip()
        and not name.startswith(".")
        and not set(name) & set("/\\=%")
    )


def check_domain_name(name: str) -> str:
    """Return `name`, or raise a `ValueError` that says what a domain may be called."""
    if not is_domain_name(name):
        raise ValueError(
            "a domain's name must be fit for a folder's name (printable, at most 128 bytes, not 'all', without '/', "
            f"'\\', '=', '%', spaces around it and a dot before it), got {name[:200]!r}"
        )
    return name


def builtin() -> list[str]:
    """Return the names of the lexicons that come with korpus."""
    folder = resources.files("korpus.domains") / "lexicons"
    return sorted(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml"))


def _lowered(keyword: str) -> str:
    return unicodedata.normalize("NFC", keyword).translate(_ASCII_LOWER)


def check_lexicon(data: Any) -> dict[str, list[str]]:
    """Return a lexicon with its keywords in the form in which they are matched: NFC, ASCII letters in lower case.

    Parameters
    ----------
    data : object
        Should be a mapping from each domain to the list of its keywords; a keyword belongs to one domain.

    Raises
    ------
    ValueError
        If it is not; says what is wrong with what.
    """
    if not isinstance(data, dict) or not data:
        raise ValueError(f"a lexicon must be a mapping from domains to lists of keywords, got {data!r}")
    owner: dict[str, str] = {}
    for domain, keywords in data.items():
        if not isinstance(domain, str):
            raise ValueError(f"a domain's name must be a string, got {domain!r}; put it in quotes")
        check_domain_name(domain)
        if not isinstance(keywords, list) or not keywords:
            raise ValueError(f"the keywords of {domain!r} must be a list of strings, got {keywords!r}")
        for keyword in keywords:
            if not isinstance(keyword, str) or not keyword.isprintable() or not keyword or keyword != keyword.strip():
                raise ValueError(
                    f"a keyword of {domain!r} must be a printable string, not empty, without spaces around it, "
                    f"got {keyword!r}"
                )
            other = owner.setdefault(_lowered(keyword), domain)
            if other != domain:
                raise ValueError(f"a keyword must belong to one domain, got {keyword!r} in {other!r} and in {domain!r}")
    lexicon: dict[str, list[str]] = {domain: [] for domain in data}
    for keyword, domain in owner.items():
        lexicon[domain].append(keyword)
    return lexicon


@lru_cache(maxsize=8)
def _builtin(name: str) -> dict[str, list[str]]:
    text = (resources.files("korpus.domains") / "lexicons" / f"{name}.yaml").read_text(encoding="utf-8")
    return check_lexicon(yaml.safe_load(text))


def load(name: str) -> dict[str, list[str]]:
    """Read a lexicon that comes with korpus, by name, or a YAML file, by path.

    Parameters
    ----------
    name : str
        A built-in name, or a path; a relative one counts from the current folder.

    Raises
    ------
    ValueError
        If there is no such lexicon, or it is not well formed.
    """
    if name in builtin():
        return _builtin(name)
    if not Path(name).is_file():
        raise ValueError(
            f"must be a lexicon ({', '.join(builtin())}), the path of a YAML file, or a mapping from domains to lists "
            f"of keywords{did_you_mean(name, builtin())}"
        )
    try:
        text = Path(name).read_text(encoding="utf-8-sig")
        data, node = yaml.safe_load(text), yaml.compose(text, Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ValueError(f"the lexicon {name} cannot be read: {' '.join(str(error).split())}") from None
    try:
        if isinstance(data, dict) and isinstance(node, yaml.MappingNode) and len(data) < len(node.value):
            keys = [key.value for key, _ in node.value]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise ValueError(f"a domain must be given once, got {twice!r} {keys.count(twice)} times")
        return check_lexicon(data)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


@lru_cache(maxsize=8)
def _trie(keywords: tuple[tuple[str, ...], ...]) -> Trie:
    edges: dict[int, int] = {}
    values = [-1]
    for value, words in enumerate(keywords):
        for word in words:
            state = 0
            for byte in word.encode():
                state = edges.setdefault(state << 8 | byte, len(values))
                if state == len(values):
                    values.append(-1)
            values[state] = value
    n_slots = 1 << (2 * len(edges)).bit_length()
    table, targets = np.full(n_slots, -1, np.int64), np.zeros(n_slots, np.int32)
    fill_edges(np.fromiter(edges, np.int64), np.fromiter(edges.values(), np.int32), table, targets)
    trie = Trie(table, targets, np.array(values, np.int32))
    for part in trie:
        part.flags.writeable = False
    return trie


def count_hits(texts: pa.StringArray, lexicon: Mapping[str, Sequence[str]]) -> np.ndarray:
    """Count, for each text and domain, the words that begin with a keyword of the domain.

    Parameters
    ----------
    texts : pa.StringArray, shape (n_rows,)
        Without nulls.
    lexicon : mapping of str to sequence of str, length n_domains
        As `check_lexicon` returns it.

    Returns
    -------
    int32, shape (n_rows, n_domains)
        Where several keywords begin a word, the longest one counts.
    """
    offsets, data = strings(texts)
    counts = np.zeros((len(texts), len(lexicon)), np.int32)
    count_keywords(offsets, data, _trie(tuple(tuple(keywords) for keywords in lexicon.values())), counts)
    return counts
