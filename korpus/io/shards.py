"""The files of the output: how documents are laid out in them, and how they are written.

Nothing here depends on the number of workers or the batch size: a shard is a run of whole parts, and so is each of its
row groups, and parts follow from the input and the recipe alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from korpus.batch import DOC_ID, DOCUMENT, ROW_BITS, TEXT
from korpus.io.atomic import replacing, sha256
from korpus.io.parts import open_part, read_part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ROW_GROUP_BYTES = 32 << 20
"""Text bytes of a row group: large enough to scan fast, small enough to hold a few in memory."""

LEDGER_SCHEMA = pa.schema(
    [
        (DOC_ID, pa.int64()),
        ("path", pa.string()),
        ("row", pa.int64()),
        ("stage", pa.string()),
        ("reason", pa.string()),
        ("detail", pa.string()),
        ("duplicate_of", pa.int64()),
        ("similarity", pa.float64()),
        (TEXT, pa.string()),
    ]
)


@dataclass(frozen=True)
class Shard:
    """One file to be written.

    Attributes
    ----------
    path : str
        Relative to the output folder.
    domain : str
        Empty if the recipe knows no domains.
    pieces : tuple of (Path, int)
        Parts, and which of their batches.
    """

    path: str
    domain: str
    pieces: tuple[tuple[Path, int], ...]


def cut(sizes: Iterable[int], limit: int) -> Iterator[tuple[int, int]]:
    """Cut a sequence into runs: each is closed as soon as its sizes add up to `limit`.

    Yields
    ------
    (start, stop) of each run; none is empty.
    """
    start = total = 0
    stop = -1
    for stop, size in enumerate(sizes):
        total += size
        if total >= limit:
            yield start, stop + 1
            start, total = stop + 1, 0
    if start < stop + 1:
        yield start, stop + 1


def _row_groups(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    held: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        held.append(batch)
        size += (
            pc.sum(pc.binary_length(batch.column(TEXT))).as_py() or 0 if TEXT in batch.schema.names else batch.nbytes
        )
        if size >= ROW_GROUP_BYTES:
            yield pa.Table.from_batches(held).combine_chunks()
            held, size = [], 0
    if held:
        yield pa.Table.from_batches(held).combine_chunks()


def write_parquet(path: Path, batches: Iterator[pa.RecordBatch], schema: pa.Schema, compression: str) -> dict:
    """Write batches as one Parquet file.

    Parameters
    ----------
    path : Path
        Of the file; complete or absent.
    batches : iterator of pa.RecordBatch
        Row groups are made of whole batches.
    schema : pa.Schema
        Of the file: the columns to take from each batch.
    compression : str
        ``zstd``, ``snappy``, ``gzip``, ``lz4`` or ``none``.

    Returns
    -------
    dict
        ``rows``, ``bytes`` and ``sha256`` of the file.
    """
    rows = 0
    with (
        replacing(path, durable=True) as temporary,
    ):
        with pq.ParquetWriter(temporary, schema, compression=compression) as writer:
            for table in _row_groups(batches):
                writer.write_table(table.select(schema.names).cast(schema), row_group_size=max(1, table.num_rows))
                rows += table.num_rows
        return {"rows": rows, "bytes": temporary.stat().st_size, "sha256": sha256(temporary)}


def read_shard(shard: Shard) -> Iterator[pa.RecordBatch]:
    """Yield the documents of a shard from its parts."""
    for path, i in shard.pieces:
        yield open_part(path).get_batch(i)


@dataclass(frozen=True)
class Rows:
    """Where the rows of one split stand in the input.

    Attributes
    ----------
    name : str
        Of the split's part.
    path : str
        Path of the input file, as the user gave it.
    first : int
        Number of the split's first row in the file: lines count from 1, and so do records and Parquet rows.
    """

    name: str
    path: str
    first: int


def read_ledger(splits: Sequence[Rows], folders: Sequence[Path], with_text: bool) -> Iterator[pa.RecordBatch]:
    """Yield the rejects of several splits, from all passes, in the order of their ids."""
    for split in splits:
        parts = [folder / f"{split.name}.arrow" for folder in folders]
        batches = [batch for part in parts if part.exists() for batch in read_part(part)]
        if not batches:
            continue
        table = pa.Table.from_batches(batches).sort_by(DOC_ID)
        n = table.num_rows
        # A piece of a document has the row of the document.
        read = pc.coalesce(table[DOCUMENT], table[DOC_ID])
        row = pc.add(pc.bit_wise_and(read, (1 << ROW_BITS) - 1), split.first)
        table = table.append_column("path", pa.array([split.path]).take(pa.array([0] * n, pa.int32())))
        table = table.append_column("row", row)
        if not with_text:
            table = table.set_column(table.schema.get_field_index(TEXT), TEXT, pa.nulls(n, pa.string()))
        yield table.select(LEDGER_SCHEMA.names).combine_chunks().to_batches()[0]
