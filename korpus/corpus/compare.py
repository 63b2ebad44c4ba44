"""How two finished runs differ: their recipes, their funnels, and the documents that came and went between them.

Of the same input, documents are told apart by id; the ids of both runs, which are sorted, are merged as they are read.
Otherwise it is by their texts, whose 128-bit hashes are spilled to disk, a partition for each of their first bits.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.compute as pc

from korpus.batch import DOC_ID, TEXT, strings
from korpus.corpus.why import Fate, Search
from korpus.kernels.hashing import hash128

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from korpus.corpus.corpus import Corpus

N_EXAMPLES = 3
N_PARTITIONS = 64
KEPT = 0
"""The code of a document that was kept; every pair of a stage and a reason has another one."""
ROWS = np.dtype([("high", "<u8"), ("low", "<u8"), ("doc_id", "<i8"), ("code", "<i4")])


@dataclass(frozen=True)
class OptionDiff:
    """An option of the recipes that is not the same in both; None in the one that has it not."""

    name: str
    first: Any
    second: Any


@dataclass(frozen=True)
class StepPair:
    """A step of the two funnels; what is of a stage that a run has not is None."""

    title: str
    first_in: int | None
    first_out: int | None
    second_in: int | None
    second_out: int | None


@dataclass(frozen=True)
class Move:
    """Documents that one run kept and the other did not, for one reason.

    Attributes
    ----------
    kept_by : str
        ``first`` or ``second``.
    stage, reason : str or None
        Of the other run's ledger; None if that has them not: they were not read there, joined with others, or had
        another text.
    n : int
    examples : tuple of Fate
        The first of them, as they were kept.
    """

    kept_by: str
    stage: str | None
    reason: str | None
    n: int
    examples: tuple[Fate, ...]


@dataclass(frozen=True)
class VocabPair:
    """A vocabulary of both runs, or of one; its entries, those that both have, and of these those of one id."""

    name: str
    n_first: int
    n_second: int
    n_both: int
    n_same_id: int


@dataclass(frozen=True)
class Comparison:
    """How two finished runs differ.

    Attributes
    ----------
    first, second : str
        Their folders.
    by : str
        How documents were told apart: ``doc_id`` or ``text``.
    options : tuple of OptionDiff
        Of the recipes.
    steps : tuple of StepPair
        Reading first.
    n_first, n_second, n_both : int
        Documents kept by the first, by the second, and those of the second that the first has too.
    n_changed : int or None
        Of those in both, how many have another text; None if the text is what told them apart.
    moves : tuple of Move
        The largest first.
    vocab : tuple of VocabPair
    """

    first: str
    second: str
    by: str
    options: tuple[OptionDiff, ...]
    steps: tuple[StepPair, ...]
    n_first: int
    n_second: int
    n_both: int
    n_changed: int | None
    moves: tuple[Move, ...]
    vocab: tuple[VocabPair, ...] = ()


def flat(data: Any, path: str = "") -> dict[str, Any]:
    """Return the options of a recipe by their full names, such as ``stages.length.min_chars``."""
    if isinstance(data, dict):
        return {key: value for name, item in data.items() for key, value in flat(item, f"{path}.{name}").items()}
    if not path.endswith(".stages"):
        return {path[1:]: data}
    names = [next(iter(item)) for item in data]
    found: dict[str, Any] = {path[1:]: names}
    for i, (name, item) in enumerate(zip(names, data)):
        number = f"[{names[: i + 1].count(name)}]" if names.count(name) > 1 else ""
        found |= flat(item[name], f"{path}.{name}{number}")
    return found


def compare(first: Corpus, second: Corpus, vocab: tuple[VocabPair, ...] = ()) -> Comparison:
    """Return how two finished runs differ; their vocabularies were compared before.

    Raises
    ------
    DataError
        If a file of theirs is missing or cannot be read.
    """
    by_id = _same_documents(first, second)
    pair = (first, second)
    tables: tuple[_Codes, _Codes] = (_Codes(), _Codes())
    counts: Counter = Counter()
    examples: dict[tuple[int, int], list[int]] = {}
    n_both = n_changed = 0
    with ExitStack() as stack:
        windows = _merged(pair, tables) if by_id else _partitions(pair, tables, stack)
        for window in windows:
            kept = [rows[rows["code"] == KEPT] for rows in window]
            for side, other in ((0, 1), (1, 0)):
                at = _places(kept[side], kept[other], by_id)
                if side:
                    n_both += int((at >= 0).sum())
                    if by_id:
                        n_changed += int((_hashes(kept[1][at >= 0]) != _hashes(kept[0][at[at >= 0]])).sum())
                gone = kept[side][at < 0]
                lost = window[other][window[other]["code"] != KEPT]
                place = _places(gone, lost, by_id)
                codes = np.where(place >= 0, lost["code"][place] if len(lost) else 0, -1)
                for code, n in zip(*np.unique(codes, return_counts=True)):
                    counts[side, int(code)] += int(n)
                    told = examples.setdefault((side, int(code)), [])
                    told += gone["doc_id"][codes == code][: N_EXAMPLES - len(told)].tolist()
    searches = [Search(corpus) for corpus in pair]
    moves = []
    for (side, code), n in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        stage, reason = tables[1 - side].names[code] if code > 0 else (None, None)
        fates = [searches[side].kept(doc_id) for doc_id in examples[side, code]]
        moves.append(Move(("first", "second")[side], stage, reason, n, tuple(fate for fate in fates if fate)))
    one, two = (flat({**corpus.manifest["recipe"]}) for corpus in pair)
    differing = [name for name in {**one, **two} if one.get(name) != two.get(name)]
    return Comparison(
        first=str(first.out),
        second=str(second.out),
        by=DOC_ID if by_id else TEXT,
        options=tuple(OptionDiff(name, one.get(name), two.get(name)) for name in differing),
        steps=_steps(first.manifest, second.manifest),
        n_first=first.manifest["kept"]["n_docs"],
        n_second=second.manifest["kept"]["n_docs"],
        n_both=n_both,
        n_changed=n_changed if by_id else None,
        moves=tuple(moves),
        vocab=vocab,
    )


def _same_documents(first: Corpus, second: Corpus) -> bool:
    """Return whether an id is of the same document in both: the same bytes, cut and numbered in the same way."""

    def numbered(corpus: Corpus) -> list[tuple]:
        keys = ("format", "compression", "digest", "n_splits", "n_rows")
        return [tuple(entry[key] for key in keys) for entry in corpus.manifest["inputs"]]

    def split_bytes(corpus: Corpus) -> list[Any]:
        recipe = corpus.manifest["recipe"]
        return [given.get("split_bytes") for given in (recipe["input"], *recipe.get("sources", {}).values())]

    pair = (first, second)
    joined = any(stage["kind"] in ("expand", "group") for each in pair for stage in each.manifest["stages"])
    return not joined and numbered(first) == numbered(second) and split_bytes(first) == split_bytes(second)


def _steps(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[StepPair, ...]:
    sides = []
    for manifest in (first, second):
        found: dict[tuple, tuple[int, int]] = {("read", 1): (manifest["read"]["n_in"], manifest["read"]["n_out"])}
        seen: Counter = Counter()
        for stage in manifest["stages"]:
            title = f"{stage['source']}: {stage['name']}" if stage.get("source") else stage["name"]
            seen[title] += 1
            found[title, seen[title]] = stage["n_in"], stage["n_out"]
        sides.append(found)
    titles = list(sides[0])
    # A step that the second run alone has stands after the one that it follows there.
    for before, key in zip(list(sides[1]), list(sides[1])[1:]):
        if key not in titles:
            titles.insert(titles.index(before) + 1, key)
    none = (None, None)
    return tuple(StepPair(key[0], *sides[0].get(key, none), *sides[1].get(key, none)) for key in titles)


class _Codes:
    """A number for each pair of a stage and a reason."""

    def __init__(self) -> None:
        self.names: list[tuple[str, str]] = [("", "")]
        self._of: dict[tuple[str, str], int] = {}

    def __call__(self, batch: pa.RecordBatch) -> np.ndarray:
        stage, reason = (batch.column(name).dictionary_encode() for name in ("stage", "reason"))
        table = np.empty((len(stage.dictionary), len(reason.dictionary)), np.int32)
        for i, one in enumerate(stage.dictionary.to_pylist()):
            for j, other in enumerate(reason.dictionary.to_pylist()):
                if (one, other) not in self._of:
                    self._of[one, other] = len(self.names)
                    self.names.append((one, other))
                table[i, j] = self._of[one, other]
        return table[stage.indices.to_numpy(), reason.indices.to_numpy()]


def _rows(batch: pa.RecordBatch, codes: _Codes | None, hashed: bool) -> np.ndarray:
    rows = np.zeros(batch.num_rows, ROWS)
    rows["doc_id"] = batch.column(DOC_ID).to_numpy()
    if hashed:
        hashes = np.empty((2, batch.num_rows), np.uint64)
        hash128(*strings(pc.coalesce(batch.column(TEXT), "")), 1, hashes)
        rows["high"], rows["low"] = hashes[1], hashes[0]
    rows["code"] = codes(batch) if codes else KEPT
    return rows


def _read(corpus: Corpus, files: list, codes: _Codes | None, hashed: bool) -> Iterator[np.ndarray]:
    columns = [DOC_ID, *([TEXT] if hashed else []), *(["stage", "reason"] if codes else [])]
    for file in files:
        for batch in corpus.parquet(file).iter_batches(columns=columns):
            yield _rows(batch, codes, hashed)


def _streams(corpus: Corpus, codes: _Codes, by_id: bool) -> list[Iterator[np.ndarray]]:
    streams = [_read(corpus, files, None, True) for files in corpus.by_domain()]
    return [*streams, _read(corpus, corpus.manifest["rejects"]["files"], codes, not by_id)]


def _merged(pair: tuple[Corpus, Corpus], tables: tuple[_Codes, _Codes]) -> Iterator[list[np.ndarray]]:
    """Yield the rows of both runs, a range of ids at a time, sorted by id."""
    streams = [(side, each) for side in (0, 1) for each in _streams(pair[side], tables[side], True)]
    held = {i: rows for i, (_, each) in enumerate(streams) if (rows := next(each, None)) is not None}
    while held:
        bound = min(rows["doc_id"][-1] for rows in held.values())
        window: list[list[np.ndarray]] = [[], []]
        for i in list(held):
            stop = np.searchsorted(held[i]["doc_id"], bound, "right")
            window[streams[i][0]].append(held[i][:stop])
            held[i] = held[i][stop:]
            if not len(held[i]):
                more = next(streams[i][1], None)
                if more is None:
                    del held[i]
                else:
                    held[i] = more
        yield [np.concatenate([np.zeros(0, ROWS), *rows]) for rows in window]


def _partitions(
    pair: tuple[Corpus, Corpus], tables: tuple[_Codes, _Codes], stack: ExitStack
) -> Iterator[list[np.ndarray]]:
    """Yield the rows of both runs, those of some hashes at a time."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    paths = [[folder / f"{side}-{part}" for part in range(N_PARTITIONS)] for side in (0, 1)]
    for side in (0, 1):
        with ExitStack() as files:
            sinks = [files.enter_context(path.open("wb")) for path in paths[side]]
            for rows in (rows for each in _streams(pair[side], tables[side], False) for rows in each):
                parts = (rows["high"] % N_PARTITIONS).astype(np.int64)
                rows = rows[np.argsort(parts, kind="stable")]
                ends = np.cumsum(np.bincount(parts, minlength=N_PARTITIONS))
                for sink, start, stop in zip(sinks, [0, *ends], ends):
                    sink.write(rows[start:stop].tobytes())
    for part in range(N_PARTITIONS):
        yield [np.fromfile(paths[side][part], ROWS) for side in (0, 1)]


def _hashes(rows: np.ndarray) -> np.ndarray:
    both = np.empty(len(rows), [("high", "<u8"), ("low", "<u8")])
    both["high"], both["low"] = rows["high"], rows["low"]
    return both


def _places(rows: np.ndarray, others: np.ndarray, by_id: bool) -> np.ndarray:
    """Return where each row stands among others; -1 where it does not."""
    if not len(others) or not len(rows):
        return np.full(len(rows), -1)
    if by_id:
        order = np.argsort(others["doc_id"], kind="stable")
        at = order[np.minimum(np.searchsorted(others["doc_id"], rows["doc_id"], sorter=order), len(others) - 1)]
        return np.where(others["doc_id"][at] == rows["doc_id"], at, -1)
    # Rows of one hash get one number: they stand side by side once both are sorted.
    every = np.concatenate([others, rows])
    order = np.lexsort((every["low"], every["high"]))
    hashes = _hashes(every[order])
    group = np.zeros(len(every), np.int64)
    group[order] = np.cumsum(np.concatenate([[False], hashes[1:] != hashes[:-1]]))
    first = np.full(len(every), -1)
    first[group[: len(others)][::-1]] = np.arange(len(others))[::-1]
    return first[group[len(others) :]]
