"""The format ``hf``."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from korpus.corpus.corpus import ALL
from korpus.export._format import Format
from korpus.io.atomic import replacing
from korpus.report import card, summary

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from korpus.corpus.corpus import Corpus
    from korpus.corpus.manifest import File, Manifest


class HuggingFace(Format):
    """A folder that datasets.load_dataset opens, with one configuration a domain."""

    def write(self, corpus: Corpus, to: Path, shards: Sequence[File]) -> list[Path]:
        """Write the documents with their domain as a column, which `datasets` does not take from a path, and a card."""
        written = []
        for shard in shards:
            path = to / PurePosixPath(shard["path"])
            batches = corpus.read(shard)
            first = next(batches)
            with (
                replacing(path, durable=True) as temporary,
                pq.ParquetWriter(temporary, first.schema, compression="zstd") as writer,
            ):
                writer.write_batch(first)
                for batch in batches:
                    writer.write_batch(batch)
            written.append(path)
        names = {shard["domain"] or ALL for shard in shards}
        domains = {name: size for name, size in corpus.manifest["domains"].items() if name in names}
        told: Manifest = {**corpus.manifest, "shards": list(shards), "domains": domains}
        with replacing(to / "README.md", durable=True) as temporary:
            temporary.write_text(card.render(summary.summarize(told), told), encoding="utf-8")
        return [*written, to / "README.md"]
