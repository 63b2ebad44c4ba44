"""Output and work that both lie in a store elsewhere: what tasks on several machines leave, they leave there."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from korpus.corpus.corpus import UNFINISHED
from korpus.corpus.layout import Layout
from korpus.engine.run import Run
from korpus.errors import DataError, RecipeError
from korpus.io.lease import leased
from korpus.io.location import WEB, opens, parts_of, require_writable
from korpus.io.place import place
from korpus.plan import make
from korpus.recipe.inputs import takes_stdin

if TYPE_CHECKING:
    from korpus.corpus.manifest import Manifest
    from korpus.engine.executor import Executor
    from korpus.recipe import Recipe


def in_store(out: str, local: bool) -> bool:
    """Tell whether a run for a remote folder works there, or in a folder of this machine (`korpus.engine.remote_run`).

    Parameters
    ----------
    out : str
        The output folder.
    local : bool
        Whether this machine alone carries it out, which may then go on only with what was begun there.
    """
    if not local:
        return True
    return parts_of(opens(out)).scheme not in WEB and Layout(place(out)).state.exists()


class StoreRun:
    """One run that keeps nothing on this machine.

    Parameters
    ----------
    recipe : Recipe
    engine : Executor
        Does the work.
    quiet : bool
        Whether to show no progress even on a terminal.

    Raises
    ------
    RecipeError
        If the output folder can only be read, or the input is standard input, which other machines do not see.
    """

    def __init__(self, recipe: Recipe, engine: Executor, quiet: bool = False):
        self.out = recipe.output.path
        require_writable(self.out)
        if takes_stdin(recipe):
            raise RecipeError(
                "standard input is not seen by other machines; put the documents into a file that they see"
            )
        self._recipe, self._engine, self._quiet = recipe, engine, quiet

    def __call__(self, fresh: bool = False) -> Manifest:
        """Carry the run out, alone; return the manifest; parameters and errors as for `korpus.engine.run.Run`."""
        layout = Layout(place(self.out))
        with leased(layout.work, self.out):
            plan = make(self._recipe)
            manifest = Run(plan, layout.out, self._engine, self._quiet)(fresh)
            with suppress(DataError):
                # What a run that was made on one machine and never finished has left.
                if (layout.out / UNFINISHED).is_file():
                    (layout.out / UNFINISHED).unlink()
        return manifest
