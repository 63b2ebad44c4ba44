"""Files that a run reads back may be empty, cut or altered: the bytes are the same, or the file is named."""

import gzip
import json
import os
import random
import shutil
import zipfile
from functools import cache

import pytest

import korpus
from korpus.api import export, vocab_eval, vocab_train
from korpus.corpus.layout import Layout
from korpus.io import atomic
from korpus.io.atomic import read_mark, read_sealed, read_whole, sealed, write_mark, write_sealed
from korpus.plan import entry
from tests.corpus import RECIPE, documents, run, tree, write_jsonl

GROUPED = {
    **RECIPE,
    "stages": ["nfc", {"group": {"by": "topic", "order": "n", "max_bytes": 900}}, {"length": {"min_chars": 6}}],
}
RECIPES = {"duplicates": RECIPE, "group": GROUPED}


def empty(path, rng):
    path.write_bytes(b"")


def cut(path, rng):
    data = path.read_bytes()
    path.write_bytes(data[: rng.randrange(len(data))])


def flip(path, rng):
    data = bytearray(path.read_bytes())
    data[rng.randrange(len(data))] ^= rng.randrange(1, 256)
    path.write_bytes(data)


def longer(path, rng):
    path.write_bytes(path.read_bytes() + b"\0")


def remove(path, rng):
    path.unlink()


def zeros(path, rng):
    """As a power cut may leave it: of the same size and time, but not all of it is there."""
    data, times = path.read_bytes(), path.stat()
    at = rng.randrange(len(data) - 1)
    path.write_bytes(data[:at] + bytes(len(data) - at))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


WAYS = [empty, cut, flip, longer, remove, zeros]


@pytest.fixture(scope="module", params=list(RECIPES))
def stopped(request, tmp_path_factory):
    """Return a recipe, its input, the bytes of an undisturbed run, and the state of a run stopped after each pass."""
    folder = tmp_path_factory.mktemp(request.param)
    recipe, source = RECIPES[request.param], write_jsonl(folder / "raw.jsonl", documents(150))
    run(recipe, source, folder / "straight")
    states = []
    with pytest.MonkeyPatch.context() as patch:
        for place in ("_resolve", "_shards", "_vocabularies"):
            target = korpus.engine.run.Run
            ours = getattr(target, place)

            def stop(self, *args, ours=ours, place=place):
                if place == "_resolve":
                    ours(self, *args)
                raise KeyboardInterrupt

            patch.setattr(target, place, stop)
            with pytest.raises(KeyboardInterrupt):
                run(recipe, source, folder / place)
            patch.setattr(target, place, ours)
            states.append(folder / place)
    return recipe, source, tree(folder / "straight"), states


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_file_is_made_again_or_named(stopped, tmp_path, how, seed):
    recipe, source, bytes_, states = stopped
    rng = random.Random(f"{seed} {how}")
    out = tmp_path / "out"
    shutil.copytree(states[seed % len(states)], out)
    there = [path for path in sorted(out.rglob("*")) if path.is_file() and path.stat().st_size]
    # Of each kind of file as often.
    kind = rng.choice(sorted({(path.parent.name.split("-")[0], path.suffix) for path in there}))
    path = rng.choice([path for path in there if (path.parent.name.split("-")[0], path.suffix) == kind])
    how(path, rng)
    if path == Layout(out).state and how is not remove:
        with pytest.raises(korpus.DataError, match=r"run\.json is not as korpus wrote it.*--fresh"):
            run(recipe, source, out)
    # What no run has vouched for may hold shards, and is left alone.
    elif path == Layout(out).state and (out / "data").exists():
        with pytest.raises(korpus.ResumeError, match="no run of korpus"):
            run(recipe, source, out)
        return
    run(recipe, source, out, fresh=path == Layout(out).state)
    assert tree(out) == bytes_


def test_everything_damaged_at_once_is_made_again(stopped, tmp_path):
    recipe, source, bytes_, states = stopped
    for state in states:
        for how in (cut, remove):
            out = tmp_path / "out"
            shutil.copytree(state, out)
            rng = random.Random(0)
            for path in sorted(out.rglob("*")):
                if path.is_file() and path != Layout(out).state and path.stat().st_size:
                    how(path, rng)
            run(recipe, source, out)
            assert tree(out) == bytes_
            shutil.rmtree(out)


def test_marks_of_another_run_are_not_believed(stopped, tmp_path):
    """As a worker that outlived a run of another recipe would leave them."""
    recipe, source, _, states = stopped
    out, other = tmp_path / "out", {**recipe, "stages": ["nfc", "whitespace", *recipe["stages"][1:]]}
    shutil.copytree(states[0], out)
    state = read_sealed(Layout(out).state, "")
    write_sealed(Layout(out).state, {**state, "key": korpus.api.plan(other, [source]).key})
    run(other, source, out)
    run(other, source, tmp_path / "straight")
    assert tree(out) == tree(tmp_path / "straight")


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """Give a way to have an input of a kind as it was at first, and the bytes of a run that nothing disturbs."""
    folder, rows = tmp_path_factory.mktemp("given"), documents(150)

    @cache
    def made(kind):
        plain = write_jsonl(folder / "raw.jsonl", rows)
        source = {"plain": plain, "gzip": folder / "raw.jsonl.gz", "zip": folder / "raw.zip"}[kind]
        if kind == "gzip":
            source.write_bytes(gzip.compress(plain.read_bytes()))
        elif kind == "zip":
            with zipfile.ZipFile(source, "w") as file:
                file.write(plain, "raw.jsonl")
        data, times = source.read_bytes(), source.stat()
        run(RECIPE, source, folder / kind)
        return source, data, times, tree(folder / kind)

    def as_it_was(kind):
        source, data, times, digests = made(kind)
        source.write_bytes(data)
        os.utime(source, ns=(times.st_atime_ns, times.st_mtime_ns))
        return source, digests

    return as_it_was


@pytest.mark.parametrize("at", [0, 7000, -2])
def test_an_input_that_changed_in_between_is_noticed(given, tmp_path, monkeypatch, at):
    source, straight = given("plain")
    with monkeypatch.context() as patch:
        patch.setattr("korpus.engine.run.Run._shards", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run(RECIPE, source, tmp_path / "out")
    times, data = source.stat(), bytearray(source.read_bytes())
    data[at] ^= 1
    source.write_bytes(data)
    os.utime(source, ns=(times.st_atime_ns, times.st_mtime_ns))
    with pytest.raises(korpus.ResumeError, match=r"raw\.jsonl was changed while the run was stopped.*--fresh"):
        run(RECIPE, source, tmp_path / "out")
    given("plain")
    run(RECIPE, source, tmp_path / "out")
    assert tree(tmp_path / "out") == straight


@pytest.mark.parametrize("kind", ["plain", "gzip", "zip"])
@pytest.mark.parametrize("change", ["cut", "longer", "touched", "removed"])
def test_an_input_that_changes_while_it_is_read_is_noticed(given, tmp_path, monkeypatch, kind, change):
    """Cut off in the middle it would look like a shorter file, and its documents would be missing without a word."""
    source, straight = given(kind)
    data, times = source.read_bytes(), source.stat()
    read, n_read = entry.read_split, 0

    def changing(*args):
        nonlocal n_read
        n_read += 1
        if n_read == 3:
            if change == "removed":
                source.unlink()
            else:
                source.write_bytes({"cut": data[: len(data) // 2], "longer": data + b" ", "touched": data}[change])
                # Of an archive the time alone is known.
                os.utime(source, ns=(0, times.st_mtime_ns + (change == "touched" or kind == "zip") * 10**9))
        return read(*args)

    with monkeypatch.context() as patch:
        patch.setattr(entry, "read_split", changing)
        with pytest.raises(korpus.DataError, match=r"was changed while it was read|cannot (be )?read"):
            run(RECIPE, source, tmp_path / "out")
    given(kind)
    run(RECIPE, source, tmp_path / "out")
    assert tree(tmp_path / "out") == straight


# What is finished.


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("finished")
    write_jsonl(folder / "raw.jsonl", documents(150))
    run({**RECIPE, "vocab": {"size": 400}}, folder / "raw.jsonl", folder / "out")
    return folder


def again(folder, out):
    return run({**RECIPE, "vocab": {"size": 400}}, folder / "raw.jsonl", out)


@pytest.mark.parametrize("how", [empty, cut, longer, remove])
@pytest.mark.parametrize("kind", ["data/**/*.parquet", "rejects/*.parquet", "counts/*.parquet", "log.json"])
def test_the_same_command_sees_that_a_finished_run_is_not_whole(finished, tmp_path, how, kind):
    out = tmp_path / "out"
    shutil.copytree(finished / "out", out)
    path = sorted(out.glob(kind))[-1]
    how(path, random.Random(1))
    with pytest.raises(korpus.DataError) as error:
        again(finished, out)
    assert str(path) in str(error.value)
    assert "--fresh" in str(error.value)


@pytest.mark.parametrize("how", WAYS[:4])
def test_a_damaged_manifest_is_named_by_all_that_read_it_and_fresh_mends_it(finished, tmp_path, how):
    out = tmp_path / "out"
    shutil.copytree(finished / "out", out)
    how(out / "manifest.json", random.Random(2))
    for use in (
        lambda: korpus.show(out),
        lambda: export(out, tmp_path / "to", "text"),
        lambda: again(finished, out),
    ):
        with pytest.raises(korpus.DataError, match=r"manifest\.json is not as korpus wrote it.*--fresh"):
            use()
    assert not (tmp_path / "to").exists()
    run({**RECIPE, "vocab": {"size": 400}}, finished / "raw.jsonl", out, fresh=True)
    assert tree(out) == tree(finished / "out")


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("format", ["jsonl", "hf"])
def test_an_export_names_the_shard_that_is_damaged(finished, tmp_path, how, format):
    out = tmp_path / "out"
    shutil.copytree(finished / "out", out)
    path = sorted(out.glob("data/**/*.parquet"))[1]
    how(path, random.Random(3))
    with pytest.raises(korpus.DataError) as error:
        export(out, tmp_path / "to", format)
    assert str(path) in str(error.value)
    assert (tmp_path / "to" / "UNFINISHED").exists()


@pytest.mark.parametrize("how", WAYS)
def test_counts_of_a_run_are_whole_or_refused(finished, tmp_path, how):
    out = tmp_path / "out"
    shutil.copytree(finished / "out", out)
    path = sorted(out.glob("counts/*.parquet"))[-1]
    how(path, random.Random(4))
    for given in (out, out / "counts"):
        with pytest.raises(korpus.DataError, match=r"counts"):
            vocab_train([given], tmp_path / "vocab", size=300)
    vocab_train([finished / "out" / "counts"], tmp_path / "vocab", size=300)


@pytest.mark.parametrize("how", [empty, cut])
@pytest.mark.parametrize("name", ["vocab.txt", "tokenizer.json", "tokenizer_config.json"])
def test_a_saved_vocabulary_that_was_cut_is_refused(finished, tmp_path, name, how):
    vocab = tmp_path / "vocab"
    shutil.copytree(finished / "out" / "vocab" / "all", vocab)
    how(vocab / name, random.Random(5))
    with pytest.raises(korpus.DataError, match=str(vocab)):
        vocab_eval([vocab], [finished / "raw.jsonl"])


def test_an_entry_that_was_altered_is_told_by_the_tokenizer_beside_it(finished, tmp_path):
    vocab = tmp_path / "vocab"
    shutil.copytree(finished / "out" / "vocab" / "all", vocab)
    lines = (vocab / "vocab.txt").read_text("utf-8").split("\n")
    (vocab / "vocab.txt").write_text("\n".join([*lines[:9], "##바꿈", *lines[10:]]), "utf-8")
    with pytest.raises(korpus.DataError, match="do not have the same entries"):
        vocab_eval([vocab], [finished / "raw.jsonl"])


def against(index):
    return {**RECIPE, "stages": [{"minhash_dedup": {"against": [str(index)]}}]}


@pytest.fixture(scope="module")
def indexed(tmp_path_factory):
    """Return a folder with an input and an index of it, which may lie anywhere."""
    folder = tmp_path_factory.mktemp("indexed")
    source = write_jsonl(folder / "raw.jsonl", documents(80))
    made = {**RECIPE, "stages": [{"minhash_dedup": {"index": str(folder / "index")}}]}
    run(made, source, folder / "first")
    shutil.copytree(folder / "index", folder / "copy")
    run(against(folder / "copy"), source, folder / "second")
    return folder


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("name", ["index.json", "bands/*.arrow", "texts/*.arrow"])
def test_an_index_that_was_altered_is_refused(indexed, tmp_path, how, name):
    shutil.copytree(indexed / "index", tmp_path / "index")
    source, used = indexed / "raw.jsonl", against(tmp_path / "index")
    path = sorted((tmp_path / "index").glob(name))[0]
    how(path, random.Random(6))
    with pytest.raises(korpus.KorpusError, match=r"index"):
        run(used, source, tmp_path / "third")


@pytest.mark.parametrize("name", ["../raw.jsonl", "/etc/passwd", "bands/../../raw.jsonl"])
def test_an_index_that_names_files_elsewhere_is_refused(tmp_path, name):
    source = write_jsonl(tmp_path / "raw.jsonl", documents(30))
    run({"stages": [{"minhash_dedup": {"index": str(tmp_path / "index")}}]}, source, tmp_path / "first")
    content = read_sealed(tmp_path / "index" / "index.json", "")
    write_sealed(tmp_path / "index" / "index.json", {**content, "files": {name: [1, 2]}})
    with pytest.raises(korpus.DataError, match="no file of its own"):
        run({"stages": [{"minhash_dedup": {"against": [str(tmp_path / "index")]}}]}, source, tmp_path / "second")


# The mechanism.


def test_a_mark_is_believed_with_its_files_alone(tmp_path):
    one, two, mark = tmp_path / "one", tmp_path / "sub" / "two", tmp_path / "marks" / "m.json"
    two.parent.mkdir()
    one.write_bytes(b"1" * 3_000_000)
    two.write_bytes(b"2")
    write_mark(mark, {"n": [1, None, "가", 0.1]}, "key", [one, two, tmp_path / "never there"])
    assert read_mark(mark) == read_whole(mark, "key") == {"n": [1, None, "가", 0.1]}
    assert read_whole(mark, "another") is None
    two.unlink()
    assert read_whole(mark, "key") is None
    assert read_whole(mark, "key", gone=("sub",)) == {"n": [1, None, "가", 0.1]}
    one.write_bytes(b"1" * 2_999_999 + b"2")
    assert read_whole(mark, "key", gone=("sub",)) is None
    moved = tmp_path / "moved"
    one.write_bytes(b"1" * 3_000_000)
    two.write_bytes(b"2")
    shutil.copytree(tmp_path, moved)
    assert read_whole(moved / "marks" / "m.json", "key") is not None


@pytest.mark.parametrize("data", [{}, {"a": "\ud800"}, {"a": [1.5, -0.0, 1e300]}, {"checksum ": 1}, {"가": {"나": []}}])
def test_a_sealed_object_may_be_laid_out_anew_but_not_altered(tmp_path, data):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(sealed(data), indent=3, sort_keys=True))
    assert read_sealed(path, "mend it") == sealed(data)
    for other in ({**sealed(data), "b": 1}, {**sealed(data), atomic.CHECKSUM: "0" * 64}, data, [], None, "x"):
        path.write_text(json.dumps(other))
        with pytest.raises(korpus.DataError, match=r"a\.json is not as korpus wrote it: .*; mend it"):
            read_sealed(path, "mend it")
    path.write_text(json.dumps(data))
    assert read_sealed(path, "", required=False) == data
