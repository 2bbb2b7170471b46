"""`unikat family` answers for UVL and DIMACS files, in words and in JSON."""

import json

import pytest
from typer.testing import CliRunner

from reference.configure_golden import UVL
from unikat.edge.cli import app
from unikat.edge.family_files import load_family_file
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


def test_convert_writes_uvl_from_both_formats(run, tmp_path):
    target = tmp_path / "out.uvl"
    assert "4 rules" in run("convert", "family.uvl", UVL, str(target)).output
    assert load_family_file(target).rules[0].id == "R1"
    refused = run("convert", "rules.cnf", CNF, str(target))
    assert refused.exit_code == 2
    assert "exists" in refused.output
    assert run("convert", "rules.cnf", CNF, str(target), "--force").exit_code == 0
    assert target.read_text() == (
        "features\n\tModel\n\t\toptional\n\t\t\tx1\n\t\t\tx2\n\t\t\tx3\n"
        "constraints\n\tx1\n\t!x1 | x2\n\tx2 | x3\n"
    )
    for wrong in ("out.cnf", "no/folder.uvl"):
        assert run("convert", "rules.cnf", CNF, str(tmp_path / wrong)).exit_code == 2


def test_convert_keeps_imports_or_joins_them(run, tmp_path):
    (tmp_path / "part.uvl").write_text("features\n\tP\nconstraints\n\tP\n")
    text = "imports\n\tpart as p\nfeatures\n\tA\n\t\toptional\n\t\t\tp.P\n"
    target = tmp_path / "out.uvl"
    run("convert", "family.uvl", text, str(target))
    assert target.read_text() == text
    run("convert", "family.uvl", text, str(target), "--force", "--join")
    assert target.read_text() == "features\n\tA\n\t\toptional\n\t\t\tp.P\nconstraints\n\tp.P\n"
