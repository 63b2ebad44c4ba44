"""A dump of MediaWiki as lines of XML, one page a line, in memory bounded by a piece of it."""

from __future__ import annotations

import re

from korpus.io.compress import ConvertedStream, Source

ROOT_WITHIN = 1 << 20
"""A dump says that it is one before this many bytes."""
_PIECE_BYTES = 1 << 18
_BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\r\n"
_TOKEN = re.compile(rb"<page>|</page>|<mediawiki(?=[\s>])|</mediawiki>")
_LONGEST = len(b"<mediawiki>") + 1
_PROLOG, _BETWEEN, _WITHIN = range(3)


class PageStream(ConvertedStream):
    r"""The pages of a dump, each on a line of its own; stands in for its `ByteStream`.

    What stands before the first page is passed over; what else stands outside of pages is a line too. Line ends within
    a page become ``\r``, which XML takes for a line end.

    Parameters
    ----------
    source : Source

    Attributes
    ----------
    is_dump : bool
        Whether anything of a dump has been seen.
    """

    def __init__(self, source: Source):
        super().__init__(source)
        self._rest, self._phase = b"", _PROLOG
        self._n_before, self._in_root, self.is_dump = 0, False, False

    @property
    def error(self) -> str | None:
        """What is wrong with the end of the file, once all before is read."""
        if self.drained and self._source.error is None:
            if not self.is_dump:
                return "not a dump of MediaWiki: it has no <mediawiki> and no <page>"
            if self._in_root or self._phase == _WITHIN:
                return f"the file ends before {'</mediawiki>' if self._in_root else '</page>'}"
        return super().error

    def _next(self) -> bytes:
        data = self._rest + self._piece(_PIECE_BYTES, _BOM)
        # A token, and a line end of two bytes, may continue in the next piece.
        border = len(data) if self.ended else max(0, len(data) - _LONGEST)
        pieces: list[bytes] = []
        at = 0
        for match in _TOKEN.finditer(data):
            if match.start() >= border:
                break
            self._between(data[at : match.start()], pieces)
            self._token(match[0], pieces)
            at = match.end()
        border = max(at, border - data[:border].endswith(b"\r") if not self.ended else border)
        self._between(data[at:border], pieces)
        self._rest = data[border:]
        if not self.is_dump:
            self._n_before += border
            self.ended |= self._n_before > ROOT_WITHIN
        return b"".join(pieces)

    def _between(self, data: bytes, pieces: list[bytes]) -> None:
        if self._phase == _BETWEEN:
            data = data.lstrip(_SPACE)
            self._phase = _WITHIN if data else _BETWEEN
        if self._phase == _WITHIN and data:
            pieces.append(data.replace(b"\r\n", b"\n").replace(b"\n", b"\r"))

    def _token(self, token: bytes, pieces: list[bytes]) -> None:
        self.is_dump = True
        is_end = token == b"</page>"
        if self._phase == _WITHIN and not is_end:
            pieces.append(b"\n")
        if b"mediawiki" in token:
            self._in_root, self._phase = token[1:2] != b"/", _PROLOG
            return
        pieces.append(token + b"\n" if is_end else token)
        self._phase = _BETWEEN if is_end else _WITHIN
