"""Bring rows of equal keys together: through the exchange of korpus, and through the shuffle of Spark.

    python benchmarks/shuffle.py [--n 20000000] [--workers 2]

Rows of a key and a document id, spread over 150 splits, are cut into 64 partitions, and each partition is read once by
a Python process. Spark runs as local-cluster, is warmed up first, and makes its rows itself.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from korpus.engine.exchange import gathered
from korpus.io.spill import Partition, SpillWriter, partitions

N_SPLITS, N_PARTITIONS, BATCH_ROWS = 150, 64, 8192
GOLDEN, MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)


def write(folder: Path, per_split: int, split: int) -> Path:
    """Spill the rows of one split."""
    ids = np.arange(split * per_split, (split + 1) * per_split)
    keys = ids.astype(np.uint64) * GOLDEN
    keys = (keys ^ (keys >> np.uint64(29))) * MIX
    batch = pa.record_batch([pa.array(keys), pa.array(ids)], ["key", "doc_id"])
    path = folder / f"{split:04d}.arrow"
    with SpillWriter(path, batch.schema, N_PARTITIONS) as out:
        for start in range(0, per_split, BATCH_ROWS):
            out.write(batch.slice(start, BATCH_ROWS))
    return path


def read(partition: Partition) -> int:
    """Return how many rows a partition has, once it is read."""
    return partition.read().num_rows


def ours(n: int, workers: int) -> None:
    """Time the exchange of korpus."""
    with tempfile.TemporaryDirectory() as name, ProcessPoolExecutor(workers) as pool:
        list(pool.map(abs, range(workers)))
        start = time.perf_counter()
        paths = list(pool.map(partial(write, Path(name), n // N_SPLITS), range(N_SPLITS)))
        written = time.perf_counter()
        paths = gathered(paths, lambda function, items, what: list(pool.map(function, items)))
        together = time.perf_counter()
        n_read = sum(pool.map(read, partitions(tuple(paths), N_PARTITIONS)))
        end = time.perf_counter()
    print(
        f"korpus: {n_read:,} rows in {end - start:.1f} s (written {written - start:.1f}, put together "
        f"{together - written:.1f}, read {end - together:.1f})",
        flush=True,
    )


def spark(n: int, workers: int) -> None:
    """Time the shuffle of Spark."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession
    from pyspark.sql.functions import xxhash64

    builder = SparkSession.builder.master(f"local-cluster[{workers},1,1536]")
    quiet = {
        "ui.enabled": "false",
        "log.level": "OFF",
        "ui.showConsoleProgress": "false",
        "sql.adaptive.enabled": "false",
    }
    for key, value in quiet.items():
        builder = builder.config(f"spark.{key}", value)
    session = builder.getOrCreate()

    def count(batches: Any) -> Any:
        import pyarrow as pa

        yield pa.RecordBatch.from_pydict({"n": [sum(batch.num_rows for batch in batches)]})

    for rows in (1000, n):
        start = time.perf_counter()
        keyed = session.range(0, rows, 1, N_SPLITS).select(xxhash64("id").alias("key"), "id")
        n_read = sum(row.n for row in keyed.repartition(N_PARTITIONS, "key").mapInArrow(count, "n long").collect())
        took = time.perf_counter() - start
    print(f"Spark: {n_read:,} rows in {took:.1f} s")
    session.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=20_000_000)
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    ours(args.n, args.workers)
    ours(args.n, args.workers)
    spark(args.n, args.workers)


if __name__ == "__main__":
    main()
