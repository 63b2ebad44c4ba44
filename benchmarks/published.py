"""The published cleaning of KcBERT and KcELECTRA: five steps of Python, one document at a time.

Source: the section on pretraining data of https://github.com/Beomi/KcELECTRA, with soynlp 0.0.493 as PyPI has it
(four or more repeats of a character become two). Needs ``emoji`` and ``soynlp``.
"""

from __future__ import annotations

import re

import emoji
from soynlp.normalizer import repeat_normalize

NOT_ALLOWED = re.compile("[^ .,?!/@$%~％·∼()\x00-\x7fㄱ-ㅣ가-힣]+")
URL = re.compile(
    r"https?:\/\/(www\.)?[-a-zA-Z0-9@:%._\+~#=]{1,256}\.[a-zA-Z0-9()]{1,6}\b([-a-zA-Z0-9()@:%_\+.~#?&//=]*)"
)

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
