"""Tags of any Arrow type: what they add to documents, to the books, and to what tells two runs apart."""

from typing import ClassVar

import numpy as np
import pyarrow as pa
import pytest

from korpus import registry
from korpus.chain import MAX_COUNTS, OTHERS, Chain
from korpus.corpus.corpus import Corpus
from korpus.errors import SchemaError
from korpus.recipe import load
from korpus.stage import Tag


class Share(Tag):
    """A float for each document."""

    name = "share"
    column: ClassVar[str] = "share"
    table: str | None = None

    def column_type(self):
        return pa.float32()

    def assets(self):
        return (self.table,) if self.table else ()

    def tag(self, batch):
        sizes = [len(text.as_py()) for text in batch.column("text")]
        return pa.array([None if n == 3 else n / 7 for n in sizes], pa.float32())


class Named(Tag):
    """A name for each document, nearly each another one."""

    name = "named"
    column: ClassVar[str] = "named"

    def tag(self, batch):
        return pa.array([f"n{i}" for i in batch.column("doc_id").to_pylist()])


class Wrong(Tag):
    """Numbers where it says that there are names."""

    name = "wrong"
    column: ClassVar[str] = "wrong"

    def tag(self, batch):
        return pa.array(np.arange(batch.num_rows))


STAGES = {"share": Share, "named": Named, "wrong": Wrong}


@pytest.fixture(autouse=True)
def known(monkeypatch):
    """Let recipes name the stages of this file, as an entry point would."""
    get = registry.get
    monkeypatch.setattr(registry, "get", lambda name: STAGES.get(name) or get(name))


def batch(n):
    return pa.RecordBatch.from_pydict(
        {"doc_id": pa.array(range(n), pa.int64()), "text": ["가" * (i % 9) for i in range(n)]}
    )


def test_a_number_is_counted_and_not_told_value_by_value():
    chain = Chain((Share(),))
    tagged, _ = chain(batch(399))
    assert tagged.schema.field("share").type == pa.float32()
    assert chain.books[0].counts == {"value": 355, "null": 44}


@pytest.mark.parametrize("rows", [1, 7, 5000])
def test_many_values_are_told_up_to_a_bound_whatever_the_batches(rows):
    chain, whole = Chain((Named(),)), batch(MAX_COUNTS + 300)
    for start in range(0, whole.num_rows, rows):
        chain(whole.slice(start, rows))
    counts = chain.books[0].counts
    assert len(counts) == MAX_COUNTS + 1
    assert counts[OTHERS] == 300
    assert f"n{MAX_COUNTS - 1}" in counts


def test_a_column_of_another_type_than_declared_is_refused():
    with pytest.raises(SchemaError, match="its column wrong is string, but made one of int64"):
        Chain((Wrong(),))(batch(3))


def run(tmp_path, out, table):
    import korpus

    source = tmp_path / "in.txt"
    source.write_text("".join(f"{'글' * (i % 9 + 1)} {i}\n" for i in range(50)), "utf-8")
    recipe = {
        "input": {"paths": [str(source)]},
        "stages": [{"share": {"table": str(table)}}],
        "output": {"path": str(out)},
    }
    korpus.run(recipe, workers=1, quiet=True)
    return Corpus.open(out)


def test_a_number_travels_to_the_shards_and_the_manifest(tmp_path):
    corpus = run(tmp_path, tmp_path / "out", tmp_path / "none")
    assert corpus.manifest["columns"]["share"] == "float"
    rows = pa.Table.from_batches(corpus.documents())
    assert rows.schema.field("share").type == pa.float32()
    assert corpus.manifest["stages"][0]["counts"]["value"] == rows["share"].drop_null().length()


def test_the_content_of_an_asset_tells_two_runs_apart(tmp_path):
    from korpus.plan import make

    table, source = tmp_path / "table.bin", tmp_path / "in.txt"
    source.write_text("글\n", "utf-8")
    keys = []
    for content in (b"a", b"b", b"a"):
        table.write_bytes(content)
        stages = [{"share": {"table": str(table)}}]
        keys.append(make(load({"input": {"paths": [str(source)]}, "stages": stages})).key)
    assert keys[0] != keys[1]
    assert keys[0] == keys[2]
