"""Story: a long stop makes orders late, and the planner reads why, from the API and a shell."""

import json
import shutil

from typer.testing import CliRunner

from sites import FOLDER, MONDAY_6, open_example, quote_for
from unikat.edge.cli import app
from unikat.edge.main import open_site
from unikat.edge.web.api.schedule import words_of
from unikat.events import Message
from unikat.flow import accept, late_orders, record
from unikat.rehearse import VirtualClock
from unikat.shop import operate
from unikat.terms import DAY, CustomerId


def test_orders_of_a_stopped_mill_say_that_they_wait_for_it() -> None:
    clock = VirtualClock(MONDAY_6)
    site = open_example(clock=clock).site
    for person in range(3):
        accept(site, quote_for(site, person, Foam=True).id, CustomerId(f"c{person}"))
    assert late_orders(site) == ()
    body = {"type": "unit_stopped", "unit": "M1", "reason": "spindle", "until": MONDAY_6 + 9 * DAY}
    record(site, (Message("mill-plc", 1, 1, clock.now(), body),))
    operate(site)
    late = late_orders(site)
    assert len(late) == 3
    for each in late:
        assert each.links[0].start + sum(link.seconds for link in each.links) == each.finish
        said = [words_of(link, each.order) for link in each.links]
        assert any(words.startswith("M1 is stopped before") for words in said)


def test_a_site_without_late_orders_says_so(tmp_path) -> None:
    folder = tmp_path / "site"
    shutil.copytree(FOLDER, folder)
    opened = open_site(folder)
    accept(opened.site, quote_for(opened.site, 1).id, CustomerId("Anna"))
    opened.close()
    asked = CliRunner().invoke(app, ["schedule", "late", str(folder)], catch_exceptions=False)
    assert "no order is late" in asked.output
    asked = CliRunner().invoke(app, ["schedule", "late", str(folder), "--json"])
    assert json.loads(asked.output) == {"orders": []}
