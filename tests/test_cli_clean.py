"""`korpus clean` and `korpus diff`."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import korpus
from korpus import api
from korpus.cli import main
from korpus.diff import Diff, Example, StageDiff
from korpus.errors import RecipeError
from korpus.report.diff import compare, render, render_trace
from tests.corpus import write_jsonl

ROOT = Path(korpus.__file__).parent.parent
EXAMPLE = ROOT / "examples" / "comments.jsonl"


def clean(data, *args, recipe="recommended", code=0):
    """Run ``korpus clean`` as a shell would; return what it writes, and what it says."""
    command = [sys.executable, "-m", "korpus", "clean", "-r", recipe, *args]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, input=data, capture_output=True, env=environment)
    assert done.returncode == code, done.stderr.decode()
    return done.stdout.decode(), done.stderr.decode()


@pytest.fixture
def cleaned(monkeypatch, capfdbinary):
    """Give a way to do the same in this process."""

    def cleaned(data, *args, recipe="recommended", code=0):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        try:
            main(["clean", "-r", recipe, *args])
            ended = 0
        except SystemExit as end:
            ended = end.code
        out, said = map(bytes.decode, capfdbinary.readouterr())
        assert ended == code, said
        return out, said

    return cleaned


def stream(data, **options):
    sink = io.BytesIO()
    counts = api.clean_stream("recommended", io.BytesIO(data.encode()), sink, **options)
    return sink.getvalue().decode(), (counts.n_in, counts.n_out)


LINES = (
    "안녕하세요ㅋㅋㅋㅋㅋ 정말 좋아요\n짧다\n<b>톰</b>&amp;제리<br>재미있게 봤습니다\r\n마지막 줄에는 줄바꿈이 없습니다"
)


def test_clean_lines():
    out, said = clean(LINES.encode())
    assert out == "안녕하세요ㅋㅋ 정말 좋아요\n톰&제리 재미있게 봤습니다\n마지막 줄에는 줄바꿈이 없습니다\n"
    assert said == "1 of 4 lines were dropped\n"


def test_clean_with_a_recipe_whose_text_is_several_columns(tmp_path, cleaned):
    recipe = tmp_path / "two.yaml"
    recipe.write_text("korpus: 1\ninput: {text: [title, body]}\nstages: [whitespace]\n", encoding="utf-8")
    assert cleaned("가  나\n".encode(), recipe=str(recipe)) == ("가 나\n", "")
    assert cleaned(b'{"text": "a  b", "n": 1}\n', "--json", recipe=str(recipe)) == ('{"text": "a b", "n": 1}\n', "")


def test_no_command_leans_on_what_libraries_are_about_to_drop():
    command = [sys.executable, "-W", "error::DeprecationWarning:korpus", "-m", "korpus", "clean", "-r", "recommended"]
    done = subprocess.run(
        command, input=LINES.encode(), capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert (done.returncode, b"Deprecat" in done.stderr) == (0, False)


def test_clean_edits_only_writes_a_line_for_every_line():
    out, counts = stream(LINES + "\n\u200b\n\n", edits_only=True)
    assert out.split("\n") == [
        *("안녕하세요ㅋㅋ 정말 좋아요", "짧다", "톰&제리 재미있게 봤습니다", "마지막 줄에는 줄바꿈이 없습니다"),
        *("", "", ""),
    ]
    assert counts == (6, 6)


def test_clean_json_keeps_other_fields_and_line_feeds():
    rows = [{"id": 1, "text": "첫 줄입니다.\r\n\r\n둘째 줄입니다…", "n": None}, {"id": 2, "text": "짧다"}]
    out, counts = stream("".join(json.dumps(row) + "\n" for row in rows), as_json=True)
    assert [json.loads(line) for line in out.splitlines()] == [
        {"id": 1, "text": "첫 줄입니다.\n\n둘째 줄입니다...", "n": None}
    ]
    assert counts == (2, 1)


def test_clean_takes_another_column_and_overrides(cleaned):
    out, _ = cleaned(
        '{"body": "짧다ㅋㅋㅋ"}\n'.encode(), "--json", "--set", "input.text=body", "--set", "stages.length=null"
    )
    assert json.loads(out) == {"body": "짧다ㅋㅋ"}


GOOD = "이 줄은 정말 멀쩡한 줄입니다"


@pytest.mark.parametrize(
    ("line", "as_json", "message"),
    [
        (b"\xff", False, "is not valid UTF-8: byte 0xff"),
        (b"\xb5\xa5\xc0\xcc\xc5\xcd", False, "is not valid UTF-8: byte 0xb5"),
        (b"{}", True, "must be an object whose 'text' is a string"),
        (b"[1]", True, "must be an object whose 'text' is a string"),
        (b'{"text": null}', True, "must be an object whose 'text' is a string"),
        (b"nothing", True, "is not JSON: Expecting value"),
        (b'{"text": "a', True, "is not JSON: Unterminated string"),
        (b'{"text": "a", "n": NaN}', True, "is not JSON: NaN is no JSON"),
        (b'{"text": "%s", "n": 1e999}' % GOOD.encode(), True, "holds a number that is too large"),
        (b'{"text": "\\ud83d"}', True, "holds half a character, \\ud83d, in its text"),
        (b'{"text": "a", "n": ' + b"[" * 100_000, True, "is not JSON"),
        (b"x" * 5000, False, "is longer than input.max_doc_bytes"),
        (b'{"text": "' + b"x" * 3_000_000, True, "is longer than input.max_doc_bytes"),
    ],
)
def test_clean_goes_on_after_a_bad_line(line, as_json, message):
    good = json.dumps({"text": GOOD}, ensure_ascii=False).encode() if as_json else GOOD.encode()
    for edits_only in (False, True):
        sink, source = io.BytesIO(), io.BytesIO(b"\n".join([good, line, good]))
        overrides = ["input.max_doc_bytes=4KiB"] if "longer" in message else []
        counts = api.clean_stream("recommended", source, sink, as_json, edits_only, overrides)
        assert sink.getvalue() == b"\n".join([good, *([b""] if edits_only else []), good, b""])
        assert (counts.n_in, counts.n_bad) == (3, 1)
        assert counts.bad[0].startswith(f"line 2 {message}")


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
@pytest.mark.parametrize("final", [True, False])
def test_clean_takes_either_line_ending_and_a_byte_order_mark(ending, final):
    sink = io.BytesIO()
    lines = "\ufeff".encode() + ending.join([GOOD.encode()] * 2) + (ending if final else b"")
    counts = api.clean_stream("recommended", io.BytesIO(lines), sink)
    assert sink.getvalue().decode() == f"{GOOD}\n{GOOD}\n"
    assert (counts.n_in, counts.n_bad) == (2, 0)


def test_clean_keeps_what_other_fields_hold():
    row = b'{"text": "%s", "half": "\\udc80", "nul": "\\u0000"}\n' % GOOD.encode()
    sink = io.BytesIO()
    assert api.clean_stream("recommended", io.BytesIO(row), sink, as_json=True).n_bad == 0
    assert json.loads(sink.getvalue()) == json.loads(row)


def test_clean_cuts_lines_where_they_end_however_they_come():
    class Trickle(io.BytesIO):
        def read1(self, size):
            return super().read1(7)

    lines = "".join(f"{GOOD} {i}\n" for i in range(50))
    sink = io.BytesIO()
    api.clean_stream("recommended", Trickle(lines.encode()), sink)
    assert sink.getvalue().decode() == lines


def test_clean_says_what_is_wrong_without_a_traceback(cleaned):
    good = '{"text":"셋째 줄도 읽을 수 있습니다"}\n'.encode()
    out, said = clean(good + b'{"text": broken\n' * 7 + good, "--json", code=1)
    assert [json.loads(line) for line in out.splitlines()] == [json.loads(good)] * 2
    assert said.startswith("7 of 9 lines could not be read: line 2 is not JSON: Expecting value: line 1 column 10")
    assert said.endswith("; …\n")
    assert said.count("line ") - said.count(": line 1 ") == 5
    _, said = cleaned("짧다\n".encode() + b"\xff\n", code=1)
    assert said == "1 of 2 lines were dropped\n1 of 2 lines could not be read: line 2 is not valid UTF-8: byte 0xff\n"
    _, said = cleaned(b"", recipe="recomended", code=2)
    assert "did you mean 'recommended'?" in said


def test_clean_hands_on_each_line_as_it_comes():
    command = [sys.executable, "-m", "korpus", "clean", "-r", "recommended"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env=environment, **pipes) as process:
        for _ in range(2):
            process.stdin.write("정말 재미있게 봤습니다!!!!!\n".encode())
            process.stdin.flush()
            assert process.stdout.readline().decode() == "정말 재미있게 봤습니다!!!\n"
        process.stdin.close()
        assert process.wait(30) == 0


# diff


def test_diff_shows_each_stage_with_its_rate(capsys):
    with pytest.raises(SystemExit) as done:
        main(["diff", "recommended", str(EXAMPLE), "-n", "1"]) or sys.exit(0)
    assert done.value.code == 0
    shown = capsys.readouterr().out
    heads = [line for line in shown.splitlines() if line and line[0] not in " "]
    n_docs = EXAMPLE.read_text("utf-8").count("\n")
    assert heads[0] == f"mojibake: changed 0 (0.0%) of {n_docs} documents"
    assert any(line.startswith("length: too_short ") for line in heads)
    assert "\x1b" not in shown


def test_diff_of_one_stage_applies_those_before(tmp_path):
    path = write_jsonl(tmp_path / "in.jsonl", [{"text": f"좋아요&#33;!!!!! {i}번째로 봤습니다"} for i in range(9)])
    found = api.diff("recommended", [path], stage="repeats", n=2)
    assert render(found).splitlines() == [
        "repeats: changed 9 (100.0%) of 9 documents",
        "  - 좋아요!!!!!! 0번째로 봤습니다",
        "  + 좋아요!!! 0번째로 봤습니다",
        "  - 좋아요!!!!!! 8번째로 봤습니다",
        "  + 좋아요!!! 8번째로 봤습니다",
    ]
    (repeats,) = found.stages
    assert (repeats.n_in, repeats.n_changed, repeats.counts) == (9, 9, {})
    assert repeats.examples[1] == Example("좋아요!!!!!! 8번째로 봤습니다", "좋아요!!! 8번째로 봤습니다")
    found = api.diff("recommended", [path], stage="repeats", n=0, sample=4)
    assert render(found) == "repeats: changed 4 (100.0%) of 4 documents\n"
    assert found.stages[0].examples == ()


def test_diff_tells_a_text_that_is_dropped_from_one_that_becomes_the_name_of_a_reason(tmp_path):
    path = write_jsonl(tmp_path / "in.jsonl", [{"text": "emptied가"}, {"text": "가"}])
    found = api.diff({"stages": [{"regex_replace": {"pattern": "가", "replacement": ""}}]}, [path])
    assert set(found.stages[0].examples) == {Example("emptied가", "emptied"), Example("가", None, "emptied")}
    assert render(found).splitlines()[1:] == ["  - 가", "  nothing is left", "  - emptied가", "  + emptied"]
    slow = StageDiff(
        "regex_replace", "edit", "", 1, 0, {"pattern_timeout": 1}, (Example("가", None, "pattern_timeout"),)
    )
    assert render(Diff((slow,))).splitlines()[1:] == ["  pattern_timeout: 가"]


def test_diff_spreads_the_sample_over_the_files(tmp_path):
    paths = [write_jsonl(tmp_path / f"{i}.jsonl", [{"text": f"{i}번 파일의 글입니다"}] * 50) for i in range(3)]
    (found,) = api.diff("recommended", paths, stage="nfc", sample=9).stages
    assert found.n_in == 9


def test_diff_of_a_text_traces_it_to_the_end():
    found = api.diff_text("recommended", "“정말” 좋아요ㅋㅋㅋㅋ<br>최고")
    assert [step.before[0] for step in found.steps[1:]] == [step.after[0] for step in found.steps[:-1]]
    shown = render_trace(found).splitlines()
    assert [line.split()[0] for line in shown[1:] if line[0] != " "] == [
        *("mojibake", "broken_text", "html", "nfc", "invisible", "symbols", "boilerplate", "urls", "masks", "hanja"),
        *("emoticons", "repeats", "whitespace", "length", "hangul_ratio"),
    ]
    assert "html          - “정말” 좋아요ㅋㅋㅋㅋ<br>최고" in shown
    assert "              + “정말” 좋아요ㅋㅋㅋㅋ⏎최고" in shown
    last = api.diff_text("recommended", "짧다").steps[-1]
    assert (last.stage, last.before, last.after, last.counts) == ("length", ("짧다",), (), {"too_short": 1})
    assert render_trace(api.diff_text("recommended", "짧다")).splitlines()[-1] == "length        dropped: too_short"
    assert render_trace(api.diff_text("recommended", "\u200b")).splitlines()[-1] == "invisible     dropped: emptied"
    assert "\x1b[31m" in render_trace(api.diff_text("recommended", "아아아아아 대박"), color=True)


def test_diff_of_a_text_that_is_cut_tells_every_piece():
    found = api.diff_text({"stages": ["sentences", {"length": {"min_chars": 8}}]}, "잘 받았어요. 배송이 빨라요. 네.")
    assert [(step.before, step.after) for step in found.steps] == [
        (("잘 받았어요. 배송이 빨라요. 네.",), ("잘 받았어요.", "배송이 빨라요.", "네.")),
        (("잘 받았어요.", "배송이 빨라요.", "네."), ("배송이 빨라요.",)),
    ]
    assert found.steps[1].counts == {"too_short": 2}


def test_diff_of_a_text_leaves_out_what_needs_other_columns():
    made = {"stages": [{"domain": {"field": "category", "map": {"음식": "food"}}}, "nfc"]}
    found = api.diff_text(made, "글")
    assert [(step.stage, step.lacking) for step in found.steps] == [("domain", "category"), ("nfc", None)]
    shown = render_trace(found).splitlines()
    assert shown[1] == "domain        not applied: it reads the column category, which a text alone has not"


def test_diff_knows_its_stages():
    with pytest.raises(RecipeError, match=r"no stage 'repeat' \(did you mean 'repeats'\?\)"):
        api.diff_text("recommended", "글", stage="repeat")


@pytest.mark.parametrize("args", [["recommended"], ["recommended", "x.jsonl", "--text", "글"]])
def test_diff_wants_an_input_or_a_text(args, capsys):
    with pytest.raises(SystemExit) as done:
        main(["diff", *args])
    assert done.value.code == 2
    assert "give either an INPUT or --text" in capsys.readouterr().err


def test_compare_shows_the_places_of_a_long_text():
    before = "가나다라마" * 50 + "X" + "바사아자차" * 500
    old, new = compare(before, before.replace("X", "YZ"))
    assert old == "- …" + "가나다라마" * 4 + "X" + "바사아자차" * 4 + "…"
    assert new == "+ …" + "가나다라마" * 4 + "YZ" + "바사아자차" * 4 + "…"
    assert compare("글\t\u200b", "글") == ("- 글⟨U+0009⟩⟨U+200B⟩", "+ 글")
