"""`unikat floor deadlock`: without the supervisor a circle is named, with it there is none."""

import json

from typer.testing import CliRunner

from floor_strategies import CenterSpec, make_plant, make_steps
from unikat.edge.cli import app
from unikat.edge.deadlock_cli import play_often
from unikat.edge.folders import example_folder
from unikat.terms import HOUR
from unikat.twin.size import Arrival


def test_parts_that_cross_get_stuck_in_a_circle_that_is_told_in_words():
    plant = make_plant([CenterSpec("a", cv=0.3), CenterSpec("b", cv=0.3)])
    sample = [Arrival(0, make_steps(plant, route, [HOUR, HOUR])) for route in ("ab", "ba") * 4]
    free = play_often(plant, [sample], 5, 1, is_guarded=False)
    assert free.stuck == 5
    assert len(free.circle) == 2
    assert "is in a1 and waits for b1, which order" in " ".join(free.circle)
    assert play_often(plant, [sample], 5, 1, is_guarded=True).stuck == 0


def test_a_site_whose_routes_close_no_circle_never_gets_stuck():
    site = str(example_folder("insoles"))
    found = CliRunner().invoke(
        app, ["floor", "deadlock", site, "--buffer", "0", "--replications", "1", "--json"]
    )
    assert found.exit_code == 0, found.output
    nothing = {"replications": 1, "stuck": 0, "circle": []}
    assert json.loads(found.stdout) == {"with": nothing, "without": nothing}
