"""The README tells of every command, every option, every stage and every recipe, and of none that is not there."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import click
import pytest

import korpus
from korpus import recipe, registry
from korpus.cli import cli
from korpus.errors import MissingExtra
from korpus.recipe import catalog

README = Path(korpus.__file__).parent.parent / "README.md"


@pytest.fixture(scope="module")
def readme():
    assert README.exists(), "the README is missing"
    return README.read_text(encoding="utf-8")


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


@pytest.mark.parametrize("name", command_names())
def test_every_command_is_documented(readme, name):
    assert re.search(rf"\bkorpus {name}\b", readme), f"README.md says nothing of: korpus {name}"


@pytest.mark.parametrize(("command", "option"), option_names())
def test_every_option_is_documented(readme, command, option):
    assert re.search(rf"(?<![\w-]){option}(?![\w-])", readme), f"README.md says nothing of: korpus {command} {option}"


@pytest.mark.parametrize("name", sorted(recipe.bundled()))
def test_every_recipe_is_documented(readme, name):
    assert re.search(rf"\b{name}\b", readme), f"README.md says nothing of the recipe {name}"


def stage_table(readme):
    """Return the table between the markers: the first cell of each row, a stage's name, with the last, its summary."""
    found = re.findall(r"<!-- stages -->\n(.*?)<!-- /stages -->", readme, re.DOTALL)
    assert len(found) == 1, "README.md must have one table of stages, between <!-- stages --> and <!-- /stages -->"
    rows = [line.strip() for line in found[0].splitlines() if line.strip()]
    assert len(rows) > 2, "the table of stages is empty"
    assert set(rows[1]) <= set("|-: "), "the table of stages has no header"
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip("|"))] for row in rows[2:]]
    return [(row[0].strip("`"), row[-1].replace(r"\|", "|")) for row in cells]


def test_the_table_of_stages_lists_the_registry(readme):
    table = stage_table(readme)
    expected = {name: catalog.stage(name).summary for name in registry.names()}
    rows = "\n".join(f"| `{name}` | {line} |" for name, line in expected.items())
    assert len(table) == len(dict(table)), "a stage stands in the table twice"
    assert dict(table) == expected, f"the rows of the table of stages must be, in any order:\n{rows}"


def test_the_readme_names_no_command_or_option_that_is_not_there(readme):
    known = {option for _, option in option_names()} | {"--help"}
    blocks = re.findall(r"```(?:sh|bash|console|shell)\n(.*?)```", readme, re.DOTALL)
    typed = [line for block in blocks for line in block.splitlines() if not line.lstrip().startswith("#")]
    for line in typed:
        if match := re.search(r"(?:^|[\s/])korpus ([a-z]\w*)(.*)", line):
            assert match[1] in command_names(), line
            assert set(re.findall(r"(?<!\S)--[a-z][\w-]*", match[2])) <= known, line


def test_no_line_installs_the_korpus_of_somebody_else():
    root = README.parent
    files = [
        README,
        *(path for room in ("korpus", "pipelines", "examples", "benchmarks") for path in (root / room).rglob("*")),
    ]
    for path in files:
        if path.suffix in (".py", ".md", ".yaml"):
            told = path.read_text(encoding="utf-8")
            assert not re.search(r"pip install (?:-\S+ )*['\"]?korpus(?![\w-])", told), path
    setup = configparser.ConfigParser()
    setup.read(root / "setup.cfg", encoding="utf-8")
    assert f"pip install '{setup['metadata']['name']}[kiwi]'" in str(MissingExtra("it", "kiwi"))
    extras = setup["options.extras_require"]
    named = re.findall(r"korpus-toolkit\[(\w+)\]", README.read_text(encoding="utf-8"))
    assert set(named) <= set(extras)


def test_the_oldest_versions_are_those_of_setup_cfg():
    """They are read from there, in the one form that the file has."""
    setup = configparser.ConfigParser()
    setup.read(README.parent / "setup.cfg", encoding="utf-8")
    wanted = [line for line in setup["options"]["install_requires"].splitlines() if line]
    assert [line for line in wanted if not re.fullmatch(r"[\w.-]+ >= [\d.]+", line)] == []
