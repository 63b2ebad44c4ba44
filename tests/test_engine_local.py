"""A pool whose worker is killed ends with one clear error: nothing hangs, nothing is said by its threads."""

import os
import subprocess
import sys
import time
from multiprocessing.connection import Connection

import pytest

import korpus
from korpus.engine import local
from korpus.engine.local import LocalEngine
from tests.killer import ROOT, die

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")

KILLED = """
import os, sys, threading
from multiprocessing import util
from korpus.engine.local import LocalEngine
from korpus.errors import DataError
from tests.killer import die

for i in range(12):
    try:
        with LocalEngine(2) as engine:
            engine.warm_up(abs, 1)
            list(engine.map(die, range(9)) if i % 2 else engine.run(die, [(n,) for n in range(9)]))
    except DataError as error:
        print(str(error).partition(",")[0])
assert threading.active_count() == 1
# As whoever ends a process by a signal does: its threads are not waited for.
util._exit_function()
os._exit(0)
"""


def test_nothing_but_the_error_is_said_of_a_killed_worker():
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for _ in range(3):
        command = [sys.executable, "-c", KILLED]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, timeout=120)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == "a worker process died\n" * 12


def die_while_sending(*args):
    """Return a result of which the pool is sent the length alone."""
    send = Connection._send

    def half(self, data, **kwargs):
        send(self, data, **kwargs)
        if len(data) == 4:
            die()

    Connection._send = half
    return b"." * 100_000


def use(function, items, how="run"):
    with LocalEngine(2) as engine:
        engine.warm_up(function if how == "warm up" else id, 1)
        yield from engine.map(function, items) if how == "map" else engine.run(function, [(item,) for item in items])


@pytest.mark.parametrize("how", ["run", "map", "warm up"])
def test_a_worker_that_dies_while_it_sends_its_result_is_noticed(monkeypatch, how):
    monkeypatch.setattr(local, "LOOK_S", 0.5)
    with pytest.raises(korpus.DataError, match="a worker process died"):
        list(use(die_while_sending, [1, 2], how))


def fail_or_write(task):
    path, fails = task
    while fails and not path.exists():
        time.sleep(0.05)
    if fails:
        raise korpus.DataError("it is bad")
    for i in range(600):
        path.write_text(str(i))
        time.sleep(0.05)


def test_no_worker_writes_once_a_run_has_failed(tmp_path):
    """The lock of the folder is let go then, and another run may begin."""
    path = tmp_path / "a"
    with pytest.raises(korpus.DataError, match="it is bad"):
        list(use(fail_or_write, [(path, False), (path, True)]))
    written = path.stat().st_mtime_ns
    time.sleep(1)
    assert path.stat().st_mtime_ns == written


def test_a_server_that_is_killed_is_said_like_a_worker_that_is():
    from multiprocessing import forkserver

    def killing():
        for n in use(abs, range(1000)):
            if n == 3:
                os.kill(forkserver._forkserver._forkserver_pid, 9)

    with pytest.raises(korpus.DataError, match="a worker process died"):
        killing()
    assert sorted(use(abs, [-1, -2, -3])) == [1, 2, 3]
