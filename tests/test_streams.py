"""The command with standard streams that are closed, full or read no further, and with limits on what it may open."""

import os
import subprocess
import sys

import pytest

from tests.corpus import documents, write_jsonl
from tests.killer import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX shell")

KORPUS = f"{sys.executable} -m korpus"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("streams")
    write_jsonl(path / "in.jsonl", documents(60))
    (path / "r.yaml").write_text("stages: [length]\n")
    assert shell(path, f"{KORPUS} run r.yaml -i in.jsonl -o done --workers 1 -q") == (0, "", "")
    return path


def shell(folder, command):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipes = {"capture_output": True, "text": True, "timeout": 120}
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, **pipes)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("closed", [">&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_lead_nowhere(folder, tmp_path, closed):
    assert shell(folder, f"{KORPUS} run r.yaml -i in.jsonl -o {tmp_path}/out --workers 2 {closed}")[::2] == (0, "")
    for name in ("data", "rejects", "counts"):
        files = sorted((tmp_path / "out" / name).rglob("*.parquet"))
        assert [file.read_bytes() for file in files] == [
            (folder / "done" / file.relative_to(tmp_path / "out")).read_bytes() for file in files
        ]
    assert shell(folder, f"{KORPUS} show done {closed}")[::2] == (0, "")
    assert shell(folder, f"{KORPUS} run r.yaml -i nowhere.jsonl -o {tmp_path}/other -q {closed}")[0] == 1


@pytest.mark.parametrize("closed", ["<&-", "</dev/null"])
def test_nothing_on_standard_input_is_said(folder, tmp_path, closed):
    code, _, said = shell(folder, f"{KORPUS} run r.yaml -i - -o {tmp_path}/out {closed}")
    assert (code, said) == (1, "error: there is nothing to read: - is empty\n")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")  # noqa: PTH110
@pytest.mark.parametrize("command", ["--help", "show done"])
def test_a_full_disk_behind_standard_output_is_said(folder, command):
    code, _, said = shell(folder, f"{KORPUS} {command} >/dev/full")
    assert (code, said) == (1, "error: No space left on device\n")


@pytest.mark.parametrize("command", ["show done", "stages"])
def test_a_reader_that_leaves_is_no_error(folder, command):
    code, _, said = shell(folder, f"{KORPUS} {command} | head -c 1")
    assert (code, said) == (0, "")


@pytest.mark.parametrize("limit", ["ulimit -n 32", "umask 0777; export TMPDIR=/nonexistent"])
def test_limits_of_a_shell_stop_nothing(folder, tmp_path, limit):
    assert shell(folder, f"{limit}; {KORPUS} run r.yaml -i in.jsonl -o {tmp_path}/out --workers 2 -q") == (0, "", "")


def test_a_limit_on_the_size_of_files_is_said(folder, tmp_path):
    code, _, said = shell(folder, f"ulimit -f 1; {KORPUS} run r.yaml -i in.jsonl -o {tmp_path}/out --workers 2 -q")
    assert code == 1
    assert "could not be written" in said
    assert said.count("\n") == 1
    assert shell(folder, f"{KORPUS} run r.yaml -i in.jsonl -o {tmp_path}/out --workers 2 -q") == (0, "", "")
