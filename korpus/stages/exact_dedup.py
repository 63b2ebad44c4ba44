"""Drop documents that are equal to another one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from pydantic import Field

from korpus.batch import DOC_ID, TEXT, set_column, strings
from korpus.dedup.exact import BYTES_PER_ROW, HASHED, FindEqual, repeated
from korpus.dedup.forms import forms
from korpus.dedup.order import COLUMN, KEEP, KEEP_DESCRIPTION, ORDER, column_of, order_column, ordered
from korpus.dedup.verdicts import collect, share_bytes
from korpus.kernels.hashing import hash128
from korpus.stage import Dedup, Resolution


class ExactDedup(Dedup):
    """Drop documents that are equal to another one.

    Two documents are equal if the 128-bit hashes (MurmurHash3 x64) of their keys are; two different keys among a
    billion have the same hash with odds of about 1 in 10**21. Of the documents of a key one stays, by default the
    first. A document without a key is never a duplicate: one whose column is null, or whose normalized form is empty.

    Example, with ``key: normalized``: ``정말 좋아요!`` and later ``정말좋아요~~`` → only the first.

    Source: A. Appleby, MurmurHash3; for the normalized form see `korpus.dedup.forms`.
    """

    key: str = Field(
        "text",
        pattern=r"^(text|normalized|column:.+)$",
        description="What must be equal: text; normalized (the text case folded, without spaces and punctuation); "
        "or column:NAME (the value of that column).",
    )
    keep: str = Field("first", pattern=KEEP, description=KEEP_DESCRIPTION)

    def reads(self) -> tuple[str, ...]:
        """Return the columns that the key is made of, and the one that decides which document stays."""
        return tuple(dict.fromkeys((self._column(), *column_of(self.keep))))

    def _column(self) -> str:
        return self.key.removeprefix(COLUMN) if self.key.startswith(COLUMN) else TEXT

    def tables(self) -> dict[str, pa.Schema]:
        """Return the schema of ``keys``: the hash and the document; ``order`` too, unless the first stays."""
        return {"keys": ordered(HASHED, self.keep)}

    def sketch(self, batch: pa.RecordBatch) -> dict[str, pa.RecordBatch]:
        """Return the table ``keys``, without documents that have no key."""
        column, doc_ids = batch.column(self._column()), batch.column(DOC_ID)
        if self.key == "normalized":
            form = forms(column, self.key)
            hashes, has_key = form.hashes(), ~form.is_empty()
        else:
            has_key = ~column.is_null().to_numpy(zero_copy_only=False)
            texts = (
                column.cast(pa.string()).fill_null("") if column.type != pa.string() or column.null_count else column
            )
            hashes = np.empty((2, len(texts)), np.uint64)
            hash128(*strings(texts), 1, hashes)
        rows = pa.RecordBatch.from_arrays([pa.array(hashes[0]), pa.array(hashes[1]), doc_ids], schema=HASHED)
        if (order := order_column(batch, self.keep)) is not None:
            rows = set_column(rows, ORDER, order)
        return {"keys": rows if has_key.all() else rows.filter(pa.array(has_key))}

    def warm_up(self) -> None:
        """Compile the kernel of `resolve`."""
        repeated(np.zeros(2, np.uint64))

    def resolve(self, resolution: Resolution) -> np.ndarray:
        """Return the verdicts: every document of a key but the one that stays."""
        keys = resolution.partitions("keys")
        max_rows = max(1, share_bytes(resolution) // BYTES_PER_ROW)
        find = FindEqual(resolution.dir, resolution.dropped(), "follower", max(1, len(keys)), max_rows)
        found = resolution.map(find, keys, "equal documents")
        return collect(resolution.exchange(found, find.n_slices), max_rows, resolution.dir / "verdicts.npy")
