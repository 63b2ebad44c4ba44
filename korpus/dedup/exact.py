"""Documents of equal 128-bit key: the first stays, the others go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from korpus.batch import DOC_ID
from korpus.dedup.verdicts import SCHEMA, place_keys, verdict_rows
from korpus.io.spill import KEY, Partition, SpillWriter

if TYPE_CHECKING:
    from korpus.io.bits import DocBits

BYTES_PER_ROW = 160
"""What a row (key, h1, doc_id) costs while it is sorted, the copies included; measured, rounded up."""


def repeated(keys: np.ndarray) -> np.ndarray:
    """Return the indices of all values that occur more than once, in no particular order.

    Most keys occur once; finding the others by one sort first leaves little for the exact sort that follows.
    """
    order = np.argsort(keys)
    ordered = keys[order]
    same = ordered[1:] == ordered[:-1]
    some = np.zeros(len(keys), bool)
    some[1:] |= same
    some[:-1] |= same
    return order[some]


def equal_rows(h0: np.ndarray, h1: np.ndarray, doc_ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find documents of equal key.

    Parameters
    ----------
    h0, h1 : uint64, shape (n,)
        The two halves of each key.
    doc_ids : int64, shape (n,)
        The documents, in any order.

    Returns
    -------
    followers, first : int64 arrays, shape (n_equal,)
        All documents of a key but the first, and that first one.
    """
    some = repeated(h0)
    some = some[np.lexsort((doc_ids[some], h1[some], h0[some]))]
    h0, h1, doc_ids = h0[some], h1[some], doc_ids[some]
    same = np.concatenate([[False], (h0[1:] == h0[:-1]) & (h1[1:] == h1[:-1])])[: len(some)]
    # Index of the first row of each row's run.
    first = np.maximum.accumulate(np.where(same, 0, np.arange(len(some))))
    return doc_ids[same], doc_ids[first[same]]


@dataclass(frozen=True)
class FindEqual:
    """Find the equal documents of one partition of keys (``key, h1, doc_id``); picklable.

    Parameters
    ----------
    folder : Path
        Where the answer is written.
    dropped : DocBits
        Documents to leave out, since they are removed already.
    by : {"follower", "first"}
        By the place of which of the two documents the answer is spilled.
    n_slices : int
        Partitions of the answer.
    max_rows : int
        How many rows may be in memory at once.
    """

    folder: Path
    dropped: DocBits
    by: Literal["follower", "first"]
    n_slices: int
    max_rows: int

    def __call__(self, partition: Partition) -> Path:
        """Return the path of a spill file of `korpus.dedup.verdicts.SCHEMA`, every similarity being 1."""
        path = self.folder / f"equal-{partition.index}.arrow"
        with SpillWriter(path, SCHEMA, self.n_slices) as out:
            for table in partition.pieces(self.max_rows):
                h0, h1, doc_ids = (table.column(name).to_numpy() for name in (KEY, "h1", DOC_ID))
                stays = np.flatnonzero(~self.dropped.test(doc_ids))
                followers, first = equal_rows(h0[stays], h1[stays], doc_ids[stays])
                places = self.dropped.places(followers if self.by == "follower" else first)
                keys = place_keys(places, self.dropped.n_places)
                out.write(verdict_rows(keys, followers, first, np.ones(len(followers))))
        return path
