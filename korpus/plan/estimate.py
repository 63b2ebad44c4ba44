"""What a run will need: disk and memory, scaled up from a sample of the input sent through all passes."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from korpus.batch import TEXT, n_bytes
from korpus.chain import Chain
from korpus.corpus.layout import OURS
from korpus.dedup.index import Index, find_references
from korpus.errors import DataError, Unreadable
from korpus.figures import size
from korpus.io.readers import all_splits, plan_splits
from korpus.machine import n_cores
from korpus.plan.entry import Entry
from korpus.plan.plan import GUESSED_EXPANSION
from korpus.stage import NUMBERS

if TYPE_CHECKING:
    from pathlib import Path

    from korpus.corpus.layout import Layout
    from korpus.io.readers import Chunk, InputFile, Split
    from korpus.plan.plan import Plan

SAMPLE_DOCS = 4096
PROCESS_BYTES = 250 << 20
"""Resident memory of a worker process with everything imported and compiled; measured."""
SPLIT_COPIES = 8
"""A split is in memory as raw bytes, columns, edited texts and sketches at once; a multiple of its size."""
RESOLVE_BYTES = 128
"""What is spilled for a document while duplicates are resolved, beside its sketches; among millions of versions of one
text it can be 20 times as much."""
CERTAIN_RATIO = 64
"""No run has needed as many times the bytes of its (uncompressed) input: with so much free, nothing is estimated."""
PARQUET_RATIO = 0.5
"""Size of Korean text as zstd Parquet; a cautious figure, measured at 0.35 to 0.5."""


@dataclass(frozen=True)
class Estimate:
    """What a run will need, give or take a third.

    Attributes
    ----------
    n_splits : int
        Exact where files are read in place, estimated where they are compressed.
    n_docs : int
        Documents of the input.
    text_bytes : int
        Bytes of their texts.
    part_bytes, spill_bytes, output_bytes : int
        On disk: the documents between passes, the sketches of duplicates and what is made of them, the output itself.
    memory_bytes : int
        All processes together.
    n_sampled : int
        Documents that were sent through the stages for this.
    numbers : dict of str to int
        In how many of them a stage changed a number, by the name of the stage, if any.
    """

    n_splits: int
    n_docs: int
    text_bytes: int
    part_bytes: int
    spill_bytes: int
    output_bytes: int
    memory_bytes: int
    n_sampled: int = 0
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def disk_bytes(self) -> int:
        """Most that is on disk at one time."""
        return self.part_bytes + self.spill_bytes + self.output_bytes


def _first_split(file: InputFile, plan: Plan) -> tuple[Split, Chunk | None, int]:
    """Return the first split of a file, its chunk, and the bytes of the file that it stands for."""
    return next(all_splits(file, plan.source(file.index).options))


def _largest(plan: Plan) -> tuple[InputFile, tuple[Split, Chunk | None, int]] | None:
    """Return the largest file that has documents, and its first split."""
    for file in sorted(plan.files, key=lambda file: -file.n_bytes):
        with suppress(Unreadable, StopIteration):
            return file, _first_split(file, plan)
    return None


def _n_splits(plan: Plan, split_bytes: int) -> int:
    """Count the splits: exactly where files are read in place, by the bytes of one split where they are streamed."""
    total = 0
    for file in plan.files:
        if file.n_bytes:
            try:
                splits = plan_splits(file, plan.source(file.index).options)
            except Unreadable:
                continue
            total += -(-file.n_bytes // split_bytes) if splits is None else len(splits)
    return total


def estimate(plan: Plan) -> Estimate:
    """Read the first split of the largest file, send the beginning of it through the first pass, and scale up.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    Estimate
    """
    found = _largest(plan)
    if found is None:
        return Estimate(0, 0, 0, 0, 0, 0, 0)
    largest, (split, chunk, split_bytes) = found
    entry = Entry(plan, largest.index)
    split_bytes = max(split_bytes, 1)
    chains = [Chain(pass_.chain) for pass_ in plan.passes]
    n_split = n_docs = text_bytes = part_bytes = 0
    spill_bytes = [0] * len(plan.passes)
    for batch, _ in entry.read(split, chunk):
        n_split += batch.num_rows
        if n_docs >= SAMPLE_DOCS or not batch.num_rows:
            continue
        batch = batch.slice(0, SAMPLE_DOCS)
        n_docs += batch.num_rows
        text_bytes += n_bytes(batch.column(TEXT))
        batch, _ = entry(batch)
        for i, chain in enumerate(chains):
            batch, _ = chain(batch)
            part_bytes += batch.nbytes * (i == 0)
            for stage in plan.passes[i].sketched:
                tables = stage.sketch(batch).values() if batch.num_rows else ()
                spill_bytes[i] += sum(table.nbytes for table in tables) + RESOLVE_BYTES * batch.num_rows
    n_bytes_in = sum(file.n_bytes for file in plan.files)
    scale = n_split / max(n_docs, 1) * n_bytes_in / split_bytes
    # References are sketched as the input is, an index is about as large as the sketches; compressed ones grow.
    beside = _reference_bytes(plan) / max(1, n_bytes_in) + sum(
        stage.reference().index is not None for pass_ in plan.passes for stage in pass_.dedups
    )
    engine = plan.recipe.engine
    workers = n_cores() if engine.workers == "auto" else engine.workers
    working = workers * (PROCESS_BYTES + SPLIT_COPIES * max(source.options.split_bytes for source in plan.sources))
    return Estimate(
        n_splits=_n_splits(plan, split_bytes),
        n_docs=int(n_docs * scale),
        text_bytes=int(text_bytes * scale),
        # Between two passes the parts of both are there; what a pass has spilled goes before the next one begins.
        part_bytes=int(part_bytes * scale) * min(len(plan.passes), 2),
        spill_bytes=int(max(spill_bytes) * scale * (1 + beside)),
        output_bytes=int(part_bytes * scale * PARQUET_RATIO),
        memory_bytes=max(working, engine.memory if any(pass_.sketched for pass_ in plan.passes) else 0),
        n_sampled=n_docs,
        numbers={
            book.name: book.edits[NUMBERS]
            for chain in (entry.own, *chains)
            for book in chain.books
            if NUMBERS in book.edits
        },
    )


def _reference_bytes(plan: Plan) -> int:
    """Return the size of all references that are to be sketched, uncompressed."""
    total = 0
    for pass_ in plan.passes:
        for stage in pass_.dedups:
            for item in find_references(stage.reference()):
                if not isinstance(item, Index):
                    total += item.n_bytes * (GUESSED_EXPANSION if item.compression else 1)
    return total


def free_bytes(folder: Path) -> int:
    """Return how much is free on the disk of a folder, which need not be there yet."""
    folder = folder.absolute()
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def require_disk(plan: Plan, layout: Layout, fresh: bool) -> None:
    """See whether a run fits on its disk, before it begins.

    Parameters
    ----------
    plan : Plan
    layout : Layout
        Where it is to go. What an unfinished run of it takes there already is counted as free.
    fresh : bool
        Whether a finished run that is there goes first.

    Raises
    ------
    DataError
        If the disk has not enough room.
    """
    if layout.manifest.exists() and not fresh:
        return
    free = free_bytes(layout.out)
    n_bytes_in = sum(file.n_bytes * (GUESSED_EXPANSION if file.compression else 1) for file in plan.files)
    if free >= CERTAIN_RATIO * (n_bytes_in + _reference_bytes(plan)):
        return
    theirs = [layout.out / name for name in OURS] if fresh else [layout.work]
    free += sum(path.stat().st_size for place in theirs for path in (place, *place.rglob("*")) if path.is_file())
    needs = estimate(plan)
    if needs.disk_bytes <= free:
        return
    raise DataError(
        f"this run needs about {size(needs.disk_bytes)} of disk at {layout.out}: {size(needs.part_bytes)} for texts "
        f"between passes, {size(needs.spill_bytes)} for sketches of duplicates, {size(needs.output_bytes)} for the "
        f"output; {size(free)} are free; make room, give a folder on another disk with -o, or run it on parts of the "
        f"input, each against the indexes of those before (index and against of minhash_dedup)"
    )
