"""The short form of benchmarks/torture.py: every kind of trouble a few times."""

import os
import subprocess
import sys

import pytest

from tests.killer import ROOT

ROWS = 10 + 13


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc")
def test_runs_come_to_the_same_bytes_or_say_why_not():
    command = [sys.executable, "-m", "benchmarks.torture", "--kills", "6", "--parents", "2", "--workers", "2"]
    command += ["--signals", "1", "--overlaps", "3", "--disks", "2", "--reads", "2", "--altered", "4", "--seed", "7"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(done.stdout.splitlines()) == 1 + ROWS
