"""The manifest of a finished run as a small structure that the writers of reports share, with its books checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from korpus.corpus.manifest import Manifest

CLUSTER_SIZES = ((2, 2), (3, 3), (4, 9), (10, 99), (100, 999), (1000, None))
"""The classes of cluster sizes that a report shows; both ends belong to the class."""


@dataclass(frozen=True)
class Clusters:
    """The clusters that a duplicate stage found.

    Attributes
    ----------
    n : int
        How many.
    largest : tuple of int
        The sizes of the largest ones, the kept document included.
    sizes : dict of str to int
        How many clusters have how many documents, by the classes of `CLUSTER_SIZES` that occur.
    """

    n: int
    largest: tuple[int, ...]
    sizes: dict[str, int]


@dataclass(frozen=True)
class Step:
    """One step of the funnel: reading, or a stage.

    Attributes
    ----------
    kind : str
        ``read``, or the kind of the stage.
    n_in, n_out : int
        Documents that came and went on.
    bytes_in, bytes_out : int
        UTF-8 bytes of their texts; the bytes of the input files for what came to ``read``.
    n_changed : int
        Documents that an edit changed.
    n_made : int
        By how much a stage that cuts or joins documents made them more; less if negative.
    counts : dict of str to int
        Documents dropped, by reason, or tagged, by value; the most frequent first.
    edits : dict of str to int
        Pieces that an edit changed, by kind, if it tells kinds apart; the most frequent first.
    time_s : float or None
        Time spent, all processes together, when the log is known.
    source : str
        The source whose documents alone went through the step; empty for a step that all do.
    """

    name: str
    kind: str
    n_in: int
    n_out: int
    bytes_in: int
    bytes_out: int
    n_changed: int = 0
    n_made: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    edits: dict[str, int] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    examples: tuple[tuple[str, ...], ...] = ()
    clusters: Clusters | None = None
    time_s: float | None = None
    source: str = ""

    @property
    def title(self) -> str:
        """The name, after that of the source if the step is one source's own."""
        return f"{self.source}: {self.name}" if self.source else self.name

    @property
    def n_dropped(self) -> int:
        """Documents that came, or were made here, and did not go on."""
        return self.n_in + self.n_made - self.n_out

    @property
    def reasons(self) -> dict[str, int]:
        """Documents dropped, by reason."""
        return {} if self.kind == "tag" else self.counts


@dataclass(frozen=True)
class Domain:
    """What was kept of one domain; the name is empty when the corpus is not divided."""

    name: str
    n_docs: int
    text_bytes: int
    n_shards: int
    file_bytes: int


@dataclass(frozen=True)
class SourceSize:
    """What was read and kept of one named source.

    Attributes
    ----------
    n_made : int
        By how much stages that cut or join documents made them more; less if negative.
    n_duplicates : int
        How many of the documents dropped went as duplicates.
    """

    name: str
    n_files: int
    bytes_in: int
    n_in: int
    n_made: int
    n_dropped: int
    n_duplicates: int
    n_kept: int
    text_bytes: int


@dataclass(frozen=True)
class Folder:
    """One kind of output: where it is and how much there is of it."""

    path: str
    what: str
    n_files: int
    n_rows: int
    n_bytes: int


@dataclass(frozen=True)
class Summary:
    """A finished run.

    Attributes
    ----------
    steps : tuple of Step
        Reading first, then every stage of the recipe.
    by_domain : bool
        Whether the shards lie in one folder a domain.
    breaks : tuple of str
        Where the books do not add up; empty for a sound run.
    log : dict
        Times and memory; empty when not known.
    """

    name: str
    version: str
    key: str
    n_files: int
    n_rows: int
    n_blank: int
    ignored_columns: tuple[str, ...]
    steps: tuple[Step, ...]
    n_kept: int
    n_rejects: int
    text_bytes: int
    n_chars: int
    n_eojeol: int
    n_sentences: int
    sources: tuple[SourceSize, ...]
    domains: tuple[Domain, ...]
    by_domain: bool
    folders: tuple[Folder, ...]
    vocab: tuple[dict[str, Any], ...]
    warnings: tuple[str, ...]
    breaks: tuple[str, ...]
    log: dict[str, Any]

    @property
    def n_read(self) -> int:
        """Documents that were read: all that must be either kept or rejected."""
        return self.steps[0].n_in

    def __str__(self) -> str:
        """Return what `korpus show` prints."""
        from korpus.report.terminal import render

        return render(self)


def summarize(manifest: Manifest, log: dict[str, Any] | None = None) -> Summary:
    """Return the summary of a run.

    Parameters
    ----------
    manifest : Manifest
        ``manifest.json``.
    log : dict, optional
        ``log.json``: adds times and memory.
    """
    log = log or {}
    kept, rejects = manifest["kept"], manifest["rejects"]
    by_domain = any("/domain=" in shard["path"] for shard in manifest["shards"])
    steps = _steps(manifest, log)
    domains = tuple(
        Domain(name if by_domain else "", d["n_docs"], d["text_bytes"], d["n_shards"], d["file_bytes"])
        for name, d in manifest["domains"].items()
    )
    return Summary(
        name=manifest["name"],
        version=manifest["korpus"],
        key=manifest["key"],
        n_files=len(manifest["inputs"]),
        n_rows=manifest["read"]["n_rows"],
        n_blank=manifest["read"]["n_blank"],
        ignored_columns=tuple(manifest["read"]["ignored_columns"]),
        steps=steps,
        n_kept=kept["n_docs"],
        n_rejects=rejects["n_docs"],
        text_bytes=kept["text_bytes"],
        n_chars=kept["n_chars"],
        n_eojeol=kept["n_eojeol"],
        n_sentences=kept["n_sentences"],
        sources=_sources(manifest),
        domains=tuple(sorted(domains, key=lambda domain: (-domain.n_docs, domain.name))),
        by_domain=by_domain,
        folders=_folders(manifest),
        vocab=tuple(manifest["vocab"]),
        warnings=tuple(manifest["warnings"]),
        breaks=tuple(_breaks(steps, manifest)),
        log=log,
    )


def _steps(manifest: Manifest, log: dict[str, Any]) -> tuple[Step, ...]:
    read = manifest["read"]
    steps = [
        Step(
            name="read",
            kind="read",
            n_in=read["n_in"],
            n_out=read["n_out"],
            bytes_in=read["bytes_in"],
            bytes_out=read["bytes_out"],
            counts=_most_first(read["reasons"]),
        )
    ]
    # A recipe may name a stage twice, so times are handed out in order, not looked up by name.
    times = [(entry["name"], entry["time_s"]) for entry in log.get("stages", ())]
    for stage in manifest["stages"]:
        at = next((i for i, (name, _) in enumerate(times) if name == stage["name"]), None)
        steps.append(
            Step(
                name=stage["name"],
                kind=stage["kind"],
                n_in=stage["n_in"],
                n_out=stage["n_out"],
                bytes_in=stage["bytes_in"],
                bytes_out=stage["bytes_out"],
                n_changed=stage["n_changed"],
                n_made=stage.get("n_made", 0),
                counts=_most_first(stage["counts"]),
                edits=_most_first(stage.get("edits", {})),
                options=stage["options"],
                examples=tuple(tuple(example) for example in stage["examples"]),
                clusters=_clusters(stage.get("clusters")),
                time_s=None if at is None else times.pop(at)[1],
                source=stage.get("source", ""),
            )
        )
    return tuple(steps)


def _sources(manifest: Manifest) -> tuple[SourceSize, ...]:
    dedups = {stage["name"] for stage in manifest["stages"] if stage["kind"] == "dedup"}
    return tuple(
        SourceSize(
            name=name,
            n_files=source["n_files"],
            bytes_in=source["bytes_in"],
            n_in=source["n_in"],
            n_made=source["n_made"],
            n_dropped=source["n_in"] - source["n_out"] + sum(source["dropped"].values()),
            n_duplicates=sum(n for stage, n in source["dropped"].items() if stage in dedups),
            n_kept=source["kept"]["n_docs"],
            text_bytes=source["kept"]["text_bytes"],
        )
        for name, source in manifest.get("sources", {}).items()
    )


def _most_first(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _clusters(clusters: dict[str, Any] | None) -> Clusters | None:
    if not clusters:
        return None
    classes = {}
    for low, high in CLUSTER_SIZES:
        n = sum(n for size, n in clusters["sizes"].items() if low <= int(size) and (high is None or int(size) <= high))
        if n:
            classes[f"{low:,}+" if high is None else str(low) if low == high else f"{low}-{high}"] = n
    return Clusters(clusters["n"], tuple(clusters["largest"]), classes)


def _folders(manifest: Manifest) -> tuple[Folder, ...]:
    listed = (
        ("data/", "shards", manifest["shards"]),
        ("rejects/", "ledger", manifest["rejects"]["files"]),
        ("counts/", "word counts", manifest["counts"]),
    )
    return tuple(
        Folder(path, what, len(files), _sum(files, "rows"), _sum(files, "bytes"))
        for path, what, files in listed
        if files
    )


def _sum(entries: Iterable[Mapping[str, Any]], what: str) -> int:
    return sum(entry[what] for entry in entries)


def _breaks(steps: tuple[Step, ...], manifest: Manifest) -> list[str]:
    """Return a sentence for each equation between the books that does not hold."""
    n_kept, n_rejects = manifest["kept"]["n_docs"], manifest["rejects"]["n_docs"]
    n_made = sum(step.n_made for step in steps)
    left = "documents read, cut and joined" if n_made else "documents read"
    equations = [(left, steps[0].n_in + n_made, "kept + rejected", n_kept + n_rejects)]
    for step, after in pairwise(steps):
        if step.source == after.source:
            equations.append((f"documents out of {step.title}", step.n_out, f"into {after.title}", after.n_in))
    own = [step for step in steps if step.source]
    if own and not steps[-1].source:
        n_left = steps[0].n_out - sum(step.n_dropped for step in own)
        after = next(step for step in steps[1:] if not step.source)
        equations.append(("documents out of all sources", n_left, f"into {after.title}", after.n_in))
    for source in _sources(manifest):
        n_left = source.n_kept + source.n_dropped
        equations.append((f"documents of {source.name}", source.n_in + source.n_made, "kept + dropped", n_left))
    if not own or not steps[-1].source:
        equations.append((f"documents out of {steps[-1].name}", steps[-1].n_out, "kept", n_kept))
    for step in steps:
        if step.kind != "tag":
            equations.append(
                (f"documents dropped by {step.title}", step.n_dropped, "reasons", sum(step.counts.values()))
            )
    equations.append(("documents kept", n_kept, "in all domains", _sum(manifest["domains"].values(), "n_docs")))
    equations.append(("documents kept", n_kept, "rows of all shards", _sum(manifest["shards"], "rows")))
    equations.append(
        ("documents rejected", n_rejects, "rows of the ledger", _sum(manifest["rejects"]["files"], "rows"))
    )
    return [f"{left} {a:,} ≠ {right} {b:,}" for left, a, right, b in equations if a != b]
