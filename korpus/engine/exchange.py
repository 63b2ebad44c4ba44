"""The exchange of this machine: rows of equal keys meet in spill files, of which there are never many.

Each split spills its rows, cut into partitions, into a file of its own, and each task of a partition reads all files.
Files times partitions would grow with the square of the input, so files are put together first, up to `MAX_FILES` at a
time, until there are no more than that: a step that is linear in the bytes, and leaves few large pieces to read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from korpus.io.atomic import finished_files, read_mark, read_whole, write_mark
from korpus.io.blocks import combine
from korpus.io.place import is_elsewhere

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

MAX_FILES = 64
"""Of a table, when it is read by partition."""
COMBINED = "+"
"""What the stem of a file ends with that others were put together into; it is named after the first of them."""


@dataclass(frozen=True)
class _Combine:
    """Put some files together into one, and remove them; picklable.

    Parameters
    ----------
    key : str, optional
        Of the run, if a killed one is to go on from what is put together: a mark says then what it is made of.
    """

    key: str | None

    def __call__(self, paths: tuple[Path, ...]) -> Path:
        if len(paths) == 1 and _is_ready(paths[0]):
            return paths[0]
        out = paths[0].with_stem(paths[0].stem + COMBINED)
        # One that is there is whole, and what it was made of is perhaps gone: the task is given again.
        if not out.exists():
            combine(paths, out)
        if self.key and not _mark(out).exists():
            names = [path.name for path in paths]
            names += [name for path in paths if _mark(path).exists() for name in read_mark(_mark(path))]
            write_mark(_mark(out), names, self.key, [out])
        for path in paths:
            forget(path)
        return out


def _is_ready(path: Path) -> bool:
    # Of a file in a store a task reads whole blocks, which are small only in what was put together.
    return not is_elsewhere(path) or path.stem.endswith(COMBINED)


def _mark(path: Path) -> Path:
    return path.with_suffix(".json")


def forget(path: Path) -> None:
    """Remove a spill file, and then its mark: as long as that stands, what it stands for is known."""
    path.unlink(missing_ok=True)
    _mark(path).unlink(missing_ok=True)


def gathered(paths: Sequence[Path], run: Callable, key: str | None = None) -> tuple[Path, ...]:
    """Return spill files of one table that hold what the given ones do, few enough to be read by partition.

    Parameters
    ----------
    paths : sequence of Path
        All in one folder, in the order that their rows are to keep. Those that are put together are removed.
    run : callable
        ``run(function, items, what) -> list``: works on the workers, with a progress bar.
    key : str, optional
        Of the run, if a killed one is to go on from here; see `restored`.
    """
    found = list(paths)
    while (n := len(found)) > MAX_FILES or not all(map(_is_ready, found)):
        # As small groups as will do: while one is put together, its rows are on the disk twice.
        n_groups = min(n, max(MAX_FILES, -(-n // MAX_FILES)))
        borders = [i * n // n_groups for i in range(n_groups + 1)]
        found = run(_Combine(key), [tuple(found[a:b]) for a, b in zip(borders, borders[1:])], "exchange")
    return tuple(found)


def restored(folder: Path, key: str) -> dict[Path, list[str]]:
    """Return the files of a folder that others were put together into, and the names of those, which are gone.

    What was put together and is damaged, or not told of by a mark yet, is removed: what it was made of is there still,
    or has to be made again.

    Parameters
    ----------
    folder : Path
        Of one table.
    key : str
        Of the run.
    """
    found: dict[Path, list[str]] = {}
    for path in finished_files(folder, f"*{COMBINED}.arrow"):
        made_of = read_whole(_mark(path), key)
        if made_of is None:
            forget(path)
            continue
        for name in made_of:
            forget(folder / name)
            found.pop(folder / name, None)
        found[path] = made_of
    return found


def splits_of(names: Iterable[str]) -> set[str]:
    """Return the names of the splits whose spills were put together, given all that went into a file."""
    return {name.removesuffix(".arrow") for name in names if COMBINED not in name}
