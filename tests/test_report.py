"""What a hand-made run looks like in the terminal, as HTML and as a dataset card."""

from __future__ import annotations

import copy
import re
from html.parser import HTMLParser

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from korpus import figures
from korpus.report import card, html, summary, terminal

N_READ, N_KEPT = 712_410, 498_211


def _stage(name, kind, n_in, n_out, bytes_in, bytes_out, **more):
    stage = {"name": name, "kind": kind, "options": {}, "n_in": n_in, "n_out": n_out}
    stage |= {"bytes_in": bytes_in, "bytes_out": bytes_out, "n_changed": 0, "counts": {}, "examples": []}
    return stage | more


def _vocab(name, size, **told):
    told = {"subchar": False, "n_filled": 0, "n_terms": 0, "unk_ratio": 0.0, "n_left_out": 0, **told}
    return {"name": name, "path": f"vocab/{name}", "size": size, **told}


def _file(path, rows, n_bytes, **more):
    return {"path": path, "rows": rows, "bytes": n_bytes, "sha256": "0" * 64} | more


@pytest.fixture
def manifest():
    return {
        "korpus": "0.1.0",
        "format": 1,
        "name": "댓글 comments",
        "key": "4f1c9a02d7e85b63",
        "recipe": {
            "korpus": 1,
            "name": "댓글 comments",
            "input": {"paths": ["raw/*.jsonl.gz"], "format": "jsonl", "text": "text", "keep": ["id"]},
            "stages": [{"nfc": {}}, {"charset": {"preset": "kcelectra"}}, {"length": {"min_chars": 11}}],
            "output": {"path": "out", "rejects": "full"},
            "vocab": {"size": 30000, "lowercase": False},
            "engine": {"workers": "auto"},
        },
        "inputs": [
            {
                "path": f"raw/part-{i}.jsonl.gz",
                "format": "jsonl",
                "compression": "gzip",
                "n_bytes": 21_000_000,
                "digest": f"{i}" * 32,
                "n_splits": 3,
                "n_rows": 237_474,
            }
            for i in range(3)
        ],
        "columns": {"text": "string", "id": "int64", "domain": "string"},
        "read": {
            "n_rows": 712_422,
            "n_blank": 12,
            "n_in": N_READ,
            "n_out": 712_404,
            "bytes_in": 63_000_000,
            "bytes_out": 60_812_344,
            "reasons": {"bad_json": 4, "missing_text": 2},
            "n_bad": 6,
            "ignored_columns": ["score"],
        },
        "stages": [
            _stage(
                "nfc",
                "edit",
                712_404,
                712_404,
                60_812_344,
                60_790_110,
                n_changed=812,
                examples=[["\u1112\u1161\u11ab국어", "한국어"]],
            ),
            _stage(
                "charset",
                "edit",
                712_404,
                712_404,
                60_790_110,
                60_001_002,
                n_changed=91_420,
                options={"preset": "kcelectra"},
                examples=[
                    ["맛있어요♥♥ <b>강추</b> & 또 살게요", "맛있어요  <b>강추</b> & 또 살게요"],
                    ["漢字가 많은 글\u202e입니다\u200b", "가 많은 글 입니다 "],
                    ["가" * 200 + "…", "나" + "가" * 199 + "다" * 3],
                ],
            ),
            _stage(
                "length",
                "filter",
                712_404,
                592_073,
                60_001_002,
                58_117_640,
                options={"min_chars": 11, "max_chars": 100_000},
                counts={"too_long": 3, "too_short": 120_328},
                examples=[["굿", "too_short"], ["좋아요\n\n아주", "too_short"]],
            ),
            _stage(
                "minhash_dedup",
                "dedup",
                592_073,
                N_KEPT,
                58_117_640,
                54_890_011,
                options={"threshold": 0.8, "shingle_chars": 5},
                counts={"duplicate": 93_862},
                examples=[["배송이 빠르고 좋아요!!", "배송이 빠르고 좋아요", "0.92"]],
                clusters={
                    "n": 30_112,
                    "largest": [2114, 801, 512],
                    "sizes": {"2": 22_000, "3": 5_000, "4": 2_000, "10": 1_100, "512": 1, "801": 1, "2114": 1},
                },
            ),
            _stage(
                "domain",
                "tag",
                N_KEPT,
                N_KEPT,
                54_890_011,
                54_890_011,
                options={"field": "category", "map": {"화장품": "cosmetics"}},
                counts={"cosmetics": 198_211, "애완용품": 300_000},
            ),
        ],
        "kept": {
            "n_docs": N_KEPT,
            "text_bytes": 54_890_011,
            "n_chars": 24_204_112,
            "n_eojeol": 6_204_110,
            "n_sentences": 601_777,
        },
        "rejects": {"n_docs": N_READ - N_KEPT, "files": [_file("rejects/part-00000.parquet", 214_199, 4_190_000)]},
        "domains": {
            "cosmetics": {"n_docs": 198_211, "text_bytes": 22_112_000, "n_shards": 1, "file_bytes": 9_900_000},
            "애완용품": {"n_docs": 300_000, "text_bytes": 32_778_011, "n_shards": 2, "file_bytes": 14_000_000},
        },
        "shards": [
            _file("data/domain=cosmetics/part-00000.parquet", 198_211, 9_900_000, domain="cosmetics"),
            _file("data/domain=애완용품/part-00000.parquet", 200_000, 9_000_000, domain="애완용품"),
            _file("data/domain=애완용품/part-00001.parquet", 100_000, 5_000_000, domain="애완용품"),
        ],
        "counts": [_file("counts/part-00000.parquet", 812_000, 7_000_000)],
        "vocab": [
            _vocab("all", 30_000, lowercase=False, unk_ratio=0.00029, n_left_out=1_202),
            _vocab("애완용품", 8_000, lowercase=True, subchar=True, n_terms=1_900, n_filled=100),
        ],
        "warnings": ["the vocabulary 애완용품 has 8,000 tokens, not 30,000: the corpus has no more pairs"],
    }


@pytest.fixture
def log():
    return {
        "started": "2024-05-01T09:00:00+09:00",
        "finished": "2024-05-01T09:00:12+09:00",
        "wall_s": 12.34,
        "workers": 2,
        "passes": [{"name": "pass 1", "wall_s": 7.9}, {"name": "minhash_dedup", "wall_s": 2.1}],
        "stages": [
            {"name": "nfc", "time_s": 0.1},
            {"name": "charset", "time_s": 0.3},
            {"name": "length", "time_s": 0.05},
            {"name": "minhash_dedup", "time_s": 4.0},
            {"name": "domain", "time_s": 0.2},
        ],
        "peak_rss_bytes": 812 << 20,
    }


@pytest.fixture
def undivided(manifest):
    manifest["stages"].pop()
    whole = {"n_docs": N_KEPT, "text_bytes": 54_890_011, "n_shards": 1, "file_bytes": 23_900_000}
    shards = [_file("data/part-00000.parquet", N_KEPT, 23_900_000, domain="all")]
    return manifest | {"domains": {"all": whole}, "shards": shards}


@pytest.fixture
def empty(manifest):
    """A run whose input held no document at all."""
    nothing = dict.fromkeys(("n_in", "n_out", "bytes_in", "bytes_out", "n_changed"), 0)
    for stage in manifest["stages"]:
        stage |= nothing | {"counts": {}, "examples": []}
        if "clusters" in stage:
            stage["clusters"] = {"n": 0, "largest": [], "sizes": {}}
    read = nothing | {"n_rows": 0, "n_blank": 0, "reasons": {}, "n_bad": 0, "ignored_columns": []}
    kept = dict.fromkeys(("n_docs", "text_bytes", "n_chars", "n_eojeol", "n_sentences"), 0)
    lists = {"inputs": [], "shards": [], "counts": [], "vocab": [], "warnings": [], "domains": {}}
    return manifest | lists | {"read": read, "kept": kept, "rejects": {"n_docs": 0, "files": []}}


def _page(manifest, log=None):
    return html.render(summary.summarize(manifest, log), manifest)


def _card(manifest, log=None):
    return card.render(summary.summarize(manifest, log), manifest)


# ---- the summary


def test_sound_books_add_up(manifest, log):
    s = summary.summarize(manifest, log)
    assert s.breaks == ()
    assert [step.name for step in s.steps] == ["read", "nfc", "charset", "length", "minhash_dedup", "domain"]
    assert list(s.steps[3].reasons) == ["too_short", "too_long"]
    assert s.steps[-1].reasons == {}
    assert [domain.name for domain in s.domains] == ["애완용품", "cosmetics"]
    assert s.steps[4].clusters.sizes == {
        "2": 22_000,
        "3": 5_000,
        "4-9": 2_000,
        "10-99": 1_100,
        "100-999": 2,
        "1,000+": 1,
    }


@pytest.mark.parametrize(
    ("break_it", "why"),
    [
        (lambda m: m["kept"].update(n_docs=N_KEPT - 1), "documents read 712,410 ≠ kept + rejected 712,409"),
        (lambda m: m["stages"][2].update(n_in=712_403), "documents out of charset 712,404 ≠ into length 712,403"),
        (lambda m: m["stages"][-1].update(n_out=5), "documents out of domain 5 ≠ kept 498,211"),
        (lambda m: m["stages"][2]["counts"].clear(), "documents dropped by length 120,331 ≠ reasons 0"),
        (lambda m: m["domains"].pop("cosmetics"), "documents kept 498,211 ≠ in all domains 300,000"),
        (lambda m: m["shards"].pop(), "documents kept 498,211 ≠ rows of all shards 398,211"),
        (lambda m: m["rejects"]["files"].clear(), "documents rejected 214,199 ≠ rows of the ledger 0"),
    ],
)
def test_every_break_is_shown_loudly(manifest, break_it, why):
    break_it(manifest)
    s = summary.summarize(manifest)
    assert why in s.breaks
    text = " ".join(terminal.render(s, 100).split())
    assert f"DOES NOT ADD UP: {why}" in text
    assert "adds up: " not in text
    assert f"Does not add up: {why}" in _page(manifest)
    assert "Does not add up:** " in _card(manifest)


def test_a_stage_named_twice_gets_its_own_times(manifest):
    again = dict(manifest["stages"][0], n_in=N_KEPT, n_out=N_KEPT)
    manifest["stages"].append(again)
    log = {"stages": [{"name": "nfc", "time_s": 1.0}, {"name": "nfc", "time_s": 2.0}]}
    times = [step.time_s for step in summary.summarize(manifest, log).steps]
    assert times == [None, 1.0, None, None, None, None, 2.0]


# ---- the terminal


@pytest.mark.parametrize("width", [80, 100, 120])
def test_terminal_fits_and_is_aligned(manifest, log, width):
    lines = terminal.render(summary.summarize(manifest, log), width).split("\n")
    assert max(map(terminal.display_width, lines)) <= width
    funnel = lines[lines.index("") + 1 :][:7]
    ends = {terminal.display_width(line[: re.search(r"[\d,]+ +[<>]?[\d.]+%", line).end()]) for line in funnel[1:]}
    assert len(ends) == 1
    domains = [line for line in lines if re.match(r"  (애완용품|cosmetics) .*% .*MiB", line)]
    assert len({terminal.display_width(line[: line.index("%")]) for line in domains}) == 1


def test_terminal_says_what_there_is_to_know(manifest, log):
    text = terminal.render(summary.summarize(manifest, log), 120)
    for what in (
        "712,410",
        "69.9%",
        "91,420",
        "too_short",
        "2,114, 801, 512",
        "52.3 MiB",
        "vocab/애완용품",
        "lowercase, conjoining",
        "1,900",
        "0.029%",
        "rejects/",
    ):
        assert what in text
    assert "12.3 s with 2 workers (pass 1 7.9 s, minhash_dedup 2.1 s), at most 812.0 MiB of memory" in text
    assert "adds up: 712,410 read = 498,211 kept + 214,199 in the ledger" in text
    assert "\x1b" not in text


def test_terminal_without_log_has_no_times(manifest):
    text = terminal.render(summary.summarize(manifest), 120)
    assert "MiB/s" not in text
    assert "worker" not in text


def test_colour_only_adds_colour(manifest, log):
    s = summary.summarize(manifest, log)
    colourful = terminal.render(s, 100, color=True)
    assert colourful != terminal.render(s, 100)
    plain = re.sub(r"\x1b\[[\d;]*m", "", colourful)
    assert [line.rstrip() for line in plain.split("\n")] == terminal.render(s, 100).split("\n")


def test_a_name_cannot_drive_the_terminal(manifest):
    manifest["domains"]["\x1b[2Jgone\n"] = manifest["domains"].pop("cosmetics")
    manifest["warnings"] = ["\x1b]0;title\x07"]
    text = terminal.render(summary.summarize(manifest), 100)
    assert "\x1b" not in text
    assert "⟨U+001B⟩[2Jgone⟨U+000A⟩" in text


@pytest.mark.parametrize(
    ("text", "width"),
    [("", 0), ("abc", 3), ("한글", 4), ("\u1112\u1161\u11ab", 2), ("é", 1), ("e\u0301", 1), ("漢", 2)],
)
def test_display_width(text, width):
    assert terminal.display_width(text) == width


@pytest.mark.parametrize("n", range(0, 101))
def test_bars_grow_by_eighths(n):
    bar = terminal._bar(n / 100, 20)
    assert len(bar) == -(-max(round(n * 1.6), int(n > 0)) // 8)


# ---- the page


class _Checker(HTMLParser):
    """Collects the tags of a page, checks that they nest, and keeps what is marked."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.marked = [], set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        assert not {name for name, _ in attrs} & {"src", "href", "onclick", "onload", "onerror"}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("del", "ins"):
            self.marked.append((self.open[-1], data))


def _checked(page):
    checker = _Checker()
    checker.feed(page)
    checker.close()
    assert checker.open == []
    assert checker.tags.isdisjoint({"script", "link", "img", "iframe"})
    assert "http" not in page
    return checker


def test_page_is_whole_and_marks_the_changes(manifest):
    page = _page(manifest)
    marked = _checked(page).marked
    assert ("del", "♥♥") in marked
    assert ("del", "⟨U+202E⟩") in marked
    assert ("del", "!!") in marked
    assert ("ins", "나") in marked
    for what in ("712,410", "min_chars: 11", "raw/part-2.jsonl.gz", "duplicate", "애완용품", "load_dataset", "100-999"):
        assert what in page
    assert "&lt;b&gt;강추&lt;/b&gt; &amp; 또" in page


def test_page_escapes_whatever_comes(manifest):
    evil = "<script>alert(1)</script>\x00\ud800\u202e\"'&"
    manifest["name"] = manifest["warnings"][0] = manifest["inputs"][0]["path"] = evil
    manifest["recipe"]["name"] = evil
    manifest["stages"][0]["name"] = manifest["vocab"][0]["name"] = evil
    manifest["stages"][0]["options"] = {evil: evil}
    manifest["stages"][0]["examples"] = [[evil, "x" + evil]]
    manifest["stages"][2] |= {"counts": {evil: 120_331}, "examples": [[evil, evil]]}
    manifest["stages"][4]["counts"] = {evil: N_KEPT}
    manifest["domains"] = {evil: manifest["domains"].pop("애완용품")}
    page = _page(manifest)
    _checked(page)
    page.encode()
    assert "\x00" not in page
    assert "\u202e" not in page
    _card(manifest).encode()
    terminal.render(summary.summarize(manifest)).encode()


def test_pages_are_the_same_whatever_the_log(manifest, log):
    untouched = copy.deepcopy(manifest)
    assert _page(manifest) == _page(manifest, log)
    assert _card(manifest) == _card(manifest, log)
    assert manifest == untouched


TEXTS = st.text(
    st.one_of(st.characters(), st.sampled_from('가각\u1112\u1161\u11ab👩\u200d\u20e3<&>"\x00 \n…')), max_size=40
)


@given(TEXTS, TEXTS)
def test_marks_lose_nothing(before, after):
    # Definition: without the marks, what is shown is the text itself, escaped.
    for shown, text in zip(html.mark(before, after), (before, after), strict=True):
        assert re.sub("</?(del|ins)>", "", shown) == html._marked("", text)
    left, right = html.mark(before, before)
    assert "<del>" not in left
    assert "<ins>" not in right


def test_what_was_cut_off_is_not_marked_as_changed():
    cut = "가" * 50 + "♥" + "나" * 149 + "…"
    left, right = html.mark(cut, "가" * 50 + "나" * 149 + "다다다")
    assert left == "가" * 50 + "<del>♥</del>" + "나" * 149 + "…"
    assert right == "가" * 50 + "나" * 149 + "다다다"
    assert html.mark("좋아요", "좋아요…") == ("좋아요", "좋아요<ins>…</ins>")


# ---- the card


def _front_matter(text):
    _, front, _ = text.split("---\n", 2)
    return yaml.safe_load(front)


def test_card_has_one_config_a_domain(manifest):
    text = _card(manifest)
    front = _front_matter(text)
    assert front["language"] == ["ko"]
    assert front["size_categories"] == ["100K<n<1M"]
    assert {c["config_name"]: c["data_files"][0]["path"] for c in front["configs"]} == {
        "default": "data/*/*.parquet",
        "cosmetics": "data/domain=cosmetics/*.parquet",
        "애완용품": "data/domain=애완용품/*.parquet",
    }
    assert [c["config_name"] for c in front["configs"] if c.get("default")] == ["default"]
    for what in ("too_short", "`{min_chars: 11, max_chars: 100000}`", "rejects/*.parquet", "vocab/all", "spark.read"):
        assert what in text
    assert "| 0.029% | 1,202 |" in text


def test_card_without_domains(undivided):
    text = _card(undivided)
    assert [c["data_files"][0]["path"] for c in _front_matter(text)["configs"]] == ["data/*.parquet"]
    assert "## Domains" not in text
    assert "read_parquet('out/data/*.parquet')" in text
    assert 'load_dataset("out", split="train")' in text
    assert "of_one_domain" not in text
    s = summary.summarize(undivided)
    assert s.breaks == ()
    assert "of kept" not in terminal.render(s)


def test_a_domain_may_be_called_default(manifest):
    manifest["shards"][0] |= {"domain": "default", "path": "data/domain=default/part-00000.parquet"}
    names = [c["config_name"] for c in _front_matter(_card(manifest))["configs"]]
    assert sorted(names) == ["default", "domain=default", "애완용품"]


def test_card_tables_hold_whatever_comes(manifest):
    manifest["stages"][2]["counts"] = {"a|b`c\nd": 120_331}
    assert "| `length` | `a\\|b'c⟨U+000A⟩d` | 120,331 | 16.9% |" in _card(manifest)


@pytest.mark.parametrize(
    ("n", "name"), [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (10**9, "1B<n<10B"), (10**13, "n>1T")]
)
def test_size_categories(n, name):
    assert card._size_category(n) == name


# ---- all


def test_an_empty_corpus_has_reports_too(empty):
    text = terminal.render(summary.summarize(empty), 80)
    assert "0 documents read" in text
    assert "adds up: 0 read = 0 kept + 0 in the ledger" in text
    _checked(_page(empty))
    assert _front_matter(_card(empty))["size_categories"] == ["n<1K"]


@pytest.mark.parametrize(
    ("shown", "as_"),
    [
        (figures.size(0), "0 B"),
        (figures.size(1023), "1,023 B"),
        (figures.size(1024), "1.0 KiB"),
        (figures.size(1024**2 - 1), "1.0 MiB"),
        (figures.size(5000 * 1024**4), "5,000.0 TiB"),
        (figures.percent(0, 5), "0.0%"),
        (figures.percent(1, 10_000), "<0.1%"),
        (figures.percent(9999, 10_000), ">99.9%"),
        (figures.percent(5, 5), "100.0%"),
        (figures.percent(0, 0), "-"),
        (figures.duration(99.94), "99.9 s"),
        (figures.duration(200), "3 min 20 s"),
        (figures.duration(7500), "2 h 05 min"),
        (figures.plural(1, "shard"), "1 shard"),
        (figures.plural(0, "shard"), "0 shards"),
        (figures.visible("가\u200b\n", keep="\n"), "가⟨U+200B⟩\n"),
    ],
)
def test_figures(shown, as_):
    assert shown == as_
