"""Encodings: told from samples, decoded while reading, and the same documents in every one."""

import gzip
import json
import tempfile

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from korpus import api
from korpus.errors import DataError, RecipeError
from korpus.io.compress import ByteStream
from korpus.io.readers import discover
from korpus.io.readers.encodings import ENCODINGS, DecodedStream
from korpus.kernels.encodings import find_utf8_hangul
from korpus.recipe.options import InputOptions
from tests.corpus import checked
from tests.reading import COMPRESS, read, texts, write

LINES = [
    "안녕하세요, 오늘은 날씨가 좋습니다.",
    "똠방각하는 펲시콜라를 마신다 ㅋㅋㅋ",
    "이 글은 여러 가지 부호 ※→를 가지고 있다",
    "plain ASCII",
    "",
    "大韓民國의 國語",
]
TEXT = "\n".join(LINES * 30) + "\n"
BYTES = {
    "utf-8": TEXT.encode(),
    "utf-8-sig": TEXT.encode("utf-8-sig"),
    "cp949": TEXT.encode("cp949"),
    "utf-16-le": TEXT.encode("utf-16-le"),
    "utf-16-be": TEXT.encode("utf-16-be"),
    "utf-16": TEXT.encode("utf-16"),
}


def as_encoding(name):
    return {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(name, name)


@pytest.mark.parametrize("name", BYTES)
@pytest.mark.parametrize("extension", ["", ".gz"])
def test_encoding_is_told(tmp_path, name, extension):
    (file,) = discover([write(tmp_path, "x.txt" + extension, COMPRESS[extension](BYTES[name]))])
    assert file.encoding == as_encoding(name)


def test_johab(tmp_path):
    text = TEXT.replace("펲", "페").replace("ㅋ", "크")
    path = write(tmp_path, "x.txt", text.encode("johab"))
    assert discover([path])[0].encoding == "johab"
    assert texts(read(path)) == [line for line in text.split("\n") if line]


@pytest.mark.parametrize("name", [name for name in BYTES if name != "utf-8-sig"])
@pytest.mark.parametrize("extension", ["", ".gz", ".bz2"])
@pytest.mark.parametrize("split_bytes", [100, 1000, 1 << 20])
def test_documents_and_ids_do_not_depend_on_the_encoding(tmp_path, name, extension, split_bytes):
    expected = read(write(tmp_path, "utf8.txt", BYTES["utf-8"]), split_bytes=split_bytes)
    path = write(tmp_path, "x.txt" + extension, COMPRESS[extension](BYTES[name]))
    assert read(path, split_bytes=split_bytes) == expected


@pytest.mark.parametrize("format", ["jsonl", "csv"])
@pytest.mark.parametrize("encoding", ["cp949", "utf-16"])
def test_json_lines_and_csv(tmp_path, format, encoding):
    rows = [line for line in LINES if line]
    data = {
        "jsonl": "".join(json.dumps({"text": row, "이름": "가"}, ensure_ascii=False) + "\r\n" for row in rows),
        "csv": "text,이름\n" + "".join(f'"{row}",가\n' for row in rows),
    }[format]
    expected = read(write(tmp_path, "utf8." + format, data), split_bytes=200)
    assert texts(expected) == rows
    assert read(write(tmp_path, "x." + format, data.encode(encoding)), split_bytes=200) == expected


def test_the_whole_corpus_is_the_same_byte_for_byte(tmp_path):
    made = {}
    for name in ("utf-8", "cp949", "utf-16", "utf-16-be"):
        path = write(tmp_path, f"{name}.txt", BYTES[name])
        recipe = {"input": {"split_bytes": 1024}, "stages": [{"length": {"min_chars": 12}}, "exact_dedup"]}
        out = api.run(recipe, [path], tmp_path / name, workers=1, quiet=True).out
        made[name] = {
            str(shard.relative_to(out)): shard.read_bytes()
            for folder in ("data", "counts")
            for shard in sorted((out / folder).rglob("*.parquet"))
        }
        assert f"{path} (text, {as_encoding(name)}, " in checked(recipe, [path])
    assert made["utf-8"]
    assert all(each == made["utf-8"] for each in made.values())


def test_declared(tmp_path):
    assert set(ENCODINGS) | {"auto"} == set(InputOptions.model_fields["encoding"].annotation.__args__)
    path = write(tmp_path, "x.txt", "쨘 쩝\n".encode("cp949"))
    assert discover([path])[0].encoding == "utf-8"  # too little to tell
    assert discover([path], "auto", "euc-kr")[0].encoding == "cp949"
    assert discover([write(tmp_path, "le.txt", "쩝".encode("utf-16-le"))], encoding="utf-16")[0].encoding == "utf-16-le"
    assert discover([write(tmp_path, "be.txt", "쩝".encode("utf-16"))], encoding="utf-8")[0].encoding == "utf-8"
    with pytest.raises(RecipeError, match="input.encoding must be 'auto', 'utf-8', 'cp949'"):
        api.check({"input": {"encoding": "sjis"}})


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("我们在这里生活和工作，中国的经济发展很快。今天天气很好。", "gb18030"),
        ("私たちはここで生活しています。今日は天気がとても良いので。", "shift_jis"),
        ("私たちはここで生活しています。今日は天気がとても良いので。", "euc_jp"),
        ("我們在這裡生活和工作經濟發展很快今天天氣很好", "big5"),
        ("déjà vu à la crème brûlée où ça était", "latin-1"),
    ],
)
def test_unknown_encodings_are_no_guess(tmp_path, text, encoding):
    path = write(tmp_path, "x.txt", "\n".join([text] * 20).encode(encoding))
    with pytest.raises(DataError, match="cannot tell its encoding.*give input.encoding"):
        discover([path])


def test_a_few_bad_lines_do_not_make_another_encoding(tmp_path):
    data = BYTES["utf-8"] + "여기는 이 파일의 다른 부분이다\n".encode("cp949")
    documents, rejects, *_ = read(write(tmp_path, "x.txt", data))
    assert len(documents) == 150
    assert [bad.reason for _, bad in rejects] == ["invalid_utf8"]


@pytest.mark.parametrize("encoding", ["cp949", "utf-16-le", "utf-16-be"])
def test_a_file_that_changes_its_encoding_midway(tmp_path, encoding):
    other = "가가가가가\n여기부터는 다른 인코딩이다\n"
    data = BYTES[encoding] + other.encode() + ("다시 처음의 인코딩이다\n").encode(encoding)
    if encoding != "cp949":
        data = BYTES[encoding] + other[:-1].encode() + b" " * (len(other[:-1].encode()) % 2)
    documents, rejects, *_ = read(write(tmp_path, "x.txt", data))
    assert {bad.reason for _, bad in rejects} == {"invalid_encoding"}
    assert {bad.detail for _, bad in rejects} == {f"not {encoding.upper()}, the encoding of its file"}
    assert len(documents) == 150 + (encoding == "cp949")
    assert "여기부터는 다른 인코딩이다" in rejects[-1][1].text


def test_what_does_not_decode_is_rejected_by_the_line(tmp_path):
    data = "가나\n".encode("cp949") + b"\xb0\n\x80 a\n" + "다라\n".encode("cp949")
    documents, rejects, *_ = read(write(tmp_path, "x.txt", BYTES["cp949"] + data))
    assert texts((documents,))[-2:] == ["가나", "다라"]
    assert [bad.text for _, bad in rejects] == ["\ufffd", "\ufffd a"]
    odd = "가나\n".encode("utf-16-le") + b"\x00\xd8a\0\n\0" + "다라\n".encode("utf-16-le") + b"x"
    documents, rejects, *_ = read(write(tmp_path, "y.txt", BYTES["utf-16-le"] + odd))
    assert texts((documents,))[-2:] == ["가나", "다라"]
    assert [bad.text for _, bad in rejects] == ["\ufffda", "\ufffd"]


def test_a_compressed_file_that_is_cut_off(tmp_path):
    whole = gzip.compress(BYTES["cp949"] * 300 + np.random.default_rng(0).bytes(50_000).replace(b"\n", b""))
    path = write(tmp_path, "x.txt.gz", whole[:-20_000])
    documents, rejects, *_ = read(path, damages=(damages := []))
    assert texts((documents,)) == [line for line in LINES if line] * 30 * 300
    assert [bad.reason for _, bad in rejects] == ["truncated_input"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([*LINES, "가" * 3000, "x" * 70, " "]), max_size=12),
    st.sampled_from(["cp949", "utf-16-le", "utf-16-be", "johab"]),
    st.lists(st.integers(1, 5000), min_size=1, max_size=5),
    st.booleans(),
)
@example(["가"], "cp949", [1], False)
def test_decoded_bytes_are_those_of_python(rows, encoding, sizes, ended):
    text = "\n".join(rows) + "\n" * ended
    raw = text.encode(encoding, "ignore")
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, "x", raw)
        with DecodedStream(ByteStream(str(path), None), encoding) as stream:
            got = b"".join(iter(lambda: stream.read(sizes[len(sizes) // 2]), b""))
            assert stream.error is None
    assert got == raw.decode(encoding).encode()


def test_lines_longer_than_a_piece(tmp_path, monkeypatch):
    from korpus.io.readers import encodings

    monkeypatch.setattr(encodings, "_PIECE_BYTES", 7)
    monkeypatch.setattr(encodings, "_LONG_BYTES", 20)
    for name in ("cp949", "utf-16-le"):
        path = write(tmp_path, name + ".txt", BYTES[name])
        assert texts(read(path, encoding=name)) == [line for line in LINES if line] * 30


def is_utf8_hangul(line):
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return False
    return "\0" not in text and any("\ua000" <= char <= "\udfff" for char in text)


@settings(max_examples=200)
@given(st.lists(st.one_of(st.binary(max_size=12), st.text(max_size=6).map(str.encode)), max_size=9))
@example(["가나".encode(), b"\xea\xb0", "가\0".encode(), "é".encode(), b""])
def test_lines_that_are_utf8(lines):
    lines = [line.replace(b"\xed\xa0", b"").replace(b"\n", b"") for line in lines]
    ends = np.cumsum([0, *map(len, lines)])
    out = np.zeros(len(lines), bool)
    n = find_utf8_hangul(np.frombuffer(b"".join(lines), np.uint8), ends[:-1], ends[1:], out)
    for line, found in zip(lines, out.tolist(), strict=True):
        if not any(byte in line for byte in (b"\xe0", b"\xed", b"\xf0", b"\xf4")):  # overlong forms, surrogates
            assert found == is_utf8_hangul(line)
    assert n == out.sum()
