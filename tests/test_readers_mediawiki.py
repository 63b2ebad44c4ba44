"""XML dumps of MediaWiki: pages, what is wrong with them, and what is no dump."""

import bz2
import io
from xml.sax.saxutils import escape, quoteattr

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import korpus
from korpus.errors import DataError, SchemaError
from korpus.io.compress import ByteStream
from korpus.io.readers import ReadOptions, discover, pages
from korpus.io.readers.pages import PageStream
from tests.reading import COMPRESS, read, texts, write

HEAD = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="ko">
  <siteinfo>
    <sitename>위키백과</sitename>
    <namespaces><namespace key="0" case="first-letter" /><namespace key="14">분류</namespace></namespaces>
  </siteinfo>
"""
TAIL = "</mediawiki>\n"


def revision(text, timestamp="2024-01-01T00:00:00Z", attributes='bytes="1" xml:space="preserve"'):
    return f"""    <revision>
      <id>900</id>
      <parentid>899</parentid>
      <timestamp>{timestamp}</timestamp>
      <contributor>
        <username>아무개</username>
        <id>77</id>
      </contributor>
      <comment>고침 &lt;page&gt;</comment>
      <model>wikitext</model>
      <text {attributes}>{escape(text)}</text>
    </revision>
"""


def page(title, *revisions, namespace=0, number=1, redirect=None):
    leads = f"    <redirect title={quoteattr(redirect)} />\n" if redirect else ""
    made = "".join(each if each.startswith("    <revision>") else revision(each) for each in revisions)
    return f"""  <page>
    <title>{escape(title)}</title>
    <ns>{namespace}</ns>
    <id>{number}</id>
{leads}{made}  </page>
"""


PAGES = [
    page("서울", "'''서울'''은 <b>수도</b>이다.\n\n[[분류:서울]] &nbsp; \"인용\"", number=5),
    page("분류:서울", "{{분류}}", namespace=14, number=6),
    page("한양 & 한성", "#넘겨주기 [[서울]]", number=7, redirect="서울 <옛>"),
]
DUMP = HEAD + "".join(PAGES) + TAIL


def dump(*made):
    return HEAD + "".join(made) + TAIL


@pytest.mark.parametrize("extension", list(COMPRESS))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_page_is_a_document(tmp_path, extension, encoding):
    path = write(tmp_path, "dump.xml" + extension, COMPRESS[extension](DUMP.encode(encoding)))
    documents, rejects, n_rows, n_blank = read(path)
    assert not rejects
    assert (n_rows, n_blank) == (3, 0)
    assert [document for _, document in documents] == [
        {
            "text": "'''서울'''은 <b>수도</b>이다.\n\n[[분류:서울]] &nbsp; \"인용\"",
            "title": "서울",
            "namespace": 0,
            "page_id": 5,
            "redirect": None,
            "timestamp": "2024-01-01T00:00:00Z",
        },
        {
            "text": "{{분류}}",
            "title": "분류:서울",
            "namespace": 14,
            "page_id": 6,
            "redirect": None,
            "timestamp": "2024-01-01T00:00:00Z",
        },
        {
            "text": "#넘겨주기 [[서울]]",
            "title": "한양 & 한성",
            "namespace": 0,
            "page_id": 7,
            "redirect": "서울 <옛>",
            "timestamp": "2024-01-01T00:00:00Z",
        },
    ]


def test_a_multistream_dump_has_many_members(tmp_path):
    members = [HEAD, *PAGES, TAIL]
    path = write(tmp_path, "multistream.xml.bz2", b"".join(bz2.compress(each.encode()) for each in members))
    assert texts(read(path)) == texts(read(write(tmp_path, "dump.xml", DUMP)))


def test_line_ends_of_windows_and_several_dumps_in_one_file(tmp_path):
    expected = texts(read(write(tmp_path, "dump.xml", DUMP)))
    assert texts(read(write(tmp_path, "x.xml", DUMP.replace("\n", "\r\n")))) == expected
    assert texts(read(write(tmp_path, "y.xml", f"<?xml version='1.0'?>\n{DUMP}\n<?xml version='1.0'?>{DUMP}"))) == (
        expected * 2
    )
    assert texts(read(write(tmp_path, "z.xml", "".join(PAGES)))) == expected  # what one member of a multistream holds


def test_the_columns_can_be_chosen(tmp_path):
    path = write(tmp_path, "dump.xml", DUMP)
    documents, *_ = read(path, keep=("title",))
    assert list(documents[0][1]) == ["text", "title"]
    assert texts(read(path, text="title", keep=())) == ["서울", "분류:서울", "한양 & 한성"]
    with pytest.raises(SchemaError, match="no column 'content'.*title, namespace, page_id, redirect, timestamp"):
        read(path, text="content")


def test_the_newest_revision_is_the_document(tmp_path):
    old, new, other = (revision(text, f"20{year}-01-01T00:00:00Z") for text, year in zip("옛새중", (10, 24, 20)))
    path = write(tmp_path, "x.xml", dump(page("가", old, new, other), page("나", "글", number=2)))
    documents, *_ = read(path)
    assert [(document["text"], document["timestamp"][:4]) for _, document in documents] == [
        ("새", "2024"),
        ("글", "2024"),
    ]


def test_pages_that_are_no_documents(tmp_path):
    made = [
        page("가", "첫째"),
        page("빈 글", revision("", attributes='bytes="0"')),
        page("지운 글", revision("", attributes='deleted="deleted"')),
        page("판 없음"),
        page("나", "둘째").replace("<ns>0</ns>", "<ns>영</ns>"),
        page("다", "둘째 & 셋째").replace("&amp;", "&"),
        page("라", "글").replace("</title>", "</titel>"),
        page("마", "글").replace("  </page>\n", ""),  # the next page begins within it
        page("바", "넷째"),
        "어디에도 없는 글\n",
        page("사", "다섯째").replace("<page>", "<page>" + "<a>" * 30 + "</a>" * 30),
        page("아", "여섯째").replace("여섯째", "여섯\ufffe째"),
        page("자", "마지막", number=9),
    ]
    path = write(tmp_path, "x.xml", dump(*made))
    documents, rejects, n_rows, _ = read(path)
    assert texts((documents,)) == ["첫째", "넷째", "마지막"]
    assert [(bad.row, bad.reason) for _, bad in rejects] == [
        (1, "empty_text"),
        (2, "missing_text"),
        (3, "missing_text"),
        (4, "bad_xml"),
        (5, "bad_xml"),
        (6, "bad_xml"),
        (7, "bad_xml"),
        (9, "bad_xml"),
        (10, "bad_xml"),
        (11, "bad_xml"),
    ]
    assert n_rows == 13
    details = [bad.detail for _, bad in rejects]
    assert "<ns> is not a whole number: '영'" in details[3]
    assert "mismatched tag" in details[5]
    assert "nested too deeply" in details[8]
    assert rejects[5][1].text.startswith("<page>\n    <title>라</titel>\n")  # as it stands in the file
    assert rejects[7][1].text.strip() == "어디에도 없는 글"


def test_invalid_bytes_and_pages_that_are_too_long(tmp_path):
    data = dump(page("가", "하나"), page("나", "둘" * 5000), page("다", "셋째"), page("라", "넷")).encode()
    data = data.replace("셋째".encode(), b"\xff\xfe")
    path = write(tmp_path, "x.xml", data)
    for extra in ({}, {"split_bytes": 1024}, {"split_bytes": 100}):
        documents, rejects, *_ = read(path, max_doc_bytes=2000, **extra)
        assert texts((documents,)) == ["하나", "넷"]
        assert [bad.reason for _, bad in rejects] == ["too_long", "invalid_utf8"]
        assert len(rejects[0][1].text) == 1000


@pytest.mark.parametrize("extension", ["", ".bz2", ".gz"])
def test_a_dump_cut_off(tmp_path, extension):
    data = DUMP.encode()
    for stop in (len(data) - len(TAIL) - 40, len(data) - len(TAIL)):
        path = write(tmp_path, "x.xml" + extension, COMPRESS[extension](data[:stop]))
        documents, rejects, *_ = read(path, damages=(damages := []))
        assert [document["title"] for _, document in documents][:2] == ["서울", "분류:서울"]
        assert [damage.why for damage in damages] == ["the file ends before </mediawiki>"]
        in_page = stop < len(data) - len(TAIL)
        assert [(bad.reason, bad.detail) for _, bad in rejects] == [("truncated_input", damages[0].why)] * in_page
    if extension:
        whole = COMPRESS[extension]((HEAD + "".join(page(f"{i}", f"{i * i}") for i in range(50_000))).encode())
        path = write(tmp_path, "y.xml" + extension, whole[: len(whole) // 2])
        documents, rejects, *_ = read(path, damages=(damages := []))
        assert documents
        assert [bad.reason for _, bad in rejects] == ["truncated_input"]
        assert len(damages) == 1


BOMB = """<?xml version="1.0"?>
<!DOCTYPE mediawiki [
 <!ENTITY a "ㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋ">
 <!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
 <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
 <!ENTITY file SYSTEM "file:///etc/hostname">
]>
"""


def test_an_xml_bomb_has_no_fuse(tmp_path):
    made = [page("가", "하나"), page("나", "x").replace(">x<", ">&c;<"), page("다", "x").replace(">x<", ">&file;<")]
    documents, rejects, *_ = read(write(tmp_path, "x.xml", BOMB + dump(*made, page("라", "넷"))))
    assert texts((documents,)) == ["하나", "넷"]
    assert [bad.reason for _, bad in rejects] == ["bad_xml"] * 2
    assert all("undefined entity" in bad.detail for _, bad in rejects)


class Endless(io.RawIOBase):
    """A page without an end, as a stream."""

    error, path = None, "endless.xml"

    def __init__(self, begin, n):
        self.begin, self.left = begin, n

    def consumed(self):
        return 0

    def read(self, n):
        piece = (self.begin + b"x" * n)[: min(n, self.left)]
        self.begin, self.left = self.begin[n:], self.left - len(piece)
        return piece


def test_no_page_is_held_whole():
    stream = PageStream(Endless(b"<mediawiki><page>", 1 << 26))
    n = 0
    while piece := stream.read(1 << 16):
        n += len(piece)
        assert len(stream._rest) + len(stream._ready) < 1 << 20
    assert n == (1 << 26) - len("<mediawiki>")
    assert stream.error == "the file ends before </mediawiki>"


def test_what_is_no_dump_is_given_up_soon():
    source = Endless(b"<html>", 1 << 40)
    stream = PageStream(source)
    assert stream.read(100) == b""
    assert "not a dump of MediaWiki" in stream.error
    assert source.left > (1 << 40) - 2 * pages.ROOT_WITHIN


def test_files_that_are_no_dumps(tmp_path):
    write(tmp_path, "a.xml", "<html><body>글</body></html>")
    with pytest.raises(DataError, match=r"a\.xml: not a dump of MediaWiki: it has no <mediawiki> and no <page>"):
        read(tmp_path / "a.xml")
    with pytest.raises(DataError, match="the input has no documents"):
        read(write(tmp_path, "b.xml", HEAD + TAIL))
    write(tmp_path, "c.xml.gz", COMPRESS[".gz"](DUMP.encode()))
    assert [file.path for file in discover([tmp_path])] == [str(tmp_path / "b.xml"), str(tmp_path / "c.xml.gz")]
    assert discover([write(tmp_path, "d.dat", DUMP)], "mediawiki")[0].format == "mediawiki"
    # One that is not the first has no say in the columns, and is damaged.
    read(tmp_path / "a.xml", schema=pa.schema([]), damages=(damages := []))
    assert [damage.why.partition(":")[0] for damage in damages] == ["not a dump of MediaWiki"]


@given(cut=st.lists(st.integers(1, len(DUMP.encode())), max_size=20), windows=st.booleans())
def test_pieces_of_any_size_give_the_same_lines(cut, windows):
    data = DUMP.replace("\n", "\r\n" if windows else "\n").encode()

    class Pieces(Endless):
        def __init__(self):
            self.pieces = [data[a:b] for a, b in zip([0, *sorted(cut)], [*sorted(cut), len(data)])]

    source = Pieces()
    stream = PageStream(source)

    def piece(n, bom):
        stream.ended = len(source.pieces) == 1
        return source.pieces.pop(0)

    stream._piece = piece
    lined = stream.read(1 << 30).decode().split("\n")
    assert [line.replace("\r", "\n").strip() for line in lined] == [*map(str.strip, PAGES), ""]


def test_a_run_is_the_same_for_any_number_of_workers(tmp_path):
    write(tmp_path, "dump.xml.bz2", bz2.compress(dump(*(page(f"{i}", f"문서 {i}") for i in range(300))).encode()))
    recipe = {
        "name": "wiki",
        "input": {"paths": [str(tmp_path / "dump.xml.bz2")], "split_bytes": 4096},
        "stages": ["wikitext", {"field_filter": {"field": "namespace", "keep": [0]}}],
    }
    made = []
    for workers in (1, 2):
        out = tmp_path / f"out{workers}"
        korpus.run({**recipe, "engine": {"workers": workers}}, out=str(out))
        made.append({p.name: p.read_bytes() for p in sorted(out.glob("data/**/*.parquet"))})
    assert made[0] == made[1] != {}


def test_the_stream_stands_in_for_its_source(tmp_path):
    path = write(tmp_path, "x.xml", DUMP)
    with PageStream(ByteStream(str(path), None)) as stream:
        assert stream.read(1 << 20).count(b"\n") == 3
        assert stream.consumed() == len(DUMP.encode())
        assert stream.error is None
    assert ReadOptions().text == "text"
