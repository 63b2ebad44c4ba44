"""Word counts: of a batch, added up, and spilled by hash so that they add up in bounded memory.

A word is what ``BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=False, lowercase=...)`` and
then ``BertPreTokenizer`` of the `tokenizers` library make of a text. Words are exact however long they are, and take no
more memory than the texts they come from. Counts are 64-bit.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from korpus.batch import DOMAIN, strings
from korpus.hangul.ranges import HANGUL
from korpus.kernels.hashing import hash128
from korpus.vocab.counter import WordCounter
from korpus.vocab.schema import COUNT, COUNT_SCHEMA, DOMAIN_COUNT_SCHEMA, SPILL_SCHEMA, WORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from korpus.io.spill import Partition
    from korpus.vocab.options import VocabOptions

PIECE_ROWS = 1 << 20
"""Spilled rows that are added up at once; a partition of more is taken in pieces."""

# Only ASCII and Hangul are known to need no lower case beyond ASCII's; words of anything else take the slow path.
_MAY_BE_CASED = "[^\\x00-\\x7f{}]".format("".join(f"{chr(first)}-{chr(last)}" for first, last in HANGUL))


def count_words(texts: pa.StringArray, lowercase: bool = False) -> pa.RecordBatch:
    """Count the words of a batch of texts.

    Parameters
    ----------
    texts : pa.StringArray, shape (n_rows,)
        Without nulls; may be a slice.
    lowercase : bool
        Whether words that differ in case alone are one word, in lower case.

    Returns
    -------
    pa.RecordBatch
        ``word`` (string, each once, in the order of first occurrence) and ``count`` (int64).
    """
    counter = WordCounter()
    counter.add(texts)
    counted = counter.counted()
    return lowered(counted) if lowercase else counted


def lowered(counted: pa.RecordBatch) -> pa.RecordBatch:
    """Return word counts with all words in lower case, those added up that differ in case alone."""
    # Case never moves the border of a word, so that it is enough to look at each distinct word once.
    table = pa.table([_lower(counted.column(WORD)), counted.column(COUNT)], schema=COUNT_SCHEMA)
    return _add(table, COUNT_SCHEMA).combine_chunks().to_batches()[0] if counted.num_rows else counted


def normalized(counted: pa.RecordBatch) -> pa.RecordBatch:
    """Return word counts with all accents removed, as ``strip_accents`` of BertNormalizer does."""
    from tokenizers.normalizers import BertNormalizer

    strip = BertNormalizer(
        clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False
    ).normalize_str
    # What is left of a word may be several: ≠ without its stroke is an equals sign, which stands alone.
    counter = WordCounter()
    counter.add(
        pa.array([strip(word) for word in counted.column(WORD).to_pylist()], pa.string()),
        counted.column(COUNT).to_numpy().copy(),
    )
    return counter.counted()


def as_tokenized(counted: pa.RecordBatch, options: VocabOptions) -> pa.RecordBatch:
    """Return word counts with the words as a tokenizer with these options makes them: its letters, accents and case."""
    if options.subchar:
        from korpus.vocab.subchar import decomposed

        counted = decomposed(lowered(counted) if options.lowercase else counted)
    if options.strip_accents:
        counted = normalized(counted)
    return lowered(counted) if options.lowercase else counted


@lru_cache(maxsize=1)
def _lowercase() -> Callable[[str], str]:
    # Lower case as `tokenizers` knows it: Python's is of another Unicode version, and minds the final sigma.
    from tokenizers.normalizers import BertNormalizer

    return BertNormalizer(
        clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=True
    ).normalize_str


def _lower(words: pa.StringArray) -> pa.StringArray:
    words = pc.ascii_lower(words)
    cased = pc.match_substring_regex(words, _MAY_BE_CASED)
    if not cased.true_count:
        return words
    rare = [_lowercase()(word) for word in words.filter(cased).to_pylist()]
    return pc.replace_with_mask(words, cased, pa.array(rare, pa.string()))


def _add(counts: pa.Table, schema: pa.Schema) -> pa.Table:
    """Add up the counts of equal words, in the order of first occurrence; `schema` is that of the result."""
    keys = [name for name in schema.names if name != COUNT]
    added = counts.group_by(keys, use_threads=False).aggregate([(COUNT, "sum")])
    return added.select([*keys, f"{COUNT}_sum"]).rename_columns(schema.names).cast(schema)


def merge_counts(counts: Iterable[pa.RecordBatch | pa.Table]) -> pa.Table:
    """Add up counts of several batches; the result does not depend on their order.

    Parameters
    ----------
    counts : iterable of pa.RecordBatch or pa.Table
        With ``word`` and ``count``.

    Returns
    -------
    pa.Table
        ``word`` and ``count``, sorted by the UTF-8 bytes of the word.
    """
    batches = [batch for part in counts for batch in _batches(part)]
    return _add(pa.Table.from_batches(batches, schema=COUNT_SCHEMA), COUNT_SCHEMA).sort_by(WORD)


def _batches(part: pa.RecordBatch | pa.Table) -> list[pa.RecordBatch]:
    return [part] if isinstance(part, pa.RecordBatch) else part.to_batches()


def spill_table(counts: Mapping[str, pa.RecordBatch | pa.Table]) -> pa.Table:
    """Prepare the counts of each domain for a spill file.

    Parameters
    ----------
    counts : mapping of str to pa.RecordBatch or pa.Table
        Domain to ``word`` and ``count``.

    Returns
    -------
    pa.Table
        ``key`` (uint64, a hash of the word alone, the same everywhere), ``domain``, ``word`` and ``count``.
    """
    parts = [
        pa.RecordBatch.from_arrays(
            [_keys(batch.column(WORD)), pa.repeat(domain, batch.num_rows), batch.column(WORD), batch.column(COUNT)],
            schema=SPILL_SCHEMA,
        )
        for domain, counted in counts.items()
        for batch in _batches(counted)
    ]
    return pa.Table.from_batches(parts, schema=SPILL_SCHEMA)


def _keys(words: pa.StringArray) -> pa.UInt64Array:
    hashes = np.empty((2, len(words)), np.uint64)
    hash128(*strings(words), 1, hashes)
    return pa.array(hashes[0])


def merge_partition(table: pa.Table) -> pa.Table:
    """Add up the spilled counts of one partition; the result does not depend on the order of the rows.

    Parameters
    ----------
    table : pa.Table
        Rows of `spill_table`: all those of one hash partition.

    Returns
    -------
    pa.Table
        ``domain``, ``word`` and ``count``, sorted by the UTF-8 bytes of domain and word.
    """
    return _add(table, DOMAIN_COUNT_SCHEMA).sort_by([(DOMAIN, "ascending"), (WORD, "ascending")])


def merge_pieces(partition: Partition) -> Iterator[pa.RecordBatch]:
    """Yield the counts of one partition, added up a piece at a time; see `merge_partition`.

    Words of a piece are sorted; the pieces are in the order of the words' hashes.
    """
    for piece in partition.pieces(PIECE_ROWS):
        yield from merge_partition(piece).combine_chunks().to_batches()
