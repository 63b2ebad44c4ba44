"""The pages that are made from the code: a hook of MkDocs, and a function that tests call.

Nothing that it makes is committed. ``python docs/make_reference.py DIR`` writes the pages to a folder, without MkDocs.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel

import korpus
from korpus import api, errors
from korpus.cli import cli
from korpus.recipe import catalog
from korpus.recipe.model import SECTIONS
from korpus.recipe.options import SourceOptions

DOCS = Path(__file__).parent
ROOT = DOCS.parent
GENERATED = "<!-- made from the code by docs/make_reference.py -->\n"
FAILURES = "<!-- failures -->"
KINDS = {
    "edit": "Edits change texts and keep every document",
    "filter": "Filters drop documents and say why",
    "tag": "Tags add a column",
    "expand": "Expanding makes several documents of one",
    "dedup": "Duplicate stages drop documents because of other documents",
    "group": "Groups make one document of several",
}


def pages() -> dict[str, str]:
    """Return the Markdown of each generated page, by its path below ``docs``."""
    return {
        "reference/stages.md": _stages(),
        "reference/recipe.md": _recipe(),
        "reference/commands.md": _commands(),
        "reference/library.md": _library(),
        "reference/benchmarks.md": _copied("benchmarks/README.md"),
        "reference/changelog.md": _copied("CHANGELOG.md"),
    }


def _copied(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|").replace("<", "&lt;")


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _code(text: str) -> str:
    """Put text between as many backticks as it needs."""
    ticks = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{ticks} {text} {ticks}" if "`" in text else f"{ticks}{text}{ticks}"


# Stages and recipes.


def _stages() -> str:
    by_kind: dict[str, list[catalog.StageInfo]] = {}
    for stage in catalog.stages():
        by_kind.setdefault(stage.kind, []).append(stage)
    text = f"{GENERATED}# Stages\n\nWhat `korpus stages NAME` says of each.\n"
    for kind in [*KINDS, *(kind for kind in by_kind if kind not in KINDS)]:
        if kind in by_kind:
            text += f"\n## {KINDS.get(kind, kind)}\n"
            text += "".join(map(_stage, by_kind[kind]))
    return text


def _stage(stage: catalog.StageInfo) -> str:
    text = f"\n### {stage.name}\n\n{_prose(stage.text)}\n"
    said = [f"{stage.kind.capitalize()}, version {stage.version}."]
    if stage.reasons:
        said.append(f"Reasons: {', '.join(map(_code, stage.reasons))}.")
    if stage.column is not None:
        said.append(f"Adds the column {_code(stage.column)}.")
    rows = [
        (_code(option.name), _cell(option.type), _cell(_default(option)), _cell(option.description))
        for option in stage.options
    ]
    table = _table(("option", "type", "default", "meaning"), rows) if rows else "It has no options.\n"
    return f"{text}\n{' '.join(said)}\n\n{table}"


def _default(option: catalog.OptionInfo) -> str:
    return "required" if option.required else json.dumps(option.default, ensure_ascii=False)


def _recipe() -> str:
    text = f"{GENERATED}# The options of a recipe\n\n"
    text += "Beside these sections a recipe has `korpus: 1`, a `name`, `sources` and `stages`.\n"
    for name, section in {**SECTIONS, "sources.NAME": SourceOptions}.items():
        more = set(SECTIONS["input"].model_fields) if name == "sources.NAME" else set()
        text += f"\n## {name}\n\n{_prose(inspect.getdoc(section) or '')}\n\n"
        if more:
            text += "The options of [input](#input), and:\n\n"
        text += _table(("option", "type", "default", "meaning"), list(_options(section, more)))
    return text


def _options(section: type[BaseModel], without: set[str]) -> Iterator[tuple[str, ...]]:
    schema = section.model_json_schema()
    for name, field in section.model_fields.items():
        if name not in without:
            default = json.dumps(field.get_default(call_default_factory=True), ensure_ascii=False)
            kind = catalog.type_name(schema["properties"][name])
            yield _code(name), _cell(kind), _cell(_code(default)), _cell(field.description or "")


# Commands.


def _commands() -> str:
    return f"{GENERATED}# Commands\n" + "".join(_command(cli, "korpus", None))


def _command(command: click.Command, name: str, parent: click.Context | None) -> Iterator[str]:
    # The context decides on -h and --help; those below inherit it.
    context = click.Context(command, parent=parent, info_name=name, **({} if parent else command.context_settings))
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    yield f"\n## {context.command_path}\n\n```text\n{usage}\n```\n\n{_prose(inspect.cleandoc(command.help or ''))}\n"
    rows = [
        (_code(said[0]), _cell(said[1]))
        for parameter in command.get_params(context)
        if (said := parameter.get_help_record(context)) and said[1]
    ]
    yield "\n" + _table(("option", "meaning"), rows)
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            yield from _command(command.get_command(context, below), below, context)


# The library.


def _library() -> str:
    text = f"{GENERATED}# Library\n\n## Errors\n\n{_prose(inspect.getdoc(errors) or '')}\n"
    for name in sorted(korpus.__all__):
        thing = getattr(korpus, name)
        if not callable(thing) or (inspect.isclass(thing) and issubclass(thing, Exception)):
            continue
        text += f"\n## korpus.{name}\n\n" + _signature(name, thing) + _prose(inspect.getdoc(thing) or "") + "\n"
        if inspect.isclass(thing):
            for method, of in vars(thing).items():
                if not method.startswith("_") or method == "__call__":
                    text += _member(method, of)
    for name, thing in inspect.getmembers(api, inspect.isfunction):
        if thing.__module__ == api.__name__ and not name.startswith("_") and name not in korpus.__all__:
            text += f"\n## korpus.api.{name}\n\n{_signature(name, thing)}{_prose(inspect.getdoc(thing) or '')}\n"
    return text


def _member(name: str, member: Any) -> str:
    if isinstance(member, (classmethod, staticmethod)):
        member = member.__func__
    if inspect.isfunction(member):
        return f"\n### {name}\n\n{_signature(name, member)}{_prose(inspect.getdoc(member) or '')}\n"
    function = getattr(member, "fget", None) or getattr(member, "func", None)
    return f"\n### {name}\n\n{_prose(inspect.getdoc(function) or '')}\n" if function else ""


def _signature(name: str, thing: Any) -> str:
    # Annotations are strings already, and are shown without quotes.
    shown = re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(inspect.signature(thing)))
    return f"```text\n{name}{shown}\n```\n\n"


def _prose(doc: str) -> str:
    """Turn a docstring in numpydoc into Markdown: sections, parameters, literal blocks and examples."""
    lines, out, section = doc.splitlines(), [], ""
    for i, line in enumerate(lines):
        under = lines[i + 1] if i + 1 < len(lines) else ""
        if re.fullmatch("-{3,}", line) and i and len(lines[i - 1]) == len(line):
            continue
        if re.fullmatch("-{3,}", under) and len(line) == len(under):
            section = line
            out += [f"**{line}**", ""]
        elif section in ("Parameters", "Attributes") and (found := re.fullmatch(r"(\S[^:]*?) : (.*)", line)):
            out.append(f"- {_code(found[1])}: *{_cell(found[2])}*.")
        elif section in ("Returns", "Yields", "Raises") and line and not line.startswith(" "):
            out.append(f"- *{_cell(line)}*.")
        elif line == "::":
            out.append("")
        elif line.startswith((">>> ", "... ")):
            out.append("    " + re.sub(r"\s*# doctest:.*", "", line))
        elif section == "Examples" and line:
            out.append("    " + line)
        else:
            # Markdown takes no tags from here; what stands in backticks is shown as it is anyway.
            out.append(line if "`" in line else line.replace("<", "&lt;"))
    return "\n".join(out).strip("\n")


# The texts that other tools damage.

HEADS = {
    "en": ("tool", "text", "what it makes of it", "`recommended`", "what is wrong"),
    "ko": ("도구", "원문", "도구의 결과", "`recommended`의 결과", "무엇이 잘못되었나"),
}
DROPPED = {"en": "dropped", "ko": "제외"}


def failures(language: str) -> str:
    """Return ``tests/korean_failures.jsonl`` as a table, with what is wrong said in a language."""
    lines = (ROOT / "tests" / "korean_failures.jsonl").read_text(encoding="utf-8").split("\n")
    said = json.loads((DOCS / "failures_ko.json").read_text(encoding="utf-8")) if language == "ko" else {}
    rows = []
    for row in map(json.loads, filter(None, lines)):
        expected = f"({DROPPED[language]})" if row["expected"] is None else _shown(row["expected"])
        how = said.get(row["how"], row["how"])
        rows.append((_code(row["tool"]), _shown(row["input"]), _shown(row["gives"]), expected, _cell(how)))
    return _table(HEADS[language], sorted(rows, key=lambda row: row[0]))


def _shown(text: str) -> str:
    """Return a text as code, with the code points of what nobody would see."""
    visible = re.sub(
        "[\x00-\x1f\x7f-\xa0\xad\u115f\u1160\u200b-\u200c\u200e-\u200f\u2028-\u202e\u3164\ufeff]",
        lambda found: f"⟨U+{ord(found[0]):04X}⟩",
        text,
    )
    return _code(visible).replace("|", r"\|") if visible.strip() else "—"


# What MkDocs calls.


def _there(item: Any, known: set[str]) -> Any:
    """Return an entry of the navigation without the pages that are not there; MkDocs tells of one that it lacks."""
    if isinstance(item, dict):
        return {title: below for title, of in item.items() if (below := _there(of, known))}
    if isinstance(item, list):
        return [below for of in item if (below := _there(of, known))]
    return item if item in known else None


def on_config(config: Any) -> Any:
    """Leave out of the navigation what has not been written yet."""
    known = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")} | set(pages())
    config["nav"] = _there(config["nav"], known)
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the generated pages."""
    from mkdocs.structure.files import File

    for path, text in pages().items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Put the table of failures where a page asks for it."""
    language = page.file.src_uri.partition("/")[0]
    return markdown.replace(FAILURES, failures(language)) if FAILURES in markdown else markdown


if __name__ == "__main__":
    for path, text in pages().items():
        target = Path(sys.argv[1], path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
