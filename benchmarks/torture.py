"""Kill, starve and damage runs in every way that a machine can, and see that they give the same bytes or say why not.

    python -m benchmarks.torture                     # the long form: hours on two cores
    python -m benchmarks.torture --only "full|kill"  # some of its rows
    python -m benchmarks.torture --kills 3 --parents 2 --workers 2 --signals 2 --overlaps 2 --disks 1 --altered 5

A row of the table is one kind of trouble. `same` counts the runs that came, in the end, to the bytes of an undisturbed
run; `refused` those that ended with a clear error, which is what some trouble asks for. `wrong`, `unexpected` and
`orphans` must be 0: other bytes, an error without advice or a traceback, a process that outlives its run by 5 seconds.
Times and places are drawn from `--seed`. Runs are forked from one process that has imported everything, so that most
of their time is work. Full disks are small file systems in memory, which only root may mount; others skip them.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from multiprocessing.util import _exit_function
from pathlib import Path

import korpus.api
import korpus.engine.exchange
import korpus.engine.remote_run  # noqa: F401
import korpus.engine.run
import korpus.engine.write  # noqa: F401
from benchmarks import torture_files as damage
from korpus import __main__ as command

# These few splits are put together as the many of a large run are.
korpus.engine.exchange.MAX_FILES = 4

_WORDS = """
영화 배우 연기 감독 화면 음악 이야기 결말 주말 가족 친구 극장 소리 장면 웃음 눈물 재미 감동 시간 기대
"""
WORDS = _WORDS.split()
RECIPE = {
    "name": "torture",
    "input": {"split_bytes": 8192},
    "stages": [
        "nfc",
        {"length": {"min_chars": 6}},
        "exact_dedup",
        {"minhash_dedup": {"threshold": 0.8}},
        {"domain": {"field": "topic", "map": {"가": "ga"}, "unmapped": "value"}},
    ],
    "output": {"shard_bytes": 16384},
    "vocab": {"size": 400},
    "engine": {"max_bad_ratio": 1.0},
}
STATUS = {"group": -9, "parent": -9, "worker": 1, "server": 1, "SIGTERM": 143, "SIGINT": 130, "SIGHUP": 129}
"""How a run ends that was hit so."""
LIMIT_S = 150
"""No run takes so long; one that does hangs."""


class Torture:
    """One recipe on one small input, run again and again under trouble."""

    def __init__(self, folder: Path, seed: int):
        self.folder, self.rng = folder, random.Random(seed)
        self.recipe, self.source = folder / "r.yaml", folder / "raw.jsonl"
        self.recipe.write_text(json.dumps(RECIPE, ensure_ascii=False), "utf-8")
        self.source.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in self._rows(600)), "utf-8")
        self.n = 0
        self.stopped: list[Path] = []
        self.straight = folder / "straight"
        self.wall_s, self.end = 0.0, float("inf")
        code, said = self.wait(self.start(self.straight))
        assert code == 0, said
        self.bytes = damage.tree(self.straight)

    def _rows(self, n: int) -> list[dict]:
        texts: list[str] = []
        for _ in range(n):
            kind = self.rng.random()
            text = " ".join(self.rng.choices(WORDS, k=self.rng.choice([3, 8, 30, 120]))) + self.rng.choice("요다까지")
            if texts and kind < 0.3:
                text = self.rng.choice(texts) + ("" if kind < 0.1 else "!")
            texts.append(text)
        return [{"text": text, "topic": self.rng.choice(["가", "나라", "food"])} for text in texts]

    # One run.

    def out(self) -> Path:
        """Return a folder that is not there yet."""
        self.n += 1
        return self.folder / f"out-{self.n}"

    def start(self, out: Path, *more: str) -> tuple[int, Path, float]:
        """Start the command in a session of its own; return its process id, the file of what it says, and when."""
        said = self.folder / f"said-{self.n}-{self.rng.random()}"
        pid = os.fork()
        if pid:
            return pid, said, time.monotonic()
        os.setsid()
        for name in STATUS:  # whoever started this script may have it ignore some, as nohup does
            if name.startswith("SIG"):
                signal.signal(getattr(signal, name), signal.SIG_DFL)
        with said.open("wb") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        faulthandler.dump_traceback_later(LIMIT_S - 5)
        sys.argv = ["korpus", "run", str(self.recipe), "-i", str(self.source), "-o", str(out), "--workers", "2", "-q"]
        sys.argv += more
        try:
            command.main()
            os._exit(0)
        except SystemExit as exit_:
            sys.stderr.flush()
            _exit_function()  # what an interpreter does at its end
            os._exit(int(exit_.code or 0))
        except BaseException as error:
            os.write(2, f"unexpected {error!r}".encode())
            os._exit(70)

    def wait(self, run: tuple[int, Path, float]) -> tuple[int, str]:
        """Return the exit status of a run, negative for a signal, and what it said."""
        pid, said, began = run
        end = time.monotonic() + LIMIT_S
        while (done := os.waitpid(pid, os.WNOHANG))[0] == 0:
            if time.monotonic() > end:
                with suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                return 99, f"unexpected: it hangs\n{said.read_text('utf-8', 'replace')}"
            time.sleep(0.005)
        text = said.read_text("utf-8", "replace") if said.exists() else ""
        said.unlink(missing_ok=True)
        code = os.waitstatus_to_exitcode(done[1])
        if code == 0:
            # Trouble comes while a run is at work, however busy the machine is just now.
            self.wall_s = 0.9 * (time.monotonic() - began)
        return code, text

    def pause(self) -> None:
        """Let a run go on for a random while."""
        time.sleep(self.rng.uniform(0, self.wall_s))

    def orphans(self, pid: int) -> int:
        """Return how many processes of a session are there 5 seconds after its end, and end them."""
        end = time.monotonic() + 5
        while (left := session(pid)) and time.monotonic() < end:
            time.sleep(0.02)
        for one in left:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        return len(left)

    def finish(self, out: Path, row: Counter) -> None:
        """Give the command once more, and compare what it makes."""
        code, said = self.wait(self.start(out))
        row["unexpected"] += bad(said)
        if code == 0:
            row["same" if damage.tree(out) == self.bytes else "wrong"] += 1
        else:
            row["unexpected"] += 1
            print("    ", code, said.strip()[-500:], flush=True)
        shutil.rmtree(out, ignore_errors=True)

    # Kinds of trouble.

    def killed(self, n: int, how: str) -> Counter:
        """Kill runs until `n` were hit; a run is given again until it gets through."""
        row: Counter = Counter()
        out = self.out()
        while row["n"] < n and time.monotonic() < self.end:
            run = self.start(out)
            self.pause()
            hit = self._hit(run[0], how)
            code, said = self.wait(run)
            row["orphans"] += self.orphans(run[0])
            row["unexpected"] += bad(said)
            row["n"] += hit and code != 0
            expected = {
                "group": -9,
                "parent": -9,
                "worker": 1,
                "server": 1,
                "SIGTERM": 143,
                "SIGINT": 130,
                "SIGHUP": 129,
            }[how]
            if hit and code not in (expected, 0):
                row["unexpected"] += 1
                print("    ", how, code, said.strip()[-500:], flush=True)
            if how.startswith("SIG") and code == expected and said.count("\n") != 1:
                row["unexpected"] += 1
                print("    ", how, repr(said[-500:]), flush=True)
            if code == 0:
                row["same" if damage.tree(out) == self.bytes else "wrong"] += 1
                shutil.rmtree(out)
                out = self.out()
            elif how == "group" and len(self.stopped) < 40 and any(out.rglob("done/*.json")):
                kept = self.folder / f"stopped-{len(self.stopped)}"
                shutil.copytree(out, kept)
                self.stopped.append(kept)
        self.finish(out, row)
        return row

    def _hit(self, pid: int, how: str) -> bool:
        with suppress(ProcessLookupError, PermissionError):
            if how == "group":
                os.killpg(pid, signal.SIGKILL)
            elif how in ("worker", "server"):
                while not (there := grandchildren(pid) if how == "worker" else servers(pid)):
                    if ended(pid):
                        return False
                    time.sleep(0.01)
                os.kill(self.rng.choice(there), signal.SIGKILL)
            else:
                os.kill(pid, signal.SIGKILL if how == "parent" else getattr(signal, how))
            return True
        return False

    def overlaps(self, n: int) -> Counter:
        """Give the command twice at once, or a moment later, sometimes with --fresh; one of them goes on."""
        row: Counter = Counter()
        while row["n"] < n and time.monotonic() < self.end:
            out, more = self.out(), ["--fresh"] if self.rng.random() < 0.3 else []
            first = self.start(out)
            if self.rng.random() < 0.7:
                self.pause()
            second = self.start(out, *more)
            ended = [self.wait(second), self.wait(first)]
            row["n"] += 1
            for code, said in ended:
                row["unexpected"] += bad(said) or code not in (0, 1)
                row["refused"] += code == 1 and "another korpus" in said
                if code == 1 and "another korpus" not in said:
                    row["unexpected"] += 1
                    print("    ", said.strip()[-500:], flush=True)
            row["unexpected"] += all(code for code, _ in ended)
            row["orphans"] += self.orphans(first[0]) + self.orphans(second[0])
            self.finish(out, row)
        return row

    def full_disks(self, n: int) -> Counter:
        """Run on disks of growing sizes, then give the disk more room and the command again."""
        row: Counter = Counter()
        disk = self.folder / "disk"
        disk.mkdir()
        for i in range(n):
            size = 48 * 1024 + i * 64 * 1024
            if time.monotonic() > self.end:
                return row
            if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk], check=False).returncode:
                return row
            try:
                run = self.start(disk / "out")
                code, said = self.wait(run)
                row["n"] += 1
                row["refused"] += code == 1 and ("disk is full" in said or "of disk" in said)
                row["unexpected"] += bad(said) or (code == 1 and "disk" not in said)
                row["orphans"] += self.orphans(run[0])
                subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
                self.finish(disk / "out", row)
            finally:
                subprocess.run(["umount", disk], check=False)
        return row

    def read_while_written(self, n: int) -> Counter:
        """Show and export what a run is just making, or making anew: all of it, or a clear error."""
        row: Counter = Counter()
        while row["n"] < n and time.monotonic() < self.end:
            out = self.out()
            if row["n"] % 2:
                shutil.copytree(self.straight, out)
            run = self.start(out, *["--fresh"] * (row["n"] % 2))
            while not ended(run[0]):
                damage.use(out, (damage.head, damage.export), self.folder, row)
                row["n_uses"] += 1
            code, said = self.wait(run)
            row["n"] += 1
            row["unexpected"] += bad(said) or code != 0
            row["orphans"] += self.orphans(run[0])
            self.finish(out, row)
        return row

    def stopped_states(self) -> list[Path]:
        """Return folders of runs that were killed in the middle."""
        while len(self.stopped) < 12:
            self.killed(10, "group")
        return self.stopped


def bad(said: str) -> bool:
    """Tell whether a run said something that no user should see."""
    found = "unexpected" in said or "Traceback" in said or "Exception ignored" in said
    if found:
        print("    ", said.strip()[-4000:], flush=True)
    return found


def ended(pid: int) -> bool:
    """Tell whether a child has ended, and leave it to be waited for."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def processes() -> list[tuple[int, int, int]]:
    """Return (process, parent, session) of all that live."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            fields = stat.read_text().rpartition(")")[2].split()
            if fields[0] not in "ZX":
                found.append((int(stat.parent.name), int(fields[1]), int(fields[3])))
    return found


def session(pid: int) -> list[int]:
    """Return the processes of a session but its leader, which is dead and waited for."""
    return [one for one, _, of in processes() if of == pid and one != pid]


def servers(pid: int) -> list[int]:
    """Return the server that the workers of a run are forked from: its one child that has children."""
    there = processes()
    parents = {parent for _, parent, _ in there}
    return [one for one, parent, _ in there if parent == pid and one in parents]


def grandchildren(pid: int) -> list[int]:
    """Return the workers of a run."""
    of = set(servers(pid))
    return [one for one, parent, _ in processes() if parent in of]


def main() -> None:
    """Run every kind of trouble, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, n in COUNTS.items():
        parser.add_argument(f"--{name}", type=int, default=n)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--row-s", type=float, default=float("inf"), help="seconds after which a row ends anyway")
    parser.add_argument("--only", default="", help="a regular expression: the rows whose names it matches")
    given = vars(parser.parse_args())
    with tempfile.TemporaryDirectory() as folder:
        torture = Torture(Path(folder), given["seed"])
        table = {"kill -9 of all processes": lambda: torture.killed(given["kills"], "group")}
        table["kill -9 of the parent"] = lambda: torture.killed(given["parents"], "parent")
        table["kill -9 of a worker"] = lambda: torture.killed(given["workers"], "worker")
        table["kill -9 of the server of workers"] = lambda: torture.killed(given["signals"], "server")
        for name in ("SIGTERM", "SIGINT", "SIGHUP"):
            table[name] = lambda name=name: torture.killed(given["signals"], name)
        table["two runs at once"] = lambda: torture.overlaps(given["overlaps"])
        table["show and export during a run"] = lambda: torture.read_while_written(given["reads"])
        table["full disks"] = lambda: torture.full_disks(given["disks"])
        table |= damage.rows(torture, given["altered"])
        wrong = 0
        print(f"{'trouble':<36}" + "".join(f"{name:>11}" for name in COLUMNS), flush=True)
        for name, make in table.items():
            if not re.search(given["only"], name):
                continue
            # What is drawn for a row does not depend on which rows came before.
            torture.rng.seed(f"{given['seed']} {name}")
            torture.end = time.monotonic() + given["row_s"]
            row = make()
            wrong += row["wrong"] + row["unexpected"] + row["orphans"]
            print(f"{name:<36}" + "".join(f"{row[column]:>11,}" for column in COLUMNS), flush=True)
    sys.exit(bool(wrong))


COUNTS = {
    "kills": 100,
    "parents": 50,
    "workers": 50,
    "signals": 20,
    "overlaps": 50,
    "reads": 20,
    "disks": 20,
    "altered": 200,
}
COLUMNS = ("n", "same", "refused", "wrong", "unexpected", "orphans")

if __name__ == "__main__":
    main()
