"""Between two passes: each duplicate stage decides, from its sketches alone, which documents go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from korpus.batch import split_key
from korpus.dedup import VERDICT
from korpus.engine.clusters import describe
from korpus.engine.exchange import gathered
from korpus.engine.reference import References, gather
from korpus.engine.save_index import save
from korpus.io.atomic import finished_files, remove, replacing
from korpus.io.bits import DocBits
from korpus.io.parts import Texts
from korpus.io.place import publish, working
from korpus.io.spill import Partition, partitions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from korpus.dedup.index import AllTexts
    from korpus.engine.done import Done
    from korpus.engine.job import Job
    from korpus.plan import Pass

CHUNK_ROWS = 1 << 20


class _Resolution:
    """What the engine lends to `Dedup.resolve`; see `korpus.stage.Resolution`."""

    def __init__(
        self,
        job: Job,
        number: int,
        position: int,
        dropped: Path,
        references: References,
        workers: int,
        run: Callable,
    ):
        self.dir = job.layout.pass_dir(number) / f"resolve-{position}"
        remove(self.dir)
        self.dir.mkdir(parents=True)
        self.memory_bytes, self.workers = job.plan.recipe.engine.memory, workers
        self._job, self._number, self._position, self._dropped, self._run = job, number, position, dropped, run
        self._references = references

    def spills(self, table: str) -> tuple[Path, ...]:
        return tuple(finished_files(self._job.layout.sketches(self._number, self._position, table), "*.arrow"))

    def partitions(self, table: str) -> list[Partition]:
        paths = gathered(self.spills(table), self._run, self._job.plan.corpus_key)
        return partitions(paths, self._job.plan.n_partitions, self._references.tables(self._position, table))

    def exchange(self, paths: Iterable[Path], n_partitions: int) -> list[Partition]:
        return partitions(gathered(list(paths), self._run), n_partitions)

    def texts(self) -> AllTexts:
        return self._references.texts(Texts(self._job.layout.parts(self._number)))

    def dropped(self) -> DocBits:
        return DocBits.load(self._dropped, mmap=True)

    def map(self, function: Callable, items: Iterable, what: str) -> list:
        return self._run(function, list(items), what)


def _ids(splits: list[Done]) -> tuple[np.ndarray, np.ndarray]:
    """Return the upper bits of the ids of each split, and how many ids it has."""
    keys = [split_key(split.file, split.ids[0]) for split in splits]
    return np.array(keys, np.int64), np.array([split.ids[1] for split in splits], np.int64)


def _dropped(job: Job, pass_: Pass, position: int) -> Path:
    # Another name each time: what a machine has fetched of a store is told from what is there by little more.
    return job.layout.pass_dir(pass_.number) / f"resolve-dropped-{position}"


def lend(job: Job, pass_: Pass, splits: list[Done], workers: int, run: Callable) -> _Resolution:
    """Return what the group stage of a pass needs to decide; parameters as for `resolve`."""
    path = _dropped(job, pass_, 0)
    DocBits(*_ids(splits)).save(path)
    return _Resolution(job, pass_.number, 0, path, References(((),), ([],)), workers, run)


def resolve(job: Job, pass_: Pass, splits: list[Done], workers: int, run: Callable) -> list[dict]:
    """Let the duplicate stages of a pass decide, in their order, and write down their verdicts.

    Parameters
    ----------
    job : Job
    pass_ : Pass
        The pass that made the sketches.
    splits : list of Done
        The statistics of its splits.
    workers : int
        How many tasks share the memory of a machine.
    run : callable
        ``run(function, items, what) -> list``: works on the workers, with a progress bar.

    Returns
    -------
    list of dict
        For each stage: its clusters, and examples of what it found.
    """
    keys, n_rows = _ids(splits)
    references = gather(job, pass_, run)
    keys_of_references, rows_of_references = references.splits()
    bits = DocBits(np.concatenate([keys_of_references, keys]), np.concatenate([rows_of_references, n_rows]))
    every: list[np.ndarray] = []
    made: list[Path] = []
    for position, stage in enumerate(pass_.dedups):
        path = _dropped(job, pass_, position)
        bits.save(path)
        resolution = _Resolution(job, pass_.number, position, path, references, workers, run)
        made.append(working(job.layout.verdicts(pass_.number, position)))
        verdicts = _saved(stage.resolve(resolution), made[-1])
        bits.set(verdicts["doc_id"])
        for earlier in every:
            for start in range(0, len(earlier), CHUNK_ROWS):
                _follow(earlier[start : start + CHUNK_ROWS], verdicts)
        every.append(verdicts)
    for position, (verdicts, here) in enumerate(zip(every, made)):
        if isinstance(verdicts, np.memmap):
            verdicts.flush()
        publish(here, job.layout.verdicts(pass_.number, position))
    for position, stage in enumerate(pass_.dedups):
        if stage.reference().index:
            save(job, pass_, position, splits, keys, bits, run)
    texts, memory = Texts(job.layout.parts(pass_.number)), job.plan.recipe.engine.memory
    return [
        describe(stage, verdicts, bits, texts, memory, warnings)
        for stage, verdicts, warnings in zip(pass_.dedups, every, references.warnings)
    ]


def tidy(job: Job, pass_: Pass) -> None:
    """Remove what only the resolution of a pass has needed."""
    for pattern in ("sketch-*", "resolve-*", "reference-*"):
        for path in job.layout.pass_dir(pass_.number).glob(pattern):
            remove(path)


def _saved(verdicts: np.ndarray, path: Path) -> np.ndarray:
    """Write verdicts to their file, and return them as a writable memory map of it."""
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.save(file, np.asarray(verdicts, VERDICT))
    return np.load(path, mmap_mode="r+" if len(verdicts) else None)


def _follow(earlier: np.ndarray, later: np.ndarray) -> None:
    """Let verdicts that name a document which a later stage removed name the one that was kept for it.

    The named document is then always one that stays. Its similarity is known whenever one of the two steps was
    between equal texts, as it is after `exact_dedup`.
    """
    if not len(later):
        return
    at = np.minimum(np.searchsorted(later["doc_id"], earlier["duplicate_of"]), len(later) - 1)
    hit = later["doc_id"][at] == earlier["duplicate_of"]
    rows = np.flatnonzero(hit & ((earlier["similarity"] == 1) | (later["similarity"][at] == 1)))
    earlier["duplicate_of"][rows] = later["duplicate_of"][at[rows]]
    earlier["similarity"][rows] = np.minimum(earlier["similarity"][rows], later["similarity"][at[rows]])
