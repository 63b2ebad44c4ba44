"""What ends a Korean sentence, what may stand around its end, and what looks like an end and is none.

Sources: the Unicode Standard (``Ps``, ``Pe``, ``Pi``, ``Pf`` of ``UnicodeData.txt`` for the quotes and brackets in use
in Korean text; ``emoji-data.txt`` for emoji); 한글 맞춤법, appendix on punctuation, for the marks and for the order 가,
나, 다 of items.
"""

from __future__ import annotations

QUOTES = {"“": "”", "‘": "’", "「": "」", "『": "』", "〈": "〉", "《": "》", "<": ">", "«": "»", "‹": "›", "＜": "＞"}
"""What is said or named, and what closes it: words of a sentence like others."""

STRAIGHT = "\"'`"
"""Quotes that open and close alike."""

BRACKETS = {"(": ")", "[": "]", "{": "}", "（": "）", "［": "］", "【": "】", "〔": "〕", "｛": "｝", "〖": "〗"}
"""What is said aside: a sentence goes on after it where it was."""

# Regular expressions for one character, by the kind that they are; of two that match, the later one counts.
KINDS: dict[str, str] = {
    "OTHER": r"(?s:.)",
    "LETTER": r"[^\W\d_]",
    "DIGIT": r"\d",
    "SYLLABLE": "[가-힣]",
    "BULLET": "[■-◿☆★☐-☒☛☞✓-✘➔-➾⬛⬜※•‣·ㆍ①-⓿❶-➓→⇒]",
    "SOFT": "[~∼〜～^＾_;；\u3131-\u318e♠-♯❤❥❣ღ☺☻☹✌✋☀-☄⭐✨\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff]",
    "EXTEND": "[\u0300-\u036f\u0483-\u0489\u1160-\u11ff\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u2060-\u2064"
    "\u20d0-\u20ff\u302a-\u302f\u3099\u309a\ud7b0-\ud7fb\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\U0001f3fb-\U0001f3ff\U000e0000-\U000e01ef]",
    "DOT": "[.．。｡]",
    "DOTS": "[…‥⋯]",
    "ASK": "[?!？！‼⁇-⁉❓❗❕❔]",
    "COMMA": "[,，、､:：]",
    "ADDRESS": "[@/＠]",
    "OPEN": "[" + "".join(map("\\{}".format, BRACKETS)) + "]",
    "QUOTE": "[" + "".join(QUOTES) + "]",
    "STRAIGHT": f"[{STRAIGHT}]",
    "CLOSE": "[" + "".join(map("\\{}".format, [*QUOTES.values(), *BRACKETS.values()])) + "]",
    "SPACE": r"\s",
    "BREAK": r"\n",
}

ITEMS = "가나다라마바사아자차카타파하"
"""Syllables that number the items of a list."""

_ABBREVIATIONS = """
mr mrs ms dr st no nos vs prof jr sr inc co ltd corp vol pp fig figs cf al etc ed eds est dept gen col capt lt sgt rev
hon mt ft ii iii iv vi vii viii ix jan feb mar apr jun jul aug sep sept oct nov dec approx ave blvd rd ch sec eq ref ver
"""
ABBREVIATIONS = frozenset(_ABBREVIATIONS.split())
"""Latin words that a point shortens, in lower case. One letter alone, as in ``J.``, ``U.S.`` or ``e.g.``, always is."""

_GOES_ON = """
라고 라고는 라고도 라고만 라는 라며 라면서 라던 라던가 라든가 라든지 라기 라니 라니까 란 라면 이라고 이라는 이라며
이라면서 이라던 이란 이라니 이라기 이라든
"""
GOES_ON = tuple(_GOES_ON.split())
"""Words that take up what was said before them, so that it is no sentence of its own. Three syllables are looked at:
longer words that begin like that are meant too, shorter ones are whole."""

_GOES_ON_QUOTED = """
하고 하고는 하며 하면 하는 하던 하여 하였 하니 하더 하자 한다 했다 했던 했고 했지 했는 했으 했습 해서 할 한 합니
하시 하신 등 등의 등을 등이 등으 및 또는 혹은 와 과 이 은 는 가 을 를 의 에 에서 도 로 으로 고 며 라 정도 같은 식의
식으 싶어 말에 말을 말이 말은 말도
"""
GOES_ON_QUOTED = tuple(_GOES_ON_QUOTED.split())
"""The same right after a closing quote; two syllables are looked at."""

_GOES_ON_BARE = """
생각하 생각한 생각합 생각했 생각해 생각되 생각된 생각됩 판단하 판단한 판단합 판단했 판단해 판단되 판단된 판단됩
주장하 주장한 주장합 주장했 여기고 여기는 여긴다 여겨 하더라 하더니 하여 하여도 해도 해서 하는 하면 하니 하니까 한들
할지라 할 하고 하며 봐 봐요 봐야 말까 않다 않고 않은 않는 않을 않아 않았다 않았나
않습니 않겠습 않겠지 않겠냐 않겠나 않나 않나요 않을까 않느냐 않으면 않은가
줄 주고 준 하지 하지도 라고 라며 라는 라면서 라던
하면서 하시며 하시더 했더니 했으나 했으며 였습니 명령 못한다 못하고 못했다 못해 뭐예요 뭐야 뭡니까
물었다 말했다 말하는 말하고 부르는 부른다 불리는 보니 보니까 보면 싶은 싶어 싶다 싶으 싶었 싶네 싶지
"""
GOES_ON_BARE = tuple(_GOES_ON_BARE.split())
"""The same after an ending without punctuation, as in ``옳다 생각합니다`` and ``살다 보니``; three syllables."""

GOES_ON_DIRECT = ("는", "은", "고", "를", "을", "며", "라", "에", "의", "로", "와", "과", "도", "란", "라고", "라는")
"""The same right after an end mark without a space, as in ``떠났다…는 소문``; whole words."""

_ENDS_BARE = """
는구나 었구나 았구나 했구나 겠구나 였구나 왔구나 갔구나 쁘구나 렇구나 이구나 하구나 됐구나 졌구나 봤구나 줬구나 로구나
구만요 더군요 더라구 더라요 거든요 잖아요 하거든 이거든 했거든 었거든 았거든 였거든
사야지 해야지 가야지 봐야지 어야지 아야지 아니지
지마라 와라 해라 봐라 가라 줘라 아라 어라 려라 켜라 워라
먹자 놀자 살자 싸우자 갈래 할래 올래 볼래 을래 줄래 살래 고마워 미안해 사랑해 축하해
거다 깝다 렵다 럽다 엽다 춥다 덥다 쉽다 싶다 맙다 빠르다 싫다 좋다 같다 많다 높다
보소 하소 뭐지 뭐야 뭐냐
해냄 보냄 지냄 끝냄 꺼냄 바뀜
"""
ENDS_BARE = tuple(_ENDS_BARE.split())
"""How a sentence ends without punctuation although a word may end alike; up to three syllables are looked at."""

CODA_ENDS_BARE = (("ㅆ", "니"), ("ㅆ", "지"), ("ㅆ", "어"))
"""The same by the final consonant before the last syllable: 갔니, 했지, 왔어."""

NO_ENDS_BARE = ("있어", "있지", "이해라", "오해라", "방해라", "나가라", "올가라", "좋아라")
"""What looks like one of these and is none."""

PARTICLES = "은는을를의"
"""What a sentence goes on after although laughter stands behind it: 애기들은 ㅎㅎㅎ 사람을 미치게 한다."""

BREAKS_OFF = ("지만", "그러나", "그런데", "해서", "어서", "라서", "아서", "려고")
"""What a sentence goes on after although dots stand behind it: 갔지만... 아무도 없었다."""
