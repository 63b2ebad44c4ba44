"""A short form of benchmarks/fuzz.py: damaged files of every kind crash nothing and lose nothing without a word."""

import importlib.util
from pathlib import Path

import pytest

_path = Path(__file__).parent.parent / "benchmarks" / "fuzz.py"
_spec = importlib.util.spec_from_file_location("korpus_fuzz", _path)
fuzzing = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(fuzzing)


@pytest.mark.parametrize("kind", list(fuzzing.MADE))
def test_damaged_files_are_read_in_part_or_refused(kind, tmp_path):
    name, make = fuzzing.MADE[kind]
    path = tmp_path / name
    path.write_bytes(make())
    assert fuzzing.read(path)[0] == "whole"
    outcomes, wrong = fuzzing.fuzz(kind, 60 if kind.startswith("arrow") else 15, seed=1)
    assert not wrong
    assert outcomes["part"] + outcomes["refused"] > 0
