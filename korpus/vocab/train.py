"""Training vocabularies: from texts, or from the word counts of a run, and saving them."""

from __future__ import annotations

import re
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from korpus.corpus.layout import folder_names
from korpus.errors import RecipeError, did_you_mean
from korpus.vocab.combine import Extension, extend, n_unused
from korpus.vocab.counter import count_texts
from korpus.vocab.counts import as_tokenized
from korpus.vocab.evaluate import measure
from korpus.vocab.export import make_tokenizer, save
from korpus.vocab.files import lacking, read_vocab
from korpus.vocab.learn import SCALE, Learned, learn_tokens, without_entry
from korpus.vocab.options import VocabOptions
from korpus.vocab.read import read_counts, word_totals

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from tokenizers import Tokenizer

EVERYTHING = "all"
"""Name of the vocabulary over all domains."""

N_LISTED = 50
"""Characters outside of the alphabet, and terms of a domain, that are listed."""


def train(texts: Iterable[list[str] | pa.StringArray], options: VocabOptions) -> Tokenizer:
    """Train a vocabulary from texts; only their distinct words are held in memory.

    Parameters
    ----------
    texts : iterable of list of str or pa.StringArray
        Batches of texts.
    options : VocabOptions
        Size, case and special tokens.

    Returns
    -------
    tokenizers.Tokenizer
        Exactly ``options.size`` entries, the same for the same texts in any order.

    Raises
    ------
    RecipeError
        If the alphabet does not fit into ``options.size``.
    """
    counted = count_texts(pa.array(batch, pa.string()) if isinstance(batch, list) else batch for batch in texts)
    return make_tokenizer(learn_from(counted, options).tokens, options)


def learn_from(counted: pa.RecordBatch, options: VocabOptions, scale: int = 1) -> Learned:
    """Learn a vocabulary from counts of words as they stand in the texts; parameters as for `learn_tokens`."""
    learned = learn_tokens(as_tokenized(counted, options), options, scale)
    if options.append:
        extra = lacking(read_vocab(options.append, subchar=options.subchar), learned.tokens)
        learned = Learned([*learned.tokens, *extra], learned.n_filled, learned.left_out, learned.n_too_long)
    return learned


def train_vocabularies(
    paths: Sequence[Path],
    folder: Path,
    options: VocabOptions,
    n_docs: Mapping[str, int] | None = None,
    progress: Any = None,
) -> list[dict[str, Any]]:
    """Train the vocabulary over everything and those of the chosen domains, and save each in its folder.

    Parameters
    ----------
    paths : sequence of Path
        The files of word counts, as a run writes them.
    folder : Path
        Gets a folder ``all`` and one of the name of each chosen domain.
    options : VocabOptions
        The same for all of them; weights and temperature concern the one over everything alone. With ``per_domain:
        extend`` the others are that one, with terms of the domain instead of [unused…].
    n_docs : mapping of str to int, optional
        Documents of each domain, ``""`` if there are none; to be told in the result.
    progress : optional
        Has ``steps(total, what)``, which gives a bar: a context manager with ``update(n)``.

    Returns
    -------
    list of dict
        For each vocabulary: ``name``; ``path`` (relative to the parent of `folder`); ``size`` and ``n_filled``, how
        many entries are [unused…] because nothing more could be learned; ``n_terms``, how many [unused…] were taken by
        terms of the domain, and ``terms``, the first of them with the tokens they save; ``lowercase``; ``subchar``;
        ``n_docs``; ``unk_ratio`` (share of words that become [UNK]) and ``tokens_per_word``; ``left_out``, the
        characters outside of the alphabet that occur most, with their counts, and ``n_left_out``, how many there are;
        ``n_too_long``, occurrences of words longer than ``max_word_chars``.

    Raises
    ------
    DataError
        If there are no counts.
    RecipeError
        If a chosen domain does not exist, one is called ``all``, or the alphabet does not fit into ``size``.
    """
    totals = word_totals(paths)
    if n_docs is None:
        n_docs = dict.fromkeys(totals, 0)
    jobs = folder_names([EVERYTHING, *chosen_domains(n_docs, options)], folder_name)
    weights = domain_weights(totals, options)
    results: list[dict[str, Any]] = []
    over_everything: list[str] = []
    with progress.steps(len(jobs), "vocabularies") if progress else nullcontext() as bar:
        for name, place in jobs.items():
            over_all = name == EVERYTHING
            counted = read_counts(paths, None if over_all else name, weights if over_all else None)
            extension = None
            if over_all or options.per_domain == "train":
                learned = learn_from(counted, options, SCALE if over_all and weights else 1)
            else:
                extension = extend(over_everything, counted, options, candidates=options.candidates)
                learned = _extended(extension, counted, options)
            if over_all:
                over_everything = learned.tokens
            here = sum(n_docs.values()) if over_all else n_docs[name]
            told = save_and_tell(learned, counted, folder / place, options, here, extension)
            results.append({"name": name, **told})
            if bar is not None:
                bar.update(1)
    return results


def _extended(extension: Extension, counted: pa.RecordBatch, options: VocabOptions) -> Learned:
    left_out, n_too_long = without_entry(as_tokenized(counted, options), extension.tokens, options.max_word_chars)
    return Learned(extension.tokens, n_unused(extension.tokens), left_out, n_too_long)


def save_and_tell(
    learned: Learned,
    counted: pa.RecordBatch,
    folder: Path,
    options: VocabOptions,
    n_docs: int = 0,
    extension: Extension | None = None,
) -> dict[str, Any]:
    """Save a vocabulary and tell about it; see `train_vocabularies`."""
    added = extension.added if extension else []
    save(make_tokenizer(learned.tokens, options), folder, options)
    measured = measure(learned.tokens, counted, options)
    return {
        "path": f"{folder.parent.name}/{folder.name}",
        "size": len(learned.tokens),
        "n_filled": learned.n_filled,
        "n_terms": len(added),
        "terms": [[term, saved] for _, term, saved in added[:N_LISTED]],
        "lowercase": options.lowercase,
        "subchar": options.subchar,
        "n_docs": n_docs,
        "unk_ratio": round(measured.unk_ratio, 6),
        "tokens_per_word": round(measured.tokens_per_word, 4),
        "left_out": learned.left_out[:N_LISTED],
        "n_left_out": len(learned.left_out),
        "n_too_long": learned.n_too_long,
    }


def domain_weights(totals: Mapping[str, int], options: VocabOptions) -> dict[str, int]:
    """Return what a word of each domain counts, in thousandths; nothing if all count alike.

    Parameters
    ----------
    totals : mapping of str to int
        Occurrences of words in each domain.
    options : VocabOptions

    Raises
    ------
    RecipeError
        If a weight is given for a domain that does not exist, or all weights are 0.
    """
    for domain in options.weights:
        _must_be_there(domain, [name for name in totals if name], "vocab.weights")
    if options.temperature is not None:
        most = max(totals.values())
        weights = {name: round(SCALE * (most / n) ** (1 - options.temperature)) for name, n in totals.items()}
    elif options.weights:
        weights = {name: round(SCALE * options.weights.get(name, 1.0)) for name in totals}
    else:
        return {}
    if not any(weights.values()):
        raise RecipeError("vocab.weights: all domains weigh 0, so nothing can be learned; give one of them a weight")
    return weights


def _must_be_there(domain: str, domains: list[str], option: str) -> None:
    if domain not in domains:
        there = f"there are: {', '.join(domains)}" if domains else "the documents have no domains"
        raise RecipeError(f"{option}: there is no domain {domain!r}{did_you_mean(domain, domains)}; {there}")


def chosen_domains(there: Iterable[str], options: VocabOptions) -> list[str]:
    """Return the domains that get a vocabulary of their own, sorted."""
    domains = sorted(domain for domain in there if domain)
    if options.domains == "none":
        return []
    chosen = domains if options.domains == "all" else sorted(set(options.domains))
    for domain in chosen:
        _must_be_there(domain, domains, "vocab.domains")
        if domain == EVERYTHING:
            raise RecipeError(
                f"vocab.domains: a domain is called {EVERYTHING!r}, as is the vocabulary over everything; rename it in "
                f"the options of the stage domain, or leave it out of vocab.domains"
            )
    return chosen


def folder_name(domain: str) -> str:
    """Return the name of the folder of a domain's vocabulary."""
    return re.sub(r"[%/\\\x00-\x1f]|^\.", lambda found: f"%{ord(found[0]):02X}", domain)
