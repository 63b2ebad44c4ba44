"""Everything that korpus raises on purpose.

::

    KorpusError              a failure that a person can act on; the command line prints it and exits 1
    ├── RecipeError          the recipe or an option is wrong (exit 2): file:line, stage.option, expected, got
    ├── SchemaError          a column is missing, of the wrong type, or clashes with one of korpus's own
    ├── DataError            the input cannot be read, too much of it is bad, or the disk is full
    │   └── Unreadable       one file of the input is damaged, or is not what it is taken for; others may be read
    ├── ResumeError          the output folder holds another run, or a run that cannot be continued
    └── MissingExtra         a feature needs a package that is not installed; says the exact pip command
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class KorpusError(Exception):
    """Base of all errors raised on purpose; its message is written for the person at the keyboard."""


class RecipeError(KorpusError):
    """A recipe, or an option given on the command line, is wrong.

    Parameters
    ----------
    message : str
        What was expected and what was found.
    where : str, optional
        ``file:line`` of the offending key, or the name of the command line option.
    """

    def __init__(self, message: str, where: str | None = None):
        self.message = message
        self.where = where
        super().__init__(f"{where}: {message}" if where else message)

    def __reduce__(self) -> tuple:
        return type(self), (self.message, self.where)


class SchemaError(KorpusError):
    """A column is missing, has the wrong type, or has a name that korpus needs for itself."""


class DataError(KorpusError):
    """The input cannot be read, holds too much that is bad, or the output cannot be written."""


class Unreadable(DataError):
    """One file of the input cannot be read because of what is in it; the others of a run may be."""


class ResumeError(KorpusError):
    """The output folder belongs to another run, or its unfinished run cannot be continued."""


class MissingExtra(KorpusError):
    """A feature needs an optional package.

    Parameters
    ----------
    feature : str
        What the user asked for.
    extra : str
        The extra of korpus that brings the package.
    """

    def __init__(self, feature: str, extra: str):
        self.feature, self.extra = feature, extra
        super().__init__(f"{feature} needs an optional package; install it with: pip install 'korpus-toolkit[{extra}]'")

    def __reduce__(self) -> tuple:
        return type(self), (self.feature, self.extra)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``" (did you mean 'x'?)"`` for the known name nearest to `name`, or an empty string.

    Parameters
    ----------
    name : str
        What was typed.
    known : iterable of str
        What could have been typed.
    """
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" (did you mean {near[0]!r}?)" if near else ""
