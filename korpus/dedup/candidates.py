"""Candidate pairs from band keys: documents that share a bucket, in number linear in the bucket's size."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from korpus.batch import DOC_ID
from korpus.dedup.columns import joined, take
from korpus.dedup.exact import repeated
from korpus.dedup.forms import read_only
from korpus.dedup.order import ORDER, orders
from korpus.dedup.verdicts import place_keys
from korpus.io.spill import KEY, Partition, SpillWriter
from korpus.kernels import buckets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from korpus.io.bits import DocBits

N_FIRST = 4
"""Each document of a bucket is compared with this many best ones of it, as many references, and the document before
it. Buckets of up to `N_FIRST` documents give all their pairs; a larger one is nearly always a crowd around its best."""

BYTES_PER_ROW = 96 + 48 * (N_FIRST + 1)
"""What a row (key, doc_id, order) costs while its pairs are made, when every row gives all of its pairs."""

BANDS = pa.schema([(KEY, pa.uint64()), (DOC_ID, pa.int64())])
"""A band of a document's signature: documents of an equal one are candidates."""

SCHEMA = pa.schema([(KEY, pa.uint64()), ("later", pa.int64()), ("earlier", pa.int64()), (ORDER, pa.uint64())])
"""Places of the worse and the better document of a pair; the order of the worse one, whose `place_keys` is the key."""


class Rows(NamedTuple):
    """Rows of buckets; all of one length.

    Attributes
    ----------
    keys : uint64
        Rows of equal keys are a bucket.
    places : int64
        Places of the documents.
    order : uint64
        The smaller, the better; on a tie, the smaller place is the better one.
    """

    keys: np.ndarray
    places: np.ndarray
    order: np.ndarray


def bucket_pairs(rows: Rows, n_reference: int, own: np.ndarray | None = None) -> tuple[np.ndarray, ...]:
    """Return the candidate pairs of all buckets.

    Parameters
    ----------
    rows : Rows
        In any order.
    n_reference : int
        Documents of smaller places are references, which are not paired with each other.
    own : bool array, shape (n,), optional
        Which rows' pairs are wanted; the others are only there to be paired with, and may stand there twice.

    Returns
    -------
    later, earlier : int64 arrays, shape (n_pairs,)
        Places of the worse and the better document.
    order : uint64 array, shape (n_pairs,)
        Of the worse one.
    """
    some = repeated(rows.keys)
    wanted = np.ones(len(some), np.uint8) if own is None else own[some].astype(np.uint8)
    some_rows = take(rows, some)
    order = np.lexsort((1 - wanted, some_rows.places, some_rows.keys))
    rows, wanted = take(some_rows, order), wanted[order]
    if own is not None:
        again = (rows.keys[1:] == rows.keys[:-1]) & (rows.places[1:] == rows.places[:-1])
        once = np.flatnonzero(~np.concatenate([[False], again])[: len(wanted)])
        rows, wanted = take(rows, once), wanted[once]
    arrays = [*map(read_only, (*rows, wanted)), n_reference, N_FIRST]
    none = np.empty(0, np.int64)
    later, earlier = np.empty((2, buckets.bucket_pairs(*arrays, none, none)), np.int64)
    if len(later):
        buckets.bucket_pairs(*arrays, later, earlier)
    return rows.places[later], rows.places[earlier], rows.order[later]


def unique_pairs(later: np.ndarray, earlier: np.ndarray) -> np.ndarray:
    """Return the rows of pairs of places, sorted by (later, earlier), each pair once."""
    order = np.lexsort((earlier, later))
    later, earlier = later[order], earlier[order]
    new = np.ones(len(order), bool)
    new[1:] = (later[1:] != later[:-1]) | (earlier[1:] != earlier[:-1])
    return order[new]


def _best(rows: Rows, n_reference: int) -> Rows:
    """Return the `N_FIRST` best references and documents of each bucket."""
    document = rows.places >= n_reference
    rows = take(rows, np.lexsort((rows.places, rows.order, document, rows.keys)))
    index, document = np.arange(len(rows.keys)), rows.places >= n_reference
    begins = np.ones(len(index), bool)
    begins[1:] = (rows.keys[1:] != rows.keys[:-1]) | (document[1:] != document[:-1])
    return take(rows, np.flatnonzero(index - np.maximum.accumulate(np.where(begins, index, 0)) < N_FIRST))


def _last(rows: Rows, n_reference: int) -> Rows:
    """Return the document of largest place of each bucket."""
    rows = take(rows, np.flatnonzero(rows.places >= n_reference))
    rows = take(rows, np.lexsort((rows.places, rows.keys)))
    ends = np.ones(len(rows.keys), bool)
    ends[:-1] = rows.keys[1:] != rows.keys[:-1]
    return take(rows, np.flatnonzero(ends))


@dataclass(frozen=True)
class FindCandidates:
    """Find the candidate pairs of one partition of bands (``key, doc_id``, perhaps ``order``); picklable.

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
            for part in partition.parts(self.max_rows):
                for later, earlier, order in self._pairs(part):
                    keys = place_keys(later, self.dropped.n_places)
                    columns = [pa.array(column) for column in (keys, later, earlier, order)]
                    out.write(pa.RecordBatch.from_arrays(columns, schema=SCHEMA))
        return path

    def _rows(self, table: pa.Table) -> Rows:
        places = self.dropped.places(table.column(DOC_ID).to_numpy())
        stays = np.flatnonzero(~self.dropped.test_places(places))
        return take(Rows(table.column(KEY).to_numpy(), places, orders(table)), stays)

    def _pairs(self, part: Partition) -> Iterator[tuple[np.ndarray, ...]]:
        n_reference = self.dropped.n_reference
        chunks = part.chunks(self.max_rows)
        first = next(chunks, None)
        more = next(chunks, None)
        if first is None:
            return
        if more is None:
            # Most documents are alone in their buckets.
            some = first.take(pa.array(repeated(first.column(KEY).to_numpy())))
            yield bucket_pairs(self._rows(some), n_reference)
            return
        del first, more
        # A bucket has more rows than fit into memory: find the best of each bucket, then pair the documents with them,
        # in their order; what comes out is the same.
        best: Rows | None = None
        for table in part.chunks(self.max_rows):
            rows = self._rows(table)
            best = _best(rows if best is None else joined(best, rows), n_reference)
        assert best is not None, "there were two chunks at least"
        last = take(best, np.arange(0))
        for table in part.chunks(self.max_rows):
            rows = self._rows(table)
            beside = joined(best, last)
            own = np.arange(len(beside.keys) + len(rows.keys)) >= len(beside.keys)
            yield bucket_pairs(joined(beside, rows), n_reference, own)
            last = _last(joined(last, rows), n_reference)


def warm_up() -> None:
    """Compile the kernels of `bucket_pairs`."""
    bucket_pairs(Rows(np.zeros(2, np.uint64), np.arange(2), np.zeros(2, np.uint64)), 0)
