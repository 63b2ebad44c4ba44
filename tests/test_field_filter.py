"""field_filter: documents by the value of a column."""

import datetime

import pyarrow as pa
import pytest

from korpus import recipe, registry
from korpus.chain import Chain
from korpus.errors import RecipeError, SchemaError


def batch(**columns):
    n = len(next(iter(columns.values())))
    return pa.RecordBatch.from_pydict({"doc_id": pa.array(range(n)), "text": ["글"] * n, **columns})


def kept(column, **options):
    documents = batch(field=column)
    stage = registry.get("field_filter")(field="field", **options)
    left, rejects = Chain([stage])(documents)
    reasons = {reason for part in rejects for reason in part.column("reason").to_pylist()}
    assert reasons <= {"not_kept" if "keep" in options else "dropped"}
    return left.column("doc_id").to_pylist()


@pytest.mark.parametrize(
    ("column", "options", "expected"),
    [
        (pa.array([0, 14, None, 0]), {"keep": [0]}, [0, 3]),
        (pa.array([0, 14, None, 0]), {"drop": [0]}, [1, 2]),
        (pa.array([0, 14, None, 0]), {"keep": [0, None]}, [0, 2, 3]),
        (pa.array([0, 14, None, 0]), {"drop": [None]}, [0, 1, 3]),
        (pa.array([0, 14, None, 0]), {"keep": ["14"]}, [1]),
        (pa.array([-1, 1], pa.int8()), {"keep": [-1]}, [0]),
        (pa.array(["ko", "en", "KO", None]), {"keep": ["ko"]}, [0]),
        (pa.array(["ko", "en", "KO", None]), {"drop": ["ko", "en"]}, [2, 3]),
        (pa.array(["0", "6", "00"]), {"keep": [0]}, [0]),
        (pa.array(["", "a"]), {"drop": [""]}, [1]),
        (pa.array(["null", None]), {"keep": [None]}, [1]),
        (pa.array([True, False, None]), {"keep": [True]}, [0]),
        (pa.array([True, False, None]), {"drop": [True]}, [1, 2]),
        (pa.array([1.0, 1.5, float("nan")]), {"keep": [1, "1.5"]}, [0, 1]),
        (pa.array(["가", "나", "가"]).dictionary_encode(), {"keep": ["가"]}, [0, 2]),
        (pa.array([datetime.date(2024, 1, 31), None]), {"keep": ["2024-01-31"]}, [0]),
        (pa.array([None, None], pa.string()), {"keep": ["x"]}, []),
    ],
)
def test_values(column, options, expected):
    assert kept(column, **options) == expected


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        (pa.array([0]), "본문", r"field_filter\.keep has '본문', which the column field \(int64\) cannot hold"),
        (pa.array([0]), True, r"has True, which the column field \(int64\) cannot hold"),
        (pa.array([0], pa.int8()), 300, "has 300, which"),
        (pa.array([True]), "아니오", "has '아니오', which"),
        (pa.array([["a"]]), "a", "must name a column of single values; field holds list"),
        (pa.array([{"a": 1}]), "a", "must name a column of single values; field holds struct"),
    ],
)
def test_values_that_a_column_cannot_hold(column, value, message):
    with pytest.raises(SchemaError, match=message):
        kept(column, keep=[value])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"field": "a"}, "exactly one of keep and drop must be given, got neither"),
        ({"field": "a", "keep": [1], "drop": [2]}, "exactly one of keep and drop must be given, got both"),
        ({"field": "a", "keep": []}, "keep"),
        ({"field": "a", "keep": 0}, "keep"),
        ({"keep": [0]}, "field"),
        ({"field": "", "keep": [0]}, "field"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(RecipeError, match=message):
        recipe.load({"stages": [{"field_filter": options}]})


def test_a_missing_column():
    stage = registry.get("field_filter")(field="namespace", keep=[0])
    assert stage.reads() == ("text", "namespace")
    with pytest.raises(SchemaError, match=r"field_filter\.field reads column 'namespace'"):
        stage.judge(batch(language=["ko"]))
