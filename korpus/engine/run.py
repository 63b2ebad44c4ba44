"""How a plan is carried out, whatever the engine: passes, resolutions, shards, ledger, counts, vocabularies.

Every step first looks at what an earlier, killed run has left finished and does only the rest.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from korpus.corpus.layout import Layout, folder_names
from korpus.engine import scan, write
from korpus.engine.bad_ratio import BadRatio
from korpus.engine.exchange import gathered
from korpus.engine.intake import Intake, call
from korpus.engine.job import Job
from korpus.engine.join import join_documents
from korpus.engine.manifest import manifest, stage_times
from korpus.engine.resolve import resolve, tidy
from korpus.engine.resume import empty_work, finished_splits, prepare, sweep
from korpus.engine.rows import first_rows
from korpus.errors import KorpusError, ResumeError
from korpus.io.atomic import (
    explained,
    finished_files,
    read_mark,
    read_whole,
    remove,
    sealed,
    sync_folders,
    write_mark,
    write_sealed,
    write_text,
)
from korpus.io.location import is_remote
from korpus.io.place import made_here, place
from korpus.io.readers import Damage
from korpus.io.shards import Rows, Shard, cut
from korpus.machine import peak_rss_bytes
from korpus.progress import Progress
from korpus.report.summary import summarize

if TYPE_CHECKING:
    from korpus.corpus.manifest import File, Manifest
    from korpus.engine.done import Done
    from korpus.engine.executor import Executor
    from korpus.engine.manifest import Written
    from korpus.plan import Pass, Plan

NONE_KEPT = "no document was kept: everything was rejected; the funnel (korpus show) says by which stage"


class Run:
    """One run of a plan into a folder.

    Parameters
    ----------
    plan : Plan
    out : Path
        The output folder.
    engine : Executor
        Does the work.
    quiet : bool
        Whether to show no progress even on a terminal.
    """

    def __init__(self, plan: Plan, out: Path, engine: Executor, quiet: bool = False):
        self.plan = plan
        self.layout = Layout(place(out))
        self.job = Job(plan, self.layout)
        self.engine = engine
        self.engine.give(plan, self.layout)
        self.progress = Progress(quiet)
        self.steps: list[dict] = []
        self.damages: dict[int, Damage] = {}

    def __call__(self, fresh: bool = False) -> Manifest:
        """Carry the plan out; return the manifest. The lock of the folder is the caller's (`korpus.io.lock`).

        Parameters
        ----------
        fresh : bool
            Whether to remove what an earlier run has left in the folder.
        """
        try:
            finished = prepare(self.layout, self.plan, fresh)
            if finished:
                return finished
            with self.engine:
                result = self._everything()
            empty_work(self.layout)
            if not self.engine.near:
                sweep(self.layout)  # machines that were lost have left halves of files
        except OSError as error:
            raise explained(error, Path(error.filename or self.layout.out)) from error
        return result

    def _everything(self) -> Manifest:
        started = datetime.now(timezone.utc)
        clock = time.perf_counter()
        self._warm_up()
        digests = self._digests_here()
        passes, resolved = self._passes()
        data: Written = {
            "shards": self._shards(passes[-1]),
            "rejects": self._ledger(self._rows(passes[0]), passes),
            "counts": self._counts(),
            "digests": self._digests(digests),
        }
        vocab = self._vocabularies(data)
        result = manifest(self.plan, passes, resolved, data, vocab, self.damages)
        if breaks := summarize(result).breaks:
            raise KorpusError(
                f"the books of this run do not add up, which is a fault of korpus: {'; '.join(breaks)}; nothing in "
                f"{self.layout.out} is to be trusted"
            )
        if not result["kept"]["n_docs"]:
            result["warnings"].append(NONE_KEPT)
        result = cast("Manifest", sealed(result))
        self._report(result, started, time.perf_counter() - clock, passes)
        return result

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        clock = time.perf_counter()
        yield
        self.steps.append({"name": name, "wall_s": round(time.perf_counter() - clock, 3)})

    def _map(self, function: Callable, items: list, what: str) -> list:
        return list(self.progress.over(self.engine.map(function, items), len(items), what))

    def _warm_up(self) -> None:
        with self._step("warm up"):
            self.engine.warm_up(scan.warm_up, self.plan.stages)

    # The passes over the documents.

    def _passes(self) -> tuple[list[list[Done]], list[list[dict]]]:
        passes: list[list[Done]] = []
        resolved: list[list[dict]] = []
        for pass_ in self.plan.passes:
            before = passes[-1] if passes else None
            with self._step(f"pass {pass_.number + 1}"):
                splits = self._pass(pass_, before)
                if (
                    pass_.group
                    and self.layout.resolved(pass_.number).exists()
                    and not all(done.joined for done in splits)
                ):
                    # One that was damaged cannot be joined alone, as the runs of all are gone.
                    remove(self.layout.pass_dir(pass_.number))
                    splits = self._pass(pass_, before)
            passes.append(splits)
            if not pass_.last:
                with self._step(f"resolve {pass_.number + 1}"):
                    resolved.append(self._resolve(pass_, splits))
        return passes, resolved

    def _pass(self, pass_: Pass, before: list[Done] | None) -> list[Done]:
        finished = finished_splits(self.layout, pass_, self.plan.corpus_key, self._map)
        bad = BadRatio(self.plan)
        if before is None:
            with self.progress.bytes(sum(file.n_bytes for file in self.plan.files), "pass 1") as bar:
                intake = Intake(self.job, finished, bad, bar, self.engine.near)
                for result in self.engine.run(call, intake.tasks()):
                    intake.take(result)
                    bad.check(finished)
            bad.check(finished)
            bad.judge(at_end=True)
            self.damages = bad.damages
        else:
            with self.progress.bytes(sum(done.n_units for done in before), f"pass {pass_.number + 1}") as bar:
                bar.update(sum(done.n_units for done in finished.values()))
                waiting = [done for done in before if done.key not in finished]
                jobs = ((self.job, pass_.number, scan.part_of(done), None, done.n_units) for done in waiting)
                for done in self.engine.run(scan.scan_split, jobs):
                    finished[done.key] = done
                    bar.update(done.n_units)
        return [finished[key] for key in sorted(finished)]

    def _resolve(self, pass_: Pass, splits: list[Done]) -> list[dict]:
        mark, number = self.layout.resolved(pass_.number), pass_.number
        if not mark.exists():
            decide = resolve if pass_.group is None else join_documents
            found = decide(self.job, pass_, splits, self.engine.workers_per_machine, self._map)
            verdicts = [self.layout.verdicts(number, position) for position in range(len(pass_.sketched))]
            write_mark(mark, found, self.plan.corpus_key, [self.layout.references(number), *verdicts], durable=True)
        tidy(self.job, pass_)
        return read_mark(mark)

    # What is written for the user.

    def _rows(self, splits: list[Done]) -> list[Rows]:
        return [Rows(*row) for row in first_rows(self.plan, splits)]

    def _shards(self, splits: list[Done]) -> list[File]:
        parts = self.layout.parts(len(self.plan.passes) - 1)
        limit = self.plan.recipe.output.shard_bytes
        shards: list[Shard] = []
        pieces: dict[str, list[tuple[Path, int, int]]] = {domain: [] for done in splits for domain in done.domains}
        for done in splits:
            for i, (domain, n_bytes) in enumerate(done.batches):
                pieces[domain].append((parts / f"{done.name}.arrow", i, n_bytes))
        for domain, name in folder_names(sorted(pieces)).items():
            folder = self.layout.data_dir(name if self.plan.has_domains else None).relative_to(self.layout.out)
            for number, (start, stop) in enumerate(cut([n_bytes for *_, n_bytes in pieces[domain]], limit)):
                mine = tuple((path, i) for path, i, _ in pieces[domain][start:stop])
                shards.append(Shard(f"{folder.as_posix()}/part-{number:05d}.parquet", domain, mine))
        with self._step("write shards"):
            return self._written(write.write_shard, [(shard.path, shard) for shard in shards], "writing")

    def _ledger(self, rows: list[Rows], passes: list[list[Done]]) -> list[File]:
        folders = tuple(self.layout.rejects(pass_.number) for pass_ in self.plan.passes)
        sizes = [sum(done.reject_bytes for done in of_split) for of_split in zip(*passes)]
        groups = [
            (f"rejects/part-{i:05d}.parquet", (tuple(rows[start:stop]), folders))
            for i, (start, stop) in enumerate(cut(sizes, self.plan.recipe.output.shard_bytes))
        ]
        with self._step("write ledger"):
            return self._written(write.write_ledger, groups, "ledger")

    def _counts(self) -> list[File]:
        if not (self.plan.recipe.output.counts or self.plan.recipe.vocab):
            return []
        spills = finished_files(self.layout.word_spills, "*.arrow")
        with self._step("exchange words"):
            paths = gathered(spills, self._map, self.plan.corpus_key)
        groups = [(f"counts/part-{p:05d}.parquet", (paths, p)) for p in range(self.plan.n_partitions)]
        with self._step("count words"):
            return self._written(write.write_counts, groups, "counts")

    def _written(self, function: Callable, files: list[tuple[str, Any]], what: str) -> list[File]:
        """Write the files that an earlier run has not, and return the description of each."""
        marks = self.layout.work / "written"
        items = [(self.job, path, what_in_it, marks / f"{path.replace('/', '+')}.json") for path, what_in_it in files]
        return [described for described in self._map(function, items, what) if described["rows"]]

    def _digests_here(self) -> dict[str, str]:
        """Return the digests of the inputs on this machine, taken before anything is read.

        When a run goes on they are taken again: what was changed in between, even if its size and its time are the
        same, would make a corpus of two inputs. What lies elsewhere has a tag of its store, which is in the key.
        """
        mark = self.layout.work / "digests.json"
        here = [file for file in self.plan.files if not is_remote(file.path)]
        known = read_whole(mark, self.plan.corpus_key)
        with self._step("digest inputs"):
            digests = self._map(write.digest, [file.path for file in here], "digests")
        found = {str(file.index): digest for file, digest in zip(here, digests)}
        if known is None:
            write_mark(mark, found, self.plan.corpus_key)
        elif known != found:
            changed = next(file.path for file in here if known.get(str(file.index)) != found[str(file.index)])
            raise ResumeError(
                f"{changed} was changed while the run was stopped, though its size and time are the same; give the "
                f"same command with --fresh to start anew, or put the file back"
            )
        return found

    def _digests(self, here: dict[str, str]) -> list[str]:
        missing = [file for file in self.plan.files if str(file.index) not in here]
        found = dict(here)
        if missing:
            with self._step("digest inputs elsewhere"):
                digests = self._map(write.digest, [file.path for file in missing], "digests")
            found |= {str(file.index): digest for file, digest in zip(missing, digests)}
        return [found[str(file.index)] for file in self.plan.files]

    def _vocabularies(self, data: Written) -> list[dict]:
        if self.plan.recipe.vocab is None or not data["counts"]:
            return []
        from korpus.vocab.train import train_vocabularies

        n_docs: Counter = Counter()
        for shard in data["shards"]:
            n_docs[shard["domain"]] += shard["rows"]
        counts = [self.layout.out / file["path"] for file in data["counts"]]
        with self._step("train vocabularies"), made_here(self.layout.out / "vocab", counts) as (folder, here):
            return train_vocabularies(here, folder, self.plan.recipe.vocab, n_docs, self.progress)

    def _report(self, result: Manifest, started: datetime, wall_s: float, passes: list[list[Done]]) -> None:
        from korpus.report import card, html, summary

        log = {
            "key": self.plan.key,
            "started": started.isoformat(timespec="seconds"),
            "finished": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "wall_s": round(wall_s, 3),
            "workers": self.engine.workers,
            "passes": self.steps,
            "stages": stage_times(self.plan, passes),
            "peak_rss_bytes": peak_rss_bytes(),
        }
        told = summary.summarize(result)
        write_text(self.layout.out / "report.html", html.render(told, result), durable=True)
        write_text(self.layout.out / "README.md", card.render(told, result), durable=True)
        write_sealed(self.layout.log, log, durable=True)
        sync_folders(self.layout.out, self.layout.work)
        write_sealed(self.layout.manifest, result, durable=True)
