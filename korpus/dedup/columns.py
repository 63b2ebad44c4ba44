"""Small tables as named tuples of numpy arrays of one length."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

Columns = TypeVar("Columns", bound=tuple)


def take(table: Columns, rows: np.ndarray | slice) -> Columns:
    """Return some rows of a table, by their indices, or a range of them."""
    return type(table)(*(column[rows] for column in table))


def joined(*tables: Columns) -> Columns:
    """Return the rows of several tables of one kind."""
    return type(tables[0])(*map(np.concatenate, zip(*tables)))
