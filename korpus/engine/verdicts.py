"""What a pass carries out of what was decided before it, or refuses for what is decided after it."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from korpus.batch import DOC_ID, TEXT, n_bytes
from korpus.chain import EXAMPLE_CHARS, N_EXAMPLES, StageBook, rejects
from korpus.engine.rows import names
from korpus.io.place import fetched

if TYPE_CHECKING:
    from korpus.engine.job import Job
    from korpus.engine.sinks import Dropped
    from korpus.plan import Pass
    from korpus.stage import Group


class Verdicts:
    """Carries out the verdicts of the duplicate stages of the pass before on the documents of one split."""

    def __init__(self, job: Job, pass_: Pass, first_id: int, last_id: int):
        self._names = partial(names, job.layout, pass_.number - 1)
        self.books = [StageBook(stage.name, stage.kind) for stage in pass_.before]
        self.verdicts = []
        for position in range(len(pass_.before)):
            path = job.layout.verdicts(pass_.number - 1, position)
            every = np.load(fetched(path), mmap_mode="r")
            ids = every["doc_id"]
            self.verdicts.append(
                np.array(every[np.searchsorted(ids, first_id) : np.searchsorted(ids, last_id, "right")])
            )

    def __call__(self, batch: pa.RecordBatch, dropped: Dropped) -> pa.RecordBatch:
        """Return the documents that stay; add the others to `dropped`."""
        for book, verdicts in zip(self.books, self.verdicts):
            clock = time.perf_counter()
            book.n_in += batch.num_rows
            book.bytes_in += n_bytes(batch.column(TEXT))
            ids = batch.column(DOC_ID).to_numpy()
            start, stop = np.searchsorted(verdicts["doc_id"], [ids[0], ids[-1] + 1]) if len(ids) else (0, 0)
            if start < stop:
                mine = verdicts[start:stop]
                gone = np.isin(ids, mine["doc_id"])
                dropped.append(self._rejects(batch.filter(pa.array(gone)), book, mine))
                batch = batch.filter(pa.array(~gone))
            book.n_out += batch.num_rows
            book.bytes_out += n_bytes(batch.column(TEXT))
            book.time_s += time.perf_counter() - clock
        return batch

    def _rejects(self, batch: pa.RecordBatch, book: StageBook, verdicts: np.ndarray) -> pa.RecordBatch:
        of, similarity = verdicts["duplicate_of"].copy(), pa.array(verdicts["similarity"].copy())
        in_reference = of < 0
        n = int(in_reference.sum())
        for reason, count in (("duplicate", len(of) - n), ("in_reference", n)):
            if count:
                book.count(reason, count)
        if not n:
            return rejects(batch, book.name, "duplicate", pa.array(of), similarity)
        details = np.full(len(of), None, object)
        details[in_reference] = self._names(of[in_reference])
        return rejects(
            batch,
            book.name,
            np.where(in_reference, "in_reference", "duplicate").tolist(),
            pa.array(of, mask=in_reference),
            similarity,
            pa.array(details, pa.string()),
        )


class Refusal:
    """Drops the documents that a group stage cannot place, on their way through the pass, and keeps its book."""

    def __init__(self, stage: Group):
        self._stage = stage
        self.book = StageBook(stage.name, stage.kind)

    def __call__(self, batch: pa.RecordBatch, dropped: Dropped) -> pa.RecordBatch:
        """Return the documents that can be placed; add the others to `dropped`."""
        self.book.n_in += batch.num_rows
        self.book.bytes_in += n_bytes(batch.column(TEXT))
        why = self._stage.refuse(batch)
        if why.null_count == len(why):
            return batch
        gone, details = batch.filter(why.is_valid()), why.drop_null()
        self.book.count(self._stage.reason, gone.num_rows)
        for text, detail in zip(gone.column(TEXT)[: N_EXAMPLES - len(self.book.examples)], details):
            self.book.examples.append([text.as_py()[:EXAMPLE_CHARS], f"{self._stage.reason}: {detail}"])
        dropped.append(rejects(gone, self._stage.name, self._stage.reason, details=details))
        return batch.filter(why.is_null())
