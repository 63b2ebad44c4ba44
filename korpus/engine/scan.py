"""What a worker does in a pass: one split goes from its source through the stages to files.

A task leaves its result under a final name only when it is whole, and its mark of being done last of all, so it can be
killed and given again at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from korpus.batch import DOC_ID, MAX_ROWS, PIECES, TEXT, make_doc_ids
from korpus.chain import Chain
from korpus.engine.done import Done
from korpus.engine.sinks import Dropped, Finish, Sketches
from korpus.engine.verdicts import Refusal, Verdicts
from korpus.io.parts import PartWriter, part_name, read_part
from korpus.io.readers.look import require_unchanged
from korpus.plan.entry import Entry, EntryBook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from korpus.engine.job import Job
    from korpus.io.readers import Split


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


def part_of(done: Done) -> PartOf:
    """Return the split that a mark of being done stands for, as the next pass reads it."""
    return PartOf(done.file, done.index, done.n_rows, done.ids)


def scan_split(job: Job, number: int, split: Split | PartOf, chunk: Any, n_units: int) -> Done:
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
    """
    plan, layout = job.plan, job.layout
    pass_ = plan.passes[number]
    name = part_name(split.file, split.index)
    chain, refusal = Chain(pass_.chain), Refusal(pass_.group) if pass_.group else None
    folder = layout.ungrouped(number) if pass_.group else layout.parts(number)
    dropped = Dropped(layout.rejects(number) / f"{name}.arrow")
    writer = Finish(plan, layout, name) if pass_.last else PartWriter(folder / f"{name}.arrow", plan.schema)
    entry: Entry | None = None
    carry_out: Verdicts | None = None
    if isinstance(split, PartOf):
        carry_out = _verdicts(job, number, split)
        batches = _staying(carry_out, job, number - 1, name, dropped)
    else:
        entry = Entry(plan, split.file)
        batches = _entering(entry, split, chunk, dropped)
    with Sketches(job, pass_, name) as sketches, dropped, writer as kept:
        for batch in batches:
            batch, rejected = chain(batch)
            dropped.extend(rejected)
            if refusal:
                batch = refusal(batch, dropped)
            if batch.num_rows:
                sketches.write(batch)
                kept.write(batch)

    book = entry.book if entry else EntryBook()
    n_rows = split.n_rows if isinstance(split, PartOf) else book.n_rows
    ids = split.ids if isinstance(split, PartOf) else (split.index, n_rows)
    if any(stage.kind == "expand" for stage in pass_.chain):
        ids = (split.index | PIECES, chain.n_pieces)
    if number == 0:
        require_unchanged(plan.files[split.file])
    done = Done(
        file=split.file,
        index=split.index,
        n_rows=n_rows,
        ids=ids,
        n_units=n_units,
        entry=book,
        before=carry_out.books if carry_out else [],
        own=entry.own.books if entry else [],
        chain=chain.books,
        group=[refusal.book] if refusal else [],
        sketch_s=sketches.time_s,
        reject_bytes=dropped.n_bytes,
    )
    files = [folder / f"{name}.arrow", dropped.path, *sketches.paths()]
    if isinstance(writer, Finish):
        done.domains, done.batches = writer.domains, writer.batches
        files.append(layout.word_spills / f"{name}.arrow")
    done.save(layout.done(number) / f"{name}.json", plan.corpus_key, files)
    return done


def _entering(entry: Entry, split: Split, chunk: Any, dropped: Dropped) -> Iterator[pa.RecordBatch]:
    """Yield the documents of a split of the input, once the stages of its source have seen them."""
    for batch, bad in entry.read(split, chunk):
        dropped.extend(bad)
        if batch.num_rows:
            batch, rejected = entry(batch)
            dropped.extend(rejected)
            yield batch


def _verdicts(job: Job, number: int, split: PartOf) -> Verdicts:
    ids = make_doc_ids(split.file, split.ids[0], np.array([0, MAX_ROWS - 1]))
    return Verdicts(job, job.plan.passes[number], int(ids[0]), int(ids[1]))


def _staying(carry_out: Verdicts, job: Job, before: int, name: str, dropped: Dropped) -> Iterator[pa.RecordBatch]:
    """Yield the documents that the pass before has left of a split, less those that were found to be duplicates."""
    earlier = job.layout.parts(before) / f"{name}.arrow"
    for batch in _rebatch(read_part(earlier), job.plan.recipe.engine.batch_rows):
        yield carry_out(batch, dropped)
