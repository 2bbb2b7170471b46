#!/usr/bin/env python3
"""Set up Unikat and run it, with Python's standard library alone.

    python3 run.py demo [--once ...]   the example site in a browser, or to its end in one table
    python3 run.py test [ARGS ...]     every check and every test; ARGS: pytest with ARGS instead
    python3 run.py lint                format, style, types and the direction of imports
    python3 run.py bench NAME [...]    one measurement; `bench --list` names them, `--all` runs them
    python3 run.py screenshots         the pictures of the README, anew
    python3 run.py lock                the three lock files, anew

The first run makes .venv and installs what the locks pin, by hash; later runs see that nothing
changed and start at once.
"""

from __future__ import annotations

import ast
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
LIB_STAMP = ROOT / "src/unikat/edge/web/lib/stamp.txt"
PACKAGES = ("requirements.lock",)
UNIKAT = (*PACKAGES, "build.lock", "package-lock.json", "hatch_build.py", "pyproject.toml")

LINT = (
    ("format", ("-m", "ruff", "format", "--check", ".")),
    ("style", ("-m", "ruff", "check", ".")),
    ("types", ("-m", "mypy")),
    (
        "imports",
        ("-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"),
    ),
)
COMPILE = (
    "pip",
    "compile",
    "--quiet",
    "--universal",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-annotate",
    "--no-header",
)
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_MISSING = (
    "The browser tests need Chromium and none of {} is on PATH. Install it with your system's\n"
    "package manager (Debian: apt-get install chromium; Ubuntu: snap install chromium; macOS: put\n"
    "Chromium on PATH), then run this again. `python3 run.py test tests/order` runs a part with\n"
    "no browser."
)

SBIN = "/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"
MOSQUITTO_MISSING = (
    "The tests of the MQTT bus need the broker mosquitto, which is neither on PATH nor in {}.\n"
    "Install it with your system's package manager (Debian, Ubuntu: apt-get install mosquitto;\n"
    "macOS: brew install mosquitto), then run this again. It need not run as a service."
)
POLICY = Path("/usr/sbin/policy-rc.d")
APT_OPTIONS = ("-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Options::=--force-confold")
"""Wait for another apt to end, and keep configuration files that are there, without a question."""


def main(arguments: list[str]) -> int:
    """Run one verb; without a known one say what there is."""
    if sys.version_info < (3, 11):  # noqa: UP036, the old Python that runs this must be told
        print(f"Unikat needs Python 3.11 or newer; this is {platform.python_version()}.")
        return 2
    verbs = {
        "demo": demo,
        "test": test,
        "lint": lint,
        "bench": bench,
        "screenshots": screenshots,
        "lock": lock,
    }
    if not arguments or arguments[0] not in verbs:
        print(__doc__)
        return 0 if arguments[:1] in (["-h"], ["--help"], ["help"]) else 2
    try:
        return verbs[arguments[0]](arguments[1:])
    except subprocess.CalledProcessError as failed:
        complain(f"this failed with {failed.returncode}: {' '.join(map(str, failed.cmd))}")
        return 1


def demo(arguments: list[str]) -> int:
    """Become the demo."""
    set_up()
    return become("-m", "unikat.edge.cli", "demo", *arguments)


def test(arguments: list[str]) -> int:
    """Run every check and every test; or, with arguments, pytest with these."""
    set_up()
    if arguments:
        return become("-m", "pytest", *arguments)
    if lint([]) or not has_chromium() or not has_mosquitto():
        return 1
    report("kernels", ("-m", "unikat.edge.cli", "warmup"))
    return report("tests", ("-m", "pytest", "--cov", "-n", "logical", "--dist", "loadfile"))


def lint(arguments: list[str]) -> int:
    """Check format, style, types and imports: all four, whatever the first ones say."""
    if arguments:
        complain(f"lint takes no arguments, not {arguments}")
        return 2
    set_up()
    return max(report(name, command) for name, command in LINT)


def bench(arguments: list[str]) -> int:
    """Become one measurement, or list them with the first line of their docstring."""
    benches = find_benches(ROOT)
    if arguments[:1] == ["--all"]:
        set_up()
        return become(ROOT / "benchmarks/_all.py", *arguments[1:])
    if arguments[:1] == ["--list"]:
        for name, path in benches.items():
            print(f"{name:<20} {first_line(path)}")
        return 0
    if not arguments or arguments[0] not in benches:
        asked = arguments[0] if arguments else "(none given)"
        complain(f"there is no bench {asked}; there are: {', '.join(benches) or 'none yet'}")
        return 2
    set_up()
    return become(benches[arguments[0]], *arguments[1:])


def screenshots(arguments: list[str]) -> int:
    """Become the script that takes the pictures."""
    set_up()
    if not has_chromium():
        return 1
    return become(ROOT / "docs/screenshots.py", *arguments)


def lock(arguments: list[str]) -> int:
    """Resolve the dependencies of pyproject.toml and package.json anew; arguments go to uv."""
    set_up()
    uv = BIN / "uv"
    for options in (
        ("pyproject.toml", "--group", "dev", "-o", "requirements.lock"),
        ("--group", "build", "-o", "build.lock"),
    ):
        call(uv, *COMPILE, *arguments, *options)
    call(shutil.which("npm") or "npm", "install", "--package-lock-only")
    return 0


def set_up() -> None:
    """Make .venv hold what the locks pin, then this checkout: each unless its stamp says so."""
    once("packages", PACKAGES, install_packages)
    if not LIB_STAMP.is_file():
        (VENV / "unikat-stamp.txt").unlink(missing_ok=True)
    once("unikat", UNIKAT, install_unikat)


def once(part: str, inputs: tuple[str, ...], install: Callable[[], None]) -> None:
    """Install one part, unless its stamp shows that nothing it is made of changed."""
    stamp, now = VENV / f"{part}-stamp.txt", fingerprint(ROOT, inputs)
    if stamp.is_file() and stamp.read_text() == now:
        return
    stamp.unlink(missing_ok=True)
    install()
    stamp.write_text(now)


def fingerprint(root: Path, inputs: tuple[str, ...]) -> str:
    """Name what a part depends on: Python, where the checkout is, and these files."""
    digest = hashlib.sha256(f"{sys.version} {root}".encode())
    for name in inputs:
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def install_packages() -> None:
    """Make .venv hold exactly what requirements.lock pins, by hash."""
    tell("Setting up .venv: about a minute the first time, nothing after that.")
    make_venv()
    lock = (ROOT / "requirements.lock").read_text()
    uv = locked(lock, "uv")
    if can_pip_install(uv):
        options = ("--python", str(PYTHON), "--require-hashes", "--compile-bytecode")
        call(BIN / "uv", "pip", "sync", *options, "requirements.lock")
        return
    tell("uv cannot be had here: installing with pip, which takes about twice as long.")
    if not can_pip_install(lock.replace(uv, "")):
        raise SystemExit("run.py: pip could not install requirements.lock; its words are above")


def install_unikat() -> None:
    """Install this checkout, editable; its build brings the browser libraries."""
    if shutil.which("uv", path=str(BIN)):
        options = ("--python", str(PYTHON), "--no-deps", "--reinstall-package", "unikat")
        call(BIN / "uv", "pip", "install", *options, "--build-constraints", "build.lock", "-e", ".")
    else:
        call(PYTHON, "-m", "pip", "install", "--no-deps", "-e", ".")


def make_venv() -> None:
    """Make .venv with this Python, unless there is one whose pip works."""
    config = VENV / "pyvenv.cfg"
    version = f"version = {platform.python_version()}"
    if config.is_file() and version in config.read_text().splitlines():
        pip = subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False)
        if pip.returncode == 0:
            return
    try:
        call(sys.executable, "-m", "venv", "--clear", VENV)
    except subprocess.CalledProcessError:
        tell("Python's venv module does not work here (Debian: apt-get install python3-venv).")
        raise


def can_pip_install(lock_text: str) -> bool:
    """Install the packages of a lock with pip, by hash; False if pip could not."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "wanted.txt"
        wanted.write_text(lock_text)
        options = ("--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps")
        command = [str(PYTHON), "-m", "pip", "install", *options, "-r", str(wanted)]
        return subprocess.run(command, cwd=ROOT, stdout=sys.stderr, check=False).returncode == 0


def locked(lock_text: str, package: str) -> str:
    """Return the lines of one package, with its hashes, out of a lock."""
    lines = lock_text.splitlines(keepends=True)
    starts = [i for i, line in enumerate(lines) if not line.startswith(" ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        if lines[start].startswith(package + "=="):
            return "".join(lines[start:end])
    raise ValueError(f"{package} is not in the lock: add it to pyproject.toml, then run.py lock")


def has_chromium() -> bool:
    """Find Chromium, or install it where we may; else say how to get it."""
    if any(map(shutil.which, CHROMIUM)):
        return True
    apt_install("chromium", "for the browser tests")
    if any(map(shutil.which, CHROMIUM)):
        return True
    complain(CHROMIUM_MISSING.format(", ".join(CHROMIUM)))
    return False


def has_mosquitto() -> bool:
    """Find the broker mosquitto, or install it where we may, not as a service; else say how."""
    if shutil.which("mosquitto") or shutil.which("mosquitto", path=SBIN):
        return True
    apt_install("mosquitto", "for the tests of the MQTT bus", is_started=False)
    if shutil.which("mosquitto", path=SBIN):
        return True
    complain(MOSQUITTO_MISSING.format(SBIN))
    return False


def apt_install(package: str, purpose: str, *, is_started: bool = True) -> None:
    """Install a Debian package if we are root on such a system; a service need not be started, now
    or at the next boot: it might take a port that somebody wants.
    """
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return
    tell(f"Installing {package} {purpose}.")
    path = f"{os.environ.get('PATH', '')}:{SBIN}:/sbin"  # of `su` without `-` dpkg finds no tools
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "PATH": path}
    forbids = not is_started and not POLICY.exists()
    if forbids:  # Debian's way to say that an installation starts no services
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
    try:
        for step in (("update", "-qq"), ("install", "-y", "-qq", package)):
            command = ["apt-get", *APT_OPTIONS, *step]
            subprocess.run(command, env=quiet, stdout=sys.stderr, check=False)
    finally:
        if forbids:
            POLICY.unlink()
    if not is_started and shutil.which("systemctl"):
        command = ["systemctl", "--quiet", "disable", package]
        subprocess.run(command, stdout=sys.stderr, check=False)


def find_benches(root: Path) -> dict[str, Path]:
    """Map the name of each measurement to its file: speed/ and quality/, flat names."""
    folders = (root / "benchmarks" / kind for kind in ("speed", "quality"))
    files = sorted(path for folder in folders for path in folder.glob("[!_]*.py"))
    return {path.stem: path for path in files}


def first_line(path: Path) -> str:
    """Return the first line of a file's docstring, without running it."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    return text.splitlines()[0] if text else "(no docstring)"


def report(name: str, command: tuple[str, ...]) -> int:
    """Run one check with the project's Python and say loudly if it fails."""
    tell(f"== {name}")
    code = subprocess.run([PYTHON, *command], cwd=ROOT, check=False).returncode
    if code:
        complain(f"{name} failed: {' '.join(command)}")
    return code


def call(*command: str | Path) -> None:
    """Run a step of the set-up; its words go to stderr, for stdout belongs to the verb."""
    subprocess.run(command, cwd=ROOT, stdout=sys.stderr, check=True)


def become(*command: str | Path) -> int:
    """Run the project's Python in our place, so that signals reach it and it alone."""
    words = [str(PYTHON), *map(str, command)]
    if os.name != "nt":
        sys.stdout.flush()
        os.execv(words[0], words)  # noqa: S606
    return subprocess.run(words, check=False).returncode


def tell(words: str) -> None:
    """Say what happens now."""
    print(words, file=sys.stderr, flush=True)


def complain(words: str) -> None:
    """Say what went wrong."""
    tell(f"run.py: {words}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
