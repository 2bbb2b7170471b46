"""Which steps a problem holds, which are done in one go, and when they may start."""

from dataclasses import replace

import pytest

from shop_strategies import NOTHING, center, make_order, make_plant, play
from unikat.capacity.model import Booking
from unikat.errors import NoCapacity
from unikat.order.model import OrderState
from unikat.plant.model import Batch, Material
from unikat.schedule.model import Running
from unikat.schedule.problem import build_problem
from unikat.schedule.solve import solve
from unikat.terms import DAY, HOUR

PLANT = make_plant(
    (
        center("print", "print", ("P1",), batch=Batch(2, HOUR)),
        center("oven", "cure", ("O1",), batch=Batch(2, 0)),
    )
)


def orders(num):
    return [
        make_order(
            f"o{k}", [("print", "print", HOUR, None, ()), ("cure", "cure", HOUR, None, ("print",))]
        )
        for k in range(num)
    ]


def booking(order, step, build, start, not_before=0):
    unit = "P1" if step == "print" else "O1"
    return Booking(order, step, unit, start, start, start + HOUR, None, (), build, not_before)


def booked(*bookings):
    return replace(NOTHING, bookings={(b.order, b.step): b for b in bookings})


def groups(problem):
    return {tuple("/".join(problem.steps[row].key) for row in load.rows) for load in problem.loads}


def test_a_row_is_an_open_step_that_does_not_run():
    ended = replace(orders(1)[0], id="ended", state=OrderState.CANCELLED)
    done = replace(
        NOTHING,
        finished={("o0", "print"): ("P1", 10)},
        running={("o1", "print"): Running("P1", 10, HOUR)},
    )
    problem = build_problem(PLANT, [*orders(2), ended], done, 20)
    assert [step.key for step in problem.steps] == [("o0", "cure"), ("o1", "cure")]


def test_booked_builds_stay_together_and_a_new_step_gets_its_own():
    done = booked(booking("o0", "print", "B", 0, 60), booking("o1", "print", "B", 0, 90))
    problem = build_problem(PLANT, orders(3), done, 0)
    assert {("o0/print", "o1/print"), ("o2/print",)} < groups(problem)
    schedule = solve(problem, seconds=0, seed=0)
    prints = {b.order: b for b in schedule.bookings if b.step == "print"}
    assert prints["o0"].build == prints["o1"].build == "B" != prints["o2"].build
    assert prints["o0"].start == prints["o1"].start >= 90


def test_a_build_that_has_started_takes_no_more():
    done = booked(*(booking(f"o{k}", "print", "B", 0) for k in range(3)))
    done = replace(done, running={("o0", "print"): Running("P1", 0, HOUR)})
    problem = build_problem(PLANT, orders(3), done, 60)
    assert ("o1/print", "o2/print") in groups(problem)
    schedule = solve(problem, seconds=0, seed=0)
    assert all(b.build != "B" and b.start >= HOUR for b in schedule.bookings)


def test_builds_that_wait_for_each_other_are_taken_apart():
    plant = make_plant((center("any", "any", ("A1",), batch=Batch(2, 0)),))
    chain = [("one", "any", HOUR, None, ()), ("two", "any", HOUR, None, ("one",))]
    pair = [make_order("a", chain), make_order("b", chain)]
    done = booked(
        *(
            replace(booking(o, s, build, 0), unit="A1")
            for o, s, build in (
                ("a", "one", "X"),
                ("b", "two", "X"),
                ("a", "two", "Y"),
                ("b", "one", "Y"),
            )
        )
    )
    problem = build_problem(plant, pair, done, 0)
    assert groups(problem) == {("a/one",), ("a/two",), ("b/one",), ("b/two",)}
    builds = [b.build for b in solve(problem, seconds=0, seed=0).bookings]
    assert len(set(builds)) == 4


def test_the_longest_member_decides_how_long_a_build_takes():
    short, long = orders(2)
    steps = (replace(long.variant.steps[0], work=3 * HOUR), *long.variant.steps[1:])
    long = replace(long, variant=replace(long.variant, steps=steps))
    done = booked(booking("o0", "print", "B", 0), booking("o1", "print", "B", 0))
    schedule = solve(build_problem(PLANT, [short, long], done, 0), seconds=0, seed=0)
    assert {b.finish - b.start for b in schedule.bookings if b.step == "print"} == {3 * HOUR}


def test_a_new_step_waits_for_materials_and_a_booked_one_for_what_was_promised():
    plant = replace(PLANT, materials={"powder": Material("powder", "g", 0.0, DAY, 0.0)})
    order = orders(1)[0]
    steps = (replace(order.variant.steps[0], items=("powder",)), *order.variant.steps[1:])
    order = replace(order, variant=replace(order.variant, steps=steps), asked_at=HOUR)
    new = solve(build_problem(plant, [order], NOTHING, 0), seconds=0, seed=0)
    assert min(b.start for b in new.bookings) == DAY + HOUR
    done = booked(booking("o0", "print", "B", 2 * HOUR, 2 * HOUR))
    known = solve(build_problem(plant, [order], done, 0), seconds=0, seed=0)
    assert min(b.start for b in known.bookings) == 2 * HOUR


def test_a_running_step_holds_its_unit_and_sends_its_part_on():
    plant = replace(PLANT, travel={"print": {"oven": 60}})
    placed = orders(2)
    problem = build_problem(plant, placed, NOTHING, 0)
    done = play(solve(problem, seconds=0, seed=0), 60, NOTHING, late=600)
    schedule = solve(build_problem(plant, placed, done, 60), seconds=0, seed=0)
    starts = {(b.order, b.step): b.start for b in schedule.bookings}
    late, other = sorted(("o0", "o1"), key=lambda order: (order, "print") in starts)
    assert starts[other, "print"] == HOUR + 600
    assert starts[late, "cure"] == HOUR + 660


def test_a_step_that_fits_into_no_window_is_refused_by_name():
    plant = make_plant((center("mill", "mill", ("M1",), "early"),))
    order = make_order("long", [("mill", "mill", 10 * HOUR, None, ())])
    with pytest.raises(NoCapacity, match="step mill of order long"):
        build_problem(plant, [order], NOTHING, 0)


def test_a_setup_that_never_fits_before_its_work_is_refused():
    plant = make_plant((center("mill", "mill", ("M1",), "early", setup="colour"),))
    order = make_order("long", [("mill", "mill", 9 * HOUR - 1, "red", ())])
    with pytest.raises(NoCapacity, match="fit into one window"):
        solve(build_problem(plant, [order], NOTHING, 0), seconds=0, seed=0)
    ready = replace(NOTHING, families={"M1": "red"})
    assert solve(build_problem(plant, [order], ready, 0), seconds=0, seed=0).bookings
