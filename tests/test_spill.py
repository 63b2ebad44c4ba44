import pickle

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from korpus.batch import ROW_BITS
from korpus.io import blocks, spill
from korpus.io.bits import DocBits


def rows_of(keys, first=0):
    keys = np.asarray(keys, np.uint64)
    return pa.RecordBatch.from_arrays(
        [pa.array(keys), pa.array(np.arange(first, first + len(keys)))], ["key", "doc_id"]
    )


def random_keys(n, seed=0):
    return np.random.default_rng(seed).integers(0, 1 << 64, n, np.uint64)


@pytest.mark.parametrize("n_partitions", [1, 2, 8, 256])
def test_rows_come_back_by_the_upper_bits_of_their_key_in_order(tmp_path, n_partitions):
    spill.write_spill(tmp_path / "a", rows_of(random_keys(1000)), n_partitions)
    spill.write_spill(tmp_path / "b", pa.Table.from_batches([rows_of(random_keys(500, 1), 1000)]), n_partitions)
    parts = spill.partitions((tmp_path / "a", tmp_path / "b"), n_partitions)
    tables = [part.read() for part in parts]
    assert [part.n_rows() for part in parts] == [len(table) for table in tables]
    assert sum(map(len, tables)) == 1500
    for index, table in enumerate(tables):
        assert all(key * n_partitions >> 64 == index for key in table["key"].to_pylist())
        assert table["doc_id"].to_pylist() == sorted(table["doc_id"].to_pylist())
        assert table.schema.metadata is None
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b"}


def test_a_file_of_several_flushes_is_the_same_as_one(tmp_path, monkeypatch):
    keys = random_keys(900)
    spill.write_spill(tmp_path / "one", rows_of(keys), 4)
    monkeypatch.setattr(blocks, "FLUSH_BYTES", 100)
    with spill.SpillWriter(tmp_path / "many", rows_of(keys).schema, 4) as writer:
        for begin in range(0, 900, 90):
            writer.write(rows_of(keys).slice(begin, 90))
    for index in range(4):
        one, many = (spill.Partition((tmp_path / name,), index, 4) for name in ("one", "many"))
        assert one.read() == many.read()
        assert one.n_rows() == many.n_rows()


def test_pieces_cut_a_partition_by_further_bits_of_the_key(tmp_path):
    spill.write_spill(tmp_path / "a", rows_of(random_keys(1000)), 4)
    part = spill.Partition((tmp_path / "a",), 2, 4)
    pieces = list(part.pieces(50))
    assert len(pieces) > 4
    joined = pa.concat_tables(pieces)
    assert sorted(joined["doc_id"].to_pylist()) == sorted(part.read()["doc_id"].to_pylist())
    highest = [max(piece["key"].to_pylist()) for piece in pieces]
    lowest = [min(piece["key"].to_pylist()) for piece in pieces]
    assert all(high < low for high, low in zip(highest, lowest[1:]))


@pytest.mark.parametrize("n", [1, 4, 32])
def test_files_of_another_cut_are_read_too(tmp_path, n):
    keys = random_keys(1000)
    spill.write_spill(tmp_path / "own", rows_of(keys[:300]), n)
    spill.write_spill(tmp_path / "whole", rows_of(keys[300:600], 300), 8)
    (tmp_path / "parts").mkdir()
    for part in spill.partitions((tmp_path / "whole",), 8):
        spill.write_partition(tmp_path / "parts", part.read().to_batches(), part.schema(), part.index, 8)
    spill.write_spill(tmp_path / "other", rows_of(keys[600:], 600), 16)
    parts = tuple(sorted((tmp_path / "parts").iterdir()))
    referenced = [(parts, -1000), ((tmp_path / "other",), -2000)]
    found = spill.partitions((tmp_path / "own",), n, referenced)
    tables = [part.read() for part in found]
    assert [part.n_rows() for part in found] == [len(table) for table in tables]
    rows = {
        (key, doc) for table in tables for key, doc in zip(*(table[name].to_pylist() for name in ("key", "doc_id")))
    }
    shifts = [0] * 300 + [-1000] * 300 + [-2000] * 400
    assert rows == {(int(key), i + shift) for i, (key, shift) in enumerate(zip(keys, shifts))}
    for index, table in enumerate(tables):
        assert all(key * n >> 64 == index for key in table["key"].to_pylist())


def test_chunks_are_the_rows_in_order(tmp_path):
    spill.write_spill(tmp_path / "a", rows_of(random_keys(1000)), 2)
    part = spill.Partition((tmp_path / "a",), 1, 2)
    for one in (part, *part.parts(100)):
        chunks = list(one.chunks(37))
        assert all(0 < len(chunk) <= 37 for chunk in chunks)
        assert pa.concat_tables(chunks) == one.read()


def test_nothing_spilled_is_nothing_read(tmp_path):
    spill.write_spill(tmp_path / "a", rows_of([]), 4)
    part = spill.Partition((tmp_path / "a",), 3, 4)
    assert (part.n_rows(), list(part.pieces(10)), part.read().num_rows) == (0, [], 0)
    assert part.read().schema.names == ["key", "doc_id"]
    assert list(spill.Partition((), 0, 1).pieces(10)) == []


def test_a_failed_write_leaves_no_file(tmp_path):
    def write():
        with spill.SpillWriter(tmp_path / "a", rows_of([]).schema, 4) as writer:
            writer.write(rows_of([1]))
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        write()
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_spilled_is_refused(tmp_path):
    with pytest.raises(ValueError, match="power of two"):
        spill.SpillWriter(tmp_path / "a", rows_of([]).schema, 3)
    with pytest.raises(ValueError, match="'key'"):
        spill.SpillWriter(tmp_path / "a", pa.schema([("doc_id", pa.int64())]), 4)


def test_number_of_partitions():
    assert [spill.n_partitions_for(n, 10) for n in (0, 1, 10, 11, 20, 21, 1000)] == [1, 1, 1, 2, 2, 4, 128]


SPLITS = np.array([0, 3, 1 << 20])
N_ROWS = np.array([13, 0, 9])


def all_ids():
    return np.concatenate([(key << ROW_BITS) + np.arange(n) for key, n in zip(SPLITS, N_ROWS)])


@given(st.lists(st.integers(0, 21)), st.lists(st.integers(0, 21)))
def test_bits_are_a_set_of_documents(first, second):
    bits, ids = DocBits(SPLITS, N_ROWS), all_ids()
    bits.set(ids[first])
    bits.set(ids[second])
    assert np.flatnonzero(bits.test(ids)).tolist() == sorted({*first, *second})


def test_places_count_rows_over_all_splits():
    bits, ids = DocBits(SPLITS, N_ROWS), all_ids()
    assert bits.n_places == 22
    assert bits.places(ids).tolist() == list(range(22))
    assert bits.doc_ids(np.arange(22)).tolist() == ids.tolist()


@pytest.mark.parametrize("wrong", [13, 3 << ROW_BITS, 1 << ROW_BITS, (1 << 20 << ROW_BITS) + 9, 1 << 60])
def test_a_document_outside_of_the_splits_is_an_error(wrong):
    with pytest.raises(IndexError, match="outside"):
        DocBits(SPLITS, N_ROWS).set(np.array([0, wrong]))


@pytest.mark.parametrize("mmap", [True, False])
def test_bits_survive_saving_and_pickling(tmp_path, mmap):
    bits, ids = DocBits(SPLITS, N_ROWS), all_ids()
    bits.set(ids[[1, 20]])
    assert np.flatnonzero(pickle.loads(pickle.dumps(bits)).test(ids)).tolist() == [1, 20]
    bits.save(tmp_path / "bits")
    assert tmp_path.name.encode() in pickle.dumps(bits)
    for other in (DocBits.load(tmp_path / "bits", mmap), pickle.loads(pickle.dumps(bits))):
        assert np.flatnonzero(other.test(ids)).tolist() == [1, 20]
        other.set(ids[[2]])
        assert np.flatnonzero(pickle.loads(pickle.dumps(other)).test(ids)).tolist() == [1, 2, 20]
    copied = bits.copy()
    copied.set(ids[[3]])
    assert np.flatnonzero(bits.test(ids)).tolist() == [1, 20]
    assert np.flatnonzero(DocBits.load(tmp_path / "bits").test(ids)).tolist() == [1, 20]


def test_no_documents_at_all(tmp_path):
    bits = DocBits(np.zeros(0, np.int64), np.zeros(0, np.int64))
    bits.set(np.zeros(0, np.int64))
    bits.save(tmp_path / "bits")
    assert DocBits.load(tmp_path / "bits").test(np.zeros(0, np.int64)).tolist() == []


def test_splits_must_grow():
    with pytest.raises(ValueError, match="increasing"):
        DocBits(np.array([1, 1]), np.array([1, 1]))
