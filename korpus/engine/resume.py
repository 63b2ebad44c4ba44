"""What stands in an output folder before a run, and whether the run may go on from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from korpus.corpus.compare import flat
from korpus.corpus.layout import OURS, Layout
from korpus.corpus.manifest import is_manifest, listed_files, read_manifest
from korpus.engine.done import Done
from korpus.engine.exchange import forget, restored, splits_of
from korpus.engine.join import SORTED
from korpus.errors import DataError, ResumeError
from korpus.io.atomic import (
    TEMPORARY,
    finished_files,
    read_sealed,
    read_whole,
    remove,
    sync,
    sync_folders,
    write_sealed,
)
from korpus.io.location import is_remote
from korpus.io.lock import LOCK_FILES
from korpus.io.place import is_elsewhere, relative

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from korpus.corpus.manifest import Manifest
    from korpus.plan import Pass, Plan


REMEDY = "give the same command again with --fresh to make it anew"


def prepare(layout: Layout, plan: Plan, fresh: bool) -> Manifest | None:
    """Make the output folder ready for a run; the lock of the folder must be held.

    Returns
    -------
    Manifest or None
        The manifest, if the very same run is finished there already.

    Raises
    ------
    ResumeError
        If the folder holds another run, or files that no run has left.
    DataError
        If what it holds is damaged, so that it cannot be told what it is.
    """
    out = layout.out
    _refuse_nested(out)
    ours = [name for name in OURS if (out / name).exists()]
    # A run that was killed at its very first step has left nothing but its empty working folder.
    if set(ours) - {layout.work.name} and not _is_run(layout):
        raise ResumeError(
            f"{out} holds {ours[0]!r}, which no run of korpus has left there; give another folder with -o"
        )
    state = None if fresh or not layout.state.exists() else read_sealed(layout.state, REMEDY)
    if fresh or (state and state["key"] == REMOVING):
        _remove(layout)
        state = None
    finished, key = _finished(layout) if layout.manifest.exists() else (None, state and state["key"])
    earlier = finished if finished else state
    if state and key != plan.key and not finished and state.get("corpus_key") == plan.corpus_key:
        # The same but for how its vocabularies are trained, which comes last.
        remove(out / "vocab")
        state = None
    elif earlier and key != plan.key:
        raise another(layout.out, earlier["recipe"], plan)
    if finished:
        require_files(layout, finished)
        empty_work(layout)
        return finished
    sweep(layout)
    layout.work.mkdir(parents=True, exist_ok=True)
    if not state:
        _claim(layout, {"key": plan.key, "corpus_key": plan.corpus_key, "recipe": plan.recipe.filled()})
    return None


def sweep(layout: Layout) -> None:
    """Remove what tasks that were killed have begun to write; none may be at work."""
    found = [path for name in OURS for path in layout.out.glob(f"{TEMPORARY}*-{name}")]
    if is_elsewhere(layout.out):
        every = layout.out.rglob(f"{TEMPORARY}*")  # one listing
        found += [path for path in every if path.relative_to(layout.out).parts[0] in OURS]
    else:
        found += [path for name in OURS for path in (layout.out / name).rglob(f"{TEMPORARY}*")]
    for path in found:
        path.unlink(missing_ok=True)


def _claim(layout: Layout, state: dict[str, Any]) -> None:
    """Write down whose the folder is, so that it is known even after a power cut."""
    write_sealed(layout.state, state, durable=True)
    sync_folders(layout.work)


def finished_before(layout: Layout, plan: Plan) -> Manifest:
    """Return the manifest of a run that is finished and has put everything away, so that nothing is to be written.

    No lock need be held, as there may be no place for one; errors as for `prepare`.
    """
    finished, key = _finished(layout)
    if key != plan.key:
        raise another(layout.out, finished["recipe"], plan)
    require_files(layout, finished)
    return finished


def _finished(layout: Layout) -> tuple[Manifest, str | None]:
    return read_manifest(layout, REMEDY), read_sealed(layout.log, REMEDY, required=False).get("key")


def another(out: str | Path, recipe: dict[str, Any], plan: Plan) -> ResumeError:
    """Return the error of a folder that holds the run of another recipe."""
    return ResumeError(
        f"{out} holds another run ({difference(recipe, plan)}); give another folder with -o, or --fresh to replace it"
    )


def require_files(layout: Layout, manifest: Manifest) -> None:
    """Raise `DataError` unless the files that a manifest lists are there and have their size."""
    if is_elsewhere(layout.out):
        found = {str(path): path.stat().st_size for path in layout.out.rglob("*")}
    else:
        paths = (layout.out / file["path"] for file in listed_files(manifest))
        found = {str(path): path.stat().st_size for path in paths if path.is_file()}
    require_sizes(manifest, layout.out, found)


def require_sizes(manifest: Manifest, out: str | Path, sizes: Mapping[str, int]) -> None:
    """Raise `DataError` unless the files that a manifest lists have their size.

    Parameters
    ----------
    manifest : Manifest
    out : str or Path
        The folder of the run, here or elsewhere.
    sizes : mapping of str to int
        Path of each file that is there → its bytes.
    """
    for file in listed_files(manifest):
        path = f"{str(out).rstrip('/')}/{file['path']}" if is_remote(out) else str(out / PurePosixPath(file["path"]))
        size = sizes.get(path)
        if size != file["bytes"]:
            found = "is missing" if size is None else f"has {size:,} bytes, but was written with {file['bytes']:,}"
            raise DataError(f"{path} {found}; put it back, or {REMEDY}")


def _refuse_nested(out: Path) -> None:
    """Raise `ResumeError` if a folder lies among the files of another run, which may remove them."""
    if is_elsewhere(out):
        return
    inside = out.absolute()
    for outer in inside.parents:
        first = inside.relative_to(outer).parts[0]
        if first in OURS and _is_run(Layout(outer)):
            raise ResumeError(f"{out} lies in {outer / first}, which belongs to another run; give another with -o")


def empty_work(layout: Layout) -> None:
    """Remove the temporary files of a run; the lock, and what standard input sent, stay while they are needed."""
    # What says whose they are goes last.
    for path in sorted(layout.work.glob("*"), key=lambda path: path == layout.state):
        if path.name not in LOCK_FILES and not path.name.startswith("stdin-"):
            remove(path)


REMOVING = "removing"


def _remove(layout: Layout) -> None:
    """Remove all that a run has left; if that is interrupted, the next run goes on with it."""
    layout.work.mkdir(parents=True, exist_ok=True)
    _claim(layout, {"key": REMOVING})
    for path in [layout.out / name for name in OURS if name != layout.work.name]:
        remove(path)
    empty_work(layout)
    sync(layout.out)


def _is_run(layout: Layout) -> bool:
    """Return whether a run of korpus has made the folder what it is."""
    return layout.state.exists() or (layout.manifest.exists() and is_manifest(layout))


def finished_splits(layout: Layout, pass_: Pass, key: str, run: Callable) -> dict[tuple[int, int], Done]:
    """Return the statistics of the splits of a pass that an earlier run has finished, and that are whole still.

    A later pass reads what an earlier one left, and what was decided from sketches stands for them: whatever is
    damaged is forgotten together with what it stood for, and made again from what is before it.

    Parameters
    ----------
    layout : Layout
    pass_ : Pass
    key : str
        Of the run.
    run : callable
        ``run(function, items, what) -> list``: works on the workers, with a progress bar.
    """
    number, gone = pass_.number, []
    marks = finished_files(layout.done(number), "*.json")
    resolved, runs = layout.resolved(number), layout.runs(number)
    if _forget(resolved, key):
        gone += ["sketch-", "ungrouped"]
    if pass_.group:
        if _forget(layout.verdicts(number, 0).with_suffix(".json"), key):
            gone.append("sketch-")
        if _forget(runs / SORTED, key):
            gone.append("ungrouped")
        else:
            remove(runs)
    spills = [*layout.pass_dir(number).glob("sketch-*"), *([layout.word_spills] if pass_.last else [])]
    while True:
        together = {path: names for folder in spills for path, names in restored(folder, key).items()}
        elsewhere = {relative(path.parent / name, layout.done(number)) for path in together for name in together[path]}
        whole = run(_ReadWhole(key, tuple(gone), frozenset(elsewhere)), marks, "checking")
        found = [Done.of(done) for done in whole if done is not None]
        names = {done.name for done in found}
        # A split that is made again spills anew: what holds its old rows goes, and all others in it are made again too.
        old = [path for path, made_of in together.items() if not splits_of(made_of) <= names]
        if not old:
            break
        for path in old:
            forget(path)
    if pass_.group and "ungrouped" not in gone:
        found = [done for done in found if not done.joined]
    return {done.key: done for done in found}


def _forget(mark: Path, key: str) -> bool:
    """Return whether what a mark stands for is whole; remove the mark if it is not."""
    if read_whole(mark, key) is None:
        mark.unlink(missing_ok=True)
        return False
    return True


@dataclass(frozen=True)
class _ReadWhole:
    """`read_whole` as a task."""

    key: str
    gone: tuple[str, ...]
    without: frozenset[str]

    def __call__(self, mark: Path) -> Any:
        return read_whole(mark, self.key, self.gone, self.without)


def difference(theirs: dict[str, Any], plan: Plan) -> str:
    """Say the first option in which the recipe of an earlier run differs from the one given."""
    ours = plan.recipe.filled()
    for recipe in (theirs, ours):
        recipe.pop("engine", None)
        recipe["output"].pop("path", None)
        for given in (recipe["input"], *recipe.get("sources", {}).values()):
            given.pop("paths")
    old, new = flat(theirs), flat(ours)
    for name in [*old, *new]:
        if old.get(name) != new.get(name):
            return f"{name} was {old.get(name)!r}, now it is {new.get(name)!r}"
    return "its input files or its version of korpus were others"
