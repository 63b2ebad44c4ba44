"""Counting the words of texts, as many threads at once as there are cores, in as much memory as the words take."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from korpus.batch import string_array, strings
from korpus.errors import DataError
from korpus.kernels.words import count_words, enter_words
from korpus.vocab.bert_classes import table as bert_classes

if TYPE_CHECKING:
    from collections.abc import Iterable

_ONE = np.ones(1, np.int64)
MAX_BYTES = (1 << 31) - 1
"""What 32-bit offsets reach: bytes of distinct words in one counter."""


class WordCounter:
    """Counts words of one batch of texts after the other; holds each distinct word once.

    Words are those of BERT (see `korpus.vocab.counts`), in the case they are in.
    """

    def __init__(self) -> None:
        self._n = 0
        self._slots = np.full(1 << 12, -1, np.int32)
        self._hashes = np.empty(1 << 11, np.uint64)
        self._counts = np.empty(1 << 11, np.int64)
        self._offsets = np.zeros((1 << 11) + 1, np.int32)
        self._data = np.empty(1 << 15, np.uint8)

    @property
    def n_bytes(self) -> int:
        """Bytes of memory in use for the words counted so far."""
        return int(self._offsets[self._n]) + 32 * self._n

    def add(self, texts: pa.StringArray, weights: np.ndarray = _ONE) -> None:
        """Count the words of texts; `weights` (int64) says what each word of a text counts, or of all texts."""
        offsets, data = strings(texts)
        row, at = 0, int(offsets[0])
        while True:
            row, at, self._n = count_words(
                offsets, data, weights, bert_classes(), row, at, self._slots, self._hashes, self._offsets, self._data,
                self._counts, self._n,
            )  # fmt: skip
            if row == len(texts):
                return
            self._make_room(int(offsets[row + 1]) - at)

    def _make_room(self, n_bytes: int) -> None:
        """Double the room for words if it is used up; make some for the bytes of another row."""
        n = self._n
        if n == len(self._counts):
            self._slots = np.full(2 * len(self._slots), -1, np.int32)
            self._hashes, self._counts = np.resize(self._hashes, 2 * n), np.resize(self._counts, 2 * n)
            self._offsets = np.append(self._offsets, np.zeros(n, np.int32))
            enter_words(self._hashes, n, self._slots)
        used = int(self._offsets[n])
        if used + n_bytes > len(self._data):
            if used + n_bytes > MAX_BYTES:
                raise DataError(
                    "there are more than 2 GiB of different words, too many for one vocabulary; take one domain, or "
                    "clean the texts"
                )
            larger = np.empty(min(max(2 * len(self._data), used + n_bytes), MAX_BYTES), np.uint8)
            larger[:used] = self._data[:used]
            self._data = larger

    def counted(self) -> pa.RecordBatch:
        """Return ``word`` and ``count`` in the order of first occurrence; they stay with the counter too."""
        n = self._n
        words = string_array(self._offsets[: n + 1].copy(), self._data[: self._offsets[n]].copy())
        return pa.RecordBatch.from_arrays([words, pa.array(self._counts[:n])], names=["word", "count"])


def count_texts(batches: Iterable[pa.StringArray], n_threads: int | None = None) -> pa.RecordBatch:
    """Count the words of batches of texts in several threads.

    Parameters
    ----------
    batches : iterable of pa.StringArray
        Read by one thread at a time.
    n_threads : int, optional
        As many as there are cores, if not given.

    Returns
    -------
    pa.RecordBatch
        ``word`` (each once, in no particular order) and ``count``.
    """
    source, lock = iter(batches), threading.Lock()

    def work(_: int) -> WordCounter:
        counter = WordCounter()
        while True:
            with lock:
                batch = next(source, None)
            if batch is None:
                return counter
            counter.add(batch)

    n = n_threads or os.cpu_count() or 1
    with ThreadPoolExecutor(n) as pool:
        first, *others = pool.map(work, range(n))
    for other in others:
        counted = other.counted()
        first.add(counted.column(0), np.concatenate([counted.column(1).to_numpy(), _ONE]))
    return first.counted()
