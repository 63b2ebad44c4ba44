"""The stage `boilerplate`: what goes, what only looks like it, and that the rest of the document stays."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from korpus.hangul.boilerplate import KINDS
from korpus.stages.boilerplate import Boilerplate, _clean_whole
from tests.nasty import TEXT, slices

SAID = "내일은 전국에 비가 온다고 기상청이 밝혔다."

# Stand alone on a line, or behind a sentence.
SIGN_OFFS = {
    "byline": [
        *("홍길동 기자 hong@example.com", "홍길동기자 hong@example.com", "hong@example.com 홍길동 기자"),
        *("/홍길동 기자", "홍길동 기자", "홍길동 선임기자", "김철수 기자", "홍길동 기자, 김철수 기자"),
        *("글=홍길동 기자", "홍길동 기자(hong@example.com)", "한지은 기자 han@example.co.kr", "홍길동 특파원"),
        *("kwkim@example.com 김관웅 부동산 선임기자", "[홍길동 기자]", "홍길동 논설위원"),
    ],
    "copyright": [
        *("ⓒ 한국신문 무단전재 및 재배포 금지", "<저작권자 ⓒ 한국신문, 무단 전재-재배포 금지>"),
        *("무단전재 및 재배포 금지", "Copyright ⓒ 한국신문. All rights reserved."),
        *("저작권자(c) 한국신문 무단전재-재배포금지", "ⓒ 한국신문", "© 2020 Hankook"),
        *("※ 저작권자 ⓒ 한국신문. 무단 전재-재배포 금지", "[ⓒ 한국신문, 무단전재 배포금지]", "ALL RIGHTS RESERVED"),
        *("〈저작권자 © 한국신문〉", "무단전재-재배포, AI 학습 및 활용 금지", "무단 전재, 복사, 배포를 금지"),
        *("Copyrights ⓒ 한국신문", "(C) 2020 한국신문"),
    ],
    "credit": [
        *("[사진=뉴시스]", "(사진=한국신문 제공)", "[사진 제공=한국신문]", "<사진: 한국신문>"),
        *("[사진 출처: 인스타그램]", "(영상=유튜브 캡처)", "사진=뉴시스", "/사진=한국신문", "사진 제공=한국신문"),
        *("사진 출처: 홍길동 인스타그램", "[자료=통계청]", "자료=통계청", "영상=한국방송", "(사진 캡처=한국방송)"),
        "/ 사진=홍길동",
    ],
    "promotion": [
        *("▶ 네이버에서 구독하기", "▶ 한국신문 채널 추가", "☞ 네이버 메인에서 한국신문 보기", "▶ 관련 기사 보기"),
        *("▶뉴스스탠드 바로가기", "◀ 앱 다운로드", "▶ 한국신문 구독 ▶ 제보하기", "※ '당신의 제보가 뉴스가 됩니다'"),
        *("[카카오톡] 한국방송 검색해 채널 추가", "[전화] 02-345-6789", "[메일] news@example.com"),
        *("제보는 카카오톡 hankook", "▷ 유튜브 구독과 좋아요 누르기", "► 인스타그램 팔로우"),
        "▶ 카카오톡 친구 추가!",
    ],
}  # fmt: skip

# Gone from the middle of a line as well.
WITHIN = [
    ("byline", "[한국신문=홍길동 기자]", "경북 포항에서"),
    ("byline", "(서울=한국통신) 홍길동 기자 = ", "정부와 여당이"),
    ("byline", "[서울=한국통신] 홍길동 김철수 기자 = ", "정부와 여당이"),
    ("copyright", "<저작권자 ⓒ 한국신문>", " 하지만 6월에는"),
    ("credit", "(사진=한국신문)", " 이날 행사에는"),
]

STAYS = [
    *("기자 단체 카톡방이 있었다", "이 기사를 쓴 기자", "홍길동 기자는 그렇게 썼다"),
    *("기자 회견을 열었다. 홍길동 기자가 물었다.", "그는 기자", "한심한 기자", "정말 화난다. 이상한 기자"),
    *("기레기 기자", "나는 신문사 기자 hong@example.com 입니다", "이기자", "구경꾼이자 기자"),
    *("현장을 다녀온 기자의 말", "기사의 무단전재를 금지하는 법안이 나왔다"),
    *("무단전재 및 재배포 금지라는 말은 흔하다", "무단 횡단 금지", "저작권자의 동의를 얻었다", "저작권자 보호"),
    *("Copyright 문제가 심각하다", "ⓒ 표시는 저작권을 뜻한다", "ⓒⓞⓞⓛ", "(c) 항목은 빼고 (d) 항목만"),
    *("저작권 ⓒ는 무엇인가?", "copyright", "사진을 찍었다", "사진: 우리 가족", "사진 = 기억이라고 했다."),
    *("영상은 유튜브에 있다", "[사진] 봄꽃", "(사진 참고)", "자료를 첨부합니다", "[사진=](없음"),
    *("▶ 현황파악 ▶ 사전조사", "▶ 관련 내용 자세히 읽고 판단해 주세요.", "▶ 구독자 100만 명의 비결"),
    *("구독하기 버튼을 눌렀다", "▶ 구독료가 올랐다", "제보를 받았다", "당신의 제보가 뉴스가 됩니다라는 광고"),
    *("[전화] 받지 않음", "네이버에서 검색했다", "■ 사업 개요", "● 네이버 지도", "▶ 돼지 사육농가 : 8호", ""),
    *("문의는 hong@example.com", "특파원 보고서", "논설위원이 쓴 글", "채널 추가는 나중에"),
]  # fmt: skip

CASES = [(kind, text) for kind, texts in SIGN_OFFS.items() for text in texts]


def clean(text, **options):
    return Boilerplate(**options).apply(pa.array([text]))[0].as_py()


def test_there_are_enough_cases():
    assert all(len(texts) >= 15 for texts in SIGN_OFFS.values())
    assert len(STAYS) >= 45


@pytest.mark.parametrize(("kind", "text"), CASES)
def test_a_sign_off_goes_and_the_rest_stays(kind, text):
    assert clean(text) == ""
    assert clean(f"{SAID}\n{text}") == SAID
    assert clean(f"{SAID}\n  {text}  \n{SAID}\n") == f"{SAID}\n{SAID}\n"
    assert clean(f"{SAID} {text}") == SAID
    assert clean(f"{SAID} {text}\n\n{SAID}") == f"{SAID}\n\n{SAID}"
    assert set(Boilerplate().tally(pa.array([f"{SAID} {text}", SAID]))) == {kind}
    others = [other for other in KINDS if other != kind]
    assert kind not in Boilerplate(kinds=others).tally(pa.array([f"{SAID} {text}"]))


@pytest.mark.parametrize(("kind", "text", "after"), WITHIN)
def test_what_is_unmistakable_goes_from_within_a_line(kind, text, after):
    assert clean(f"{text}{after} 일이 있었다. {SAID}") == f"{after} 일이 있었다. {SAID}".strip()
    assert clean(f"{SAID} {text}{after} 일이 있었다") == f"{SAID} {after} 일이 있었다"
    assert Boilerplate().tally(pa.array([f"{SAID} {text}{after} 일이"])) == {kind: 1}


@pytest.mark.parametrize("text", STAYS)
def test_it_leaves(text):
    for whole in (text, f"{SAID}\n{text}\n{SAID}", f"{SAID} {text}"):
        texts = pa.array([whole])
        assert Boilerplate().apply(texts) is texts


def test_several_sign_offs_go_one_by_one():
    text = f"{SAID} 홍길동 기자 hong@example.com ⓒ 한국신문 무단전재 및 재배포 금지"
    assert clean(text) == SAID
    assert Boilerplate().tally(pa.array([text])) == {"byline": 1, "copyright": 1}
    said = '그는 "검토하겠다"고 말했다.'
    assert clean(f"{said} kim@example.com 김관웅 부동산 선임기자 ※ 저작권자 ⓒ 한국신문. 무단 전재-재배포 금지") == said
    assert clean(text, kinds=["copyright"]) == f"{SAID} 홍길동 기자 hong@example.com"


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValidationError, match="must be a list of byline, date, copyright.*button .did you mean"):
        Boilerplate(kinds=["bylines"])


TABLE = [
    json.loads(line)
    for line in (Path(__file__).parent / "korean" / "boilerplate.jsonl").read_text("utf-8").splitlines()
]


def test_the_table_is_large_enough():
    changed = [row["input"] != row["expected"] for row in TABLE]
    assert sum(changed) >= 60
    assert changed.count(False) >= 60


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["input"][-40:])
def test_table(row):
    assert clean(row["input"]) == row["expected"], row["why"]


LOOKS_LIKE_IT = [row["input"] for row in TABLE if row["input"] == row["expected"]]


@pytest.mark.parametrize("text", LOOKS_LIKE_IT)
def test_it_leaves_what_looks_like_it_within_a_text(text):
    # A button alone is one below a text, and none where the text begins with it.
    if text not in ("공감", "신고"):
        for whole in (f"{SAID} {text}", f"{SAID}\n{text}\n{SAID}"):
            assert clean(whole) == whole


def test_a_list_of_related_articles_ends_where_the_text_goes_on():
    text = f"{SAID}\n[관련기사]\n▶ 봄비 그친 뒤 황사\n- 주말 날씨\n{SAID}\n▶ 준비물: 우산"
    assert clean(text) == f"{SAID}\n{SAID}\n▶ 준비물: 우산"


def test_titles_to_the_end_of_a_text_go_with_their_heading():
    assert clean(f"{SAID}\n\n[관련기사]\n봄비 그친 뒤 황사\n주말 나들이 어디로\n") == f"{SAID}\n"
    text = f"{SAID}\n{SAID}\n주말 나들이 어디로"
    assert clean(text.replace("\n", "\n[관련기사]\n", 1)) == text


def test_an_address_is_never_cut_in_two():
    assert (
        clean(f"{SAID} 무단 전재 금지라고 www.example.com 무단전재 금지")
        == f"{SAID} 무단 전재 금지라고 www.example.com 무단전재 금지"
    )


def test_buttons_are_left_to_a_text_that_begins_with_them():
    for text in ("공감", "신고", "공감\n저도 그렇게 생각해요."):
        assert clean(text) == text
    assert clean(f"{SAID}\n공감 3\n답글\n\n접기") == SAID


def test_the_blank_lines_at_its_ends_are_those_it_had():
    assert clean(f"\n{SAID}\n\n홍길동 기자\n\n") == f"\n{SAID}\n\n"
    assert clean("\n홍길동 기자\n") == ""


HOSTILE = [
    ".",
    " ",
    "홍길동·",
    "홍길동 기자. ",
    "a@b.c",
    "ⓒ 한국신문 ",
    "[(<",
    "▶ 구독 ",
    "입력 2024.05.02 14:03 ",
    "(끝) ",
    "지금까지 ",
]
HOSTILE += [
    "무단전재 ",
    "\n공감 1",
    "\n",
    "[관련기사] ",
    "[관련기사]\n",
    "▶ 가나\n",
    "영상취재: 홍길동, ",
    "글·",
    "[본 게시물",
    "(서울=",
    "밝혔다. ",
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_long_texts_end(unit):
    assert len(clean(unit * (60_000 // len(unit)))) <= 60_000


PIECES = st.sampled_from([text for _, text in CASES] + [text for _, text, _ in WITHIN] + STAYS + [SAID, "\n", " "])


@given(st.lists(st.lists(PIECES | TEXT, max_size=5).map(" ".join), max_size=4))
@settings(max_examples=80, deadline=None)
def test_the_prefilter_loses_nothing(rows):
    for texts in slices(rows):
        assert Boilerplate().apply(texts).to_pylist() == [_clean_whole(text, KINDS) for text in rows]
