"""Read input whole, checking on the way what every reader must keep."""

import bz2
import gzip
import lzma
import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa

from korpus.io.readers import ReadOptions, all_splits, find_inputs, infer_schema, read_split

COMPRESS = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": lambda data: pa.Codec("zstd").compress(data, asbytes=True),
}


def write(folder, name, data):
    path = Path(folder) / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def read(paths, schema=None, format="auto", encoding="auto", damages=None, **options):
    """Read everything; return (documents, rejects, n_rows, n_blank), rows being (file, split, row).

    What is damaged is added to the list `damages`, where there is one, and otherwise a failure.
    """
    options = ReadOptions(**options)
    files = find_inputs(paths if isinstance(paths, list) else [paths], format, encoding, options).files
    schema = infer_schema(files, options) if schema is None else schema
    documents, rejects, n_rows, n_blank = [], [], 0, 0
    for file in files:
        for split, chunk, _ in pickle.loads(pickle.dumps(list(all_splits(file, options)))):
            rows = 0
            for block in read_split(split, chunk, schema, options):
                block.batch.validate(full=True)
                assert block.batch.schema == pa.schema([("text", pa.string()), *schema])
                assert block.batch.num_rows == len(block.rows) <= options.batch_rows
                assert block.n_rows == block.batch.num_rows + len(block.bad) + block.n_blank
                assert block.rows.dtype == np.int32
                seen = [*block.rows.tolist(), *(bad.row for bad in block.bad)]
                assert len(set(seen)) == len(seen)
                rows += block.n_rows
                if block.damage is not None:
                    assert damages is not None, block.damage
                    damages.append(block.damage)
                documents += zip(
                    [(file.index, split.index, row) for row in block.rows.tolist()],
                    block.batch.to_pylist(),
                    strict=True,
                )
                rejects += [((file.index, split.index, bad.row), bad) for bad in block.bad]
                n_blank += block.n_blank
            assert all(
                row[2] < rows for row, _ in documents[-1:] + rejects[-1:] if row[:2] == (file.index, split.index)
            )
            n_rows += rows
    assert len(documents) + len(rejects) + n_blank == n_rows
    assert [row for row, _ in documents] == sorted(row for row, _ in documents)
    assert [row for row, _ in rejects] == sorted(row for row, _ in rejects)
    return documents, rejects, n_rows, n_blank


def texts(result):
    return [document["text"] for _, document in result[0]]
