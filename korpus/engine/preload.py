"""Imported once by the server from which workers are forked: what it imports and compiles, they all have."""

import json
import os
import sys
import threading
from contextlib import suppress
from types import TracebackType

from korpus.engine import PRELOAD

_parent, *_given = json.loads(os.environ[PRELOAD])
_ready = threading.Event()


def _end_with_parent() -> None:
    """End this process if its parent does while kernels compile; later the server sees to that itself."""
    while not _ready.wait(0.5):
        if os.getppid() != _parent:
            os._exit(1)


def _say(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Leave unsaid that a worker that just began does not find what its parent, which is ending, has taken away."""
    if not issubclass(kind, (FileNotFoundError, EOFError, ConnectionError)):
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _say
_watch = threading.Thread(target=_end_with_parent, daemon=True)
_watch.start()
# What is wrong with the recipe is said by the process that has a user; nothing here may end the server.
with suppress(Exception):
    import korpus.engine.write  # noqa: F401
    from korpus import recipe
    from korpus.engine.scan import warm_up

    warm_up(recipe.load(*_given).stages)
_ready.set()
# A server of one thread is what can be forked safely.
_watch.join()
