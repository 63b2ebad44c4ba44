"""Files as people have them: what is not the text costs no document, damage is named, nothing is passed over."""

import bz2
import datetime
import gzip
import json
import lzma
import os
import re
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
import zstandard

import korpus
from korpus import api
from korpus.io.readers.columns import convert, merge, settle
from korpus.report.terminal import render
from tests.corpus import checked, kept, ledger
from tests.reading import write

PLAIN = {"name": "plain", "stages": ["nfc"]}


def run(inputs, out, max_bad_ratio=0.01, **given):
    recipe = {**PLAIN, "input": given, "engine": {"max_bad_ratio": max_bad_ratio}}
    inputs = inputs if isinstance(inputs, list) else [inputs]
    return korpus.run(recipe, [str(path) for path in inputs], out, workers=1, quiet=True).manifest


def rows(out):
    return [{key: value for key, value in row.items() if key != "doc_id"} for row in kept(out).to_pylist()]


def lines(documents):
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in documents)


# --- columns ---------------------------------------------------------------------------------------------------------

PARQUET_PAIRS = [
    (
        pa.array([{"id": "a"}]),
        pa.array([{"id": "b", "lang": "ko"}]),
        [{"id": "a", "lang": None}, {"id": "b", "lang": "ko"}],
    ),
    (pa.array([["a"]], pa.large_list(pa.string())), pa.array([["b"]]), [["a"], ["b"]]),
    (pa.array([[]], pa.list_(pa.null())), pa.array([[1, 2]]), [[], [1, 2]]),
    (pa.array([{"x": None}], pa.struct([("x", pa.null())])), pa.array([{"x": 3}]), [{"x": None}, {"x": 3}]),
    (pa.array([1], pa.int8()), pa.array([2.5]), [1.0, 2.5]),
    (pa.array([1], pa.uint64()), pa.array([-1]), ["1", "-1"]),
    (pa.array([Decimal("1.5")]), pa.array([Decimal("100.25")]), [Decimal("1.50"), Decimal("100.25")]),
    (pa.array([datetime.date(2020, 1, 2)]), pa.array([datetime.datetime(2021, 1, 1, 3)]), None),
    (pa.array([{"a": 1}]), pa.array(["글"]), ['{"a": 1}', "글"]),
    (pa.array([[1]]), pa.array([{"a": 1}]), ["[1]", '{"a": 1}']),
    (pa.array([b"raw"]), pa.array([b"\xff"], pa.large_binary()), [b"raw", b"\xff"]),
    (pa.array(["a"]).dictionary_encode(), pa.array(["b"], pa.string_view()), ["a", "b"]),
]


@pytest.mark.parametrize("pair", PARQUET_PAIRS, ids=lambda pair: f"{pair[0].type}-{pair[1].type}")
def test_types_of_a_column_are_merged_over_files(tmp_path, pair):
    for name, column in zip("ab", pair):
        with pa.OSFile(str(tmp_path / f"{name}.arrow"), "wb") as sink:
            table = pa.table({"text": ["글입니다"], "c": column})
            with pa.ipc.new_file(sink, table.schema) as writer:
                writer.write_table(table)
    manifest = run(tmp_path, tmp_path / "out")
    values = kept(tmp_path / "out")["c"].to_pylist()
    assert manifest["read"]["n_in"] == manifest["kept"]["n_docs"] == 2
    assert pair[2] is None or values == pair[2]
    assert manifest["read"]["misfits"] == {}


def test_what_does_not_fit_after_the_sample_is_null_and_counted(tmp_path):
    for i in range(70):
        odd = {"likes": "많음", "meta": {"id": "x", "new": 1}, "tags": [1], "on": 1} if i == 68 else {}
        one = {"text": f"글 {i}", "likes": i, "meta": {"id": i}, "tags": ["가"], "on": True, **odd}
        write(tmp_path, f"{i:02}.jsonl", lines([one, {**one, "likes": 2.5}] if i == 66 else [one]))
    manifest = run(tmp_path, tmp_path / "out")
    assert manifest["kept"]["n_docs"] == 71
    misfits = manifest["read"]["misfits"]
    assert {name: each["n"] for name, each in misfits.items()} == {"likes": 1, "meta": 1, "on": 1} | (
        {"likes": 2} if manifest["columns"]["likes"] == "int64" else {}
    ) | ({"meta": 2} if "string" not in manifest["columns"]["meta"] else {})
    for name in misfits:
        assert any(f"of the column {name} did not fit its type" in warning for warning in manifest["warnings"])


def test_big_numbers_are_null_rather_than_another_number(tmp_path):
    made, n = convert(pa.array([1, (1 << 53) + 1, None, -(1 << 53)]), pa.float64())
    assert (made.to_pylist(), n) == ([1.0, None, None, -float(1 << 53)], 1)
    assert merge(pa.int64(), pa.float64()) == pa.float64()
    assert settle(pa.struct([("a", pa.null())])) == pa.struct([("a", pa.string())])


def test_names_of_columns(tmp_path):
    write(tmp_path, "a.jsonl", '{"text": "글", "\\ud800": 1, "doc_id": 5, "input_doc_id": 6, "": 7, "n": 1, "n": 2}\n')
    manifest = run(tmp_path / "a.jsonl", tmp_path / "a")
    assert rows(tmp_path / "a") == [{"text": "글", "input_input_doc_id": 5, "input_doc_id": 6, "": 7, "n": 2}]
    assert any("doc_id of the input is carried along as input_input_doc_id" in each for each in manifest["warnings"])
    table = pa.Table.from_arrays([pa.array(["글"]), pa.array([1]), pa.array([2])], ["text", "n", "n"])
    with pa.OSFile(str(tmp_path / "b.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    run(tmp_path / "b.arrow", tmp_path / "b")
    assert rows(tmp_path / "b") == [{"text": "글", "n": 1}]
    # The output of a run is the input of the next, as often as one likes.
    run(tmp_path / "a", tmp_path / "c")
    assert rows(tmp_path / "c")[0]["input_input_input_doc_id"] == 0


@pytest.mark.parametrize(
    "texts",
    [
        pa.array(["글", "둘"], pa.large_string()),
        pa.array(["글", "둘"], pa.string_view()),
        pa.array(["글", "둘"]).dictionary_encode(),
        pa.array(["글".encode(), "둘".encode()]),
        pa.array(["글".encode(), "둘".encode()], pa.large_binary()),
        pa.RunEndEncodedArray.from_arrays(pa.array([1, 2], pa.int32()), pa.array(["글", "둘"])),
    ],
    ids=lambda texts: str(texts.type),
)
def test_text_in_every_type_that_may_be_one(tmp_path, texts):
    batch = pa.record_batch([texts], ["text"])
    with pa.OSFile(str(tmp_path / "a.arrow"), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)
    run(tmp_path / "a.arrow", tmp_path / "out")
    assert kept(tmp_path / "out")["text"].to_pylist() == ["글", "둘"]


def test_bytes_that_are_no_utf8_are_a_reject(tmp_path):
    pq.write_table(pa.table({"text": [b"\xff", "글".encode()]}), tmp_path / "a.parquet")
    run(tmp_path / "a.parquet", tmp_path / "out", max_bad_ratio=1.0)
    assert kept(tmp_path / "out")["text"].to_pylist() == ["글"]
    assert [row["reason"] for row in ledger(tmp_path / "out")] == ["invalid_utf8"]


def test_arrow_data_that_leads_out_of_itself_is_damage(tmp_path):
    numbers = pa.array([0, 1, 0, 1], pa.int32())
    columns = {"text": ["가", "나", "다", "라"], "c": pa.DictionaryArray.from_arrays(numbers, pa.array(["a", "b"]))}
    table = pa.table({**columns, "l": [["x"], ["y"], [], ["z"]]})
    with pa.OSFile(str(tmp_path / "a.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    data = (tmp_path / "a.arrow").read_bytes()
    places = {"text": [0, 3, 6, 9, 12], "c": [0, 1, 0, 1], "l": [0, 1, 2, 2, 3]}
    for name, found in places.items():
        raw = pa.array(found, pa.int32()).buffers()[1].to_pybytes()[: 4 * len(found)]
        wild = raw[:4] + (1 << 30).to_bytes(4, "little") + raw[8:]
        assert data.count(raw)
        path = write(tmp_path, f"{name}.arrow", data.replace(raw, wild))
        with pytest.raises(korpus.DataError, match=r"cannot be read: .*record batch 0: "):
            run(path, tmp_path / f"out-{name}")


# --- damaged files ---------------------------------------------------------------------------------------------------

COMPRESS = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor(write_checksum=True).compress,
}


def noise(n):
    return lines([{"text": f"글 {i} {os.urandom(20).hex()}"} for i in range(n)]).encode()


@pytest.mark.parametrize("extension", COMPRESS)
def test_a_wrong_checksum_costs_nothing(tmp_path, extension):
    data = bytearray(COMPRESS[extension](noise(1000)))
    at = {"gz": -8, "zst": -1, "bz2": -2, "xz": -20}[extension]
    data[at] ^= 0xFF
    manifest = run(write(tmp_path, f"a.jsonl.{extension}", bytes(data)), tmp_path / "out", max_bad_ratio=1.0)
    assert manifest["kept"]["n_docs"] == 1000
    assert manifest["inputs"][0]["damage"]["why"]
    assert any("is damaged" in warning and "a.jsonl" in warning for warning in manifest["warnings"])


@pytest.mark.parametrize("extension", COMPRESS)
def test_compression_is_told_by_the_first_bytes(tmp_path, extension):
    data = noise(10)
    write(tmp_path, "plain.jsonl." + extension, data)
    write(tmp_path, "packed.jsonl", COMPRESS[extension](data))
    write(tmp_path, "padded.jsonl." + extension, COMPRESS[extension](data) + bytes(1024))
    write(tmp_path, "two.jsonl." + extension, COMPRESS[extension](data) + COMPRESS[extension](data))
    manifest = run(tmp_path, tmp_path / "out")
    assert manifest["kept"]["n_docs"] == 50
    said = [warning for warning in manifest["warnings"] if "it was read as what it is" in warning]
    assert [re.search("(plain|packed)", each)[1] for each in said] == ["packed", "plain"]
    assert not any("damage" in each for each in manifest["inputs"])


@pytest.mark.parametrize("window_log", [27, 30, 31])
def test_zstd_with_a_long_window(tmp_path, window_log):
    made = zstandard.ZstdCompressionParameters.from_level(3, window_log=window_log, enable_ldm=True)
    writer = zstandard.ZstdCompressor(compression_params=made).compressobj()
    path = write(tmp_path, "a.jsonl.zst", writer.compress(noise(100)) + writer.flush())
    assert zstandard.get_frame_parameters(path.read_bytes()).window_size == 1 << window_log
    assert run(path, tmp_path / "out")["kept"]["n_docs"] == 100


def test_few_damaged_files_are_named_and_many_stop_the_run(tmp_path):
    (tmp_path / "many").mkdir()
    for i in range(400):
        data = gzip.compress(noise(20))
        write(tmp_path / "many", f"{i:03}.jsonl.gz", data)
    broken = {}
    for i, cut in ((7, 0.5), (200, 0.9)):
        path = tmp_path / "many" / f"{i:03}.jsonl.gz"
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * cut)])
        broken[str(path)] = path
    manifest = run(tmp_path / "many", tmp_path / "out")
    damaged = {each["path"]: each["damage"] for each in manifest["inputs"] if "damage" in each}
    assert damaged.keys() == broken.keys()
    assert manifest["kept"]["n_docs"] > 398 * 20
    (said,) = [warning for warning in manifest["warnings"] if "damaged" in warning]
    assert said.startswith("2 of 400 input files are damaged:")
    assert all(path in said and "was read up to" in said for path in broken)
    assert said[:30] in str(api.show(tmp_path / "out"))
    two = [tmp_path / "many" / "007.jsonl.gz", tmp_path / "many" / "008.jsonl.gz"]
    with pytest.raises(
        korpus.DataError, match=r"bytes of the input cannot be read: .*007.* was read up to .*ends before"
    ):
        run(two, tmp_path / "two")
    two[0].write_bytes(two[0].read_bytes()[:12])
    with pytest.raises(korpus.DataError, match="007.jsonl.gz: the file ends before its compressed data does"):
        run(two[:1], tmp_path / "one")


def test_a_file_that_is_something_else_is_not_one_bad_document(tmp_path):
    write(tmp_path, "good.jsonl", noise(500))
    write(tmp_path, "bad.jsonl", ("이것은 JSON이 아닙니다" * 1000 + "\n") * 4)
    with pytest.raises(korpus.DataError, match="bad.jsonl .*nothing in it is a document"):
        run(tmp_path, tmp_path / "out", max_bad_ratio=0.4)
    manifest = run(tmp_path, tmp_path / "out", max_bad_ratio=0.9)
    assert manifest["kept"]["n_docs"] == 500


# --- folders ---------------------------------------------------------------------------------------------------------


def test_nothing_in_a_folder_is_passed_over_in_silence(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    one = lines([{"text": "하나의 글"}]).encode()
    for name in ("a.jsonl", "b.ndjson.2", "c.jsonlines.old", "d", "e.data"):
        write(raw, name, one)
    write(raw, "f.jsonl.zstd", COMPRESS["zst"](one))
    write(raw, "g.json", '{"text": "객체 하나"}')
    write(raw, "h.json", '{"about": "설명"}')
    write(raw, "i.hwp", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"HWP Document File" + bytes(512))
    write(raw, "j.md", "설명입니다")
    write(raw, ".hidden.jsonl", one)
    (tmp_path / "elsewhere").mkdir()
    write(tmp_path / "elsewhere", "k.jsonl", one)
    (raw / "linked").symlink_to(tmp_path / "elsewhere")
    (raw / "circle").symlink_to(raw)
    manifest = run(raw, tmp_path / "out")
    assert manifest["kept"]["n_docs"] == 8
    passed = {each["path"].rpartition("/")[2]: each["why"] for each in manifest["passed_over"]}
    assert passed.keys() == {"h.json", "i.hwp", "j.md", ".hidden.jsonl", "circle"}
    assert "hwp" in passed["i.hwp"].lower()
    said = checked(PLAIN, [str(raw)], tmp_path / "other")
    shown = render(api.show(tmp_path / "out"), width=10_000)
    for name in passed:
        assert name in shown
        assert name in said


@pytest.mark.parametrize(
    "unit", [" ", "\n", "\t \r\n", "<", "[", "{", "<!--", "<doc ", "##", "1\n", "-->", "0:00", '"', "\0"]
)
def test_a_beginning_of_nothing_but_one_thing_is_looked_at_in_no_time(tmp_path, unit):
    # Each of these is what some format begins with; none may make the look at a file grow with the square of it.
    data = (unit * (1 << 20))[: 1 << 20]
    write(tmp_path, "a.unknown", data)
    write(tmp_path, "b.jsonl", lines([{"text": "글입니다"}]))
    manifest = run(tmp_path, tmp_path / "out", max_bad_ratio=1.0)
    assert manifest["kept"]["n_docs"] >= 1


def test_the_folders_of_hive_are_columns(tmp_path):
    for year, site in ((2023, "naver"), (2024, "다음%20카페"), (2024, "__HIVE_DEFAULT_PARTITION__")):
        folder = tmp_path / "hive" / f"year={year}" / f"site={site}"
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"text": [f"글 {year} {site}"], "n": [1]}), folder / "a.parquet")
    run(tmp_path / "hive", tmp_path / "out", keep=["site", "year"])
    assert {(row["site"], row["year"]) for row in rows(tmp_path / "out")} == {
        ("naver", 2023),
        ("다음 카페", 2024),
        (None, 2024),
    }


def test_own_output_and_exports_are_input(tmp_path):
    recipe = {**PLAIN, "stages": ["nfc", {"domain": {"field": "c", "map": {"가": "one", "나": "two"}}}]}
    source = write(tmp_path, "a.jsonl", lines([{"text": "하나", "c": "가"}, {"text": "둘둘", "c": "나"}]))
    korpus.run(recipe, [source], tmp_path / "first", workers=1, quiet=True)
    for format in ("jsonl", "hf"):
        api.export(tmp_path / "first", tmp_path / format, format)
    for name in ("first", "first/data", "jsonl", "hf"):
        run(tmp_path / name, tmp_path / f"again-{name.replace('/', '-')}")
        found = {row["text"]: row.get("domain") for row in rows(tmp_path / f"again-{name.replace('/', '-')}")}
        assert found.keys() == {"하나", "둘둘"}
        if name.startswith("first"):
            assert found == {"하나": "one", "둘둘": "two"}


# --- CSV and TSV -----------------------------------------------------------------------------------------------------


def test_public_tsv_is_read_to_the_row(tmp_path):
    reviews = [
        ("9976970", "아 더빙.. 진짜 짜증나네요 목소리", "0"),
        ("2", '"완전 좋아', "1"),
        ("3", '그가 "네" 했다', "1"),
    ]
    reviews += [("4", 'ㅋㅋ"', "0"), ("5", '"전부 따옴표"', "1"), ("6", "", "0"), ("7", '""', "1")]
    body = "".join("\t".join(row) + "\n" for row in reviews)
    write(tmp_path, "ratings_train.txt", "id\tdocument\tlabel\n" + body)
    manifest = run(tmp_path / "ratings_train.txt", tmp_path / "nsmc", max_bad_ratio=1.0, text="document")
    assert manifest["read"]["n_in"] == 7
    assert rows(tmp_path / "nsmc") == [{"text": t, "id": i, "label": n} for i, t, n in reviews if t]
    pairs = [('"그는 갔다.', "그는 왔다.", "contradiction"), ("가 나", '다" 라', "neutral")] * 3
    write(tmp_path, "nli.tsv", "sentence1\tsentence2\tgold_label\n" + "".join("\t".join(p) + "\n" for p in pairs))
    run(tmp_path / "nli.tsv", tmp_path / "nli", text=["sentence1", "sentence2"])
    assert [row["text"] for row in rows(tmp_path / "nli")] == [f"{a}\n{b}" for a, b, _ in pairs]
    sts = 'main-news\theadlines\t2015\t1\t3.5\t첫 "문장\t둘째 문장\n'
    write(tmp_path, "sts.tsv", "genre\tfilename\tyear\tid\tscore\tsentence1\tsentence2\n" + sts * 5)
    assert run(tmp_path / "sts.tsv", tmp_path / "sts", text="sentence1")["kept"]["n_docs"] == 5


def test_stray_quotes_in_a_quoted_file_cost_no_other_row(tmp_path):
    good = [f'{i},"글, ""인용"" {i}"\n' for i in range(300)]
    odd = ['300,"열기만 한 글\n', '301,글 "중간" 글\n', '302,"닫고" 더 쓴 글\n']
    data = "id,text\n" + "".join(good[:100] + odd + good[100:200] + odd + good[200:])
    manifest = run(write(tmp_path, "a.csv", data), tmp_path / "out", max_bad_ratio=1.0, split_bytes=1024)
    assert manifest["read"]["n_in"] == manifest["kept"]["n_docs"] == 306


@pytest.mark.parametrize(
    ("data", "given", "expected"),
    [
        (" id ; text \n1;가;나\n", {}, None),
        ("id|text\n1|가,나\n", {}, [{"text": "가,나", "id": "1"}]),
        ("id,text\r1,가\r2,나\r", {}, [{"text": "가", "id": "1"}, {"text": "나", "id": "2"}]),
        ("1,가\n2,나\n", {"columns": ["id", "text"]}, [{"text": "가", "id": "1"}, {"text": "나", "id": "2"}]),
        ("id,text\n1,가\n", {"columns": ["id", "text"]}, [{"text": "가", "id": "1"}]),
        ('id,text\n1,"가 \\"나\\", 다"\n2,라\n', {}, [{"text": '가 "나", 다', "id": "1"}, {"text": "라", "id": "2"}]),
        ("id,text\n1,'가,나'\n", {"quote": "'"}, [{"text": "가,나", "id": "1"}]),
        ('id,text\n1,"가"\n', {"quote": "none"}, [{"text": '"가"', "id": "1"}]),
        ("id,text\n1,가\\n나\n2,\\N\n", {"quote": "none", "escape": "\\"}, [{"text": "가\n나", "id": "1"}]),
        ("id,text\n", {}, []),
        ("﻿text\n가\n", {}, [{"text": "가"}]),
    ],
)
def test_tables_as_they_come(tmp_path, data, given, expected):
    path = write(tmp_path, "a.csv", data)
    if expected is None:
        with pytest.raises(korpus.DataError, match="cannot be read"):
            run(path, tmp_path / "out", **given)
        return
    manifest = run(path, tmp_path / "out", max_bad_ratio=1.0, **given)
    assert (rows(tmp_path / "out") if expected else []) == expected
    if not expected:
        assert any("hold no documents" in warning for warning in manifest["warnings"])


def test_a_file_without_a_header_says_how_to_name_its_columns(tmp_path):
    path = write(tmp_path, "a.tsv", "1\t글\n2\t둘\n")
    with pytest.raises(korpus.SchemaError, match=r"if the first line is no header, .*input\.columns"):
        run(path, tmp_path / "out")
    with pytest.raises(korpus.SchemaError, match=r"has 2 columns, and input.columns names 3; its first .*: 1 \| 글"):
        run(path, tmp_path / "out", columns=["id", "text", "label"])


def test_check_shows_the_first_rows_as_they_are_understood(tmp_path):
    path = write(tmp_path, "a.csv", "id;text\n1;가,나\n2;\n")
    said = checked(PLAIN, [str(path)], tmp_path / "out")
    assert "text='가,나'  id='1'" in said
    assert "(rejected: empty_text: column 'text' is empty)" in said


# --- JSON ------------------------------------------------------------------------------------------------------------


def test_json_as_it_comes(tmp_path):
    write(tmp_path, "s.json", json.dumps(["첫 글", "둘째 글"]))
    run(tmp_path / "s.json", tmp_path / "s")
    assert rows(tmp_path / "s") == [{"text": "첫 글"}, {"text": "둘째 글"}]
    talk = {"info": {"id": "a"}, "utterances": [{"text": "안녕"}, {"text": None}, {"text": "그래"}]}
    write(tmp_path, "t.json", json.dumps(talk, indent=1))
    run(tmp_path / "t.json", tmp_path / "t", text="utterances[].text", records="file", keep=["info.id"])
    assert rows(tmp_path / "t") == [{"text": "안녕\n그래", "info.id": "a"}]
    articles = [
        {"title": t, "paragraphs": [{"context": f"{t}{i}"} for i in range(n)]} for t, n in (("가", 2), ("나", 0))
    ]
    write(tmp_path, "q.json", json.dumps({"version": 1, "data": articles}))
    inner = {"text": "data[].paragraphs[].context", "records": "data[].paragraphs[]", "keep": ["data[].title"]}
    run(tmp_path / "q.json", tmp_path / "q", **inner)
    assert rows(tmp_path / "q") == [{"text": f"가{i}", "data[].title": "가"} for i in range(2)]
    with pytest.raises(korpus.SchemaError, match=r"give input\.text: 'data\[\]\.paragraphs\[\]\.context'.*records"):
        run(tmp_path / "q.json", tmp_path / "none")


def test_a_text_of_several_columns_in_every_format(tmp_path):
    pairs = [("왜?", "그래서"), (None, "답만"), ("물음만", ""), (None, None), ("", "")]
    expected = ["왜?\n그래서", "답만", "물음만"]
    write(tmp_path, "a.jsonl", lines([{"q": q, "a": a, "n": 1} for q, a in pairs]))
    pq.write_table(
        pa.table({"q": [q for q, _ in pairs], "a": [a for _, a in pairs], "n": [1] * 5}), tmp_path / "a.parquet"
    )
    write(tmp_path, "a.csv", "q,a,n\n" + "".join(f"{q or ''},{a or ''},1\n" for q, a in pairs))
    for name in ("a.jsonl", "a.parquet", "a.csv"):
        run(tmp_path / name, tmp_path / f"out-{name}", max_bad_ratio=1.0, text=["q", "a"])
        found = rows(tmp_path / f"out-{name}")
        assert [row["text"] for row in found] == expected
        assert {str(row["n"]) for row in found} == {"1"}
        assert set(found[0]) == {"text", "n"}


# --- limits ----------------------------------------------------------------------------------------------------------


def test_more_splits_than_ids_can_number_are_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr("korpus.io.readers.MAX_SPLITS", 3)
    for name, data in (("a.jsonl", noise(200)), ("b.jsonl.gz", gzip.compress(noise(200)))):
        with pytest.raises(korpus.DataError, match=r"makes more than 3 splits of 1,024 bytes.*split_bytes larger"):
            run(write(tmp_path, name, data), tmp_path / f"out-{name}", split_bytes=1024)


def test_books_that_do_not_add_up_stop_the_run(tmp_path, monkeypatch):
    from korpus.engine import manifest

    real = manifest._read
    monkeypatch.setattr(manifest, "_read", lambda *given: {**real(*given), "n_in": 99})
    source = write(tmp_path, "a.jsonl", noise(5))
    with pytest.raises(korpus.KorpusError, match="the books of this run do not add up"):
        run(source, tmp_path / "out")
    assert not (tmp_path / "out" / "manifest.json").exists()
    monkeypatch.undo()
    assert run(source, tmp_path / "out")["kept"]["n_docs"] == 5


def test_the_recipes_of_the_docs_are_recipes():
    from pathlib import Path

    from korpus import recipe

    texts = [path.read_text("utf-8") for path in (Path(__file__).parent.parent / "docs").glob("*/formats.md")]
    blocks = [block for text in texts for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    assert blocks
    for block in blocks:
        assert recipe.load({"name": "docs", **yaml.safe_load(block)})
