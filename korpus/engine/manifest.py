"""The manifest: what was done, to what, with what result, added up from the books of all splits.

It holds nothing that may differ from run to run (no times, no worker counts, no machine): those are in ``log.json``.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any, TypedDict

from korpus._version import __version__
from korpus.chain import N_EXAMPLES, StageBook
from korpus.corpus.manifest import FORMAT
from korpus.figures import plural, told, told_passed_over
from korpus.figures import size as shown_size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from korpus.corpus.manifest import File, Manifest, Occasional
    from korpus.engine.done import Done
    from korpus.io.readers import Damage, InputFile
    from korpus.plan import Plan
    from korpus.stage import Stage


class Written(TypedDict):
    """What was written: descriptions of the files; and the digests of the inputs, in their order."""

    shards: list[File]
    rejects: list[File]
    counts: list[File]
    digests: list[str]


def stage_books(plan: Plan, passes: list[list[Done]]) -> list[StageBook]:
    """Add up the books of each stage of the plan, in its order.

    Parameters
    ----------
    plan : Plan
    passes : list of list of Done
        The statistics of each split, of each pass, as the scans left them.
    """
    books = []
    for number, source in enumerate(plan.sources):
        mine = _of_source(plan, passes[0], number)
        books += [_book(stage, [done.own[position] for done in mine]) for position, stage in enumerate(source.stages)]
    for pass_, splits in zip(plan.passes, passes):
        sketched = (pass_.group,) if pass_.group else ()
        for group, stages in (("before", pass_.before), ("chain", pass_.chain), ("group", sketched)):
            for position, stage in enumerate(stages):
                books.append(_book(stage, [getattr(done, group)[position] for done in splits]))
    return books


def _of_source(plan: Plan, splits: list[Done], number: int) -> list[Done]:
    return [done for done in splits if plan.of_source[done.file] == number]


def _book(stage: Stage, of_splits: list[StageBook]) -> StageBook:
    book = StageBook(stage.name, stage.kind)
    for each in of_splits:
        book.add(each)
    return book


def stage_times(plan: Plan, passes: list[list[Done]]) -> list[dict[str, Any]]:
    """Return the seconds each stage took, all processes together; reading comes first."""
    times = [{"name": "read", "time_s": round(sum(done.entry.time_s for done in passes[0]), 3)}]
    sketched = [
        sum(done.sketch_s[position] for done in splits)
        for pass_, splits in zip(plan.passes, passes)
        for position in range(len(pass_.sketched))
    ]
    for book in stage_books(plan, passes):
        seconds = book.time_s + (sketched.pop(0) if book.kind in ("dedup", "group") else 0)
        times.append({"name": book.name, "time_s": round(seconds, 3)})
    return times


READ = ("n_rows", "n_blank", "n_in", "n_out", "bytes_out", "n_bad")
"""What is counted while documents are read."""


def _read(plan: Plan, splits: list[Done]) -> dict[str, Any]:
    total = {key: sum(getattr(done.entry, key) for done in splits) for key in READ}
    reasons: Counter = Counter()
    for done in splits:
        reasons.update(done.entry.reasons)
    examples = [example for done in splits for example in done.entry.examples]
    return {
        **total,
        "bytes_in": sum(file.n_bytes for file in plan.files),
        "reasons": dict(sorted(reasons.items())),
        "misfits": _misfits(splits),
        "ignored_columns": sorted({name for done in splits for name in done.entry.ignored}),
        "examples": examples[:N_EXAMPLES],
    }


def _stages(plan: Plan, books: list[StageBook], resolved: list[list[dict]]) -> list[dict[str, Any]]:
    found = iter([result for results in resolved for result in results])
    owners = [source.name for source in plan.sources for _ in source.stages]
    entries = []
    for i, (stage, book) in enumerate(zip(plan.stages, books)):
        entry = {"name": book.name, "kind": book.kind, "options": stage.model_dump(), **vars(book)}
        if i < len(owners):
            entry["source"] = owners[i]
        del entry["time_s"]
        entry |= {name: dict(sorted(getattr(book, name).items())) for name in ("counts", "edits")}
        if book.kind in ("dedup", "group"):
            entry |= next(found)
        entries.append(entry)
    return entries


def _domains(splits: list[Done], shards: list[File]) -> dict[str, dict[str, int]]:
    domains: dict[str, Counter] = {}
    for done in splits:
        for domain, size in done.domains.items():
            domains.setdefault(domain, Counter()).update(size)
    for shard in shards:
        domains[shard["domain"]].update({"n_shards": 1, "file_bytes": shard["bytes"]})
    return {name or "all": dict(domains[name]) for name in sorted(domains)}


def _sources(plan: Plan, passes: list[list[Done]]) -> dict[str, dict[str, Any]]:
    """Return what was read, dropped and kept of each named source."""
    sources: dict[str, dict[str, Any]] = {}
    for number, source in enumerate(plan.sources):
        if not source.name:
            continue
        mine = [_of_source(plan, splits, number) for splits in passes]
        dropped: Counter = Counter()
        n_made = 0
        for done in (done for splits in mine for done in splits):
            for book in done.books():
                n_made += book.n_made
                dropped[book.name] += sum(book.counts.values()) if book.kind != "tag" else 0
        kept: Counter = Counter()
        for done in mine[-1]:
            for size in done.domains.values():
                kept.update(size)
        sources[source.name] = {
            "n_files": plan.of_source.count(number),
            "bytes_in": sum(file.n_bytes for file in plan.files if plan.of_source[file.index] == number),
            "n_in": sum(done.entry.n_in for done in mine[0]),
            "n_out": sum(done.entry.n_out for done in mine[0]),
            "bytes_out": sum(done.entry.bytes_out for done in mine[0]),
            "n_made": n_made,
            "dropped": {name: n for name, n in dropped.items() if n},
            "kept": {key: kept[key] for key in SIZES},
        }
    return sources


SIZES = ("n_docs", "text_bytes", "n_chars", "n_eojeol", "n_sentences")
"""What is counted of the documents that are kept."""


def told_damage(file: InputFile, damage: Damage) -> str:
    """Return a sentence about a damaged file: how far it was read, and why no further."""
    if damage.whole:
        return f"{file.path} was read to its end, but {damage.why}"
    return f"{file.path} was read up to {shown_size(damage.n_read)} of {shown_size(file.n_bytes)}: {damage.why}"


def _misfits(splits: list[Done]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for done in splits:
        for column, (n, example) in done.entry.misfits.items():
            found.setdefault(column, {"n": 0, "first": example})["n"] += n
    return dict(sorted(found.items()))


def manifest(
    plan: Plan,
    passes: list[list[Done]],
    resolved: list[list[dict]],
    written: Written,
    vocab: list[dict],
    damages: Mapping[int, Damage],
) -> Manifest:
    """Return the manifest of a run.

    Parameters
    ----------
    plan : Plan
    passes : list of list of Done
        The statistics of each split, of each pass.
    resolved : list of list of dict
        For each pass that ended in duplicate stages, what they found.
    written : Written
    vocab : list of dict
        Descriptions of the vocabularies.
    damages : mapping of int to Damage
        What could not be read of each damaged file, by its number.
    """
    recipe = plan.recipe.filled()
    # What may differ between runs of the same output stands in the log.
    del recipe["engine"], recipe["output"]["path"]
    for number, source in enumerate(plan.sources):
        given = recipe["sources"][source.name] if source.name else recipe["input"]
        given["paths"] = [str(file.path) for file in plan.files if plan.of_source[file.index] == number]
    first = passes[0]
    n_splits = Counter(done.file for done in first)
    n_rows: Counter = Counter()
    for done in first:
        n_rows[done.file] += done.entry.n_rows
    inputs = [
        {
            "path": str(file.path),
            **({"source": plan.source(file.index).name} if plan.recipe.sources else {}),
            "format": file.format,
            "compression": file.compression,
            "n_bytes": file.n_bytes,
            "digest": digest,
            "n_splits": n_splits[file.index],
            "n_rows": n_rows[file.index],
            **({"damage": vars(damages[file.index])} if file.index in damages else {}),
        }
        for file, digest in zip(plan.files, written["digests"])
    ]
    read = _read(plan, first)
    warnings = list(plan.warnings)
    damaged = [told_damage(plan.files[file], damage) for file, damage in sorted(damages.items())]
    n_files = plural(len(plan.files), "input file")
    warnings += told(damaged, f"{len(damaged):,} of {n_files} {'is' if len(damaged) == 1 else 'are'} damaged")
    warnings += told_passed_over(plan.passed_over)
    empty = [file.path for file in plan.files if file.n_bytes and not n_rows[file.index] and file.index not in damages]
    warnings += told(empty, "these files hold no documents")
    for column, found in read["misfits"].items():
        warnings.append(
            f"{plural(found['n'], 'value')} of the column {column} did not fit its type and became null, or lost what "
            f"did not fit, the first: {found['first']}"
        )
    if read["ignored_columns"]:
        warnings.append(
            f"these columns were not carried along, since they appear only later in the input or have no name of their "
            f"own: {', '.join(read['ignored_columns'])}; name them under input.keep"
        )
    warnings += [warning for results in resolved for result in results for warning in result["warnings"]]
    domains = _domains(passes[-1], written["shards"])
    kept: Counter = Counter()
    for size in domains.values():
        kept.update({key: size[key] for key in SIZES})
    versions = {"korpus": __version__, **{stage.name: stage.version for stage in plan.stages}}
    what = json.dumps([FORMAT, recipe, versions, written["digests"]], sort_keys=True, ensure_ascii=False)
    sources: Occasional = {"sources": _sources(plan, passes)} if plan.recipe.sources else {}
    return {
        "korpus": __version__,
        "format": FORMAT,
        "name": plan.recipe.name,
        "key": hashlib.sha256(what.encode()).hexdigest(),
        "recipe": recipe,
        "versions": versions,
        "inputs": inputs,
        "passed_over": [{"path": path, "why": why} for path, why in plan.passed_over],
        **sources,
        "columns": {field.name: str(field.type) for field in plan.schema},
        "read": read,
        "stages": _stages(plan, stage_books(plan, passes), resolved),
        "kept": {key: kept[key] for key in SIZES},
        "rejects": {"n_docs": sum(file["rows"] for file in written["rejects"]), "files": written["rejects"]},
        "domains": domains,
        "shards": written["shards"],
        "counts": written["counts"],
        "vocab": vocab,
        "warnings": warnings,
    }
