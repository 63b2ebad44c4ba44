"""The command that hands a corpus to other tools."""

from __future__ import annotations

import click

from korpus.cli.options import in_utf8, say


class _Formats(click.Choice):
    """The formats that there are, other packages' too, looked up when one is given or help is asked for."""

    def __init__(self) -> None:
        super().__init__([])

    @property
    def choices(self) -> tuple[str, ...]:
        from korpus.registry import FORMATS

        return tuple(FORMATS.names())

    @choices.setter
    def choices(self, given: object) -> None:
        pass


class _Format(click.Option):
    """The option of a format, whose help tells each in its own words."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        from korpus import api

        self.help = " ".join(f"{each.name}: {each.summary}" for each in api.formats())
        return super().get_help_record(ctx)


@click.command()
@click.argument("out", metavar="OUT")
@click.option("--format", cls=_Format, type=_Formats(), required=True)
@click.option("-o", "--out", "to", metavar="DIR", required=True, callback=in_utf8, help="The folder to write to.")
@click.option("--domain", "domains", multiple=True, metavar="NAME", help="Only this domain. Repeatable.")
def export(out: str, format: str, to: str, domains: tuple) -> None:
    """Write a finished corpus as text, JSON Lines, sentences for BERT, or a Hugging Face dataset."""
    from korpus import api
    from korpus.report.remarks import exported

    say(exported(api.export(out, to, format, domains), to))
