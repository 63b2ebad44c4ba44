"""Reading bytes from plain and compressed files, up to the point where a damaged one stops making sense."""

from __future__ import annotations

import lzma
from typing import TYPE_CHECKING

from korpus.errors import DataError
from korpus.io.names import arrow_source
from korpus.io.remote import RemoteFile, is_remote, opens

if TYPE_CHECKING:
    from types import TracebackType

EXTENSIONS = {".gz": "gz", ".zst": "zst", ".bz2": "bz2", ".xz": "xz"}
_ARROW_NAMES = {"gz": "gzip", "zst": "zstd", "bz2": "bz2"}
_DAMAGE = (OSError, EOFError, lzma.LZMAError)
_PIECE_BYTES = 1 << 18


class ByteStream:
    """The decompressed bytes of a file, in order; several compressed members in one file are read as one.

    Parameters
    ----------
    path : str
        The file.
    compression : str, optional
        ``gz``, ``zst``, ``bz2`` or ``xz``.

    Attributes
    ----------
    error : str or None
        What the decompressor said when the file turned out to be cut off or damaged. All bytes that it had given
        out before are returned by `read` first.
    """

    def __init__(self, path: str, compression: str | None):
        self.path = path
        self.compression = compression
        self.error: str | None = None
        self._n_read = 0
        self._open()

    def _open(self) -> None:
        remote = RemoteFile(self.path) if is_remote(self.path) else None
        try:
            if self.compression in _ARROW_NAMES:
                import pyarrow as pa

                self._raw = remote or arrow_source(opens(self.path))
                self._raw = pa.OSFile(self._raw, "rb") if isinstance(self._raw, str) else self._raw
                raw = pa.PythonFile(remote, "r") if remote else self._raw
                self._stream = pa.CompressedInputStream(raw, _ARROW_NAMES[self.compression])
            else:
                self._raw = remote or open(opens(self.path), "rb")  # noqa: SIM115
                self._stream = lzma.LZMAFile(self._raw) if self.compression else self._raw  # noqa: SIM115
        except OSError as error:
            raise DataError(f"cannot read {self.path}: {error.strerror or error}") from error

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
        except _DAMAGE as error:
            # A disk or a network that fails has an error number; a decompressor that gives up has none.
            if getattr(error, "errno", None):
                raise DataError(f"cannot read {self.path}: {error.strerror or error}") from error
            data = self._salvage(n)
            self.error = str(error)
        self._n_read += len(data)
        return data

    def _salvage(self, n: int) -> bytes:
        # The failed read took the good bytes before the damage with it: go there again and take them one by one.
        self.close()
        self._open()
        left = self._n_read
        while left:
            left -= len(self._stream.read(min(left, _PIECE_BYTES)))
        data = bytearray()
        try:
            while len(data) < n and (byte := self._stream.read(1)):
                data += byte
        except _DAMAGE:
            pass
        return bytes(data)

    def consumed(self) -> int:
        """Return how many bytes of the file itself have been read so far."""
        return self._raw.tell()

    def close(self) -> None:
        """Close the file."""
        if self._stream is not self._raw:
            self._stream.close()
        self._raw.close()

    def __enter__(self) -> ByteStream:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class ConvertedStream:
    """A stream whose bytes are made from those of another, piece by piece; stands in for its `ByteStream`.

    Parameters
    ----------
    source : ByteStream or ConvertedStream

    Attributes
    ----------
    ended : bool
        Whether all of the source is read.
    """

    def __init__(self, source: ByteStream | ConvertedStream):
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

    def __enter__(self) -> ConvertedStream:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
