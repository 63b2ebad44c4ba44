"""After the duplicates are resolved: what stays becomes an index, which other runs compare their documents with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from korpus.batch import DOC_ID, ROW_BITS, TEXT, make_doc_ids
from korpus.dedup.index import Index, text_path, write_texts
from korpus.engine.rows import ROW, first_rows
from korpus.io.atomic import remove
from korpus.io.parts import read_part
from korpus.io.spill import partitions, write_partition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from korpus.engine.done import Done
    from korpus.engine.job import Job
    from korpus.io.bits import DocBits
    from korpus.plan import Pass

MAX_ROWS = 1 << 20
"""Rows of a table that are held while an index is saved."""


@dataclass(frozen=True)
class _SaveTable:
    """Save the documents that stay of one partition of a sketch table; picklable."""

    folder: Path
    n_partitions: int
    gone: DocBits
    splits: np.ndarray

    def __call__(self, partition: Any) -> int:
        schema = partition.schema()
        names = [name for name in schema.names if name != "order"]

        def batches() -> Iterator[pa.RecordBatch]:
            for table in partition.chunks(MAX_ROWS):
                ids = table.column(DOC_ID).to_numpy()
                stays = ~self.gone.test(ids)
                rows = table.select(names).filter(pa.array(stays)).combine_chunks().to_batches()
                for batch in rows:
                    at = batch.schema.get_field_index(DOC_ID)
                    yield batch.set_column(at, DOC_ID, pa.array(_within(ids[stays], self.splits)))

        kept = pa.schema([schema.field(name) for name in names])
        write_partition(self.folder, batches(), kept, partition.index, self.n_partitions)
        return 0


def _within(doc_ids: np.ndarray, splits: np.ndarray) -> np.ndarray:
    """Return the ids that documents have within an index of some splits."""
    return make_doc_ids(0, 0, doc_ids & ROW) | (np.searchsorted(splits, doc_ids >> ROW_BITS) << ROW_BITS)


@dataclass(frozen=True)
class _SaveTexts:
    """Save the forms of the documents that stay of one split; picklable."""

    folder: Path
    parts: Path
    gone: DocBits
    splits: np.ndarray
    how: str

    def __call__(self, item: tuple[int, str]) -> int:
        number, name = item

        def batches() -> Iterator[tuple[np.ndarray, pa.StringArray]]:
            for batch in read_part(self.parts / f"{name}.arrow"):
                ids = batch.column(DOC_ID).to_numpy()
                stays = ~self.gone.test(ids)
                if stays.any():
                    yield _within(ids[stays], self.splits), batch.column(TEXT).filter(pa.array(stays))

        return write_texts(text_path(self.folder, number), batches(), self.how)


def save(
    job: Job, pass_: Pass, position: int, splits: list[Done], keys: np.ndarray, gone: DocBits, run: Callable
) -> None:
    """Save the index of the documents that a pass leaves.

    Parameters
    ----------
    job, pass_
    position : int
        Of the duplicate stage whose recipe asks for the index.
    splits : list of Done
        The statistics of the splits.
    keys : int64 array, shape (n_splits,)
        Their keys.
    gone : DocBits
        The documents that were removed.
    run : callable
        ``run(function, items, what) -> list``.
    """
    stage, layout, n = pass_.dedups[position], job.layout, job.plan.n_partitions
    reference = stage.reference()
    assert reference.index is not None, "the recipe asks for one"
    target = Path(reference.index)
    folder = target.with_name(f".tmp-{target.name}")
    remove(folder)
    for table in stage.tables():
        paths = tuple(sorted(layout.sketches(pass_.number, position, table).glob("*.arrow")))
        (folder / table).mkdir(parents=True)
        run(_SaveTable(folder / table, n, gone, keys), partitions(paths, n), f"index: {table}")
    rows = list(first_rows(job.plan, splits))
    saver = _SaveTexts(folder, layout.parts(pass_.number), gone, keys, reference.options["compare"])
    n_docs = sum(run(saver, [(i, name) for i, (name, _, _) in enumerate(rows)], "index: texts"))
    listed = tuple((source, first, done.n_rows) for (_, source, first), done in zip(rows, splits))
    Index(folder, reference.options, n_docs, listed).save()
    remove(target)
    folder.replace(target)
