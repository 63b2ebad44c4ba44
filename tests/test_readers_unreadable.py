"""What is recognised and not read: one smallest true beginning of each kind, and texts that begin alike."""

import io
import pickle
import random
import struct
import zipfile

import numpy as np
import openpyxl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from korpus.io.readers.unreadable import HEAD_BYTES, document_kind, what_is
from tests.nasty import TEXT

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def ole(*names):
    return OLE + b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *names))


def zipped(*files, method=zipfile.ZIP_DEFLATED):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data, zipfile.ZIP_STORED if name == "mimetype" else method)
    return made.getvalue()


def saved(save, *args):
    made = io.BytesIO()
    save(made, *args)
    return made.getvalue()


def book():
    made = openpyxl.Workbook()
    made.active.append(["text"])
    return saved(made.save)


TYPES = "[Content_Types].xml"
KINDS = {
    "hwp": (ole("FileHeader", "DocInfo", "BodyText"), "HWP", "hwp5txt"),
    "hwp by its stream": (OLE + b"HWP Document File".ljust(32, b"\0"), "HWP", "hwp5txt"),
    "hwp3": (b"HWP Document File V3.00 \x1a\1\2\3\4\5", "HWP 3", "한컴"),
    "hwpml": (b'<?xml version="1.0" encoding="UTF-8"?>\n<HWPML Version="2.8">', "HWPML", "한컴"),
    "hwpx": (zipped(("mimetype", "application/hwp+zip"), ("version.xml", "<x/>")), "HWPX", "한컴"),
    "doc": (ole("WordDocument"), "(doc)", "soffice"),
    "xls": (ole("Workbook"), "(xls)", "xlsx"),
    "ppt": (ole("PowerPoint Document"), "(ppt)", "text"),
    "password": (ole("EncryptionInfo", "EncryptedPackage"), "password", "without"),
    "ole": (ole("Something"), "old Office", "text"),
    "pdf": (b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", "PDF", "pdftotext -layout"),
    "pdf after junk": (b"\n\n%PDF-1.7\n", "PDF", "pdftotext -layout"),
    "docx": (zipped((TYPES, "x wordprocessingml x"), ("word/document.xml", "")), "docx", "pandoc"),
    "docx by name": (zipped(("docProps/app.xml", "x"), ("word/document.xml", "")), "docx", "pandoc"),
    "pptx": (zipped((TYPES, "x presentationml x")), "pptx", "pdftotext"),
    "xlsb": (zipped((TYPES, "spreadsheetml ms-excel.sheet.binary"), ("xl/workbook.bin", "")), "xlsb", "xlsx"),
    "epub": (zipped(("mimetype", "application/epub+zip")), "EPUB", "pandoc"),
    "odt": (zipped(("mimetype", "application/vnd.oasis.opendocument.text")), "odt", "soffice"),
    "ods": (zipped(("mimetype", "application/vnd.oasis.opendocument.spreadsheet")), "ods", "xlsx"),
    "npz": (saved(lambda file: np.savez(file, np.zeros(1))), "npz", "numpy.load"),
    "pytorch": (zipped(("model/data.pkl", "x"), ("model/version", "3")), "PyTorch", "no text"),
    "jar": (zipped(("META-INF/MANIFEST.MF", "x")), "jar", "no text"),
    "rtf": (rb"{\rtf1\ansi", "RTF", "soffice"),
    "mobi": (b"book".ljust(60, b"\0") + b"BOOKMOBI", "MOBI", "ebook-convert"),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\4", "7-Zip", "7z x"),
    "rar": (b"Rar!\x1a\x07\x01\0", "RAR", "unrar"),
    "alz": (b"ALZ\x01\x0a\0\0\0", "ALZ", "반디집"),
    "egg": (b"EGGA\0\1\1\2\3\4", "EGG", "알집"),
    "cab": (b"MSCF\0\0\0\0", "CAB", "7z"),
    "lzh": (b"\x20\x10-lh5-\x10\0\0\0", "LZH", "7z"),
    "arj": (b"\x60\xea\x29\0\x1e", "ARJ", "7z"),
    "deb": (b"!<arch>\ndebian-binary", "Debian", "7z"),
    "cpio": (b"070701" + b"004A2B3C" * 13, "cpio", "7z"),
    "lz4": (b"\x04\x22\x4d\x18\x64\x40", "LZ4", "lz4 -d"),
    "lz4 of Arrow": (pa.Codec("lz4").compress(b"x" * 50, asbytes=True), "LZ4", "lz4 -d"),
    "lzip": (b"LZIP\x01", "lzip", "lzip -d"),
    "Z": (b"\x1f\x9d\x90", ".Z", "gzip -d"),
    "lzma": (b"\x5d\0\0\x80\0" + b"\xff" * 8 + b"\0", "LZMA", "xz -d"),
    "snappy": (b"\xff\x06\0\0sNaPpY", "Snappy", "snzip"),
    "sqlite": (b"SQLite format 3\0\x10\0", "SQLite", "sqlite3"),
    "access": (b"\0\1\0\0Standard ACE DB\0", "Access", "mdb-export"),
    "lmdb": (bytes(16) + b"\xde\xc0\xef\xbe", "LMDB", "mdb_dump"),
    "npy": (saved(np.save, np.zeros(1)), "npy", "numpy.load"),
    "hdf5": (b"\x89HDF\r\n\x1a\n", "HDF5", "h5py"),
    "avro": (b"Obj\x01\4\x14avro.codec", "Avro", "fastavro"),
    "orc": (b"ORC\x0a\x0b\0", "ORC", "pyarrow.orc"),
    "feather": (b"FEA1\0\0\0\0", "Feather", "pyarrow.feather"),
    "spss": (b"$FL2@(#) SPSS DATA FILE", "SPSS", "read_spss"),
    "sas": (bytes(12) + b"\xc2\xea\x81\x60", "SAS", "read_sas"),
    "r": (b"RDX3\nX\n", "R", "in R"),
    "gguf": (b"GGUF\3\0\0\0", "GGUF", "no text"),
    "safetensors": (struct.pack("<Q", 300) + b'{"weight":{', "safetensors", "no text"),
    "png": (b"\x89PNG\r\n\x1a\n", "picture", "OCR"),
    "jpeg": (b"\xff\xd8\xff\xe0\0\x10JFIF", "picture", "OCR"),
    "gif": (b"GIF89a\1\0\1\0", "picture", "OCR"),
    "tiff": (b"II*\0\x08\0\0\0", "picture", "OCR"),
    "bmp": (b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", "picture", "OCR"),
    "webp": (b"RIFF\x24\0\0\0WEBPVP8 ", "picture", "OCR"),
    "heic": (b"\0\0\0\x18ftypheic", "picture", "OCR"),
    "ico": (b"\0\0\1\0\1\0\x10\x10", "picture", "OCR"),
    "mp3": (b"ID3\x03\0\0\0", "audio", "no text"),
    "mp3 without a tag": (b"\xff\xfb\x90\x64", "audio", "no text"),
    "wav": (b"RIFF\x24\0\0\0WAVEfmt ", "audio", "no text"),
    "ogg": (b"OggS\0\2", "audio", "no text"),
    "flac": (b"fLaC\0\0\0\x22", "audio", "no text"),
    "mp4": (b"\0\0\0\x18ftypisom", "audio", "no text"),
    "mkv": (b"\x1a\x45\xdf\xa3", "audio", "no text"),
    "wmv": (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "audio", "no text"),
    "elf": (b"\x7fELF\2\1\1\0", "program", "no text"),
    "exe": (b"MZ\x90\0\3\0\0\0", "program", "no text"),
    "font": (b"\0\1\0\0\0\x0f\0\x80", "font", "no text"),
}


@pytest.mark.parametrize("kind", list(KINDS))
def test_what_is_not_read(kind):
    head, name, advice = KINDS[kind]
    found = what_is(head)
    assert found is not None
    assert name in found.name
    assert advice in found.advice


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("value", [["글"], {"a": "글"}, "글", ("글", 1), {1, 2}], ids=str)
def test_pickles(protocol, value):
    assert "pickle" in what_is(pickle.dumps(value, protocol)).name


def test_what_is_read_or_not_known():
    assert document_kind(book()) == "xlsx"
    assert what_is(book()) is None
    nested = zipped(("a.docx", KINDS["docx"][0]), ("b.txt", b"x"), method=zipfile.ZIP_STORED)
    assert document_kind(nested) is None
    assert what_is(nested) is None
    for data in (b"", b"PAR1", b"ARROW1\0\0", b"\x1f\x8b\x08", b"PK\5\6", b"PK\3\4", b"\0", b"\xff\xfe\x00\xac"):
        assert what_is(data) is None


BEGINNINGS = """MZ세대는 다르다;BMW 시승기;GIF89a 파일;ID3 태그;RIFF란;ORC;Obj;EGG가 좋다;ALZ 파일;PK전;`가 나;글
LZIP이란;OTTO는;7z로 압축;Rar! 하고;abcdftypisom;%PDF;보라 %PDF-1.4;SQLite format 3;ab-lh5-;FEA1;GGUF;#!AMR;RDX3;!;  x
{"text": "글"};<html>;HWP Document File V3.00;0707010101010101010101010101010101010101010101010101010101010101"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "johab", "utf-16", "utf-16-le", "utf-16-be"])
def test_texts_are_not_taken_for_anything_else(encoding):
    for text in BEGINNINGS.replace("\n", ";").split(";"):
        assert what_is(f"{text}\n둘째 줄이다.\n".encode(encoding)) is None, text


@given(TEXT)
def test_no_text_is_taken_for_anything_else(text):
    if not text.startswith(("{\\rtf", "%PDF-", "%!PS")):
        assert what_is(text.replace("\0", "").encode()) is None


@given(st.binary(max_size=200), st.sampled_from(list(KINDS)))
def test_any_bytes_give_an_answer(data, kind):
    what_is(data)
    what_is(KINDS[kind][0][: len(data)] + data)


def test_damaged_heads():
    chance = random.Random(1)
    for head, *_ in KINDS.values():
        for _ in range(20):
            damaged = bytearray(head[:HEAD_BYTES])
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            what_is(bytes(damaged))
