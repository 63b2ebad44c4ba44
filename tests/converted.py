"""What every format must keep that becomes JSON Lines while it is read."""

import io
import json

import pytest

from korpus.errors import DataError
from korpus.io.readers import ReadOptions, converted, lines
from korpus.io.readers.base import InputFile
from korpus.io.readers.formats import looks_like
from korpus.io.readers.source import open_source
from tests.reading import COMPRESS, read, write

ENCODINGS = ("utf-8", "utf-8-sig", "cp949", "utf-16")


def documents(result):
    return [document for _, document in result[0]]


def rejects(result):
    return [(bad.reason, bad.text) for _, bad in result[1]]


def of(folder, name, data, format, **options):
    """Return the documents and rejects of a file."""
    result = read(write(folder, name, data), format=format, damages=[], **options)
    return documents(result), rejects(result)


def lined(path, format):
    """Return the lines that a file becomes, and what is wrong with its end."""
    file = InputFile(0, str(path), format, None, 0)
    with open_source(file, ReadOptions()) as stream:
        return stream.read(1 << 30), stream.error


def same_in_every_encoding(folder, name, text, format, **options):
    """Hold that encodings, byte order marks, line ends and compression make no difference."""
    made = []
    for encoding in ENCODINGS:
        for newline in ("\n", "\r\n"):
            for extension in ("", ".gz"):
                data = COMPRESS[extension](text.replace("\n", newline).encode(encoding))
                docs, bad = of(folder, name + extension, data, format, **options)
                made.append(([{**doc, "path": None} for doc in docs], bad))
    assert made[0][0]
    assert all(each == made[0] for each in made[1:])


def same_in_pieces(monkeypatch, folder, name, text, format):
    """Hold that the stream gives the same lines, whatever the pieces are that it reads."""
    path = write(folder, name, text)
    expected = lined(path, format)
    for size in (1, 2, 3, 5, 7, 11, 64, 100, 257):
        monkeypatch.setattr(converted, "_PIECE_BYTES", size)
        assert lined(path, format) == expected, size
    for line in expected[0].splitlines():
        assert line.startswith(b'"') or json.loads(line)


def cut_anywhere_loses_only_the_end(folder, name, text, format, n_begun=1):
    """Hold that a file cut off keeps all documents but for the last that it has begun, of `n_begun` languages."""
    whole, _ = lined(write(folder, name, text), format)
    whole = whole.splitlines()
    data = text.encode()
    for stop in range(len(data)):
        got, _ = lined(write(folder, name, data[:stop]), format)
        got = got.splitlines()
        n_same = next((i for i, (a, b) in enumerate(zip(got, whole)) if a != b), min(len(got), len(whole)))
        assert len(got) - n_same <= n_begun, (stop, got[n_same:])


class Torn(io.RawIOBase):
    """A stream that breaks off, as that of a damaged file does."""

    path = "torn"

    def __init__(self, data, error):
        self.data, self.said, self.error = data, error, None

    def consumed(self):
        return 0

    def read(self, n):
        piece, self.data = self.data[:n], self.data[n:]
        self.error = None if self.data else self.said
        return piece


def damage_is_told(make, text, step=7):
    """Hold that a damaged source leaves the last line without its end, and is told."""
    data = text.encode()
    for stop in range(0, len(data), step):
        stream = make(Torn(data[:stop], "damaged"), "name", lines.held_bytes(ReadOptions()))
        made = stream.read(1 << 30)
        assert stream.error == "damaged"
        whole = [line for line in made.split(b"\n")[:-1] if line.startswith(b"{")]
        assert all(json.loads(line) for line in whole)


def never_held_whole(make, begin, body):
    """Hold that a line, or a document, that never ends is made into no more than shows that it is too long."""

    class Endless(Torn):
        left = 1 << 20

        def read(self, n):
            n = min(n, self.left)
            self.left -= n
            data = (self.data + body * (n // len(body) + 1))[:n]
            self.data = b""
            return data

    stream = make(Endless(begin, None), "name", 1 << 12)
    assert len(stream.read(1 << 30)) < 1 << 15


def is_known(format, good, bad):
    """Hold that the beginning of a file tells its format, wherever it is cut, and never that of others."""
    for text in good:
        assert looks_like(format, text.encode()), text
        assert looks_like(format, b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()), text
        data = text.encode()
        for stop in range(len(data)):
            looks_like(format, data[:stop])
    for text in bad:
        assert not looks_like(format, text.encode()), text


def refuses(folder, name, text, format, match):
    """Hold that a file of something else, and an empty one, give an error that says so."""
    with pytest.raises(DataError, match=match):
        read(write(folder, name, text), format=format)
    with pytest.raises(DataError, match="the input has no documents"):
        read(write(folder, name, ""), format=format)
