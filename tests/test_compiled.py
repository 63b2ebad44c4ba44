"""Compiled kernels are kept where nobody else is disturbed, and never beside the code."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

import korpus
from korpus import compiled

PACKAGE = Path(korpus.__file__).parent

CALL = """
import numpy as np
from korpus import compiled
from korpus.kernels.pieces import cut_pieces
from korpus.kernels.utf8 import width
assert width(np.uint8(0xEA)) == 3
print(compiled.folder(), width._cache.__class__.__name__, sum(width.stats.cache_hits.values()), sep="|")
"""


def copy_of_the_package(folder):
    shutil.copytree(PACKAGE, folder / "korpus", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def call(where, **environment):
    """Call a kernel in a process of its own; return its folder, the class of its cache, and how often it was found."""
    env = {name: value for name, value in os.environ.items() if name not in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")}
    env.update({"PYTHONPATH": str(where), **environment})
    done = subprocess.run([sys.executable, "-c", CALL], env=env, capture_output=True, text=True, cwd=where)
    assert done.returncode == 0, done.stderr
    folder, kind, hits = done.stdout.strip().split("|")
    return folder, kind, int(hits)


def test_kernels_are_kept_in_the_users_cache_and_not_beside_the_code(tmp_path):
    checkout, home = copy_of_the_package(tmp_path / "one"), tmp_path / "home"
    folder, _, hits = call(checkout, HOME=str(home))
    assert Path(folder).is_relative_to(home)
    assert Path(folder).stat().st_mode & 0o777 == 0o700
    assert hits == 0
    assert call(checkout, HOME=str(home))[2] == 1
    left = {path.suffix for path in checkout.rglob("*") if path.is_file()}
    assert left <= {".py", ".pyc", ".tsv", ".txt", ".typed", ".yaml"}


def test_processes_that_compile_at_once_share_whole_files(tmp_path):
    env = {**os.environ, "PYTHONPATH": str(PACKAGE.parent), "NUMBA_CACHE_DIR": str(tmp_path)}
    started = [subprocess.Popen([sys.executable, "-c", CALL], env=env, stdout=subprocess.PIPE) for _ in range(3)]
    assert [process.communicate()[0].split(b"|")[1] for process in started] == [b"_Cache"] * 3
    (folder,) = tmp_path.iterdir()
    assert {path.suffix for path in folder.iterdir()} == {".nbc"}
    assert call(PACKAGE.parent, NUMBA_CACHE_DIR=str(tmp_path))[2] == 1


def test_checkouts_with_other_kernels_have_other_folders(tmp_path):
    one, two = (copy_of_the_package(tmp_path / name) for name in ("one", "two"))
    same = call(one, HOME=str(tmp_path))
    assert call(two, HOME=str(tmp_path)) == (*same[:2], 1)
    # `width` is in another file than this one, which might have been compiled into it.
    with (two / "korpus" / "kernels" / "pieces.py").open("a") as file:
        file.write("\n# changed\n")
    other = call(two, HOME=str(tmp_path))
    assert other[0] != same[0]
    assert other[2] == 0


def test_without_a_home_they_are_kept_in_a_private_temporary_folder(tmp_path):
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    folder, _, _ = call(PACKAGE.parent, HOME="/proc", TMPDIR=str(temporary))
    assert Path(folder).parent == temporary / f"korpus-{os.getuid()}"
    assert Path(folder).parent.stat().st_mode & 0o777 == 0o700


STRANGER = ["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups"]
# It may read the folders of this Python wherever they are.
STRANGER += ["--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search", "env", "-u", "HOME"]


becomes_another = pytest.mark.skipif(
    sys.platform != "linux" or os.getuid() != 0 or shutil.which("setpriv") is None, reason="becomes another user"
)


@pytest.fixture
def mounted():
    """A folder that everybody may write to, as those of a test may not be."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


@becomes_another
@pytest.mark.parametrize("home", [[], ["HOME=/"]], ids=str)
def test_a_user_whom_the_system_does_not_know_has_a_private_folder(mounted, home):
    stranger = [*STRANGER, *home, f"PYTHONPATH={PACKAGE.parent}", f"TMPDIR={mounted}", sys.executable, "-c", CALL]
    for hits in (0, 1):
        done = subprocess.run(stranger, capture_output=True, text=True, cwd=mounted)
        assert (done.returncode, done.stderr) == (0, "")
        kept, _, found = done.stdout.strip().split("|")
        assert (Path(kept).parent, int(found)) == (mounted / "korpus-12345", hits)
        assert (Path(kept).stat().st_uid, Path(kept).stat().st_mode & 0o777) == (12345, 0o700)


@becomes_another
def test_a_user_whom_the_system_does_not_know_can_work(mounted):
    """As with docker run --user: there is no name, no home, and nothing to write to but what was mounted."""
    folder = mounted
    if here := compiled.folder():
        # Let most of it be compiled already; another test shows that the folder is made.
        own = folder / "korpus-12345"
        shutil.copytree(here, own / here.name)
        for path in (own, *own.rglob("*")):
            os.chown(path, 12345, 12345)
            path.chmod(0o700)
    (folder / "in.jsonl").write_text('{"text": "이름이 없는 사용자도 글을 씁니다"}\n' * 3)
    (folder / "r.yaml").write_text("stages: [length]\nvocab: {size: 300}\n")

    def korpus_(*args, home=()):
        unknown = [*STRANGER, *home, f"PYTHONPATH={PACKAGE.parent}", f"TMPDIR={folder}"]
        command = [*unknown, sys.executable, "-m", "korpus", *args]
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
        return done.returncode, done.stdout, done.stderr

    assert korpus_("run", "r.yaml", "-i", "in.jsonl", "-o", "out", "--workers", "2", "-q") == (0, "", "")
    again = ("run", "r.yaml", "-i", "in.jsonl", "-o", "again", "--workers", "1", "-q")
    assert korpus_(*again, home=["HOME=/"]) == (0, "", "")
    for args in (["show", "out"], ["vocab", "train", "out", "-o", "v", "--size", "300"], ["check", "r.yaml"]):
        code, _, said = korpus_(*args)
        assert (code, said) == (0, "")
    code, _, said = korpus_("run", "r.yaml", "-i", "in.jsonl", "-o", "s3://bucket/out")
    assert code == 2
    assert said.startswith("error: engine.scratch: there is no home folder to make the run in")


def test_the_users_own_folder_goes_first(tmp_path):
    folder, _, _ = call(PACKAGE.parent, NUMBA_CACHE_DIR=str(tmp_path / "mine"), HOME=str(tmp_path / "home"))
    assert Path(folder).parent == tmp_path / "mine"
    assert not (tmp_path / "home").exists()


def test_a_home_without_a_path_makes_no_folder_here(tmp_path, monkeypatch):
    monkeypatch.setattr(compiled.platformdirs, "user_cache_dir", lambda *a, **k: "~/.cache/korpus")
    assert compiled.user_cache() is None


def test_a_user_without_a_home_has_no_cache(monkeypatch):
    def unknown(*args, **options):
        raise RuntimeError("could not determine the home directory")

    monkeypatch.setattr(compiled.platformdirs, "user_cache_dir", unknown)
    assert compiled.user_cache() is None


@pytest.fixture
def roots(tmp_path, monkeypatch):
    """Let kernels be kept in these folders alone."""
    find = compiled.folder.__wrapped__
    monkeypatch.setattr(compiled.numba.config, "CACHE_DIR", "")

    def roots(*paths):
        monkeypatch.setattr(compiled, "_roots", lambda: iter(paths))
        return find()

    return roots


def add(a, b):
    return a + b


def test_with_no_place_at_all_a_process_compiles_for_itself(roots, monkeypatch):
    assert roots() is None
    monkeypatch.setattr(compiled, "folder", lambda: None)
    assert compiled.kernel(add)(1, 2) == 3


def test_a_folder_that_others_could_have_filled_is_passed_over(roots, tmp_path, monkeypatch):
    good, target = tmp_path / "good", tmp_path / "target"
    target.mkdir()
    (tmp_path / "link").symlink_to(target)
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "file").write_text("")
    assert roots(tmp_path / "link", tmp_path / "open", tmp_path / "file", good).parent == good
    owner = os.getuid()
    monkeypatch.setattr(compiled.os, "getuid", lambda: owner + 1)
    assert roots(good) is None


def test_folders_of_other_versions_do_not_stay_for_ever(roots, tmp_path):
    old, recent, other = (
        tmp_path / name for name in ("korpus-kernels-0.0.1-old", "korpus-kernels-0.0.2-recent", "scratch")
    )
    for path in (old, recent, other):
        path.mkdir()
        (path / "x.nbc").write_bytes(b"")
    for path in (old, other):
        os.utime(path, (0, 0))
    here = roots(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {here.name, recent.name, other.name}


@pytest.mark.parametrize("damage", [b"", b"\x80\x04damaged", b"\x80\x05N.", None])
def test_what_cannot_be_read_is_compiled_anew(roots, tmp_path, monkeypatch, damage):
    where = roots(tmp_path / "cache")
    monkeypatch.setattr(compiled, "folder", lambda: where)
    assert compiled.kernel(add)(1, 2) == 3
    (file,) = where.iterdir()
    if damage is None:
        file.unlink()
        file.mkdir()
    else:
        file.write_bytes(damage)
    again = compiled.kernel(add)
    assert again(np.int64(1), np.int64(2)) == 3
    assert sum(again.stats.cache_hits.values()) == 0


def test_what_cannot_be_written_stops_nothing(roots, tmp_path, monkeypatch):
    where = roots(tmp_path / "cache")
    monkeypatch.setattr(compiled, "folder", lambda: where)

    def full(self, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert compiled.kernel(add)(1.5, 2) == 3.5
    assert list(where.iterdir()) == []


def first_above(numbers, least):
    for k in range(len(numbers)):
        if numbers[k] > least:
            return k + len(numbers[k:])
    return -1


@pytest.mark.parametrize("compile_it", [compiled.kernel, compiled.uncounted])
def test_what_a_kernel_is_given_is_freed_when_nobody_has_it(compile_it):
    numbers = np.arange(5)
    find = compile_it(first_above)
    before = sys.getrefcount(numbers)
    assert [find(numbers, 2), find(numbers, 9)] == [5, -1]
    assert sys.getrefcount(numbers) == before


def test_every_kernel_is_kept_so():
    for path in (PACKAGE / "kernels").glob("*.py"):
        assert "cache=True" not in path.read_text("utf-8"), f"{path.name}: korpus.compiled.kernel keeps kernels"
