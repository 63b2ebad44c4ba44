"""The dataset card: ``README.md`` of an output folder, as the Hugging Face Hub and its `datasets` library read it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from korpus.figures import percent, size, visible
from korpus.report.summary import Summary
from korpus.report.vocab import LEGEND, facts

if TYPE_CHECKING:
    from korpus.corpus.manifest import Manifest

_DEFAULT = "default"
_SIZE_NAMES = ("1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T")


def render(summary: Summary, manifest: Manifest) -> str:
    """Return the card as Markdown with YAML front matter.

    Parameters
    ----------
    summary : Summary
        Of the run; times are not used, so that the same run gives the same card.
    manifest : Manifest
        The manifest that `summary` was made from.
    """
    s = summary
    parts = [
        f"---\n{to_yaml(_front_matter(s, manifest))}---",
        f"# {_md(s.name)}",
        f"{s.n_kept:,} documents of Korean text, made with korpus {s.version} from {s.n_read:,} documents "
        f"({percent(s.n_kept, s.n_read)} kept): {size(s.text_bytes)} of UTF-8, {s.n_chars:,} characters, "
        f"{s.n_eojeol:,} eojeol, {s.n_sentences:,} sentences. `manifest.json` holds the exact recipe, the inputs and "
        "the digests of all files, `report.html` shows what each stage did.",
        *(f"> **Does not add up:** {_md(why)}" for why in s.breaks),
        *(f"> **Warning:** {_md(warning)}" for warning in s.warnings),
        "The licence is that of the sources: state it here before you publish.",
    ]
    rows: list[tuple[str, ...]]
    if s.sources:
        rows = [(_code(x.name), f"{x.n_in:,}", f"{x.n_kept:,}", size(x.text_bytes)) for x in s.sources]
        parts += ["## Sources", _table(("source", "documents read:", "kept:", "text:"), rows)]
    if s.by_domain:
        rows = [(_code(d.name), f"{d.n_docs:,}", size(d.text_bytes), f"{d.n_shards:,}") for d in s.domains]
        parts += ["## Domains", _table(("domain", "documents:", "text:", "shards:"), rows)]
    rows = [(_code(name), _code(dtype)) for name, dtype in manifest["columns"].items()]
    parts += ["## Columns", _table(("column", "type"), rows)]
    parts += ["## How to load it", "`out` stands for the path of this folder."]
    parts += [f"```{language}\n{code}\n```" for language, code in snippets(s)]
    parts += ["## What was done", _stages(s)]
    parts += ["## What was dropped, and why", _reasons(s)]
    if s.vocab:
        rows = [(_code(v["path"]), *facts(v).values()) for v in s.vocab]
        parts += ["## Vocabularies", _table(("folder", *facts(s.vocab[0])), rows), LEGEND]
        parts.append("`transformers.AutoTokenizer.from_pretrained` and `tokenizers.Tokenizer.from_file` load them.")
    return "\n\n".join(parts) + "\n"


def snippets(summary: Summary) -> list[tuple[str, str]]:
    """Return code that loads the corpus from the folder ``out``: pairs of language and code.

    Parameters
    ----------
    summary : Summary
        Says whether there are domains to choose from.
    """
    one = next((_config_name(domain.name) for domain in summary.domains), "") if summary.by_domain else ""
    load = 'from datasets import load_dataset\n\ncorpus = load_dataset("out", split="train")'
    if one:
        load += f'\nof_one_domain = load_dataset("out", {json.dumps(visible(one), ensure_ascii=False)}, split="train")'
    return [
        ("python", load),
        (
            "python",
            "import pyarrow.dataset\n\n"
            'corpus = pyarrow.dataset.dataset("out/data", partitioning="hive")\n'
            'for batch in corpus.to_batches(columns=["text"]):\n    ...',
        ),
        ("sql", f"-- DuckDB\nSELECT text FROM read_parquet('out/data/{'*/*' if one else '*'}.parquet') LIMIT 10;"),
        ("python", '# Spark\ncorpus = spark.read.parquet("out/data")'),
    ]


def to_yaml(data: Any, inline: bool = False) -> str:
    """Return plain data as YAML, in its own order; with `inline`, on one line."""
    import yaml

    text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, default_flow_style=inline, width=float("inf"))
    return text.strip() if inline else text


def _front_matter(s: Summary, manifest: Manifest) -> dict[str, Any]:
    folders: dict[str, str] = {}
    for shard in manifest["shards"]:
        folders.setdefault(shard["domain"], shard["path"].rpartition("/")[0])
    whole = "data/*/*.parquet" if s.by_domain else "data/*.parquet"
    configs = [_config(_DEFAULT, whole) | {"default": True}]
    if s.by_domain:
        configs += [_config(_config_name(domain), f"{folder}/*.parquet") for domain, folder in sorted(folders.items())]
    return {
        "language": ["ko"],
        "pretty_name": s.name,
        "size_categories": [_size_category(s.n_kept)],
        "task_categories": ["text-generation", "fill-mask"],
        "tags": ["korean", "pretraining", "korpus"],
        "configs": configs,
    }


def _config(name: str, files: str) -> dict[str, Any]:
    return {"config_name": name, "data_files": [{"split": "train", "path": files}]}


def _config_name(domain: str) -> str:
    return f"domain={domain}" if domain == _DEFAULT else domain


def _size_category(n: int) -> str:
    """Return the Hub's name of a number of documents: ``100K<n<1M``."""
    at = next((i for i in range(len(_SIZE_NAMES)) if n < 1000 * 10**i), len(_SIZE_NAMES))
    if at == 0:
        return f"n<{_SIZE_NAMES[0]}"
    return f"n>{_SIZE_NAMES[-1]}" if at == len(_SIZE_NAMES) else f"{_SIZE_NAMES[at - 1]}<n<{_SIZE_NAMES[at]}"


def _stages(s: Summary) -> str:
    rows: list[tuple[str, ...]] = [
        (
            _code(step.title),
            f"{step.n_in:,}",
            f"{step.n_changed:,}" if step.kind == "edit" else "",
            f"{step.n_dropped:,}",
            f"{step.n_out:,}",
            _code(to_yaml(step.options, inline=True)) if step.options else "",
        )
        for step in s.steps
    ]
    return _table(("stage", "in:", "changed:", "dropped:", "out:", "options"), rows)


def _reasons(s: Summary) -> str:
    rows: list[tuple[str, ...]] = [
        (_code(step.title), _code(reason), f"{n:,}", percent(n, s.n_read))
        for step in s.steps
        for reason, n in step.reasons.items()
    ]
    ledger = (
        f"Every one of the {s.n_rejects:,} rejected documents is in the ledger, `rejects/*.parquet`, with its path, "
        "row, stage and reason; a duplicate also names the document that was kept and the similarity to it."
    )
    return _table(("stage", "reason", "documents:", "of input:"), rows) + "\n\n" + ledger if rows else "Nothing."


def _table(titles: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a table; the columns whose title ends in a colon are aligned to the right."""
    rule = ["---:" if title.endswith(":") else "---" for title in titles]
    lines = [[title.rstrip(":") for title in titles], rule, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _code(text: str) -> str:
    """Return `text` as a code span that stays in its cell of a table; a span cannot hold a backtick."""
    return f"`{visible(text).replace('`', chr(39)).replace('|', chr(92) + '|')}`"


def _md(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", visible(text))
