"""What the stages with a user's regular expression have in common."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field


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
