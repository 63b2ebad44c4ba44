"""How the command ends when it is told to: one line, the right status, no process left, and it goes on from there."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.corpus import documents, run, tree, write_jsonl
from tests.killer import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
LINES = {"SIGTERM": ("terminated", 143), "SIGINT": ("interrupted", 130), "SIGHUP": ("hung up", 129)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("signals")
    write_jsonl(path / "raw.jsonl", documents(600))
    (path / "r.yaml").write_text("input: {split_bytes: 2KiB}\nstages: [nfc, length, exact_dedup]\n")
    return path


@pytest.fixture(scope="module")
def straight(folder, tmp_path_factory):
    """Return the digests of an undisturbed run."""
    out = tmp_path_factory.mktemp("straight") / "out"
    run(folder / "r.yaml", folder / "raw.jsonl", out)
    return tree(out)


def start(folder, out, *more, prelude=""):
    """Start the command in a session of its own, as a shell does."""
    args = ["run", str(folder / "r.yaml"), "-i", str(folder / "raw.jsonl"), "-o", str(out), "-q", *more]
    code = f"import sys; sys.argv = {['korpus', *args]!r}\n{prelude}\nfrom korpus.__main__ import main\nmain()"
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-c", code], env=ENVIRONMENT, start_new_session=True, **pipes)


def of_session(pid):
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[3]) == pid and fields[0] not in "ZX":
                found.append(int(stat.parent.name))
    return found


def left_after(pid, seconds=5.0):
    """Return the processes of a session that are there after so many seconds."""
    end = time.monotonic() + seconds
    while (left := of_session(pid)) and time.monotonic() < end:
        time.sleep(0.05)
    for one in left:
        os.kill(one, signal.SIGKILL)
    return left


def until(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("name", list(LINES))
@pytest.mark.parametrize("whole_group", [False, True])
def test_a_signal_ends_a_run_in_one_line(folder, straight, tmp_path, name, whole_group):
    process = start(folder, tmp_path / "out", "--workers", "2")
    until(lambda: list(tmp_path.rglob("done/*.json")) or process.poll() is not None)
    with suppress(ProcessLookupError):
        (os.killpg if whole_group else os.kill)(process.pid, getattr(signal, name))
    out, err = process.communicate(timeout=60)
    if process.returncode == 0:
        pytest.skip("it was done before the signal came")
    said, status = LINES[name]
    assert (process.returncode, out, err) == (status, "", f"{said}; the same command goes on from here\n")
    assert not left_after(process.pid)
    run(folder / "r.yaml", folder / "raw.jsonl", tmp_path / "out", workers=2)
    assert tree(tmp_path / "out") == straight


@pytest.mark.parametrize("seed", range(6))
def test_a_signal_while_it_starts_is_one_line_too(folder, tmp_path, seed):
    """Imports, planning and compiling have no place for an exception to come, and it comes there all the same."""
    rng = random.Random(seed)
    process = start(folder, tmp_path / "out", "--workers", rng.choice("12"))
    time.sleep(0.15 + rng.random() * 1.5)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) in [
        (130, "", "interrupted; the same command goes on from here\n"),
        (0, "", ""),
    ]
    assert not left_after(process.pid)


@pytest.mark.parametrize(
    ("prelude", "expected"),
    [
        # An exception that is swallowed, as by a callback from C, does not keep the process alive.
        (
            "import korpus.signals as s, os, signal\ns.PATIENCE_S = 0.2\ns.listen()\n"
            "try: os.kill(os.getpid(), signal.SIGTERM)\nexcept BaseException: pass\nimport time; time.sleep(60)",
            (143, "terminated; the same command goes on from here\n"),
        ),
        # One that something else makes of it is told from the one it was.
        (
            "import korpus.signals as s, os, signal, korpus.api\n"
            "def run(*args):\n"
            "    try: os.kill(os.getpid(), signal.SIGHUP)\n"
            "    except BaseException: raise SystemError('unreported exception')\n"
            "korpus.api.run = run",
            (129, "hung up; the same command goes on from here\n"),
        ),
        # What the caller ignores, as nohup does, stays ignored.
        (
            "import os, signal, korpus.api\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
            "korpus.api.run = lambda *a: os.kill(os.getpid(), signal.SIGHUP) or sys.exit(5)",
            (5, ""),
        ),
        # A second signal does not wait.
        (
            "import os, signal, korpus.api\n"
            "def run(*args):\n"
            "    try: os.kill(os.getpid(), signal.SIGINT)\n"
            "    finally: os.kill(os.getpid(), signal.SIGTERM)\n"
            "korpus.api.run = run",
            (130, "interrupted; the same command goes on from here\n"),
        ),
    ],
)
def test_a_signal_is_never_lost_and_never_doubled(folder, tmp_path, prelude, expected):
    process = start(folder, tmp_path / "out", prelude=prelude)
    assert process.communicate(timeout=30)[1] == expected[1]
    assert process.returncode == expected[0]


@pytest.mark.parametrize("when", ["start", "work", "end"])
def test_no_process_outlives_a_parent_that_is_killed(folder, tmp_path, when):
    process = start(folder, tmp_path / "out", "--workers", "2")
    if when == "start":
        until(lambda: len(of_session(process.pid)) > 2 or process.poll() is not None)
    elif when == "work":
        until(lambda: list(tmp_path.rglob("done/*.json")) or process.poll() is not None)
    else:
        until(lambda: list(tmp_path.rglob("resolved.json")) or process.poll() is not None)
    process.kill()
    process.communicate(timeout=60)
    assert not left_after(process.pid)


def test_in_a_program_of_others_signals_are_theirs(folder, tmp_path):
    code = f"""
import signal, threading, korpus
mine = lambda *_: None
numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
for number in numbers:
    signal.signal(number, mine)
def work():
    korpus.run({str(folder / "r.yaml")!r}, [{str(folder / "raw.jsonl")!r}], {str(tmp_path / "out")!r}, 2, quiet=True)
thread = threading.Thread(target=work)
thread.start()
thread.join()
work()
assert all(signal.getsignal(number) is mine for number in numbers)
assert not signal.pthread_sigmask(signal.SIG_BLOCK, ())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=ENVIRONMENT, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "out" / "manifest.json").exists()
