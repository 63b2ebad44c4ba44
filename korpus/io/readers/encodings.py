"""Text in other encodings than UTF-8: telling which it is, and reading it as UTF-8.

A file is decoded while it is read, before it is cut into lines and splits, so that the same text gives the same
documents with the same ids in every encoding. What does not decode becomes a byte that UTF-8 never has; its line is
rejected by the reader that finds it.
"""

from __future__ import annotations

import codecs
import re

import numpy as np

from korpus.errors import DataError
from korpus.io.compress import ByteStream, ConvertedStream, Source
from korpus.io.location import Inside

ENCODINGS = ("utf-8", "cp949", "euc-kr", "johab", "utf-16", "utf-16-le", "utf-16-be")
"""What can be declared. EUC-KR is read as CP949, of which it is a part, as browsers do."""

FREQUENT = frozenset(
    "이다는하고니에을지가의사로도서한시해를들기은습자어아있인게원"
    "대으정수부주리그라나일국만제되전장입면민생보과상교공요구여경"
)
"""The 60 most frequent syllables of running Korean text, counted on 100,000 characters of petitions."""
MIN_FREQUENT_RATIO = 0.15
"""In petitions these are at least 0.47 of the characters that are not ASCII; in Chinese and Japanese text that is
decoded as CP949, below 0.02. Chance alone gives 60 of 2,350 syllables."""

_BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_UTF32_BOMS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
SAMPLE_BYTES = 1 << 16
_N_TELLING = 10
"""So many lines that are nothing known, and none that is, make an unknown encoding; fewer are bad lines."""
_PIECE_BYTES, _LONG_BYTES = 1 << 20, 4 << 20
_NOT_ASCII = re.compile(rb"[\x80-\xff]")

_BAD_BYTE = b"\xff"
_MARK = "korpus.mark"


def _marked(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return "\udcff", error.end  # encoded by surrogateescape as _BAD_BYTE


codecs.register_error(_MARK, _marked)


def encoding_of(path: str, samples: list[bytes], declared: str) -> str:
    """Return the encoding of a file: ``utf-8``, ``cp949``, ``johab``, ``utf-16-le`` or ``utf-16-be``.

    Parameters
    ----------
    samples : list of bytes
        Of the file; see `samples_of`.
    declared : str
        One of `ENCODINGS`, or ``auto``: by the byte order mark; else UTF-8 if its lines are mostly that; else the one
        of CP949, Johab and (if there are NULs) UTF-16 in which they decode to what looks like Korean.

    Raises
    ------
    DataError
        If it is none of these.
    """
    if declared not in ("auto", "utf-16"):
        return "cp949" if declared == "euc-kr" else declared
    head, *others = samples
    if head.startswith(_UTF32_BOMS):
        raise DataError(f"{path} is in UTF-32; convert it to UTF-8 (iconv -f utf-32 -t utf-8)")
    for bom, encoding in _BOMS.items():
        if head.startswith(bom) and declared in ("auto", encoding[:6]):
            return encoding
    if declared == "utf-16":
        return "utf-16-le"
    if b"\0" in head:
        for encoding in ("utf-16-le", "utf-16-be"):
            lines = head[: len(head) // 2 * 2].decode(encoding, _MARK).split("\n")
            good = [line for line in lines if "\udcff" not in line]
            if len(good) > len(lines) // 2 and _is_korean("".join(good)):
                return encoding
    n_utf8, odd = 0, []
    for line in b"\n".join([head, *others]).split(b"\n"):
        if _NOT_ASCII.search(line):
            if _decoded(line, "utf-8") is None:
                odd.append(line)
            else:
                n_utf8 += 1
    for encoding in ("cp949", "johab"):
        texts = [text for line in odd if (text := _decoded(line, encoding)) is not None]
        if len(texts) > max(n_utf8, len(odd) // 2) and _is_korean("".join(texts)):
            return encoding
    if len(odd) >= _N_TELLING and not n_utf8:
        raise DataError(
            f"{path}: cannot tell its encoding: it is neither UTF-8 nor, in CP949, Johab or UTF-16, Korean; "
            f"give input.encoding ({', '.join(ENCODINGS)}) or convert it to UTF-8"
        )
    return "utf-8"


def samples_of(source: ByteStream, n_bytes: int) -> list[bytes]:
    """Return what an encoding is told from: the head of a file; its middle and tail, if it is not compressed or packed.

    Of the middle and the tail whole lines only, since a character may be cut in two before the first line end.
    """
    others = []
    packed = isinstance(source.path, Inside) and not source.path.member.in_place
    if source.compression is None and not packed and n_bytes > SAMPLE_BYTES:
        for at in (n_bytes // 2, n_bytes - SAMPLE_BYTES):
            others.append(source.peek(max(at, SAMPLE_BYTES), SAMPLE_BYTES).partition(b"\n")[2].rpartition(b"\n")[0])
    return [source.read(4 * SAMPLE_BYTES if source.compression or packed else SAMPLE_BYTES), *others]


def decoded_head(head: bytes, encoding: str) -> bytes:
    """Return the beginning of a file as UTF-8."""
    if encoding == "utf-8":
        return head
    return head.decode(encoding, "replace").removeprefix("\ufeff").encode()


def _decoded(data: bytes, encoding: str) -> str | None:
    # The last character may be cut off.
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data)
    except UnicodeDecodeError:
        return None


def _is_korean(text: str) -> bool:
    n_other = sum(char > "\x7f" for char in text)
    return sum(map(FREQUENT.__contains__, text)) > MIN_FREQUENT_RATIO * n_other


class DecodedStream(ConvertedStream):
    """The bytes of a file that is not in UTF-8, as UTF-8; stands in for its `ByteStream`.

    What does not decode is the byte 0xFF. So is the end of a line that already is UTF-8, which no reader takes for
    the same text by accident: such lines come from files that were pasted together.

    Parameters
    ----------
    source : Source
    encoding : str
        As `encoding_of` returns it.
    """

    def __init__(self, source: Source, encoding: str):
        super().__init__(source)
        self._decoder = codecs.getincrementaldecoder(encoding)(_MARK)
        self._unit = 2 if encoding.startswith("utf-16") else 1
        self._newline = "\n".encode(encoding)
        self._bom = "\ufeff".encode(encoding) if self._unit == 2 else b""
        self._raw = b""

    def _next(self) -> bytes:
        raw = self._piece(_PIECE_BYTES, self._bom)
        data, self._raw = self._raw + raw, b""
        ends = self._line_ends(data)
        if not self.ended:
            stop = int(ends[-1]) if len(ends) else 0
            if not stop and len(data) < _LONG_BYTES:
                self._raw = data
                return b""
            stop = stop or len(data)
            data, self._raw = data[:stop], data[stop:]
        elif data and (not len(ends) or ends[-1] < len(data)):
            ends = np.append(ends, len(data))
        return self._converted(data, ends) + (self._utf8(b"", final=True) if self.ended else b"")

    def _line_ends(self, data: bytes) -> np.ndarray:
        units = np.frombuffer(data, np.uint8 if self._unit == 1 else np.uint16, len(data) // self._unit)
        return (np.flatnonzero(units == np.frombuffer(self._newline, units.dtype)[0]) + 1) * self._unit

    def _converted(self, data: bytes, ends: np.ndarray) -> bytes:
        starts = np.concatenate([[0], ends[:-1]]) if len(ends) else ends
        found = np.zeros(len(ends), np.bool_)
        stops = ends - self._unit
        if len(ends) and not data.endswith(self._newline):
            stops[-1] = ends[-1]
        from korpus.kernels.encodings import find_utf8_hangul  # numba, only where it is needed

        if not find_utf8_hangul(np.frombuffer(data, np.uint8), starts, stops, found):
            return self._utf8(data)
        pieces, at = [], 0
        for i in np.flatnonzero(found).tolist():
            # A line of UTF-16 may be many of UTF-8.
            line = data[starts[i] : stops[i]].replace(b"\n", _BAD_BYTE + b"\n") + _BAD_BYTE
            pieces += [self._utf8(data[at : starts[i]]), line, b"\n" if stops[i] < ends[i] else b""]
            at = int(ends[i])
        return b"".join([*pieces, self._utf8(data[at:])])

    def _utf8(self, data: bytes, final: bool = False) -> bytes:
        return self._decoder.decode(data, final).encode("utf-8", "surrogateescape")
