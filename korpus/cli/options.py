"""Options that several commands share, and how they speak."""

from __future__ import annotations

import codecs
import os
import shutil
import sys
from typing import Any

import click

from korpus.engine import ENGINES
from korpus.io.names import shown

RECIPE = click.argument("recipe")
INPUT = click.option(
    "-i",
    "--input",
    "inputs",
    multiple=True,
    metavar="PATH",
    help="A file, folder or glob, here or elsewhere (s3://…, gs://…, hdfs://…, https://…), or - for standard input; "
    "NAME=PATH in a recipe with sources; instead of input.paths. Repeatable.",
)
MORE = click.argument("more", nargs=-1, metavar="[PATH]...")
"""What a shell makes of ``-i raw/*.gz``: every name but the first stands without ``-i``."""


def in_utf8(context: click.Context, option: click.Parameter, given: str | None) -> str | None:
    """Refuse the name of a folder that Arrow could not write to, before there is anything to write."""
    if given is not None and any("\udc80" <= char <= "\udcff" for char in given):
        raise click.BadParameter(
            f"must be a name in UTF-8, got {shown(given)}; if it is one, set PYTHONUTF8=1: the locale says otherwise"
        )
    return given


OUT = click.option(
    "-o", "--out", metavar="DIR", callback=in_utf8, help="The output folder, here or elsewhere; instead of output.path."
)
WORKERS = click.option(
    "--workers", type=click.IntRange(1, 1024), metavar="N", help="Worker processes; instead of engine.workers."
)

ENGINE = click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default="local",
    show_default=True,
    help="What carries the run out: this machine, or the cluster that the configuration of Spark or Ray names.",
)


def as_text(context: click.Context, option: click.Parameter, given: Any) -> Any:
    """Read what was typed as UTF-8, which Python does not where the locale says otherwise."""
    return shown(given) if isinstance(given, str) else given and tuple(map(shown, given))


SET = click.option(
    "--set",
    "overrides",
    multiple=True,
    callback=as_text,
    metavar="KEY=VALUE",
    help="Set an option, as in stages.length.min_chars=20; stages.NAME=null leaves a stage out. Repeatable.",
)


AS_JSON = click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print the same as one JSON object in UTF-8; docs/en/json.md tells its keys.",
)
SOURCE = click.option(
    "--source", metavar="NAME", help="Of a recipe with sources: the one whose own stages are applied too."
)


def terminal() -> dict[str, Any]:
    """Return what a text needs to know of the terminal it is shown on."""
    return {
        "width": shutil.get_terminal_size((100, 24)).columns,
        "color": sys.stdout.isatty() and not os.environ.get("NO_COLOR"),
    }


def _stand_in(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    given = error.object[error.start : error.end]
    # A byte of a file name that is not UTF-8 comes as a surrogate.
    return "".join(f"\\x{ord(c) & 0xFF:02x}" if 0xDC80 <= ord(c) <= 0xDCFF else "?" for c in given), error.end


def write_what_can_be_shown() -> None:
    """Let no character stop what is printed: one that the console lacks, such as emoji in CP949, becomes ``?``."""
    codecs.register_error("korpus", _stand_in)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="korpus")


def say(text: str) -> None:
    """Print a text to standard output."""
    click.echo(text.rstrip("\n"))


def say_json(result: Any) -> None:
    """Print a result to standard output as one JSON object, in UTF-8 whatever the console writes."""
    from korpus.report.as_json import render

    click.echo(render(result).encode())
