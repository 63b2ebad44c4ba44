"""Zip archives: their directory or, where that is missing, their local headers, and their members as streams.

The standard library reads the whole directory again for each archive that it opens; here a member is opened by the
place of its header alone. Layouts are those of PKWARE's APPNOTE.TXT 6.3.10, sections 4.3 and 4.4.
"""

from __future__ import annotations

import bz2
import lzma
import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from korpus.io.archives import HEAD_BYTES, MAX_MEMBERS, MEMORY_BYTES, Member, MemberFile, Passed
from korpus.io.location import is_remote
from korpus.io.opening import open_input

_LOCAL, _ENTRY, _END, _END64, _LOCATOR = (b"PK" + tail for tail in (b"\3\4", b"\1\2", b"\5\6", b"\6\6", b"\6\7"))
_DESCRIPTOR = b"PK\x07\x08"
_ENCRYPTED, _DESCRIBED, _UTF8, _MASKED = 0x1, 0x8, 0x800, 0x2041
_STORED, _DEFLATE, _BZIP2, _LZMA, _ZSTD, _OLD_ZSTD = 0, 8, 12, 14, 93, 20
_METHODS = {1: "Shrink", 6: "Implode", 9: "Deflate64", 95: "XZ", 96: "JPEG", 97: "WavPack", 98: "PPMd", 99: "AES"}
_READ = (_STORED, _DEFLATE, _BZIP2, _LZMA, _ZSTD, _OLD_ZSTD)
_UNKNOWN = 0xFFFFFFFF
_PIECE_BYTES = 1 << 16
_TAIL_BYTES = (1 << 16) + 22
_MEND = "zip -FF makes a directory again"


class _Broken(Exception):
    """The directory is not what it should be."""


def walk(path: str, kind: str) -> Iterator[tuple[Member, bytes] | Passed]:
    """Yield the members of a zip, each with what it begins with, and what is none."""
    with open_input(path) as file:
        n_bytes = file.seek(0, 2)
        entries: Iterable[Member | Passed]
        try:
            entries = directory = list(islice(_directory(file, n_bytes), MAX_MEMBERS + 1))
        except _Broken as broken:
            yield Passed("", f"{broken}; its members are read one after another, as far as they go ({_MEND})", True)
            entries = _local_headers(file, n_bytes)
        else:
            _mark_overlaps(directory)
        for entry in entries:
            if isinstance(entry, Passed):
                yield entry
            else:
                # Over a network, all these places would cost more than the whole.
                yield entry, b"" if is_remote(path) else _head(file, entry)


def _mark_overlaps(entries: list[Member | Passed]) -> None:
    # Members that share bytes are how a small archive holds petabytes.
    order = sorted((entry.offset, i, entry) for i, entry in enumerate(entries) if isinstance(entry, Member))
    end = 0
    for offset, i, member in order:
        if offset < end:
            entries[i] = Passed(member.name, "it overlaps another member, as in archives that are made to do harm")
        else:
            end = offset + 30 + member.n_stored


def _head(file: Any, member: Member) -> bytes:
    stream = ZipMember("", member, file)
    stream.piece_bytes = HEAD_BYTES
    try:
        return stream.read(HEAD_BYTES)
    except OSError:
        return b""


def name_of(raw: bytes, is_utf8: bool) -> str:
    """Decode a name. Those that are not marked as UTF-8 may be so all the same, or CP949, if that gives Hangul."""
    raw = raw.partition(b"\0")[0]
    for encoding in ("utf-8", "cp949"):
        try:
            name = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or any("가" <= char <= "힣" for char in name):
            return name
    return raw.decode("utf-8" if is_utf8 else "cp437", "replace")


def _directory(file: Any, n_bytes: int) -> Iterator[Member | Passed]:
    begin = max(0, n_bytes - _TAIL_BYTES)
    file.seek(begin)
    tail = file.read(n_bytes - begin)
    places = [match.start() for match in re.finditer(_END, tail) if match.start() + 22 <= len(tail)]
    # Its mark may stand in the comment too, that ends with the file.
    exact = [at for at in places if at + 22 + struct.unpack_from("<H", tail, at + 20)[0] == len(tail)]
    at = (exact or places[-1:] or [-1])[0]
    if at < 0:
        raise _Broken("the end of this zip is missing, and with it the directory")
    disk, _, _, _, size, offset = struct.unpack_from("<4H2L", tail, at + 4)
    end = begin + at
    if tail[max(0, at - 20) :][:4] == _LOCATOR and at >= 20:
        file.seek(struct.unpack_from("<Q", tail, at - 12)[0])
        record = file.read(56)
        if len(record) == 56 and record.startswith(_END64):
            disk, _, _, _, size, offset = struct.unpack_from("<2L4Q", record, 16)
            end -= 76
    if disk not in (0, 0xFFFF):
        raise _Broken("this is the last part of a zip in several parts (zip -s 0 joins them)")
    before = end - size - offset
    """What stands before the archive, such as a program that unpacks it."""
    if before < 0:
        raise _Broken("the directory of this zip is not where its end says")
    file.seek(before + offset)
    while size > 0:
        head = file.read(46)
        if len(head) < 46 or not head.startswith(_ENTRY):
            raise _Broken("the directory of this zip is damaged")
        made_by, _, flags, method = struct.unpack_from("<4H", head, 4)
        crc, n_stored, n_plain, n_name, n_extra, n_comment = struct.unpack_from("<3L3H", head, 16)
        (header_at,) = struct.unpack_from("<L", head, 42)
        rest = file.read(n_name + n_extra + n_comment)
        size -= 46 + len(rest)
        if len(rest) < n_name + n_extra + n_comment:
            raise _Broken("the directory of this zip is damaged")
        extra = rest[n_name : n_name + n_extra]
        n_plain, n_stored, header_at = _wide(extra, [n_plain, n_stored, header_at])
        name = _name(rest[:n_name], flags, made_by >> 8 == 0)
        if before + header_at + 30 + n_stored > n_bytes:
            n_stored = max(0, n_bytes - before - header_at - 30)
        member = Member(name, n_plain, "zip", before + header_at, n_stored, method, crc)
        if item := _judged(member, flags):
            yield item


def _name(raw: bytes, flags: int, is_dos: bool) -> str:
    name = name_of(raw, bool(flags & _UTF8))
    return name.replace("\\", "/") if is_dos else name


def _judged(member: Member, flags: int) -> Member | Passed | None:
    if member.name.endswith("/"):
        return None
    if flags & _ENCRYPTED or flags & _MASKED == _MASKED:
        return Passed(member.name, "it is encrypted; unpack the archive with its password")
    if member.method not in _READ:
        method = _METHODS.get(member.method, f"method {member.method}")
        return Passed(member.name, f"it is compressed with {method}, which is not read; unpack the archive with 7z x")
    return member


def _wide(extra: bytes, values: list[int]) -> list[int]:
    """Return sizes and place, from the extra field of Zip64 where they do not fit into 32 bits."""
    at = 0
    while at + 4 <= len(extra):
        tag, n = struct.unpack_from("<2H", extra, at)
        if tag == 1:
            field = extra[at + 4 : at + 4 + n]
            for i, value in enumerate(values):
                if value == _UNKNOWN and len(field) >= 8:
                    values[i], field = int.from_bytes(field[:8], "little"), field[8:]
            break
        at += 4 + n
    return values


def _local_headers(file: Any, n_bytes: int) -> Iterator[Member | Passed]:
    file.seek(0)
    at = file.read(8).find(_LOCAL)
    while 0 <= at < n_bytes:
        file.seek(at)
        head = file.read(30)
        if not head.startswith(_LOCAL) or len(head) < 30:
            if not head.startswith((_ENTRY, _END)):
                yield Passed("", f"there is no header of a member at byte {at:,}; what follows is not read", True)
            return
        flags, method = struct.unpack_from("<2H", head, 6)
        crc, n_stored, n_plain, n_name, n_extra = struct.unpack_from("<3L2H", head, 14)
        name, extra = file.read(n_name), file.read(n_extra)
        n_plain, n_stored = _wide(extra, [n_plain, n_stored])
        begin = at + 30 + n_name + n_extra
        member = Member(_name(name, flags, False), n_plain, "zip", at, n_stored, method, crc)
        judged = _judged(member, flags)
        if flags & _DESCRIBED and not n_stored:
            # The sizes stand behind the content, whose end only shows when it is decompressed.
            if not isinstance(judged, Member):
                yield Passed(member.name, "its size is not known, so that what follows it cannot be found", True)
                return
            n_plain, n_stored = _measured(file, member, begin, n_bytes)
            judged = member = member._replace(n_bytes=n_plain, n_stored=n_stored, crc=-1)
        n_there = max(0, min(member.n_stored, n_bytes - begin))
        if isinstance(judged, Member):
            yield judged._replace(n_stored=n_there)
        elif judged:
            yield judged
        at = begin + n_stored
        if flags & _DESCRIBED:
            file.seek(at)
            ahead = file.read(64)
            places = [place for mark in (_LOCAL, _ENTRY) if (place := ahead.find(mark)) >= 0]
            at += min(places, default=min(len(ahead), 16))


def _measured(file: Any, member: Member, begin: int, n_bytes: int) -> tuple[int, int]:
    """Return how many bytes a member has, and takes up, whose header does not say so; one more than there are of one
    that is cut off.
    """
    if member.method == _STORED:
        at, rest = begin, b""
        file.seek(begin)
        while piece := file.read(_PIECE_BYTES):
            data = rest + piece
            place = -1
            while (place := data.find(_DESCRIPTOR, place + 1)) >= 0 and place + 12 <= len(data):
                n = at - len(rest) + place - begin
                if struct.unpack_from("<L", data, place + 8)[0] == n:
                    return n, n
            rest, at = data[-15:], at + len(piece)
        return n_bytes - begin + 1, n_bytes - begin
    stream = ZipMember("", member._replace(n_bytes=1 << 62, n_stored=n_bytes - begin, crc=-1), file)
    n = 0
    try:
        while piece := stream.read(1 << 18):
            n += len(piece)
    except OSError:
        pass
    return (n, stream.n_taken) if stream.ended else (n + 1, n_bytes - begin)


class _Inflater:
    """Deflate with the attributes of the other decompressors."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(-15)

    eof = property(lambda self: self._inner.eof)
    needs_input = property(lambda self: not self._inner.unconsumed_tail)
    unused_data = property(lambda self: self._inner.unused_data)

    def decompress(self, data: bytes, n: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, n)


class _Zstd:
    """Zstandard with the attributes of the other decompressors; takes its input itself."""

    eof, unused_data = False, b""

    def __init__(self, source: Any):
        import pyarrow as pa

        self._stream = pa.CompressedInputStream(pa.PythonFile(source, "r"), "zstd")
        self.needs_input = False

    def decompress(self, data: bytes, n: int) -> bytes:
        piece = self._stream.read(n)
        self.eof = not piece
        return piece


class ZipMember(MemberFile):
    """A member of a zip.

    Parameters
    ----------
    path : str
        The archive.
    member : Member
    file : binary file, optional
        The archive, if it is open already; it is left open then.

    Attributes
    ----------
    ended : bool
        Whether the compressed data has come to its own end.
    n_taken : int
        How many compressed bytes it took until then.
    piece_bytes : int
        How many of them are read at once.
    """

    piece_bytes = _PIECE_BYTES

    def __init__(self, path: str, member: Member, file: Any = None):
        super().__init__(member.n_bytes)
        self._member, self._path, self._own = member, path, file is None
        self._file = open_input(path) if file is None else file
        self._restart()

    def _restart(self) -> None:
        self._begin, self.n_taken, self._crc, self.ended = -1, 0, 0, False
        self._decompressor: Any = None
        self._n = 0

    def _open(self) -> None:
        self._file.seek(self._member.offset)
        head = self._file.read(30)
        if len(head) < 30 or not head.startswith(_LOCAL):
            raise OSError("the header of this member is not where the archive says")
        self._begin = self._member.offset + 30 + sum(struct.unpack_from("<2H", head, 26))
        method = self._member.method
        if method == _DEFLATE:
            self._decompressor = _Inflater()
        elif method == _BZIP2:
            self._decompressor = bz2.BZ2Decompressor()
        elif method == _LZMA:
            self._decompressor = _lzma(self._raw(4), self._raw)
        elif method in (_ZSTD, _OLD_ZSTD):
            self._decompressor = _Zstd(_Raw(self))

    def _raw(self, n: int) -> bytes:
        n = min(n, self._member.n_stored - self.n_taken)
        if n <= 0:
            return b""
        self._file.seek(self._begin + self.n_taken)
        data = self._file.read(n)
        self.n_taken += len(data)
        return data

    def _take(self, n: int) -> bytes:
        if self._n > self._at:
            self._restart()
        while self._n < self._at and self._more(min(self._at - self._n, _PIECE_BYTES)):
            pass
        return self._more(n)

    def _more(self, n: int) -> bytes:
        if self._begin < 0:
            self._open()
        left = self._member.n_bytes - self._n
        try:
            data = self._decompressed(min(n, left) if left else 1)
        except (zlib.error, lzma.LZMAError, EOFError, ValueError) as error:
            raise OSError(f"this member is damaged: {error}") from None
        if data and not left:
            raise OSError("this member is longer than the archive says")
        self._n += len(data)
        self._crc = zlib.crc32(data, self._crc)
        if not data:
            if left:
                raise OSError("this member is shorter than the archive says" if self.ended else "it is cut off")
            if self._member.crc not in (-1, self._crc):
                raise OSError("this member is damaged: its content has not the CRC-32 that the archive says")
        return data

    def _decompressed(self, n: int) -> bytes:
        if self._decompressor is None:
            data = self._raw(n)
            self.ended = self.n_taken == self._member.n_stored
            return data
        while not self.ended:
            more = self._raw(self.piece_bytes) if self._decompressor.needs_input else b""
            data = self._decompressor.decompress(more, n)
            if self._decompressor.eof:
                self.ended = True
                self.n_taken -= len(self._decompressor.unused_data)
            if data:
                return data
            if not more and self._decompressor.needs_input:
                break
        return b""

    def close(self) -> None:
        """Close the file."""
        if not self.closed and self._own and hasattr(self, "_file"):
            self._file.close()
        super().close()


class _Raw:
    """The compressed bytes of a member as a file."""

    closed = False

    def __init__(self, member: ZipMember):
        self.read = member._raw

    def close(self) -> None:
        """Do nothing."""


def _lzma(head: bytes, read: Any) -> lzma.LZMADecompressor:
    n = struct.unpack("<H", head[2:])[0] if len(head) == 4 else 0
    raw = read(n)
    if n != 5 or len(raw) != 5 or raw[0] >= 225:
        raise OSError("this member is damaged: its header of LZMA is none")
    size = int.from_bytes(raw[1:], "little")
    if size > MEMORY_BYTES:
        raise OSError(f"this member needs {size:,} bytes of memory to be decompressed")
    rest, lc = divmod(raw[0], 9)
    pb, lp = divmod(rest, 5)
    chain = [{"id": lzma.FILTER_LZMA1, "dict_size": max(size, 4096), "lc": lc, "lp": lp, "pb": pb}]
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=chain)
