"""A bitmap over all documents of an input."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from korpus.batch import ROW_BITS
from korpus.io.atomic import replacing
from korpus.io.place import fetched

_ROW = np.int64((1 << ROW_BITS) - 1)


class DocBits:
    """One bit for every row of every split, addressed by document id; all clear at first.

    A document's *place* is its row counted over all splits: ids have holes, places have none, and both grow together.

    Parameters
    ----------
    splits : int array, shape (n_splits,)
        The splits' keys (``doc_id >> ROW_BITS``), strictly increasing.
    n_rows : int array, shape (n_splits,)
        How many rows each split has, bad ones too: its largest row number plus one.

    Attributes
    ----------
    n_places : int
        Rows of all splits together.

    Notes
    -----
    Pickled with its content, or by path alone when it was saved or loaded and not changed since.
    """

    def __init__(self, splits: np.ndarray, n_rows: np.ndarray):
        self._splits = np.asarray(splits, np.int64)
        if len(self._splits) != len(n_rows) or (np.diff(self._splits) <= 0).any():
            raise ValueError("splits must be strictly increasing, with one number of rows each")
        self._starts = np.concatenate([[0], np.cumsum(np.asarray(n_rows, np.int64))])
        self._bits = np.zeros((self.n_places + 7) // 8, np.uint8)
        self._path: Path | None = None

    @property
    def n_places(self) -> int:
        """Return the number of rows of all splits."""
        return int(self._starts[-1])

    def places(self, doc_ids: np.ndarray) -> np.ndarray:
        """Return the places of documents.

        Parameters
        ----------
        doc_ids : int64 array, shape (n,)

        Returns
        -------
        int64 array, shape (n,)

        Raises
        ------
        IndexError
            If there is no such document.
        """
        split = np.searchsorted(self._splits, doc_ids >> ROW_BITS)
        row = doc_ids & _ROW
        known = split < len(self._splits)
        at = np.minimum(split, max(0, len(self._splits) - 1))
        if len(doc_ids) and not (
            known.all()
            and (self._splits[at] == doc_ids >> ROW_BITS).all()
            and (row < self._starts[at + 1] - self._starts[at]).all()
        ):
            raise IndexError("a document id lies outside of the splits")
        return self._starts[at] + row

    def doc_ids(self, places: np.ndarray) -> np.ndarray:
        """Return the document ids at places; the inverse of `places`."""
        split = np.searchsorted(self._starts, places, side="right") - 1
        return (self._splits[split] << ROW_BITS) | (places - self._starts[split])

    @property
    def n_reference(self) -> int:
        """Return the number of rows of splits with negative keys, whose places come first: those of references."""
        return int(self._starts[np.searchsorted(self._splits, 0)])

    def set(self, doc_ids: np.ndarray) -> None:
        """Set the bits of documents (int64 array, repeats allowed)."""
        places = self.places(doc_ids)
        if not self._bits.flags.writeable:
            self._bits = self._bits.copy()
        np.bitwise_or.at(self._bits, places >> 3, (1 << (places & 7)).astype(np.uint8))
        self._path = None

    def test(self, doc_ids: np.ndarray) -> np.ndarray:
        """Return which documents' bits are set, as a bool array."""
        return self.test_places(self.places(doc_ids))

    def test_places(self, places: np.ndarray) -> np.ndarray:
        """Return which bits are set at places (int64 array), as a bool array."""
        return (self._bits[places >> 3] >> (places & 7).astype(np.uint8)) & 1 == 1

    def copy(self) -> DocBits:
        """Return a bitmap of the same content that changes on its own."""
        other = object.__new__(DocBits)
        other._splits, other._starts, other._path = self._splits, self._starts, None
        other._bits = np.array(self._bits)
        return other

    def save(self, path: Path) -> None:
        """Write to a file, which appears only when whole."""
        with replacing(path) as temporary, temporary.open("wb") as file:
            for array in (self._splits, self._starts, self._bits):
                np.save(file, array)
        self._path = path

    @classmethod
    def load(cls, path: Path, mmap: bool = True) -> DocBits:
        """Read a saved bitmap; with `mmap`, processes share its pages until they set a bit."""
        bits = object.__new__(cls)
        here = fetched(path)
        with here.open("rb") as file:
            bits._splits, bits._starts = np.load(file), np.load(file)
            if mmap and bits.n_places:
                n_bytes = (bits.n_places + 7) // 8
                bits._bits = np.memmap(here, np.uint8, "r", here.stat().st_size - n_bytes, (n_bytes,))
            else:
                bits._bits = np.load(file)
        bits._path = path
        return bits

    def __reduce__(self) -> tuple:
        if self._path is not None:
            return DocBits.load, (self._path,)
        return _rebuild, (self._splits, self._starts, np.array(self._bits))


def _rebuild(splits: np.ndarray, starts: np.ndarray, content: np.ndarray) -> DocBits:
    bits = object.__new__(DocBits)
    bits._splits, bits._starts, bits._bits, bits._path = splits, starts, content, None
    return bits
