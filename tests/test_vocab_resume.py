"""A vocabulary that cannot be trained is found at the end of a run, and costs no more than itself."""

import pytest

from korpus import api
from korpus.errors import RecipeError, ResumeError
from tests.corpus import write_jsonl


def test_a_vocabulary_that_does_not_fit_costs_no_more_than_itself(tmp_path, monkeypatch):
    source = write_jsonl(tmp_path / "in.jsonl", [{"text": chr(0xAC00 + i) * 3 + " 글이다"} for i in range(300)])
    made = {"stages": ["nfc"], "vocab": {"size": 100, "alphabet_coverage": 1.0}}
    out = tmp_path / "out"
    with pytest.raises(RecipeError, match="100 entries are fewer than .* what a run has finished stays"):
        api.run(made, [source], out, workers=1, quiet=True)
    with pytest.raises(ResumeError, match="stages"):
        api.run({**made, "stages": ["nfc", "urls"]}, [source], out, workers=1, quiet=True)
    with pytest.raises(ResumeError, match="lowercase"):
        api.run(made, [source], out, workers=1, overrides=["vocab.lowercase=true"], quiet=True)
    (out / "vocab" / "old").mkdir(parents=True, exist_ok=True)
    written = {path: path.stat().st_mtime_ns for path in out.rglob("*.parquet")}
    assert written

    def scan_split(*args):
        raise AssertionError("the documents are read again")

    monkeypatch.setattr("korpus.engine.scan.scan_split", scan_split)
    again = api.run(made, [source], out, workers=1, overrides=["vocab.size=700"], quiet=True)
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.parquet")} == written
    assert [vocab["size"] for vocab in again.manifest["vocab"]] == [700]
    assert not (out / "vocab" / "old").exists()
    monkeypatch.undo()
    fresh = api.run(made, [source], tmp_path / "fresh", workers=1, overrides=["vocab.size=700"], quiet=True)
    assert fresh.manifest == again.manifest
