"""Candidate pairs from band keys: documents that share a bucket, in number linear in the bucket's size."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from korpus.batch import DOC_ID
from korpus.dedup.exact import repeated
from korpus.dedup.verdicts import place_keys
from korpus.io.spill import KEY, Partition, SpillWriter

if TYPE_CHECKING:
    from korpus.io.bits import DocBits

N_FIRST = 4
"""Each document of a bucket is compared with this many first ones of it, and with the one before it. Buckets of up to
`N_FIRST` + 1 give all their pairs; a larger one is nearly always a crowd around its first documents."""

BYTES_PER_ROW = 96 + 48 * (N_FIRST + 1)
"""What a row (key, doc_id) costs while its pairs are made, when every row gives all of its pairs."""

SCHEMA = pa.schema([(KEY, pa.uint64()), ("later", pa.int64()), ("earlier", pa.int64())])
"""Places of the documents of a pair; the key is `place_keys` of the later one."""


def bucket_pairs(keys: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the candidate pairs of all buckets.

    Parameters
    ----------
    keys : uint64, shape (n,)
        Band keys; rows of equal keys are a bucket.
    places : int64, shape (n,)
        Places of the documents, in any order.

    Returns
    -------
    later, earlier : int64 arrays, shape (n_pairs,)
        ``earlier < later``; sorted by both, each pair once.
    """
    some = repeated(keys)
    some = some[np.lexsort((places[some], keys[some]))]
    keys, places = keys[some], places[some]
    index = np.arange(len(some))
    begins = np.concatenate([[True], keys[1:] != keys[:-1]])[: len(some)]
    start = np.maximum.accumulate(np.where(begins, index, 0))
    later, earlier = [], []
    for n in range(N_FIRST):
        rows = index[index - start > n]
        later.append(places[rows])
        earlier.append(places[start[rows] + n])
    rows = index[index - start > N_FIRST]
    later.append(places[rows])
    earlier.append(places[rows - 1])
    return unique_pairs(np.concatenate(later), np.concatenate(earlier))


def unique_pairs(later: np.ndarray, earlier: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of places sorted by (later, earlier), each once, and none of a document with itself."""
    order = np.lexsort((earlier, later))
    later, earlier = later[order], earlier[order]
    new = np.concatenate([[True], (later[1:] != later[:-1]) | (earlier[1:] != earlier[:-1])])[: len(order)]
    new &= earlier < later
    return later[new], earlier[new]


@dataclass(frozen=True)
class FindCandidates:
    """Find the candidate pairs of one partition of bands (``key, doc_id``); picklable.

    Parameters
    ----------
    folder : Path
        Where the answer is written.
    dropped : DocBits
        Documents to leave out: removed already, or equal to another one in their form.
    n_slices : int
        Partitions of the answer.
    max_rows : int
        How many rows may be in memory at once.
    """

    folder: Path
    dropped: DocBits
    n_slices: int
    max_rows: int

    def __call__(self, partition: Partition) -> Path:
        """Return the path of a spill file of `SCHEMA`."""
        path = self.folder / f"pairs-{partition.index}.arrow"
        with SpillWriter(path, SCHEMA, self.n_slices) as out:
            for table in partition.pieces(self.max_rows):
                keys, doc_ids = table.column(KEY).to_numpy(), table.column(DOC_ID).to_numpy()
                stays = np.flatnonzero(~self.dropped.test(doc_ids))
                later, earlier = bucket_pairs(keys[stays], self.dropped.places(doc_ids[stays]))
                spill_keys = place_keys(later, self.dropped.n_places)
                columns = [pa.array(column) for column in (spill_keys, later, earlier)]
                out.write(pa.RecordBatch.from_arrays(columns, schema=SCHEMA))
        return path
