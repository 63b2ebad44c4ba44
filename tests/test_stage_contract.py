"""What every stage must hold, whoever wrote it: one battery over all that the registry knows.

A new stage is covered as soon as its file is there. Only if it has required options must they be named in `OPTIONS`.
"""

from __future__ import annotations

import importlib
import pickle
import re
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from korpus import recipe, registry
from korpus.batch import DOC_ID, set_column
from korpus.batch import TEXT as TEXT_COLUMN
from korpus.chain import Chain
from korpus.errors import RecipeError
from korpus.recipe import catalog
from korpus.report import stages as report
from korpus.stage import Dedup, Edit, Expand, Filter, Group, Tag
from tests.nasty import PIECES, TEXT

# Options for stages that cannot be made without any, and sets of options that take another way through a stage.
OPTIONS: dict[str, list[dict]] = {
    "blocklist": [{"words": ["가", "영화"], "exceptions": ["이 영화 정말"]}],
    "blocklist_mask": [{"words": ["강아지", "plain", "가"], "replacement": ""}, {"words": ["ㅋ"], "particles": False}],
    "charset": [{"preset": "kcelectra"}, {"ranges": ["가-힣", "U+0020"], "replacement": ""}],
    "domain": [{"field": "category", "map": {"음식": "food"}, "unmapped": "value"}, {"lexicon": "commerce"}],
    "emoji": [{}, {"mode": "text"}],
    "exact_dedup": [{}, {"key": "normalized"}, {"key": "column:category"}],
    "field_filter": [
        {"field": "category", "keep": ["음식", None]},
        {"field": "likes", "drop": [1, 2, 4]},
    ],
    "group": [{"by": "category", "order": "likes"}, {"id": "category", "parent": "likes", "max_bytes": 10}],
    "hanja": [{}, {"mode": "remove"}, {"mode": "read"}],
    "hangul_ratio": [{}, {"min_ratio": 0.1, "max_ratio": 0.9, "of": "characters"}],
    "length": [{}, {"min_chars": 3, "max_chars": 30, "min_eojeol": 1, "max_eojeol": 5}],
    "minhash_dedup": [{}, {"compare": "loose"}, {"compare": "jamo"}],
    "markdown": [{}, {"code": "remove", "lists": "remove"}],
    "masks": [{}, {"masks": ["ooo", "○○○", "***"]}, {"scope": "run"}],
    "namumark": [{}, {"headings": "remove", "struck": "keep"}],
    "pii": [{}, {"kinds": ["plate", "ip", "address", "mobile"], "spelled": True}],
    "published": [{}, {"emoji": "keep", "soynlp": "git"}],
    "sentences": [{}],
    "repeats": [{}, {"limits": {"jamo": 1, "emoji": 2}}, {"min_run": 2, "max_repeats": 1, "chars": "any"}],
    "symbols": [{}, {"skip": ["quotes"]}],
    "urls": [{}, {"pattern": "korean"}, {"pattern": "korean", "replacement": " ", "hangul_hosts": True}],
    "whitespace": [{}, {"keep_newlines": True}, {"keep_paragraphs": True}],
    "wikitext": [{}, {"headings": "remove"}],
    "regex_filter": [{"pattern": "ㅋ"}, {"pattern": "[가-힣]", "drop_on": "no_match"}],
    "regex_replace": [{"pattern": r"(\w)\1", "replacement": r"\1"}, {"pattern": "ㅋ+", "must_contain": "ㅋㅋ"}],
}

# Numbers without an upper bound, each for a reason.
UNBOUNDED = {
    "length.min_chars": "a document may be as long as input.max_doc_bytes allows",
    "length.max_chars": "see length.min_chars",
    "length.min_eojeol": "see length.min_chars",
    "length.max_eojeol": "see length.min_chars",
    "minhash_dedup.bands": "bands times rows is bounded by n_hashes, which a validator holds",
    "minhash_dedup.rows": "see minhash_dedup.bands",
}

CASES = [(name, i) for name in registry.names() for i in range(len(OPTIONS.get(name, [{}])))]
each_stage = pytest.mark.parametrize("name", registry.names())
each_case = pytest.mark.parametrize(("name", "i"), CASES)


def each_case_of(*kinds):
    return pytest.mark.parametrize(("name", "i"), [case for case in CASES if registry.get(case[0]).kind in kinds])


@cache
def make(name, i=0):
    try:
        return registry.get(name)(**OPTIONS.get(name, [{}])[i])
    except ValidationError as error:
        pytest.fail(f"{name} cannot be made; give it its required options in OPTIONS of {__file__}: {error}")


def batch_of(texts, first=0):
    """Return documents with columns of the user: strings, numbers and lists, some of them null."""
    n = len(texts)
    categories = [("음식", "뷰티", None, "a/b")[i % 4] for i in range(n)]
    columns = {
        DOC_ID: pa.array(range(first, first + n), pa.int64()),
        TEXT_COLUMN: pa.array(texts, pa.string()),
        "category": pa.array(categories, pa.string()),
        "likes": pa.array([None if i % 3 == 0 else i for i in range(n)], pa.int32()),
        "tags": pa.array([["t"] * (i % 3) for i in range(n)], pa.list_(pa.string())),
    }
    return pa.RecordBatch.from_pydict(columns)


@cache
def sample():
    rows = [*PIECES, *(a + b for a, b in zip(PIECES, reversed(PIECES))), "".join(PIECES)]
    rows += [
        "여기 https://example.com/a?b=1 에서 OOO 봤어요ㅋㅋㅋㅋㅋ",
        "강아지 사료를 샀는데 잘 먹어요",
        "",
        "",
        "가" * 70_000,
    ]
    return batch_of(rows)


def result(stage, batch):
    """Return what a stage makes of a batch, as tables by name, so that one comparison serves every kind."""
    if isinstance(stage, Edit):
        return {"batch": set_column(batch, TEXT_COLUMN, stage.apply(batch.column(TEXT_COLUMN)))}
    if isinstance(stage, Filter):
        return {"verdict": pa.RecordBatch.from_arrays([pa.array(stage.judge(batch))], ["verdict"])}
    if isinstance(stage, Expand):
        return {"pieces": pa.RecordBatch.from_arrays([stage.expand(batch.column(TEXT_COLUMN))], ["pieces"])}
    if isinstance(stage, Tag):
        return {"column": pa.RecordBatch.from_arrays([stage.tag(batch)], [stage.column])}
    return stage.sketch(batch)


def assert_equal(one, other):
    assert one.keys() == other.keys()
    for name in one:
        # Tables compare by value, however they are cut into chunks.
        tables = [
            pa.Table.from_batches(part if isinstance(part, list) else [part]) for part in (one[name], other[name])
        ]
        assert tables[0].equals(tables[1]), name
        tables[0].validate(full=True)


def copied(batch):
    return pa.RecordBatch.from_pylist(batch.to_pylist(), schema=batch.schema)


@each_stage
def test_it_is_one_of_the_kinds_and_named_after_its_file(name):
    cls = registry.get(name)
    assert cls.name == name
    assert [cls.kind] == [kind.kind for kind in (Edit, Filter, Tag, Expand, Dedup, Group) if issubclass(cls, kind)]
    assert isinstance(cls.version, int)
    assert cls.version >= 1
    if cls.__module__.startswith("korpus.stages."):
        assert importlib.import_module(f"korpus.stages.{name}").__name__ == cls.__module__


@each_stage
def test_its_help_says_in_a_line_what_it_does_and_shows_an_example(name):
    text = registry.get(name).__doc__
    assert text, f"{name} has no docstring, which is its help"
    first = catalog.stage(name).summary
    assert first.endswith("."), first
    assert len(first) <= 110, f"{len(first)} characters, at most 110 fit: {first}"
    assert "→" in text, f"the help of {name} shows no example: before → after"
    explained = report.explain(catalog.stage(name))
    assert first in explained
    for option in registry.get(name).model_fields:
        assert f"  {option}: " in explained


def numbers(schema):
    """Yield the schema of every number in the schema of an option: of a union, a list, a mapping too."""
    if schema.get("type") in ("integer", "number"):
        yield schema
    for part in (*schema.get("anyOf", ()), schema.get("items"), schema.get("additionalProperties")):
        if isinstance(part, dict):
            yield from numbers(part)


@each_stage
def test_every_option_is_documented_and_bounded(name):
    properties = registry.get(name).model_json_schema()["properties"]
    for option, field in registry.get(name).model_fields.items():
        assert field.description, f"{name}.{option} has no description"
        assert field.description.endswith("."), f"{name}.{option}: {field.description}"
        assert catalog.type_name(properties[option]) != "any", f"{name}.{option} accepts anything: give it a type"
        for schema in numbers(properties[option]):
            assert {"minimum", "exclusiveMinimum"} & schema.keys(), f"{name}.{option} has no lower bound (ge= or gt=)"
            if f"{name}.{option}" not in UNBOUNDED:
                upper = {"maximum", "exclusiveMaximum"} & schema.keys()
                assert upper, f"{name}.{option} has no upper bound (le= or lt=), and no reason for it in UNBOUNDED"


@each_stage
def test_an_unknown_option_is_refused_with_the_known_ones(name):
    with pytest.raises(RecipeError, match=rf"stages\.{name} has no option 'no-such'; its options are: ") as caught:
        recipe.load({"stages": [{name: {**OPTIONS.get(name, [{}])[0], "no-such": 1}}]})
    assert all(option in str(caught.value) for option in registry.get(name).model_fields)


@each_case
def test_it_is_immutable_and_its_options_make_it_again(name, i):
    stage = make(name, i)
    for option in type(stage).model_fields:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(stage, option, None)
    assert type(stage)(**stage.model_dump()) == stage
    assert recipe.load({"stages": [{name: stage.model_dump()}]}).stages == (stage,)


@each_case
def test_it_pickles_also_after_use(name, i):
    stage = make(name, i)
    stage.warm_up()
    expected = result(stage, sample())
    again = pickle.loads(pickle.dumps(stage))
    assert again == stage
    assert_equal(result(again, sample()), expected)


@each_case
def test_it_is_deterministic_and_leaves_its_input_alone(name, i):
    stage, batch = make(name, i), copied(sample())
    assert_equal(result(stage, batch), result(stage, batch))
    assert batch.equals(sample())


@each_case
def test_an_empty_batch_gives_an_empty_result_of_the_same_schema(name, i):
    stage = make(name, i)
    some, none = result(stage, sample()), result(stage, sample().slice(0, 0))
    assert {key: table.schema for key, table in none.items()} == {key: table.schema for key, table in some.items()}
    assert {table.num_rows for table in none.values()} == {0}


@each_case
def test_what_it_returns_is_what_its_kind_promises(name, i):
    stage, batch = make(name, i), sample()
    if isinstance(stage, Edit):
        texts = batch.column(TEXT_COLUMN)
        edited = stage.apply(texts)
        assert edited.type == pa.string()
        assert (len(edited), edited.null_count) == (batch.num_rows, 0)
        again, tally = stage.edit(texts)
        assert again.equals(edited)
        if tally is not None:
            assert tally == stage.tally(texts.filter(pc.not_equal(texts, edited)))
    elif isinstance(stage, Filter):
        verdict = stage.judge(batch)
        assert isinstance(verdict, np.ndarray)
        assert (verdict.dtype, verdict.shape) == (np.uint8, (batch.num_rows,))
        assert verdict.max() <= len(stage.reasons) == len(set(stage.reasons))
        assert all(re.fullmatch("[a-z][a-z_]*", reason) for reason in stage.reasons)
    elif isinstance(stage, Tag):
        column = stage.tag(batch)
        assert (column.type, len(column)) == (stage.column_type(), batch.num_rows)
        assert stage.column not in (TEXT_COLUMN, DOC_ID)
    elif isinstance(stage, Expand):
        pieces = stage.expand(batch.column(TEXT_COLUMN))
        assert (pieces.type, len(pieces), pieces.null_count) == (pa.list_(pa.string()), batch.num_rows, 0)
        assert pieces.flatten().null_count == 0
        assert "" not in pieces.flatten().to_pylist()
    else:
        tables = stage.sketch(batch)
        assert tuple(tables) == tuple(stage.tables())
        for name, table in tables.items():
            assert table.schema.equals(stage.tables()[name])
            assert table.schema.field(0).equals(pa.field("key", pa.uint64()))
            assert table.schema.field(DOC_ID).type == pa.int64()
            assert set(table.column(DOC_ID).to_pylist()) <= set(batch.column(DOC_ID).to_pylist())


@each_case_of("edit")
def test_an_edit_returns_the_very_same_array_when_it_changes_nothing(name, i):
    stage = make(name, i)
    for text in sample().column(TEXT_COLUMN):
        texts = pa.array([text])
        edited = stage.apply(texts)
        assert edited is texts or not edited.equals(texts), repr(text)


@each_case_of("expand")
def test_pieces_have_the_columns_of_their_document_and_name_it(name, i):
    stage, batch = make(name, i), sample()
    kept, rejects = Chain([stage])(batch)
    gone = [doc_id for part in rejects for doc_id in part.column(DOC_ID).to_pylist()]
    assert sorted({*kept.column("document").to_pylist(), *gone}) == batch.column(DOC_ID).to_pylist()
    ids = kept.column(DOC_ID).to_numpy()
    assert (np.diff(ids) == 1).all()
    assert not np.isin(ids, batch.column(DOC_ID)).any()
    others = ["category", "likes", "tags"]
    assert kept.select(others).equals(batch.take(kept.column("document")).select(others))


# A duplicate stage never hands documents on; the engine does.
@each_case_of("edit", "filter", "tag")
def test_other_columns_travel_along_untouched(name, i):
    stage, batch = make(name, i), sample()
    kept, rejects = Chain([stage])(batch)
    gone = {doc_id for part in rejects for doc_id in part.column(DOC_ID).to_pylist()}
    stay = pa.array([doc_id not in gone for doc_id in batch.column(DOC_ID).to_pylist()])
    assert kept.num_rows + len(gone) == batch.num_rows
    others = [DOC_ID, "category", "likes", "tags", *([] if stage.kind == "edit" else [TEXT_COLUMN])]
    assert kept.select(others).equals(batch.filter(stay).select(others))
    assert kept.schema.names == batch.schema.names + ([stage.column] if stage.kind == "tag" else [])


@each_case
def test_a_memory_mapped_batch_gives_the_same(name, i, tmp_path):
    stage, batch = make(name, i), sample()
    with pa.OSFile(str(tmp_path / "batch.arrow"), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)
    with pa.memory_map(str(tmp_path / "batch.arrow")) as source:
        mapped = pa.ipc.open_file(source).get_batch(0)
        assert not mapped.column(TEXT_COLUMN).buffers()[2].is_mutable
        assert_equal(result(stage, mapped), result(stage, batch))


@each_case
@settings(max_examples=15)
@given(texts=st.lists(TEXT, max_size=8), data=st.data())
def test_it_does_to_the_parts_what_it_does_to_the_whole(name, i, texts, data):
    stage, batch = make(name, i), batch_of(texts)
    at = data.draw(st.integers(0, len(texts)), label="cut")
    whole = result(stage, batch)
    parts = [result(stage, part) for part in (batch.slice(0, at), batch.slice(at))]
    assert_equal({key: [part[key] for part in parts] for key in whole}, whole)


@each_case
def test_a_slice_gives_the_same_as_a_copy_of_it(name, i):
    stage, batch = make(name, i), sample()
    for start in (1, 7, batch.num_rows - 2):
        part = batch.slice(start, 20)
        assert_equal(result(stage, part), result(stage, copied(part)))
