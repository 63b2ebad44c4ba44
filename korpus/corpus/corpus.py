"""A finished corpus as an object: its manifest, and its documents, rejects, counts and vocabularies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from korpus.batch import DOMAIN
from korpus.corpus.layout import Layout
from korpus.corpus.manifest import REMEDY, Manifest, checked, require_whole
from korpus.errors import DataError, did_you_mean
from korpus.io.atomic import unsealed
from korpus.io.location import child, is_remote, located
from korpus.io.opening import RemoteFile, open_input
from korpus.io.stores import explained, store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from korpus.corpus.manifest import File
    from korpus.io.location import Location

BATCH_ROWS = 8192
ALL = "all"
"""What a corpus without domains is called where domains are named."""
MANIFEST, LOG, UNFINISHED = "manifest.json", "log.json", ".korpus"


def content(out: Path | str, name: str) -> bytes | None:
    """Return the content of a file of an output folder, here or elsewhere; None if it is not there."""
    path: Location | Path
    if is_remote(out):
        path = child(out, name)
        with explained(path):
            _, file = store(path).find(path)
        if file is None:
            return None
    else:
        path = Path(out) / name
        if not path.is_file():
            return None
    with open_input(path) as source:
        return source.read()


def sealed_content(out: Path | str, name: str, remedy: str = REMEDY) -> dict[str, Any] | None:
    """Return what a JSON file of an output folder says, which has its checksum; None if it is not there.

    Raises
    ------
    DataError
        If it was cut or altered.
    """
    found = content(out, name)
    return None if found is None else unsealed(found, _shown(out, name), remedy, required=False)


@dataclass(frozen=True)
class Corpus:
    """A finished corpus.

    Parameters
    ----------
    out : Path or str
        The output folder; its URI, if it is elsewhere.
    manifest : Manifest
        What was done, to what, with what result.
    """

    out: Path | str
    manifest: Manifest

    @classmethod
    def open(cls, out: Path | str) -> Corpus:
        """Open the output folder of a finished run, here or elsewhere.

        Raises
        ------
        DataError
            If there is none, or its manifest was cut or altered.
        """
        out = located(out) if is_remote(out) else Path(out)
        found = sealed_content(out, MANIFEST)
        if found is None:
            raise DataError(
                f"{out} holds an unfinished run; give its korpus run command again to finish it"
                if _is_begun(out)
                else f"{out} holds no run of korpus: there is no manifest.json"
            )
        return cls(out, checked(found, _shown(out, MANIFEST)))

    def __repr__(self) -> str:
        """Say where it is and how large."""
        return f"<Corpus {str(self.out)!r}: {self.manifest['kept']['n_docs']:,} documents>"

    @cached_property
    def log(self) -> dict[str, Any] | None:
        """Times, workers and memory of the run, which differ from run to run; None if the file is gone."""
        return sealed_content(self.out, LOG)

    @property
    def domains(self) -> list[str]:
        """The names of its domains; ``["all"]`` if the recipe knows none."""
        return list(self.manifest["domains"])

    def require_domains(self, domains: Sequence[str]) -> None:
        """Raise `DataError` at the first of some names that is no domain of the corpus."""
        for domain in domains:
            if domain not in self.domains:
                known = self.domains
                raise DataError(
                    f"there is no domain {domain!r}{did_you_mean(domain, known)}; there are: {', '.join(known)}"
                )

    def shards(self, domains: Sequence[str] = ()) -> list[File]:
        """Return what the manifest says of the files of some domains; of all, if none is named."""
        self.require_domains(domains)
        return [shard for shard in self.manifest["shards"] if not domains or (shard["domain"] or ALL) in domains]

    def read(self, file: File) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a file that the manifest lists; those of a shard with their domain as the last column.

        Raises
        ------
        DataError
            If it is missing, cut or altered; a file elsewhere is seen to be so only where its rows cannot be read.
        """
        domain = file.get("domain")
        if is_remote(self.out):
            place: Any = child(self.out, file["path"])
            source: Any = pa.PythonFile(RemoteFile(place), "r")
        else:
            place = source = require_whole(Path(self.out), file)
        try:
            for batch in pq.ParquetFile(source).iter_batches(BATCH_ROWS):
                yield batch.append_column(DOMAIN, pa.array([domain] * batch.num_rows)) if domain else batch
        except (OSError, pa.ArrowInvalid) as error:
            raise DataError(f"{place} cannot be read: {error}; {REMEDY}") from error

    def documents(self, domains: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
        """Yield the documents, shard by shard; errors as for `read`.

        Parameters
        ----------
        domains : sequence of str
            Only these; all if there are none.
        """
        for shard in self.shards(domains):
            yield from self.read(shard)

    def ledger(self) -> Iterator[pa.RecordBatch]:
        """Yield the rejects, in the order of the input; errors as for `read`."""
        for file in self.manifest["rejects"]["files"]:
            yield from self.read(file)

    def counts(self) -> list[Path]:
        """Return the files of word counts, once they are seen to be whole.

        Raises
        ------
        DataError
            If one is not, the corpus lies elsewhere, or its folder of counts has files that belong to no run.
        """
        if is_remote(self.out):
            raise DataError(f"{self.out} lies elsewhere; copy its folder counts here, and name that")
        folder = Path(self.out) / "counts"
        listed = [require_whole(Path(self.out), file) for file in self.manifest["counts"]]
        more = sorted({path.name for path in folder.glob("*.parquet")} - {path.name for path in listed})
        if more:
            raise DataError(
                f"{folder / more[0]} belongs to no finished run: {folder.parent / MANIFEST} does not list it; remove it"
            )
        return listed

    def vocabularies(self) -> dict[str, Path]:
        """Return the folders of its vocabularies, which `transformers` loads, by name; none of a corpus elsewhere."""
        folder = Path(self.out) / "vocab"
        if is_remote(self.out) or not folder.is_dir():
            return {}
        return {path.name: path for path in sorted(folder.iterdir()) if (path / "vocab.txt").is_file()}


def _shown(out: Path | str, name: str) -> str:
    return child(out, name) if is_remote(out) else str(Path(out) / name)


def _is_begun(out: Path | str) -> bool:
    return content(out, UNFINISHED) is not None if is_remote(out) else Layout(Path(out)).state.exists()
