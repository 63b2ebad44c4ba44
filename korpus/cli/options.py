"""Options that several commands share, and how they speak."""

from __future__ import annotations

import shutil
import sys
from typing import Any

import click

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
OUT = click.option("-o", "--out", metavar="DIR", help="The output folder, here or elsewhere; instead of output.path.")
WORKERS = click.option(
    "--workers", type=click.IntRange(1, 1024), metavar="N", help="Worker processes; instead of engine.workers."
)
SET = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Set an option, as in stages.length.min_chars=20; stages.NAME=null leaves a stage out. Repeatable.",
)


SOURCE = click.option(
    "--source", metavar="NAME", help="Of a recipe with sources: the one whose own stages are applied too."
)


def terminal() -> dict[str, Any]:
    """Return what a text needs to know of the terminal it is shown on."""
    return {"width": shutil.get_terminal_size((100, 24)).columns, "color": sys.stdout.isatty()}


def say(text: str) -> None:
    """Print a text to standard output."""
    click.echo(text.rstrip("\n"))
