"""The corpus that workers of Ray make is the one that this machine makes."""

import os
from pathlib import Path

import pytest

import korpus
from korpus.engine import elsewhere
from korpus.engine.ray import RayEngine
from tests.corpus import RECIPE, documents, tree, write_jsonl

ray = pytest.importorskip("ray")
# A cluster of its own for every run takes some seconds, and Ray is no part of what tests need.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module", autouse=True)
def cluster():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(
            "PYTHONPATH", os.pathsep.join([str(Path(korpus.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
        )
        ray.init(num_cpus=2, log_to_driver=False, logging_level="ERROR")
        yield
        ray.shutdown()


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_jsonl(tmp_path_factory.mktemp("raw") / "raw.jsonl", documents(150))


def test_the_same_bytes(tmp_path, source):
    korpus.run(RECIPE, [source], tmp_path / "here", workers=1, quiet=True)
    korpus.run(RECIPE, [source], tmp_path / "there", quiet=True, engine=RayEngine())
    assert tree(tmp_path / "here") == tree(tmp_path / "there")
    assert ray.is_initialized(), "what was there before stays"


def test_another_version_is_refused(tmp_path, source, monkeypatch):
    monkeypatch.setitem(elsewhere.VERSIONS, "pyarrow", "1.0")
    with pytest.raises(korpus.DataError, match=r"the cluster has pyarrow .*, this machine 1.0"):
        korpus.run(RECIPE, [source], tmp_path / "out", quiet=True, engine=RayEngine())


def test_what_the_user_must_mend_is_said(tmp_path):
    bad = tmp_path / "raw.jsonl"
    bad.write_text('{"text": "good", "topic": "a"}\n' * 10 + "no JSON\n" * 2000)
    with pytest.raises(korpus.DataError, match="cannot be read"):
        korpus.run({**RECIPE, "engine": {}}, [bad], tmp_path / "out", quiet=True, engine=RayEngine())
