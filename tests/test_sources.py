"""Several named sources in one recipe: each is read in its own way, and told apart in everything that is said."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import korpus
from korpus import api, recipe
from korpus.errors import DataError, RecipeError, SchemaError
from korpus.report.summary import summarize
from tests.corpus import checked, documents, kept, run, tree, write_jsonl

RECIPE = {
    "name": "mixed",
    "input": {"split_bytes": 4096},
    "sources": {
        "reviews": {"keep": ["n"], "tags": {"domain": "commerce"}},
        "news": {
            "format": "text",
            "tags": {"domain": "news", "licence": "closed"},
            "stages": [{"regex_replace": {"pattern": "기자$", "replacement": ""}}, {"length": {"max_chars": 300}}],
        },
        "wiki": {"text": "body", "keep": [], "tags": {"domain": "wiki"}},
    },
    "stages": ["nfc", {"length": {"min_chars": 6}}, "exact_dedup", "minhash_dedup"],
    "output": {"shard_bytes": 16384},
    "engine": {"max_bad_ratio": 1.0},
}


@pytest.fixture
def inputs(tmp_path):
    rows = documents(500)
    lines = [row["text"].replace("\n", " ") + " 기자" for row in documents(150, seed=1)]
    write_jsonl(tmp_path / "reviews.jsonl", rows[:400])
    (tmp_path / "news.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    table = {"body": [row["text"] for row in rows[300:]], "url": ["http://a.kr"] * 200}
    pq.write_table(pa.table(table), tmp_path / "wiki.parquet")
    return {name: tmp_path / file for name, file in (
        ("reviews", "reviews.jsonl"), ("news", "news.txt"), ("wiki", "wiki.parquet")
    )}  # fmt: skip


def test_each_source_is_read_in_its_own_way_and_its_name_is_a_column(tmp_path, inputs):
    result = run(RECIPE, inputs, tmp_path / "out")
    table = kept(tmp_path / "out").to_pydict()
    assert set(table) == {"doc_id", "text", "source", "n", "domain", "licence"}
    domains = {"reviews": "commerce", "news": "news", "wiki": "wiki"}
    assert set(zip(table["source"], table["domain"])) == set(domains.items())
    for source, n, licence, text in zip(table["source"], table["n"], table["licence"], table["text"]):
        assert (n is not None) == (source == "reviews")
        assert licence == ("closed" if source == "news" else None)
        assert not (source == "news" and (text.endswith("기자") or len(text) > 300))
    assert max(len(text) for source, text in zip(table["source"], table["text"]) if source != "news") > 300
    assert sorted(path.name for path in (tmp_path / "out" / "data").iterdir()) == [
        f"domain={domain}" for domain in sorted(domains.values())
    ]
    assert [file["source"] for file in result.manifest["inputs"]] == ["reviews", "news", "wiki"]


def test_it_is_the_same_for_any_workers_and_batches_and_adds_up_by_source(tmp_path, inputs):
    first = run(RECIPE, inputs, tmp_path / "one")
    as_arguments = [f"{name}={path}" for name, path in inputs.items()]
    run(RECIPE, as_arguments, tmp_path / "two", workers=2, overrides=["engine.batch_rows=7"])
    assert tree(tmp_path / "one") == tree(tmp_path / "two")

    told = summarize(first.manifest)
    assert told.breaks == ()
    assert [source.name for source in told.sources] == ["reviews", "news", "wiki"]
    assert sum(source.n_in for source in told.sources) == told.n_read
    assert sum(source.n_kept for source in told.sources) == told.n_kept
    assert sum(source.n_dropped for source in told.sources) == told.n_rejects
    assert sum(source.n_duplicates for source in told.sources) == sum(
        step.n_dropped for step in told.steps if step.kind == "dedup"
    )
    counted = kept(tmp_path / "one").group_by("source").aggregate([([], "count_all")]).to_pydict()
    assert dict(zip(*counted.values())) == {source.name: source.n_kept for source in told.sources}
    own = [(step.source, step.name) for step in told.steps if step.source]
    assert own == [("news", "regex_replace"), ("news", "length")]


def test_every_report_tells_the_sources_apart(tmp_path, inputs):
    run(RECIPE, inputs, tmp_path / "out")
    shown = str(api.show(tmp_path / "out"))
    assert "news: regex_replace" in shown
    assert all(f"\n  {name} " in shown for name in inputs)
    assert "<h2>Sources</h2>" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "## Sources" in (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    said = checked(RECIPE, inputs)
    assert "(news: regex_replace, length)" in said
    assert f"  news: {inputs['news']} (text, utf-8, " in said
    (found,) = api.diff(RECIPE, inputs, stage="regex_replace").stages
    assert found.n_changed


def test_a_source_without_paths_is_left_out_and_that_is_said(tmp_path, inputs):
    del inputs["wiki"]
    result = run(RECIPE, inputs, tmp_path / "out")
    assert result.manifest["warnings"] == ["the source wiki has no paths and was left out"]
    assert list(result.manifest["sources"]) == ["reviews", "news"]
    with pytest.raises(DataError, match=r"name files under sources\.reviews\.paths, or give them with -i reviews=PATH"):
        run(RECIPE, {}, tmp_path / "none")


def test_what_stands_under_input_holds_for_all_sources(tmp_path):
    data = {"input": {"text": "body", "split_bytes": 2048}, "sources": {"a": {}, "b": {"text": "content"}}}
    built = recipe.load(data)
    assert [(source.text, source.split_bytes) for source in built.sources.values()] == [
        ("body", 2048),
        ("content", 2048),
    ]
    assert recipe.load(built.filled()).filled() == built.filled()


def test_an_override_reaches_into_a_source_and_leaves_one_out():
    built = recipe.load(RECIPE, ["sources.news.paths=[a.txt]", "sources.wiki=null"])
    assert list(built.sources) == ["reviews", "news"]
    assert built.sources["news"].paths == ["a.txt"]


WRONG = {
    "no mapping": ({"sources": ["a"]}, r"sources must be a mapping of names to their options, got \['a'\]"),
    "a name": ({"sources": {"a b": {}}}, "the name of a source must be letters"),
    "an option": ({"sources": {"a": {"pahts": []}}}, r"sources\.a has no option 'pahts' \(did you mean 'paths'\?\)"),
    "a stage": ({"sources": {"a": {"stages": ["lenght"]}}}, r"no stage 'lenght' \(did you mean 'length'\?\)"),
    "duplicates": (
        {"sources": {"a": {"stages": ["exact_dedup"]}}},
        r"sources\.a\.stages takes edits, filters and tags; exact_dedup belongs under stages",
    ),
    "a tag": ({"sources": {"a": {"tags": {"text": "x"}}}}, r"sources\.a\.tags: 'text' is a column of korpus's own"),
    "paths twice": (
        {"input": {"paths": ["x"]}, "sources": {"a": {}}},
        r"input\.paths must be empty in a recipe with sources",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_source_is_said_so(case):
    data, expected = WRONG[case]
    with pytest.raises(RecipeError, match=expected):
        recipe.load(data)


def test_a_wrong_source_is_named_with_its_line(tmp_path):
    (tmp_path / "r.yaml").write_text("sources:\n  a:\n    text: t\n    formt: csv\n", encoding="utf-8")
    with pytest.raises(RecipeError, match=r"r\.yaml:4: sources\.a has no option 'formt' \(did you mean 'format'\?\)"):
        recipe.load(tmp_path / "r.yaml")


def test_a_path_must_belong_to_a_source(tmp_path, inputs):
    with pytest.raises(RecipeError, match=r"which source does x\.txt belong to\? the recipe has reviews, news, wiki"):
        run(RECIPE, ["x.txt"], tmp_path / "out")
    with pytest.raises(RecipeError, match=r"\(did you mean 'news'\?\)"):
        run(RECIPE, ["nesw=x.txt"], tmp_path / "out")
    with pytest.raises(DataError, match="belongs to two sources"):
        run({**RECIPE, "input": {"format": "text"}}, {"news": inputs["news"], "wiki": inputs["news"]}, tmp_path / "o")


def test_columns_that_do_not_fit_together_are_said_so(tmp_path, inputs):
    other = write_jsonl(tmp_path / "other.jsonl", [{"body": "정말로 그렇습니다", "n": ["하나"]}])
    wrong = {**RECIPE, "sources": {**RECIPE["sources"], "wiki": {"text": "body", "tags": {"domain": "w"}}}}
    result = run(wrong, {"reviews": inputs["reviews"], "wiki": other}, tmp_path / "lists")
    assert result.manifest["columns"]["n"] == "string"
    assert '["하나"]' in kept(tmp_path / "lists")["n"].to_pylist()
    wrong = {**RECIPE, "sources": {"reviews": {}, "news": RECIPE["sources"]["news"]}}
    with pytest.raises(SchemaError, match=r"reviews get no 'domain', .* with sources\.reviews\.tags"):
        run(wrong, {name: inputs[name] for name in wrong["sources"]}, tmp_path / "out")
    named = write_jsonl(tmp_path / "named.jsonl", [{"text": "정말로 그렇습니다", "source": "x"}])
    wrong = {**RECIPE, "sources": {"reviews": {}}}
    result = run(wrong, {"reviews": named}, tmp_path / "named")
    assert kept(tmp_path / "named").select(["source", "input_source"]).to_pylist() == [
        {"source": "reviews", "input_source": "x"}
    ]
    assert any(
        "source of the source reviews is carried along as input_source" in w for w in result.manifest["warnings"]
    )
    wrong = {**RECIPE, "sources": {"reviews": {"text": "txt"}}}
    with pytest.raises(SchemaError, match=r"the source reviews: .*'txt', which sources\.reviews\.text names"):
        run(wrong, {"reviews": inputs["reviews"]}, tmp_path / "out")


def test_a_column_of_several_types_becomes_strings_and_that_is_said(tmp_path, inputs):
    other = write_jsonl(tmp_path / "other.jsonl", [{"body": "정말로 그렇습니다", "n": "하나"}])
    mixed = {**RECIPE, "sources": {**RECIPE["sources"], "wiki": {"text": "body", "tags": {"domain": "w"}}}}
    result = run(mixed, {"reviews": inputs["reviews"], "wiki": other}, tmp_path / "out")
    assert result.manifest["columns"]["n"] == "string"
    assert {"하나", "10"} <= set(kept(tmp_path / "out")["n"].to_pylist())
    said = "the column n has not one type (int64 in reviews, string in wiki), so it was made one of strings"
    assert said in result.manifest["warnings"]


def test_a_pipeline_is_of_one_source(tmp_path):
    assert korpus.load(RECIPE).skipped == ("news: regex_replace", "news: length", "exact_dedup", "minhash_dedup")
    clean = korpus.load(RECIPE, source="news")
    assert clean("오늘의 소식 기자") == "오늘의 소식 "
    assert clean("가" * 301) is None
    assert clean.skipped == ("exact_dedup", "minhash_dedup")
    assert korpus.load(RECIPE, source="wiki")({"body": ["오늘의 소식 기자"]}) == {"body": ["오늘의 소식 기자"]}
    with pytest.raises(RecipeError, match=r"no source 'wikis' \(did you mean 'wiki'\?\); its sources are: reviews"):
        korpus.load(RECIPE, source="wikis")


def test_another_recipe_of_the_folder_is_told_by_the_option_of_the_source(tmp_path, inputs):
    run(RECIPE, inputs, tmp_path / "out")
    other = json.loads(json.dumps(RECIPE))
    other["sources"]["news"]["tags"]["licence"] = "open"
    with pytest.raises(korpus.ResumeError, match=r"sources\.news\.tags\.licence was 'closed', now it is 'open'"):
        run(other, inputs, tmp_path / "out")
