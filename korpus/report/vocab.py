"""What the commands of ``korpus vocab`` say, and reports of the vocabularies of a run."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from korpus.vocab.combine import Difference
    from korpus.vocab.results import Evaluation, Extended, Merged, Trained

N_EXAMPLES = 10
LEGEND = (
    "terms: entries [unused…] that terms of the domain have taken; unused: entries [unused…] for want of anything to "
    "learn; [UNK]: share of the words; left out: characters too rare for an entry, manifest.json lists them."
)
"""What the titles of `facts` mean."""


def facts(vocab: dict[str, Any]) -> dict[str, str]:
    """Return what reports tell of a vocabulary of a run besides its name, by title; a number's ends with a colon."""
    case = "lowercase" if vocab["lowercase"] else "cased"
    return {
        "tokens:": f"{vocab['size']:,}",
        "letters": f"{case}, conjoining" if vocab["subchar"] else case,
        "terms:": f"{vocab['n_terms']:,}",
        "unused:": f"{vocab['n_filled']:,}",
        "[UNK]:": f"{vocab['unk_ratio']:.3%}",
        "left out:": f"{vocab['n_left_out']:,}",
    }


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def table(titles: Sequence[str], rows: Sequence[Sequence[str]], n_left: int = 1) -> str:
    """Return a table as text, the first `n_left` columns aligned to the left."""
    every = [titles, *rows]
    widths = [max(_width(row[i]) for row in every) for i in range(len(titles))]
    lines = []
    for row in every:
        cells = []
        for i, (cell, width) in enumerate(zip(row, widths)):
            space = " " * (width - _width(cell))
            cells.append(cell + space if i < n_left else space + cell)
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def evaluation(results: Sequence[Evaluation]) -> str:
    """Return the table of `korpus.vocab.commands.evaluate`."""
    titles = ("on", "vocabulary", "entries", "[UNK]", "tokens/eojeol", "whole words", "syllables")
    return table(
        titles,
        [
            (
                f"{each.source} {each.domain}".rstrip(),
                each.vocab,
                f"{each.size:,}",
                f"{each.measures.unk_ratio:.3%}",
                f"{each.measures.tokens_per_eojeol:.3f}",
                f"{each.measures.whole_ratio:.1%}",
                f"{each.measures.syllable_coverage:.3%}",
            )
            for each in results
        ],
        2,
    )


def trained(made: Trained) -> str:
    """Return what is to be said of a vocabulary that was trained."""
    lines = [f"{made.size:,} entries written to {made.out}; of the words {made.unk_ratio:.3%} become [UNK]"]
    if made.n_filled:
        lines.append(f"{made.n_filled:,} of them are [unused…], since nothing more could be learned")
    if made.n_left_out:
        some = " ".join(char for char, _ in made.left_out[:N_EXAMPLES])
        lines.append(f"{made.n_left_out:,} rare characters were left out, such as {some}")
    if made.n_too_long:
        lines.append(f"{made.n_too_long:,} words are longer than max_word_chars and become [UNK]")
    return "\n".join(lines)


def merged(made: Merged) -> str:
    """Return what is to be said of a vocabulary that was merged."""
    return (
        f"{made.n_first:,} + {made.n_second:,} - {made.n_both:,} in both = {made.size:,} entries written to "
        f"{made.out}; the first {made.n_first:,} ids are those of the first vocabulary"
    )


def extended(made: Extended) -> str:
    """Return what is to be said of a vocabulary that was extended."""
    rows = [(term, str(i), f"{saved:,}") for i, term, saved in made.added[:N_EXAMPLES]]
    return (
        f"{len(made.added):,} terms written to {made.out}; tokens per eojeol go from "
        f"{made.before.tokens_per_eojeol:.3f} to {made.after.tokens_per_eojeol:.3f}\n"
        f"{table(('term', 'id', 'tokens saved'), rows)}"
    )


def difference(found: Difference) -> str:
    """Return what is to be said of the difference of two vocabularies."""
    lines = [f"{found.n_same_id:,} entries have the same id, {len(found.moved):,} another one"]
    lines += [f"  {token}: {a} → {b}" for token, a, b in found.moved[:N_EXAMPLES]]
    for which, tokens in (("first", found.only_first), ("second", found.only_second)):
        some = f", such as {' '.join(tokens[:N_EXAMPLES])}" if tokens else ""
        lines.append(f"{len(tokens):,} are in the {which} alone{some}")
    return "\n".join(lines)
