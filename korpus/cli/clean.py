"""The commands that try out the cleaning of a recipe."""

from __future__ import annotations

import sys

import click

from korpus.cli.options import AS_JSON, RECIPE, SET, SOURCE, as_text, say, say_json, terminal


@click.command()
@click.option(
    "-r", "--recipe", required=True, help="The path of a YAML file, or the name of a recipe that comes with korpus."
)
@click.option("--json", "as_json", is_flag=True, help="Every line is a JSON object; its text column is cleaned.")
@click.option("--edits-only", is_flag=True, help="Apply no filters: a line comes out for every line that goes in.")
@SOURCE
@SET
def clean(recipe: str, as_json: bool, edits_only: bool, source: str | None, overrides: tuple) -> None:
    """Clean standard input to standard output with the edits and filters of a recipe, line by line.

    Lines that a filter drops are not written, nor those that cannot be read; how many is said on standard error, and
    the exit code is 1 if any could not be read.
    """
    from korpus import api
    from korpus.report import remarks

    lines, sink = sys.stdin.buffer, sys.stdout.buffer
    counts = api.clean_stream(recipe, lines, sink, as_json, edits_only, overrides, source)
    for line in remarks.cleaned(counts, edits_only):
        click.echo(line, err=True)
    if counts.n_bad:
        raise click.exceptions.Exit(1)


@click.command()
@RECIPE
@click.argument("inputs", metavar="[INPUT]...", nargs=-1)
@click.option("--stage", metavar="NAME", help="Show only this stage; those before it are applied too.")
@click.option("-n", "n", type=click.IntRange(0, 10_000), default=20, show_default=True, help="Examples of each stage.")
@click.option(
    "--sample",
    type=click.IntRange(1, 10_000_000),
    default=10_000,
    show_default=True,
    metavar="N",
    help="Documents to read, spread over the files.",
)
@click.option("--text", callback=as_text, help="Trace this one text through every stage, instead of an input.")
@SOURCE
@SET
@AS_JSON
def diff(
    recipe: str,
    inputs: tuple,
    stage: str | None,
    n: int,
    sample: int,
    text: str | None,
    source: str | None,
    overrides: tuple,
    as_json: bool,
) -> None:
    """Show what each stage of a recipe changes: before, after, and the share of documents.

    Stages that compare documents with each other are left out.
    """
    from korpus import api
    from korpus.report import diff as report

    if (text is None) == (not inputs):
        raise click.UsageError("give either an INPUT or --text")
    if source and inputs:
        raise click.UsageError("--source goes with --text; an INPUT is given as NAME=PATH")
    color = terminal()["color"]
    if text is not None:
        trace = api.diff_text(recipe, text, stage, overrides, source)
        say_json(trace) if as_json else say(report.render_trace(trace, color))
    else:
        found = api.diff(recipe, inputs, stage, n, sample, overrides)
        say_json(found) if as_json else say(report.render(found, color))
