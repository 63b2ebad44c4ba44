"""Clean any pyarrow dataset batch by batch, in little memory; say what was dropped and why.

From the root of the repository:  python examples/with_pyarrow.py [OUT.parquet]
"""

import sys
from collections import Counter

import pyarrow.dataset as ds
import pyarrow.parquet as pq

import korpus


def main(out="clean.parquet"):
    pipeline = korpus.load("kcelectra")  # or the path of a recipe of your own
    print(f"left out, since a batch cannot know of the others: {', '.join(pipeline.skipped)}")

    # Any format and any number of files: ds.dataset("folder/", format="parquet") streams just the same.
    batches = ds.dataset("examples/comments.jsonl", format="json").to_batches()
    reasons, writer, n_kept = Counter(), None, 0
    for batch in batches:
        kept, dropped = pipeline.split(batch)
        n_kept += kept.num_rows
        reasons.update(zip(dropped["stage"].to_pylist(), dropped["reason"].to_pylist()))
        writer = writer or pq.ParquetWriter(out, kept.schema)
        writer.write_batch(kept)
    writer.close()

    print(f"{n_kept} documents written to {out}")
    for (stage, reason), n in reasons.most_common():
        print(f"{n} dropped by {stage}: {reason}")


if __name__ == "__main__":
    main(*sys.argv[1:])
