"""Recipes: whatever is wrong is said with its place, what was expected, what was found and the nearest name."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import yaml

from korpus import recipe, registry
from korpus.errors import KorpusError, RecipeError
from korpus.recipe import Recipe
from korpus.recipe.options import InputOptions, parse_size
from korpus.vocab.options import VocabOptions

GOOD = """\
korpus: 1
name: comments
input: {paths: [raw/*.jsonl], text: body, keep: [id]}
stages:
  - nfc
  - charset: {preset: kcelectra}
  - length:
      min_chars: 11
  - regex_replace: {pattern: a, replacement: b}
  - regex_replace: {pattern: c}
  - exact_dedup
output: {path: made, shard_bytes: 64MiB}
vocab: {size: 8000}
engine: {workers: 2, memory: 1GiB}
"""


@pytest.fixture
def write(tmp_path):
    def write(text, name="r.yaml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def refused(path, *overrides):
    """Load a recipe that is wrong; return where, and what is said."""
    with pytest.raises(RecipeError) as caught:
        recipe.load(path, overrides)
    assert str(caught.value) == f"{caught.value.where}: {caught.value.message}"
    assert "\n" not in str(caught.value)
    where = caught.value.where.removeprefix(str(path)) if isinstance(path, Path) else caught.value.where
    return where, caught.value.message


# What is right.


def test_a_recipe_is_read_with_all_that_it_says(write):
    built = recipe.load(write(GOOD))
    assert (built.name, built.input.text, built.input.keep) == ("comments", "body", ["id"])
    assert [stage.name for stage in built.stages] == [
        "nfc",
        "charset",
        "length",
        "regex_replace",
        "regex_replace",
        "exact_dedup",
    ]
    assert built.stages[2].min_chars == 11
    assert (built.output.shard_bytes, built.engine.memory, built.vocab.size) == (64 << 20, 1 << 30, 8000)


@pytest.mark.parametrize("text", [GOOD, "", "stages:\n", "vocab:\nengine:\n", "\ufeffname: bom\n"])
def test_a_filled_in_recipe_is_a_recipe_of_the_same_meaning(write, text):
    built = recipe.load(write(text))
    filled = built.filled()
    assert recipe.load(filled) == built
    assert recipe.load(write(yaml.safe_dump(filled, allow_unicode=True), "filled.yaml")) == built
    assert recipe.load(filled).filled() == filled


def test_every_default_is_filled_in(write):
    filled = recipe.load(write("stages: [length, exact_dedup]\nvocab: {}\n")).filled()
    # What compat and group ask for has become stages by then.
    assert list(filled) == [key for key in recipe.KEYS if key not in ("compat", "group")]
    assert filled["stages"][1] == {"exact_dedup": {"key": "text", "keep": "first"}}
    for section, model in recipe.SECTIONS.items():
        assert set(filled[section]) == set(model.model_fields)


@pytest.mark.parametrize("name", sorted(recipe.bundled()))
def test_the_recipes_that_come_with_korpus_are_right(name):
    built = recipe.load(name)
    assert built == recipe.load(recipe.bundled()[name])
    assert built.name == name
    assert recipe.load(built.filled()) == built
    assert recipe.summary(recipe.bundled()[name]).endswith(".")


def test_some_recipes_come_with_korpus():
    assert {"kcelectra", "commerce"} <= set(recipe.bundled())


def test_a_recipe_pickles(write):
    built = recipe.load(write(GOOD))
    assert pickle.loads(pickle.dumps(built)) == built


def test_a_recipe_may_be_given_as_plain_data_and_stays_as_it_was():
    data = {"input": {"paths": (Path("a"), "b")}, "stages": ["length"]}
    built = recipe.load(data, ["stages.length.min_chars=3"])
    assert built.name == "recipe"
    assert built.input.paths == ["a", "b"]
    assert built.stages[0].min_chars == 3
    assert data == {"input": {"paths": (Path("a"), "b")}, "stages": ["length"]}


def test_a_recipe_without_a_name_is_named_after_its_file(write):
    assert recipe.load(write("stages: [nfc]", "내 댓글 (1).yaml")).name == "내-댓글-1-"


def test_reading_a_recipe_reads_no_documents(write, tmp_path):
    (tmp_path / "here.jsonl").write_bytes(b"\xff\x00 not JSON")
    built = recipe.load(write(f"input: {{paths: [{tmp_path}/here.jsonl, {tmp_path}/not-there.jsonl]}}"))
    assert len(built.input.paths) == 2


@pytest.mark.parametrize(
    ("given", "n_bytes"),
    [(1024, 1024), ("1024", 1024), ("256MiB", 256 << 20), ("4 gib", 4 << 30), ("1.5KiB", 1536), ("2MB", 2_000_000)],
)
def test_sizes(given, n_bytes):
    assert parse_size(given) == n_bytes


@pytest.mark.parametrize("given", ["lots", "1XB", "-1", "", "1e3", "1_000", "MiB"])
def test_what_is_no_size(given):
    where, message = refused({"output": {"shard_bytes": given}})
    assert message == f"output.shard_bytes must be a size such as 256MiB, 4GiB or a number of bytes, got {given!r}"


@pytest.mark.parametrize("model", [*recipe.SECTIONS.values()], ids=[*recipe.SECTIONS])
def test_every_option_of_a_section_is_described(model):
    for option, field in model.model_fields.items():
        assert field.description, option
        assert field.description.endswith("."), option


# What is wrong: text, ``:line``, message.

WRONG = {
    "unknown section": (
        "stages: [nfc]\nouput: {path: x}\n",
        ":2",
        "a recipe has no 'ouput' (did you mean 'output'?); "
        "it has: korpus, name, compat, input, sources, group, stages, output, vocab, engine",
    ),
    "unknown stage": (
        "stages:\n  - nfc\n  - lenght: {min_chars: 1}\n",
        ":3",
        "there is no stage 'lenght' (did you mean 'length'?); see: korpus stages",
    ),
    "unknown stage, bare": ("stages:\n  - xyzzy\n", ":2", "there is no stage 'xyzzy'; see: korpus stages"),
    "unknown option": (
        "stages:\n  - length:\n      min_chars: 3\n      min_char: 3\n",
        ":4",
        "stages.length has no option 'min_char' (did you mean 'min_chars'?); "
        "its options are: min_chars, max_chars, min_eojeol, max_eojeol",
    ),
    "unknown option with a dash": (
        "stages:\n  - length: {min-chars: 3}\n",
        ":2",
        "stages.length has no option 'min-chars' (did you mean 'min_chars'?); "
        "its options are: min_chars, max_chars, min_eojeol, max_eojeol",
    ),
    "unknown option named like a type": (
        "stages:\n  - nfc: {int: 3}\n",
        ":2",
        "stages.nfc has no option 'int'; its options are: none",
    ),
    "unknown option of a section": (
        "engine:\n  worker: 3\n",
        ":2",
        "engine has no option 'worker' (did you mean 'workers'?); "
        "its options are: workers, memory, batch_rows, scratch, max_bad_ratio",
    ),
    "wrong type": (
        "stages:\n  - length:\n      min_chars: eleven\n",
        ":3",
        "stages.length.min_chars must be a valid integer, got 'eleven'",
    ),
    "a number in quotes": (
        "stages:\n  - length: {min_chars: '11'}\n",
        ":2",
        "stages.length.min_chars must be a valid integer, got '11'",
    ),
    "a number where text belongs": (
        "input: {text: 3}\n",
        ":1",
        "input.text must be a valid string or a valid list, got 3",
    ),
    "wrong type of two": (
        "engine: {workers: some}\n",
        ":1",
        "engine.workers must be 'auto' or a valid integer, got 'some'",
    ),
    "below its bounds": (
        "stages:\n  - minhash_dedup:\n      threshold: 0.0\n",
        ":3",
        "stages.minhash_dedup.threshold must be greater than 0, got 0.0",
    ),
    "above its bounds": (
        "engine:\n  max_bad_ratio: 1.5\n",
        ":2",
        "engine.max_bad_ratio must be less than or equal to 1, got 1.5",
    ),
    "not one of the choices": (
        "output:\n  compression: zip\n",
        ":2",
        "output.compression must be 'zstd', 'snappy', 'gzip', 'lz4' or 'none', got 'zip'",
    ),
    "not one of the names": (
        "stages:\n  - charset: {preset: kcelektra}\n",
        ":2",
        "stages.charset.preset must be one of kcelectra, kcbert, hangul, korean, web, "
        "got 'kcelektra' (did you mean 'kcelectra'?)",
    ),
    "not the pattern": (
        "stages:\n  - exact_dedup: {key: column}\n",
        ":2",
        "stages.exact_dedup.key must match pattern '^(text|normalized|column:.+)$', got 'column'",
    ),
    "two options that do not go together": (
        "stages:\n  - length:\n      min_chars: 5\n      max_chars: 3\n",
        ":2",
        "stages.length: min_chars must not be more than max_chars, got 5 and 3",
    ),
    "required option": ("stages:\n  - nfc\n  - regex_replace\n", ":3", "stages.regex_replace.pattern is required"),
    "a value in a mapping": (
        "stages:\n  - domain:\n      field: c\n      map:\n        화장품: 3\n",
        ":5",
        "stages.domain.map.화장품 must be a valid string, got 3",
    ),
    "an item of a list": ("input:\n  paths:\n    - a\n    - 3\n", ":4", "input.paths must be a valid string, got 3"),
    "an empty path": ("input: {paths: ['']}\n", ":1", "input.paths must have at least 1 character, got ''"),
    "options that are no mapping": (
        "stages:\n  - length: 11\n",
        ":2",
        "stages.length must be a mapping of its options (min_chars, max_chars, min_eojeol, max_eojeol), got 11",
    ),
    "a section that is no mapping": (
        "name: a\nengine: fast\n",
        ":2",
        "engine must be a mapping of its options (workers, memory, batch_rows, scratch, max_bad_ratio), got 'fast'",
    ),
    "stages that are no list": (
        "stages: {nfc: {}}\n",
        ":1",
        "stages must be a list of stages, got {'nfc': {}}",
    ),
    "two stages in an item": (
        "stages:\n  - nfc\n  - urls:\n    masks:\n",
        ":3",
        "an item of stages must be a stage's name, or a name with its options, got {'urls': None, 'masks': None}",
    ),
    "an empty item": (
        "stages:\n  - nfc\n  -\n",
        ":3",
        "an item of stages must be a stage's name, or a name with its options, got None",
    ),
    "a key twice": ("name: a\nstages: [nfc]\nname: b\n", ":3", "name is given twice"),
    "an option twice": (
        "stages:\n  - length:\n      min_chars: 1\n      min_chars: 2\n",
        ":4",
        "stages.length.min_chars is given twice",
    ),
    "a key that is no word": ("? [a, b]\n: c\n", ":1", "a key must be a word"),
    "not YAML": ("stages:\n  - nfc\n  - [urls\n", ":4", "not valid YAML: expected ',' or ']', but got '<stream end>'"),
    "a tab": ("stages:\n\t- nfc\n", ":2", "not valid YAML: found character '\\t' that cannot start any token"),
    "a control character": (
        "name: a\0b\n",
        ":1",
        "not valid YAML: it holds the character U+0000",
    ),
    "two documents": ("name: a\n---\nname: b\n", ":2", "not valid YAML: but found another document"),
    "an object of Python": (
        "name: !!python/name:os.system x\n",
        ":1",
        "!!python/name:os.system has no place in a recipe, which is made of plain values",
    ),
    "an alias in its own anchor": (
        "name: &a [*a]\n",
        ":1",
        "not a recipe: an alias stands inside its own anchor, or all stand for more than 100,000 values",
    ),
    "a list": (
        "- nfc\n- urls\n",
        ":1",
        "a recipe must be a mapping of korpus, name, compat, input, sources, group, stages, output, vocab, engine",
    ),
    "another format": ("# new\nkorpus: 2\n", ":2", "korpus must be 1, the version of the recipe format, got 2"),
    "a name that is none": (
        "name: a/b\n",
        ":1",
        "name must be made of letters, digits, '.', '_' and '-', got 'a/b'",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_with_its_place(write, case):
    text, line, expected = WRONG[case]
    assert refused(write(text)) == (line, expected)


def test_a_long_value_is_cut():
    _, message = refused({"stages": [{"length": {"min_chars": "가" * 1000}}]})
    assert len(message) < 140


def test_a_recipe_that_cannot_be_read(write):
    where, message = refused(write("name: 한국".encode("cp949")))
    assert (where, message) == (":1", "not UTF-8: byte 0xc7")


def test_a_recipe_that_is_not_there(tmp_path):
    with pytest.raises(RecipeError) as caught:
        recipe.load("kcelektra")
    assert str(caught.value).startswith("there is no recipe 'kcelektra' (did you mean 'kcelectra'?); give the path of")
    with pytest.raises(
        RecipeError, match="there is no recipe '.*none.yaml'; give the path of a YAML file, or one of: "
    ):
        recipe.load(tmp_path / "none.yaml")
    with pytest.raises(RecipeError, match="there is no recipe"):
        recipe.load(tmp_path)


def test_every_error_is_one_of_korpus_and_pickles(write):
    with pytest.raises(KorpusError) as caught:
        recipe.load(write("stages: [nope]"))
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.where) == (str(caught.value), caught.value.where)


# Overrides.


def options(built, name):
    return [stage.model_dump() for stage in built.stages if stage.name == name]


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (["name=other"], lambda r: r.name == "other"),
        (
            ["engine.workers=auto", "engine.memory=2GiB"],
            lambda r: (r.engine.workers, r.engine.memory) == ("auto", 2 << 30),
        ),
        (["input.keep=[id, date]"], lambda r: r.input.keep == ["id", "date"]),
        (["input.text=본문"], lambda r: r.input.text == "본문"),
        (["stages.length.min_chars=20"], lambda r: r.stages[2].min_chars == 20),
        (["stages.length.min_chars=20", "stages.length.min_chars=30"], lambda r: r.stages[2].min_chars == 30),
        (["stages.length.max_chars=99"], lambda r: (r.stages[2].min_chars, r.stages[2].max_chars) == (11, 99)),
        (["stages.length={max_chars: 99}"], lambda r: (r.stages[2].min_chars, r.stages[2].max_chars) == (None, 99)),
        (["stages.length={}"], lambda r: r.stages[2].min_chars is None),
        (["stages.length.min_chars=null"], lambda r: r.stages[2].min_chars is None),
        (["stages.length.min_chars="], lambda r: r.stages[2].min_chars is None),
        (["stages.exact_dedup.key=normalized"], lambda r: r.stages[-1].key == "normalized"),
        (
            ["stages.regex_replace[2].pattern=d=e"],
            lambda r: [o["pattern"] for o in options(r, "regex_replace")] == ["a", "d=e"],
        ),
        (["stages.regex_replace[1]=null"], lambda r: [o["pattern"] for o in options(r, "regex_replace")] == ["c"]),
        (["stages.nfc=null"], lambda r: [stage.name for stage in r.stages][:2] == ["charset", "length"]),
        (["stages.nfc=null", "stages.charset=null"], lambda r: r.stages[0].name == "length"),
        (["stages.nfc="], lambda r: r.stages[0].name == "charset"),
        (["vocab=null"], lambda r: r.vocab is None),
        (["vocab=null", "vocab.size=500"], lambda r: r.vocab == VocabOptions(size=500)),
        (["vocab={}"], lambda r: r.vocab == VocabOptions()),
        (["input=null"], lambda r: r.input == InputOptions()),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_override_wins(write, overrides, expected):
    built = recipe.load(write(GOOD), overrides)
    assert isinstance(built, Recipe)
    assert expected(built)
    assert recipe.load(built.filled()) == built


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("stages.length", "must look like stages.length.min_chars=20"),
        ("=3", "must look like stages.length.min_chars=20"),
        ("engin.workers=3", "a recipe has no 'engin' (did you mean 'engine'?)"),
        (
            "engine.worker=3",
            "engine has no option 'worker' (did you mean 'workers'?); "
            "its options are: workers, memory, batch_rows, scratch, max_bad_ratio",
        ),
        ("engine.workers=0", "engine.workers must be 'auto' or greater than or equal to 1, got 0"),
        ("engine.workers.n=3", "engine.workers has no options of its own"),
        ("stages=null", "must name a stage: stages.NAME.OPTION=VALUE, or stages.NAME=null to leave it out"),
        (
            "stages.lenght.min_chars=3",
            "the recipe has no stage 'lenght' (did you mean 'length'?); "
            "it has: nfc, charset, length, regex_replace, regex_replace, exact_dedup",
        ),
        (
            "stages.urls.pattern=x",
            "the recipe has no stage 'urls'; it has: nfc, charset, length, regex_replace, regex_replace, exact_dedup",
        ),
        ("stages.regex_replace.pattern=d", "the recipe has 'regex_replace' 2 times; say stages.regex_replace[1]"),
        ("stages.regex_replace[3].pattern=d", "the recipe has 'regex_replace' 2 times; say stages.regex_replace[1]"),
        ("stages.regex_replace[0].pattern=d", "the recipe has 'regex_replace' 2 times; say stages.regex_replace[1]"),
        (
            "stages.length.min_char=3",
            "stages.length has no option 'min_char' (did you mean 'min_chars'?); "
            "its options are: min_chars, max_chars, min_eojeol, max_eojeol",
        ),
        ("stages.length.min_chars=a", "stages.length.min_chars must be a valid integer, got 'a'"),
        ("stages.length.min_chars.x=1", "stages.length.min_chars has no options of its own"),
        (
            "stages.length=3",
            "stages.length must be a mapping of its options (min_chars, max_chars, min_eojeol, max_eojeol), got 3",
        ),
        ("stages.length={min_chars: a}", "stages.length.min_chars must be a valid integer, got 'a'"),
        ("input.keep=[id", "the value '[id' is not valid YAML: expected ',' or ']', but got '<stream end>'"),
    ],
)
def test_a_wrong_override_is_named_as_it_was_given(write, override, expected):
    assert refused(write(GOOD), override) == (f"--set {override}", expected)


def test_a_removed_stage_is_gone_for_later_overrides(write):
    where, message = refused(write(GOOD), "stages.length=null", "stages.length.min_chars=3")
    assert where == "--set stages.length.min_chars=3"
    assert message.startswith("the recipe has no stage 'length'; it has: nfc, charset, regex_replace")


def test_an_override_of_a_stage_whose_name_is_none(write):
    where, message = refused(write("korpus: 1\nstages: [min-length]"), "stages.min-length.min_chars=3")
    assert (where, message.split(" (")[0]) == (":2", "there is no stage 'min-length'")


@pytest.mark.parametrize("stages", ["nfc", 3, [3], [None], [{"nfc": 3}], [{"nfc": None, "urls": None}], {"nfc": {}}])
def test_an_override_of_a_recipe_that_is_wrong_itself(stages):
    with pytest.raises(RecipeError):
        recipe.load({"stages": stages}, ["stages.nfc.x=1"])


def test_options_of_every_stage_can_be_set_one_by_one():
    for name in registry.names():
        for option in registry.get(name).model_fields:
            with pytest.raises(RecipeError) as caught:
                recipe.load({"stages": [name]}, [f"stages.{name}.{option}=[[]]"])
            # Either the value is refused where it was given, or another option is required.
            assert caught.value.where in (f"--set stages.{name}.{option}=[[]]", "recipe")


def test_arguments_are_validated_like_the_file():
    built = recipe.load("kcelectra")
    assert recipe.amend(built, "input", paths=[Path("a")]).input.paths == ["a"]
    with pytest.raises(RecipeError, match="arguments: engine.workers must be 'auto' or greater than or equal to 1"):
        recipe.amend(built, "engine", workers=0)
    with pytest.raises(RecipeError, match="arguments: output.path must have at least 1 character, got ''"):
        recipe.amend(built, "output", path="")
