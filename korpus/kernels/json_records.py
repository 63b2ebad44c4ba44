"""Cutting JSON into records, byte by byte, without holding more of it than its nesting."""

from __future__ import annotations

import numpy as np

from korpus.compiled import kernel

TOP, JUNK, WHOLE, ITEMS, WALK = range(5)
"""Phases: between values at the top; in what is no array or object there; in an object at the top that is a record;
in an array of records; in an object, on the way to the array of records."""

PHASE, DEPTH, FLOOR, IN_STRING, ESCAPED, IN_RECORD, LEVEL, MATCH, KEY, PENDING, FOUND, WRAPPED = range(12)
N_STATE = 12

_QUOTE, _BACKSLASH, _COMMA, _COLON = 34, 92, 44, 58
_OPEN, _CLOSE, _OPEN_LIST, _CLOSE_LIST, _NEWLINE, _RETURN = 123, 125, 91, 93, 10, 13


@kernel
def _put(out, n, piece):
    for byte in piece:
        out[n] = byte
        n += 1
    return n


@kernel
def cut_records(data, state, keys, bounds, before, after, out):
    """Write the records of some JSON, each on a line of its own.

    A record is an item of an array at the top; or, of an object at the top, an item of the array that the keys lead
    to, or the object itself when there are no keys. An object in which they lead to no array gives ``{}``.

    Parameters
    ----------
    data : uint8, shape (n_bytes,)
        The next piece of the file.
    state : int64, shape (N_STATE,)
        Where the last piece ended; zeros at first.
    keys : uint8, shape (n,)
        The keys on the way to the array, one after the other, as they stand in the file.
    bounds : int64, shape (n_keys + 1,)
        Where each key begins in `keys`.
    before, after : uint8, shape (n,)
        What is put around an item of the array that the keys lead to.
    out : uint8
        Written; at least ``len(data) * (len(before) + len(after) + 4)`` bytes.

    Returns
    -------
    n_written : int

    Notes
    -----
    Outside of strings, line ends become spaces; inside, where JSON does not allow them, U+0001, which it does not
    allow either. Brackets are only counted: whether a record is JSON is for its reader to say.
    """
    n = 0
    n_keys = bounds.size - 1
    for c in data:
        phase = state[PHASE]
        if state[IN_STRING]:
            if state[IN_RECORD]:
                out[n] = 1 if c == _NEWLINE else c
                n += 1
            if state[ESCAPED]:
                state[ESCAPED] = 0
            elif c == _BACKSLASH:
                state[ESCAPED] = 1
                state[MATCH] = -1
            elif c == _QUOTE:
                state[IN_STRING] = 0
                if phase == WALK:
                    state[KEY] = state[MATCH] == bounds[state[LEVEL] + 1] - bounds[state[LEVEL]]
            elif phase == WALK and state[MATCH] >= 0:
                at = bounds[state[LEVEL]] + state[MATCH]
                state[MATCH] = state[MATCH] + 1 if at < bounds[state[LEVEL] + 1] and keys[at] == c else -1
            continue
        is_space = c == 32 or 9 <= c <= 13
        if phase == TOP:
            if is_space:
                continue
            state[DEPTH] = 1
            if c == _OPEN_LIST:
                state[PHASE], state[FLOOR], state[WRAPPED] = ITEMS, 1, 0
            elif c == _OPEN and n_keys:
                state[PHASE], state[LEVEL], state[PENDING], state[FOUND] = WALK, 0, 0, 0
            else:
                state[PHASE], state[FLOOR], state[IN_RECORD] = WHOLE if c == _OPEN else JUNK, 0, 1
                out[n] = c
                n += 1
        elif phase == JUNK:
            out[n] = c
            n += 1
            if c == _NEWLINE:
                state[PHASE], state[IN_RECORD] = TOP, 0
        elif phase == WALK:
            here = state[DEPTH] == state[LEVEL] + 1
            if c == _QUOTE:
                state[IN_STRING], state[MATCH] = 1, 0 if here else -1
            elif c == _COLON and here:
                state[PENDING] = state[KEY]
            elif c == _COMMA and here:
                state[PENDING] = 0
            elif c in (_OPEN, _OPEN_LIST):
                state[DEPTH] += 1
                if here and state[PENDING]:
                    last = state[LEVEL] == n_keys - 1
                    if c == _OPEN and not last:
                        state[LEVEL] += 1
                    elif c == _OPEN_LIST and last:
                        state[PHASE], state[FLOOR], state[WRAPPED], state[FOUND] = ITEMS, state[DEPTH], 1, 1
                state[PENDING] = 0
            elif c in (_CLOSE, _CLOSE_LIST):
                state[DEPTH] -= 1
                if state[DEPTH] == 0:
                    state[PHASE] = TOP
                    if not state[FOUND]:
                        out[n], out[n + 1], out[n + 2] = _OPEN, _CLOSE, _NEWLINE
                        n += 3
                elif state[DEPTH] == state[LEVEL]:
                    state[LEVEL] -= 1
        else:
            at_floor = state[DEPTH] == state[FLOOR]
            closes = c in (_CLOSE, _CLOSE_LIST)
            if at_floor and (c == _COMMA or closes):
                if state[IN_RECORD]:
                    if state[WRAPPED]:
                        n = _put(out, n, after)
                    out[n] = _NEWLINE
                    n += 1
                    state[IN_RECORD] = 0
                if closes:
                    state[DEPTH] -= 1
                    state[PHASE] = TOP if state[DEPTH] == 0 else WALK
                continue
            if not state[IN_RECORD]:
                if is_space:
                    continue
                state[IN_RECORD] = 1
                if state[WRAPPED]:
                    n = _put(out, n, before)
            out[n] = 32 if c in (_NEWLINE, _RETURN) else c
            n += 1
            if c == _QUOTE:
                state[IN_STRING] = 1
            elif c in (_OPEN, _OPEN_LIST):
                state[DEPTH] += 1
            elif closes:
                state[DEPTH] -= 1
                if state[DEPTH] == 0:
                    out[n] = _NEWLINE
                    n += 1
                    state[PHASE], state[IN_RECORD] = TOP, 0
    return n


def new_state() -> np.ndarray:
    """Return the state at the beginning of a file."""
    return np.zeros(N_STATE, np.int64)


@kernel
def deepest(data):
    """Return how many more brackets are opened than closed at most, from the beginning of a line on.

    Parameters
    ----------
    data : uint8, shape (n_bytes,)
        JSON Lines. Brackets inside of strings count too, so that a line is at most that deep.
    """
    most, depth = 0, 0
    for c in data:
        if c < 91:
            if c == _NEWLINE:
                depth = 0
        elif c in (_OPEN, _OPEN_LIST):
            depth += 1
            most = max(most, depth)
        elif c in (_CLOSE, _CLOSE_LIST):
            depth -= 1
    return most
