"""Reading bytes from plain and compressed files, up to the point where a damaged one stops making sense."""

from __future__ import annotations

import lzma
from typing import TYPE_CHECKING

from korpus.errors import DataError

if TYPE_CHECKING:
    from types import TracebackType

EXTENSIONS = {".gz": "gz", ".zst": "zst", ".bz2": "bz2", ".xz": "xz"}
_ARROW_NAMES = {"gz": "gzip", "zst": "zstd", "bz2": "bz2"}


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
        try:
            self._raw = open(self.path, "rb")  # noqa: SIM115 - closed by close()
        except OSError as error:
            raise DataError(f"cannot read {self.path}: {error.strerror}") from error
        self._stream = self._raw
        if self.compression == "xz":
            self._stream = lzma.LZMAFile(self._raw)
        elif self.compression:
            import pyarrow as pa

            self._stream = pa.CompressedInputStream(pa.PythonFile(self._raw, "r"), _ARROW_NAMES[self.compression])

    def read(self, n: int) -> bytes:
        """Return the next `n` bytes; fewer only at the end, or where the file is damaged."""
        if self.error is not None or n <= 0:
            return b""
        try:
            data = self._stream.read(n)
        except (OSError, EOFError, lzma.LZMAError) as error:
            # A disk or a network that fails has an error number; a decompressor that gives up has none.
            if getattr(error, "errno", None):
                raise DataError(f"cannot read {self.path}: {error}") from error
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
            left -= len(self._stream.read(min(left, 1 << 20)))
        data = bytearray()
        try:
            while len(data) < n and (byte := self._stream.read(1)):
                data += byte
        except (OSError, EOFError, lzma.LZMAError):
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
