"""Reading bytes from plain and compressed files, up to the point where a damaged one stops making sense."""

from __future__ import annotations

import bz2
import lzma
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from korpus.errors import DataError
from korpus.io.opening import open_input

if TYPE_CHECKING:
    import io
    from types import TracebackType

    from typing_extensions import Self

EXTENSIONS = {".gz": "gz", ".gzip": "gz", ".zst": "zst", ".zstd": "zst", ".bz2": "bz2", ".bzip2": "bz2", ".xz": "xz"}
"""What a name may end with, and what it says."""
MAGIC = {b"\x1f\x8b\x08": "gz", b"\x28\xb5\x2f\xfd": "zst", b"BZh": "bz2", b"\xfd7zXZ\0": "xz"}
"""What a compressed file begins with: RFC 1952, RFC 8878, the sources of bzip2, the .xz file format."""
AUTO, _MAGIC_BYTES = "auto", 8
MAX_WINDOW_BYTES = 1 << 31
"""What ``zstd --long=31`` may ask for; memory is only taken for what a file really says."""

_PIECE_BYTES = 1 << 18
_FED_BYTES = {"gz": 1 << 16, "bz2": 1 << 16, "xz": 1 << 16, "zst": 1 << 11}
"""What a decompressor is given at once. That of zstd cannot be told how much to give out, so it is given little."""
_TRAILER_BYTES = 8
"""What stands after the content of a member: its checksum, its size."""
_SKIPPABLE = b"\x50\x2a\x4d\x18"
"""What a frame of zstd begins with that is no content, but for the lowest four bits."""


class _Broken(Exception):
    """What a decompressor says of a file; `whole` tells that nothing of the content is missing before it."""

    def __init__(self, said: str, whole: bool = False):
        super().__init__(said)
        self.whole = whole


def compression_of(head: bytes) -> str | None:
    """Return the compression of a file that begins with these bytes (6 are enough), None for none that is known."""
    return next((name for magic, name in MAGIC.items() if head.startswith(magic)), None)


def _decompressor(compression: str) -> Any:
    if compression == "gz":
        return zlib.decompressobj(31)
    if compression == "bz2":
        return bz2.BZ2Decompressor()
    if compression == "xz":
        return lzma.LZMADecompressor(lzma.FORMAT_XZ)
    import zstandard

    return zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW_BYTES).decompressobj()


class _Decompressed:
    """The content of a compressed file; several members, one after the other, are read as one."""

    def __init__(self, raw: BinaryIO | io.RawIOBase, compression: str):
        self._raw, self._kind = raw, compression
        self._n_members = 0
        self._decoder: Any = None
        self._step = _FED_BYTES[compression]
        self._given = self._ready = b""
        self._n_given = self._n_skipped = 0
        self.n_done = 0
        """How many bytes of the file have given all that is in them."""
        self.left = b""
        """What was read of the file and not given to a decompressor."""

    def read(self, n: int) -> bytes:
        """Return some of the next bytes, at most `n`; none at the end.

        Raises
        ------
        _Broken
            If there are no more that make sense.
        """
        while not self._ready:
            if self._decoder is None and not self._next_member():
                return b""
            data = self._decoded(n, self._step)
            self._ready = data[self._n_skipped :]
            self._n_skipped = max(0, self._n_skipped - len(data))
        data, self._ready = self._ready[:n], self._ready[n:]
        return data

    def go(self, n_done: int, n_out: int) -> None:
        """Go to where `n_done` bytes are done with, and on from there byte by byte; of the content, to byte `n_out`."""
        while self._n_given < n_done or (self._decoder is not None and not self._wants()):
            if self._decoder is None and not self._next_member():
                break
            n_out -= len(self._decoded(_PIECE_BYTES, min(self._step, n_done - self._n_given)))
        self._step, self._n_skipped = 1, n_out

    def _next_member(self) -> bool:
        """Begin with what comes next; return False at the end of the file."""
        while True:
            if self._n_members:
                # Zeros after the end are what tapes and block devices leave, and no damage.
                self._n_given += len(self.left)
                self.left = self.left.lstrip(b"\0")
                self._n_given -= len(self.left)
            if len(self.left) >= len(_SKIPPABLE) or not (more := self._raw.read(max(self._step, 6))):
                break
            self.left += more
        if not self.left:
            return False
        known = compression_of(self.left) == self._kind or (self._kind == "zst" and self.left[1:4] == _SKIPPABLE[1:])
        if self._n_members and not known:
            raise _Broken("what follows the end of the compressed data is something else", whole=True)
        self._n_members += 1
        self._decoder = _decompressor(self._kind)
        self._given = b""
        return True

    def _wants(self) -> bool:
        """Tell whether all is given out that the decompressor has been given."""
        return not self._given if self._kind == "gz" else self._kind == "zst" or self._decoder.needs_input

    def _decoded(self, n: int, step: int) -> bytes:
        """Return what the decompressor makes of the next bytes, about `n` at most."""
        decoder = self._decoder
        given = self._given
        if self._wants():
            self.n_done = self._n_given
            given = self.left[:step] or self._raw.read(step)
            self.left = self.left[len(given) :]
            self._n_given += len(given)
            if not given:
                raise _Broken("the file ends before its compressed data does")
        try:
            data = decoder.decompress(given) if self._kind == "zst" else decoder.decompress(given, n)
        except (zlib.error, OSError, EOFError, ValueError, MemoryError, lzma.LZMAError) as error:
            raise _broken(error) from None
        except Exception as error:
            # The class of zstandard's error is only known where it is imported.
            if type(error).__name__ != "ZstdError":
                raise
            raise _broken(error) from None
        self._given = decoder.unconsumed_tail if self._kind == "gz" else b""
        if decoder.eof:
            self.left = decoder.unused_data + self.left
            self._n_given -= len(decoder.unused_data)
            self._decoder, self.n_done = None, self._n_given
        return data


def _broken(error: Exception) -> _Broken:
    said = str(error).rpartition("decompressor error: ")[2] or type(error).__name__
    said = said.partition("while decompressing data: ")[2] or said
    # Checksum and size come after the content; others only say that something was wrong with it.
    return _Broken(said, any(what in said for what in ("data check", "length check", "checksum")))


class ByteStream:
    """The decompressed bytes of a file, in order; several compressed members in one file are read as one.

    Parameters
    ----------
    path : str
        The file.
    compression : str, optional
        ``gz``, ``zst``, ``bz2`` or ``xz``; ``auto`` goes by what the file begins with.

    Attributes
    ----------
    compression : str or None
        As it was found.
    error : str or None
        What was said when the file turned out to be cut off or damaged. All bytes that make sense before are returned
        by `read` first.
    whole : bool
        Whether, for all that, none of the content is missing: only its checksum is wrong, or what follows it.
    """

    def __init__(self, path: str, compression: str | None):
        self.path = path
        self.compression = compression
        self.error: str | None = None
        self.whole = self._is_careful = False
        self._n_read = 0
        self._open()

    def _open(self) -> None:
        try:
            self._raw = open_input(self.path)
        except OSError as error:
            raise DataError(f"cannot read {self.path}: {error.strerror or error}") from error
        if self.compression == AUTO:
            self.compression = compression_of(self.peek(0, _MAGIC_BYTES))
        self._stream: Any = _Decompressed(self._raw, self.compression) if self.compression else self._raw

    def peek(self, at: int, n: int) -> bytes:
        """Return `n` bytes of the file itself from byte `at` on, before anything of it is read."""
        try:
            self._raw.seek(at)
            data = self._raw.read(n)
            self._raw.seek(0)
        except OSError as error:
            raise DataError(f"cannot read {self.path}: {error.strerror or error}") from error
        return data

    def read(self, n: int) -> bytes:
        """Return the next `n` bytes; fewer only at the end, or where the file is damaged."""
        pieces = []
        while n > 0 and self.error is None and (piece := self._read(min(n, _PIECE_BYTES))):
            pieces.append(piece)
            n -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _read(self, n: int) -> bytes:
        try:
            data = self._stream.read(n)
        except _Broken as broken:
            if self._is_careful:
                self._end(broken)
                return b""
            # The step that failed took the good bytes before the damage with it: go there again, in smaller steps.
            self._is_careful = True
            n_done = self._stream.n_done
            self._raw.close()
            self._open()
            self._stream.go(n_done, self._n_read)
            return self._read(n)
        except OSError as error:
            # A disk or a network that fails has an error number; an archive whose member is damaged has none.
            if error.errno is not None:
                raise DataError(f"cannot read {self.path}: {error.strerror or error}") from error
            self.error = str(error)
            self.whole = not self.compression and self._raw.tell() >= getattr(self._raw, "n_bytes", self._n_read + 1)
            return b""
        self._n_read += len(data)
        return data

    def _end(self, broken: _Broken) -> None:
        self.error = str(broken)
        n_left = len(self._stream.left) + len(self._raw.read(_TRAILER_BYTES + 1))
        # Where more follows than the rest of a checksum, it is not known what is missing.
        self.whole = broken.whole and (n_left <= _TRAILER_BYTES or "what follows" in self.error)

    def consumed(self) -> int:
        """Return how many bytes of the file itself have been read so far."""
        return self._raw.tell()

    def close(self) -> None:
        """Close the file."""
        self._raw.close()

    def __enter__(self) -> ByteStream:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class Source(Protocol):
    """What a `ConvertedStream` is made from: a `ByteStream`, another stream, or what stands in for them."""

    @property
    def error(self) -> str | None:
        """What is wrong with the file, once all bytes before are given out."""

    @property
    def whole(self) -> bool:
        """Whether nothing of the content is missing for all that."""

    def read(self, n: int) -> bytes:
        """Return the next `n` bytes; fewer only at the end, or where the file is damaged."""

    def consumed(self) -> int:
        """Return how many bytes of the file itself have been read so far."""

    def close(self) -> None:
        """Close the file."""


class ConvertedStream:
    """A stream whose bytes are made from those of another, piece by piece; stands in for its `ByteStream`.

    Parameters
    ----------
    source : Source

    Attributes
    ----------
    ended : bool
        Whether all of the source is read.
    """

    def __init__(self, source: Source):
        self._source = source
        self._begun = self.ended = False
        self._ready = b""
        self.consumed, self.close = source.consumed, source.close

    @property
    def drained(self) -> bool:
        """Whether all bytes have been given out."""
        return self.ended and not self._ready

    @property
    def error(self) -> str | None:
        """What the decompressor said when the file turned out to be damaged, once all bytes before are given out."""
        return self._source.error if self.drained else None

    @property
    def whole(self) -> bool:
        """Whether nothing of the content is missing for all that."""
        return self._source.whole

    def read(self, n: int) -> bytes:
        """Return the next `n` bytes; fewer only at the end, or where the file is damaged."""
        pieces, n_ready = [self._ready], len(self._ready)
        while n_ready < n and not self.ended:
            pieces.append(self._next())
            n_ready += len(pieces[-1])
        data = b"".join(pieces)
        self._ready = data[n:]
        return data[:n]

    def _next(self) -> bytes:
        """Return the bytes that the next piece of the source gives."""
        raise NotImplementedError

    def _piece(self, n: int, bom: bytes) -> bytes:
        """Return the next piece of the source, the first one without its byte order mark."""
        raw = self._source.read(n)
        self.ended = len(raw) < n
        if not self._begun:
            raw, self._begun = raw.removeprefix(bom), True
        return raw

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
