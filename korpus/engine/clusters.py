"""What the verdicts of a duplicate stage come to: clusters and their sizes, examples, warnings."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from korpus.chain import EXAMPLE_CHARS, N_EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from korpus.io.bits import DocBits
    from korpus.io.parts import Texts
    from korpus.stage import Dedup

N_LARGEST = 10
N_WARNED = 5
HEAD_CHARS = 60
CHUNK_ROWS = 1 << 20


def cluster_sizes(verdicts: np.ndarray, documents: DocBits, memory_bytes: int) -> Iterator[tuple[np.ndarray, ...]]:
    """Count the documents of each cluster, the kept one included.

    Parameters
    ----------
    verdicts : structured array `korpus.dedup.VERDICT`
        May be memory-mapped; read a chunk at a time.
    documents : DocBits
        Turns document ids into places.
    memory_bytes : int
        How much the counts may take; they are made for as many documents at a time.

    Yields
    ------
    kept : int64 array
        The documents that others were removed for, in order; none of them is a reference.
    sizes : int64 array, of the same length
    """
    step = max(1, memory_bytes // 16)
    for begin in range(documents.n_reference, documents.n_places, step):
        end = min(begin + step, documents.n_places)
        counts = np.zeros(end - begin, np.int64)
        for start in range(0, len(verdicts), CHUNK_ROWS):
            kept, n = np.unique(verdicts["duplicate_of"][start : start + CHUNK_ROWS], return_counts=True)
            places = documents.places(kept)
            inside = (places >= begin) & (places < end)
            counts[places[inside] - begin] += n[inside]
        some = np.flatnonzero(counts)
        yield documents.doc_ids(some + begin), counts[some] + 1


def describe(
    stage: Dedup, verdicts: np.ndarray, documents: DocBits, texts: Texts, memory_bytes: int, warnings: list[str]
) -> dict[str, Any]:
    """Return what a duplicate stage found, as the manifest has it.

    Parameters
    ----------
    stage : Dedup
    verdicts : structured array `korpus.dedup.VERDICT`
    documents : DocBits
    texts : Texts
        Of the pass.
    memory_bytes : int
        How much memory may be taken.
    warnings : list of str
        What is to be said of the references.
    """
    n_of_size: Counter = Counter()
    largest: list[tuple[int, int]] = []
    for kept, sizes in cluster_sizes(verdicts, documents, memory_bytes // 4):
        n_of_size.update(dict(zip(*(column.tolist() for column in np.unique(sizes, return_counts=True)))))
        first = np.lexsort((kept, -sizes))[:N_LARGEST]
        largest = sorted([*largest, *zip((-sizes[first]).tolist(), kept[first].tolist())])[:N_LARGEST]
    return {
        "clusters": {
            "n": sum(n_of_size.values()),
            "largest": [-size for size, _ in largest],
            "sizes": {str(size): n_of_size[size] for size in sorted(n_of_size)},
        },
        "examples": _examples(verdicts, texts),
        "warnings": [*warnings, *_warnings(stage, n_of_size, largest, texts)],
    }


def _examples(verdicts: np.ndarray, texts: Texts) -> list[list[str]]:
    first = np.array(verdicts[:CHUNK_ROWS])
    first = first[first["duplicate_of"] >= 0][:N_EXAMPLES]
    shown = _heads(np.concatenate([first["doc_id"], first["duplicate_of"]]), texts, EXAMPLE_CHARS)
    return [[shown[doc], shown[kept], f"{similarity:.3f}"] for doc, kept, similarity in first.tolist()]


def _heads(doc_ids: np.ndarray, texts: Texts, n_chars: int) -> dict[int, str]:
    ids = np.unique(doc_ids)
    return dict(zip(ids.tolist(), (text[:n_chars] for text in texts.take(ids).to_pylist())))


def _warnings(stage: Dedup, n_of_size: Counter, largest: list[tuple[int, int]], texts: Texts) -> list[str]:
    limit = getattr(stage, "warn_cluster", None)
    if limit is None:
        return []
    n_large = sum(n for size, n in n_of_size.items() if size > limit)
    shown = [(-size, kept) for size, kept in largest if -size > limit][:N_WARNED]
    heads = _heads(np.array([kept for _, kept in shown], np.int64), texts, HEAD_CHARS)
    lines = [
        f"{stage.name}: {size:,} documents became one (doc_id {kept}, {heads[kept]!r}); see whether that is right"
        for size, kept in shown
    ]
    if n_large > len(shown):
        lines.append(f"{stage.name}: {n_large - len(shown):,} more clusters have more than {limit:,} documents")
    return lines
