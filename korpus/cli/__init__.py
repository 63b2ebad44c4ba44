"""The ``korpus`` command: converts what was typed, delegates to `korpus.api`, and prints."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from korpus import signals
from korpus._version import __version__
from korpus.cli.options import write_what_can_be_shown
from korpus.errors import KorpusError, RecipeError, did_you_mean

EXIT_FAILURE, EXIT_USAGE, EXIT_INTERRUPTED = 1, 2, 130


_COMMANDS = {
    "run": "korpus.cli.corpus",
    "check": "korpus.cli.corpus",
    "show": "korpus.cli.corpus",
    "why": "korpus.cli.finished",
    "compare": "korpus.cli.finished",
    "diff": "korpus.cli.clean",
    "clean": "korpus.cli.clean",
    "stages": "korpus.cli.corpus",
    "recipes": "korpus.cli.corpus",
    "export": "korpus.cli.export",
    "vocab": "korpus.cli.vocab",
}
"""Name of each command → the file it is in, where it is a function of that name; in the order of the help."""


class _Commands(click.Group):
    """Imports the commands when they are used, and names the nearest one when one is misspelt."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return getattr(importlib.import_module(_COMMANDS[name]), name) if name in _COMMANDS else None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            known = self.list_commands(ctx)
            ctx.fail(f"there is no command {args[0]!r}{did_you_mean(args[0], known)}; there are: {', '.join(known)}")
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="korpus %(version)s")
@click.option("--traceback", is_flag=True, help="Show the whole Python traceback of an error.")
def cli(traceback: bool) -> None:
    """Raw Korean text in; clean, deduplicated, domain-tagged Parquet shards and vocabularies out."""


def main(args: list[str] | None = None) -> None:
    """Run the command line; print errors for people, and exit 2 for wrong usage, 1 for failures.

    Parameters
    ----------
    args : list of str, optional
        Instead of those the process was started with.
    """
    given = sys.argv[1:] if args is None else args
    write_what_can_be_shown()
    try:
        failed = cli.main(args=given, prog_name="korpus", standalone_mode=False)
        if failed:
            sys.exit(failed)
    except click.exceptions.Exit as exit_:
        sys.exit(exit_.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_USAGE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; the same command goes on from here", err=True)
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output, such as head, has left.
        sys.stderr.close()
        sys.exit(EXIT_FAILURE)
    except Exception as error:
        if signals.received():
            raise signals.Stopped from error
        if "--traceback" in given:
            raise
        if isinstance(error, OSError) and error.strerror:
            said = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
        elif isinstance(error, MemoryError):
            said = "there is not enough memory; give fewer --workers or a smaller engine.memory"
        elif isinstance(error, KorpusError):
            said = str(error)
        else:
            said = f"unexpected {type(error).__name__}: {error}; korpus --traceback … shows where"
        click.echo(f"error: {said}", err=True)
        sys.exit(EXIT_USAGE if isinstance(error, RecipeError) else EXIT_FAILURE)
