"""Ways for a run to die: a worker that the system kills, and a process that is killed at a certain rename."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def die(*args):
    """Die as a worker does when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


def killed_after(n_renames: int, test: str, *paths: Path) -> subprocess.CompletedProcess:
    """Call ``go(*paths)`` of a test module in a process of its own, and kill it when the n-th file gets its final name.

    A process that gets to the end prints how many renames were left.
    """
    command = [sys.executable, "-m", "tests.killer", str(n_renames), test, *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


def count_renames(test: str, *paths: Path) -> int:
    """Return how many renames ``go(*paths)`` makes."""
    done = killed_after(10**6, test, *paths)
    assert done.returncode == 0, done.stderr
    return 10**6 - int(done.stdout)


def _main(n_left: int, test: str, *paths: str) -> None:
    replace = Path.replace

    def counted(self: Path, target: Path) -> Path:
        nonlocal n_left
        n_left -= 1
        if n_left < 0:
            die()
        return replace(self, target)

    Path.replace = counted
    importlib.import_module(test).go(*map(Path, paths))
    print(n_left)


if __name__ == "__main__":
    _main(int(sys.argv[1]), *sys.argv[2:])
