from dataclasses import replace

import pytest

from floor_strategies import CenterSpec, make_plant
from unikat.capacity.model import Booking, Stop
from unikat.events import WorkUnitRestarted, WorkUnitStopped
from unikat.terms import DAY, HOUR, WEEK
from unikat.twin.drift import BOUND, Watch
from unikat.twin.health import estimate_health, maintenance_length, maintenance_window
from unikat.twin.learning import Learning, LearningDraft, Wear

PLANT = make_plant([CenterSpec("a", mtbf=100 * HOUR), CenterSpec("b", calendar="shift")])


def book(start, finish, unit="b1"):
    return Booking("O-1", "s0", unit, start, start, finish, None, (), None, 0)


def learnt(wear=None, **watch):
    watches = {("a", "a1"): replace(Watch(), **watch)} if watch else {}
    return Learning(wear={"a1": wear} if wear else {}, watches=watches)


def test_a_new_unit_is_as_well_as_planned():
    found = estimate_health(PLANT, Learning(), "a1")
    assert (found.figure, found.reasons, found.is_due) == (100, (), False)
    assert (found.mtbf_s, found.mttr_s) == (100 * HOUR, 1800)
    assert estimate_health(PLANT, Learning(), "b1").availability == 1


def test_failing_more_often_than_planned_costs_health_and_is_explained():
    found = estimate_health(PLANT, learnt(Wear(200 * HOUR, 6, 6, 6 * HOUR)), "a1")
    assert found.is_due
    assert found.figure == pytest.approx(100 * 2 * 0.0166, abs=1)  # P(Poisson(2) >= 6)
    assert "failed 6 times where 2.0" in found.reasons[0]
    assert found.mtbf_s == 300 * HOUR // 7
    assert maintenance_length(found) >= HOUR
    assert estimate_health(PLANT, learnt(Wear(200 * HOUR, 2)), "a1").figure == 100


def test_slower_and_slower_steps_cost_health_before_the_alarm():
    found = estimate_health(PLANT, learnt(high=0.8 * BOUND), "a1")
    assert found.figure == 20
    assert "a takes longer" in found.reasons[0]


def test_planned_stops_are_no_failures_and_repairs_are_measured():
    draft = LearningDraft(PLANT, Learning())
    for event in (
        WorkUnitStopped(0, "a1", "maintenance", 60),
        WorkUnitRestarted(60, "a1"),
        WorkUnitStopped(100, "a1", "jam", 200),
        WorkUnitStopped(110, "a1", "jam", 200),
        WorkUnitRestarted(400, "a1"),
    ):
        draft.apply(event, {})
    assert draft.value().wear["a1"] == Wear(0, 1, 1, 300)


def test_the_window_lies_in_the_units_hours_and_touches_no_booking_or_stop():
    taken = [book(6 * HOUR, 9 * HOUR), book(11 * HOUR, 14 * HOUR)]
    stops = [Stop("b1", DAY + 6 * HOUR, DAY + 9 * HOUR)]
    short = maintenance_window(PLANT, "b1", taken, stops, 0, length=HOUR)
    assert short == Stop("b1", 9 * HOUR, 10 * HOUR)
    long = maintenance_window(PLANT, "b1", taken, stops, 0, length=3 * HOUR)
    assert long == Stop("b1", DAY + 11 * HOUR, DAY + 14 * HOUR)
    assert maintenance_window(PLANT, "b1", [], [], 0, length=WEEK) is None
