"""The example corpus holds what the stages are shown with: every kind of noise, threads, duplicates, four trades."""

import json
import re
import unicodedata
from collections import Counter
from datetime import datetime
from itertools import combinations
from pathlib import Path

import emoji
import pytest

PATH = Path(__file__).parent.parent / "examples" / "comments.jsonl"
KEYS = ["id", "text", "category", "thread_id", "parent_id", "created_at", "likes"]

NOISE = {
    "laughing": (r"ㅋ{5,}", 20),
    "crying": (r"[ㅠㅜ]{4,}", 8),
    "smiling": (r"ㅎ{4,}", 4),
    "exclamation": (r"!{6,}", 5),
    "tilde": (r"~{4,}", 4),
    "mixed emoticon": (r"ㅋ[쿠큐][ㅜㅠ]+", 4),
    "emoji with a joiner": (r"\u200d", 4),
    "flag": (r"[\U0001F1E6-\U0001F1FF]{2}", 3),
    "skin tone": (r"[\U0001F3FB-\U0001F3FF]", 8),
    "keycap": (r"\d\ufe0f\u20e3", 3),
    "http": (r"http://", 5),
    "https": (r"https://", 5),
    "URL with a query": (r"https?://\S+\?\S+=", 8),
    "URL with a particle": (r"https?://[!-~]+[가-힣]", 3),
    "address in mail": (r"\w@\w+\.", 2),
    "mask": (r"(?<![A-Za-z0-9])OOO(?![A-Za-z0-9])", 6),
    "no mask": (r"[A-Z]O{3,}|O{3,}[a-z]", 4),
    "美": ("美", 1),
    "中": ("中", 3),
    "女": ("女", 4),
    "男": ("男", 2),
    "full-width": (r"[\uff01-\uff5e]", 4),
    "curly quotes": (r"[“”‘’]", 6),
    "ellipsis": ("…", 5),
    "middle dot": ("·", 3),
    "won": ("₩", 3),
    "celsius": ("℃", 4),
    "compatibility forms": (r"[½①]", 2),
    "zero-width": (r"[\u200b\ufeff]", 3),
    "tab": (r"\t", 2),
    "double space": (r"\S {2,}\S", 3),
    "line break": (r"\n", 4),
    "HTML entity": (r"&(?:#\d+|[a-z]+);", 5),
    "HTML tag": (r"</?[a-z]>", 1),
    "English": (r"[A-Za-z]+ [a-z]+ [a-z]+ [a-z]+", 3),
    "Japanese": (r"[ぁ-ん]{2}", 2),
    "Chinese": ("这个", 1),
    "price": (r"\d,\d{3}원", 8),
    "phone number": (r"01\d-\d{4}-\d{4}", 4),
    "안녕ㅋㅋ": ("안녕ㅋㅋ", 2),
    "2000000원": ("2000000원", 2),
    "010-0000-0000": ("010-0000-0000", 3),
    "www.": (r"www\.", 2),
}
CATEGORIES = {
    "화장품": 60,
    "식품": 60,
    "전자제품": 60,
    "반려동물": 60,
    "뉴스": 30,
    "영화": 10,
    "여행": 10,
    "게임": 10,
    "스포츠": 10,
    "육아": 5,
    "패션": 5,
    None: 30,
}


@pytest.fixture(scope="module")
def raw():
    return PATH.read_bytes()


@pytest.fixture(scope="module")
def rows(raw):
    return [json.loads(line) for line in raw.decode("utf-8").splitlines()]


@pytest.fixture(scope="module")
def texts(rows):
    return [row["text"] for row in rows]


def shingles(text):
    """Return the character 5-shingles of a text, folded and without spaces and punctuation."""
    form = re.sub(r"[\W_]", "", text.casefold())
    return {form[i : i + 5] for i in range(max(1, len(form) - 4))} if form else set()


def test_file(raw):
    assert raw.endswith(b"}\n")
    assert b"\r" not in raw
    assert len(raw) < 200_000
    lines = raw.decode("utf-8").split("\n")[:-1]
    assert 400 <= len(lines) <= 600
    assert sum(bool(re.search(r"\\u[0-9a-f]{4}", line)) for line in lines) >= 4
    assert sum(line.isascii() for line in lines) < 10


def test_rows(rows):
    for row in rows:
        assert list(row) == KEYS
        assert row["text"]
        assert isinstance(row["text"], str)
        assert isinstance(row["likes"], int)
        assert row["likes"] >= 0
        datetime.fromisoformat(row["created_at"])
    assert len({row["id"] for row in rows}) == len(rows)


def test_a_reply_follows_its_parent_in_the_same_thread(rows):
    seen = {}
    for row in rows:
        if row["parent_id"] is not None:
            parent = seen[row["parent_id"]]
            assert parent["thread_id"] == row["thread_id"]
            assert parent["category"] == row["category"]
            assert datetime.fromisoformat(parent["created_at"]) < datetime.fromisoformat(row["created_at"])
        seen[row["id"]] = row
    replies = Counter(row["parent_id"] for row in rows if row["parent_id"] is not None)
    assert set(replies.values()) >= {1, 2, 3, 6}
    assert max(replies.values()) == 6
    assert 110 <= len({row["thread_id"] for row in rows}) <= 130


def test_categories(rows):
    top_level = Counter(row["category"] for row in rows if row["parent_id"] is None)
    assert set(top_level) == set(CATEGORIES)
    assert not {name: top_level[name] for name, least in CATEGORIES.items() if top_level[name] < least}


@pytest.mark.parametrize("kind", NOISE)
def test_noise(texts, kind):
    pattern, least = NOISE[kind]
    assert sum(bool(re.search(pattern, text)) for text in texts) >= least


def test_urls_lead_to_reserved_names_only(texts):
    hosts = [host for text in texts for host in re.findall(r"(?:https?://|@)([^\s/]+)", text)]
    assert all(re.search(r"(^|\.)example\.(com|net|org)$", host.split(" ")[0]) for host in hosts)


def test_decomposed_hangul(texts):
    decomposed = [text for text in texts if not unicodedata.is_normalized("NFC", text)]
    assert len(decomposed) >= 12
    assert all(unicodedata.is_normalized("NFD", text) for text in decomposed)
    assert sum(unicodedata.normalize("NFC", text) in texts for text in decomposed) >= 1


def test_short_long_and_emoji_only(texts):
    assert sum(len(text) <= 10 for text in texts) >= 15
    assert {"ㅋㅋ", "1빠", "굿"} <= set(texts)
    assert sum(emoji.purely_emoji(text) for text in texts) >= 5
    assert max(map(len, texts)) >= 2_000


def test_exact_duplicates(texts):
    copies = [text for text, n in Counter(texts).items() if n > 1]
    assert len(copies) >= 10
    assert sum(len(text) > 60 for text in copies) >= 8


def test_near_duplicates(texts):
    distinct = [(text, shingles(text)) for text in dict.fromkeys(texts) if len(text) >= 40]
    similarity = {
        (a, b): len(x & y) / len(x | y)
        for (a, x), (b, y) in combinations(distinct, 2)
        if 0.5 < len(x) / len(y) < 2 and not x.isdisjoint(y)
    }
    near = {pair: s for pair, s in similarity.items() if s >= 0.8}
    assert len({pair[1] for pair in near}) >= 10
    assert any(s == 1 for s in near.values()), "differs in punctuation alone"
    # A chain: a is near b and b is near c, but a is not near c.
    assert any(
        b == first and (a, c) not in near and similarity.get((a, c), 0) > 0.5 for a, b in near for first, c in near
    )
