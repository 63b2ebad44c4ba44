"""The columns of word counts, in memory and in files."""

import pyarrow as pa

from korpus.batch import DOMAIN

WORD, COUNT = "word", "count"

COUNT_SCHEMA = pa.schema([(WORD, pa.string()), (COUNT, pa.int64())])
"""Words of one domain."""

DOMAIN_COUNT_SCHEMA = pa.schema([(DOMAIN, pa.string()), *COUNT_SCHEMA])
"""Words of all domains: a row of ``out/counts``."""

SPILL_SCHEMA = pa.schema([("key", pa.uint64()), *DOMAIN_COUNT_SCHEMA])
"""The same with the hash that decides on the partition."""

LOWERCASE = "korpus.lowercase"
"""Metadata of a file of counts: ``true`` if its words were made lower case."""
