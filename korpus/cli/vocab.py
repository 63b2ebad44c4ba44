"""The commands that make vocabularies, change them and compare them."""

from __future__ import annotations

from typing import Any

import click

from korpus.cli.options import AS_JSON, in_utf8, say, say_json

SAVE_TO = click.option(
    "-o", "--out", metavar="DIR", required=True, callback=in_utf8, help="The folder of the new vocabulary."
)
DOMAIN = click.option("--domain", metavar="NAME", help="Take the words of this domain alone.")
SUBCHAR = click.option(
    "--subchar", is_flag=True, help="A VOCAB that is a file without syllables is of conjoining letters; folders say so."
)
COUNTS = click.option(
    "--counts",
    "sources",
    multiple=True,
    required=True,
    metavar="OUT",
    help="The output folder of a run, or its folder counts. Repeatable; the counts are added up.",
)


def _weights(context: click.Context, option: click.Parameter, given: tuple[str, ...]) -> dict[str, float] | None:
    weights = {}
    for item in given:
        domain, _, weight = item.rpartition("=")
        try:
            weights[domain] = float(weight)
        except ValueError:
            domain = ""
        if not domain:
            raise click.BadParameter(f"must be DOMAIN=NUMBER, such as news=0.3, got {item!r}")
    return weights or None


@click.group()
def vocab() -> None:
    """Make vocabularies from word counts, change them, and compare them."""


@vocab.command()
@click.argument("sources", metavar="OUT...", nargs=-1, required=True)
@SAVE_TO
@DOMAIN
@click.option("--model", type=click.Choice(["wordpiece", "char"]), help="Pieces of words, or characters.")
@click.option("--size", type=int, metavar="N", help="Exactly how many entries; 30,000 if not said.")
@click.option("--lowercase", is_flag=True, default=None, help="Make all letters lower case.")
@click.option("--strip-accents", is_flag=True, default=None, help="Remove accents; breaks Hangul, so needs --force.")
@click.option("--subchar", is_flag=True, default=None, help="Take syllables apart into conjoining letters (NFKD).")
@click.option("--alphabet-coverage", type=float, metavar="SHARE", help="Of the characters to keep; 0.9999 if not said.")
@click.option("--min-count", type=int, metavar="N", help="Join only pieces that occur together this often.")
@click.option("--max-word-chars", type=int, metavar="N", help="Longer words become [UNK]; 100 if not said.")
@click.option("--n-unused", type=int, metavar="N", help="Entries [unused…] to keep free for terms of your own.")
@click.option("--special-token", "special", multiple=True, metavar="TOKEN", help="One more besides BERT's. Repeatable.")
@click.option(
    "--weight", "weights", multiple=True, callback=_weights, metavar="DOMAIN=W", help="Of a domain. Repeatable."
)
@click.option("--temperature", type=float, metavar="T", help="Weigh domains by size to this power; 0 makes them equal.")
@click.option("--append", metavar="FILE", help="A vocab.txt whose lacking entries are appended, on top of --size.")
@click.option("--force", is_flag=True, default=None, help="Accept settings that harm Hangul.")
def train(sources: tuple, out: str, domain: str | None, special: tuple, **given: Any) -> None:
    """Train a vocabulary from the word counts of finished runs: the same counts, the same vocabulary."""
    from korpus import api
    from korpus.report import vocab as report

    say(report.trained(api.vocab_train(sources, out, domain, special, **given)))


@vocab.command()
@click.argument("first", metavar="VOCAB")
@click.argument("second", metavar="OTHER")
@SAVE_TO
@SUBCHAR
def merge(first: str, second: str, out: str, subchar: bool) -> None:
    """Append to VOCAB the entries of OTHER that it lacks; ids of VOCAB stay."""
    from korpus import api
    from korpus.report import vocab as report

    say(report.merged(api.vocab_merge(first, second, out, subchar)))


@vocab.command()
@click.argument("vocabulary", metavar="VOCAB")
@COUNTS
@SAVE_TO
@DOMAIN
@click.option("--terms", "n_terms", type=click.IntRange(1), metavar="N", help="How many to add; all that fit.")
@click.option("--min-count", type=click.IntRange(1), default=5, show_default=True, metavar="N", help="Of a term.")
@click.option("--lowercase", is_flag=True, default=None, help="VOCAB is of lower case; a folder says so itself.")
@click.option(
    "--candidates",
    type=click.Choice(["prefixes", "words", "nouns"]),
    default="prefixes",
    show_default=True,
    help="All beginnings of words, or what soynlp takes for words or nouns.",
)
@SUBCHAR
def extend(vocabulary: str, sources: tuple, out: str, **given: Any) -> None:
    """Fill the [unused…] entries of VOCAB with the terms of a domain that save the most tokens; other ids stay."""
    from korpus import api
    from korpus.report import vocab as report

    say(report.extended(api.vocab_extend(vocabulary, sources, out, **given)))


@vocab.command(name="eval")
@click.argument("vocabularies", metavar="VOCAB...", nargs=-1, required=True)
@click.option(
    "--on",
    "sources",
    multiple=True,
    required=True,
    metavar="PATH",
    help="The output folder of a run, whose domains are told one by one; or texts in any format that a run reads. "
    "Repeatable.",
)
@click.option("--text", default="text", show_default=True, metavar="FIELD", help="The column of the texts.")
@click.option(
    "--lowercase", is_flag=True, default=None, help="The VOCABs are of lower case; folders say so themselves."
)
@SUBCHAR
@AS_JSON
def evaluate(vocabularies: tuple, sources: tuple, as_json: bool, **given: Any) -> None:
    """Measure vocabularies side by side: [UNK], tokens per eojeol, words in one piece, syllables known."""
    from korpus import api
    from korpus.report import vocab as report

    found = api.vocab_eval(vocabularies, sources, **given)
    say_json({"evaluations": found}) if as_json else say(report.evaluation(found))


@vocab.command()
@click.argument("first", metavar="VOCAB")
@click.argument("second", metavar="OTHER")
@SUBCHAR
def diff(first: str, second: str, subchar: bool) -> None:
    """Tell how two vocabularies differ: other ids, entries that one alone has."""
    from korpus import api
    from korpus.report import vocab as report

    say(report.difference(api.vocab_diff(first, second, subchar)))
