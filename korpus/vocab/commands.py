"""What the commands of ``korpus vocab`` do: from paths to files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.json
import pyarrow.parquet as pq
from pydantic import ValidationError

from korpus.batch import TEXT
from korpus.errors import DataError, RecipeError
from korpus.vocab import combine
from korpus.vocab.counter import count_texts
from korpus.vocab.counts import LOWERCASE
from korpus.vocab.evaluate import measure
from korpus.vocab.export import make_tokenizer, save
from korpus.vocab.files import read_vocab
from korpus.vocab.options import ROLES, VocabOptions
from korpus.vocab.read import check_domain, count_files, read_counts, word_totals
from korpus.vocab.train import domain_weights, train_one

LINES = 1 << 14
TEXT_SUFFIXES = (".txt", ".txt.gz", ".jsonl", ".jsonl.gz")


def options(given: dict[str, Any]) -> VocabOptions:
    """Validate options of a vocabulary; those that are None take their default.

    Raises
    ------
    RecipeError
        At the first one that is wrong.
    """
    try:
        return VocabOptions(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        at = ".".join(str(part) for part in first["loc"]) or "vocab"
        raise RecipeError(first["msg"].removeprefix("Value error, "), f"--{at.replace('_', '-')}") from None


def train(sources: Sequence[str | Path], out: str | Path, domain: str | None = None, **given: Any) -> dict[str, Any]:
    """Train a vocabulary from the word counts of one or more runs, and save it.

    Parameters
    ----------
    sources : sequence of str or Path
        Output folders, folders of counts, or their files; added up.
    out : str or Path
        The folder of the vocabulary.
    domain : str, optional
        Learn from this domain alone.
    **given
        Fields of `VocabOptions`.

    Returns
    -------
    dict
        See `korpus.vocab.train.train_vocabularies`.
    """
    wanted = options(given)
    paths = count_files(sources)
    _check_case(paths, wanted.lowercase)
    totals = word_totals(paths)
    if domain is not None:
        check_domain(paths, domain)
    weights = {} if domain is not None else domain_weights(totals, wanted)
    counted = read_counts(paths, domain, weights)
    return {"name": domain or "all", **train_one(counted, Path(out), wanted, 1000 if weights else 1)}


def _check_case(paths: Sequence[Path], lowercase: bool) -> None:
    for path in paths:
        metadata = pq.read_schema(path).metadata or {}
        if metadata.get(LOWERCASE.encode()) == b"true" and not lowercase:
            raise DataError(
                f"{path} holds words in lower case, of which no cased vocabulary can be learned; add --lowercase, or "
                f"run the recipe again with vocab.lowercase: false"
            )


def _settings(vocab: str | Path, lowercase: bool | None, tokens: Sequence[str]) -> VocabOptions:
    """Return the options a vocabulary was saved with; what cannot be known of a bare file has its default."""
    found: dict[str, Any] = {}
    config = Path(vocab) / "tokenizer_config.json"
    if config.is_file():
        saved = json.loads(config.read_text(encoding="utf-8"))
        found["lowercase"] = bool(saved.get("do_lower_case", False))
        found["strip_accents"] = found["force"] = bool(saved.get("strip_accents"))
        if saved.get("tokenizer_class") == "PreTrainedTokenizerFast":
            found["model"] = "char"
        special = saved.get("additional_special_tokens") or []
        found["special_tokens"] = [*ROLES.values(), *special]
    full = Path(vocab) / "tokenizer.json"
    if full.is_file():
        model = json.loads(full.read_text(encoding="utf-8")).get("model", {})
        found["max_word_chars"] = model.get("max_input_chars_per_word", 100)
    if lowercase is not None:
        found["lowercase"] = lowercase
    return VocabOptions(**found)


def merge(first: str | Path, second: str | Path, out: str | Path) -> dict[str, int]:
    """Append to a vocabulary what it lacks of another, and save it; return how many entries came from where."""
    old, other = read_vocab(first), read_vocab(second)
    merged = combine.merge(old, other)
    wanted = _settings(first, None, merged)
    save(make_tokenizer(merged, wanted), Path(out), wanted)
    both = len(old) + len(other) - len(merged)
    return {"first": len(old), "second": len(other), "both": both, "size": len(merged)}


def extend(
    vocab: str | Path,
    sources: Sequence[str | Path],
    out: str | Path,
    domain: str | None = None,
    n_terms: int | None = None,
    min_count: int = 5,
    lowercase: bool | None = None,
) -> tuple[combine.Extension, dict[str, Any], dict[str, Any]]:
    """Fill unused entries of a vocabulary with terms, and save it.

    Returns
    -------
    extension : Extension
    before, after : dict
        What `measure` says of the vocabulary on the counts, before and after.
    """
    tokens = read_vocab(vocab)
    wanted = _settings(vocab, lowercase, tokens)
    if wanted.model == "char":
        raise DataError(f"{vocab} is a vocabulary of characters; it has no place for terms")
    paths = count_files(sources)
    _check_case(paths, wanted.lowercase)
    if domain is not None:
        check_domain(paths, domain)
    counted = read_counts(paths, domain)
    extension = combine.extend(tokens, counted, n_terms, min_count, wanted.max_word_chars, wanted.lowercase)
    save(make_tokenizer(extension.tokens, wanted), Path(out), wanted)
    return extension, measure(tokens, counted, wanted), measure(extension.tokens, counted, wanted)


def diff(first: str | Path, second: str | Path) -> combine.Difference:
    """Compare two vocabularies."""
    return combine.compare(read_vocab(first), read_vocab(second))


def evaluate(
    vocabs: Sequence[str | Path], sources: Sequence[str | Path], text: str = TEXT, lowercase: bool | None = None
) -> list[dict[str, Any]]:
    """Measure vocabularies on word counts, domain by domain, and on texts.

    Parameters
    ----------
    vocabs : sequence of str or Path
        Files ``vocab.txt``, or folders of vocabularies.
    sources : sequence of str or Path
        Word counts as for `train`; or texts: ``.txt`` (a text a line) and ``.jsonl``, also ``.gz``.
    text : str
        The field of the texts in JSON Lines.
    lowercase : bool, optional
        Whether the vocabularies are of lower case; by default as their ``tokenizer_config.json`` says, cased without.

    Returns
    -------
    list of dict
        For each source, domain and vocabulary: ``source``, ``domain``, ``vocab``, ``size``, and what `measure` says.
    """
    read = [
        (str(vocab), tokens, _settings(vocab, lowercase, tokens)) for vocab in vocabs for tokens in [read_vocab(vocab)]
    ]
    results = []
    for source in sources:
        for domain, counted in _counted(Path(source), text, all(wanted.lowercase for *_, wanted in read)):
            for name, tokens, wanted in read:
                told = {"source": str(source), "domain": domain, "vocab": name, "size": len(tokens)}
                results.append({**told, **measure(tokens, counted, wanted)})
    return results


def _counted(source: Path, text: str, lowercase: bool) -> Iterator[tuple[str, pa.RecordBatch]]:
    if not source.name.endswith(TEXT_SUFFIXES):
        paths = count_files([source])
        _check_case(paths, lowercase)
        for domain in word_totals(paths):
            yield domain, read_counts(paths, domain)
        return
    if not source.is_file():
        raise DataError(f"there is no file {source}")
    yield "", count_texts(_texts(source, text))


def _texts(source: Path, text: str) -> Iterator[pa.StringArray]:
    try:
        if ".jsonl" in source.name:
            schema = pa.schema([(text, pa.string())])
            parse = pyarrow.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
            table = pyarrow.json.read_json(source, parse_options=parse)
            if table.num_rows == table.column(0).null_count:
                raise DataError(f"{source} has no field {text!r}; name the field of the texts with --text")
            for batch in table.to_batches(LINES):
                yield batch.column(0).fill_null("")
            return
        with pa.input_stream(str(source)) as file:
            rest = b""
            while block := file.read(1 << 22):
                *lines, rest = (rest + block).split(b"\n")
                yield pa.array([line.decode() for line in lines], pa.string())
            yield pa.array([rest.decode()], pa.string())
    except (pa.ArrowInvalid, OSError, UnicodeDecodeError) as error:
        raise DataError(f"{source} cannot be read: {error}") from None
