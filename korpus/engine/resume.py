"""What stands in an output folder before a run, and whether the run may go on from it."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from korpus.errors import ResumeError
from korpus.io.files import TEMPORARY, read_json, write_json
from korpus.io.layout import OURS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from korpus.io.layout import Layout
    from korpus.plan import Plan


def prepare(layout: Layout, plan: Plan, fresh: bool) -> bool:
    """Make the output folder ready for a run.

    Returns
    -------
    bool
        Whether the very same run is finished there already.

    Raises
    ------
    ResumeError
        If the folder holds another run, or files that no run has left.
    """
    out = layout.out
    if out.exists() and not out.is_dir():
        raise ResumeError(f"{out} is not a folder; give another with -o")
    ours = [name for name in OURS if (out / name).exists()]
    # A run that was killed at its very first step has left nothing but its empty working folder.
    if set(ours) - {layout.work.name} and not _is_run(layout):
        raise ResumeError(
            f"{out} holds {ours[0]!r}, which no run of korpus has left there; give another folder with -o"
        )
    if fresh or _half_removed(layout):
        _remove(layout)
    key = _key(layout)
    if key != plan.key and _lacks_vocabularies_alone(layout, plan):
        shutil.rmtree(layout.out / "vocab", ignore_errors=True)
    elif key not in (None, plan.key):
        raise ResumeError(
            f"{out} holds another run ({difference(_recipe(layout), plan)}); give another folder with -o, or --fresh "
            f"to replace it"
        )
    if layout.manifest.exists():
        shutil.rmtree(layout.work, ignore_errors=True)
        return True
    for name in OURS:
        for path in [*(out / name).rglob(f"{TEMPORARY}*"), *out.glob(f"{TEMPORARY}*-{name}")]:
            path.unlink()
    layout.work.mkdir(parents=True, exist_ok=True)
    write_json(layout.state, {"key": plan.key, "corpus_key": plan.corpus_key, "recipe": plan.recipe.filled()})
    return False


REMOVING = "removing"


def _remove(layout: Layout) -> None:
    """Remove all that a run has left; if that is interrupted, the next run goes on with it."""
    layout.work.mkdir(parents=True, exist_ok=True)
    with locked(layout.work / "lock", layout.out):
        write_json(layout.state, {"key": REMOVING})
    for path in [*(layout.out / name for name in OURS if name != layout.work.name), *layout.work.iterdir()]:
        if path.is_dir():
            shutil.rmtree(path)
        elif path != layout.state and not path.name.startswith("stdin-"):
            path.unlink(missing_ok=True)
    layout.state.unlink()
    if not any(layout.work.iterdir()):
        layout.work.rmdir()


def _half_removed(layout: Layout) -> bool:
    return layout.state.exists() and read_json(layout.state)["key"] == REMOVING


def _lacks_vocabularies_alone(layout: Layout, plan: Plan) -> bool:
    """Return whether an unfinished run is the same but for how its vocabularies are trained, which comes last."""
    started = not layout.manifest.exists() and layout.state.exists()
    return started and read_json(layout.state).get("corpus_key") == plan.corpus_key


def _is_run(layout: Layout) -> bool:
    """Return whether a run of korpus has made the folder what it is."""
    return layout.state.exists() or (layout.manifest.exists() and "korpus" in read_json(layout.manifest))


def _key(layout: Layout) -> str | None:
    for path in (layout.log if layout.manifest.exists() else layout.state, layout.state):
        if path.exists():
            return read_json(path).get("key")
    return None


def _flat(data: Any, path: str = "") -> dict[str, Any]:
    if isinstance(data, dict):
        return {key: value for name, item in data.items() for key, value in _flat(item, f"{path}.{name}").items()}
    if path.endswith(".stages"):
        names = [next(iter(item)) for item in data]
        flat: dict[str, Any] = {path[1:]: names}
        for i, item in enumerate(data):
            number = f"[{names[: i + 1].count(names[i])}]" if names.count(names[i]) > 1 else ""
            flat |= _flat(item[names[i]], f"{path}.{names[i]}{number}")
        return flat
    return {path[1:]: data}


def _recipe(layout: Layout) -> dict[str, Any]:
    return read_json(layout.manifest if layout.manifest.exists() else layout.state)["recipe"]


def difference(theirs: dict[str, Any], plan: Plan) -> str:
    """Say the first option in which the recipe of an earlier run differs from the one given."""
    ours = plan.recipe.filled()
    for recipe in (theirs, ours):
        recipe.pop("engine", None)
        recipe["output"].pop("path", None)
        for given in (recipe["input"], *recipe.get("sources", {}).values()):
            given.pop("paths")
    old, new = _flat(theirs), _flat(ours)
    for name in [*old, *new]:
        if old.get(name) != new.get(name):
            return f"{name} was {old.get(name)!r}, now it is {new.get(name)!r}"
    return "its input files or its version of korpus were others"


@contextmanager
def locked(path: Path, out: str | Path) -> Iterator[None]:
    """Keep a second run out of the same folder.

    Raises
    ------
    ResumeError
        If another process holds the lock.
    """
    try:
        import fcntl
    except ImportError:  # not on Windows
        yield
        return
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ResumeError(f"another korpus is writing to {out}; wait for it, or give -o") from None
        yield
