"""What must hold of the repository as a whole, whoever adds to it."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src/unikat"
LOCKS = ("requirements.lock", "build.lock", "package-lock.json")
TEXTS = {".py", ".toml", ".md", ".js", ".css", ".html", ".json", ".lock", ".in", ".uvl", ".txt", ""}
REGISTRIES = (("pypi", "org"), ("pythonhosted", "org"), ("registry", "npmjs"), ("deb", "debian"))

WORLD = {  # what a pure room may not import: input and output, clock, environment, randomness
    *("asyncio", "datetime", "http", "logging", "os", "pathlib", "random", "shutil"),
    *("socket", "sqlite3", "subprocess", "time", "urllib"),
    *("alembic", "argon2", "fastapi", "jinja2", "limits", "pydantic", "pydantic_settings", "rich"),
    *("sqlalchemy", "starlette", "structlog", "typer", "uvicorn"),
}
HARMLESS = (  # a draw with a seed, the budget of a solver, and how many threads it takes
    ("os", "from os import cpu_count"),
    ("random", "from random import Random"),
    ("time", "from time import process_time"),
    ("time", "from time import perf_counter"),
)
HEAVY = ("numba", "ortools", "pysat", "manifold3d", "fastapi", "scipy", "sqlalchemy")


def tracked(*patterns: str) -> list[Path]:
    """Return the files git knows, by pattern."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    return [ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file()]


def rooms() -> list[Path]:
    """Return the folders of src/unikat that are rooms."""
    return sorted(path.parent for path in SRC.glob("*/__init__.py"))


def pure_files() -> list[Path]:
    """Return the files of every room but edge."""
    return [path for room in rooms() if room.name != "edge" for path in sorted(room.rglob("*.py"))]


def imported(path: Path) -> set[str]:
    """Return the first words of everything a file imports, wherever it does so."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_no_lock_names_an_address(name: str):
    assert "://" not in (ROOT / name).read_text()


def test_every_locked_python_package_has_a_hash():
    for name in ("requirements.lock", "build.lock"):
        packages = re.split(r"\n(?=\S)", (ROOT / name).read_text())
        assert [p for p in packages if "--hash=sha256:" not in p] == []


def test_every_locked_browser_package_has_an_exact_version_and_a_hash():
    import json

    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    wanted = packages.pop("")["dependencies"]
    assert all(re.fullmatch(r"[\d.]+", version) for version in wanted.values())
    assert all(p["integrity"].startswith("sha512-") for p in packages.values())


def test_the_build_pins_what_build_lock_pins():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lock = (ROOT / "build.lock").read_text()
    pins = [*project["build-system"]["requires"], *project["dependency-groups"]["build"]]
    assert [pin for pin in pins if f"{pin} \\" not in lock] == []
    assert project["dependency-groups"]["build"][-1] in (ROOT / "hatch_build.py").read_text()


def test_every_tracked_script_is_ours():
    scripts = tracked("*.js", "*.mjs", "*.cjs", "*.css")
    foreign = [path for path in scripts if "Unikat: " not in path.read_text().split("\n", 1)[0]]
    assert foreign == [], "third-party code comes from npm at install, not from git"


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_the_front_pages_name_only_what_is_there(page: str):
    text = (ROOT / page).read_text()
    paths = re.findall(r"`((?:src|tests|examples|docs|benchmarks)/[\w/.*-]*)`", text)
    made = "src/unikat/edge/web/lib/"
    assert [path for path in paths if path != made and not list(ROOT.glob(path))] == []
    verbs = set(
        re.findall(r"^    python3 run\.py (\w+)", (ROOT / "run.py").read_text(), re.MULTILINE)
    )
    assert set(re.findall(r"python3 run\.py (\w+)", text)) <= verbs


def test_no_tracked_file_is_made_by_a_run():
    made = tracked(
        "src/unikat/edge/web/lib", "*.pyc", "*.nbi", "*.sqlite*", "node_modules", ".venv"
    )
    assert made == []


def test_no_tracked_text_names_a_registry_or_a_workplace():
    banned = [".".join(words) for words in REGISTRIES]
    banned += [f"/{folder}/" for folder in ("work", "root", "home")]
    texts = [path for path in tracked() if path.suffix in TEXTS]
    hits = [
        (str(path.relative_to(ROOT)), word)
        for path in texts
        for word in banned
        if word in path.read_text(encoding="utf-8", errors="replace")
    ]
    assert hits == []


def test_every_bench_says_in_one_line_what_it_measures_and_has_a_name_of_its_own():
    files = tracked("benchmarks/speed/*.py", "benchmarks/quality/*.py")
    benches = [path for path in files if not path.name.startswith("_")]
    assert len({path.stem for path in benches}) == len(benches)
    assert [p.name for p in benches if not ast.get_docstring(ast.parse(p.read_text()))] == []


def test_every_file_says_what_it_does():
    files = [path for path in SRC.rglob("*.py") if "migrations" not in path.parts]
    silent = [path for path in files if not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []


def test_every_folder_of_the_package_is_a_room():
    files = [path for path in SRC.rglob("*.py") if "migrations" not in path.parts]
    folders = {path.parent for path in files} - {SRC}
    assert [path for path in folders if not (path / "__init__.py").is_file()] == []


@pytest.mark.parametrize("room", rooms(), ids=lambda room: room.name)
def test_a_room_shows_at_most_twelve_names(room: Path):
    tree = ast.parse((room / "__init__.py").read_text())
    shown = [
        alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module != "__future__"
        for alias in node.names
    ]
    assert len(shown) <= 12


@pytest.mark.parametrize("path", pure_files(), ids=lambda path: str(path.relative_to(SRC)))
def test_a_room_is_pure(path: Path):
    allowed = {module for module, line in HARMLESS if f"\n{line}\n" in path.read_text()}
    assert (imported(path) - allowed) & WORLD == set()


@pytest.mark.parametrize("room", rooms(), ids=lambda room: room.name)
def test_a_room_has_a_property_test(room: Path):
    tests = (ROOT / "tests" / room.name).rglob("test_*.py")
    assert any(
        re.search(r"^\s*@given|RuleBasedStateMachine", t.read_text(), re.MULTILINE) for t in tests
    )


@pytest.mark.parametrize("path", sorted(SRC.glob("*/**/_kernels.py")), ids=lambda p: p.parent.name)
def test_kernels_import_numpy_and_numba_only(path: Path):
    assert imported(path) <= {
        "__future__",
        "collections",
        "ctypes",  # the type of a pointer
        "llvmlite",  # the words numba itself compiles to
        "math",
        "numba",
        "numpy",
        "operator",  # the names numba has for what a pointer can do
        "typing",
        "unikat",
    }


def test_importing_every_room_and_the_command_line_loads_nothing_heavy():
    parts = [f"unikat.{room.name}" for room in rooms()]
    parts += [f"unikat.{path.stem}" for path in SRC.glob("*.py") if path.stem[0] != "_"]
    parts += ["unikat.edge.cli"] * (SRC / "edge/cli.py").is_file()
    program = (
        f"import importlib, sys\nfor part in {parts}: importlib.import_module(part)\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
