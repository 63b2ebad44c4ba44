"""Input and output elsewhere: object stores and the web."""

from __future__ import annotations

import gzip
import json
import pickle
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import korpus
from korpus import recipe as recipes
from korpus.engine import remote_run as upload
from korpus.errors import DataError, MissingExtra, RecipeError, ResumeError
from korpus.io import opening, stores
from korpus.io.location import is_remote, located, opens
from korpus.io.opening import RemoteFile
from korpus.io.readers import discover
from korpus.io.stores import find
from tests.corpus import RECIPE, checked, documents, kept, ledger, run, tree, write_jsonl
from tests.elsewhere import BUCKET, s3_store, web_server

DOCS = documents(320)


@pytest.fixture(scope="module")
def s3():
    with s3_store() as bucket:
        yield bucket


@pytest.fixture
def web():
    with web_server() as (address, site):
        yield address, site


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder / "korpus"


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    """A folder with the same kind of documents in every format that has a way of its own into the readers."""
    folder = tmp_path_factory.mktemp("raw")
    write_jsonl(folder / "a 가.jsonl", DOCS[:80])
    (folder / "b").mkdir()
    plain = write_jsonl(folder / "b" / "plain.jsonl", DOCS[80:160])
    (folder / "b" / "b.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    table = pa.Table.from_pylist(DOCS[160:240])
    pq.write_table(table, folder / "c.parquet", row_group_size=30)
    with pa.ipc.new_file(folder / "d.arrow", table.schema) as file:
        file.write_table(pa.Table.from_pylist(DOCS[240:]), max_chunksize=30)
    (folder / "e.json").write_text(json.dumps(DOCS[:20], ensure_ascii=False, indent=1), encoding="utf-8")
    (folder / "notes.md").write_text("not read")
    (folder / ".hidden.jsonl").write_text("not read")
    return folder


def same_rows(here: Path, there: Path, old: str, new: str) -> bool:
    """Tell whether two ledgers are the same but for the places that the inputs were in."""
    moved = [{**row, "path": row["path"].replace(old, new)} for row in ledger(here)]
    return moved == ledger(there)


# Paths.


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("s3://bucket/a b/가%20.jsonl", "s3://bucket/a b/가%20.jsonl"),
        ("s3://KEY:se%2Fcret@bucket/a?region=x&endpoint_override=1.2.3.4:5", "s3://bucket/a"),
        ("s3://bucket/a?.jsonl", "s3://bucket/a?.jsonl"),
        ("s3://bucket/a?.jsonl?region=x", "s3://bucket/a?.jsonl"),
        ("gs://anonymous@bucket/a", "gs://bucket/a"),
        ("hdfs://user@node:8020/a?replication=1", "hdfs://node:8020/a"),
        ("https://me:pw@host:8/a/b.gz?signature=1&b=2#top", "https://host:8/a/b.gz"),
    ],
)
def test_a_remote_path_shows_no_secrets(given, shown):
    path = located(given)
    assert path == shown
    assert opens(path) == given
    assert located(path) is path
    again = pickle.loads(pickle.dumps(path))
    assert (again, again.opens) == (shown, given)
    assert type(json.loads(json.dumps([path]))[0]) is str


@pytest.mark.parametrize("path", ["a.jsonl", "/a/b", "c:/a", "C:\\a", "-", "a://", "s3:/bucket/a", "./s3/a"])
def test_other_paths_are_local(path):
    assert not is_remote(path)
    assert located(path) is path


def test_a_password_with_a_slash_is_refused_unseen():
    with pytest.raises(RecipeError, match="write %2F for each /") as error:
        located("s3://KEY:se/cret@bucket/a")
    assert "cret" not in str(error.value)


def test_a_recipe_shows_no_secrets_and_keeps_them():
    secret = "s3://KEY:hush@bucket/a?region=hush"
    built = recipes.load({"input": {"paths": [secret]}, "output": {"path": secret}})
    assert "hush" not in json.dumps(built.filled())
    assert opens(built.input.paths[0]) == opens(built.output.path) == secret
    built = recipes.amend(recipes.amend(built, "input", text="body"), "output", counts=False)
    assert opens(built.input.paths[0]) == opens(built.output.path) == secret
    several = recipes.load({"sources": {"one": {}, "two": {}}})
    given = recipes.with_inputs(several, [f"one={secret}", "two=b.jsonl"])
    assert "hush" not in json.dumps(given.filled())
    assert opens(given.sources["one"].paths[0]) == secret


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"against": ["s3://KEY:hush@bucket/a"]}, "against must hold no user, password or options"),
        ({"index": "s3://bucket/index"}, "index must be a folder on this machine"),
    ],
)
def test_options_of_a_stage_hold_no_secrets(options, expected):
    with pytest.raises(RecipeError, match=expected):
        recipes.load({"stages": [{"minhash_dedup": options}]})


# Reading.


@pytest.mark.parametrize("workers", [1, 2])
def test_a_folder_of_a_store_gives_the_corpus_of_the_same_folder_here(s3, raw, tmp_path, workers):
    there = s3.put_folder(raw, "raw")
    run(RECIPE, raw, tmp_path / "here")
    run(RECIPE, [there], tmp_path / "there", workers)
    ours = tree(tmp_path / "there")
    same = {name: digest for name, digest in tree(tmp_path / "here").items() if name.startswith(("data", "counts"))}
    assert len(same) > 3
    assert same.items() <= ours.items()
    assert same_rows(tmp_path / "here", tmp_path / "there", str(raw), there)
    inputs = json.loads((tmp_path / "there" / "manifest.json").read_text())["inputs"]
    assert [file["path"] for file in inputs] == [
        f"{there}/{name}" for name in ("a 가.jsonl", "b/b.jsonl.gz", "c.parquet", "d.arrow", "e.json")
    ]
    assert inputs[0]["n_splits"] > 2


def test_what_a_remote_path_may_be(s3):
    for name in (
        "top.txt",
        "a/x/one.txt",
        "a/y/one.txt",
        "a/y/two.txt.gz",
        "a/.hidden/one.txt",
        "a/y/.one.txt",
        "a/b.c",
    ):
        s3.put(f"paths/{name}", gzip.compress("가\n".encode()) if name.endswith(".gz") else "가\n".encode())
    top = f"s3://{BUCKET}/paths"

    def found(path, **options):
        return [file.path.removeprefix(f"{top}/") for file in discover([f"{top}{path}"], **options)]

    everything = ["a/x/one.txt", "a/y/one.txt", "a/y/two.txt.gz", "top.txt"]
    assert found("") == found("/") == found("/**") == everything
    assert found("/top.txt") == ["top.txt"]
    assert found("/a") == found("/*")[:-1] == found("/?/*") == everything[:3]
    assert found("/**/one.txt") == found("/a/[xy]/one*") == everything[:2]
    assert found("/a/**/*.gz") == ["a/y/two.txt.gz"]
    assert found("/a/*", format="text") == ["a/b.c", *everything[:3]]
    assert found("/a/.hidden/*") == ["a/.hidden/one.txt"]
    files = discover([f"{top}/top.txt", top])
    assert [file.path for file in files][0] == f"{top}/top.txt"
    assert len(files) == len(everything)
    assert {file.n_bytes for file in files if not file.compression} == {4}
    assert all(file.stamp for file in files)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"s3://{BUCKET}/no.jsonl", f"there is no file or folder s3://{BUCKET}/no.jsonl"),
        (f"s3://{BUCKET}/no/*.jsonl", f"nothing matches s3://{BUCKET}/no/"),
        ("s3://nobodys/a", "there is no file or folder s3://nobodys/a"),
        ("s3://nobodys/*", "nothing matches s3://nobodys/"),
        (f"s3://{BUCKET}/few", f"the folder s3://{BUCKET}/few has no file of a known format"),
        (f"s3://{BUCKET}/few/*", f"s3://{BUCKET}/few/.* matches nothing of a known format"),
        (f"s3://{BUCKET}/few/a.md", "neither its name nor its content tells its format"),
        (f"s3://{BUCKET}/few?colour=hush", f"cannot read s3://{BUCKET}/few: Unexpected query parameter .*'colour'"),
        ("nonsense://a/b", "cannot read nonsense://a/b: "),
    ],
)
def test_paths_that_lead_nowhere(s3, path, expected):
    s3.put("few/a.md", b"a")
    with pytest.raises(DataError, match=expected) as error:
        discover([path])
    assert "hush" not in str(error.value)


def test_a_glob_that_matches_a_file_of_that_very_name_is_that_file(s3):
    path = s3.put("names/[a].txt", "가\n".encode())
    assert [file.path for file in discover([path])] == [path]


def test_an_arrow_stream_is_refused(s3):
    sink = pa.BufferOutputStream()
    table = pa.table({"text": ["가"]})
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    path = s3.put("stream.arrow", sink.getvalue().to_pybytes())
    with pytest.raises(DataError, match="is an Arrow stream.*copy it here"):
        korpus.api.plan({}, [path])


def test_a_store_that_refuses_is_an_error_and_leaves_nothing(tmp_path, web):
    address, site = web
    site.status, site.files["/bucket/a.jsonl"] = 403, b"..."
    path = f"s3://KEY:hush-hush@bucket/a.jsonl?endpoint_override={address}&scheme=http&region=here"
    with pytest.raises(DataError, match=r"cannot read s3://bucket/a\.jsonl: access is refused") as error:
        run({}, [path], tmp_path / "out")
    assert "hush" not in str(error.value)
    assert not (tmp_path / "out").exists()


class Broken:
    """A store whose files end too soon."""

    def __init__(self, whole, good):
        self.whole, self.good = whole, good

    def open(self, path):
        data, good = self.whole.open(path).read(), self.good

        class File:
            def size(self):
                return len(data)

            def read_at(self, n, at):
                if at + n > good:
                    raise OSError("curlCode: 56, Connection reset by peer")
                return data[at : at + n]

            def close(self):
                pass

        return File()


@pytest.mark.parametrize("name", ["a 가.jsonl", "b/b.jsonl.gz", "c.parquet", "d.arrow", "e.json"])
def test_a_read_that_dies_midway_stops_the_run_which_goes_on_later(s3, raw, tmp_path, monkeypatch, name):
    path = f"{s3.put_folder(raw, 'midway')}/{name}"
    recipe = {**RECIPE, "input": {"split_bytes": 2048, "paths": [path]}}
    from korpus.engine.local import LocalEngine
    from korpus.engine.run import Run
    from korpus.plan import make

    plan = make(recipes.load(recipe))
    whole = stores.store(path)
    with monkeypatch.context() as patch:
        # Parquet and Arrow files have to be readable at their end to be a file at all.
        patch.setattr(opening, "store", lambda path: Broken(whole, 3000))
        with pytest.raises(DataError, match=r"cannot read .*the store cannot be reached.*goes on where it stopped"):
            Run(plan, tmp_path / "out", LocalEngine(1), quiet=True)()
    assert not (tmp_path / "out" / "manifest.json").exists()
    run(recipe, None, tmp_path / "out")
    run(recipe, None, tmp_path / "straight")
    assert tree(tmp_path / "out") == tree(tmp_path / "straight")


def test_an_early_end_is_no_end(s3, monkeypatch):
    path = s3.put("short.txt", b"0123456789")

    class Short(Broken):
        def open(self, path):
            file = super().open(path)
            file.read_at = lambda n, at: b"012"
            return file

    whole = stores.store(path)
    monkeypatch.setattr(opening, "store", lambda path: Short(whole, 10))
    with pytest.raises(DataError, match="it ended after 3 of 10 bytes"):
        RemoteFile(path).read()


def test_a_split_is_one_request(s3, monkeypatch):
    lines = b"".join(b"%07d\n" % i for i in range(100_000))
    path, asked = s3.put("splits.txt", lines), []
    file = discover([path])[0]
    from korpus.io.readers import ReadOptions, plan_splits, read_split

    options = ReadOptions(split_bytes=100_001)
    opened = stores.Store.open

    def watched(self, path):
        file = opened(self, path)

        class File:
            size, close = file.size, file.close

            def read_at(self, n, at):
                asked.append((at, n))
                return file.read_at(n, at)

        return File()

    monkeypatch.setattr(stores.Store, "open", watched)
    splits = plan_splits(file, options)
    texts = [
        block.batch.column("text").to_pylist() for s in splits for block in read_split(s, None, pa.schema([]), options)
    ]
    assert b"".join(text.encode() + b"\n" for part in texts for text in part) == lines
    assert len(asked) == len(splits) == 8


def test_reading_anywhere(s3):
    data = bytes(range(256)) * 4000
    path = s3.put("bytes", data)
    file = RemoteFile(path, ahead=1000)
    for at, n in [
        (0, 10),
        (10, 10),
        (5, 2000),
        (900_000, 5),
        (899_990, 30),
        (3, 0),
        (1_023_999, 5),
        (2_000_000, 5),
        (7, 3),
    ]:
        assert file.seek(at) == at
        assert file.read(n) == data[at : at + n]
        assert file.tell() == at + len(data[at : at + n])
    assert file.seek(-3, 2) == len(data) - 3
    assert file.read() == data[-3:]
    file.close()
    file.close()


def test_a_reference_may_lie_in_a_store(s3, tmp_path):
    rows = [{"text": f"{i}번 문서는 서로 다른 긴 이야기를 {i * i}번 하고 있습니다 그래서 {i}"} for i in range(20)]
    there = s3.put("reference.jsonl", "".join(f"{json.dumps(row)}\n" for row in rows[:5]).encode())
    source = write_jsonl(tmp_path / "a.jsonl", rows)
    run({"stages": [{"minhash_dedup": {"against": [there]}}]}, source, tmp_path / "out")
    gone = [row for row in ledger(tmp_path / "out") if row["reason"] == "in_reference"]
    assert {row["row"] for row in gone} >= {1, 2, 3, 4, 5}
    assert gone[0]["detail"].startswith(there)


# The web.


def test_files_of_the_web(web, tmp_path):
    address, site = web
    site.files["/가 나/a.jsonl"] = "".join(f"{json.dumps(row)}\n" for row in DOCS[:60]).encode()
    site.files["/b.jsonl.gz"] = gzip.compress(site.files["/가 나/a.jsonl"])
    site.user = "Basic bWU6aHVzaA=="
    first, second = f"http://me:hush@{address}/가 나/a.jsonl", f"http://me:hush@{address}/moved/b.jsonl.gz?sign=hush"
    recipe = {**RECIPE, "input": {"split_bytes": 4096, "paths": [first]}}
    # Not handed on to where a file has moved.
    with pytest.raises(DataError, match="access is refused.*401"):
        discover([second])
    done = run(recipe, None, tmp_path / "out", 2)
    assert [file["path"] for file in done.manifest["inputs"]] == [f"http://{address}/가 나/a.jsonl"]
    assert done.manifest["inputs"][0]["n_splits"] > 2
    site.user = None
    run(recipe, [second.replace("me:hush@", "")], tmp_path / "packed")
    assert kept(tmp_path / "packed").column("text").to_pylist() == kept(tmp_path / "out").column("text").to_pylist()
    told = [path.read_bytes() for out in ("out", "packed") for path in (tmp_path / out).rglob("*") if path.is_file()]
    assert not any(b"hush" in data for data in told)
    assert {row["path"] for row in ledger(tmp_path / "out")} == {f"http://{address}/가 나/a.jsonl"}
    # Another text is another input.
    site.files["/가 나/a.jsonl"] = site.files["/가 나/a.jsonl"].replace(b'"d1"', b'"x1"')
    with pytest.raises(ResumeError, match="holds another run"):
        run({**recipe, "input": {**recipe["input"], "paths": [first]}}, None, tmp_path / "out")


def test_a_corpus_of_the_web_is_opened_with_what_opens_it(web, tmp_path):
    address, site = web
    done = run(RECIPE, write_jsonl(tmp_path / "raw.jsonl", DOCS[:60]), tmp_path / "out")
    files = (path for path in (tmp_path / "out").rglob("*") if path.is_file())
    site.files = {f"/{path.relative_to(tmp_path).as_posix()}": path.read_bytes() for path in files}
    site.user = "Basic bWU6aHVzaA=="
    there = located(f"http://me:hush@{address}/out")
    for given in (there, opens(there)):
        corpus = korpus.open(given)
        assert repr(corpus) == f"<Corpus 'http://{address}/out': {done.manifest['kept']['n_docs']:,} documents>"
        assert sum(batch.num_rows for batch in corpus.documents()) == done.manifest["kept"]["n_docs"]
    with pytest.raises(DataError, match="access is refused.*401"):
        korpus.open(str(there))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"ranges": False}, r"gives out whole files only, and korpus reads them in pieces; download it"),
        ({"files": {}}, r"there is no file or folder http://.*/a\.jsonl"),
        ({"status": 403}, r"access is refused"),
        ({"status": 500}, r"goes on where it stopped \(HTTP Error 500"),
        ({"breaks_after": 0}, r"cannot read http://.*/a\.jsonl"),
    ],
)
def test_web_servers_that_do_not_help(web, change, expected):
    address, site = web
    site.files["/a.jsonl"] = b'{"text": "a"}\n' * 10
    vars(site).update(change)
    with pytest.raises(DataError, match=expected):
        discover([f"http://{address}/a.jsonl"])
    assert len(site.asked) <= 3


def test_the_web_cannot_be_listed_or_written_to(web, tmp_path):
    address, _ = web
    with pytest.raises(DataError, match="there is no file or folder"):
        discover([f"http://{address}/*.jsonl"])
    source = write_jsonl(tmp_path / "a.jsonl", DOCS[:20])
    with pytest.raises(RecipeError, match="nothing can be written to http://"):
        run({}, source, f"http://{address}/out")


def test_an_address_where_nobody_answers():
    with web_server() as (address, _):
        pass
    with pytest.raises(DataError, match="the store cannot be reached.*[Rr]efused"):
        discover([f"http://{address}/a.jsonl"])


def test_an_empty_file_of_the_web(web):
    address, site = web
    site.files |= {"/a.jsonl": b'{"text": "a"}\n', "/empty.jsonl": b""}
    planned = korpus.api.plan({}, [f"http://{address}/empty.jsonl", f"http://{address}/a.jsonl"])
    assert planned.warnings == (f"http://{address}/empty.jsonl is empty",)


# Other schemes.


def test_other_schemes_go_through_fsspec(tmp_path):
    memory = pytest.importorskip("fsspec").filesystem("memory")
    memory.pipe("/here/a.txt", "첫째 줄입니다\n둘째 줄입니다\n".encode())
    run({"stages": ["length"]}, ["memory://here/*"], "memory://there/out")
    memory.get("/there/out", str(tmp_path / "out"), recursive=True)
    assert kept(tmp_path / "out").column("text").to_pylist() == ["첫째 줄입니다", "둘째 줄입니다"]
    assert not [path for path in memory.find("/there") if "/." in path]
    assert (
        korpus.run({"stages": ["length"]}, ["memory://here/*"], "memory://there/out", 1).manifest["kept"]["n_docs"] == 2
    )
    memory.rm("/", recursive=True)


def test_without_fsspec_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "fsspec", None)
    with pytest.raises(MissingExtra, match=r"reading strange:// needs .*korpus-toolkit\[remote\]"):
        find("strange://a/b")


# Writing.


@pytest.fixture
def source(tmp_path):
    return write_jsonl(tmp_path / "source.jsonl", DOCS)


def fetched(s3, key, folder):
    for name, data in s3.files(key).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return tree(folder)


def test_a_remote_output_is_that_of_a_local_one_and_nothing_else_stays(s3, source, tmp_path, cache):
    out = f"s3://{BUCKET}/made/out"
    done = run(RECIPE, source, out, 2)
    run(RECIPE, source, tmp_path / "out")
    assert fetched(s3, "made/out", tmp_path / "fetched") == tree(tmp_path / "out")
    assert done.out == out
    assert not any(cache.glob("*"))
    summary = str(korpus.show(out))
    assert str(done)[:500] == summary[:500]
    assert "adds up: 320 read" in summary


def test_a_finished_remote_run_is_not_done_again(s3, source, monkeypatch):
    out = f"s3://{BUCKET}/twice"
    first = run(RECIPE, source, out)
    monkeypatch.setattr("korpus.engine.run.Run.__call__", lambda *_: pytest.fail("it was done again"))
    assert run(RECIPE, source, out).manifest == first.manifest
    with pytest.raises(ResumeError, match=rf"{out} holds another run \(.*--fresh to replace it"):
        run({**RECIPE, "stages": ["nfc"]}, source, out)


@pytest.mark.parametrize("folder", ["data", "rejects", "counts"])
@pytest.mark.parametrize(("content", "said"), [(None, "is missing"), (b"PAR1", "has 4 bytes, but was written with")])
def test_a_finished_remote_run_that_is_not_whole_is_noticed(s3, source, folder, content, said):
    out = f"s3://{BUCKET}/out/whole-{folder}-{content is None}"
    run(RECIPE, source, out)
    key = f"out/{out.rpartition('/')[2]}"
    name = next(name for name in s3.files(key) if name.startswith(folder))
    s3.remove(f"{key}/{name}") if content is None else s3.put(f"{key}/{name}", content)
    with pytest.raises(DataError, match=rf"{re.escape(name)} {said}.*--fresh"):
        run(RECIPE, source, out)
    whole = run(RECIPE, source, out, fresh=True).manifest
    assert run(RECIPE, source, out).manifest == whole


def test_fresh_replaces_what_korpus_wrote_and_nothing_else(s3, source, tmp_path):
    out = f"s3://{BUCKET}/fresh"
    run(RECIPE, source, out)
    s3.put("fresh/notes.txt", b"mine")
    other = {**RECIPE, "stages": ["nfc", {"length": {"min_chars": 100}}]}
    run(other, source, out, fresh=True)
    run(other, source, tmp_path / "out")
    files = fetched(s3, "fresh", tmp_path / "fetched")
    assert files.pop("notes.txt")
    assert files == tree(tmp_path / "out")


def test_a_foreign_remote_folder_is_refused(s3, source, cache):
    s3.put("foreign/data/a.parquet", b"")
    with pytest.raises(ResumeError, match=rf"s3://{BUCKET}/foreign holds 'data', which no run of korpus has left"):
        run(RECIPE, source, f"s3://{BUCKET}/foreign", fresh=True)
    assert set(s3.files("foreign")) == {"data/a.parquet"}


def test_a_run_into_the_folder_that_it_reads_is_not_its_own_input(s3, tmp_path):
    s3.put("same/a.jsonl", "".join(f"{json.dumps(row)}\n" for row in DOCS[:30]).encode())
    out = f"s3://{BUCKET}/same/out"
    first = run(RECIPE, [f"s3://{BUCKET}/same"], out)
    assert run(RECIPE, [f"s3://{BUCKET}/same"], out).manifest == first.manifest
    assert len(first.manifest["inputs"]) == 1


@pytest.mark.parametrize("n_files", [1, 3, 100])
def test_an_upload_that_is_interrupted_goes_on(s3, source, tmp_path, monkeypatch, n_files):
    key = f"interrupted-{n_files}"
    out, put, names = f"s3://{BUCKET}/{key}", stores.Store.put, []

    def at_most(self, local, path):
        if len(names) == n_files:
            raise KeyboardInterrupt
        names.append(path.rpartition("/")[2])
        put(self, local, path)

    with monkeypatch.context() as patch:
        patch.setattr(stores.Store, "put", at_most)
        if n_files < 100:
            with pytest.raises(KeyboardInterrupt):
                run(RECIPE, source, out)
            assert "manifest.json" not in s3.files(key)
            with pytest.raises(DataError, match=f"{out} holds an unfinished run"):
                korpus.show(out)
            with pytest.raises(ResumeError, match=f"{out} holds another run"):
                run({**RECIPE, "stages": ["nfc"]}, source, out)
        else:
            run(RECIPE, source, out)
            assert names[0] == ".korpus"
            assert names[-1] == "manifest.json"
    before = set(s3.files(key))
    seen = []
    with monkeypatch.context() as patch:
        patch.setattr(stores.Store, "put", lambda self, local, path: (seen.append(path), put(self, local, path)))
        run(RECIPE, source, out)
    assert not {path[len(out) + 1 :] for path in seen} & (before - {".korpus"})
    run(RECIPE, source, tmp_path / "out")
    assert fetched(s3, key, tmp_path / "fetched") == tree(tmp_path / "out")


def test_a_replacement_that_is_interrupted_is_no_corpus_until_it_is_whole(s3, source, tmp_path, monkeypatch):
    out, put, names = f"s3://{BUCKET}/replaced", stores.Store.put, []
    run({**RECIPE, "stages": ["nfc"]}, source, out)

    def few(self, local, path):
        if len(names) == 3:
            raise KeyboardInterrupt
        names.append(path)
        put(self, local, path)

    with monkeypatch.context() as patch:
        patch.setattr(stores.Store, "put", few)
        with pytest.raises(KeyboardInterrupt):
            run(RECIPE, source, out, fresh=True)
    assert "manifest.json" not in s3.files("replaced")
    run(RECIPE, source, out)
    run(RECIPE, source, tmp_path / "out")
    assert fetched(s3, "replaced", tmp_path / "fetched") == tree(tmp_path / "out")


def test_a_store_that_cannot_be_written_to_is_found_out_before_the_work(source, monkeypatch):
    monkeypatch.setattr("korpus.engine.run.Run.__call__", lambda *_: pytest.fail("it was done for nothing"))
    with s3_store(), pytest.raises(DataError, match=r"cannot write s3://nobodys/out/\.korpus: there is no such"):
        run(RECIPE, source, "s3://nobodys/out")


def test_the_folder_in_between_can_be_chosen(s3, source, tmp_path, cache, monkeypatch):
    out = f"s3://{BUCKET}/chosen"
    scratch = tmp_path / "scratch"
    monkeypatch.setattr(upload.RemoteRun, "_upload", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(RECIPE, source, out, overrides=[f"engine.scratch={scratch}"])
    assert (upload.staging(out, str(scratch)) / "manifest.json").exists()
    assert not cache.exists()


def test_a_check_looks_at_the_folder_in_between(s3, source):
    said = checked(RECIPE, [source], f"s3://KEY:hush@{BUCKET}/out")
    assert f"path: s3://{BUCKET}/out" in said
    assert "hush" not in said


def test_a_remote_corpus_is_exported_but_its_counts_are_to_be_copied(s3, source, tmp_path):
    out = f"s3://{BUCKET}/export"
    run(RECIPE, source, out)
    run(RECIPE, source, tmp_path / "out")
    for format in ("jsonl", "hf"):
        korpus.api.export(out, tmp_path / f"there-{format}", format)
        korpus.api.export(tmp_path / "out", tmp_path / f"here-{format}", format)
        assert tree(tmp_path / f"there-{format}") == tree(tmp_path / f"here-{format}")
    with pytest.raises(DataError, match="export to a folder on this machine"):
        korpus.api.export(out, f"s3://{BUCKET}/exported", "text")
    with pytest.raises(DataError, match="copy its folder counts here"):
        korpus.api.vocab_train([out], tmp_path / "vocab")
    with pytest.raises(DataError, match=f"s3://{BUCKET}/nothing holds no run"):
        korpus.api.export(f"s3://{BUCKET}/nothing", tmp_path / "x", "text")
