"""Names of files, which on most systems are bytes: what was unpacked on another one need not be UTF-8."""

from __future__ import annotations

import mmap
import os
from typing import Any


def shown(path: str) -> str:
    r"""Return a path in characters alone: a byte that is not UTF-8 becomes ``\xb5``."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def arrow_source(path: str) -> Any:
    """Return what Arrow opens of a local path, as it takes no name that is not UTF-8: the path, or the file mapped."""
    if shown(path) == path:
        return path
    import pyarrow as pa

    with open(path, "rb") as file:
        if not os.fstat(file.fileno()).st_size:
            return pa.BufferReader(b"")
        return pa.BufferReader(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
