"""The output of WikiExtractor: documents between tags, and what only looks like a tag."""

import json

import pytest

from korpus.io.readers import discover
from korpus.io.readers.wikiextractor import Stream
from tests import converted as check
from tests.reading import read, texts, write

WIKI = """<doc id="5" url="https://ko.wikipedia.org/wiki?curid=5" title="지미 카터">
지미 카터

제임스 얼 카터는 미국의 39번째 대통령이다.
<doc 아닌 것, <doc id="9"> 이것도 </doc> 아니고

둘째 문단이다.

</doc>
<doc id="9" revid="70" url="https://ko.wikipedia.org/wiki?curid=9" title="AT&amp;T "회사" &lt;1&gt;">
AT&amp;T "회사" &lt;1&gt;

통신 회사이다.

</doc>

<doc id="10" url="u" title="수학">
수학은 수를 다룬다.
</doc>
"""
DOCS = [
    (
        '제임스 얼 카터는 미국의 39번째 대통령이다.\n<doc 아닌 것, <doc id="9"> 이것도 </doc> 아니고\n\n둘째 문단이다.',
        "5",
        "https://ko.wikipedia.org/wiki?curid=5",
        "지미 카터",
    ),
    ("통신 회사이다.", "9", "https://ko.wikipedia.org/wiki?curid=9", 'AT&T "회사" <1>'),
    ("수학은 수를 다룬다.", "10", "u", "수학"),
]


def docs(folder, text, **options):
    made, rejects = check.of(folder, "wiki_00", text, "wikiextractor", **options)
    return [tuple(doc.values()) for doc in made], rejects


def test_an_element_is_a_document(tmp_path):
    assert docs(tmp_path, WIKI) == (DOCS, [])
    made, _ = check.of(tmp_path, "wiki_00", WIKI, "wikiextractor")
    assert list(made[0]) == ["text", "id", "url", "title"]


def test_encodings_and_line_ends_make_no_difference(tmp_path):
    check.same_in_every_encoding(tmp_path, "wiki_00", WIKI, "wikiextractor")


def test_pieces_of_any_size_give_the_same_lines(tmp_path, monkeypatch):
    check.same_in_pieces(monkeypatch, tmp_path, "wiki_00", WIKI, "wikiextractor")


def test_a_file_cut_off_loses_its_end_alone_and_says_so(tmp_path):
    check.cut_anywhere_loses_only_the_end(tmp_path, "wiki_00", WIKI, "wikiextractor")
    check.damage_is_told(Stream, WIKI)
    begun = WIKI.index('<doc id="9" revid') + len('<doc id="9" revid="70" url="u" title=""') + 60
    for stop in range(begun, WIKI.index("</doc>", begun) + 6, 3):
        made, rejects = docs(tmp_path, WIKI[:stop])
        assert made == DOCS[:1]
        assert [reason for reason, _ in rejects] == ["truncated_input"]


def test_documents_that_are_not_closed_and_lines_outside(tmp_path):
    text = """앞에 있는 글
둘째 줄

또 하나
<doc id="1" url="u" title="가">
가

첫째
</doc>
<doc id="2" url="u" title="나">
나

닫지 않음
<doc id="3" url="u" title="다">
다

</doc>
</doc>
<doc id="4" url="u" title="라">
둘째
</doc>
"""
    made, rejects = docs(tmp_path, text)
    assert [doc[0] for doc in made] == ["첫째", "둘째"]
    assert [(reason, text) for reason, text in rejects if reason == "bad_block"] == [
        ("bad_block", "앞에 있는 글\n둘째 줄"),
        ("bad_block", "또 하나"),
        ("bad_block", '<doc id="2" url="u" title="나">\n나\n\n닫지 않음'),
        ("bad_block", "</doc>"),
    ]
    assert [reason for reason, _ in rejects if reason != "bad_block"] == ["empty_text"]


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ('<doc id="1" url="u" title="">', ("1", "u", "")),
        ('<doc id="1">', ("1", None, None)),
        ('<doc url="a?b=1&amp;c=2" id="1" title="&quot;">', ("1", "a?b=1&c=2", '"')),
        ('<doc id="1" url="u" title="a="b" c">', ("1", "u", 'a="b" c')),
        ('<doc id="1" url="u" title="끝 > 이다" >', ("1", "u", "끝 > 이다")),
    ],
)
def test_attributes(tmp_path, tag, expected):
    made, rejects = docs(tmp_path, f"{tag}\n글\n</doc>\n")
    assert (made, rejects) == ([("글", *expected)], [])


def test_what_is_too_long_or_no_utf8_is_a_reject_alone(tmp_path):
    said = ["가", "나" * 3000, "다", "라"]
    data = "".join(f'<doc id="{i}" url="u" title="제목">\n{text}\n</doc>\n' for i, text in enumerate(said)).encode()
    made, rejects = docs(tmp_path, data.replace("다".encode(), b"\xb4\xd9"), encoding="utf-8", max_doc_bytes=2000)
    assert [doc[0] for doc in made] == ["가", "라"]
    assert [reason for reason, _ in rejects] == ["too_long", "invalid_utf8"]


def test_nothing_endless_is_held():
    check.never_held_whole(Stream, b'<doc id="1" url="u" title="t">\n', b"x\n")
    check.never_held_whole(Stream, b"", b"x\n")
    check.never_held_whole(Stream, b'<doc id="1"', b' a="b')


def test_a_million_lines(tmp_path):
    n = 20_000
    text = "".join(
        f'<doc id="{i}" url="u" title="제목">\n제목\n\n' + "문장이다.\n" * 50 + "\n</doc>\n" for i in range(n)
    )
    made, error = check.lined(write(tmp_path, "wiki_00", text), "wikiextractor")
    assert (made.count(b"\n"), error) == (n, None)


def test_which_files_are_of_wikiextractor(tmp_path):
    check.is_known(
        "wikiextractor",
        [WIKI, '\n<doc id="1" url="u" title="t">\n'],
        ["", "<doc>", "<html>", '<doc name="1">', '글 <doc id="1">', '{"id": "1"}'],
    )
    for folder in ("AA", "AB"):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder, "wiki_00", WIKI)
        write(tmp_path / folder, "notes", "글\n")
        write(tmp_path / folder, "picture.jpg", bytes(range(128, 256)) * 40 + b"\n\x90\xff" * 40)
    assert [file.path[-10:] for file in discover([tmp_path], "wikiextractor")] == ["AA/wiki_00", "AB/wiki_00"]
    check.refuses(tmp_path, "d.txt", "그냥 글\n", "wikiextractor", "does not look like the output of WikiExtractor")


def test_its_json_is_json_lines(tmp_path):
    keys = ("text", "id", "url", "title")
    text = "".join(json.dumps(dict(zip(keys, doc)), ensure_ascii=False) + "\n" for doc in DOCS)
    result = read(write(tmp_path, "wiki_00", text), format="jsonl")
    assert texts(result) == [doc[0] for doc in DOCS]
    assert result[0][0][1]["title"] == "지미 카터"
