"""Story: builds leave the printer with no room before the next unit, and the planner reads it."""

import json
import shutil
from dataclasses import replace

from typer.testing import CliRunner

from sites import FOLDER, MONDAY_6, open_example, quote_for
from unikat.edge.cli import app
from unikat.edge.main import open_site
from unikat.edge.web.api.schedule import jam_reply
from unikat.flow import accept, jams
from unikat.rehearse import VirtualClock
from unikat.terms import CustomerId


def test_the_parts_of_a_build_that_must_leave_for_the_next_find_no_place_before_the_blast() -> None:
    site = open_example(clock=VirtualClock(MONDAY_6)).site
    for person in range(24):
        accept(site, quote_for(site, person, Powder=True).id, CustomerId("Anna"))
    assert jams(site) == ()
    centers = {key: replace(each, buffer=0) for key, each in site.plant.work_centers.items()}
    first = jams(replace(site, plant=replace(site.plant, work_centers=centers)))[0]
    assert (first.kind, first.center, len(first.steps)) == ("full", "blast", 9)  # one goes on
    reply = jam_reply(first, str)
    assert reply.words == "9 parts need the 0 places before blast"
    assert all(step.endswith("/blast") for step in reply.steps)


def test_a_site_whose_parts_all_find_a_place_says_so(tmp_path) -> None:
    folder = tmp_path / "site"
    shutil.copytree(FOLDER, folder)
    opened = open_site(folder)
    accept(opened.site, quote_for(opened.site, 1).id, CustomerId("Anna"))
    opened.close()
    asked = CliRunner().invoke(app, ["schedule", "jams", str(folder)], catch_exceptions=False)
    assert "every part finds a place" in asked.output
    asked = CliRunner().invoke(app, ["schedule", "jams", str(folder), "--json"])
    assert json.loads(asked.output) == {"jams": []}
