"""hatch_build.py: the browser libraries, copied once, with their licences and twins."""

import gzip
import json
import shutil
import subprocess
from importlib import util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SPEC = util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
hatch_build = util.module_from_spec(SPEC)
SPEC.loader.exec_module(hatch_build)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a folder with the files a build reads."""
    for name in (*hatch_build.NPM_FILES, "hatch_build.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_a_stamped_folder_is_left_alone(checkout, monkeypatch):
    lib = checkout / hatch_build.LIB
    lib.mkdir(parents=True)
    (lib / "stamp.txt").write_text(hatch_build.fingerprint(checkout))
    monkeypatch.setattr(hatch_build.shutil, "which", lambda name: None)
    hatch_build.fill_lib(checkout)
    assert [path.name for path in lib.iterdir()] == ["stamp.txt"]


def test_the_stamp_changes_with_the_lock(checkout):
    before = hatch_build.fingerprint(checkout)
    (checkout / "package-lock.json").write_text("{}")
    assert hatch_build.fingerprint(checkout) != before


def test_a_failing_npm_stops_the_build_with_its_last_words(checkout):
    (checkout / "npm.py").write_text("import sys; sys.exit('no such host')")
    with pytest.raises(RuntimeError, match="no such host"):
        hatch_build.fetch(checkout, ["python3", str(checkout / "npm.py")])


def test_every_served_package_comes_with_its_licence():
    served = {source.split("/")[0] for source in hatch_build.COPIES}
    licensed = {source.split("/")[0] for source in hatch_build.COPIES if "/LICENSE" in source}
    assert served == licensed
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert served <= {name.removeprefix("node_modules/") for name in packages}


def test_twins_hold_what_the_script_holds(tmp_path):
    text = "export const unikat = 1;\n" * 100
    (tmp_path / "a.js").write_text(text)
    node = shutil.which("node")
    hatch_build.compress(tmp_path, node)
    assert gzip.decompress((tmp_path / "a.js.gz").read_bytes()).decode() == text
    assert (tmp_path / "a.js.br").is_file() is bool(node)


def test_an_installed_lib_is_the_whole_table():
    lib = ROOT / hatch_build.LIB
    missing = [target for target in hatch_build.COPIES.values() if not (lib / target).is_file()]
    assert missing == []
    untracked = subprocess.run(["git", "check-ignore", "-q", str(lib / "stamp.txt")], cwd=ROOT)
    assert untracked.returncode == 0
