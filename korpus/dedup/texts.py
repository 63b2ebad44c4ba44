"""The texts of candidate pairs, brought to the tasks that compare them.

A pair lies in a slice by the place of its worse document; the better one may stand anywhere. So each slice says whose
texts it needs (`Request`), the texts are read in the order of the documents, and no others (`Fetch`), and those of a
slice lie together (`SliceTexts`). No task looks for texts all over the input.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from korpus.batch import TEXT
from korpus.dedup.verdicts import place_keys
from korpus.io.spill import KEY, Partition, SpillWriter

if TYPE_CHECKING:
    from korpus.io.bits import DocBits

_PLACE, _SLICE = "place", "slice"
REQUESTS = pa.schema([(KEY, pa.uint64()), (_PLACE, pa.int64()), (_SLICE, pa.int64())])
"""A document's place, which is the key, and the slice that needs its text."""
TEXTS = pa.schema([(KEY, pa.uint64()), (_PLACE, pa.int64()), (TEXT, pa.string())])
"""The text of a document; the key stands for the slice that needs it."""

BYTES_PER_REQUEST = 100
"""What a request costs while some are sorted."""
FETCH_BYTES = 16 << 20
"""About how much text is read at once."""
_FIRST_TAKE = 64


@dataclass(frozen=True)
class Request:
    """Say whose texts one slice of candidate pairs needs; picklable.

    Parameters
    ----------
    folder : Path
        Where the answer is written.
    n_places : int
        Of all documents.
    n_slices : int
        Partitions of the answer.
    max_rows : int
        How many pairs may be in memory at once.
    """

    folder: Path
    n_places: int
    n_slices: int
    max_rows: int

    def __call__(self, pairs: Partition) -> Path:
        """Return the path of a spill file of `REQUESTS`."""
        path = self.folder / f"requests-{pairs.index}.arrow"
        with SpillWriter(path, REQUESTS, self.n_slices) as out:
            for table in pairs.chunks(self.max_rows):
                places = np.unique(np.concatenate([table.column(name).to_numpy() for name in ("later", "earlier")]))
                columns = [place_keys(places, self.n_places), places, np.full(len(places), pairs.index, np.int64)]
                out.write(pa.RecordBatch.from_arrays([pa.array(column) for column in columns], schema=REQUESTS))
        return path


@dataclass(frozen=True)
class Fetch:
    """Read the texts that are needed of one slice of the documents; picklable.

    Parameters
    ----------
    folder : Path
        Where the answer is written.
    documents : DocBits
        Turns places into document ids.
    texts : object
        With a method ``take(doc_ids)`` that returns the texts of sorted document ids.
    n_slices : int
        Partitions of the answer.
    max_rows : int
        How many requests may be in memory at once.
    """

    folder: Path
    documents: DocBits
    texts: Any
    n_slices: int
    max_rows: int

    def __call__(self, requests: Partition) -> Path:
        """Return the path of a spill file of `TEXTS`; those of a slice are in the order of the documents."""
        path = self.folder / f"texts-{requests.index}.arrow"
        with SpillWriter(path, TEXTS, self.n_slices) as out:
            for table in requests.pieces(self.max_rows):
                places, slices = (table.column(name).to_numpy() for name in (_PLACE, _SLICE))
                rows = np.lexsort((slices, places))
                places, slices = places[rows], slices[rows]
                new = np.ones(len(rows), bool)
                new[1:] = (places[1:] != places[:-1]) | (slices[1:] != slices[:-1])
                self._fetch(places[new], slices[new], out)
        return path

    def _fetch(self, places: np.ndarray, slices: np.ndarray, out: SpillWriter) -> None:
        firsts = np.flatnonzero(np.diff(places, prepend=-1))
        borders = np.append(firsts, len(places))
        doc_ids = self.documents.doc_ids(places[firsts])
        at, size = 0, _FIRST_TAKE
        while at < len(doc_ids):
            texts = self.texts.take(doc_ids[at : at + size])
            stop = at + len(texts)
            which = np.repeat(np.arange(len(texts)), np.diff(borders[at : stop + 1]))
            # A long text that many slices need is written a few times at a time.
            n_bytes = np.cumsum(np.asarray(pc.binary_length(texts))[which], dtype=np.int64)
            for rows in np.split(np.arange(len(which)), np.flatnonzero(np.diff(n_bytes // FETCH_BYTES)) + 1):
                here = borders[at] + rows
                keys, own = pa.array(self._keys(slices[here])), pa.array(places[here])
                out.write(pa.RecordBatch.from_arrays([keys, own, texts.take(pa.array(which[rows]))], schema=TEXTS))
            size = max(1, min(8 * size, FETCH_BYTES * len(texts) // max(1, texts.nbytes)))
            at = stop

    def _keys(self, slices: np.ndarray) -> np.ndarray:
        """Return keys of which the upper bits say the slice."""
        if self.n_slices == 1:
            return np.zeros(len(slices), np.uint64)
        return slices.astype(np.uint64) << np.uint64(64 - (self.n_slices.bit_length() - 1))


class SliceTexts:
    """The texts that one slice needs, found by place.

    Parameters
    ----------
    partition : Partition
        Of `TEXTS`.
    """

    def __init__(self, partition: Partition):
        self._texts = [batch.column(TEXT) for batch in partition.views()]
        places = [batch.column(_PLACE).to_numpy() for batch in partition.views()]
        self._places = np.concatenate([np.zeros(0, np.int64), *places])
        self._starts = np.cumsum([0, *map(len, self._texts)])

    def take(self, places: np.ndarray) -> pa.StringArray:
        """Return the texts of documents, given by their places, which are sorted and all there."""
        rows = np.searchsorted(self._places, places)
        found = [pa.array([], pa.string())]
        for number, texts in enumerate(self._texts):
            start, stop = np.searchsorted(rows, self._starts[number : number + 2])
            if start < stop:
                found.append(texts.take(pa.array(rows[start:stop] - self._starts[number])))
        return pa.concat_arrays(found)
