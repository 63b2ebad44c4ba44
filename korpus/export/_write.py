"""Writing a finished corpus in a format, into a folder that is marked until it is whole."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from korpus.corpus.corpus import Corpus
from korpus.errors import DataError
from korpus.io.atomic import TEMPORARY, explained, write_text
from korpus.io.location import is_remote, located
from korpus.registry import FORMATS

UNFINISHED = "UNFINISHED"
"""Name of the file that stands in the folder of an export until it is whole."""


@dataclass(frozen=True)
class FormatInfo:
    """A format: its name, and what it is in one sentence; or why there is none, if another package's is broken."""

    name: str
    summary: str


def formats() -> tuple[FormatInfo, ...]:
    """Return the formats that there are, by name."""
    return tuple(FormatInfo(name, _summary(name)) for name in FORMATS.names())


def _summary(name: str) -> str:
    try:
        return (inspect.getdoc(FORMATS.get(name)) or "").partition("\n")[0]
    except DataError as error:
        return str(error)


def export(out: Path | str, to: Path | str, format: str, domains: Sequence[str] = ()) -> list[Path]:
    """Write a finished corpus in another shape.

    Parameters
    ----------
    out : Path or str
        The output folder of a finished run, here or elsewhere.
    to : Path or str
        The folder to write to; it must be empty, or not be there.
    format : str
        ``text``, ``jsonl``, ``bert``, ``hf``, or the name of another package's.
    domains : sequence of str
        Only these; all if there are none.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    DataError
        If there is no such format, no finished run, the folder is not empty, or a domain does not exist.
    """
    if is_remote(to):
        raise DataError(f"{located(to)} lies elsewhere; export to a folder on this machine, and copy that")
    write = FORMATS.get(format)().write
    to, corpus = Path(to), Corpus.open(out)
    shards = corpus.shards(domains)
    with _unfinished(to, f"{out} as {format}, {', '.join(domains) or 'all domains'}, {corpus.manifest.get('key')}"):
        return write(corpus, to, shards)


@contextmanager
def _unfinished(to: Path, what: str) -> Iterator[None]:
    """Mark a folder as unfinished until the block has ended well; go on only with what was begun there."""
    mark = to / UNFINISHED
    said = f"An export that is not finished: {what}\nThe same korpus export command goes on with it.\n"
    try:
        begun = mark.read_text("utf-8", "replace") if mark.is_file() else None
        if begun == said:
            for path in to.rglob(f"{TEMPORARY}*"):
                path.unlink()
        elif begun is not None or (to.exists() and (not to.is_dir() or any(to.iterdir()))):
            other = "holds another export that is not finished" if begun is not None else "is not an empty folder"
            raise DataError(f"{to} {other}; give another with -o")
        else:
            write_text(mark, said, durable=True)
        yield
        mark.unlink()
    except OSError as error:
        raise explained(error, Path(error.filename or to)) from error
