"""Documents made of a comment and its replies, beside a readable definition of what that means."""

import json
import random
import re
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import korpus
from korpus import recipe as recipes
from korpus.dedup import threads
from korpus.errors import KorpusError, RecipeError, SchemaError
from tests.corpus import checked, kept, ledger, run, write_jsonl


def threads_of(rows, options):
    """Return the lists of rows that belong together: connected by values, directly or through others."""
    values = [[row.get(options[name]) for name in ("by", "id", "parent") if name in options] for row in rows]
    values = [{str(value) for value in of_row if value not in (None, "")} for of_row in values]
    found = []
    for i, of_row in enumerate(values):
        mine = {i}
        rest = []
        for members, names in found:
            if of_row & names:
                mine |= members
                of_row = of_row | names
            else:
                rest.append((members, names))
        found = [*rest, (mine, of_row)]
    return [sorted(members) for members, _ in found]


def when(value):
    if value in (None, ""):
        return (1, 0)
    if re.fullmatch(r"[+-]?\d+", str(value)):
        return (0, int(value))
    return (0, datetime.fromisoformat(value).timestamp())


def expected(rows, options):
    """Return the documents as ``(id, text, columns from)``; ids are the numbers of the rows."""
    separator, limit = options.get("separator", "\n"), options.get("max_bytes", 1 << 20)
    documents = []
    for members in threads_of(rows, options):
        if "order" in options:
            members = sorted(members, key=lambda i: (when(rows[i][options["order"]]), i))
        pieces = []
        for i in members:
            if pieces and len(separator.join(rows[j]["text"] for j in [*pieces[-1], i]).encode()) <= limit:
                pieces[-1].append(i)
            else:
                pieces.append([i])
        documents += [(min(piece), separator.join(rows[i]["text"] for i in piece), piece[0]) for piece in pieces]
    return sorted(documents)


def made(out):
    """Return what a run made, in the same form."""
    table = kept(out)
    return list(zip(table["n"].to_pylist(), table["text"].to_pylist()))


def grouped(rows, options, folder, workers=1, stages=(), after=(), split_bytes=4096, **engine):
    """Run a recipe over rows, each given its number, and return the output folder."""
    columns = dict.fromkeys(["thread", "id", "parent", "at"])
    source = write_jsonl(folder / "raw.jsonl", [{**columns, **row, "n": i} for i, row in enumerate(rows)])
    recipe = {
        "input": {"split_bytes": split_bytes},
        "stages": [*stages, {"group": options}, *after],
        "output": {"counts": False},
        "engine": {"max_bad_ratio": 1.0, **engine},
    }
    run(recipe, source, folder / "out", workers)
    assert not korpus.show(folder / "out").breaks
    return folder / "out"


def assert_as_defined(rows, options, out):
    assert made(out) == [(first, text) for _, text, first in expected(rows, options)]
    ids = kept(out)["doc_id"].to_pylist()
    assert ids == sorted(set(ids))


def comments(n, n_threads, seed=0):
    rng = random.Random(seed)
    return [
        {
            "text": f"{i}번째 댓글" + "!" * rng.randrange(30),
            "thread": rng.choice([None, "", *(f"글 {t}" for t in range(n_threads))]),
            "id": i,
            "parent": rng.choice([None, None, rng.randrange(2 * n), rng.randrange(2 * n)]),
            "at": rng.choice([None, f"2020-01-{rng.randrange(1, 29):02} {rng.randrange(24):02}:00:00+09:00"]),
        }
        for i in range(n)
    ]


BY, LINKS = {"by": "thread"}, {"id": "id", "parent": "parent"}
VALUES = st.sampled_from([None, "", "a", "b", "글", "글 "])
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "text": st.text("가나 ", min_size=1, max_size=9).filter(str.strip),
            "thread": VALUES,
            "id": st.one_of(st.none(), st.integers(0, 9)),
            "parent": st.one_of(st.none(), st.integers(0, 12)),
            "at": st.sampled_from([None, "", "7", "-3", "1999-12-31", "2020-01-02T03:04:05+09:00", "1577934245"]),
        }
    ),
    min_size=1,
    max_size=40,
)
OPTIONS = st.builds(
    lambda which, **more: {**which, **{name: value for name, value in more.items() if value is not None}},
    st.sampled_from([BY, LINKS]),
    order=st.sampled_from([None, "at"]),
    separator=st.sampled_from([None, "", " / ", "\n\n"]),
    max_bytes=st.sampled_from([None, 1, 10, 40]),
)


@settings(max_examples=40, deadline=None)
@given(rows=ROWS, options=OPTIONS, batch_rows=st.sampled_from([1, 3, 100]))
def test_documents_are_made_as_defined(rows, options, batch_rows, tmp_path_factory):
    # A row that gives every column its type, and belongs to no other.
    rows = [{"text": "처음", "thread": "z", "id": 99, "parent": None, "at": "0"}, *rows, *rows[:3]]
    rows[-1] = {**rows[-1], "parent": 98}
    out = grouped(rows, options, tmp_path_factory.mktemp("run"), split_bytes=1024, batch_rows=batch_rows)
    assert_as_defined(rows, options, out)


@pytest.mark.parametrize("which", [BY, LINKS])
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_threads_reach_across_files_and_splits_for_any_number_of_workers(tmp_path, which, workers):
    rows = comments(900, 70)
    options = {**which, "order": "at", "max_bytes": 300}
    out = grouped(rows, options, tmp_path, workers)
    assert json.loads((out / "manifest.json").read_text("utf-8"))["inputs"][0]["n_splits"] > 10
    assert_as_defined(rows, options, out)
    entry = json.loads((out / "manifest.json").read_text("utf-8"))["stages"][0]
    documents = expected(rows, options)
    assert (entry["n_in"], entry["n_out"]) == (900, len(documents))
    assert entry["n_made"] == len(documents) - 900 < 0
    assert entry["bytes_out"] == sum(len(text.encode()) for _, text, _ in documents)
    (tmp_path / "again").mkdir()
    again = grouped(rows, options, tmp_path / "again", 4 - workers, batch_rows=17)
    assert kept(again).equals(kept(out))


def test_rows_of_any_type_travel_along_with_the_first_member(tmp_path):
    rows = pa.table(
        {
            "text": ["나중", "먼저", "혼자"],
            "thread": pa.array([5, 5, None], pa.int32()),
            "at": pa.array([datetime(2020, 1, 2), datetime(2020, 1, 1), None], pa.timestamp("ms")),
            "tags": [["가"], ["나", "다"], []],
            "who": [{"name": "a", "age": 1}, {"name": "b", "age": None}, None],
        }
    )
    pq.write_table(rows, tmp_path / "raw.parquet")
    recipe = {"group": {"by": "thread", "order": "at"}, "output": {"counts": False}}
    run(recipe, tmp_path / "raw.parquet", tmp_path / "out")
    first, alone = kept(tmp_path / "out").to_pylist()
    assert first == {"doc_id": first["doc_id"], **rows.to_pylist()[1], "text": "먼저\n나중"}
    assert first["doc_id"] < alone["doc_id"]
    assert alone == {"doc_id": alone["doc_id"], **rows.to_pylist()[2]}


def test_equal_and_missing_values_of_the_order_keep_the_order_of_the_input(tmp_path):
    at = ["2020-01-02", None, "2020-01-01", "", "2020-01-02", "2019-1-1"]
    rows = [{"text": str(i), "thread": "a", "at": value} for i, value in enumerate(at)]
    out = grouped(rows, {"by": "thread", "order": "at", "separator": ""}, tmp_path)
    assert made(out) == [(5, "520413")]


# Threads by links.


def links(*pairs):
    return [{"text": f"{name}", "id": name, "parent": parent} for name, parent in pairs]


@pytest.mark.parametrize(
    ("pairs", "texts"),
    [
        # An answer to an answer, before what it answers.
        ([(3, 2), (2, 1), (1, None), (4, None)], ["3,2,1", "4"]),
        # The parent is not there: its children are still one thread.
        ([(1, 77), (2, None), (3, 77), (4, 78)], ["1,3", "2", "4"]),
        # A circle, one that names itself, and two of the same id.
        ([(1, 2), (2, 3), (3, 1), (4, 4), (5, None), (5, 6)], ["1,2,3", "4", "5,5"]),
        ([(1, None), (2, None)], ["1", "2"]),
    ],
)
def test_who_belongs_together_by_links(tmp_path, pairs, texts):
    rows = [*links(*pairs), {"text": "끝", "id": 1000, "parent": 1001}]
    out = grouped(rows, {**LINKS, "separator": ","}, tmp_path)
    assert kept(out)["text"].to_pylist() == [*texts, "끝"]


def test_numbers_are_the_same_as_integers_as_floats_and_as_texts(tmp_path):
    big = 10**15 + 7
    rows = pa.table(
        {
            "text": ["가", "나", "다", "라", "마"],
            "id": pa.array([big, 2, 3, 4, 5], pa.int64()),
            "parent": pa.array([float("nan"), big, None, float("nan"), 3.0], pa.float64()),
        }
    )
    pq.write_table(rows, tmp_path / "raw.parquet")
    run({"group": {**LINKS, "separator": ""}, "output": {"counts": False}}, tmp_path / "raw.parquet", tmp_path / "out")
    assert kept(tmp_path / "out")["text"].to_pylist() == ["가나", "다마", "라"]


def test_a_chain_of_answers_is_one_thread_however_it_is_shuffled(tmp_path):
    chain = links((0, None), *((i, i - 1) for i in range(1, 3000)))
    random.Random(0).shuffle(chain)
    options = {**LINKS, "order": "id", "separator": " "}
    (text,) = kept(grouped(chain, options, tmp_path, workers=2, split_bytes=8192))["text"].to_pylist()
    assert text == " ".join(map(str, range(3000)))


# What cannot be placed.


def test_a_date_that_does_not_parse_is_a_reject_and_shows_its_value(tmp_path):
    at = ["2020-01-02", "어제", "2020-02-30", "2020-01-01", None]
    rows = [{"text": f"댓글 {i}", "thread": "a", "at": value} for i, value in enumerate(at)]
    out = grouped(rows, {"by": "thread", "order": "at", "separator": "|"}, tmp_path)
    assert made(out) == [(3, "댓글 3|댓글 0|댓글 4")]
    rejected = [(row["stage"], row["reason"], row["detail"], row["text"]) for row in ledger(out)]
    assert rejected == [("group", "bad_order", "어제", "댓글 1"), ("group", "bad_order", "2020-02-30", "댓글 2")]
    entry = json.loads((out / "manifest.json").read_text("utf-8"))["stages"][0]
    assert (entry["n_in"], entry["n_out"], entry["n_made"], entry["counts"]) == (5, 1, -2, {"bad_order": 2})


def test_nothing_to_group_is_no_mishap(tmp_path):
    rows = [{"text": f"댓글 {i}", "thread": None, "id": i, "parent": None, "at": "x"} for i in range(5)]
    alone = grouped([*rows, {**rows[0], "thread": "a", "parent": 9}], BY, tmp_path)
    assert len(made(alone)) == 6
    (tmp_path / "none").mkdir()
    none = grouped(rows, {"by": "at", "order": "at"}, tmp_path / "none")
    assert [row["reason"] for row in ledger(none)] == ["bad_order"] * 5
    assert not list((none / "data").glob("*"))


# Length and memory.


def test_a_long_thread_is_cut_between_members_and_nothing_is_lost(tmp_path):
    rows = [{"text": f"{i:03}" * (40 if i == 50 else 1), "thread": "a"} for i in range(100)]
    out = grouped(rows, {"by": "thread", "separator": " ", "max_bytes": 30}, tmp_path, workers=2)
    texts = kept(out)["text"].to_pylist()
    assert " ".join(texts).split() == [row["text"] for row in rows]
    assert max(len(text) for text in texts if text != rows[50]["text"]) <= 30
    assert rows[50]["text"] in texts
    assert_as_defined(rows, {"by": "thread", "separator": " ", "max_bytes": 30}, out)


def test_a_thread_with_more_members_than_fit_into_memory_is_the_same(tmp_path, monkeypatch):
    rows = comments(600, 2)
    options = {**BY, "order": "at", "max_bytes": 2000}
    # Eleven rows at a time: the members of a thread are sorted in runs and merged, the documents too.
    monkeypatch.setattr(threads, "BYTES_PER_ROW", (64 << 20) // 2 // 11)
    monkeypatch.setattr("korpus.engine.join.MAX_RUN_BYTES", 3000)
    monkeypatch.setattr("korpus.engine.join.MAX_RUNS", 3)
    monkeypatch.setattr("korpus.engine.join.BATCH_BYTES", 200)
    out = grouped(rows, options, tmp_path, memory="64MiB", batch_rows=7)
    assert_as_defined(rows, options, out)


# As a part of a recipe.


def test_duplicates_before_and_after_a_group_are_found(tmp_path):
    rows = [{"text": f"질문 {i % 5}\n답", "thread": f"{i // 2}"} for i in range(40)]
    rows += [{"text": f"답변 {i}", "thread": f"{i}"} for i in range(20)] + [{"text": "질문 0\n답", "thread": "x"}]
    stages = ["exact_dedup"]
    out = grouped(rows, BY, tmp_path, 2, stages, ["exact_dedup", {"length": {"min_chars": 2}}, "exact_dedup"])
    first = {row["text"] for row in ledger(out) if row["stage"] == "exact_dedup"}
    assert first == {f"질문 {i}\n답" for i in range(5)}
    assert {row["reason"] for row in ledger(out)} == {"duplicate"}
    texts = kept(out)["text"].to_pylist()
    assert "질문 0\n답\n질문 1\n답\n답변 0" in texts
    n = [entry["n_in"] for entry in json.loads((out / "manifest.json").read_text("utf-8"))["stages"]]
    assert n[:2] == [61, 25]


def test_two_groups_one_after_the_other(tmp_path):
    rows = [{"text": f"{i}", "thread": f"{i % 6}", "id": i % 2, "parent": None} for i in range(24)]
    out = grouped(rows, {**BY, "separator": ","}, tmp_path, 2, (), [{"group": {**LINKS, "separator": "/"}}])
    assert kept(out)["text"].to_pylist() == [
        "0,6,12,18/2,8,14,20/4,10,16,22",
        "1,7,13,19/3,9,15,21/5,11,17,23",
    ]


def test_a_thread_over_several_sources_stands_where_its_first_member_stood(tmp_path):
    posts = [{"text": f"글 {i}", "thread": i} for i in range(4)]
    replies = [{"text": f"답글 {i}", "thread": i % 6, "likes": i} for i in range(12)]
    recipe = {
        "sources": {
            name: {"paths": [str(write_jsonl(tmp_path / f"{name}.jsonl", rows))]}
            for name, rows in (("posts", posts), ("replies", replies))
        },
        "stages": [{"group": {"by": "thread", "separator": ","}}],
    }
    korpus.run(recipe, out=tmp_path / "out", workers=1, quiet=True)
    rows = kept(tmp_path / "out").to_pylist()
    assert [row["text"] for row in rows[:2]] == ["글 0,답글 0,답글 6", "글 1,답글 1,답글 7"]
    assert [(row["source"], row["likes"]) for row in rows] == [("posts", None)] * 4 + [("replies", 4), ("replies", 5)]
    assert not korpus.show(tmp_path / "out").breaks
    sources = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))["sources"]
    assert [sources[name]["n_made"] for name in ("posts", "replies")] == [0, -10]


def test_sentences_come_after_a_group_and_not_before_it(tmp_path):
    rows = [{"text": f"{i}번 문장입니다. 둘째 문장이에요!", "thread": f"{i % 3}"} for i in range(30)]
    out = grouped(rows, BY, tmp_path, 2, (), ["sentences", "exact_dedup"])
    assert kept(out).num_rows == 31
    with pytest.raises(SchemaError, match="the stage group cannot come after sentences"):
        grouped(rows, BY, tmp_path, 1, ["sentences"])


def test_a_group_may_stand_at_the_head_of_a_recipe():
    short = recipes.load({"group": BY, "stages": ["nfc"]})
    assert short == recipes.load({"stages": [{"group": BY}, "nfc"], "name": short.name})
    assert [stage.name for stage in recipes.load({"stages": ["nfc"]}, ["group.by=thread"]).stages] == ["group", "nfc"]
    with pytest.raises(RecipeError, match="group has no option 'bye'"):
        recipes.load({"group": {"bye": "thread"}})


@pytest.mark.parametrize("options", [{}, {"id": "id"}, {"parent": "p"}, {"by": "a", "id": "b", "parent": "c"}])
def test_it_is_one_way_or_the_other(options):
    with pytest.raises(RecipeError, match="needs either by, or both id and parent"):
        recipes.load({"stages": [{"group": options}]})


@pytest.mark.parametrize(("options", "what"), [({"by": "tags"}, "group.by"), ({"by": "n", "order": "tags"}, "order")])
def test_a_column_that_cannot_be_compared_is_named(tmp_path, options, what):
    source = write_jsonl(tmp_path / "raw.jsonl", [{"text": "가", "tags": ["나"], "n": 1}])
    with pytest.raises(SchemaError, match=rf"{what} \(tags\) must be a column of .*, it is list"):
        run({"group": options}, source, tmp_path / "out")
    with pytest.raises(KorpusError, match="group reads column 'thread'"):
        run({"group": BY}, source, tmp_path / "out")


def test_a_pipeline_leaves_it_out_and_says_so():
    pipeline = korpus.load({"stages": ["nfc", {"group": BY}]})
    assert pipeline.skipped == ("group",)
    assert pipeline({"text": ["가", "나"]}) == {"text": ["가", "나"]}


def test_the_reports_show_what_was_joined(tmp_path):
    rows = [{"text": f"댓글 {i}", "thread": "a"} for i in range(4)]
    out = grouped(rows, BY, tmp_path)
    assert "4 read - 3 by group = 1 kept + 0 in the ledger" in str(korpus.show(out))
    assert "4 documents in one" in (out / "report.html").read_text("utf-8")
    said = checked({"group": BY}, [tmp_path / "raw.jsonl"])
    assert "sketch group" in said
    assert "then resolve: group" in said
