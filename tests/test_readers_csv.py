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


def python_records(data, delimiter=","):
    """Split text into records of fields, character by character, as the kernel's docstring defines them."""
    records, at = [], 0
    while at < len(data):
        fields, flaw, how = [], False, delimiter
        while how == delimiter:
            field, quoted = "", data[at : at + 1] == '"'
            if quoted:
                at += 1
                while at < len(data) and (data[at] != '"' or data[at + 1 : at + 2] == '"'):
                    field += data[at]
                    at += 2 if data[at] == '"' else 1
                flaw |= at >= len(data)
                at += 1
            bare = ""
            while at < len(data) and data[at] not in (delimiter, "\n"):
                bare += data[at]
                at += 1
            how = data[at : at + 1]
            at += 1
            if how == "\n":
                bare = bare.removesuffix("\r")
            flaw |= quoted and bool(bare)
            fields.append(field if quoted else bare)
        records.append((fields, flaw))
    return records


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from('ab,,"""\n\n\r가'), max_size=40))
@example('a,"b""c"\r\n"x\ny",\n')
@example('"')
@example('"a"b,c\n')
@example("a,")
def test_csv_kernel_finds_the_fields_of_its_definition(data):
    view, n = np.frombuffer(data.encode(), np.uint8), len(data.encode()) + 1
    bounds, escaped = np.zeros((n, n, 2), np.int32), np.zeros((n, n), np.bool_)
    n_fields, flaws, stops = np.zeros(n, np.int32), np.zeros(n, np.uint8), np.zeros(n, np.int32)
    slots = np.arange(n, dtype=np.int32)
    found = kernel.scan_records(view, 0, ord(","), slots, bounds, escaped, n_fields, flaws, stops)
    records = []
    for row in range(found):
        fields = []
        for column in range(n_fields[row]):
            offsets, out = kernel.gather(view, bounds[column], escaped[column], np.array([row]))
            fields.append(out[: offsets[-1]].tobytes().decode())
        records.append((fields, bool(flaws[row])))
    assert records == python_records(data)
    for limit in (0, 5, n):
        ends = [int(stop) for stop in stops[:found] if data.encode()[:stop].endswith(b"\n")]
        if found and flaws[found - 1] & kernel.OPEN and ends and ends[-1] == stops[found - 1]:
            ends.pop()
        fitting = [end for end in ends if end <= limit]
        expected = fitting[-1] if fitting else ends[0] if ends else 0
        assert kernel.last_record_end(view, limit, ord(","))[0] == expected


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
