"""Small corpora and recipes for whole runs, and a look into what a run has written."""

import hashlib
import json
import os
import random
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

import korpus
from korpus import api
from korpus.engine import local
from korpus.report import check

ENDINGS = ["어요", "네요", "습니다", "더라고요", "는데요", "지요", "음", "군요"]
_WORDS = """
영화 배우 연기 감독 화면 음악 이야기 결말 시작 주말 가족 친구 극장 표 자리 소리 장면 대사 웃음 눈물 여운 재미 감동
지루함 시간 돈 기대 실망 추천 별점 평점 원작 소설 만화 후속편 액션 멜로 공포 코미디 역사 전쟁 사랑 우정 꿈 현실
"""
WORDS = _WORDS.split()
NOISE = ["ㅋㅋㅋㅋㅋㅋ", "ㅠㅠㅠㅠ", "!!!!", "😀😂", "http://example.com/a?b=1", "OOO", "  ", "…", "美", "", "", ""]

RECIPE = {
    "korpus": 1,
    "name": "small",
    "input": {"split_bytes": 4096},
    "stages": [
        "nfc",
        {"charset": {"preset": "kcelectra"}},
        "urls",
        "masks",
        {"repeats": {"min_run": 3}},
        "whitespace",
        {"length": {"min_chars": 6}},
        "exact_dedup",
        {"minhash_dedup": {"threshold": 0.8}},
        {"domain": {"field": "topic", "map": {"가": "ga", "나": "na"}}},
        {"length": {"max_chars": 400}},
    ],
    "output": {"shard_bytes": 16384},
    "engine": {"max_bad_ratio": 1.0},
}


def checked(*given, **more) -> str:
    """Return what `korpus check` prints; parameters as for `korpus.api.check`."""
    return check.render(api.check(*given, **more))


def documents(n: int, seed: int = 0) -> list[dict]:
    """Return documents with noise, exact and near-duplicates, and texts that are too short or too long."""
    rng = random.Random(seed)
    made: list[dict] = []
    for i in range(n):
        kind = rng.random()
        if made and kind < 0.1:
            text = rng.choice(made)["text"]
        elif made and kind < 0.25:
            text = rng.choice(made)["text"] + rng.choice([" 정말", "!", " 진짜요", "."])
        elif kind < 0.3:
            text = rng.choice(["ㅋㅋ", "굿", "", "😀"])
        else:
            n_words = rng.choice([4, 8, 15, 15, 40, 150])
            words = [rng.choice(WORDS) + rng.choice(ENDINGS) for _ in range(n_words)]
            words.insert(rng.randrange(len(words)), rng.choice(NOISE))
            text = " ".join(words)
        made.append({"id": f"d{i}", "text": text, "topic": rng.choice(["가", "나", "다", None]), "n": i})
    return made


def write_jsonl(path: Path, rows: list) -> Path:
    """Write documents as JSON lines; a string is written as it stands."""
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@cache
def get_ready() -> None:
    """Start the server that workers are forked from with what most tests need, before one starts it with less."""
    more = ["emoticons", "html", "sentences", {"group": {"by": "topic", "order": "n"}}]
    local.get_ready({"stages": [*RECIPE["stages"][:6], *more, *RECIPE["stages"][6:]]}, [])


def wait_for_no_disk() -> None:
    """Let this process not wait until a disk has what was written: no test cuts the power, a kill loses nothing."""
    os.fsync = lambda file: None


def run(recipe, inputs, out, workers=1, **options) -> korpus.Result:
    """Run quietly on one worker, unless told otherwise."""
    if workers != 1:
        get_ready()
    return korpus.run(recipe, inputs, out, workers, quiet=True, **options)


def kept(out: Path) -> pa.Table:
    """Return all kept documents, with their domain if there are domains, in the order of their ids."""
    return pq.read_table(out / "data").sort_by("doc_id")


def ledger(out: Path) -> list[dict]:
    """Return the ledger as rows."""
    return [row for path in sorted((out / "rejects").glob("*.parquet")) for row in pq.read_table(path).to_pylist()]


def tree(out: Path) -> dict[str, str]:
    """Return the digest of every file of a finished run that must be the same every time."""
    files = (path for path in sorted(out.rglob("*")) if path.is_file() and path.name != "log.json")
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
