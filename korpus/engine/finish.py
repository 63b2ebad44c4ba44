"""The final documents of one split: cut by domain, their words counted, written."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from korpus.batch import DOMAIN, TEXT, n_bytes, strings
from korpus.domains.lexicon import is_domain_name
from korpus.errors import DataError
from korpus.io.parts import PartWriter
from korpus.io.spill import SpillWriter
from korpus.kernels.charset import matching, tally
from korpus.sentences import count_sentences

if TYPE_CHECKING:
    from korpus.io.layout import Layout
    from korpus.plan import Plan

FLUSH_BYTES = 32 << 20
"""Of text; a split has more only if documents of many others were joined to its own."""


class Finish:
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
        self._open = ExitStack()
        self._held: list[pa.RecordBatch] = []
        self._bytes = 0
        self.domains: dict[str, dict[str, int]] = {}
        self.batches: list[tuple[str, int]] = []

    def __enter__(self) -> Finish:
        self._open.enter_context(self._part)
        return self

    def __exit__(self, *error: object) -> None:
        if error[0] is not None:
            self._open.__exit__(*error)
            return
        with self._open:
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
