"""The recipes that come with korpus."""

from __future__ import annotations

from pathlib import Path

from korpus.errors import RecipeError, did_you_mean


def bundled() -> dict[str, Path]:
    """Return the recipes that come with korpus, by name."""
    folder = Path(__file__).parent.parent / "pipelines"
    if not folder.is_dir():  # a source checkout, or an editable install of one
        folder = Path(__file__).parent.parent.parent / "pipelines"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"), key=lambda path: path.stem)}


def find(recipe: str | Path) -> Path:
    """Return the path of a recipe given by path or, for those that come with korpus, by bare name.

    Raises
    ------
    RecipeError
        If there is none.
    """
    path = Path(recipe)
    if path.is_file():
        return path
    known = bundled()
    if str(recipe) in known:
        return known[str(recipe)]
    raise RecipeError(
        f"there is no recipe {str(recipe)!r}{did_you_mean(str(recipe), known)}; "
        f"give the path of a YAML file, or one of: {', '.join(known)}"
    )


def summary(path: Path) -> str:
    """Return the first line of the comment at the head of a recipe."""
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    return first.removeprefix("#").strip() if first.startswith("#") else ""
