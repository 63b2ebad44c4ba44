"""Plain data, as YAML or code gives it → `Recipe`, validated as a whole."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from korpus import registry
from korpus.batch import DOC_ID, DOMAIN, SOURCE, TEXT
from korpus.errors import RecipeError, did_you_mean
from korpus.recipe.bundled import find
from korpus.recipe.model import SECTIONS, Recipe
from korpus.recipe.options import SourceOptions
from korpus.recipe.text import KEYS, Source, dotted, override, read

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from korpus.stage import Stage


# pydantic names the members of a union in the location of an error; to a person they are not part of the option.
_UNION_MEMBER = re.compile(r"[\[\]()-]|^(str|int|float|bool|list|dict)$")


def _explain(errors: list[ErrorDetails], model: type[BaseModel], path: tuple) -> tuple[tuple, str]:
    """Turn the errors of pydantic about one option into its path and one sentence."""
    error = errors[0]
    loc = tuple(part for part in error["loc"] if not (isinstance(part, str) and _UNION_MEMBER.search(part)))
    at = (*path, *loc)
    name = dotted(at)
    if error["type"] == "extra_forbidden":
        unknown, known = error["loc"][-1], list(model.model_fields)
        return (*path, unknown), (
            f"{dotted(path) or 'a recipe'} has no option {unknown!r}{did_you_mean(str(unknown), known)}; "
            f"its options are: {', '.join(known) or 'none'}"
        )
    if error["type"] == "missing":
        return at, f"{name} is required"
    if error["type"] == "value_error":
        message = error["msg"].removeprefix("Value error, ")
        message = f"{name} {message}" if message.startswith("must") else f"{name}: {message}"
        return at, message if ", got " in message else f"{message}, got {_cut(error['input'])}"
    members = [each for each in errors if each["loc"][: len(loc)] == error["loc"][: len(loc)]]
    # "Input should be …", "String should have …": what follows is what was expected.
    wanted = dict.fromkeys(each["msg"].partition(" should ")[2] or each["msg"] for each in members)
    return at, f"{name} must {' or '.join(wanted).replace(' or be ', ' or ')}, got {_cut(error['input'])}"


def _cut(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."


def validated(model: type[BaseModel], options: Any, path: tuple, source: Source) -> Any:
    """Return the options of a section or a stage as its model, or raise `RecipeError` at the first that is wrong."""
    if options is None:
        options = {}
    if not isinstance(options, dict):
        known = ", ".join(model.model_fields) or "none"
        raise source.error(path, f"{dotted(path)} must be a mapping of its options ({known}), got {options!r}")
    try:
        return model.model_validate(options)
    except ValidationError as error:
        at, message = _explain(error.errors(include_url=False), model, path)
        raise source.error(at, message) from None


def _stages(items: Any, source: Source, path: tuple = ("stages",)) -> tuple[Stage, ...]:
    if items is None:
        return ()
    if not isinstance(items, list):
        raise source.error(path, f"{dotted(path)} must be a list of stages, got {items!r}")
    stages = []
    options: Any
    for i, item in enumerate(items):
        at = (*path, i)
        if item is None and at in source.overrides:
            continue
        if isinstance(item, str):
            name, options = item, {}
        elif isinstance(item, dict) and len(item) == 1:
            ((name, options),) = item.items()
        else:
            raise source.error(
                at, f"an item of {dotted(path)} must be a stage's name, or a name with its options, got {item!r}"
            )
        try:
            cls = registry.get(str(name))
        except RecipeError as error:
            raise source.error(at, error.message) from None
        stages.append(validated(cls, options, (*at, name), source))
    return tuple(stages)


OWN_COLUMNS = (DOC_ID, TEXT, SOURCE)


def _sources(data: dict, source: Source) -> dict[str, SourceOptions]:
    """Read the named sources; what stands under ``input`` holds for all of them."""
    given, shared = data.get("sources"), data.get("input") or {}
    if given is None or given == {}:
        return {}
    if not isinstance(given, dict):
        raise source.error(("sources",), f"sources must be a mapping of names to their options, got {_cut(given)}")
    if shared.get("paths"):
        raise source.error(
            ("input", "paths"), "input.paths must be empty in a recipe with sources: each of them has its own paths"
        )
    found = {}
    for name, options in given.items():
        at = ("sources", name)
        if options is None and at in source.overrides:
            continue
        if not re.fullmatch(r"[\w.-]+", str(name)):
            raise source.error(at, f"the name of a source must be letters, digits, '.', '_' and '-', got {name!r}")
        if not isinstance(options, (dict, type(None))):
            raise source.error(at, f"{dotted(at)} must be a mapping of its options, got {_cut(options)}")
        options = {**shared, **(options or {})}
        stages = _stages(options.pop("stages", None), source, (*at, "stages"))
        for stage in stages:
            if stage.kind not in ("edit", "filter", "tag"):
                raise source.error(
                    (*at, "stages"),
                    f"{dotted(at)}.stages takes edits, filters and tags; {stage.name} belongs under stages, where it "
                    f"sees the documents of all sources",
                )
        section = validated(SourceOptions, options, at, source)
        for column in section.tags:
            if column in OWN_COLUMNS:
                raise source.error((*at, "tags"), f"{dotted(at)}.tags: {column!r} is a column of korpus's own")
        if DOMAIN in section.tags:
            from korpus.domains.lexicon import check_domain_name

            try:
                check_domain_name(section.tags[DOMAIN])
            except ValueError as error:
                raise source.error((*at, "tags"), f"{dotted(at)}.tags: {error}") from None
        found[str(name)] = section.model_copy(update={"stages": stages})
    if not found:
        raise source.error(("sources",), "sources must name at least one source")
    return found


COMPAT = {"published": "0.0.493", "published-git": "git"}
"""What a recipe's ``compat`` may be, and the soynlp whose `repeat_normalize` it means."""


def _compatible(stages: tuple[Stage, ...], compat: Any, source: Source) -> tuple[Stage, ...]:
    """Put the published function in the place of all edits of a recipe; filters, tags and duplicate stages stay."""
    if compat not in COMPAT:
        raise source.error(("compat",), f"compat must be one of {', '.join(COMPAT)}, got {compat!r}")
    edits = [stage for stage in stages if stage.kind == "edit"]
    # The function of 2020 kept emoji, and the allow-list of its time is the preset kcbert.
    keeps_emoji = any(getattr(stage, "preset", None) == "kcbert" for stage in edits)
    options = {"emoji": "keep" if keeps_emoji else "remove", "soynlp": COMPAT[compat]}
    published = registry.get("published").model_validate(options)
    first = stages.index(edits[0]) if edits else 0
    before, after = stages[:first], stages[first:]
    return (*before, published, *(stage for stage in after if stage.kind != "edit"))


def build(data: dict, source: Source) -> Recipe:
    """Validate plain data into a recipe.

    Raises
    ------
    RecipeError
        At the first thing that is wrong.
    """
    for key in data:
        if key not in KEYS:
            raise source.error(
                (key,), f"a recipe has no {key!r}{did_you_mean(str(key), KEYS)}; it has: {', '.join(KEYS)}"
            )
    if data.get("korpus", 1) != 1:
        raise source.error(("korpus",), f"korpus must be 1, the version of the recipe format, got {data['korpus']!r}")
    stages = _stages(data.get("stages"), source)
    if data.get("group") is not None:
        stages = (validated(registry.get("group"), data["group"], ("group",), source), *stages)
    sections = {
        key: validated(model, data.get(key), (key,), source)
        for key, model in SECTIONS.items()
        if key != "vocab" or data.get("vocab") is not None
    }
    if data.get("compat") is not None:
        stages = _compatible(stages, data["compat"], source)
    values: dict[str, Any] = {
        "name": data.get("name") or re.sub(r"[^\w.-]+", "-", Path(source.name).stem),
        "sources": _sources(data, source),
        "stages": stages,
        **sections,
    }
    return validated(Recipe, values, (), source)


def plain(value: Any) -> Any:
    """Copy what code gives as a recipe, in the types that YAML has."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def load(recipe: str | Path | dict[str, Any], overrides: tuple[str, ...] | list[str] = ()) -> Recipe:
    """Read and validate a recipe.

    Parameters
    ----------
    recipe : str, Path or dict
        The path of a YAML file, the bare name of a recipe that comes with korpus, or the recipe as plain data.
    overrides : sequence of str
        Assignments such as ``stages.length.min_chars=20``; a later one wins. ``stages.NAME=null`` leaves a stage out.

    Raises
    ------
    RecipeError
        If anything in it is wrong, with file, line and what was expected.
    """
    if isinstance(recipe, dict):
        source = Source("recipe")
        data = plain(recipe)
    else:
        path = find(recipe)
        source = Source(str(path))
        data = read(path, source)
    for assignment in overrides:
        override(data, assignment, source)
    return build(data, source)
