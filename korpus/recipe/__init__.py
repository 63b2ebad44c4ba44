"""YAML → `Recipe`: read, overridden, validated as a whole, before any data is touched.

Every complaint names the file and line, the option as ``stage.option``, what was expected, what was found, and the
nearest name where one was misspelt.
"""

from korpus.recipe.build import COMPAT, build, load
from korpus.recipe.bundled import bundled, find, summary
from korpus.recipe.inputs import amend, of_source, with_inputs, with_stdin
from korpus.recipe.model import SECTIONS, Recipe
from korpus.recipe.text import KEYS

__all__ = [
    "COMPAT",
    "KEYS",
    "SECTIONS",
    "Recipe",
    "amend",
    "build",
    "bundled",
    "find",
    "load",
    "of_source",
    "summary",
    "with_inputs",
    "with_stdin",
]
