"""Where in a text a slow rule is tried: near what every one of its matches holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def places(text: str, sign: str) -> Iterator[tuple[int, int]]:
    """Yield where a string stands in a text, start and end, overlapping places too."""
    at = text.find(sign)
    while at >= 0:
        yield at, at + len(sign)
        at = text.find(sign, at + 1)


def windows(spans: Iterable[tuple[int, int]], reach: int) -> list[tuple[int, int]]:
    """Return the spans widened by so many characters on either side, in order; those that meet become one.

    For ``finditer(text, start, end)``: what is asked for before a match may lie before its window, since Python's
    ``re`` looks behind the beginning, but the end of a window is the end of the text to it. So `reach` is at least the
    most characters that a match takes before what it holds, and that it takes and asks for after that.
    """
    found: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        start = max(0, first - reach)
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last + reach))
        else:
            found.append((start, last + reach))
    return found
