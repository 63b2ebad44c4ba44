"""Readers on bad input: a reject with its reason, or a clear error, and nothing lost."""

import gzip
import json
import lzma
import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from korpus.errors import DataError, RecipeError, SchemaError
from korpus.io.compress import ByteStream
from korpus.io.readers import REASONS, ReadOptions, discover, find_inputs, plan_splits, read_split
from tests.reading import COMPRESS, read, texts, write

SCHEMA = pa.schema([("n", pa.int64()), ("s", pa.string())])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"not json", "bad_json"),
        (b"[1]", "bad_json"),
        (b'{"text": "a"', "bad_json"),
        (b'{"text": "a"}{"text": "b"}', "bad_json"),
        (b'{"text": "a", "text": "b"}', "bad_json"),
        (b"[" * 200_000, "bad_json"),
        (b'{"n": 1}', "missing_text"),
        (b'{"text": null}', "missing_text"),
        (b'{"text": 1}', "text_not_string"),
        (b'{"text": ["a"]}', "text_not_string"),
        (b'{"text": ""}', "empty_text"),
        (b'{"text": "a\xff"}', "invalid_utf8"),
        (b'{"text": "\xed\xa0\x80"}', "invalid_utf8"),
        (b'{"text": "\\ud83d"}', "lone_surrogate"),
        (b'{"text": "\\ude00"}', "lone_surrogate"),
        (b'{"text": "a\\u0000"}', "nul_character"),
        (b'{"text": "a\0"}', "nul_character"),
        (b'{"text": "a", "deep": ' + b"[" * 1000 + b"]" * 1000 + b"}", "bad_json"),
        (b'{"text": "a", "deep": ' + b'{"a": ' * 65 + b"1" + b"}" * 65 + b"}", "bad_json"),
        (b'{"text": "' + b"x" * 300_000 + b'"}', "too_long"),
    ],
)
def test_json_lines(tmp_path, line, reason):
    good = b'{"text": "good", "n": 1}\n'
    path = write(tmp_path, "x.jsonl", good + line + b"\n\n" + good)
    documents, rejects, n_rows, n_blank = read(path, SCHEMA, max_doc_bytes=250_000)
    assert [row[2] for row, _ in documents] == [0, 3]
    ((_, bad),) = rejects
    assert (bad.row, bad.reason) == (1, reason)
    assert reason in REASONS
    assert bad.detail
    raw = line.decode(errors="replace")
    assert bad.text == (raw[:1000] if reason == "too_long" else raw)
    assert (n_rows, n_blank) == (4, 1)


def test_every_reason_is_explained():
    assert list(REASONS) == sorted(REASONS)


def test_text_lines(tmp_path):
    path = write(tmp_path, "x.txt", b"a\nb\xff\n\nc\0\n" + "긴".encode() * 2000 + b"\nd")
    documents, rejects, n_rows, n_blank = read(path, max_doc_bytes=5000)
    assert texts((documents,)) == ["a", "d"]
    assert [(bad.row, bad.reason) for _, bad in rejects] == [(1, "invalid_utf8"), (3, "nul_character"), (4, "too_long")]
    assert [bad.text for _, bad in rejects] == ["b\ufffd", "c\0", "긴" * 1000]
    assert (n_rows, n_blank) == (6, 1)


@pytest.mark.parametrize("extension", sorted(COMPRESS))
@pytest.mark.parametrize("format", ["jsonl", "txt", "csv"])
@pytest.mark.parametrize("at_end", [False, True])
def test_a_line_longer_than_memory_should_hold(tmp_path, extension, format, at_end):
    long = b"x" * 5_000_000
    row = {"jsonl": lambda text: b'{"text": "' + text + b'"}', "txt": bytes, "csv": bytes}[format]
    head = [b"text"] * (format == "csv")
    data = b"\n".join([*head, row(b"a"), row(long), *([] if at_end else [row(b"b")])])
    path = write(tmp_path, f"x.{format}{extension}", COMPRESS[extension](data))
    for split_bytes in (1 << 24, 1 << 20, 1 << 16):
        documents, rejects, n_rows, _ = read(
            path, pa.schema([]), split_bytes=split_bytes, max_doc_bytes=100_000, keep=()
        )
        assert texts((documents,)) == ["a", "b"][: 2 - at_end]
        ((_, bad),) = rejects
        assert bad.reason == "too_long"
        assert bad.text == row(long)[:1000].decode()
        assert n_rows == 3 - at_end


# --- damaged files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("extension", [".gz", ".bz2", ".xz", ".zst"])
def test_truncated(tmp_path, extension):
    rows = [json.dumps({"text": f"글 {i} {os.urandom(30).hex()}"}).encode() for i in range(20_000)]
    data = b"\n".join(rows)
    whole = COMPRESS[extension](data)
    path = write(tmp_path, "x.jsonl" + extension, whole[: len(whole) * 2 // 3])
    with ByteStream(str(path), extension[1:]) as stream:
        given = b"".join(iter(lambda: stream.read(10_000), b""))
        assert stream.error
    assert data.startswith(given)
    assert len(given) > 100_000
    with ByteStream(str(path), extension[1:]) as stream:
        assert stream.read(1 << 30) == given
    for split_bytes in (1 << 24, 50_000):
        documents, rejects, n_rows, _ = read(path, split_bytes=split_bytes, damages=(damages := []))
        assert len(documents) == given.count(b"\n") == n_rows - 1
        ((why, n_read, n_lost),) = [(damage.why, damage.n_read, damage.n_lost) for damage in damages]
        assert (n_read, n_lost) == (path.stat().st_size,) * 2
        assert "ends before" in why
        ((_, bad),) = rejects
        assert bad.reason == "truncated_input"
        assert bad.text == given.rpartition(b"\n")[2].decode()
        assert bad.detail


def test_truncated_at_a_line_end_and_garbage_after_the_end(tmp_path):
    path = write(tmp_path, "x.txt.gz", gzip.compress(b"a\nb\n") + b"garbage")
    documents, rejects, n_rows, _ = read(path, damages=(damages := []))
    assert texts((documents,)) == ["a", "b"]
    assert (rejects, n_rows) == ([], 2)
    assert [(damage.why, damage.n_lost) for damage in damages] == [
        ("what follows the end of the compressed data is something else", 0)
    ]


def test_not_what_its_name_says(tmp_path):
    for name in ("a.txt.gz", "b.txt.zst", "c.txt.bz2", "d.txt.xz"):
        path = write(tmp_path, name, b"plain text, not compressed\n" * 9)
        assert texts(read(path)) == ["plain text, not compressed"] * 9
        (said,) = find_inputs([path]).warnings
        assert said.endswith(f"is not compressed, though its name says {name[6:]}: it was read as what it is")


def test_truncated_csv_inside_quotes(tmp_path):
    data = b'id,text\n1,a\n2,"b\n' + os.urandom(50_000).hex().encode()
    path = write(tmp_path, "x.csv.xz", lzma.compress(data)[:-2000])
    documents, rejects, _, _ = read(path, damages=(damages := []))
    assert texts((documents,)) == ["a"]
    ((_, bad),) = rejects
    assert (bad.row, bad.reason) == (1, "truncated_input")
    assert len(damages) == 1
    assert bad.text.startswith('2,"b\n')


# --- CSV -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b"1", "bad_csv"),
        (b"1,a,b", "bad_csv"),
        (b'1,"a"b,c', "bad_csv"),
        (b"1,", "empty_text"),
        (b'1,""', "empty_text"),
        (b"1,\xff", "invalid_utf8"),
        (b"\xff,a", "invalid_utf8"),
        (b"1,a\0", "nul_character"),
        (b"1," + b"x" * 2000, "too_long"),
        (b'1,"' + b"x\n" * 1000 + b'"', "too_long"),
    ],
)
def test_csv_records(tmp_path, record, reason):
    path = write(tmp_path, "x.csv", b"id,text\n0,good\n" + record + b"\r\n\n2,good\n")
    documents, rejects, n_rows, n_blank = read(path, max_doc_bytes=1500)
    assert [document["id"] for _, document in documents] == ["0", "2"]
    ((_, bad),) = rejects
    assert (bad.row, bad.reason, bad.text) == (1, reason, record.decode(errors="replace")[:1000])
    assert (n_rows, n_blank) == (4, 1)


@pytest.mark.parametrize("split_bytes", [20, 1 << 20])
def test_a_quote_that_is_never_closed_costs_one_line(tmp_path, split_bytes):
    rows = "id,text\n" + "0,a\n" * 10 + '1,"open\n' + "2,b\n" * 3000
    path = write(tmp_path, "x.csv", rows)
    documents, rejects, n_rows, _ = read(path, split_bytes=split_bytes, max_doc_bytes=6000)
    assert texts((documents,)) == ["a"] * 10 + ['"open'] + ["b"] * 3000
    assert (rejects, n_rows) == ([], 3011)
    # Nor does a later stray quote close it, if what lies between is no record then.
    write(tmp_path, "x.csv", rows + '3,"last\n4,c')
    documents, rejects, _, _ = read(path, split_bytes=split_bytes, max_doc_bytes=6000)
    assert texts((documents,)) == ["a"] * 10 + ['"open'] + ["b"] * 3000 + ['"last', "c"]
    write(tmp_path, "x.csv", rows + '3,"last,1\n4,c')
    documents, rejects, _, _ = read(path, split_bytes=split_bytes, max_doc_bytes=6000)
    assert [(bad.reason, bad.text) for _, bad in rejects] == [("bad_csv", '3,"last,1')]
    assert len(documents) == 3012


def test_csv_columns(tmp_path):
    write(tmp_path, "a.csv", "text,n\na,1\n")
    write(tmp_path, "b.csv", "n,other\n2,b\n")
    documents, rejects, _, _ = read(tmp_path)
    assert [document for _, document in documents] == [{"text": "a", "n": "1", "other": None}]
    assert [bad.reason for _, bad in rejects] == ["missing_text"]
    documents = read(write(tmp_path, "c.csv", "text,n\na,1\nb,x\nc,3\n"), pa.schema([("n", pa.int64())]))[0]
    assert [document["n"] for _, document in documents] == [1, None, 3]
    documents = read(write(tmp_path, "d.csv", "text,n,n,\na,1,2,3\n"))[0]
    assert [document for _, document in documents] == [{"text": "a", "n": "1", "column_4": "3"}]
    with pytest.raises(SchemaError, match="'text' more than once"):
        read(write(tmp_path, "f.csv", "text,n,text\n"))
    with pytest.raises(DataError, match="header is not UTF-8"):
        read(write(tmp_path, "e.csv", "text,날짜\n".encode("cp949")))


# --- Parquet ---------------------------------------------------------------------------------------------------------


def test_parquet_values(tmp_path):
    raw = [b"good", None, b"", b"\xff", b"a\0", "긴".encode() * 2000, b"fits not", b"kept bad", b"good"]
    valid = pa.array(raw, pa.binary())
    table = pa.table(
        {
            "text": pa.StringArray.from_buffers(len(raw), *valid.buffers()[1:], valid.buffers()[0], 1),
            "n": [0, 1, 2, 3, 4, 5, 1 << 40, 7, 8],
            "s": pa.array([b"x"] * 7 + [b"\xff", b"x"]).view(pa.string()),
        }
    )
    pq.write_table(table, tmp_path / "x.parquet")
    documents, rejects, n_rows, _ = read(
        tmp_path, pa.schema([("n", pa.int32()), ("s", pa.string()), ("absent", pa.string())]), max_doc_bytes=5000
    )
    assert [document for _, document in documents] == [
        {"text": text, "n": n, "s": s, "absent": None}
        for text, n, s in [("good", 0, "x"), ("fits not", None, "x"), ("kept bad", 7, None), ("good", 8, "x")]
    ]
    assert [(bad.row, bad.reason) for _, bad in rejects] == [
        (1, "missing_text"),
        (2, "empty_text"),
        (3, "invalid_utf8"),
        (4, "nul_character"),
        (5, "too_long"),
    ]
    assert rejects[4][1].text == "긴" * 1000
    assert n_rows == 9


def test_parquet_files(tmp_path):
    path = write(tmp_path, "x.parquet", b"PAR1 not parquet at all")
    with pytest.raises(DataError, match="as Parquet"):
        read(path)
    pq.write_table(pa.table({"text": [1], "body": ["a"]}), path)
    with pytest.raises(SchemaError, match="must be of type string, or binary that is UTF-8, got int64"):
        read(path)
    with pytest.raises(SchemaError, match="no column 'bodi'.*did you mean 'body'"):
        read(path, text="bodi")


def test_parquet_damaged_row_group(tmp_path):
    path = tmp_path / "x.parquet"
    rows = [os.urandom(20).hex() for _ in range(300)]
    pq.write_table(pa.table({"text": rows}), path, row_group_size=100, compression="zstd")
    meta = pq.ParquetFile(path).metadata.row_group(1).column(0)
    data = bytearray(path.read_bytes())
    at = meta.dictionary_page_offset or meta.data_page_offset
    data[at : at + meta.total_compressed_size] = b"\xff" * meta.total_compressed_size
    path.write_bytes(data)
    documents, rejects, n_rows, _ = read(path, damages=(damages := []))
    assert texts((documents,)) == rows[:100] + rows[200:]
    assert (rejects, n_rows) == ([], 200)
    assert [row[2] for row, _ in documents] == [*range(200)]
    ((damage),) = damages
    assert "row group 1, from its row 0 of 100 on" in damage.why
    assert damage.n_lost == meta.total_compressed_size


# --- whole inputs ----------------------------------------------------------------------------------------------------


def test_paths(tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    for path, message in [
        (tmp_path / "no.txt", "no file or folder"),
        (tmp_path / "no*.txt", "nothing matches"),
        (empty, "has no file of a known format"),
        (write(tmp_path, "x.dat", "a"), "give input.format"),
        (tmp_path / "*.dat", "give input.format"),
        (write(tmp_path, "x.parquet.gz", gzip.compress(b"PAR1 and more")), "give input.format"),
        (write(tmp_path, "u.txt.gz", gzip.compress("가".encode("utf-32"))), "UTF-32"),
    ]:
        with pytest.raises(DataError, match=message):
            discover([path])
    with pytest.raises(DataError, match="no input"):
        discover([])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_file_that_may_not_be_read(tmp_path):
    path = write(tmp_path, "x.txt", "a")
    path.chmod(0)
    with pytest.raises(DataError, match="Permission denied"):
        discover([path])


def test_file_that_goes_away(tmp_path):
    path = write(tmp_path, "x.txt", "a\n")
    files = discover([path])
    path.unlink()
    (split,) = plan_splits(files[0], ReadOptions())
    with pytest.raises(DataError, match="cannot read"):
        list(read_split(split, None, pa.schema([]), ReadOptions()))


def test_columns_that_do_not_exist(tmp_path):
    path = write(tmp_path, "x.jsonl", '{"texts": "a", "id": 1}\n')
    with pytest.raises(SchemaError, match="no column 'text'.*texts, id .did you mean 'texts'"):
        read(path)
    with pytest.raises(SchemaError, match="no column 'ids', which input.keep names.*did you mean 'id'"):
        read(path, text="texts", keep=("ids",))
    with pytest.raises(SchemaError, match="no column 'id'"):
        read(write(tmp_path, "x.txt", "a\n"), keep=("id",))


def test_no_documents_at_all(tmp_path):
    with pytest.raises(DataError, match="no documents"):
        read(write(tmp_path, "x.jsonl", "\n \n"))
    with pytest.raises(DataError, match="does not look like JSON Lines.*line 2"):
        read(write(tmp_path, "y.jsonl", "\nplain text\n"))
    assert read(write(tmp_path, "z.txt", "")) == ([], [], 0, 0)


def test_options():
    with pytest.raises(RecipeError, match="split_bytes"):
        ReadOptions(split_bytes=1 << 25)
    with pytest.raises(RecipeError, match="delimiter"):
        ReadOptions(delimiter="||")
