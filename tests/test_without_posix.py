"""Nothing stands in the way of a system that lacks what only POSIX has, and that replaces no file in use."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import korpus
from tests.corpus import write_jsonl

ROOT = Path(korpus.__file__).parent.parent

WINDOWS = """
import multiprocessing, os, signal, sys

import platformdirs  # which knows what system this is

for name in ("fcntl", "resource", "pwd", "grp", "termios", "readline"):
    sys.modules[name] = None
for name in ("fork", "getuid", "geteuid", "register_at_fork", "sched_getaffinity", "getpgid", "killpg"):
    delattr(os, name)
for name in ("setitimer", "getitimer", "SIGVTALRM", "SIGALRM", "SIGKILL", "SIGHUP", "alarm"):
    delattr(signal, name)
multiprocessing.get_all_start_methods = lambda: ["spawn"]


def in_use(path, dir_fd):
    path = os.fspath(path)
    path = os.path.join(os.readlink(f"/proc/self/fd/{dir_fd}"), path) if dir_fd is not None else os.path.abspath(path)
    mapped = [line.rstrip("\\n").partition("/")[2] for line in open("/proc/self/maps")]
    opened = []
    for number in os.listdir("/proc/self/fd"):
        try:
            opened.append(os.readlink(f"/proc/self/fd/{number}"))
        except OSError:
            pass
    return path[1:] in mapped or path in opened


def careful(function, n):
    def call(*paths, dir_fd=None, **options):
        for path in paths[:n]:
            if not os.path.isdir(path) and in_use(path, dir_fd):
                raise PermissionError(13, "The process cannot access the file because it is being used", str(path))
        return function(*paths, **({"dir_fd": dir_fd} if dir_fd is not None else {}), **options)
    return call


os.replace, os.rename = careful(os.replace, 2), careful(os.rename, 2)
os.unlink, os.remove = careful(os.unlink, 1), careful(os.remove, 1)
"""

RUNS = """
from pathlib import Path

import korpus
from korpus.corpus.layout import Layout

RECIPE = {
    "stages": [
        "nfc",
        {"regex_replace": {"pattern": r"\\bㅋ+", "replacement": "ㅋㅋ"}},
        "exact_dedup",
        {"minhash_dedup": {"threshold": 0.7}},
        {"domain": {"field": "kind", "map": {"새": "bird"}}},
    ],
    "vocab": {"size": 300},
}


def main(source, out, workers):
    result = korpus.run(RECIPE, [source], out, workers=int(workers))
    assert result.manifest["kept"]["n_docs"] == 12, result.manifest["kept"]
    paths = [shard["path"] for shard in result.manifest["shards"]]
    assert not [path for path in paths if "\\\\" in path]
    assert not Layout(Path(out)).work.exists()
    assert korpus.run(RECIPE, [source], out, workers=int(workers)).manifest == result.manifest
    assert korpus.load(RECIPE)({"text": "ㅋㅋㅋㅋ 글", "kind": "새"})["text"] == "ㅋㅋ 글"
"""


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="what is in use is told by /proc")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_corpus_without_what_only_posix_has(tmp_path, workers):
    words = "바다 하늘 구름 나무 사람 사랑 노래 여름 겨울 학교 시장 음식 영화 배우 기차 비행기".split()  # noqa: SIM905
    texts = [f"{' '.join(words[(n * k + k * k) % 16] for k in range(1, 12))} {n}번" for n in range(40)]
    rows = [{"text": texts[i % 40], "kind": "새꽃"[i % 2]} for i in range(80)]
    source = write_jsonl(tmp_path / "in.jsonl", rows)
    script = tmp_path / "script.py"
    call = f"if __name__ == '__main__':\n    main({str(source)!r}, {str(tmp_path / 'out')!r}, {workers})\n"
    script.write_text(WINDOWS + RUNS + call, encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, str(script)], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
