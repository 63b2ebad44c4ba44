"""What every format must hold that becomes JSON Lines while it is read, whatever the file holds."""

import json

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import korpus
from korpus.io.readers import converted
from korpus.io.readers.formats import CONVERTED, module
from tests.converted import Torn
from tests.nasty import TEXT
from tests.reading import write
from tests.test_readers_conll import CONLLU, KLUE_NER, NAVER
from tests.test_readers_kakaotalk import ANDROID, MACOS, WINDOWS
from tests.test_readers_subtitles import SAMI, SUBRIP, WEBVTT
from tests.test_readers_wikiextractor import WIKI

FILES = {
    "conll": [CONLLU, KLUE_NER, NAVER],
    "kakaotalk": [ANDROID, WINDOWS, MACOS],
    "subtitles": [SAMI, SUBRIP, WEBVTT],
    "wikiextractor": [WIKI],
}
LINES = {format: sorted({line for text in texts for line in text.split("\n")}) for format, texts in FILES.items()}


def lined(format, data, size=1 << 18):
    stream = module(format).Stream(Torn(data, None), "name", 1 << 20)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(converted, "_PIECE_BYTES", size)
        return stream.read(1 << 30), stream.error


def test_every_format_is_tried():
    assert set(FILES) == set(CONVERTED)


@pytest.mark.parametrize("format", CONVERTED)
@settings(max_examples=60)
@given(data=st.data())
def test_whatever_the_lines_are(format, data):
    parts = data.draw(
        st.lists(st.sampled_from(LINES[format]) | TEXT | st.sampled_from(["<", ">", "\t", '"', "[", " : "]))
    )
    raw = data.draw(st.sampled_from(["\n", "\r\n", ""])).join(parts).encode()
    raw = raw.replace("한".encode(), b"\xff")  # not UTF-8
    made, error = lined(format, raw)
    assert lined(format, raw, 3) == (made, error)
    for line in made.split(b"\n")[: -1 if error is None else None]:
        text = line.decode("utf-8", "surrogateescape")
        if text.startswith("{"):
            assert set(json.loads(text)) == set(module(format).Stream.columns)
        elif text or error is None:
            _, end = json.JSONDecoder().raw_decode(text)
            assert text[end] == " "
            assert text[end + 1 :]
    if error is None:
        assert made.endswith(b"\n") or not made


@pytest.mark.parametrize(
    ("format", "text"),
    [
        ("kakaotalk", ANDROID),
        ("kakaotalk", WINDOWS),
        ("kakaotalk", MACOS),
        ("wikiextractor", WIKI),
        ("subtitles", SUBRIP),
    ]
    + [("subtitles", SAMI[SAMI.index("<BODY>") :]), ("subtitles", SAMI[SAMI.index("<SYNC") :]), ("conll", NAVER)],
)
@settings(max_examples=40)
@given(data=st.data())
def test_no_word_vanishes_wherever_it_stands(format, text, data):
    lines = text.split("\n")
    places = data.draw(st.lists(st.integers(0, len(lines)), max_size=8))
    gone = data.draw(st.sets(st.integers(0, len(lines) - 1), max_size=4))
    words = {}
    for i, at in enumerate(places):
        words.setdefault(at, []).append(f"{'가나다라마바사아'[i]}낱말 끝")
    parts = []
    for at in range(len(lines) + 1):
        parts += words.get(at, [])
        parts += [lines[at]] if at < len(lines) and at not in gone else []
    made, _ = lined(format, "\n".join(parts).encode())
    for word in sum(words.values(), []):
        assert word in made.decode()


@pytest.mark.parametrize("format", CONVERTED)
def test_a_run_is_the_same_for_any_number_of_workers(format, tmp_path):
    paths = [write(tmp_path, f"{i}.txt", text * 3) for i, text in enumerate(FILES[format])]
    recipe = {
        "name": format,
        "input": {"paths": [str(path) for path in paths], "format": format, "split_bytes": 1024},
        "stages": ["nfc"],
    }
    made = []
    for workers in (1, 2):
        out = tmp_path / f"out{workers}"
        korpus.run({**recipe, "engine": {"workers": workers, "max_bad_ratio": 1.0}}, out=str(out))
        made.append({p.name: p.read_bytes() for p in sorted(out.glob("data/**/*.parquet"))})
    assert made[0] == made[1] != {}
    table = pq.read_table(tmp_path / "out1" / "data")
    assert set(module(format).COLUMNS) <= set(table.schema.names)
    assert table.num_rows
