"""Rows of a corpus by the id of their document, without reading more of it than where they stand.

Files are listed in the order of the ids in them, each domain's by themselves, and Parquet keeps the least and the
greatest id of each row group, so that a search over the files and then over their row groups finds the one to read.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from korpus.batch import DOC_ID, ROW_BITS, SPLIT_BITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow.parquet as pq

    from korpus.corpus.corpus import Corpus
    from korpus.corpus.manifest import File

READ_ROWS = 4096
N_HELD = 8
"""So many row groups have their ids in memory."""
OF_FEW = ("path", "stage", "reason", "detail")
"""Columns of the ledger that have few values."""
FILE_SHIFT = SPLIT_BITS + ROW_BITS


def id_ranges(parquet: pq.ParquetFile) -> list[tuple[int, int]]:
    """Return the least and the greatest id of each row group, as its statistics say."""
    metadata, at = parquet.metadata, parquet.schema_arrow.get_field_index(DOC_ID)
    found = []
    for group in range(metadata.num_row_groups):
        statistics = metadata.row_group(group).column(at).statistics
        known = statistics is not None and statistics.has_min_max
        found.append((statistics.min, statistics.max) if known else (0, (1 << 63) - 1))
    return found


class Lookup:
    """Files of a corpus whose rows are found by id.

    Parameters
    ----------
    corpus : Corpus
    files : sequence of File
        In the order of the ids in them.
    of_few : sequence of str
        Columns of them that have few values.
    """

    def __init__(self, corpus: Corpus, files: Sequence[File], of_few: Sequence[str] = ()):
        self._of_few = of_few
        self._read: dict[tuple[int, int], np.ndarray] = {}
        self._corpus, self._files = corpus, [file for file in files if file["rows"]]
        self._opened: dict[int, tuple[pq.ParquetFile, list[tuple[int, int]]]] = {}

    def _open(self, i: int) -> tuple[pq.ParquetFile, list[tuple[int, int]]]:
        if i not in self._opened:
            parquet = self._corpus.parquet(self._files[i], self._of_few)
            self._opened[i] = parquet, id_ranges(parquet)
        return self._opened[i]

    def _ids(self, i: int, group: int) -> np.ndarray:
        """Return the ids of a row group; those that were asked for last are kept."""
        if (i, group) not in self._read:
            while len(self._read) >= N_HELD:
                del self._read[next(iter(self._read))]
            table = self._open(i)[0].read_row_group(group, columns=[DOC_ID], use_threads=False)
            self._read[i, group] = table.column(0).to_numpy()
        return self._read[i, group]

    def between(
        self, low: int, high: int, columns: Sequence[str], sorted_ids: bool = True, n_most: int | None = None
    ) -> Iterator[tuple[File, pa.Table]]:
        """Yield the rows whose ids are within ``[low, high]``, a row group at a time, with the file that has them.

        Parameters
        ----------
        low, high : int
        columns : sequence of str
            To read, besides the ids.
        sorted_ids : bool
            Whether the ids of all files grow; otherwise only the numbers of their input files do.
        n_most : int, optional
            Rows to read of a row group.
        """
        shift = 0 if sorted_ids else FILE_SHIFT

        def last(i: int) -> int:
            return max(most for _, most in self._open(i)[1]) >> shift

        for i in range(bisect_left(range(len(self._files)), low >> shift, key=last), len(self._files)):
            parquet, ranges = self._open(i)
            if min(least for least, _ in ranges) >> shift > high >> shift:
                return
            for group, (least, most) in enumerate(ranges):
                if least > high or most < low:
                    continue
                ids = self._ids(i, group)
                rows = np.flatnonzero((ids >= low) & (ids <= high))[:n_most]
                if len(rows):
                    yield self._files[i], _rows(parquet, group, rows, ids, columns)

    def greatest(self, low: int, high: int) -> int:
        """Return the greatest id within ``[low, high]``, where ids are sorted; -1 if there is none."""
        return max((table[DOC_ID].to_numpy().max() for _, table in self.between(low, high, [])), default=-1)

    def near(self, file: int, row: int) -> Iterator[pa.Table]:
        """Yield ids and rows of documents of an input file: all of a row, and those of its neighbours on both sides.

        Parameters
        ----------
        file : int
            Its number.
        row : int
            Rows of a file grow from one row group to the next.
        """
        low, high = file << FILE_SHIFT, ((file + 1) << FILE_SHIFT) - 1
        groups, below, above, within = [], None, None, False
        start = bisect_left(range(len(self._files)), file, key=lambda i: self._open(i)[1][-1][1] >> FILE_SHIFT)
        for i in range(start, len(self._files)):
            parquet, ranges = self._open(i)
            if ranges[0][0] > high:
                break
            at = parquet.schema_arrow.get_field_index("row")
            for group, (least, most) in enumerate(ranges):
                if least > high or most < low:
                    continue
                statistics = parquet.metadata.row_group(group).column(at).statistics
                alone = least >= low and most <= high and statistics is not None and statistics.has_min_max
                if alone and statistics.max < row:
                    below = i, group
                elif alone and statistics.min > row:
                    above = above or (i, group)
                else:
                    groups.append((i, group))
                    within |= alone
        # A row group that begins before the row and ends after it has its neighbours.
        for i, group in groups if within else [*groups, *(each for each in (below, above) if each)]:
            ids = self._ids(i, group)
            table = self._open(i)[0].read_row_group(group, columns=["row"], use_threads=False)
            table = table.append_column(DOC_ID, pa.array(ids))
            yield table.filter(pa.array((ids >= low) & (ids <= high)))

    def row(self, doc_id: int, columns: Sequence[str], sorted_ids: bool = True) -> tuple[File, dict[str, Any]] | None:
        """Return the row of a document and the file that has it; None if there is none."""
        for file, table in self.between(doc_id, doc_id, columns, sorted_ids):
            return file, table.to_pylist()[0]
        return None


def _rows(parquet: pq.ParquetFile, group: int, rows: np.ndarray, ids: np.ndarray, columns: Sequence[str]) -> pa.Table:
    """Return some rows of a row group; nothing after the last of them is decoded."""
    found, start = [], 0
    # Handing so few rows to threads takes longer than to decode them.
    batches = parquet.iter_batches(READ_ROWS, row_groups=[group], columns=columns, use_threads=False)
    while columns and start <= rows[-1]:
        batch = next(batches)
        mine = rows[(rows >= start) & (rows < start + batch.num_rows)] - start
        if len(mine):
            found.append(batch.take(pa.array(mine)))
        start += batch.num_rows
    mine = pa.array(ids[rows])
    return pa.Table.from_batches(found).append_column(DOC_ID, mine) if found else pa.table({DOC_ID: mine})
