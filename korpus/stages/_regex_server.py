"""A process that applies regular expressions of Python's re to texts, and ends when one takes too long.

Run as a script, by `korpus.stages._regex_apart`; it imports nothing of korpus.
"""

import faulthandler
import os
import pickle
import re
import signal
import sys

BROKEN = 3
"""The status with which it ends when anything goes wrong; too long a text ends it by the timer's own."""


def _end_after(seconds: float) -> None:
    """Let the process end after so many seconds, of CPU where there is such a timer; 0 takes that back."""
    # Neither needs the interpreter, which re does not let go of.
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    elif seconds:
        faulthandler.dump_traceback_later(seconds, exit=True)
    else:
        faulthandler.cancel_dump_traceback_later()


def serve() -> None:
    """Answer requests from standard input: a result for each text, as soon as it is there.

    A request is ``(pattern, flags, replacement, texts, limits)``. Without a replacement the result is whether the
    pattern is found; with one the text in which it was replaced, or None if it was not found.
    """
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends with its parent
    if hasattr(signal, "pthread_sigmask"):
        signal.signal(signal.SIGVTALRM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGVTALRM])
    answer = True
    result: bool | str | None
    while True:
        pickle.dump(answer, sink)
        sink.flush()
        try:
            pattern, flags, replacement, texts, limits = pickle.load(source)
        except EOFError:
            return
        compiled = re.compile(pattern, flags)
        for text, limit_s in zip(texts, limits):
            _end_after(limit_s)
            if replacement is None:
                result = compiled.search(text) is not None
            else:
                new = compiled.sub(replacement, text)
                result = None if new == text else new
            _end_after(0)
            pickle.dump(result, sink)
            sink.flush()


if __name__ == "__main__":
    try:
        serve()
    except BaseException:
        os._exit(BROKEN)
