"""A finished corpus as an object."""

import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import korpus
from tests.corpus import RECIPE, documents, run, write_jsonl


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    recipe = {**RECIPE, "output": {**RECIPE["output"], "counts": True}, "vocab": {"size": 300}}
    run(recipe, write_jsonl(folder / "raw.jsonl", documents(200)), folder / "out")
    return folder / "out"


@pytest.fixture
def out(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "out")


def test_it_gives_what_its_folder_holds(out):
    corpus = korpus.open(out)
    assert repr(corpus) == f"<Corpus {str(out)!r}: {corpus.manifest['kept']['n_docs']:,} documents>"
    rows = pa.Table.from_batches(corpus.documents())
    assert rows.num_rows == corpus.manifest["kept"]["n_docs"]
    assert set(rows["domain"].to_pylist()) == set(corpus.domains) == {"ga", "na", "other"}
    some = pa.Table.from_batches(corpus.documents(["na"]))
    assert some.num_rows == corpus.manifest["domains"]["na"]["n_docs"]
    rejected = pa.Table.from_batches(corpus.ledger())
    assert rejected.num_rows + rows.num_rows == corpus.manifest["read"]["n_in"]
    assert sum(pq.read_metadata(path).num_rows for path in corpus.counts()) > 0
    assert list(corpus.vocabularies()) == ["all", "ga", "na", "other"]
    assert corpus.log["workers"] == 1


def test_a_domain_that_is_not_there_is_told(out):
    with pytest.raises(korpus.DataError, match="there is no domain 'nna'.*did you mean 'na'"):
        list(korpus.open(out).documents(["nna"]))


def test_what_is_no_finished_run_is_told(out, tmp_path):
    with pytest.raises(korpus.DataError, match="holds no run of korpus: there is no manifest.json"):
        korpus.open(tmp_path)
    (out / "manifest.json").unlink()
    (out / ".korpus").mkdir(exist_ok=True)
    (out / ".korpus" / "run.json").write_text("{}")
    with pytest.raises(korpus.DataError, match="holds an unfinished run"):
        korpus.open(out)


@pytest.mark.parametrize("format", [4, 0, "3", None])
def test_a_folder_of_another_format_is_refused(out, format):
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    del manifest["checksum"]
    (out / "manifest.json").write_text(json.dumps({**manifest, "korpus": "9.1", "format": format}), "utf-8")
    with pytest.raises(korpus.DataError, match=r"has the format .*install the korpus that made it \(9\.1\)"):
        korpus.open(out)


def test_a_file_that_was_cut_or_added_is_noticed(out):
    corpus = korpus.open(out)
    (out / "counts" / "part-99999.parquet").write_bytes(b"")
    with pytest.raises(korpus.DataError, match=r"part-99999.parquet belongs to no finished run"):
        corpus.counts()
    shard = out / corpus.manifest["shards"][0]["path"]
    shard.write_bytes(shard.read_bytes()[:-1])
    with pytest.raises(korpus.DataError, match="is not as korpus wrote it"):
        list(corpus.documents())
