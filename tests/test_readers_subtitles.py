"""Subtitles: SAMI, SubRip and WebVTT as people have them, and what is wrong with them."""

import pytest

import korpus
from korpus.io.readers import discover
from korpus.io.readers.subtitles import Stream
from tests import converted as check
from tests.reading import write

SAMI = """<SAMI>
<HEAD>
<TITLE>어떤 영화</TITLE>
<STYLE TYPE="text/css">
<!--
P { margin-left:8pt; font-size:20pt; }
.KRCC { Name:한국어; lang:ko-KR; SAMIType:CC; }
.ENCC { Name:English; lang:en-US; SAMIType:CC; }
.FRSUB { Name:Français; lang:fr-FR; }
-->
</STYLE>
</HEAD>
<BODY>
<!-- 자막: 아무개 -->
<SYNC Start=1000><P Class=KRCC>
안녕하세요.<br>
처음 뵙겠습니다
<SYNC Start=1000><P Class=ENCC>
Hello.
<SYNC Start=3000><P Class=KRCC>&nbsp;
<SYNC Start=3500><P Class=ENCC>&nbsp;
<sync start="4000"><p class='krcc'><font color="#ff0000">빨간 <i>글</i></font> <자막> A --> B</p>
<SYNC Start=6000><P Class=KRCC>- 하나<BR>- 둘<P Class=FRSUB>un<br/>deux
<SYNC Start=8000><P Class=KRCC>마지막
</BODY>
</SAMI>
"""
CUES = [
    ("안녕하세요.\n처음 뵙겠습니다", 1000, 3000, "ko"),
    ("Hello.", 1000, 3500, "en"),
    ("빨간 글 <자막> A --> B", 4000, 6000, "ko"),
    ("- 하나\n- 둘", 6000, 8000, "ko"),
    ("un\ndeux", 6000, None, "fr"),
    ("마지막", 8000, None, "ko"),
]
SUBRIP = """1
00:00:01,000 --> 00:00:02,500
<i>안녕</i>하세요
{\\an8}반가워요

2
00:00:03,000 --> 00:00:04,000
2024

둘째 문단
3
00:00:05,000 --> 00:00:06,000
10:30 --> 11:00 약속

00:00:07,000 --> 00:00:08,000 X1:10 X2:20 Y1:1 Y2:2
번호 없음
5
01:00:09.50 -> 01:00:10:000
<font color="red">끝</font> <3 {웃음}
"""
SUBRIP_CUES = [
    ("안녕하세요\n반가워요", 1000, 2500, None),
    ("2024\n둘째 문단", 3000, 4000, None),
    ("10:30 --> 11:00 약속", 5000, 6000, None),
    ("번호 없음", 7000, 8000, None),
    ("끝 <3 {웃음}", 3609500, 3610000, None),
]
WEBVTT = """WEBVTT - 제목
Kind: captions

NOTE 설명
둘째 줄

STYLE
::cue { color: red }

머리
00:01.000 --> 00:02.000 align:start
<v 홍길동>안녕 &amp; <c.y>하</c>이

3
00:00:03.000 --> 00:00:04.000
끝

NOTE 꼬리
"""
WEBVTT_CUES = [("안녕 & 하이", 1000, 2000, None), ("끝", 3000, 4000, None)]


def cues(folder, name, text):
    made, rejects = check.of(folder, name, text, "auto")
    return [(doc["text"], doc["start_ms"], doc["end_ms"], doc["language"]) for doc in made], rejects


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [("a.smi", SAMI, CUES), ("b.srt", SUBRIP, SUBRIP_CUES), ("c.vtt", WEBVTT, WEBVTT_CUES)],
)
def test_a_cue_is_a_document(tmp_path, name, text, expected):
    assert cues(tmp_path, name, text) == (expected, [])


@pytest.mark.parametrize("text", [SAMI.replace("ç", "c"), SUBRIP, WEBVTT])
def test_encodings_and_line_ends_make_no_difference(tmp_path, text):
    check.same_in_every_encoding(tmp_path, "a.srt", text, "subtitles")


@pytest.mark.parametrize("text", [SAMI, SUBRIP, WEBVTT])
def test_pieces_of_any_size_give_the_same_lines(tmp_path, monkeypatch, text):
    check.same_in_pieces(monkeypatch, tmp_path, "a.srt", text, "subtitles")
    check.same_in_pieces(monkeypatch, tmp_path, "b.srt", text.replace("\n", "\r\n"), "subtitles")


@pytest.mark.parametrize("text", [SAMI, SUBRIP, WEBVTT])
def test_a_file_cut_off_loses_its_end_alone(tmp_path, text):
    check.cut_anywhere_loses_only_the_end(tmp_path, "a.srt", text, "subtitles", n_begun=3)
    check.damage_is_told(Stream, text)


def test_a_file_of_sami_without_its_end_says_so(tmp_path):
    at = SAMI.index("마지막") + 1
    made, rejects = cues(tmp_path, "a.smi", SAMI[:at])
    assert made == CUES[:5]
    assert [(reason, '"text":"마"' in text) for reason, text in rejects] == [("truncated_input", True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # entities, with and without a semicolon, in any case
        ("가&nbsp나&NBSP;다 &lt;3 &amp; &AMP; &quot;라&quot; &#44032;&#x1F600; &copy;", '가 나 다 <3 & & "라" 가😀 ©'),
        ("AT&T R&D &notice; &lt", "AT&T R&D &notice; <"),
        # what only looks like a tag is text
        ("1 < 2 > 0 <3 <제목> <unknown> -->", "1 < 2 > 0 <3 <제목> <unknown> -->"),
        ("<font face='굴림' color=red><b>굵게</B></FONT>", "굵게"),
        ("<ruby>漢<rt>한</rt></ruby>", "漢(한)"),
        ("줄\n바꿈  과\t빈칸<br><br>&nbsp;<br>다음", "줄 바꿈 과 빈칸\n다음"),
        ("<font\ncolor=red>나뉜 태그</font>", "나뉜 태그"),
    ],
)
def test_what_sami_shows(tmp_path, text, expected):
    made, rejects = cues(tmp_path, "a.smi", f"<SAMI><BODY><SYNC Start=1><P Class=KRCC>{text}</BODY></SAMI>")
    assert made == [(expected, 1, None, "ko")]
    assert not rejects


def test_forms_of_sami_that_people_have(tmp_path):
    def body(text):
        made, rejects = cues(tmp_path, "a.smi", text)
        assert not rejects
        return made

    # no class, no paragraph, no head, everything on one line
    assert body("<SYNC Start=1>가<SYNC Start=2>&nbsp;<SYNC Start=3 End=9><P>나") == [
        ("가", 1, 2, None),
        ("나", 3, 9, None),
    ]
    # tags without their last bracket
    assert body("<SYNC Start=1 <P Class=KRCC>가\n<SYNC Start=2\n<P Class=KRCC <SYNC Start=3><P Class=KRCC>나") == [
        ("가", 1, 2, "ko"),
        ("나", 3, None, "ko"),
    ]
    # a language after the other
    text = "<SYNC Start=1><P Class=KRCC>가<SYNC Start=5><P Class=KRCC>나<SYNC Start=1><P Class=EGCC>a"
    assert body(text) == [("가", 1, 5, "ko"), ("나", 5, None, "ko"), ("a", 1, None, "en")]
    # two discs in one file
    disc = "<SAMI><BODY><SYNC Start=7><P Class=KRCC>가</BODY></SAMI>\n"
    assert body(disc + disc) == [("가", 7, None, "ko")] * 2
    # a misspelt language, and a paragraph without a class where there is only one
    assert body("<SAMI><STYLE>.SUB {lang: kr-KR;}</STYLE><SYNC Start=1ms><P>가</SAMI>") == [("가", 1, None, "ko")]
    assert body("<SAMI><!-- <SYNC Start=1><P Class=KRCC>숨긴 것 --> <SYNC Start=2>끝</SAMI>") == [
        ("숨긴 것", 1, 2, "ko"),
        ("끝", 2, None, None),
    ]


def test_bad_cues_are_rejects_of_their_own(tmp_path):
    text = """<SAMI><BODY>밖에 있는 글
<SYNC Start=1><P Class=KRCC>가
<SYNC Start=하나><P Class=KRCC>시각 없음
<SYNC><P Class=KRCC>속성 없음
<SYNC Start=5><P Class=KRCC>나
</BODY>꼬리</SAMI>"""
    made, rejects = cues(tmp_path, "a.smi", text)
    assert [cue[0] for cue in made] == ["가", "나"]
    assert rejects == [("bad_block", each) for each in ("밖에 있는 글", "시각 없음", "속성 없음", "꼬리")]
    text = """앞에 있는 글

1
00:00:01,000 --> 00:00:02,000
가

2
00:00:O3,000 --> 00:00:04,000
시각이 나쁨

3
00:00:05,000 --> 00:00:06,000
나
"""
    made, rejects = cues(tmp_path, "a.srt", text)
    assert made == [("가", 1000, 2000, None), ("나", 5000, 6000, None)]
    assert rejects == [
        ("bad_block", "앞에 있는 글"),
        ("bad_block", "00:00:O3,000 --> 00:00:04,000\n시각이 나쁨"),
    ]


def test_invalid_bytes_and_cues_that_are_too_long_reject_themselves_alone(tmp_path):
    blocks = [f"{i}\n00:00:0{i},000 --> 00:00:0{i},500\n{text}\n\n" for i, text in enumerate("가나다라마")]
    data = "".join(blocks).replace("라", "라" * 2000).encode().replace("나".encode(), b"\xb3\xaa")
    made, rejects = check.of(tmp_path, "a.srt", data, "subtitles", encoding="utf-8", max_doc_bytes=2000)
    assert [doc["text"] for doc in made] == ["가", "다", "마"]
    assert [reason for reason, _ in rejects] == ["invalid_utf8", "too_long"]


def test_nothing_endless_is_held():
    check.never_held_whole(Stream, b"<SAMI><SYNC Start=1><P>", b"x")
    check.never_held_whole(Stream, b"<SAMI><SYNC Start=1><P>", b"x\n")
    check.never_held_whole(Stream, b"1\n00:00:01,000 --> 00:00:02,000\n", b"x y\n")
    check.never_held_whole(Stream, b"", b"x")
    check.never_held_whole(Stream, b"<sami>", b"<!-- ")


def test_a_million_lines(tmp_path):
    n = 50_000
    text = "".join(f"{i}\n00:00:01,000 --> 00:00:02,000\n대사 {i}" + "\n첫째\n" * 9 for i in range(1, n + 1))
    made, error = check.lined(write(tmp_path, "a.srt", text), "subtitles")
    assert (made.count(b"\n"), error) == (n, None)


def test_which_files_are_subtitles(tmp_path):
    check.is_known(
        "subtitles",
        [SAMI, SUBRIP, WEBVTT, "\n<sami>\n<head>", "<!-- 자막 -->\n<SAMI>"],
        ["", "<html><body>", "1\n2\n3\n", "안녕하세요", "WEBVTTX", "1\n00:00:01 가", '{"a": 1}'],
    )
    for name, text in (("a.smi", SAMI), ("b.srt", SUBRIP), ("c.vtt", WEBVTT)):
        write(tmp_path, name, text)
    write(tmp_path, "d.txt", SUBRIP)
    write(tmp_path, "e.txt", "그냥 글")
    assert [file.format for file in discover([tmp_path])][:3] == ["subtitles"] * 3
    assert [file.path[-5:] for file in discover([tmp_path], "subtitles")] == ["a.smi", "b.srt", "c.vtt", "d.txt"]


def test_files_that_are_none(tmp_path):
    check.refuses(tmp_path, "a.srt", "그냥 글\n", "subtitles", r"a\.srt does not look like SAMI, SubRip or WebVTT")


def test_the_cues_of_a_file_become_one_document(tmp_path):
    write(tmp_path, "a.smi", SAMI)
    write(tmp_path, "b.srt", SUBRIP)
    recipe = {
        "name": "subtitles",
        "input": {"paths": [str(tmp_path)]},
        "stages": [
            {"field_filter": {"field": "language", "keep": ["ko", None]}},
            {"group": {"by": "path", "order": "start_ms"}},
        ],
    }
    result = korpus.run(recipe, out=str(tmp_path / "out"))
    assert result.manifest["kept"]["n_docs"] == 2
