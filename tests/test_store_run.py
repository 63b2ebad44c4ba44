"""A run that keeps its work in a store makes the corpus that it makes on a disk, whoever carries it out."""

import hashlib
import json

import pyarrow as pa
import pytest

import korpus
from korpus.engine import exchange
from korpus.io import blocks, lease, stores
from korpus.io.atomic import write_sealed
from korpus.io.place import Place, fetched, place, relative
from korpus.io.spill import Partition, SpillWriter, partitions
from tests.corpus import RECIPE, documents, tree, write_jsonl
from tests.elsewhere import s3_store
from tests.test_executor import Backwards

GROUPED = {
    **RECIPE,
    "stages": [
        "nfc",
        {"minhash_dedup": {"threshold": 0.8, "keep": "longest"}},
        {"group": {"by": "topic", "order": "n", "max_bytes": 4096}},
        {"length": {"min_chars": 6}},
    ],
    "vocab": {"size": 900, "alphabet_coverage": 1.0},
}


class Dies(Backwards):
    """Ends the run with a task of its choice, as if the driver were killed; what it has done stays."""

    def __init__(self, at):
        super().__init__()
        self.left = at

    def _count(self, function):
        def counted(*args):
            self.left -= 1
            if self.left < 0:
                raise KeyboardInterrupt
            return function(*args)

        return counted

    def run(self, function, tasks):
        return super().run(self._count(function), tasks)

    def map(self, function, items):
        return super().map(self._count(function), items)


@pytest.fixture
def store(tmp_path):
    """A store that is as far away as any other, but fast: the same code, another file system of pyarrow."""
    return Disk(tmp_path / "store")


class Disk:
    """What is in a store, seen past korpus."""

    def __init__(self, folder):
        self.folder, self.uri = folder, f"file://{folder}"

    def files(self, key):
        top = self.folder / key
        return {path.relative_to(top).as_posix(): path.read_bytes() for path in top.rglob("*") if path.is_file()}

    def remove(self, key):
        (self.folder / key).unlink()

    def put(self, key, data):
        (self.folder / key).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / key).write_bytes(data)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_jsonl(tmp_path_factory.mktemp("raw") / "raw.jsonl", documents(150))


def digests(files):
    return {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items()) if name != "log.json"}


@pytest.mark.parametrize(("name", "recipe"), [("plain", RECIPE), ("grouped", GROUPED)])
def test_the_same_bytes_as_on_a_disk(tmp_path, store, source, monkeypatch, name, recipe):
    monkeypatch.setattr(exchange, "MAX_FILES", 4)
    monkeypatch.setattr(blocks, "ELSEWHERE_BYTES", 200)
    korpus.run(recipe, [source], tmp_path / "out", workers=1, quiet=True)
    out = f"{store.uri}/{name}"
    result = korpus.run(recipe, [source], out, quiet=True, engine=Backwards())
    assert digests(store.files(name)) == tree(tmp_path / "out")
    assert str(result.out) == out
    assert "documents kept" in str(result)
    again = korpus.run(recipe, [source], out, quiet=True, engine=Dies(0))
    assert again.manifest == result.manifest


def test_the_same_in_an_object_store(tmp_path, source):
    recipe = {**RECIPE, "input": {}}
    korpus.run(recipe, [source], tmp_path / "out", workers=1, quiet=True)
    with s3_store() as bucket:
        with pytest.raises(KeyboardInterrupt):
            korpus.run(recipe, [source], "s3://corpora/begun-and-ended", quiet=True, engine=Dies(9))
        korpus.run(recipe, [source], "s3://corpora/begun-and-ended", quiet=True, engine=Backwards())
        assert digests(bucket.files("begun-and-ended")) == tree(tmp_path / "out")


def test_a_store_that_throttles(tmp_path, store, source, monkeypatch):
    """Every third thing that is asked of the store it refuses to do now, in the words that pyarrow passes on."""
    refused, asked = [], []
    said = [
        "AWS Error SLOW_DOWN during PutObject operation: Please reduce your request rate.",
        "When getting information for key 'a': AWS Error UNKNOWN (HTTP status 503) during HeadObject operation",
        "google::cloud::Status(UNAVAILABLE: TOO_MANY_REQUESTS)",
    ]

    class Busy:
        def __init__(self, fs):
            self._fs = fs

        def __getattr__(self, name):
            found = getattr(self._fs, name)
            if name not in ("get_file_info", "open_input_file", "delete_file", "delete_dir", "create_dir", "move"):
                return found

            def call(*args):
                asked.append(name)
                if len(asked) % 3 == 0:
                    refused.append(name)
                    raise OSError(said[len(refused) % 3])
                return found(*args)

            return call

    plain = stores.Store

    class Throttled(plain):
        def __init__(self, fs, root):
            super().__init__(Busy(fs), root)

        def put(self, local, path):
            self.fs.get_file_info(["/"])  # copies are made by Arrow, past what stands between
            plain(self.fs._fs, self.root).put(local, path)

        def get(self, path, local):
            self.fs.get_file_info(["/"])
            plain(self.fs._fs, self.root).get(path, local)

        put, get = stores._patient(put), stores._patient(get)

    korpus.run(RECIPE, [source], tmp_path / "out", workers=1, quiet=True)
    monkeypatch.setattr(stores, "Store", Throttled)
    monkeypatch.setattr(stores, "WAITS_S", (0,) * 4)
    stores._made.cache_clear()
    try:
        korpus.run(RECIPE, [source], f"{store.uri}/throttled", quiet=True, engine=Backwards())
    finally:
        stores._made.cache_clear()
    assert len(refused) > 100
    assert digests(store.files("throttled")) == tree(tmp_path / "out")


def test_what_is_wrong_for_good_is_not_asked_again(monkeypatch):
    monkeypatch.setattr(stores, "WAITS_S", (0,) * 4)
    asked = []

    def refuse():
        asked.append(1)
        raise OSError("AWS Error ACCESS_DENIED during HeadObject operation")

    with pytest.raises(OSError, match="ACCESS_DENIED"):
        stores.patiently(refuse)
    assert len(asked) == 1


def test_what_one_began_another_ends(tmp_path, store, source):
    korpus.run(GROUPED, [source], tmp_path / "out", workers=1, quiet=True)
    out = f"{store.uri}/resumed"
    for at in (3, 25, 40):
        with pytest.raises(KeyboardInterrupt):
            korpus.run(GROUPED, [source], out, quiet=True, engine=Dies(at))
        assert "manifest.json" not in store.files("resumed")
    # This machine alone goes on in the store, not in a folder of its own.
    korpus.run(GROUPED, [source], out, workers=1, quiet=True)
    assert digests(store.files("resumed")) == tree(tmp_path / "out")


def test_what_is_gone_is_made_again(tmp_path, store, source):
    korpus.run(RECIPE, [source], tmp_path / "out", workers=1, quiet=True)
    out = f"{store.uri}/damaged"
    with pytest.raises(KeyboardInterrupt):
        korpus.run(RECIPE, [source], out, quiet=True, engine=Dies(45))
    work = [name for name in store.files("damaged") if name.startswith(".korpus/pass-")]
    for name in work[::3]:
        store.remove(f"damaged/{name}")
    for name in work[1::7]:
        store.put(f"damaged/{name}", b"cut")
    # What a machine had begun to write when it was lost; not every store has files whole or not at all.
    store.put("damaged/data/.tmp-1-part-00000.parquet", b"half")
    store.put("damaged/.korpus/pass-0/parts/.tmp-2-a.arrow", b"half")
    korpus.run(RECIPE, [source], out, quiet=True, engine=Backwards())
    assert digests(store.files("damaged")) == tree(tmp_path / "out")


def test_another_recipe_is_refused_and_fresh_replaces(store, source, tmp_path):
    out, other = f"{store.uri}/other", {**RECIPE, "stages": ["nfc", {"length": {"min_chars": 20}}]}
    korpus.run(RECIPE, [source], out, quiet=True, engine=Backwards())
    with pytest.raises(korpus.ResumeError, match="holds another run"):
        korpus.run(other, [source], out, quiet=True, engine=Backwards())
    korpus.run(other, [source], out, quiet=True, engine=Backwards(), fresh=True)
    korpus.run(other, [source], tmp_path / "out", workers=1, quiet=True)
    assert digests(store.files("other")) == tree(tmp_path / "out")


def test_files_of_others_are_kept(store, source):
    store.put("foreign/data/thesis.txt", b"mine")
    with pytest.raises(korpus.ResumeError, match="no run of korpus has left there"):
        korpus.run(RECIPE, [source], f"{store.uri}/foreign", quiet=True, engine=Backwards())
    assert store.files("foreign") == {"data/thesis.txt": b"mine"}


def test_one_run_at_a_time(store, source, monkeypatch):
    out = f"{store.uri}/leased"
    holder = place(f"{out}/.korpus/lock.json")
    write_sealed(holder, {"pid": 1, "host": "another", "started": "2026-01-01T00:00:00+00:00", "token": "a"})
    with pytest.raises(korpus.ResumeError, match=r"process 1 on another.*is writing to file:"):
        korpus.run(RECIPE, [source], out, quiet=True, engine=Backwards())
    monkeypatch.setattr(lease, "SILENCE_S", -60)  # it has been silent for long
    korpus.run(RECIPE, [source], out, quiet=True, engine=Backwards())
    assert not [name for name in store.files("leased") if name.startswith(".korpus")]


def test_a_run_of_this_machine_that_died_is_followed_at_once(store, source, monkeypatch):
    monkeypatch.setattr(lease, "_lives", lambda pid: False)
    out = f"{store.uri}/died"
    here = {"pid": 1, "host": lease.socket.gethostname(), "started": "2026-01-01T00:00:00+00:00", "token": "a"}
    write_sealed(place(f"{out}/.korpus/lock.json"), here)
    assert korpus.run(RECIPE, [source], out, quiet=True, engine=Backwards()).manifest["kept"]["n_docs"]


def test_standard_input_and_the_web_are_refused(store, source):
    with pytest.raises(korpus.RecipeError, match="standard input is not seen by other machines"):
        korpus.run(RECIPE, ["-"], f"{store.uri}/stdin", quiet=True, engine=Backwards())
    with pytest.raises(korpus.RecipeError, match="nothing can be written to https"):
        korpus.run(RECIPE, [source], "https://example.com/out", quiet=True, engine=Backwards())


def test_places_are_paths(store):
    top = place(f"{store.uri}/paths")
    assert place(top) is top
    with pytest.raises(FileNotFoundError):
        (top / "none").stat()
    with pytest.raises(FileNotFoundError):
        fetched(top / "none")
    write_sealed(top / "a" / "하나 둘.json", {"n": 1})
    path = top / "a/b/../하나 둘.json"
    assert (path.name, path.stem, path.exists(), path.is_dir()) == ("하나 둘.json", "하나 둘", True, False)
    assert json.loads(path.read_text())["n"] == 1
    assert path.parent == top / "a"
    assert path.parent.is_dir()
    assert [str(found) for found in top.rglob("*")] == [str(path)]
    assert [found.name for found in top.glob("a*")] == ["a"]
    assert relative(path, top / "b") == "../a/하나 둘.json"
    assert path.with_suffix(".txt") == path.with_stem("하나 둘").with_name("하나 둘.txt")
    first = fetched(path)
    assert fetched(path) == first
    write_sealed(path, {"n": 22})
    assert json.loads(fetched(path).read_text())["n"] == 22
    path.unlink()
    path.unlink(missing_ok=True)
    top.rmtree()
    assert not top.exists()


def test_secrets_do_not_show():
    secret = Place("s3://user:pass%2Fword@store/a?region=eu")
    assert str(secret / "b") == "s3://store/a/b"
    assert (secret / "b").opens == "s3://user:pass%2Fword@store/a/b?region=eu"


def test_only_the_blocks_that_are_wanted_are_read(store, monkeypatch):
    monkeypatch.setattr(blocks, "ELSEWHERE_BYTES", 2000)
    rng = __import__("numpy").random.default_rng(0)
    keys = rng.integers(0, 1 << 64, 4000, dtype="uint64")
    batch = pa.record_batch([pa.array(keys), pa.array(range(4000))], ["key", "n"])
    path = place(f"{store.uri}/spilled/a.arrow")
    with SpillWriter(path, batch.schema, 16) as writer:
        writer.write(batch)
    (whole,) = exchange.gathered([path], lambda function, items, what: list(map(function, items)))
    found = [partition.read() for partition in partitions((whole,), 16)]
    assert sorted(n for table in found for n in table["n"].to_pylist()) == list(range(4000))
    assert all((table["key"].to_numpy() >> 60 == i).all() for i, table in enumerate(found))
    n_read = []
    monkeypatch.setattr(blocks, "open_file", lambda path, plain=blocks.open_file: Counting(plain(path), n_read))
    assert Partition((whole,), 3, 16).read().equals(found[3])
    assert sum(n_read) < 2 * found[3].num_rows + 200


class Counting:
    """A reader of an Arrow file that says how many rows were read."""

    def __init__(self, reader, n_read):
        self._reader, self._n_read = reader, n_read

    def __getattr__(self, name):
        return getattr(self._reader, name)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._reader.__exit__(*exception)

    def get_batch(self, i):
        batch = self._reader.get_batch(i)
        self._n_read.append(batch.num_rows)
        return batch
