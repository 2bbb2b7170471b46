"""The genealogy of an order by the API and by the command line."""

import json

from typer.testing import CliRunner

from unikat.edge.cli import app
from unikat.edge.genealogy_view import view_genealogy
from unikat.edge.main import attach_site
from unikat.events import MaterialUsed, NewEvent, PartMeasured, StepFinished
from unikat.terms import EventId, ItemId, OrderId
from unikat.twin.genealogy import trace_order


def test_a_site_on_disk_tells_how_an_order_was_built(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    runner = CliRunner()
    assert runner.invoke(app, ["init", str(tmp_path / "site")]).exit_code == 0
    folder = str(tmp_path / "site")
    quoted = json.loads(
        runner.invoke(app, ["quote", folder, "--person", "1", "--json"]).output.splitlines()[-1]
    )
    ordered = runner.invoke(app, ["order", folder, quoted["quote"], "--customer", "A", "--json"])
    order = json.loads(ordered.output)["order"]
    opened = attach_site(tmp_path / "site")
    placed = opened.site.state().orders[OrderId(order)]
    step = placed.variant.steps[0]
    unit = opened.site.plant.eligible_units(step.capability)[0]
    key = (placed.placed_at + 60, unit, placed.id, step.step, 0)
    done = (
        StepFinished(*key, None),
        MaterialUsed(*key, ItemId("powder"), "L-7", 80.0, "g"),
        PartMeasured(*key, f"{order}/1", "length", 265.0, 266.0, 0.3, "mm"),
    )
    opened.site.live.append(
        tuple(NewEvent(EventId(f"e{i}"), "floor/e", event) for i, event in enumerate(done))
    )
    found = trace_order(opened.site.log.read(), placed.id)
    opened.close()
    shown = runner.invoke(app, ["floor", "genealogy", folder, order])
    assert shown.exit_code == 0, shown.output
    for words in (
        f"{order}/1 of {order}",
        step.step,
        "powder: L-7, 80 g",
        "266 mm, ordered 265 within 0.3: outside",
    ):
        assert words in shown.output
    told = json.loads(runner.invoke(app, ["floor", "genealogy", folder, order, "--json"]).output)
    [part] = view_genealogy(found, str).parts
    assert told["parts"][0]["serial"] == part.serial
    [lot] = told["parts"][0]["passed"][0]["lots"]
    assert lot == {"item": "powder", "lot": "L-7", "quantity": 80.0, "measure": "g"}
    assert told["parts"][0]["passed"][0]["measured"][0]["is_good"] is False
