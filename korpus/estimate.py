"""What a run will need: disk and memory, scaled up from a sample of the input sent through the first pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from korpus.batch import TEXT, n_bytes, with_doc_ids
from korpus.engine.local import n_cores
from korpus.io.readers import plan_splits, read_split, stream_splits
from korpus.pipeline import Chain

if TYPE_CHECKING:
    from korpus.io.readers import Chunk, InputFile, Split
    from korpus.plan import Plan

SAMPLE_DOCS = 4096
PROCESS_BYTES = 250 << 20
"""Resident memory of a worker process with everything imported and compiled; measured."""
SPLIT_COPIES = 8
"""A split is in memory as raw bytes, columns, edited texts and sketches at once; a multiple of its size."""
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
        On disk: the documents between passes, the sketches of duplicates and word counts, the output itself.
    memory_bytes : int
        All processes together.
    """

    n_splits: int
    n_docs: int
    text_bytes: int
    part_bytes: int
    spill_bytes: int
    output_bytes: int
    memory_bytes: int

    @property
    def disk_bytes(self) -> int:
        """Most that is on disk at one time."""
        return self.part_bytes + self.spill_bytes + self.output_bytes


def _first_split(file: InputFile, plan: Plan) -> tuple[Split, Chunk | None, int]:
    """Return the first split of a file, its chunk, and the bytes of the file that it stands for."""
    options = plan.read_options
    splits = plan_splits(file, options)
    if splits:
        return splits[0], None, file.n_bytes // len(splits)
    return next(iter(stream_splits(file, options, lambda index: False)))


def _n_splits(plan: Plan, split_bytes: int) -> int:
    """Count the splits: exactly where files are read in place, by the bytes of one split where they are streamed."""
    total = 0
    for file in plan.files:
        if file.n_bytes:
            splits = plan_splits(file, plan.read_options)
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
    split, chunk, split_bytes = _first_split(max(plan.files, key=lambda file: file.n_bytes), plan)
    split_bytes = max(split_bytes, 1)
    chain = Chain(plan.passes[0].chain)
    n_split = n_docs = text_bytes = part_bytes = sketch_bytes = 0
    for block in read_split(split, chunk, plan.columns, plan.read_options):
        n_split += block.batch.num_rows
        if n_docs >= SAMPLE_DOCS or not block.batch.num_rows:
            continue
        batch = with_doc_ids(block.batch.slice(0, SAMPLE_DOCS), 0, 0, block.rows[:SAMPLE_DOCS])
        n_docs += batch.num_rows
        text_bytes += n_bytes(batch.column(TEXT))
        batch, _ = chain(batch)
        part_bytes += batch.nbytes
        for stage in plan.passes[0].dedups:
            sketch_bytes += sum(table.nbytes for table in stage.sketch(batch).values())
    scale = n_split / max(n_docs, 1) * sum(file.n_bytes for file in plan.files) / split_bytes
    engine = plan.recipe.engine
    workers = n_cores() if engine.workers == "auto" else engine.workers
    working = workers * (PROCESS_BYTES + SPLIT_COPIES * plan.recipe.input.split_bytes)
    return Estimate(
        n_splits=_n_splits(plan, split_bytes),
        n_docs=int(n_docs * scale),
        text_bytes=int(text_bytes * scale),
        # Between two passes the parts of both are there.
        part_bytes=int(part_bytes * scale) * min(len(plan.passes), 2),
        spill_bytes=int(sketch_bytes * scale),
        output_bytes=int(part_bytes * scale * PARQUET_RATIO),
        memory_bytes=max(working, engine.memory if any(pass_.dedups for pass_ in plan.passes) else 0),
    )
