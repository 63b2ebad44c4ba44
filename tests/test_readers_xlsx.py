"""Workbooks: their sheets, headers and values, and those that are damaged."""

import datetime
import io
import random
import sys
import zipfile

import openpyxl
import pytest

from korpus.errors import DataError, KorpusError, MissingExtra
from korpus.io.readers import xlsx
from tests.reading import read, texts, write


def book(folder, name="a.xlsx", **sheets):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for i, row in enumerate(rows, 1):
            for j, value in enumerate(row, 1):
                if value is not None:
                    sheet.cell(i, j, value)
    made.save(folder / name)
    return folder / name


def test_rows_are_documents(tmp_path):
    at = datetime.datetime(2024, 1, 2, 3, 4, 5)
    path = book(
        tmp_path,
        리뷰=[
            [None],
            ["text", "별점", "날짜", None, "참"],
            ["좋아요", 5, datetime.datetime(2024, 1, 2), "이름 없는 열", True],
            [],
            [10, 4.5, at, None, False],
            ["줄\n바꿈_x000D_\n_x0041_ ㅋㅋ", None, datetime.time(1, 2), None, None, "넘친 칸"],
            [None, 3],
            ["#N/A", 3],
            [True],
        ],
        둘째=[["text"], ["다른 장"]],
    )
    documents, rejects, n_rows, n_blank = read(path)
    common = {"별점": None, "날짜": None, "D": None, "참": None, "F": None, "sheet": "리뷰"}
    assert [document for _, document in documents] == [
        {"text": "좋아요", **common, "별점": 5.0, "날짜": "2024-01-02", "D": "이름 없는 열", "참": True},
        {"text": "10", **common, "별점": 4.5, "날짜": "2024-01-02T03:04:05", "참": False},
        {"text": "줄\n바꿈\r\nA ㅋㅋ", **common, "날짜": "01:02:00", "F": "넘친 칸"},
        {"text": "TRUE", **common},
        {"text": "다른 장", **common, "sheet": "둘째"},
    ]
    assert [bad.reason for _, bad in rejects] == ["missing_text"] * 2
    assert (n_rows, n_blank) == (9, 2)


def test_a_sheet_without_the_text_is_a_reject(tmp_path):
    path = book(tmp_path, 안내=[["이 파일은"], ["설명"]], 자료=[["본문", "본문", "sheet"], ["글", "둘", "장"]], 빈=[])
    documents, rejects, *_ = read(path, text="본문")
    assert [document for _, document in documents] == [{"text": "글", "본문.2": "둘", "sheet": "장"}]
    assert [(bad.reason, bad.detail) for _, bad in rejects] == [
        ("bad_sheet", "the sheet '안내' has no column '본문', and is not read; its columns: 이 파일은")
    ]
    with pytest.raises(DataError, match="the sheet '안내' has no column 'text', and is not read"):
        read(path)


def test_many_rows_are_cut_into_splits(tmp_path):
    rows = [[f"문서 {i}", i] for i in range(3000)]
    path = book(tmp_path, a=[["text", "n"], *rows])
    assert texts(read(path)) == [row[0] for row in rows]
    assert texts(read(path, split_bytes=4096)) == [row[0] for row in rows]


def test_wrong_dimensions_and_merged_cells(tmp_path):
    made = openpyxl.Workbook()
    for row in (["text", "b"], ["하나", 1], ["둘", 2]):
        made.active.append(row)
    made.active.merge_cells("A3:B3")
    file = io.BytesIO()
    made.save(file)
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(tmp_path / "a.xlsx", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'<dimension ref="A1:B3"', b'<dimension ref="A1:A1"'))
    documents, *_ = read(tmp_path / "a.xlsx")
    assert [document for _, document in documents] == [
        {"text": "하나", "b": 1.0, "sheet": "Sheet"},
        {"text": "둘", "b": None, "sheet": "Sheet"},
    ]


def test_a_damaged_workbook_is_a_damaged_file(tmp_path, monkeypatch):
    good = book(tmp_path, "a.xlsx", a=[["text"], ["글"]])
    data = good.read_bytes()
    bad = write(tmp_path, "b.xlsx", data[: len(data) // 2])
    with pytest.raises(DataError, match="b.xlsx: the workbook is damaged, or is none: File is not a zip file"):
        read(bad)
    result = read(tmp_path, damages=(damages := []))
    assert texts(result) == ["글"]
    assert [damage.n_lost > 0 for damage in damages] == [True]
    with pytest.raises(DataError, match="no documents"):
        read(book(tmp_path, "c.xlsx", a=[]))
    chance = random.Random(3)
    for _ in range(60):
        damaged = bytearray(data)
        for _ in range(chance.choice([1, 5])):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            read(write(tmp_path, "d.xlsx", bytes(damaged)), damages=[])
        except KorpusError:
            continue
    monkeypatch.setattr(xlsx, "MOST_BYTES", 10_200)
    assert texts(read(good)) == ["글"]
    with zipfile.ZipFile(good, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", " " * 20_000)
    with pytest.raises(DataError, match="xl/sharedStrings.xml in it takes up 20,000 bytes of memory; save it as CSV"):
        read(good)


def test_a_workbook_in_an_archive(tmp_path):
    path = book(tmp_path, "a.xlsx", a=[["text"], ["글"]])
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, "안/a.xlsx")
    assert texts(read(tmp_path / "b.zip")) == ["글"]
    data = bytearray((tmp_path / "b.zip").read_bytes())
    data[200] ^= 1
    with pytest.raises(DataError, match=r"c.zip!안/a.xlsx: this member is damaged"):
        read(write(tmp_path, "c.zip", bytes(data)))
    result = read([path, tmp_path / "c.zip"], damages=(damages := []))
    assert texts(result) == ["글"]
    assert [damage.n_lost > 0 for damage in damages] == [True]


def test_without_the_extra(tmp_path, monkeypatch):
    path = book(tmp_path, "a.xlsx", a=[["text"], ["글"]])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtra, match=r"reading xlsx needs .*korpus-toolkit\[xlsx\]"):
        read(path)
