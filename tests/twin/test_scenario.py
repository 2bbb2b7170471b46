"""A scenario changes what it says, and refuses what the site does not have."""

from dataclasses import replace

import pytest

from floor_strategies import CenterSpec, make_order, make_plant, make_steps
from unikat.capacity.model import Stop
from unikat.errors import InvalidScenario
from unikat.schedule.model import Progress, Running
from unikat.terms import DAY, HOUR, WEEK
from unikat.twin.scenario import (
    Priority,
    Scenario,
    check_scenario,
    patch_orders,
    patch_plant,
    patch_progress,
)

PLANT = make_plant([CenterSpec("a", 2, cv=0.25), CenterSpec("b", calendar="shift")])
RUNS = Progress(
    finished={},
    running={("O-1", "s0"): Running("a1", 0, 2 * HOUR), ("O-2", "s0"): Running("a2", 0, HOUR)},
    families={},
    stops=(),
    bookings={},
)


def test_a_scenario_of_nothing_changes_nothing():
    nothing = Scenario("nothing")
    orders = (make_order("O-1", make_steps(PLANT, "a", [HOUR])),)
    assert patch_plant(PLANT, nothing) == PLANT
    assert patch_progress(RUNS, nothing.stops, 0) == RUNS
    assert patch_orders(orders, nothing, 0) == orders


def test_more_units_join_their_work_center_and_vary_as_the_first():
    plant = patch_plant(PLANT, Scenario("x", extra=(("a", 2),)))
    assert plant.eligible_units("a") == ("a1", "a2", "a+1", "a+2")
    assert plant.center_of("a+2").id == "a"
    assert plant.units["a+1"].reliability == PLANT.units["a1"].reliability


def test_a_faster_unit_takes_less_time_and_the_others_as_before():
    plant = patch_plant(PLANT, Scenario("x", paces=(("a1", 2000),)))
    assert (plant.duration("a1", HOUR), plant.duration("a2", HOUR)) == (HOUR // 2, HOUR)


def test_more_hours_join_the_week():
    plant = patch_plant(PLANT, Scenario("x", hours=(("shift", 10 * HOUR, 11 * HOUR),)))
    assert plant.calendars["shift"].open[0] == (6 * HOUR, 14 * HOUR)
    assert plant.calendars["always"] == PLANT.calendars["always"]


def test_a_stop_now_holds_up_what_runs_on_its_unit_and_a_later_one_does_not():
    now = HOUR // 2
    stops = (Stop("a1", now, now + 3 * HOUR), Stop("a2", now + 60, now + HOUR))
    patched = patch_progress(RUNS, stops, now)
    finish = {key[0]: each.finish for key, each in patched.running.items()}
    assert finish == {"O-1": 5 * HOUR, "O-2": HOUR}
    assert patched.stops == stops


def test_a_unit_that_is_down_anyway_is_held_up_by_the_rest_of_the_stop_only():
    now = HOUR
    down = replace(RUNS, stops=(Stop("a1", 0, 2 * HOUR),))
    patched = patch_progress(down, (Stop("a1", now, 3 * HOUR),), now)
    assert patched.running["O-1", "s0"].finish == 3 * HOUR
    patched = patch_progress(down, (Stop("a1", now, now + 60),), now)
    assert patched.running["O-1", "s0"].finish == 2 * HOUR


def test_rush_and_priority_change_what_is_aimed_at_and_no_promise():
    steps = make_steps(PLANT, "a", [HOUR])
    orders = [
        replace(make_order(name, steps, placed_at=60, due=DAY), finish=DAY - 60)
        for name in ("O-1", "O-2")
    ]
    patched = patch_orders(orders, Scenario("x", rush=("O-2",), priority=Priority.DUE), HOUR)
    assert [order.finish for order in patched] == [DAY, HOUR]
    assert [order.due for order in patched] == [DAY, DAY]
    arrival = patch_orders(orders, Scenario("x", priority=Priority.ARRIVAL), HOUR)
    assert [order.finish for order in arrival] == [60, 60]


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        (Scenario("x", stops=(Stop("Z9", 0, HOUR),)), "no unit is called 'Z9'; there are: a1, a2"),
        (Scenario("x", stops=(Stop("a1", HOUR, HOUR),)), "a stop of a1"),
        (Scenario("x", stops=(Stop("a1", -1, HOUR),)), "a stop of a1"),
        (Scenario("x", stops=(Stop("a1", 0, 61 * DAY),)), "within 60 days"),
        (Scenario("x", extra=(("c", 1),)), "no work center is called 'c'"),
        (Scenario("x", extra=(("a", 21),)), "give 0 to 20"),
        (Scenario("x", extra=(("a", -1),)), "give 0 to 20"),
        (Scenario("x", paces=(("a9", 1000),)), "no unit is called 'a9'"),
        (Scenario("x", paces=(("a1", 0),)), "0 % of its pace"),
        (Scenario("x", hours=(("night", 0, HOUR),)), "no calendar is called 'night'"),
        (Scenario("x", hours=(("shift", HOUR, WEEK + 1),)), "within one week"),
        (Scenario("x", rush=("O-9",)), "no open order is called 'O-9'; there are: O-1"),
    ],
)
def test_what_the_site_does_not_have_is_refused_by_name(scenario, words):
    with pytest.raises(InvalidScenario, match=words.replace("?", r"\?")):
        check_scenario(PLANT, {"O-1"}, scenario, 0)
