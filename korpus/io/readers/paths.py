"""Paths into nested JSON: ``article.body``, ``document[].paragraph[].form``.

Keys are joined by dots; ``[]`` stands for every item of an array, and for the thing itself where there is no array. A
key of that very name goes before a path.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from korpus.io.readers.base import ReadOptions

WHOLE_FILE = "file"
"""What `ReadOptions.records` says where the object that a file is, is one document."""
_MISSING = object()
_N_LISTED = 5


def is_path(name: str) -> bool:
    """Tell whether a column's name may lead into nested values."""
    return "." in name or "[]" in name


def records_path(options: ReadOptions) -> list[str]:
    """Return the keys that lead to the array whose items are the documents, of a JSON file that is an object."""
    path = options.texts[0] if options.records is None else options.records
    if options.records == WHOLE_FILE:
        return []
    before, found, _ = path.partition("[]")
    return before.split(".") if found and before else []


def steps_of(path: str) -> list[str]:
    """Return the keys of a path, and ``[]`` for each array on its way."""
    return [step for key in path.split(".") for step in _steps(key)]


def value_at(document: dict, path: str) -> Any:
    """Return what a path leads to, a list if there are arrays on the way; raise `KeyError` if it leads nowhere."""
    found = _value(document, steps_of(path))
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


def items_at(value: Any, steps: list[str]) -> Iterator[Any]:
    """Yield a record once for each item that some steps lead to, with that item in the place of its array."""
    if not steps:
        yield value
    elif steps[0] == "[]":
        for item in value if isinstance(value, list) else [value]:
            yield from items_at(item, steps[1:])
    elif isinstance(value, dict) and steps[0] in value:
        for inner in items_at(value[steps[0]], steps[1:]):
            yield {**value, steps[0]: inner}


def texts_in(value: Any, path: str = "") -> dict[str, int]:
    """Return the paths that lead to strings in a JSON value, and how many characters those have."""
    found: dict[str, int] = {}
    level = [(path, value)]
    while level:
        path, value = level.pop()
        if isinstance(value, str):
            found[path] = found.get(path, 0) + len(value)
        elif isinstance(value, dict):
            level += [(f"{path}.{key}" if path else key, inner) for key, inner in value.items()]
        elif isinstance(value, list):
            level += [(f"{path}[]", inner) for inner in value]
    return found


def suggestion(documents: list[dict]) -> str:
    """Return what to say of records that have not the text where it was looked for: where they have texts."""
    found: dict[str, int] = {}
    for document in documents:
        for path, n in texts_in(document).items():
            found[path] = found.get(path, 0) + n
    nested = [path for path in sorted(found, key=lambda path: -found[path]) if is_path(path)][:_N_LISTED]
    if not nested:
        return ""
    best, more = nested[0], f"; other texts: {', '.join(nested[1:])}" if nested[1:] else ""
    array, found_array, _ = best.rpartition("[]")
    which = f", and input.records: {array}[] for a document an item, or file for a document a file" * bool(found_array)
    return f"; its longest texts lie in it at {best}: give input.text: {best!r}{which}{more}"


class Nested:
    """Brings the values that paths lead to up to the top of a document, and makes its text of several.

    Parameters
    ----------
    options : ReadOptions

    Attributes
    ----------
    roots : set of str
        The keys at the top through which the paths lead.
    """

    def __init__(self, options: ReadOptions):
        self._text, self._parts = options.text, options.parts
        self._records = steps_of(options.records) if options.records not in (None, WHOLE_FILE) else []
        names = (*options.texts, *(options.keep or ()))
        self._paths = [name for name in names if is_path(name)]
        self.roots = {path.partition(".")[0].rstrip("[]") for path in (*self._paths, *self._parts)}
        # What holds the text is not carried along a second time.
        self._gone = self.roots if options.keep is None else set()

    def __bool__(self) -> bool:
        return bool(self._paths or self._parts or self._records)

    def documents(self, record: Any) -> list:
        """Return the documents that a record holds."""
        return list(items_at(record, self._records)) if self._records and isinstance(record, dict) else [record]

    def lift(self, document: dict) -> None:
        """Add the values of the paths to a document; strings that make up the text are joined by line ends."""
        for path in self._paths:
            if path in document:
                continue
            try:
                value = value_at(document, path)
            except KeyError:
                continue
            document[path] = _joined(value) if path == self._text and isinstance(value, list) else value
        if self._parts:
            parts = [document.get(name) for name in self._parts]
            document[self._text] = _joined(
                [each for part in parts for each in (part if isinstance(part, list) else [part])]
            )
        for name in self._gone:
            document.pop(name, None)


def _joined(value: list) -> Any:
    parts = [part for part in value if part not in (None, "")]
    if not parts and value and all(part is None for part in value):
        return None
    return "\n".join(parts) if all(isinstance(part, str) for part in parts) else value
