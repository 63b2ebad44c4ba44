"""``python -m korpus``, and where the command ``korpus`` begins."""

import sys

from korpus.signals import Stopped, listen, say


def main() -> None:
    """Run the command line; see `korpus.cli.main`."""
    listen()
    try:
        from korpus.cli import main as run

        run()
    except (Stopped, KeyboardInterrupt):
        sys.exit(say())


if __name__ == "__main__":
    main()
