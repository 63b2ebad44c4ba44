"""Archives: what is in them, what is passed over, what is damaged, and how often their bytes are read."""

import bz2
import contextlib
import gzip
import io
import json
import pickle
import random
import struct
import tarfile
import warnings
import zipfile
import zlib

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import korpus
from korpus.errors import DataError, KorpusError
from korpus.io import archives, tars, zips
from korpus.io.archives import expand, kind_of, members, open_member
from korpus.io.compress import ByteStream
from korpus.io.location import Inside, is_remote, opens
from tests.elsewhere import s3_store
from tests.reading import COMPRESS, read, texts, write

KINDS = {"tar": "", "tar.gz": ".gz", "tar.bz2": ".bz2", "tar.xz": ".xz", "tar.zst": ".zst"}
FILES = {
    "둘/나.jsonl": "".join(json.dumps({"text": f"나 {i}"}) + "\n" for i in range(50)).encode(),
    "하나.jsonl": b'{"text": "\xea\xb0\x80"}\n',
    "빈.txt": b"",
    "둘/셋/다.txt.gz": gzip.compress("라\n마\n".encode()),
}


@pytest.fixture(autouse=True)
def nothing_left_open():
    yield
    tars.release()


def tar(files=FILES, **options):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", **options) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return made.getvalue()


def zipped(files=FILES, method=zipfile.ZIP_DEFLATED):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def packed(kind, files=FILES):
    return zipped(files) if kind == "zip" else COMPRESS[KINDS[kind]](tar(files))


def contents(path, kind=None):
    """Return what the members hold, with the error that each ends with."""
    found = {}
    for member in members(str(path), kind).members:
        pieces, error = [], None
        with open_member(str(path), member) as file:
            try:
                while piece := file.read(70_000):
                    pieces.append(piece)
            except OSError as raised:
                error = f"errno {raised.errno}" if raised.errno else str(raised)
        assert error is None or not error.startswith("errno")
        found[member.name] = (b"".join(pieces), error)
    return found


@pytest.mark.parametrize("kind", ["zip", *KINDS])
def test_members_in_the_order_of_the_archive(tmp_path, kind):
    data = packed(kind)
    path = str(write(tmp_path, "any name", data))
    assert kind_of(data) == kind
    listing = members(path)
    assert [member.name for member in listing.members] == list(FILES)
    assert [member.n_bytes for member in listing.members] == [len(each) for each in FILES.values()]
    assert not listing.passed
    assert contents(path) == {name: (each, None) for name, each in FILES.items()}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_of_zip(tmp_path, method):
    big = random.Random(1).randbytes(300_000) + bytes(200_000)
    path = write(tmp_path, "a.zip", zipped({"b": big, "a": b""}, method))
    assert contents(path) == {"b": (big, None), "a": (b"", None)}


def by_hand(name, data, method=0, flags=0, crc=None, n_plain=None, stored=None, described=False):
    """Return a local header with its content, and the entry of the directory, of one member."""
    stored = data if stored is None else stored
    crc = zlib.crc32(data) if crc is None else crc
    n_plain = len(data) if n_plain is None else n_plain
    sizes = struct.pack("<3L", crc, len(stored), n_plain)
    flags |= 8 if described else 0
    local = struct.pack("<4s5H", b"PK\3\4", 20, flags, method, 0, 0) + (bytes(12) if described else sizes)
    local += struct.pack("<2H", len(name), 0) + name + stored + (b"PK\7\x08" + sizes if described else b"")
    entry = struct.pack("<4s6H", b"PK\1\2", 20, 20, flags, method, 0, 0) + sizes
    return local, entry + struct.pack("<5H2L", len(name), 0, 0, 0, 0, 0, 0), name


def join(*made):
    data, directory = b"", b""
    for local, entry, name in made:
        directory += entry[:42] + struct.pack("<L", len(data)) + name
        data += local
    return (
        data + directory + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, len(made), len(made), len(directory), len(data), 0)
    )


def test_zstd_in_a_zip(tmp_path):
    data = b"abc" * 100_000
    stored = pa.Codec("zstd").compress(data, asbytes=True)
    path = write(
        tmp_path, "a.zip", join(by_hand(b"a", data, 93, stored=stored), by_hand(b"b", data, 93, stored=stored[:20]))
    )
    found = contents(path)
    assert found["a"] == (data, None)
    assert found["b"][1]


def test_large_streamed_and_self_extracting_zips(tmp_path):
    class Pipe(io.RawIOBase):
        data = b""

        def writable(self):
            return True

        def write(self, piece):
            self.data += bytes(piece)
            return len(piece)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = b"PK\5\6 as a comment"
        archive.writestr("a", b"1" * 10_000)
        with archive.open("b", "w", force_zip64=True) as file:
            file.write(b"2" * 70_000)
    expected = {"a": (b"1" * 10_000, None), "b": (b"2" * 70_000, None)}
    path = write(tmp_path, "a.zip", pipe.data)
    assert contents(path) == expected
    assert not members(str(path)).passed
    assert contents(write(tmp_path, "b.zip", b"MZ" + bytes(1000) + pipe.data), "zip") == expected
    cut = pipe.data[: pipe.data.rindex(b"PK\1\2")]
    assert contents(write(tmp_path, "c.zip", cut)) == expected


def test_more_members_than_16_bits_count(tmp_path):
    data = zipped({f"{i}": b"" for i in range(70_000)}, zipfile.ZIP_STORED)
    assert len(members(str(write(tmp_path, "a.zip", data))).members) == 70_000


def test_sparse_files_are_stepped_over(tmp_path):
    block = bytearray(tarfile.TarInfo("sparse").tobuf(tarfile.GNU_FORMAT))
    block[156:157], block[482] = b"S", 1
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    extended = bytearray(512)
    extended[504] = 1
    path = write(tmp_path, "a.tar", bytes(block) + bytes(extended) + bytes(512) + tar({"a": b"1"}))
    assert contents(path) == {"a": (b"1", None)}
    assert "sparse" in members(str(path)).passed[0].reason


def test_names_of_korean_windows_and_macos(tmp_path):
    names = [
        "한글/가나다.txt".encode("cp949"),
        "맥.txt".encode(),
        "caf\u00e9.txt".encode("cp437"),
        b"dir\\\xb0\xa1.txt",
    ]
    path = write(tmp_path, "a.zip", join(*(by_hand(name, b"x") for name in names)))
    assert [m.name for m in members(str(path)).members] == ["한글/가나다.txt", "맥.txt", "café.txt", "dir/가.txt"]
    path = write(tmp_path, "a.tar", tar({"한글.txt": b"x"}, encoding="cp949", format=tarfile.GNU_FORMAT))
    assert [m.name for m in members(str(path)).members] == ["한글.txt"]


@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names(tmp_path, format):
    files = {
        "폴더/" * 12 + "이름" * n + ".txt": b"x" * n for n in ((1, 3) if format == tarfile.USTAR_FORMAT else (1, 50))
    }
    path = write(tmp_path, "a.tar", tar(files, format=format))
    assert contents(path) == {name: (data, None) for name, data in files.items()}


def test_what_is_passed_over_in_a_tar(tmp_path):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, type_ in (
            ("폴더", b"5"),
            ("연결", b"2"),
            ("같은 것", b"1"),
            ("장치", b"3"),
            ("관", b"6"),
            ("모름", b"Q"),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = type_, "어디"
            archive.addfile(info)
        for name in ("./a.txt", "../../etc/b.txt", "/c.txt", ".hidden", "d/._d.txt", "__MACOSX/e.txt", "a.txt"):
            info = tarfile.TarInfo(name)
            info.size = 4
            archive.addfile(info, io.BytesIO(name[-5:-1].encode()))
        for name, data in (
            ("inner.zip", zipped()),
            ("inner", COMPRESS[".gz"](tar())),
            ("x.tar.bz2", bz2.compress(b"0")),
        ):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    listing = members(str(write(tmp_path, "a.tar", made.getvalue())))
    assert [member.name for member in listing.members] == ["../../etc/b.txt", "/c.txt", "a.txt"]
    assert {passed.name: passed.reason.split(";")[0] for passed in listing.passed} == {
        "연결": "a link",
        "같은 것": "a link",
        "장치": "a device",
        "관": "a pipe",
        "모름": "of a type that is not known ('Q')",
        ".hidden": "a hidden file",
        "d/._d.txt": "a hidden file",
        "__MACOSX/e.txt": "a hidden file",
        "a.txt": "a later member has the same name, and would replace it",
        "inner.zip": "an archive within the archive (zip)",
        "inner": "an archive within the archive (tar.gz)",
        "x.tar.bz2": "an archive within the archive",
    }
    assert not any(passed.is_damage for passed in listing.passed)


def test_what_is_passed_over_in_a_zip(tmp_path):
    same = by_hand(b"same", b"1"), by_hand(b"same", b"2")
    made = [
        by_hand(b"ok", b"x"),
        by_hand(b"secret", b"x", flags=1),
        by_hand(b"d64", b"x", 9),
        by_hand(b"folder/", b""),
        *same,
    ]
    path = str(write(tmp_path, "a.zip", join(*made)))
    listing = members(path)
    assert [member.name for member in listing.members] == ["ok", "same"]
    assert contents(path)["same"] == (b"2", None)
    assert [(passed.name, passed.reason.partition(",")[0].partition(";")[0]) for passed in listing.passed] == [
        ("secret", "it is encrypted"),
        ("d64", "it is compressed with Deflate64"),
        ("same", "a later member has the same name"),
    ]


def test_documents_that_are_zips_are_no_archives():
    for name in (
        "[Content_Types].xml",
        "mimetype",
        "docProps/app.xml",
        "xl/worksheets/sheet1.xml",
        "META-INF/MANIFEST.MF",
    ):
        assert kind_of(zipped({name: b"x"})) is None
    assert kind_of(zipped({"word/list.txt": b"x"})) == "zip"
    assert kind_of(zipped({})) == "zip"
    for data in (
        b"",
        b"{}",
        b"\0" * 512,
        b"x" * 600,
        gzip.compress(b"x" * 600),
        b"\x1f\x8b",
        b"BZh9",
        b"PK",
    ):
        assert kind_of(data) is None


def test_members_that_lie_and_bombs(tmp_path):
    deflated = zlib.compress(bytes(5_000_000), 9)[2:-4]
    bomb = bytes(5_000_000)
    made = [
        by_hand(b"longer", bomb, 8, stored=deflated, n_plain=1000, crc=0),
        by_hand(b"shorter", bomb, 8, stored=deflated, n_plain=6_000_000, crc=0),
        by_hand(b"crc", b"xyz", crc=1),
        by_hand(b"huge", b"xyz", n_plain=1 << 31),
        by_hand(b"fine", bomb, 8, stored=deflated),
        by_hand(b"junk", b"\xff\xff\xff", 8),
    ]
    path = str(write(tmp_path, "a.zip", join(*made)))
    found = {name: (len(data), error) for name, (data, error) in contents(path).items()}
    assert found["longer"] == (1000, "this member is longer than the archive says")
    assert found["shorter"] == (5_000_000, "this member is shorter than the archive says")
    assert found["crc"] == (3, "this member is damaged: its content has not the CRC-32 that the archive says")
    assert found["huge"][0] == 3
    assert found["fine"] == (5_000_000, None)
    assert "damaged" in found["junk"][1]
    local, entry, name = by_hand(b"a", b"xyz")
    data = bytearray(join((local, entry, name), (b"", entry.replace(b"a", b"b"), b"b")))
    at = data.rfind(b"PK\1\2")
    data[at + 42 : at + 46] = bytes(4)
    listing = members(str(write(tmp_path, "b.zip", bytes(data))))
    assert [member.name for member in listing.members] == ["a"]
    assert "overlaps" in listing.passed[0].reason


def test_a_reader_holds_little_of_what_it_reads(tmp_path):
    stored = zlib.compress(bytes(100_000_000), 9)[2:-4]
    path = str(
        write(tmp_path, "a.zip", join(by_hand(b"a", b"", 8, stored=stored, n_plain=100_000_000, crc=-1 & 0xFFFFFFFF)))
    )
    (member,) = members(path).members
    with open_member(path, member) as file:
        assert file.read(1)
        assert max(len(file._decompressed(1 << 16)) for _ in range(200)) <= 1 << 16


@pytest.mark.parametrize("described", [False, True])
def test_a_zip_without_its_directory(tmp_path, described):
    text = random.Random(2).randbytes(5000)
    stored = zlib.compress(text)[2:-4]
    made = [
        by_hand(b"a.txt", text, 8, stored=stored, described=described),
        by_hand(b"b.txt", b"plain", described=described),
    ]
    made += [by_hand(b"c.txt", text, 8, stored=stored, described=described)]
    whole = join(*made)
    path = write(tmp_path, "a.zip", whole[: whole.index(b"PK\1\2") + 50])
    assert contents(path) == {"a.txt": (text, None), "b.txt": (b"plain", None), "c.txt": (text, None)}
    assert [(passed.name, passed.is_damage) for passed in members(str(path)).passed] == [("", True)]
    path = write(tmp_path, "b.zip", whole[: len(made[0][0]) + len(made[1][0]) + 2000])
    found = contents(path)
    assert found["a.txt"] == (text, None)
    data, error = found["c.txt"]
    assert error
    assert 1000 < len(data) < 5000
    assert text.startswith(data)


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_tar_cut_off(tmp_path, kind):
    body = {f"{i}.txt": random.Random(i).randbytes(200_000) for i in range(8)}
    data = packed(kind, body)
    path = write(tmp_path, "a.tar", data[: len(data) * 3 // 5])
    found = contents(path)
    whole = [name for name, (got, error) in found.items() if error is None]
    assert 2 <= len(whole) < 8
    assert all(found[name] == (body[name], None) for name in whole)
    assert all(body[name].startswith(got) for name, (got, _) in found.items())
    assert any(passed.is_damage for passed in members(str(path)).passed)


def test_joined_tars_and_one_without_an_end(tmp_path):
    path = write(tmp_path, "a.tar", tar({"a": b"1"}) + tar({"b": b"2"}))
    assert contents(path) == {"a": (b"1", None), "b": (b"2", None)}
    path = write(tmp_path, "b.tar", tar({"a": b"1"})[:1024])
    assert contents(path) == {"a": (b"1", None)}
    assert "mark of its end" in members(str(path)).passed[0].reason
    path = write(tmp_path, "c.tar", tar({"a": b"1"}) + b"no header" * 100)
    assert members(str(path)).passed[0].is_damage
    path = write(tmp_path, "d.tgz", gzip.compress(tar({"a": b"1"}) + bytes(50_000_000)))
    assert [passed.reason.partition(" zeros")[0] for passed in members(str(path)).passed] == ["more than 4,194,304"]


def counted(monkeypatch, compression="gz"):
    """Count the bytes that are decompressed."""
    counts = [0]
    inner = ByteStream.read

    def read(self, n):
        data = inner(self, n)
        counts[0] += len(data) if self.compression == compression else 0
        return data

    monkeypatch.setattr(ByteStream, "read", read)
    return counts


def test_three_thousand_members_of_a_compressed_tar_are_read_in_linear_time(tmp_path, monkeypatch):
    bodies = {f"{i:04}.txt": f"{i}\n".encode() * 300 for i in range(3000)}
    whole = tar(bodies)
    path = str(write(tmp_path, "a.tgz", gzip.compress(whole, 1)))
    counts = counted(monkeypatch)
    listing = members(path)
    assert counts[0] == len(whole)
    for member in listing.members:
        for n in (100, 1 << 16, 1 << 20):
            with open_member(path, member) as file:
                assert file.read(n) == bodies[member.name][:n]
    assert counts[0] <= 2 * len(whole) + 1


def test_the_input_goes_through_a_compressed_tar_a_few_times(tmp_path, monkeypatch):
    bodies = {f"{i:03}.jsonl": b'{"text": "x"}\n' * 500 for i in range(300)}
    whole = tar(bodies)
    path = write(tmp_path, "a.tar.gz", gzip.compress(whole, 1))
    counts = counted(monkeypatch, "gz")
    assert len(read(path)[0]) == 150_000
    # To list it, to tell the formats, to tell the columns, and to read it.
    assert counts[0] <= 4 * len(whole)


def test_members_larger_than_what_a_tape_holds(tmp_path, monkeypatch):
    monkeypatch.setattr(tars, "_WINDOW_BYTES", 1 << 20)
    whole = tar({f"{i}.txt": (f"{i}째 줄이다 " * 700 + "\n").encode() * 300 for i in range(10)})
    path = write(tmp_path, "a.tar.gz", gzip.compress(whole, 1))
    counts = counted(monkeypatch)
    assert len(read(path)[0]) == 3000
    assert counts[0] <= 4 * len(whole) + (8 << 20)


def test_seeking(tmp_path):
    body = random.Random(4).randbytes(1_000_000)
    for kind in ("zip", "tar", "tar.gz"):
        path = str(write(tmp_path, "a", packed(kind, {"a": body})))
        with open_member(path, members(path).members[0]) as file:
            for at, n in ((10, 5), (999_990, 100), (0, 3), (500_000, 70_000), (1_000_000, 5), (3, 1_000_000)):
                assert file.seek(at) == at
                assert file.read(n) == body[at : at + n]
            assert file.seek(-4, 2) == 999_996
            assert file.read() == body[-4:]


def test_readers_at_once_do_not_wind_one_tape(tmp_path, monkeypatch):
    bodies = {f"{i}.txt": random.Random(i).randbytes(6_000_000) for i in range(3)}
    path = str(write(tmp_path, "a.tar.gz", gzip.compress(tar(bodies), 1)))
    counts = counted(monkeypatch)
    listing = members(path)
    files = [open_member(path, member) for member in listing.members]
    for n in range(0, 6_000_000, 500_000):
        for file, body in zip(files, bodies.values()):
            assert file.read(500_000) == body[n : n + 500_000]
    for file in files:
        file.seek(1_000_000)
        assert file.read(10) == bodies[f"{files.index(file)}.txt"][1_000_000:1_000_010]
        file.close()
    assert counts[0] < 8 * sum(map(len, bodies.values()))


def test_an_archive_that_is_replaced(tmp_path):
    path = str(write(tmp_path, "a.tar.gz", packed("tar.gz", {"a": b"old" * 1000})))
    assert contents(path)["a"][0][:3] == b"old"
    write(tmp_path, "a.tar.gz", packed("tar.gz", {"a": b"new!" * 1000}))
    assert contents(path)["a"][0] == b"new!" * 1000


@pytest.mark.parametrize("kind", ["zip", *KINDS])
def test_damage_anywhere_is_an_error_or_data(tmp_path, kind):
    chance = random.Random(7)
    data = packed(kind, FILES | {"임의.txt": chance.randbytes(3000), "긴 이름" * 30: b"x" * 700})
    for _ in range(150):
        damaged = bytearray(data)
        for _ in range(chance.choice([1, 3, 30])):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        if chance.random() < 0.3:
            del damaged[chance.randrange(len(damaged)) :]
        path = write(tmp_path, "x", bytes(damaged))
        with contextlib.suppress(KorpusError):
            contents(path)


def test_paths_of_members(tmp_path):
    path = write(tmp_path, "a.zip", packed("zip"))
    inside, passed = expand(str(path))
    assert not passed
    assert inside[0] == f"{path}!둘/나.jsonl"
    again = pickle.loads(pickle.dumps(inside[0]))
    assert type(again) is Inside
    assert (again, again.archive, again.member, opens(again)) == (
        inside[0],
        path.as_posix(),
        inside[0].member,
        inside[0],
    )
    assert not is_remote(again)
    with ByteStream(inside[3], "gz") as stream:
        assert stream.read(100).decode() == "라\n마\n"


def test_too_many_members_and_what_is_no_archive(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_MEMBERS", 2)
    monkeypatch.setattr(zips, "MAX_MEMBERS", 2)
    for kind in ("zip", "tar"):
        with pytest.raises(DataError, match="more than 2 members; unpack it"):
            members(str(write(tmp_path, "a", packed(kind))))
    with pytest.raises(DataError, match="is no archive that can be read"):
        members(str(write(tmp_path, "b.zip", b"PKZIP")))
    with pytest.raises(DataError):
        members(str(tmp_path / "missing"), "zip")


@pytest.mark.parametrize("kind", ["zip", *KINDS])
def test_the_input_may_be_in_archives(tmp_path, kind):
    write(tmp_path, f"a.{kind}", packed(kind))
    write(tmp_path, "b.txt", "바\n")
    expected = [*(f"나 {i}" for i in range(50)), "가", "라", "마"]
    assert texts(read(tmp_path / f"a.{kind}")) == expected
    assert texts(read(tmp_path)) == [*expected, "바"]
    documents, *_ = read(tmp_path / f"a.{kind}", format="files")
    assert documents[0][1]["path"].endswith(f"a.{kind}!둘/나.jsonl")


def test_a_plain_tar_is_cut_in_place(tmp_path):
    body = "".join(f"{i}\n" for i in range(20_000))
    paths = [write(tmp_path, "a.tar", tar({"x.txt": b"0", "y.txt": body.encode(), "z.txt": "끝".encode()}))]
    paths.append(write(tmp_path, "a.zip", zipped({"x.txt": b"0", "y.txt": body.encode(), "z.txt": "끝".encode()})))
    results = [read(path, split_bytes=10_000) for path in paths]
    assert results[0] == results[1]
    assert texts(results[0]) == ["0", *body.split(), "끝"]


def test_parquet_in_archives(tmp_path):
    made = io.BytesIO()
    pq.write_table(pa.table({"text": ["가", "나"]}), made)
    for kind in ("zip", "tar", "tar.gz"):
        assert texts(read(write(tmp_path, f"p.{kind}", packed(kind, {"a.parquet": made.getvalue()})))) == ["가", "나"]


def test_damage_of_a_member_is_said(tmp_path):
    good, bad = by_hand(b"a.txt", "하나\n".encode()), by_hand(b"b.txt", "둘\n".encode(), crc=1)
    result = read(write(tmp_path, "a.zip", join(good, bad)), damages=(damages := []))
    assert texts(result) == ["하나", "둘"]
    assert not result[1]
    assert [(each.why.partition(":")[0], each.n_lost) for each in damages] == [("this member is damaged", 0)]


def test_a_run_over_an_archive_is_the_same_for_any_number_of_workers(tmp_path):
    files = {f"{i}.txt": f"문서 {i}입니다\n두 번째 {i}\n".encode() for i in range(40)}
    for kind in ("zip", "tar.gz"):
        path = write(tmp_path, f"a.{kind}", packed(kind, files))
        recipe = {"name": "packed", "input": {"paths": [str(path)]}, "stages": ["nfc"]}
        made = []
        for workers in (1, 2):
            out = tmp_path / f"out-{kind}-{workers}"
            korpus.run({**recipe, "engine": {"workers": workers}}, out=str(out))
            made.append({p.name: p.read_bytes() for p in sorted(out.glob("data/**/*.parquet"))})
        assert made[0] == made[1] != {}


def test_no_warning_of_what_is_left_open(tmp_path):
    path = str(write(tmp_path, "a.tar.xz", packed("tar.xz")))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        file = open_member(path, members(path).members[0])
        assert file.read(1)
        del file
        tars.release()


def test_archives_in_a_store(tmp_path):
    with s3_store() as bucket:
        for kind in ("zip", "tar", "tar.gz", "tar.xz"):
            path = bucket.put(f"a.{kind}", packed(kind))
            result = read(path)
            assert texts(result) == texts(read(write(tmp_path, f"a.{kind}", packed(kind))))
        inside, _ = expand(path, "tar.xz")
        assert inside[0] == f"{path}!둘/나.jsonl"
        tars.release()
