"""What commands say besides their result, in a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from korpus.corpus.manifest import Manifest
    from korpus.stream import StreamCounts


def warnings_of(manifest: Manifest, out: Path | str) -> list[str]:
    """Return what is to be noticed of a run that has ended well."""
    if manifest["kept"]["n_docs"]:
        return []
    return [f"warning: no document was kept: everything was rejected; see korpus show {out}"]


def exported(files: Sequence[Path], to: str) -> str:
    """Return what is to be said of an export into a folder."""
    return f"{len(files):,} files written to {to}"


def cleaned(counts: StreamCounts, edits_only: bool) -> list[str]:
    """Return how many lines of a stream were dropped, and what could not be read; nothing if all went through.

    Parameters
    ----------
    counts : StreamCounts
    edits_only : bool
        Whether a line was written for one that could not be read, too.
    """
    lines = []
    dropped = counts.n_in - counts.n_out - (0 if edits_only else counts.n_bad)
    if dropped:
        lines.append(f"{dropped:,} of {counts.n_in:,} lines were dropped")
    if counts.n_bad:
        more = ["…"] if counts.n_bad > len(counts.bad) else []
        lines.append(f"{counts.n_bad:,} of {counts.n_in:,} lines could not be read: {'; '.join([*counts.bad, *more])}")
    return lines
