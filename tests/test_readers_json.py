"""JSON arrays and objects, and paths into nested values."""

import json
import tempfile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from korpus.errors import SchemaError
from korpus.io.compress import ByteStream
from korpus.io.readers import ReadOptions, discover
from korpus.io.readers.paths import records_path, value_at
from korpus.io.readers.records import RecordStream
from tests.reading import COMPRESS, read, texts, write

WRITTEN = {
    "id": "WARW1900000001",
    "metadata": {"title": "국립국어원 신문 말뭉치", "category": "신문 > 인터넷 기반 신문", "document": [0]},
    "document": [
        {
            "id": "WARW1900000001.1",
            "metadata": {"title": "첫째 글", "date": "20190101"},
            "paragraph": [{"id": "1.1", "form": "제목이 {여기} 있다"}, {"id": "1.2", "form": '본문은 "이렇다" \\ ]'}],
        },
        {"id": "WARW1900000001.2", "metadata": {"title": "둘째 글"}, "paragraph": [{"id": "2.1", "form": "한 줄뿐"}]},
        {"id": "WARW1900000001.3", "metadata": {"title": "빈 글"}, "paragraph": []},
    ],
}
SPOKEN = {
    "id": "SDRW2000000001",
    "document": [
        {
            "id": "SDRW2000000001.1",
            "metadata": {"topic": "여행", "speaker": [{"id": "1", "age": "20대"}]},
            "utterance": [
                {"id": "1.1", "speaker_id": "1", "form": "어디 갔다 왔어?", "original_form": "어디 갔다 왔어?"},
                {"id": "1.2", "speaker_id": "2", "form": "", "original_form": "&name&"},
                {"id": "1.3", "speaker_id": "2", "form": "제주도!", "original_form": "제주도!"},
            ],
        }
    ],
}


@pytest.mark.parametrize("indent", [None, 4])
@pytest.mark.parametrize("extension", ["", ".gz"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_modu_written(tmp_path, indent, extension, encoding):
    data = json.dumps(WRITTEN, ensure_ascii=False, indent=indent).encode(encoding)
    path = write(tmp_path, "x.json" + extension, COMPRESS[extension](data))
    keep = ("document[].id", "document[].metadata.title", "document[].metadata.date")
    documents, rejects, n_rows, _ = read(path, format="json", text="document[].paragraph[].form", keep=keep)
    assert [document for _, document in documents] == [
        {
            "text": '제목이 {여기} 있다\n본문은 "이렇다" \\ ]',
            "document[].id": "WARW1900000001.1",
            "document[].metadata.title": "첫째 글",
            "document[].metadata.date": "20190101",
        },
        {
            "text": "한 줄뿐",
            "document[].id": "WARW1900000001.2",
            "document[].metadata.title": "둘째 글",
            "document[].metadata.date": None,
        },
    ]
    assert [(bad.row, bad.reason) for _, bad in rejects] == [(2, "empty_text")]
    assert n_rows == 3


def test_modu_spoken_and_messenger(tmp_path):
    path = write(tmp_path, "x.json", json.dumps(SPOKEN, ensure_ascii=False, indent=1))
    result = read(path, text="document[].utterance[].form", keep=("document[].metadata.topic",))
    assert [document for _, document in result[0]] == [
        {"text": "어디 갔다 왔어?\n제주도!", "document[].metadata.topic": "여행"}
    ]


def test_a_json_array_gives_what_json_lines_give(tmp_path):
    rows = [{"text": f'글 {i}, [이것은] {{자료}} \\"이다\\"', "n": i, "more": {"a": [i]}} for i in range(300)]
    lined = "\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows) + "\n"
    expected = read(write(tmp_path, "x.jsonl", lined), split_bytes=1000)
    assert len(expected[0]) == 300
    compact = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    assert read(write(tmp_path, "x.json", compact), split_bytes=1000) == expected
    spaced = read(write(tmp_path, "y.json", json.dumps(rows, indent=3)), split_bytes=1000)
    assert [row for _, row in spaced[0]] == [row for _, row in expected[0]]
    inner = {"meta": {"list": [1], "items": 3}, "items": [1], "data": {"n": 1, "items": rows}}
    path = write(tmp_path, "z.json", json.dumps(inner))
    assert texts(read(path, format="json", text="data.items[].text", keep=())) == texts(expected)


def test_nested_fields_of_json_lines(tmp_path):
    rows = [
        {"article": {"body": "본문", "title": "제목"}, "meta": {"id": 1, "tags": [{"t": "a"}, {"t": "b"}]}, "k": "x"},
        {"article": {"body": "둘"}, "meta": {"id": 2}, "k": "y"},
        {"article": {"body": 3}, "meta": {"id": 2}},
        {"article": "넷"},
        {"article.body": "다섯", "meta": None},
    ]
    path = write(tmp_path, "x.jsonl", "\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    documents, rejects, *_ = read(path, text="article.body", keep=("meta.id", "meta.tags[].t"))
    assert [document for _, document in documents] == [
        {"text": "본문", "meta.id": 1, "meta.tags[].t": ["a", "b"]},
        {"text": "둘", "meta.id": 2, "meta.tags[].t": None},
        {"text": "다섯", "meta.id": None, "meta.tags[].t": None},
    ]
    assert [bad.reason for _, bad in rejects] == ["text_not_string", "missing_text"]
    documents, *_ = read(path, text="article.body")
    assert set(documents[0][1]) == {"text", "meta", "k"}  # without the article, which holds the text
    with pytest.raises(SchemaError, match="no column 'article.boby'.*meta, k"):
        read(path, text="article.boby")
    twice = write(tmp_path, "y.jsonl", '{"a": {"b": "x"}, "a": {"b": "y"}}\n{"a": {"b": "z"}}\n')
    documents, rejects, *_ = read(twice, text="a.b")
    assert texts((documents,)) == ["z"]
    assert [bad.reason for _, bad in rejects] == ["bad_json"]


def test_paths():
    document = {"a": {"b": [{"c": 1}, {"d": 2}, {"c": [3, 4]}]}}
    assert value_at(document, "a.b[].c") == [1, [3, 4]]
    assert value_at(document, "a.b[].c[]") == [1, 3, 4]
    assert value_at(document, "a[].b[].d") == [2]
    with pytest.raises(KeyError):
        value_at(document, "a.c")
    assert records_path(ReadOptions("document[].paragraph[].form")) == ["document"]
    assert records_path(ReadOptions("data.items[].text")) == ["data", "items"]
    assert records_path(ReadOptions("a.b")) == []


@pytest.mark.parametrize(
    ("data", "kept", "reasons"),
    [
        ('[{"text": "a"}, {"text": "b"', ["a"], ["truncated_input"]),
        ('[{"text": "a"},', ["a"], []),
        ('[{"text": "a"}, 3, "x{", null, {"text": "b"}]', ["a", "x{", "b"], ["bad_json"] * 2),
        ('[{"text": "a"} {"text": "b"}, {"text": "c"}]', ["c"], ["bad_json"]),
        ('[{"text": "a"}] more', ["a"], ["bad_json"]),
        ('[{"text": "a"}]\n[{"text": "b"}]', ["a", "b"], []),
        ('[{"text": "a\nb"}, {"text": "c"}]', ["c"], ["bad_json"]),
        ('[{"text": "a\\"]"}, {"text": "\\\\"}]', ['a"]', "\\"], []),
        ('{\n"text": "a"\n}\n{"text":\n"b"}', ["a", "b"], []),
        ('[{"text": "a"}, {"text": "' + "x" * 5000 + '"}, {"text": "c"}]', ["a", "c"], ["too_long"]),
        ('[{"text": "a"}, ' + "[" * 3000 + "]" * 3000 + ', {"text": "c"}]', ["a", "c"], ["too_long"]),
    ],
)
@pytest.mark.parametrize("split_bytes", [16, 1 << 20])
def test_bad_json(tmp_path, data, kept, reasons, split_bytes):
    path = write(tmp_path, "x.json", data)
    damages = []
    documents, rejects, *_ = read(path, format="json", split_bytes=split_bytes, max_doc_bytes=4500, damages=damages)
    assert len(damages) == (data.count("[") > data.count("]"))
    assert texts((documents,)) == kept
    assert [bad.reason for _, bad in rejects] == reasons


def test_an_object_without_the_array_is_not_passed_over(tmp_path):
    path = write(tmp_path, "x.json", '{"d": [{"t": "a"}]} {"other": {"d": [1]}, "d": 3, "e": "d"} {"d": [{"t": "b"}]}')
    documents, rejects, *_ = read(path, format="json", text="d[].t")
    assert texts((documents,)) == ["a", "b"]
    assert [(bad.reason, bad.text) for _, bad in rejects] == [("missing_text", "{}")]


def test_discovery(tmp_path):
    made = {
        "lines.json": '{"text": "a"}\n{"text": "b"}\n',
        "array.json": '[\n{"text": "c"}]',
        "one.json": '{\n"text": "d"\n}',
    }
    for name, data in made.items():
        write(tmp_path, name, data)
    assert [(file.path.rpartition("/")[2], file.format) for file in discover([tmp_path])] == [
        ("array.json", "json"),
        ("lines.json", "jsonl"),
        ("one.json", "json"),
    ]
    assert texts(read([tmp_path, tmp_path / "one.json"])) == ["c", "a", "b", "d"]
    assert sorted(file.path.rpartition("/")[2] for file in discover([tmp_path], "json")) == ["array.json", "one.json"]


KEYS = st.sampled_from(["d", "e", 'd"', "[", "가"])
TOP_KEYS = st.sampled_from(["d", "가", "dd"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text('a"\\[]{},:가 \n', max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=9,
)


def python_records(values, keys):
    """Return the records of the values at the top, as the reader defines them."""
    for value in values:
        if isinstance(value, list):
            yield from value
        elif not keys:
            yield value
        else:
            array = value
            for key in keys:
                array = array.get(key) if isinstance(array, dict) else None
            if isinstance(array, list):
                for item in array:
                    for key in reversed(keys):
                        item = {key: item}
                    yield item
            else:
                yield {}


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(JSON, max_size=4) | st.dictionaries(TOP_KEYS, JSON, max_size=3), max_size=3),
    st.sampled_from([[], ["d"], ["가", "d"]]),
    st.sampled_from([None, 1]),
    st.booleans(),
    st.integers(1, 50),
)
@example([{"d": {"d": [1]}, "dd": [2]}], ["d", "d"], None, True, 7)
@example([{"가": {"d": [[1], "d"], "e": 1}, "d": [3]}], ["가", "d"], None, False, 7)
def test_records_are_those_of_python(values, keys, indent, ascii, piece):
    from korpus.io.readers import records

    data = " ".join(json.dumps(value, ensure_ascii=ascii and not keys, indent=indent) for value in values).encode()
    with tempfile.TemporaryDirectory() as folder:
        stream = RecordStream(ByteStream(str(write(folder, "x", data)), None), keys)
        whole = records._PIECE_BYTES
        records._PIECE_BYTES = piece
        try:
            with stream:
                got = b"".join(iter(lambda: stream.read(piece), b""))
                assert stream.error is None
        finally:
            records._PIECE_BYTES = whole
    assert [json.loads(line) for line in got.decode().split("\n") if line] == list(python_records(values, keys))


def test_a_long_array_is_read_in_bounded_memory(tmp_path):
    import tracemalloc

    path = tmp_path / "x.json"
    record = json.dumps({"text": "가" * 1000}, ensure_ascii=False)
    with path.open("w") as file:
        file.write("[" + ",\n".join([record] * 20_000) + "]")
    stream = RecordStream(ByteStream(str(path), None), [])
    stream.read(1000)
    tracemalloc.start()
    n = 1000
    while data := stream.read(1 << 20):
        n += len(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    stream.close()
    assert n > 50_000_000
    assert peak < 8 << 20
