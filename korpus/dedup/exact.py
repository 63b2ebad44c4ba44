"""Documents of equal 128-bit key: the best stays, the others go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pyarrow as pa

from korpus.batch import DOC_ID
from korpus.dedup.columns import joined, take
from korpus.dedup.forms import read_only
from korpus.dedup.order import orders
from korpus.dedup.verdicts import SCHEMA, place_keys, verdict_rows
from korpus.io.spill import KEY, Partition, SpillWriter
from korpus.kernels.buckets import maybe_repeated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from korpus.io.bits import DocBits

HASHED = pa.schema([(KEY, pa.uint64()), ("h1", pa.uint64()), (DOC_ID, pa.int64())])
"""A document, and the 128-bit hash of what is compared of it."""

BYTES_PER_ROW = 200
"""What a row (key, h1, doc_id, order) costs while it is sorted, the copies included; measured, rounded up."""


def repeated(keys: np.ndarray) -> np.ndarray:
    """Return the indices, in order, of all values that occur more than once, and of few others.

    Most keys occur once: finding the others first, in linear time, leaves little for the exact sort that follows.
    """
    n_bytes = 1 << max(0, len(keys) - 1).bit_length()
    rows = np.empty(len(keys) + 1, np.int64)
    once, twice = np.zeros((2, n_bytes), np.uint8)
    return rows[: maybe_repeated(read_only(keys), once, twice, rows)]


class Keyed(NamedTuple):
    """Documents and their keys; all of one length.

    Attributes
    ----------
    h0, h1 : uint64
        The two halves of each key.
    order : uint64
        The smaller, the better; on a tie, the smaller document id is the better one.
    doc_ids : int64
    """

    h0: np.ndarray
    h1: np.ndarray
    order: np.ndarray
    doc_ids: np.ndarray


def _in_groups(rows: Keyed) -> tuple[Keyed, np.ndarray]:
    """Return the rows sorted by key, the best of each first, and which have the key of the row before."""
    rows = take(rows, np.lexsort((rows.doc_ids, rows.order, rows.h1, rows.h0)))
    same = np.zeros(len(rows.h0), bool)
    same[1:] = (rows.h0[1:] == rows.h0[:-1]) & (rows.h1[1:] == rows.h1[:-1])
    return rows, same


def equal_rows(rows: Keyed) -> tuple[np.ndarray, np.ndarray]:
    """Find documents of equal key.

    Parameters
    ----------
    rows : Keyed
        In any order.

    Returns
    -------
    followers, best : int64 arrays, shape (n_equal,)
        All documents of a key but the best, and that one.
    """
    rows, same = _in_groups(take(rows, repeated(rows.h0)))
    # Index of the first row of each row's run.
    first = np.maximum.accumulate(np.where(same, 0, np.arange(len(same))))
    return rows.doc_ids[same], rows.doc_ids[first[same]]


@dataclass(frozen=True)
class FindEqual:
    """Find the equal documents of one partition of keys (``key, h1, doc_id``, perhaps ``order``); picklable.

    Parameters
    ----------
    folder : Path
        Where the answer is written.
    dropped : DocBits
        Documents to leave out, since they are removed already.
    by : {"follower", "best"}
        By the place of which of the two documents the answer is spilled.
    n_slices : int
        Partitions of the answer.
    max_rows : int
        How many rows may be in memory at once.
    """

    folder: Path
    dropped: DocBits
    by: Literal["follower", "best"]
    n_slices: int
    max_rows: int

    def __call__(self, partition: Partition) -> Path:
        """Return the path of a spill file of `korpus.dedup.verdicts.SCHEMA`, every similarity being 1."""
        path = self.folder / f"equal-{partition.index}.arrow"
        with SpillWriter(path, SCHEMA, self.n_slices) as out:
            for part in partition.parts(self.max_rows):
                for followers, best in self._equal(part):
                    places = self.dropped.places(followers if self.by == "follower" else best)
                    keys = place_keys(places, self.dropped.n_places)
                    out.write(verdict_rows(keys, followers, best, np.ones(len(followers))))
        return path

    def _rows(self, table: pa.Table) -> Keyed:
        h0, h1, doc_ids = (table.column(name).to_numpy() for name in (KEY, "h1", DOC_ID))
        stays = np.flatnonzero(~self.dropped.test(doc_ids))
        return take(Keyed(h0, h1, orders(table), doc_ids), stays)

    def _equal(self, part: Partition) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        chunks = part.chunks(self.max_rows)
        first = next(chunks, None)
        more = next(chunks, None)
        if first is None:
            return
        if more is None:
            yield equal_rows(self._rows(first))
            return
        del first, more
        # A key has more rows than fit into memory: find the best row of each key, then each row's best.
        best: Keyed | None = None
        for table in part.chunks(self.max_rows):
            rows, same = _in_groups(self._rows(table) if best is None else joined(best, self._rows(table)))
            best = take(rows, np.flatnonzero(~same))
        assert best is not None, "there were two chunks at least"
        for table in part.chunks(self.max_rows):
            followers, of = equal_rows(joined(best, self._rows(table)))
            other = followers != of
            yield followers[other], of[other]
