"""Stars: from verified pairs and groups of equal documents to verdicts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from korpus.batch import DOC_ID
from korpus.dedup.forms import read_only
from korpus.dedup.verdicts import SCHEMA, place_keys, verdict_rows
from korpus.io.spill import SpillWriter, partitions
from korpus.kernels.stars import pick_stars

if TYPE_CHECKING:
    from collections.abc import Iterator

    from korpus.io.bits import DocBits


def find_stars(
    edges: list[Path], followers: list[Path], documents: DocBits, n_slices: int, max_rows: int, out: Path
) -> Path:
    """Remove each document that is similar to an earlier, kept one, and let equal documents follow.

    Parameters
    ----------
    edges : list of Path
        Verified pairs, one file a slice, in order.
    followers : list of Path
        Spill files of the documents that equal another one, keyed by that one's place.
    documents : DocBits
        Turns places into document ids.
    n_slices : int
        Number of partitions of `followers`, and of the answer.
    max_rows : int
        How many followers may be in memory at once.
    out : Path
        Where the answer is written.

    Returns
    -------
    Path
        A spill file of `korpus.dedup.verdicts.SCHEMA`, keyed by the removed document's place.

    Notes
    -----
    Global state is one bit for each document. Beside that, the removals of one slice are held.
    """
    n_places = documents.n_places
    removed = np.zeros((n_places + 7) // 8, np.uint8)
    with SpillWriter(out, SCHEMA, n_slices) as verdicts:
        for slice_, path in zip(partitions(tuple(followers), n_slices), edges):
            found = [_pick(batch, removed) for batch in _batches(path)]
            places, kept, similarity = (
                np.concatenate(columns) for columns in zip((np.zeros(0, np.int64),) * 2 + (np.zeros(0),), *found)
            )
            doc_ids, kept = documents.doc_ids(places), documents.doc_ids(kept)
            verdicts.write(verdict_rows(place_keys(places, n_places), doc_ids, kept, similarity))
            for table in slice_.pieces(max_rows):
                own = table.column(DOC_ID).to_numpy()
                of, same = (table.column(name).to_numpy().copy() for name in ("duplicate_of", "similarity"))
                # One whose representative was removed names the document that the representative was removed for.
                if len(doc_ids):
                    row = np.minimum(np.searchsorted(doc_ids, of), len(doc_ids) - 1)
                    follows = doc_ids[row] == of
                    of[follows], same[follows] = kept[row[follows]], similarity[row[follows]]
                verdicts.write(verdict_rows(place_keys(documents.places(own), n_places), own, of, same))
    return out


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    with pa.OSFile(str(path)) as file, pa.ipc.open_file(file) as reader:
        for i in range(reader.num_record_batches):
            yield reader.get_batch(i)


def _pick(batch: pa.RecordBatch, removed: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    later, earlier, similarity = (read_only(column.to_numpy()) for column in batch.columns)
    places, kept, best = np.empty_like(later), np.empty_like(earlier), np.empty_like(similarity)
    n = pick_stars(later, earlier, similarity, removed, places, kept, best)
    return places[:n].copy(), kept[:n].copy(), best[:n].copy()


def warm_up() -> None:
    """Compile the kernel of `find_stars`."""
    _pick(
        pa.RecordBatch.from_arrays([pa.array([1]), pa.array([0]), pa.array([1.0])], ["b", "a", "s"]), np.zeros(1, "u1")
    )
