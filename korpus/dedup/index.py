"""References: documents that others are compared with and that are never removed, kept as an index on disk.

An index is a folder:

    index.json     what it was made with, and where its documents come from: a source and rows for each split
    forms/, bands/ the sketches of its documents, as spill files; their ids number split and row within the index
    texts/         for each split the forms of its documents, which the exact similarity is computed from, compressed

Forms are kept rather than hashes of their shingles: 8 bytes a shingle, which do not compress, would take five times as
much. A form is its own form, so it is read back as any text is.
"""

from __future__ import annotations

import glob
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from korpus.batch import DOC_ID, ROW_BITS, TEXT
from korpus.dedup.forms import forms
from korpus.errors import DataError
from korpus.io.atomic import fingerprint, read_sealed, replacing, sync, sync_folders, write_sealed
from korpus.io.parts import rows_of_part
from korpus.io.readers import InputFile, discover

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from korpus.io.parts import Texts
    from korpus.stage import Reference

FORMAT = 2
CONTENT = "index.json"
REMEDY = "put it back, or run the recipe that makes the index again with --fresh"
TEXTS_SCHEMA = pa.schema([(DOC_ID, pa.int64()), (TEXT, pa.string())])


@dataclass(frozen=True)
class Index:
    """An index that is whole.

    Attributes
    ----------
    path : Path
        Its folder.
    options : dict
        What its sketches were made with.
    n_docs : int
    splits : tuple of (str, int, int)
        For each split its source, the number of its first row there, and how many rows it has.
    files : dict of str to [int, int]
        Of each of its files the size and a checksum; none for an index of an early version.
    """

    path: Path
    options: dict[str, Any]
    n_docs: int
    splits: tuple[tuple[str, int, int], ...]
    files: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> Index:
        """Read what an index says of itself, and see that its files have their size.

        Raises
        ------
        DataError
            If it is of another version, or was cut or altered.
        """
        content = read_sealed(path / CONTENT, REMEDY, required=False)
        if content.get("korpus_index") != FORMAT:
            raise DataError(f"{path} is not an index of this version of korpus")
        files = content.get("files", {})
        for name, (n_bytes, _) in files.items():
            file = path / name
            if ".." in file.parts or not file.is_relative_to(path):
                raise DataError(f"{path / CONTENT} names {name!r}, which is no file of its own; {REMEDY}")
            if not file.is_file() or file.stat().st_size != n_bytes:
                raise DataError(f"{file} was cut, or is missing; {REMEDY}")
        splits = tuple((source, first, n_rows) for source, first, n_rows in content["splits"])
        return cls(path, content["options"], content["n_docs"], splits, files)

    def require_whole(self, run: Callable) -> None:
        """Raise `DataError` unless the files of the index are as they were written.

        Parameters
        ----------
        run : callable
            ``run(function, items, what) -> list``.
        """
        found = run(fingerprint, [self.path / name for name in self.files], f"index {self.path.name}")
        for (name, expected), what in zip(self.files.items(), found):
            if what != expected:
                raise DataError(f"{self.path / name} was altered; {REMEDY}")

    def save(self) -> None:
        """Write down what the index is, once all its other files are there."""
        files = sorted(path for path in self.path.rglob("*.arrow") if path.is_file())
        for file in files:
            sync(file)
        sync_folders(self.path)
        write_sealed(
            self.path / CONTENT,
            {
                "korpus_index": FORMAT,
                "options": self.options,
                "n_docs": self.n_docs,
                "splits": self.splits,
                "files": {file.relative_to(self.path).as_posix(): fingerprint(file) for file in files},
            },
            durable=True,
        )

    def tables(self, name: str) -> tuple[Path, ...]:
        """Return the spill files of a sketch table."""
        return tuple(sorted((self.path / name).glob("*.arrow")))


def text_path(folder: Path, split: int) -> Path:
    """Return the file of the forms of one split of an index."""
    return folder / "texts" / f"{split:07d}.arrow"


def write_texts(path: Path, batches: Iterable[tuple[np.ndarray, pa.StringArray]], how: str) -> int:
    """Write the forms of documents.

    Parameters
    ----------
    path : Path
    batches : iterable of (int64 array, pa.StringArray)
        Ids within the index, in order, and texts.
    how : {"normalized", "text"}
        The comparison form.

    Returns
    -------
    int
        How many documents these are.
    """
    n = 0
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with (
        replacing(path) as temporary,
        pa.OSFile(str(temporary), "wb") as sink,
        pa.ipc.new_file(sink, TEXTS_SCHEMA, options=options) as out,
    ):
        for ids, texts in batches:
            n += len(ids)
            out.write_batch(pa.RecordBatch.from_arrays([pa.array(ids), _form_texts(texts, how)], schema=TEXTS_SCHEMA))
    return n


def _form_texts(texts: pa.StringArray, how: str) -> pa.StringArray:
    form = forms(texts, how)
    n_bytes = 1 + (form.chars > 0x7F).astype(np.int8) + (form.chars > 0x7FF) + (form.chars > 0xFFFF)
    ends = np.concatenate([[0], np.cumsum(n_bytes, dtype=np.int32)]).astype(np.int32)
    data = form.chars.tobytes().decode("utf-32-le").encode()
    return pa.StringArray.from_buffers(len(texts), pa.py_buffer(ends[form.offsets]), pa.py_buffer(data))


@dataclass(frozen=True)
class AllTexts:
    """The texts of a pass and of its references, found by document id.

    Parameters
    ----------
    own : Texts
        Of the pass.
    indexes : tuple of (Path, int)
        The folder of each index and its first split's key, which is negative; in the order of the keys.
    """

    own: Texts
    indexes: tuple[tuple[Path, int], ...]

    def take(self, doc_ids: np.ndarray) -> pa.StringArray:
        """Return the texts of documents, sorted by id, and the forms of those that are references."""
        n_reference = int(np.searchsorted(doc_ids, 0))
        found: list[pa.Array] = []
        keys = doc_ids[:n_reference] >> ROW_BITS
        firsts = np.array([first for _, first in self.indexes], np.int64)
        borders = np.flatnonzero(np.diff(keys, prepend=1, append=1)) if n_reference else np.zeros(0, np.int64)
        for start, stop in zip(borders[:-1], borders[1:]):
            folder, first = self.indexes[int(np.searchsorted(firsts, keys[start], "right")) - 1]
            own_ids = doc_ids[start:stop] - (np.int64(first) << ROW_BITS)
            found.extend(rows_of_part(text_path(folder, int(keys[start]) - first), own_ids))
        found.append(self.own.take(doc_ids[n_reference:]))
        return pa.concat_arrays(found)


def refuse_to_replace(path: str | None) -> None:
    """Raise `DataError` if something other than an index stands where one is to be saved."""
    if path and Path(path).exists() and not (Path(path) / CONTENT).is_file():
        raise DataError(f"{path} is there already and is not an index of korpus; give minhash_dedup another index")


def find_references(reference: Reference) -> list[Index | InputFile]:
    """Find references.

    Parameters
    ----------
    reference : Reference
        Of its files, folders and globs, a folder that is an index stands for itself. The index that is to be saved
        is passed over.

    Raises
    ------
    DataError
        If there is nothing to read, or an index is of another make.
    """
    found: list[Index | InputFile] = []
    own = reference.index and Path(reference.index).resolve()
    for entry in reference.against:
        matched = [Path(entry)] if Path(entry).exists() else sorted(map(Path, glob.glob(entry, recursive=True)))
        indexes = [path for path in matched if (path / CONTENT).is_file()]
        for path in indexes:
            if path.resolve() == own:
                continue
            index = Index.load(path)
            for name, value in reference.options.items():
                if index.options.get(name) != value:
                    raise DataError(
                        f"the index {path} was made with {name}: {index.options.get(name)}, this recipe has {value}; "
                        f"give minhash_dedup the same {name}, or name the texts themselves under against"
                    )
            found.append(index)
        others = [str(path) for path in matched if path not in indexes] if indexes else [entry]
        if others:
            found.extend(discover(others))
    return found
