"""Where everything lies in an output folder.

Under its final name stands only what is finished; what the run needs for itself lies under ``.korpus`` and goes when
the run is done.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

OURS = ("manifest.json", "data", "rejects", "counts", "vocab", "log.json", "report.html", "README.md", ".korpus")
"""All that a run writes into its output folder; nothing else there is ever touched. The manifest, which says that the
rest is whole, is the first to be removed and the last to be written."""


@dataclass(frozen=True)
class Layout:
    """Paths of an output folder.

    Parameters
    ----------
    out : Path
        The folder.
    """

    out: Path

    @property
    def work(self) -> Path:
        """Temporary files of an unfinished run."""
        return self.out / ".korpus"

    @property
    def state(self) -> Path:
        """Which run the temporary files belong to."""
        return self.work / "run.json"

    @property
    def manifest(self) -> Path:
        """What was done, to what, with what result; written last."""
        return self.out / "manifest.json"

    @property
    def log(self) -> Path:
        """Times, workers and memory of the run: what may differ from run to run."""
        return self.out / "log.json"

    def pass_dir(self, number: int) -> Path:
        """Return the folder of a pass."""
        return self.work / f"pass-{number}"

    def parts(self, number: int) -> Path:
        """Return the folder of the documents that came out of a pass."""
        return self.pass_dir(number) / "parts"

    def ungrouped(self, number: int) -> Path:
        """Return the folder of the documents of a pass before a group stage joins some of them."""
        return self.pass_dir(number) / "ungrouped"

    def runs(self, number: int) -> Path:
        """Return the folder of the documents of a pass, sorted by what a group stage joins them to."""
        return self.pass_dir(number) / "resolve-runs"

    def rejects(self, number: int) -> Path:
        """Return the folder of the documents that were dropped in a pass."""
        return self.pass_dir(number) / "rejects"

    def done(self, number: int) -> Path:
        """Return the folder of the marks of finished splits, with their statistics."""
        return self.pass_dir(number) / "done"

    def sketches(self, number: int, position: int, table: str) -> Path:
        """Return the folder of a sketch table of the duplicate stage at `position` of a pass."""
        return self.pass_dir(number) / f"sketch-{position}-{table}"

    def resolved(self, number: int) -> Path:
        """Return the mark of what was decided after a pass."""
        return self.pass_dir(number) / "resolved.json"

    def references(self, number: int) -> Path:
        """Return the file of the names of the references of a pass."""
        return self.pass_dir(number) / "references.json"

    def verdicts(self, number: int, position: int) -> Path:
        """Return the file of the verdicts of the duplicate stage at `position` of a pass."""
        return self.pass_dir(number) / f"verdicts-{position}.npy"

    @property
    def word_spills(self) -> Path:
        """The folder of word counts by split."""
        return self.work / "words"

    def data_dir(self, folder: str | None) -> Path:
        """Return the folder of a domain's shards (see `folder_names`); of all shards if the recipe knows no domains."""
        return self.out / "data" if folder is None else self.out / "data" / f"domain={folder}"


MAX_FOLDER_BYTES = 240
"""Of the name of a domain's folder: file systems take 255, and readers put something before it."""
_PLAIN = " ,;()[]!@#+-_."
_ENCODED = re.compile(r"[\x00-\x7f]+")


def folder_name(domain: str) -> str:
    """Return a domain's name as it stands in the name of a folder.

    ASCII but letters, digits and some signs is percent-encoded, as Hive readers decode it; all else, such as Hangul,
    stands there as it is.
    """
    return _ENCODED.sub(lambda plain: quote(plain[0], safe=_PLAIN), domain)


def folder_names(domains: Iterable[str], name: Callable[[str], str] = folder_name) -> dict[str, str]:
    """Return the name of the folder of each domain; no two of them are one on any file system.

    macOS and Windows take names for equal that differ in case or in Unicode's forms alone. Of such names the first
    stands as it is, and as many characters of each other one as are needed are percent-encoded: readers decode them.

    Parameters
    ----------
    domains : iterable of str
        In the order in which they take their names.
    name : callable
        From a domain to the name of its folder, if no other one is in its way.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for domain in domains:
        found, n = name(domain), 0
        while _alike(found) in taken and n < len(domain):
            n += 1
            found = "".join(f"%{byte:02X}" for byte in domain[:n].encode()) + name(domain[n:])
        taken.add(_alike(found))
        names[domain] = found
    return names


def _alike(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).rstrip(". ")
