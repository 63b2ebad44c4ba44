"""What the stages with a user's regular expression have in common: which engine it gets, and how long it may take."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Annotated, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import AfterValidator, Field

from korpus.batch import strings
from korpus.stages._re2 import Untranslatable, template, translate

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
    """Tell whether `limited` can stop a pattern here.

    Only a signal can stop Python's re: there is no limit on Windows, and none in another thread than the main one.
    """
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


def first_by_re(texts: pa.StringArray, rows: np.ndarray) -> bool:
    """Tell whether Python's re shall try its luck on some rows for a moment, also where RE2 can do it."""
    offsets = strings(texts).offsets
    return has_limit() and int((offsets[rows + 1] - offsets[rows]).sum(dtype=np.int64)) <= SMALL_BYTES


@contextmanager
def limited(limit_s: float | None = None) -> Iterator[Callable[[Callable[[str], Any], str], Any]]:
    """Lend a function that applies another one to a text, and returns None if that takes too long.

    With a `limit_s` of its own, nothing is tried any more after the first text that took longer. The clock is that of
    the process's CPU time; without `has_limit` nothing takes too long.
    """
    if not has_limit():
        yield lambda function, text: function(text)
        return
    armed = hopeless = False

    def ring(*_: object) -> None:
        if armed:
            raise _TooLong

    def apply(function: Callable[[str], Any], text: str) -> Any:
        nonlocal armed, hopeless
        if hopeless:
            return None
        try:
            try:
                armed = True
                signal.setitimer(signal.ITIMER_VIRTUAL, limit_s or LIMIT_S + LIMIT_S_PER_MB * len(text) / 1e6)
                return function(text)
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
        yield apply
    finally:
        signal.signal(signal.SIGVTALRM, before or signal.SIG_DFL)
