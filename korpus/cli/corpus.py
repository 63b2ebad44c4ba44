"""The commands that make a corpus and tell about it."""

from __future__ import annotations

import click

from korpus.cli.options import AS_JSON, ENGINE, INPUT, MORE, OUT, RECIPE, SET, WORKERS, say, say_json, terminal


@click.command()
@RECIPE
@MORE
@INPUT
@OUT
@WORKERS
@ENGINE
@SET
@click.option("--fresh", is_flag=True, help="Remove what an earlier run has left in the output folder, and start anew.")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress and no summary.")
def run(
    recipe: str,
    more: tuple,
    inputs: tuple,
    out: str,
    workers: int,
    engine: str,
    overrides: tuple,
    fresh: bool,
    quiet: bool,
) -> None:
    """Make a corpus from a recipe: the path of a YAML file, or the name of one that comes with korpus.

    Paths may also stand without -i, as they do when a shell expands -i raw/*.gz. A run that was killed goes on where it
    stopped when the same command is given again.
    """
    from korpus import api

    result = api.run(recipe, inputs + more, out, workers, overrides, fresh, quiet, engine)
    # Not before the run, whose workers start before anything heavy is imported here.
    from korpus.report.remarks import warnings_of
    from korpus.report.terminal import render

    for warning in warnings_of(result.manifest, result.out):
        click.echo(warning, err=True)
    if not quiet:
        say(render(api.show(result.out), **terminal()))


@click.command()
@RECIPE
@MORE
@INPUT
@OUT
@WORKERS
@SET
@AS_JSON
def check(recipe: str, more: tuple, inputs: tuple, out: str, workers: int, overrides: tuple, as_json: bool) -> None:
    """Show what a run would do: the recipe filled in, the passes, the splits, the disk and memory needed.

    Reads the head of the input only, and writes nothing.
    """
    from korpus import api
    from korpus.report.check import render

    found = api.check(recipe, inputs + more, out, workers, overrides)
    say_json(found) if as_json else say(render(found))


@click.command()
@click.argument("name", required=False)
def stages(name: str | None) -> None:
    """List the stages, or explain one with its options."""
    from korpus import api
    from korpus.report import stages as report

    say(report.overview(api.stages()) if name is None else report.explain(api.stage(name)))


@click.command()
@click.argument("out", metavar="OUT")
@AS_JSON
def show(out: str, as_json: bool) -> None:
    """Print the funnel of a finished run: documents and bytes in and out of every stage, and why they were dropped."""
    from korpus import api
    from korpus.report.terminal import render

    summary = api.show(out)
    say_json(summary) if as_json else say(render(summary, **terminal()))


@click.command()
@click.argument("name", required=False)
def recipes(name: str | None) -> None:
    """List the recipes that come with korpus, or print one."""
    from korpus import api
    from korpus.report import stages as report

    say(report.recipes(api.recipes()) if name is None else api.recipe_yaml(name))
