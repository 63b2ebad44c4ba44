"""Standard input as a file of the input: kept on disk while it is needed, its format told by what it begins with."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from korpus.errors import RecipeError
from korpus.io.compress import AUTO, ByteStream
from korpus.io.files import explained
from korpus.io.readers import formats
from korpus.io.readers.encodings import SAMPLE_BYTES, decoded_head, encoding_of
from korpus.io.remote import Location

if TYPE_CHECKING:
    from korpus.recipe import Recipe
    from korpus.recipe_options import InputOptions

STDIN = "-"
_PIECE_BYTES = 1 << 20
_BEFORE = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
"""What may stand before the first character: a byte order mark, half of a character of UTF-16, space."""


def takes_stdin(recipe: Recipe) -> int:
    """Return how often a recipe names standard input."""
    return [path for given in (recipe.input, *recipe.sources.values()) for path in given.paths].count(STDIN)


@contextmanager
def with_stdin(recipe: Recipe, folder: Path) -> Iterator[Recipe]:
    """Yield a recipe in which the path ``-`` is replaced by a file that `spooled` makes; others are left as they are.

    Raises
    ------
    RecipeError
        If standard input is named twice, or is a terminal.
    """
    n = takes_stdin(recipe)
    if n > 1:
        raise RecipeError("- is given twice, but standard input can be read only once; name it once")
    if not n:
        yield recipe
        return
    with spooled(sys.stdin.buffer, folder) as file:

        def placed(given: InputOptions) -> InputOptions:
            return given.model_copy(update={"paths": [file if path == STDIN else path for path in given.paths]})

        sources = {name: placed(source) for name, source in recipe.sources.items()}
        yield recipe.model_copy(update={"input": placed(recipe.input), "sources": sources})


@contextmanager
def spooled(source: BinaryIO, folder: Path) -> Iterator[Location]:
    """Copy a stream into a file of a folder, for as long as the block lasts.

    Parameters
    ----------
    source : binary file
    folder : Path
        Made if it is not there; removed again if nothing else is in it.

    Yields
    ------
    Location
        Shown as ``-``; its stamp is the SHA-256 of the content.

    Raises
    ------
    RecipeError
        If the stream is a terminal.
    DataError
        If the disk is full, or the folder cannot be written.
    """
    if source.isatty():
        raise RecipeError("- reads standard input, which is a terminal; send something to it: … | korpus run … -i -")
    path = folder / f"stdin-{os.getpid()}"
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        digest, n_bytes = hashlib.sha256(), 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                while piece := source.read(_PIECE_BYTES):
                    file.write(piece)
                    digest.update(piece)
                    n_bytes += len(piece)
            path = path.replace(path.with_name(path.name + _ending(path)))
        except OSError as error:
            raise explained(error, path) from error
        yield Location(STDIN, str(path), n_bytes, digest.hexdigest())
    finally:
        path.unlink(missing_ok=True)
        for place in made:
            with suppress(OSError):
                place.rmdir()


def _ending(path: Path) -> str:
    """Return the ending that a file of this content would have."""
    with ByteStream(str(path), AUTO) as stream:
        head = stream.read(SAMPLE_BYTES)
        compression = stream.compression
    whole, kind = len(head) < SAMPLE_BYTES, formats.by_magic(head)
    if kind is None:
        head = decoded_head(head, encoding_of(STDIN, [head], "auto"))
        kind = formats.by_content(head, whole)
    begin = head.lstrip(_BEFORE)
    if kind is None and begin.startswith((b"{", b"[")):
        kind = "json"
    ending = next((ending for ending, format in formats.BY_EXTENSION.items() if format == kind), ".txt")
    return f"{ending}.{compression}" if compression else ending
