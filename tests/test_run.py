"""What always holds of a run: nothing is lost, duplicates are true, the output is a function of recipe and input."""

import gzip
import json
import os
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

import korpus
from korpus.api import plan
from korpus.dedup.forms import forms
from tests.corpus import RECIPE, documents, kept, ledger, run, tree, write_jsonl
from tests.killer import count, killed_after

N_DOCS = 400


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_jsonl(tmp_path_factory.mktemp("input") / "raw.jsonl", documents(N_DOCS))


@pytest.fixture(scope="module")
def finished(source, tmp_path_factory):
    out = tmp_path_factory.mktemp("output") / "out"
    run(RECIPE, source, out)
    return out


# 1. Conservation.


def test_every_document_is_kept_or_in_the_ledger_with_a_reason(finished, source):
    rejected = ledger(finished)
    ids = kept(finished)["doc_id"].to_pylist() + [row["doc_id"] for row in rejected]
    assert len(ids) == len(set(ids)) == N_DOCS
    assert all(row["reason"] and row["stage"] and row["path"] == str(source) for row in rejected)
    stages = {row["stage"] for row in rejected}
    assert stages >= {"read", "whitespace", "length", "exact_dedup", "minhash_dedup"}
    lines = source.read_text("utf-8").splitlines()
    clean = korpus.load({**RECIPE, "stages": RECIPE["stages"][:7]})
    for row in rejected:
        if row["stage"] == "minhash_dedup":
            original = json.loads(lines[row["row"] - 1])
            assert clean({"text": [original["text"]], "topic": [""]})["text"] == [row["text"]]


def test_the_books_add_up(finished):
    manifest = json.loads((finished / "manifest.json").read_text("utf-8"))
    n = manifest["read"]["n_out"]
    for stage in manifest["stages"]:
        assert stage["n_in"] == n
        n = stage["n_out"]
        if stage["kind"] in ("filter", "dedup"):
            assert sum(stage["counts"].values()) == stage["n_in"] - stage["n_out"]
    assert n == manifest["kept"]["n_docs"] == kept(finished).num_rows
    assert manifest["rejects"]["n_docs"] == len(ledger(finished))
    assert not korpus.show(finished).breaks


def test_the_users_columns_travel_along_untouched(finished):
    rows = {row["id"]: row for row in documents(N_DOCS)}
    for row in kept(finished).to_pylist():
        assert row["n"] == rows[row["id"]]["n"]
        assert row["topic"] == rows[row["id"]]["topic"]
        assert row["domain"] == {"가": "ga", "나": "na"}.get(row["topic"], "other")


# 2. Duplicates.


@cache
def shingles(text: str) -> frozenset[tuple]:
    chars = forms(pa.array([text]), "normalized").chars.tolist()
    return frozenset(tuple(chars[i : i + 5]) for i in range(max(1, len(chars) - 4)))


def jaccard(a: str, b: str) -> float:
    x, y = shingles(a), shingles(b)
    return len(x & y) / len(x | y)


def test_every_removed_duplicate_names_a_kept_document_it_equals_or_resembles(finished):
    texts = dict(zip(*(kept(finished)[name].to_pylist() for name in ("doc_id", "text"))))
    later = {row["doc_id"]: row["text"] for row in ledger(finished) if row["reason"] == "too_long"}
    duplicates = [row for row in ledger(finished) if row["reason"] == "duplicate"]
    assert {row["stage"] for row in duplicates} == {"exact_dedup", "minhash_dedup"}
    for row in duplicates:
        named = (texts | later)[row["duplicate_of"]]
        assert row["text"] == named or jaccard(row["text"], named) >= 0.8
        assert row["similarity"] == pytest.approx(1 if row["text"] == named else jaccard(row["text"], named), abs=1e-6)


def test_no_two_kept_documents_are_equal(finished):
    texts = kept(finished)["text"].to_pylist()
    assert len(set(texts)) == len(texts)


# 3. The output is a function of recipe, input and version.


@pytest.mark.parametrize("workers", [2, 3])
def test_the_output_is_the_same_for_any_number_of_workers(finished, source, tmp_path, workers):
    run(RECIPE, source, tmp_path / "out", workers=workers)
    assert tree(tmp_path / "out") == tree(finished)


@pytest.mark.parametrize("batch_rows", [1, 7, 100])
def test_the_output_is_the_same_for_any_batch_size(finished, source, tmp_path, batch_rows):
    run(RECIPE, source, tmp_path / "out", overrides=[f"engine.batch_rows={batch_rows}"])
    assert tree(tmp_path / "out") == tree(finished)


def test_documents_are_the_same_however_the_input_is_packed(finished, source, tmp_path):
    packed = tmp_path / "raw.jsonl.gz"
    packed.write_bytes(gzip.compress(source.read_bytes()))
    run(RECIPE, packed, tmp_path / "out", workers=2)
    columns = ["text", "id", "topic", "n", "domain"]
    assert kept(tmp_path / "out").select(columns).equals(kept(finished).select(columns))


@pytest.mark.parametrize("workers", [1, 2])
def test_vocabularies_are_the_same_every_time(finished, source, tmp_path, workers):
    recipe = {**RECIPE, "vocab": {"size": 1000}}
    run(recipe, source, tmp_path / "first", workers, overrides=["engine.batch_rows=13"])
    run(recipe, source, tmp_path / "second")
    first = tree(tmp_path / "first")
    assert first == tree(tmp_path / "second")
    assert {f"vocab/{name}/vocab.txt" for name in ("all", "ga", "na", "other")} <= first.keys()


# 4. Killed and resumed.


def assert_whole(out: Path) -> None:
    """Every file under a final name can be read."""
    for path in out.rglob("*.parquet"):
        assert pq.read_table(path).num_rows
    for path in out.glob("*.json"):
        json.loads(path.read_text("utf-8"))


@pytest.fixture(scope="module")
def n_renames(source, tmp_path_factory):
    return count(run, RECIPE, source, tmp_path_factory.mktemp("counted") / "out")


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0])
def test_a_killed_run_goes_on_to_the_same_bytes(finished, source, tmp_path, n_renames, share):
    out = tmp_path / "out"
    assert killed_after(int(share * (n_renames - 1)), run, RECIPE, source, out).code == -signal.SIGKILL
    assert_whole(out)
    assert not (out / "manifest.json").exists()
    run(RECIPE, source, out, workers=2)
    assert tree(out) == tree(finished)


def test_a_run_killed_again_and_again_gets_there(finished, source, tmp_path, n_renames):
    out = tmp_path / "out"
    for _ in range(40):
        done = killed_after(n_renames // 12, run, RECIPE, source, out)
        if done.code == 0:
            break
        assert_whole(out)
    assert done.code == 0, done.error
    assert tree(out) == tree(finished)


def test_a_killed_worker_is_explained_and_the_run_goes_on(finished, source, tmp_path):
    out = tmp_path / "out"
    script = (
        "import pathlib, sys\nfrom tests.corpus import RECIPE, run\nimport korpus.engine.intake as base\n"
        "import tests.killer\n"
        "base.scan_split = tests.killer.die\n"
        f"run(RECIPE, pathlib.Path({str(source)!r}), pathlib.Path({str(out)!r}), workers=2)\n"
    )
    path = tmp_path / "script.py"
    path.write_text(script)
    root = Path(korpus.__file__).parent.parent
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent.parent), str(root)])}
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, env=env)
    assert "a worker process died" in done.stderr
    run(RECIPE, source, out)
    assert tree(out) == tree(finished)


def test_a_finished_run_returns_at_once_and_a_fresh_one_starts_anew(finished, source):
    before = {path: path.stat().st_mtime_ns for path in finished.rglob("*.parquet")}
    again = run(RECIPE, source, finished)
    assert again.manifest == json.loads((finished / "manifest.json").read_text("utf-8"))
    assert {path: path.stat().st_mtime_ns for path in finished.rglob("*.parquet")} == before
    digests = tree(finished)
    run(RECIPE, source, finished, fresh=True)
    assert {path: path.stat().st_mtime_ns for path in finished.rglob("*.parquet")} != before
    assert tree(finished) == digests


def test_a_fresh_run_killed_while_it_removes_the_old_one_goes_on_with_that(finished, source, tmp_path, monkeypatch):
    out = tmp_path / "out"
    run({**RECIPE, "name": "old"}, source, out)

    def killed(path, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("shutil.rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        run(RECIPE, source, out, fresh=True)
    monkeypatch.undo()
    assert not (out / "manifest.json").exists()
    run(RECIPE, source, out)
    assert tree(out) == tree(finished)


def test_another_recipe_or_input_is_refused(finished, source, tmp_path):
    with pytest.raises(korpus.ResumeError, match=r"stages\.length.* --fresh"):
        run(RECIPE, source, finished, overrides=["stages.length[1].min_chars=7"])
    other = write_jsonl(tmp_path / "raw.jsonl", documents(10))
    with pytest.raises(korpus.ResumeError, match="another run"):
        run(RECIPE, other, finished)
    foreign = tmp_path / "foreign"
    (foreign / "data").mkdir(parents=True)
    (foreign / "data" / "precious.txt").write_text("mine")
    for fresh in (False, True):
        with pytest.raises(korpus.ResumeError, match="no run of korpus"):
            run(RECIPE, source, foreign, fresh=fresh)
    assert (foreign / "data" / "precious.txt").read_text() == "mine"


def test_an_output_folder_inside_the_input_folder_is_not_read(tmp_path):
    write_jsonl(tmp_path / "raw.jsonl", documents(20))
    first = run(RECIPE, tmp_path, tmp_path / "out")
    assert run(RECIPE, tmp_path, tmp_path / "out").manifest == first.manifest
    assert run(RECIPE, tmp_path, tmp_path / "out", fresh=True).manifest == first.manifest


def test_two_runs_do_not_write_to_one_folder(source, tmp_path):
    from korpus.corpus.layout import Layout
    from korpus.engine.resume import prepare
    from korpus.io.lock import locked

    layout = Layout(tmp_path / "out")
    prepare(layout, plan(RECIPE, [source]), fresh=False)
    with locked(layout.work, layout.out):
        for fresh in (False, True):
            with pytest.raises(korpus.ResumeError, match="another korpus"):
                run(RECIPE, source, layout.out, fresh=fresh)


# Output as others read it.


def test_the_output_is_read_as_it_is(finished):
    import duckdb

    table = ds.dataset(finished / "data", partitioning="hive").to_table()
    assert set(table["domain"].to_pylist()) == {"ga", "na", "other"}
    query = f"select count(*) from read_parquet('{finished}/data/**/*.parquet', hive_partitioning=true)"
    assert duckdb.connect().execute(query).fetchall() == [(table.num_rows,)]
    assert not list(finished.rglob(".tmp-*"))
    assert not (finished / ".korpus").exists()


def test_shards_are_cut_by_size_and_counted(finished):
    manifest = json.loads((finished / "manifest.json").read_text("utf-8"))
    assert len(manifest["shards"]) > len(manifest["domains"]) == 3
    for shard in manifest["shards"]:
        assert pq.read_metadata(finished / shard["path"]).num_rows == shard["rows"]
        assert (finished / shard["path"]).stat().st_size == shard["bytes"]


def test_counts_are_those_of_the_kept_texts(finished):
    from korpus.vocab.counts import count_words

    counted = pa.concat_tables([pq.read_table(path) for path in sorted((finished / "counts").glob("*.parquet"))])
    rows = {(row["domain"], row["word"]): row["count"] for row in counted.to_pylist()}
    assert len(rows) == counted.num_rows
    table = kept(finished)
    for domain in ("ga", "na", "other"):
        texts = table.filter(pa.compute.equal(table["domain"].cast(pa.string()), domain))["text"].combine_chunks()
        for row in count_words(texts).to_pylist():
            assert rows.pop((domain, row["word"])) == row["count"]
    assert not rows


def test_without_domains_there_are_no_folders(source, tmp_path):
    recipe = {**RECIPE, "stages": ["whitespace"], "output": {"rejects": "ids"}}
    run(recipe, source, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out" / "data").iterdir()] == ["part-00000.parquet"]
    assert {row["text"] for row in ledger(tmp_path / "out")} == {None}
