"""Scheduling by itself on the command line: what it writes, and how it refuses."""

import csv
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from typer.testing import CliRunner

from unikat.edge.cli import app
from unikat.edge.gantt_svg import Bar, draw_gantt
from unikat.edge.schedule_files import UnknownForm
from unikat.errors import InvalidText

FJS = Path(__file__).parents[1] / "schedule/flexible/data/kacem1.fjs"
SVG = "{http://www.w3.org/2000/svg}"


def solve(*words):
    return CliRunner().invoke(app, ["schedule", "solve", *map(str, words)], catch_exceptions=False)


def test_json_holds_makespan_bound_and_every_step():
    done = solve(FJS, "--rounds", 20, "--json")
    found = json.loads(done.stdout)
    assert done.exit_code == 0
    assert found["makespan"] == found["lower_bound"] == 11
    assert found["is_proven_shortest"] is True
    assert len(found["schedule"]) == found["steps"] == 12
    assert max(row["finish"] for row in found["schedule"]) == 11
    assert {row["job"] for row in found["schedule"]} == {1, 2, 3, 4}


def test_a_table_is_printed_for_people():
    assert "makespan" in solve(FJS, "--rounds", 1).stdout


def test_each_form_holds_every_step(tmp_path):
    names = [tmp_path / f"s.{form}" for form in ("json", "csv", "ics")]
    exports = [word for name in names for word in ("--export", name)]
    options = ("--begin", "2026-01-05T06:00:00", "--unit-s", 3_600)
    done = solve(FJS, "--rounds", 1, "--gantt", tmp_path / "s.svg", *exports, *options)
    assert done.exit_code == 0
    assert len(json.loads(names[0].read_text())["schedule"]) == 12
    with names[1].open(newline="") as lines:
        assert len(list(csv.DictReader(lines))) == 12
    calendar = names[2].read_bytes().decode()
    assert calendar.count("BEGIN:VEVENT\r\n") == calendar.count("END:VEVENT\r\n") == 12
    picture = ET.fromstring((tmp_path / "s.svg").read_text())
    assert len(picture.findall(f"{SVG}g")) == 12


def test_another_form_is_refused(tmp_path):
    with pytest.raises(UnknownForm, match=r"end the name with one of \.json, \.csv"):
        solve(FJS, "--rounds", 1, "--export", tmp_path / "s.pdf")


def test_a_target_that_cannot_be_written_is_refused_before_the_search(tmp_path):
    with pytest.raises(UnknownForm, match="there is no folder"):
        solve(FJS, "--seconds", 999, "--gantt", tmp_path / "none" / "s.svg")


def test_a_text_with_faults_is_refused_with_all_of_them(tmp_path):
    bad = tmp_path / "bad.fjs"
    bad.write_text("2 2\n1 1 9 5\n1 1 1 -4\n")
    with pytest.raises(InvalidText, match=r"bad.fjs:2:5.*(?s:.)*bad.fjs:3:7"):
        solve(bad)


def test_a_missing_file_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a long path would be folded
    done = solve("none.fjs")
    assert done.exit_code == 2
    assert "none.fjs" in done.output


def test_a_picture_is_well_formed_whatever_the_names():
    bars = [Bar(0, 0, 40, 1, "<a>", 'x & "y"'), Bar(1, 5, 5, 2, "none", "takes no time")]
    picture = ET.fromstring(draw_gantt("<title> & more", ["unit <1>", "2"], bars))
    assert [g.find(f"{SVG}title").text for g in picture.findall(f"{SVG}g")] == ['x & "y"']
