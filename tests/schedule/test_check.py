"""The checker finds each kind of fault planted in a legal schedule."""

from dataclasses import replace

import pytest

from shop_strategies import NOTHING, center, make_order, make_plant, play
from unikat.capacity.model import Stop
from unikat.plant.model import Batch, Resource
from unikat.schedule.check import check
from unikat.schedule.problem import build_problem
from unikat.schedule.solve import solve
from unikat.terms import DAY, HOUR

NOW = 9 * HOUR


def shop():
    plant = make_plant(
        (
            center("mill", "mill", ("M1", "M2"), "early", setup="colour"),
            center("glue", "glue", ("G1", "G2"), "days", is_interruptible=True),
            center("oven", "cure", ("O1",), batch=Batch(2, 0)),
        ),
        resources=(Resource("jig", "fixture", 1, "always", ("glue",)),),
        travel={"mill": {"glue": 60}, "glue": {"oven": 30}},
        paces={"M2": 500},
    )
    placed = [
        make_order(
            f"o{k}",
            [
                ("mill", "mill", HOUR, "white" if k % 2 else "black", ()),
                ("glue", "glue", 5 * HOUR, None, ("mill",)),
                ("cure", "cure", HOUR, None, ("glue",)),
            ],
            asked_at=NOW,
            finish=DAY,
        )
        for k in range(5)
    ]
    return plant, placed


@pytest.fixture(scope="module")
def solved():
    plant, placed = shop()
    problem = build_problem(plant, placed, NOTHING, NOW)
    schedule = solve(problem, seconds=0, seed=0)
    assert check(problem, schedule) == ()
    return problem, schedule


def laws(problem, schedule):
    return {violation.law for violation in check(problem, schedule)}


def change(schedule, step, order="o2", /, **values):
    bookings = tuple(
        replace(b, **{name: of(b) if callable(of) else of for name, of in values.items()})
        if (b.order, b.step) == (order, step)
        else b
        for b in schedule.bookings
    )
    return replace(schedule, bookings=bookings)


def shift(seconds):
    return {
        name: lambda b, name=name: getattr(b, name) + seconds
        for name in ("setup_start", "start", "finish")
    }


def lane(schedule, unit):
    return sorted((b for b in schedule.bookings if b.unit == unit), key=lambda b: b.start)


def test_a_step_left_out_or_booked_twice_is_incomplete(solved):
    problem, schedule = solved
    assert "complete" in laws(problem, replace(schedule, bookings=schedule.bookings[1:]))
    twice = (*schedule.bookings, schedule.bookings[0])
    assert "complete" in laws(problem, replace(schedule, bookings=twice))
    assert "complete" in laws(problem, change(schedule, "cure", step="polish"))


def test_a_unit_that_lacks_the_capability_is_not_eligible(solved):
    problem, schedule = solved
    assert "eligible" in laws(problem, change(schedule, "mill", unit="G1"))
    assert "eligible" in laws(problem, change(schedule, "mill", unit="nowhere"))


def test_two_steps_at_once_on_a_unit_overlap(solved):
    problem, schedule = solved
    first, second = lane(schedule, "M1")[:2]
    moved = change(schedule, "mill", second.order, **shift(first.start - second.setup_start))
    assert "overlap" in laws(problem, moved)


def test_a_setup_left_out_or_cut_short_or_of_the_wrong_family_is_found(solved):
    problem, schedule = solved
    booking = next(b for b in schedule.bookings if b.start > b.setup_start)
    cut = change(schedule, "mill", booking.order, setup_start=lambda b: b.start)
    assert laws(problem, cut) == {"setup"}
    short = change(schedule, "mill", booking.order, setup_start=lambda b: b.setup_start + 1)
    assert laws(problem, short) == {"setup"}
    assert "setup" in laws(problem, change(schedule, "mill", family="red"))


def test_work_in_closed_time_or_in_a_stop_is_found(solved):
    problem, schedule = solved
    night = {"setup_start": 20 * HOUR, "start": 20 * HOUR, "finish": 2 * DAY}
    assert "calendar" in laws(problem, change(schedule, "mill", **shift(14 * HOUR)))
    assert "calendar" in laws(problem, change(schedule, "glue", **night))
    booking = lane(schedule, "M1")[-1]
    stop = Stop("M1", booking.finish - 1, booking.finish + 1)
    stopped = build_problem(
        problem.plant, problem.orders, replace(NOTHING, stops=(stop,)), problem.now
    )
    assert laws(stopped, schedule) == {"calendar"}


def test_a_wrong_duration_is_found_with_and_without_pauses(solved):
    problem, schedule = solved
    for step in ("mill", "glue", "cure"):
        longer = change(schedule, step, finish=lambda b: b.finish + 1)
        shorter = change(schedule, step, finish=lambda b: b.finish - 1)
        assert "duration" in laws(problem, longer)
        assert "duration" in laws(problem, shorter)


def test_a_step_before_its_part_arrives_or_before_its_release_is_found(solved):
    problem, schedule = solved
    by_step = {(b.order, b.step): b for b in schedule.bookings}
    wait = by_step["o0", "glue"].start - by_step["o0", "mill"].finish
    early = change(schedule, "glue", "o0", **shift(59 - wait))
    assert "precedence" in laws(problem, early)
    late = tuple(replace(order, asked_at=30 * DAY) for order in problem.orders)
    assert "release" in laws(build_problem(problem.plant, late, NOTHING, NOW), schedule)
    past = build_problem(problem.plant, problem.orders, NOTHING, NOW + DAY)
    assert "time" in laws(past, schedule)


def test_a_build_that_is_too_big_or_torn_or_begun_is_found(solved):
    problem, schedule = solved
    three = schedule
    for order in ("o0", "o1", "o2"):
        three = change(three, "cure", order, build="B", **shift(0))
    assert "build" in laws(problem, three)
    lead = next(b for b in schedule.bookings if (b.order, b.step) == ("o0", "cure"))
    times = {"setup_start": lead.setup_start, "start": lead.start, "finish": lead.finish}
    for order in ("o1", "o2"):
        three = change(three, "cure", order, **times)
    assert any("3 members" in v.detail for v in check(problem, three))
    assert "build" in laws(problem, change(schedule, "cure", build=None))
    assert "build" in laws(problem, change(schedule, "mill", build="B"))
    done = replace(
        NOTHING,
        finished={("o0", "mill"): ("M1", NOW)},
        bookings={("o0", "mill"): replace(lead, build="B", not_before=0)},
    )
    begun = build_problem(problem.plant, problem.orders, done, NOW)
    assert "build" in laws(begun, change(schedule, "cure", build="B"))


def test_more_of_a_resource_held_than_there_is_is_found(solved):
    problem, schedule = solved
    none = {"jig": replace(problem.plant.resources["jig"], count=0)}
    plant = replace(problem.plant, resources=none)
    assert "count" in {v.law for v in check(replace(problem, plant=plant), schedule)}
    assert "count" in laws(problem, change(schedule, "glue", resources=()))


def test_a_frozen_step_that_moved_is_found(solved):
    problem, schedule = solved
    done = play(schedule, NOW, NOTHING)
    frozen = min((b for b in schedule.bookings), key=lambda b: b.start)
    later = replace(done, bookings={**done.bookings})
    later.bookings[frozen.order, frozen.step] = replace(frozen, start=frozen.start + 60)
    again = build_problem(problem.plant, problem.orders, later, NOW)
    assert laws(again, schedule) == {"frozen"}
    assert laws(build_problem(problem.plant, problem.orders, done, NOW), schedule) == set()


def test_a_wrong_cost_is_found(solved):
    problem, schedule = solved
    lower = replace(schedule.cost, tardiness=schedule.cost.tardiness - 1)
    assert laws(problem, replace(schedule, cost=lower)) == {"cost"}
