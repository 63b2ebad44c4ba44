"""korpus inside other people's processes and beside their frames."""

import logging
import multiprocessing
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import korpus
from korpus.errors import SchemaError
from korpus.pipeline import Pipeline
from korpus.recipe import load
from tests.corpus import kept, write_jsonl

ROOT = Path(korpus.__file__).parent.parent
RECIPE = {"input": {"keep": ["id"]}, "stages": ["nfc", {"length": {"min_chars": 5}}, "exact_dedup"]}
ROWS = [{"id": i, "text": f"{i % 40}번째로 쓴 글입니다"} for i in range(100)]


def job(source, out, workers):
    """Make a corpus; return what it kept."""
    return korpus.run(RECIPE, [source], out, workers=workers, quiet=True).manifest["kept"]["n_docs"]


def shards(out):
    return [path.read_bytes() for path in sorted(Path(out, "data").rglob("*.parquet"))]


@pytest.fixture
def source(tmp_path):
    return str(write_jsonl(tmp_path / "in.jsonl", ROWS))


def test_a_daemonic_process_works_alone_and_makes_the_same(source, tmp_path):
    here = job(source, tmp_path / "here", 2)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        (there,) = pool.starmap(job, [(source, tmp_path / "there", 2)])
    assert here == there == 40
    assert shards(tmp_path / "here") == shards(tmp_path / "there")


def test_a_daemonic_process_says_so(monkeypatch, caplog):
    from korpus.engine import local

    monkeypatch.setattr(local, "may_start_processes", lambda: False)
    with caplog.at_level(logging.WARNING, "korpus"):
        assert local.LocalEngine(3).workers == 1
        assert local.LocalEngine(1).workers == 1
    assert [record.getMessage() for record in caplog.records] == [
        "this process is daemonic and may start no others: korpus works in it alone"
    ]


def test_where_processes_can_share_no_locks_one_works_alone(monkeypatch, caplog):
    from korpus.engine import local

    def refused(self):
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(local._Context, "Lock", refused)
    with caplog.at_level(logging.WARNING, "korpus"):
        assert local.LocalEngine(3).workers == 1
    assert "can share no locks here" in caplog.text


FORKS = """
import os, sys
from tests.test_beside_others import job
source, out = sys.argv[1:]
assert job(source, out + "/before", 2) == 40
child = os.fork()
if not child:
    try:
        assert job(source, out + "/child", 2) == job(source, out + "/alone", 1) == 40
    except BaseException as error:
        print(repr(error), file=sys.stderr, flush=True)
        os._exit(1)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
assert job(source, out + "/after", 2) == 40
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
def test_a_fork_of_a_process_that_had_workers_has_workers_too(source, tmp_path):
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKS, source, str(tmp_path)]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert shards(tmp_path / "before") == shards(tmp_path / "child") == shards(tmp_path / "alone")


def test_threads_share_a_pipeline(source, tmp_path):
    clean = korpus.load(RECIPE)
    found = []
    threads = [threading.Thread(target=lambda: found.append(clean("짧지 않은 글입니다"))) for _ in range(4)]
    threads.append(threading.Thread(target=lambda: found.append(job(source, tmp_path / "out", 1))))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, found)) == ["40", *["짧지 않은 글입니다"] * 4]
    assert len(kept(tmp_path / "out")) == 40


# What a pipeline takes.

TAGGED = {
    "input": {"text": "body"},
    "stages": ["whitespace", {"length": {"min_chars": 3}}, {"domain": {"field": "kind", "map": {"새": "bird"}}}],
}


@pytest.fixture(scope="module")
def clean():
    return Pipeline(load(TAGGED))


def test_a_document_is_a_dict_of_its_own(clean):
    assert clean({"body": "가 나  다", "kind": "새", "tags": ["a", "b"], "image": object}) == {
        **{"body": "가 나 다", "kind": "새", "tags": ["a", "b"], "image": object, "domain": "bird"}
    }
    assert clean({"body": "짧", "kind": "새", "n": 1}) == {"body": None, "kind": "새", "n": 1, "domain": None}
    assert clean({"body": None, "kind": "새"}) == {"body": None, "kind": "새", "domain": None}


def test_a_batch_may_be_of_lists_or_arrays(clean):
    lists = {"body": ["가 나  다", "짧", None], "kind": ["새", "새", "새"]}
    assert clean(lists) == {"body": ["가 나 다"], "kind": ["새"], "domain": ["bird"]}
    arrays = clean({name: np.array(values, object) for name, values in lists.items()})
    assert {name: (type(values), list(values)) for name, values in arrays.items()} == {
        name: (np.ndarray, values) for name, values in clean(lists).items()
    }
    assert clean({"body": [], "kind": []}) == {"body": [], "kind": [], "domain": []}


def test_split_takes_whatever_a_pipeline_takes(clean):
    columns = {"body": ["짧", "가 나  다", "글"], "kind": ["새", "새", "꽃"]}
    kept_, dropped = clean.split(columns)
    assert kept_ == {"body": ["가 나 다"], "kind": ["새"], "domain": ["bird"]}
    assert dropped == {"row": [0, 2], "stage": ["length"] * 2, "reason": ["too_short"] * 2, "body": ["짧", "글"]}
    whole = pa.table(columns)
    pieces = pa.concat_tables([whole.slice(0, 1), whole.slice(1, 0), whole.slice(1)])
    for table in (whole, pieces):
        of_table = clean.split(table)
        assert [type(part) for part in of_table] == [pa.Table, pa.Table]
        assert [part.to_pydict() for part in of_table] == [kept_, dropped]
    empty = clean.split(whole.slice(0, 0))
    assert [part.num_rows for part in empty] == [0, 0]
    assert empty[0].schema.names == ["body", "kind", "domain"]


def test_pieces_of_a_table_name_their_row_in_it():
    sentences = Pipeline(load({"stages": ["sentences"]}))
    table = pa.table({"text": ["하나다. 둘이다.", "셋이다."]})
    for given in (table, pa.concat_tables([table.slice(0, 1), table.slice(1)])):
        assert sentences(given)["document"].to_pylist() == [0, 0, 1]
    with pytest.raises(SchemaError, match="makes several documents of one: give a batch"):
        sentences({"text": "하나다. 둘이다."})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"body": ["글이다"], "kind": "새"}, "a mapping is a document, .* the value of 'kind' is a str"),
        ({"body": ["글이다"], "kind": 3}, "the value of 'kind' is a int"),
        ({"body": {"a": 1}, "kind": ["새"]}, "the value of 'body' is a dict"),
        ({"body": b"abc", "kind": ["새"]}, "the value of 'body' is a bytes"),
        ({"body": ["글", "글"], "kind": ["새"]}, "the same number of values, got 'body' 2, 'kind' 1"),
        ({"body": [1, 2], "kind": ["새"] * 2}, "must hold strings, got int64"),
        ({"body": ["글", 2], "kind": ["새"] * 2}, "the columns of the batch are not such as Arrow has"),
        ({"body": np.zeros((2, 2)), "kind": ["새"] * 2}, "the columns of the batch are not such as Arrow has"),
        ({"text": "글이다"}, "no column 'body', it has: text; say which column is the text with input.text"),
        ({"body": "글이다"}, "the stage domain reads column 'kind'"),
    ],
)
def test_what_is_ambiguous_is_an_error(clean, given, said):
    with pytest.raises(SchemaError, match=said):
        clean(given)


@pytest.mark.parametrize(
    ("library", "instead"),
    [("pandas", r"pa.Table.from_pandas\(frame\)"), ("polars", r"frame.to_arrow\(\)"), ("ray", r"map_batches\(clean")],
)
def test_frames_of_others_are_refused_with_what_to_type(clean, library, instead):
    frame = type("DataFrame", (), {"__module__": f"{library}.core.frame"})()
    for function in (clean, clean.split):
        with pytest.raises(TypeError, match=rf"got {library}.core.frame.DataFrame; use .*{instead}"):
            function(frame)
    for other in (3, ["글"], None, b"abc"):
        with pytest.raises(TypeError, match="a pipeline takes a str, "):
            clean(other)
