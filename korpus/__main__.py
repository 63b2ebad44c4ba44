"""``python -m korpus``, and where the command ``korpus`` begins."""

from korpus.signals import Stopped, leave, listen


def main() -> None:
    """Run the command line; see `korpus.cli.main`."""
    listen()
    try:
        from korpus.cli import main as run

        run()
    except (Stopped, KeyboardInterrupt):
        leave()


if __name__ == "__main__":
    main()
