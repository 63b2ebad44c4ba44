"""What may follow a noun within its eojeol: particles, and forms of the copula.

Source: the particles that school grammars of Korean list (격조사, 보조사, 접속조사), the forms of 이다 that are
common in chat, and the plural 들. Which of two forms fits the last syllable (은/는) is not asked: people mistype them.
"""

from __future__ import annotations

_CASE = (
    "이|가|을|를|의|에|에게|에게서|에서|께|께서|한테|한테서|로|으로|로서|으로서|로써|으로써|와|과|랑|이랑|하고|보다"
    "|처럼|같이|만큼|대로"
)
_FOCUS = "은|는|도|만|까지|마저|조차|부터|밖에|뿐|이나|나|이라도|라도|이나마|나마|이든|든|이든지|든지|마다"
_COPULA = (
    "이다|다|이야|야|이네|네|이지|지|이죠|죠|임|인|인데|인가|이냐|냐|이니|니|이고|고|이며|며|이라|라|이라고|라고|이라는|라는|이래|래"
    "|입니다|입니까|이에요|예요|이예요|에요|이었다|였다|이었던|였던|아|여|이여"
)

PARTICLES = rf"들?(?:(?:{_CASE})?(?:{_FOCUS})?(?:{_FOCUS})?|(?:{_COPULA})요?)"
"""For Python's ``re``: what may follow a noun up to the border of the eojeol; matches the empty string too."""

BEFORE_EOJEOL = r"(?<![0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u027f\u1100-\u11ff\uac00-\ud7ff])"
AFTER_EOJEOL = r"(?![0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u027f\u1100-\u11ff\uac00-\ud7ff])"
"""Its borders, as in `korpus.kernels.lexicon`: all but digits, Latin letters and syllables parts words, ㅋㅋ too."""
