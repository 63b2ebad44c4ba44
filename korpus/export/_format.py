"""The contract of a format: `Format`, and `Lines` for those that write one file a shard."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, ClassVar

from korpus.corpus.layout import folder_names
from korpus.io.atomic import replacing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa

    from korpus.corpus.corpus import Corpus
    from korpus.corpus.manifest import File


class Format(ABC):
    """A shape in which a finished corpus is written.

    The first line of the docstring of a format is what ``korpus export --help`` says of it.

    Attributes
    ----------
    name : str
        The name on the command line: that of the file that the format lives in, or of its entry point.
    """

    name: ClassVar[str]

    @abstractmethod
    def write(self, corpus: Corpus, to: Path, shards: Sequence[File]) -> list[Path]:
        """Write the documents of some shards.

        An export that was stopped begins anew in the same folder, so that each file is to be published with
        `korpus.io.atomic.replacing`: none that was stopped on the way bears its name.

        Parameters
        ----------
        corpus : Corpus
            `Corpus.read` yields the documents of a shard.
        to : Path
            The folder to write to. It is there, and in it only what an export of the same has left.
        shards : sequence of File
            What the manifest says of each shard.

        Returns
        -------
        list of Path
            The files written.
        """


class Lines(Format):
    """A format that writes one file a shard, in a folder a domain if the corpus has domains.

    Attributes
    ----------
    suffix : str
        Of the files, with its dot.
    """

    suffix: ClassVar[str]

    @abstractmethod
    def encode(self, batch: pa.RecordBatch) -> bytes:
        """Return the bytes of some documents; those of a file are what it returns for its batches, one after another.

        Parameters
        ----------
        batch : pa.RecordBatch
            ``doc_id``, ``text``, the columns that were carried along, and ``domain`` if the corpus has domains.
        """

    def write(self, corpus: Corpus, to: Path, shards: Sequence[File]) -> list[Path]:
        """Write one file a shard."""
        folders = folder_names(sorted(corpus.manifest["domains"]))
        written = []
        for shard in shards:
            folder = to / folders[shard["domain"]] if shard["domain"] else to
            path = folder / f"{PurePosixPath(shard['path']).stem}{self.suffix}"
            with replacing(path, durable=True) as temporary, temporary.open("wb") as file:
                for batch in corpus.read(shard):
                    file.write(self.encode(batch))
            written.append(path)
        return written
