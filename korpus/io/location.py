"""Paths of files that something else than their name opens: remote ones, and those in archives."""

from __future__ import annotations

import re
from typing import Any

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+://")


class Location(str):
    """A path as it is shown, which is free of secrets, beside what opens it, which may not be.

    Attributes
    ----------
    opens : str
        The path with user, password and options; or a local file.
    n_bytes : int, optional
        Size, once it is known.
    stamp : int or str
        What changes when the content does: a time, an ETag, a digest.
    """

    opens: str
    n_bytes: int | None
    stamp: int | str

    def __new__(cls, shown: str, opens: str, n_bytes: int | None = None, stamp: int | str = 0) -> Location:
        """Make a location."""
        made = super().__new__(cls, shown)
        made.opens, made.n_bytes, made.stamp = opens, n_bytes, stamp
        return made

    def __getnewargs__(self) -> tuple:
        return str(self), self.opens, self.n_bytes, self.stamp


class Inside(Location):
    """The path of a file in an archive; see `korpus.io.archives`.

    Attributes
    ----------
    archive : str
        The path of the archive.
    member : korpus.io.archives.Member
        The file in it.
    """

    archive: str
    member: Any

    def __new__(cls, shown: str, opens: str, n_bytes: int, stamp: int | str, archive: str, member: Any) -> Inside:
        """Make a location."""
        made = super().__new__(cls, shown, opens, n_bytes, stamp)
        made.archive, made.member = archive, member
        return made

    def __getnewargs__(self) -> tuple:
        return *super().__getnewargs__(), self.archive, self.member


def opens(path: str) -> str:
    """Return what opens a path: a remote URI, or the path of a local file."""
    return path.opens if isinstance(path, Location) else str(path)


def is_remote(path: str) -> bool:
    """Tell whether a path lies elsewhere."""
    return _SCHEME.match(opens(path)) is not None
