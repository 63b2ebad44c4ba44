"""Arrow IPC files and streams, saved datasets, and folders of one text file a document."""

import json

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from korpus import api
from korpus.errors import DataError, SchemaError
from korpus.io.readers import discover
from tests.reading import read, texts, write

TABLE = pa.table(
    {
        "id": pa.array(range(1000), pa.int32()),
        "text": [None if i == 7 else "" if i == 8 else f"글 {i}" for i in range(1000)],
        "tag": pa.array(["a", "b"] * 500).dictionary_encode(),
    }
)


def save(path, kind, table=TABLE, rows=100):
    path.parent.mkdir(parents=True, exist_ok=True)
    make = pa.ipc.new_file if kind == "file" else pa.ipc.new_stream
    with make(str(path), table.schema) as writer:
        writer.write_table(table, max_chunksize=rows)
    return path


@pytest.mark.parametrize("kind", ["file", "stream"])
@pytest.mark.parametrize("split_bytes", [1, 3000, 1 << 20])
@pytest.mark.parametrize("batch_rows", [7, 8192])
def test_arrow_gives_what_parquet_gives(tmp_path, kind, split_bytes, batch_rows):
    pq.write_table(TABLE, tmp_path / "x.parquet", row_group_size=100)
    expected = read(tmp_path / "x.parquet", split_bytes=1, batch_rows=batch_rows)
    result = read(save(tmp_path / "x.arrow", kind), split_bytes=split_bytes, batch_rows=batch_rows)
    assert [row for _, row in result[0]] == [row for _, row in expected[0]]
    assert [bad.reason for _, bad in result[1]] == ["missing_text", "empty_text"]
    if split_bytes == 1:
        assert result == expected


@pytest.mark.parametrize("compression", ["uncompressed", "lz4", "zstd"])
def test_feather(tmp_path, compression):
    path = str(tmp_path / "x.feather")
    pa.feather.write_feather(TABLE, path, compression=compression, chunksize=300)
    assert len(read(path)[0]) == 998


def test_a_saved_dataset(tmp_path):
    for split, n in (("train", 2), ("test", 1)):
        folder = tmp_path / "saved" / split
        names = [f"data-{i:05d}-of-{n:05d}.arrow" for i in range(n)]
        for name in names:
            save(folder / name, "stream")
        save(folder / "cache-0123.arrow", "stream")
        write(folder, "dataset_info.json", json.dumps({"features": {}}, indent=2))
        write(folder, "state.json", json.dumps({"_data_files": [{"filename": name} for name in names]}, indent=2))
    write(tmp_path / "saved", "dataset_dict.json", '{"splits": ["train", "test"]}\n')
    assert [file.path.rpartition("saved/")[2] for file in discover([tmp_path / "saved"], "arrow")] == [
        "test/data-00000-of-00001.arrow",
        "train/data-00000-of-00002.arrow",
        "train/data-00001-of-00002.arrow",
    ]
    recipe = {"stages": ["exact_dedup"]}
    out = api.run(recipe, [tmp_path / "saved"], tmp_path / "out", workers=1, quiet=True).out
    assert pq.read_table(out / "data").num_rows == 998
    rejects = pq.read_table(out / "rejects").column("reason").to_pylist()
    assert sorted(set(rejects)) == ["duplicate", "empty_text", "missing_text"]


def test_damaged_arrow(tmp_path):
    whole = save(tmp_path / "x.arrow", "stream").read_bytes()
    cut = write(tmp_path, "y.arrow", whole[: len(whole) * 2 // 3])
    for split_bytes in (1, 1 << 20):
        documents, rejects, *_ = read(cut, split_bytes=split_bytes, damages=(damages := []))
        assert 300 < len(documents) < 998
        assert {bad.reason for _, bad in rejects} == {"empty_text", "missing_text"}
        assert [damage.n_lost > 0 for damage in damages] == [True]
    save(tmp_path / "z.arrow", "file")
    for data in (b"", b"ARROW1", b"no arrow at all", (tmp_path / "z.arrow").read_bytes()[:-100]):
        with pytest.raises(DataError, match="cannot read .* as an Arrow IPC file or stream"):
            read(write(tmp_path, "bad.arrow", data))
    with pytest.raises(SchemaError, match="no column 'texts'.*did you mean 'text'"):
        read(tmp_path / "x.arrow", text="texts")


def test_one_document_a_file(tmp_path):
    made = {
        "a.txt": "첫 줄\n둘째 줄\n".encode(),
        "b.text": b"\xef\xbb\xbf" + "비오엠".encode(),
        "sub/c": "안녕하세요, 오늘은 날씨가 좋습니다.\r\n그렇다.".encode("cp949"),
        "d.txt": b" \n",
        "e.txt": b"x" * 6000,
        "f.txt": b"a\xffb",
        "g.txt": b"",
    }
    (tmp_path / "sub").mkdir()
    for name, data in made.items():
        write(tmp_path, name, data)
    documents, rejects, n_rows, _ = read(tmp_path, format="files", max_doc_bytes=5000)
    assert [document for _, document in documents] == [
        {"text": "첫 줄\n둘째 줄\n", "path": str(tmp_path / "a.txt")},
        {"text": "비오엠", "path": str(tmp_path / "b.text")},
        {"text": "안녕하세요, 오늘은 날씨가 좋습니다.\r\n그렇다.", "path": str(tmp_path / "sub/c")},
    ]
    assert [bad.reason for _, bad in rejects] == ["empty_text", "too_long", "invalid_utf8", "empty_text"]
    assert n_rows == 7
    assert texts(read(tmp_path / "a.txt", format="files", keep=())) == ["첫 줄\n둘째 줄\n"]
