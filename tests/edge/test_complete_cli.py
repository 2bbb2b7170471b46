"""`unikat family complete`: cheapest, nearest, fastest made, and what else is possible."""

import json

import pytest
from typer.testing import CliRunner

from unikat.edge.cli import app
from unikat.edge.folders import example_folder

CABINET = str(example_folder("cabinet"))


def ask(*arguments):
    return CliRunner().invoke(app, ["family", "complete", CABINET, *arguments])


def reported(*arguments):
    result = ask(*arguments, "--json")
    assert result.exit_code == 0
    return json.loads(result.output)


def test_the_cheapest_is_proven_and_itemised():
    usual = reported("--pick", "Drawers")
    cheapest = reported("--pick", "Drawers", "--cheapest")
    assert cheapest["total_cents"] == cheapest["bound_cents"] < usual["total_cents"]
    assert cheapest["is_optimal"]
    assert "Drawers" in cheapest["selected"]
    assert "Panels of chipboard" in ask("--cheapest").output


def test_the_nearest_names_what_it_gives_up():
    found = reported("--nearest", "--pick", "Bathroom", "--pick", "Chipboard")
    assert len(found["unmet"]) == 1
    assert found["distance"] == "1"


def test_the_fastest_made_has_a_bound():
    found = reported("--fastest", "--pick", "Mdf")
    assert found["chain_seconds"] >= found["bound_seconds"] > 5400


def test_alternatives_have_price_differences():
    found = reported("--instead", "Chipboard")["alternatives"]
    assert {each["feature"] for each in found} == {"Mdf", "Plywood"}
    assert "Mdf = true" in ask("--instead", "Chipboard").output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--pick", "Bathroom", "--pick", "Chipboard"], "--nearest"),
        (["--pick", "Width=2000"], "300 to 1200"),
        (["--pick", "Sofa"], "no option"),
        (["--cheapest", "--fastest"], "only one"),
        (["--instead", "Sofa"], "no option"),
    ],
)
def test_bad_input_is_told(arguments, words):
    result = ask(*arguments)
    assert result.exit_code != 0
    assert words in f"{result.exception} {result.output}"
