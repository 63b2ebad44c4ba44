"""The texts of candidate pairs come to the slices that need them, each once."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from korpus.batch import ROW_BITS
from korpus.dedup import texts as module
from korpus.dedup.candidates import SCHEMA
from korpus.dedup.texts import Fetch, Request, SliceTexts
from korpus.dedup.verdicts import place_keys
from korpus.io.bits import DocBits
from korpus.io.spill import SpillWriter, partitions

N = 60
DOCUMENTS = DocBits(np.array([0, 3, 7]), np.array([10, 30, 20]))


class Source:
    def __init__(self, texts):
        self.texts = dict(zip(DOCUMENTS.doc_ids(np.arange(N)).tolist(), texts))

    def take(self, doc_ids):
        assert (np.diff(doc_ids) > 0).all()
        assert len({int(doc_id) >> ROW_BITS for doc_id in doc_ids}) <= 3
        return pa.array([self.texts[doc_id] for doc_id in doc_ids.tolist()], pa.string())


@settings(max_examples=80, deadline=None)
@given(
    pairs=st.lists(st.tuples(st.integers(0, N - 1), st.integers(0, N - 1)), max_size=80),
    n_slices=st.sampled_from([1, 4, 16]),
    max_rows=st.sampled_from([2, 1000]),
    fetch_bytes=st.sampled_from([1, 40, 1 << 20]),
    texts=st.lists(st.text("가나ㅋ😀 a", max_size=12), min_size=N, max_size=N),
)
def test_each_slice_gets_the_texts_of_its_pairs(tmp_path_factory, pairs, n_slices, max_rows, fetch_bytes, texts):
    folder = tmp_path_factory.mktemp("texts")
    texts[7] *= 50
    later, earlier = (np.array([pair[i] for pair in pairs], np.int64) for i in (0, 1))
    with SpillWriter(folder / "pairs.arrow", SCHEMA, n_slices) as out:
        columns = [place_keys(later, N), later, earlier, np.zeros(len(later), np.uint64)]
        out.write(pa.RecordBatch.from_arrays([pa.array(column) for column in columns], schema=SCHEMA))
    slices = partitions((folder / "pairs.arrow",), n_slices)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FETCH_BYTES", fetch_bytes)
        patch.setattr(module, "_FIRST_TAKE", 3)
        wanted = [Request(folder, N, n_slices, max_rows)(slice_) for slice_ in slices]
        fetch = Fetch(folder, DOCUMENTS, Source(texts), n_slices, max_rows)
        found = [fetch(requests) for requests in partitions(tuple(wanted), n_slices)]
    for slice_, own in zip(slices, partitions(tuple(found), n_slices)):
        table = slice_.read()
        places = np.unique(np.concatenate([table["later"].to_numpy(), table["earlier"].to_numpy()]))
        assert own.n_rows() == len(places)
        assert SliceTexts(own).take(places).to_pylist() == [texts[place] for place in places.tolist()]
        assert SliceTexts(own).take(places[::2]).to_pylist() == [texts[place] for place in places[::2].tolist()]
