"""What `--json` prints: the data of the library, under keys that the pages json.md tell."""

from __future__ import annotations

import io
import json
import re
import sys
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pytest
from hypothesis import given

import korpus
from korpus import api
from korpus.cli import main
from korpus.corpus.compare import Comparison, Move, OptionDiff, StepPair, VocabPair
from korpus.corpus.why import Fate, Why
from korpus.diff import Diff, Example, StageDiff, Trace, TraceStep
from korpus.plan.check import Check, FirstDocument, InputFacts, PassedOver, PassSteps, Remark
from korpus.plan.estimate import Estimate
from korpus.report.as_json import plain, render
from korpus.report.summary import Clusters, Domain, Folder, SourceSize, Step, Summary
from korpus.vocab.evaluate import Measures
from korpus.vocab.results import Evaluation
from tests.corpus import RECIPE, documents, run, write_jsonl
from tests.nasty import TEXT

DOCS = Path(korpus.__file__).parent.parent / "docs"
TOLD = {
    "`korpus show`": Summary,
    "`steps[]`": Step,
    "`steps[].clusters`": Clusters,
    "`sources[]`": SourceSize,
    "`domains[]`": Domain,
    "`folders[]`": Folder,
    "`korpus check`": Check,
    "`remarks[]`": Remark,
    "`passes[]`": PassSteps,
    "`files[]`": InputFacts,
    "`first[]`": FirstDocument,
    "`passed_over[]`": PassedOver,
    "`needs`": Estimate,
    "`korpus why`": Why,
    "`fates[]`": Fate,
    "`korpus compare`": Comparison,
    "`options[]`": OptionDiff,
    "`steps[]` of two runs": StepPair,
    "`moves[]`": Move,
    "`vocab[]`": VocabPair,
    "`korpus diff`": Diff,
    "`stages[]`": StageDiff,
    "`stages[].examples[]`": Example,
    "`korpus diff --text`": Trace,
    "`steps[]` of a text": TraceStep,
    "`evaluations[]`": Evaluation,
    "`measures`": Measures,
}


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("json")
    run(RECIPE, write_jsonl(folder / "a.jsonl", documents(100)), folder / "out")
    return folder / "out"


@pytest.fixture
def said(capsysbinary):
    """Return a function that runs a command and returns the one object that it prints."""

    def run_command(*args):
        with pytest.raises(SystemExit) as done:
            main([*map(str, args), "--json"]) or sys.exit(0)
        assert done.value.code == 0
        printed = capsysbinary.readouterr().out
        assert printed.endswith(b"}\n")
        return json.loads(printed.decode("utf-8"))

    return run_command


def test_show(said, out):
    found = said("show", out)
    assert list(found) == [*(field.name for field in fields(Summary)), "n_read"]
    assert found == plain(api.show(out))
    assert (found["n_read"], found["n_kept"] + found["n_rejects"]) == (100, 100)
    assert sum(step["n_dropped"] for step in found["steps"]) == found["n_rejects"]


def test_check(said, out, tmp_path):
    source = out.parent / "a.jsonl"
    (tmp_path / "recipe.yaml").write_text(json.dumps(RECIPE), "utf-8")
    found = said("check", tmp_path / "recipe.yaml", "-i", source, "-o", tmp_path / "out")
    assert korpus.load(found["recipe"]).recipe.filled() == found["recipe"]
    assert [(file["path"], file["n_bytes"]) for file in found["files"]] == [(str(source), source.stat().st_size)]
    assert found["passes"][0]["resolves"] == found["passes"][1]["drops"] == ["exact_dedup", "minhash_dedup"]
    assert found["first"][0] == {
        "source": "",
        "text": documents(1)[0]["text"],
        "columns": {key: value for key, value in documents(1)[0].items() if key != "text"},
        "reason": "",
        "detail": "",
    }
    assert found["needs"]["disk_bytes"] <= found["free_bytes"]
    alone = said("check", tmp_path / "recipe.yaml")
    assert (alone["passes"], alone["needs"], alone["free_bytes"]) == ([], None, None)


def test_diff_of_a_sample_and_of_a_text(said, out, tmp_path):
    write_jsonl(tmp_path / "b.jsonl", [{"text": "가나다 ㅋㅋㅋㅋㅋ"}])
    recipe = {
        "sources": {"a": {"stages": ["nfc"]}, "b": {"stages": ["nfc"]}},
        "stages": ["repeats", {"length": {"min_chars": 3}}],
    }
    (tmp_path / "recipe.yaml").write_text(json.dumps(recipe), "utf-8")
    found = said("diff", tmp_path / "recipe.yaml", f"a={out.parent / 'a.jsonl'}", f"b={tmp_path / 'b.jsonl'}")
    assert [(stage["stage"], stage["source"]) for stage in found["stages"]] == [
        ("nfc", "a"),
        ("nfc", "b"),
        ("repeats", ""),
        ("length", ""),
    ]
    assert found["stages"][1]["n_in"] == 1
    assert {"before": "가나다 ㅋㅋㅋㅋㅋ", "after": "가나다 ㅋㅋ", "reason": None} in found["stages"][2]["examples"]
    traced = said("diff", tmp_path / "recipe.yaml", "--text", "ㅋㅋㅋㅋㅋ")
    assert (traced["text"], traced["steps"][-1]["after"]) == ("ㅋㅋㅋㅋㅋ", [])


def test_why_and_compare(said, out):
    found = said("why", out, "--row", f"{out.parent / 'a.jsonl'}:1")
    assert found == plain(api.why(out, row=("a.jsonl", 1)))
    assert said("compare", out, out) == plain(api.compare(out, out))


def test_vocab_eval(said, out, tmp_path):
    vocab = tmp_path / "v.txt"
    vocab.write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "영화"]), "utf-8")
    found = said("vocab", "eval", vocab, "--on", out)
    assert list(found) == ["evaluations"]
    assert found["evaluations"] == [asdict(each) for each in api.vocab_eval([vocab], [out])]


@pytest.mark.parametrize(
    ("args", "code"), [(["show", "nothing"], 1), (["check", "no-such"], 2), (["diff", "kcbert"], 2)]
)
def test_an_error_is_no_json(capsys, args, code):
    with pytest.raises(SystemExit) as done:
        main([*args, "--json"])
    printed = capsys.readouterr()
    assert (done.value.code, printed.out) == (code, "")
    assert "rror: " in printed.err


def test_it_is_utf_8_whatever_the_console_writes(out, monkeypatch):
    console = io.TextIOWrapper(io.BytesIO(), encoding="cp949")
    monkeypatch.setattr(sys, "stdout", console)
    main(["diff", "kcbert", "--text", "가😀뷁\u202e\U000e0041힣", "--stage", "nfc", "--json"])
    printed = console.buffer.getvalue().decode("utf-8")
    assert json.loads(printed)["text"] == "가😀뷁\u202e\U000e0041힣"
    assert "가😀뷁\\u202e\\udb40\\udc41힣" in printed


@given(TEXT)
def test_any_text_is_written_so_that_it_is_read_back_and_drives_no_terminal(text):
    printed = render({"text": text + "\udcff\x1b\x9b\x7f\u2028"})
    assert json.loads(printed.encode("utf-8"))["text"] == text + "\udcff\x1b\x9b\x7f\u2028"
    assert not set(printed) & {"\x1b", "\x9b", "\x7f", "\u2028", "\u200b", "\u202e"}


def test_a_value_becomes_what_json_has():
    @dataclass(frozen=True)
    class Made:
        n: int
        share: float
        pairs: tuple

        @property
        def twice(self):
            return 2 * self.n

    made = Made(1, float("nan"), (("가", float("-inf")), {"a": {"b": (Path("x"),)}}))
    found = {"n": 1, "share": None, "pairs": [["가", None], {"a": {"b": ["x"]}}], "twice": 2}
    assert json.loads(render(made)) == found


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_key_is_told(language):
    told = (DOCS / language / "json.md").read_text("utf-8").replace("글 하나의 `steps[]`", "`steps[]` of a text")
    told = told.replace("두 실행의 `steps[]`", "`steps[]` of two runs")
    sections = re.split(r"^##+ ", told, flags=re.MULTILINE)[1:]
    keys = {
        section.partition("\n")[0]: [
            key
            for line in section.splitlines()
            if line.startswith("| `")
            for key in re.findall(r"`(\w+)`", line.split("|")[1])
        ]
        for section in sections
    }
    assert {title for title in keys if keys[title]} == set(TOLD)
    for title, cls in TOLD.items():
        names = [field.name for field in fields(cls)]
        names += [name for name, member in vars(cls).items() if isinstance(member, property)]
        assert keys[title] == names, title
