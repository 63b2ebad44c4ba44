"""What a worker does once the passes are over: one function a kind of file in the output folder.

Each takes ``(job, path, content, mark)`` and leaves a description of the file at ``mark``, last of all; where the mark
is there already, an earlier run has written the file.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from korpus.batch import DOMAIN
from korpus.io.atomic import read_whole, sha256, write_mark
from korpus.io.shards import LEDGER_SCHEMA, read_ledger, read_shard, write_parquet
from korpus.io.spill import Partition

if TYPE_CHECKING:
    from korpus.engine.job import Job


def _once(function: Callable[[Job, str, Any], dict]) -> Callable[[tuple], dict]:
    @wraps(function)
    def task(item: tuple[Job, str, Any, Path]) -> dict:
        job, path, content, mark = item
        file, key = job.layout.out / path, job.plan.corpus_key
        # A mark is there only if a run goes on.
        described = read_whole(mark, key) if mark.exists() else None
        if described is None:
            described = {"path": path, **function(job, path, content)}
            write_mark(mark, described, key, [file])
        return described

    return task


def _parquet(job: Job, path: str, batches: Any, schema: pa.Schema) -> dict:
    return write_parquet(job.layout.out / path, batches, schema, job.plan.recipe.output.compression)


@_once
def write_shard(job: Job, path: str, shard: Any) -> dict:
    """Write a shard of documents; their domain stands in the path and not in the file, as Hive readers expect."""
    names = [field for field in job.plan.schema if not (job.plan.has_domains and field.name == DOMAIN)]
    return {"domain": shard.domain, **_parquet(job, path, read_shard(shard), pa.schema(names))}


@_once
def write_ledger(job: Job, path: str, content: tuple) -> dict:
    """Write the rejects of some splits."""
    rows, folders = content
    return _parquet(job, path, read_ledger(rows, folders, job.plan.recipe.output.rejects == "full"), LEDGER_SCHEMA)


@_once
def write_counts(job: Job, path: str, content: tuple) -> dict:
    """Add up the word counts of one partition, a piece at a time, and write them; no file for one without words."""
    from korpus.vocab.counts import merge_pieces
    from korpus.vocab.schema import DOMAIN_COUNT_SCHEMA, LOWERCASE

    paths, number = content
    merged = merge_pieces(Partition(paths, number, job.plan.n_partitions)) if paths else iter(())
    first = next(merged, None)
    if first is None:
        return {"rows": 0}
    vocab = job.plan.recipe.vocab
    schema = DOMAIN_COUNT_SCHEMA.with_metadata({LOWERCASE: str(bool(vocab and vocab.lowercase)).lower()})
    batches = (batch.replace_schema_metadata(schema.metadata) for batch in chain([first], merged))
    return _parquet(job, path, batches, schema)


def digest(path: str) -> str:
    """Return the SHA-256 of an input file, here or elsewhere."""
    return sha256(path)
