"""A file imports only from rooms below its own; `korpus --help` stays light; files stay short."""

import ast
import configparser
import subprocess
import sys
from pathlib import Path

import pytest

import korpus

PACKAGE = Path(korpus.__file__).parent

# From the ground up. A room is a module or a folder of korpus/; it may import itself and what stands before it.
ROOMS = [
    "_version",
    "errors",
    "machine",
    "progress",
    "compiled",
    "signals",
    "hangul",
    "kernels",
    "batch",
    "sentences",
    "io",
    "corpus",
    "domains",
    "dedup",
    "stage",
    "stages",
    "registry",
    "chain",
    "figures",
    "vocab",
    "recipe",
    "plan",
    "report",
    "engine",
    "export",
    "pipeline",
    "stream",
    "diff",
    "api",
    "__init__",
    "cli",
    "__main__",
]
FILES = sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def _without_types(path: Path) -> ast.Module:
    """Return what a file says without its imports for type checkers, which do not run."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            node.body = []
    return tree


def imports(path: Path) -> set[str]:
    """Return the rooms that a file imports when it runs, at its top or later."""
    rooms = set()
    for node in ast.walk(_without_types(path)):
        names = []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide where a room stands"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "korpus" and len(parts) > 1:
                rooms.add(parts[1])
    return {room for room in rooms if room in ROOMS}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_imports_only_from_rooms_below_its_own(path):
    room = room_of(path)
    assert room in ROOMS, f"{room} is not on the plan: give it its place in ROOMS and in the pages on architecture"
    above = {other for other in imports(path) if ROOMS.index(other) > ROOMS.index(room)}
    assert not above


@pytest.mark.parametrize("path", sorted((PACKAGE / "kernels").glob("*.py")), ids=lambda path: path.name)
def test_kernels_know_neither_arrow_nor_files(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = list(ast.walk(tree))
    names = {alias.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module.split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom)}
    assert not names & {"pyarrow", "pathlib", "os", "io"}
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    # A NamedTuple of arrays is how state is passed to kernels; other classes have no place here.
    assert not [node.name for node in classes if [getattr(base, "id", "") for base in node.bases] != ["NamedTuple"]]


@pytest.mark.parametrize("path", [p for p in FILES if room_of(p) not in ("cli", "__main__")], ids=lambda p: p.name)
def test_only_the_command_line_knows_click(path):
    assert "click" not in path.read_text(encoding="utf-8").split()


def test_no_file_is_much_above_400_lines():
    long = {str(p.relative_to(PACKAGE)): n for p in FILES if (n := len(p.read_text("utf-8").splitlines())) > 420}
    assert not long


def test_every_package_is_installed():
    setup = configparser.ConfigParser()
    setup.read(PACKAGE.parent / "setup.cfg")
    folders = {path.parent.relative_to(PACKAGE.parent) for path in PACKAGE.rglob("__init__.py")}
    names = {".".join(folder.parts) for folder in folders} | {"korpus.pipelines"}
    assert set(setup["options"]["packages"].split()) == names


def test_help_imports_neither_numba_nor_pyarrow():
    code = (
        "import sys\nfrom korpus.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as exit_:\n    assert not exit_.code\n"
        "assert not {'numba', 'pyarrow', 'pydantic', 'tokenizers'} & set(sys.modules), 'too much is imported'"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=PACKAGE.parent)
    assert done.returncode == 0, done.stderr
    assert "show" in done.stdout


# These choose by the kind of a file what reads it, and import it then.
CHOOSING = {"io/opening.py", "io/archives.py", "io/readers/source.py"}


def _modules_imported(path: Path, modules: dict[str, Path]) -> set[str]:
    tree = _without_types(path)
    late = str(path.relative_to(PACKAGE)) not in CHOOSING
    found = set()
    for node in ast.walk(tree) if late else tree.body:
        if isinstance(node, ast.ImportFrom):
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            found |= {name if name in modules else node.module for name in names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found & modules.keys()


def test_no_files_import_each_other_in_a_circle():
    modules = {".".join(("korpus", *path.relative_to(PACKAGE).with_suffix("").parts)): path for path in FILES}
    modules = {name.removesuffix(".__init__"): path for name, path in modules.items()}
    left = {name: _modules_imported(path, modules) for name, path in modules.items()}
    while free := {name for name, uses in left.items() if not uses & left.keys()}:
        left = {name: uses for name, uses in left.items() if name not in free}
    # What still imports something of what is left leads to a circle, or is on one.
    assert not left
