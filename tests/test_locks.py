"""Two runs never write to one folder, and nothing is touched before the lock is held."""

import errno
import json
import os
import re
import subprocess
import sys
import threading
import time

import pytest

import korpus
from korpus.corpus.layout import Layout
from korpus.io.atomic import write_sealed
from korpus.io.lock import HOLDER, LOCK, SILENCE_S, locked
from tests.corpus import RECIPE, documents, run, tree, write_jsonl
from tests.killer import ROOT

SMALL = {**RECIPE, "stages": ["whitespace", "exact_dedup"], "output": {"counts": False}}

HOLD = """
import os, pathlib, sys, time
from korpus.io.lock import locked
with locked(pathlib.Path(sys.argv[1]), "out"):
    print("held", flush=True)
    sys.stdin.read(1)
    if sys.argv[2] == "die":
        os._exit(1)
"""


@pytest.fixture
def source(tmp_path):
    return write_jsonl(tmp_path / "raw.jsonl", documents(60))


@pytest.fixture
def hold():
    """Hold the lock of a folder in another process until told to let go."""
    processes = []

    def start(folder, how="let go"):
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        process = subprocess.Popen([sys.executable, "-c", HOLD, str(folder), how], env=environment, **pipes)
        processes.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in processes:
        if process.returncode is None:
            process.communicate("x")


def state(out):
    return {path: path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("options", [{}, {"fresh": True}, {"overrides": ["stages.whitespace=null"]}])
def test_a_second_run_touches_nothing(source, tmp_path, hold, options):
    layout = Layout(tmp_path / "out")
    hold(layout.work)
    # What a living run may have there at any time: files under their temporary names, spooled input.
    for name in (".korpus/.tmp-1-run.json", ".korpus/stdin-1.txt", "data/.tmp-1-part-00000.parquet"):
        (layout.out / name).parent.mkdir(parents=True, exist_ok=True)
        (layout.out / name).write_text("half")
    before = state(layout.out)
    with pytest.raises(korpus.ResumeError, match=r"another korpus \(process \d+ on .*, since .*\) is writing to .*out"):
        run(SMALL, source, layout.out, **options)
    assert state(layout.out) == before


def test_standard_input_is_not_spooled_into_a_folder_at_work(tmp_path, hold, monkeypatch):
    import io

    class Stdin:
        buffer = io.BytesIO(b'{"text": "x"}\n')

    monkeypatch.setattr(sys, "stdin", Stdin)
    hold(Layout(tmp_path / "out").work)
    with pytest.raises(korpus.ResumeError, match="another korpus"):
        run(SMALL, ["-"], tmp_path / "out")
    assert not list(tmp_path.rglob("stdin-*"))
    assert Stdin.buffer.tell() == 0


def test_the_lock_of_a_dead_process_is_none(source, tmp_path, hold):
    work = Layout(tmp_path / "out").work
    process = hold(work, "die")
    process.communicate("x")
    assert (work / HOLDER).exists()
    run(SMALL, source, tmp_path / "out")
    assert not work.exists()


@pytest.mark.parametrize(("age_s", "refused"), [(0, True), (SILENCE_S - 5, True), (SILENCE_S + 5, False)])
def test_a_run_on_another_machine_is_told_by_its_heartbeat(source, tmp_path, age_s, refused):
    work = Layout(tmp_path / "out").work
    work.mkdir(parents=True)
    write_sealed(work / HOLDER, {"pid": 7, "host": "elsewhere", "started": "2024-05-02T01:02:03+00:00"})
    then = time.time() - age_s
    os.utime(work / HOLDER, (then, then))
    if refused:
        with pytest.raises(korpus.ResumeError, match=r"process 7 on elsewhere, since 2024-05-02.* in a minute"):
            run(SMALL, source, tmp_path / "out")
        assert (work / HOLDER).exists()
    else:
        run(SMALL, source, tmp_path / "out")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"pid": 7}', b"\xff"])
def test_what_the_lock_says_may_be_damaged(source, tmp_path, content):
    work = Layout(tmp_path / "out").work
    work.mkdir(parents=True)
    (work / HOLDER).write_bytes(content)
    run(SMALL, source, tmp_path / "out")


def test_the_holder_shows_that_it_lives(tmp_path, monkeypatch):
    monkeypatch.setattr("korpus.io.lock.BEAT_S", 0.01)
    with locked(tmp_path / "work", "out"):
        holder = tmp_path / "work" / HOLDER
        os.utime(holder, (0, 0))
        end = time.monotonic() + 10
        while holder.stat().st_mtime < 1 and time.monotonic() < end:
            time.sleep(0.01)
        assert holder.stat().st_mtime > 1
    assert not (tmp_path / "work").exists()


def test_the_lock_goes_with_the_block_and_so_do_folders_made_for_it(tmp_path):
    with locked(tmp_path / "a" / "b" / "work", "out"):
        assert {path.name for path in (tmp_path / "a" / "b" / "work").iterdir()} >= {LOCK, HOLDER}
    assert not list(tmp_path.iterdir())
    (tmp_path / "c").mkdir()
    with pytest.raises(ZeroDivisionError), locked(tmp_path / "c" / "work", "out"):
        1 / 0  # noqa: B018
    assert (tmp_path / "c").exists()
    assert not list((tmp_path / "c").iterdir())


def test_of_many_at_once_never_two_hold_it(tmp_path):
    """Threads of one process hold different descriptors, so that the system keeps them apart as it does processes."""
    inside, worst, held = [], [], []

    def work():
        for _ in range(150):
            try:
                with locked(tmp_path / "work", "out"):
                    inside.append(1)
                    worst.append(len(inside))
                    held.append(1)
                    time.sleep(0)
                    inside.pop()
            except korpus.ResumeError:
                pass

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(worst) == 1
    assert len(held) > 1
    assert not (tmp_path / "work").exists()


def test_a_file_in_the_way_is_said(source, tmp_path):
    (tmp_path / "out").write_text("mine")
    for out in (tmp_path / "out", tmp_path / "out" / "deeper"):
        with pytest.raises(korpus.ResumeError, match="is not a folder; give another with -o"):
            run(SMALL, source, out)
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX locks")
@pytest.mark.parametrize("code", ["ENOLCK", "ENOSYS", "EOPNOTSUPP"])
def test_a_disk_without_locks_is_said_and_left_as_it_was(source, tmp_path, monkeypatch, code):
    def refused(*args):
        raise OSError(getattr(errno, code), os.strerror(getattr(errno, code)))

    monkeypatch.setattr("fcntl.flock", refused)
    with pytest.raises(korpus.DataError, match="has no locks, as a network share may have none"):
        run(SMALL, source, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("place", ["data", "data/deeper/still", ".korpus", "rejects", "vocab/x"])
def test_no_run_lies_among_the_files_of_another(source, tmp_path, place):
    run(SMALL, source, tmp_path / "out")
    before = state(tmp_path / "out")
    with pytest.raises(korpus.ResumeError, match=r"lies in .*, which belongs to another run; give another with -o"):
        run(SMALL, source, tmp_path / "out" / place)
    assert state(tmp_path / "out") == before


def test_runs_may_lie_in_one_another_beside_their_files(source, tmp_path, hold):
    """Whoever began first, and whichever is at work."""
    hold(Layout(tmp_path / "out").work)
    run(SMALL, source, tmp_path / "out" / "sub")
    whole = tree(tmp_path / "out" / "sub")
    hold(Layout(tmp_path / "out" / "sub").work)
    run(SMALL, source, tmp_path / "out" / "sub" / "data2")
    assert tree(tmp_path / "out" / "sub" / "data2") == {k: v for k, v in whole.items() if not k.startswith("data2")}
    (tmp_path / "mine" / "data").mkdir(parents=True)
    run(SMALL, source, tmp_path / "mine" / "data" / "out")


READ_ONLY = """
import errno, os, sys
import korpus
from tests.test_locks import SMALL

place, source, out = sys.argv[1:]


def forbid(event, args):
    writes = event == "open" and args[0] is not None and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if writes or event in ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.utime", "os.truncate"):
        if os.fsdecode(args[0]).startswith(place):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), args[0])


sys.addaudithook(forbid)
print(korpus.run(SMALL, [source], out, 1, quiet=True).manifest["kept"]["n_docs"], len(str(korpus.show(out))) > 100)
"""


def on_a_disk_that_can_only_be_read(*args):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", READ_ONLY, *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT)


def test_a_finished_run_may_lie_on_a_disk_that_can_only_be_read(source, tmp_path):
    (tmp_path / "disk").mkdir()
    n_docs = run(SMALL, source, tmp_path / "disk" / "out").manifest["kept"]["n_docs"]
    done = on_a_disk_that_can_only_be_read(tmp_path / "disk", source, tmp_path / "disk" / "out")
    assert (done.stdout, done.stderr) == (f"{n_docs} True\n", "")
    done = on_a_disk_that_can_only_be_read(tmp_path / "disk", source, tmp_path / "disk" / "new")
    assert re.search(r"DataError: .*new.* could not be written: Read-only file system", done.stderr)


def test_the_same_again_after_a_run_returns_at_once(source, tmp_path):
    run(SMALL, source, tmp_path / "out")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")}
    digests = tree(tmp_path / "out")
    result = run(SMALL, source, tmp_path / "out")
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")} == before
    assert tree(tmp_path / "out") == digests
    assert result.manifest == json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
