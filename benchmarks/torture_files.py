"""The rows of `benchmarks.torture` about damaged files: one a kind of file that korpus reads again.

Files are emptied, cut, altered by a byte, or end in zeros at the same size and time, as after a power cut; in turn.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
from collections import Counter
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

import korpus.api
from korpus.errors import KorpusError

if TYPE_CHECKING:
    from benchmarks.torture import Torture

STOPPED = {
    "run.json": [".korpus/run.json"],
    "marks": [".korpus/*/done/*.json", ".korpus/*/resolved.json", ".korpus/written/*.json", ".korpus/digests.json"],
    "parts": [".korpus/*/parts/*.arrow", ".korpus/*/rejects/*.arrow"],
    "spills": [".korpus/*/sketch-*/*.arrow", ".korpus/words/*.arrow"],
    "verdicts": [".korpus/*/verdicts-*", ".korpus/*/references.json"],
    "shards": ["data/*.parquet", "rejects/*.parquet", "counts/*.parquet", "vocab/*"],
}
FINISHED = {
    "manifest": ["manifest.json"],
    "log": ["log.json"],
    "shards": ["data/*.parquet"],
    "ledger": ["rejects/*.parquet"],
    "counts": ["counts/*.parquet"],
    "vocabularies": ["vocab/*"],
}
INDEX = {"index": ["*"]}
HOW = ("emptied", "cut", "altered by a byte", "zeros at its end")


def rows(torture: Torture, n: int) -> dict[str, Callable[[], Counter]]:
    """Return the rows: their names, and what makes them."""
    table = {}
    for of, kinds, make in (("stopped", STOPPED, stopped), ("finished", FINISHED, finished), ("used", INDEX, index)):
        for kind, patterns in kinds.items():
            what = "an index" if of == "used" else f"a {of} run: {kind}"
            table[what] = lambda make=make, patterns=patterns: make(torture, n, patterns)
    return table


def stopped(torture: Torture, n: int, patterns: list[str]) -> Counter:
    """Damage runs that were killed, and give their command again."""

    def bytes_of(out: Path, folder: Path) -> dict:
        korpus.run(torture.recipe, [str(torture.source)], out, 1, quiet=True)
        return tree(out)

    def go_on(out: Path, row: Counter) -> None:
        use(out, (bytes_of,), torture.folder, row)

    return _damaged(torture, n, torture.stopped_states(), patterns, go_on)


def finished(torture: Torture, n: int, patterns: list[str]) -> Counter:
    """Damage finished runs, and use them in every way; each gives what it gave, or refuses."""

    def again(out: Path, folder: Path) -> dict:
        return korpus.run(torture.recipe, [str(torture.source)], out, 1, quiet=True).manifest

    def all_ways(out: Path, row: Counter) -> None:
        use(out, (again, show, export, train, evaluate), torture.folder, row)

    return _damaged(torture, n, [torture.straight], patterns, all_ways)


def index(torture: Torture, n: int, patterns: list[str]) -> Counter:
    """Damage an index of documents, and compare documents with it."""
    place = torture.folder / "index"
    if not place.exists():
        made = {"stages": [{"minhash_dedup": {"index": str(place)}}]}
        korpus.run(made, [str(torture.source)], torture.folder / "of-index", 1, quiet=True)

    def documents(path: Path, folder: Path) -> dict:
        recipe = {"input": {"split_bytes": 8192}, "stages": [{"minhash_dedup": {"against": [str(path)]}}]}
        out = folder / "compared"
        shutil.rmtree(out, ignore_errors=True)
        korpus.run(recipe, [str(torture.source)], out, 1, quiet=True)
        return {name: digest for name, digest in tree(out).items() if name.startswith(("data", "counts"))}

    def compare(path: Path, row: Counter) -> None:
        use(path, (documents,), torture.folder, row, place)

    return _damaged(torture, n, [place], patterns, compare)


def _damaged(torture: Torture, n: int, states: list[Path], patterns: list[str], then: Callable) -> Counter:
    row: Counter = Counter()
    found = {state: _files(state, patterns) for state in states}
    found = {state: files for state, files in found.items() if files}
    while found and row["n"] < n:
        state = torture.rng.choice(list(found))
        out = torture.folder / "altered"
        shutil.copytree(state, out)
        for name in ("lock", "lock.json"):
            (out / ".korpus" / name).unlink(missing_ok=True)
        path, how = out / torture.rng.choice(found[state]), HOW[row["n"] % len(HOW)]
        if alter(path, how, torture.rng):
            before = row["wrong"] + row["unexpected"]
            row["n"] += 1
            then(out, row)
            if row["wrong"] + row["unexpected"] > before:
                print("    ", path.relative_to(out), how, flush=True)
        shutil.rmtree(out)
    return row


def _files(folder: Path, patterns: list[str]) -> list[Path]:
    names = [path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file() and path.stat().st_size]
    return [
        name
        for name in names
        if not name.name.startswith(".tmp-") and any(fnmatch(name.as_posix(), pattern) for pattern in patterns)
    ]


def alter(path: Path, how: str, rng: random.Random) -> bool:
    """Damage a file; return whether that changed it."""
    data, times = path.read_bytes(), path.stat()
    if how == "emptied":
        new = b""
    elif how == "cut":
        new = data[: rng.randrange(len(data))]
    elif how == "altered by a byte":
        at = rng.randrange(len(data))
        new = data[:at] + bytes([data[at] ^ rng.randrange(1, 256)]) + data[at + 1 :]
    else:
        at = rng.randrange(len(data))
        new = data[:at] + bytes(len(data) - at)
    path.write_bytes(new)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    return new != data


_EXPECTED: dict = {}


def use(out: Path, ways: tuple, folder: Path, row: Counter, whole: Path | None = None) -> None:
    """Use a folder in some ways; count it as the same, refused (by one at least), wrong or unexpected."""
    straight = whole or folder / "straight"
    ended = set()
    for way in ways:
        if way.__name__ not in _EXPECTED:
            _EXPECTED[way.__name__] = way(straight, folder)
        try:
            same = way(out, folder) == _EXPECTED[way.__name__]
            ended.add("same" if same else "wrong")
            if not same:
                print("     wrong:", way.__name__, flush=True)
        except KorpusError as error:
            ended.add("refused" if str(out) in str(error) else "unexpected")
            if str(out) not in str(error):
                print("    ", error, flush=True)
        except Exception as error:
            ended.add("unexpected")
            print("    ", repr(error)[-300:], flush=True)
    row[next(what for what in ("unexpected", "wrong", "refused", "same") if what in ended)] += 1


def show(out: Path, folder: Path) -> str:
    """Return the summary."""
    return str(korpus.show(out))


def head(out: Path, folder: Path) -> list[str]:
    """Return the first lines of the summary, which hold no times."""
    return str(korpus.show(out)).split("\n")[1:4]


def export(out: Path, folder: Path) -> dict:
    """Return what an export writes."""
    to = folder / "export"
    shutil.rmtree(to, ignore_errors=True)
    korpus.api.export(out, to, "jsonl")
    return tree(to)


def train(out: Path, folder: Path) -> str:
    """Return a vocabulary."""
    korpus.api.vocab_train([out], folder / "vocab", size=300)
    return (folder / "vocab" / "vocab.txt").read_text("utf-8")


def evaluate(out: Path, folder: Path) -> list:
    """Return how the vocabularies of a run do on its input."""
    found = sorted(path.parent for path in out.glob("vocab/*/vocab.txt"))
    return [(each.size, each.measures) for each in korpus.api.vocab_eval(found, [folder / "raw.jsonl"])]


def tree(out: Path) -> dict[str, str]:
    """Return the digest of every file that must be the same every time."""
    files = (path for path in sorted(out.rglob("*")) if path.is_file() and path.name != "log.json")
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
