"""References of a duplicate stage: they are sketched, as an index of their own, before the duplicates are resolved."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from korpus.batch import DOC_ID, ROW_BITS, TEXT, with_doc_ids
from korpus.dedup.index import AllTexts, Index, find_references, text_path, write_texts
from korpus.errors import DataError
from korpus.io.atomic import remove, write_json
from korpus.io.parts import Texts
from korpus.io.readers import InputFile, ReadOptions, plan_splits, read_split, stream_splits
from korpus.io.readers.formats import first_row
from korpus.io.spill import SpillWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from korpus.engine.job import Job
    from korpus.io.readers import Split
    from korpus.plan import Pass, Plan
    from korpus.stage import Dedup


@dataclass(frozen=True)
class SketchReference:
    """Sketch one reference file, or one split of it; picklable.

    Parameters
    ----------
    stage : Dedup
    edits : tuple of Edit
        What the documents that it is compared with have gone through.
    options : ReadOptions
    n_partitions : int
    """

    stage: Dedup
    edits: tuple
    options: ReadOptions
    n_partitions: int

    def __call__(self, item: tuple[Path, InputFile, Split | None]) -> list[tuple[int, int, int, int]]:
        """Return, for each split: its number, how many rows it has, how many documents, how many cannot be read."""
        folder, file, split = item
        if split is not None:
            return [self._sketch(folder, split, None)]
        return [
            self._sketch(folder, split, chunk)
            for split, chunk, _ in stream_splits(file, self.options, lambda index: False)
        ]

    def _sketch(self, folder: Path, split: Split, chunk: Any) -> tuple[int, int, int, int]:
        writers: dict[str, SpillWriter] = {}
        counts = np.zeros(2, np.int64)

        def batches(open_files: ExitStack) -> Iterator[tuple[np.ndarray, pa.StringArray]]:
            for block in read_split(split, chunk, pa.schema([]), self.options):
                if block.damage is not None:
                    raise DataError(
                        f"{split.path}, which documents are compared with, is damaged: {block.damage.why}; mend it, so "
                        f"that nothing is missed"
                    )
                counts[:] += block.n_rows, len(block.bad)
                batch = with_doc_ids(block.batch.select([TEXT]), 0, split.index, block.rows)
                texts = batch.column(TEXT)
                for edit in self.edits:
                    texts = edit.apply(texts)
                batch = pa.RecordBatch.from_arrays([batch.column(DOC_ID), texts], schema=batch.schema)
                for name, table in self.stage.sketch(batch).items():
                    if name not in writers:
                        path = folder / name / f"{split.index:07d}.arrow"
                        writer = SpillWriter(path, table.schema, self.n_partitions)
                        writers[name] = open_files.enter_context(writer)
                    writers[name].write(table)
                yield batch.column(DOC_ID).to_numpy(), texts

        with ExitStack() as open_files:
            how = self.stage.reference().options["compare"]
            n_docs = write_texts(text_path(folder, split.index), batches(open_files), how)
        return split.index, int(counts[0]), n_docs, int(counts[1])


@dataclass(frozen=True)
class References:
    """The references of all duplicate stages of a pass.

    A split of theirs has a negative key, so that they come before all documents.

    Attributes
    ----------
    of_stage : tuple of tuple of (Index, int)
        For each stage, its indexes and the key of the first split of each.
    warnings : tuple of list of str
        For each stage, what is to be said of its references.
    """

    of_stage: tuple[tuple[tuple[Index, int], ...], ...]
    warnings: tuple[list[str], ...]

    def all(self) -> list[tuple[Index, int]]:
        """Return the indexes of all stages."""
        return [pair for pairs in self.of_stage for pair in pairs]

    def splits(self) -> tuple[list[int], list[int]]:
        """Return the keys of all their splits, and how many rows each has."""
        n_rows = [n for index, _ in self.all() for _, _, n in index.splits]
        return list(range(-len(n_rows), 0)), n_rows

    def tables(self, position: int, name: str) -> list[tuple[tuple[Path, ...], int]]:
        """Return the spill files of a stage's indexes, and by what their document ids are to be shifted."""
        return [(index.tables(name), first << ROW_BITS) for index, first in self.of_stage[position]]

    def texts(self, own: Texts) -> AllTexts:
        """Return where to find the texts of references and of the documents of the pass."""
        return AllTexts(own, tuple((index.path, first) for index, first in self.all()))


def gather(job: Job, pass_: Pass, run: Callable) -> References:
    """Make indexes of the references of a pass that are none yet.

    Parameters
    ----------
    job : Job
    pass_ : Pass
    run : callable
        ``run(function, items, what) -> list``.
    """
    found: list[list[Index]] = []
    warnings: list[list[str]] = []
    edits = tuple(
        stage for earlier in job.plan.passes[: pass_.number + 1] for stage in earlier.chain if stage.kind == "edit"
    )
    for position, stage in enumerate(pass_.dedups):
        reference = stage.reference()
        listed = find_references(reference)
        said: list[str] = []
        indexes = []
        for number, item in enumerate(listed):
            if isinstance(item, InputFile):
                folder = job.layout.pass_dir(pass_.number) / f"reference-{position}-{number}"
                remove(folder)
                item, n_bad = _index(job.plan, stage, edits, item, folder, run)
                if n_bad:
                    said.append(f"{n_bad:,} documents of the reference {listed[number].path} cannot be read")
            else:
                item.require_whole(run)
            if item.n_docs:
                indexes.append(item)
        found.append(indexes)
        warnings.append(said)
    first = -sum(len(index.splits) for indexes in found for index in indexes)
    of_stage = []
    for indexes in found:
        pairs = []
        for index in indexes:
            pairs.append((index, first))
            first += len(index.splits)
        of_stage.append(tuple(pairs))
    references = References(tuple(of_stage), tuple(warnings))
    names = [[source, row] for index, _ in references.all() for source, row, _ in index.splits]
    write_json(job.layout.references(pass_.number), names)
    return references


def _index(plan: Plan, stage: Any, edits: tuple, file: InputFile, folder: Path, run: Callable) -> tuple[Index, int]:
    reference = stage.reference()
    options = plan.read_options.of_reference(reference.text)
    splits = plan_splits(file, options) if file.n_bytes else []
    items = [(folder, file, split) for split in ([None] if splits is None else splits)]
    sketch = SketchReference(stage.as_reference(), edits, options, plan.n_partitions)
    done = sorted(row for rows in run(sketch, items, f"reference {Path(file.path).name}") for row in rows)
    at, listed = first_row(file.format), []
    for _, n_rows, _, _ in done:
        listed.append((file.path, at, n_rows))
        at += n_rows
    index = Index(folder, reference.options, sum(n_docs for _, _, n_docs, _ in done), tuple(listed))
    return index, sum(n_bad for *_, n_bad in done)
