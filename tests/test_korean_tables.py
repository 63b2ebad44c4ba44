"""The tables of cases in ``tests/korean``: every case is right, and there are enough of both kinds."""

import json

import pytest

from benchmarks.korean import TABLES, apply, as_text, read, score

CASES = [
    pytest.param(path.stem, json.loads(line), id=f"{path.stem}:{n}")
    for path in sorted(TABLES.glob("*.jsonl"))
    if path.stem != "sentences"  # whose own test says what is not met
    for n, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
]
ENOUGH = {"boilerplate": 60, "hanja": 60, "masks": 40, "pii": 60, "urls": 60}


@pytest.mark.parametrize(("stage", "case"), CASES)
def test_a_case_is_right(stage, case):
    assert apply(stage, case.get("options"), case["input"]) == as_text(case["expected"]), case["why"]


@pytest.mark.parametrize("stage", ENOUGH)
def test_there_are_enough_cases(stage):
    cases = list(read(TABLES / f"{stage}.jsonl"))
    found = score(cases)
    assert min(found.n_positives, found.n_negatives) >= ENOUGH[stage]
    lines = (TABLES / f"{stage}.jsonl").read_text("utf-8").splitlines()
    assert len(set(lines)) == len(lines)
    assert (found.recall, found.precision) == (1.0, 1.0)
