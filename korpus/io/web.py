"""Files on the web: read by HTTP ranges; a web server has no folders to list."""

from __future__ import annotations

import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from korpus._version import __version__
from korpus.errors import DataError
from korpus.io.location import Location, opens

_TIMEOUT_S, _N_TRIES = 60, 3
_AS_IT_IS = "%/:=&?~+!$,;'@()*[]"


class Web:
    """The web as a store; see `korpus.io.stores`."""

    def find(self, path: str) -> tuple[bool, Location | None]:
        """Return that there is no folder, and the file; None if there is none."""
        try:
            file = WebFile(path)
        except urllib.error.HTTPError as error:
            if error.code in (404, 410):
                return False, None
            raise
        return False, Location(str(path), opens(path), file.size(), file.stamp)

    def children(self, folder: str, recursive: bool) -> Iterator[tuple[Location, bool]]:
        """Refuse: nothing can be listed."""
        raise DataError(f"{folder}: a web server does not list its files; name each of them")

    def open(self, path: str) -> WebFile:
        """Open a file."""
        return WebFile(path)


class WebFile:
    """A file on the web.

    Parameters
    ----------
    path : str

    Attributes
    ----------
    stamp : str
        Its ETag, or else the time when it was last changed, if the server says one of them.
    """

    def __init__(self, path: str):
        self._path = path
        url = opens(path).partition("#")[0]
        parts = urlsplit(url)
        self._headers = {"User-Agent": f"korpus/{__version__}", "Accept-Encoding": "identity"}
        self._user = None
        if parts.username is not None:
            import base64

            user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self._user = f"Basic {base64.b64encode(user.encode()).decode()}"
            url = url.replace(f"//{parts.netloc}", f"//{parts.netloc.rpartition('@')[2]}", 1)
        self._url = quote(url, safe=_AS_IT_IS)
        try:
            _, headers = self._get(0, 1)
        except urllib.error.HTTPError as error:
            # There is no first byte of an empty file.
            if error.code != 416:
                raise
            headers = error.headers
        size = re.fullmatch(r"bytes .*/([0-9]+)", headers.get("Content-Range", ""))
        if size is None:
            raise DataError(f"{path}: its server does not tell its size; download it, and name the file")
        self._size = int(size[1])
        self.stamp = headers.get("ETag") or headers.get("Last-Modified") or ""

    def size(self) -> int:
        """Return how many bytes it has."""
        return self._size

    def read_at(self, n: int, at: int) -> bytes:
        """Return `n` bytes from a place on."""
        return self._get(at, n)[0]

    def _get(self, at: int, n: int) -> tuple[bytes, Any]:
        request = urllib.request.Request(self._url, headers={**self._headers, "Range": f"bytes={at}-{at + n - 1}"})
        if self._user:
            request.add_unredirected_header("Authorization", self._user)
        for left in reversed(range(_N_TRIES)):
            try:
                with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as response:
                    if response.status != 206:
                        raise DataError(
                            f"{self._path}: its server gives out whole files only, and korpus reads them in pieces; "
                            f"download it, and name the file"
                        )
                    return response.read(), response.headers
            except urllib.error.HTTPError as error:
                error.close()
                if error.code < 500 or not left:
                    raise
            except (OSError, http.client.HTTPException) as error:
                if not left:
                    raise OSError(str(getattr(error, "reason", error))) from None
        raise AssertionError

    def close(self) -> None:
        """Do nothing: no connection is kept."""
