"""Every recipe, end to end on a few comments, makes what it made before; golden files are read by people.

After a change that is meant, ``KORPUS_GOLDEN=write python -m pytest tests/test_recipes_golden.py`` writes them anew;
read the difference before you commit it.
"""

import json
import os
from pathlib import Path

import pytest

from korpus import recipe
from korpus.report.summary import summarize
from tests.corpus import kept, ledger, run

GOLDEN = Path(__file__).parent / "golden"
PUBLISHED = ["kcbert", "kcelectra", "kcelectra-v2022", "koelectra", "recommended"]


def check(name, rows):
    """Compare rows with the golden file of that name, or write it."""
    text = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    path = GOLDEN / f"{name}.jsonl"
    if os.environ.get("KORPUS_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PUBLISHED)
def test_golden(name, tmp_path):
    run(name, GOLDEN / "comments.jsonl", tmp_path / "out", overrides=["vocab=null"])
    documents = {row["id"]: row["text"] for row in kept(tmp_path / "out").to_pylist()}
    rejected = {row["row"] - 1: f"{row['stage']}: {row['reason']}" for row in ledger(tmp_path / "out")}
    rows = [{"kept": documents[i]} if i in documents else {"rejected": rejected[i]} for i in range(24)]
    check(name, rows)


SOURCES = GOLDEN / "sources"
MIXED = {
    "lm-kor": {
        "reviews": "reviews.jsonl",
        "blogs": "blogs.jsonl",
        "modu": "modu.json",
        "wikipedia": "wiki.xml",
        "namuwiki": "namuwiki.json",
    },
    "kr-bert-medium": {"wiki": "wiki.xml", "news": "news.jsonl", "law": "law", "comments": "comments.txt"},
}


@pytest.mark.parametrize("name", MIXED)
@pytest.mark.parametrize("workers", [1, 2])
def test_golden_of_all_sources(name, workers, tmp_path):
    inputs = {source: SOURCES / file for source, file in MIXED[name].items()}
    result = run(name, inputs, tmp_path / "out", workers, overrides=["vocab.size=3000"])
    assert summarize(result.manifest).breaks == ()
    rows = [
        *({key: row[key] for key in ("source", "domain", "text")} for row in kept(tmp_path / "out").to_pylist()),
        *(
            {"rejected": f"{row['stage']}: {row['reason']}", "from": f"{Path(row['path']).name}:{row['row']}"}
            for row in ledger(tmp_path / "out")
        ),
        {"vocabularies": [[vocab["name"], vocab["size"], vocab["n_filled"]] for vocab in result.manifest["vocab"]]},
    ]
    check(name, rows)


def test_kcelectra_makes_documents_of_threads(tmp_path):
    result = run("kcelectra", SOURCES / "threads.jsonl", tmp_path / "out", overrides=["vocab=null"])
    assert [(row["id"], row["text"]) for row in kept(tmp_path / "out").to_pylist()] == [
        ("c1", "이번 정책은 꼭 필요하다고 봅니다 여러분\n저도 그렇게 생각합니다ㅋㅋ 완전 공감해요"),
        ("c6", "어제 기사보다는 낫다고 생각합니다만\n오늘 기사 내용은 정말 이해가 안 되네요"),
        ("c5", "혼자서 남기는 댓글입니다 반갑습니다"),
    ]
    assert summarize(result.manifest).breaks == ()
    alone = run("kcelectra", GOLDEN / "comments.jsonl", tmp_path / "alone", overrides=["vocab=null"]).manifest
    assert alone["warnings"] == ["the stage group was left out: the documents have no column thread_id, created_at"]
    assert "group" not in [stage["name"] for stage in alone["stages"]]


def test_every_published_recipe_has_its_vocabulary():
    sizes = [recipe.load(name).vocab.size for name in PUBLISHED]
    assert sizes == [30_000, 30_000, 30_000, 32_200, 30_000]
    assert recipe.load("koelectra").vocab.n_unused == 200
    assert not any(recipe.load(name).vocab.lowercase for name in PUBLISHED)
    assert recipe.load("kr-bert-medium").vocab.size == 20_000
    mixed = recipe.load("lm-kor").vocab
    assert (mixed.size, mixed.n_unused, mixed.lowercase, mixed.strip_accents) == (42_000, 2_000, True, False)
