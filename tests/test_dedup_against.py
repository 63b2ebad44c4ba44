"""References: documents that are never removed and whose matches are; indexes of earlier runs."""

import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import korpus
from tests.corpus import documents, kept, ledger, run, tree, write_jsonl
from tests.test_run import jaccard

N_DOCS = 300
ROWS = [row for row in documents(N_DOCS, seed=3) if row["text"]]


def recipe(**options) -> dict:
    return {
        "input": {"split_bytes": 4096},
        "stages": ["whitespace", {"minhash_dedup": options}],
        "output": {"counts": False},
    }


def removed(out, reason: str) -> list[dict]:
    return [row for row in ledger(out) if row["reason"] == reason]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_jsonl(tmp_path_factory.mktemp("input") / "new.jsonl", ROWS)


@pytest.fixture(scope="module")
def old():
    """What came before: texts of the input with an ending or not, with blanks, and others."""
    rows = [{"body": "  ".join(row["text"].split()) + "!" * (i % 2)} for i, row in enumerate(ROWS[50:150])]
    return [*rows, {"body": "전혀 다른 이야기를 하는 문서입니다"}, {"body": "ㅋ"}]


def write_reference(folder, name: str, rows: list[dict]):
    path = folder / name
    if name.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif name.endswith(".tsv"):
        path.write_text("id\tbody\n" + "".join(f"{i}\t{row['body']}\n" for i, row in enumerate(rows)), "utf-8")
    else:
        data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


@pytest.mark.parametrize("name", ["old.jsonl", "old.jsonl.gz", "old.tsv", "old.parquet"])
def test_what_is_in_a_reference_goes_and_the_ledger_says_where_it_is(source, old, tmp_path, name):
    path = write_reference(tmp_path, name, old)
    first = 2 if name.endswith(".tsv") else 1
    result = run(recipe(against=[str(path)], against_text="body"), source, tmp_path / "out")
    found = removed(tmp_path / "out", "in_reference")
    assert len(found) > 80
    for row in found:
        assert row["stage"] == "minhash_dedup"
        assert row["duplicate_of"] is None
        where, _, number = row["detail"].rpartition(":")
        assert where == str(path)
        similarity = jaccard(row["text"], old[int(number) - first]["body"])
        assert similarity >= 0.8
        assert row["similarity"] == pytest.approx(similarity)
    gone = {row["doc_id"] for row in found}
    texts = kept(tmp_path / "out")["text"].to_pylist()
    assert not any(jaccard(text, row["body"]) >= 0.95 for text in texts for row in old if len(text) > 2)
    # The rest is deduplicated as ever: nobody is a duplicate of a document that has gone.
    assert not any(row["duplicate_of"] in gone for row in removed(tmp_path / "out", "duplicate"))
    (stage,) = (stage for stage in result.manifest["stages"] if stage["name"] == "minhash_dedup")
    assert stage["counts"]["in_reference"] == len(found)
    assert not korpus.show(tmp_path / "out").breaks


def test_a_reference_goes_through_the_edits(tmp_path):
    texts = ["배송이 정말 빠르고 좋았어요", "포장이 꼼꼼해서 만족합니다"]
    source = write_jsonl(tmp_path / "new.jsonl", [{"text": text} for text in texts])
    path = write_jsonl(tmp_path / "old.jsonl", [{"text": "배송이 정말 http://example.com/abc 빠르고 좋았어요"}])
    plain = {"stages": ["whitespace", {"minhash_dedup": {"against": [str(path)]}}]}
    run(plain, source, tmp_path / "plain")
    assert removed(tmp_path / "plain", "in_reference") == []
    run({"stages": ["urls", *plain["stages"]]}, source, tmp_path / "edited")
    (row,) = removed(tmp_path / "edited", "in_reference")
    assert (row["text"], row["detail"], row["similarity"]) == (texts[0], f"{path}:1", 1.0)


@pytest.mark.parametrize("keep", ["first", "longest"])
def test_the_output_does_not_depend_on_workers_batches_or_memory(source, old, tmp_path, keep):
    path = write_reference(tmp_path, "old.jsonl.gz", old)
    given = recipe(against=[str(path)], against_text="body", keep=keep)
    run(given, source, tmp_path / "one")
    run(given, source, tmp_path / "two", workers=2, overrides=["engine.batch_rows=7", "engine.memory=256MiB"])
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    assert removed(tmp_path / "one", "in_reference")


def test_days_deduplicated_one_after_the_other_with_indexes(tmp_path):
    days = [write_jsonl(tmp_path / f"day{i}.jsonl", ROWS[i * 90 : i * 90 + 120]) for i in range(3)]
    results = []
    for i, day in enumerate(days):
        options = {"keep": ("longest", "first", "longest")[i], "index": str(tmp_path / "indexes" / f"day{i}")}
        if i:
            options["against"] = [str(tmp_path / "indexes" / "*")]
        run(recipe(**options), day, tmp_path / f"out{i}")
        again = run(recipe(**options), day, tmp_path / f"out{i}")
        results.append((kept(tmp_path / f"out{i}"), again))
    before = []
    for i, (table, _) in enumerate(results):
        for row in removed(tmp_path / f"out{i}", "in_reference"):
            where, _, number = row["detail"].rpartition(":")
            text = json.loads((tmp_path / where).read_text("utf-8").splitlines()[int(number) - 1])["text"]
            assert where in map(str, days[:i])
            assert row["similarity"] == pytest.approx(jaccard(row["text"], text))
            assert row["similarity"] >= 0.8
            assert " ".join(text.split()) in before
        before += table["text"].to_pylist()
    # The days overlap: what a day has of the day before is gone.
    assert len(removed(tmp_path / "out1", "in_reference")) >= 20
    assert len(set(before)) == len(before)


def test_an_index_does_not_need_the_old_texts_and_gives_what_they_give(source, tmp_path):
    day = write_jsonl(tmp_path / "old.jsonl", [{"text": " ".join(row["text"].split())} for row in ROWS[:100]])
    index = str(tmp_path / "old.index")
    run(recipe(index=index), day, tmp_path / "old")
    stays = write_jsonl(
        tmp_path / "stays.jsonl", [{"text": text} for text in kept(tmp_path / "old")["text"].to_pylist()]
    )
    run(recipe(against=[str(stays)]), source, tmp_path / "texts")
    day.unlink()
    run(recipe(against=[index]), source, tmp_path / "index", workers=2)
    without_place = [
        [{**row, "detail": bool(row["detail"])} for row in ledger(tmp_path / name)] for name in ("texts", "index")
    ]
    assert without_place[0] == without_place[1]


def test_an_index_is_the_same_for_any_number_of_workers_and_replaces_an_older_one(source, tmp_path):
    digests = []
    for i, workers in enumerate((1, 2)):
        run(recipe(index=str(tmp_path / "index")), source, tmp_path / f"out{i}", workers=workers)
        digests.append(tree(tmp_path / "index"))
    assert digests[0] == digests[1]
    assert {name.split("/")[0] for name in digests[0]} == {"index.json", "forms", "bands", "texts"}
    assert not list(tmp_path.glob(".tmp-*"))


def test_a_changed_reference_is_another_run(source, old, tmp_path):
    path = write_reference(tmp_path, "old.jsonl", old)
    given = recipe(against=[str(path)], against_text="body")
    run(given, source, tmp_path / "out")
    run(given, source, tmp_path / "out")
    write_reference(tmp_path, "old.jsonl", old[:10])
    with pytest.raises(korpus.ResumeError, match="another run"):
        run(given, source, tmp_path / "out")


def test_what_is_wrong_with_a_reference_is_said_before_anything_is_read(source, old, tmp_path):
    def refused(error, match, **options):
        with pytest.raises(error, match=match):
            run(recipe(**options), source, tmp_path / "refused")
        assert not (tmp_path / "refused").exists()

    path = write_reference(tmp_path, "old.jsonl", old)
    refused(korpus.DataError, "there is no file or folder", against=[str(tmp_path / "none.jsonl")])
    refused(korpus.SchemaError, r"minhash_dedup\.against: .*'text', which against_text names", against=[str(path)])
    run(recipe(index=str(tmp_path / "index")), source, tmp_path / "out")
    message = r"was made with shingle_chars: 5, this recipe has 4; give minhash_dedup the same shingle_chars"
    refused(korpus.DataError, message, against=[str(tmp_path / "index")], shingle_chars=4)
    message = "was made with bands: 17, this recipe has 34"
    refused(korpus.DataError, message, against=[str(tmp_path / "index")], threshold=0.5)
    (tmp_path / "index" / "index.json").write_text("{}")
    refused(korpus.DataError, "is not an index", against=[str(tmp_path / "index")])
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    refused(korpus.DataError, "is there already and is not an index", index=str(tmp_path / "full"))


def test_lines_of_a_reference_that_cannot_be_read_are_counted(source, tmp_path):
    path = tmp_path / "old.jsonl"
    path.write_text(json.dumps(ROWS[60], ensure_ascii=False) + "\n{broken\n", "utf-8")
    result = run(recipe(against=[str(path)]), source, tmp_path / "out")
    assert result.manifest["warnings"] == [f"1 documents of the reference {path} cannot be read"]


def test_an_empty_reference_is_no_reference(source, tmp_path):
    (tmp_path / "empty.jsonl").touch()
    run(recipe(), source, tmp_path / "without")
    run(recipe(against=[str(tmp_path / "empty.jsonl")]), source, tmp_path / "with")
    assert kept(tmp_path / "with").equals(kept(tmp_path / "without"))


def test_a_large_cluster_is_reported(source, tmp_path):
    crowd = write_jsonl(tmp_path / "crowd.jsonl", [{"text": "정말 재미있는 영화였습니다" + "!" * i} for i in range(30)])
    result = run(recipe(warn_cluster=20), [crowd, source], tmp_path / "out")
    (warning,) = result.manifest["warnings"]
    assert warning.startswith("minhash_dedup: 30 documents became one (doc_id 0, '정말 재미있는 영화였습니다')")
    assert "30 documents became one" in str(korpus.show(tmp_path / "out"))
    assert run(recipe(warn_cluster=30), [crowd, source], tmp_path / "quiet").manifest["warnings"] == []
