"""YAML → `Recipe`: read, overridden, validated as a whole, before any data is touched.

Every complaint names the file and line, the option as ``stage.option``, what was expected, what was found, and the
nearest name where one was misspelt.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from korpus import registry
from korpus.errors import RecipeError, did_you_mean
from korpus.stage import Stage
from korpus.vocab.options import VocabOptions

_UNITS = {"": 1, "b": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "kb": 10**3, "mb": 10**6, "gb": 10**9}


def parse_size(value: Any) -> Any:
    """Turn ``256MiB`` or ``4GB`` into a number of bytes; leave what is no string to the validator.

    Raises
    ------
    ValueError
        If the string is not a number with an optional unit.
    """
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*", value)
    if not match or match[2].lower() not in _UNITS:
        raise ValueError("must be a size such as 256MiB, 4GiB or a number of bytes")
    return int(float(match[1]) * _UNITS[match[2].lower()])


Size = Annotated[int, BeforeValidator(parse_size)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, strict=True)


class InputOptions(_Section):
    """Where the documents are and which of their columns matter."""

    paths: list[str] = Field([], description="Files, folders and globs; read in this order, each entry sorted.")
    format: Literal["auto", "jsonl", "csv", "tsv", "text", "parquet"] = Field(
        "auto", description="Format of the files; auto goes by the file name."
    )
    text: str = Field("text", min_length=1, description="The column that holds the text.")
    keep: Literal["all"] | list[str] = Field("all", description="The columns carried along; all, or a list of names.")
    delimiter: str | None = Field(None, min_length=1, max_length=1, description="Of CSV; by default a comma or a tab.")
    max_doc_bytes: Size = Field(
        32 << 20, ge=1 << 10, le=1 << 28, description="A longer line or record is rejected as too_long."
    )
    split_bytes: Size = Field(
        8 << 20, ge=1 << 10, le=1 << 24, description="Size of the pieces that workers take; part of what ids depend on."
    )


class OutputOptions(_Section):
    """What is written, and how."""

    path: str = Field("out", min_length=1, description="The output folder.")
    shard_bytes: Size = Field(
        256 << 20, ge=1 << 10, le=1 << 30, description="A shard is closed once its rows hold this many bytes in memory."
    )
    compression: Literal["zstd", "snappy", "gzip", "lz4", "none"] = Field("zstd", description="Of the Parquet files.")
    rejects: Literal["full", "ids"] = Field(
        "full", description="Whether the ledger holds the texts of rejected documents, or only their ids."
    )
    counts: bool = Field(True, description="Whether words are counted for each domain.")


class EngineOptions(_Section):
    """How the work is done; nothing here changes the output."""

    workers: Literal["auto"] | Annotated[int, Field(ge=1, le=1024)] = Field(
        "auto", description="Worker processes; auto is one a core."
    )
    memory: Size = Field(4 << 30, ge=256 << 20, description="Memory for all processes together while duplicates are resolved.")
    batch_rows: int = Field(8192, ge=1, le=1 << 20, description="Documents a batch.")
    max_bad_ratio: float = Field(
        0.01, ge=0, le=1, description="The run stops once more than this share of the documents cannot be read."
    )


SECTIONS: dict[str, type[BaseModel]] = {
    "input": InputOptions,
    "output": OutputOptions,
    "vocab": VocabOptions,
    "engine": EngineOptions,
}
_KEYS = ("korpus", "name", "input", "stages", "output", "vocab", "engine")


class Recipe(_Section):
    """What a run is to do, with every default filled in."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    korpus: Literal[1] = 1
    name: str
    input: InputOptions = InputOptions()
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
            "stages": [{stage.name: stage.model_dump()} for stage in self.stages],
            "output": self.output.model_dump(),
            "vocab": None if self.vocab is None else self.vocab.model_dump(mode="json"),
            "engine": self.engine.model_dump(),
        }


def bundled() -> dict[str, Path]:
    """Return the recipes that come with korpus, by name."""
    folder = Path(__file__).parent / "pipelines"
    if not folder.is_dir():  # a source checkout, or an editable install of one
        folder = Path(__file__).parent.parent / "pipelines"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


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


class _Source:
    """Where each key of a recipe stands, so that an error can point at it."""

    def __init__(self, name: str):
        self.name = name
        self.lines: dict[tuple, int] = {}
        self.overrides: dict[tuple, str] = {}

    def where(self, path: tuple) -> str:
        """Return ``file:line`` of a key, or of the nearest one above it; or the override that set it."""
        for n in range(len(path), -1, -1):
            if path[:n] in self.overrides:
                return self.overrides[path[:n]]
            if path[:n] in self.lines:
                return f"{self.name}:{self.lines[path[:n]]}"
        return self.name

    def error(self, path: tuple, message: str) -> RecipeError:
        return RecipeError(message, self.where(path))


def _construct(node: yaml.Node, path: tuple, source: _Source) -> Any:
    source.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        value: dict = {}
        for key_node, value_node in node.value:
            key = yaml.SafeLoader("").construct_object(key_node, deep=True)
            at = (*path, key)
            if not isinstance(key, (str, int, float, bool)):
                raise RecipeError("a key must be a word", f"{source.name}:{key_node.start_mark.line + 1}")
            if key in value:
                raise RecipeError(f"{_dotted(at)} is given twice", f"{source.name}:{key_node.start_mark.line + 1}")
            source.lines[at] = key_node.start_mark.line + 1
            value[key] = _construct(value_node, at, source)
        return value
    if isinstance(node, yaml.SequenceNode):
        return [_construct(item, (*path, i), source) for i, item in enumerate(node.value)]
    return yaml.SafeLoader("").construct_object(node, deep=True)


def _dotted(path: tuple) -> str:
    # In front of people a stage goes by its name: ("stages", 3, "length", "min_chars") → stages.length.min_chars
    return ".".join(str(part) for part in path if not isinstance(part, int))


def _parse(text: str, source: _Source) -> dict:
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = {} if node is None else _construct(node, (), source)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{source.name}:{mark.line + 1}" if mark else source.name
        raise RecipeError(f"not valid YAML: {getattr(error, 'problem', None) or error}", where) from None
    if not isinstance(data, dict):
        raise RecipeError(f"a recipe must be a mapping of {', '.join(_KEYS)}", f"{source.name}:1")
    return data


def _stage_positions(stages: Any, name: str) -> list[int]:
    if not isinstance(stages, list):
        return []
    return [i for i, item in enumerate(stages) if item == name or (isinstance(item, dict) and list(item) == [name])]


def _override(data: dict, assignment: str, source: _Source) -> None:
    """Apply one ``a.b=c``; ``stages.NAME`` is a stage, ``stages.NAME[2]`` the second of that name; null removes one."""
    shown = f"--set {assignment}"
    key, equals, text = assignment.partition("=")
    if not equals or not key:
        raise RecipeError("must look like stages.length.min_chars=20", shown)
    try:
        value = yaml.safe_load(text) if text else None
    except yaml.YAMLError:
        raise RecipeError(f"the value {text!r} is not valid YAML", shown) from None
    parts: list[Any] = key.split(".")
    if parts[0] not in _KEYS:
        raise RecipeError(f"a recipe has no {parts[0]!r}{did_you_mean(parts[0], _KEYS)}", shown)
    at, path = data, ()
    if parts[0] == "stages":
        match = re.fullmatch(r"(\w+)(?:\[(\d+)\])?", parts[1]) if len(parts) > 1 else None
        found = _stage_positions(data.get("stages"), match[1]) if match else []
        names = [item if isinstance(item, str) else next(iter(item), "") for item in data.get("stages") or []]
        if not found:
            wanted = match[1] if match else key
            raise RecipeError(
                f"the recipe has no stage {wanted!r}{did_you_mean(wanted, names)}; it has: {', '.join(names)}", shown
            )
        number = int(match[2]) if match[2] else None
        if (number is None and len(found) > 1) or (number is not None and not 1 <= number <= len(found)):
            raise RecipeError(f"the recipe has {match[1]!r} {len(found)} times; say stages.{match[1]}[1]", shown)
        position = found[(number or 1) - 1]
        if len(parts) == 2:
            if value is None:
                data["stages"][position] = None
            else:
                data["stages"][position] = {match[1]: value}
            source.overrides[("stages", position)] = shown
            return
        item = data["stages"][position]
        options = {} if isinstance(item, str) or item[match[1]] is None else item[match[1]]
        data["stages"][position] = {match[1]: options}
        at, path, parts = options, ("stages", position, match[1]), parts[2:]
    for part in parts[:-1]:
        if at.get(part) is None:
            at[part] = {}
        at, path = at[part], (*path, part)
        if not isinstance(at, dict):
            raise RecipeError(f"{_dotted(path)} has no options of its own", shown)
    at[parts[-1]] = value
    source.overrides[(*path, parts[-1])] = shown


def _explain(error: dict, model: type[BaseModel], path: tuple) -> tuple[tuple, str]:
    """Turn one pydantic error into a path and one sentence."""
    loc = tuple(part for part in error["loc"] if not (isinstance(part, str) and re.search(r"[\[\]()-]|^(str|int|float|bool|list)$", part)))
    at = (*path, *loc)
    name = _dotted(at)
    if error["type"] == "extra_forbidden":
        known = list(model.model_fields)
        return at, (
            f"{_dotted(path) or 'a recipe'} has no option {loc[-1]!r}{did_you_mean(str(loc[-1]), known)}; "
            f"its options are: {', '.join(known) or 'none'}"
        )
    if error["type"] == "missing":
        return at, f"{name} is required"
    message = error["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    if error["type"] == "value_error" and not message.startswith("must"):
        return at, f"{name}: {message}"
    got = repr(error["input"])
    return at, f"{name} {message}, got {got if len(got) <= 80 else got[:77] + '...'}"


def _validate(model: type[BaseModel], options: Any, path: tuple, source: _Source) -> Any:
    if options is None:
        options = {}
    if not isinstance(options, dict):
        known = ", ".join(model.model_fields) or "none"
        raise source.error(path, f"{_dotted(path)} must be a mapping of its options ({known}), got {options!r}")
    try:
        return model.model_validate(options)
    except ValidationError as error:
        at, message = _explain(error.errors(include_url=False)[0], model, path)
        raise source.error(at, message) from None


def _stages(items: Any, source: _Source) -> tuple[Stage, ...]:
    if items is None:
        return ()
    if not isinstance(items, list):
        raise source.error(("stages",), f"stages must be a list of stages, got {items!r}")
    stages = []
    for i, item in enumerate(items):
        if item is None and ("stages", i) in source.overrides:
            continue
        if isinstance(item, str):
            name, options = item, {}
        elif isinstance(item, dict) and len(item) == 1:
            ((name, options),) = item.items()
        else:
            raise source.error(
                ("stages", i), f"an item of stages must be a stage's name, or a name with its options, got {item!r}"
            )
        try:
            cls = registry.get(str(name))
        except RecipeError as error:
            raise source.error(("stages", i), error.message) from None
        stages.append(_validate(cls, options, ("stages", i, name), source))
    return tuple(stages)


def build(data: dict, source: _Source) -> Recipe:
    """Validate plain data into a recipe.

    Raises
    ------
    RecipeError
        At the first thing that is wrong.
    """
    for key in data:
        if key not in _KEYS:
            raise source.error((key,), f"a recipe has no {key!r}{did_you_mean(str(key), _KEYS)}; it has: {', '.join(_KEYS)}")
    if data.get("korpus", 1) != 1:
        raise source.error(("korpus",), f"korpus must be 1, the version of the recipe format, got {data['korpus']!r}")
    values: dict[str, Any] = {"name": data.get("name") or Path(source.name).stem, "stages": _stages(data.get("stages"), source)}
    for key, model in SECTIONS.items():
        if key == "vocab" and data.get("vocab") is None:
            continue
        values[key] = _validate(model, data.get(key), (key,), source)
    return _validate(Recipe, values, (), source)


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
        source = _Source("recipe")
        data = yaml.safe_load(yaml.safe_dump(recipe, allow_unicode=True))
    else:
        path = find(recipe)
        source = _Source(str(path))
        try:
            data = _parse(path.read_text(encoding="utf-8-sig"), source)
        except (OSError, UnicodeDecodeError) as error:
            raise RecipeError(f"cannot be read: {error}", str(path)) from None
    for assignment in overrides:
        _override(data, assignment, source)
    return build(data, source)


def summary(path: Path) -> str:
    """Return the first line of the comment at the head of a recipe."""
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    return first.removeprefix("#").strip() if first.startswith("#") else ""
