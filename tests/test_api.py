"""korpus as a library: a pipeline inside other people's code, a run from Python, and the public names."""

from __future__ import annotations

import inspect
import pickle
import subprocess
import sys
from collections import UserDict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import korpus
from korpus import api, registry
from korpus import recipe as recipes
from korpus.errors import DataError, KorpusError, MissingExtra, RecipeError, ResumeError, SchemaError
from korpus.report import terminal
from tests.corpus import RECIPE, documents, kept, ledger, write_jsonl

KCELECTRA = [
    ("정말 재밌어요ㅋㅋㅋㅋㅋㅋ 또 볼래요", "정말 재밌어요ㅋㅋ 또 볼래요"),
    ("배송이 빨라요 https://example.com/a 참고하세요", "배송이 빨라요 참고하세요"),
    ("굿", None),
    ("♥♥♥", None),
    ("", None),
    ("그대로 두어도 좋은 문장입니다", "그대로 두어도 좋은 문장입니다"),
]
TEXTS = [before for before, _ in KCELECTRA]
CLEANED = [after for _, after in KCELECTRA]
KEPT = [after for after in CLEANED if after is not None]
ROWS = [i for i, after in enumerate(CLEANED) if after is not None]


@pytest.fixture(scope="module")
def pipeline():
    return korpus.load("kcelectra")


def batch_of(texts, kind=None):
    """Return a batch with columns of many types around the text."""
    n = len(texts)
    schema = pa.schema(
        [
            pa.field("id", pa.int32(), nullable=False),
            pa.field("text", kind or pa.string(), metadata={"of": "text"}),
            pa.field("tags", pa.list_(pa.string()), metadata={"of": "tags"}),
            pa.field("at", pa.timestamp("ms", "Asia/Seoul")),
            pa.field("kind", pa.dictionary(pa.int8(), pa.string())),
        ],
        metadata={"made": "here"},
    )
    arrays = [
        pa.array(range(n), pa.int32()),
        pa.array(texts, pa.string()).cast(kind) if kind else pa.array(texts, pa.string()),
        pa.array([["a"] * (i % 3) for i in range(n)], pa.list_(pa.string())),
        pa.array([None if i % 2 else i for i in range(n)], pa.timestamp("ms", "Asia/Seoul")),
        pa.array([("x", "y")[i % 2] for i in range(n)]).dictionary_encode().cast(pa.dictionary(pa.int8(), pa.string())),
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


# The pipeline.


@pytest.mark.parametrize(("before", "after"), KCELECTRA)
def test_a_text_becomes_a_text_or_none(pipeline, before, after):
    assert pipeline(before) == after


def test_a_batch_loses_the_documents_that_are_dropped_and_no_column(pipeline):
    batch = batch_of(TEXTS)
    clean = pipeline(batch)
    assert isinstance(clean, pa.RecordBatch)
    assert clean.column("text").to_pylist() == KEPT
    assert clean.schema.equals(batch.schema)
    assert clean.schema.metadata == batch.schema.metadata
    assert clean.schema.field("tags").metadata == {b"of": b"tags"}
    others = ["id", "tags", "at", "kind"]
    assert clean.select(others).equals(batch.take(pa.array(ROWS)).select(others))
    assert batch.equals(batch_of(TEXTS))


def test_a_table_whole_chunked_sliced_or_empty(pipeline):
    whole = pa.Table.from_batches([batch_of(TEXTS)])
    clean = pipeline(whole)
    assert isinstance(clean, pa.Table)
    assert clean.column("text").to_pylist() == KEPT
    chunks = [batch_of(TEXTS).slice(i, 1) for i in range(len(TEXTS))]
    assert pipeline(pa.Table.from_batches([*chunks, batch_of([])])).equals(clean)
    assert pipeline(whole.slice(1, 3)).column("text").to_pylist() == CLEANED[1:2]
    assert pipeline(pa.concat_tables([whole, whole.slice(4)])).column("text").to_pylist() == [*KEPT, KEPT[-1]]
    for empty in (whole.slice(0, 0), whole.schema.empty_table(), pa.Table.from_batches([], whole.schema)):
        assert pipeline(empty).equals(clean.slice(0, 0))


def test_a_mapping_of_lists(pipeline):
    columns = {"text": [*TEXTS, None], "n": list(range(len(TEXTS) + 1))}
    expected = {"text": KEPT, "n": ROWS}
    assert pipeline(columns) == expected
    assert pipeline(UserDict(columns)) == expected
    assert pipeline({"text": []}) == {"text": []}
    assert pipeline({"text": [None, None]}) == {"text": []}


@pytest.mark.parametrize("kind", [pa.large_string(), pa.dictionary(pa.int32(), pa.string()), pa.string_view()], ids=str)
def test_texts_of_other_string_types_come_back_as_strings(pipeline, kind):
    try:
        batch = batch_of([*TEXTS, None], kind)
    except pa.ArrowNotImplementedError:
        pytest.skip(f"this pyarrow has no cast to {kind}")
    clean = pipeline(batch)
    assert clean.schema.field("text").type == pa.string()
    assert clean.column("text").to_pylist() == KEPT
    assert pipeline.clean(batch.column("text")).to_pylist() == [*CLEANED, None]


def test_clean_keeps_the_rows(pipeline):
    texts = pa.array([None, *TEXTS, None])
    assert pipeline.clean(texts).to_pylist() == [None, *CLEANED, None]
    assert pipeline.clean(texts).type == pa.string()
    assert pipeline.clean(texts.slice(1, 3)).to_pylist() == CLEANED[:3]
    assert pipeline.clean(pa.chunked_array([texts[:2], texts[2:2], texts[2:]])).to_pylist() == [None, *CLEANED, None]
    assert pipeline.clean(pa.nulls(2)).to_pylist() == [None, None]
    for nothing in (pa.array([], pa.string()), pa.chunked_array([], pa.string())):
        assert pipeline.clean(nothing).equals(pa.array([], pa.string()))


def test_split_says_which_rows_were_dropped_by_what_and_why(pipeline):
    kept, dropped = pipeline.split(batch_of([*TEXTS, None]))
    assert kept.column("id").to_pylist() == ROWS
    assert dropped.schema.names == ["row", "stage", "reason", "text"]
    assert dropped.to_pylist() == [
        {"row": 2, "stage": "length", "reason": "too_short", "text": "굿"},
        {"row": 3, "stage": "whitespace", "reason": "emptied", "text": " "},
        {"row": 4, "stage": "length", "reason": "too_short", "text": ""},
        {"row": 6, "stage": "read", "reason": "missing_text", "text": ""},
    ]
    kept, dropped = pipeline.split(batch_of(KEPT))
    assert (kept.num_rows, dropped.num_rows) == (len(KEPT), 0)
    assert dropped.schema.names == ["row", "stage", "reason", "text"]
    kept, dropped = pipeline.split(batch_of(["굿"]))
    assert (kept.num_rows, dropped.num_rows) == (0, 1)


def test_the_text_may_have_another_name():
    pipeline = korpus.load({"input": {"text": "본문"}, "stages": [{"length": {"min_chars": 2}}]})
    batch = pa.RecordBatch.from_pydict({"n": [1, 2], "본문": ["가", "가나"]})
    kept, dropped = pipeline.split(batch)
    assert kept.to_pydict() == {"n": [2], "본문": ["가나"]}
    assert dropped.to_pydict() == {"row": [0], "stage": ["length"], "reason": ["too_short"], "본문": ["가"]}
    assert pipeline.clean(batch.column("본문")).to_pylist() == [None, "가나"]
    assert pipeline("가") is None


def test_a_text_of_several_columns_is_given_joined():
    pipeline = korpus.load(
        {"input": {"text": ["제목", "본문"]}, "stages": ["whitespace", {"length": {"min_chars": 2}}]}
    )
    assert pipeline.text == "text"
    assert pipeline("제목\n 본문") == "제목 본문"
    assert pipeline({"text": ["가", "가  나"], "n": [1, 2]}) == {"text": ["가 나"], "n": [2]}
    assert pipeline({"text": "가\n나", "n": 1}) == {"text": "가 나", "n": 1}
    for given in ({"제목": ["가"], "본문": ["나"]}, {"제목": "가", "본문": "나"}):
        with pytest.raises(SchemaError, match=r"no column 'text', .*join those of the text \(제목, 본문\)"):
            pipeline(given)


def test_a_tag_is_a_column_more():
    pipeline = korpus.load({"stages": [{"domain": {"field": "c", "map": {"화장품": "cosmetics"}}}]})
    clean = pipeline({"text": ["가", "나"], "c": ["화장품", None]})
    assert clean == {"text": ["가", "나"], "c": ["화장품", None], "domain": ["cosmetics", "other"]}
    assert korpus.load({"stages": [{"domain": {"lexicon": "commerce"}}]})("강아지 사료") == "강아지 사료"


def test_stages_that_compare_documents_are_left_out_and_named(pipeline):
    assert pipeline.skipped == ("exact_dedup", "group")
    assert [stage.name for stage in pipeline.stages][-1] == "length"
    assert repr(pipeline).startswith("<korpus pipeline 'kcelectra': nfc, charset, ")
    assert repr(pipeline).endswith("length, without exact_dedup, group>")
    assert korpus.load(RECIPE).skipped == ("exact_dedup", "minhash_dedup")
    assert korpus.load({"stages": ["nfc"]}).skipped == ()


def test_a_pipeline_pickles(pipeline):
    again = pickle.loads(pickle.dumps(pipeline))
    assert [again(text) for text in TEXTS] == CLEANED
    assert (again.recipe, again.skipped) == (pipeline.recipe, pipeline.skipped)


def test_a_pipeline_of_no_stages_changes_nothing():
    batch = batch_of(TEXTS)
    assert korpus.load({})(batch).equals(batch)


def test_overrides_and_errors_of_the_recipe():
    assert korpus.load("kcelectra", ["stages.length=null"])("굿") == "굿"
    with pytest.raises(RecipeError, match="did you mean 'kcelectra'"):
        korpus.load("kcelektra")


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (
            {"body": ["가"]},
            "the batch has no column 'text', it has: body; say which column is the text with input.text",
        ),
        ({"text": [1]}, "the column 'text' must hold strings, got int64"),
        ({"text": [b"a"]}, "the column 'text' must hold strings, got binary"),
        ({"text": [["a"]]}, "the column 'text' must hold strings, got list"),
        ({"text": ["가"], "doc_id": [1]}, "each column needs a name of its own, and 'text' and 'doc_id' are korpus's"),
        ({"text": ["가"]}, "the stage domain reads column 'c', which the batch does not have"),
        ({"text": ["가"], "c": ["x"], "domain": ["y"]}, "the stage domain adds a column 'domain'; the batch has one"),
    ],
)
def test_columns_that_do_not_fit(columns, expected):
    pipeline = korpus.load({"stages": ["nfc", {"domain": {"field": "c"}}]})
    with pytest.raises(SchemaError) as caught:
        pipeline(columns)
    assert str(caught.value).startswith(expected)


def test_the_names_of_korpus_are_not_free():
    pipeline = korpus.load({"input": {"text": "body"}, "stages": ["nfc"]})
    with pytest.raises(SchemaError, match="each column needs a name of its own"):
        pipeline({"body": ["가"], "text": ["나"]})


@pytest.mark.parametrize("data", [["가"], None, 3, pa.array(["가"])])
def test_what_is_no_batch(pipeline, data):
    with pytest.raises(TypeError, match="a pipeline takes a str, a pa.RecordBatch, a pa.Table or a mapping of columns"):
        pipeline(data)


# A run.


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    folder = tmp_path_factory.mktemp("api")
    source = write_jsonl(folder / "a.jsonl", documents(200))
    return korpus.run(RECIPE, [source], folder / "out", workers=1)


def test_a_run_returns_its_folder_and_its_manifest(result):
    assert isinstance(result, korpus.Result)
    assert isinstance(result.out, Path)
    n_kept, n_rejected = kept(result.out).num_rows, len(ledger(result.out))
    assert result.manifest["kept"]["n_docs"] == n_kept
    assert result.manifest["rejects"]["n_docs"] == n_rejected
    assert n_kept + n_rejected == 200


def test_a_result_prints_as_its_summary(result):
    summary = korpus.show(str(result.out))
    assert isinstance(summary, korpus.Summary)
    assert (summary.n_read, summary.n_kept, summary.breaks) == (200, result.manifest["kept"]["n_docs"], ())
    assert str(result) == str(summary) == terminal.render(summary)
    assert f"adds up: 200 read = {result.manifest['kept']['n_docs']} kept + " in str(result)
    assert "\x1b[" not in str(result)
    assert "\x1b[" in terminal.render(summary, width=60, color=True)


def test_a_run_and_a_pipeline_do_the_same_to_a_text(result):
    alone = [stage for stage in RECIPE["stages"] if stage != "exact_dedup" and "minhash_dedup" not in stage]
    pipeline = korpus.load({**RECIPE, "stages": alone})
    table = pa.Table.from_pylist(documents(200))
    by_id = {row["id"]: row["text"] for row in pipeline(table).to_pylist()}
    for row in kept(result.out).to_pylist():
        assert by_id[row["id"]] == row["text"]


def test_a_run_takes_one_path_or_many_and_strings_too(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    for name in "ab":
        write_jsonl(raw / f"{name}.jsonl", [{"text": f"{name} 문서입니다"}])
    recipe = {"stages": ["nfc"]}
    for inputs, n_docs in [
        (raw / "a.jsonl", 1),
        (str(raw / "a.jsonl"), 1),
        ([raw / "a.jsonl", str(raw / "b.jsonl")], 2),
        (raw, 2),
        (f"{raw}/*.jsonl", 2),
    ]:
        made = korpus.run(recipe, inputs, str(tmp_path / "out"), workers=1, fresh=True)
        assert made.manifest["kept"]["n_docs"] == n_docs
    assert pq.read_table(tmp_path / "out" / "data").column("text").to_pylist() == ["a 문서입니다", "b 문서입니다"]


def test_errors_of_a_run(tmp_path, result):
    source = write_jsonl(tmp_path / "a.jsonl", [{"text": "가"}])
    with pytest.raises(RecipeError, match="engine.workers"):
        korpus.run({}, source, tmp_path / "out", workers=0)
    with pytest.raises(DataError, match="there is nothing to read"):
        korpus.run({}, out=tmp_path / "out")
    with pytest.raises(SchemaError, match="body"):
        korpus.run({"input": {"text": "body"}}, source, tmp_path / "out")
    with pytest.raises(ResumeError, match="holds another run"):
        korpus.run({}, source, result.out)
    with pytest.raises(DataError, match="holds no run of korpus"):
        korpus.show(tmp_path)
    assert not (tmp_path / "out").exists()


def test_check_is_data_and_writes_nothing(tmp_path):
    source = write_jsonl(tmp_path / "a.jsonl", documents(20))
    found = api.check(RECIPE, [source], tmp_path / "out")
    assert [(file.path, file.format, file.n_bytes) for file in found.files] == [
        (str(source), "jsonl", source.stat().st_size)
    ]
    assert [(each.drops, each.resolves) for each in found.passes] == [
        ((), ("exact_dedup", "minhash_dedup")),
        (("exact_dedup", "minhash_dedup"), ()),
    ]
    assert found.recipe["output"]["path"] == str(tmp_path / "out")
    assert found.columns == ("id", "topic", "n")
    assert [document.columns["id"] for document in found.first] == ["d0", "d1", "d2"]
    assert found.needs.n_docs
    assert not (tmp_path / "out").exists()


def test_check_of_a_recipe_alone():
    found = api.check(RECIPE)
    assert (found.passes, found.files, found.needs, found.free_bytes) == ((), (), None, None)
    assert recipes.load(found.recipe).filled() == found.recipe


def test_what_can_be_named_in_a_recipe_is_data():
    assert [stage.name for stage in api.stages()] == registry.names()
    length = api.stage("length")
    assert (length.kind, length.reasons[:2], length.column) == ("filter", ("too_short", "too_long"), None)
    assert ("min_chars", False, None) in [(option.name, option.required, option.default) for option in length.options]
    assert [(option.name, option.required) for option in api.stage("regex_replace").options][0] == ("pattern", True)
    assert api.stage("domain").column == "domain"
    assert {recipe.name: recipe.path for recipe in api.recipes()} == recipes.bundled()
    assert api.recipe_yaml("kcbert") == recipes.find("kcbert").read_text("utf-8")


def test_every_function_returns_data_but_the_one_that_returns_yaml():
    functions = {name: value for name, value in vars(api).items() if inspect.isfunction(value)}
    texts = [
        name for name, function in functions.items() if "str" in str(inspect.signature(function).return_annotation)
    ]
    assert texts == ["recipe_yaml"]


# The public names.

PUBLIC = [
    "Corpus",
    "DataError",
    "KorpusError",
    "MissingExtra",
    "Pipeline",
    "RecipeError",
    "Result",
    "ResumeError",
    "SchemaError",
    "SparkEngine",
    "Summary",
    "__version__",
    "load",
    "open",
    "run",
    "show",
]


def test_the_public_names_are_these():
    assert korpus.__all__ == PUBLIC
    assert dir(korpus) == sorted(PUBLIC)
    for name in PUBLIC:
        assert getattr(korpus, name) is not None
    with pytest.raises(AttributeError, match="module 'korpus' has no attribute 'nope'"):
        _ = korpus.nope


@pytest.mark.parametrize("name", [name for name in PUBLIC if name != "__version__"])
def test_every_public_name_has_a_docstring(name):
    thing = getattr(korpus, name)
    assert inspect.getdoc(thing)
    if not inspect.isclass(thing):
        return
    for method, value in vars(thing).items():
        if callable(value) and not method.startswith("_"):
            assert inspect.getdoc(value), f"{name}.{method}"


@pytest.mark.parametrize("error", [DataError, MissingExtra, RecipeError, ResumeError, SchemaError])
def test_errors_are_korpus_errors_and_pickle(error):
    assert issubclass(error, KorpusError)
    made = error("a feature", "extra")
    again = pickle.loads(pickle.dumps(made))
    assert (type(again), str(again)) == (error, str(made))


def test_importing_korpus_is_light():
    code = "import sys, korpus\nassert not {'numba', 'pyarrow', 'numpy', 'pydantic', 'yaml'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(korpus.__file__).parent.parent)
