"""run.py: what it decides before it starts anything."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).parents[1]


def load(name: str):
    """Import a file of the root, which is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


run = load("run")
NAMES = st.from_regex(r"[a-z][a-z0-9]{0,5}(-[a-z]{1,4})?", fullmatch=True)


def test_it_needs_the_standard_library_alone():
    words = re.findall(r"^(?:import|from) (\w+)", (ROOT / "run.py").read_text(), re.MULTILINE)
    assert set(words) <= sys.stdlib_module_names


def test_an_old_python_gets_one_clear_sentence(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 10, 9))
    assert run.main(["demo"]) == 2
    assert capsys.readouterr().out.startswith("Unikat needs Python 3.11 or newer; this is ")


@pytest.mark.parametrize("words", [[], ["dance"]])
def test_an_unknown_verb_shows_the_verbs_and_fails(words, capsys):
    assert run.main(words) == 2
    assert "python3 run.py demo" in capsys.readouterr().out


def test_help_succeeds():
    done = subprocess.run([sys.executable, "run.py", "--help"], cwd=ROOT, capture_output=True)
    assert done.returncode == 0


def test_an_unknown_bench_fails_and_names_the_known_ones(capsys):
    assert run.main(["bench", "no_such_bench"]) == 2
    assert "there is no bench no_such_bench" in capsys.readouterr().err


@given(st.dictionaries(NAMES, st.lists(st.integers(0, 9), max_size=3), min_size=1, max_size=6))
def test_locked_returns_exactly_the_lines_of_one_package(hashes):
    blocks = {
        name: f"{name}==1.{i} \\\n" + "".join(f"    --hash=sha256:{n}\n" for n in numbers)
        for i, (name, numbers) in enumerate(hashes.items())
    }
    lock = "".join(blocks.values())
    assert {name: run.locked(lock, name) for name in blocks} == blocks


def test_a_package_missing_from_the_lock_is_an_error_that_says_what_to_do():
    with pytest.raises(ValueError, match=r"add it to pyproject\.toml"):
        run.locked("numpy==1.0\n", "uv")


def test_the_lock_pins_the_uv_that_set_up_installs():
    block = run.locked((ROOT / "requirements.lock").read_text(), "uv")
    assert re.match(r"uv==[\d.]+ \\\n    --hash=sha256:", block)


@pytest.mark.parametrize("name", run.UNIKAT)
def test_the_fingerprint_changes_with_every_file_that_set_up_reads(name, tmp_path):
    for each in run.UNIKAT:
        (tmp_path / each).write_text("before")
    before = run.fingerprint(tmp_path, run.UNIKAT)
    assert run.fingerprint(tmp_path, run.UNIKAT) == before
    (tmp_path / name).write_text("after")
    assert run.fingerprint(tmp_path, run.UNIKAT) != before


def test_a_part_is_installed_once_and_again_only_after_a_change_or_a_crash(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "VENV", tmp_path)
    (tmp_path / "a.lock").write_text("1")
    done = []

    def install():
        done.append((tmp_path / "a.lock").read_text())
        if done[-1] == "crash":
            raise RuntimeError

    run.once("part", ("a.lock",), install)
    run.once("part", ("a.lock",), install)
    assert done == ["1"]
    (tmp_path / "a.lock").write_text("crash")
    for _ in range(2):
        with pytest.raises(RuntimeError):
            run.once("part", ("a.lock",), install)
    assert done == ["1", "crash", "crash"]


def test_benches_are_found_by_file_name_and_described_by_their_docstring(tmp_path):
    for kind, name in (("speed", "quote"), ("quality", "promise"), ("speed", "_shared")):
        (tmp_path / "benchmarks" / kind).mkdir(parents=True, exist_ok=True)
        (tmp_path / f"benchmarks/{kind}/{name}.py").write_text(f'"""Measure {name}.\n\nMore."""')
    found = run.find_benches(tmp_path)
    assert {n: run.first_line(p) for n, p in found.items()} == {
        "quote": "Measure quote.",
        "promise": "Measure promise.",
    }


def test_a_failing_check_fails_the_verb(monkeypatch, capfd):
    monkeypatch.setattr(run, "PYTHON", sys.executable)
    assert run.report("good", ("-c", "pass")) == 0
    assert run.report("bad", ("-c", "raise SystemExit(3)")) == 3
    assert "bad failed" in capfd.readouterr().err


def test_without_a_browser_the_remedy_is_named(monkeypatch, capsys):
    monkeypatch.setattr(run.shutil, "which", lambda name: None)
    assert run.has_chromium() is False
    assert "Install it" in capsys.readouterr().err


def test_without_a_broker_the_remedy_is_named(monkeypatch, capsys):
    monkeypatch.setattr(run.shutil, "which", lambda name, path=None: None)
    assert run.has_mosquitto() is False
    assert "apt-get install mosquitto" in capsys.readouterr().err


def test_an_installed_service_is_not_started_and_the_policy_is_as_before(monkeypatch, tmp_path):
    policy, steps = tmp_path / "policy-rc.d", []
    monkeypatch.setattr(run, "POLICY", policy)
    monkeypatch.setattr(run.shutil, "which", lambda name, path=None: "/usr/bin/apt-get")
    monkeypatch.setattr(run.os, "geteuid", lambda: 0)

    def note(command: list[str], **options: object) -> None:
        [step] = {"update", "install", "disable"} & set(command)
        steps.append((step, policy.exists()))
        if step != "disable":
            assert options["env"]["DEBIAN_FRONTEND"] == "noninteractive"
            assert "/usr/sbin" in options["env"]["PATH"].split(":")

    monkeypatch.setattr(run.subprocess, "run", note)
    run.apt_install("mosquitto", "for a test", is_started=False)
    assert steps == [("update", True), ("install", True), ("disable", False)]
    run.apt_install("chromium", "for a test")
    assert steps[3:] == [("update", False), ("install", False)]


def test_who_may_not_install_is_not_asked_for_a_password(monkeypatch):
    monkeypatch.setattr(run.shutil, "which", lambda name, path=None: "/usr/bin/apt-get")
    monkeypatch.setattr(run.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(run.subprocess, "run", pytest.fail)
    run.apt_install("mosquitto", "for a test", is_started=False)
