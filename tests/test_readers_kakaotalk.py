"""Chats of KakaoTalk: the exports of its programs, what is no message in them, and names that look like messages."""

import pyarrow.parquet as pq
import pytest

import korpus
from korpus.io.readers import discover
from korpus.io.readers.kakaotalk import Stream
from tests import converted as check
from tests.reading import write

ANDROID = """우리 반 35 카카오톡 대화
저장한 날짜 : 2024년 5월 3일 오전 9:00


2024년 5월 2일 목요일
2024년 5월 2일 오전 12:30, 홍길동님이 김철수님을 초대했습니다.
2024년 5월 2일 오전 12:31, 홍길동 : 안녕하세요
여러 줄

2024년 5월에 봐요, 우리 : 꼭
2024년 5월 2일 오후 12:30, 김철수 : 사진
2024년 5월 2일 오후 3:04, 홍길동 : 비율은 3 : 4 입니다

2024년 5월 3일 금요일
2024년 5월 3일 오후 3:05, 김철수님이 나갔습니다.
2024년 5월 3일 오후 3:05, 처음 보는 알림
2024년 5월 3일 오후 3:06, 홍길동 : 삭제된 메시지입니다.
2024년 5월 3일 15:07, 홍길동 : 샵검색: #날씨
"""
ANDROID_MESSAGES = [
    ("홍길동님이 김철수님을 초대했습니다.", None, "2024-05-02T00:30:00", "invited"),
    ("안녕하세요\n여러 줄\n\n2024년 5월에 봐요, 우리 : 꼭", "홍길동", "2024-05-02T00:31:00", None),
    ("사진", "김철수", "2024-05-02T12:30:00", "photo"),
    ("비율은 3 : 4 입니다", "홍길동", "2024-05-02T15:04:00", None),
    ("김철수님이 나갔습니다.", None, "2024-05-03T15:05:00", "left"),
    ("처음 보는 알림", None, "2024-05-03T15:05:00", "other"),
    ("삭제된 메시지입니다.", "홍길동", "2024-05-03T15:06:00", "deleted"),
    ("샵검색: #날씨", "홍길동", "2024-05-03T15:07:00", "search"),
]
IOS = """홍길동 님과 카카오톡 대화
저장한 날짜 : 2024. 5. 3. 오전 9:00



2024년 5월 2일 목요일
2024. 5. 2. 오후 3:04, 홍길동 : 안녕
2024. 5. 2. 오후 11:59, 나 : 네
  들여 쓴 줄
2024. 5. 2. 오후 3:04: 홍길동님이 나갔습니다.
"""
IOS_MESSAGES = [
    ("안녕", "홍길동", "2024-05-02T15:04:00", None),
    ("네\n  들여 쓴 줄", "나", "2024-05-02T23:59:00", None),
    ("홍길동님이 나갔습니다.", None, "2024-05-02T15:04:00", "left"),
]
WINDOWS = """홍길동 님과 카카오톡 대화
저장한 날짜 : 2024-05-03 09:00:00

--------------- 2024년 5월 2일 목요일 ---------------
[[팀] 홍길동] [오후 3:04] 안녕 [하세요]
2024년 5월 2일 목요일
2024년 5월 2일 오후 3:04, 누구 : 붙여 넣은 말
홍길동님이 들어왔습니다.
운영정책을 위반한 메시지는 신고됩니다.
[나] [15:05] 이모티콘
--------------- 2024년 5월 3일 금요일 ---------------
채팅방 관리자가 메시지를 가렸습니다.
[나] [오전 12:00] 자정
"""
WINDOWS_MESSAGES = [
    (
        "안녕 [하세요]\n2024년 5월 2일 목요일\n2024년 5월 2일 오후 3:04, 누구 : 붙여 넣은 말",
        "[팀] 홍길동",
        "2024-05-02T15:04:00",
        None,
    ),
    ("홍길동님이 들어왔습니다.\n운영정책을 위반한 메시지는 신고됩니다.", None, None, "joined"),
    ("이모티콘", "나", "2024-05-02T15:05:00", "emoticon"),
    ("채팅방 관리자가 메시지를 가렸습니다.", None, None, "hidden"),
    ("자정", "나", "2024-05-03T00:00:00", None),
]
ENGLISH = """KakaoTalk Chats with 홍길동
Date Saved : May 3, 2024 at 3:04 PM

Thursday, May 2, 2024
May 2, 2024 at 3:04 PM, 홍길동 : hi
May 2, 2024, 12:04 AM, 홍길동 : Photo
2 May 2024 15:04, 홍길동 : 오늘 저녁에 만나요
"""
ENGLISH_MESSAGES = [
    ("hi", "홍길동", "2024-05-02T15:04:00", None),
    ("Photo", "홍길동", "2024-05-02T00:04:00", "photo"),
    ("오늘 저녁에 만나요", "홍길동", "2024-05-02T15:04:00", None),
]
MACOS = """Date,User,Message
2024-05-02 15:04:05,"홍길동","안녕, 여러분"
2024-05-02 15:04:06,"홍길동","여러 줄 ""인용""

둘째"
2024-05-02 15:04:07,"홍길동","홍길동님이 나갔습니다."
2024-05-02 15:04:08,나,동영상
"""
MACOS_MESSAGES = [
    ("안녕, 여러분", "홍길동", "2024-05-02T15:04:05", None),
    ('여러 줄 "인용"\n\n둘째', "홍길동", "2024-05-02T15:04:06", None),
    ("홍길동님이 나갔습니다.", "홍길동", "2024-05-02T15:04:07", "left"),
    ("동영상", "나", "2024-05-02T15:04:08", "video"),
]
EXPORTS = [
    ("KakaoTalkChats.txt", ANDROID, ANDROID_MESSAGES, "우리 반"),
    ("Talk_2024.5.3 09:00-1.txt", IOS, IOS_MESSAGES, "홍길동"),
    ("KakaoTalk_20240503_0900_00_000_홍길동.txt", WINDOWS, WINDOWS_MESSAGES, "홍길동"),
    ("chat.txt", ENGLISH, ENGLISH_MESSAGES, "홍길동"),
    ("KakaoTalk_Chat_우리 반_2024-05-03-09-00-00.csv", MACOS, MACOS_MESSAGES, "우리 반"),
]
each_export = pytest.mark.parametrize(("name", "text", "expected", "room"), EXPORTS, ids=[each[0] for each in EXPORTS])


def messages(folder, name, text):
    made, rejects = check.of(folder, name, text, "kakaotalk")
    return [(doc["text"], doc["speaker"], doc["time"], doc["notice"]) for doc in made], rejects


@each_export
def test_a_message_is_a_document(tmp_path, name, text, expected, room):
    assert messages(tmp_path, name, text) == (expected, [])
    made, _ = check.of(tmp_path, name, text, "kakaotalk")
    assert {doc["room"] for doc in made} == {room}
    assert all(doc["day"] == f"{room} {doc['time'][:10]}" for doc in made if doc["time"])
    assert all(doc["day"] for doc in made)


@each_export
def test_encodings_and_line_ends_make_no_difference(tmp_path, name, text, expected, room):
    check.same_in_every_encoding(tmp_path, name, text, "kakaotalk")


@each_export
def test_pieces_of_any_size_give_the_same_lines(tmp_path, monkeypatch, name, text, expected, room):
    check.same_in_pieces(monkeypatch, tmp_path, name, text, "kakaotalk")


@each_export
def test_a_file_cut_off_loses_its_end_alone(tmp_path, name, text, expected, room):
    check.cut_anywhere_loses_only_the_end(tmp_path, name, text, "kakaotalk")
    check.damage_is_told(Stream, text)


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("오전 12:30", "00:30:00"),
        ("오후 12:30", "12:30:00"),
        ("오전 1:05", "01:05:00"),
        ("오후 11:59", "23:59:00"),
        ("00:00", "00:00:00"),
        ("23:59", "23:59:00"),
        ("오후 15:04", "15:04:00"),
        ("12:30 AM", "00:30:00"),
        ("12:30 PM", "12:30:00"),
        ("PM 3:04", "15:04:00"),
        ("3:04\u202fPM", "15:04:00"),
        ("오후 3:04:05", "15:04:05"),
    ],
)
def test_times_of_day(tmp_path, clock, expected):
    made, rejects = messages(tmp_path, "a.txt", f"2024년 5월 2일 {clock}, 나 : 말")
    assert made == [("말", "나", f"2024-05-02T{expected}", None)]
    assert not rejects
    made, _ = messages(tmp_path, "b.txt", f"--------------- 2024년 5월 2일 목요일 ---------------\n[나] [{clock}] 말")
    assert made[0][2] == f"2024-05-02T{expected}"


def test_names_with_colons_and_brackets(tmp_path):
    def speakers(text):
        return [(speaker, text) for text, speaker, *_ in messages(tmp_path, "a.txt", text)[0]]

    stamp = "2024년 5월 2일 오후 3:04, "
    # known from the header of a chat of two
    header = "공지 : 방장 님과 카카오톡 대화\n저장한 날짜 : 2024년 5월 3일 오전 9:00\n"
    assert speakers(f"{header}{stamp}공지 : 방장 : 안녕\n{stamp}나 : 공지 : 방장 : 안녕") == [
        ("공지 : 방장", "안녕"),
        ("나", "공지 : 방장 : 안녕"),
    ]
    # known from what the program said
    assert speakers(f"{stamp}공지 : 방장님이 들어왔습니다.\n{stamp}공지 : 방장 : 안녕 : 하세요") == [
        (None, "공지 : 방장님이 들어왔습니다."),
        ("공지 : 방장", "안녕 : 하세요"),
    ]
    # who has spoken before does so again
    assert speakers(f"{stamp}나 : 안녕\n{stamp}나 : 철수님이 나갔습니다.")[1] == ("나", "철수님이 나갔습니다.")
    day = "--------------- 2024년 5월 2일 목요일 ---------------\n"
    assert speakers(f"{day}[a] b] [c] [오후 3:04] [오후 3:05] 말") == [("a] b] [c", "[오후 3:05] 말")]


def test_what_is_no_message_is_told_apart_by_the_whole_of_it(tmp_path):
    stamp = "2024년 5월 2일 오후 3:04, 나 : "
    said = [
        "사진",
        "사진 3장",
        "사진 좋다",
        "이모티콘",
        "이모티콘 샀어",
        "파일: a.pdf",
        "보이스톡 해요",
        "삭제된 메시지",
    ]
    made, _ = messages(tmp_path, "a.txt", "\n".join(stamp + each for each in said))
    kinds = [notice for *_, notice in made]
    assert kinds == ["photo", "photo", None, "emoticon", None, "file", "call", None]
    assert [text for text, *_ in made] == said


def test_bad_lines_are_rejects_of_their_own(tmp_path):
    text = """머리글이 아닌 글
둘째 줄
2024년 5월 2일 오후 3:04, 나 : 가
2024년 2월 30일 오후 3:04, 나 : 없는 날
이어지는 줄
2024년 5월 2일 오후 3:99, 나 : 없는 시각
2024년 5월 2일 오후 3:05, 나 : 나
"""
    made, rejects = messages(tmp_path, "a.txt", text)
    assert [each[0] for each in made] == ["가", "나"]
    assert rejects == [
        ("bad_block", "머리글이 아닌 글\n둘째 줄"),
        ("bad_block", "2024년 2월 30일 오후 3:04, 나 : 없는 날\n이어지는 줄"),
        ("bad_block", "2024년 5월 2일 오후 3:99, 나 : 없는 시각"),
    ]
    text = """Date,User,Message
2024-05-02 15:04:05,"나","안 닫은 따옴표
2024-05-02 15:04:06,"나","가"
2024-13-02 15:04:07,"나","없는 달"
아무 글
2024-05-02 15:04:08,"나"
2024-05-02 15:04:09,"나","나"
2024-05-02 15:04:10,"나","끝이 없음
"""
    made, rejects = messages(tmp_path, "a.csv", text)
    assert [each[0] for each in made] == ["가", "나"]
    assert [text.partition("\n")[0] for _, text in rejects] == [
        '2024-05-02 15:04:05,"나","안 닫은 따옴표',
        '2024-13-02 15:04:07,"나","없는 달"',
        "아무 글",
        '2024-05-02 15:04:08,"나"',
        '2024-05-02 15:04:10,"나","끝이 없음',
    ]


def test_several_exports_in_one_file(tmp_path):
    made, rejects = check.of(tmp_path, "a.txt", ANDROID + IOS + WINDOWS + ENGLISH, "kakaotalk")
    assert not rejects
    expected = [*ANDROID_MESSAGES, *IOS_MESSAGES, *WINDOWS_MESSAGES, *ENGLISH_MESSAGES]
    assert [(doc["text"], doc["speaker"], doc["time"], doc["notice"]) for doc in made] == expected
    rooms = [doc["room"] for doc in made]
    assert rooms == ["우리 반"] * len(ANDROID_MESSAGES) + ["홍길동"] * (len(rooms) - len(ANDROID_MESSAGES))


def test_a_message_that_is_too_long_or_not_in_its_encoding_is_a_reject_alone(tmp_path):
    said = ["가", "나" * 2000, "다", "라", "마"]
    text = "\n".join(f"2024년 5월 2일 오후 3:0{i}, 나 : {each}" for i, each in enumerate(said))
    data = text.encode().replace("다".encode(), b"\xb4\xd9")
    made, rejects = check.of(tmp_path, "a.txt", data, "kakaotalk", encoding="utf-8", max_doc_bytes=2000)
    assert [doc["text"] for doc in made] == ["가", "라", "마"]
    assert [reason for reason, _ in rejects] == ["too_long", "invalid_utf8"]
    long = "2024년 5월 2일 오후 3:04, 나 : 가" + "\n" * 5000 + "나\n2024년 5월 2일 오후 3:05, 나 : 다"
    made, rejects = check.of(tmp_path, "a.txt", long, "kakaotalk", max_doc_bytes=2000)
    assert ([doc["text"] for doc in made], [reason for reason, _ in rejects]) == (["다"], ["too_long"])


def test_nothing_endless_is_held():
    begin = "2024년 5월 2일 오후 3:04, 나 : ".encode()
    check.never_held_whole(Stream, begin, b"x")
    check.never_held_whole(Stream, begin, b"x\n")
    check.never_held_whole(Stream, b"", b"x\n")
    check.never_held_whole(Stream, b'Date,User,Message\n2024-05-02 15:04:05,"x","', b"y\n")


def test_a_million_lines(tmp_path):
    n = 50_000
    text = "".join(f"2024년 5월 2일 오후 3:04, 홍길동 : 말 {i}\n{'줄' * (i % 9)}" + "첫째\n\n" * 10 for i in range(n))
    made, error = check.lined(write(tmp_path, "a.txt", text), "kakaotalk")
    assert (made.count(b"\n"), error) == (n, None)


def test_which_files_are_chats(tmp_path):
    check.is_known(
        "kakaotalk",
        [ANDROID, IOS, WINDOWS, ENGLISH, MACOS],
        ["", "Date,User,Message\n1,2,3\n", "안녕\n저장한 날짜 : 2024", "2024년 5월 2일 목요일\n일기\n", "[나] [너]\n"],
    )
    write(tmp_path, "a.txt", ANDROID)
    write(tmp_path, "b.csv", MACOS)
    write(tmp_path, "c.txt", "그냥 글\n")
    assert [file.path[-5:] for file in discover([tmp_path], "kakaotalk")] == ["a.txt", "b.csv"]
    check.refuses(tmp_path, "d.txt", "그냥 글\n", "kakaotalk", "does not look like a chat exported from KakaoTalk")


def test_a_day_of_a_chat_becomes_one_document(tmp_path):
    recipe = {
        "name": "chats",
        "input": {
            "paths": [str(write(tmp_path, "a.txt", ANDROID))],
            "format": "kakaotalk",
            "keep": ["day", "time", "notice"],
        },
        "stages": [
            {"field_filter": {"field": "notice", "keep": [None]}},
            {"group": {"by": "day", "order": "time"}},
        ],
    }
    extra = "2024년 5월 3일 오후 3:08, 나 : 내일 봐요\n2024년 5월 3일 오후 3:07, 나 : 늦게 온 말\n"
    write(tmp_path, "a.txt", ANDROID + extra)
    korpus.run(recipe, out=str(tmp_path / "out"))
    table = pq.read_table(tmp_path / "out" / "data")
    assert table["text"].to_pylist() == [
        "안녕하세요\n여러 줄\n\n2024년 5월에 봐요, 우리 : 꼭\n비율은 3 : 4 입니다",
        "늦게 온 말\n내일 봐요",
    ]
    assert table["day"].to_pylist() == ["우리 반 2024-05-02", "우리 반 2024-05-03"]
    rejects = pq.read_table(tmp_path / "out" / "rejects")
    assert rejects.num_rows == 6  # all that is no message, counted
