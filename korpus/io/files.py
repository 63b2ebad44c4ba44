"""Writing files so that none under its final name is ever partial."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from korpus.errors import DataError
from korpus.io.remote import open_input

if TYPE_CHECKING:
    from collections.abc import Iterator

TEMPORARY = ".tmp-"


def finished_files(folder: Path, pattern: str) -> list[Path]:
    """Return the files of a folder that match and have got their final name, sorted; a killed run leaves others."""
    return sorted(path for path in folder.glob(pattern) if not path.name.startswith(TEMPORARY))


@contextmanager
def replacing(path: Path, durable: bool = False) -> Iterator[Path]:
    """Give a temporary path beside `path`, and rename it to `path` once the block has ended well.

    Parameters
    ----------
    path : Path
        The final name.
    durable : bool
        Whether to wait until the disk has it: for what is there to stay, not for what only the run itself reads.

    Raises
    ------
    DataError
        If the disk is full, or the folder cannot be written.
    """
    temporary = path.with_name(f"{TEMPORARY}{os.getpid()}-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        if durable:
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise explained(error, path) from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def explained(error: OSError, path: Path) -> DataError:
    """Turn an error of the operating system into one that says what to do."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DataError(
            f"the disk is full: {path} could not be written; free some space and give the same command again, "
            f"it goes on where it stopped"
        )
    return DataError(f"{path} could not be written: {error.strerror or error}")


def remove(path: Path) -> None:
    """Remove a folder and all that is in it, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)


def write_text(path: Path, text: str, durable: bool = False) -> None:
    """Write a text file under its final name at once."""
    with replacing(path, durable) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, data: Any, durable: bool = False) -> None:
    """Write plain data as JSON, keys in the order given; what is not to last, without the line breaks for people."""
    write_text(path, json.dumps(data, ensure_ascii=False, indent=1 if durable else None) + "\n", durable)


def read_json(path: Path) -> Any:
    """Read a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def sha256(path: Path | str) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with open_input(path) as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
