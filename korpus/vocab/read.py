"""Reading the word counts of runs: the files of ``out/counts``, one or more runs' together."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from korpus.batch import DOMAIN
from korpus.corpus.corpus import Corpus
from korpus.corpus.layout import Layout
from korpus.corpus.manifest import REMEDY, is_manifest
from korpus.errors import DataError, RecipeError, did_you_mean
from korpus.io.location import is_remote, located
from korpus.vocab.counter import WordCounter
from korpus.vocab.schema import COUNT, WORD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

BATCH_ROWS = 1 << 16


def count_files(sources: Sequence[str | Path]) -> list[Path]:
    """Return the files of word counts in folders of counts or output folders, or the files themselves.

    Raises
    ------
    DataError
        If a path does not exist, or holds no counts.
    """
    files: list[Path] = []
    for given in sources:
        if is_remote(given):
            raise DataError(f"{located(given)} lies elsewhere; copy its folder counts here, and name that")
        source = Path(given)
        folder = source / "counts" if (source / "counts").is_dir() else source
        found = sorted(folder.glob("*.parquet")) if folder.is_dir() else [folder] if folder.is_file() else []
        if not found:
            raise DataError(
                f"{source} holds no word counts; give the output folder of a korpus run whose recipe has "
                f"output.counts: true, its folder counts, or files of it"
            )
        if folder.is_dir():
            _require_listed(folder)
        files += found
    for file in files:
        try:
            schema = pq.read_schema(file)
        except (OSError, pa.ArrowInvalid) as error:
            raise DataError(f"{file} is not a Parquet file: {error}") from None
        missing = [name for name in (WORD, COUNT) if name not in schema.names]
        if missing:
            raise DataError(f"{file} has no column {missing[0]!r}; word counts have domain, word and count")
    return files


def _require_listed(folder: Path) -> None:
    """See that the counts of a finished run are all there, and as they were written."""
    layout = Layout(folder.parent)
    if folder.name == "counts" and layout.manifest.is_file() and is_manifest(layout):
        Corpus.open(layout.out).counts()


def count_batches(paths: Sequence[Path], rows: int = BATCH_ROWS) -> Iterator[tuple[pa.Array, pa.Array, pa.Array]]:
    """Yield domains, words and counts as they stand in the files; a word may come several times."""
    for path in paths:
        try:
            with pq.ParquetFile(path) as file:
                has_domain = DOMAIN in file.schema_arrow.names
                for batch in file.iter_batches(rows):
                    domains = batch.column(DOMAIN) if has_domain else pa.repeat("", batch.num_rows)
                    yield domains.cast(pa.string()), batch.column(WORD).cast(pa.string()), batch.column(COUNT)
        except (OSError, pa.ArrowInvalid) as error:
            raise DataError(f"{path} is damaged: {error}; {REMEDY}") from error


def word_totals(paths: Sequence[Path]) -> dict[str, int]:
    """Return how many words there are in each domain, every occurrence counted.

    Raises
    ------
    DataError
        If there are none at all.
    """
    totals: Counter = Counter()
    for domains, _, counts in count_batches(paths):
        table = pa.table({DOMAIN: domains, COUNT: counts}).group_by(DOMAIN).aggregate([(COUNT, "sum")])
        totals.update(dict(zip(table[DOMAIN].to_pylist(), table[f"{COUNT}_sum"].to_pylist())))
    if not any(totals.values()):
        raise DataError("there are no words to learn from: the counts are empty; were all documents rejected?")
    return dict(sorted(totals.items()))


def read_counts(
    paths: Sequence[Path], domain: str | None = None, weights: Mapping[str, int] | None = None
) -> pa.RecordBatch:
    """Read word counts and add them up.

    Parameters
    ----------
    paths : sequence of Path
        Files of word counts.
    domain : str, optional
        Take the words of this domain alone.
    weights : mapping of str to int, optional
        What a word of each domain counts; 1 without.

    Returns
    -------
    pa.RecordBatch
        ``word``, each once, and ``count``. The distinct words are all that is held in memory.
    """
    counter = WordCounter()
    for domains, words, counts in count_batches(paths):
        if domain is not None:
            mine = pc.equal(domains, domain)
            domains, words, counts = domains.filter(mine), words.filter(mine), counts.filter(mine)
        scaled = counts.to_numpy(zero_copy_only=False).astype(np.int64)
        if weights:
            factors = domains.dictionary_encode()
            scaled = (
                scaled
                * np.array([weights[name] for name in factors.dictionary.to_pylist()], np.int64)[
                    factors.indices.to_numpy(zero_copy_only=False)
                ]
            )
        if len(words):
            counter.add(words, scaled)
    return counter.counted()


def check_domain(paths: Sequence[Path], domain: str) -> None:
    """Raise `RecipeError` unless there are words of `domain`."""
    there = [name for name in word_totals(paths) if name]
    if domain not in there:
        listed = f"there are: {', '.join(there)}" if there else "the counts have no domains"
        raise RecipeError(f"there is no domain {domain!r}{did_you_mean(domain, there)}; {listed}", "--domain")
