"""Verdicts on disk: gathered in any order, handed back sorted by document.

What concerns a document is spilled by its *place* among all documents, so that partition p of a spill holds a slice of
the input and the slices follow each other. Nothing here holds more than a piece of a slice in memory.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from korpus.batch import DOC_ID
from korpus.dedup import VERDICT
from korpus.io.place import working
from korpus.io.spill import KEY

if TYPE_CHECKING:
    from korpus.io.spill import Partition
    from korpus.stage import Resolution

SCHEMA = pa.schema(
    [(KEY, pa.uint64()), (DOC_ID, pa.int64()), ("duplicate_of", pa.int64()), ("similarity", pa.float64())]
)
"""A removed document; the key is `place_keys` of its place, or of another document's that decides on it."""


def share_bytes(resolution: Resolution) -> int:
    """Return how much memory one task may take when every worker has one."""
    # Half of it is left for what Python, Arrow and the buffers of open spill files take.
    return resolution.memory_bytes // (2 * resolution.workers)


def place_keys(places: np.ndarray, n_places: int) -> np.ndarray:
    """Return spill keys (uint64) that grow with the place and spread over all of 64 bits."""
    return places.astype(np.uint64) * np.uint64((1 << 64) // max(1, n_places) - 1)


def verdict_rows(keys: np.ndarray, doc_ids: np.ndarray, kept: np.ndarray, similarity: np.ndarray) -> pa.RecordBatch:
    """Return a batch of `SCHEMA`."""
    return pa.RecordBatch.from_arrays([pa.array(column) for column in (keys, doc_ids, kept, similarity)], schema=SCHEMA)


def collect(slices: list[Partition], max_rows: int, out: Path, dtype: np.dtype = VERDICT) -> np.ndarray:
    """Sort spilled verdicts, or whatever else there is a row of for a document, by document into one file.

    Parameters
    ----------
    slices : list of Partition
        Of the columns of `dtype`, keyed by the document's place.
    max_rows : int
        How many rows may be in memory at once.
    out : Path
        The ``.npy`` file to write.
    dtype : structured dtype
        Of the answer.

    Returns
    -------
    structured array of `dtype`
        Memory-mapped.
    """
    n = sum(slice_.n_rows() for slice_ in slices)
    if not n:
        return np.zeros(0, dtype)
    out = working(out)
    verdicts = np.lib.format.open_memmap(out, "w+", dtype, (n,))
    at = 0
    for slice_ in slices:
        for table in slice_.pieces(max_rows):
            order = np.argsort(table.column(DOC_ID).to_numpy())
            for name in dtype.names or ():
                verdicts[name][at : at + len(order)] = table.column(name).to_numpy()[order]
            at += len(order)
    verdicts.flush()
    del verdicts
    return np.load(out, mmap_mode="r")
