"""Archives read in place: zip, tar, and tar in gzip, bzip2, xz or zstd. Nothing is ever unpacked to a disk.

`members` lists what an archive holds and what of it is not taken, and why; `expand` gives the same as paths
(`korpus.io.location.Inside`), each of which a worker opens by itself with `open_member`. Members are read as streams,
so that neither their number nor what they decompress to is ever held. A name in an archive is a label: nothing is
written under it, so that one with ``../`` or a leading slash does no harm, and is taken as it is.
"""

from __future__ import annotations

import bz2
import io
import lzma
import os
import re
import zlib
from collections.abc import Iterable
from typing import Any, NamedTuple

from korpus.errors import DataError
from korpus.io.compress import ByteStream, compression_of
from korpus.io.location import Inside, Location, is_remote, opens
from korpus.io.opening import open_input

SEPARATOR = "!"
"""Stands between the path of an archive and the name of a member.

It is only shown: what opens a member is its place in the archive, so that a folder ``a.zip!b`` beside ``a.zip`` does no
harm.
"""
MAX_MEMBERS = 1_000_000
HEAD_BYTES = 4096
"""So much of a member is looked at to see whether it is an archive itself."""

_DOCUMENT = re.compile(
    rb"mimetype$|\[Content_Types\]\.xml|_rels/|docProps/|customXml/|META-INF/|AndroidManifest\.xml$|"
    rb"xl/(workbook|worksheets|styles|theme|sharedStrings|_rels)|word/(document|_rels)|ppt/(presentation|slides|_rels)"
)
"""What the first member of a zip is called that is a document of some program: a workbook, a text, a book, a jar."""
_READ = re.compile(r"\.(zip|tar|tgz|tbz2?|txz|tzst|tar\.(gz|bz2|xz|zst))$", re.IGNORECASE)
_PIECE_BYTES = 1 << 18


def is_name(path: str) -> bool:
    """Tell whether a file in a folder is called as archives are that can be read."""
    return _READ.search(path) is not None


class Member(NamedTuple):
    """A file in an archive.

    Attributes
    ----------
    name : str
        As the archive has it.
    n_bytes : int
        Its size, as far as the archive tells the truth.
    kind : str
        That of the archive; see `kind_of`.
    offset : int
        Where it begins: its local header in a zip, its content in the decompressed tar.
    n_stored : int
        How many bytes of the archive it takes up; fewer than it should in one that is cut off.
    method, crc : int
        Of a zip: how it is compressed, and the CRC-32 of its content; -1 where that is not known.
    """

    name: str
    n_bytes: int
    kind: str
    offset: int
    n_stored: int
    method: int = 0
    crc: int = -1

    @property
    def in_place(self) -> bool:
        """Whether any part of it can be read by itself, as of a plain file."""
        return self.kind == "tar" and self.n_bytes == self.n_stored


class Passed(NamedTuple):
    """What is not taken of an archive.

    Attributes
    ----------
    name : str
        The member; empty for the archive as such.
    reason : str
        For a person, with what to do where something can be done.
    is_damage : bool
        Whether something is lost that was in the archive once.
    """

    name: str
    reason: str
    is_damage: bool = False


class Listing(NamedTuple):
    """The members of an archive in its order, and what is not taken."""

    members: list[Member]
    passed: list[Passed]


def kind_of(head: bytes) -> str | None:
    """Tell what archive a file is: ``zip``, ``tar``, ``tar.gz``, ``tar.bz2``, ``tar.xz``, ``tar.zst``, or None.

    Parameters
    ----------
    head : bytes
        What the file begins with; 1 MiB is always enough, 512 bytes are for those that are not compressed.

    Notes
    -----
    None for zips that are documents: workbooks, books, packages.
    """
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"PK00PK\x03\x04")):
        at = head.find(b"PK\x03\x04", 0, 9)
        name = head[at + 30 : at + 30 + int.from_bytes(head[at + 26 : at + 28], "little")] if at >= 0 else b""
        return None if _DOCUMENT.match(name) else "zip"
    from korpus.io.tars import is_header

    if is_header(head[:512]):
        return "tar"
    compression = compression_of(head)
    return f"tar.{compression}" if compression and is_header(_begin(head, compression)) else None


def _begin(head: bytes, compression: str) -> bytes:
    # The first 512 bytes of what a part of a compressed file holds, or as many as the part gives.
    try:
        if compression == "zst":
            import pyarrow as pa

            stream, data = pa.CompressedInputStream(pa.BufferReader(head), "zstd"), b""
            while len(data) < 512 and (byte := stream.read(512 - len(data))):
                data += byte
            return data
        if compression == "gz":
            return zlib.decompressobj(31).decompress(head, 512)
        make = bz2.BZ2Decompressor if compression == "bz2" else lambda: lzma.LZMADecompressor(memlimit=MEMORY_BYTES)
        return make().decompress(head, 512)
    except (OSError, EOFError, zlib.error, lzma.LZMAError):
        return b""


MEMORY_BYTES = 256 << 20
"""Most memory that a decompressor may take; a damaged header can ask for gigabytes."""


def members(path: str, kind: str | None = None) -> Listing:
    """List an archive, in memory bounded by the names of its members.

    Folders are not spoken of. Hidden files (``.x``, and ``__MACOSX/`` of macOS), links, devices, encrypted members,
    methods that nobody but their maker reads, archives within the archive, and all but the last of several members of
    one name, which is the one that unpacking leaves, are passed over with a reason. A damaged archive gives what there
    is up to the damage; a zip without its directory is read by the headers of its members.

    Parameters
    ----------
    path : str
        The archive: a local path, a remote one or an `Inside`.
    kind : str, optional
        What `kind_of` says, if that is known.

    Raises
    ------
    DataError
        If it cannot be opened, is no archive, or has more than `MAX_MEMBERS` members.
    """
    if kind is None:
        with open_input(path) as file:
            kind = kind_of(file.read(1 << 20))
    if kind is None:
        raise DataError(f"{path} is no archive that can be read (zip, tar, tar.gz, tar.bz2, tar.xz, tar.zst)")
    if kind == "zip":
        from korpus.io.zips import walk
    else:
        from korpus.io.tars import walk
    try:
        return _sifted(walk(path, kind), path)
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}") from error


def _sifted(found: Iterable[tuple[Member, bytes] | Passed], path: str) -> Listing:
    taken: dict[str, Member] = {}
    passed: list[Passed] = []
    for n, item in enumerate(found):
        if n == MAX_MEMBERS:
            raise DataError(f"{path} has more than {MAX_MEMBERS:,} members; unpack it, and name the folder")
        if isinstance(item, Passed):
            passed.append(item)
            continue
        member, head = item
        if reason := _reason(member.name, head):
            passed.append(Passed(member.name, reason))
            continue
        if taken.pop(member.name, None):
            passed.append(Passed(member.name, "a later member has the same name, and would replace it"))
        taken[member.name] = member
    return Listing(list(taken.values()), passed)


def _reason(name: str, head: bytes) -> str | None:
    steps = name.split("/")
    if steps[0] == "__MACOSX" or any(step.startswith(".") and step.strip(".") for step in steps):
        return "a hidden file"
    if (kind := kind_of(head)) or (_READ.search(name) and not head.startswith(b"PK")):
        return f"an archive within the archive{f' ({kind})' if kind else ''}; unpack the outer one"
    return None


def expand(path: str, kind: str | None = None) -> tuple[list[Inside], list[Passed]]:
    """Return the members of an archive as paths, and what is not taken; see `members`.

    A path is shown as ``folder/a.zip!inner/x.jsonl``.

    Raises
    ------
    DataError
        As `members` does.
    """
    listing = members(path, kind)
    elsewhere = isinstance(path, Location) or is_remote(path)
    stamp = getattr(path, "stamp", 0) if elsewhere else os.stat(path).st_mtime_ns  # noqa: PTH116
    shown, real = f"{path}{SEPARATOR}", f"{opens(path)}{SEPARATOR}"
    made = [Inside(shown + each.name, real + each.name, each.n_bytes, stamp, path, each) for each in listing.members]
    return made, listing.passed


def open_member(path: str, member: Member) -> MemberFile:
    """Open a member for reading.

    Members of a compressed tar that are opened in the order of the archive, each of them several times for its first
    megabytes, take one way through it together.

    Returns
    -------
    MemberFile
        Its `read` gives all bytes that there are, and then raises `OSError`, without an error number, if they are
        not what the archive says: cut off, damaged, longer, of another CRC-32.

    Raises
    ------
    OSError, DataError
        If the archive cannot be opened.
    """
    if member.kind == "zip":
        from korpus.io.zips import ZipMember

        return ZipMember(path, member)
    from korpus.io.tars import Slice, TapeMember

    return Slice(path, member) if member.kind == "tar" else TapeMember(path, member)


def open_at_random(path: Inside) -> io.RawIOBase | io.BytesIO:
    """Open a member to be read here and there: a range of the archive or, of one that is compressed, a copy in memory.

    Raises
    ------
    DataError
        If it is compressed and larger than `MEMORY_BYTES`.
    OSError
        If it is damaged, without an error number; or cannot be read, with one.
    """
    file = open_member(path.archive, path.member)
    if path.member.in_place:
        return file
    with file:
        data = file.read(MEMORY_BYTES + 1)
        if len(data) <= MEMORY_BYTES:
            file.read(1)  # raises what is wrong with its end
    if len(data) > MEMORY_BYTES:
        raise DataError(
            f"{path} is larger than {MEMORY_BYTES:,} bytes, and its format cannot be read in order; unpack the archive"
        )
    return io.BytesIO(data)


class MemberFile(io.RawIOBase):
    """A file in an archive; to read before what has been read may mean to begin again.

    Attributes
    ----------
    n_bytes : int
        Its size, as far as it is known.
    """

    def __init__(self, n_bytes: int):
        self.n_bytes, self._at = n_bytes, 0

    def _take(self, n: int) -> bytes:
        """Return up to `n` bytes from the place on, none at the end; raise `OSError` where there should be more."""
        raise NotImplementedError

    def read(self, n: int = -1) -> bytes:
        """Return the next `n` bytes; fewer only at the end, and before what is damaged."""
        pieces: list[bytes] = []
        left = n if n is not None and n >= 0 else 1 << 62
        while left:
            try:
                piece = self._take(min(left, _PIECE_BYTES))
            except OSError:
                if pieces:
                    break  # it says so again
                raise
            if not piece:
                break
            self._at += len(piece)
            left -= len(piece)
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with the next bytes; return how many."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place, counted from the beginning (0), from here (1) or from the end (2)."""
        self._at = min(max(0, offset + (0, self._at, self.n_bytes)[whence]), self.n_bytes)
        return self._at

    def tell(self) -> int:
        """Return the place."""
        return self._at

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True


def stamp_of(path: str) -> tuple:
    """Return what tells an archive from another that has taken its place."""
    if isinstance(path, Inside) or is_remote(path):
        return opens(path), getattr(path, "stamp", 0)
    status = os.stat(opens(path))  # noqa: PTH116
    return opens(path), status.st_size, status.st_mtime_ns, status.st_ino


def decompressed(path: str, kind: str) -> ByteStream:
    """Open a compressed tar as the stream of its decompressed bytes."""
    return ByteStream(path, kind.partition(".")[2])
