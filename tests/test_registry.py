"""Stages and formats of other packages are found by their entry points, and what is wrong with one is said."""

from __future__ import annotations

import sys

import pytest

from korpus import api, registry
from korpus.cli import main
from korpus.errors import DataError, RecipeError
from tests.corpus import kept, run, write_jsonl

MODULE = '''
from typing import ClassVar
import pyarrow as pa
import pyarrow.compute as pc
from korpus.export import Format, Lines
from korpus.io.atomic import replacing
from korpus.stage import Edit

class Shout(Edit):
    """Write Latin letters large."""

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        return pc.utf8_upper(texts)

class Tsv(Lines):
    """A document a line: its id, a tab, its text.

    There is more to say.
    """

    suffix: ClassVar[str] = ".tsv"

    def encode(self, batch):
        rows = zip(batch.column("doc_id").to_pylist(), batch.column("text").to_pylist())
        return "".join(f"{doc_id}\\t{text}\\n" for doc_id, text in rows).encode()

class Sizes(Format):
    """One file with the rows of every shard."""

    def write(self, corpus, to, shards):
        with replacing(to / "sizes.txt") as temporary:
            temporary.write_text("".join(f"{shard['rows']}\\n" for shard in shards))
        return [to / "sizes.txt"]
'''
ENTRY_POINTS = """
[korpus.stages]
shout = their_package:Shout
no_stage = their_package:Tsv
[korpus.exports]
tsv = their_package:Tsv
sizes = their_package:Sizes
gone = their_package:Gone
no_module = their_other_package:Tsv
no_class = their_package:MODULE
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Install a distribution with stages and formats, for as long as a test lasts."""

    def forget():
        sys.modules.pop("their_package", None)
        for known in (registry.STAGES, registry.FORMATS):
            for name in ("_plugins", "_names"):
                vars(known).pop(name, None)
            for name in [name for name, cls in known._found.items() if cls.__module__ == "their_package"]:
                del known._found[name]

    site = tmp_path / "site"
    (site / "theirs-1.0.dist-info").mkdir(parents=True)
    (site / "theirs-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (site / "theirs-1.0.dist-info" / "entry_points.txt").write_text(ENTRY_POINTS)
    (site / "their_package.py").write_text(MODULE + "\nMODULE = dict[str, int]\n")
    forget()
    monkeypatch.syspath_prepend(site)
    yield
    forget()


@pytest.fixture
def out(installed, tmp_path):
    rows = [{"text": f"{name} 문서입니다"} for name in "abc"]
    run({"stages": ["shout"]}, write_jsonl(tmp_path / "a.jsonl", rows), tmp_path / "out")
    return tmp_path / "out"


def test_a_stage_of_another_package_is_a_stage(out):
    assert kept(out)["text"].to_pylist() == [f"{name} 문서입니다" for name in "ABC"]
    assert "shout" in registry.names()
    assert (registry.get("shout").name, api.stage("shout").summary) == ("shout", "Write Latin letters large.")


def test_a_format_of_another_package_is_a_format(out, tmp_path, capsys):
    main(["export", str(out), "--format", "tsv", "-o", str(tmp_path / "to")])
    assert capsys.readouterr().out == f"1 files written to {tmp_path / 'to'}\n"
    ids = kept(out)["doc_id"].to_pylist()
    (path,) = (tmp_path / "to").iterdir()
    assert path.name == "part-00000.tsv"
    assert path.read_text("utf-8") == "".join(f"{i}\t{name} 문서입니다\n" for i, name in zip(ids, "ABC"))
    assert api.export(out, tmp_path / "sizes", "sizes") == [tmp_path / "sizes" / "sizes.txt"]
    assert (tmp_path / "sizes" / "sizes.txt").read_text() == "3\n"


def test_the_formats_are_told_as_they_tell_themselves(installed, capsys):
    with pytest.raises(SystemExit):
        main(["export", "--help"]) or sys.exit()
    told = " ".join(capsys.readouterr().out.split())
    assert "--format [bert|gone|hf|jsonl|no_class|no_module|sizes|text|tsv]" in told
    assert "tsv: A document a line: its id, a tab, its text." in told
    assert "gone: the format 'gone' (their_package:Gone) cannot be loaded" in told
    assert "There is more" not in told


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("tsw", r"there is no format 'tsw' \(did you mean 'tsv'\?\); there are: bert, gone, hf, jsonl, "),
        ("_write", "there is no format '_write'"),
        ("gone", r"the format 'gone' \(their_package:Gone\) cannot be loaded: module 'their_package' has no attribute"),
        ("no_module", "the format 'no_module' .* cannot be loaded: No module named 'their_other_package'"),
        ("no_class", "the format 'no_class' .* must be a class derived from korpus.export:Format"),
    ],
)
def test_what_is_wrong_with_a_format_is_said_before_anything_is_written(out, tmp_path, name, said):
    with pytest.raises(DataError, match=said):
        api.export(out, tmp_path / "to", name)
    assert not (tmp_path / "to").exists()


def test_what_is_wrong_with_a_stage_is_said(installed):
    with pytest.raises(RecipeError, match="the stage 'no_stage' .* must be a class derived from korpus.stage:Stage"):
        api.check({"stages": ["no_stage"]})
    with pytest.raises(RecipeError, match=r"no stage 'shouts' \(did you mean 'shout'\?\); see: korpus stages"):
        registry.get("shouts")


def test_korpus_has_these_formats():
    assert registry.FORMATS.names() == ["bert", "hf", "jsonl", "text"]
    assert all(each.summary.endswith(".") for each in api.formats())
