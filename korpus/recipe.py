"""YAML → `Recipe`: read, overridden, validated as a whole, before any data is touched.

Every complaint names the file and line, the option as ``stage.option``, what was expected, what was found, and the
nearest name where one was misspelt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from korpus import registry
from korpus.batch import DOC_ID, DOMAIN, SOURCE, TEXT
from korpus.errors import RecipeError, did_you_mean
from korpus.io.remote import is_remote, located
from korpus.recipe_options import EngineOptions, InputOptions, OutputOptions, Section, SourceOptions
from korpus.recipe_text import KEYS, Source, dotted, override, read
from korpus.stage import Stage
from korpus.vocab.options import VocabOptions

SECTIONS: dict[str, type[BaseModel]] = {
    "input": InputOptions,
    "output": OutputOptions,
    "vocab": VocabOptions,
    "engine": EngineOptions,
}


class Recipe(Section):
    """What a run is to do, with every default filled in."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    korpus: Literal[1] = 1
    name: str
    input: InputOptions = InputOptions()
    sources: dict[str, SourceOptions] = {}
    stages: tuple[Any, ...] = ()
    output: OutputOptions = OutputOptions()
    vocab: VocabOptions | None = None
    engine: EngineOptions = EngineOptions()

    @field_validator("name")
    @classmethod
    def _name_is_a_word(cls, name: str) -> str:
        if not re.fullmatch(r"[\w.-]+", name):
            raise ValueError("must be made of letters, digits, '.', '_' and '-'")
        return name

    def filled(self) -> dict[str, Any]:
        """Return the recipe as plain data, every default filled in; it is itself a valid recipe."""
        return {
            "korpus": self.korpus,
            "name": self.name,
            "input": self.input.model_dump(),
            "sources": {name: _filled(source) for name, source in self.sources.items()},
            "stages": _listed(self.stages),
            "output": self.output.model_dump(),
            "vocab": None if self.vocab is None else self.vocab.model_dump(mode="json"),
            "engine": self.engine.model_dump(),
        }


def _listed(stages: tuple[Stage, ...]) -> list[dict[str, Any]]:
    return [{stage.name: stage.model_dump()} for stage in stages]


def _filled(source: SourceOptions) -> dict[str, Any]:
    return {**source.model_dump(exclude={"stages"}), "stages": _listed(source.stages)}


def bundled() -> dict[str, Path]:
    """Return the recipes that come with korpus, by name."""
    folder = Path(__file__).parent / "pipelines"
    if not folder.is_dir():  # a source checkout, or an editable install of one
        folder = Path(__file__).parent.parent / "pipelines"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"), key=lambda path: path.stem)}


def find(recipe: str | Path) -> Path:
    """Return the path of a recipe given by path or, for those that come with korpus, by bare name.

    Raises
    ------
    RecipeError
        If there is none.
    """
    path = Path(recipe)
    if path.is_file():
        return path
    known = bundled()
    if str(recipe) in known:
        return known[str(recipe)]
    raise RecipeError(
        f"there is no recipe {str(recipe)!r}{did_you_mean(str(recipe), known)}; "
        f"give the path of a YAML file, or one of: {', '.join(known)}"
    )


# pydantic names the members of a union in the location of an error; to a person they are not part of the option.
_UNION_MEMBER = re.compile(r"[\[\]()-]|^(str|int|float|bool|list|dict)$")


def _explain(errors: list[dict], model: type[BaseModel], path: tuple) -> tuple[tuple, str]:
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


def _validate(model: type[BaseModel], options: Any, path: tuple, source: Source) -> Any:
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
        stages.append(_validate(cls, options, (*at, name), source))
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
        section = _validate(SourceOptions, options, at, source)
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
        stages = (_validate(registry.get("group"), data["group"], ("group",), source), *stages)
    sections = {
        key: _validate(model, data.get(key), (key,), source)
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
    return _validate(Recipe, values, (), source)


def _plain(value: Any) -> Any:
    """Copy what code gives as a recipe, in the types that YAML has."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def load(recipe: str | Path | dict, overrides: tuple[str, ...] | list[str] = ()) -> Recipe:
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
        data = _plain(recipe)
    else:
        path = find(recipe)
        source = Source(str(path))
        data = read(path, source)
    for assignment in overrides:
        override(data, assignment, source)
    return build(data, source)


def amend(recipe: Recipe, section: str, **options: Any) -> Recipe:
    """Return `recipe` with some options of a section replaced, which are validated like those of a file."""
    old = getattr(recipe, section)
    new = _validate(type(old), _plain({**dict(old), **options}), (section,), Source("arguments"))
    return recipe.model_copy(update={section: new})


def with_inputs(recipe: Recipe, inputs: Any) -> Recipe:
    """Return `recipe` with other files to read.

    Parameters
    ----------
    recipe : Recipe
    inputs : path, sequence of paths, or mapping of source names to paths
        In a recipe with sources each path is given as ``NAME=PATH``; the sources that are not named keep their own.

    Raises
    ------
    RecipeError
        If it is not said which source a path belongs to.
    """
    if not isinstance(inputs, Mapping):
        inputs = [inputs] if isinstance(inputs, (str, Path)) else list(inputs)
        if not recipe.sources:
            return amend(recipe, "input", paths=inputs)
    paths: dict[str, list] = {}
    for name, path in _by_source(inputs):
        if name not in recipe.sources:
            names = ", ".join(recipe.sources) or "no sources"
            raise RecipeError(
                f"which source does {path} belong to? the recipe has {names}{did_you_mean(name, recipe.sources)}; "
                f"give -i {next(iter(recipe.sources), 'NAME')}={path}"
            )
        paths.setdefault(name, []).append(path)
    sources = {
        name: given.model_copy(update={"paths": paths[name]}) if name in paths else given
        for name, given in recipe.sources.items()
    }
    return recipe.model_copy(update={"sources": sources})


def of_source(recipe: Recipe, name: str | None) -> Recipe:
    """Return the recipe of the documents of one source: how they are read, their own stages, then those of all.

    Raises
    ------
    RecipeError
        If the recipe has no such source.
    """
    if name is None:
        return recipe
    if name not in recipe.sources:
        known = ", ".join(recipe.sources) or "none"
        raise RecipeError(
            f"the recipe has no source {name!r}{did_you_mean(name, recipe.sources)}; its sources are: {known}"
        )
    source = recipe.sources[name]
    options = {option: getattr(source, option) for option in InputOptions.model_fields}
    stages = (*source.stages, *recipe.stages)
    return recipe.model_copy(update={"input": InputOptions(**options), "sources": {}, "stages": stages})


def _by_source(inputs: Any) -> Iterator[tuple[str, str]]:
    if isinstance(inputs, Mapping):
        for name, paths in inputs.items():
            for path in [paths] if isinstance(paths, (str, Path)) else paths:
                yield name, located(str(path))
        return
    for path in inputs:
        name, equals, rest = str(path).partition("=")
        if equals and not is_remote(name):
            yield name, located(rest)
        else:
            yield "", located(str(path))


def summary(path: Path) -> str:
    """Return the first line of the comment at the head of a recipe."""
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    return first.removeprefix("#").strip() if first.startswith("#") else ""
