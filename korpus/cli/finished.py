"""The commands that ask questions of finished runs."""

from __future__ import annotations

import click

from korpus.cli.options import AS_JSON, as_text, say, say_json, terminal


def _row(context: click.Context, option: click.Parameter, given: str | None) -> tuple[str, int] | None:
    """Read ``PATH:ROW``; a path may have colons of its own."""
    if given is None:
        return None
    path, _, row = given.rpartition(":")
    if not path or not (row.isascii() and row.isdigit()):
        raise click.BadParameter(f"must be PATH:ROW, as in comments.jsonl:12, got {given!r}")
    return path, int(row)


@click.command()
@click.argument("out", metavar="OUT")
@click.argument("text", required=False, callback=as_text)
@click.option("--id", "doc_id", type=click.IntRange(0, (1 << 63) - 1), metavar="N", help="The document of this doc_id.")
@click.option("--row", callback=_row, metavar="PATH:ROW", help="The document of this row of an input file.")
@AS_JSON
def why(out: str, text: str | None, doc_id: int | None, row: tuple[str, int] | None, as_json: bool) -> None:
    """Tell what became of a document: where it was kept, or which stage dropped it and why.

    Of a duplicate, also the document that stands for it, and where the two differ. A TEXT is looked for as it is, then
    as the recipe would edit it; all texts are read for that, which takes longer than by --id or --row.
    """
    from korpus import api
    from korpus.report.why import render

    if sum(given is not None for given in (text, doc_id, row)) != 1:
        raise click.UsageError("give a TEXT, --id or --row, and one of them")
    found = api.why(out, text, doc_id=doc_id, row=row)
    say_json(found) if as_json else say(render(found, terminal()["color"]))


@click.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@AS_JSON
def compare(first: str, second: str, as_json: bool) -> None:
    """Tell how two finished runs differ: recipes, funnels, documents that came and went, vocabularies.

    Documents of the same input are told apart by their place in it, others by their texts.
    """
    from korpus import api
    from korpus.report.compare import render

    found = api.compare(first, second)
    say_json(found) if as_json else say(render(found))
