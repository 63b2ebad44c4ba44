"""The command that hands a corpus to other tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from korpus.cli.options import in_utf8, say

if TYPE_CHECKING:
    from korpus.export import Format


@click.command()
@click.argument("out", metavar="OUT")
@click.option(
    "--format",
    type=click.Choice(["text", "jsonl", "bert", "hf"]),
    required=True,
    help="text: a document a line; jsonl: with all columns; bert: a sentence a line, a blank line after each document; "
    "hf: a folder for datasets.load_dataset, with one configuration a domain.",
)
@click.option("-o", "--out", "to", metavar="DIR", required=True, callback=in_utf8, help="The folder to write to.")
@click.option("--domain", "domains", multiple=True, metavar="NAME", help="Only this domain. Repeatable.")
def export(out: str, format: Format, to: str, domains: tuple) -> None:
    """Write a finished corpus as text, JSON Lines, sentences for BERT, or a Hugging Face dataset."""
    from korpus import api

    say(f"{len(api.export(out, to, format, domains)):,} files written to {to}")
