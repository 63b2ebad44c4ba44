"""Files opened for reading at any place: here, elsewhere by ranges, in an archive."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, BinaryIO

from korpus.io.location import Inside, is_remote, opens
from korpus.io.stores import explained, patiently, store

if TYPE_CHECKING:
    from pathlib import Path

AHEAD_BYTES, MOST_AHEAD_BYTES = 1 << 17, 8 << 20
"""What is read at once of a file: little at first, then twice as much each time, as long as it is read in order."""


class RemoteFile(io.RawIOBase):
    """A remote file that is read by ranges; errors and early ends are a `DataError`.

    Parameters
    ----------
    path : str
    ahead : int
        How many bytes are read at once at first.
    first : (int, int), optional
        Where the reader will begin and about where it will end: one request instead of several.
    """

    def __init__(self, path: str, ahead: int = AHEAD_BYTES, first: tuple[int, int] | None = None):
        self._path, self._ahead = path, ahead
        self._at = self._begin = 0
        self._data = b""
        with explained(path):
            self._file = store(path).open(path)
            self._size = self._file.size()
        if first:
            self._fetch(first[0], min(first[1], self._size))

    def read(self, n: int = -1) -> bytes:
        """Return the next `n` bytes; fewer only at the end."""
        stop = self._size if n is None or n < 0 else min(self._at + n, self._size)
        if not self._begin <= self._at <= self._begin + len(self._data):
            self._begin, self._data = self._at, b""
        head = self._data[self._at - self._begin : stop - self._begin]
        if self._at + len(head) < stop:
            at = self._at + len(head)
            self._fetch(at, min(max(stop, at + self._ahead), self._size))
            self._ahead = min(2 * self._ahead, MOST_AHEAD_BYTES)
            head += self._data[: stop - at]
        self._at += len(head)
        return head

    def _fetch(self, begin: int, end: int) -> None:
        with explained(self._path):
            data = patiently(self._file.read_at, end - begin, begin)
            if len(data) < end - begin:
                raise OSError(f"it ended after {begin + len(data):,} of {self._size:,} bytes")
        self._begin, self._data = begin, data

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with the next bytes; return how many."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place, counted from the beginning (0), from here (1) or from the end (2)."""
        self._at = max(0, offset + (0, self._at, self._size)[whence])
        return self._at

    def tell(self) -> int:
        """Return the place."""
        return self._at

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def close(self) -> None:
        """Close the file."""
        if not self.closed:
            super().close()
            if hasattr(self, "_file"):
                self._file.close()


def open_input(path: Path | str, first: tuple[int, int] | None = None) -> BinaryIO | io.RawIOBase:
    """Open a file, here, elsewhere or in an archive, for reading at any place; see `RemoteFile`."""
    if isinstance(path, Inside):
        from korpus.io.archives import open_member

        return open_member(path.archive, path.member)
    return RemoteFile(path, first=first) if is_remote(path) else open(opens(path), "rb")
