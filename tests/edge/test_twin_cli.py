"""The twin on the command line: tables for people, JSON for programs, and what cannot be done."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from sites import FOLDER, quote_for
from unikat.edge.cli import app
from unikat.edge.main import open_site
from unikat.errors import InvalidStop, NothingToPropose, UnknownModel
from unikat.events import ModelProposed, ModelRow, ModelScore, NewEvent
from unikat.flow import accept, foresee
from unikat.terms import CustomerId, EventId


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site with a forecast, and a slow bench that was noticed and is answered by a proposal."""
    folder = tmp_path_factory.mktemp("twin") / "site"
    shutil.copytree(FOLDER, folder)
    opened = open_site(folder)
    accept(opened.site, quote_for(opened.site).id, CustomerId("Anna"))
    foresee(opened.site)
    row = ModelRow("inspect", "I1", 40, 0.2, 0.2)
    scores = ModelScore(9, 0.7, 4000.0, 0.3), ModelScore(9, 0.9, 3000.0, 0.2)
    proposed = ModelProposed(0, 1, 0, 0, (row,), *scores)
    opened.site.live.append((NewEvent(EventId("p"), "twin", proposed),))
    opened.close()
    return folder


def ask(*words):
    return CliRunner().invoke(app, ["twin", *map(str, words)], catch_exceptions=False)


def test_the_score_names_the_model_and_how_many_orders_finished(site):
    done = ask("score", site)
    assert "No forecast is scored yet" in done.stdout
    told = json.loads(ask("score", site, "--json").stdout)
    assert (told["model_version"], told["scores"], told["corrected_from"]) == (0, [], 0)


def test_an_open_proposal_is_shown_and_accepted_once(site):
    assert "Version 1 is proposed" in ask("drift", site).stdout
    told = json.loads(ask("drift", site, "--json").stdout)["proposal"]
    assert told["changes"] == ["inspect on I1: 125 % of nominal, cv 0.20, from 40 steps"]
    assert told["after"]["crps_s"] == 3000
    with pytest.raises(UnknownModel, match="version 9"):
        ask("accept", site, "--version", 9)
    assert "Version 1 of the model is in use" in ask("accept", site, "--by", "Anna").stdout
    assert json.loads(ask("score", site, "--json").stdout)["model_version"] == 1
    with pytest.raises(UnknownModel, match="in use: 1"):
        ask("accept", site)


def test_nothing_can_be_proposed_before_enough_was_measured(site):
    with pytest.raises(NothingToPropose):
        ask("propose", site)


def test_a_unit_is_maintained_where_the_schedule_has_room(site):
    health = json.loads(ask("health", site, "--json").stdout)["health"]
    assert {each["figure"] for each in health} == {100}
    assert "MTBF" in ask("health", site).stdout
    assert "M1 is maintained from" in ask("maintain", site, "M1").stdout
    opened = open_site(site)
    [stop] = opened.site.state().closed
    assert stop.unit == "M1"
    assert all(
        b.finish <= stop.start or stop.finish <= b.setup_start
        for b in opened.site.state().bookings.values()
        if b.unit == "M1"
    )
    opened.close()
    with pytest.raises(InvalidStop, match="no unit X9"):
        ask("maintain", site, "X9")
