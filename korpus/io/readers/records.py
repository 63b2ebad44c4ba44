"""A JSON file as lines of JSON, one record a line, in memory bounded by a piece of it."""

from __future__ import annotations

import json

import numpy as np

from korpus.io.compress import ConvertedStream, Source
from korpus.kernels import json_records as kernel

_PIECE_BYTES = 1 << 18
_BOM = b"\xef\xbb\xbf"


class RecordStream(ConvertedStream):
    """The records of a JSON file as JSON Lines; stands in for its `ByteStream`.

    Parameters
    ----------
    source : Source
    keys : list of str
        What leads to the array of records in a file that is an object; a record found there comes inside of these
        keys again, so that the same paths hold. If empty, the object itself is the record.
    """

    def __init__(self, source: Source, keys: list[str]):
        super().__init__(source)
        self._state = kernel.new_state()
        raw = [key.encode() for key in keys]
        self._keys = np.frombuffer(b"".join(raw), np.uint8)
        self._bounds = np.cumsum([0, *map(len, raw)])
        opened = "".join(f"{{{json.dumps(key, ensure_ascii=False)}:" for key in keys).encode()
        self._before, self._after = np.frombuffer(opened, np.uint8), np.frombuffer(b"}" * len(keys), np.uint8)
        self._out = np.empty(_PIECE_BYTES * (len(self._before) + len(self._after) + 4), np.uint8)

    @property
    def error(self) -> str | None:
        """What is wrong with the end of the file, once all before is read."""
        is_open = self._state[kernel.PHASE] in (kernel.WHOLE, kernel.ITEMS, kernel.WALK)
        if self.drained and self._source.error is None and is_open:
            return "the file ends before its JSON does"
        return super().error

    def _next(self) -> bytes:
        data = np.frombuffer(self._piece(_PIECE_BYTES, _BOM), np.uint8)
        n = kernel.cut_records(data, self._state, self._keys, self._bounds, self._before, self._after, self._out)
        return self._out[:n].tobytes()
