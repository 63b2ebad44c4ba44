"""The corpus that executors of Spark make is the one that this machine makes, whatever happens to them."""

import os
import shutil
import signal
import sys
import threading
from pathlib import Path

import pytest

import korpus
from korpus import api
from korpus.corpus.layout import Layout
from korpus.engine import elsewhere, write
from korpus.engine.spark import SparkEngine
from korpus.io.atomic import sha256
from tests.corpus import RECIPE, documents, tree, write_jsonl
from tests.test_store_run import GROUPED

pytest.importorskip("pyspark")
pytestmark = [
    pytest.mark.skipif(
        sys.platform == "win32" or not (shutil.which("java") or os.environ.get("JAVA_HOME")),
        reason="a cluster of processes needs Java, and is made by shell scripts",
    ),
    # Of Spark, and of what it says to pandas.
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module")
def session():
    from pyspark.sql import SparkSession

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("PYTHONPATH", os.pathsep.join([str(Path(korpus.__file__).parents[1]), *sys.path]))
        builder = SparkSession.builder.master("local-cluster[2,1,1536]").appName("tests")
        settings = {"ui.enabled": "false", "ui.showConsoleProgress": "false", "log.level": "OFF"}
        for name, value in settings.items():
            builder = builder.config(f"spark.{name}", value)
        made = builder.getOrCreate()
        yield made
        made.stop()


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_jsonl(tmp_path_factory.mktemp("raw") / "raw.jsonl", documents(150))


def executors(application):
    """Return the processes of the executors of an application."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if b"CoarseGrainedExecutorBackend" in command and f"\0--app-id\0{application}\0".encode() in command:
            found.append(int(folder.name))
    return found


def killing(application, times, every_s):
    """Kill an executor again and again, in a thread of its own; return what ends that."""
    ended, killed = threading.Event(), []

    def kill():
        for _ in range(times):
            if ended.wait(every_s):
                return
            for pid in executors(application)[:1]:
                killed.append(pid)
                os.kill(pid, signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()

    def end():
        ended.set()
        thread.join()
        return killed

    return end


def both(tmp_path, session, recipe, inputs, **given):
    """Make a corpus twice; return the digests of all files of both."""
    korpus.run(recipe, inputs, tmp_path / "here", workers=1, quiet=True, **given)
    korpus.run(recipe, inputs, tmp_path / "there", quiet=True, engine=SparkEngine(session), **given)
    return tree(tmp_path / "here"), tree(tmp_path / "there")


def test_workers_are_counted(session):
    engine = SparkEngine(session)
    assert (engine.workers, engine.workers_per_machine) == (2, 1)


def test_the_same_bytes_while_executors_are_killed(tmp_path, session, source):
    end = killing(session.sparkContext.applicationId, 2, 3)
    try:
        here, there = both(tmp_path, session, RECIPE, [source])
    finally:
        killed = end()
    assert killed
    assert here == there
    assert not list((tmp_path / "there").rglob(".tmp-*"))


def test_references_an_index_threads_and_vocabularies(tmp_path, session, source, monkeypatch):
    write_jsonl(tmp_path / "held-out.jsonl", documents(30, seed=1) + documents(150)[:20])
    # Relative paths are those of the driver.
    dedup = {"threshold": 0.8, "against": ["../held-out.jsonl"], "index": "index"}
    recipe = {**GROUPED, "stages": [*GROUPED["stages"], {"minhash_dedup": dedup}, "exact_dedup"]}
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        engine = SparkEngine(session) if name == "there" else None
        korpus.run(recipe, [os.path.relpath(source)], "out", quiet=True, engine=engine)
    here, there = tree(tmp_path / "here"), tree(tmp_path / "there")
    assert here == there
    assert {"out/vocab/all/vocab.txt", "index/index.json"} <= set(here)


def test_input_that_only_its_beginning_leads_to(tmp_path, session):
    source = write_jsonl(tmp_path / "raw.jsonl.gz", documents(300))
    recipe = {**RECIPE, "input": {"split_bytes": 4096}, "stages": ["sentences"]}
    here, there = both(tmp_path, session, recipe, [source])
    assert here == there


def test_one_begins_and_the_other_ends(tmp_path, session, source):
    class Stops(SparkEngine):
        def map(self, function, items):
            if getattr(function, "__name__", "") == "write_shard":
                raise KeyboardInterrupt
            return super().map(function, items)

    with pytest.raises(KeyboardInterrupt):
        korpus.run(RECIPE, [source], tmp_path / "out", quiet=True, engine=Stops(session))
    marks = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("done/*.json")}
    assert marks
    korpus.run(RECIPE, [source], tmp_path / "out", workers=1, quiet=True)
    korpus.run(RECIPE, [source], tmp_path / "whole", workers=1, quiet=True)
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")


def test_a_python_without_korpus(tmp_path, session, source, monkeypatch):
    bare = tmp_path / "python"
    # Without what is installed, though not without what Spark brings.
    bare.write_text(f'#!/bin/sh\nunset PYTHONPATH\nexec {sys.executable} -I -S "$@"\n')
    bare.chmod(0o755)
    monkeypatch.setattr(session.sparkContext, "pythonExec", str(bare))
    with pytest.raises(korpus.DataError, match=r"is not installed where the cluster runs Python.*PYSPARK_PYTHON"):
        korpus.run(RECIPE, [source], tmp_path / "out", quiet=True, engine=SparkEngine(session))


def test_another_version_is_refused(tmp_path, session, source, monkeypatch):
    monkeypatch.setitem(elsewhere.VERSIONS, "korpus", "99.0")
    with pytest.raises(korpus.DataError, match=r"the cluster has korpus .*, this machine 99.0"):
        korpus.run(RECIPE, [source], tmp_path / "out", quiet=True, engine=SparkEngine(session))
    assert not list((tmp_path / "out").rglob("done/*.json"))


def test_a_folder_that_is_not_shared(tmp_path, session, source, monkeypatch):
    monkeypatch.setattr(elsewhere.Desk, "seen", lambda self, name: False)
    with pytest.raises(korpus.DataError, match="do not see the files that this one writes"):
        korpus.run(RECIPE, [source], tmp_path / "out", quiet=True, engine=SparkEngine(session))


def test_a_task_that_always_fails(tmp_path, session, source):
    plan = api.plan(RECIPE, [source], tmp_path / "out")
    engine = SparkEngine(session)
    engine.give(plan, Layout(tmp_path / "out"))
    with engine:
        assert list(engine.map(write.digest, [str(source)] * 3)) == [sha256(source)] * 3
    with pytest.raises(korpus.DataError, match=r"Spark gave a task up.*No such file or directory"), engine:
        list(engine.map(write.digest, [str(tmp_path / "none")]))


def test_the_engine_by_name(tmp_path, source):
    with pytest.raises(korpus.RecipeError, match="no engine 'sparc'.*did you mean 'spark'"):
        korpus.run(RECIPE, [source], tmp_path / "out", engine="sparc")
    with pytest.raises(korpus.RecipeError, match="--workers is for this machine"):
        korpus.run(RECIPE, [source], tmp_path / "out", engine="spark", workers=3)
