"""What is recognised by its first bytes and not read, and how people make text of it.

Signatures are those of the formats' own specifications, as PRONOM and the database of ``file(1)`` list them.
"""

from __future__ import annotations

import re
import struct
import zlib
from typing import NamedTuple

HEAD_BYTES = 1 << 16
"""So much of a file is always enough."""


class Foreign(NamedTuple):
    """A format that is not read.

    Attributes
    ----------
    name : str
        What the file is, as a person calls it.
    advice : str
        What to do.
    """

    name: str
    advice: str


_HWP = Foreign("a document of Hangul (HWP)", "save it as text in 한컴오피스, or with hwp5txt (pip install pyhwp)")
_UNPACK = "unpack it, with 7z x, and name the folder"
_NO_TEXT = "it holds no text; leave it out"
_TO_TABLE = "save it as Parquet or CSV"
_OFFICE = "save it as text, or with soffice --headless --convert-to txt:Text"
_SHEETS = "save it as .xlsx, or with soffice --headless --convert-to xlsx"
_PICTURE = Foreign("a picture", "it holds no text; a text in it takes OCR, such as tesseract -l kor")
_SOUND = Foreign("audio or video", _NO_TEXT)
_PROGRAM = Foreign("a program", _NO_TEXT)

_ZIPS = {
    "hwpx": Foreign("a document of Hangul (HWPX)", "save it as text in 한컴오피스"),
    "docx": Foreign("a document of Word (docx)", f"{_OFFICE}, or with pandoc -t plain"),
    "pptx": Foreign("slides of PowerPoint (pptx)", "save them as text, or by way of PDF with pdftotext -layout"),
    "xlsb": Foreign("a workbook of Excel in binary (xlsb)", _SHEETS),
    "epub": Foreign("a book (EPUB)", "make it text with pandoc -t plain"),
    "odt": Foreign("a text of OpenDocument (odt)", f"{_OFFICE}, or with pandoc -t plain"),
    "ods": Foreign("a table of OpenDocument (ods)", _SHEETS),
    "odp": Foreign("slides of OpenDocument (odp)", "save them as text, or by way of PDF with pdftotext -layout"),
    "npz": Foreign("arrays of NumPy (npz)", f"load them with numpy.load, and {_TO_TABLE.replace('it', 'them')}"),
    "pytorch": Foreign("a model of PyTorch", _NO_TEXT),
    "jar": Foreign("a program (jar or apk)", _NO_TEXT),
}
_MIMETYPES = {
    b"application/hwp+zip": "hwpx",
    b"application/epub+zip": "epub",
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
}
_MEMBERS = (
    (r"Contents/content\.hpf$", "hwpx"),
    (r"word/document", "docx"),
    (r"ppt/(presentation|slides/)", "pptx"),
    (r"xl/workbook\.bin$", "xlsb"),
    (r"xl/(workbook|worksheets/|sharedStrings|styles)", "xlsx"),
    (r"[^/]+/data\.pkl$", "pytorch"),
    (r"AndroidManifest\.xml$|META-INF/MANIFEST\.MF$", "jar"),
)
_CONTENT_TYPES = ((b"wordprocessingml", "docx"), (b"presentationml", "pptx"), (b"spreadsheetml", "xlsx"))

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_STREAMS = (
    ("HwpSummaryInformation", _HWP),
    ("BodyText", _HWP),
    ("EncryptedPackage", Foreign("an Office document with a password", "save it without one")),
    ("WordDocument", Foreign("a document of old Word (doc)", f"{_OFFICE}, or with antiword")),
    ("Workbook", Foreign("a workbook of old Excel (xls)", _SHEETS)),
    ("Book", Foreign("a workbook of old Excel (xls)", _SHEETS)),
    ("PowerPoint Document", Foreign("slides of old PowerPoint (ppt)", "save them as text, or as PDF")),
    ("__properties_version1.0", Foreign("a message of Outlook (msg)", "save it as text")),
)

_MAGIC = (
    (
        rb"HWP Document File V[0-9.]+ \x1a",
        Foreign("a document of old Hangul (HWP 3)", "save it as text in 한컴오피스"),
    ),
    (rb"(\xef\xbb\xbf)?\s*%PDF-[0-9]", Foreign("a PDF", "make it text with pdftotext -layout")),
    (rb"%!PS-Adobe", Foreign("PostScript", "make it text with ps2ascii")),
    (rb"\{\\rtf", Foreign("Rich Text (RTF)", _OFFICE)),
    (rb"(?=.{0,60}\x00).{60}BOOKMOBI", Foreign("a book (MOBI)", "make it text with ebook-convert of Calibre")),
    (rb"AT&TFORM.{4}DJV", Foreign("DjVu", "make it text with djvutxt")),
    (rb"7z\xbc\xaf\x27\x1c", Foreign("a 7-Zip archive", _UNPACK)),
    (rb"Rar!\x1a\x07", Foreign("a RAR archive", "unpack it, with unrar x or 7z x, and name the folder")),
    (rb"ALZ\x01", Foreign("an archive of ALZip (ALZ)", "unpack it, with unalz or in 반디집, and name the folder")),
    (rb"EGGA\x00", Foreign("an archive of ALZip (EGG)", "unpack it in 알집 or 반디집, and name the folder")),
    (rb"MSCF\x00{4}", Foreign("a cabinet (CAB)", _UNPACK)),
    (rb"..-lh[0-9d]-(?=.{0,30}\x00)", Foreign("an LZH archive", _UNPACK)),
    (rb"\x60\xea.[\x00-\x05][\x1e-\x30]", Foreign("an ARJ archive", _UNPACK)),
    (rb"!<arch>\n", Foreign("an ar archive or a Debian package", _UNPACK)),
    (rb"07070[127][0-9A-Fa-f]{104}", Foreign("a cpio archive", _UNPACK)),
    (rb"\x04\x22\x4d\x18", Foreign("compressed with LZ4", "decompress it with lz4 -d")),
    (rb"LZIP\x01", Foreign("compressed with lzip", "decompress it with lzip -d")),
    (rb"\x89LZO\x00", Foreign("compressed with lzop", "decompress it with lzop -d")),
    (rb"\x1f\x9d", Foreign("compressed with compress (.Z)", "decompress it with gzip -d")),
    (rb"\x5d\x00\x00.{2}(\xff{8}|.{5}\x00{3})\x00", Foreign("compressed with old LZMA", "decompress it with xz -d")),
    (rb"\xff\x06\x00\x00sNaPpY", Foreign("compressed with Snappy", "decompress it with snzip -d")),
    (rb"SQLite format 3\x00", Foreign("a database of SQLite", "sqlite3 FILE -csv -header 'select …' > FILE.csv")),
    (rb"\x00\x01\x00\x00Standard (Jet|ACE) DB", Foreign("a database of Access", "mdb-export FILE TABLE > FILE.csv")),
    (rb"\x00{8}.{8}\xde\xc0\xef\xbe", Foreign("a database of LMDB", "mdb_dump -p writes out what is in it")),
    (
        rb"\x80[\x02-\x05][\x95(\]}cX\x8c]",
        Foreign("a pickle of Python", "load it in Python, if you trust it, and save it as JSON Lines or Parquet"),
    ),
    (rb"\x93NUMPY", Foreign("an array of NumPy (npy)", f"load it with numpy.load, and {_TO_TABLE}")),
    (rb"\x89HDF\r\n\x1a\n", Foreign("HDF5", f"load it with pandas.read_hdf or h5py, and {_TO_TABLE}")),
    (rb"Obj\x01", Foreign("Avro", "turn it to JSON Lines with fastavro or avro-tools tojson")),
    (rb"ORC(?=.{0,100}[\x00-\x08])", Foreign("ORC", f"load it with pyarrow.orc.read_table, and {_TO_TABLE}")),
    (rb"FEA1\x00", Foreign("Feather version 1", f"load it with pyarrow.feather.read_table, and {_TO_TABLE}")),
    (rb"\$FL[23]@\(#\)", Foreign("data of SPSS", f"load it with pandas.read_spss, and {_TO_TABLE}")),
    (rb"\x00{12}\xc2\xea\x81\x60", Foreign("data of SAS", f"load it with pandas.read_sas, and {_TO_TABLE}")),
    (rb"RD[AX][23]\n[XAB]\n", Foreign("data of R", f"load it in R, and {_TO_TABLE}")),
    (rb"GGUF[\x01-\x09]\x00", Foreign("a language model (GGUF)", _NO_TEXT)),
    (rb'.[\x00-\xff]{2}\x00{5}\{"', Foreign("a model in safetensors", _NO_TEXT)),
    (
        rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a(?=.{0,40}\x00)|II\*\x00|MM\x00\*|8BPS\x00|\x00\x00\x01\x00[^\x00]\x00",
        _PICTURE,
    ),
    (rb"BM.{4}\x00{4}.{4}[\x0c\x28\x38\x40\x6c\x7c]\x00{3}|RIFF.{4}WEBP|\x00\x00..ftyp(heic|heix|mif1|avif)", _PICTURE),
    (rb"ID3[\x02-\x04]|\xff[\xfb\xf3\xf2]|fLaC\x00|OggS\x00|RIFF.{4}(WAVE|AVI )", _SOUND),
    (rb"\x00\x00..ftyp|\x1a\x45\xdf\xa3|\x30\x26\xb2\x75\x8e\x66\xcf\x11|FLV\x01|\x00\x00\x01[\xba\xb3]", _SOUND),
    (rb"\x7fELF|MZ(?=.{0,62}\x00)|\xca\xfe\xba\xbe\x00|[\xce\xcf]\xfa\xed\xfe.\x00\x00|\x00asm", _PROGRAM),
    (rb"wOF[F2]\x00|OTTO\x00|\x00\x01\x00\x00\x00[\x01-\x40]|ttcf\x00", Foreign("a font", _NO_TEXT)),
)
_COMPILED = tuple((re.compile(pattern, re.DOTALL), what) for pattern, what in _MAGIC)


_HWPML = re.compile(rb"(?:<\?xml[^>]*>\s*)?(?:<!DOCTYPE HWPML[^>]*>\s*)?<HWPML\b")


def what_is(head: bytes) -> Foreign | None:
    """Tell what a file is that is not read; None for one that is, and for one that is not known.

    Parameters
    ----------
    head : bytes
        What the file begins with, `HEAD_BYTES` of it or all. No text in an encoding that is read is taken for
        anything else, whatever word it begins with (``MZ세대``, ``BMW``).
    """
    if head.startswith(b"PK\x03\x04"):
        return _ZIPS.get(document_kind(head) or "")
    if head.startswith(_OLE):
        for name, what in _OLE_STREAMS:
            if name.encode("utf-16-le") in head:
                return what
        return _HWP if b"HWP Document File" in head else Foreign("a document of old Office or Hangul", _OFFICE)
    # What may stand before it is taken off first: a pattern that begins with two runs of space is slow on many spaces.
    if _HWPML.match(head.removeprefix(b"\xef\xbb\xbf").lstrip()[:HEAD_BYTES]):
        return Foreign("a document of Hangul in XML (HWPML)", "save it as text in 한컴오피스")
    return next((what for pattern, what in _COMPILED if pattern.match(head)), None)


def document_kind(head: bytes) -> str | None:
    """Tell what document a zip is: ``xlsx``, ``docx``, ``hwpx``…; None for one that is an archive."""
    names = []
    for at, name, content in _zip_members(head):
        names.append(name)
        if name == "mimetype" and at == 0:
            return next((kind for mime, kind in _MIMETYPES.items() if content.strip() == mime), None)
        if name == "[Content_Types].xml":
            found = next((kind for mark, kind in _CONTENT_TYPES if mark in content), None)
            if found and b"sheet.binary" not in content:
                return found
    for pattern, kind in _MEMBERS:
        if any(re.match(pattern, name) for name in names):
            return kind
    return "npz" if names and all(name.endswith(".npy") for name in names) else None


def _zip_members(head: bytes) -> list[tuple[int, str, bytes]]:
    # What can be seen of the members: place, name, and the content of the few that tell what the zip is.
    found, at = [], 0
    while at >= 0 and head[at : at + 4] == b"PK\x03\x04" and len(head) >= at + 30:
        flags, method = struct.unpack_from("<2H", head, at + 6)
        n_stored, _, n_name, n_extra = struct.unpack_from("<2L2H", head, at + 18)
        begin = at + 30 + n_name + n_extra
        name = head[at + 30 : at + 30 + n_name].decode("utf-8", "replace")
        content = b""
        if name in ("mimetype", "[Content_Types].xml"):
            content = head[begin : begin + n_stored] if n_stored else head[begin:]
            if method == 8:
                try:
                    content = zlib.decompressobj(-15).decompress(content, HEAD_BYTES)
                except zlib.error:
                    content = b""
        found.append((at, name, content))
        at = begin + n_stored if n_stored or not flags & 8 else head.find(b"PK\x03\x04", begin)
    return found
