"""benchmarks/_all.py: every bench is in its list, and its page says what is met and what is not."""

import importlib.util
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_spec = importlib.util.spec_from_file_location("_all", ROOT / "benchmarks/_all.py")
bench_all = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(bench_all)
KNOWN = tomllib.loads((ROOT / "benchmarks/all.toml").read_text())


def test_every_bench_stands_in_the_list_and_the_list_names_no_other():
    benches = {
        path.stem
        for kind in ("speed", "quality")
        for path in (ROOT / "benchmarks" / kind).glob("[!_]*.py")
    }
    assert benches == {entry.get("bench", name) for name, entry in KNOWN.items()}


@pytest.mark.parametrize(
    ("value", "line", "words"),
    [
        (4.9, "< 5", "met"),
        (5.0, "< 5", "**not met**"),
        (0, "<= 0", "met"),
        (99.0, ">= 100", "**not met**"),
        (95.0, "93..97", "met"),
        (97.1, "93..97", "**not met**"),
    ],
)
def test_a_measure_is_met_or_it_is_said_that_it_is_not(value, line, words):
    assert bench_all.verdict(value, line) == words


@pytest.mark.parametrize("entry", KNOWN.values(), ids=KNOWN)
def test_every_bound_can_be_read(entry):
    for line in entry.get("reach", {}).values():
        bench_all.verdict(0.0, line)


def test_a_section_shows_the_command_the_measures_and_the_peers():
    result = {
        "machine": {"cpus": 2},
        "measures": {"load_s": 0.25, "other": 1234},
        "peers": {"rival": {"load_s": 3.0}},
        "wall_s": 7,
    }
    entry = {"arguments": "--data {data}/configure", "reach": {"load_s": "< 0.2"}}
    text = bench_all.write_section("family_load", entry, result)
    assert "`python3 run.py bench family_load --data DIR/configure` (7 s; cpus 2)" in text
    assert "| load_s | 0.25 | < 0.2 | **not met** |" in text
    assert "other 1,234" in text
    assert "Peer **rival**: load_s 3" in text
