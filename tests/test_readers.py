"""Readers: discovery, splits, and what becomes a document, for every format."""

import gzip
import json
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from korpus.io.readers import (
    ReadOptions,
    discover,
    infer_schema,
    jsonl,
    lines,
    plan_splits,
    read_split,
    stream_splits,
)
from korpus.io.readers.columns import common, settle
from korpus.io.readers.values import Misfits, fit, type_of
from tests.reading import COMPRESS, read, texts, write

NASTY = [
    "가나다",
    "ㅋㅋ",
    "\u1100\u1161\u11a8",
    "가".encode().decode(),
    "👨‍👩‍👧",
    "1️⃣",
    "𠮷",
    "e\u0301",
    '"',
    "\\",
    "\x7f",
    "\u2028",
    "\r",
]


# --- discovery -------------------------------------------------------------------------------------------------------


def test_discover_orders_and_reads_once(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / ".hidden").mkdir()
    for name in ("b.jsonl", "a.txt", "README.md", ".x.txt", ".hidden/d.txt", "array.json"):
        write(tmp_path, name, "[]")
    write(tmp_path, "sub/c.csv.gz", gzip.compress(b"[]"))
    write(tmp_path, "about.json", '{\n"a": 1\n}')
    write(tmp_path, "lines.json", '\n {"text": "가"}\n')
    files = discover([tmp_path / "sub", tmp_path, str(tmp_path / "**/*.txt")])
    assert [Path(file.path).relative_to(tmp_path).as_posix() for file in files] == [
        "sub/c.csv.gz",
        "a.txt",
        "array.json",
        "b.jsonl",
        "lines.json",
    ]
    assert [(file.index, file.format, file.compression) for file in files] == [
        (0, "csv", "gz"),
        (1, "text", None),
        (2, "json", None),
        (3, "jsonl", None),
        (4, "json", None),
    ]
    assert discover([tmp_path / "README.md"], "text")[0].format == "text"
    assert [file.path for file in discover([tmp_path], "csv")] == [str(tmp_path / "sub/c.csv.gz")]


def test_glob_reads_files_of_any_name_in_a_given_format(tmp_path):
    write(tmp_path, "x.dat", "하나\n")
    assert texts(read(str(tmp_path / "*.dat"), format="text")) == ["하나"]


# --- lines -----------------------------------------------------------------------------------------------------------


def python_lines(data):
    """Return the lines of a text file as the reader defines them: (row, text) of those that are not blank."""
    rows = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    last = rows.pop()
    rows = [row.removesuffix(b"\r") for row in rows] + ([last] if last else [])
    return [row.decode() for row in rows if row.strip()], len(rows)


LINES = st.lists(st.sampled_from([*NASTY, "", " ", "\t ", "a", "긴 줄 하나" * 9]), max_size=30).flatmap(
    lambda rows: st.builds(
        lambda ends, bom, last: bom + "".join(row + end for row, end in zip(rows, ends, strict=True)).encode() + last,
        st.lists(st.sampled_from(["\n", "\r\n"]), min_size=len(rows), max_size=len(rows)),
        st.sampled_from([b"", b"\xef\xbb\xbf"]),
        st.sampled_from([b"", b"end", b"end\r", b" "]),
    )
)


@settings(max_examples=60, deadline=None)
@given(LINES, st.integers(1, 300), st.integers(1, 9), st.sampled_from(sorted(COMPRESS)))
@example(b"\n" * 40, 7, 3, "")
@example(b"abc\ndef", 4, 1, ".gz")
@example(b"abcd\nef\n", 4, 1, ".gz")
def test_every_line_is_read_once_wherever_splits_fall(data, split_bytes, batch_rows, extension):
    expected, n_rows = python_lines(data)
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, "x.txt" + extension, COMPRESS[extension](data))
        result = read(path, split_bytes=split_bytes, batch_rows=batch_rows)
        assert texts(result) == expected
        assert not result[1]
        assert result[2] == n_rows
        assert read(path, split_bytes=split_bytes, batch_rows=100)[0] == result[0]
        assert read(write(folder, "plain.txt", data), split_bytes=split_bytes)[0] == result[0]


def test_streamed_splits_are_those_of_the_plain_file(tmp_path):
    data = b"aaa\nbbb\nc\n" + b"d" * 20 + b"\ne\nf"
    (file,) = discover([write(tmp_path, "x.txt.gz", gzip.compress(data[:9]) + gzip.compress(data[9:]))])
    found = list(stream_splits(file, ReadOptions(split_bytes=9), lambda index: index == 1))
    assert [chunk and chunk.data for _, chunk, _ in found] == [b"aaa\nbbb\nc\n", None, b"e\nf"]
    assert [(split.index, split.start, split.stop) for split, _, _ in found] == [(0, 0, 10), (1, 10, 31), (3, 31, 34)]
    assert found[-1][2] == file.n_bytes


def test_blocks_do_not_show_in_the_result(tmp_path, monkeypatch):
    rows = [{"text": f"글 {i} " + "ㅋ" * (i % 50), "n": i} for i in range(500)]
    path = write(tmp_path, "x.jsonl", "\n".join(map(json.dumps, rows)))
    whole = read(path)
    monkeypatch.setattr(lines, "BLOCK_BYTES", 700)
    assert read(path) == whole
    assert [document for _, document in whole[0]] == rows


# --- JSON Lines ------------------------------------------------------------------------------------------------------

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 65), 1 << 65),
    st.integers(-9, 9),
    st.floats(),
    st.text(max_size=4),
    st.sampled_from([*NASTY, "\0", "2024-01-01", "\ud800", "\udc00", "\ud83d\ude00"]),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner)
)
DOCUMENTS = st.fixed_dictionaries(
    {"text": st.one_of(st.text(max_size=6), st.sampled_from(NASTY), SCALARS)},
    optional={
        "i": st.integers(-9, 9) | SCALARS,
        "d": st.floats() | st.integers() | SCALARS,
        "s": SCALARS,
        "b": st.booleans(),
        "l": st.lists(st.integers(0, 5)) | VALUES,
        "o": st.fixed_dictionaries({"x": st.integers(0, 5)}, optional={"y": SCALARS}),
        "extra": VALUES,
    },
)
SCHEMA = pa.schema(
    [
        ("i", pa.int64()),
        ("d", pa.float64()),
        ("s", pa.string()),
        ("b", pa.bool_()),
        ("l", pa.list_(pa.int64())),
        ("o", pa.struct([("x", pa.int64())])),
    ]
)
LINE = st.one_of(
    st.builds(
        lambda document, ascii, pad: (pad + json.dumps(document, ensure_ascii=ascii) + pad).encode(
            errors="surrogatepass"
        ),
        DOCUMENTS,
        st.booleans(),
        st.sampled_from(["", " ", "\t", "\r", "\v"]),
    ),
    st.sampled_from(
        [
            b"",
            b" \v",
            b"[]",
            b"{}",
            b"{",
            b"}",
            b'{"text": "a"} {"text": "b"}',
            b'{"text": "a"}}',
            b'{"text": "a", "text": "b"}',
            b'{"text": "a", "i": 1, "i": 2}',
            b'{"text": "a", "extra": 1, "extra": 2}',
            b'{"text": "a", "o": {"x": 1, "x": 2}}',
            b'{"t\\u0065xt": "a"}',
            b'{"text": "\xff"}',
            b'{"text": "a\tb"}',
            b'{"text": "a\0b"}',
            b'{"text": "a\\u0000b"}',
            b'{"text": "\\ud800"}',
            b'{"text": "\\udc00\\ud800"}',
            b'{"text": "a", "i": 01}',
            b'{"text": "a", "i": -0}',
            b'{"text": "a", "i": 1.0}',
            b'{"text": "a", "d": 1e400}',
            b'{"text": "a", "d": ' + b"9" * 400 + b"}",
            b'{"text": "a", "d": 0.1e-400, "s": 1e2}',
            b'{"text": "a", "extra": ' + b"9" * 5000 + b"}",
            b'{"text": "a", "d": NaN, "i": null}',
            b"\xef\xbb\xbf{}",
            b'{"text": "' + b"x" * 200 + b'"}',
        ]
    ),
)


def python_documents(block):
    """Make NaN comparable."""
    return json.dumps(block.batch.to_pylist())


@settings(max_examples=200, deadline=None)
@given(st.lists(LINE, min_size=1, max_size=8), st.booleans(), st.sampled_from([None, tuple(SCHEMA.names), ("i",)]))
def test_fast_way_says_what_the_slow_way_says(rows, is_good, keep):
    data = b"\n".join(rows) + b"\n" * is_good
    if not data:
        return
    schema = SCHEMA if keep is None else pa.schema([SCHEMA.field(name) for name in keep])
    parser = jsonl.Parser(schema, ReadOptions(keep=keep, max_doc_bytes=190 if len(rows) % 2 else 1 << 20))
    slow = parser.slow(data, 5)
    for line in data.split(b"\n"):
        fast = parser.fast(line + b"\n", 5)
        if fast is not None:
            alone = parser.slow(line + b"\n", 5)
            assert python_documents(fast) == python_documents(alone)
            assert fast.bad == alone.bad
    fast = parser.fast(data, 5)
    if fast is not None:
        assert python_documents(fast) == python_documents(slow)
        assert fast.rows.tolist() == slow.rows.tolist()
        assert (fast.bad, fast.n_rows, fast.n_blank) == (slow.bad, slow.n_rows, slow.n_blank)


def test_good_lines_take_the_fast_way():
    parser = jsonl.Parser(pa.schema([("n", pa.int64())]), ReadOptions())
    data = b"\n".join([b'{"text": "\\uac00", "n": 1}', b"", b' {"n": 2, "text": "a"}\t\r', b'{"text": null}'])
    block = parser.fast(data, 10)
    assert block.batch.to_pylist() == [{"text": "가", "n": 1}, {"text": "a", "n": 2}]
    assert (block.rows.tolist(), block.n_rows, block.n_blank) == ([10, 12], 4, 1)
    assert [(bad.row, bad.reason) for bad in block.bad] == [(13, "missing_text")]


@pytest.mark.parametrize("damage", ["bad", '{"text": "a", "n": "x"}', '{"text": "b", "other": 1}'])
def test_a_bad_line_spoils_only_itself(tmp_path, damage):
    rows = [json.dumps({"text": f"글 {i} " + "ㅋ" * 50, "n": i}) for i in range(3000)]
    rows[1234] = damage
    documents, rejects, n_rows, _ = read(write(tmp_path, "x.jsonl", "\n".join(rows)))
    assert n_rows == 3000
    kept = [i for i in range(3000) if damage != "bad" or i != 1234]
    assert [row[2] for row, _ in documents] == kept
    assert [document["n"] for _, document in documents] == [None if i == 1234 else i for i in kept]
    assert [bad.row for _, bad in rejects] == [1234] * (damage == "bad")


def test_columns_that_the_schema_lacks_are_told(tmp_path):
    rows = [{"text": "a", "n": 1}] * 1500 + [{"text": "b", "late": [], "n": 2}]
    path = write(tmp_path, "x.jsonl", "\n".join(map(json.dumps, rows)))
    options = ReadOptions()
    (file,) = discover([path])
    schema = infer_schema([file], options)
    (split,) = plan_splits(file, options)
    assert {name for block in read_split(split, None, schema, options) for name in block.ignored} == {"late"}
    assert schema.names == ["n"]
    kept = ReadOptions(keep=("n",))
    assert not any(block.ignored for block in read_split(split, None, schema, kept))


# --- schemas ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, None, 2], pa.int64()),
        ([1, 2.5], pa.float64()),
        ([True, None], pa.bool_()),
        ([True, 1], pa.string()),
        (["2024-01-01T00:00:00Z"], pa.string()),
        (["a", 1], pa.string()),
        ([None], pa.string()),
        ([1 << 63], pa.string()),
        ([[1], [], None], pa.list_(pa.int64())),
        ([[], []], pa.list_(pa.string())),
        ([[1], ["a"]], pa.string()),
        ([[1], 1], pa.string()),
        ([{"a": 1, "b": "x"}, {"b": "y", "a": 2.0}], pa.struct([("a", pa.float64()), ("b", pa.string())])),
        ([{"a": 1}, {"b": 1}], pa.struct([("a", pa.int64()), ("b", pa.int64())])),
        ([{"a": None}, {"b": []}], pa.struct([("a", pa.string()), ("b", pa.list_(pa.string()))])),
        ([{"a": 1}, {"a": [1]}], pa.string()),
        ([{f"k{i}": i for i in range(300)}], pa.string()),
        ([{"\ud800": 1}], pa.string()),
        ([{}], pa.string()),
    ],
)
def test_types_of_json_columns(values, expected):
    kind = settle(common(type_of(value) for value in values))
    assert kind == expected
    misfits = Misfits()
    made = pa.array([fit(value, kind, "c", misfits) for value in values], kind)
    made.validate(full=True)
    assert not misfits.found


def test_strings_hold_the_json_text_of_other_values():
    misfits = Misfits()
    assert [fit(value, pa.string(), "c", misfits) for value in ("a", 1, 1.5, True, None, {"가": [1]})] == [
        "a",
        "1",
        "1.5",
        "true",
        None,
        '{"가": [1]}',
    ]


def test_schema_of_files_of_several_formats(tmp_path):
    write(tmp_path, "a.jsonl", '{"text": "a", "id": 1, "n": 1}\n')
    write(tmp_path, "b.jsonl", '{"n": 1.5, "text": "b", "id": 2}\n')
    write(tmp_path, "c.csv", "id,text\n3,c\n")
    write(tmp_path, "d.txt", "d\n")
    pq.write_table(pa.table({"text": ["e"], "id": pa.array([4], pa.int32())}), tmp_path / "e.parquet")
    documents = [document for _, document in read(tmp_path)[0]]
    assert documents == [
        {"text": "a", "id": "1", "n": 1.0},
        {"text": "b", "id": "2", "n": 1.5},
        {"text": "c", "id": "3", "n": None},
        {"text": "d", "id": None, "n": None},
        {"text": "e", "id": "4", "n": None},
    ]


def test_text_and_kept_columns_by_name(tmp_path):
    path = write(tmp_path, "x.jsonl", '{"body": "a", "id": 1, "more": 2}\n')
    assert read(path, text="body", keep=("id",))[0][0][1] == {"text": "a", "id": 1}


# --- Parquet ---------------------------------------------------------------------------------------------------------


def test_parquet_rows_in_groups(tmp_path):
    table = pa.table(
        {
            "id": range(100),
            "text": pa.array([f"글 {i}" for i in range(100)], pa.large_string()).dictionary_encode(),
            "tag": pa.array(["가", None] * 50).dictionary_encode(),
            "at": pa.array([0] * 100, pa.timestamp("ms")),
        }
    )
    pq.write_table(table, tmp_path / "x.parquet", row_group_size=7)
    whole = read(tmp_path, batch_rows=1000)
    assert texts(whole) == [f"글 {i}" for i in range(100)]
    assert [row[2] for row, _ in whole[0]] == list(range(100))
    parts = read(tmp_path, split_bytes=500, batch_rows=3)
    assert [document for _, document in parts[0]] == [document for _, document in whole[0]]
    assert parts[0][-1][0][1] > 3
    schema = infer_schema(discover([tmp_path]), ReadOptions(keep=("tag", "at")))
    assert schema == pa.schema([("tag", pa.string()), ("at", pa.timestamp("ms"))])


def test_parquet_without_rows(tmp_path):
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), tmp_path / "x.parquet")
    assert read(tmp_path) == ([], [], 0, 0)
