"""The stage `pii`: what is masked, what only looks like it, and that the prefilter loses nothing."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

import korpus
from korpus.batch import strings
from korpus.hangul import pii
from korpus.hangul.pii import KINDS, SPELLED, find
from korpus.kernels.numbers import MAX_GAP, longest_numbers
from korpus.report import summary, terminal
from korpus.stages.pii import SURE, Pii
from tests.nasty import TEXT, slices

# A ¦ before and after what must be masked. All numbers are made up; those with a checksum were made to fit it.
MASKED = {
    "email": [
        "문의는 ¦hong.gildong@example.com¦으로 주세요",
        "메일(¦a1@mail.example.co.kr¦) 확인",
        "¦my_name+tag@example.net¦, ¦B-2@ex-ample.org¦",
        "보내주세요¦lsj@naver.example¦!",
        "¦hong@example.com¦.",
    ],
    "resident_number": [
        "주민등록번호 ¦820701-1234567¦ 입니다",
        "¦820701 1234567¦ 확인 바랍니다",
        "(¦8207011234567¦)",
        "¦820701 - 1234567¦",
        "외국인등록번호: ¦900101-5123452¦",
        "¦201103-3123456¦ 아기 번호",  # born since October 2020: no checksum
        "주민번호 ¦800101-2345678¦ 이라고 적힌",  # the checksum fails, the word says what it is
        "¦000229-3123454¦",  # 2000 was a leap year
    ],
    "card": [
        "카드 ¦4111-1111-1111-1111¦ 로 결제",
        "¦4111 1111 1111 1111¦",
        "¦5500000000000004¦",
        "아멕스 ¦3782-822463-10005¦ 사용",
        "¦9410-1234-5678-9010¦ 국내 전용",
        "카드번호 ¦6011.1111.1111.1117¦",
    ],
    "mobile": [
        "¦010-1234-5678¦로 연락",
        "연락처 ¦010.2345.6789¦",
        "¦010 2345 6789¦입니다",
        "¦01023456789¦",
        "¦+82-10-2345-6789¦",
        "¦+82 10 2345 6789¦",
        "¦+821023456789¦",
        "¦+82 (0)10-2345-6789¦",
        "¦82-10-2345-6789¦",
        "¦(010)2345-6789¦",
        "¦010)2345-6789¦",
        "(¦010-2345-6789¦)",
        "옛 번호 ¦011-234-5678¦, ¦016-9234-5678¦",
        "¦010 - 2345 - 6789¦",
        "¦010–2345–6789¦",
        "☎¦010-2345-6789¦~",
    ],
    "landline": [
        "¦02-345-6789¦",
        "사무실 ¦02-2345-6789¦ 로",
        "¦031-234-5678¦",
        "¦(064) 734-5678¦",
        "¦02)2345-6789¦",
        "¦051.234.5678¦",
        "인터넷 전화 ¦070-8234-5678¦",
        "¦080-500-4949¦ 무료",
        "¦0505-234-5678¦ 안심번호",
        "¦+82-2-2345-6789¦",
        "전화 ¦0222345678¦",
        "(¦055 –640-4583¦)",
        "¦02-1588-2572¦ 콜센터",
    ],
    "hotline": [
        "상담원(¦1577-1000¦)에게",
        "¦1588-9999¦로 전화",
        "¦1644-8000¦은 안 받고",
        "고객센터 ¦1899-2000¦ 연결",  # years, were it not for the word
        "¦1800-0000¦",
    ],
    "account": [
        "국민은행 ¦123456-04-123456¦ 홍길동",
        "신한 ¦110-123-456789¦",
        "농협 계좌번호: ¦302-1234-5678-91¦",
        "카카오뱅크 ¦3333-01-1234567¦ 로 입금",
        "우리은행(¦1002-123-456789¦)",
        "¦110-123-456789¦ (신한은행)",
        "계좌는 KB국민 ¦12345678901234¦",
        "하나 ¦123-456789-01234¦ 예금주 홍길동",
        "새마을금고 ¦9002-1234-5678-9¦",
        "부산은행 통장 ¦101-2012-3456-78¦",
        "우체국 ¦012345-02-123456¦",
        "OK저축은행 ¦123-45-678901-2¦",
    ],
    "business_number": [
        "(주)한울 ¦120-81-47521¦",
        "¦124-81-00998¦ 대표 홍길동",
        "사업자등록번호: ¦123-45-67890¦",  # the check digit fails, the word says what it is
        "사업자번호 ¦1208147521¦",
        "법인등록번호 ¦110111-1234567¦",
    ],
    "licence": [
        "¦11-19-281734-52¦",
        "면허번호 ¦12-08-448291-33¦ 확인",
        "서울 ¦19-281734-52¦",
        "운전면허 ¦118833827144¦",
        "면허증 번호: ¦26 13 338271 20¦",
    ],
    "passport": [
        "여권번호 ¦M12345678¦",
        "여권번호: ¦M123A4567¦ 분실",
        "passport no. ¦S12345678¦",
        "여권(¦PM1234567¦)",
        "여권번호는 ¦M87654321¦이고",
    ],
    "messenger_id": [
        "카톡아이디 ¦hong7788¦",
        "카카오톡 ID : ¦hong.gildong¦로",
        "라인 아이디는 ¦hongkd¦",
        "¦https://open.kakao.com/o/sAbCdE1¦ 오세요",
        "텔레그램 아이디 ¦@hong_kd¦",
    ],
}
CASES = [(kind, text) for kind, texts in MASKED.items() for text in texts]

STAYS = [
    *("2019-2020-2021 시즌", "학번 20210345678", "주문번호 2019041212345678", "주문번호 190412-1234567"),
    *("송장 6012-3456-7890", "1,234,567,890원", "가격은 12345678원", "총 10,000,000,000원", "2019-04-12 10:30:25"),
    *("2019.04.12.1234", "20190412", "1592-1598년 임진왜란", "1544-1592 생몰", "1800-2019년", "1592-1598"),
    *("접수번호 1AA-1810-126896", "2AA-1810-195232", "900230-1234567", "901301-1234567", "900101-9234567"),
    *("8207011234568", "820701.1234568", "국민신문고 1234567890", "4111-1111-1111-1112", "1234-5678-9012-3456"),
    *("0000-0000-0000-0000", "2019-0412-1234-5678", "010-1234-567", "010-12345-6789", "012-3456-7890"),
    *("099-123-4567", "OOO-OOOO-OOOO", "010-****-5678", "010-1234-5678-9012", "3.010-1234-5678", "A010-1234-5678"),
    *("011-1234-56789", "0.0101234567", "02-34-5678", "0222345678", "1-2-3-4-5-6-7-8-9", "035-234-5678"),
    *("1577-100", "1599-12345", "1511-1234", "21577-1000", "신한은행은 2019-2020-2021 시즌"),
    *("국민은행 2019-2020-2021", "국민권익위원회(2019-1732호)", "국민 (2019-04-23 오후 5:41:12)"),
    *("우리뿐이다 하야 (2019-04-28 오후 7:30:11)", "110-123-456789", "농협 12345", "하나 1234567890이 아니라"),
    *("하나뿐인 110-123-456789", "@홍길동", "hong@localhost", "a@b", "3@1.5kg", "*******@daum.net", "골뱅이@"),
    *("@naver.com", "a@@b.com", "hong@.com", "h@exa_mple.com", "IP 192.168.10.101:8080", "1.2.3.4.5.6.7.8.9"),
    *("0101010101010101", "제3조 제1항 2호 010호", "ISBN 978-89-1234-567-8", "상자 123-45-67890"),
    *("위도 37.5665123, 경도 126.9780123", "π는 3.14159265358979", "계좌번호를 알려 주세요", "1588", "112와 119"),
]  # fmt: skip


def masked(text, **options):
    return Pii(**options).apply(pa.array([text]))[0].as_py()


def test_the_cases_hold_enough_of_each_sign():
    assert all(len(texts) >= 5 for texts in MASKED.values())
    assert len(CASES) >= 60
    assert len(STAYS) >= 60
    assert set(MASKED) == set(SURE)


@pytest.mark.parametrize(("kind", "text"), CASES)
def test_it_masks(kind, text):
    parts = text.split("¦")
    plain = "".join(parts)
    expected = "".join(KINDS[kind].mask if i % 2 else part for i, part in enumerate(parts))
    assert masked(plain) == expected
    assert {found.kind for found in find(plain, SURE)} == {kind}
    assert Pii().tally(pa.array([plain, "없음"])) == {kind: len(parts) // 2}
    assert masked(plain, kinds=[other for other in SURE if other != kind]) != expected


@pytest.mark.parametrize("text", STAYS)
def test_it_leaves(text):
    texts = pa.array([text])
    assert Pii().apply(texts) is texts


def test_it_masks_each_of_several_and_is_done_in_one_go():
    text = "홍길동(820701-1234567) 010-2345-6789, 02-345-6789 hong@example.com 신한 110-123-456789"
    once = masked(text)
    assert once == "홍길동([주민등록번호]) [전화번호], [전화번호] [이메일] 신한 [계좌번호]"
    assert masked(once) == once
    assert Pii().tally(pa.array([text])) == {
        "resident_number": 1,
        "mobile": 1,
        "landline": 1,
        "email": 1,
        "account": 1,
    }


def test_masks_are_the_users_choice_and_literal():
    assert masked("010-2345-6789", masks={"mobile": r"\1<폰>"}) == r"\1<폰>"
    assert masked("010-2345-6789 a@b.kr", kinds=["email"]) == "010-2345-6789 [이메일]"
    assert masked("a@b.kr", masks={"email": ""}) == ""


@pytest.mark.parametrize("options", [{"kinds": ["phone"]}, {"masks": {"e-mail": "x"}}, {"kinds": []}])
def test_an_unknown_kind_is_refused(options):
    with pytest.raises(ValidationError, match="must name kinds of email, resident_number|at least 1 item"):
        Pii(**options)


def test_a_run_counts_masks_by_kind_and_shows_them(tmp_path):
    (tmp_path / "in.txt").write_text(
        "010-2345-6789 a@b.kr\n없음\n02-345-6789, a@b.kr 그리고 c@d.kr\n", encoding="utf-8"
    )
    recipe = {
        "input": {"paths": [str(tmp_path / "in.txt")], "format": "text"},
        "stages": ["pii"],
        "output": {"path": str(tmp_path / "out")},
    }
    korpus.run(recipe, workers=1, quiet=True)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    stage = manifest["stages"][0]
    assert (stage["edits"], stage["counts"], stage["n_changed"]) == ({"email": 3, "landline": 1, "mobile": 1}, {}, 2)
    found = summary.summarize(manifest)
    assert list(found.steps[1].edits.items()) == [("email", 3), ("landline", 1), ("mobile", 1)]
    shown = [line.split() for line in terminal.render(found).splitlines()]
    assert ["pii", "landline", "1"] in shown
    assert "<td>email</td>" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def longest_number(text):
    """The definition of `longest_numbers`."""
    n = gap = longest = 0
    for char in text:
        if char in "0123456789０１２３４５６７８９⓪①②③④⑤⑥⑦⑧⑨":
            n, gap = n + 1, 0
            longest = max(longest, min(n, 255))
            continue
        for byte in char.encode():
            gap += 1
            if gap > MAX_GAP or chr(byte) in "\n," or (byte < 0x80 and chr(byte).isalpha()) or 0xEA <= byte <= 0xED:
                n = 0
    return longest


PIECES = st.sampled_from(
    [*"0123456789０９①⑨⓪⑩Ａ＋", "010", "-", " - ", ".", " ", "–", ",", "\n", "a", "Z", "가", "(", ")", "漢"]
)
NUMBERS = st.lists(PIECES, max_size=25).map("".join)


@given(st.lists(NUMBERS | TEXT | st.sampled_from(["가" * 30, "1-" * 140, " " * 70]), max_size=8))
@settings(max_examples=120, deadline=None)
def test_the_prefilter_is_its_definition(rows):
    for texts in slices(rows):
        out = np.zeros(len(texts), np.uint8)
        longest_numbers(*strings(texts), out)
        assert out.tolist() == [longest_number(text) for text in rows]


TABLE = (Path(__file__).parent / "korean" / "pii.jsonl").read_text("utf-8").splitlines()
ALL = [*(text.replace("¦", "") for _, text in CASES), *STAYS, *(json.loads(line)["input"] for line in TABLE)]


@given(st.lists(st.lists(st.sampled_from(ALL) | NUMBERS, max_size=4).map(" ".join), max_size=5))
@settings(max_examples=80, deadline=None)
def test_the_prefilter_loses_nothing(rows):
    for stage in (Pii(), Pii(kinds=list(KINDS), spelled=True)):
        for texts in slices(rows):
            assert stage.apply(texts).to_pylist() == [stage._mask(text, Counter()) for text in rows]


@given(st.lists(st.sampled_from(ALL) | NUMBERS | TEXT, max_size=5).map(" ".join), st.integers(0, 90))
@settings(max_examples=150, deadline=None)
def test_what_is_tried_near_digits_and_signs_is_what_the_whole_text_holds(text, n_spaces):
    text = pii._read(text.replace("  ", " " * n_spaces))
    assert pii.MAX_GAP == MAX_GAP
    numbers = pii._numbers(text)
    for kind in (*KINDS.values(), *SPELLED.values()):
        # A match that has fewer digits than its kind is refused by its check, wherever it is looked for.
        whole, tried = (
            [match.span() for match in matches if kind.check is None or kind.check(match)]
            for matches in (kind.regex.finditer(text), pii._matches(text, kind, numbers))
        )
        assert tried == whole
