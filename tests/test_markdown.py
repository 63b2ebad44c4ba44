# ruff: noqa: E501 - lines of texts
"""markdown: what is markup, what only looks like it, and that no text can hold it up."""

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from korpus.stages.markdown import Markdown
from tests.nasty import TEXT


def strip(text, **options):
    return Markdown(**options).apply(pa.array([text])).to_pylist()[0]


def document(text):
    """Put a heading before a text, so that it surely is Markdown."""
    return f"## 제목\n\n{text}"


# Of texts that are Markdown for sure: what stands below a heading.
WITHIN = [
    ("**강조**는 *기울임*과 ***둘 다***이다.", "강조는 기울임과 둘 다이다."),
    ("**글**과 __밑줄 친 글__ 그리고 _기운 글_.", "글과 밑줄 친 글 그리고 기운 글."),
    ("**굵고 *기운* 글**", "굵고 기운 글"),
    ("**`코드`**는 **[글](https://a.kr)**이다", "코드는 글이다"),
    ("~~취소한 글~~ 남은 글", "취소한 글 남은 글"),
    ('[수도](https://a.kr/b_(c)?d=e "설명")는 [문서](./a.md)와 [위](#위)', "수도는 문서와 위"),
    ("그림 ![설명](a.png) 뒤 [![배지](https://a.kr/b.svg)](https://a.kr) 끝", "그림  뒤  끝"),
    (
        '[글][참고]과 [참고][], [참고] 그리고 [다른 것]\n\n[참고]: https://a.kr "제목"',
        "글과 참고, 참고 그리고 [다른 것]",
    ),
    ("각주[^1]가 있다.\n\n[^1]: 각주의 글", "각주가 있다.\n\n각주의 글"),
    ("<https://a.kr/b>와 <me@a.kr>", "https://a.kr/b와 me@a.kr"),
    ("`pip install`과 ``a`b`` 코드 `*별*`", "pip install과 a`b 코드 *별*"),
    ("```python\nx = a * b * c  # **그대로**\n\n\n\n> 둘\n```\n끝", "x = a * b * c  # **그대로**\n\n\n\n> 둘\n끝"),
    ("~~~\n코드\n~~~\n끝", "코드\n끝"),
    ("````\n```\n안\n```\n````\n끝", "```\n안\n```\n끝"),
    ("| 이름 | 값 |\n|:---|---:|\n| **가** | 1 |\n| 나 | [둘](https://a.kr) |\n\n끝", "이름\t값\n가\t1\n나\t둘\n\n끝"),
    ("가 | 나\n--|--\n1 | 2\n끝", "가\t나\n1\t2\n끝"),
    ("> 인용한 글\n> > 두 번", "인용한 글\n두 번"),
    ("앞\n\n---\n\n* * *\n\n___\n뒤", "앞\n\n뒤"),
    ("큰 제목\n===\n글\n\n작은 제목\n---\n글", "큰 제목\n글\n\n작은 제목\n글"),
    ("# 하나 #\n###### 여섯 ##\n####### 일곱", "하나\n여섯\n####### 일곱"),
    ("앞 <!-- 숨긴\n글 --> 뒤", "앞  뒤"),
    (r"별\* 2\*3\*4 \# \[글\](말) C:\\ \가", r"별* 2*3*4 # [글](말) C:\ \가"),
    ("줄\\\n바꿈", "줄\n바꿈"),
    ("- 하나\n* 둘\n1. 셋\n- [ ] 넷", "- 하나\n* 둘\n1. 셋\n- [ ] 넷"),
    # what is no markup in Markdown either
    ("2*3*4 a * b * c 5*", "2*3*4 a * b * c 5*"),
    ("_snake_case_ snake_case __init__ _a_b", "_snake_case_ snake_case __init__ _a_b"),
    ("좋아요~~ 최고~~ 와~~진짜~~좋아", "좋아요~~ 최고~~ 와~~진짜~~좋아"),
    ("*^^* ^_^ >_< > < _-_ -_- T_T", "*^^* ^_^ >_< > < _-_ -_- T_T"),
    ("#해시태그 #둘", "#해시태그 #둘"),
    ("[공지](필독) [서울](종로구) (주)**", "[공지](필독) [서울](종로구) (주)**"),
    (
        "**닫지 않은 글\n*닫지 않은 글\n`닫지 않은 글\n[닫지 않은 글\n<!-- 닫지 않은",
        "**닫지 않은 글\n*닫지 않은 글\n`닫지 않은 글\n[닫지 않은 글\n<!-- 닫지 않은",
    ),
    ("```\n닫지 않은 코드\n**굵게**", "```\n닫지 않은 코드\n굵게"),
    ("1 < 2 > 0 | 가 | 나", "1 < 2 > 0 | 가 | 나"),
]
# Texts that are Markdown for what they hold themselves.
MARKDOWN = [
    ("## 개요\n**서울**은 [수도](https://a.kr)이다.", "개요\n서울은 수도이다."),
    ("# 제목\n\n글이다.\n\n> 인용", "제목\n\n글이다.\n\n인용"),
    ("---\ntitle: 제목\ntags:\n  - 하나\ndate: 2024-05-02\n---\n글이다.", "글이다."),
    ("[누리집](https://a.kr)을 보세요.", "누리집을 보세요."),
    ("```\ncode\n```", "code"),
    ("| a | b |\n| --- | --- |\n| 1 | 2 |", "a\tb\n1\t2"),
    ("**강조**는 중요합니다. **두 번째 강조**도요.", "강조는 중요합니다. 두 번째 강조도요."),
    ("**주의:** 이것은 “**중요한 일**”입니다.", "주의: 이것은 “중요한 일”입니다."),
    ("## 제목\r\n\r\n- **글**\r\n", "제목\r\n\r\n- 글"),
]
NOT_MARKDOWN = [
    *("#해시태그 #맞팔", "# 하나", "#1 좋아요", "1. 하나\n2. 둘\n3. 셋", "- 하나\n- 둘", "* 참고\n* 하나"),
    *("> <", ">_<", "> 인용한 글", ">> 답글입니다", "*^^*", "~_~", "^_^;;", "**^^**", "(*_*) (@_@)"),
    *(
        "----",
        "====",
        "글\n----\n글",
        "좋아요\n---\n싫어요",
        "***",
        "_____",
        "- - -",
        "~~~",
        "좋아요~~ 최고~~",
        "~~진짜~~",
    ),
    *("2*3*4", "_snake_case_", "__init__", "*별* 하나", "별점 ***** 다섯", "**나이스 사장", "이 **놈아 **같은"),
    *("공공기관인 **수협은 김**가 조합장으로 재직", "김**, 이** 씨", "051-***-****", "(***,**,**) 협력사들은"),
    *(
        "얼마전 **시 **구 주민들의 오산** 시민",
        "안**(**) 대표",
        "`좋아요`",
        "don`t stop can`t stop",
        "[공지](필독) 읽으세요",
        "[서울][부산]",
    ),
    *(
        "가 | 나 | 다",
        "| 가 | 나 |",
        "--|--",
        "a|b\nc|d",
        "<3 <b>굵게</b>",
        "C:\\dir \\o/ \\(^o^)/",
        "a <- b -> c <-- d --> e",
    ),
    *(
        "글이다.  \n다음 줄",
        "    들여 쓴 글",
        "[1] 참고 문헌",
        "[^^] [ㅋㅋ]",
        "※ 주의 *** 주의 ***",
        "#",
        "##",
        "##제목",
        "",
        "\n",
    ),
]


@pytest.mark.parametrize(("text", "expected"), WITHIN)
def test_what_becomes_of_markup(text, expected):
    assert strip(document(text)) == f"제목\n\n{expected}"


@pytest.mark.parametrize(("text", "expected"), MARKDOWN)
def test_what_is_markdown_by_itself(text, expected):
    assert strip(text) == expected


@pytest.mark.parametrize("text", NOT_MARKDOWN)
def test_texts_that_are_no_markdown_stay(text):
    assert strip(text) == text


def test_there_are_cases_enough():
    assert len(WITHIN) + len(MARKDOWN) >= 30
    assert len(NOT_MARKDOWN) >= 30


def test_code_and_lists_by_choice():
    text = document("앞\n\n```\n코드\n```\n\n- 하나\n  * [x] 둘\n10) 셋\n- \n-1도")
    assert strip(text, code="remove", lists="remove") == "제목\n\n앞\n\n하나\n둘\n셋\n- \n-1도"
    assert strip(text, code="remove") == "제목\n\n앞\n\n- 하나\n  * [x] 둘\n10) 셋\n- \n-1도"


PIECES = [
    *(
        "**",
        "*",
        "***",
        "__",
        "_",
        "~~",
        "`",
        "``",
        "```",
        "\n```\n",
        "[",
        "]",
        "](",
        "](https://a",
        ")",
        "![",
        "[^1]",
        "[^1]: ",
    ),
    *(
        "<!--",
        "-->",
        "|",
        "|--|",
        "\n|-|-|\n",
        "# ",
        "\n## ",
        "\n> ",
        "---",
        "\n---\n",
        "===",
        "\\",
        "\n\n",
        "가",
        "나다 ",
        "은",
        " ",
        "<https://a>",
    ),
]


@given(st.lists(st.sampled_from(PIECES) | TEXT, max_size=20).map("".join))
@example("## \n\n")
@example("## a\n" + "\ufdd0" * 3 + "0")
@example("## a\n\\\\*`\\``")
def test_nothing_but_markup_is_lost(text):
    made = strip("## 가\n" + text)
    assert "\ufdd0" in text or "\ufdd0" not in made
    kept = [char for char in made if char.isalpha() and char not in "httpsa"]
    given_ = iter(char for char in "가" + text if char.isalpha() and char not in "httpsa")
    assert all(char in given_ for char in kept)  # in order


@pytest.mark.parametrize(
    "piece",
    [
        "**가",
        "*가 ",
        "__가",
        "[",
        "[가](",
        "](https://a(",
        "![가](https://a",
        "`",
        "`` ",
        "```\n",
        "~~~\n",
        "<!--",
        "|",
        "|-|\n",
        "\\",
        "> ",
        "## ",
        "[가]: ",
        "[^",
        "~~가",
        "- ",
        "---\n",
        "a: b\n",
        "<a@",
        "a.",
        '"가',
        "***a**b*",
    ],
)
def test_time_grows_with_the_length_alone(piece):
    # Twice the length takes about twice as long: what is quadratic would take minutes here.
    n = 200_000 // len(piece)
    for begin in ("## 가\n", "---\n", "[가](https://", "**"):
        strip(begin + piece * n)


def test_fences_of_every_length_that_are_never_closed():
    strip("## 가\n" + "\n".join("`" * n + " a" for n in range(900, 2, -1)))
