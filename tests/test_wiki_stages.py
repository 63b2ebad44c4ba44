"""wikitext and namumark: what is markup, what only looks like it, and that no text can hold them up."""

import importlib

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from korpus import registry
from korpus.chain import Chain
from korpus.stages import _markup
from tests.nasty import TEXT


def strip(name, text, **options):
    return registry.get(name)(**options).apply(pa.array([text])).to_pylist()[0]


WIKITEXT = [
    ("'''서울'''은 ''수도''이다.", "서울은 수도이다."),
    ("'''''굵고 기운''''' 글", "굵고 기운 글"),
    ("''''셋''''", "'셋'"),
    ("[[대한민국]]의 [[수도 (정치)|수도]]", "대한민국의 수도"),
    ("[[서울#역사|역사]] [[서울#역사]]", "역사 서울#역사"),
    ("[[:분류:서울]] [[:파일:a.jpg|그림]]", "분류:서울 그림"),
    ("글\n[[분류:서울]]\n[[Category:서울|*]]\n끝", "글\n끝"),
    ("[[파일:a.jpg|섬네일|200px|[[경복궁]]의 ''모습'']]\n경복궁은 궁이다.", "경복궁은 궁이다."),
    ("[[en:Seoul]][[zh-yue:首爾]]서울 [[wikt:서울|서울]] [[:en:Seoul]]", "서울 서울 en:Seoul"),
    ("{{위키데이터}}\n{{정보\n|이름 = {{lang|en|Seoul}}\n|인구 = 1\n}}\n서울은", "서울은"),
    ("서울({{llang|en|Seoul}})은", "서울은"),
    ("서울({{llang|en|Seoul}}, [[한자]]: 首爾)은", "서울(한자: 首爾)은"),
    ("서울([[한자]]: 首爾, {{llang|en|Seoul}})은", "서울(한자: 首爾)은"),
    ('넓다.<ref>통계청 [[a]] {{웹 인용|url=b}}</ref> 크다<ref name="가" />.', "넓다. 크다."),
    ("글{{출처}} 다음 {{-}} 말 {{끝}}.", "글 다음 말."),
    ('앞\n{| class="wikitable"\n|-\n! 가 !! {{나}}\n|-\n| [[다]]\n{|\n| 안\n|}\n|}\n뒤', "앞\n뒤"),
    ("앞 <!-- 숨긴\n[[말]] --> 뒤", "앞 뒤"),
    ("== 역사 ==\n=== [[조선]] 시대 ===\n글", "역사\n조선 시대\n글"),
    ("* 하나\n** 둘\n# 셋\n: 넷\n; 다섯", "하나\n둘\n셋\n넷\n다섯"),
    ("앞\n----\n뒤", "앞\n뒤"),
    ("__TOC__\n__목차숨김__\n글", "글"),
    ("[https://a.kr/b 누리집]과 [//a.kr 둘], [http://c.kr]", "누리집과 둘,"),
    ('가<br />나<br>다 H<sub>2</sub>O <span style="color:red">빨강</span>', "가\n나\n다 H2O 빨강"),
    ("<nowiki>'''[[가]]'''</nowiki> <pre>\n {{나}}\n</pre>", "'''[[가]]''' \n {{나}}\n"),
    (
        '<math>\\frac{{a}}{b}</math>과 <syntaxhighlight lang="c">a[[0]]</syntaxhighlight> 끝',
        "\\frac{{a}}{b}과 끝",
    ),
    ("수식 <math>E = mc^2</math>이다. <chem>H2O</chem>는 물이다.", "수식 E = mc^2이다. H2O는 물이다."),
    (
        "{{nowrap|'''굵은 글'''}}은 {{색|red|빨강}}이고 {{lang|ja|東京|label=없음}}은 도시다.",
        "굵은 글은 빨강이고 東京은 도시다.",
    ),
    ("-{zh-hans:中国; zh-hant:中國}-는 -{중국}-이다.", "中国는 중국이다."),
    ("글이다<ref>가<ref>나</ref></ref>.", "글이다."),
    ("이순신(李舜臣, {{출생일|1545}} ~ {{사망일|1598}})은 장군이다.", "이순신(李舜臣)은 장군이다."),
    ("{{{1|기본}}} {{#if:{{{a|}}}|{{{a}}}}} 글", "글"),
    ("{{각주}}\n<references />\n<gallery>\n파일:a.jpg|글\n</gallery>\n끝", "끝"),
    ("#넘겨주기 [[서울특별시]]", ""),
    ("#REDIRECT: [[서울]]\n[[분류:넘겨주기]]", ""),
]
NOT_WIKITEXT = [
    "a == b 이고 x = y 이다",
    "1 + 1 = 2",
    "{가} 집합 { x | x > 0 }",
    "배열 a[0]과 [주의] 표시",
    "그 사람 '말' 그대로, 32'' 화면",
    "x < y 이고 y > z",
    "<영화 제목> <3 ㅎㅎ",
    "참고 ]] 여기 }} 저기 |} 끝",
    "[[닫지 않은 고리",
    "{{닫지 않은 틀 | 값",
    "{| 닫지 않은 표\n| 칸",
    "<!-- 닫지 않은 주석",
    "<ref>닫지 않은 각주",
    "[[]] [[ ]] {가{나}다}",
    "글 * 별 # 우물 : 쌍점 -- 줄",
    "-- 줄표로 시작\n--- 셋",
    "a_b __init__ __a__",
    "https://a.kr/b?c=d [참고]",
    "==제목\n=ㅅ=",
    "줄\r\n둘\t셋  넷\n\n\n다섯\n",
    "나무 || 숲 && 들",
]
NAMUMARK = [
    ("'''서울'''은 ''수도''이다.", "서울은 수도이다."),
    ("== 개요 ==\n===# 접은 것 #===\n글", "개요\n접은 것\n글"),
    ("[[대한민국]]의 [[수도(도시)|수도]]", "대한민국의 수도"),
    ("[[파일:a.jpg|width=100%]]\n[[분류:도시]]글", "글"),
    ("[[서울|[[파일:a.png]] 서울]]", "서울"),
    ("[[https://a.kr|누리집]] [[https://a.kr]]", "누리집 https://a.kr"),
    ("{{{+1 큰}}} {{{-2 작은}}} {{{#red 빨간}}} {{{#fff,#000 밝은}}} 글", "큰 작은 빨간 밝은 글"),
    ("'''{{{+2 여러 {{{#00a495,#E69720 겹}}}}}}'''", "여러 겹"),
    ('{{{#!wiki style="text-align:center"\n상자 [[글]]\n}}}\n다음', "상자 글\n다음"),
    ("{{{#!folding [ 펼치기 ]\n안\n}}}\n밖", "안\n밖"),
    ("앞\n{{{#!syntax python\nprint('[[a]]')\n}}}\n{{{#!html <b>a</b>}}}\n뒤", "앞\n뒤"),
    ("{{{[[있는]] '''그대로'''}}}", "[[있는]] '''그대로'''"),
    ("[include(틀:상위 문서, top1=서울(도시))]\n[목차]\n글 [각주]", "글"),
    ("그는[* 누구[1] [[참고]] {{{+1 (예)}}}] 말했다.[*A 이름] 또[*A]", "그는 말했다. 또"),
    ("||<tablewidth=50%> '''가''' || 나 ||\n|| 다 || 라 ||\n본문", "본문"),
    ('||{{{#!wiki style="a"\n여러 줄 || 칸}}}|| 다\n라 ||\n본문', "본문"),
    ("|설명|가||나||\n본문", "본문"),
    # The last row before the braces, a cell a line, bars alone, rows in quotes and lists.
    ('{{{#!wiki style="a"\n||하나||둘||\n||셋||넷||}}}\n본문', "본문"),
    ("앞\n{{{#!folding [더]\n||하나||둘||}}}\n뒤", "앞\n뒤"),
    ("앞\n||하나\n||둘\n||\n||셋\n||넷||\n뒤", "앞\n뒤"),
    ("앞\n||\n하나\n||\n둘\n||\n뒤", "앞\n뒤"),
    ("앞\n>||하나||둘||\n * ||셋||\n[[파일:b.png]]||넷||\n뒤", "앞\n뒤"),
    ("||하나||둘||[* 각주]\n뒤", "뒤"),
    # Boxes.
    ("{{{#!wiki style='color:red'\n상자}}}\n뒤", "상자\n뒤"),
    ('{{{#!wiki style="margin:1px;\npadding:2px" dark-style = "a"\n상자 글}}}\n뒤', "상자 글\n뒤"),
    ('{{{#!wiki class="a"\n{{{#!wiki style="b"\n안쪽}}}\n바깥}}}뒤', "안쪽\n바깥\n뒤"),
    ("{{{#!latex x^2}}}{{{#!style\n.a{}\n}}}\n글", "글"),
    ("그는 ~~바보~~ 천재다. --아니다--", "그는 천재다."),
    ("> 인용문\n>둘째 줄\n끝", "인용문\n둘째 줄\n끝"),
    ("__밑줄__ H,,2,,O x^^2^^", "밑줄 H2O x2"),
    (" * 하나\n  * 둘\n글", "하나\n둘\n글"),
    ("앞\n## 주석 [[글]]\n----\n뒤", "앞\n뒤"),
    ("[youtube(abc123, width=640)] 영상 [math(x^{2}[i])] 식 [anchor(가)]", "영상 x^{2}[i] 식"),
    ("속도를 [math(v)]라 하면 <math>a+b</math>이다.", "속도를 v라 하면 a+b이다."),
    ("[ruby(漢字, ruby=한자)] 한 줄[br]두 줄", "漢字 한 줄\n두 줄"),
    ("\\[\\[고리\\]\\]와 \\~~", "[[고리]]와 ~~"),
    ("[[고리|글[* 각주 [[안]]]]] 끝", "글 끝"),
    ("#redirect 서울특별시", ""),
    ("#넘겨주기 서울특별시#s-1", ""),
]
NOT_NAMUMARK = [
    "좋아요~~ 최고~~ 또 올게요~",
    "i--; j-- 그리고 --i",
    "2018--2019 사이, a--b--c",
    "네,,, 그래요,,, 음,,",
    "ㅎㅎ^^ 반가워요 ^^",
    "snake_case a__b__c _가_",
    "if (a || b) { c || d }",
    "|| 주의 표시로 시작하는 줄",
    "||",
    "|| 주의\n\n본문 줄\n다음 줄",
    "||\n\n본문",
    ">_< 앗 >.< 이런",
    "[주의] 배열 a[0] [*] [**]",
    "[[닫지 않은 고리",
    "{{{닫지 않은 중괄호",
    '{{{#!wiki style="a"\n닫지 않은 상자',
    "[* 닫지 않은 각주",
    "[include(닫지 않은 틀",
    "a == b, 1 = 1\n==제목==",
    "#해시태그 #서울 1# 2##",
    "그 사람 '말' 그대로, 32'' 화면",
    "f(x)] g(y)] }}} ]] 끝",
    "* 별로 시작\n- 줄로 시작\n--- 셋",
    "C:\\폴더\\파일.txt",
    "줄\r\n둘\t셋  넷\n\n\n다섯\n",
    "$a_{i}^{2}$ {가} {{나}}",
]


@pytest.mark.parametrize(("text", "expected"), WIKITEXT)
def test_wikitext(text, expected):
    assert strip("wikitext", text) == expected


@pytest.mark.parametrize("text", NOT_WIKITEXT)
def test_what_only_looks_like_wikitext_stays(text):
    assert strip("wikitext", text) == text


@pytest.mark.parametrize(("text", "expected"), NAMUMARK)
def test_namumark(text, expected):
    assert strip("namumark", text) == expected


@pytest.mark.parametrize("text", NOT_NAMUMARK)
def test_what_only_looks_like_namumark_stays(text):
    assert strip("namumark", text) == text


@pytest.mark.parametrize("name", ["wikitext", "namumark"])
def test_headings_can_be_removed(name):
    text = "글\n== 역사 ==\n'''다음'''"
    assert strip(name, text) == "글\n역사\n다음"
    assert strip(name, text, headings="remove") == "글\n다음"


@pytest.mark.parametrize("name", ["wikitext", "namumark"])
def test_formulas_can_be_removed(name):
    assert strip(name, "식 <math>a+b</math> 뒤", formulas="remove") == "식 뒤"
    assert strip(name, "식 <math> </math> 뒤") == "식 뒤"


def test_what_is_struck_through_can_be_kept():
    text = "그는 ~~바보~~ --또는 범인-- 천재다."
    assert strip("namumark", text) == "그는 천재다."
    assert strip("namumark", text, struck="keep") == "그는 바보 또는 범인 천재다."


def test_markup_that_is_not_closed_hides_none_that_is():
    assert strip("wikitext", "{{깨진 틀 [[a|고리]] '''굵게''' {{온전한}} 끝") == "{{깨진 틀 고리 굵게 끝"
    assert strip("wikitext", "[[깨진 고리\n\n[[온전한]] {{틀|[[깨진}} 끝") == "[[깨진 고리\n\n온전한 끝"
    assert strip("namumark", "{{{#red 깨진 [[a|고리]] [* 각주] 끝") == "{{{#red 깨진 고리 끝"
    assert strip("namumark", "[* 깨진 각주\n\n[[온전한]] {{{+1 [[깨진}}} 끝") == "[* 깨진 각주\n\n온전한 [[깨진 끝"


PARTS = {
    "wikitext": (
        *("{{", "}}", "{{{", "}}}", "[[", "]]", "{|", "|}", "\n{|", "\n|}", "|", "''", "'''", "<ref>", "</ref>"),
        *("<ref />", "<nowiki>", "</nowiki>", "<!--", "-->", "<br>", "<b>", "[http://a.kr ", "]", "\n", "\n\n", "== "),
        *("==", "\n*", "\n#", "----", "__TOC__", "분류:", "파일:", "(", ")", ", ", " ", "글", "가나", "a", "\ufdd0"),
    ),
    "namumark": (
        *(
            "{{{",
            "}}}",
            "{{{+1 ",
            "{{{#red ",
            "{{{#!wiki ",
            "{{{#!html ",
            "[[",
            "]]",
            "[* ",
            "]",
            "[",
            "[include(",
            ")]",
        ),
        *(
            "[목차]",
            "[math(",
            "<math>",
            "</math>",
            "||",
            "\n||",
            "||\n",
            "|",
            "''",
            "'''",
            "~~",
            "--",
            "__",
            "^^",
            ",,",
        ),
        *(
            "\n",
            "\n\n",
            "== ",
            " ==",
            "\n##",
            "\n * ",
            "\n>",
            "----",
            "\\",
            "분류:",
            "(",
            ")",
            " ",
            "글",
            "가",
            "\ufdd1",
        ),
    ),
}


@pytest.mark.parametrize("name", list(PARTS))
@given(data=st.data())
def test_no_text_breaks_it(name, data):
    text = data.draw(st.lists(st.sampled_from(PARTS[name]) | TEXT, max_size=30).map("".join))
    for options in ({}, {"headings": "remove"}):
        result = strip(name, text, **options)
        assert len(result) <= len(text)
        # What is left of a text stands there in the order in which it came.
        rest = iter(text)
        assert all(char in rest for char in result if char != "\n"), result


@pytest.mark.parametrize("name", list(PARTS))
@given(text=st.text("가나다 abc.,?!()0123\n\t~-ㅋ^\U0001f600\x00", max_size=40))
@example("")
@example("\n\n글\n\n")
def test_text_without_markup_stays(name, text):
    marks = ("--", "^^", "~~", ",,", " *") if name == "namumark" else ("--",)
    if not any(mark in text for mark in marks):
        assert strip(name, text) == text


@pytest.mark.parametrize("name", list(PARTS))
@given(data=st.data())
def test_twice_is_once_where_nothing_is_protected(name, data):
    prose = st.sampled_from(["서울은 수도이다.", "글", " ", "\n", ", 그리고 ", "(가)"])
    whole = {
        "wikitext": [
            "[[가|나]]",
            "{{틀|[[a]]}}",
            "'''굵게'''",
            "<ref>각주</ref>",
            "[[분류:a]]",
            "<br>",
            "\n== 절 ==\n",
        ],
        "namumark": ["[[가|나]]", "[* 각주]", "'''굵게'''", "{{{+1 글}}}", "[[분류:a]]", "[목차]", "\n== 절 ==\n"],
    }[name]
    text = data.draw(st.lists(prose | st.sampled_from(whole), max_size=12).map("".join))
    once = strip(name, text)
    assert strip(name, once) == once


def test_wikitext_does_what_a_parser_does():
    parser = pytest.importorskip("mwparserfromhell")
    for text in (
        "'''서울'''은 [[대한민국]]의 [[수도 (정치)|수도]]이다.",
        "[https://a.kr 누리집]과 ''기울인'' 글",
        "{{틀|a=[[b]]}}본문 {{틀|{{c}}}}끝",
        "가 <!-- 숨김 -->나",
        "'''''둘 다''''' <small>작은</small> H<sub>2</sub>O",
    ):
        plain = parser.parse(text).strip_code(normalize=False)
        assert strip("wikitext", text).split() == plain.split()


@pytest.mark.parametrize("name", list(PARTS))
def test_nothing_opens_too_deep(name):
    n = _markup.MAX_DEPTH
    opened, closed = {"wikitext": ("{{가|", "}}"), "namumark": ("{{{+1 ", "}}}")}[name]
    inside = {"wikitext": "", "namumark": "글"}[name]
    assert strip(name, opened * n + "글" + closed * n) == inside
    deeper = strip(name, opened * 3 * n + "글" + closed * 3 * n)
    assert opened in deeper or closed in deeper


@pytest.mark.parametrize("name", list(PARTS))
def test_the_work_grows_with_the_text_alone(name, monkeypatch):
    # Whatever is not found is searched for once, and giving up costs no more than the depth allows.
    searched = []
    find = _markup.Nest.find

    def counted(self, end, at):
        before = len(self._unclosed)
        found = find(self, end, at)
        searched.append(found is None and len(self._unclosed) > before)
        return found

    monkeypatch.setattr(_markup.Nest, "find", counted)
    unit = {"wikitext": "<ref>가<!-- ", "namumark": "[math(가{{{나"}[name]
    text = unit * 500
    assert strip(name, text) == text
    assert len(searched) == 1000
    assert sum(searched) == 2


def test_rows_without_an_end_are_searched_once(monkeypatch):
    module = importlib.import_module("korpus.stages.namumark")
    searched, row_end = [], module._row_end
    monkeypatch.setattr(module, "_row_end", lambda lines, at: searched.append(at) or row_end(lines, at))
    text = "||가\n" * 3000
    assert strip("namumark", text) == text
    assert len(searched) <= 2


def test_a_text_that_uses_every_noncharacter_is_left_alone():
    text = "'''굵게''' " + "".join(map(chr, range(0xFDD0, 0xFDF0)))
    assert strip("wikitext", text) == strip("namumark", text) == text
    assert strip("wikitext", "'''굵게''' \ufdd0") == "굵게 \ufdd0"


def test_pages_that_lead_elsewhere_are_rejected_as_emptied():
    stage = registry.get("wikitext")()
    batch = pa.RecordBatch.from_pydict({"doc_id": [0, 1], "text": ["#넘겨주기 [[서울]]", "{{틀}}\n서울"]})
    kept, rejects = Chain([stage])(batch)
    assert kept.column("text").to_pylist() == ["서울"]
    assert rejects[0].column("reason").to_pylist() == ["emptied"]
