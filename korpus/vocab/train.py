"""Training WordPiece vocabularies with the `tokenizers` library.

Its training is not reproducible: the order of its hash maps decides between pairs of equal counts, so that two runs
on the same texts differ in a few entries of thousands, and in many ids.
"""

from __future__ import annotations

import re
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from korpus.batch import TEXT
from korpus.errors import RecipeError, did_you_mean
from korpus.vocab.export import PREFIX, make_tokenizer, save
from korpus.vocab.options import UNK, VocabOptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import pyarrow as pa
    from tokenizers import Tokenizer

EVERYTHING = "all"
"""Name of the vocabulary over all domains."""

BATCH_ROWS = 1_000
SAMPLE_ROWS = 10_000


def train(texts: Iterable[list[str] | pa.StringArray], options: VocabOptions, show_progress: bool = False) -> Tokenizer:
    """Train a vocabulary.

    Parameters
    ----------
    texts : iterable of list of str or pa.StringArray
        Batches of texts.
    options : VocabOptions
        Size, case and special tokens.
    show_progress : bool
        Whether `tokenizers` shows its own progress bars.

    Returns
    -------
    tokenizers.Tokenizer
        At most ``options.size`` entries; fewer if the texts have no more pairs of ``options.min_count``.

    Notes
    -----
    Not reproducible, see above. All distinct words of the texts are held in memory.
    """
    return make_tokenizer([*options.fixed_tokens(), *_learn(texts, options, show_progress)], options)


def _learn(texts: Iterable[list[str] | pa.StringArray], options: VocabOptions, show_progress: bool) -> list[str]:
    """Return the entries that training decides on, in the order of their ids."""
    from tokenizers import trainers

    fixed = options.fixed_tokens()
    tokenizer = make_tokenizer(fixed, options)
    trainer = trainers.WordPieceTrainer(
        vocab_size=options.size - options.n_unused,
        min_frequency=options.min_count,
        # Each character may come as x and as ##x; the trainer keeps them all, whatever the size.
        limit_alphabet=min(options.alphabet, (options.size - len(fixed)) // 2),
        special_tokens=list(options.special_tokens),
        continuing_subword_prefix=PREFIX,
        show_progress=show_progress,
    )
    tokenizer.train_from_iterator((batch if isinstance(batch, list) else batch.to_pylist() for batch in texts), trainer)
    ids = tokenizer.get_vocab()
    return sorted(ids.keys() - set(fixed), key=ids.__getitem__)


def train_vocabularies(
    shards_by_domain: dict[str, list[Path]], folder: Path, options: VocabOptions, progress: Any = None
) -> list[dict[str, Any]]:
    """Train the vocabulary over everything and those of the chosen domains, and save each in its folder.

    Parameters
    ----------
    shards_by_domain : dict of str to list of Path
        The Parquet files of each domain. Documents without domains go under ``all`` alone.
    folder : Path
        Gets a folder ``all`` and one of the name of each chosen domain.
    options : VocabOptions
        The same for all of them.
    progress : optional
        Has ``steps(total, what)``, which gives a bar: a context manager with ``update(n)``.

    Returns
    -------
    list of dict
        For each vocabulary: ``name``; ``path`` (relative to the parent of `folder`); ``size`` reached and
        ``size_asked``; ``lowercase``; ``n_docs``; and, on a sample of the documents, ``unk_ratio`` (share of words that
        become [UNK]) and ``tokens_per_word``.

    Raises
    ------
    RecipeError
        If a chosen domain does not exist, or one is called ``all``.
    """
    chosen = _chosen(shards_by_domain, options)
    everything = [path for domain in sorted(shards_by_domain) for path in shards_by_domain[domain]]
    jobs = [(EVERYTHING, everything), *((domain, shards_by_domain[domain]) for domain in chosen)]
    return [_train_one(name, paths, folder, options, progress) for name, paths in jobs]


def _chosen(shards_by_domain: dict[str, list[Path]], options: VocabOptions) -> list[str]:
    domains = [] if shards_by_domain.keys() == {EVERYTHING} else sorted(shards_by_domain)
    if options.domains == "none":
        return []
    chosen = domains if options.domains == "all" else sorted(set(options.domains))
    for domain in chosen:
        if domain not in domains:
            there = f"there are: {', '.join(domains)}" if domains else "the documents have no domains"
            raise RecipeError(f"vocab.domains: there is no domain {domain!r}{did_you_mean(domain, domains)}; {there}")
        if domain == EVERYTHING:
            raise RecipeError(
                f"vocab.domains: a domain is called {EVERYTHING!r}, as is the vocabulary over everything; rename it in "
                f"the options of the stage domain, or leave it out of vocab.domains"
            )
    return chosen


def _train_one(name: str, paths: list[Path], folder: Path, options: VocabOptions, progress: Any) -> dict[str, Any]:
    import pyarrow.parquet as pq

    n_docs = sum(pq.read_metadata(path).num_rows for path in paths)
    sample: list[str] = []
    with progress.steps(n_docs, f"vocabulary {name}") if progress else nullcontext() as bar:
        tokenizer = train(_read(paths, sample, bar), options)
    path = folder / _folder_name(name)
    save(tokenizer, path, options)
    return {
        "name": name,
        "path": f"{folder.name}/{path.name}",
        "size": tokenizer.get_vocab_size(),
        "size_asked": options.size,
        "lowercase": options.lowercase,
        "n_docs": n_docs,
        **_measure(tokenizer, sample),
    }


def _read(paths: list[Path], sample: list[str], bar: Any) -> Iterator[list[str]]:
    """Yield the texts in batches; the first of each file also go into `sample`."""
    import pyarrow.parquet as pq

    for n_before, path in enumerate(paths):
        room = (SAMPLE_ROWS - len(sample)) // (len(paths) - n_before)
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(BATCH_ROWS, columns=[TEXT]):
                texts = batch.column(0).to_pylist()
                sample.extend(texts[:room])
                room -= min(room, len(texts))
                if bar is not None:
                    bar.update(len(texts))
                yield texts


def _measure(tokenizer: Tokenizer, sample: list[str]) -> dict[str, float]:
    n_words = n_tokens = n_unknown = 0
    for at in range(0, len(sample), BATCH_ROWS):
        for encoding in tokenizer.encode_batch(sample[at : at + BATCH_ROWS], add_special_tokens=False):
            n_tokens += len(encoding.tokens)
            n_words += sum(not token.startswith(PREFIX) for token in encoding.tokens)
            n_unknown += encoding.tokens.count(UNK)
    return {
        "unk_ratio": round(n_unknown / n_words, 6) if n_words else 0.0,
        "tokens_per_word": round(n_tokens / n_words, 4) if n_words else 0.0,
    }


def _folder_name(domain: str) -> str:
    return re.sub(r"[%/\\\x00-\x1f]|^\.", lambda found: f"%{ord(found[0]):02X}", domain)
