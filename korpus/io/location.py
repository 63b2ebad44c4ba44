"""Paths of files that something else than their name opens: remote ones, and those in archives.

What is shown of a path is free of secrets; its `Parts` are what a store needs to find it.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard

from korpus.errors import RecipeError
from korpus.io.names import shown

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Self

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+://")
WEB = ("http", "https")
_URI = re.compile(r"([a-z][a-z0-9+.-]+)://(?:([^/@]*)@)?([^/?]*)(.*)", re.DOTALL)
_QUERY = re.compile(r"\?(\w+=[^?]*)$")
"""Options of a store at the end of a path; a question mark alone belongs to a glob."""


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

    def __new__(cls, shown: str, opens: str, n_bytes: int | None = None, stamp: int | str = 0) -> Self:
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

    def __new__(cls, shown: str, opens: str, n_bytes: int, stamp: int | str, archive: str, member: Any) -> Self:
        """Make a location."""
        made = super().__new__(cls, shown, opens, n_bytes, stamp)
        made.archive, made.member = archive, member
        return made

    def __getnewargs__(self) -> tuple:
        return *super().__getnewargs__(), self.archive, self.member


def opens(path: Path | str) -> str:
    """Return what opens a path: a remote URI, or the path of a local file."""
    return getattr(path, "opens", None) or str(path)


def is_remote(path: Path | str) -> TypeGuard[str]:
    """Tell whether a path lies elsewhere; one that is a `Path` never does."""
    return _SCHEME.match(opens(path)) is not None


def is_inside(path: str, folder: str) -> bool:
    """Tell whether a file that is there lies in a folder, which need not be there."""
    path = path.archive if isinstance(path, Inside) else path
    if is_remote(path) or is_remote(folder):
        return str(path).startswith(f"{folder.rstrip('/')}/")
    is_stdin = isinstance(path, Location) and path.n_bytes is not None
    if is_stdin or not os.path.isdir(folder):  # noqa: PTH112
        return False
    return os.path.realpath(opens(path)).startswith(os.path.join(os.path.realpath(folder), ""))  # noqa: PTH118


def located(path: str) -> str:
    """Hide the secrets of a remote path, and bytes that are no characters in a local one; leave others as they are.

    Raises
    ------
    RecipeError
        If the bucket cannot be told from a user and a password.
    """
    if isinstance(path, Location):
        return path
    if not is_remote(path):
        return path if shown(path) == path else Location(shown(path), path)
    return Location(parts_of(path).shown(), path)


class Parts(NamedTuple):
    """What a remote URI is made of."""

    scheme: str
    user: str
    host: str
    path: str
    query: str

    def shown(self) -> str:
        """Return the URI without user, password and options."""
        return f"{self.scheme}://{self.host}{self.path}"

    def at(self, path: str) -> Location:
        """Return the location of another path in the same store."""
        there = self._replace(path=path)
        user, query = f"{self.user}@" if self.user else "", f"?{self.query}" if self.query else ""
        return Location(there.shown(), f"{self.scheme}://{user}{self.host}{path}{query}")


def parts_of(uri: str) -> Parts:
    """Cut a remote URI into its parts; errors as for `located`."""
    match = _URI.fullmatch(uri)
    assert match is not None, "only of what is_remote"
    scheme, user, host, rest = match.groups()
    if scheme in WEB:
        path, _, query = rest.partition("#")[0].partition("?")
    else:
        query = (_QUERY.search(rest) or ("", ""))[1]
        path = rest.removesuffix(f"?{query}") if query else rest
        if scheme in ("s3", "gs", "gcs") and ":" in host:
            raise RecipeError(
                f"a path of {scheme}:// must begin with the name of a bucket; write %2F for each / of a password, or "
                f"set the credentials in the environment"
            )
    return Parts(scheme, user or "", host, path, query)


def require_writable(out: str) -> None:
    """Raise `RecipeError` if an output folder is of the web, which can only be read."""
    if parts_of(opens(out)).scheme in WEB:
        raise RecipeError(f"nothing can be written to {out}; give a folder, or one of s3://, gs:// or hdfs://")


def child(folder: str, below: str) -> Location:
    """Return the location of what lies in a remote folder."""
    parts = parts_of(opens(folder))
    return parts.at(f"{parts.path.rstrip('/')}/{below}")
