"""Paths into nested JSON: ``article.body``, ``document[].paragraph[].form``.

Keys are joined by dots; ``[]`` stands for every item of an array, and for the thing itself where there is no array. A
key of that very name goes before a path.
"""

from __future__ import annotations

from typing import Any

from korpus.io.readers.base import ReadOptions

_MISSING = object()


def is_path(name: str) -> bool:
    """Tell whether a column's name may lead into nested values."""
    return "." in name or "[]" in name


def records_path(options: ReadOptions) -> list[str]:
    """Return the keys that lead to the array whose items are the documents, of a JSON file that is an object."""
    before, found, _ = options.text.partition("[]")
    return before.split(".") if found and before else []


def value_at(document: dict, path: str) -> Any:
    """Return what a path leads to, a list if there are arrays on the way; raise `KeyError` if it leads nowhere."""
    found = _value(document, [step for key in path.split(".") for step in _steps(key)])
    if found is _MISSING:
        raise KeyError(path)
    return found


def _steps(key: str) -> list[str]:
    bare = key.rstrip("[]")
    return [bare] * bool(bare) + ["[]"] * key.count("[]")


def _value(value: Any, steps: list[str]) -> Any:
    for i, step in enumerate(steps):
        if step != "[]":
            if not isinstance(value, dict) or step not in value:
                return _MISSING
            value = value[step]
        elif isinstance(value, list):
            found = [inner for item in value if (inner := _value(item, steps[i + 1 :])) is not _MISSING]
            if "[]" in steps[i + 1 :]:
                found = [inner for item in found for inner in (item if isinstance(item, list) else [item])]
            return found
    return value


class Nested:
    """Brings the values that paths lead to up to the top of a document.

    Parameters
    ----------
    options : ReadOptions

    Attributes
    ----------
    roots : set of str
        The keys at the top through which the paths lead.
    """

    def __init__(self, options: ReadOptions):
        self._text = options.text
        self._paths = [name for name in (options.text, *(options.keep or ())) if is_path(name)]
        self.roots = {path.partition(".")[0].rstrip("[]") for path in self._paths}
        # What holds the text is not carried along a second time.
        self._gone = self.roots if options.keep is None else set()

    def __bool__(self) -> bool:
        return bool(self._paths)

    def lift(self, document: dict) -> None:
        """Add the values of the paths to a document; strings that make up the text are joined by line ends."""
        for path in self._paths:
            if path in document:
                continue
            try:
                value = value_at(document, path)
            except KeyError:
                continue
            if path == self._text and isinstance(value, list):
                parts = [part for part in value if part not in (None, "")]
                value = "\n".join(parts) if all(isinstance(part, str) for part in parts) else value
            document[path] = value
        for name in self._gone:
            document.pop(name, None)
