"""Which documents belong together: connected by values that they share, in order, cut to a bounded length."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from korpus.batch import DOC_ID
from korpus.dedup.columns import joined, take
from korpus.dedup.exact import BYTES_PER_ROW, HASHED, FindEqual
from korpus.dedup.forms import read_only
from korpus.dedup.verdicts import collect, place_keys, share_bytes
from korpus.io.atomic import replacing
from korpus.io.place import fetched, working
from korpus.io.spill import KEY, Partition, SpillWriter
from korpus.kernels.pieces import cut_pieces
from korpus.kernels.unionfind import ALONE, flatten, unite

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from korpus.io.bits import DocBits
    from korpus.stage import Resolution

MEMBER = np.dtype([(DOC_ID, np.int64), ("document", np.int64), ("rank", np.int32)])
"""A document that becomes a part of another, and its place there; see `korpus.stage.Group.resolve`."""

LINKS = HASHED
"""A document and the hash of a value: documents of equal values belong together."""

MEMBERS = pa.schema(
    [(KEY, pa.uint64()), (DOC_ID, pa.int64()), ("order", pa.int64()), ("fine", pa.int32()), ("n_bytes", pa.int64())]
)
"""A document, what its place among others depends on, and how long it is."""

_THREADED = MEMBERS.insert(1, pa.field("thread", pa.int64()))
_FOUND = pa.schema([(KEY, pa.uint64()), (DOC_ID, pa.int64()), ("document", pa.int64()), ("rank", pa.int32())])
_CHUNK_ROWS = 1 << 20
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2**64 divided by the golden ratio, after D. Knuth


def spread(numbers: np.ndarray) -> np.ndarray:
    """Return spill keys (uint64) for numbers (int64) that may lie close together; different ones for different ones."""
    return numbers.astype(np.uint64) * _SPREAD


class _Rows(NamedTuple):
    """Documents of threads; all columns of one length.

    Sorted by thread, then by order, then by id.
    """

    thread: np.ndarray
    order: np.ndarray
    fine: np.ndarray
    doc_ids: np.ndarray
    n_bytes: np.ndarray


_SAVED = np.dtype([(name, np.int64) for name in _Rows._fields])


def find_threads(resolution: Resolution, n_between: int, max_bytes: int) -> np.ndarray:
    """Find the documents that belong together, directly or through others, and put them in order.

    Parameters
    ----------
    resolution : Resolution
        With the tables ``links`` and ``members`` (`LINKS` and `MEMBERS`).
    n_between : int
        Bytes of what will stand between two texts.
    max_bytes : int
        Where more texts than this come together, they become several documents.

    Returns
    -------
    structured array `MEMBER`, sorted by ``doc_id``
        Memory-mapped.

    Notes
    -----
    Two different values among a billion have the same 128-bit hash with odds of about 1 in 10**21. Beside
    `Resolution.memory_bytes`, 8 bytes a document are mapped from a file.
    """
    documents, folder = resolution.dropped(), resolution.dir
    links, paths = resolution.partitions("links"), resolution.spills("members")
    n_slices = max(1, len(links))
    max_rows = max(1, share_bytes(resolution) // BYTES_PER_ROW)
    equal = FindEqual(folder, documents, "follower", n_slices, max_rows)
    pairs = resolution.map(equal, links, "linked documents")
    threads = _components(pairs, documents, folder / "threads.npy")
    # Documents are looked up in their order, so that what is mapped is read from its beginning to its end.
    step = max(1, len(paths) // n_slices)
    batches = [(i, paths[i : i + step]) for i in range(0, len(paths), step)]
    threaded = resolution.map(_Thread(folder, documents, threads, n_slices, max_rows), batches, "threads")
    cut = _Cut(folder, documents, n_slices, max_rows, n_between, max_bytes)
    found = resolution.map(cut, resolution.exchange(threaded, n_slices), "order of threads")
    return collect(resolution.exchange(found, n_slices), max_rows, folder / "members.npy", MEMBER)


def _components(paths: Iterable[Path], documents: DocBits, out: Path) -> Path:
    """Write the smallest place of each place's component, `ALONE` for one that is in no pair; return the file."""
    with replacing(out) as temporary:
        if not documents.n_places:
            with temporary.open("wb") as file:
                np.save(file, np.zeros(0, np.int64))
            return out
        mapped = np.lib.format.open_memmap(temporary, "w+", np.int64, (documents.n_places,))
        parents = np.asarray(mapped)
        parents[:] = ALONE
        for table in Partition(tuple(paths), 0, 1).chunks(_CHUNK_ROWS):
            ones, others = (documents.places(table.column(name).to_numpy()) for name in (DOC_ID, "duplicate_of"))
            unite(read_only(ones), read_only(others), parents)
        flatten(parents)
        mapped.flush()
        del mapped, parents  # Windows renames no file that is mapped
    return out


@dataclass(frozen=True)
class _Thread:
    """Spill the members of some splits by their thread, without those of no thread; picklable."""

    folder: Path
    documents: DocBits
    threads: Path
    n_slices: int
    max_rows: int

    def __call__(self, item: tuple[int, tuple[Path, ...]]) -> Path:
        number, paths = item
        path = self.folder / f"threaded-{number}.arrow"
        threads = np.load(fetched(self.threads), mmap_mode="r")
        with SpillWriter(path, _THREADED, self.n_slices) as out:
            for table in Partition(paths, 0, 1).chunks(self.max_rows):
                thread = np.array(threads[self.documents.places(table.column(DOC_ID).to_numpy())])
                own = pa.array(thread >= 0)
                columns = [table.column(name) for name in MEMBERS.names[1:]]
                rows = pa.table([pa.array(spread(thread)), pa.array(thread), *columns], schema=_THREADED).filter(own)
                for batch in rows.combine_chunks().to_batches():
                    out.write(batch)
        return path


@dataclass(frozen=True)
class _Cut:
    """Order the members of one partition's threads and cut them into documents; picklable."""

    folder: Path
    documents: DocBits
    n_slices: int
    max_rows: int
    n_between: int
    max_bytes: int

    def __call__(self, partition: Partition) -> Path:
        path = self.folder / f"cut-{partition.index}.arrow"
        with SpillWriter(path, _FOUND, self.n_slices) as out:
            for part in partition.parts(self.max_rows):
                for rows, starts in self._pieces(part):
                    batch = self._found(rows, starts)
                    out.write(batch)
        return path

    def _pieces(self, part: Partition) -> Iterator[tuple[_Rows, np.ndarray]]:
        """Yield rows in order, and where pieces begin among them; no piece is parted."""
        held = None
        for block in _sorted_blocks(part, self.max_rows, working(self.folder / f"cut-{part.index}-{part.part}")):
            if held is not None:
                starts = self._starts(held)
                yield take(held, slice(0, starts[-1])), starts[:-1]
                block = joined(take(held, slice(starts[-1], None)), block)
            held = block
        if held is not None:
            yield held, self._starts(held)

    def _starts(self, rows: _Rows) -> np.ndarray:
        starts = np.empty(len(rows.thread), np.int64)
        n = cut_pieces(read_only(rows.thread), read_only(rows.n_bytes), self.n_between, self.max_bytes, starts)
        return starts[:n]

    def _found(self, rows: _Rows, starts: np.ndarray) -> pa.RecordBatch:
        if not len(starts):
            return pa.RecordBatch.from_pylist([], schema=_FOUND)
        n_members = np.diff(starts, append=len(rows.thread))
        document = np.repeat(np.minimum.reduceat(rows.doc_ids, starts), n_members)
        rank = (np.arange(len(rows.thread)) - np.repeat(starts, n_members)).astype(np.int32)
        several = np.repeat(n_members, n_members) > 1
        doc_ids = rows.doc_ids[several]
        keys = place_keys(self.documents.places(doc_ids), self.documents.n_places)
        columns = [keys, doc_ids, document[several], rank[several]]
        return pa.RecordBatch.from_arrays([pa.array(column) for column in columns], schema=_FOUND)


def _rows(table: pa.Table) -> _Rows:
    """Return the rows of a table of `_THREADED`, sorted."""
    names = ("thread", "order", "fine", DOC_ID, "n_bytes")
    rows = _Rows(*(table.column(name).to_numpy().astype(np.int64) for name in names))
    return take(rows, np.lexsort(rows[3::-1]))


def _sorted_blocks(part: Partition, max_rows: int, scratch: Path) -> Iterator[_Rows]:
    """Yield all rows of a part in order, about `max_rows` or fewer at a time."""
    chunks = part.chunks(max_rows)
    first, second = next(chunks, None), next(chunks, None)
    if first is None:
        return
    if second is None:
        yield _rows(first)
        return
    # One thread has more members than fit into memory: sort what fits, then merge.
    del first, second
    runs = []
    for number, table in enumerate(part.chunks(max_rows)):
        rows = _rows(table)
        saved = np.empty(len(rows.thread), _SAVED)
        for name, column in zip(_Rows._fields, rows):
            saved[name] = column
        np.save(scratch.with_name(f"{scratch.name}-{number}.npy"), saved)
        runs.append(scratch.with_name(f"{scratch.name}-{number}.npy"))
    yield from _merged([np.load(run, mmap_mode="r") for run in runs], max(1, max_rows // len(runs)))
    for run in runs:
        run.unlink()


def _merged(runs: list[np.ndarray], n_rows: int) -> Iterator[_Rows]:
    """Yield the rows of sorted runs (arrays of `_SAVED`) in order, reading `n_rows` of each at a time."""
    at = [0] * len(runs)
    while True:
        heads = [np.array(run[start : start + n_rows]) for run, start in zip(runs, at)]
        if not any(len(head) for head in heads):
            return
        # Nothing that is still unread comes before the smallest of the last rows read.
        last = [head[-1] for run, start, head in zip(runs, at, heads) if start + len(head) < len(run)]
        bound = min(last, key=_place) if last else None
        stops = [len(head) if bound is None else _n_up_to(head, bound) for head in heads]
        at = [start + stop for start, stop in zip(at, stops)]
        rows = np.concatenate([head[:stop] for head, stop in zip(heads, stops)])
        columns = _Rows(*(np.ascontiguousarray(rows[name]) for name in _Rows._fields))
        yield take(columns, np.lexsort(columns[3::-1]))


def _place(row: np.void) -> tuple:
    return tuple(row[name] for name in _Rows._fields[:4])


def _n_up_to(rows: np.ndarray, bound: np.void) -> int:
    """Return how many of sorted rows come before `bound` or are in the same place."""
    up_to = rows["doc_ids"] <= bound["doc_ids"]
    for name in ("fine", "order", "thread"):
        up_to = (rows[name] < bound[name]) | ((rows[name] == bound[name]) & up_to)
    return int(np.count_nonzero(up_to))


def warm_up() -> None:
    """Compile the kernels of `find_threads`."""
    one = read_only(np.zeros(1, np.int64))
    parents = np.full(1, ALONE)
    unite(one, one, parents)
    flatten(parents)
    cut_pieces(one, one, 0, 1, np.empty(1, np.int64))
