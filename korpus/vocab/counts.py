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

from korpus.batch import DOMAIN, string_array, strings
from korpus.hangul.ranges import HANGUL
from korpus.kernels.hashing import hash128
from korpus.kernels.words import split_words
from korpus.vocab.bert_classes import table as bert_classes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

WORD, COUNT = "word", "count"

COUNT_SCHEMA = pa.schema([(WORD, pa.string()), (COUNT, pa.int64())])
"""Words of one domain."""

DOMAIN_COUNT_SCHEMA = pa.schema([(DOMAIN, pa.string()), *COUNT_SCHEMA])
"""Words of all domains: a row of ``out/counts``."""

SPILL_SCHEMA = pa.schema([("key", pa.uint64()), *DOMAIN_COUNT_SCHEMA])
"""The same with the hash that decides on the partition."""

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
    offsets, data = strings(texts)
    n_bytes = int(offsets[-1]) - int(offsets[0])
    word_offsets, word_data = np.empty(n_bytes + 1, np.int32), np.empty(n_bytes, np.uint8)
    n_words = split_words(offsets, data, bert_classes(), word_offsets, word_data)
    counted = string_array(word_offsets[: n_words + 1], word_data).value_counts()
    words, counts = counted.flatten()
    if lowercase:
        # Case never moves the border of a word, so that it is enough to look at each distinct word once.
        lowered = pa.table([_lower(words), counts], schema=COUNT_SCHEMA)
        return _add(lowered, COUNT_SCHEMA).combine_chunks().to_batches()[0] if n_words else _NONE
    return pa.RecordBatch.from_arrays([words, counts], schema=COUNT_SCHEMA)


_NONE = pa.RecordBatch.from_pylist([], schema=COUNT_SCHEMA)


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
