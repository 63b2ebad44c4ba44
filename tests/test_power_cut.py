"""After a power cut a disk has what it was waited for, and anything of the rest: lost, empty, cut, zeros or whole."""

import os
import random
import shutil
from functools import partial

import pytest

from korpus.engine.run import Run
from korpus.io import atomic
from tests.corpus import RECIPE, documents, run, tree, write_jsonl
from tests.test_damaged import GROUPED

RECIPES = {
    "duplicates": {**RECIPE, "vocab": {"size": 400}},
    "group": GROUPED,
    "index": {**RECIPE, "stages": [{"minhash_dedup": {"index": "INDEX"}}]},
}


class Disk:
    """What the disk surely has: of each file that was waited for its content, of each folder its names."""

    def __init__(self):
        self.contents, self.names = {}, {}

    def sync(self, path):
        key = path.stat().st_ino
        if path.is_dir():
            self.names[key] = {entry.name: entry.inode() for entry in os.scandir(path)}
        else:
            self.contents[key] = path.read_bytes()

    def has_name(self, path):
        return self.names.get(path.parent.stat().st_ino, {}).get(path.name) == path.stat().st_ino

    def cut_power(self, folder, rng):
        """Leave of a folder what the disk has; return how much was lost."""
        n_lost = 0
        for path in sorted(folder.rglob("*"), reverse=True):
            if not self.has_name(path) and rng.random() < 0.3:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            elif path.is_file() and self.contents.get(path.stat().st_ino) != path.read_bytes():
                data, times = path.read_bytes(), path.stat()
                at = rng.randrange(len(data) + 1)
                path.write_bytes(
                    rng.choice([data, b"", data[:at], bytes(len(data)), data[:at] + bytes(len(data) - at)])
                )
                os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            else:
                continue
            n_lost += 1
        return n_lost


def make(name, source, out, **options):
    recipe = RECIPES[name]
    if name == "index":
        recipe = {**recipe, "stages": [{"minhash_dedup": {"index": str(out.with_name(f"{out.name}-index"))}}]}
    return run(recipe, source, out, **options)


@pytest.fixture(scope="module", params=list(RECIPES))
def given(request, tmp_path_factory):
    """Return the name of a recipe, its input, and the bytes of a run that nothing disturbs."""
    folder = tmp_path_factory.mktemp(request.param)
    source = write_jsonl(folder / "raw.jsonl", documents(120))
    make(request.param, source, folder / "straight")
    return request.param, source, same(tree(folder / "straight"))


@pytest.fixture
def job(given, tmp_path, monkeypatch):
    """Give a way to run into a folder, and the disk that it is on."""
    disk, (name, source, _) = Disk(), given
    monkeypatch.setattr(atomic, "sync", disk.sync)
    monkeypatch.setattr("korpus.dedup.index.sync", disk.sync)
    monkeypatch.setattr("korpus.engine.resume.sync", disk.sync)
    return partial(make, name, source), disk, tmp_path


def test_what_is_finished_stays(job):
    go, disk, folder = job
    go(folder / "here" / "out")
    assert disk.has_name(folder / "here" / "out")
    assert disk.has_name(folder / "here")
    assert disk.cut_power(folder / "here", random.Random(0)) == 0


def test_what_replaces_a_run_stays(job):
    go, disk, folder = job
    go(folder / "here" / "out")
    go(folder / "here" / "out", fresh=True)
    assert disk.cut_power(folder / "here", random.Random(0)) == 0


@pytest.mark.parametrize("place", ["_resolve", "_shards", "_ledger", "_vocabularies", "_report"])
@pytest.mark.parametrize("seed", range(2))
def test_a_run_that_is_cut_off_comes_to_the_same_bytes(given, job, monkeypatch, place, seed):
    go, disk, folder = job
    rng = random.Random(f"{place} {seed}")
    before = getattr(Run, place)

    def stop(self, *args):
        if rng.random() < 0.5:
            before(self, *args)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Run, place, stop)
        with pytest.raises(KeyboardInterrupt):
            go(folder / "here" / "out")
    assert disk.cut_power(folder / "here", rng) > 0
    out = folder / "here" / "out"
    go(out)
    assert same(tree(out)) == given[2]


def same(digests):
    """Leave out what names the folder of an index."""
    return {name: d for name, d in digests.items() if not name.startswith(("manifest", "report", "README"))}
