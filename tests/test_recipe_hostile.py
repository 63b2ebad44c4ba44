"""A recipe that was made to do harm, or is none at all, is an error with file and line, and soon."""

import pytest

from korpus import recipe
from korpus.errors import RecipeError

LAUGHS = "\n".join(
    ["a0: &a0 [ㅋ, ㅋ]", *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)), "name: *a11"]
)
MAPS = "\n".join(["m0: &m0 {k: v}", *(f"m{i}: &m{i} {{a: *m{i - 1}, b: *m{i - 1}}}" for i in range(1, 40))])

HOSTILE = {
    "aliases that explode": (f"{LAUGHS}\n", "an alias stands inside its own anchor, or all stand for more than"),
    "aliases of mappings": (f"{MAPS}\n", "all stand for more than"),
    "a mapping inside itself": ("input: &a {text: *a}\n", "an alias stands inside its own anchor"),
    "deep lists": ("stages: " + "[" * 5000, ":1: not valid YAML: more than 50 levels within each other"),
    "deep blocks": ("\n".join(" " * i + "a:" for i in range(400)), ":50: not valid YAML: more than 50 levels"),
    "deep aliases": (
        "\n".join(["a0: &a0 [1]", *(f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 500))]),
        "an alias stands inside its own anchor",
    ),
    "no date": (
        "name: t\ninput: {text: 2020-13-45}\n",
        ":2: '2020-13-45' is not a !!timestamp (month",
    ),
    "no time": ("name: 2020-01-01 25:61:00\n", ":1: '2020-01-01 25:61:00' is not a !!timestamp (hour must be in"),
    "no number": ('vocab:\n  size: !!int "0x"\n', ":2: '0x' is not a !!int (invalid literal"),
    "no truth": ("name: !!bool maybe\n", ":1: 'maybe' is not a !!bool"),
    "a number of many digits": (f"vocab:\n  size: {'9' * 5000}\n", ":2: '9999999999999999999999999999999999999999…'"),
    "a number too large": ("vocab:\n  size: 99999999999999999999999999\n", ":2: vocab.size must be"),
    "no number at all": ("engine:\n  max_bad_ratio: .nan\n", ":2: engine.max_bad_ratio must be"),
    "an object": ("name: !!python/object:os.system {}\n", ":1: !!python/object:os.system has no place in a recipe"),
    "a call": ('name: !!python/object/apply:os.system ["true"]\n', ":1: !!python/object/apply:os.system has no place"),
    "a tag of one's own": ("stages:\n  - !stage nfc\n", ":2: !stage has no place in a recipe"),
    "bytes": ("name: !!binary ===\n", ":1: !!binary has no place in a recipe"),
    "a set": ("stages: !!set {nfc, urls}\n", ":1: !!set has no place in a recipe"),
    "merged keys": ("a: &a {x: 1}\ninput:\n  <<: *a\n", ":3: "),
    "a key twice": ("input: {}\nname: t\ninput: {}\n", ":3: input is given twice"),
    "the same key in two ways": ('engine: {workers: 1, "workers": 2}\n', ":1: engine.workers is given twice"),
    "a list as a key": ("? [a]\n: b\n", ":1: a key must be a word"),
    "a tab": ("input:\n\ttext: body\n", ":2: not valid YAML: found character '\\t'"),
    "a NUL": ("name: t\nstages: [n\0fc]\n", ":2: not valid YAML: it holds the character U+0000"),
    "an escape": ("name: t\n\x1b[31m: x\n", ":2: not valid YAML: it holds the character U+001B"),
    "half a character": ('name: "\\ud800"\n', "name"),
    "ten megabytes": ("name: t\n" + "# " + "x" * (10 << 20), ":1: not a recipe: it is larger than 1,024 KiB"),
    "an anchor that is not there": ("name: *b\n", ":1: not valid YAML: found undefined alias"),
    "an image": (b"\x89PNG\r\n\x1a\n", ":1: not UTF-8: byte 0x89"),
    "UTF-16": ("name: t\n".encode("utf-16"), ":1: not UTF-8: byte 0xff"),
    "a damaged line": ("name: t\ninput: {text: 글".encode() + b"\xb1}\n", ":2: not UTF-8: byte 0xb1"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_recipe_is_an_error_with_its_place(tmp_path, name):
    text, expected = HOSTILE[name]
    path = tmp_path / "recipe.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(RecipeError) as caught:
        recipe.load(path)
    assert str(caught.value).startswith(f"{path}:")
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < len(str(path)) + 400


@pytest.mark.parametrize(
    "value", ["2020-13-45", "!!int '0x'", "!!python/object:os.system {}", "9" * 5000, "[" * 999, "&a [*a]"]
)
def test_a_hostile_override_is_an_error_too(value):
    with pytest.raises(RecipeError, match="--set input.text=.*is not valid YAML"):
        recipe.load({"stages": ["nfc"]}, [f"input.text={value}"])


def test_aliases_that_a_person_would_write_are_taken(tmp_path):
    path = tmp_path / "recipe.yaml"
    path.write_text("stages:\n  - length: &l {min_chars: 3}\n  - nfc\n  - length: *l\n", encoding="utf-8")
    assert [stage.name for stage in recipe.load(path).stages] == ["length", "nfc", "length"]
