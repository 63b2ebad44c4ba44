"""Where documents stand in the files of the user: the source and row that people are told, of ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korpus.batch import ROW_BITS
from korpus.io.atomic import read_json
from korpus.io.readers.formats import first_row

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from korpus.corpus.layout import Layout
    from korpus.engine.done import Done
    from korpus.plan import Plan

ROW = (1 << ROW_BITS) - 1
"""The bits of an id that are the number of the row."""


def first_rows(plan: Plan, splits: list[Done]) -> Iterator[tuple[str, str, int]]:
    """Yield the name of each split's part, its source, and the number of its first row there.

    Lines count from 1, and so do records and Parquet rows; the header of a CSV file is a line.
    """
    at, file = 0, None
    for done in splits:
        number = done.file
        if number != file:
            file, at = number, first_row(plan.files[number].format)
        yield done.name, plan.files[number].path, at
        at += done.n_rows


def names(layout: Layout, number: int, doc_ids: np.ndarray) -> list[str]:
    """Return the file and row of documents of the references of a pass, as ``file:row``; ids are negative."""
    sources = read_json(layout.references(number)) if len(doc_ids) else []
    found = []
    for key, row in zip((doc_ids >> ROW_BITS).tolist(), (doc_ids & ROW).tolist()):
        source, first = sources[key]  # keys count from the end
        found.append(f"{source}:{first + row}")
    return found
