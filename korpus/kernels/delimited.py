r"""Records and fields of delimiter-separated values (CSV, TSV), after RFC 4180.

A field that begins with a quote ends at the next quote that is not doubled; delimiters and line ends in between belong
to it. A quote anywhere else is a character like any other. Records end with ``\n`` or ``\r\n`` outside quotes.
"""

from __future__ import annotations

import numpy as np

from korpus.compiled import kernel

QUOTE, NEWLINE, RETURN = 34, 10, 13

ESCAPED = 1
"""The field holds doubled quotes."""
AFTER_QUOTE = 2
"""Something stands between the closing quote and the end of the field."""
OPEN = 4
"""The closing quote is missing."""

MORE, LINE_END, DATA_END = 0, 1, 2


@kernel
def _field(data, at, delimiter):
    # Returns the field that begins at `at`: start, stop, where the next one begins, how it ended, and its flags.
    n = data.size
    flags = 0
    start, stop, quoted = at, at, at < n and data[at] == QUOTE
    if quoted:
        start = at + 1
        at = start
        while True:
            while at < n and data[at] != QUOTE:
                at += 1
            if at >= n:
                return start, n, n, DATA_END, flags | OPEN
            if at + 1 < n and data[at + 1] == QUOTE:
                flags |= ESCAPED
                at += 2
            else:
                break
        stop = at
        at += 1
    end = at
    while at < n and data[at] != delimiter and data[at] != NEWLINE:
        at += 1
    how, after = DATA_END, n
    last = at
    if at < n:
        after = at + 1
        how = MORE
        if data[at] == NEWLINE:
            how = LINE_END
            if at > end and data[at - 1] == RETURN:
                last = at - 1
    if not quoted:
        stop = last
    elif last > end:
        flags |= AFTER_QUOTE
    return start, stop, after, how, flags


@kernel
def last_record_end(data, limit, delimiter):
    """Find where whole records end.

    Parameters
    ----------
    data : uint8, shape (n_bytes,)
        Begins with a record.
    limit : int
        Ends beyond this are not looked for, unless there is none before.
    delimiter : int
        The byte between two fields.

    Returns
    -------
    end : int
        The last end of a record at or before `limit`; if there is none, the first one after it, and if there is none
        either, 0.
    is_open : bool
        Whether `data` ends inside a quoted field. Only meaningful if the end of `data` was reached.
    """
    end, at, flags = 0, 0, 0
    while at < data.size:
        _, _, at, how, flags = _field(data, at, delimiter)
        if how == LINE_END:
            if at <= limit or end == 0:
                end = at
            if at >= limit:
                break
    return end, flags & OPEN != 0


@kernel
def scan_records(data, at, delimiter, slots, bounds, escaped, n_fields, flaws, stops):
    """Find the records and the wanted fields of some data, as many as the output arrays hold.

    Parameters
    ----------
    data : uint8, shape (n_bytes,)
        Whole records.
    at : int
        Where the first record begins.
    delimiter : int
        The byte between two fields.
    slots : int32, shape (n_columns,)
        For each column, its row in `bounds`; -1 for columns that are not wanted.
    bounds : int32, shape (n_slots, n_most, 2)
        Written: start and stop of each field, without its quotes. Left alone where a record has too few fields.
    escaped : bool, shape (n_slots, n_most)
        Written: whether the field holds doubled quotes.
    n_fields : int32, shape (n_most,)
        Written: number of fields of each record.
    flaws : uint8, shape (n_most,)
        Written: `AFTER_QUOTE` and `OPEN`, for the whole record.
    stops : int32, shape (n_most,)
        Written: where each record ends, with its line end.

    Returns
    -------
    n_records : int
    """
    row = 0
    while at < data.size and row < stops.size:
        column, seen, how = 0, 0, MORE
        while how == MORE:
            start, stop, at, how, flags = _field(data, at, delimiter)
            if column < slots.size and slots[column] >= 0:
                slot = slots[column]
                bounds[slot, row, 0] = start
                bounds[slot, row, 1] = stop
                escaped[slot, row] = flags & ESCAPED != 0
            seen |= flags
            column += 1
        n_fields[row] = column
        flaws[row] = seen & (AFTER_QUOTE | OPEN)
        stops[row] = at
        row += 1
    return row


@kernel
def gather_fields(data, bounds, escaped, rows, offsets, out):
    """Copy fields one after the other into an Arrow string buffer, each doubled quote as one.

    Parameters
    ----------
    data : uint8, shape (n_bytes,)
    bounds : int32, shape (n_records, 2)
    escaped : bool, shape (n_records,)
    rows : int64, shape (n_rows,)
        The records whose field is wanted.
    offsets : int32, shape (n_rows + 1,)
        Written.
    out : uint8
        Written; at least as long as all wanted fields together.
    """
    to = 0
    offsets[0] = 0
    for i in range(rows.size):
        row = rows[i]
        at, stop = bounds[row, 0], bounds[row, 1]
        if escaped[row]:
            while at < stop:
                out[to] = data[at]
                to += 1
                at += 2 if data[at] == QUOTE else 1
        else:
            for j in range(at, stop):
                out[to] = data[j]
                to += 1
        offsets[i + 1] = to


def gather(data: np.ndarray, bounds: np.ndarray, escaped: np.ndarray, rows: np.ndarray) -> tuple:
    """Return the offsets and bytes of a string array made of the fields of some records; see `gather_fields`."""
    offsets = np.empty(len(rows) + 1, np.int32)
    wanted = bounds[rows]
    out = np.empty(int((wanted[:, 1] - wanted[:, 0]).sum()), np.uint8)
    gather_fields(data, bounds, escaped, rows, offsets, out)
    return offsets, out[: offsets[-1]]
