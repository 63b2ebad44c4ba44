"""Numba functions on numpy arrays: no Arrow, no input or output, no classes; one file a subject."""
