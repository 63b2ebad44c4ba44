"""The ``korpus`` command: converts what was typed and delegates to `korpus.api`; nothing else happens here."""

from __future__ import annotations

import shutil
import sys
from typing import Any

import click

from korpus._version import __version__
from korpus.errors import KorpusError, RecipeError, did_you_mean

EXIT_FAILURE, EXIT_USAGE, EXIT_INTERRUPTED = 1, 2, 130


class _Commands(click.Group):
    """Names the nearest command when one is misspelt."""

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


_RECIPE = click.argument("recipe")
_INPUT = click.option(
    "-i",
    "--input",
    "inputs",
    multiple=True,
    metavar="PATH",
    help="A file, folder or glob; instead of input.paths. Repeatable.",
)
_OUT = click.option("-o", "--out", metavar="DIR", help="The output folder; instead of output.path.")
_WORKERS = click.option(
    "--workers", type=click.IntRange(1, 1024), metavar="N", help="Worker processes; instead of engine.workers."
)
_SET = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Set an option, as in stages.length.min_chars=20; stages.NAME=null leaves a stage out. Repeatable.",
)


@cli.command()
@_RECIPE
@_INPUT
@_OUT
@_WORKERS
@_SET
@click.option("--fresh", is_flag=True, help="Remove what an earlier run has left in the output folder, and start anew.")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress and no summary.")
def run(recipe: str, inputs: tuple, out: str, workers: int, overrides: tuple, fresh: bool, quiet: bool) -> None:
    """Make a corpus from a recipe: the path of a YAML file, or the name of one that comes with korpus.

    A run that was killed goes on where it stopped when the same command is given again.
    """
    from korpus import api

    result = api.run(recipe, inputs, out, workers, overrides, fresh, quiet)
    if not quiet:
        _print(api.show(result.out, **_terminal()))


@cli.command()
@_RECIPE
@_INPUT
@_OUT
@_WORKERS
@_SET
def check(recipe: str, inputs: tuple, out: str, workers: int, overrides: tuple) -> None:
    """Show what a run would do: the recipe filled in, the passes, the splits, the disk and memory needed.

    Reads the head of the input only, and writes nothing.
    """
    from korpus import api

    _print(api.check(recipe, inputs, out, workers, overrides))


@cli.command()
@click.argument("name", required=False)
def stages(name: str | None) -> None:
    """List the stages, or explain one with its options."""
    from korpus import api

    _print(api.stages(name))


@cli.command()
@click.argument("out", metavar="OUT")
def show(out: str) -> None:
    """Print the funnel of a finished run: documents and bytes in and out of every stage, and why they were dropped."""
    from korpus import api

    _print(api.show(out, **_terminal()))


@cli.command()
@click.argument("name", required=False)
def recipes(name: str | None) -> None:
    """List the recipes that come with korpus, or print one."""
    from korpus import api

    _print(api.recipes_text(name))


def _terminal() -> dict[str, Any]:
    return {"width": shutil.get_terminal_size((100, 24)).columns, "color": sys.stdout.isatty()}


def _print(text: str) -> None:
    click.echo(text.rstrip("\n"))


def main(args: list[str] | None = None) -> None:
    """Run the command line; print errors for people, and exit 2 for wrong usage, 1 for failures.

    Parameters
    ----------
    args : list of str, optional
        Instead of those the process was started with.
    """
    given = sys.argv[1:] if args is None else args
    try:
        cli.main(args=given, prog_name="korpus", standalone_mode=False)
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
        if "--traceback" in given:
            raise
        known = isinstance(error, KorpusError)
        said = str(error) if known else f"unexpected {type(error).__name__}: {error}; korpus --traceback … shows where"
        click.echo(f"error: {said}", err=True)
        sys.exit(EXIT_USAGE if isinstance(error, RecipeError) else EXIT_FAILURE)
