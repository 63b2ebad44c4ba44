"""Tar archives, plain and compressed: their headers, and their members as streams."""

from __future__ import annotations

import atexit
import os
import re
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from korpus.io.archives import HEAD_BYTES, Member, MemberFile, Passed, decompressed, stamp_of
from korpus.io.opening import open_input

_BLOCK = 512
_META_BYTES = 1 << 20
"""Most of a long name or of extended headers that is believed."""
_MOST_ZEROS = 4 << 20
_PIECE_BYTES, _WINDOW_BYTES = 1 << 18, 4 << 20
_PAX_SIZE = re.compile(rb"[0-9]{1,20} ")
_OTHERS = {
    b"1": "a link",
    b"2": "a link",
    b"3": "a device",
    b"4": "a device",
    b"6": "a pipe",
    b"S": "a sparse file, which tar -xS unpacks",
}
_EMPTY = (b"1", b"2", b"3", b"4", b"5", b"6")
"""No content follows these, whatever size they have."""
_NOTHING = (b"5", b"D", b"V")
"""Folders, lists of folders, labels."""


def is_header(block: bytes) -> bool:
    """Tell whether 512 bytes are the header of a member, by its checksum; a tar of any age begins with one."""
    return len(block) == _BLOCK and any(block) and _parsed(block) is not None


def _parsed(block: bytes) -> tarfile.TarInfo | None:
    try:
        info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError, OverflowError):
        return None
    return info if 0 <= info.size < 1 << 62 else None


def name_of(raw: bytes) -> str:
    """Decode a name: UTF-8, or else what Korean Windows writes."""
    raw = raw.partition(b"\0")[0].removeprefix(b"./")
    for encoding in ("utf-8", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            pass
    return raw.decode("utf-8", "replace")


class _Plain:
    """A plain tar, read as a `Tape` is."""

    error: str | None = None

    def __init__(self, path: str):
        self._file = open_input(path)
        self.end = self._file.seek(0, 2)

    def read_at(self, at: int, n: int) -> bytes:
        self._file.seek(min(at, self.end))
        return self._file.read(n)

    def close(self) -> None:
        self._file.close()


def walk(path: str, kind: str) -> Iterator[tuple[Member, bytes] | Passed]:
    """Yield the members of a tar, each with what it begins with, and what is none."""
    source = _Plain(path) if kind == "tar" else Tape(path, kind)
    try:
        yield from _walk(source, kind)
    finally:
        source.close()


def _walk(source: _Plain | Tape, kind: str) -> Iterator[tuple[Member, bytes] | Passed]:
    at = n_zeros = 0
    name: bytes | None = None
    pax: dict[bytes, bytes] = {}
    while block := source.read_at(at, _BLOCK):
        if not any(block):
            # Tars that were joined have such blocks between them, but not many.
            at, n_zeros = at + len(block), n_zeros + len(block)
            if n_zeros > _MOST_ZEROS:
                yield Passed("", f"more than {_MOST_ZEROS:,} zeros follow byte {at - n_zeros:,}; not read further")
                return
            continue
        info = _parsed(block) if len(block) == _BLOCK else None
        if info is None:
            what = "the archive is cut off" if len(block) < _BLOCK else "what should be the header of a member is none"
            yield Passed("", f"{source.error or what}, at byte {at:,}; what follows is not read", True)
            return
        at, n_zeros, type_ = at + _BLOCK, 0, info.type
        size = int(pax[b"size"]) if pax.get(b"size", b"").isdigit() else info.size
        n_after = 0 if type_ in _EMPTY else -(-size // _BLOCK) * _BLOCK
        if type_ == b"S":
            at = _after_sparse(source, block, at)
        if type_ in (b"L", b"x", b"X") and size <= _META_BYTES:
            data = source.read_at(at, size)
            if type_ == b"L":
                name = data
            else:
                pax = _pax(data)
        elif type_ in (b"L", b"x", b"X"):
            yield Passed("", f"a header of {size:,} bytes, at byte {at:,}, is too long, and left out", True)
        elif type_ not in (b"g", b"K"):
            raw = pax.get(b"path") or name or info.name.encode("utf-8", "surrogateescape")
            yield from _member(source, Member(name_of(raw), size, kind, at, size), type_, pax)
            name, pax = None, {}
        at += n_after
    if source.error:
        yield Passed("", f"{source.error}; what follows is not read", True)
    elif not n_zeros:
        yield Passed("", "the archive has not the mark of its end; it is cut off, or was not finished", True)


def _after_sparse(source: _Plain | Tape, block: bytes, at: int) -> int:
    # Blocks with the rest of the map of a sparse file, each of which says whether another one follows.
    more = block[482]
    while more and len(block := source.read_at(at, _BLOCK)) == _BLOCK:
        at, more = at + _BLOCK, block[504]
    return at


def _member(
    source: _Plain | Tape, member: Member, type_: bytes, pax: dict[bytes, bytes]
) -> Iterator[tuple[Member, bytes] | Passed]:
    name, at, size = member.name, member.offset, member.n_bytes
    if type_ in _OTHERS or any(key.startswith(b"GNU.sparse") for key in pax):
        yield Passed(name, _OTHERS.get(type_, "a sparse file, which tar -xS unpacks"))
    elif type_ in (b"0", b"\0", b"7"):
        head = source.read_at(at, min(size, HEAD_BYTES))
        if size and not source.read_at(at + size - 1, 1):
            member = member._replace(n_stored=max(0, source.end - at))
        yield member, head
    elif type_ not in _NOTHING:
        yield Passed(name, f"of a type that is not known ({type_.decode('latin-1')!r})")


def _pax(data: bytes) -> dict[bytes, bytes]:
    found, at = {}, 0
    while match := _PAX_SIZE.match(data, at):
        stop = at + int(match[0])
        key, _, value = data[match.end() : stop - 1].partition(b"=")
        if stop <= match.end() or stop > len(data):
            break
        found[key], at = value, stop
    return found


class Slice(MemberFile):
    """A member of a plain tar: a range of the bytes of a file."""

    def __init__(self, path: str, member: Member):
        super().__init__(member.n_bytes)
        self._file = open_input(path)
        self._offset = member.offset

    def _take(self, n: int) -> bytes:
        n = min(n, self.n_bytes - self._at)
        if n <= 0:
            return b""
        self._file.seek(self._offset + self._at)
        if data := self._file.read(n):
            return data
        raise OSError("the archive ends within this member")

    def close(self) -> None:
        """Close the file."""
        if not self.closed and hasattr(self, "_file"):
            self._file.close()
        super().close()


class Tape:
    """The decompressed bytes of a file, read forwards; the last few megabytes can be read again.

    Parameters
    ----------
    path, kind : str
    """

    def __init__(self, path: str, kind: str):
        self.key = stamp_of(path)
        self._stream = decompressed(path, kind)
        self._window = bytearray()
        self.begin = 0
        """Where the bytes begin that are still there."""

    @property
    def end(self) -> int:
        """How far the file is read."""
        return self.begin + len(self._window)

    @property
    def error(self) -> str | None:
        """What the decompressor said, once it has given up."""
        return self._stream.error

    def read_at(self, at: int, n: int) -> bytes:
        """Return `n` bytes, not before `begin`; fewer only at the end. Goes forward as far as needed."""
        while self.end < at + n and (piece := self._stream.read(_PIECE_BYTES)):
            self._window += piece
            n_over = len(self._window) - _WINDOW_BYTES
            if n_over > _WINDOW_BYTES:
                n_over = min(n_over, max(0, at - self.begin))
                del self._window[:n_over]
                self.begin += n_over
        return bytes(self._window[at - self.begin : at - self.begin + n])

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


_idle: list[Tape] = []
"""Tapes that nobody reads just now. Each is lent to one reader at a time, so that no two wind it to and fro."""
_owner = os.getpid()
_MOST_IDLE = 2


def _lend(path: str, member: Member) -> Tape:
    global _owner
    if _owner != os.getpid():
        # A child shares the places in its parent's files.
        _owner = os.getpid()
        release()
    key = stamp_of(path)
    near = [tape for tape in _idle if tape.key == key and tape.begin <= member.offset]
    if not near:
        return Tape(path, member.kind)
    tape = max(near, key=lambda tape: tape.begin)
    try:
        _idle.remove(tape)
    except ValueError:  # another thread was faster
        return Tape(path, member.kind)
    return tape


@atexit.register
def release() -> None:
    """Close the tapes that nobody reads."""
    while _idle:
        _idle.pop().close()


class TapeMember(MemberFile):
    """A member of a compressed tar."""

    def __init__(self, path: str, member: Member):
        super().__init__(member.n_bytes)
        self._path, self._member = path, member
        self.tape: Any = None
        self.tape = _lend(path, member)

    def _take(self, n: int) -> bytes:
        n = min(n, self.n_bytes - self._at)
        if n <= 0:
            return b""
        at = self._member.offset + self._at
        if at < self.tape.begin:
            self.tape.close()
            self.tape = Tape(self._path, self._member.kind)
        if data := self.tape.read_at(at, n):
            return data
        raise OSError(self.tape.error or "the archive ends within this member")

    def close(self) -> None:
        """Give the tape back."""
        if not self.closed and self.tape is not None:
            _idle.append(self.tape)
            with suppress(IndexError):
                while len(_idle) > _MOST_IDLE:
                    _idle.pop(0).close()
        super().close()
