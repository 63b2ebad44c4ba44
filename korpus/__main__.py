"""``python -m korpus``, and where the command ``korpus`` begins."""

import os
import sys

from korpus.signals import Stopped, leave, listen


def main() -> None:
    """Run the command line; see `korpus.cli.main`."""
    open_what_is_closed()
    listen()
    try:
        from korpus.cli import main as run

        run()
    except (Stopped, KeyboardInterrupt):
        leave()


def open_what_is_closed() -> None:
    """Let standard streams that the caller has closed lead nowhere.

    Otherwise the next file that is opened would take their place, and what is said would be written into it.
    """
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # it takes the lowest number that is free
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


if __name__ == "__main__":
    main()
