"""Output that goes elsewhere: a run is made in a folder on this machine, and what is finished is uploaded.

The manifest is uploaded last, so that whoever sees it sees everything. Until then a mark stands beside what is there
already, which says whose it is.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from korpus.compiled import user_cache
from korpus.corpus.corpus import LOG, MANIFEST, UNFINISHED, Corpus, content, sealed_content
from korpus.corpus.layout import OURS, Layout
from korpus.engine.resume import another, require_sizes
from korpus.engine.run import Run
from korpus.errors import RecipeError, ResumeError
from korpus.io.atomic import write_sealed
from korpus.io.location import child, require_writable
from korpus.io.lock import LOCK_FILES
from korpus.io.stores import explained, store
from korpus.plan.estimate import require_disk
from korpus.progress import Progress

if TYPE_CHECKING:
    from korpus.corpus.manifest import Manifest
    from korpus.engine.executor import Executor
    from korpus.plan import Plan

HEAD_BYTES = 200
"""Of a manifest, enough to see that it is one of korpus, even if the rest is damaged."""


def staging(out: str, scratch: str | None) -> Path:
    """Return the folder in which a run for a remote folder is made: the same each time."""
    root = Path(scratch) if scratch else user_cache()
    there = root and next(path for path in (root, *root.parents) if path.exists())
    if root is None or there is None or not (scratch or os.access(there, os.W_OK)):
        raise RecipeError(
            "there is no home folder to make the run in, or none that can be written; name a folder on this machine",
            "engine.scratch",
        )
    return root / hashlib.sha256(out.rstrip("/").encode()).hexdigest()[:16] / "out"


class RemoteRun:
    """One run of a plan into a remote folder.

    Parameters
    ----------
    plan : Plan
    engine : Executor
        Does the work.
    quiet : bool
        Whether to show no progress even on a terminal.

    Raises
    ------
    RecipeError
        If the folder can only be read.
    """

    def __init__(self, plan: Plan, engine: Executor, quiet: bool = False):
        self.plan, self.engine, self.quiet = plan, engine, quiet
        self.out = plan.recipe.output.path
        self.layout = Layout(staging(self.out, plan.recipe.engine.scratch))
        self.uploaded = self.layout.out.parent / "uploaded.txt"
        require_writable(self.out)
        self.store = store(self.out)

    def __call__(self, fresh: bool = False) -> Manifest:
        """Carry the plan out; return the manifest. The lock is the caller's (`korpus.io.lock`).

        Parameters
        ----------
        fresh : bool
            Whether to replace what an earlier run has left in the folder.

        Raises
        ------
        ResumeError
            If the folder holds another run, or files that no run has left.
        DataError
            If it cannot be written; the same command goes on.
        """
        result = self.finished(fresh)
        if result is None:
            require_disk(self.plan, self.layout, fresh)
            # Whatever forbids writing is found out before the work is done.
            self._write(UNFINISHED, {"key": self.plan.key, "recipe": self.plan.recipe.filled()})
            result = Run(self.plan, self.layout.out, self.engine, self.quiet)(fresh)
            self._upload()
        for path in self.layout.out.parent.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name not in LOCK_FILES:
                path.unlink(missing_ok=True)
        return result

    def finished(self, fresh: bool = False) -> Manifest | None:
        """Return the manifest, if this very run is finished there; refuse what must not be replaced.

        Raises
        ------
        ResumeError
            If the folder holds another run, or files that no run has left.
        DataError
            If a file of the run is missing, or has not its size.
        """
        unfinished = content(self.out, UNFINISHED) is not None
        if not (unfinished or b'"korpus"' in (content(self.out, MANIFEST) or b"")[:HEAD_BYTES]):
            names = {path[len(self.out.rstrip("/")) :].split("/")[1] for path in self._there()}
            if names:
                raise ResumeError(
                    f"{self.out} holds {min(names)!r}, which no run of korpus has left there; give another folder "
                    f"with -o"
                )
            return None
        if fresh:
            return None
        if unfinished and (mark := sealed_content(self.out, UNFINISHED)):
            finished, key, recipe = None, mark["key"], mark["recipe"]
        else:
            finished = Corpus.open(self.out).manifest
            key, recipe = (sealed_content(self.out, LOG) or {}).get("key"), finished["recipe"]
        if key != self.plan.key:
            raise another(self.out, recipe, self.plan)
        if finished:
            require_sizes(finished, self.out, self._there())
        return finished

    def _there(self) -> dict[str, int]:
        """Return the files of the folder that a run may have left, with their sizes."""
        out = self.out.rstrip("/")
        with explained(self.out):
            files = [path for path, is_folder in self.store.children(self.out, recursive=True) if not is_folder]
        return {path: path.n_bytes or 0 for path in files if path[len(out) + 1 :].split("/")[0] in OURS}

    def _write(self, name: str, data: dict) -> None:
        local = self.layout.out.parent / "mark.json"
        write_sealed(local, data)
        path = child(self.out, name)
        with explained(path, "write"):
            self.store.put(local, path)

    def _upload(self) -> None:
        """Upload what is not there yet, the manifest last, and remove what an earlier run has left."""
        local = sorted(path for path in self.layout.out.rglob("*") if path.is_file())
        local.sort(key=lambda path: path == self.layout.manifest)
        goals = {path: child(self.out, path.relative_to(self.layout.out).as_posix()) for path in local}
        there, mark = self._there(), child(self.out, UNFINISHED)
        known = set(self.uploaded.read_text(encoding="utf-8").splitlines()) if self.uploaded.exists() else set()
        waiting = []
        for path, goal in goals.items():
            status = path.stat()
            line = f"{status.st_size} {status.st_mtime_ns} {goal}"
            if line not in known or there.get(goal) != status.st_size:
                waiting.append((path, goal, line))
        stale = sorted(set(there) - set(goals.values()) - {mark})
        manifest = goals[self.layout.manifest]
        if manifest in there and any(goal == manifest for _, goal, _ in waiting):
            # From here on the folder is no corpus, until it is a whole one again.
            stale.insert(0, manifest)
        for gone in stale:
            self._remove(gone)
        with self.uploaded.open("a", encoding="utf-8") as done:
            for path, goal, line in Progress(self.quiet).over(waiting, len(waiting), "uploading"):
                with explained(goal, "write"):
                    self.store.put(path, goal)
                done.write(f"{line}\n")
                done.flush()
        self._remove(mark)

    def _remove(self, path: str) -> None:
        with explained(path, "remove"):
            self.store.remove(path)
