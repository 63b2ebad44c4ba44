"""Resolving duplicates: sketches → candidate pairs → verified pairs → stars, as functions over plain tables."""

import numpy as np

VERDICT = np.dtype([("doc_id", "<i8"), ("duplicate_of", "<i8"), ("similarity", "<f8")])
"""One removed document, the kept document that it duplicates, and their similarity in [0, 1]."""
