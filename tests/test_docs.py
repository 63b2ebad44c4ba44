"""The documentation tells of every command, option, stage and recipe, and of none that is not there; its links hold."""

from __future__ import annotations

import configparser
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import get_type_hints

import click
import pytest

import korpus
from korpus import recipe, registry
from korpus.cli import cli
from korpus.corpus.manifest import FORMAT, Manifest
from korpus.errors import MissingExtra
from korpus.io.shards import LEDGER_SCHEMA
from korpus.recipe import catalog
from korpus.vocab.schema import DOMAIN_COUNT_SCHEMA
from tests.test_layers import ROOMS

ROOT = Path(korpus.__file__).parent.parent
LANGUAGES = ("en", "ko")
READMES = [ROOT / "README.md", ROOT / "README.ko.md"]
PAGES = [*READMES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
each_language = pytest.mark.parametrize("language", LANGUAGES)
each_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())


def page(language, name):
    return (ROOT / "docs" / language / f"{name}.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def generated():
    """The pages that are made from the code, by their path."""
    path = ROOT / "docs" / "make_reference.py"
    spec = importlib.util.spec_from_file_location("make_reference", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {ROOT / "docs" / name: text for name, text in module.pages().items()}


def command_names():
    return sorted(cli.list_commands(click.Context(cli)))


def option_names(command=cli, name="", parent=None):
    """Return ``(command, option)`` of every option of a command and of those below it."""
    # click remembers a command's help option from the first context that asks for it, so it must be the true one.
    context = click.Context(command, parent=parent, **({} if parent else command.context_settings))
    found = [
        (name, max(parameter.opts, key=len))
        for parameter in command.get_params(context)
        if isinstance(parameter, click.Option) and "--help" not in parameter.opts
    ]
    for below in command.list_commands(context) if isinstance(command, click.Group) else ():
        found += option_names(command.get_command(context, below), f"{name} {below}".strip(), context)
    return found


@each_language
@pytest.mark.parametrize("name", command_names())
def test_every_command_is_documented(language, name):
    assert re.search(rf"\bkorpus {name}\b", page(language, "commands")), f"{language}/commands.md lacks: korpus {name}"


@each_language
@pytest.mark.parametrize(("command", "option"), option_names())
def test_every_option_is_documented(language, command, option):
    told = page(language, "commands") + page(language, "how-to/vocabularies")
    assert re.search(rf"(?<![\w-]){option}(?![\w-])", told), f"the pages in {language} lack: korpus {command} {option}"


@each_language
@pytest.mark.parametrize("name", sorted(recipe.bundled()))
def test_every_recipe_is_documented(language, name):
    assert re.search(rf"`{name}`", page(language, "recipes")), f"{language}/recipes.md lacks the recipe {name}"


def stage_table(language):
    """Return the table between the markers: the first cell of each row, a stage's name, with the last, its summary."""
    found = re.findall(r"<!-- stages -->\n(.*?)<!-- /stages -->", page(language, "stages"), re.DOTALL)
    assert len(found) == 1, f"{language}/stages.md must have one table, between <!-- stages --> and <!-- /stages -->"
    rows = [line.strip() for line in found[0].splitlines() if line.strip()]
    assert len(rows) > 2, "the table of stages is empty"
    assert set(rows[1]) <= set("|-: "), "the table of stages has no header"
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip("|"))] for row in rows[2:]]
    return [(row[0].strip("`"), row[-1].replace(r"\|", "|")) for row in cells]


def test_the_table_of_stages_lists_the_registry():
    table = stage_table("en")
    expected = {name: catalog.stage(name).summary for name in registry.names()}
    rows = "\n".join(f"| `{name}` | {line} |" for name, line in expected.items())
    assert len(table) == len(dict(table)), "a stage stands in the table twice"
    assert dict(table) == expected, f"the rows of the table of stages must be, in any order:\n{rows}"


def test_the_korean_table_has_the_same_stages_in_the_same_order():
    assert [name for name, _ in stage_table("ko")] == [name for name, _ in stage_table("en")]


@each_page
def test_a_page_names_no_command_or_option_that_is_not_there(path):
    known = {option for _, option in option_names()} | {"--help"}
    blocks = re.findall(r"```(?:sh|bash|console|shell)\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    typed = [line for block in blocks for line in block.splitlines() if not line.lstrip().startswith("#")]
    for line in typed:
        if match := re.search(r"(?:^|[\s/])korpus ([a-z]\w*)(.*)", line):
            assert match[1] in command_names(), line
            assert set(re.findall(r"(?<!\S)--[a-z][\w-]*", match[2])) <= known, line


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.name)
def test_a_readme_is_short_and_has_all_that_always_holds(path):
    told = path.read_text(encoding="utf-8")
    assert len(told.splitlines()) <= 150
    assert re.findall(r"^(\d)\. ", told, re.MULTILINE) == list("123456")


@each_language
def test_the_architecture_tells_of_every_room_from_the_ground_up(language):
    table = page(language, "architecture").partition("|---|---|\n")[2].partition("\n\n")[0]
    rooms = [name for row in table.splitlines() for name in re.findall(r"`(\w+)(?:\.py|/)`", row.split("|")[1])]
    assert rooms == [room for room in ROOMS if not room.startswith("_")]


def first_cells(text, title):
    """Return the names in the first column of the table below a heading."""
    table = text.partition(f"\n## {title}\n")[2].partition("|---|")[2].partition("\n\n")[0]
    return [name for row in table.splitlines()[1:] for name in re.findall(r"`([\w.]+)`", row.split("|")[1])]


@each_language
def test_the_specification_of_the_output_folder_is_that_of_the_code(language):
    told = page(language, "output")
    assert told.splitlines()[0].endswith(f" {FORMAT}")
    assert first_cells(told, "rejects") == LEDGER_SCHEMA.names
    assert first_cells(told, "counts") == DOMAIN_COUNT_SCHEMA.names
    keys = {name for name in first_cells(told, "manifest.json") if "." not in name}
    assert keys == set(get_type_hints(Manifest))


def test_what_other_tools_get_wrong_is_told_in_korean_too():
    rows = (ROOT / "tests" / "korean_failures.jsonl").read_text(encoding="utf-8").split("\n")
    told = json.loads((ROOT / "docs" / "failures_ko.json").read_text(encoding="utf-8"))
    lacking = {json.loads(row)["how"] for row in rows if row} ^ set(told)
    assert not lacking, f"docs/failures_ko.json needs, or no longer needs: {lacking}"
    assert all(re.search("[가-힣]", korean) for korean in told.values())


# Links.

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


def without_code(text):
    return re.sub(r"(?ms)^```.*?^```|`[^`\n]*`", "", text)


def anchors(text):
    """Return the anchors of a page: those of its headings, as GitHub and MkDocs make them."""
    found = re.findall(r"^#+ (.*)$", re.sub(r"(?ms)^```.*?^```", "", text), re.MULTILINE)
    return {re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", title).strip().lower()) for title in found}


@each_page
def test_links_lead_somewhere(path, generated):
    for link in LINK.findall(without_code(path.read_text(encoding="utf-8"))):
        if link.startswith(("https://", "http://")):
            continue
        place, _, anchor = link.partition("#")
        target = (path.parent / place).resolve() if place else path
        assert target.exists() or target in generated, f"{path.name} links to {link}, which is not there"
        assert (ROOT / "docs" not in path.parents) or (ROOT / "docs" in target.parents), f"{link} is not on the site"
        if anchor:
            there = generated[target] if target in generated else target.read_text(encoding="utf-8")
            assert anchor in anchors(there), f"{path.name} links to {link}, and there is no such heading"


# The site.


def test_the_reference_has_every_stage_command_and_option(generated):
    reference = {path.stem: text for path, text in generated.items()}
    for name in registry.names():
        assert f"### {name}\n" in reference["stages"]
        assert all(f"`{option.name}`" in reference["stages"] for option in catalog.stage(name).options)
    for command, option in option_names():
        assert f"## korpus {command}".strip() in reference["commands"]
        assert option in reference["commands"]
    for name in set(korpus.__all__) - {"__version__"}:
        assert name in reference["library"]


def test_the_site_is_built_without_a_warning_and_without_the_net(tmp_path):
    pytest.importorskip("mkdocs")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-d", str(tmp_path / "site")]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 0, done.stderr
    pages = {path.relative_to(tmp_path / "site").as_posix(): path for path in (tmp_path / "site").rglob("*.html")}
    assert {"en/tutorial/index.html", "ko/tutorial/index.html", "reference/stages/index.html"} <= pages.keys()
    assert "안ㅋㅋ" in pages["ko/korean/index.html"].read_text(encoding="utf-8")
    for name, path in pages.items():
        loaded = re.findall(
            r"<(?:script|link|img)[^>]+(?:src|href)=\"(https?:[^\"]+)", path.read_text(encoding="utf-8")
        )
        assert not loaded, f"{name} loads {loaded}"


def test_no_line_installs_the_korpus_of_somebody_else():
    files = [
        *PAGES,
        *(path for room in ("korpus", "pipelines", "examples", "benchmarks") for path in (ROOT / room).rglob("*")),
    ]
    for path in files:
        if path.suffix in (".py", ".md", ".yaml"):
            told = path.read_text(encoding="utf-8")
            assert not re.search(r"pip install (?:-\S+ )*['\"]?korpus(?![\w-])", told), path
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    assert f"pip install '{setup['metadata']['name']}[kiwi]'" in str(MissingExtra("it", "kiwi"))
    extras = setup["options.extras_require"]
    named = [name for path in PAGES for name in re.findall(r"korpus-toolkit\[(\w+)\]", path.read_text("utf-8"))]
    assert named
    assert set(named) <= set(extras)


def test_the_oldest_versions_are_those_of_setup_cfg():
    """They are read from there, in the one form that the file has."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    wanted = [line for line in setup["options"]["install_requires"].splitlines() if line]
    assert [line for line in wanted if not re.fullmatch(r"[\w.-]+ >= [\d.]+", line)] == []
