"""Whole runs on bad input: each fault is a reject in the ledger, or an error that says what to do."""

import errno
import gzip
import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import korpus
from tests.corpus import RECIPE, documents, kept, ledger, run, tree, write_jsonl

GOOD = '{"text": "이 영화는 정말 재미있게 잘 보았습니다"}'
PLAIN = {"korpus": 1, "name": "plain", "stages": ["whitespace"], "engine": {"max_bad_ratio": 1.0}}

BAD_LINES = [
    ("bad_json", b'{"text": "\xeb\x8b\xab\xed\x9e\x88\xec\xa7\x80 \xec\x95\x8a\xec\x9d\x80'),
    ("bad_json", b"not json at all"),
    ("bad_json", b"[1, 2, 3]"),
    ("bad_json", b'{"text": "a", "text": "b"}'),
    ("missing_text", b'{"title": "x"}'),
    ("missing_text", b'{"text": null}'),
    ("text_not_string", b'{"text": 12}'),
    ("text_not_string", b'{"text": ["a"]}'),
    ("invalid_utf8", b'{"text": "\xff\xfe broken"}'),
    ("lone_surrogate", b'{"text": "half \\ud83d of a pair"}'),
    ("nul_character", b'{"text": "a\\u0000b"}'),
    ("empty_text", b'{"text": ""}'),
    ("too_long", b'{"text": "' + b"x" * 5000 + b'"}'),
]


@pytest.mark.parametrize(("reason", "line"), BAD_LINES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_bad_line_is_in_the_ledger_with_file_line_and_reason(tmp_path, reason, line):
    source = tmp_path / "raw.jsonl"
    source.write_bytes(GOOD.encode() + b"\n\n" + line + b"\n" + GOOD.encode() + b"\n")
    run(PLAIN, source, tmp_path / "out", overrides=["input.max_doc_bytes=4096"])
    (row,) = ledger(tmp_path / "out")
    assert (row["stage"], row["reason"], row["path"], row["row"]) == ("read", reason, str(source), 3)
    assert row["text"]
    assert kept(tmp_path / "out")["text"].to_pylist() == [json.loads(GOOD)["text"]] * 2


def test_a_line_of_100_mb_is_one_reject_and_costs_little_memory(tmp_path):
    source = tmp_path / "raw.jsonl"
    with source.open("wb") as file:
        file.write(GOOD.encode() + b'\n{"text": "')
        for _ in range(100):
            file.write(b"x" * (1 << 20))
        file.write(b'"}\n' + GOOD.encode() + b"\n")
    run(PLAIN, source, tmp_path / "out")
    (row,) = ledger(tmp_path / "out")
    assert (row["reason"], row["row"]) == ("too_long", 2)
    assert len(row["text"]) == 1000
    assert kept(tmp_path / "out").num_rows == 2


def test_the_output_with_bad_input_is_the_same_for_any_number_of_workers(tmp_path):
    rows = documents(60)
    for i, (_, line) in enumerate(BAD_LINES):
        if i not in (0, 8):
            rows.insert(i * 4, line.decode())
    source = write_jsonl(tmp_path / "raw.jsonl", rows)
    run(RECIPE, source, tmp_path / "one")
    run(RECIPE, source, tmp_path / "two", workers=2, overrides=["engine.batch_rows=3"])
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    assert "adds up" in str(korpus.show(tmp_path / "one"))


def test_a_truncated_gzip_gives_what_can_be_read_and_one_reject(tmp_path):
    source = tmp_path / "raw.jsonl.gz"
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in documents(300))
    source.write_bytes(gzip.compress(lines.encode())[:-3000])
    run(RECIPE, source, tmp_path / "out")
    (row,) = [row for row in ledger(tmp_path / "out") if row["reason"] == "truncated_input"]
    n_read = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))["read"]["n_in"]
    assert row["row"] == n_read
    # The cut may go through a character.
    assert lines.splitlines()[n_read - 1].startswith(row["text"].rstrip("\ufffd"))


def test_too_much_bad_input_stops_the_run_which_can_go_on(tmp_path):
    source = write_jsonl(tmp_path / "raw.jsonl", [GOOD] * 95 + ["broken"] * 5)
    with pytest.raises(korpus.DataError, match=r"5 of the first 100 .*bad_json 5.*max_bad_ratio"):
        run(PLAIN, source, tmp_path / "out", overrides=["engine.max_bad_ratio=0.04"])
    run(PLAIN, source, tmp_path / "out", overrides=["engine.max_bad_ratio=0.05"])
    assert len(ledger(tmp_path / "out")) == 5


def test_empty_texts_are_no_fault_of_the_input(tmp_path):
    source = write_jsonl(tmp_path / "raw.jsonl", [GOOD] + ['{"text": ""}'] * 50)
    run(PLAIN, source, tmp_path / "out", overrides=["engine.max_bad_ratio=0"])
    assert [row["reason"] for row in ledger(tmp_path / "out")] == ["empty_text"] * 50


def test_bad_input_early_on_stops_the_run_at_the_same_place_for_any_number_of_workers(tmp_path):
    source = write_jsonl(tmp_path / "raw.jsonl", ["broken"] * 1200 + [GOOD] * 20000)
    messages = set()
    for workers in (1, 2):
        with pytest.raises(korpus.DataError) as error:
            run({**PLAIN, "input": {"split_bytes": 4096}, "engine": {}}, source, tmp_path / f"out{workers}", workers)
        messages.add(str(error.value))
    assert len(messages) == 1


def test_nothing_to_read_is_an_error(tmp_path):
    (tmp_path / "empty.jsonl").touch()
    for inputs, message in [
        ([tmp_path / "missing.jsonl"], "missing.jsonl"),
        ([tmp_path / "*.parquet"], "parquet"),
        ([tmp_path / "empty.jsonl"], "empty"),
        ([], "name files under input.paths"),
    ]:
        with pytest.raises(korpus.DataError, match=message):
            run(PLAIN, inputs, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_empty_file_among_others_is_told(tmp_path):
    (tmp_path / "a.jsonl").touch()
    source = write_jsonl(tmp_path / "b.jsonl", [GOOD])
    result = run(PLAIN, [tmp_path / "a.jsonl", source], tmp_path / "out")
    assert result.manifest["warnings"] == [f"{tmp_path / 'a.jsonl'} is empty"]
    assert "is empty" in str(result)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_an_error(tmp_path):
    source = write_jsonl(tmp_path / "raw.jsonl", [GOOD])
    source.chmod(0)
    with pytest.raises(korpus.DataError, match="raw.jsonl"):
        run(PLAIN, source, tmp_path / "out")


def test_missing_columns_are_named_before_anything_is_read(tmp_path):
    source = write_jsonl(tmp_path / "raw.jsonl", ['{"texts": "a", "topic": "b"}'])
    with pytest.raises(korpus.SchemaError, match="texts"):
        run(PLAIN, source, tmp_path / "out")
    recipe = {**PLAIN, "input": {"text": "texts"}, "stages": [{"domain": {"field": "topik"}}]}
    with pytest.raises(korpus.SchemaError, match=r"domain reads column 'topik'.*topic"):
        run(recipe, source, tmp_path / "out")
    with pytest.raises(korpus.SchemaError, match="keep"):
        run({**PLAIN, "input": {"text": "texts", "keep": ["nope"]}}, source, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_columns_that_korpus_needs_for_itself_are_carried_along_under_another_name(tmp_path):
    source = write_jsonl(tmp_path / "raw.jsonl", ['{"text": "a", "doc_id": 1, "domain": "x"}'])
    result = run(PLAIN, source, tmp_path / "ids")
    assert kept(tmp_path / "ids").to_pylist() == [{"doc_id": 0, "text": "a", "input_doc_id": 1, "domain": "x"}]
    assert any("doc_id of the input is carried along as input_doc_id" in each for each in result.manifest["warnings"])
    recipe = {**PLAIN, "input": {"keep": ["domain"]}, "stages": [{"domain": {"lexicon": "commerce"}}]}
    run(recipe, source, tmp_path / "domains")
    assert kept(tmp_path / "domains")["input_domain"].to_pylist() == ["x"]
    recipe = {**PLAIN, "input": {"keep": ["domain"]}, "stages": [{"domain": {"field": "domain", "unmapped": "value"}}]}
    run(recipe, source, tmp_path / "out")
    assert kept(tmp_path / "out")["domain"].to_pylist() == ["x"]


def test_columns_that_come_late_are_told(tmp_path):
    late = [json.dumps({"text": f"문서 {i}", **({"late": 1} if i > 5000 else {})}) for i in range(5010)]
    result = run(PLAIN, write_jsonl(tmp_path / "raw.jsonl", late), tmp_path / "out")
    assert any("late" in warning for warning in result.manifest["warnings"])


def test_a_full_disk_is_explained_and_the_run_goes_on(tmp_path, monkeypatch):
    source = write_jsonl(tmp_path / "raw.jsonl", documents(200))
    run(RECIPE, source, tmp_path / "whole")
    replace, left = Path.replace, [60]

    def full(self, target):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(korpus.DataError, match=r"the disk is full: .* free some space and give the same command again"):
        run(RECIPE, source, tmp_path / "out")
    monkeypatch.undo()
    run(RECIPE, source, tmp_path / "out")
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")


def test_an_output_folder_that_cannot_be_made_is_an_error(tmp_path):
    source = write_jsonl(tmp_path / "raw.jsonl", [GOOD])
    (tmp_path / "file").touch()
    with pytest.raises(korpus.ResumeError, match="is not a folder"):
        run(PLAIN, source, tmp_path / "file")
    with pytest.raises(korpus.ResumeError, match="is not a folder; give another with -o"):
        run(PLAIN, source, tmp_path / "file" / "below")


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz", "csv", "tsv", "txt", "parquet"])
def test_every_format_gives_the_same_texts(tmp_path, ending):
    texts = [row["text"].replace("\n", " ") or "빈 글" for row in documents(50)]
    source = tmp_path / f"raw.{ending}"
    if ending == "parquet":
        pq.write_table(pa.table({"text": texts}), source)
    elif ending == "txt":
        source.write_text("".join(f"{text}\n" for text in texts), "utf-8")
    elif ending in ("csv", "tsv"):
        source.write_text("text\n" + "".join('"' + text.replace('"', '""') + '"\n' for text in texts), "utf-8-sig")
    else:
        lines = "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()
        source.write_bytes(gzip.compress(lines) if ending.endswith("gz") else lines)
    run({**PLAIN, "stages": []}, source, tmp_path / "out")
    assert kept(tmp_path / "out")["text"].to_pylist() == texts


def test_a_corpus_of_which_nothing_is_left_is_still_a_run(tmp_path):
    source = write_jsonl(tmp_path / "raw.jsonl", [GOOD] * 3)
    recipe = {**RECIPE, "input": {"keep": []}, "stages": [{"length": {"min_chars": 1000}}, "exact_dedup"], "vocab": {}}
    result = run(recipe, source, tmp_path / "out")
    assert result.manifest["kept"]["n_docs"] == 0
    assert len(ledger(tmp_path / "out")) == 3
    assert "adds up" in str(result)
