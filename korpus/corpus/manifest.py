"""The manifest of a finished corpus, its types, and how it is read back: nothing that it says is believed unseen."""

from __future__ import annotations

from contextlib import suppress
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, TypedDict, cast

from korpus.errors import DataError
from korpus.io.atomic import read_sealed, sha256

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from korpus.corpus.layout import Layout

REMEDY = "put the file back, or give the command of its run again with --fresh"

FORMAT = 3
"""Version of the layout of an output folder and of the temporary files in it."""


class _File(TypedDict):
    path: str
    rows: int
    bytes: int
    sha256: str


class File(_File, total=False):
    """A Parquet file of the output: its path in the folder, rows, bytes, digest, and its domain if it is a shard."""

    domain: str


class Rejects(TypedDict):
    """The ledger: how many documents were dropped, and the files that have them."""

    n_docs: int
    files: list[File]


class Occasional(TypedDict, total=False):
    """What not every manifest has: sources, only where the recipe names them; a checksum, once it is written."""

    sources: dict[str, dict[str, Any]]
    checksum: str


class Manifest(Occasional):
    """What a run did, to what, with what result; nothing in it may differ between two runs of the same.

    ``docs`` tell the meaning of each key; those of ``read``, ``stages`` and ``domains`` are what `korpus.report` shows.
    """

    korpus: str
    format: int
    name: str
    key: str
    recipe: dict[str, Any]
    versions: dict[str, Any]
    inputs: list[dict[str, Any]]
    passed_over: list[dict[str, str]]
    columns: dict[str, str]
    read: dict[str, Any]
    stages: list[dict[str, Any]]
    kept: dict[str, int]
    rejects: Rejects
    domains: dict[str, dict[str, int]]
    shards: list[File]
    counts: list[File]
    vocab: list[dict[str, Any]]
    warnings: list[str]


def read_manifest(layout: Layout, remedy: str = REMEDY) -> Manifest:
    """Read the manifest of a finished run.

    Raises
    ------
    DataError
        If it was cut or altered, is not a manifest of korpus, or names files outside of its folder.
    """
    return checked(read_sealed(layout.manifest, remedy, required=False), str(layout.manifest))


def checked(manifest: dict[str, Any], name: str) -> Manifest:
    """Return a manifest, or raise `DataError` if it has not the shape of one, or leads out of its folder."""
    missing = [key for key in ("korpus", "recipe", "shards", "domains", "rejects", "kept") if key not in manifest]
    if missing:
        raise DataError(f"{name} is not a manifest of korpus: it has no {missing[0]!r}")
    if manifest.get("format") not in range(1, FORMAT + 1):
        raise DataError(
            f"{name} has the format {manifest.get('format')!r}, this version of korpus reads those up to {FORMAT}; "
            f"install the korpus that made it ({manifest['korpus']}), or a later one"
        )
    try:
        for place, files in _listed(manifest).items():
            for file in files:
                _check_path(file["path"], place)
                if not (isinstance(file["bytes"], int) and isinstance(file["rows"], int)):
                    raise ValueError(f"the size of {file['path']!r} is not a number")
        for domain in manifest["domains"]:
            if not _is_one_name(domain):
                raise ValueError(f"{domain!r} is not the name of a domain")
        for shard in manifest["shards"]:
            if (shard["domain"] or "all") not in manifest["domains"]:
                raise ValueError(f"it lists no domain {shard['domain']!r}")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{name} is not a manifest that korpus has written: {error}; nothing was read by it") from None
    return cast("Manifest", manifest)


def _listed(manifest: Manifest | dict[str, Any]) -> dict[str, list[File]]:
    return {
        "data": manifest["shards"],
        "rejects": manifest["rejects"]["files"],
        "counts": manifest.get("counts", []),
    }


def _is_one_name(name: Any) -> bool:
    plain = isinstance(name, str) and name != "" and not set(name) & set("/\\\0")
    return plain and not name.startswith(".") and name == name.strip()


def _check_path(path: Any, place: str) -> None:
    """Raise `ValueError` unless a path leads to a file below a folder, by names alone."""
    parts = path.split("/") if isinstance(path, str) else []
    if len(parts) < 2 or parts[0] != place or not all(_is_one_name(part) for part in parts[1:]):
        raise ValueError(f"{path!r} does not lie in the folder {place!r}")


def listed_files(manifest: Manifest) -> Iterator[File]:
    """Yield what a manifest says (``path``, ``bytes``, ``sha256``) of each file of documents, rejects or counts."""
    for files in _listed(manifest).values():
        yield from files


def require_whole(out: Path, file: File, remedy: str = REMEDY) -> Path:
    """Return the path of a file that a manifest lists, once its bytes are seen to be those that were written.

    Raises
    ------
    DataError
        If it is missing, cut or altered.
    """
    path = out / PurePosixPath(file["path"])
    if not path.is_file():
        raise DataError(f"{path} is missing, though {out / 'manifest.json'} lists it; {remedy}")
    if path.stat().st_size != file["bytes"] or sha256(path) != file["sha256"]:
        raise DataError(f"{path} is not as korpus wrote it: it was cut or altered; {remedy}")
    return path


def is_manifest(layout: Layout) -> bool:
    """Return whether the file of that name, whole or damaged, is one that korpus has written."""
    with suppress(DataError):
        return "korpus" in read_sealed(layout.manifest, "", required=False)
    with suppress(DataError):
        return "key" in read_sealed(layout.log, "", required=False)
    return b'"korpus"' in layout.manifest.read_bytes()[:200]
