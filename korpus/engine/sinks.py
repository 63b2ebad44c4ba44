"""Where the documents of one split go: what is dropped, sketched, and kept; each file appears when it is whole."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from korpus.batch import DOMAIN, TEXT, n_bytes, strings
from korpus.domains.lexicon import is_domain_name
from korpus.errors import DataError
from korpus.io.atomic import Finishing
from korpus.io.parts import PartWriter
from korpus.io.spill import SpillWriter
from korpus.kernels.charset import matching, tally
from korpus.sentences import count_sentences

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from types import TracebackType

    from korpus.corpus.layout import Layout
    from korpus.engine.job import Job
    from korpus.plan import Pass, Plan
    from korpus.stage import Dedup, Group


class Dropped(PartWriter):
    """Takes the rejects of one split, as a list would, and writes them."""

    n_bytes = 0

    def append(self, batch: pa.RecordBatch) -> None:
        """Write the rows of a batch."""
        self.n_bytes += n_bytes(batch.column(TEXT)) + 100 * batch.num_rows
        self.write(batch)

    def extend(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Write the rows of several batches."""
        for batch in batches:
            self.append(batch)


class Sketches:
    """Spills the sketches of one split while its documents pass; the spills get their names when the block ends."""

    def __init__(self, job: Job, pass_: Pass, name: str):
        self._job, self._pass, self._name = job, pass_, name
        self._writers: dict[tuple[int, str], SpillWriter] = {}
        self._open = ExitStack()
        self._tables = [stage.tables() for stage in pass_.sketched]
        self.time_s = [0.0] * len(pass_.sketched)

    def __enter__(self) -> Sketches:
        self._open.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def paths(self) -> list[Path]:
        """Return the files that were written."""
        return [
            self._job.layout.sketches(self._pass.number, position, table) / f"{self._name}.arrow"
            for position, table in self._writers
        ]

    def write(self, batch: pa.RecordBatch) -> None:
        """Sketch the documents of a batch."""
        for position, stage in enumerate(self._pass.sketched):
            clock = time.perf_counter()
            for table, sketch in stage.sketch(batch).items():
                self._require_declared(stage, position, table, sketch.schema)
                writer = self._writers.get((position, table))
                if writer is None:
                    folder = self._job.layout.sketches(self._pass.number, position, table)
                    path = folder / f"{self._name}.arrow"
                    writer = SpillWriter(path, sketch.schema, self._job.plan.n_partitions)
                    self._writers[position, table] = self._open.enter_context(writer)
                writer.write(sketch)
            self.time_s[position] += time.perf_counter() - clock

    def _require_declared(self, stage: Dedup | Group, position: int, table: str, schema: pa.Schema) -> None:
        declared = self._tables[position].get(table)
        if declared is None or not schema.equals(declared):
            expected = "no table of that name" if declared is None else _columns(declared)
            raise DataError(
                f"the stage {stage.name} has sketched {table!r} as {_columns(schema)}, but declares {expected}; mend "
                f"its tables() or its sketch()"
            )


def _columns(schema: pa.Schema) -> str:
    return ", ".join(f"{field.name} ({field.type})" for field in schema)


FLUSH_BYTES = 32 << 20
"""Of text; a split has more only if documents of many others were joined to its own."""


class Finish(Finishing):
    """Write the final documents of a split, one batch a domain; those of a very large one in several turns.

    Parameters
    ----------
    plan : Plan
    layout : Layout
    name : str
        Of the split's part.

    Attributes
    ----------
    domains : dict of str to dict
        The sizes of what was written, by domain; whole once the block has ended.
    batches : list of (str, int)
        The domain of each batch of the part, and the bytes of its texts.
    """

    def __init__(self, plan: Plan, layout: Layout, name: str):
        self._plan = plan
        self._words_path = layout.word_spills / f"{name}.arrow"
        self._part = PartWriter(layout.parts(len(plan.passes) - 1) / f"{name}.arrow", plan.schema)
        self._words: SpillWriter | None = None
        super().__init__()
        self._held: list[pa.RecordBatch] = []
        self._bytes = 0
        self.domains: dict[str, dict[str, int]] = {}
        self.batches: list[tuple[str, int]] = []

    def __enter__(self) -> Finish:
        self._open.enter_context(self._part)
        return self

    def _finish(self) -> None:
        self._flush()

    def write(self, batch: pa.RecordBatch) -> None:
        """Add documents."""
        while batch.num_rows:
            sizes = self._bytes + np.cumsum(np.diff(strings(batch.column(TEXT)).offsets), dtype=np.int64)
            # Where a turn ends depends on the documents alone, not on how they come in batches.
            n = min(int(np.searchsorted(sizes, FLUSH_BYTES)) + 1, batch.num_rows)
            self._held.append(batch.slice(0, n))
            self._bytes = int(sizes[n - 1])
            batch = batch.slice(n)
            if self._bytes >= FLUSH_BYTES:
                self._flush()

    def _flush(self) -> None:
        if not self._held:
            return
        (batch,) = pa.Table.from_batches(self._held).combine_chunks().to_batches()
        self._held, self._bytes = [], 0
        domains = {"": batch}
        if self._plan.has_domains:
            values = batch.column(DOMAIN)
            names = sorted(values.unique().to_pylist())
            for domain in names:
                # A stage or a source of somebody else may have tagged them.
                if not is_domain_name(domain):
                    raise DataError(f"a document has the domain {domain!r}, which cannot name a folder of the output")
            domains = {domain: batch.filter(pc.equal(values, domain)) for domain in names}
        for domain, documents in domains.items():
            self._part.write(documents)
            self.batches.append((domain, n_bytes(documents.column(TEXT))))
            total = self.domains.setdefault(domain, {})
            for what, n in _size(documents).items():
                total[what] = total.get(what, 0) + n
        self.domains = dict(sorted(self.domains.items()))
        if self._plan.recipe.output.counts or self._plan.recipe.vocab:
            self._count(domains)

    def _count(self, domains: dict[str, pa.RecordBatch]) -> None:
        from korpus.vocab.counts import count_words, spill_table

        vocab = self._plan.recipe.vocab
        lowercase = vocab.lowercase if vocab else False
        words = spill_table({domain: count_words(batch.column(TEXT), lowercase) for domain, batch in domains.items()})
        if self._words is None:
            self._words = self._open.enter_context(SpillWriter(self._words_path, words.schema, self._plan.n_partitions))
        for rows in words.to_batches():
            self._words.write(rows)


def _size(batch: pa.RecordBatch) -> dict[str, int]:
    texts = batch.column(TEXT)
    counts = np.empty((batch.num_rows, 3), np.int32)
    tally(*strings(texts), matching(r"\S"), counts)
    return {
        "n_docs": batch.num_rows,
        "text_bytes": n_bytes(texts),
        "n_chars": int(counts[:, 0].sum(dtype=np.int64)),
        "n_eojeol": int(counts[:, 2].sum(dtype=np.int64)),
        "n_sentences": count_sentences(texts),
    }
