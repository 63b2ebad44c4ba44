"""What the commands of ``korpus vocab`` do: from paths to files."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import ValidationError

from korpus.batch import TEXT
from korpus.corpus.compare import VocabPair
from korpus.errors import DataError, RecipeError, SchemaError
from korpus.io.readers import ReadOptions, all_splits, find_inputs, infer_schema, read_split
from korpus.vocab import combine
from korpus.vocab.counter import count_texts
from korpus.vocab.counts import PIECE_ROWS
from korpus.vocab.evaluate import measure, tally, told
from korpus.vocab.export import make_tokenizer, save
from korpus.vocab.files import has_syllables, read_vocab, vocab_file
from korpus.vocab.learn import SCALE
from korpus.vocab.options import ROLES, VocabOptions
from korpus.vocab.read import check_domain, count_batches, count_files, read_counts, word_totals
from korpus.vocab.results import Evaluation, Extended, Merged, Trained
from korpus.vocab.schema import COUNT, LOWERCASE, WORD
from korpus.vocab.train import EVERYTHING, domain_weights, learn_from, save_and_tell

PIECE_BATCHES = 64
"""So many batches of texts are counted and measured at once."""
_NO_TEXT = ("missing_text", "empty_text")
"""Why a line holds no words, and yet is no mistake."""


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


def train(sources: Sequence[str | Path], out: str | Path, domain: str | None = None, **given: Any) -> Trained:
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
    """
    wanted = options(given)
    paths = count_files(sources)
    _check_case(paths, wanted.lowercase)
    totals = word_totals(paths)
    if domain is not None:
        check_domain(paths, domain)
    weights = {} if domain is not None else domain_weights(totals, wanted)
    counted = read_counts(paths, domain, weights)
    learned = learn_from(counted, wanted, SCALE if weights else 1)
    told_of = save_and_tell(learned, counted, Path(out), wanted)
    return Trained(
        out=out,
        name=domain or EVERYTHING,
        size=told_of["size"],
        n_filled=told_of["n_filled"],
        unk_ratio=told_of["unk_ratio"],
        tokens_per_word=told_of["tokens_per_word"],
        n_left_out=told_of["n_left_out"],
        left_out=tuple(told_of["left_out"]),
        n_too_long=told_of["n_too_long"],
    )


def _check_case(paths: Sequence[Path], lowercase: bool) -> None:
    for path in paths:
        metadata = pq.read_schema(path).metadata or {}
        if metadata.get(LOWERCASE.encode()) == b"true" and not lowercase:
            raise DataError(
                f"{path} holds words in lower case, of which no cased vocabulary can be learned; add --lowercase, or "
                f"run the recipe again with vocab.lowercase: false"
            )


def _open(vocab: str | Path, lowercase: bool | None = None, subchar: bool = False) -> tuple[list[str], VocabOptions]:
    """Return a vocabulary and the options it was saved with; what a bare file cannot tell is as given, or default."""
    found: dict[str, Any] = {}
    config, full = Path(vocab) / "tokenizer_config.json", Path(vocab) / "tokenizer.json"
    if config.is_file():
        saved = _saved(config)
        found["lowercase"] = bool(saved.get("do_lower_case", False))
        found["strip_accents"] = found["force"] = bool(saved.get("strip_accents"))
        special = saved.get("additional_special_tokens") or []
        found["special_tokens"] = [*ROLES.values(), *special]
    if full.is_file():
        saved = _saved(full)
        model = saved.get("model") or {}
        found["max_word_chars"] = model.get("max_input_chars_per_word", 100)
        if (saved.get("pre_tokenizer") or {}).get("type") == "Sequence":
            found["model"] = "char"
        found["subchar"] = {"type": "NFKD"} in (saved.get("normalizer") or {}).get("normalizers", [])
    elif subchar:
        found["subchar"] = not has_syllables(vocab)
    if lowercase is not None:
        found["lowercase"] = lowercase
    try:
        wanted = VocabOptions(**found)
    except ValidationError as error:
        raise DataError(f"{config} or {full} was altered: {error.errors()[0]['msg']}; {REMEDY}") from None
    tokens = read_vocab(vocab, wanted.max_word_chars, wanted.subchar, wanted.special_tokens)
    ids = _saved(full).get("model", {}).get("vocab") if full.is_file() else None
    if isinstance(ids, dict) and ids != {token: i for i, token in enumerate(tokens)}:
        raise DataError(
            f"{Path(vocab) / 'vocab.txt'} and {full} do not have the same entries: one was altered; {REMEDY}"
        )
    return tokens, wanted


REMEDY = "put the file back, or make the vocabulary again"


def _saved(path: Path) -> dict[str, Any]:
    """Return what a JSON file of a saved tokenizer says."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} is damaged: {error}; {REMEDY}") from None
    if not isinstance(data, dict):
        raise DataError(f"{path} is damaged: it should hold an object; {REMEDY}")
    return data


def _open_both(
    first: str | Path, second: str | Path, subchar: bool
) -> tuple[tuple[list[str], VocabOptions], tuple[list[str], VocabOptions]]:
    """Return two vocabularies, both of syllables or both of conjoining letters."""
    one, other = _open(first, None, subchar), _open(second, None, subchar)
    if one[1].subchar != other[1].subchar:
        letters, syllables = (first, second) if one[1].subchar else (second, first)
        raise DataError(
            f"{letters} is of conjoining letters (subchar), {syllables} of syllables: their entries never meet the "
            f"same words; give two of a kind"
        )
    return one, other


def merge(first: str | Path, second: str | Path, out: str | Path, subchar: bool = False) -> Merged:
    """Append to a vocabulary what it lacks of another, and save it; return how many entries came from where."""
    (old, wanted), (other, _) = _open_both(first, second, subchar)
    merged = combine.merge(old, other)
    save(make_tokenizer(merged, wanted), Path(out), wanted)
    both = len(old) + len(other) - len(merged)
    return Merged(out, len(old), len(other), both, len(merged))


def extend(
    vocab: str | Path,
    sources: Sequence[str | Path],
    out: str | Path,
    domain: str | None = None,
    n_terms: int | None = None,
    min_count: int = combine.MIN_TERM_COUNT,
    lowercase: bool | None = None,
    candidates: str = "prefixes",
    subchar: bool = False,
) -> Extended:
    """Fill unused entries of a vocabulary with terms, and save it."""
    tokens, wanted = _open(vocab, lowercase, subchar)
    if wanted.model == "char":
        raise DataError(f"{vocab} is a vocabulary of characters; it has no place for terms")
    paths = count_files(sources)
    _check_case(paths, wanted.lowercase)
    if domain is not None:
        check_domain(paths, domain)
    counted = read_counts(paths, domain)
    extension = combine.extend(tokens, counted, wanted, n_terms, min_count, candidates)
    save(make_tokenizer(extension.tokens, wanted), Path(out), wanted)
    before, after = (measure(each, counted, wanted) for each in (tokens, extension.tokens))
    return Extended(out, tuple(extension.added), before, after)


def diff(first: str | Path, second: str | Path, subchar: bool = False) -> combine.Difference:
    """Compare two vocabularies."""
    (one, _), (other, _) = _open_both(first, second, subchar)
    return combine.compare(one, other)


def pairs(first: Mapping[str, Path], second: Mapping[str, Path]) -> tuple[VocabPair, ...]:
    """Compare the vocabularies of two runs by name, whatever their kinds."""
    found = []
    for name in {**first, **second}:
        one, other = (_lines(each[name]) if name in each else [] for each in (first, second))
        both = combine.compare(one, other)
        n_both = both.n_same_id + len(both.moved)
        found.append(VocabPair(name, len(one), len(other), n_both, both.n_same_id))
    return tuple(found)


def _lines(vocab: Path) -> list[str]:
    return vocab_file(vocab).read_text(encoding="utf-8").removesuffix("\n").split("\n")


def evaluate(
    vocabs: Sequence[str | Path],
    sources: Sequence[str | Path],
    text: str = TEXT,
    lowercase: bool | None = None,
    subchar: bool = False,
) -> list[Evaluation]:
    """Measure vocabularies on word counts, domain by domain, and on texts.

    Parameters
    ----------
    vocabs : sequence of str or Path
        Files ``vocab.txt``, or folders of vocabularies.
    sources : sequence of str or Path
        Word counts as for `train`; or texts, in any format that a run reads.
    text : str
        The column, or the path in nested JSON, of the texts.
    lowercase : bool, optional
        Whether the vocabularies are of lower case; by default as their ``tokenizer_config.json`` says, cased without.
    subchar : bool
        Whether bare files without syllables are vocabularies of conjoining letters; folders say so themselves.

    Returns
    -------
    list of Evaluation
        For each source, domain and vocabulary.
    """
    read = [(str(vocab), *_open(vocab, lowercase, subchar)) for vocab in vocabs]
    results = []
    for source in sources:
        sums: dict[str, list] = defaultdict(lambda: [0] * len(read))
        for domain, counted in _counted(Path(source), text, all(wanted.lowercase for *_, wanted in read)):
            sums[domain] = [
                so_far + tally(tokens, counted, wanted) for so_far, (_, tokens, wanted) in zip(sums[domain], read)
            ]
        if not sums:
            raise DataError(f"{source} holds no words")
        for domain, of_vocabs in sorted(sums.items()):
            for (name, tokens, _), found in zip(read, of_vocabs):
                results.append(Evaluation(str(source), domain, name, len(tokens), told(found)))
    return results


def _counted(source: Path, text: str, lowercase: bool) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield domains with counts of words, a piece at a time, so that a piece is all that is held."""
    if _are_counts(source):
        paths = count_files([source])
        _check_case(paths, lowercase)
        for domains, words, counts in count_batches(paths, PIECE_ROWS):
            for domain in pc.unique(domains).to_pylist():
                mine = pc.equal(domains, domain)
                yield domain, pa.record_batch([words.filter(mine), counts.filter(mine)], [WORD, COUNT])
        return
    texts = _texts(source, text)
    while batches := list(islice(texts, 1)):
        yield "", count_texts(chain(batches, islice(texts, PIECE_BATCHES - 1)))


def _are_counts(source: Path) -> bool:
    """Tell word counts, or an output folder that has them, from texts."""
    if (source / "counts").is_dir():
        return True
    first = next(iter(sorted(source.glob("*.parquet"))), None) if source.is_dir() else source
    if first is None or first.suffix != ".parquet" or not first.is_file():
        return False
    try:
        return {WORD, COUNT} <= set(pq.read_schema(first).names)
    except (OSError, pa.ArrowInvalid) as error:
        raise DataError(f"{first} is not a Parquet file: {error}") from None


def _texts(source: Path, text: str) -> Iterator[pa.StringArray]:
    """Yield the texts of files, split by split."""
    options = ReadOptions(text=text, keep=())
    files = [file for file in find_inputs([source], options=options).files if file.n_bytes]
    if files:
        try:
            infer_schema(files, options)
        except SchemaError as error:
            raise SchemaError(f"{source}: {error}".replace("input.text", "--text")) from None
    for file in files:
        n_rows = 0
        for split, chunk, _ in all_splits(file, options):
            first = n_rows
            for block in read_split(split, chunk, pa.schema([]), options):
                if block.damage is not None:
                    raise DataError(f"{file.path} is damaged: {block.damage.why}")
                for bad in block.bad:
                    if bad.reason not in _NO_TEXT:
                        raise DataError(
                            f"{file.path}:{first + bad.row + 1}: {bad.detail or bad.reason}; mend or remove the line"
                        )
                n_rows += block.n_rows
                yield block.batch.column(TEXT)
