"""Precision and recall of the stages that judge Korean, on the tables of cases in tests/korean.

    python benchmarks/korean.py [STAGE …] [--wrong]

A table is a file of JSON Lines named after its stage; a case has ``input``, ``expected``, ``why``, and ``options`` of
the stage where the defaults are not meant. A case is right if the stage makes of the input exactly what is expected. A
positive is a case of which something is expected to change. Recall is the share of the positives that are right,
precision the share of the changed texts that are right. A stage that makes several documents of one gives them a line
each.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from korpus import registry
from korpus.stage import Expand

TABLES = Path(__file__).parent.parent / "tests" / "korean"
OPTIONS = {"hanja": {"mode": "read"}}
"""What a table means where it names no options, if not the defaults of the stage."""


class Case(NamedTuple):
    """A case, and what the stage made of it."""

    input: str
    expected: str
    got: str
    why: str


class Score(NamedTuple):
    """Counts of cases.

    Attributes
    ----------
    n_positives, n_negatives : int
        Cases of which something, or nothing, is expected to change.
    n_found : int
        Positives that are right.
    n_changed : int
        Texts that the stage changed.
    n_wrong : int
        Cases that are not right.
    """

    n_positives: int
    n_negatives: int
    n_found: int
    n_changed: int
    n_wrong: int

    @property
    def recall(self) -> float:
        """Return the share of the positives that are right."""
        return self.n_found / self.n_positives if self.n_positives else 1.0

    @property
    def precision(self) -> float:
        """Return the share of the changed texts that are right."""
        return self.n_found / self.n_changed if self.n_changed else 1.0


def as_text(expected: str | list[str]) -> str:
    """Return what a case expects as one text: documents of their own, a line each."""
    return expected if isinstance(expected, str) else "\n".join(expected)


def apply(name: str, options: dict | None, text: str) -> str:
    """Return what a stage makes of a text."""
    options = OPTIONS.get(name, {}) if options is None else options
    stage, texts = registry.get(name)(**options), pa.array([text], pa.string())
    if isinstance(stage, Expand):
        return "\n".join(stage.expand(texts)[0].as_py())
    return stage.apply(texts)[0].as_py()


def read(path: Path) -> Iterator[Case]:
    """Yield the cases of a table, as its stage does them."""
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        yield Case(
            row["input"], as_text(row["expected"]), apply(path.stem, row.get("options"), row["input"]), row["why"]
        )


def score(cases: list[Case]) -> Score:
    """Count cases."""
    positives = [case for case in cases if case.input != case.expected]
    return Score(
        len(positives),
        len(cases) - len(positives),
        sum(case.got == case.expected for case in positives),
        sum(case.got != case.input for case in cases),
        sum(case.got != case.expected for case in cases),
    )


def main() -> None:
    """Print a line for each table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stages", nargs="*", help="stages to try; all that have a table by default")
    parser.add_argument("--wrong", action="store_true", help="print the cases that are not right")
    parser.add_argument("--tables", type=Path, default=TABLES, help="the folder of the tables")
    args = parser.parse_args()
    print(f"{'stage':<16}{'positives':>10}{'negatives':>10}{'recall':>8}{'precision':>10}")
    for path in sorted(args.tables.glob("*.jsonl")):
        if args.stages and path.stem not in args.stages:
            continue
        cases = list(read(path))
        found = score(cases)
        print(
            f"{path.stem:<16}{found.n_positives:>10}{found.n_negatives:>10}{found.recall:>8.3f}{found.precision:>10.3f}"
        )
        for case in cases if args.wrong else ():
            if case.got != case.expected:
                print(f"  {case.input!r}\n    expected {case.expected!r}\n    got      {case.got!r}\n    ({case.why})")


if __name__ == "__main__":
    main()
