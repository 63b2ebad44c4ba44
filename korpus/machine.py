"""What this machine gives a process: cores, and the memory that it has taken."""

from __future__ import annotations

import os
import sys


def n_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def peak_rss_bytes() -> int:
    """Return the largest resident memory that this process, or any one of its finished workers, has had."""
    try:
        import resource
    except ImportError:  # not on Windows
        return 0

    unit = 1 if sys.platform == "darwin" else 1024
    return unit * max(
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    )
