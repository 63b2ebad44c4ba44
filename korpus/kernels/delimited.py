r"""Records and fields of delimiter-separated values (CSV, TSV).

A field that begins with a quote ends at the next quote that is not doubled (or escaped), as in RFC 4180; delimiters and
line ends in between belong to it. A quote anywhere else is a character like any other. Where such a field does not end
at a delimiter or a line end, or makes a record of several lines with the wrong number of fields, its quote was none:
the line is then taken as if nothing were quoted in it, so that a stray quote costs no other line. Records end with
``\n`` or ``\r\n`` outside of quotes.
"""

from __future__ import annotations

import numpy as np

from korpus.compiled import kernel

NEWLINE, RETURN, NONE = 10, 13, -1
_N, _R, _T = 110, 114, 116

DOUBLED, BACKED = 1, 2
"""The field holds doubled quotes; escape characters."""
OPEN = 4
"""The field's closing quote is missing, or does not end it."""

MORE, LINE_END, DATA_END = 0, 1, 2

LONG_BYTES = 1 << 18
"""A quote that is not closed within this is taken for a stray one when a file is looked at."""


@kernel
def _closing(data, at, quote, escape, memo):
    # Returns the place of the quote that closes a field whose content begins at `at`; data.size if there is none: the
    # end of the first run of quotes of odd length. Past the run that the field may begin with, it is the same for all
    # places before: memo holds the last place asked for and what was found.
    n = data.size
    run = at
    while run < n and data[run] == quote:
        run += 1
    if (run - at) % 2:
        return run - 1
    if memo[0] <= run <= memo[1]:
        return memo[1]
    at = run
    while at < n:
        if escape != quote and data[at] == escape:
            at += 2
        elif data[at] != quote:
            at += 1
        elif at + 1 < n and data[at + 1] == quote:
            at += 2
        else:
            break
    memo[0], memo[1] = run, min(at, n)
    return memo[1]


@kernel
def _field(data, at, delimiter, quote, escape, memo):
    # Returns the field that begins at `at`: start, stop, where the next one begins, how it ended, and its flags.
    n = data.size
    if at < n and data[at] == quote:
        start = at + 1
        stop = _closing(data, start, quote, escape, memo)
        if stop >= n:
            return start, n, n, DATA_END, OPEN
        flags = DOUBLED | BACKED if escape != NONE else DOUBLED
        at = stop + 1
        if at >= n:
            return start, stop, n, DATA_END, flags
        if data[at] == delimiter:
            return start, stop, at + 1, MORE, flags
        if data[at] == RETURN and (at + 1 == n or data[at + 1] == NEWLINE):
            at += 1
            if at == n:
                return start, stop, n, DATA_END, flags
        if data[at] == NEWLINE:
            return start, stop, at + 1, LINE_END, flags
        return start, stop, at, DATA_END, OPEN
    start, flags = at, 0
    while at < n and data[at] != delimiter and data[at] != NEWLINE:
        if data[at] == escape and at + 1 < n:
            at += 1
            flags = BACKED
        at += 1
    if at >= n:
        return start, n, n, DATA_END, flags
    if data[at] == delimiter:
        return start, at, at + 1, MORE, flags
    return start, at - (at > start and data[at - 1] == RETURN), at + 1, LINE_END, flags


@kernel
def _line_end(data, at):
    while at < data.size and data[at] != NEWLINE:
        at += 1
    return min(at + 1, data.size)


@kernel
def _line(data, at, delimiter, escape, memo, slots, bounds, flags, row):
    # As _record, of a line without quotes; an escaped line end does not belong to it.
    line = data[: _line_end(data, at)]
    column, how = 0, MORE
    while how == MORE:
        begin, stop, at, how, seen = _field(line, at, delimiter, NONE, escape, memo)
        if column < slots.size and slots[column] >= 0:
            bounds[slots[column], row, 0] = begin
            bounds[slots[column], row, 1] = stop
            flags[slots[column], row] = seen
        column += 1
    return at, how, column, False


@kernel
def _record(data, at, delimiter, quote, escape, memo, slots, bounds, flags, row, final):
    # Writes the wanted fields of the record that begins at `at`. Returns where it ends, how, its number of fields, and
    # whether its quotes were taken for quotes; of one that is open at the end of the data, the size of that and OPEN.
    n_columns, n = slots.size, data.size
    start, column, how, seen = at, 0, MORE, 0
    while how == MORE and seen != OPEN and (n_columns == 0 or column <= n_columns):
        if escape == NONE and at < n and data[at] != quote:
            # As _field has it; written out, since nearly all fields are so and a call takes longer than one.
            begin, seen = at, 0
            while at < n and data[at] != delimiter and data[at] != NEWLINE:
                at += 1
            stop, how = at, DATA_END
            if at < n:
                how = MORE if data[at] == delimiter else LINE_END
                stop -= how == LINE_END and at > begin and data[at - 1] == RETURN
                at += 1
        else:
            begin, stop, at, how, seen = _field(data, at, delimiter, quote, escape, memo)
        if column < n_columns and slots[column] >= 0:
            bounds[slots[column], row, 0] = begin
            bounds[slots[column], row, 1] = stop
            flags[slots[column], row] = seen
        column += 1
    if at >= data.size and (seen == OPEN or (how == DATA_END and not final)):
        return at, OPEN, column, True
    if seen != OPEN:
        if column == n_columns or n_columns == 0:
            return at, how, column, True
        # One of a single line is just as wrong without its quotes.
        if how != MORE and _line_end(data, start) >= at:
            return at, how, column, True
    return _line(data, start, delimiter, escape, memo, slots, bounds, flags, row)


@kernel
def last_record_end(data, limit, delimiter, quote, escape, n_columns, final):
    """Find where whole records end.

    Parameters
    ----------
    data : uint8, shape (n_bytes,)
        Begins with a record.
    limit : int
        Ends beyond this are not looked for, unless there is none before.
    delimiter, quote, escape : int
        Bytes; `NONE` for no quote or no escape character.
    n_columns : int
        How many fields a record has; 0 if that is not known.
    final : bool
        Whether a quote that is open at the end of the data will never be closed.

    Returns
    -------
    end : int
        The last end of a record at or before `limit`; if there is none, the first one after it, and if there is none
        either, 0.
    """
    end, at = 0, 0
    memo, slots = np.full(2, -1, np.int64), np.full(n_columns, -1, np.int32)
    bounds, flags = np.empty((0, 0, 2), np.int32), np.empty((0, 0), np.uint8)
    while at < data.size:
        start = at
        at, how, _, _ = _record(data, at, delimiter, quote, escape, memo, slots, bounds, flags, 0, final)
        if how == OPEN:
            if not final:
                break
            at = _line_end(data, start)
            how = LINE_END if data[at - 1] == NEWLINE else DATA_END
        if how == LINE_END:
            if at <= limit or end == 0:
                end = at
            if at >= limit:
                break
    return end


@kernel
def scan_records(data, at, delimiter, quote, escape, slots, bounds, flags, n_fields, stops):
    """Find the records and the wanted fields of some data, as many as the output arrays hold.

    Parameters
    ----------
    data : uint8, shape (n_bytes,)
        Whole records.
    at : int
        Where the first record begins.
    delimiter, quote, escape : int
        Bytes; `NONE` for no quote or no escape character.
    slots : int32, shape (n_columns,)
        For each column, its row in `bounds`; -1 for columns that are not wanted.
    bounds : int32, shape (n_slots, n_most, 2)
        Written: start and stop of each field, without its quotes. Left alone where a record has too few fields.
    flags : uint8, shape (n_slots, n_most)
        Written: whether the field holds doubled quotes or escapes.
    n_fields : int32, shape (n_most,)
        Written: number of fields of each record.
    stops : int32, shape (n_most,)
        Written: where each record ends, with its line end.

    Returns
    -------
    n_records : int
    """
    row = 0
    memo = np.full(2, -1, np.int64)
    while at < data.size and row < stops.size:
        end, how, n, _ = _record(data, at, delimiter, quote, escape, memo, slots, bounds, flags, row, True)
        if how == OPEN:
            end, _, n, _ = _line(data, at, delimiter, escape, memo, slots, bounds, flags, row)
        n_fields[row] = n
        stops[row] = end
        at = end
        row += 1
    return row


@kernel
def weigh_quotes(data, delimiter, quote, escape, n_columns, final):
    """Count what speaks for quoting in some data, and what against it.

    Parameters
    ----------
    data : uint8, shape (n_bytes,)
        Records; the last one may be cut off.
    delimiter, quote, escape, n_columns : int
        As for `last_record_end`.
    final : bool
        Whether that is all of the file.

    Returns
    -------
    n_records : int
    n_quoted : int
        Fields in quotes.
    n_needed : int
        Those of them that hold a delimiter, a line end or a quote.
    n_stray : int
        Records in which a field begins with a quote that cannot be one.
    n_even : int
        Records of as many fields as there are columns.
    """
    at, n_records, n_quoted, n_needed, n_stray, n_even = 0, 0, 0, 0, 0, 0
    memo, slots = np.full(2, -1, np.int64), np.arange(n_columns).astype(np.int32)
    bounds, flags = np.zeros((n_columns, 1, 2), np.int32), np.zeros((n_columns, 1), np.uint8)
    while at < data.size:
        start = at
        at, how, n, quoted = _record(data, at, delimiter, quote, escape, memo, slots, bounds, flags, 0, final)
        if how == OPEN:
            # The sample may end within it, but for a field that is longer than fields are.
            if not final and data.size - start < LONG_BYTES:
                break
            at = _line_end(data, start)
            quoted = False
            n = 0
        if at == data.size and n_records and not final:
            break
        n_records += 1
        n_stray += not quoted
        n_even += n == n_columns
        for column in range(min(n, n_columns) if quoted else 0):
            begin, stop = bounds[column, 0, 0], bounds[column, 0, 1]
            if begin > 0 and data[begin - 1] == quote:
                n_quoted += 1
                for i in range(begin, stop):
                    if data[i] == delimiter or data[i] == quote or data[i] == NEWLINE:
                        n_needed += 1
                        break
    return n_records, n_quoted, n_needed, n_stray, n_even


@kernel
def gather_fields(data, bounds, flags, rows, delimiter, quote, escape, offsets, out):
    r"""Copy fields one after the other into an Arrow string buffer, each doubled quote as one, without escapes.

    Parameters
    ----------
    data : uint8, shape (n_bytes,)
    bounds : int32, shape (n_records, 2)
    flags : uint8, shape (n_records,)
    rows : int64, shape (n_rows,)
        The records whose field is wanted.
    delimiter, quote, escape : int
        As for `scan_records`. An escape character before a delimiter, a quote, a line end or itself goes; in files
        without quotes ``\n``, ``\r`` and ``\t`` are what they stand for. Before all else it stays.
    offsets : int32, shape (n_rows + 1,)
        Written.
    out : uint8
        Written; at least as long as all wanted fields together.
    """
    to = 0
    offsets[0] = 0
    for i in range(rows.size):
        row = rows[i]
        at, stop, flag = bounds[row, 0], bounds[row, 1], flags[row]
        while at < stop:
            c = data[at]
            at += 1
            if flag & DOUBLED and c == quote:
                at += at < stop and data[at] == quote
            elif flag & BACKED and c == escape and at < stop:
                after = data[at]
                if after in (delimiter, quote, escape, NEWLINE, RETURN):
                    c = after
                    at += 1
                elif quote == NONE and after in (_N, _R, _T):
                    c = NEWLINE if after == _N else RETURN if after == _R else 9
                    at += 1
            out[to] = c
            to += 1
        offsets[i + 1] = to


def gather(data: np.ndarray, bounds: np.ndarray, flags: np.ndarray, rows: np.ndarray, marks: tuple) -> tuple:
    """Return the offsets and bytes of a string array made of the fields of some records; see `gather_fields`."""
    offsets = np.empty(len(rows) + 1, np.int32)
    wanted = bounds[rows]
    out = np.empty(int((wanted[:, 1] - wanted[:, 0]).sum()), np.uint8)
    gather_fields(data, bounds, flags, rows, *marks, offsets, out)
    return offsets, out[: offsets[-1]]
