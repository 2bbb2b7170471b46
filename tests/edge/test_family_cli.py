"""`unikat family` answers for UVL and DIMACS files, in words and in JSON."""

import json

import pytest
from typer.testing import CliRunner

from reference.configure_golden import UVL
from unikat.edge.cli import app
from unikat.errors import InvalidFamily

CNF = "p cnf 3 3\n1 0\n-1 2 0\n2 3 0\n"


@pytest.fixture
def run(tmp_path):
    def invoke(verb, name, text, *options):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return CliRunner().invoke(app, ["family", verb, str(path), *options], catch_exceptions=True)

    return invoke


def test_check_tells_sizes_and_remarks(run):
    result = run("check", "family.uvl", UVL)
    assert result.exit_code == 0
    assert "no faults. 11 features, 4 rules, 0 remarks" in result.output


def test_check_of_a_faulty_text_fails_with_its_faults(run):
    result = run("check", "family.uvl", UVL.replace("HeelCup =>", "HeelCap =>"))
    assert isinstance(result.exception, InvalidFamily)
    assert "HeelCup" in str(result.exception)


def test_analyse_of_a_dimacs_file(run):
    found = json.loads(run("analyse", "rules.cnf", CNF, "--json").output)
    assert found["core"] == ["Model", "x1", "x2"]
    assert found["false_optional"] == ["x1", "x2"]
    assert found["redundant_rules"] == ["clause 3"]
    assert "redundant_rules         1  clause 3" in run("analyse", "rules.cnf", CNF).output


def test_count_of_both_formats(run):
    assert run("count", "family.uvl", UVL).output == "14\n"
    found = json.loads(run("count", "rules.dimacs", CNF, "--json").output)
    assert found == {"configurations": "2", "is_exact": True}
