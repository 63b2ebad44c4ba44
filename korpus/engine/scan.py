"""What a worker does in a pass: one split goes from its source through the stages to files.

A task leaves its result under a final name only when it is whole, and its mark of being done last of all, so it can be
killed and given again at any time.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from korpus.batch import DOC_ID, MAX_ROWS, PIECES, TEXT, make_doc_ids, n_bytes, with_doc_ids
from korpus.engine.finish import Finish
from korpus.engine.group import Refusal
from korpus.engine.local import given
from korpus.engine.manifest import READ
from korpus.engine.reference import names
from korpus.io.files import write_mark
from korpus.io.parts import PartWriter, part_name, read_part
from korpus.io.readers import read_split
from korpus.io.readers.look import require_unchanged
from korpus.io.spill import SpillWriter
from korpus.pipeline import EXAMPLE_CHARS, N_EXAMPLES, REJECT_SCHEMA, Chain, StageBook, rejects
from korpus.sources import align

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from korpus.io.layout import Layout
    from korpus.io.readers import Split
    from korpus.plan import Pass, Plan


@dataclass(frozen=True)
class Job:
    """What every task of a run needs to know."""

    plan: Plan
    layout: Layout

    def __reduce__(self) -> tuple:
        # A plan names every file of the input: it goes to each worker once, and not with every task.
        return _given_job, ()


def _given_job() -> Job:
    return Job(*given())


class _SplitBook:
    """Everything counted while one split goes through a pass; becomes the split's mark of being done."""

    def __init__(self) -> None:
        self.read = dict.fromkeys(READ, 0)
        self.reasons: dict[str, int] = {}
        self.ignored: list[str] = []
        self.misfits: dict[str, list] = {}
        self.damage: list[list] = []
        self.examples: list[list[str]] = []
        self.time_s = 0.0


# A document that is empty is not a fault of the input, so it does not count towards max_bad_ratio.
NOT_BAD = ("empty_text",)


def _bad_rows(job: Job, split: Split, bad: list, book: _SplitBook) -> Iterator[pa.RecordBatch]:
    if not bad:
        return
    book.read["n_in"] += len(bad)
    for row in bad:
        book.reasons[row.reason] = book.reasons.get(row.reason, 0) + 1
        book.read["n_bad"] += row.reason not in NOT_BAD
        if len(book.examples) < N_EXAMPLES:
            book.examples.append(
                [row.text[:EXAMPLE_CHARS], f"{row.reason}: {row.detail}" if row.detail else row.reason]
            )
    n = len(bad)
    yield pa.RecordBatch.from_arrays(
        [
            pa.array(make_doc_ids(split.file, split.index, np.array([row.row for row in bad], np.int64))),
            pa.array(["read"] * n),
            pa.array([row.reason for row in bad], pa.string()),
            pa.array([row.detail or None for row in bad], pa.string()),
            pa.nulls(n, pa.int64()),
            pa.nulls(n, pa.float64()),
            pa.array([row.text for row in bad], pa.string()),
            pa.nulls(n, pa.int64()),
        ],
        schema=REJECT_SCHEMA,
    )


def _read(job: Job, split: Split, chunk: bytes | None, book: _SplitBook, dropped: list) -> Iterator[pa.RecordBatch]:
    """Yield the documents of a split of the input, with their ids."""
    clock = time.perf_counter()
    source = job.plan.source(split.file)
    for block in read_split(split, chunk, source.columns, source.options):
        dropped.extend(_bad_rows(job, split, block.bad, book))
        book.read["n_rows"] += block.n_rows
        book.read["n_blank"] += block.n_blank
        book.ignored = sorted({*book.ignored, *block.ignored})
        for column, (n, example) in block.misfits.items():
            before, first = book.misfits.get(column, (0, example))
            book.misfits[column] = [before + n, first]
        if block.damage is not None:
            book.damage.append([block.damage.why, block.damage.n_read, block.damage.n_lost])
        book.time_s += time.perf_counter() - clock
        if block.batch.num_rows:
            book.read["n_in"] += block.batch.num_rows
            book.read["n_out"] += block.batch.num_rows
            book.read["bytes_out"] += n_bytes(block.batch.column(0))
            yield source.label(with_doc_ids(block.batch, split.file, split.index, block.rows))
        clock = time.perf_counter()


class _Verdicts:
    """Carries out the verdicts of the duplicate stages of the pass before on the documents of one split."""

    def __init__(self, job: Job, pass_: Pass, first_id: int, last_id: int):
        self._names = partial(names, job.layout, pass_.number - 1)
        self.books = [StageBook(stage.name, stage.kind) for stage in pass_.before]
        self.verdicts = []
        for position in range(len(pass_.before)):
            path = job.layout.verdicts(pass_.number - 1, position)
            every = np.load(path, mmap_mode="r")
            ids = every["doc_id"]
            self.verdicts.append(
                np.array(every[np.searchsorted(ids, first_id) : np.searchsorted(ids, last_id, "right")])
            )

    def __call__(self, batch: pa.RecordBatch, dropped: list) -> pa.RecordBatch:
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


class _Dropped(PartWriter):
    """Takes the rejects of one split, as a list would, and writes them."""

    n_bytes = 0

    def append(self, batch: pa.RecordBatch) -> None:
        self.n_bytes += n_bytes(batch.column(TEXT)) + 100 * batch.num_rows
        self.write(batch)

    def extend(self, batches: Iterable[pa.RecordBatch]) -> None:
        for batch in batches:
            self.append(batch)


class _Sketches:
    """Spills the sketches of one split while its documents pass; the spills get their names when the block ends."""

    def __init__(self, job: Job, pass_: Pass, name: str):
        self._job, self._pass, self._name = job, pass_, name
        self._writers: dict[tuple[int, str], SpillWriter] = {}
        self._open = ExitStack()
        self.time_s = [0.0] * len(pass_.sketched)

    def __enter__(self) -> _Sketches:
        self._open.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._open.__exit__(*error)

    def paths(self) -> list[Path]:
        """Return the files that were written."""
        return [
            self._job.layout.sketches(self._pass.number, position, table) / f"{self._name}.arrow"
            for position, table in self._writers
        ]

    def write(self, batch: pa.RecordBatch) -> None:
        for position, stage in enumerate(self._pass.sketched):
            clock = time.perf_counter()
            for table, sketch in stage.sketch(batch).items():
                writer = self._writers.get((position, table))
                if writer is None:
                    folder = self._job.layout.sketches(self._pass.number, position, table)
                    path = folder / f"{self._name}.arrow"
                    writer = SpillWriter(path, sketch.schema, self._job.plan.n_partitions)
                    self._writers[position, table] = self._open.enter_context(writer)
                writer.write(sketch)
            self.time_s[position] += time.perf_counter() - clock


def _rebatch(batches: Iterator[pa.RecordBatch], n_rows: int) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for start in range(0, batch.num_rows, n_rows):
            yield batch.slice(start, n_rows)


def warm_up(stages: tuple) -> None:
    """Run every stage on a small batch, so that its kernels are compiled, or read from numba's cache."""
    texts = pa.array(["안녕하세요ㅋㅋㅋㅋㅋ", "Ａ a", "", "각́ 😀 http://a.kr OOO"])
    ids = pa.array(np.arange(len(texts)))
    for stage in stages:
        columns = {DOC_ID: ids, **dict.fromkeys(stage.reads(), texts), TEXT: texts}
        batch = pa.RecordBatch.from_pydict(columns)
        if stage.kind in ("dedup", "group"):
            stage.sketch(batch)
        else:
            Chain((stage,))(batch)
        stage.warm_up()


@dataclass(frozen=True)
class PartOf:
    """A split whose documents an earlier pass has left in a part.

    Attributes
    ----------
    file, index : int
        Number of the file, and of the split within it.
    n_rows : int
        Rows of the split in the input.
    ids : tuple of int
        The index of the split in the ids of the documents, and how many rows these count.
    """

    file: int
    index: int
    n_rows: int
    ids: tuple[int, int]


def part_of(done: dict) -> PartOf:
    """Return the split that a mark of being done stands for, as the next pass reads it."""
    return PartOf(*done["split"], done["n_rows"], tuple(done["ids"]))


def scan_split(job: Job, number: int, split: Split | PartOf, chunk: Any, n_units: int) -> tuple[int, dict]:
    """Send one split through a pass.

    Parameters
    ----------
    job : Job
    number : int
        Of the pass. The first reads the input; the others read what the pass before left of the same split.
    split : Split or PartOf
    chunk : object
        The bytes of the split, if its file can only be read from the beginning.
    n_units : int
        What the split counts for on the progress bar.

    Returns
    -------
    n_units : int
    done : dict
        The statistics of the split, as they stand in its mark of being done.
    """
    plan, layout = job.plan, job.layout
    pass_ = plan.passes[number]
    name = part_name(split.file, split.index)
    book, chain, dropped = _SplitBook(), Chain(pass_.chain), _Dropped(layout.rejects(number) / f"{name}.arrow")
    # What a source has for its documents alone comes before everything else.
    own = Chain(plan.source(split.file).stages if number == 0 else ())
    if number == 0:
        source = _read(job, split, chunk, book, dropped)
        carry_out = None
    else:
        earlier = layout.parts(number - 1) / f"{name}.arrow"
        source = _rebatch(read_part(earlier), plan.recipe.engine.batch_rows)
        ids = make_doc_ids(split.file, split.ids[0], np.array([0, MAX_ROWS - 1]))
        carry_out = _Verdicts(job, pass_, int(ids[0]), int(ids[1]))
    refusal = Refusal(pass_.group) if pass_.group else None
    folder = layout.ungrouped(number) if pass_.group else layout.parts(number)
    writer = Finish(job.plan, layout, name) if pass_.last else PartWriter(folder / f"{name}.arrow", plan.schema)
    with _Sketches(job, pass_, name) as sketches, dropped, writer as kept:
        for batch in source:
            if carry_out:
                batch = carry_out(batch, dropped)
            else:
                batch, rejected = own(batch)
                dropped.extend(rejected)
                batch = align(batch, plan.entry)
            batch, rejected = chain(batch)
            dropped.extend(rejected)
            if refusal:
                batch = refusal(batch, dropped)
            if batch.num_rows:
                sketches.write(batch)
                kept.write(batch)

    n_rows = book.read["n_rows"] if number == 0 else split.n_rows
    ids = (split.index, n_rows) if number == 0 else split.ids
    if any(stage.kind == "expand" for stage in pass_.chain):
        ids = (split.index | PIECES, chain.n_pieces)
    done: dict[str, Any] = {
        "split": [split.file, split.index],
        "n_rows": n_rows,
        "ids": ids,
        "n_units": n_units,
        "read": book.read,
        "reasons": book.reasons,
        "ignored": book.ignored,
        "misfits": book.misfits,
        "damage": book.damage,
        "examples": book.examples,
        "read_s": book.time_s,
        "before": [vars(b) for b in carry_out.books] if carry_out else [],
        "own": [vars(b) for b in own.books],
        "chain": [vars(b) for b in chain.books],
        "group": [vars(refusal.book)] if refusal else [],
        "sketch_s": sketches.time_s,
        # What the ledger is cut by; the size of the file would depend on the batches.
        "reject_bytes": dropped.n_bytes,
    }
    if number == 0:
        require_unchanged(plan.files[split.file])
    if pass_.last:
        done |= {"domains": writer.domains, "batches": writer.batches}
    files = [folder / f"{name}.arrow", dropped.path, *sketches.paths()]
    if pass_.last:
        files.append(layout.word_spills / f"{name}.arrow")
    write_mark(layout.done(number) / f"{name}.json", done, plan.corpus_key, files)
    return n_units, done
