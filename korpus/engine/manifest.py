"""The manifest: what was done, to what, with what result, added up from the books of all splits.

It holds nothing that may differ from run to run (no times, no worker counts, no machine): those are in ``log.json``.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from korpus._version import __version__
from korpus.pipeline import N_EXAMPLES, StageBook
from korpus.plan import FORMAT

if TYPE_CHECKING:
    from korpus.plan import Plan


def stage_books(plan: Plan, passes: list[list[dict]]) -> list[StageBook]:
    """Add up the books of each stage of the recipe, in its order.

    Parameters
    ----------
    plan : Plan
    passes : list of list of dict
        The statistics of each split, of each pass, as the scans left them.
    """
    books = []
    for pass_, splits in zip(plan.passes, passes):
        for group, stages in (("before", pass_.before), ("chain", pass_.chain)):
            for position, stage in enumerate(stages):
                book = StageBook(stage.name, stage.kind)
                for done in splits:
                    book.add(StageBook(**done[group][position]))
                books.append(book)
    return books


def stage_times(plan: Plan, passes: list[list[dict]]) -> list[dict[str, Any]]:
    """Return the seconds each stage took, all processes together; reading comes first."""
    times = [{"name": "read", "time_s": round(sum(done["read_s"] for done in passes[0]), 3)}]
    sketched = [
        sum(done["sketch_s"][position] for done in splits)
        for pass_, splits in zip(plan.passes, passes)
        for position in range(len(pass_.dedups))
    ]
    for book in stage_books(plan, passes):
        seconds = book.time_s + (sketched.pop(0) if book.kind == "dedup" else 0)
        times.append({"name": book.name, "time_s": round(seconds, 3)})
    return times


def _read(plan: Plan, splits: list[dict]) -> dict[str, Any]:
    total = {key: sum(done["read"][key] for done in splits) for key in splits[0]["read"]}
    reasons: Counter = Counter()
    for done in splits:
        reasons.update(done["reasons"])
    examples = [example for done in splits for example in done["examples"]]
    return {
        **total,
        "bytes_in": sum(file.n_bytes for file in plan.files),
        "reasons": dict(sorted(reasons.items())),
        "ignored_columns": sorted({name for done in splits for name in done["ignored"]}),
        "examples": examples[:N_EXAMPLES],
    }


def _stages(plan: Plan, books: list[StageBook], resolved: list[list[dict]]) -> list[dict[str, Any]]:
    found = iter([result for results in resolved for result in results])
    entries = []
    for stage, book in zip(plan.recipe.stages, books):
        entry = {"name": book.name, "kind": book.kind, "options": stage.model_dump(), **vars(book)}
        del entry["time_s"]
        entry |= {name: dict(sorted(getattr(book, name).items())) for name in ("counts", "edits")}
        if book.kind == "dedup":
            entry |= next(found)
        entries.append(entry)
    return entries


def _domains(splits: list[dict], shards: list[dict]) -> dict[str, dict[str, int]]:
    domains: dict[str, Counter] = {}
    for done in splits:
        for domain, size in done["domains"].items():
            domains.setdefault(domain, Counter()).update(size)
    for shard in shards:
        domains[shard["domain"]].update({"n_shards": 1, "file_bytes": shard["bytes"]})
    return {name or "all": dict(domains[name]) for name in sorted(domains)}


def manifest(
    plan: Plan, passes: list[list[dict]], resolved: list[list[dict]], written: dict[str, list], vocab: list[dict]
) -> dict[str, Any]:
    """Return the manifest of a run.

    Parameters
    ----------
    plan : Plan
    passes : list of list of dict
        The statistics of each split, of each pass.
    resolved : list of list of dict
        For each pass that ended in duplicate stages, what they found.
    written : dict
        Descriptions of the ``shards``, ``rejects`` and ``counts`` files, and the ``digests`` of the inputs.
    vocab : list of dict
        Descriptions of the vocabularies.
    """
    recipe = plan.recipe.filled()
    # What may differ between runs of the same output stands in the log.
    del recipe["engine"], recipe["output"]["path"]
    recipe["input"]["paths"] = [file.path for file in plan.files]
    first = passes[0]
    n_splits = Counter(done["split"][0] for done in first)
    n_rows: Counter = Counter()
    for done in first:
        n_rows[done["split"][0]] += done["read"]["n_rows"]
    inputs = [
        {
            "path": file.path,
            "format": file.format,
            "compression": file.compression,
            "n_bytes": file.n_bytes,
            "digest": digest,
            "n_splits": n_splits[file.index],
            "n_rows": n_rows[file.index],
        }
        for file, digest in zip(plan.files, written["digests"])
    ]
    read = _read(plan, first)
    warnings = list(plan.warnings)
    if read["ignored_columns"]:
        warnings.append(
            f"these columns appear only later in the input and were not carried along: "
            f"{', '.join(read['ignored_columns'])}; name them under input.keep"
        )
    warnings += [warning for results in resolved for result in results for warning in result["warnings"]]
    domains = _domains(passes[-1], written["shards"])
    kept: Counter = Counter()
    for size in domains.values():
        kept.update({key: size[key] for key in ("n_docs", "text_bytes", "n_chars", "n_eojeol")})
    versions = {"korpus": __version__, **{stage.name: stage.version for stage in plan.recipe.stages}}
    what = json.dumps([FORMAT, recipe, versions, written["digests"]], sort_keys=True, ensure_ascii=False)
    return {
        "korpus": __version__,
        "format": FORMAT,
        "name": plan.recipe.name,
        "key": hashlib.sha256(what.encode()).hexdigest(),
        "recipe": recipe,
        "versions": versions,
        "inputs": inputs,
        "columns": {field.name: str(field.type) for field in plan.schema},
        "read": read,
        "stages": _stages(plan, stage_books(plan, passes), resolved),
        "kept": {key: kept[key] for key in ("n_docs", "text_bytes", "n_chars", "n_eojeol")},
        "rejects": {"n_docs": sum(file["rows"] for file in written["rejects"]), "files": written["rejects"]},
        "domains": domains,
        "shards": written["shards"],
        "counts": written["counts"],
        "vocab": vocab,
        "warnings": warnings,
    }
