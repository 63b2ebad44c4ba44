# ruff: noqa: E501 - lines of texts
"""unwrap: which lines were wrapped and are joined, and which never are."""

import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from korpus.stages.unwrap import Unwrap
from tests.nasty import TEXT


def unwrap(text, **options):
    return Unwrap(**options).apply(pa.array([text])).to_pylist()[0]


def width(text):
    return sum(2 if "가" <= char <= "힣" or "一" <= char <= "鿿" else 1 for char in text)


def wrap(text, columns, indent=""):
    """Wrap each line of a text between words."""
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            if line and width(indent + line) + 1 + width(word) > columns:
                lines.append(indent + line)
                line = word
            else:
                line = f"{line} {word}" if line else word
        lines.append(indent + line if line else "")
    return "\n".join(lines)


def cut(text, columns):
    """Cut each line of a text between syllables, where it is full; spaces stay where they are."""
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for char in paragraph:
            if width(line + char) > columns:
                lines.append(line)
                line = ""
            line += char
        lines.append(line)
    return "\n".join(lines)


FOREST = (
    "우리 마을 뒷산에는 오래된 소나무 숲이 있다. 어른들은 그 숲을 함부로 베지 않았고, 아이들은 여름마다 그늘에 모여 "
    "놀았다. 가을이 되면 솔잎을 긁어 땔감으로 썼고 겨울에는 눈 쌓인 가지를 털어 주었다. 그렇게 백 년이 흐르는 동안 "
    "숲은 마을의 이름보다 더 널리 알려지게 되었다."
)
RIVER = (
    "강을 따라 내려가면 작은 나루터가 나온다. 예전에는 이곳에서 소금과 쌀을 바꾸는 장이 섰다고 하는데 지금은 낡은 배 "
    "한 척과 표지판만 남아 그 시절을 말해 준다. 주말이면 자전거를 탄 사람들이 잠시 쉬어 가고, 나루터 옆 찻집 주인은 "
    "그들에게 오래된 이야기를 들려준다."
)
NOTICE = (
    "이번 공사는 낡은 상수도관을 교체하기 위한 것으로 다음 달 초부터 약 삼 주 동안 이어질 예정입니다. 공사 구간을 "
    "지나는 차량은 안내 요원의 지시에 따라 천천히 운행해 주시기 바라며, 밤 시간에는 소음이 나지 않도록 작업을 "
    "멈추겠습니다. 불편을 끼쳐 드려 죄송합니다."
)
SCIENCE = (
    "빛이 유리를 지나면 속도가 느려지면서 방향이 꺾인다. 이때 꺾이는 정도는 빛의 색에 따라 조금씩 다르기 때문에 "
    "하얀 빛도 프리즘을 지나면 여러 색으로 나뉘어 보인다. 비가 갠 뒤에 나타나는 무지개도 공기 속 물방울이 프리즘과 "
    "같은 일을 해서 생기는 것이다."
)
ENGLISH = (
    "the old library at the corner of the square had been closed for years before anyone noticed that its windows were "
    "lit again at night. people said that the new owner was restoring the reading room, and that she would open it to "
    "everyone in the spring, when the chestnut trees along the street begin to flower."
)
MIXED = (
    "새로 나온 tokenizer 라이브러리는 UTF-8 문자열을 바이트 단위로 나누어 처리하므로 한글과 영어가 섞인 문서에서도 "
    "일정한 속도를 보인다. 개발팀은 GitHub 저장소에 예제 코드를 공개하고, 사용자들이 직접 vocabulary 파일을 만들어 볼 "
    "수 있도록 안내 문서를 함께 제공하고 있다."
)
PROSE = [FOREST, RIVER, NOTICE, SCIENCE, ENGLISH, MIXED]
TWO = f"{FOREST}\n\n{RIVER}"
RUN_ON = f"{FOREST}\n{RIVER}\n{NOTICE}"

POSITIVE = [
    *((wrap(text, columns), text) for text in PROSE for columns in (48, 60, 78)),
    *((wrap(text, columns), text) for text in (TWO, f"{NOTICE}\n\n{SCIENCE}\n\n{RIVER}") for columns in (56, 72)),
    # paragraphs that end in short lines, without a blank line
    *((wrap(RUN_ON, columns), RUN_ON) for columns in (66, 70)),
    # cut between syllables, spaces and all
    *((cut(text, columns), text) for text in (f"{FOREST} {SCIENCE}", f"{RIVER} {NOTICE}") for columns in (41, 44, 61)),
    # a title, and a list after the text
    (f"숲 이야기\n\n{wrap(FOREST, 60)}", f"숲 이야기\n\n{FOREST}"),
    (f"{wrap(RIVER, 60)}\n\n- 나루터\n- 찻집", f"{RIVER}\n\n- 나루터\n- 찻집"),
    (f"{wrap(RIVER, 60)}\n1. 나루터\n2. 찻집", f"{RIVER}\n1. 나루터\n2. 찻집"),
    # line ends of Windows, white space at the end of every line (format=flowed), a margin
    (wrap(TWO, 60).replace("\n", "\r\n"), TWO.replace("\n", "\r\n")),
    (wrap(FOREST, 60).replace("\n", " \n"), FOREST),
    (wrap(FOREST, 60, "    "), f"    {FOREST}"),
    # paragraphs whose first line is indented
    (f"  {wrap(FOREST, 60)}\n  {wrap(RIVER, 60)}", f"  {FOREST}\n  {RIVER}"),
    # a line that is much wider than the others
    (f"{'긴 제목과 ' * 20}\n\n{wrap(NOTICE, 60)}", f"{'긴 제목과 ' * 20}\n\n{NOTICE}"),
    # hyphens at the end of lines
    (
        "this is a letter about the coming publi-\ncation of a dictionary, which is well-\nknown among all who write "
        "new gram-\nmars and who have been waiting for a long\ntime.",
        "this is a letter about the coming publication of a dictionary, which is well-known among all who write new "
        "grammars and who have been waiting for a long time.",
    ),
]


@pytest.mark.parametrize(("text", "expected"), POSITIVE)
def test_what_was_wrapped_is_joined(text, expected):
    assert "\n" in text
    assert unwrap(text) == expected
    assert unwrap(expected) == expected


def test_there_are_cases_enough():
    assert len(POSITIVE) >= 30
    assert len(NEGATIVE) >= 30


def sentences(text):
    return "\n".join(re.split(r"(?<=[.])\s", text))


NEGATIVE = [
    # a sentence a line, a paragraph a line
    *(sentences(text) for text in PROSE),
    "\n".join(PROSE),
    "\n\n".join(PROSE),
    # verse
    "나 보기가 역겨워\n가실 때에는\n말없이 고이 보내 드리오리다\n\n영변에 약산\n진달래꽃\n아름 따다 가실 길에 뿌리오리다",
    "동창이 밝았느냐 노고지리 우지진다\n소 치는 아이는 상기 아니 일었느냐\n재 너머 사래 긴 밭을 언제 갈려 하나니",
    "Shall I compare thee to a summer's day?\nThou art more lovely and more temperate:\nRough winds do shake the darling "
    "buds of May,\nAnd summer's lease hath all too short a date;\nSometime too hot the eye of heaven shines,\nAnd often "
    "is his gold complexion dimm'd",
    "푸른 하늘 은하수 하얀 쪽배엔\n계수나무 한 나무 토끼 한 마리\n돛대도 아니 달고 삿대도 없이\n가기도 잘도 간다 서쪽 나라로",
    # lists, with marks and without
    "\n".join(f"- {text[:30]}" for text in PROSE),
    "\n".join(f"{i}. {text[:40]}" for i, text in enumerate(PROSE)),
    "\n".join(f"{mark}. {text[:40]}" for mark, text in zip("가나다라마바", PROSE)),
    "\n".join(f"① {text[:40]}" for text in PROSE),
    "사과\n배\n포도\n복숭아\n수박\n참외",
    "\n".join(text[:25] + "…" for text in PROSE * 2),
    # dialogue
    "철수: 오늘 저녁에 시간이 되면 같이 영화를 보러 가지 않을래\n영희: 좋지, 그런데 어제도 봤는데 또 보자는 말이야 정말\n"
    "철수: 그럼 다른 걸 하자, 산책이라든지 아니면 그냥 집에서\n영희: 산책이 좋겠다 날씨도 좋고 하니까 강가로 가는 게 어때",
    "“오늘은 비가 온다고 하니 우산을 꼭 챙겨 가거라 알겠니.”\n“네, 알겠어요 어머니. 다녀오겠습니다 늦지 않을게요.”\n"
    "“그래, 조심해서 다녀오너라 길이 미끄러울 테니까 말이다.”\n“걱정하지 마세요 저도 이제 다 컸으니까 괜찮다니까요.”",
    "- 어디 가세요, 이렇게 이른 아침부터 서둘러서 말이에요\n- 시장에 가요, 오늘은 물건이 싸게 나온다고 해서 일찍\n"
    "- 같이 가요 나도 살 것이 있는데 혼자 가기 심심했거든\n- 그래요 그럼 천천히 걸어서 갑시다 아직 시간이 있으니",
    # tables, code, logs, addresses
    "이름\t나이\t사는 곳\n홍길동\t20\t서울특별시 종로구 세종대로 일 번지\n김철수\t30\t부산광역시 해운대구 우동 이 번지\n이영희\t40\t대구",
    "\n".join(f"홍길동     {i}0세     서울특별시 종로구 세종대로 일 번지     개발 부서" for i in range(6)),
    "\n".join(f"| 홍길동 | {i}0세 | 서울특별시 종로구 세종대로 일 번지 | 개발 부서 |" for i in range(6)),
    "\n".join(f"홍길동,{i}0,서울 종로구 세종대로 일 번지,개발 부서의 여러 일,비고 없음" for i in range(6)),
    "\n".join(f"2024-05-02 12:00:0{i} INFO the server has been started on port 80 again" for i in range(6)),
    "def f(x):\n    y = x + 1 if x is greater than zero else None;\n    z = y * 2 and then something else happens here;\n"
    "    return z or raise an error that nobody will ever see;\n",
    "\n".join(f"https://example.com/a/very/long/address/that/goes/on/{i}" for i in range(6)),
    # quoted mail
    "\n".join(f"> {line}" for line in wrap(FOREST, 56).split("\n")),
    # comments that people break where they breathe
    "배송이 정말 빨랐어요\n포장도 꼼꼼하게 되어 있어서 좋았고\n색깔이 사진이랑 조금 다르긴 한데\n그래도 예뻐서 만족합니다\n다음에 또 살게요",
    "안녕하세요\n저는 서울에 사는 학생입니다\n다름이 아니라 지난번에 산 책이\n아직 오지 않아서 글을 남깁니다\n확인 부탁드려요",
    # headings and short lines
    "제1장 총칙\n제1조 목적\n제2조 정의\n제3조 적용 범위\n제4조 다른 법률과의 관계",
    "서울특별시 종로구\n홍길동 귀하\n\n안녕하십니까\n홍길동입니다\n감사합니다",
    # too few lines to tell
    wrap(FOREST, 60)[:100],
    "하나\n\n\n둘\n\n셋\n\n",
    "\n\n\n\n",
    "",
]


@pytest.mark.parametrize("text", NEGATIVE)
def test_what_was_not_wrapped_stays(text):
    assert unwrap(text) == text


def test_cut_words_are_whole_again_where_that_is_certain():
    text = "나는 어제 산에서 내려오는 길에 오래된 절을 보았습니다. " * 9
    stripped = "\n".join(line.strip() for line in cut(text, 44).split("\n"))
    joined = unwrap(stripped)
    assert "\n" not in joined
    assert joined.replace(" ", "") == text.replace(" ", "")
    assert not re.search(r"\s(?:에서|습니다|을)\b", joined)


def test_the_widths_are_options():
    assert unwrap(wrap(FOREST, 30)) == wrap(FOREST, 30)
    assert unwrap(wrap(FOREST, 30), min_columns=20) == FOREST
    assert unwrap(wrap(FOREST, 60), max_columns=50) == wrap(FOREST, 60)
    with pytest.raises(ValueError, match="min_columns must not be greater than max_columns"):
        Unwrap(min_columns=90, max_columns=80)


@given(st.lists(TEXT | st.sampled_from([wrap(each, 50) for each in PROSE]), max_size=6).map("\n".join))
def test_nothing_but_white_space_and_hyphens_changes(text):
    assert re.sub(r"[\s-]", "", unwrap(text)) == re.sub(r"[\s-]", "", text)


def test_time_grows_with_the_length_alone():
    for text in (
        "가 " * 200_000,
        "가\n" * 200_000,
        (wrap(FOREST, 50) + "\n") * 300,
        "-" * 200_000 + "\n" * 5,
        "a" * 99 + "\n " * 50_000,
        "가" * 200_000 + "\n" * 5,
        "http://" * 50_000 + " x\n" * 5,
        wrap(FOREST * 300, 60),
        wrap("publication of dictionaries-and-gram-mars " * 3000, 50).replace(" ", "- "),
    ):
        unwrap(text)
