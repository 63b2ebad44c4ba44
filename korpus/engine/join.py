"""Documents are joined: their rows, sorted by the document that they become a part of, are merged split by split.

The pass before leaves its documents in parts, as ever, and the stage decides from its sketches which of them are
joined. Each task of the first step reads some splits and writes them as *runs*, sorted by the new document; each task
of the second merges what all runs have for one split. Nothing here holds more than a run, or a batch of every run.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from korpus.batch import DOC_ID, MAX_ROWS, TEXT, make_doc_ids, n_bytes, set_column
from korpus.chain import EXAMPLE_CHARS, N_EXAMPLES
from korpus.engine.done import Done
from korpus.engine.resolve import lend, tidy
from korpus.io.atomic import read_mark, remove, replacing, write_mark
from korpus.io.parts import PartWriter, open_part, read_part
from korpus.io.place import fetched
from korpus.io.shards import cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from korpus.chain import StageBook
    from korpus.engine.job import Job
    from korpus.plan import Pass


_DOCUMENT, _RANK = "korpus.document", "korpus.rank"
_LAST = np.iinfo(np.int64).max - 1
MAX_RUN_BYTES = 256 << 20
"""Larger ones would only make a task of the first step longer."""
MAX_RUNS = 256
"""Open at once: each is a file, and a batch in memory."""
BATCH_BYTES, BATCH_ROWS = 256 << 10, 4096
COPIES = 4
"""How often the rows of a run are in memory while they are sorted."""
SORTED = "sorted.json"
DECIDED = ".json"
"""Ending of the mark beside the file of the members."""


def join_documents(job: Job, pass_: Pass, splits: list[Done], workers: int, run: Callable) -> list[dict]:
    """Join the documents of a pass that ends in a group stage, and leave the new ones in its parts.

    Parameters
    ----------
    job : Job
    pass_ : Pass
    splits : list of Done
        The statistics of its splits, which are completed.
    workers : int
        How many tasks share the memory of a machine.
    run : callable
        ``run(function, items, what) -> list``: works on the workers, with a progress bar.

    Returns
    -------
    list of dict
        What the manifest says of the stage beside its book, which is in the statistics of the splits: one entry.
    """
    layout, number, stage = job.layout, pass_.number, pass_.group
    assert stage is not None, "the pass ends in one"
    members, runs, key = layout.verdicts(number, 0), layout.runs(number), job.plan.corpus_key
    decided = members.with_suffix(DECIDED)
    if not decided.exists():
        found = stage.resolve(lend(job, pass_, splits, workers, run))
        with replacing(members) as temporary, temporary.open("wb") as file:
            np.save(file, found)
        write_mark(decided, None, key, [members], durable=True)
    names = [done.name for done in splits]
    if not (runs / SORTED).exists():
        # What an interrupted run has sorted was perhaps cut in another way.
        tidy(job, pass_)
        parts = [layout.ungrouped(number) / f"{name}.arrow" for name in names]
        paths = _sort(parts, members, runs, job.plan.recipe.engine.memory // (2 * workers), run)
        files = [file for path in paths for file in (path, _borders(path))]
        write_mark(runs / SORTED, [path.name for path in paths], key, files, durable=True)
    remove(layout.ungrouped(number))
    cut = tuple(runs / name for name in read_mark(runs / SORTED))
    join = _Join(cut, layout.pass_dir(number), stage.separator, job.plan.schema, key)
    for done, book in zip(splits, run(join, names, "joining")):
        done.group = [book]
    return [{"warnings": []}]


def _sort(parts: list[Path], members: Path, folder: Path, share_bytes: int, run: Callable) -> list[Path]:
    """Write the documents of all parts as runs, few enough to be merged within `share_bytes`; return their paths."""
    limit = min(MAX_RUN_BYTES, share_bytes // COPIES)
    groups = [tuple(parts[start:stop]) for start, stop in cut([part.stat().st_size for part in parts], limit)]
    paths = [path for of in run(_Sort(members, folder, limit), list(enumerate(groups)), "sorting") for path in of]
    at_once = max(2, min(MAX_RUNS, share_bytes // (4 * BATCH_BYTES)))
    while len(paths) > at_once:
        level = [tuple(paths[i : i + at_once]) for i in range(0, len(paths), at_once)]
        paths = run(_combine, level, "merging")
    return paths


@dataclass(frozen=True)
class _Sort:
    """Write some parts as runs sorted by new document; picklable.

    Parameters
    ----------
    members : Path
        Which documents are joined (`korpus.dedup.threads.MEMBER`).
    folder : Path
        Where the runs are written.
    max_bytes : int
        About how large a run is.
    """

    members: Path
    folder: Path
    max_bytes: int

    def __call__(self, item: tuple[int, tuple[Path, ...]]) -> list[Path]:
        number, parts = item
        members = np.load(fetched(self.members), mmap_mode="r")
        paths = []
        for i, table in enumerate(_tables(parts, self.max_bytes)):
            paths.append(self.folder / f"{number:06d}-{i:03d}.arrow")
            _write_run(paths[-1], [_sorted(_placed(table, members))])
        return paths


def _tables(parts: Iterable[Path], max_bytes: int) -> Iterator[pa.Table]:
    """Yield the documents of parts in order, about `max_bytes` at a time."""
    held: list[pa.RecordBatch] = []
    size = 0
    for part in parts:
        for batch in read_part(part):
            if held and size + batch.nbytes > max_bytes:
                yield pa.Table.from_batches(held).combine_chunks()
                held, size = [], 0
            held.append(batch)
            size += batch.nbytes
    if held:
        yield pa.Table.from_batches(held).combine_chunks()


def _placed(table: pa.Table, members: np.ndarray) -> pa.Table:
    """Return documents with two more columns: what they become a part of, and their rank in it."""
    ids = table[DOC_ID].to_numpy()
    start, stop = np.searchsorted(members[DOC_ID], [ids[0], ids[-1] + 1])
    mine = np.array(members[start:stop])
    document, rank = ids.copy(), np.zeros(len(ids), np.int32)
    if len(mine):
        at = np.minimum(np.searchsorted(mine[DOC_ID], ids), len(mine) - 1)
        known = mine[DOC_ID][at] == ids
        document[known], rank[known] = mine["document"][at[known]], mine["rank"][at[known]]
    return table.append_column(_DOCUMENT, pa.array(document)).append_column(_RANK, pa.array(rank))


def _sorted(table: pa.Table) -> pa.Table:
    order = np.lexsort((table[_RANK].to_numpy(), table[_DOCUMENT].to_numpy()))
    return table.take(pa.array(order))


def _write_run(path: Path, tables: Iterable[pa.Table]) -> None:
    """Write sorted rows, and beside them the first and the last new document of each batch."""
    borders = []
    with PartWriter(path) as writer:
        for table in tables:
            sizes = np.cumsum(pc.binary_length(table[TEXT]).to_numpy(), dtype=np.int64)
            start = 0
            while start < table.num_rows:
                full = np.searchsorted(sizes, (sizes[start - 1] if start else 0) + BATCH_BYTES)
                stop = max(start + 1, min(int(full), start + BATCH_ROWS))
                (batch,) = table.slice(start, stop - start).combine_chunks().to_batches()
                writer.write(batch)
                borders.append((batch.column(_DOCUMENT)[0].as_py(), batch.column(_DOCUMENT)[-1].as_py()))
                start = stop
    with replacing(_borders(path)) as temporary, temporary.open("wb") as file:
        np.save(file, np.array(borders, np.int64))


def _borders(run: Path) -> Path:
    return run.with_suffix(".npy")


def _combine(runs: tuple[Path, ...]) -> Path:
    """Make one run of several, which go."""
    path = runs[0].with_stem(f"{runs[0].stem}+")
    # The borders are written last; once they are there, what was merged is perhaps gone, as a task may be given twice.
    if not _borders(path).exists():
        _write_run(path, _merged(runs, 0, _LAST))
    for run in runs:
        run.unlink(missing_ok=True)
        _borders(run).unlink(missing_ok=True)
    return path


class _Stream:
    """The rows of one run whose new documents lie in a range, batch by batch."""

    def __init__(self, path: Path, first: int, last: int):
        borders = np.load(fetched(_borders(path)), mmap_mode="r")
        self._first, self._last = first, last
        self._left = deque(np.flatnonzero((borders[:, 1] >= first) & (borders[:, 0] <= last)).tolist())
        self._reader = open_part(path) if self._left else None
        self._rows: pa.Table | None = None
        self.last = -1

    def pull(self) -> None:
        """Read one batch more."""
        assert self._reader is not None, "there is more to read"
        batch = self._reader.get_batch(self._left.popleft())
        start, stop = np.searchsorted(batch.column(_DOCUMENT).to_numpy(), [self._first, self._last + 1])
        rows = pa.Table.from_batches([batch.slice(start, stop - start)])
        self._rows = rows if self._rows is None else pa.concat_tables([self._rows, rows])
        self.last = rows[_DOCUMENT][-1].as_py() if rows.num_rows else self.last

    @property
    def more(self) -> bool:
        """Whether there is anything left to read."""
        return bool(self._left)

    def take_until(self, bound: int | None) -> pa.Table | None:
        """Return what was read of documents before `bound` (of all, if it is None) and hold it no longer."""
        if self._rows is None:
            return None
        n = self._rows.num_rows if bound is None else int(np.searchsorted(self._rows[_DOCUMENT].to_numpy(), bound))
        taken, self._rows = self._rows.slice(0, n), self._rows.slice(n)
        return taken


@dataclass(frozen=True)
class _Join:
    """Join what all runs have for one split, and leave it as its part; picklable.

    Parameters
    ----------
    runs : tuple of Path
    folder : Path
        Of the pass: of the parts, and of the statistics of the splits, which are completed.
    separator : str
        What stands between two texts.
    schema : pa.Schema
        Of a part without documents.
    key : str
        Of the run.
    """

    runs: tuple[Path, ...]
    folder: Path
    separator: str
    schema: pa.Schema
    key: str

    def __call__(self, name: str) -> StageBook:
        mark = self.folder / "done" / f"{name}.json"
        done = Done.load(mark)
        (book,) = done.group
        if not done.joined:
            ids = make_doc_ids(done.file, done.ids[0], np.array([0, MAX_ROWS - 1]))
            files = [self.folder / place / f"{name}.arrow" for place in ("parts", "rejects")]
            self._write(files[0], int(ids[0]), int(ids[1]), book)
            # Less what others lost to this split, as what this one lost to others is counted here too.
            book.n_made = book.n_out - (book.n_in - sum(book.counts.values()))
            done.joined = True
            done.save(mark, self.key, files)
        return book

    def _write(self, path: Path, first: int, last: int, book: StageBook) -> None:
        with PartWriter(path, self.schema) as part:
            for rows in _merged(self.runs, first, last):
                documents, n_members = _joined(rows, self.separator)
                several = np.flatnonzero(n_members > 1)
                book.n_out += documents.num_rows
                book.bytes_out += n_bytes(documents.column(TEXT))
                book.n_changed += len(several)
                for row in several[: N_EXAMPLES - len(book.examples)]:
                    text = documents.column(TEXT)[row].as_py()
                    book.examples.append([text[:EXAMPLE_CHARS], f"{n_members[row]:,} documents in one"])
                part.write(documents)


def _merged(runs: tuple[Path, ...], first: int, last: int) -> Iterator[pa.Table]:
    """Yield the rows of all new documents from `first` to `last` in order, a document's rows always together."""
    streams = [stream for path in runs if (stream := _Stream(path, first, last)).more]
    for stream in streams:
        stream.pull()
    while streams:
        unread = [stream for stream in streams if stream.more]
        # A document before this one is whole.
        bound = min((stream.last for stream in unread), default=None)
        pieces = [rows for stream in streams if (rows := stream.take_until(bound)) is not None and rows.num_rows]
        if pieces:
            yield _sorted(pa.concat_tables(pieces).combine_chunks())
        if bound is None:
            return
        for stream in unread:
            if stream.last == bound:
                stream.pull()


def _joined(rows: pa.Table, separator: str) -> tuple[pa.RecordBatch, np.ndarray]:
    """Return the documents that sorted rows become, and how many rows each is made of."""
    document = rows[_DOCUMENT].to_numpy()
    starts = np.flatnonzero(np.diff(document, prepend=-1))
    n_members = np.diff(starts, append=len(document))
    (heads,) = rows.take(pa.array(starts)).drop_columns([_DOCUMENT, _RANK]).combine_chunks().to_batches()
    if len(starts) == len(document):
        return heads, n_members
    offsets = pa.array(np.append(starts, len(document)), pa.int32())
    texts = pc.binary_join(pa.ListArray.from_arrays(offsets, rows[TEXT].combine_chunks()), separator)
    heads = set_column(heads, DOC_ID, pa.array(document[starts]))
    return set_column(heads, TEXT, texts), n_members
