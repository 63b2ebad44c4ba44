"""Verification: the exact similarity of candidate pairs, from their texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from korpus.dedup.candidates import unique_pairs
from korpus.dedup.forms import forms, read_only
from korpus.dedup.order import ORDER
from korpus.dedup.texts import SliceTexts
from korpus.io.atomic import replacing
from korpus.io.spill import Partition
from korpus.kernels.jaccard import jaccard, shingle_sets

if TYPE_CHECKING:
    pass

BYTES_PER_PAIR = 120
"""What a pair costs while a slice is sorted."""

MAX_CHUNK = 1 << 18
"""Pairs that are verified at once when their texts are short."""

_FIRST_TAKE, _MAX_TAKE = 8, 1 << 15
# A text beside its form (4 bytes a character) and its hashes (8 bytes a character), both of ASCII or of jamo.
_BYTES_PER_TEXT_BYTE = 16

SCHEMA = pa.schema([("later", pa.int64()), ("earlier", pa.int64()), ("similarity", pa.float64()), (ORDER, pa.uint64())])
"""A verified pair: places of the worse and the better document, their similarity, the order of the worse one."""


def similarities(texts: pa.StringArray, later: np.ndarray, earlier: np.ndarray, how: str, k: int) -> np.ndarray:
    """Return the Jaccard similarity of pairs of texts.

    Parameters
    ----------
    texts : pa.StringArray
        Without nulls.
    later, earlier : int array, shape (n_pairs,)
        Rows of `texts`.
    how : {"normalized", "text", "loose", "jamo"}
        The comparison form.
    k : int
        Code points of a shingle.

    Returns
    -------
    float64 array, shape (n_pairs,)
    """
    return _compare(*_sets(texts, how, k), later, earlier)


def _sets(texts: pa.StringArray, how: str, k: int) -> tuple[np.ndarray, np.ndarray]:
    form = forms(texts, how)
    starts = np.empty(len(form.offsets), np.int64)
    sets = np.empty(len(form.chars) + 1, np.uint64)
    shingle_sets(form.offsets, form.chars, k, starts, sets)
    return starts, sets[: starts[-1]]


def _compare(starts: np.ndarray, sets: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    out = np.empty(len(left))
    jaccard(*(read_only(array) for array in (starts, sets, left, right)), out)
    return out


@dataclass(frozen=True)
class Verify:
    """Verify one slice of candidate pairs; picklable.

    Parameters
    ----------
    folder : Path
        Where the answer is written.
    how : {"normalized", "text", "loose", "jamo"}
        The comparison form.
    shingle_chars : int
        Code points of a shingle.
    threshold : float
        A pair is an edge if its similarity reaches this; both are compared as float64, so that 4 of 5 reaches 0.8.
    memory_bytes : int
        How much one slice may take.
    """

    folder: Path
    how: str
    shingle_chars: int
    threshold: float
    memory_bytes: int

    def __call__(self, item: tuple[Partition, Partition]) -> Path:
        """Return the path of an Arrow file of `SCHEMA`, sorted; no batch parts the pairs of a later document.

        Parameters
        ----------
        item : (Partition, Partition)
            The pairs, and the texts of their documents (`korpus.dedup.texts`).
        """
        slice_, texts = item[0], SliceTexts(item[1])
        path = self.folder / f"edges-{slice_.index}.arrow"
        with (
            replacing(path) as temporary,
            pa.OSFile(str(temporary), "wb") as sink,
            pa.ipc.new_file(sink, SCHEMA) as out,
        ):
            for table in slice_.pieces(self.memory_bytes // BYTES_PER_PAIR):
                pairs = [table.column(name).to_numpy() for name in ("later", "earlier", ORDER)]
                unique = unique_pairs(*pairs[:2])
                for later, earlier, order in _chunks(*(column[unique] for column in pairs)):
                    similarity = self._verify(texts, later, earlier)
                    edge = similarity >= self.threshold
                    columns = [pa.array(column[edge]) for column in (later, earlier, similarity, order)]
                    out.write_batch(pa.RecordBatch.from_arrays(columns, schema=SCHEMA))
        return path

    def _verify(self, texts: SliceTexts, later: np.ndarray, earlier: np.ndarray) -> np.ndarray:
        places, rows = np.unique(np.concatenate([later, earlier]), return_inverse=True)
        found = self._read(texts, places, at_any_cost=len(later) == 1)
        if found is None:
            # The texts are longer than they mostly are: half the pairs at a time, down to a single one.
            half = len(later) // 2
            return np.concatenate(
                [self._verify(texts, later[:half], earlier[:half]), self._verify(texts, later[half:], earlier[half:])]
            )
        return _compare(*found, rows[: len(later)], rows[len(later) :])

    def _read(self, source: SliceTexts, places: np.ndarray, at_any_cost: bool) -> tuple[np.ndarray, np.ndarray] | None:
        """Return the shingle sets of documents, or None if they do not fit."""
        limit = self.memory_bytes // 2
        starts, sets = [np.zeros(1, np.int64)], []
        at, size, n_hashes = 0, min(_FIRST_TAKE, len(places)), 0
        while at < len(places):
            texts = source.take(places[at : at + size])
            own_starts, own_sets = _sets(texts, self.how, self.shingle_chars)
            starts.append(own_starts[1:] + n_hashes)
            sets.append(own_sets)
            n_hashes += len(own_sets)
            at += size
            # The sets are held twice for a moment when they are put together.
            if 16 * n_hashes > limit and not at_any_cost:
                return None
            per_text = 1 + _BYTES_PER_TEXT_BYTE * texts.nbytes // len(texts)
            size = int(max(1, min(_MAX_TAKE, 8 * size, limit // per_text)))
        return np.concatenate(starts), np.concatenate(sets)


def _chunks(later: np.ndarray, *others: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
    begin = 0
    while begin < len(later):
        end = min(begin + MAX_CHUNK, len(later))
        end = int(np.searchsorted(later, later[end - 1], "right"))
        yield tuple(column[begin:end] for column in (later, *others))
        begin = end
