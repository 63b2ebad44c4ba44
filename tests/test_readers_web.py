"""Web pages and WARC files: charsets, contents, what is no document, and what is damaged."""

import gzip
import random
import sys
import zipfile
import zlib

import brotli
import pyarrow as pa
import pytest

import korpus
from korpus.errors import DataError, KorpusError, MissingExtra
from korpus.io.readers import warc, webtext
from korpus.io.readers.formats import looks_like_html, looks_like_warc
from korpus.io.readers.webtext import decode
from tests.reading import COMPRESS, read, texts, write

BODY = "가을이 오면 산과 들이 물들고, 사람들은 저마다의 자리에서 지난 계절을 돌아본다. 나는 그 길을 오래 걸었다."
PAGE = f"""<!DOCTYPE html><html lang="ko"><head><meta charset="utf-8"><title> 제목 &amp;
 둘째 줄</title><link rel="canonical" href="https://example.com/글"><style>p {{}}</style></head>
<body><nav><a href="/">처음으로</a><a href="/login">로그인</a></nav>
<div id="content"><article><h1>가을</h1><p>{BODY}</p><p>둘째 문단이다.<br>줄을 바꾼다.</p></article></div>
<script>var x = 1;</script><footer>저작권 표시</footer></body></html>"""
TEXT = f"가을\n\n{BODY}\n\n둘째 문단이다.\n줄을 바꾼다."


@pytest.mark.parametrize("extension", list(COMPRESS))
def test_a_page_is_a_document(tmp_path, extension):
    path = write(tmp_path, "a.html" + extension, COMPRESS[extension](PAGE.encode()))
    documents, rejects, n_rows, n_blank = read(path)
    assert [document for _, document in documents] == [
        {
            "text": TEXT,
            "path": str(path),
            "title": "제목 & 둘째 줄",
            "url": "https://example.com/글",
            "language": "ko",
        }
    ]
    assert (rejects, n_rows, n_blank) == ([], 1, 0)


def test_all_of_the_text(tmp_path):
    (text,) = texts(read(write(tmp_path, "a.htm", PAGE), main_content=False))
    assert text.startswith("처음으로")
    assert "저작권 표시" in text
    assert "var x" not in text
    # Where no main content is found, all is taken.
    assert texts(read(write(tmp_path, "b.html", "<ul><li>하나</li></ul>")))[0].endswith("하나")


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("euc-kr", "cp949"),
        ("KS_C_5601-1987", "cp949"),
        ("utf-8", "cp949"),
        ("euc-kr", "utf-8"),
        ("iso-8859-1", "cp949"),
        ("none-such", "cp949"),
        ("punycode", "cp949"),
        ("x", "utf-16"),
        ("x", "utf-8-sig"),
        ("iso-2022-kr", "iso2022_kr"),
    ],
)
def test_charsets_declared_rightly_and_wrongly(tmp_path, declared, encoding):
    page = PAGE.replace('charset="utf-8"', f'charset="{declared}"').replace(
        "이다", "이다" if "iso" in encoding else "이다똠"
    )
    documents, rejects, *_ = read(write(tmp_path, "a.html", page.encode(encoding)))
    assert not rejects
    assert BODY in documents[0][1]["text"]
    assert ("똠" in documents[0][1]["text"]) == ("iso" not in encoding)


def test_charsets_of_other_languages_and_bytes_that_are_none():
    assert decode("café à la crème".encode("latin-1"), ["iso-8859-1"]) == "café à la crème"
    assert decode("日本語の文章です。これは長い文章。".encode("shift_jis"), ["Shift_JIS"]).startswith("日本語")
    text = BODY * 20
    assert decode(text.encode("cp949")[:-1], ["euc-kr"]).startswith(text[:-1])
    assert decode(text.encode()[:-1], []).startswith(text[:-1])
    assert decode(text.encode("utf-16-le"), ["utf-16"]) == text
    for data in (b"", b"\xff", bytes(range(256)), b"\x80" * 1000):
        try:
            decode(data, ["utf-8", "euc-kr", "idna", "zip", "utf-7", "\0"])
        except ValueError:
            continue


def test_pages_that_are_hard(tmp_path):
    write(tmp_path, "deep.html", "<div>" * 30_000 + "깊은 글")
    write(tmp_path, "empty.html", "")
    write(tmp_path, "nothing.html", "<html><body><script>x</script></body></html>")
    write(tmp_path, "nul.html", "<p>널\0문자 &#0; &#xD800;</p>")
    write(tmp_path, "cut.html.gz", gzip.compress(random.Random(1).randbytes(5000))[:3000])
    write(tmp_path, "long.html", "<p>" + "긴 글" * 1000)
    documents, rejects, *_ = read(tmp_path, max_doc_bytes=200_000, damages=(damages := []))
    assert len(damages) == 1
    assert [document["text"][:4] for _, document in documents] == ["깊은 글", "긴 글긴", "널\ufffd문자"[:4]]
    assert [bad.reason for _, bad in rejects] == ["truncated_input", "empty_text", "empty_text"]
    _, rejects, *_ = read(tmp_path / "long.html", max_doc_bytes=1500)
    assert [(bad.reason, bad.detail[:24]) for _, bad in rejects] == [("too_long", "longer than 1,500 bytes;")]
    assert "긴 글긴 글" in rejects[0][1].text


def record(kind="response", body=b"", url="https://example.com/", mime=None, n=None, **fields):
    mime = mime or ("application/http; msgtype=response" if kind == "response" else "text/plain")
    head = [f"WARC-Type: {kind}", f"WARC-Target-URI: {url}", "WARC-Date: 2024-01-02T03:04:05Z", f"Content-Type: {mime}"]
    head += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    head += [f"Content-Length: {len(body) if n is None else n}"]
    return ("WARC/1.0\r\n" + "\r\n".join(head) + "\r\n\r\n").encode() + body + b"\r\n\r\n"


def http(body, *headers, status="200 OK"):
    body = body.encode() if isinstance(body, str) else body
    return ("\r\n".join([f"HTTP/1.1 {status}", *headers]) + "\r\n\r\n").encode() + body


def page(text, *headers):
    return http(f"<html><body><p>{text}</p></body></html>", "Content-Type: text/html; charset=utf-8", *headers)


INFO = record("warcinfo", b"software: x\r\n", mime="application/warc-fields")
DULL = [
    INFO,
    record("request", b"GET / HTTP/1.1\r\n\r\n", mime="application/http; msgtype=request"),
    record("metadata", b"x: y"),
    record("revisit", page("다시")),
    record(body=page("없다"), url="https://example.com/robots.txt"),
    record(body=http("<p>없음</p>", "Content-Type: text/html", status="404 Not Found")),
    record(body=http(b"\x89PNG", "Content-Type: image/png")),
    record("resource", b"\x89PNG", mime="image/png"),
    record("response", b"127.0.0.1", mime="text/dns", url="dns:example.com"),
]


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz", "members.warc.gz", "a.warc.zst"])
def test_records_are_documents(tmp_path, name):
    made = [
        *DULL,
        record(body=http(PAGE, "Content-Type: text/html"), url="<https://example.com/글>"),
        record(body=http("그냥 글\n둘째 줄", "content-type:TEXT/PLAIN")),
        record("resource", "<p>자료</p>".encode(), mime="text/html", WARC_Identified_Content_Language="kor"),
        record("conversion", "변환한 글".encode(), url="https://example.com/wet"),
    ]
    data = b"".join(map(gzip.compress, made)) if name.startswith("members") else b"".join(made)
    if not name.startswith("members"):
        data = COMPRESS[name.removeprefix("a.warc")](data)
    documents, rejects, n_rows, n_blank = read(write(tmp_path, name, data))
    assert not rejects
    assert (n_rows, n_blank) == (len(made), len(DULL))
    common = {"url": "https://example.com/", "date": "2024-01-02T03:04:05Z", "title": None, "language": None}
    assert [document for _, document in documents] == [
        {
            **common,
            "text": TEXT,
            "url": "https://example.com/글",
            "content_type": "text/html",
            "title": "제목 & 둘째 줄",
            "language": "ko",
        },
        {**common, "text": "그냥 글\n둘째 줄", "content_type": "text/plain"},
        {**common, "text": "자료", "content_type": "text/html", "language": "kor"},
        {**common, "text": "변환한 글", "content_type": "text/plain", "url": "https://example.com/wet"},
    ]


def chunked(data, n=50):
    pieces = [data[at : at + n] for at in range(0, len(data), n)]
    return b"".join(b"%x;ext=1\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def test_contents_that_are_chunked_and_compressed(tmp_path):
    plain = f"<p>{BODY}</p>".encode()
    html = "Content-Type: text/html; charset=utf-8"
    raw = zlib.compressobj(wbits=-15)
    packed = {
        "gzip": gzip.compress(plain),
        "x-gzip": gzip.compress(plain),
        "deflate": zlib.compress(plain),
        "DEFLATE": raw.compress(plain) + raw.flush(),
        "br": brotli.compress(plain),
        "zstd": pa.Codec("zstd").compress(plain, asbytes=True),
        "identity": plain,
    }
    made = [http(data, html, f"Content-Encoding: {name}") for name, data in packed.items()]
    made += [http(plain, html, f"Content-Encoding: {name}") for name in packed]  # taken off already by the crawler
    made += [http(chunked(plain), html, "Transfer-Encoding: chunked"), http(plain, html, "Transfer-Encoding: chunked")]
    made += [http(chunked(packed["gzip"]), html, "Transfer-Encoding: chunked", "Content-Encoding: gzip")]
    result = read(write(tmp_path, "a.warc", b"".join(record(body=each) for each in made)))
    assert not result[1]
    assert texts(result) == [BODY] * len(made)


def test_charsets_of_responses(tmp_path):
    plain = f"<p>{BODY}똠</p>".encode("cp949")
    made = [http(plain, f"Content-Type: text/html; charset={name}") for name in ("euc-kr", "utf-8", '"EUC-KR"')]
    made += [http(plain, "Content-Type: text/html")]
    assert texts(read(write(tmp_path, "a.warc", b"".join(record(body=each) for each in made)))) == [f"{BODY}똠"] * 4


def test_bombs_and_damaged_contents(tmp_path):
    html = "Content-Type: text/html; charset=utf-8"
    zeros = bytes(20_000_000)
    made = [
        http(gzip.compress(zeros), html, "Content-Encoding: gzip"),
        http(brotli.compress(zeros), html, "Content-Encoding: br"),
        http(pa.Codec("zstd").compress(zeros, asbytes=True), html, "Content-Encoding: zstd"),
        http(b"\x1f\x8b\x08\xff" + b"x" * 50, html, "Content-Encoding: gzip"),
        http(b"xyz", html, "Content-Encoding: br"),
        http(b"xyz", html, "Content-Encoding: rot13"),
        b"no header",
        page("좋은 글"),
    ]
    path = write(tmp_path, "a.warc", b"".join(record(body=each) for each in made))
    documents, rejects, *_ = read(path, max_doc_bytes=1_000_000)
    assert texts((documents,)) == ["좋은 글"]
    assert [bad.reason for _, bad in rejects] == ["bad_page"] * 7
    assert rejects[0][1].detail == "it is longer than 1,000,000 bytes when decompressed"
    assert "rot13" in rejects[5][1].detail
    assert rejects[6][1].detail == "the response of https://example.com/ has no header of HTTP"
    assert '"url": "https://example.com/"' in rejects[5][1].text
    assert rejects[5][1].text.endswith("xyz")


def test_records_that_are_damaged(tmp_path):
    good = [record(body=page(f"글 {i}")) for i in range(4)]
    made = [
        good[0],
        b"WARC/1.0\r\nWARC-Type: response\r\n\r\nno length\r\n",
        good[1],
        record(body=page("짧다고 한다"), n=60),
        good[2],
        b"garbage\nWARC or what\n",
        record(body=page("음수"), n=-5),
        good[3],
    ]
    documents, rejects, *_ = read(write(tmp_path, "a.warc", INFO + b"".join(made)))
    assert [text for text in texts((documents,)) if text.startswith("글")] == [f"글 {i}" for i in range(4)]
    assert [bad.reason for _, bad in rejects].count("bad_page") == len(rejects) >= 4
    assert any("are no record" in bad.detail for _, bad in rejects)


def test_records_that_are_too_long_and_small_splits(tmp_path):
    made = [record(body=page("하나")), record(body=page("둘" * 100_000)), record(body=page("셋")), *DULL]
    path = write(tmp_path, "a.warc", b"".join(made))
    for size in (1000, 1 << 20):
        documents, rejects, *_ = read(path, max_doc_bytes=50_000, split_bytes=size)
        assert texts((documents,)) == ["하나", "셋"]
        assert [bad.reason for _, bad in rejects] == ["too_long"]


@pytest.mark.parametrize("extension", ["", ".gz"])
def test_a_file_cut_off(tmp_path, extension):
    chance = random.Random(5)
    made = [record(body=page(f"글 {i} {chance.random()}" * 300)) for i in range(100)]
    data = b"".join(made) if not extension else b"".join(map(gzip.compress, made))
    path = write(tmp_path, "a.warc" + extension, data[: len(data) * 2 // 3])
    documents, rejects, *_ = read(path, damages=(damages := []))
    assert len(damages) == 1
    assert 50 < len(documents) < 70
    assert {bad.reason for _, bad in rejects} <= {"truncated_input"}


def test_what_is_no_warc(tmp_path):
    with pytest.raises(DataError, match="a.warc: not a WARC file"):
        read(write(tmp_path, "a.warc", b"x" * (3 << 20)))
    with pytest.raises(DataError, match="b.warc: not a WARC file"):
        read(write(tmp_path, "b.warc", "<html>"))
    with pytest.raises(DataError, match="no documents"):
        read(write(tmp_path, "c.warc", b""))


def test_damage_anywhere_is_a_reject_or_a_document(tmp_path):
    data = INFO + b"".join(record(body=page(f"글 {i}")) for i in range(5)) + record("conversion", "글".encode())
    chance = random.Random(11)
    for _ in range(150):
        damaged = bytearray(data)
        for _ in range(chance.choice([1, 4, 40])):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path = write(tmp_path, "a.warc", bytes(damaged[: chance.choice([len(data), chance.randrange(len(data))])]))
        try:
            read(path, damages=[])
        except KorpusError:
            continue


def test_a_record_is_not_held(tmp_path):
    class Endless:
        error, left = None, 100_000_000

        def __init__(self):
            self.begin = record("conversion", n=100_000_000)[:-4]

        def read(self, n):
            piece = (self.begin + b"x" * n)[: min(n, self.left)]
            self.begin, self.left = self.begin[n:], self.left - len(piece)
            return piece

        consumed = close = None

    stream = warc.WarcStream(Endless())
    while stream.read(1 << 16):
        assert len(stream._buffer) + len(stream._ready) < 2 << 20


def test_without_the_extra(tmp_path, monkeypatch):
    html, wet = write(tmp_path, "a.html", PAGE), write(tmp_path, "a.wet", record("conversion", "글".encode()))
    response = write(tmp_path, "a.warc", record(body=page("글")))
    for name in ("resiliparse", "resiliparse.extract.html2text", "resiliparse.parse.html"):
        monkeypatch.setitem(sys.modules, name, None)
    for path in (html, response):
        with pytest.raises(MissingExtra, match=r"reading web pages needs .*korpus-toolkit\[web\]"):
            read(path)
    assert texts(read(wet)) == ["글"]


def test_pages_in_an_archive_and_a_run(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a/1.html", PAGE)
        archive.writestr("b.warc.gz", gzip.compress(record(body=page("압축 속의 글"))))
    made = []
    for workers in (1, 2):
        out = tmp_path / f"out{workers}"
        recipe = {"name": "web", "input": {"paths": [str(tmp_path / "a.zip")]}, "stages": ["nfc"]}
        korpus.run({**recipe, "engine": {"workers": workers}}, out=str(out))
        made.append({p.name: p.read_bytes() for p in sorted(out.glob("data/**/*.parquet"))})
    assert made[0] == made[1] != {}


def test_the_work_on_one_page_is_bounded(monkeypatch):
    asked = []
    import resiliparse.extract.html2text as library

    inner = library.extract_plain_text
    monkeypatch.setattr(
        library, "extract_plain_text", lambda *a, **k: asked.append(k.get("main_content", False)) or inner(*a, **k)
    )
    assert webtext.page("<div>" * 20_000 + "글").text == "글"
    assert webtext.page(PAGE).text == TEXT
    assert asked == [False, True]


def test_what_begins_as_a_page_or_as_warc():
    for head in (PAGE, "\ufeff \n<HTML>", "<?xml version='1.0'?>\n<!-- 가 -->\n<!DOCTYPE html PUBLIC>", "<head>"):
        assert looks_like_html(head.encode())
    for head in (
        "",
        "<mediawiki>",
        '{"text": "<html>"}',
        "글 <html>",
        "<!doctype xml>",
        "<!-- " * 5000,
        "<!---->" * 500 + "x",
        "<htmlx>",
    ):
        assert not looks_like_html(head.encode())
    assert looks_like_warc(INFO)
    assert not looks_like_warc(b"WARC/1.0 is a format\n")
