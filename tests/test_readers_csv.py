"""CSV and TSV: the kernel against its definition, the reader against Python's own."""

import csv
import gzip
import io
import tempfile

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from korpus.kernels import delimited as kernel
from tests.reading import read, texts, write


def python_record(data, at, delimiter=",", quote='"'):
    """Split off one record as its quotes have it; return its fields, where it ends, and whether it is sound."""
    fields, how = [], delimiter
    while how == delimiter:
        field, quoted = "", quote is not None and data[at : at + 1] == quote
        if quoted:
            at += 1
            while at < len(data) and (data[at] != quote or data[at + 1 : at + 2] == quote):
                field += data[at]
                at += 2 if data[at] == quote else 1
            if at >= len(data):
                return fields, at, False
            at += 1
        bare = ""
        while at < len(data) and data[at] not in (delimiter, "\n"):
            bare += data[at]
            at += 1
        how = data[at : at + 1]
        at += 1
        if how == "\n" or (quoted and not how and bare == "\r"):  # half a line end at the end of the data is one
            bare = bare.removesuffix("\r")
        if quoted and bare:
            return fields, at, False
        fields.append(field if quoted else bare)
    return fields, min(at, len(data)), True


def python_records(data, n_columns):
    """Split text into records of fields, character by character, as the kernel's docstring defines them."""
    records, at = [], 0
    while at < len(data):
        fields, end, sound = python_record(data, at)
        one_line = "\n" not in data[at:end].removesuffix("\n")
        if not sound or (len(fields) != n_columns and not one_line):
            line = data[at:].partition("\n")
            fields, end = python_record(line[0] + line[1], 0, quote=None)[0], at + len(line[0] + line[1])
        records.append((fields, end))
        at = end
    return records


@settings(max_examples=500, deadline=None)
@given(st.text(st.sampled_from('ab,,"""\n\n\r가'), max_size=40), st.integers(1, 4))
@example('a,"b""c"\r\n"x\ny",\n', 2)
@example('"', 1)
@example('"a"b,c\n', 2)
@example("a,", 2)
@example('"\n"",""\n"', 1)
@example('"a""\n"a""\n"a""\n', 1)
def test_csv_kernel_finds_the_fields_of_its_definition(data, n_columns):
    raw = data.encode()
    view, n = np.frombuffer(raw, np.uint8), len(raw) + 1
    marks = (ord(","), ord('"'), kernel.NONE)
    bounds, flags = np.zeros((n_columns, n, 2), np.int32), np.zeros((n_columns, n), np.uint8)
    n_fields, stops = np.zeros(n, np.int32), np.zeros(n, np.int32)
    found = kernel.scan_records(view, 0, *marks, np.arange(n_columns, dtype=np.int32), bounds, flags, n_fields, stops)
    expected = python_records(data, n_columns)
    assert stops[:found].tolist() == [len(data[:end].encode()) for _, end in expected]
    for row, (fields, _) in enumerate(expected):
        if len(fields) == n_columns:
            made = []
            for column in range(n_columns):
                offsets, out = kernel.gather(view, bounds[column], flags[column], np.array([row]), marks)
                made.append(out[: offsets[-1]].tobytes().decode())
            assert (int(n_fields[row]), made) == (n_columns, fields)
        else:
            assert n_fields[row] != n_columns
    for limit in (0, 5, n):
        ends = [int(stop) for stop in stops[:found] if raw[:stop].endswith(b"\n")]
        fitting = [end for end in ends if end <= limit]
        best = fitting[-1] if fitting else ends[0] if ends else 0
        assert kernel.last_record_end(view, limit, *marks, n_columns, True) == best


CELLS = st.sampled_from(["", "a", "가,나", 'say "가"', "두\n줄", "\r\n", " ", "👨‍👩‍👧", '"'])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=20),
    st.integers(1, 80),
    st.integers(1, 5),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([".csv", ".tsv", ".csv.gz"]),
    st.booleans(),
)
def test_csv_is_what_pythons_csv_reads(rows, split_bytes, batch_rows, end, extension, bom):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=end, delimiter="\t" if "tsv" in extension else ",")
    writer.writerows([("id", "text", "날짜"), *rows])
    data = b"\xef\xbb\xbf" * bom + out.getvalue().encode()
    expected = [{"text": text, "id": id_, "날짜": date} for id_, text, date in rows if text]
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, "x" + extension, gzip.compress(data) if extension.endswith(".gz") else data)
        result = read(path, split_bytes=split_bytes, batch_rows=batch_rows)
    assert [document for _, document in result[0]] == expected
    assert {bad.reason for _, bad in result[1]} <= {"empty_text"}
    assert result[2] == len(rows)


def test_csv_delimiter_and_one_column(tmp_path):
    path = write(tmp_path, "x.csv", 'id;text\n1;a,b\n2;"c;d"\n')
    assert texts(read(path, delimiter=";")) == ["a,b", "c;d"]
    result = read(write(tmp_path, "y.csv", 'text\na\n\n  \n""\n b\n'))
    assert texts(result) == ["a", " b"]
    assert result[3] == 2
    assert [bad.reason for _, bad in result[1]] == ["empty_text"]
