"""An export believes no manifest, is never mistaken for a whole one, and stays out of the folders of others."""

import json
import shutil

import pytest

import korpus
from korpus.api import export, vocab_train
from korpus.corpus.corpus import Corpus
from korpus.export import UNFINISHED
from korpus.io.atomic import TEMPORARY, sealed
from tests.corpus import RECIPE, documents, run, tree, write_jsonl


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    run(RECIPE, write_jsonl(folder / "raw.jsonl", documents(200)), folder / "out")
    return folder / "out"


def forged(corpus, folder, change):
    """Return a copy of a run whose manifest was changed by someone who knows how to seal it."""
    shutil.copytree(corpus, folder / "out")
    path = folder / "out" / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    change(manifest)
    path.write_text(json.dumps(sealed(manifest)), "utf-8")
    return folder / "out"


def set_shard(key, value):
    return lambda manifest: manifest["shards"][0].update({key: value})


FORGERIES = {
    "a path that leads up": set_shard("path", "data/../../secret.parquet"),
    "a path from the root": set_shard("path", "/etc/passwd"),
    "a path of Windows": set_shard("path", "data\\..\\..\\secret.parquet"),
    "a path that is hidden": set_shard("path", "data/.korpus/secret.parquet"),
    "a path in another folder": set_shard("path", "vocab/all/vocab.txt"),
    "a path that is none": set_shard("path", None),
    "a domain that leads up": lambda m: (m["domains"].update({"../../x": {}}), set_shard("domain", "../../x")(m)),
    "a domain that is not listed": set_shard("domain", "elsewhere"),
    "a domain that is a list": set_shard("domain", ["ga"]),
    "a size that is text": set_shard("bytes", "12"),
    "shards that are text": lambda manifest: manifest.update({"shards": "data"}),
    "domains that are a number": lambda manifest: manifest.update({"domains": 7}),
    "rejects elsewhere": lambda manifest: manifest["rejects"]["files"][0].update({"path": "../rejects/x.parquet"}),
    "counts elsewhere": lambda manifest: manifest["counts"][0].update({"path": "counts/../../x.parquet"}),
    "no shards": lambda manifest: manifest.pop("shards"),
}


@pytest.mark.parametrize("kind", list(FORGERIES))
def test_a_forged_manifest_leads_nowhere(corpus, tmp_path, kind):
    (tmp_path / "secret.parquet").write_bytes((next(corpus.rglob("*.parquet"))).read_bytes())
    out = forged(corpus, tmp_path, FORGERIES[kind])
    before = sorted(tmp_path.rglob("*"))
    for use in (
        lambda: export(out, tmp_path / "to", "text"),
        lambda: export(out, tmp_path / "to", "hf"),
        lambda: korpus.show(out),
        lambda: vocab_train([out], tmp_path / "vocab"),
        lambda: run(RECIPE, corpus.parent / "raw.jsonl", out),
    ):
        with pytest.raises(korpus.DataError, match=r"manifest\.json is not a manifest"):
            use()
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("format", ["text", "jsonl", "bert", "hf"])
def test_an_export_that_was_stopped_goes_on(corpus, tmp_path, monkeypatch, format):
    export(corpus, tmp_path / "straight", format)
    with monkeypatch.context() as patch:
        calls = []

        def stop(*args):
            calls.append(args)
            if len(calls) == 3:
                raise KeyboardInterrupt
            return ours(*args)

        ours = Corpus.read
        patch.setattr(Corpus, "read", stop)
        with pytest.raises(KeyboardInterrupt):
            export(corpus, tmp_path / "to", format)
    assert (tmp_path / "to" / UNFINISHED).read_text().startswith("An export that is not finished")
    # What a process that was killed leaves besides.
    (tmp_path / "to" / f"{TEMPORARY}1-part-00000.txt").write_text("half")
    for other in ("bert" if format != "bert" else "text", format):
        domains = ["ga"] if other == format else []
        with pytest.raises(korpus.DataError, match="holds another export that is not finished; give another with -o"):
            export(corpus, tmp_path / "to", other, domains)
    export(corpus, tmp_path / "to", format)
    assert tree(tmp_path / "to") == tree(tmp_path / "straight")
    assert not (tmp_path / "to" / UNFINISHED).exists()
    with pytest.raises(korpus.DataError, match="is not an empty folder"):
        export(corpus, tmp_path / "to", format)


def test_what_stands_in_a_folder_stays(corpus, tmp_path):
    for name in (".hidden", "mine.txt", "folder/mine.txt"):
        to = tmp_path / name.replace("/", "-")
        (to / name).parent.mkdir(parents=True)
        (to / name).write_text("mine")
        with pytest.raises(korpus.DataError, match="is not an empty folder"):
            export(corpus, to, "text")
        assert tree(to).keys() == {name}
    (tmp_path / "file").write_text("mine")
    with pytest.raises(korpus.DataError, match="file"):
        export(corpus, tmp_path / "file", "text")
    (tmp_path / "empty").mkdir()
    assert export(corpus, tmp_path / "empty", "text")
