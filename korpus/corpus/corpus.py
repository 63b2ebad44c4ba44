"""A finished corpus as an object: its manifest, and its documents, rejects, counts and vocabularies."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
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
    from collections.abc import Callable, Iterator, Sequence

    from korpus.corpus.manifest import File
    from korpus.corpus.why import Why
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
    forms : callable, optional
        From the manifest and a text to the text and what the edits of the recipe make of it; see `why`.
    """

    out: Path | str
    manifest: Manifest
    forms: Callable[[Manifest, str], Sequence[str]] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def open(cls, out: Path | str, forms: Callable[[Manifest, str], Sequence[str]] | None = None) -> Corpus:
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
        return cls(out, checked(found, _shown(out, MANIFEST)), forms)

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

    def by_domain(self) -> list[list[File]]:
        """Return the files of documents, those of each domain by themselves: in each list ids grow."""
        found: dict[str, list[File]] = {}
        for shard in self.manifest["shards"]:
            found.setdefault(shard["domain"], []).append(shard)
        return list(found.values())

    def read(self, file: File) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a file that the manifest lists; those of a shard with their domain as the last column.

        Raises
        ------
        DataError
            If it is missing, cut or altered; a file elsewhere is seen to be so only where its rows cannot be read.
        """
        domain = file.get("domain")
        if not is_remote(self.out):
            require_whole(Path(self.out), file)
        try:
            for batch in self.parquet(file).iter_batches(BATCH_ROWS):
                yield batch.append_column(DOMAIN, pa.array([domain] * batch.num_rows)) if domain else batch
        except (OSError, pa.ArrowInvalid) as error:
            raise self._unreadable(file, error) from error

    def parquet(self, file: File, dictionaries: Sequence[str] = ()) -> pq.ParquetFile:
        """Open a file that the manifest lists, to read some of it; its digest is not taken.

        Parameters
        ----------
        file : File
        dictionaries : sequence of str
            Columns to read as indices into their values, which is faster for those of few.

        Raises
        ------
        DataError
            If it is missing, has not the size that was written, or is no Parquet file.
        """
        try:
            if is_remote(self.out):
                remote = pa.PythonFile(RemoteFile(child(self.out, file["path"])), "r")
                return pq.ParquetFile(remote, read_dictionary=list(dictionaries))
            path = Path(self.out) / PurePosixPath(file["path"])
            if not path.is_file() or path.stat().st_size != file["bytes"]:
                require_whole(Path(self.out), file)
            return pq.ParquetFile(path, read_dictionary=list(dictionaries))
        except (OSError, pa.ArrowInvalid) as error:
            raise self._unreadable(file, error) from error

    def _unreadable(self, file: File, error: Exception) -> DataError:
        return DataError(f"{_shown(self.out, file['path'])} cannot be read: {error}; {REMEDY}")

    def why(self, text: str | None = None, *, doc_id: int | None = None, row: tuple[str, int] | None = None) -> Why:
        """Return what became of a document.

        By id or row, this reads the row groups that have it; by text, all texts, a batch at a time.

        Parameters
        ----------
        text : str, optional
            As it is in the corpus or in the ledger; in a corpus from `korpus.open`, also as it was before the edits of
            the recipe.
        doc_id : int, optional
            Its id.
        row : (str, int), optional
            Its input file and the number of its row there, counted as the ledger does.

        Raises
        ------
        ValueError
            Unless one of them is given.
        DataError
            If the input has no such file, it cannot be told which document the row was, or a file cannot be read.
        """
        from korpus.corpus.why import Search

        if sum(given is not None for given in (text, doc_id, row)) != 1:
            raise ValueError("give one of text, doc_id and row")
        search = Search(self)
        try:
            if row is not None:
                return search.by_row(str(row[0]), row[1])
            if doc_id is not None:
                return search.by_id(doc_id)
            return search.by_text(self.forms(self.manifest, text or "") if self.forms else [text or ""])
        except (OSError, pa.ArrowInvalid) as error:
            raise DataError(f"{self.out} cannot be read: {error}; {REMEDY}") from error

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
