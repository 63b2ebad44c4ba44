"""What one file says of itself: its size, its first bytes, its compression, encoding and format."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from korpus.errors import DataError
from korpus.io.compress import AUTO, EXTENSIONS, ByteStream
from korpus.io.location import Inside, Location, is_remote, opens
from korpus.io.readers import formats
from korpus.io.readers.encodings import SAMPLE_BYTES, decoded_head, encoding_of, samples_of
from korpus.io.readers.formats import BINARY, OWN
from korpus.io.readers.unreadable import document_kind, what_is

if TYPE_CHECKING:
    from korpus.io.readers.base import InputFile


class Look:
    """What a file says of itself: its size, its first bytes, its compression and encoding.

    Attributes
    ----------
    named : str or None
        The format that its name stands for.
    head : bytes
        Its beginning, decompressed and in UTF-8.
    whole : bool
        Whether that is all.
    foreign : str
        What the file is, and how people turn it into text, where it is of a kind that is not read.
    mislabelled : str
        What is to be said of a compression other than the name says.
    flaw : str or None
        Why nothing of it can be read.
    """

    def __init__(self, path: str, encoding: str):
        self.n_bytes, self.stamp = size_of(path)
        stem, by_name = stem_of(path)
        self.named = formats.by_name(stem)
        self.flaw: str | None = None
        self.encoding = "utf-8"
        with ByteStream(path, AUTO) as source:
            samples = samples_of(source, self.n_bytes)
            self.head = samples[0]
            self.compression = source.compression
            self.whole = len(self.head) < SAMPLE_BYTES
            if source.error is not None and not self.head:
                self.flaw = f"{path}: {source.error}"
        is_binary = self.compression is None and formats.by_magic(self.head) is not None
        self.mislabelled = ""
        if self.named in BINARY:
            self.named = self.named if self.compression is None else None
        if by_name != self.compression and self.n_bytes and not is_binary:
            what = f"is compressed ({self.compression})" if self.compression else "is not compressed"
            said = f"its name says {by_name}" if by_name else "its name does not say so"
            self.mislabelled = f"{what}, though {said}: it was read as what it is"
        found = what_is(self.head)
        self.foreign = f"it is {found.name}, which is not read: {found.advice}" if found else ""
        if self.compression is None and document_kind(self.head) == "xlsx":
            self.named = "xlsx"
        if not (self.flaw or is_binary or found or self.named in (*BINARY, *OWN)):
            try:
                self.encoding = encoding_of(path, samples, encoding)
            except DataError:
                # Of a file that nothing says to be text, that is no wonder.
                if self.named:
                    raise
            self.head = decoded_head(self.head, self.encoding)

    @property
    def begins(self) -> str:
        """What its JSON is; see `korpus.io.readers.formats.json_begins`."""
        return formats.json_begins(self.head)


def stem_of(path: str) -> tuple[str, str | None]:
    """Return a name without the ending of a compression, and the compression that it says."""
    # What is read from standard input has its name from what it begins with.
    name = path if is_remote(path) else opens(path)
    stem, extension = os.path.splitext(name)  # noqa: PTH122
    compression = EXTENSIONS.get(extension.lower())
    return (stem, compression) if compression else (name, None)


def require_unchanged(file: InputFile) -> None:
    """Raise `DataError` if a file of this machine is not what it was when it was found; one elsewhere is not looked at.

    Whoever has read a part of it calls this before the part is believed: a file that is cut while it is read ends
    early, and nothing else tells that from its true end.
    """
    archive = file.path.archive if isinstance(file.path, Inside) else None
    place = file.path if archive is None else archive
    if is_remote(place) or (isinstance(place, Location) and place.n_bytes is not None):
        return
    try:
        n_bytes, stamp = size_of(place)
    except DataError:  # it is gone
        n_bytes, stamp = -1, ""
    if stamp != file.stamp or (archive is None and n_bytes != file.n_bytes):
        raise DataError(f"{place} was changed while it was read; give the same command again when nobody changes it")


def size_of(path: str) -> tuple[int, int | str]:
    """Return the size of a file, and what changes when its content does."""
    if isinstance(path, Location) and path.n_bytes is not None:
        return path.n_bytes, path.stamp
    try:
        status = os.stat(opens(path))  # noqa: PTH116
    except OSError:
        status = None
    if status is None or not stat.S_ISREG(status.st_mode):
        raise DataError(f"{path} is not a file that can be read")
    return status.st_size, status.st_mtime_ns
