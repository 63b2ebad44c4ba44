"""Names of files, which on most systems are bytes: what was unpacked on another one need not be UTF-8."""

from __future__ import annotations

from typing import Any


def shown(path: str) -> str:
    r"""Return a path in characters alone: a byte that is not UTF-8 becomes ``\xb5``."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def arrow_source(path: str) -> Any:
    """Return what Arrow opens of a local path, as it takes no name that is not UTF-8: the path, or the open file."""
    if shown(path) == path:
        return path
    import pyarrow as pa

    return pa.PythonFile(open(path, "rb"), "r")  # noqa: SIM115
