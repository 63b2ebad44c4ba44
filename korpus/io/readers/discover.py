"""Which files the input is made of: paths, folders and globs → `InputFile`, in an order that never changes.

What a folder holds is either read or listed with the reason why not. What a file is, its first bytes tell; its name
only says what they leave open.
"""

from __future__ import annotations

import glob
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote

from korpus.errors import DataError, Unreadable
from korpus.io.archives import expand, is_name, kind_of
from korpus.io.location import Inside, Location, is_remote, located, opens
from korpus.io.opening import open_input
from korpus.io.readers import formats
from korpus.io.readers.base import InputFile, ReadOptions
from korpus.io.readers.formats import BINARY, KNOWN
from korpus.io.readers.look import Look, size_of, stem_of
from korpus.io.readers.paths import records_path, value_at
from korpus.io.readers.unreadable import document_kind, what_is
from korpus.io.stores import find

_STATE, _SPLITS = "state.json", "dataset_dict.json"
"""What HF datasets puts into the folders that it saves."""
_MANIFEST, _DATA = "manifest.json", "data"
"""What says that a folder is the output of a run, and where its documents are."""
_ARCHIVE_HEAD = 1 << 20
_NULL = "__HIVE_DEFAULT_PARTITION__"
_HIDDEN = "hidden: its name begins with a dot"


@dataclass
class Found:
    """What paths lead to.

    Attributes
    ----------
    files : list of InputFile
        What is read.
    passed_over : list of (str, str)
        What lies in folders and is not read, and why.
    warnings : list of str
        What is read otherwise than its name says.
    """

    files: list[InputFile] = field(default_factory=list)
    passed_over: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def discover(paths: Sequence[str | Path], format: str = "auto", encoding: str = "auto") -> list[InputFile]:
    """Find the files of the input; see `find_inputs`."""
    return find_inputs(paths, format, encoding).files


def find_inputs(
    paths: Sequence[str | Path], format: str = "auto", encoding: str = "auto", options: ReadOptions | None = None
) -> Found:
    """Find the files of the input, and what is passed over.

    Parameters
    ----------
    paths : sequence of str or Path
        Files, folders and globs (``**`` goes into subfolders), here or elsewhere (``s3://``…). Files of one entry are
        sorted by path; entries stay in their order; a file found twice is read once. Links are followed. In folders,
        and among the matches of a glob when the format is ``auto``, what is of another or of no certain format is
        passed over. Of an output folder of korpus the documents are read.
    format : str
        One of `korpus.io.readers.formats.FORMATS`, or ``auto``: by what the file begins with, and its name.
    encoding : str
        One of `korpus.io.readers.encodings.ENCODINGS`, or ``auto``: told for each file from samples of it.
    options : ReadOptions, optional
        Which column is the text: a file that has it may be certain for that.

    Raises
    ------
    DataError
        If a path does not exist, cannot be read, is of no known format, or if a folder or glob has nothing to read.
    """
    search = _Search(format, encoding, options or ReadOptions())
    for given in paths:
        search.enter(located(given if isinstance(given, str) else str(given)))
    if not search.found.files:
        raise DataError("no input files are given")
    return search.found


class _Search:
    def __init__(self, format: str, encoding: str, options: ReadOptions):
        self.format, self.encoding, self.options = format, encoding, options
        self.found = Found()
        self._seen: set[str] = set()

    def enter(self, entry: str) -> None:
        """Find what an entry of the input stands for."""
        named, inside = self._paths(entry)
        n_before, n_passed = len(self.found.files), len(self.found.passed_over)
        seen = False
        both = [*((located(path), True) for path in inside), *((located(path), False) for path in named)]
        merged = {opens(path): (path, in_folder) for path, in_folder in both}
        for _, (named_path, in_folder) in sorted(merged.items()):
            for path in self._unpacked(named_path, in_folder):
                real = _identity(path)
                if real in self._seen:
                    seen = True
                    continue
                file = path if isinstance(path, InputFile) else self._file(path, in_folder or path != named_path)
                if file is not None:
                    self._seen.add(real)
                    self.found.files.append(replace(file, index=len(self.found.files)))
        if len(self.found.files) == n_before and not seen:
            raise self._nothing(entry, self.found.passed_over[n_passed:])

    def _unpacked(self, path: str, in_folder: bool) -> Iterator[str | InputFile]:
        """Yield a file or, if it is an archive, those in it; for what is lost of it, a file that cannot be read."""
        kind = None
        if is_name(path) or formats.by_name(stem_of(path)[0]) is None:
            try:
                with open_input(path) as file:
                    head = file.read(_ARCHIVE_HEAD)
            except OSError as error:
                raise DataError(f"cannot read {path}: {error.strerror or error}") from error
            kind = None if what_is(head) or document_kind(head) else kind_of(head)
        if kind is None:
            yield path
            return
        inside, passed = expand(path, kind)
        if not inside and not in_folder:
            why = "; ".join(f"{each.name or path}: {each.reason}" for each in passed[:3])
            raise DataError(f"the archive {path} has no file that can be read{f' ({why})' if why else ''}")
        for each in passed:
            where = f"{path}!{each.name}" if each.name else path
            if each.is_damage:
                n_bytes, stamp = size_of(path)
                yield InputFile(0, where, "text", None, n_bytes, stamp=stamp, flaw=f"{where}: {each.reason}")
            else:
                self._pass(where, each.reason)
        yield from inside

    def _paths(self, entry: str) -> tuple[Sequence[str], Sequence[str]]:
        """Return the files that an entry names, all of which must be read, and those that it leads to."""
        if is_remote(entry):
            kind, named, below = find(entry)
            if kind == "glob" and not named and not below:
                raise DataError(f"nothing matches {entry}")
            return (named, below) if kind == "file" or self.format != "auto" else ([], [*named, *below])
        if isinstance(entry, Location) and os.path.isfile(opens(entry)):  # noqa: PTH113
            return [entry], []
        entry = opens(entry)
        if os.path.isdir(entry):  # noqa: PTH112
            return [], self._walk(entry)
        if os.path.exists(entry) or not glob.has_magic(entry):  # noqa: PTH110
            if not os.path.lexists(entry):
                raise DataError(f"there is no file or folder {located(entry)}")
            return [entry], []
        matched = sorted(glob.glob(entry, recursive=True)) or sorted(glob.glob(_literally(entry), recursive=True))
        if not matched:
            raise DataError(f"nothing matches {located(entry)}{_escape_hint(entry)}")
        files = [path for path in matched if not os.path.isdir(path)]  # noqa: PTH112
        inside = [inner for path in matched if os.path.isdir(path) for inner in self._walk(path)]  # noqa: PTH112
        return (files, inside) if self.format != "auto" else ([], [*files, *inside])

    def _walk(self, folder: str) -> list[str]:
        """Return the files of a folder and of those below it, links followed."""
        found: list[str] = []
        above: dict[str, tuple[str, ...]] = {folder: (os.path.realpath(folder),)}
        for root, folders, names in os.walk(folder, onerror=_refuse, followlinks=True):
            if _is_output(root, folders, names):
                self._pass(os.path.join(root, _MANIFEST), "an output folder of korpus: its data/ is read")  # noqa: PTH118
                folders[:], names = [_DATA], []
            folders.sort()
            for name in list(folders):
                path = os.path.join(root, name)  # noqa: PTH118
                real = os.path.realpath(path)
                if name.startswith("."):
                    folders.remove(name)
                    self._pass(path, _HIDDEN)
                elif real in above[root]:
                    folders.remove(name)
                    self._pass(path, "a link to a folder that it lies in")
                else:
                    above[path] = (*above[root], real)
            if _STATE in names:
                names = self._of_dataset(root, names)
            for name in sorted(names):
                path = os.path.join(root, name)  # noqa: PTH118
                if name.startswith("."):
                    self._pass(path, _HIDDEN)
                elif name == _SPLITS:
                    self._pass(path, "a description that HF datasets has written")
                else:
                    found.append(path)
        return found

    def _of_dataset(self, root: str, names: list[str]) -> list[str]:
        # A folder that HF datasets has saved tells which of its files are the dataset; others are caches.
        try:
            listed = json.loads(Path(root, _STATE).read_text(encoding="utf-8"))["_data_files"]
            wanted = {file["filename"] for file in listed}
        except (ValueError, KeyError, TypeError):
            return names
        for name in names:
            if name not in wanted:
                self._pass(os.path.join(root, name), "not part of the dataset that lies here")  # noqa: PTH118
        return sorted(wanted)

    def _pass(self, path: str, why: str) -> None:
        self.found.passed_over.append((str(located(str(path))), why))

    def _file(self, path: str, in_folder: bool) -> InputFile | None:
        """Look into a file; None for one that is passed over, as may happen in a folder."""
        try:
            look = Look(path, self.encoding)
        except Unreadable as error:
            return self._unreadable(path, error)
        kind, why = self._kind(look, in_folder)
        if kind is None:
            if not in_folder:
                raise DataError(f"{path}: {why}")
            self._pass(path, why)
            return None
        if look.mislabelled and kind not in BINARY:
            self.found.warnings.append(f"{path} {look.mislabelled}")
        labels = _hive_labels(path)
        if kind in BINARY or kind == "xlsx":
            return InputFile(0, path, kind, None, look.n_bytes, stamp=look.stamp, labels=labels)
        return InputFile(0, path, kind, look.compression, look.n_bytes, look.encoding, look.stamp, labels, look.flaw)

    def _unreadable(self, path: str, error: Unreadable) -> InputFile:
        n_bytes, stamp = size_of(path)
        kind = self.format if self.format != "auto" else formats.by_name(stem_of(path)[0]) or "text"
        return InputFile(0, path, kind, None, n_bytes, stamp=stamp, flaw=str(error))

    def _kind(self, look: Look, in_folder: bool) -> tuple[str | None, str]:
        """Return the format in which a file is read; None with the reason for one that is not."""
        named, wanted = look.named, self.format
        if look.foreign:
            return None, look.foreign
        if wanted == "files":
            return "files", ""
        if wanted != "auto" and not in_folder:
            # What is declared holds, but a file of many objects is no single one.
            return ("jsonl" if wanted == "json" and look.begins == "lines" else wanted), ""
        kind, why = self._told(look, named, in_folder)
        if wanted == "auto" or kind == wanted:
            return kind, why
        if wanted == "json" and named == "json" and look.begins in ("object", "array"):
            return "json", ""
        if wanted in ("csv", "tsv") and {kind, named} & {"csv", "tsv", "text"} and named == wanted:
            return wanted, ""
        if kind is None and named == wanted:
            return None, why
        what = f"it is {kind or named}" if kind or named else "its name does not say so"
        return None, f"input.format is {wanted}, and {what}; a glob takes files of any name"

    def _told(self, look: Look, named: str | None, in_folder: bool) -> tuple[str | None, str]:
        """Return the format that a file tells, or None and why none is certain."""
        if not look.n_bytes:
            return (named, "") if named or not in_folder else (None, "empty")
        magic = formats.by_magic(look.head) if not look.compression else None
        if magic and named in (magic, None):
            return magic, ""
        if named in BINARY:
            return named, ""
        if named == "json":
            begins = look.begins
            if begins in ("array", "lines"):
                return ("json" if begins == "array" else "jsonl"), ""
            if not in_folder or self._has_text(look):
                return ("json" if begins in ("object", "array") else "jsonl"), ""
            return None, "one JSON object without the text, as descriptions are; with input.format: json it is read"
        if named == "mediawiki":
            if not in_folder or formats.looks_like_dump(look.head):
                return "mediawiki", ""
            return None, "XML, and no dump of MediaWiki"
        if named in ("text", "csv", "tsv") and (certain := formats.by_look(look.head)):
            return certain, ""
        if named == "text":
            texts = self.options.texts
            if texts != ("text",) and formats.is_table(look.head, texts):
                return "tsv", ""
            return "text", ""
        if named is not None:
            return named, ""
        if certain := formats.by_content(look.head, look.whole):
            return certain, ""
        what = "text" if formats.is_text(look.head) else "no text"
        return None, f"neither its name nor its content tells its format ({what}; {KNOWN}); give input.format"

    def _has_text(self, look: Look) -> bool:
        """Tell whether the object that a JSON file is has the text."""
        path = self.options.texts[0]
        if records_path(self.options) or self.options.records is not None:
            return True
        try:
            made = json.loads(look.head)
            return isinstance(made, dict) and (path in made or value_at(made, path) is not None)
        except (ValueError, KeyError, RecursionError):
            # Cut off: the key of the text must be seen.
            root = path.partition(".")[0].rstrip("[]")
            return not look.whole and f'"{root}"'.encode() in look.head

    def _nothing(self, entry: str, passed: list[tuple[str, str]]) -> DataError:
        is_pattern = not is_remote(entry) and glob.has_magic(entry) and not os.path.exists(entry)  # noqa: PTH110
        what = "file of a known format" if self.format == "auto" else f"{self.format} file"
        listed = "".join(f"; {path}: {why}" for path, why in passed[:3] if why != _HIDDEN)
        if is_pattern or (is_remote(entry) and glob.has_magic(entry)):
            return DataError(f"{entry} matches nothing of a known format ({KNOWN}); give input.format{listed}")
        more = f" and {len(passed) - 3:,} more" if len(passed) > 3 else ""
        return DataError(f"the folder {entry} has no {what} ({KNOWN}); a glob takes files of any name{listed}{more}")


def _identity(path: str | InputFile) -> str:
    """Return what two paths of one file have in common."""
    if isinstance(path, InputFile):
        return str(path.path)
    if isinstance(path, Inside):
        return f"{os.path.realpath(opens(path.archive))}!{path.member.offset}"
    return opens(path) if is_remote(path) else os.path.realpath(opens(path))


def _refuse(error: OSError) -> None:
    raise DataError(f"cannot read the folder {error.filename}: {error.strerror}") from error


def _literally(pattern: str) -> str:
    """Take the folders of a pattern by their names, as far as there are such: ``[뉴스]/*.txt``."""
    root, *steps = Path(pattern).parts
    steps = steps if Path(pattern).anchor else [root, *steps]
    there, written = Path(Path(pattern).anchor), []
    for step in steps:
        there /= step
        written.append(glob.escape(step) if os.path.lexists(there) else step)
    return str(Path(Path(pattern).anchor, *written))


def _escape_hint(entry: str) -> str:
    return "; [ ] stands for one of the characters within, write [[] for a [ of a name" if "[" in entry else ""


def _hive_labels(path: str) -> tuple[tuple[str, str | None], ...]:
    """Return the columns that the folders of a path stand for, ``site=naver/`` in Hive layout."""
    labels = {}
    for part in str(path).replace("\\", "/").split("/")[:-1]:
        name, equals, value = part.partition("=")
        if equals and name and value and "=" not in value and "://" not in part:
            labels[unquote(name)] = None if value == _NULL else unquote(value)
    return tuple(labels.items())


def _is_output(root: str, folders: list[str], names: list[str]) -> bool:
    """Tell whether a folder is what a run of korpus has made."""
    if _MANIFEST not in names or _DATA not in folders:
        return False
    try:
        return "korpus" in json.loads(Path(root, _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):
        return False
