"""`unikat family` answers for UVL and DIMACS files, in words and in JSON."""

import json

import pytest
from typer.testing import CliRunner

from reference.configure_golden import SHEET, UVL
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


def test_analyse_tells_counts_shares_and_what_binds(run):
    found = json.loads(run("analyse", "family.uvl", UVL, "--json").output)
    assert found["configurations"] == {"number": "14", "is_exact": True}
    assert found["configurations_with_values"] == {"number": "11780", "is_exact": True}
    assert found["commonality"]["kind"] == "exact"
    assert found["commonality"]["shares"]["HeelCup"] == 0.5
    assert found["rule_coverage"] == round(7 / 11, 4)
    touched = {each["rule"]: each["touches"] for each in found["rule_facts"]}
    assert touched["R2"] == ["Thickness", "HeelCup"]
    assert set(touched) >= {each["rule"] for each in found["rule_facts"] if each["times_binding"]}
    assert found["refusals"] > 0


def test_redundant_rules_name_what_they_follow_from(run):
    chain = "p cnf 3 3\n-1 2 0\n-2 3 0\n-1 3 0\n"
    found = json.loads(run("analyse", "rules.cnf", chain, "--json").output)
    assert found["redundant_because"] == {"clause 3": ["clause 1", "clause 2"]}
    assert found["droppable_together"] == ["clause 3"]
    output = run("analyse", "rules.cnf", chain).output
    assert "clause 3 follows from clause 1, clause 2" in output


def test_what_takes_too_long_is_left_out_and_said(run):
    size = 400
    rules = "".join(
        f"{i % size + 1} -{i * 7 % size + 1} {i * i % size + 1} 0\n" for i in range(3 * size)
    )
    text = f"p cnf {size} {3 * size}\n{rules}"
    found = json.loads(run("analyse", "rules.cnf", text, "--json", "--seconds", "0.1").output)
    assert found["stopped_early"]
    assert not found["all_rules_examined"]
    assert not found["configurations"]["is_exact"]


def test_the_report_escapes_what_the_family_says(run, tmp_path):
    page = tmp_path / "out.html"
    evil = UVL.replace("HeelCup {", "HeelCup {title '<script>alert(1)</script>', ")
    evil = evil.replace("R1: foam", "R1: <b>foam</b>")
    result = run("analyse", "family.uvl", evil, "--html", str(page))
    assert f"The report is in {page}." in result.output
    text = page.read_text("utf-8")
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "&lt;b&gt;foam" in text
    assert "http://" not in text
    assert "https://" not in text


def test_the_report_tells_what_a_choice_needs_in_words(run, tmp_path):
    (tmp_path / "family.toml").write_text(SHEET, encoding="utf-8")
    page = tmp_path / "out.html"
    run("analyse", "family.uvl", UVL, "--html", str(page))
    text = page.read_text("utf-8")
    for word in ("Bill of materials", "textile-roll", "Steps of making", "Length above 290"):
        assert word in text
    assert "50.0 %" in text


def test_check_as_json_tells_every_fault_with_its_place(run):
    result = run("check", "family.uvl", UVL.replace("HeelCup =>", "HeelCap =>"), "--json")
    assert result.exit_code == 2
    (fault,) = json.loads(result.output)["faults"]
    assert (fault["line"], fault["key"]) == (20, "R2")
    assert json.loads(run("check", "family.uvl", UVL, "--json").output)["faults"] == []


def test_a_folder_without_a_family_is_told(tmp_path):
    result = CliRunner().invoke(app, ["family", "check", str(tmp_path)])
    assert isinstance(result.exception, InvalidFamily)
    assert "no family.uvl in this folder" in str(result.exception)


def test_diff_tells_lines_relation_and_an_example(tmp_path):
    paths = [tmp_path / name for name in ("old.uvl", "new.uvl")]
    paths[0].write_text(UVL, "utf-8")
    paths[1].write_text(UVL.replace("price 600", "price 700") + "    Foam => !HeelCup\n", "utf-8")
    command = ["family", "diff", *map(str, paths)]
    output = CliRunner().invoke(app, command).output
    assert "specialisation: over the 11 options both have, the new one allows less" in output
    assert "only the old one allows: Foam = true, HeelCup = true" in output
    assert "~ HeelCup, price: 600 -> 700" in output
    found = json.loads(CliRunner().invoke(app, [*command, "--json"]).output)
    assert found["relation"] == "specialisation"
    assert found["only_old_allows"]["refused_picks"] == {"Foam": "true", "HeelCup": "true"}
    assert "Foam" in found["only_old_allows"]["configuration"]["selected"]
    assert found["sections"]["rules"]["added"] == ["line 23: Foam => !HeelCup"]


def test_count_of_both_formats(run):
    assert run("count", "family.uvl", UVL).output == "14\n"
    assert run("count", "family.uvl", UVL, "--values").output == "11780\n"
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
