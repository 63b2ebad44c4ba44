"""The filters by shape: eojeol_length, bullets, ellipses, repetition; and the kernels beneath them."""

import re
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from korpus import registry
from korpus.batch import TEXT as TEXT_COLUMN
from korpus.kernels.units import EOJEOL, LINES, PARAGRAPHS, count_ngram_chars
from korpus.stages._units import first_in, last_is, line_shares, units
from tests.nasty import ROWS, slices


def reason(name, text, **options):
    """Return why a filter drops a text, or None."""
    stage = registry.get(name)(**options)
    code = stage.judge(pa.RecordBatch.from_pydict({TEXT_COLUMN: pa.array([text])}))[0]
    return stage.reasons[code - 1] if code else None


def lines(*texts):
    return "\n".join(texts)


PROSE = (
    "어제는 오랜만에 가족들과 함께 가까운 산에 올랐습니다. 날씨가 맑아서 멀리 바다까지 보였고, 내려오는 길에는 "
    "작은 식당에 들러 칼국수를 먹었습니다. 아이들은 벌써 다음 주말에도 가자고 조릅니다. 다리는 조금 아프지만 "
    "그래도 마음만은 한결 가벼워진 하루였습니다. 사진은 정리되는 대로 천천히 올려 보겠습니다. 저녁에는 비가 온다고 "
    "해서 서둘러 빨래를 걷었고, 창문을 닫은 뒤에 따뜻한 보리차를 끓여 마셨습니다. 내일은 다시 출근입니다."
)

CUT = "첫눈에 강원 산간 도로"

DROPPED = {
    "eojeol_length": [
        ("무 료 상 담 지 금 바 로 전 화 주 세 요", "eojeol_too_short"),
        ("가 나 다 라 마 바 사 아 자 차 카 타 파 하", "eojeol_too_short"),
        ("1 2 3 4 5 6 7 8 9 0 1 2 3 14", "eojeol_too_short"),
        ("대 출 가 능 합 니 다 연 락 주 세 요 ! !", "eojeol_too_short"),
        ("| 1 | 2 | 3 | 4 | 5 | 6 | 7 |", "eojeol_too_short"),
        ("그 때 그 집 에 간 그 사 람 이 나 다", "eojeol_too_short"),
        ("ㅋ ㅋ ㅋ ㅋ ㅋ ㅋ ㅋ ㅋ ㅋ ㅋ ㅋ ㅋ", "eojeol_too_short"),
        ("- - - - - - - - - - - - -", "eojeol_too_short"),
        ("나 는 오늘 학 교 에 안 갔 다 왜 냐 면 아 파 서", "eojeol_too_short"),
        ("홈>뉴스>정치>기사목록/쪽=55/보기=전체/정렬=최신순/화면=넓게 " * 12, "eojeol_too_long"),
        ("https://example.com/very/long/path/index.html " * 12, "eojeol_too_long"),
        ("id=b7c2dc&page=12&sort=desc&lang=ko_KR\n" * 15, "eojeol_too_long"),
        ("Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6Zm9vYmFy " * 20, "eojeol_too_long"),
        ("ㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋ " * 12, "eojeol_too_long"),
        ("user12****댓글모음재밌네요2019.05.10.16:32신고답글11공감/비공감 " * 13, "eojeol_too_long"),
    ],
    "bullets": [
        (lines(*[f"{mark} 항목" for mark in marks]), "too_many_bullets")
        for marks in (
            *("•••", "···", "ㆍㆍㆍ", "‣‣‣", "▪▪▪", "■■■", "□□□", "○○○", "◆◆◆", "▶▶▶", "※※※", "★★★"),
            *("---", "***", "+++", "ㅇㅇㅇ", "-*•", "•" * 19 + "-"),
        )
    ]
    + [
        (lines("•딸기", "", "  •우유", "•세제"), "too_many_bullets"),
        (lines("1. 하나", "2. 둘", "3. 셋"), "too_many_bullets"),
        (lines("1) 하나", "2) 둘", "10) 열"), "too_many_bullets"),
        (lines("1-1. 하나", "1.2. 둘", "1.3 셋"), "too_many_bullets"),
        (lines("가. 하나", "나. 둘", "다. 셋"), "too_many_bullets"),
        (lines("(1) 하나", "(가) 둘", "（2） 셋"), "too_many_bullets"),
        (lines("① 하나", "②둘", "❸ 셋"), "too_many_bullets"),
        (lines("㉠ 하나", "㉮ 둘", "㈁ 셋"), "too_many_bullets"),
        (lines("Ⅰ. 하나", "a) 둘", "B. 셋"), "too_many_bullets"),
        (lines("- 하나\r", "- 둘\r", "- 셋\r"), "too_many_bullets"),
    ],
    "ellipses": [
        (lines(*(f"{CUT} {text}" for text in texts)), "too_many_ellipses")
        for texts in (
            ["정부, 오늘 오후…", "내년 예산안에…", "“처음 아니다” 논란…", "더 보기", "목록"],
            ["속보...", "단독...", "종합...", "나", "다"],
            ["가…", "나…", "마…", "라면…", "마…"],
            ["가...", "나…", "마...", "라", "마"],
            ["가⋯", "나⋯", "마⋯", "라", "마"],
            ["가···", "나···", "마···", "라", "마"],
            ["가ㆍㆍㆍ", "나ㆍㆍㆍ", "마ㆍㆍㆍ", "라", "마"],
            ["가… ", "나…\t", "마…", "라", "마"],
            ["가…\n", "나…\n", "마…", "라", "마"],
            ["가....", "나.....", "마...", "라", "마"],
            ["가……", "나……", "마…", "라", "마"],
            ["가…", "나…", "마…", "사…", "마…", "바", "사", "아", "자", "차"],
            ["ㅋㅋ...", "ㅎㅎ...", "ㅠㅠ...", "라", "마"],
            ["…", "…", "…", "라", "마"],
            ["가…\r", "나…\r", "마…\r", "라\r", "마\r"],
        )
    ]
    + [
        (
            lines(
                "정부, 오늘 오후 비상대책회의 열어…",
                "내년 예산안에 담긴 뜻밖의 항목은…",
                "“처음 겪는 일” 주민들 한숨…",
                "더 보기",
                "목록",
            ),
            "too_many_ellipses",
        ),
    ],
    "repetition": [
        (lines(*["같은 말을 또 합니다"] * 20), "duplicate_lines"),
        (lines(*PROSE.split(". "), *PROSE.split(". ")), "duplicate_line_chars"),
        (lines(*(f"{PROSE}\n목록" for _ in range(1)), *["목록"] * 9), "duplicate_lines"),
        ("\n\n".join([PROSE.replace(". ", ".\n")] * 2), "duplicate_line_chars"),
        (
            "\n\n".join(
                [f"{n}장\n{PROSE[:40]}\n{n}절\n{n}조" for n in "가나다라마"] + [PROSE, *["끝", "끝", "끝"] * 4]
            ),
            "duplicate_paragraphs",
        ),
        ("\n\n".join([PROSE, PROSE]), "duplicate_line_chars"),
        (lines(PROSE, *[f"{n}째 줄이다" for n in "첫둘셋넷"], PROSE), "duplicate_line_chars"),
        ("지금 바로 상담 " * 20, "top_ngrams"),
        ("굿 잡 맨 " * 30, "top_ngrams"),
        ("좋아요 " * 60, "top_ngrams"),
        (PROSE + " 대출 상담" * 40, "top_ngrams"),
        ("ㅋㅋ ㅎㅎ " * 40, "top_ngrams"),
        (" ".join(f"{n}번 손님 입장하세요 {n}번 손님" for n in range(30)), "top_ngrams"),
        (PROSE + " " + PROSE, "duplicate_ngrams"),
        (PROSE[:250] + " " + PROSE, "duplicate_ngrams"),
        (PROSE + " 그러므로 " + PROSE[5:260], "duplicate_ngrams"),
        ((PROSE + " ") * 3, "duplicate_ngrams"),
    ],
}

KEPT = {
    "eojeol_length": [
        *(
            "",
            "굿",
            "좋 아 요",
            "ㅋ ㅋ ㅋ",
            "그 때 그 집 에 간 그 사 람 이",
            "띄어쓰기없이쓴짧은댓글입니다",
            " \n ",
            PROSE,
            # People who put no space but after a sentence.
            "아버지가방에들어가셔서그만주무셨다 " * 13,
            "식당일을하며혼자서두아이를키웠습니다. 그런데작년에가게가재개발구역에들어갔습니다.\n" * 6,
            "나 너 안 봐. 너 나 안 봐? 나 참 또 왜 이래. 나 좀 봐 줘. 너 왜 안 와?",
        ),
        *(
            "나는 어제 학교에 가서 친구를 만나고 집으로 돌아와 밥을 먹고 잤다.",
            "https://example.com/very/long/path 링크",
        ),
        *("이 영화는 정말 재미있었고 배우들의 연기도 훌륭해서 다시 보고 싶다.", "오늘은날씨가좋아서산책을다녀왔습니다"),
        *("가나다 " * 12, "가나다라마바사아자차 " * 12, PROSE * 3),
    ],
    "bullets": [
        *(
            "",
            "- 하나",
            "• 하나\n• 둘",
            "-5도\n-3도\n-1도",
            "*주의*\n*경고*\n*참고*",
            "ㅇㅋ\nㅇㅈ\nㅇㅇ",
            "1.5배\n2.5배\n3.5배",
            "2019년\n2020년\n2021년",
            "- 어디 가?\n- 학교에 가.\n- 그래, 잘 다녀와!",
            "1. 물을 끓인다\n2. 면을 넣는다\n3. 그릇에 담아요.",
            "1. 감자는 껍질을 벗겨 깍둑썰기\n2. 팬에 기름을 두르고 볶기\n3. 물을 부어 20분 끓이기",
            "1. 허가를 거짓으로 받은 경우\n2. 명의를 남에게 빌려준 경우\n3. 명령을 어긴 사람",
            "○ 고령 운전자의 사고가 늘고 있음\n○ 야간에 특히 많은 것으로 나타남\n○ 면허 제도의 개선을 검토할 필요",
            "• 1905년 조약 체결로 외교권을 빼앗김\n• 1910년 국권을 잃고 강점기 시작\n• 1919년 만세 운동이 전국에 확산",
            "1. 우상을 만들지 말라\n2. 살인하지 말라\n3. 네 부모를 공경하라",
        ),
        *(
            "가나\n나라\n다리",
            "가야\n나무\nA급",
            "• 하나\n둘\n• 셋",
            PROSE,
            "- 하나\n- 둘\n- 셋\n끝",
            "“인용”\n‘말’\n「책」",
            "ok\nok\nok",
        ),
        *("제목\n• 하나\n• 둘\n• 셋", "하나 •\n둘 •\n셋 •", "\n\n\n", "- \n-\n가", "#태그\n#태그\n#태그"),
    ],
    "ellipses": [
        *(
            "",
            "글쎄…",
            "재탕중...",
            "역시\n역시\n재탕중...",
            "가…\n나…",
            "가..\n나..\n다..\n라..\n마..",
            PROSE,
            "가…나\n" * 5,
        ),
        *(
            "가…\n나\n다\n라\n마",
            "가.\n나.\n다.\n라.\n마.",
            "그는 웃었다…\n눈이 내렸다...\n나는 걸었다.\n해가 졌다.\n별이 떴다.",
            "정말 갈까……\n그럼요···\n글쎄네…\n가\n나",
            "가!\n나…?\n다…!\n라\n마",
            "…가\n…나\n…다\n…라\n…마",
            # A chat, a diary, a petition of which some lines trail off.
            "그 길이 얼마나 힘들고 몸이 아픈지를 알기에...\n교육은 평등해야 합니다.\n모두의 나라이기에 청원합니다...\n"
            "부디 살펴 주십시오.\n감사합니다.",
            "아 진짜 피곤하다...\n어제 세 시에 잤는데...\n오늘도 야근이래...\n퇴사할까...\n또 시작이네",
            "하루 종일 비…\n빨래는 마르지 않고…\n라디오에서는 옛 노래…\n어머니 생각이 났다.\n내일은 가야지.",
            "배우들은 겉돌고...\n어떻게 사람이 그럴 수가 있는지...\n기대를 너무 많이 하고 봤는데...\n음악만\n굿",
            "\n…\n",
        ),
        *("가…\n나…\n다…\n" + "라\n" * 7, "가·\n나·\n다·\n라·\n마·", "음…ㅋㅋ\n음…ㅋㅋ\n음…ㅋㅋ\n가\n나"),
    ],
    "repetition": [
        *("", "좋아요 좋아요 좋아요", "굿 잡 맨 " * 10, "ㅋㅋ ㅋㅋ ㅋㅋ ㅋㅋ", PROSE, "같은 말\n" * 12, "좋아요 " * 49),
        lines(*PROSE.split(". "), "내일은 다시 출근입니다."),
        PROSE + " 저녁에는 비가 온다고 했습니다. 저녁에는 눈이 온다고 했습니다.",
        # A psalm, a speech, and a tale in which everything happens three times.
        lines(
            *(
                f"{what} 감사하라 그 인자하심이 영원함이로다"
                for what in (
                    *("신들 중에 뛰어난 하나님께", "주들 중에 뛰어난 주께", "홀로 큰 기이한 일들을 행하시는 이에게"),
                    *("지혜로 하늘을 지으신 분께", "땅을 물 위에 펴신 이에게", "큰 빛들을 지으신 주님께"),
                    *("해로 낮을 주관하게 하신 이에게", "달과 별들로 밤을 주관하게 하신 분께"),
                )
            )
        ),
        " ".join(f"나에게는 꿈이 있습니다. {n}째로 아이들이 {n}걸음 더 나아가는 꿈입니다." for n in "첫둘셋넷닷"),
        " ".join(
            f"{n}째 고개를 넘자 호랑이가 나타나 말했지. 떡 주면 안 잡아먹지! 떡을 {n} 개 던져 주었단다."
            for n in "첫둘셋"
        )
        + f" {PROSE}",
        # A third of it stands there twice.
        PROSE[:150] + " " + PROSE,
        # A law of ten eojeol, named three times.
        " ".join(f"{n}째로 아동학대범죄의 처벌 등에 관한 특례법 제10조 제2항 제3호를 고쳐 주십시오." for n in "첫둘셋")
        + f" {PROSE}",
        # A song says its refrain twice.
        lines(*PROSE.split(". "), "아이들은 벌써 다음 주말에도 가자고 조릅니다"),
        " ".join(f"{n}번" for n in range(100)),
        "\n\n".join(PROSE.split(". ")),
        # What a text is about is named again and again.
        " ".join(f"{n}째로 식품 위생법 시행 규칙 제7조를 고쳐 {n}걸음 나아가자." for n in "첫둘셋넷") + " " + PROSE,
        PROSE + " 모든 사람은 평등하게 살아갈 권리가 있다. 그래서 우리도 평등하게 살아갈 권리가 있다.",
        PROSE + "\n" * 30 + "끝",
        PROSE.replace(" ", "\n"),
        PROSE + "\n-\n" + PROSE.replace("어제는", "그제는")[:24],
        " ".join(sorted(set(PROSE.split()))) + " " + PROSE.split(".")[0],
    ],
}


@pytest.mark.parametrize("name", DROPPED)
def test_there_are_enough_cases(name):
    assert min(len(DROPPED[name]), len(KEPT[name])) >= 15


@pytest.mark.parametrize(("name", "text", "why"), [(n, *case) for n, cases in DROPPED.items() for case in cases])
def test_it_drops(name, text, why):
    assert reason(name, text) == why


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in KEPT.items() for text in texts])
def test_it_keeps(name, text):
    assert reason(name, text) is None


def test_limits_are_inclusive_and_may_be_moved():
    assert reason("eojeol_length", "가 나", applies_from_eojeol=2) == "eojeol_too_short"
    assert reason("eojeol_length", "가 나", applies_from_eojeol=2, min_mean_chars=1.0) is None
    ten = lines(*["• 가"] * 9, "가")
    assert reason("bullets", ten) is None
    assert reason("bullets", ten, max_ratio=0.89) == "too_many_bullets"
    assert reason("bullets", "→ 가\n→ 나\n→ 다", marks=["→"]) == "too_many_bullets"
    assert reason("ellipses", "가~~\n나\n다", marks=["~~"], applies_from_lines=1) is None
    assert reason("ellipses", "가~~\n나", marks=["~~"], applies_from_lines=1, min_cut_chars=1) == "too_many_ellipses"
    # 57 of 100 is not more than 0.57, though 0.57 * 100 is less than 57 in floating point.
    assert reason("bullets", lines(*["• 가"] * 57, *["가"] * 43), max_ratio=0.57) is None
    assert reason("repetition", "가 나\n가 나\n가 나", applies_from_eojeol=4) == "duplicate_lines"
    off = {f"max_duplicate_{what}": 1.0 for what in ("lines", "paragraphs", "line_chars", "paragraph_chars")}
    assert reason("repetition", "좋아요\n\n좋아요\n\n" * 50, **off) == "top_ngrams"
    off |= {"max_top_ngrams": [1.0] * 3}
    assert reason("repetition", "좋아요\n\n좋아요\n\n" * 50, **off) == "duplicate_ngrams"
    assert reason("repetition", "좋아요\n\n좋아요\n\n" * 50, **off, max_duplicate_ngrams=[1.0] * 6) is None
    off = {"max_duplicate_lines": 1.0}
    assert reason("repetition", "좋아요\n\n" * 50, **off) == "duplicate_paragraphs"
    off |= {"max_duplicate_paragraphs": 1.0, "max_duplicate_line_chars": 1.0}
    assert reason("repetition", "좋아요\n\n" * 50, **off) == "duplicate_paragraph_chars"


def test_limits_must_be_ordered():
    with pytest.raises(ValidationError, match="min_mean_chars must not be more than max_mean_chars, got 5.0 and 4.0"):
        registry.get("eojeol_length")(min_mean_chars=5.0, max_mean_chars=4.0)


def split(text, kind):
    """The definition of `find_units`."""
    between = {EOJEOL: r"\s+", LINES: r"[^\S\n]*\n\s*", PARAGRAPHS: r"[^\S\n]*\n[^\S\n]*\n\s*"}[kind]
    return [unit for unit in re.split(between, text.strip()) if unit]


@given(ROWS)
@settings(max_examples=80, deadline=None)
def test_units_are_their_definition(rows):
    for texts in slices(rows):
        for kind in (EOJEOL, LINES, PARAGRAPHS):
            found, expected = units(texts, kind), [split(text, kind) for text in rows]
            assert np.diff(found.bounds).tolist() == [len(some) for some in expected]
            assert found.n_chars.tolist() == [len(unit) for some in expected for unit in some]
            repeated = [[unit for i, unit in enumerate(some) if unit in some[:i]] for some in expected]
            assert found.repeated().tolist() == [
                [len(some), len(again), len("".join(some)), len("".join(again))]
                for some, again in zip(expected, repeated)
            ]
        for may_count, counts in (
            (last_is(["ㅋ", "가", "…"]), lambda line: line.endswith(("ㅋ", "가", "…"))),
            (first_in(FIRST), lambda line: line[:1] in set("ㅋ가é😀 ")),
        ):
            n_lines, share = line_shares(texts, may_count, counts, 0.2)
            expected = [split(text, LINES) for text in rows]
            assert n_lines.tolist() == [len(some) for some in expected]
            exact = np.array([sum(map(counts, some)) / max(1, len(some)) for some in expected])
            assert np.where(exact > 0.2, exact, 0).tolist() == np.where(share > 0.2, share, 0).tolist()


FIRST = np.zeros(0x110000, bool)
FIRST[list(map(ord, "ㅋ가é😀"))] = True


def ngram_chars(words, n, top):
    """The definition of a column of `count_ngram_chars`."""
    grams = [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]
    if top:
        often = Counter(grams)
        best = max(grams, key=lambda gram: (often[gram], len("".join(gram))), default=None)
        starts = [i for i, gram in enumerate(grams) if gram == best and often[gram] >= top]
    else:
        starts = [i for i, gram in enumerate(grams) if gram in grams[:i]]
    return sum(len(words[j]) for j in {j for i in starts for j in range(i, i + n)})


WORDS = st.lists(st.sampled_from(["가", "나나", "다다다", "ab", "😀"]), max_size=40)


@given(st.lists(WORDS, max_size=5), st.integers(1, 12), st.integers(2, 4))
@settings(max_examples=80, deadline=None)
def test_ngrams_are_their_definition(rows, n_min, n_often):
    found = units(pa.array([" ".join(words) for words in rows], pa.string()), EOJEOL)
    out = np.zeros((len(rows), 9), np.int64)
    count_ngram_chars(*found, n_min, n_often, 4, 10, out)
    for words, chars in zip(rows, out.tolist()):
        expected = [ngram_chars(words, n, n_often if n <= 4 else 0) if len(words) >= n_min else 0 for n in range(2, 11)]
        assert chars == expected
