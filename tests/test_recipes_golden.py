"""Every recipe, end to end on a few comments, makes what it made before; golden files are read by people.

After a change that is meant, ``KORPUS_GOLDEN=write python -m pytest tests/test_recipes_golden.py`` writes them anew;
read the difference before you commit it.
"""

import json
import os
from pathlib import Path

import pytest

from korpus import recipe
from tests.corpus import kept, ledger, run

GOLDEN = Path(__file__).parent / "golden"
PUBLISHED = ["kcbert", "kcelectra", "kcelectra-v2022", "koelectra", "recommended"]


@pytest.mark.parametrize("name", PUBLISHED)
def test_golden(name, tmp_path):
    run(name, GOLDEN / "comments.jsonl", tmp_path / "out", overrides=["vocab=null"])
    documents = {row["id"]: row["text"] for row in kept(tmp_path / "out").to_pylist()}
    rejected = {row["row"] - 1: f"{row['stage']}: {row['reason']}" for row in ledger(tmp_path / "out")}
    rows = [{"kept": documents[i]} if i in documents else {"rejected": rejected[i]} for i in range(24)]
    text = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    path = GOLDEN / f"{name}.jsonl"
    if os.environ.get("KORPUS_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_every_published_recipe_has_its_vocabulary():
    sizes = [recipe.load(name).vocab.size for name in PUBLISHED]
    assert sizes == [30_000, 30_000, 30_000, 32_200, 30_000]
    assert recipe.load("koelectra").vocab.n_unused == 200
    assert not any(recipe.load(name).vocab.lowercase for name in PUBLISHED)
