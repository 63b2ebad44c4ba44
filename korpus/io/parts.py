"""Parts: the documents of one split between two passes, as an Arrow file that is read by memory map.

A part keeps its documents in the order of their ids. The parts of the last pass hold one batch a domain instead,
so that a shard takes its domain's rows without touching the others.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from korpus.batch import DOC_ID, PIECES, ROW_BITS, SPLIT_BITS, TEXT
from korpus.io.atomic import Finishing, replacing
from korpus.io.opening import open_input
from korpus.io.place import is_elsewhere, place

if TYPE_CHECKING:
    from collections.abc import Iterator


def part_name(file: int, index: int) -> str:
    """Return the name, without an ending, of everything that belongs to one split."""
    return f"{file:06d}-{index:07d}"


class PartWriter(Finishing):
    """Write an Arrow file, batch by batch. Used as a context manager; the file appears when the block has ended well.

    Parameters
    ----------
    path : Path
        Name of the finished file.
    schema : pa.Schema, optional
        Of a part without batches; if it is not given, there is no such part.
    """

    def __init__(self, path: Path, schema: pa.Schema | None = None):
        self.path, self._schema = path, schema
        self._writer: pa.ipc.RecordBatchFileWriter | None = None
        super().__init__()

    def __enter__(self) -> PartWriter:
        return self

    def _finish(self) -> None:
        if self._writer is None and self._schema is not None:
            self._start(self._schema)

    def write(self, batch: pa.RecordBatch) -> None:
        """Write one batch."""
        writer = self._start(batch.schema) if self._writer is None else self._writer
        writer.write_batch(batch)

    def _start(self, schema: pa.Schema) -> pa.ipc.RecordBatchFileWriter:
        temporary = self._open.enter_context(replacing(self.path))
        sink = self._open.enter_context(pa.OSFile(str(temporary), "wb"))
        self._writer = self._open.enter_context(pa.ipc.new_file(sink, schema))
        return self._writer


def open_file(path: Path) -> pa.ipc.RecordBatchFileReader:
    """Open an Arrow file of a run, whose batches are read when they are asked for."""
    return pa.ipc.open_file(pa.PythonFile(open_input(path), "r") if is_elsewhere(path) else pa.OSFile(str(path)))


def open_part(path: Path) -> pa.ipc.RecordBatchFileReader:
    """Open a part by memory map, so that its batches are views of the file; one in a store as any file."""
    if is_elsewhere(path):
        return open_file(path)
    return pa.ipc.open_file(pa.memory_map(str(path)))


def read_part(path: Path) -> Iterator[pa.RecordBatch]:
    """Yield the batches of a part."""
    reader = open_part(path)
    for i in range(reader.num_record_batches):
        yield reader.get_batch(i)


def rows_of_part(path: Path, wanted: np.ndarray) -> Iterator[pa.Array]:
    """Yield the texts of the documents `wanted` (sorted ids) of a part; `KeyError` if one is not there."""
    n_found = 0
    for batch in read_part(path):
        ids = batch.column(DOC_ID).to_numpy()
        if n_found == len(wanted) or not len(ids) or ids[-1] < wanted[n_found]:
            continue
        stop = int(np.searchsorted(wanted, ids[-1], "right"))
        asked = wanted[n_found:stop]
        rows = np.searchsorted(ids, asked)
        if not np.array_equal(ids[np.minimum(rows, len(ids) - 1)], asked):
            break
        yield batch.column(TEXT).take(pa.array(rows))
        n_found = stop
    if n_found != len(wanted):
        raise KeyError(f"{path} does not hold document {int(wanted[n_found])}")


class Texts:
    """The texts of a pass, found by document id.

    Parameters
    ----------
    folder : Path
        Where the parts of the pass are.
    """

    def __init__(self, folder: Path):
        self.folder = place(folder)

    def take(self, doc_ids: np.ndarray) -> pa.StringArray:
        """Return the texts of documents.

        Parameters
        ----------
        doc_ids : int64, shape (n,)
            Sorted; each must be a document of the pass.

        Returns
        -------
        pa.StringArray, shape (n,)

        Raises
        ------
        KeyError
            If a document is not there.
        """
        found: list[pa.Array] = []
        splits = doc_ids >> ROW_BITS
        borders = np.flatnonzero(np.diff(splits, prepend=-1, append=-1))
        for start, stop in zip(borders[:-1], borders[1:]):
            key = int(splits[start])
            name = part_name(key >> SPLIT_BITS, key & (PIECES - 1))
            found.extend(rows_of_part(self.folder / f"{name}.arrow", doc_ids[start:stop]))
        return pa.concat_arrays(found) if found else pa.array([], pa.string())
