"""What the stages with a user's regular expression have in common: which engine it gets, and how long it may take."""

from __future__ import annotations

import logging
import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache, partial
from itertools import chain, islice
from typing import Annotated, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import AfterValidator, Field

from korpus.batch import strings
from korpus.stages import _regex_apart as apart
from korpus.stages._re2 import Untranslatable, template, translate
from korpus.stages._rows import row_texts

_log = logging.getLogger("korpus")

TIMEOUT = "pattern_timeout"
"""The reason of a document on which a pattern takes too long."""
LIMIT_S, LIMIT_S_PER_MB = 2.0, 2.0
"""Seconds of CPU that a pattern may take on a document: so many, and more for each million of its characters."""
SMALL_BYTES, BRIEF_S = 1 << 18, 0.05
"""RE2 is made anew for each batch, which costs more than Python's re takes for so few bytes, unless it backtracks."""


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"must be a regular expression that Python's re compiles ({error})") from None
    return pattern


PythonRegex = Annotated[
    str,
    Field(min_length=1, description="A regular expression, in the syntax of Python's re."),
    AfterValidator(_compiles),
]


def compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    """Compile a pattern; Python keeps the last few hundred, so this may be called for every batch."""
    return re.compile(pattern, re.IGNORECASE if ignore_case else 0)


class Engine(NamedTuple):
    """What carries out a pattern.

    Attributes
    ----------
    pattern : str or None
        For RE2; None if Python's re is to do it.
    replacement : str
        For RE2.
    at_end : bool
        Whether Python's re is to do the texts that end in a line feed.
    why : str
        What RE2 lacks.
    """

    pattern: str | None
    replacement: str = ""
    at_end: bool = False
    why: str = ""

    def __str__(self) -> str:
        if self.pattern is not None:
            return "RE2, in linear time" + (", but for texts that end in a line feed" if self.at_end else "")
        return (
            f"Python's re, because of {self.why}; a document that takes it more than {LIMIT_S:g} s, and "
            f"{LIMIT_S_PER_MB:g} s for each million characters, is rejected as {TIMEOUT}"
        )


@cache
def engine(pattern: str, ignore_case: bool, replacement: str | None = None) -> Engine:
    """Return the engine for a pattern, which gives what Python's re gives.

    Parameters
    ----------
    pattern : str
        One that Python's re compiles.
    ignore_case : bool
    replacement : str, optional
        Its template, if matches are to be replaced.
    """
    flags = re.IGNORECASE if ignore_case else 0
    try:
        written = "" if replacement is None else template(pattern, flags, replacement)
        re2, at_end = translate(pattern, flags, capture="\\" in written)
        # It says itself what is too large for it.
        pc.match_substring_regex(pa.array([""]), re2)
    except Untranslatable as error:
        return Engine(None, why=str(error))
    except pa.ArrowInvalid:
        return Engine(None, why="its size")
    return Engine(re2, written, at_end)


class _TooLong(Exception):
    pass


def has_limit() -> bool:
    """Tell whether a signal can stop Python's re here: not on Windows, nor in another thread than the main one."""
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


def first_by_re(texts: pa.StringArray, rows: np.ndarray) -> bool:
    """Tell whether Python's re shall try its luck on some rows for a moment, also where RE2 can do it."""
    offsets = strings(texts).offsets
    return has_limit() and int((offsets[rows + 1] - offsets[rows]).sum(dtype=np.int64)) <= SMALL_BYTES


def seconds(text: str) -> float:
    """Return how long a pattern may take on a text."""
    return LIMIT_S + LIMIT_S_PER_MB * len(text) / 1e6


@contextmanager
def applying(
    pattern: re.Pattern[str],
    replacement: str | None,
    texts: pa.StringArray,
    rows: np.ndarray,
    limit_s: float | None = None,
) -> Iterator[Callable[[str], Any]]:
    """Lend a function that applies a pattern to the texts of some rows, which it is given one by one, in their order.

    Parameters
    ----------
    pattern : re.Pattern
    replacement : str or None
        A template of what matches are replaced by; without one, the function returns whether there is a match.
    texts : pa.StringArray, shape (n_rows,)
        Without nulls.
    rows : int array
    limit_s : float, optional
        Seconds of CPU for each text; `seconds` otherwise. The function returns None if that is not enough; with a limit
        given here, for every text after the first that took longer too.
    """
    apply: Callable[[str], Any] = (
        partial(pattern.sub, replacement) if replacement is not None else lambda text: pattern.search(text) is not None
    )
    if has_limit():
        with _limited(apply, limit_s) as apply:
            yield apply
        return
    given = list(row_texts(texts, rows))
    try:
        found = apart.results(pattern, replacement, given, [limit_s or seconds(text) for text in given])
        first = list(islice(found, 1))
    except OSError as error:
        _log.warning("no process could be started for a pattern of Python's re, which has no limit here: %s", error)
        yield apply
        return
    with closing(found):
        every = chain(first, found)
        yield lambda text: next(every)


@contextmanager
def _limited(apply: Callable[[str], Any], limit_s: float | None) -> Iterator[Callable[[str], Any]]:
    armed = hopeless = False

    def ring(*_: object) -> None:
        if armed:
            raise _TooLong

    def within(text: str) -> Any:
        nonlocal armed, hopeless
        if hopeless:
            return None
        try:
            try:
                armed = True
                signal.setitimer(signal.ITIMER_VIRTUAL, limit_s or seconds(text))
                return apply(text)
            finally:
                armed = False
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        except _TooLong:
            # It may have rung just before it was disarmed.
            armed, hopeless = False, limit_s is not None
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            return None

    before = signal.signal(signal.SIGVTALRM, ring)
    try:
        yield within
    finally:
        signal.signal(signal.SIGVTALRM, before or signal.SIG_DFL)
