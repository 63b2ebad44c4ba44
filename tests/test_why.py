"""What became of a document, and how two runs differ: `korpus why` and `korpus compare`."""

import json
from contextlib import suppress

import pytest

import korpus
from korpus import api
from korpus.cli import main
from korpus.errors import DataError
from korpus.report import compare as compare_report
from korpus.report import why as why_report
from tests.corpus import RECIPE, documents, kept, ledger, run, write_jsonl


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("why")
    source = write_jsonl(folder / "a.jsonl", documents(200))
    run(RECIPE, source, folder / "out")
    shorter = json.loads(json.dumps(RECIPE))
    shorter["stages"][6] = {"length": {"min_chars": 60}}
    run(shorter, source, folder / "shorter")
    other = write_jsonl(folder / "b.jsonl", documents(100))
    run(RECIPE, other, folder / "other")
    return folder


@pytest.fixture(scope="module")
def out(made):
    return made / "out"


@pytest.fixture(scope="module")
def corpus(out):
    return korpus.open(out)


def test_every_document_of_the_ledger_is_found_by_id_and_by_row(corpus, out):
    for row in ledger(out):
        for found in (corpus.why(doc_id=row["doc_id"]), corpus.why(row=(row["path"], row["row"]))):
            (fate,) = found.fates
            told = (fate.doc_id, fate.path, fate.row, fate.stage, fate.reason, fate.text, fate.similarity)
            names = ("doc_id", "path", "row", "stage", "reason", "text", "similarity")
            assert told == tuple(row[name] for name in names)
            assert (fate.stands and fate.stands.doc_id) == row["duplicate_of"]


def test_every_document_that_was_kept_is_found_by_id(corpus, out):
    n_rows = 0
    for row in kept(out).to_pylist():
        (fate,) = corpus.why(doc_id=row["doc_id"]).fates
        assert (fate.kept, fate.text, fate.domain) == (True, row["text"], row["domain"])
        # The documents carry their number, and no line is blank.
        assert fate.row in (row["n"] + 1, None)
        n_rows += fate.row is not None
    assert n_rows


def test_a_row_is_exactly_told_or_not_at_all(corpus, out):
    told = 0
    wanted = {row["n"] + 1: row["doc_id"] for row in kept(out).to_pylist()}
    for row, doc_id in wanted.items():
        with suppress(DataError):
            (fate,) = corpus.why(row=("a.jsonl", row)).fates
            assert fate.doc_id == doc_id
            told += 1
    assert told > len(wanted) / 2


@pytest.mark.parametrize("row", [0, 201, 1 << 70])
def test_a_row_or_id_outside_of_the_input_is_told(corpus, row):
    assert corpus.why(row=("a.jsonl", row)).absent == "outside"
    assert corpus.why(doc_id=1 << 50).absent == "outside"
    with pytest.raises(DataError, match=r"not among the input files"):
        corpus.why(row=("c.jsonl", 1))


def test_a_text_is_found_as_it_was_before_the_edits(corpus, out):
    row = next(row for row in kept(out).to_pylist() if "ㅋㅋ" in row["text"])
    raw = documents(200)[row["n"]]["text"]
    assert raw != row["text"]
    assert row["doc_id"] in [fate.doc_id for fate in corpus.why(raw).fates]
    assert row["doc_id"] in [fate.doc_id for fate in corpus.why(row["text"]).fates]
    assert corpus.why("어디에도 없는 글").absent == "text"
    assert {fate.reason for fate in corpus.why("굿").fates} == {"too_short"}


@pytest.mark.parametrize("given", [{}, {"text": "가", "doc_id": 1}])
def test_one_thing_is_asked_for(corpus, given):
    with pytest.raises(ValueError, match="one of"):
        corpus.why(**given)


def test_a_duplicate_is_shown_beside_what_stands_for_it(corpus, out):
    row = next(row for row in ledger(out) if row["reason"] == "duplicate" and row["similarity"] not in (None, 1.0))
    said = why_report.render(corpus.why(doc_id=row["doc_id"]))
    assert f"duplicate of document {row['duplicate_of']}" in said
    assert "\n  - " in said
    assert "\n  + " in said


def test_pieces_are_found_by_the_row_of_their_document(tmp_path):
    source = write_jsonl(tmp_path / "a.jsonl", [{"text": "가나다라 했다. 마바사아 했다. 가."}, {"text": "나."}])
    run({"stages": ["sentences", {"length": {"min_chars": 5}}]}, source, tmp_path / "out")
    found = korpus.open(tmp_path / "out").why(row=("a.jsonl", 1))
    assert sorted(fate.text for fate in found.fates) == ["가.", "가나다라 했다.", "마바사아 했다."]
    (fate,) = korpus.open(tmp_path / "out").why(row=("a.jsonl", 2)).fates
    assert (fate.text, fate.reason) == ("나.", "too_short")


def test_runs_of_one_input_are_compared_by_place(made):
    found = api.compare(made / "out", made / "shorter")
    ids = [set(kept(made / name)["doc_id"].to_pylist()) for name in ("out", "shorter")]
    assert (found.by, found.n_both) == ("doc_id", len(ids[0] & ids[1]))
    for which, here, there, other in (("first", *ids, "shorter"), ("second", *ids[::-1], "out")):
        reasons = {row["doc_id"]: (row["stage"], row["reason"]) for row in ledger(made / other)}
        told = {(move.stage, move.reason): move.n for move in found.moves if move.kept_by == which}
        wanted = [reasons.get(i, (None, None)) for i in here - there]
        assert told == {why: wanted.count(why) for why in wanted}
    assert [(each.first, each.second) for each in found.options] == [(6, 60)]
    assert "dropped by length: too_short" in compare_report.render(found)


def test_runs_of_other_inputs_are_compared_by_text(made):
    found = api.compare(made / "out", made / "other")
    texts = [kept(made / name)["text"].to_pylist() for name in ("out", "other")]
    assert (found.by, found.n_changed) == ("text", None)
    assert found.n_both == sum(text in set(texts[0]) for text in texts[1])
    n_gone = sum(text not in set(texts[1]) for text in texts[0])
    assert sum(move.n for move in found.moves if move.kept_by == "first") == n_gone


def test_a_run_is_like_itself(made):
    found = api.compare(made / "out", made / "out")
    assert (found.options, found.moves, found.n_changed) == ((), (), 0)
    assert found.n_both == found.n_first == found.n_second


@pytest.mark.parametrize("args", [[], ["가", "--id", "1"], ["--row", "a.jsonl"], ["--id", "-1"]])
def test_wrong_usage_is_told(out, args, capsys):
    with pytest.raises(SystemExit) as done:
        main(["why", str(out), *args])
    assert done.value.code == 2
    assert "Error" in capsys.readouterr().err
