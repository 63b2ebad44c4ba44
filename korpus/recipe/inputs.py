"""What a command or a call gives beside a recipe: other files, other options of a section, one source of several."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from korpus.errors import RecipeError, did_you_mean
from korpus.io.location import is_remote, located
from korpus.io.stdin import STDIN, spooled
from korpus.recipe.build import load, plain, validated
from korpus.recipe.options import InputOptions
from korpus.recipe.text import Source

if TYPE_CHECKING:
    from korpus.recipe.model import Recipe


def assemble(
    recipe: str | Path | dict[str, Any],
    inputs: Any = None,
    out: str | Path | None = None,
    workers: int | None = None,
    overrides: Sequence[str] = (),
) -> Recipe:
    """Return a recipe with what a call gives beside it; parameters as for `korpus.api.run`."""
    built = load(recipe, list(overrides))
    if inputs:
        built = with_inputs(built, inputs)
    if out is not None:
        built = amend(built, "output", path=out)
    if workers is not None:
        built = amend(built, "engine", workers=workers)
    return built


def amend(recipe: Recipe, section: str, **options: Any) -> Recipe:
    """Return `recipe` with some options of a section replaced, which are validated like those of a file."""
    old = getattr(recipe, section)
    new = validated(type(old), plain({**dict(old), **options}), (section,), Source("arguments"))
    return recipe.model_copy(update={section: new})


def with_inputs(recipe: Recipe, inputs: Any) -> Recipe:
    """Return `recipe` with other files to read.

    Parameters
    ----------
    recipe : Recipe
    inputs : path, sequence of paths, or mapping of source names to paths
        In a recipe with sources each path is given as ``NAME=PATH``; the sources that are not named keep their own.

    Raises
    ------
    RecipeError
        If it is not said which source a path belongs to.
    """
    if not isinstance(inputs, Mapping):
        inputs = [inputs] if isinstance(inputs, (str, Path)) else list(inputs)
        if not recipe.sources:
            return amend(recipe, "input", paths=inputs)
    paths: dict[str, list] = {}
    for name, path in _by_source(inputs):
        if name not in recipe.sources:
            names = ", ".join(recipe.sources) or "no sources"
            raise RecipeError(
                f"which source does {path} belong to? the recipe has {names}{did_you_mean(name, recipe.sources)}; "
                f"give -i {next(iter(recipe.sources), 'NAME')}={path}"
            )
        paths.setdefault(name, []).append(path)
    sources = {
        name: given.model_copy(update={"paths": paths[name]}) if name in paths else given
        for name, given in recipe.sources.items()
    }
    return recipe.model_copy(update={"sources": sources})


def of_source(recipe: Recipe, name: str | None) -> Recipe:
    """Return the recipe of the documents of one source: how they are read, their own stages, then those of all.

    Raises
    ------
    RecipeError
        If the recipe has no such source.
    """
    if name is None:
        return recipe
    if name not in recipe.sources:
        known = ", ".join(recipe.sources) or "none"
        raise RecipeError(
            f"the recipe has no source {name!r}{did_you_mean(name, recipe.sources)}; its sources are: {known}"
        )
    source = recipe.sources[name]
    options = {option: getattr(source, option) for option in InputOptions.model_fields}
    stages = (*source.stages, *recipe.stages)
    return recipe.model_copy(update={"input": InputOptions(**options), "sources": {}, "stages": stages})


def _by_source(inputs: Any) -> Iterator[tuple[str, str]]:
    if isinstance(inputs, Mapping):
        for name, paths in inputs.items():
            for path in [paths] if isinstance(paths, (str, Path)) else paths:
                yield name, located(str(path))
        return
    for path in inputs:
        name, equals, rest = str(path).partition("=")
        if equals and not is_remote(name):
            yield name, located(rest)
        else:
            yield "", located(str(path))


def takes_stdin(recipe: Recipe) -> int:
    """Return how often a recipe names standard input."""
    return [path for given in (recipe.input, *recipe.sources.values()) for path in given.paths].count(STDIN)


@contextmanager
def with_stdin(recipe: Recipe, folder: Path) -> Iterator[Recipe]:
    """Yield a recipe in which the path ``-`` is replaced by a file that `spooled` makes; others are left as they are.

    Raises
    ------
    RecipeError
        If standard input is named twice, or is a terminal.
    """
    n = takes_stdin(recipe)
    if n > 1:
        raise RecipeError("- is given twice, but standard input can be read only once; name it once")
    if not n:
        yield recipe
        return
    with spooled(sys.stdin.buffer, folder) as file:

        def placed(given: InputOptions) -> InputOptions:
            return given.model_copy(update={"paths": [file if path == STDIN else path for path in given.paths]})

        sources = {name: placed(source) for name, source in recipe.sources.items()}
        yield recipe.model_copy(update={"input": placed(recipe.input), "sources": sources})
