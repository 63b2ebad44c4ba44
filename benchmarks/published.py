"""The published cleaning of KcBERT and KcELECTRA: five steps of Python, one document at a time.

Source: the sections on pretraining data of https://github.com/Beomi/KcBERT and https://github.com/Beomi/KcELECTRA, with
soynlp 0.0.493 as PyPI has it (four or more repeats of a character become two), or its later source in
https://github.com/lovit/soynlp (three or more). Needs ``emoji`` and ``soynlp``. The tests take it for their oracle.
"""

from __future__ import annotations

import re
import warnings

import emoji

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its patterns have escapes that Python no longer likes
    from soynlp.normalizer import _normalizer, emoticon_normalize, repeat_normalize

__all__ = ["clean", "clean_keeping_emoji", "emoticon_normalize", "repeat_normalize", "with_later_soynlp"]

NOT_ALLOWED = re.compile("[^ .,?!/@$%~％·∼()\x00-\x7fㄱ-ㅣ가-힣]+")
NOT_ALLOWED_OR_EMOJI = re.compile(f"[^ .,?!/@$%~％·∼()\x00-\x7fㄱ-ㅣ가-힣{''.join(emoji.EMOJI_DATA)}]+")
URL = re.compile(
    r"https?:\/\/(www\.)?[-a-zA-Z0-9@:%._\+~#=]{1,256}\.[a-zA-Z0-9()]{1,6}\b([-a-zA-Z0-9()@:%_\+.~#?&//=]*)"
)
LATER_RUNS = re.compile(r"(\w)\1{2,}")

MIN_CHARS = 11
"""A document of 10 characters or fewer is dropped."""


def clean(text: str) -> str:
    """Return the text as the published models saw it.

    Parameters
    ----------
    text : str
        One document.
    """
    text = NOT_ALLOWED.sub(" ", text)
    text = emoji.replace_emoji(text, "")
    text = URL.sub("", text)
    text = text.strip()
    return repeat_normalize(text, num_repeats=2)


def clean_keeping_emoji(text: str) -> str:
    """Return the text as the function until 2022 made it; parameters as for `clean`."""
    return repeat_normalize(URL.sub("", NOT_ALLOWED_OR_EMOJI.sub(" ", text)).strip(), num_repeats=2)


def with_later_soynlp(function, text: str) -> str:
    """Call a function with the pattern of soynlp's later source, which is all that `repeat_normalize` changed by."""
    before = _normalizer.repeatchars_pattern
    _normalizer.repeatchars_pattern = LATER_RUNS
    try:
        return function(text)
    finally:
        _normalizer.repeatchars_pattern = before
