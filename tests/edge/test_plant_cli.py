"""`unikat plant size`: a template to begin with, an answer, and words for what is wrong."""

import json

import pytest
from typer.testing import CliRunner

from unikat.edge.cli import app
from unikat.edge.folders import example_folder
from unikat.edge.main import load_models
from unikat.edge.size_file import read_alternatives, read_length, template_of
from unikat.errors import InvalidAlternatives

SITE = str(example_folder("insoles"))


@pytest.fixture(scope="module")
def plant():
    return load_models(example_folder("insoles")).plant


def test_the_template_reads_back_as_alternatives_around_the_plant(plant):
    options, layouts = read_alternatives(template_of(plant), plant)
    sizes = {option.name: option.values for option in options if option.kind == "units"}
    assert sizes["filament"] == (5, 6, 7)
    assert layouts == ()


def test_layouts_bring_their_travel_and_cost(plant):
    text = """
robots = { from = 1, to = 2, cost_cents_each = 5 }
[[layout]]
name = "near"
cost_cents = 700
stops = ["mill", "glue"]
travel_s = [[0, 9], [8, 0]]
"""
    options, [travel] = read_alternatives(text, plant)
    assert [option.costs for option in options] == [(5, 10), (700,)]
    assert travel["mill"]["glue"] == 9
    assert travel["glue"]["mill"] == 8


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("units.oven = 3", "units.oven"),
        ("units.ovn = { from = 1, to = 2, cost_cents_each = 1 }", "no work center is called 'ovn'"),
        ("units.oven = { from = 1, to = 900, cost_cents_each = 1 }", "give 50 at most"),
        ("[[layout]]\nstops = ['mill']\ntravel_s = [[0, 1]]", "not as many rows and columns"),
        ("", "name nothing to choose"),
        ("= 3", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(plant, text, told):
    with pytest.raises(InvalidAlternatives, match=told):
        read_alternatives(text, plant)


def test_lengths_are_hours_or_days():
    assert (read_length("36h"), read_length("1.5d")) == (129_600, 129_600)
    with pytest.raises(InvalidAlternatives, match="36h or 2d"):
        read_length("soon")


def test_an_answer_names_the_choice_its_cost_and_why_not_cheaper(tmp_path):
    file = tmp_path / "alternatives.toml"
    file.write_text("units.oven = { from = 2, to = 4, cost_cents_each = 100 }", "utf-8")
    found = CliRunner().invoke(
        app,
        ["plant", "size", SITE, "--alternatives", str(file), "--demand", "60", "--within", "3d",
         "--goal", "80", "--json"],
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    answer = json.loads(found.stdout.splitlines()[-1])
    assert answer["is_least"]
    assert answer["best"]["choice"] == {"units oven": "3"}
    assert answer["best"]["cost_cents"] == 300
    assert answer["best"]["low_percent"] >= 80
    [cheaper] = [trial for trial in answer["trials"] if trial["cost_cents"] < 300]
    assert cheaper["high_percent"] < 80
