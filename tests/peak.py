"""Peak memory of a run, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.killer import ROOT

BUFFER_BYTES = 1 << 20
"""What is gathered before it is written, so little that a small corpus fills it as well as a large one."""


def peak_mib(recipe: dict, source: Path, out: Path) -> float:
    """Make a corpus, and return how much memory of its own the process had at most, in MiB."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.peak", json.dumps(recipe), str(source), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=env)
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


def own_mib() -> float:
    """Return the memory of this process without what it maps of files, which the system takes back when it wants to.

    Nor is it what `getrusage` tells, which begins with what the parent had.
    """
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("Linux says it")


def _main(recipe: str, source: str, out: str) -> None:
    from korpus.dedup import texts
    from korpus.engine import sinks
    from korpus.io import blocks
    from tests.corpus import run

    blocks.FLUSH_BYTES = sinks.FLUSH_BYTES = texts.FETCH_BYTES = BUFFER_BYTES
    seen, ended = [], threading.Event()

    def look() -> None:
        while not ended.is_set():
            seen.append(own_mib())
            time.sleep(0.005)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        run(json.loads(recipe), Path(source), Path(out))
    finally:
        ended.set()
        looking.join()
    print(max(seen))


if __name__ == "__main__":
    _main(*sys.argv[1:])
