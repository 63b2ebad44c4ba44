"""The mark of a finished split: what was counted of it, and what the next steps need to know of its files."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from korpus.chain import StageBook
from korpus.io.atomic import read_mark, write_mark
from korpus.io.parts import part_name
from korpus.plan.entry import EntryBook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


@dataclass
class Done:
    """One split that has gone through a pass.

    Attributes
    ----------
    file, index : int
        Number of the file, and of the split within it.
    n_rows : int
        Rows of the split in the input.
    ids : (int, int)
        The index of the split in the ids of its documents, and how many rows these count.
    n_units : int
        What the split counts for on the progress bar.
    entry : EntryBook
        Of the first pass; empty in others.
    before, own, chain, group : list of StageBook
        Of the duplicate stages whose verdicts were carried out, of the stages of the source alone, of those of the
        pass, and of the group stage that ends it.
    sketch_s : list of float
        The time that sketches took, by stage.
    reject_bytes : int
        What the ledger is cut by; the size of the file would depend on the batches.
    domains : dict of str to dict
        After the last pass, the sizes of what is kept, by domain.
    batches : list of (str, int)
        After the last pass, the domain of each batch of the part, and the bytes of its texts.
    joined : bool
        Whether a group stage has made the part what it is.
    """

    file: int
    index: int
    n_rows: int
    ids: tuple[int, int]
    n_units: int
    entry: EntryBook
    before: list[StageBook] = field(default_factory=list)
    own: list[StageBook] = field(default_factory=list)
    chain: list[StageBook] = field(default_factory=list)
    group: list[StageBook] = field(default_factory=list)
    sketch_s: list[float] = field(default_factory=list)
    reject_bytes: int = 0
    domains: dict[str, dict[str, int]] = field(default_factory=dict)
    batches: list[tuple[str, int]] = field(default_factory=list)
    joined: bool = False

    @property
    def key(self) -> tuple[int, int]:
        """What tells the split from all others, in the order of the input."""
        return self.file, self.index

    @property
    def name(self) -> str:
        """The name, without an ending, of every file of the split."""
        return part_name(self.file, self.index)

    def books(self) -> Iterator[StageBook]:
        """Yield the books of all stages."""
        yield from (*self.before, *self.own, *self.chain, *self.group)

    def save(self, path: Path, key: str, files: Iterable[Path]) -> None:
        """Write the mark; parameters as for `korpus.io.atomic.write_mark`."""
        write_mark(path, asdict(self), key, files)

    @classmethod
    def of(cls, data: dict[str, Any]) -> Done:
        """Return what a mark says, as an object."""
        data = {**data, "entry": EntryBook(**data["entry"]), "ids": tuple(data["ids"])}
        data["batches"] = [tuple(batch) for batch in data["batches"]]
        for books in ("before", "own", "chain", "group"):
            data[books] = [StageBook(**book) for book in data[books]]
        return cls(**data)

    @classmethod
    def load(cls, path: Path) -> Done:
        """Read a mark."""
        return cls.of(read_mark(path))
